//! Why the figures of one body differ: each procedure by each rule.

use std::collections::BTreeMap;

use actix_web::get;
use maud::{Markup, html};

use super::frame::{Page, go_to};
use super::lang::Lang;
use super::usage::published as published_rates;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{heads, mark, measures, notes, scroll};
use crate::domain::municipality::MunicipalityKind;
use crate::domain::readiness::{Level, Scale, Source};
use crate::http::ctx::{Answer, Ctx};
use crate::query::cell_words::stated_words;
use crate::query::explain::{Explanation, ExplanationView};
use crate::query::figures::Figures;
use crate::query::municipalities::Municipality;
use crate::query::readiness::{ReadinessView, Statements};
use crate::query::usage::PublishedFigures;

/// The rules that are held against each other.
const RULES: &[&str] = &["online_rate", "da26_rate", "mic_rate"];

#[get("/municipalities/{code}/why")]
pub(super) async fn why(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let body = visit.one::<Municipality>(&format!("/municipalities/{}", ctx.named("code")), "").await?;
    if body.code != ctx.named("code") {
        return Ok(go_to(visit.link(&format!("/municipalities/{}/why", body.code))).finish());
    }
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let of_kind = if body.kind == MunicipalityKind::Prefecture { "kind=prefecture&" } else { "" };
    let of_body = format!("{of_kind}municipality={}", body.code);
    let values = visit
        .rows::<Figures>("/figures/online_rate", &format!("{of_body}&compare=da26_rate,mic_rate"))
        .await?;
    let mut told = Vec::new();
    for rule in RULES {
        let of_rule = format!("{of_body}&limit=500");
        told.push((*rule, visit.rows::<Explanation>(&format!("/figures/{rule}/explain"), &of_rule).await?));
    }
    let stated = visit.rows::<Statements>("/readiness", &format!("{of_body}&limit=500")).await?;
    let by_state =
        visit.rows::<Statements>("/readiness", &format!("{of_body}&evidence=published&limit=500")).await?;
    let published = visit.rows::<PublishedFigures>("/published_figures", &of_body).await?;
    visit.show(move |visit| {
    let lang = visit.lang;
    let mut rows: BTreeMap<&str, Vec<Option<&ExplanationView>>> = BTreeMap::new();
    for (at, (_, told)) in told.iter().enumerate() {
        for row in &told.rows {
            let Some(id) = row.procedure_id.as_deref() else { continue };
            rows.entry(id).or_insert_with(|| vec![None; RULES.len()])[at] = Some(row);
        }
    }
    let bases: Vec<String> = (1..RULES.len()).map(|at| base(visit, &rows, at)).collect();
    // What a rule does not ask about is told by its base, and is no other answer.
    let differs = |row: &[Option<&ExplanationView>]| {
        let asked = row.iter().flatten().filter(|one| one.in_denominator);
        let words: Vec<&str> = asked.map(|one| answer(lang, Some(one)).0).collect();
        words.windows(2).any(|pair| pair[0] != pair[1])
    };
    let (apart, alike): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row)| differs(row));
    let title = format!("{}: {}", body.name, lang.say("国の数字や指標によって違う理由", "why figures differ"));
    let table = |name: &str, rows: &[(&str, Vec<Option<&ExplanationView>>)]| {
        html! {
            (scroll(name, &html! {
                table class="stack" {
                    thead { tr {
                        th scope="col" { (lang.say("手続", "Procedure")) }
                        @for rule in RULES { th scope="col" { (visit.definition_name(rule)) } }
                    } }
                    tbody { @for (id, row) in rows { tr {
                        th scope="row" { a href=(visit.link(&format!("/municipalities/{}/readiness/{id}", body.code))) { (visit.short_name(id)) } }
                        @for (one, rule) in row.iter().zip(RULES) {
                            @let (word, class) = answer(lang, *one);
                            td class="small said" data-label=(visit.definition_name(rule)) { div { span class=(format!("mark {class}")) { (word) } @if let Some(one) = one.filter(|one| one.counted == 0) { br; (lang.say(&one.sentence, &one.sentence_en)) } } }
                        }
                    } } }
                }
            }))
        }
    };
    let main = html! {
        div class="head" {
            h1 { (title) }
            p class="lead" { (lang.say("数字が違うわけは、次の3つのどれかです。国の公表より後に団体が申告したこと、数える手続（母数）の違い、何を「できる」とみなすかの違い。上から順に示します。", "Figures differ for three reasons: what the body stated after the state had published, which procedures are in the base, and what counts. They stand here in that order.")) }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) }
        }
        (beside(visit, &by_state, &stated.rows, &told))
        h2 { (lang.say("数える手続の違い（指標ごとの値）", "Which procedures are in the base, by measure")) }
        (measures(visit, &values, &body.name))
        ul class="moves" { @for line in &bases { li class="small" { (line) } } }
        (published_rates(visit, &published))
        @if published.rows.iter().all(|row| row.definition.is_none()) { p class="small" { (lang.say("国は、この団体の「オンライン対応率」に当たる率を公表していません（国が公表したのは、手続ごとに受け付けているかどうかです）。率は、その公表と団体の申告から、上の決まりで数えたものです。", "The state published no online rate of this body, but whether each procedure is accepted; the rates are counted from that and from what the body states.")) } }
        section class="block" aria-labelledby="rows" {
            h2 id="rows" { (lang.say("何を「できる」とみなすかで答えが違う手続 ", "What counts: procedures whose answers differ: ")) (apart.len()) (lang.say("件", "")) }
            @if apart.is_empty() { p { (lang.say("ありません。どの決まりでも、母数に入る手続の答えは同じです。", "None: each rule that asks about a procedure answers alike.")) } } @else { (table(lang.say("答えが違う手続", "Procedures whose answers differ"), &apart)) }
            @for (rule, told) in &told { (notes(visit, &format!("{} {}", body.name, visit.definition_name(rule)), None, &told.source)) }
        }
        @if !alike.is_empty() { details { summary { (lang.say("母数に入れる決まりでは答えが同じ手続 ", "Answered alike by every rule that asks: ")) (alike.len()) (lang.say("件", "")) } (table(lang.say("母数に入れる決まりでは答えが同じ手続", "Answered alike by every rule that asks"), &alike)) } }
    };
    let page = Page::new(visit, title.as_str())
        .below_body(&body);
    let page = told.iter().fold(page, |page, (_, told)| page.with_data(told.source.clone()));
    page.write(&main)
    }).await
}

/// A procedure of which the body says something else than the state: both words, and what each rule makes of it.
struct Beside<'r> {
    state: &'r ReadinessView,
    own: Vec<&'r ReadinessView>,
    /// Of each rule that asks about it.
    counts: Vec<(&'static str, &'r ExplanationView)>,
}

impl<'r> Beside<'r> {
    fn all(
        published: &'r [ReadinessView],
        stated: &'r [ReadinessView],
        told: &'r [(&'static str, Told<ExplanationView>)],
    ) -> Vec<Self> {
        let of_online = |row: &&ReadinessView| row.scale == Scale::Online && row.level.is_some();
        let said = |row: &ReadinessView| (row.level, row.at_least, row.state);
        let rows = published.iter().filter(of_online).map(|state| {
            let id = state.procedure_id.as_str();
            let own = stated.iter().filter(of_online).filter(|row| row.procedure_id == id);
            let own = own.filter(|row| row.source == Some(Source::Own)).collect();
            let of_rule = |(rule, told): &'r (&'static str, Told<ExplanationView>)| {
                let one = told.rows.iter().find(|one| one.procedure_id.as_deref() == Some(id))?;
                one.in_denominator.then_some((*rule, one))
            };
            Self { state, own, counts: told.iter().filter_map(of_rule).collect() }
        });
        rows.filter(|row| row.moves() || row.own.iter().any(|own| said(own) != said(row.state))).collect()
    }

    /// Whether it counts for the first rule as it would not by the word of the state.
    fn moves(&self) -> bool {
        let offers = self.state.level.is_some_and(|level| level >= Level::THREE.number());
        let first = self.counts.iter().find(|(rule, _)| *rule == RULES[0]);
        first.is_some_and(|(_, one)| offers != (one.counted > 0))
    }
}

/// Procedures of which the body says something else than what the state published, and what becomes of it.
fn beside(
    visit: &Seen,
    published: &Told<ReadinessView>,
    stated: &[ReadinessView],
    told: &[(&'static str, Told<ExplanationView>)],
) -> Markup {
    let lang = visit.lang;
    let rows = Beside::all(&published.rows, stated, told);
    let moved = rows.iter().filter(|row| row.moves()).count();
    let day = published.rows.iter().filter_map(|row| row.effective_on).max();
    let said = |rows: &[&ReadinessView]| {
        html! { @for row in rows { p { @if let (Some(level), Some(state)) = (row.level.and_then(Level::new), row.state) { (mark(lang, &stated_words(level, row.at_least.unwrap_or(false), state, row.scale))) } " " span class="small weak" { (visit.channel_name(&row.channel)) @if let Some(on) = row.effective_on { " " (on) } } } } }
    };
    html! {
        section class="block" aria-labelledby="beside" {
            h2 id="beside" { (lang.say("国の公表と違うことを団体が申告している手続 ", "Procedures of which the body says something else than the state: ")) (rows.len()) (lang.say("件", "")) }
            @match (day, rows.is_empty()) {
                (None, _) => { p { (lang.say("この団体について、国が公表した手続ごとの状況は取り込まれていません。", "Nothing that the state published of procedures of this body is recorded.")) } },
                (Some(day), true) => { p { (lang.say("国の公表（", "What the state published (")) (day) (lang.say("時点）と違う申告はありません。国が公表した手続ごとの状況のまま数えています。", ") is contradicted by nothing, and counts as it is.")) } },
                (Some(day), false) => { p { (lang.say("国の公表は", "The state published what was true on ")) (day) (lang.say("時点のものです。団体が申告したことは、国の公表より先に数えます。このうち、オンライン対応率が変わるのは", "; what the body states goes before it. The online rate is another for ")) b { (moved) (lang.say("件", "")) } (lang.say("です。ほかの指標でどう数えるかは、表の右に示します。", " of them; what other measures make of it stands at the right.")) } },
            }
            @if !rows.is_empty() {
                (scroll(lang.say("国の公表と団体の申告（表）", "The state and the body (table)"), &html! {
                    table class="stack" {
                        @let of = [lang.say("手続", "Procedure"), lang.say("国の公表", "The state"), lang.say("団体の申告", "The body"), lang.say("どう数えるか", "What counts")];
                        (heads(&of))
                        tbody { @for row in &rows { tr {
                            th scope="row" { a href=(visit.link(&format!("{}/readiness/{}", visit.path().trim_end_matches("/why"), row.state.procedure_id))) { (visit.short_name(&row.state.procedure_id)) } }
                            td data-label=(of[1]) { div { (said(&[row.state])) } }
                            td data-label=(of[2]) { div { @if row.own.is_empty() { (lang.say("手段ごとの申告なし", "nothing of a channel")) } @else { (said(&row.own)) } } }
                            td class="small said" data-label=(of[3]) { div { @for (rule, one) in &row.counts { p { (visit.definition_name(rule)) ": " b { (answer(lang, Some(one)).0) } @if one.counted == 0 { br; (lang.say(&one.sentence, &one.sentence_en)) } } } } }
                        } } }
                    }
                }))
                (notes(visit, lang.say("この団体の、オンラインの申告と公表", "what is stated of this body online"), None, &published.source))
            }
        }
    }
}

/// How the base of a rule differs from that of the first.
fn base(visit: &Seen, rows: &BTreeMap<&str, Vec<Option<&ExplanationView>>>, at: usize) -> String {
    /// Procedures that are named.
    const NAMED: usize = 6;
    let counts = |row: &[Option<&ExplanationView>], at: usize| row[at].is_some_and(|one| one.in_denominator);
    let of = |first: bool, other: bool| -> Vec<&str> {
        let found = rows.iter().filter(|(_, row)| counts(row, 0) == first && counts(row, at) == other);
        found.map(|(id, _)| *id).collect()
    };
    let (both, gone, added) = (of(true, true), of(true, false), of(false, true));
    let names = |ids: &[&str]| {
        let named: Vec<&str> = ids.iter().take(NAMED).map(|id| visit.short_name(id)).collect();
        let more = if ids.len() > NAMED { visit.lang.say("など", " and others") } else { "" };
        if named.is_empty() { String::new() } else { format!("（{}{more}）", named.join("、")) }
    };
    let (first, other) = (visit.definition_name(RULES[0]), visit.definition_name(RULES[at]));
    let (gone_names, added_names) = (names(&gone), names(&added));
    match visit.lang {
        Lang::Ja => format!(
            "「{other}」の母数は{}手続です。「{first}」の母数のうち{}手続{gone_names}が入らず、{}手続{added_names}が加わります。",
            both.len() + added.len(),
            gone.len(),
            added.len()
        ),
        Lang::En => format!(
            "{other} counts over {} procedures: without {} of {first}{gone_names}, and with {} more{added_names}.",
            both.len() + added.len(),
            gone.len(),
            added.len()
        ),
    }
}

/// What a rule makes of a procedure, in a word, and how it looks.
fn answer(lang: Lang, row: Option<&ExplanationView>) -> (&'static str, &'static str) {
    let apart = (lang.say("母数の外", "not in the base"), "c-off");
    match row {
        None => apart,
        Some(row) if !row.in_denominator => apart,
        Some(row) if row.unknown => (lang.say("不明", "not known"), "c-unanswered"),
        Some(row) if row.counted > 0 => (lang.say("数える", "counts"), "c-offered"),
        Some(_) => (lang.say("数えない", "does not count"), "c-nothing"),
    }
}
