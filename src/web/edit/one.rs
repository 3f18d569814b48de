//! One row as a form: the level of a procedure on a channel, and what is known of it.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::refused::Refused;
use super::rights::may;
use crate::domain::Refusal;
use crate::domain::access::Statement;
use crate::domain::assertion::Fact;
use crate::domain::file_dates::parse_in_file;
use crate::domain::readiness::{Evidence, Level, Readiness, Scale, State, limits};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::http::spot::Spot;
use crate::http::statement_body::{ReadinessBody, Said};
use crate::import::changes;
use crate::service::sessions::Session;
use crate::service::statements::{Row, Tag};
use crate::web::field_names::{label, said_as};
use crate::web::form::{Fields, secret};
use crate::web::frame::{Around, page as framed};
use crate::web::lang::Lang;
use crate::web::texts::refusals;

/// The fields of the form.
pub(super) const FIELDS: &[&str] = &[
    "tag",
    "saw",
    "level",
    "at_least",
    "state",
    "evidence",
    "system",
    "url",
    "section",
    "note",
    "target_level",
    "target_on",
    "effective_on",
];

/// Where a row is edited.
pub(super) fn address(ctx: &Ctx, spot: Spot) -> String {
    let catalogue = ctx.service().catalogue();
    let (body, procedure) = (catalogue.body(spot.body), catalogue.procedure(spot.procedure));
    let channel = spot.channel.map_or("", |channel| catalogue.channel(channel).id.as_str());
    format!("/municipalities/{}/readiness/{}/{channel}/edit", body.code, procedure.id)
}

/// Reads what was typed, as a statement by the API is read. Days may be written as people write them.
pub(super) fn said(fields: &Fields) -> Result<Said, Problem> {
    let text = |name: &str| fields.get(name).map(str::to_owned);
    let (effective_on, effective_precision) = day(fields, "effective_on")?;
    let (target_on, target_precision) = day(fields, "target_on")?;
    if fields.is_ticked("at_least") && fields.get("level") == Some("0") {
        return Err(Problem::of(
            Kind::UNPROCESSABLE,
            "/body/at_least",
            Refusal::new(
                "level_format",
                "0+",
                "「少なくとも段階0」では何も分かりません。段階0（できることがない）なら、「少なくともこの段階」の印を外してください",
                "at least 0 says nothing: for level 0 take the tick away",
            ),
        ));
    }
    let number = |name: &str| fields.get(name).map(|text| text.parse().unwrap_or(-1));
    let body = ReadinessBody {
        level: number("level").unwrap_or(-1),
        at_least: fields.is_ticked("at_least"),
        state: text("state"),
        evidence: text("evidence"),
        system: text("system"),
        url: text("url"),
        section: text("section"),
        note: text("note"),
        target_level: number("target_level"),
        target_on,
        target_precision,
        effective_on,
        effective_precision,
    };
    body.read()
}

/// A day as people write it, 令和8年4月 or 2026-04-01: as a day and its precision.
pub(super) fn day(fields: &Fields, name: &str) -> Result<(Option<String>, Option<String>), Problem> {
    let Some(text) = fields.get(name) else { return Ok((None, None)) };
    let dated = parse_in_file(text)
        .map_err(|refusal| Problem::of(Kind::UNPROCESSABLE, &format!("/body/{name}"), refusal))?;
    Ok((Some(dated.on.to_string()), Some(dated.precision.code().to_owned())))
}

/// What a row says, in a sentence.
fn in_words(row: &Row) -> String {
    row.shown.as_ref().map_or_else(
        || "未回答".to_owned(),
        |shown| {
            let said = changes::stated_in_words(&shown.stated.fact);
            format!("{said}（{}、{}から）", shown.source.label(), shown.stated.effective.in_words())
        },
    )
}

/// The page, with what was typed and why it was not taken.
pub(super) async fn page(
    ctx: &Ctx,
    session: &Session,
    spot: Spot,
    refused: Option<&Refused<'_>>,
    saved: Option<&'static str>,
) -> Answer {
    let place = spot.place(ctx);
    let row = ctx.wait(move |service| service.row(&place, None, None)).await?;
    let catalogue = ctx.service().catalogue();
    let (body, procedure) = (catalogue.body(spot.body), catalogue.procedure(spot.procedure));
    let channel = spot.channel.map(|channel| catalogue.channel(channel));
    let scale = channel.map_or(Scale::Online, |channel| channel.scale);
    let evidences: Vec<Evidence> = Evidence::ALL
        .iter()
        .copied()
        .filter(|one| may(ctx, session, spot, Statement::Readiness(*one)))
        .collect();
    let address = address(ctx, spot);
    let cell = format!("/municipalities/{}/readiness/{}", body.code, procedure.id);
    let status = refused.map_or(StatusCode::OK, |refused| refused.problem.kind.status);
    let main = html! {
        p class="facts" {
            span { (body.prefecture_name) (body.name) }
            span { (procedure.name_ja) }
            span { (channel.map_or("", |channel| channel.label_ja.as_str())) }
        }
        @if let Some(done) = saved { div class="void" role="status" { b { (done) } p { a href=(cell) { "この欄のページで見る" } } } }
        @if let Some(refused) = refused { (told(refused, &row, said)) }
        p { "いまの記録: " b { (in_words(&row)) } }
        @if evidences.is_empty() {
            div class="void warn" { b { "この鍵では、この欄を直せません" } p { "鍵は、それぞれの団体と分野のものです。管理者に確かめてください。" } }
        } @else {
            (form(&address, session, &row, refused, scale, &evidences))
            (withdrawal(&address, session, &row, "未回答に戻ります。国の公表値があれば、それが表に出ます。記録は消えず、取り下げたことが履歴に残ります。"))
        }
        ul class="acts" {
            li { a href=(cell) { "この欄のページへ戻る" } }
            li { a href=(format!("/municipalities/{}/applicability/{}/edit", body.code, procedure.id)) { "この手続を行っていない（制度なしなど）" } }
            li { a href=(format!("/municipalities/{}/edit?category={}", body.code, procedure.category.code())) { "この分野をまとめて直す" } }
        }
    };
    Ok(framed(
        Around::own(ctx.is_demo()),
        status,
        &format!("{} {}を直す", body.name, procedure.short_ja),
        &main,
    ))
}

/// Why something was not taken: what is wrong with it, or what another has written meanwhile.
/// `read` reads what was typed.
pub(super) fn told(refused: &Refused<'_>, row: &Row, read: fn(&Fields) -> Result<Said, Problem>) -> Markup {
    match (refused.is_stale(), refused.typed) {
        (false, _) => refusals(Lang::Ja, refused.problem),
        (true, Some(typed)) => conflict(typed, row, read(typed).ok()),
        (true, None) => html! {
            div class="void refused" role="alert" id="refused" {
                b { "この画面を開いた後に、ほかの人がこの欄を変えました。まだ何もしていません" }
                p { "下の「いまの記録」を確かめてから、もう一度行ってください。" }
            }
        },
    }
}

/// What was seen, what is there now, and what was typed, beside each other.
fn conflict(typed: &Fields, row: &Row, said: Option<Said>) -> Markup {
    let now = in_words(row);
    // Also what was not touched here, and was changed elsewhere, would go back.
    let would = said.map(|typed| {
        let told = changes::of_fact(row.shown.as_ref().map(|shown| &shown.stated.fact), &typed.fact);
        if told.is_empty() { "何も変わりません".to_owned() } else { changes::in_words(&told, None) }
    });
    let saw = typed.get("saw").unwrap_or("（この画面を開いたときの内容）");
    let mine: Vec<String> = typed
        .iter()
        .filter(|(name, _)| !["tag", "saw", "csrf"].contains(name))
        .map(|(name, value)| format!("{} {}", label(name), said_as(name, value)))
        .collect();
    html! {
        div class="void refused" role="alert" id="refused" {
            b { "この画面を開いた後に、この欄が変わりました（ほかの人か、別の画面から）。まだ保存していません" }
            p { "3つを見比べて、下の内容（入力した内容のままです）でよければ、もう一度保存してください。" }
        }
        table {
            caption { "3つの内容" }
            tbody {
                tr { th scope="row" { "開いたときの内容" } td { (saw) } }
                tr { th scope="row" { "いまの内容" } td { (now) } }
                tr { th scope="row" { "入力した内容" } td { (mine.join("、")) } }
            }
        }
        @if let Some(would) = would { p { b { "いま保存すると変わるもの: " } (would) } }
    }
}

/// The tag of a row, and in words what whoever sends the form saw. After a refusal that shows nothing newer it stays what
/// was seen then, so that whoever was quicker is not written over.
pub(super) fn tag(row: &Row, refused: Option<&Refused<'_>>) -> Markup {
    let seen = refused.filter(|refused| !refused.is_stale()).and_then(|refused| refused.typed);
    let of = |name: &str| seen.and_then(|typed| typed.get(name)).map(str::to_owned);
    html! {
        input type="hidden" name="tag" value=(of("tag").unwrap_or_else(|| row.tag.to_string()));
        input type="hidden" name="saw" value=(of("saw").unwrap_or_else(|| in_words(row)));
    }
}

fn form(
    address: &str,
    session: &Session,
    row: &Row,
    refused: Option<&Refused<'_>>,
    scale: Scale,
    evidences: &[Evidence],
) -> Markup {
    let typed = refused.and_then(|refused| refused.typed);
    let held = row.shown.as_ref().and_then(|shown| match &shown.stated.fact {
        Fact::Readiness(said) => Some(said),
        Fact::Applicability { .. } | Fact::Withdrawn => None,
    });
    // What was typed goes before what is there, also where it was taken out.
    let value = |name: &str, of: fn(&Readiness) -> Option<String>| match typed {
        Some(fields) => fields.get(name).map(str::to_owned),
        None => held.and_then(of),
    };
    let level = value("level", |said| Some(said.level.to_string()));
    let at_least = value("at_least", |said| said.at_least.then(|| "true".to_owned()));
    let state = value("state", |said| Some(said.state.code().to_owned()));
    let evidence = value("evidence", |said| Some(said.evidence.code().to_owned()));
    let target = value("target_level", |said| said.target.map(|plan| plan.level.to_string()));
    let target_on =
        value("target_on", |said| said.target.and_then(|plan| plan.on).map(|dated| dated.in_words()));
    let text = |name: &'static str, label: &str, longest: usize, value: Option<String>| {
        html! { div { label for=(name) { (label) } input type="text" id=(name) name=(name) maxlength=(longest) value=[value]; } }
    };
    html! {
        form method="post" action=(address) class="sheetlike" {
            (secret(session))
            (tag(row, refused))
            fieldset class="ask" {
                legend { "段階" }
                @for one in Level::all() {
                    @let id = format!("level-{one}");
                    div class="tick" {
                        input type="radio" id=(id) name="level" value=(one) required checked[level.as_deref() == Some(one.to_string().as_str())];
                        label for=(id) { b { (one) " " (one.label(scale)) } br; span class="small weak" { (one.meaning_ja(scale)) } }
                    }
                }
                div class="tick" { input type="checkbox" id="at_least" name="at_least" value="true" checked[at_least.is_some()]; label for="at_least" { "「少なくともこの段階」とだけ分かる" } }
            }
            div class="fields" {
                div {
                    label for="state" { "状態" }
                    select id="state" name="state" { @for one in State::ALL { option value=(one.code()) selected[state.as_deref() == Some(one.code())] { (one.label()) } } }
                }
                (text("effective_on", "いつから（空なら今日。例: 令和8年10月1日、2026-10-01）", 40, typed.and_then(|fields| fields.get("effective_on")).map(str::to_owned)))
                (text("system", "システム", limits::SYSTEM, value("system", |said| said.system.as_deref().map(str::to_owned))))
                (text("section", "担当課", limits::SECTION, value("section", |said| said.section.as_deref().map(str::to_owned))))
                (text("url", "申請ページの URL（http か https）", limits::URL, value("url", |said| said.url.as_deref().map(str::to_owned))))
                div {
                    label for="evidence" { "何で確かめたか" }
                    select id="evidence" name="evidence" { @for one in evidences { option value=(one.code()) selected[evidence.as_deref() == Some(one.code())] { (one.label()) } } }
                }
                div {
                    label for="target_level" { "目標段階" }
                    select id="target_level" name="target_level" { option value="" { "なし" } @for one in Level::all() { option value=(one) selected[target.as_deref() == Some(one.to_string().as_str())] { (one) " " (one.label(scale)) } } }
                }
                (text("target_on", "目標日（例: 令和9年3月）", 40, target_on))
            }
            div { label for="note" { "備考" } textarea id="note" name="note" rows="3" maxlength=(limits::NOTE) { (value("note", |said| said.note.as_deref().map(str::to_owned)).unwrap_or_default()) } }
            p class="go" { button type="submit" class="first" { "保存する" } }
        }
    }
}

/// The way to withdraw what the body itself states, where it does.
pub(super) fn withdrawal(address: &str, session: &Session, row: &Row, what: &str) -> Markup {
    html! {
        @if row.tag != Tag::NOTHING && row.shown.as_ref().is_some_and(|shown| shown.source.code() == "own") {
            details {
                summary { "この申告を取り下げる" }
                p { (what) }
                form method="post" action=(address.replace("/edit", "/withdraw")) {
                    (secret(session))
                    input type="hidden" name="tag" value=(row.tag);
                    p class="go" { button type="submit" { "取り下げる" } }
                }
            }
        }
    }
}
