//! How often the procedures of a body are applied for, as a block of its page.

use maud::{Markup, html};

use super::visit::{Seen, Told};
use super::words::{grouped, notes, nothing, percent};
use crate::domain::dates::FiscalYear;
use crate::query::body_usage::BodyUsageView;

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
