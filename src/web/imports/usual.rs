//! Marks of a counter that were read by their usual meaning, to be read otherwise.

use maud::{Markup, html};

use super::ask;
use crate::domain::readiness::{Level, Scale};
use crate::import::report::MarkCount;
use crate::service::imports::Import;
use crate::service::sessions::Session;
use crate::web::form::secret;

/// Marks at the counter that were read by their usual meaning: that the counter takes a procedure is another thing
/// than that nobody needs to write there, and a ○ or a × may mean either.
pub(super) fn marks(import: &Import) -> Markup {
    /// The fields stand behind those of the questions, in one form with them or in one of their own.
    const BEHIND: usize = 1_000;
    let marks = import.report.understood.iter().filter(|one| one.usual_on == Some(Scale::Counter));
    let marks: Vec<(usize, &MarkCount)> = (BEHIND..).zip(marks).collect();
    html! {
        @if !marks.is_empty() {
            h3 id="usual" { "窓口の印の読み方を確かめてください" }
            p { "窓口の段階は、住民が「書かない」で済むかどうかです（段階0 は、窓口で受け付けていて、紙に手書きする）。窓口で受け付けているか・いないかだけの印なら、ここで読み方を変えてください。" }
            @for (at, one) in &marks {
                @let id = format!("usual-{at}");
                div {
                    label for=(id) { "窓口の「" (one.mark) "」（" (one.count) "か所）" }
                    select id=(id) name=(format!("a{at}")) {
                        option value="" { "このまま: " (one.meaning) }
                        @for level in Level::all() { option value=(format!("marks:counter:{}={}", one.mark, level.number())) { "段階" (level) "（" (level.label(Scale::Counter)) "）" } }
                        option value=(format!("marks:counter:{}=nothing", one.mark)) { "窓口については何も述べない（読まない）" }
                    }
                }
            }
        }
    }
}

/// The same in a form of its own, where no question is open.
pub(super) fn form(session: &Session, import: &Import) -> Markup {
    html! {
        @if import.report.understood.iter().any(|one| one.usual_on == Some(Scale::Counter)) {
            section class="block" {
                form method="post" action=(format!("{}/answers", super::paths::address(import.id))) class="sheetlike" {
                    (secret(session))
                    input type="hidden" name=(ask::AGAIN) value="true";
                    (marks(import))
                    p class="go" { button type="submit" { "この読み方で読み直す" } }
                }
            }
        }
    }
}
