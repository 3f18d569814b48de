//! What the words of a cell say beside what the sender says they mean: a product in place of a mark is more than the
//! level that it stands for.

use super::cell::Cell;
use super::meaning::Meaning;
use super::pieces::as_written;
use super::symbols::without_groups;
use crate::domain::readiness::{Level, limits};
use crate::domain::text::clean;

/// Keeps the words of a cell that the sender had to explain: as the system where they name one, else as a note.
/// Words for a state say no more than what they mean.
pub(in crate::import) fn keep_words(
    cell: &mut Cell,
    raw: &str,
    mark: &str,
    names_system: impl Fn(&str) -> bool,
) {
    let offers = match cell.meaning {
        Meaning::Level(level, _) => level > Level::ZERO,
        Meaning::Full | Meaning::Planned(_) => true,
        _ => false,
    };
    let (name, beside) = without_groups(mark);
    let name = name.trim();
    if !offers || cell.system.is_some() || name.is_empty() {
        return;
    }
    let text = |piece: &str, longest| clean(&as_written(raw, piece), longest).ok().flatten();
    if names_system(name) {
        cell.system = text(name, limits::SYSTEM).map(Into::into);
        let beside: Vec<&str> = beside.into_iter().filter(|piece| !piece.trim().is_empty()).collect();
        if cell.note.is_none() && !beside.is_empty() {
            cell.note = text(&beside.join("、"), limits::NOTE).map(Into::into);
        }
    } else if cell.note.is_none() && may_be_name(name) {
        cell.note = text(mark, limits::NOTE).map(Into::into);
    }
}

/// Whether words may name something: neither a few letters that stand for an answer, nor a state.
fn may_be_name(words: &str) -> bool {
    const SHORTEST: usize = 3;
    const STATES: [&str; 29] = [
        "済",
        "未",
        "可",
        "否",
        "中",
        "有",
        "無",
        "完",
        "全",
        "一部",
        "対応",
        "実施",
        "導入",
        "予定",
        "検討",
        "運用",
        "稼働",
        "準備",
        "開始",
        "計画",
        "true",
        "yes",
        "done",
        "start",
        "plan",
        "progress",
        "available",
        "implement",
        "complete",
    ];
    let small = words.to_lowercase();
    let letters = words.chars().filter(|c| c.is_alphabetic()).count();
    letters >= SHORTEST && !STATES.iter().any(|state| small.contains(state))
}
