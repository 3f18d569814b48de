//! What no route took: unknown paths and other methods, each with the way out.

use actix_web::body::BoxBody;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse};

use super::problem::{Kind, Problem};
use super::routes::{self, Part, ROUTES};
use crate::domain::Refusal;
use crate::domain::text::{cut, nearest};
use crate::query::percent;

/// Where the API begins.
const BASE: &str = "/api/v1";

/// 404 with the path that was probably meant: without slashes too many, capitals, escapes and a base
/// that is missing, or the one that is spelt most alike.
pub(crate) fn no_such_path(path: &str) -> Problem {
    let shown = String::from_utf8_lossy(&percent::decode(path)).into_owned();
    let refusal = Refusal::new(
        "unknown_path",
        &shown,
        format!("{} はありません", cut(&shown, 100)),
        "there is no such path",
    )
    .allowed("/api/v1/openapi.json にあるパス");
    let refusal = match meant(&shown).filter(|meant| *meant != shown) {
        Some(meant) => refusal.suggest(meant),
        None => refusal,
    };
    Problem::of(Kind::NOT_FOUND, "/path", refusal)
}

fn meant(path: &str) -> Option<String> {
    let known = |path: &str| routes::find(path).is_some_and(|route| route.part != Part::Docs);
    let parts = path.split('/').map(str::trim).filter(|part| !part.is_empty());
    let plain = parts.map(|part| format!("/{}", part.to_lowercase())).collect::<String>();
    let rest = ["/api/v1", "/api", "/v1"].into_iter().find_map(|base| plain.strip_prefix(base));
    let based = format!("{BASE}{}", rest.unwrap_or(&plain));
    if let Some(found) = [&plain, &based].into_iter().find(|path| known(path)) {
        return Some(found.clone());
    }
    let fixed = ROUTES.iter().filter(|route| route.part != Part::Docs && !route.path.contains('{'));
    nearest(&based, fixed.map(|route| route.path)).map(str::to_owned)
}

/// What no route took: an unknown path is 404, a known one with another method 405.
pub(crate) async fn fallback(request: HttpRequest) -> Result<HttpResponse<BoxBody>, Problem> {
    let (path, method) = (request.path(), request.method());
    // Where the table has it and no route took it, it is not served here.
    let Some(route) = routes::find(path).filter(|route| route.operation(method).is_none()) else {
        return Err(no_such_path(path));
    };
    let allow = route.allow();
    if method == Method::OPTIONS {
        return Ok(options(&allow, route.allow_others()));
    }
    let refusal = Refusal::new(
        "method_not_allowed",
        method.as_str(),
        format!("このパスで使えるメソッドは {allow} です"),
        format!("the methods of this path are {allow}"),
    );
    let problem = Problem::of(Kind::METHOD_NOT_ALLOWED, "/method", refusal.allowed(&allow));
    Err(problem.with_header(header::ALLOW, &allow))
}

/// A preflight of another origin is answered for what is public only.
fn options(allow: &str, shared: Option<String>) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ALLOW, allow));
    if let Some(methods) = shared {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
        response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, methods));
        let headers = "Accept, Accept-Language, Content-Type, If-None-Match";
        response.insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, headers));
        response.insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"));
    }
    response.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_that_was_meant_is_found() {
        for (sent, meant) in [
            ("/api/v1/procedures/", Some("/api/v1/procedures")),
            ("//api/v1//procedures", Some("/api/v1/procedures")),
            ("/API/V1/Municipalities/082333", Some("/api/v1/municipalities/082333")),
            ("/api/v1/municipalities/082333%20", Some("/api/v1/municipalities/082333")),
            ("/lists", Some("/api/v1/lists")),
            ("/v1/figures/online_rate", Some("/api/v1/figures/online_rate")),
            ("/api/readiness", Some("/api/v1/readiness")),
            ("/api/v1/procedure", Some("/api/v1/procedures")),
            ("/api/v1/municipality", Some("/api/v1/municipalities")),
            ("/Sign-In/", Some("/sign-in")),
            ("/api/v1/%E8%A1%8C%E6%96%B9", None),
            ("/humans.txt", None),
        ] {
            let problem = no_such_path(sent);
            let refusal = &problem.errors[0].refusal;
            assert_eq!(refusal.suggestion.as_deref(), meant, "{sent}");
        }
        assert!(no_such_path("/%E8%A1%8C").ja.contains("/行"));
    }
}
