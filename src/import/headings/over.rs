//! Facts that stand over a table, each beside the word for it: 団体コード beside a code, 団体名 beside a name,
//! 記入日 beside a day. They are no headings, though the words are.

use super::keys::{CHANNEL, CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, is_key};
use super::plain::without_ornaments;
use super::spellings;
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::text::{fold_for_match, fold_width};
use crate::import::table::Row;

/// What a fact is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum FactKind {
    /// The code of the body.
    Code,
    /// The name of the body.
    Name,
    /// The prefecture of the body.
    Prefecture,
    /// The day of the table.
    Day,
}

/// A fact of a row.
#[derive(Clone, Copy, Debug)]
pub(in crate::import) struct Fact<'t> {
    /// What it is of.
    pub kind: FactKind,
    /// What stands beside the word.
    pub value: &'t str,
}

/// A row has no more texts with facts among them.
const TEXTS: usize = 12;
/// Longer text is no word for a fact, in bytes.
const LONGEST: usize = 90;

/// The texts of a row, each once where it was merged over several cells; none where there are more than beside
/// facts.
fn texts(row: &Row) -> Vec<&str> {
    let mut texts: Vec<&str> =
        row.cells().map(str::trim).filter(|text| !text.is_empty()).take(2 * TEXTS).collect();
    texts.dedup();
    if texts.len() > TEXTS { Vec::new() } else { texts }
}

/// What a text is the word for.
fn kind_of(text: &str) -> Option<FactKind> {
    /// Words that stand before the name of whoever fills a form in, folded.
    const NAMES: [&str; 5] = ["回答団体", "回答団体名", "記入団体名", "報告団体名", "貴団体名"];
    /// Words that stand before the day of a table or of what is written in it, folded.
    const DAYS: [&str; 13] = [
        "基準日",
        "調査基準日",
        "調査日",
        "時点",
        "適用日",
        "記入日",
        "記入年月日",
        "回答日",
        "入力日",
        "作成日",
        "作成年月日",
        "報告日",
        "提出日",
    ];
    if text.len() > LONGEST {
        return None;
    }
    let folded =
        fold_for_match(text.trim_matches(|c: char| c.is_whitespace() || ":：■□●【】〔〕[]［］".contains(c)));
    let is = |names: &[&str]| names.contains(&folded.as_str());
    match () {
        () if is(CODE) => Some(FactKind::Code),
        () if is(NAME) || is(&NAMES) => Some(FactKind::Name),
        () if is(PREFECTURE) => Some(FactKind::Prefecture),
        () if is(&DAYS) => Some(FactKind::Day),
        () => None,
    }
}

/// Whether a text may be what stands beside such a word.
fn is_value(kind: FactKind, text: &str) -> bool {
    match kind {
        FactKind::Code => is_code(text),
        FactKind::Name | FactKind::Prefecture => {
            !is_key(&fold_for_match(text)) && kind_of(text).is_none() && !is_code(text)
        }
        FactKind::Day => read_day(text, Purpose::From).is_ok_and(|read| read.dated.is_some()),
    }
}

/// Whether a text has as many digits as a code of a body.
fn is_code(text: &str) -> bool {
    let folded = fold_width(text);
    let digits = folded.trim_start_matches('\'');
    matches!(digits.len(), 5 | 6) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The facts of a row, wherever in it they stand: 団体名 beside 行方市, or 団体名：行方市 in one cell.
pub(in crate::import) fn facts_of(row: &Row) -> Vec<Fact<'_>> {
    let texts = texts(row);
    let beside = |at: usize| {
        let kind = kind_of(texts[at])?;
        let value = texts.get(at + 1).copied().filter(|value| is_value(kind, value))?;
        Some(Fact { kind, value })
    };
    let within = |at: usize| {
        let text = texts[at];
        let (word, value) = text.split_once(['：', ':']).filter(|_| text.len() <= 2 * LONGEST)?;
        let kind = kind_of(word)?;
        Some(Fact { kind, value: value.trim() }).filter(|fact| is_value(kind, fact.value))
    };
    (0..texts.len()).filter_map(|at| beside(at).or_else(|| within(at))).collect()
}

/// Whether a row begins with a fact, and what else stands in it is no heading and no other value of the kind: codes
/// beside each other are those of columns.
pub(in crate::import) fn is_of_facts(row: &Row) -> bool {
    let texts = texts(row);
    let [first, value, rest @ ..] = texts.as_slice() else { return false };
    let Some(kind) = kind_of(first).filter(|kind| is_value(*kind, value)) else { return false };
    // 団体名 may stand over anything; the name of a body beside it ends as names do.
    let named = |text: &str| {
        text.ends_with(['市', '町', '村', '区', '県', '府']) || ["東京都", "北海道"].contains(&text)
    };
    let like = |text: &str| match kind {
        FactKind::Name | FactKind::Prefecture => named(text),
        FactKind::Code | FactKind::Day => is_value(kind, text),
    };
    let clear = like(value);
    let others = || {
        rest.iter()
            .enumerate()
            .filter(|(at, _)| at.checked_sub(1).is_none_or(|at| kind_of(rest[at]).is_none()))
    };
    clear && !others().any(|(_, text)| like(text)) && !rest.iter().any(|text| heads_rows(text))
}

/// Whether a text is the heading of what the rows of a list of procedures are about.
fn heads_rows(text: &str) -> bool {
    let known = [PROCEDURE_ID, PROCEDURE_NAME, CHANNEL];
    let is = |folded: String| known.iter().any(|names| names.contains(&folded.as_str()));
    let plain = || without_ornaments(text);
    text.len() <= LONGEST && (spellings(text).any(is) || plain().is_some_and(|text| spellings(&text).any(is)))
}

/// How many of the first rows of a table stand over its headings, where facts are among them: those above the
/// headings of a list of procedures, or all of a page without a row that `is_data`. Over other data a body
/// beside 団体名 may be a heading itself.
pub(super) fn over(rows: &[Row], is_data: impl Fn(&Row) -> bool) -> usize {
    /// Headings of more columns are those of a list of bodies.
    const COLUMNS: usize = 60;
    let Some(first) = rows.iter().position(is_of_facts) else { return 0 };
    let headed = |row: &Row| row.cells().take(COLUMNS).any(heads_rows);
    match rows[first..].iter().position(headed) {
        Some(below) => first + below,
        None if rows.iter().any(is_data) => 0,
        None => rows.len(),
    }
}
