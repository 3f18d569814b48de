//! How often the procedures of a body are applied for, as blocks of its pages, and the rates that the state published of it.

use maud::{Markup, html};

use super::chart::Bar;
use super::visit::{Seen, Told};
use super::words::{grouped, notes, nothing, percent};
use crate::domain::dates::FiscalYear;
use crate::query::body_usage::BodyUsageView;
use crate::query::usage::PublishedFigureView;

/// How often procedures were applied for, and how much of it came online: those applied for most stand first.
pub(super) fn usage(visit: &Seen, code: &str, told: &Told<BodyUsageView>) -> Markup {
    /// So many procedures are shown; all are in the table that is published.
    const SHOWN: usize = 10;
    let lang = visit.lang;
    let mut rows: Vec<&BodyUsageView> = told.rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.applications));
    let count = |number: Option<u64>| number.map_or_else(|| "－".to_owned(), grouped);
    html! {
        section class="block" aria-labelledby="usage" {
            h2 id="usage" { (lang.say("使われているか（申請の件数）", "Is it used: applications")) }
            @match rows.first() {
                None => { (nothing(lang.say("件数の記録はありません", "No applications were counted"), lang.say("手続ごとの総件数とうちオンラインの件数の表を取り込むと、ここに出ます。", "They stand here once a table of them is imported."))) },
                Some(first) => {
                    @let year = FiscalYear::new(first.fiscal_year).map_or_else(|_| first.fiscal_year.to_string(), |year| year.to_string());
                    table {
                        caption { (lang.say(year, format!("Fiscal year {}", first.fiscal_year))) }
                        thead { tr { th scope="col" { (lang.say("手続", "Procedure")) } th scope="col" class="num" { (lang.say("総件数", "All")) } th scope="col" class="num" { (lang.say("うちオンライン", "Online")) } th scope="col" class="num" { (lang.say("オンライン利用率", "Share")) } } }
                        tbody { @for row in rows.iter().take(SHOWN) { tr {
                            th scope="row" { a href=(visit.link(&format!("/municipalities/{}/readiness/{}", code, row.procedure_id))) { (visit.short_name(&row.procedure_id)) } }
                            td class="num" { (count(row.applications)) }
                            td class="num" { (count(row.online_applications)) }
                            td class="num" { (percent(row.percent)) }
                        } } }
                    }
                    p class="acts" { a href=(format!("/api/v1/usage_tables/{}.csv", code)) { (lang.say("公表用の表（手続名・総件数・オンライン件数・割合）CSV", "Table to publish, CSV")) } a href=(format!("/api/v1/usage_tables/{}.xlsx", code)) { "Excel" } }
                    (notes(visit, &format!("{}{}", rows.len(), lang.say("手続", " procedures")), None, &told.source))
                },
            }
        }
    }
}

/// What the state published of the figures of a body.
pub(super) fn published(visit: &Seen, told: &Told<PublishedFigureView>) -> Markup {
    let lang = visit.lang;
    /// So many rates of use stand open.
    const FEW: usize = 6;
    let table = |rows: &[&PublishedFigureView]| {
        html! {
            table {
                thead { tr {
                    th scope="col" { (lang.say("何の値か", "Of what")) }
                    th scope="col" { (lang.say("年度", "Fiscal year")) }
                    th scope="col" colspan="2" { (lang.say("割合", "Share")) }
                } }
                tbody {
                    @for row in rows {
                        @let name = row.definition.as_deref().map_or_else(|| row.procedure_id.as_deref().map_or("", |id| visit.short_name(id)), |id| visit.definition_name(id));
                        tr {
                            th scope="row" { (name) @if row.definition.is_none() { span class="small weak" { (lang.say("（利用率）", " (usage)")) } } }
                            td { (row.fiscal_year) }
                            td class="bars" { (Bar::of(row.percent.map_or(0, in_tenths)).show()) }
                            td class="num" { @match row.percent { Some(percent) => { (format!("{percent:.1}%")) }, None => { "－" } } }
                        }
                    }
                }
            }
        }
    };
    html! {
        h2 id="published" { (lang.say("国が公表した率", "Rates that the state published")) }
        @if told.rows.is_empty() {
            (nothing(lang.say("公表値の記録はありません", "Nothing is recorded"), lang.say("デジタル庁のダッシュボードの CSV を取り込むと、ここに出ます。", "It stands here once the CSV of the Digital Agency's dashboard is imported.")))
        } @else {
            @let (rates, usage): (Vec<&PublishedFigureView>, Vec<&PublishedFigureView>) = told.rows.iter().partition(|row| row.definition.is_some());
            @if usage.len() <= FEW { (table(&rates.into_iter().chain(usage).collect::<Vec<_>>())) } @else {
                @if !rates.is_empty() { (table(&rates)) }
                details { summary { (lang.say("手続ごとの利用率 ", "Usage by procedure: ")) (usage.len()) (lang.say("件", "")) } (table(&usage)) }
            }
            @if told.rows.iter().any(|row| row.definition.is_none()) {
                p class="small weak" { (lang.say("（利用率）は、申請のうちオンラインで行われたものの割合で、オンラインで受け付けているかどうか（段階）とは別の調査・別の年度の値です。国が手続をまとめて公表したものは、それぞれの手続に同じ値で載ります。", "(usage) is the share of applications that came online: another survey, of another year, than whether a procedure is accepted online. What the state published of procedures together stands at each of them.")) }
            }
            (notes(visit, lang.say("この団体", "This body"), None, &told.source))
        }
    }
}

/// A percentage as the length of a bar.
fn in_tenths(percent: f64) -> u32 {
    // A length of at most a thousand: digits beyond are not seen.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "kept between 0 and 1000")]
    let length = (percent * 10.0).clamp(0.0, 1_000.0) as u32;
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stay_within_the_bar() {
        assert_eq!([-1.0, 0.0, 36.8, 100.0, 250.0].map(in_tenths), [0, 0, 368, 1_000, 1_000]);
    }
}
