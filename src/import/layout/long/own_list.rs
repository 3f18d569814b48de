//! Lists of this program's own API that come back as files: their rows that state nothing, and their columns that
//! only say in words what stands beside them.

use crate::import::headings::Headings;
use crate::import::table::Row;

/// Columns of which a row with "true" states nothing, and what is told of such rows.
const UNSTATED: [(&str, &str); 2] = [
    ("no_answer", "未回答の行"),
    ("withdrawn", "取り下げられた行（取り下げるには state を withdrawn とします）"),
];
/// Columns that repeat others in words.
const LABELS: [&str; 2] = ["level_label", "channel_label"];

/// The columns of such a list.
pub(super) struct OwnList {
    unstated: Vec<(usize, &'static str, usize)>,
    labels: Vec<usize>,
}

impl OwnList {
    pub(super) fn find(headings: &Headings) -> Self {
        let at = |name: &str| headings.all().find(|(_, text)| text.trim() == name).map(|(at, _)| at);
        let unstated = UNSTATED.iter().filter_map(|(name, told)| Some((at(name)?, *told, 0)));
        Self { unstated: unstated.collect(), labels: LABELS.iter().filter_map(|name| at(name)).collect() }
    }

    /// Whether a row states nothing, by its own word; it is counted.
    pub(super) fn is_unstated(&mut self, row: &Row) -> bool {
        let is_true = |at: usize| row.cell(at).trim().eq_ignore_ascii_case("true");
        let found = self.unstated.iter_mut().find(|(at, ..)| is_true(*at));
        found.map(|(.., count)| *count += 1).is_some()
    }

    /// Whether a column is one of them.
    pub(super) fn has(&self, column: usize) -> bool {
        self.labels.contains(&column) || self.unstated.iter().any(|(at, ..)| *at == column)
    }

    /// What became of the rows.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let some = self.unstated.iter().filter(|(.., count)| *count > 0);
        some.map(|(_, told, count)| format!("{told}は読み飛ばしました（{count}行）。"))
    }
}
