//! Files around the pages: what programs that walk the web, read data or report a fault ask for.

use actix_web::http::header;
use actix_web::{HttpResponse, get};
use chrono::{Duration, SecondsFormat};
use serde_json::Value;

use super::visit::{NothingAsked, Seen, Visit};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::query::files::{DataFile, Whole, catalogue, data_package};

/// A day for which `security.txt` may be relied on.
const GOOD_FOR: Duration = Duration::days(180);

/// What programs that walk the web need not look at: questions without end, and what costs most.
const NOT_TO_WALK: &[&str] = &[
    "/search",
    "/api/",
    "/compare",
    "/matrix",
    "/readiness?",
    "/figures/*?",
    "/changes?",
    "/imports",
    "/sign-in",
    "/*as_of=",
    "/*focus=",
];

fn text(kind: &str, body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(kind).insert_header((header::CACHE_CONTROL, "no-cache")).body(body)
}

#[get("/robots.txt")]
pub(super) async fn robots(ctx: Ctx) -> HttpResponse {
    let mut lines = vec!["User-agent: *".to_owned()];
    lines.extend(NOT_TO_WALK.iter().map(|path| format!("Disallow: {path}")));
    lines.push("Crawl-delay: 1".to_owned());
    lines.extend(ctx.site().url.as_ref().map(|url| format!("\nSitemap: {url}/sitemap.xml")));
    text("text/plain; charset=utf-8", lines.join("\n") + "\n")
}

/// Where a file would stand that this server has nothing to say in.
fn not_told(setting: &str) -> Problem {
    let mut problem = Problem::plain(Kind::NOT_FOUND);
    problem.ja = format!("このサーバでは出していません。運用する人が {setting} を設定すると出ます。");
    problem.en = format!("not served here until its operator sets {setting}");
    problem
}

#[get("/.well-known/security.txt")]
pub(super) async fn security(ctx: Ctx) -> Answer {
    let Some(contact) = &ctx.site().contact else { return Err(not_told("TODOKE_SECURITY_CONTACT")) };
    let until = (ctx.service().now() + GOOD_FOR).to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut lines = vec![format!("Contact: {contact}"), format!("Expires: {until}")];
    lines.push("Preferred-Languages: ja, en".to_owned());
    let own = ctx.site().url.as_ref();
    lines.extend(own.map(|url| format!("Canonical: {url}/.well-known/security.txt")));
    Ok(text("text/plain; charset=utf-8", lines.join("\n") + "\n"))
}

#[get("/sitemap.xml")]
pub(super) async fn sitemap(ctx: Ctx) -> Answer {
    let Some(url) = ctx.site().url.clone() else { return Err(not_told("TODOKE_PUBLIC_URL")) };
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let fixed =
        ["/", "/procedures", "/changes", "/definitions", "/codes", "/data", "/about", "/accessibility"];
    let mut paths: Vec<String> = fixed.map(str::to_owned).to_vec();
    paths.extend(visit.prefectures().map(|(code, _)| format!("/prefectures/{code}")));
    paths.extend(visit.procedures().map(|(id, _)| format!("/procedures/{id}")));
    paths.extend(visit.standing_bodies().map(|code| format!("/municipalities/{code}")));
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n".to_owned();
    for path in paths {
        xml.push_str(&format!("<url><loc>{url}{path}</loc></url>\n"));
    }
    xml.push_str("</urlset>\n");
    Ok(text("application/xml; charset=utf-8", xml))
}

/// Answers with a description in JSON, as people read it too.
fn described(kind: &str, value: &Value) -> Answer {
    let body = serde_json::to_string_pretty(value).map_err(|_never| Problem::plain(Kind::INTERNAL))?;
    Ok(text(kind, body + "\n"))
}

fn whole<'s>(visit: &'s Seen) -> Whole<'s> {
    Whole { terms: visit.terms(), as_of: visit.as_of(), revision: visit.revision() }
}

#[get("/datapackage.json")]
pub(super) async fn package(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    described("application/json", &data_package(&whole(&visit)))
}

#[get("/catalog.jsonld")]
pub(super) async fn dcat(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    described("application/ld+json", &catalogue(&whole(&visit)))
}

#[get("/data/{dataset}.csv-metadata.json")]
pub(super) async fn columns(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let file = DataFile::find(ctx.named("dataset")).ok_or(Problem::plain(Kind::NOT_FOUND))?;
    described("application/csvm+json", &file.csvw(visit.terms()))
}
