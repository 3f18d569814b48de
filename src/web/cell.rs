//! The page of one cell: what one body says of one procedure, since when, on whose word, and who else does it.

use actix_web::get;
use chrono::NaiveDate;
use maud::{Markup, html};

use super::frame::{Page, go_to};
use super::lang::Lang;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{heads, label_of, mark, notes, nothing, scroll};
use crate::domain::dates::{Dated, Precision};
use crate::domain::municipality::MunicipalityKind;
use crate::domain::readiness::{Level, Source, State};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::ahead::{Ahead, AheadView};
use crate::query::catalogue::{Procedure, ProcedureView};
use crate::query::cell_words::{applicability_words, cell_words, stated_words};
use crate::query::explain::{Explanation, ExplanationView};
use crate::query::municipalities::{Municipality, MunicipalityView};
use crate::query::readiness::{Card, ReadinessView, Statements};
use crate::query::row_history::{PastStatementView, RowHistory};

/// Words of others that are shown as a link where they are an address, and so that nobody is led on by them.
fn address(text: &str) -> Markup {
    let is_address =
        ["http://", "https://"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme));
    html! { @if is_address { a rel="nofollow noopener" href=(text) { (text) } } @else { (text) } }
}

#[get("/municipalities/{code}/readiness/{procedure}")]
pub(super) async fn cell(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let body = visit.one::<Municipality>(&format!("/municipalities/{}", ctx.named("code")), "").await?;
    let procedure = visit.one::<Procedure>(&format!("/procedures/{}", ctx.named("procedure")), "").await?;
    if body.code != ctx.named("code") {
        return Ok(
            go_to(visit.link(&format!("/municipalities/{}/readiness/{}", body.code, procedure.id))).finish()
        );
    }
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let asked = Asked::of(&visit, &body, &procedure).await?;
    let title = format!("{} {}", body.name, procedure.short_ja);
    visit
        .show(move |visit| {
            let page = Page::new(visit, title).below_body(&body).with_data(asked.rows.source.clone());
            page.write(&main(visit, &body, &procedure, &asked))
        })
        .await
}

/// Everything that the page asks.
struct Asked {
    rows: Told<ReadinessView>,
    why: Told<ExplanationView>,
    ahead: Told<AheadView>,
    /// What bodies of the same prefecture state that offer it online.
    near: Option<Told<ReadinessView>>,
    /// What was said of each channel, and of the procedure as a whole.
    past: Vec<(String, Told<PastStatementView>)>,
}

impl Asked {
    async fn of(
        visit: &Visit<'_>,
        body: &MunicipalityView,
        procedure: &ProcedureView,
    ) -> Result<Self, Problem> {
        let (code, id) = (&body.code, &procedure.id);
        let rows = visit
            .rows::<Card>(&format!("/municipalities/{code}/readiness"), &format!("procedure={id}"))
            .await?;
        let mut past = Vec::new();
        // Also of channels of which nothing holds any more.
        let of_channel = |channel: &str| format!("/municipalities/{code}/readiness/{id}/{channel}/history");
        let mut places: Vec<String> = visit.channels().map(of_channel).collect();
        places.push(format!("/municipalities/{code}/applicability/{id}/history"));
        for place in places {
            let told = visit.rows::<RowHistory>(&place, "limit=100").await?;
            if !told.rows.is_empty() {
                past.push((place, told));
            }
        }
        let of_kind = if body.kind == MunicipalityKind::Prefecture { "kind=prefecture&" } else { "" };
        let why = format!("{of_kind}municipality={code}&procedure={id}");
        let near = format!(
            "prefecture={}&procedure={id}&channel=online-group&level_min=3&limit=500",
            body.prefecture
        );
        let near = match body.kind {
            MunicipalityKind::Prefecture => None,
            _ => Some(visit.rows::<Statements>("/readiness", &near).await?),
        };
        Ok(Self {
            why: visit.rows::<Explanation>("/figures/online_rate/explain", &why).await?,
            ahead: visit
                .rows::<Ahead>(&format!("/municipalities/{code}/ahead"), &format!("procedure={id}&limit=50"))
                .await?,
            near,
            rows,
            past,
        })
    }
}

fn main(visit: &Seen, body: &MunicipalityView, procedure: &ProcedureView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        div class="head" {
            h1 { (body.name) " " (procedure.short_ja) }
            p class="facts" {
                span { (procedure.name_ja) }
                span { a href=(visit.link(&format!("/procedures/{}", procedure.id))) { (lang.say("この手続の全国の状況", "This procedure in the nation")) } }
            }
            @for row in &asked.why.rows { p class="lead" { (lang.say(&row.sentence, &row.sentence_en)) } }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ 指標: オンライン対応率", "; measure: online rate")) }
            @if !asked.why.rows.is_empty() {
                p class="acts" { a href=(asked.why.source.csv()) { (lang.say("数え方の根拠 CSV", "Why it counts: CSV")) } a href=(asked.why.source.json()) { "JSON" } }
            }
        }
        (channels(visit, asked))
        (ways_to_edit(visit, body, procedure))
        (history(visit, asked))
        (to_ask(visit, body, asked))
    }
}

fn channels(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" aria-labelledby="channels" {
            h2 id="channels" { (lang.say("接点ごとの状況", "Each channel")) }
            @if asked.rows.rows.is_empty() {
                (nothing(lang.say("この団体が行う手続ではありません", "Not a procedure of this body"), lang.say("別の種類の団体が行う手続で、述べられたこともありません。", "Another kind of body performs it, and nothing was stated.")))
            } @else {
                (scroll(lang.say("接点ごとの状況（表）", "Each channel (table)"), &html! {
                    table class="stack" {
                        @let of = [lang.say("接点", "Channel"), lang.say("状況", "State"), lang.say("システム・窓口", "System, section"), lang.say("いつから", "Since"), lang.say("だれの言葉か", "On whose word"), lang.say("予定", "Plan")];
                        (heads(&of))
                        tbody { @for row in &asked.rows.rows { tr {
                            th scope="row" { (visit.channel_name(&row.channel)) }
                            td data-label=(of[1]) { div { (state(lang, row)) @if let Some(by) = &row.set_aside_by { br; span class="small weak" { (lang.say("数えません: ", "Not counted: ")) (lang.say(row.set_aside_reason.as_deref().unwrap_or(by), "another statement goes before it")) } } } }
                            td class="small" data-label=(of[2]) { @if [&row.system, &row.section, &row.url, &row.note].iter().any(|text| text.is_some()) { div {
                                @if let Some(system) = &row.system { (system) br; }
                                @if let Some(section) = &row.section { (section) br; }
                                @if let Some(url) = &row.url { (address(url)) br; }
                                @if let Some(note) = &row.note { span class="weak" { (note) } }
                            } } }
                            td class="day" data-label=(of[3]) { @if row.effective_on.is_some() || row.confirmed_on.is_some() { div { @if let Some(on) = row.effective_on { (day(on, row.effective_precision)) @if row.source.is_some_and(|source| source.code() == "published") { (lang.say("時点", "")) } } @if let Some(on) = row.confirmed_on { br; span class="small weak" { (lang.say("確認 ", "confirmed ")) (on) } } } } }
                            td data-label=(of[4]) { @if let Some(evidence) = row.evidence { (lang.say(evidence.label(), evidence.meaning())) } }
                            td class="day" data-label=(of[5]) { @if let Some(level) = row.target_level { div { (lang.say("段階", "level ")) (level) @if let Some(on) = row.target_on { " " span class="keep" { (on) } } } } }
                        } } }
                    }
                }))
                (notes(visit, lang.say("この団体のこの手続", "This procedure of this body"), None, &asked.rows.source))
            }
        }
    }
}

/// Where it is put right, by those who may: each channel, and whether the body performs the procedure.
fn ways_to_edit(visit: &Seen, body: &MunicipalityView, procedure: &ProcedureView) -> Markup {
    let lang = visit.lang;
    let of_body = format!("/municipalities/{}", body.code);
    let row = |channel: &str| format!("{of_body}/readiness/{}/{channel}/edit", procedure.id);
    html! {
        @if !visit.is_past() && !visit.bare {
            p class="small" { (lang.say("申告する・直す（団体の鍵でサインインします）:", "State or edit (sign in with the key of the body):")) }
            ul class="acts" {
                @for channel in visit.channels() { li { a href=(row(channel)) { (visit.channel_name(channel)) } } }
                li { a href=(format!("{of_body}/applicability/{}/edit", procedure.id)) { (lang.say("行っているか（制度なしなど）", "Whether it is performed")) } }
            }
        }
    }
}

/// A day as exactly as it is known: 2026-10-31, or 2026年10月.
fn day(on: NaiveDate, precision: Option<Precision>) -> String {
    match precision {
        None | Some(Precision::Day) => on.to_string(),
        Some(precision) => Dated { on, precision }.in_words(),
    }
}

/// The state of a row, in words.
fn state(lang: Lang, row: &ReadinessView) -> Markup {
    let level = row.level.and_then(Level::new);
    let stated = || match (level, row.state) {
        (Some(level), Some(state)) => stated_words(level, row.at_least == Some(true), state, row.scale),
        _ => cell_words("no_answer", row.scale),
    };
    let words = applicability_words(row.applicability).unwrap_or_else(stated);
    mark(lang, &words)
}

fn history(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let name = |place: &str| {
        let parts: Vec<&str> = place.split('/').collect();
        match parts.as_slice() {
            [.., channel, "history"] if parts.contains(&"readiness") => {
                visit.channel_name(channel).to_owned()
            }
            _ => lang.say("手続の全体（行うかどうか）", "The procedure as a whole").to_owned(),
        }
    };
    html! {
        section class="block" aria-labelledby="history" {
            h2 id="history" { (lang.say("これまでに述べられたこと", "What was said so far")) }
            @if asked.past.is_empty() { p { (lang.say("まだ何も述べられていません。", "Nothing was said yet.")) } }
            @for (place, told) in &asked.past {
                table class="stack" {
                    caption { (name(place)) }
                    @let of = [lang.say("いつから", "True from"), lang.say("記録された時刻", "Recorded at"), lang.say("内容", "What"), lang.say("だれが", "Who"), lang.say("取込", "Import")];
                    (heads(&of))
                    tbody { @for row in &told.rows { tr {
                        td class="day" data-label=(of[0]) { (day(row.effective_on, Some(row.effective_precision))) }
                        td class="day" data-label=(of[1]) { (row.recorded_at.get(..16).unwrap_or_default().replace('T', " ")) }
                        td data-label=(of[2]) { div { (said(lang, row)) @if row.taken_back { " " span class="weak" { (lang.say("（取り消された）", "(taken back)")) } } } }
                        td data-label=(of[3]) { (lang.say(row.role.label(), row.role.code())) @if let Some(code) = &row.by_municipality { " " (code) } }
                        td data-label=(of[4]) { @if let Some(id) = row.import_id { span { (lang.say("取込", "import ")) (id) @if let Some(line) = row.line { (lang.say("の", ", line ")) (line) (lang.say("行目", "")) } } } }
                    } } }
                }
                (notes(visit, &name(place), None, &told.source))
            }
        }
    }
}

/// What a statement says, on one line.
pub(super) fn said(lang: Lang, row: &PastStatementView) -> Markup {
    html! {
        @if let Some(value) = row.applicability {
            @match applicability_words(value) { Some(words) => { (label_of(lang, &words)) }, None => { (lang.say("行っている", "performed")) } }
            @if let Some(reason) = &row.applicability_reason { "（" (reason) "）" }
        } @else if let Some(level) = row.level {
            (lang.say("段階", "level ")) (level) @if row.at_least == Some(true) { (lang.say("以上", " or more")) }
            @if let Some(state) = row.state.filter(|state| state.code() != "live") { "（" (lang.say(state.label(), state.meaning())) "）" }
            @if let Some(system) = &row.system { " " (system) }
            @if let Some(target) = row.target_level { (lang.say("、目標 段階", "; target level ")) (target) @if let Some(on) = row.target_on { br; (on) } }
        } @else {
            (lang.say("取下げ", "withdrawn"))
        }
    }
}

/// Someone who offers it already.
struct Offer<'r> {
    code: &'r str,
    channel: &'r str,
    level: u8,
    at_least: bool,
    state: Option<State>,
    system: Option<&'r str>,
    section: Option<&'r str>,
    since: Option<NaiveDate>,
    is_published: bool,
}

impl<'r> Offer<'r> {
    fn of_peer(row: &'r AheadView) -> Self {
        Self {
            code: &row.municipality_code,
            channel: &row.channel,
            level: row.level,
            at_least: row.at_least,
            state: Some(row.state),
            system: row.system.as_deref(),
            section: row.section.as_deref(),
            since: Some(row.since),
            is_published: row.source == Source::Published,
        }
    }

    fn of_neighbour(row: &'r ReadinessView) -> Option<Self> {
        Some(Self {
            code: &row.municipality_code,
            channel: &row.channel,
            level: row.level?,
            at_least: row.at_least == Some(true),
            state: row.state,
            system: row.system.as_deref(),
            section: row.section.as_deref(),
            since: row.effective_on,
            is_published: row.source == Some(Source::Published),
        })
    }

    /// Those of whom most is known stand first: the system and the section, then what they said themselves.
    fn rank(&self) -> (bool, bool, bool) {
        (self.system.is_none(), self.section.is_none(), self.is_published)
    }
}

/// Whom to ask: who offers it in the same prefecture, and among similar bodies.
fn to_ask(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let (near, source) = match &asked.near {
        Some(told) => (neighbours(&told.rows, &body.code), Some(&told.source)),
        None => (Vec::new(), None),
    };
    let mut similar: Vec<Offer<'_>> = asked.ahead.rows.iter().map(Offer::of_peer).collect();
    similar.sort_by_key(Offer::rank);
    html! {
        section class="block" aria-labelledby="ahead" {
            h2 id="ahead" { (lang.say("聞ける相手（すでに受け付けている団体）", "Whom to ask: bodies that offer it")) }
            p class="small" { (lang.say("システムや担当が分かる団体から並べています。連絡先は記録していません。各団体の代表番号から担当へ。", "Those whose system or section is known come first. Nobody's telephone number is recorded.")) }
            @if let Some(source) = source {
                h3 { (body.prefecture_name) (lang.say("の団体 ", ": ")) (near.len()) }
                @if near.is_empty() { p { (lang.say("同じ都道府県で、オンラインで受け付けている団体はまだありません。", "No other body of the prefecture offers it online yet.")) } } @else { (offers(visit, lang.say("同じ都道府県の団体（表）", "Of the prefecture (table)"), &near)) }
                (notes(visit, &body.prefecture_name, None, source))
            }
            h3 { (lang.say("類似団体（人口の近い同じ種別の団体） ", "Similar bodies: ")) (similar.len()) }
            @if similar.is_empty() {
                p { (lang.say("この団体がすでに受け付けているときは並べません。そうでなければ、受け付けている類似団体がまだありません。", "None is listed where this body offers it already; else no similar body offers it.")) }
            } @else {
                (offers(visit, lang.say("類似団体（表）", "Similar bodies (table)"), &similar))
                (notes(visit, lang.say("類似団体", "similar bodies"), None, &asked.ahead.source))
            }
            @if near.iter().chain(&similar).all(|one| one.system.is_none()) && !(near.is_empty() && similar.is_empty()) {
                p class="small" { (lang.say("ここに並ぶ団体は、システムの名前をまだ述べていません（国の公表データには名前がありません）。手段とシステムは、団体に聞いてください。", "None of these has stated a system yet, and the published data name none. Ask them for it.")) }
            }
        }
    }
}

/// The other bodies of a prefecture that offer it, each by what is known best.
fn neighbours<'r>(rows: &'r [ReadinessView], own: &str) -> Vec<Offer<'r>> {
    let mut all: Vec<Offer<'r>> =
        rows.iter().filter(|row| row.municipality_code != own).filter_map(Offer::of_neighbour).collect();
    all.sort_by_key(|one| (one.code, one.rank()));
    all.dedup_by_key(|one| one.code);
    all.sort_by_key(Offer::rank);
    all
}

fn offers(visit: &Seen, name: &str, rows: &[Offer<'_>]) -> Markup {
    /// So many are shown at once.
    const SHOWN: usize = 10;
    let lang = visit.lang;
    let of = [
        lang.say("団体", "Body"),
        lang.say("接点", "Channel"),
        lang.say("システム", "System"),
        lang.say("担当", "Section"),
        lang.say("いつから・時点", "Since, as of"),
    ];
    let row = |one: &Offer<'_>| {
        let place = format!(
            "/municipalities/{}/readiness/{}",
            one.code,
            visit.path().rsplit('/').next().unwrap_or_default()
        );
        html! {
            tr {
                th scope="row" { a href=(visit.link(&place)) { (visit.name_of(one.code)) } }
                td data-label=(of[1]) { span { (visit.channel_name(one.channel)) (lang.say(" 段階", " level ")) (one.level) @if one.at_least { (lang.say("以上", "+")) } @if let Some(state) = one.state.filter(|state| *state != State::Live) { "（" (lang.say(state.label(), state.meaning())) "）" } } }
                td data-label=(of[2]) { (one.system.unwrap_or("－")) }
                td data-label=(of[3]) { (one.section.unwrap_or("－")) }
                td class="day" data-label=(of[4]) { @if let Some(since) = one.since { span { (since) @if one.is_published { br; span class="small weak" { (lang.say("時点の国公表値", "as published")) } } @else { (lang.say("から", "")) } } } }
            }
        }
    };
    let table = |rows: &[Offer<'_>]| {
        html! {
            table class="stack" {
                (heads(&of))
                tbody { @for one in rows { (row(one)) } }
            }
        }
    };
    let (first, rest) = rows.split_at(rows.len().min(SHOWN));
    html! {
        (scroll(name, &table(first)))
        @if !rest.is_empty() { details { summary { (lang.say("ほか", "More: ")) (rest.len()) (lang.say("団体", "")) } (scroll(&format!("{name}{}", lang.say("の続き", ", the rest")), &table(rest))) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_are_links() {
        let link = address("https://example.lg.jp/?a=1&b=\"2\"").into_string();
        assert!(link.contains("rel=\"nofollow noopener\"") && link.contains("&quot;"), "{link}");
        assert_eq!(address("javascript:alert(1)").into_string(), "javascript:alert(1)");
        assert_eq!(address("<b>課</b>").into_string(), "&lt;b&gt;課&lt;/b&gt;");
    }
}
