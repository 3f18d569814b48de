//! The page of one body: where it stands, and what comes next.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get};
use maud::{Markup, html};

use super::chart::Bar;
use super::figures::of_trend;
use super::frame::Page;
use super::score_card::score_card;
use super::usage::{published, usage};
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{
    BESIDE, fraction, grouped, in_order, measures, name_of_group, notes, nothing, percent, scroll, tenths,
    value,
};
use crate::domain::municipality::MunicipalityKind;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::body_usage::{BodyUsage, BodyUsageView};
use crate::query::figures::{FigureView, Figures, Percent};
use crate::query::gaps::{GapKind, GapView, Gaps};
use crate::query::matrix::{Matrix, MatrixCellView};
use crate::query::municipalities::{Municipality, MunicipalityView};
use crate::query::peers::{PeerView, Peers};
use crate::query::plans::{PlanView, Plans};
use crate::query::trend::{Trend, TrendView};
use crate::query::usage::{PublishedFigureView, PublishedFigures};

#[get("/municipalities/{code}")]
pub(super) async fn municipality(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let body = visit.one::<Municipality>(&format!("/municipalities/{}", ctx.named("code")), "").await?;
    if body.code != ctx.named("code") {
        return Ok(moved(&visit, &body));
    }
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let asked = Asked::of(&visit, &body).await?;
    let own = format!("/municipalities/{}/readiness", body.code);
    visit
        .show(move |visit| {
            let page = Page::new(visit, &body.name)
                .on("/")
                .below("/", visit.lang.say("全国", "Nation"))
                .below(&format!("/prefectures/{}", body.prefecture), &body.prefecture_name)
                .with_data(visit.data(&own, ""));
            page.write(&main(visit, &body, &asked))
        })
        .await
}

/// One page has one address: that of the code with its check digit.
fn moved(visit: &Seen, body: &MunicipalityView) -> HttpResponse {
    super::frame::go_to(visit.link(&format!("/municipalities/{}", body.code))).finish()
}

/// Everything that the page asks.
struct Asked {
    own: Told<FigureView>,
    categories: Told<FigureView>,
    beside: Told<FigureView>,
    prefecture: Told<FigureView>,
    nation: Told<FigureView>,
    peers: Told<PeerView>,
    of_peers: Told<FigureView>,
    by_peers: Told<FigureView>,
    gaps: Told<GapView>,
    cells: Told<MatrixCellView>,
    published: Told<PublishedFigureView>,
    usage: Told<BodyUsageView>,
    plans: Told<PlanView>,
    course: Told<TrendView>,
}

impl Asked {
    async fn of(visit: &Visit<'_>, body: &MunicipalityView) -> Result<Self, Problem> {
        let code = &body.code;
        // Prefectures are counted among themselves.
        let of_kind = if body.kind == MunicipalityKind::Prefecture { "kind=prefecture&" } else { "" };
        let of_body = format!("{of_kind}municipality={code}");
        let peers = visit.rows::<Peers>(&format!("/municipalities/{code}/peers"), "limit=100").await?;
        let others: Vec<&str> =
            peers.rows.iter().filter(|peer| !peer.own).map(|peer| peer.municipality_code.as_str()).collect();
        let others = format!(
            "{of_kind}municipality={}",
            if others.is_empty() { code.clone() } else { others.join(",") }
        );
        let rate = "/figures/online_rate";
        Ok(Self {
            own: visit.rows::<Figures>(rate, &of_body).await?,
            categories: in_order(visit.rows::<Figures>(rate, &format!("{of_body}&by=category")).await?),
            beside: visit.rows::<Figures>(rate, &format!("{of_body}&compare={BESIDE}")).await?,
            prefecture: visit
                .rows::<Figures>(rate, &format!("{of_kind}prefecture={}", body.prefecture))
                .await?,
            nation: visit.rows::<Figures>(rate, of_kind.trim_end_matches('&')).await?,
            of_peers: visit.rows::<Figures>(rate, &others).await?,
            by_peers: visit.rows::<Figures>(rate, &format!("{others}&by=procedure&limit=500")).await?,
            gaps: visit.rows::<Gaps>(&format!("/municipalities/{code}/gaps"), "limit=500").await?,
            cells: visit.rows::<Matrix>("/matrix", &of_body).await?,
            published: visit.rows::<PublishedFigures>("/published_figures", &of_body).await?,
            usage: visit.rows::<BodyUsage>(&format!("/municipalities/{code}/usage"), "limit=200").await?,
            course: visit
                .rows::<Trend>(&format!("{rate}/trend"), &format!("{of_body}&period=fiscal_year"))
                .await?,
            plans: visit.rows::<Plans>(&format!("/municipalities/{code}/plans"), "limit=100").await?,
            peers,
        })
    }

    fn rate(&self) -> Option<&FigureView> {
        self.own.rows.first()
    }
}

fn main(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    html! {
        (head(visit, body, asked))
        (cards(visit, body, asked))
        (next_steps(visit, body, asked))
        (score_card(visit, &body.code, &asked.cells, &asked.by_peers))
        section class="block" aria-labelledby="why" {
            div class="cols half" {
                div { (definitions(visit, asked)) }
                div { (published(visit, &asked.published)) (neighbours(visit, asked)) }
            }
        }
        (usage(visit, &body.code, &asked.usage))
        (over_time(visit, body, asked))
        (plans(visit, body, asked))
    }
}

fn head(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let code = &body.code;
    html! {
        div class="head" {
            h1 { (body.name) }
            p class="facts" {
                span { (body.name_kana) }
                span { (lang.say("団体コード ", "Code ")) (code) "（" (body.code5) "）" }
                span { (lang.say(body.kind_label, body.kind.meaning())) }
                @if let Some(people) = body.population { span { (lang.say("人口 ", "Population ")) (grouped(u64::from(people))) (lang.say("人（令和2年国勢調査）", " (census 2020)")) } }
            }
            @if let Some(ended) = body.ended_on {
                div class="void warn" {
                    b { (ended) (lang.say(" に廃止された団体です", ": this body ceased to exist")) }
                    @if let Some(successor) = &body.successor_code {
                        p { a href=(visit.link(&format!("/municipalities/{successor}"))) { (lang.say("引き継いだ団体へ", "The body that took its place")) } }
                    }
                }
            }
            p class="lead" { (lead(visit, body, asked)) }
            p class="asof" {
                (lang.say("基準日 ", "As of ")) (visit.as_of())
                (lang.say(" ・ 指標: オンライン対応率（段階3以上。制度なしは母数から除く）", "; measure: online rate (level 3 and more, without what is not performed)"))
            }
            p class="acts" {
                a href=(format!("/api/v1/templates/{code}.xlsx")) { (lang.say("入力様式（Excel）", "Form (Excel)")) }
                @if body.ended_on.is_none() {
                    a href=(format!("/imports/new?municipality={code}")) { (lang.say("表を取り込む", "Import a table")) }
                    a href=(format!("/municipalities/{code}/edit")) { (lang.say("画面で直す", "Edit")) }
                }
                a href=(visit.link(&format!("/municipalities/{code}/why"))) { (lang.say("国の数字とどう違うか", "Why other figures differ")) }
                a href=(visit.link(&format!("/municipalities/{code}/material"))) { (lang.say("団体の資料", "Own material")) }
                @if body.ended_on.is_none() { a href=(visit.link(&format!("/compare?municipality={code}"))) { (lang.say("ほかの団体と比べる", "Compare with others")) } }
                a href=(visit.link(&format!("/municipalities/{code}/brief"))) { (lang.say("議会用A4", "One sheet (A4)")) }
                a href=(visit.data(&format!("/municipalities/{code}/readiness"), "").csv()) { "CSV" }
                a href=(visit.data(&format!("/municipalities/{code}/readiness"), "").json()) { "JSON" }
                @if visit.focus.is_none_or(|own| visit.body(own).code.to_string() != *code) {
                    a href=(visit.here(&["focus"], &[("focus", code)])) { (lang.say("自団体として見る", "See from this body")) }
                }
            }
        }
    }
}

/// The one sentence that answers what the page is asked most.
fn lead(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let Some(rate) = asked.rate() else { return html! {} };
    let counter = asked.beside.rows.iter().find(|figure| figure.definition == "kakanai_rate");
    let middle = asked.of_peers.rows.first().and_then(|figure| figure.median);
    html! {
        @match rate.value {
            Some(_) => {
                (body.name)
                (lang.say("は、該当する", ": of ")) (rate.denominator)
                (lang.say("手続のうち", " procedures that it performs, ")) b { (rate.numerator) (lang.say("手続", "")) }
                (lang.say("をオンラインで受け付けています（", " are accepted online (")) (value(lang, rate)) (lang.say("）。", ").")) " "
            }
            None => {
                (body.name) (lang.say("のオンライン対応は、まだ記録がありません。入力様式を受け取り、分かるところから書いて取り込んでください。", ": nothing is recorded yet about its online procedures. Take the form, fill in what is known and import it."))
            }
        }
        @if let (Some(_), Some(middle)) = (rate.value, middle) {
            (lang.say("類似団体の中央値は", "The median of similar bodies is ")) (middle) (lang.say("%です。", "%.")) " "
        }
        @match counter.filter(|figure| figure.denominator > figure.unknown) {
            Some(figure) => { (lang.say("窓口の「書かない」は", "Counters without writing: ")) (value(lang, figure)) (lang.say("です。", ".")) },
            None => { (lang.say("窓口の「書かない」は未回答です。", "Nothing is answered about its counters.")) },
        }
    }
}

fn cards(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let median = |told: &Told<FigureView>| told.rows.first().and_then(|figure| figure.median);
    let counter = asked.beside.rows.iter().find(|figure| figure.definition == "kakanai_rate");
    let rows = [
        (body.name.as_str(), asked.rate().and_then(|figure| figure.value)),
        (lang.say("類似団体", "Similar bodies"), median(&asked.of_peers)),
        (body.prefecture_name.as_str(), median(&asked.prefecture)),
        (lang.say("全国", "Nation"), median(&asked.nation)),
    ];
    html! {
        div class="cards" {
            section class="card broad" aria-labelledby="card-rate" {
                h2 id="card-rate" { (lang.say("オンライン対応率", "Online rate")) }
                @if let Some(rate) = asked.rate() {
                    p class="value" { @match rate.value { Some(value) => { (value) small { "%" } }, None => { (lang.say("未回答", "No answer")) } } }
                    p class="small" { (fraction(rate)) @if rate.unknown > 0 { (lang.say("、未回答 ", ", not known ")) (rate.unknown) } }
                }
                div class="beside" {
                    @for (name, value) in rows {
                        span { (name) }
                        (Bar::of(tenths(value).unwrap_or(0)).show())
                        span class="num" { (percent(value)) }
                    }
                }
                p class="small weak" { (body.name) (lang.say("は自団体の率、ほかは団体の中央値", ": its own rate; the others: medians of bodies")) }
            }
            section class="card broad" aria-labelledby="card-categories" {
                h2 id="card-categories" { (lang.say("分野ごとの可 / 該当", "Online / performed by field")) }
                div class="beside" {
                    @for figure in &asked.categories.rows {
                        span { (name_of_group(lang, figure)) }
                        (Bar::of(tenths(figure.value).unwrap_or(0)).show())
                        span class="num" { (fraction(figure)) }
                    }
                }
            }
            @match counter.filter(|figure| figure.denominator > figure.unknown) {
                Some(figure) => {
                    section class="card" aria-labelledby="card-counter" {
                        h2 id="card-counter" { (lang.say("書かない窓口率", "Counters without writing")) }
                        p class="value" { (value(lang, figure)) }
                        p { (fraction(figure)) (lang.say("、未回答 ", ", not known ")) (figure.unknown) }
                    }
                }
                None => {
                    section class="card empty" aria-labelledby="card-counter" {
                        h2 id="card-counter" { (lang.say("窓口（書かない）・近場", "Counters and nearby places")) }
                        p class="value" { (lang.say("未回答", "No answer")) }
                        p { (lang.say("まだ記録がありません。", "Nothing is recorded yet. ")) a href=(format!("/api/v1/templates/{}.xlsx", body.code)) { (lang.say("入力様式を受け取る", "Take the form")) } }
                    }
                }
            }
        }
    }
}

/// Next steps that are shown at once.
const STEPS: usize = 6;

/// Points of a kind beside each other, in the order in which the kinds are defined.
fn by_kind<'g>(gaps: impl Iterator<Item = &'g GapView>) -> BTreeMap<GapKind, Vec<&'g GapView>> {
    let mut kinds: BTreeMap<GapKind, Vec<&GapView>> = BTreeMap::new();
    for gap in gaps {
        kinds.entry(gap.gap).or_default().push(gap);
    }
    kinds
}

fn next_steps(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let (steps, rest): (Vec<&GapView>, Vec<&GapView>) =
        asked.gaps.rows.iter().partition(|gap| gap.gap == GapKind::PeersHave);
    // What the body itself said, and is contradicted or late, goes before what was never asked.
    let (urgent, rest): (Vec<&GapView>, Vec<&GapView>) =
        rest.into_iter().partition(|gap| [GapKind::Overdue, GapKind::Differs].contains(&gap.gap));
    let link =
        |gap: &GapView| visit.link(&format!("/municipalities/{}/readiness/{}", body.code, gap.procedure_id));
    let point = |gap: &GapView| {
        html! { li class="small" { a href=(link(gap)) { (visit.short_name(&gap.procedure_id)) } " " span class="weak" { (lang.say(gap.gap_label, gap.gap.meaning())) } br; (lang.say(&gap.sentence, &gap.sentence_en)) } }
    };
    html! {
        section class="block" aria-labelledby="next" {
            h2 id="next" { (lang.say("次の一手", "What comes next")) }
            @if asked.rate().is_none_or(|rate| rate.value.is_none()) {
                p { (lang.say("オンライン対応の記録がないため、まだ判断できません。", "Nothing is recorded about its online procedures yet.")) }
            } @else if steps.is_empty() {
                p { (lang.say("類似団体の半数以上が受け付けていて、まだ受け付けていない手続はありません。", "Nothing that half of the similar bodies offer online is missing here.")) }
            } @else {
                p class="small weak" { (lang.say("まだ受け付けていない手続のうち、類似団体の半数以上がすでに受け付けているもの", "Not offered here, and offered by half of the similar bodies or more")) }
                (scroll(lang.say("次の一手（表）", "What comes next (table)"), &html! {
                    table {
                        thead { tr {
                            th scope="col" { (lang.say("手続", "Procedure")) }
                            th scope="col" class="less" { (lang.say("類似団体で可", "Offered by similar bodies")) }
                            th scope="col" class="num" { (lang.say("割合", "Share")) }
                            th scope="col" { (lang.say("なぜ、次に何を", "Why, and what next")) }
                        } }
                        tbody {
                            @for gap in steps.iter().take(STEPS) {
                                tr {
                                    th scope="row" { a href=(link(gap)) { (visit.short_name(&gap.procedure_id)) } }
                                    td class="bars less" { (Bar::of(tenths(gap.peers_share).unwrap_or(0)).show()) }
                                    td class="num" { (percent(gap.peers_share)) br; span class="small weak" { (gap.peers) " / " (gap.peers_in_scope) } }
                                    td class="small said" { (lang.say(&gap.sentence, &gap.sentence_en)) @if !gap.systems.is_empty() { br; (lang.say("使われているシステム: ", "Systems: ")) (gap.systems.join("、")) } br; a href=(format!("{}#ahead", link(gap))) { (lang.say("聞ける相手を見る", "Whom to ask")) span class="vh" { " " (visit.short_name(&gap.procedure_id)) } } }
                                }
                            }
                        }
                    }
                }))
            }
            @if !urgent.is_empty() {
                h3 { (lang.say("目標日・公表値との違い ", "Late, or other than published: ")) (urgent.len()) (lang.say("件", "")) }
                ul class="moves" { @for gap in &urgent { (point(gap)) } }
            }
            @for (kind, gaps) in by_kind(steps.iter().skip(STEPS).chain(&rest).copied()) {
                details {
                    summary { (lang.say(kind.label(), kind.meaning())) " " (gaps.len()) (lang.say("件", "")) }
                    ul class="moves" { @for gap in gaps { (point(gap)) } }
                }
            }
            (notes(visit, &format!("{}、{}", body.name, lang.say("類似団体", "similar bodies")), None, &asked.gaps.source))
        }
    }
}

fn definitions(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        h2 id="why" { (lang.say("指標によって違う理由", "Why measures differ")) }
        p class="small" { (lang.say("同じ記録を、それぞれの決まりで数えた結果です。", "The same records, counted by each rule.")) }
        (measures(visit, &asked.beside, lang.say("この団体", "This body")))
    }
}

/// Similar bodies that are shown at once.
const NEIGHBOURS: usize = 8;

fn neighbours(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let own = asked.peers.rows.iter().find(|peer| peer.own);
    let own_rate = own.and_then(|peer| peer.value);
    let others: Vec<&PeerView> = asked.peers.rows.iter().filter(|peer| !peer.own).collect();
    html! {
        h2 { (lang.say("人口の近い団体", "Bodies of about this size")) }
        @if let Some((own, position)) = own.and_then(|own| Some((own, own.position?))) {
            p class="small" { (lang.say("率の高い方から", "Position by rate: ")) (position) (lang.say("番目（", " of ")) (own.ranked.unwrap_or_default()) (lang.say("団体中", " bodies")) @if own.tied.unwrap_or(1) > 1 { (lang.say("、同じ率", ", the same rate: ")) (own.tied.unwrap_or(1)) (lang.say("団体", "")) } (lang.say("）", "")) }
        }
        table {
            thead { tr {
                th scope="col" { (lang.say("団体", "Body")) }
                th scope="col" class="num less" { (lang.say("人口", "Population")) }
                th scope="col" class="num" { (lang.say("対応率", "Rate")) }
                th scope="col" class="num" { (lang.say("差", "Difference")) }
            } }
            tbody {
                @for peer in others.iter().take(NEIGHBOURS) {
                    tr {
                        th scope="row" { a href=(visit.link(&format!("/municipalities/{}", peer.municipality_code))) { (peer.municipality_name) } " " span class="small weak" { (peer.prefecture_name) } }
                        td class="num less" { (peer.population.map_or_else(String::new, |people| grouped(u64::from(people)))) }
                        td class="num" { (percent(peer.value)) }
                        td class="num" { (difference(peer.value, own_rate)) }
                    }
                }
            }
        }
        @if let Some(own) = own { p class="acts" { a href=(visit.link(&format!("/municipalities/{}/peers", own.municipality_code))) { (lang.say("比べている団体をすべて見る", "All of them")) } } }
        (notes(visit, &format!("{}{}", others.len(), lang.say("団体", " bodies")), None, &asked.peers.source))
    }
}

/// The difference of two rates, in points with their sign.
fn difference(one: Option<Percent>, other: Option<Percent>) -> String {
    let Some((one, other)) = one.zip(other) else { return String::new() };
    let points = i64::from(one.tenths()) - i64::from(other.tenths());
    let sign = match points {
        0 => "±",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{}.{}", points.abs() / 10, points.abs() % 10)
}

fn over_time(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" aria-labelledby="course" {
            h2 id="course" { (lang.say("オンライン対応率の推移（年度末ごと）", "Online rate at the end of each fiscal year")) }
            (of_trend(visit, &asked.course))
            (notes(visit, &body.name, None, &asked.course.source))
        }
    }
}

fn plans(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        section class="block" aria-labelledby="plans" {
            h2 id="plans" { (lang.say("計画", "Plans")) }
            @if asked.plans.rows.is_empty() {
                (nothing(
                    lang.say("計画の記録はまだありません", "No plan is recorded yet"),
                    lang.say("入力様式の「目標段階」と「目標日」に書くと、予定と遅れがここに出ます。", "Write the target level and day into the form, and plans and their slip stand here."),
                ))
            } @else {
                (scroll(lang.say("計画（表）", "Plans (table)"), &html! {
                    table {
                        thead { tr {
                            th scope="col" { (lang.say("手続", "Procedure")) }
                            th scope="col" { (lang.say("接点", "Channel")) }
                            th scope="col" class="num" { (lang.say("今の段階", "Level")) }
                            th scope="col" class="num" { (lang.say("目標", "Target")) }
                            th scope="col" { (lang.say("目標日", "Target day")) }
                            th scope="col" class="num" { (lang.say("遅れ（日）", "Slip (days)")) }
                        } }
                        tbody {
                            @for plan in &asked.plans.rows {
                                tr {
                                    th scope="row" { a href=(visit.link(&format!("/municipalities/{}/readiness/{}", body.code, plan.procedure_id))) { (visit.short_name(&plan.procedure_id)) } }
                                    td { (visit.channel_name(&plan.channel)) }
                                    td class="num" { (plan.level) }
                                    td class="num" { (plan.target_level) }
                                    td { @if let Some(on) = plan.target_on { (on) } }
                                    td class="num" { @if let Some(days) = plan.slip_days { (days) } }
                                }
                            }
                        }
                    }
                }))
                (notes(visit, &body.name, None, &asked.plans.source))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::query::cell_words::CellLook;

    #[test]
    fn looks_have_classes_of_their_own() {
        let looks = [
            CellLook::Nothing,
            CellLook::Little,
            CellLook::Offered,
            CellLook::Complete,
            CellLook::Resting,
            CellLook::NotPerformed,
            CellLook::NoAnswer,
            CellLook::NotExpected,
        ];
        let mut classes = looks.map(super::super::words::class_of).to_vec();
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes.len(), looks.len());
    }
}
