//! Answers that were kept for the files of next time: seen, changed and taken out.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{get, post, web};
use maud::{Markup, html};

use super::form::{Fields, Member, Posted, secret};
use super::frame::{Around, go_to, page as framed};
use super::lang::Lang;
use super::texts::refusals;
use super::words::scroll;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::service::profiles::{Named, Words};
use crate::service::sessions::Session;

/// What is kept of one kind: its name in the form, what it is called, and what its words and their meanings are called.
const PARTS: [(&str, &str, &str, &str); 3] = [
    ("mark", "記号の意味", "記号", "意味（0〜5、3+、制度なし、組合、廃止、予定、備考 など）"),
    ("column", "見出しの意味", "見出し", "意味（level、system、url、手続IDなど）"),
    ("name", "名前が指すもの", "名前", "団体コードか手続ID"),
];

/// Empty lines below what is kept.
const SPARE: usize = 2;

#[get("/profiles")]
pub(super) async fn profiles(ctx: Ctx, Member(session): Member) -> Answer {
    ctx.query(&[]).checks().finish()?;
    let by = session.origin.clone();
    let all = ctx.wait(move |service| service.profiles(&by, None)).await?;
    let main = html! {
        p { "取込で答えたことを、次のファイルのために残したものです。取込のときに名前で選ぶと、同じ質問は出ません。" }
        div class="scroll" role="region" aria-label="残した答え（表）" tabindex="0" {
            table {
                thead { tr { th scope="col" { "名前" } th scope="col" { "だれのものか" } th scope="col" class="num" { "記号" } th scope="col" class="num" { "見出し" } th scope="col" class="num" { "名前" } } }
                tbody { @for one in &all { tr {
                    th scope="row" { a href=(format!("/profiles/{}", one.profile.name)) { (one.profile.name) } }
                    td { (owner_of(&ctx, one)) }
                    td class="num" { (one.profile.marks().len()) }
                    td class="num" { (one.profile.columns.len()) }
                    td class="num" { (one.profile.names.len()) }
                } } }
            }
        }
    };
    Ok(framed(Around::own(ctx.is_demo()), StatusCode::OK, "残した答え", &main))
}

fn owner_of(ctx: &Ctx, one: &Named) -> String {
    match one.owner.as_deref() {
        None => "組込み（変えられません）".to_owned(),
        Some("all") => "全体".to_owned(),
        Some(code) => {
            let catalogue = ctx.service().catalogue();
            catalogue
                .find_body(code)
                .map_or_else(|_prefecture| code.to_owned(), |body| catalogue.body(body).name.clone())
        }
    }
}

#[get("/profiles/{name}")]
pub(super) async fn profile(ctx: Ctx, Member(session): Member, name: web::Path<String>) -> Answer {
    ctx.query(&[]).checks().finish()?;
    let (by, asked) = (session.origin.clone(), name.into_inner());
    let found = ctx.wait(move |service| service.profile(&by, &asked, None)).await?;
    Ok(page(&ctx, &session, &found, None))
}

#[post("/profiles/{name}")]
pub(super) async fn change_profile(ctx: Ctx, posted: Posted, name: web::Path<String>) -> Answer {
    let Posted { session, fields } = posted;
    let (by, asked) = (session.origin.clone(), name.into_inner());
    let found = {
        let (by, asked) = (by.clone(), asked.clone());
        ctx.wait(move |service| service.profile(&by, &asked, None)).await?
    };
    let words = Words {
        marks: said(&fields, "mark"),
        binary: found.profile.binary,
        columns: said(&fields, "column"),
        names: said(&fields, "name"),
    };
    match ctx.wait(move |service| service.put_profile(&by, &asked, None, &words)).await {
        Ok(_) => Ok(go_to(ctx.path()).finish()),
        Err(problem) if [Kind::UNPROCESSABLE, Kind::CONFLICT].contains(&problem.kind) => {
            Ok(page(&ctx, &session, &found, Some((&fields, &problem))))
        }
        Err(problem) => Err(problem),
    }
}

#[post("/profiles/{name}/remove")]
pub(super) async fn remove_profile(ctx: Ctx, posted: Posted, name: web::Path<String>) -> Answer {
    posted.fields.only(&[])?;
    let name = name.into_inner();
    ctx.wait(move |service| service.remove_profile(&posted.session.origin, &name, None)).await?;
    Ok(go_to("/profiles").finish())
}

/// The lines of one kind as they were typed. One whose meaning was emptied is gone.
fn said(fields: &Fields, part: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut at = 0;
    while fields.has(&format!("{part}.{at}")) {
        let word = fields.get(&format!("{part}.{at}")).unwrap_or_default();
        // A mark that is nothing is an empty cell; a new line without words is no line.
        let is_line = !word.is_empty() || fields.is_ticked(&format!("{part}.{at}.empty"));
        if let Some(meaning) = fields.get(&format!("{part}.{at}.means")).filter(|_| is_line) {
            all.insert(word.to_owned(), meaning.to_owned());
        }
        at += 1;
    }
    all
}

/// A word that was kept, what it means, and that in words where there are some.
#[derive(Clone)]
struct Line {
    word: String,
    meaning: String,
    label: String,
}

impl Line {
    fn of((word, meaning): (&String, &String)) -> Self {
        Self { word: word.clone(), meaning: meaning.clone(), label: String::new() }
    }

    /// The word as people see it: an empty cell is a mark too.
    fn shown(&self) -> &str {
        if self.word.is_empty() { "（空欄）" } else { &self.word }
    }
}

/// What a code of a body or a procedure is called.
fn named(ctx: &Ctx, code: &str) -> String {
    let catalogue = ctx.service().catalogue();
    let procedure = catalogue.procedure_ix(code).map(|ix| catalogue.procedure(ix).name_ja.clone());
    let body = || catalogue.find_body(code).ok().map(|ix| catalogue.body(ix).name.clone());
    procedure.or_else(body).unwrap_or_default()
}

fn page(
    ctx: &Ctx,
    session: &Session,
    found: &Named,
    refused: Option<(&Fields, &Problem)>,
) -> actix_web::HttpResponse {
    let name = &found.profile.name;
    let address = format!("/profiles/{name}");
    let status = refused.map_or(StatusCode::OK, |(_, problem)| problem.kind.status);
    let marks = found.profile.marks().into_iter();
    let kept: [Vec<Line>; 3] = [
        marks
            .map(|(word, meaning)| Line { word, meaning: meaning.code(), label: meaning.label(None) })
            .collect(),
        found.profile.columns.iter().map(Line::of).collect(),
        found.profile.names.iter().map(|line| Line { label: named(ctx, line.1), ..Line::of(line) }).collect(),
    ];
    let typed = |part: &str| {
        refused.map(|(fields, _)| said(fields, part).iter().map(Line::of).collect::<Vec<Line>>())
    };
    let is_own = found.owner.as_deref() == Some(session.origin.actor.grant.reach_text().as_str());
    let main = html! {
        p class="facts" { a href="/profiles" { "残した答えの一覧" } span { (owner_of(ctx, found)) } }
        @if let Some((_, problem)) = refused { (refusals(Lang::Ja, problem)) }
        @if found.owner.is_none() {
            p { "組込みの定義です。見ることだけができます。" }
            @for ((_, title, word, meaning), rows) in PARTS.iter().zip(&kept) { @if !rows.is_empty() { (shown(title, word, meaning, rows)) } }
        } @else {
            p { "意味を空にした行は、消します。以前の取込の読み方は変わりません。" @if !is_own { "これは" (owner_of(ctx, found)) "のものです。保存すると、同じ名前で自分のものを作り、取込ではそれを先に使います。" } }
            form method="post" action=(address) {
                (secret(session))
                @for ((part, title, word, meaning), rows) in PARTS.iter().zip(&kept) { (lines(part, title, (word, meaning), &typed(part).unwrap_or_else(|| rows.clone()))) }
                p class="go" { button type="submit" class="first" { "保存する" } }
            }
            @if is_own {
                section class="block" aria-labelledby="remove" {
                    h2 id="remove" { "消す" }
                    form method="post" action=(format!("{address}/remove")) { (secret(session)) p { "この名前で残した答えをすべて消します。" } p class="go" { button type="submit" { "消す" } } }
                }
            }
        }
    };
    framed(Around::own(ctx.is_demo()), status, &format!("残した答え: {name}"), &main)
}

fn shown(title: &str, word: &str, meaning: &str, rows: &[Line]) -> Markup {
    html! {
        section class="block" aria-label=(title) {
            h2 { (title) }
            (scroll(&format!("{title}（表）"), &html! {
                table { thead { tr { th scope="col" { (word) } th scope="col" { (meaning) } th scope="col" { "つまり" } } }
                    tbody { @for line in rows { tr { th scope="row" { (line.shown()) } td { code { (line.meaning) } } td { (line.label) } } } } }
            }))
        }
    }
}

fn lines(part: &str, title: &str, (word, meaning): (&str, &str), rows: &[Line]) -> Markup {
    let blank = (0..SPARE).map(|_| None);
    html! {
        section class="block" aria-label=(title) {
            h2 { (title) }
            (scroll(&format!("{title}（表）"), &html! {
                table {
                    thead { tr { th scope="col" { (word) } th scope="col" { (meaning) } } }
                    tbody { @for (at, line) in rows.iter().map(Some).chain(blank).enumerate() {
                        @let label = |what: &str| format!("{title} {}行目 {what}", at + 1);
                        tr {
                            td {
                                @match line {
                                    Some(line) => {
                                        (line.shown())
                                        @if line.word.is_empty() { input type="hidden" name=(format!("{part}.{at}.empty")) value="true"; }
                                        input type="hidden" name=(format!("{part}.{at}")) value=(line.word);
                                    },
                                    None => { input type="text" name=(format!("{part}.{at}")) maxlength="100" aria-label=(label(word)); },
                                }
                            }
                            td { input type="text" name=(format!("{part}.{at}.means")) maxlength="100" aria-label=(label("意味")) value=[line.map(|line| &line.meaning)]; @if let Some(line) = line { span class="small weak" { " " (line.label) } } }
                        }
                    } }
                }
            }))
        }
    }
}
