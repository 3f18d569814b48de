//! One sheet of paper about a body, for a council: where it stands, by which rule, and what comes next.

use actix_web::get;
use maud::{Markup, html};

use super::chart::Bar;
use super::frame::{Page, go_to};
use super::lang::Lang;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{BESIDE, fraction, in_order, name_of_group, percent, tenths, value};
use crate::domain::municipality::MunicipalityKind;
use crate::domain::readiness::{Level, Source};
use crate::http::ctx::{Answer, Ctx};
use crate::query::figures::{FigureView, Figures};
use crate::query::gaps::{GapView, Gaps};
use crate::query::municipalities::{Municipality, MunicipalityView};
use crate::query::peers::{PeerView, Peers};
use crate::query::plans::{PlanView, Plans};
use crate::query::readiness::{ReadinessView, Statements};

/// Next steps that one sheet holds.
const STEPS: usize = 5;

#[get("/municipalities/{code}/brief")]
pub(super) async fn brief(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let body = visit.one::<Municipality>(&format!("/municipalities/{}", ctx.named("code")), "").await?;
    if body.code != ctx.named("code") {
        return Ok(go_to(visit.link(&format!("/municipalities/{}/brief", body.code))).finish());
    }
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let of_kind = if body.kind == MunicipalityKind::Prefecture { "kind=prefecture&" } else { "" };
    let own = format!("{of_kind}municipality={}", body.code);
    let rate = "/figures/online_rate";
    let peers = visit.rows::<Peers>(&format!("/municipalities/{}/peers", body.code), "limit=100").await?;
    let others: Vec<&str> =
        peers.rows.iter().filter(|peer| !peer.own).map(|peer| peer.municipality_code.as_str()).collect();
    let others = format!("{of_kind}municipality={}", others.join(","));
    let late = visit.rows::<Plans>(&format!("/municipalities/{}/plans", body.code), "limit=500").await?;
    let asked = Asked {
        beside: visit.rows::<Figures>(rate, &format!("{own}&compare={BESIDE}")).await?,
        categories: in_order(visit.rows::<Figures>(rate, &format!("{own}&by=category")).await?),
        of_peers: match peers.rows.len() {
            0 | 1 => None,
            _ => visit.rows::<Figures>(rate, &others).await?.rows.into_iter().next(),
        },
        place: place(&peers.rows),
        of_prefecture: match body.kind {
            MunicipalityKind::Prefecture => None,
            _ => visit
                .rows::<Figures>(rate, &format!("prefecture={}", body.prefecture))
                .await?
                .rows
                .into_iter()
                .next(),
        },
        of_nation: visit.rows::<Figures>(rate, &format!("{of_kind}by=category")).await?,
        stated: visit
            .rows::<Statements>("/readiness", &format!("{own}&channel=online-group&limit=500"))
            .await?,
        nation: visit.rows::<Figures>(rate, of_kind.trim_end_matches('&')).await?,
        gaps: visit.rows::<Gaps>(&format!("/municipalities/{}/gaps", body.code), "gap=G2&limit=50").await?,
        late: late.rows.into_iter().filter(|plan| plan.course.code() == "late").collect(),
    };
    let title = format!("{} {}", body.name, visit.lang.say("のオンライン化の状況", "online procedures"));
    visit
        .show(move |visit| {
            let page = Page::new(visit, title.as_str())
                .sheet()
                .below(&format!("/municipalities/{}", body.code), &body.name)
                .with_data(asked.beside.source.clone());
            page.write(&main(visit, &body, &title, &asked))
        })
        .await
}

/// Everything that the sheet asks.
struct Asked {
    beside: Told<FigureView>,
    categories: Told<FigureView>,
    of_peers: Option<FigureView>,
    /// How many of the similar bodies it is among, itself included, and in which place.
    place: Option<(usize, usize)>,
    of_prefecture: Option<FigureView>,
    /// The rates of the nation by field.
    of_nation: Told<FigureView>,
    stated: Told<ReadinessView>,
    nation: Told<FigureView>,
    gaps: Told<GapView>,
    /// Plans whose day is over.
    late: Vec<PlanView>,
}

/// The place of the body, which stands first, among it and its similar bodies by their rates: one more than how many are
/// above it.
fn place(peers: &[PeerView]) -> Option<(usize, usize)> {
    let own = peers.iter().find(|peer| peer.own)?.value?;
    let known: Vec<_> = peers.iter().filter_map(|peer| peer.value).collect();
    (known.len() > 1).then(|| (known.len(), 1 + known.iter().filter(|value| **value > own).count()))
}

/// What a definition counts, in words for a council; the whole rule stands with the definitions.
fn in_plain_words(lang: Lang, definition: &str) -> Option<&'static str> {
    Some(match definition {
        "online_rate" => lang.say("該当する手続のうち、オンラインで申請できるものの割合", "of the procedures that are performed, those that can be applied for online"),
        "da26_rate" => lang.say("子育て・介護の26手続のうち、マイナポータルで申請できるものの割合（デジタル庁の数え方）", "of 26 procedures of child care and long-term care, those on Mynaportal"),
        "mic_rate" => lang.say("よく使う32手続のうち、団体が実施していてオンラインで申請できるものの割合（総務省の調査の数え方。実施している手続だけを数えるので、上とは母数が違う）", "of 32 much used procedures that are performed, those that can be applied for online, as the ministry counts"),
        "digital_complete_rate" => lang.say("来庁も郵送も要らず、オンラインだけで終わる手続の割合", "those that end online, without a visit or a letter"),
        "kakanai_rate" => lang.say("窓口で、住民が申請書を書かなくてよい手続の割合", "those for which nobody writes a form at the counter"),
        "onestop_rate" => lang.say("窓口1か所で関連する手続まで終わる割合", "those that end with related ones at one counter"),
        "omnichannel_rate" => lang.say("自宅・近場・窓口のどこでも十分に使える手続の割合", "those that are well served at home, nearby and at the counter"),
        "freshness" => lang.say("記録のうち、この1年に団体が申告または確認したものの割合（低いほど、実際と違うおそれがある）", "of what is recorded, what was stated or confirmed within a year"),
        _ => return None,
    })
}

/// Of what the figures are made: what the state published, and of which day, and what the body states.
fn records(visit: &Seen, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let counting =
        || asked.stated.rows.iter().filter(|row| row.set_aside_by.is_none() && row.level.is_some());
    let published: Vec<_> = counting().filter(|row| row.source == Some(Source::Published)).collect();
    let own = counting().count() - published.len();
    html! {
        @if let Some(day) = published.iter().filter_map(|row| row.effective_on).max() {
            (lang.say(" ・ もとの記録: 国の公表値 ", "; from what the state published (")) (published.len()) (lang.say("件（", ", as of ")) (day) (lang.say(" 時点）と団体の申告 ", ") and what the body states (")) (own) (lang.say("件", ")"))
        }
    }
}

/// A level in words, with its number.
fn level_words(visit: &Seen, channel: &str, level: u8) -> String {
    let scale = visit.scale_of(channel);
    let Some(known) = Level::new(level) else { return level.to_string() };
    match visit.lang {
        Lang::Ja => format!("「{}」（段階{level}）", known.label(scale)),
        Lang::En => format!("level {level}"),
    }
}

/// Where the body stands and what it lacks, in a sentence or two.
fn conclusion(visit: &Seen, body: &MunicipalityView, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let Some(rate) = asked.beside.rows.first().filter(|rate| rate.value.is_some()) else { return html! {} };
    let steps = asked.gaps.count;
    html! {
        p {
            b {
                @match lang {
                    Lang::Ja => { (body.name) "は、該当する" (rate.denominator) "手続のうち" (rate.numerator) "手続をオンラインで受け付けています" @if let Some((all, place)) = asked.place { "（人口の近い同種の団体" (all) "のうち" (place) "番目）" } "。" },
                    Lang::En => { "Of " (rate.denominator) " procedures " (rate.numerator) " can be applied for online in " (body.name) @if let Some((all, place)) = asked.place { " (place " (place) " among " (all) " similar bodies)" } "." },
                }
            }
            @if rate.unknown > 0 { (lang.say("答えのない手続が", " Not answered: ")) (rate.unknown) (lang.say("あります。", ".")) }
            @if steps > 0 { (lang.say("次に取り組みやすいのは、似た団体の多くがすでに受け付けている", " Most similar bodies already offer ")) (steps) (lang.say("手続です。", " more.")) }
        }
    }
}

fn main(visit: &Seen, body: &MunicipalityView, title: &str, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let rate = asked.beside.rows.first();
    let rows = [
        (body.name.as_str(), rate.and_then(|figure| figure.value)),
        (
            lang.say("類似団体の中央値", "Median of similar bodies"),
            asked.of_peers.as_ref().and_then(|figure| figure.median),
        ),
        (
            lang.say("県内の中央値", "Median of the prefecture"),
            asked.of_prefecture.as_ref().and_then(|figure| figure.median),
        ),
        (
            lang.say("全国の中央値", "Median of the nation"),
            asked.nation.rows.first().and_then(|figure| figure.median),
        ),
    ];
    let knows_systems = asked.gaps.rows.iter().take(STEPS).any(|gap| !gap.systems.is_empty());
    html! {
        h1 { (title) }
        (conclusion(visit, body, asked))
        p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ 「オンラインで受け付けている」は、一部の人や様式だけの場合も含みます（段階3以上）", "; online means that it is accepted online, if only for some persons or forms (level 3 and more)")) (records(visit, asked)) }
        div class="cols sheet-top" {
            section aria-labelledby="rate" {
                h2 id="rate" { (lang.say("オンライン対応率", "Online rate")) }
                p class="value" { @match rate { Some(figure) => { (value(lang, figure)) }, None => { "－" } } }
                div class="beside" { @for (name, value) in rows { span { (name) } (Bar::of(tenths(value).unwrap_or(0)).show()) span class="num" { (percent(value)) } } }
            }
            section aria-labelledby="fields" {
                h2 id="fields" { (lang.say("分野ごとの可 / 該当", "Online / performed by field")) }
                div class="beside" { @for figure in &asked.categories.rows { span { (name_of_group(lang, figure)) } (Bar::of(tenths(figure.value).unwrap_or(0)).show()) span class="num" { (fraction(figure)) @if let Some(all) = asked.of_nation.rows.iter().find(|all| all.key == figure.key).and_then(|all| all.value) { span class="weak" { (lang.say("（全国 ", " (nation ")) (all) (lang.say("%）", "%)")) } } } } }
            }
        }
        section aria-labelledby="next" {
            h2 id="next" { (lang.say("次の一手: 類似団体の半数以上が受け付けていて、まだの手続", "What comes next: offered by half of the similar bodies")) " " (asked.gaps.count) (lang.say("件", "")) }
            @if rate.is_none_or(|rate| rate.value.is_none()) { p { (lang.say("オンライン対応の記録がないため、まだ判断できません。", "Nothing is recorded yet.")) } }
            @else if asked.gaps.rows.is_empty() { p { (lang.say("ありません。", "None.")) } } @else {
                table {
                    thead { tr { th scope="col" { (lang.say("手続", "Procedure")) } th scope="col" class="num" { (lang.say("類似団体で可", "Similar bodies")) } @if knows_systems { th scope="col" { (lang.say("使われているシステム", "Systems")) } } } }
                    tbody { @for gap in asked.gaps.rows.iter().take(STEPS) { tr {
                        th scope="row" { (gap.procedure_name) }
                        td class="num" { (percent(gap.peers_share)) "（" (gap.peers) " / " (gap.peers_in_scope) "）" }
                        @if knows_systems { td { @if gap.systems.is_empty() { (lang.say("述べた団体なし", "not known")) } @else { (gap.systems.join("、")) } } }
                    } } }
                }
            }
        }
        @if !asked.late.is_empty() {
            section aria-labelledby="late" {
                h2 id="late" { (lang.say("目標日を過ぎた計画", "Plans whose day is over")) }
                ul { @for plan in asked.late.iter().take(STEPS) { li { (visit.short_name(&plan.procedure_id)) "（" (visit.channel_name(&plan.channel)) "）: " (lang.say("目標 ", "target ")) (level_words(visit, &plan.channel, plan.target_level)) @if let Some(on) = plan.target_on { " " (on) } (lang.say("、今は ", ", now ")) (level_words(visit, &plan.channel, plan.level)) } } }
            }
        }
        section aria-labelledby="measures" {
            h2 id="measures" { (lang.say("指標ごとの値", "By measure")) }
            table {
                thead { tr { th scope="col" { (lang.say("指標", "Measure")) } th scope="col" class="num" { (lang.say("値", "Value")) } th scope="col" class="num" { (lang.say("数", "Counts")) } } }
                tbody { @for figure in asked.beside.rows.iter().filter(|figure| figure.value.is_some()) { tr {
                    th scope="row" { (visit.definition_name(figure.definition)) @if let Some(words) = in_plain_words(lang, figure.definition) { br; span class="small weak" { (words) } } }
                    td class="num" { (value(lang, figure)) }
                    td class="num" { (fraction(figure)) }
                } } }
            }
        }
        p class="small weak" {
            @let open: Vec<&str> = asked.beside.rows.iter().filter(|figure| figure.value.is_none()).map(|figure| visit.definition_name(figure.definition)).collect();
            @if !open.is_empty() { (lang.say("次の指標は、要る記録（手段や窓口の状況）がまだないため出せません: ", "Not known yet for want of records: ")) (open.join("、")) br; }
            (lang.say("「〜」の幅は、未回答がすべて「いいえ」だった場合と「はい」だった場合です。類似団体は、人口の近い同じ種別の団体です。", "A range is what is not known leaves open. Similar bodies are those of the same kind and about the same size."))
            br;
            (lang.say("出典: デジタル庁の公表値と団体の申告（todoke が集計）。同じ紙を作るアドレス（このサイトの中）: ", "Sources: what the Digital Agency published and bodies state. The same sheet, on this site: "))
            span class="address" { (visit.link_of_now()) }
        }
    }
}
