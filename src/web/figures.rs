//! One figure of any selection, by any grouping that its definition allows, with its spread and its course.

use actix_web::get;
use maud::{Markup, html};

use super::chart::{At, course, histogram};
use super::filters::{
    Choice, Span, conditions, fields_of_procedures, form, kinds, pages, population, prefectures, scope,
};
use super::frame::Page;
use super::passed::Passed;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{
    fraction, grouped, name_of_group, notes, nothing, percent, range_bar, scroll, tenths, value,
};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::definitions::{DefinitionView, Definitions};
use crate::query::figures::{FigureView, Figures};
use crate::query::trend::{Trend, TrendView};

/// Rows of a page unless another number is asked for.
const ROWS: usize = 100;

#[get("/figures/{definition}")]
pub(super) async fn figures(ctx: Ctx) -> Answer {
    let (visit, passed, _) = Visit::over::<Figures, NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let id = ctx.named("definition").to_owned();
    let asked = Asked::of(&visit, &id, &passed).await?;
    let data = visit.data(&format!("/figures/{id}"), &passed.query());
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let title = visit.definition_name(&id);
            let page = Page::new(visit, title)
                .below("/", lang.say("全国", "Nation"))
                .below("/definitions", lang.say("指標と用語", "Measures and terms"))
                .on("/definitions")
                .with_data(data);
            page.write(&main(visit, &id, &passed, &asked))
        })
        .await
}

/// Everything that the page asks.
struct Asked {
    /// The whole of what was chosen, with how its bodies spread.
    whole: Told<FigureView>,
    rows: Told<FigureView>,
    by: String,
    course: Option<Told<TrendView>>,
    definition: Option<DefinitionView>,
    first: usize,
}

impl Asked {
    async fn of(visit: &Visit<'_>, id: &str, passed: &Passed) -> Result<Self, Problem> {
        let path = format!("/figures/{id}");
        let all = visit.rows::<Definitions>("/definitions", "limit=100").await?.rows;
        let definition = all.into_iter().find(|row| row.id == id);
        let by = passed.get("by").unwrap_or_else(|| usual_grouping(definition.as_ref())).to_owned();
        let listed = passed.clone().or("by", &by).or("limit", &ROWS.to_string());
        let listed = if by == "municipality" { listed.or("sort", "-value,key") } else { listed };
        let rows = visit.rows::<Figures>(&path, &listed.query()).await?;
        let bare = passed.without(&["by", "sort", "limit", "offset", "bins"]);
        let whole = visit.rows::<Figures>(&path, &bare.clone().or("bins", "20").query()).await?;
        let over_time = bare.without(&["compare"]).or("period", "fiscal_year");
        // A figure of one answer has one course; of several parts the reader chooses one first.
        let course = match whole.rows.len() {
            1 => Some(visit.rows::<Trend>(&format!("{path}/trend"), &over_time.query()).await?),
            _ => None,
        };
        let first = passed.get("offset").and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(Self { whole, rows, by, course, definition, first })
    }
}

/// By what a figure is grouped where nothing is said: by prefecture where its definition can.
fn usual_grouping(definition: Option<&DefinitionView>) -> &'static str {
    let codes = definition.map(|definition| definition.by.iter().map(|by| by.code())).into_iter().flatten();
    let codes: Vec<&'static str> = codes.collect();
    if codes.is_empty() || codes.contains(&"prefecture") { "prefecture" } else { codes[0] }
}

fn main(visit: &Seen, id: &str, passed: &Passed, asked: &Asked) -> Markup {
    html! {
        (head(visit, id, passed, asked))
        (form(visit, passed, &choices(visit, asked), &population(visit.lang)))
        (conditions(visit, passed))
        (rows(visit, passed, asked))
        (spread(visit, passed, asked))
        (over_time(visit, passed, asked))
    }
}

fn head(visit: &Seen, id: &str, passed: &Passed, asked: &Asked) -> Markup {
    let lang = visit.lang;
    html! {
        div class="head" {
            h1 { (visit.definition_name(id)) }
            p class="lead" {
                (scope(visit, passed, lang.say("全国の市区町村", "All municipalities"))) (lang.say("では ", ": "))
                @for (at, figure) in asked.whole.rows.iter().enumerate() {
                    @if at > 0 { (lang.say("、", ", ")) }
                    @if asked.whole.rows.len() > 1 { (part_name(visit, figure)) " " }
                    b { (value(lang, figure)) } (lang.say("（", " (")) (fraction(figure)) (lang.say("）", ")"))
                }
                (lang.say("です。", "."))
            }
            p class="small" { (visit.definition_rule(id)) }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ 定義 ", "; definition ")) code { (id) "@" (asked.whole.rows.first().map_or(0, |figure| figure.version)) } }
            p class="acts" {
                a href=(visit.link(&format!("/definitions#{id}"))) { (lang.say("数え方", "How it is counted")) }
                a href=(asked.rows.source.csv()) { "CSV" }
                a href=(asked.rows.source.json()) { "JSON" }
            }
        }
    }
}

/// What one of several values is: a part of the definition, or another definition beside it.
fn part_name(visit: &Seen, figure: &FigureView) -> String {
    let name = visit.definition_name(figure.definition);
    figure.part_label.as_ref().map_or_else(|| name.to_owned(), |part| part.clone())
}

fn choices<'c>(visit: &Seen, asked: &Asked) -> Vec<Choice<'c>> {
    let lang = visit.lang;
    let mut all = Vec::new();
    if let Some(definition) = &asked.definition {
        let name = |ja: &str, en: &str| lang.say(ja, en).to_owned();
        all.push(Choice {
            name: "by",
            label: lang.say("集計単位", "Grouped by"),
            none: lang.say("選ばない（既定）", "As usual"),
            options: definition
                .by
                .iter()
                .map(|by| (by.code().to_owned(), name(by.label(), by.meaning())))
                .collect(),
        });
        if definition.thresholds.len() > 1 {
            let level = |level: &u8| {
                (level.to_string(), lang.say(format!("段階{level}以上"), format!("level {level} and more")))
            };
            all.push(Choice {
                name: "threshold",
                label: lang.say("しきい値", "Threshold"),
                none: lang.say("既定", "As defined"),
                options: definition.thresholds.iter().map(level).collect(),
            });
        }
        if definition.not_applicable.len() > 1 {
            all.push(Choice {
                name: "not_applicable",
                label: lang.say("制度なし", "Not performed"),
                none: lang.say("既定", "As defined"),
                options: definition
                    .not_applicable
                    .iter()
                    .map(|one| (one.code().to_owned(), name(one.label(), one.meaning())))
                    .collect(),
            });
        }
        if definition.parts.len() > 1 {
            all.push(Choice {
                name: "part",
                label: lang.say("結果の1つ", "Part"),
                none: lang.say("すべて", "All"),
                options: definition.parts.iter().map(|code| (code.clone(), code.clone())).collect(),
            });
        }
    }
    all.extend([prefectures(visit, lang), kinds(lang), fields_of_procedures(lang)]);
    all
}

/// Where a row leads, where it is about one thing that has a page.
fn page_of(by: &str, key: &str) -> Option<String> {
    match by {
        "municipality" => Some(format!("/municipalities/{key}")),
        "prefecture" => Some(format!("/prefectures/{key}")),
        "procedure" => Some(format!("/procedures/{key}")),
        _ => None,
    }
}

fn rows(visit: &Seen, passed: &Passed, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let first_by = asked.by.split(',').next().unwrap_or_default();
    let told = &asked.rows;
    let several = told.rows.iter().any(|figure| figure.part.is_some()) || passed.get("compare").is_some();
    let spread = told.rows.iter().any(|figure| figure.median.is_some());
    let own = visit.focus.map(|body| visit.body(body).code.to_string());
    let unknown: u64 = told.rows.iter().map(|figure| figure.unknown).sum();
    html! {
        section class="block" aria-labelledby="rows" {
            h2 id="rows" { (visit.definition_name(told.rows.first().map_or("", |figure| figure.definition))) (lang.say("（内訳）", ", by group")) }
            @if told.rows.is_empty() {
                (nothing(lang.say("この条件に当たるものはありません", "Nothing is chosen by these conditions"), lang.say("条件を減らしてください。", "Drop one of them.")))
            } @else {
                (scroll(lang.say("内訳（表）", "By group (table)"), &html! {
                    table {
                        thead { tr {
                            th scope="col" { (lang.say("集計単位", "Group")) }
                            @if several { th scope="col" { (lang.say("指標・結果", "Measure, part")) } }
                            th scope="col" class="less" { (lang.say("値と不明の幅", "Value and what is open")) }
                            th scope="col" class="num" { (lang.say("値", "Value")) }
                            th scope="col" class="num less" { (lang.say("分子 / 分母", "Counts")) }
                            th scope="col" class="num less" { (lang.say("未回答", "Not known")) }
                            @if spread { th scope="col" class="num less" { (lang.say("団体の中央値", "Median of bodies")) } }
                        } }
                        tbody { @for figure in &told.rows {
                            tr class=[(own.as_deref() == Some(figure.key.as_str())).then_some("own")] {
                                th scope="row" {
                                    @match page_of(first_by, &figure.key) {
                                        Some(page) => { a href=(visit.link(&page)) { (name_of_group(lang, figure)) } },
                                        None => { (name_of_group(lang, figure)) },
                                    }
                                    @if let Some(second) = &figure.label2 { " " span class="small weak" { (second) } }
                                }
                                @if several { td { (part_name(visit, figure)) } }
                                td class="bars less" { (range_bar(figure).mark(tenths(figure.median)).show()) }
                                td class="num" { (value(lang, figure)) }
                                td class="num less" { (fraction(figure)) }
                                td class="num less" { (grouped(figure.unknown)) }
                                @if spread { td class="num less" { (percent(figure.median)) } }
                            }
                        } }
                    }
                }))
                (pages(visit, Span { offset: asked.first, shown: told.rows.len(), all: told.count, limit: passed.get("limit").and_then(|text| text.parse().ok()).unwrap_or(ROWS) }))
                (notes(visit, &scope(visit, passed, lang.say("全国の市区町村", "all municipalities")), Some(&grouped(unknown)), &told.source))
            }
        }
    }
}

/// How the values of single bodies spread.
fn spread(visit: &Seen, passed: &Passed, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let Some(figure) = asked
        .whole
        .rows
        .first()
        .filter(|figure| asked.whole.rows.len() == 1 && figure.bodies.unwrap_or(0) > 1)
    else {
        return html! {};
    };
    html! {
        @if let Some(counts) = &figure.histogram {
            section class="block" aria-labelledby="spread" {
                h2 id="spread" { (lang.say("団体の分布（5ポイントごとの団体数）", "How bodies spread (in steps of 5 points)")) }
                @if let (Some(q1), Some(median), Some(q3)) = (figure.q1, figure.median, figure.q3) {
                    p { (lang.say("中央の団体は", "The median is ")) b { (median) "%" } (lang.say("、半数の団体は", ", half of the bodies lie between ")) (q1) "〜" (q3) (lang.say("%の間です。", "%.")) }
                }
                (histogram(counts, None))
                (notes(visit, &scope(visit, passed, lang.say("全国の市区町村", "all municipalities")), None, &asked.whole.source))
            }
        }
    }
}

fn over_time(visit: &Seen, passed: &Passed, asked: &Asked) -> Markup {
    let lang = visit.lang;
    let Some(told) = &asked.course else { return html! {} };
    html! {
        section class="block" aria-labelledby="course" {
            h2 id="course" { (lang.say("年度末ごとの推移", "At the end of each fiscal year")) }
            (of_trend(visit, told))
            (notes(visit, &scope(visit, passed, lang.say("全国の市区町村", "all municipalities")), None, &told.source))
        }
    }
}

/// A trend as a picture and a table; in words where there is too little of it.
pub(super) fn of_trend(visit: &Seen, told: &Told<TrendView>) -> Markup {
    let lang = visit.lang;
    let known: Vec<&TrendView> = told.rows.iter().filter(|point| point.value_max.is_some()).collect();
    if known.len() < 2 {
        return nothing(
            lang.say("推移を示せるだけの記録がありません", "Too little is recorded to show a course"),
            lang.say(
                "1つの時点の記録だけがあります。次の調査を取り込むと、ここに線が出ます。",
                "There is one moment only. A line stands here once the next survey is imported.",
            ),
        );
    }
    let of_peers = told.rows.iter().any(|point| point.peers_median.is_some());
    let at = |point: &TrendView| At {
        on: point.on,
        value: tenths(point.value),
        band: if of_peers {
            tenths(point.peers_q1).zip(tenths(point.peers_q3))
        } else {
            tenths(point.q1).zip(tenths(point.q3))
        },
        series: point.series,
    };
    let points: Vec<At> = told.rows.iter().map(at).collect();
    let band = if of_peers {
        lang.say("薄い帯は類似団体の中央の半数", "pale: the middle half of similar bodies")
    } else {
        lang.say("薄い帯は団体の中央の半数", "pale: the middle half of the bodies")
    };
    html! {
        p class="small" { (lang.say("線は値、", "Line: the value; ")) (band) (lang.say("。縦は0〜100%。", ". From 0 to 100%.")) }
        (course(&points))
        (scroll(lang.say("推移（表）", "Course (table)"), &html! {
            table {
                thead { tr {
                    th scope="col" { (lang.say("いつ時点", "As of")) }
                    th scope="col" class="num" { (lang.say("値", "Value")) }
                    th scope="col" class="num less" { (lang.say("分子 / 分母", "Counts")) }
                    th scope="col" class="num less" { (lang.say("未回答", "Not known")) }
                    th scope="col" class="num" { @if of_peers { (lang.say("類似団体の中央値", "Median of similar bodies")) } @else { (lang.say("団体の中央値", "Median of bodies")) } }
                } }
                tbody { @for point in &told.rows { tr {
                    th scope="row" class="day" { (point.on) }
                    td class="num" { (percent(point.value)) @if point.value.is_none() { @if let (Some(least), Some(most)) = (point.value_min, point.value_max) { " " span class="weak" { (least) "〜" (most) "%" } } } }
                    td class="num less" { (grouped(point.numerator)) " / " (grouped(point.denominator)) }
                    td class="num less" { (grouped(point.unknown)) }
                    td class="num" { (percent(if of_peers { point.peers_median } else { point.median })) }
                } } }
            }
        }))
    }
}
