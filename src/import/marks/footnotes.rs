//! What footnotes do to the marks they are of.

use super::pieces::{as_written, beside_mark, footnote, tells_done};
use super::plans::is_another_time;
use super::read_cell::CellContext;
use crate::domain::text::fold_mark;

impl CellContext<'_> {
    /// What stands beside the mark of a (folded) cell, or what its footnote says.
    pub(super) fn words_beside(&self, raw: &str, folded: &str) -> Option<String> {
        let of_footnote = || {
            let sign = folded.find(['※', '*', '†', '注']).map(|at| &folded[at..])?;
            self.legend.footnote(footnote(sign.trim_end_matches(')'))?).map(str::to_owned)
        };
        beside_mark(folded).map(|rest| as_written(raw, rest)).or_else(of_footnote)
    }

    /// Whether the footnote of a sign says that a mark for what is offered, or for what is not, is of another time,
    /// as words beside it may.
    pub(super) fn footnote_turns(&self, sign: &str, (offered, not_offered): (bool, bool)) -> bool {
        let text = self.legend.footnote(sign).map(fold_mark).unwrap_or_default();
        // 「審査終了後に通知」 and 「今後の届出に必要」 speak of the way, and not of the offer.
        let text =
            ["終了後", "今後の", "廃止後", "停止中の"].iter().fold(text, |text, way| text.replace(way, ""));
        (offered && (is_another_time(&text, self.today) || tells_end(&text)))
            || (not_offered && tells_done(&text))
    }
}

/// Whether a text says that something has come to an end.
fn tells_end(text: &str) -> bool {
    ["廃止", "終了", "休止", "停止", "中止", "取りやめ", "取り止め"].iter().any(|word| text.contains(word))
}
