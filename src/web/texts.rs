//! The page that says what this is, and how refusals are told.

use actix_web::http::header;
use actix_web::{HttpResponse, get};
use maud::{Markup, html};

use super::frame::{Around, Page, page};
use super::lang::Lang;
use super::visit::{NothingAsked, Visit};
use crate::domain::municipality::LgCode;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::import::report::SHOWN_FAULTS;

#[get("/about")]
pub(super) async fn about(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    visit.show(move |visit| {
    let lang = visit.lang;
    let title = lang.say("このサイトについて", "About");
    let main = html! {
        div class="head" { h1 { (title) } p class="lead" { (lang.say("todoke 届は、国が優先的にオンライン化を求める行政手続について、全国の自治体がオンライン（行かない）と書かない窓口（書かない）でどこまで準備できているかを記録し、数えるものです。", "todoke records and counts how ready each Japanese local government is to offer the priority procedures, online and at counters without writing.")) } }
        dl class="pairs" {
            dt { (lang.say("だれの言葉か", "On whose word")) } dd { (lang.say("国が公表した値と、団体自身が述べた値を分けて持ち、団体が自ら述べたことを優先して数えます。", "What the state published and what a body states are kept apart; what a body states itself counts first.")) }
            dt { (lang.say("未回答", "No answer")) } dd { (lang.say("だれも述べていないところは「未回答」で、段階0（未対応）とは違います。率には、未回答がすべて「いいえ」「はい」だったときの幅を添えます。", "What nobody stated is not level 0; rates carry the range that it leaves open.")) }
            dt { (lang.say("いつの状況か", "Of which day")) } dd { (lang.say("どのページも、アドレスに as_of（いつ時点か）と known_at（いつまでに記録されたことか）を付けると、その時点の姿になります。", "Every page takes as_of and known_at.")) }
            dt { (lang.say("数え方", "How it is counted")) } dd { a href=(visit.link("/definitions")) { (lang.say("指標と用語", "Measures and terms")) } }
            dt { (lang.say("配色など", "Design")) } dd { (lang.say("色と余白は、デジタル庁デザインシステムのデザイントークン（MIT License、© 2023 デジタル庁）を使っています。", "Colours are the design tokens of the Digital Agency's design system (MIT, © 2023 Digital Agency).")) }
        }
    };
    Page::new(visit, title).below("/", lang.say("全国", "Nation")).write(&main)
    }).await
}

/// What was refused: each thing that is wrong, what would be taken, and what was probably meant.
pub(super) fn refusals(lang: Lang, problem: &Problem) -> Markup {
    let is_told_below = |address: &str| address.starts_with("/api");
    let is_code = |text: &str| text.parse::<LgCode>().is_ok();
    html! {
        div class="void refused" role="alert" id="refused" {
            @if problem.errors.is_empty() && problem.faults.is_empty() { p { (lang.say(&problem.ja, &problem.en)) } }
            @for error in problem.errors.iter().take(SHOWN_FAULTS) {
                p {
                    b { (lang.say(&error.refusal.ja, &error.refusal.en)) }
                    @if let Some(allowed) = error.refusal.allowed.as_ref().filter(|_| !["unknown_path", "wrong_status", "needs_confirmation"].contains(&error.refusal.code)) { br; (lang.say("使えるもの: ", "Allowed: ")) (allowed) }
                    @if let Some(meant) = error.refusal.suggestion.as_ref().filter(|meant| !is_told_below(meant)) { br; (lang.say("もしかして: ", "Did you mean: ")) @if meant.starts_with('/') { a href=(meant) { (meant) } } @else if is_code(meant) { a href=(format!("/municipalities/{meant}")) { (meant) } } @else { (meant) } }
                }
            }
            @for fault in problem.faults.iter().take(SHOWN_FAULTS) { p { b { (fault.sentence()) } } }
        }
    }
}

/// How a refusal is told to a person: what was wrong, what is allowed, and the way on.
pub(crate) fn problem_page(problem: &Problem, english: bool, demo: bool, path: &str) -> HttpResponse {
    let lang = if english { Lang::En } else { Lang::Ja };
    let title = lang.say(problem.kind.ja, problem.kind.en);
    let main = html! {
        (refusals(lang, problem))
        ul class="acts" {
            li { a href="/" { (lang.say("全国のページへ", "To the nation")) } }
            li { a href="/procedures" { (lang.say("手続の一覧へ", "To the procedures")) } }
            @if problem.kind == Kind::UNAUTHENTICATED { li { a href="/sign-in" { (lang.say("サインインする", "Sign in")) } } }
            @if problem.errors.iter().any(|error| error.pointer.starts_with("/query/")) { li { a href=(path) { (lang.say("条件なしで開く", "Open it without conditions")) } } }
        }
    };
    let mut response = page(Around { lang, signed: false, demo }, problem.kind.status, title, &main);
    for (name, value) in &problem.headers {
        if let Ok(value) = header::HeaderValue::from_str(value) {
            response.headers_mut().insert(name.clone(), value);
        }
    }
    response
}
