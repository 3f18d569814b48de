//! Where the headings of a table stand: titles may stand above them, and they may take two rows.

mod candidates;

use std::cell::OnceCell;
use std::collections::HashSet;

use super::Options;
use super::layout::is_key;
use super::table::{Row, Table};
use crate::domain::text::fold_for_match;
pub(super) use candidates::Candidates;

/// What joins the two parts of a heading of two rows.
pub(super) const JOINT: char = '／';
/// Heading of the reasons in a list of rows that were not taken; whoever sends that list again
/// need not take the column out.
pub const REASON: &str = "取り込めなかった理由";
/// Heading of what the state published, beside what the town is asked; not read back.
pub const PUBLISHED: &str = "国公表値（参考）";

/// The headings of a table.
#[derive(Clone, Debug)]
pub(super) struct Headings {
    /// Line of the (lower) row of headings.
    pub line: u32,
    /// Position of the first row of headings.
    first: usize,
    /// Position of the first row behind them.
    pub next: usize,
    texts: Vec<String>,
    /// What stands before most of them and tells them apart from nothing, in bytes: 「オンライン化状況_」.
    prefix: String,
    /// What some of them mean by the sender's own word, by column; empty where it is to be left out.
    said: Vec<(usize, String)>,
    /// By what each column may be known; made when it is first asked for.
    spelt: OnceCell<Vec<(usize, Vec<String>)>>,
}

impl Headings {
    fn new(line: u32, first: usize, next: usize, texts: Vec<String>) -> Self {
        Self { line, first, next, texts, prefix: String::new(), said: Vec::new(), spelt: OnceCell::new() }
    }

    fn of_row(at: usize, row: &Row) -> Self {
        Self::new(row.line, at, at + 1, row.cells().map(str::to_owned).collect())
    }

    /// Several rows as one.
    fn of_rows(at: usize, rows: &[Row]) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for row in rows {
            texts = joined(&texts, row);
        }
        let line = rows.last().map_or(0, |row| row.line);
        Self::new(line, at, at + rows.len(), texts)
    }

    /// Headings that a layout put together itself.
    pub(super) fn of_texts(table: &Table, rows: std::ops::Range<usize>, texts: Vec<String>) -> Self {
        Self::new(table.rows[rows.end - 1].line, rows.start, rows.end, texts)
    }

    /// The headings of one row that was found otherwise, with what stands above it where it has
    /// none itself.
    pub(super) fn with_above(table: &Table, at: usize) -> Self {
        let width = table.rows[..=at].iter().map(Row::len).max().unwrap_or(0);
        let lowest = |column| {
            let rows = table.rows[..=at].iter().rev();
            rows.map(|row| row.cell(column)).find(|cell| !cell.trim().is_empty()).unwrap_or_default()
        };
        let texts = (0..width).map(|column| lowest(column).to_owned()).collect();
        Self::new(table.rows[at].line, at, at + 1, texts)
    }

    /// The same with what the sender says of them.
    pub(super) fn explained(mut self, options: &Options) -> Self {
        if !(options.columns.is_empty() && options.ignore.is_empty()) {
            let said = |column| Some((column, said_of(&self, column, options)?));
            self.said = (0..self.texts.len()).filter_map(said).collect();
            self.spelt = OnceCell::new();
        }
        self
    }

    /// The same where a layout reads some of them in parts, as if these stood in rows of their own; what the
    /// sender says goes before.
    pub(super) fn parted(mut self, parted: Vec<(usize, String)>) -> Self {
        if !parted.is_empty() {
            self.said.extend(parted);
            self.spelt = OnceCell::new();
        }
        self
    }

    /// Positions of its rows.
    pub(super) fn rows(&self) -> std::ops::Range<usize> {
        self.first..self.next
    }

    /// Text of a heading as it came; empty where there is none.
    pub(super) fn text(&self, column: usize) -> &str {
        self.texts.get(column).map_or("", String::as_str)
    }

    /// What a heading means: its text, or what the sender says instead.
    pub(super) fn meaning(&self, column: usize) -> &str {
        let said = self.said.iter().find(|(at, _)| *at == column);
        said.map_or_else(|| self.bare(column), |(_, meaning)| meaning)
    }

    /// Text of a heading without what stands before most of them.
    fn bare(&self, column: usize) -> &str {
        let text = self.text(column);
        text.strip_prefix(&self.prefix).filter(|rest| !rest.trim().is_empty()).unwrap_or(text)
    }

    /// The same where most headings begin alike, up to a sign that parts them from what they name; `None`
    /// where they do not.
    fn without_prefix(&self) -> Option<Self> {
        /// Fewer may be chance.
        const LEAST: usize = 3;
        let texts: Vec<&str> =
            self.texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
        let prefixes = texts.first().into_iter().chain(texts.get(1)).flat_map(|text| {
            let signs = |c: char| {
                matches!(c, '_' | '＿' | '-' | '－' | ':' | '：' | '・' | '.' | ' ' | '\u{3000}' | '\n')
            };
            text.match_indices(signs).map(|(at, sign)| &text[..at + sign.len()])
        });
        // The longest that most have.
        let common = |prefix: &&str| {
            let those =
                texts.iter().filter(|text| text.len() > prefix.len() && text.starts_with(*prefix)).count();
            those >= LEAST && those * 3 >= texts.len() * 2
        };
        let prefix = prefixes.filter(common).max_by_key(|prefix| prefix.len())?.to_owned();
        Some(Self { prefix, spelt: OnceCell::new(), ..self.clone() })
    }

    /// What the headings mean with their columns, without those that are empty or left out.
    pub(super) fn all(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.texts.len())
            .map(|column| (column, self.meaning(column)))
            .filter(|(_, text)| !text.trim().is_empty())
    }

    /// The first column that is known by one of these folded texts.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        let known = |spellings: &[String]| spellings.iter().any(|folded| names.contains(&folded.as_str()));
        self.spelt().iter().find(|(_, spellings)| known(spellings)).map(|(column, _)| *column)
    }

    /// By what each column is known, folded, without those that are empty or left out.
    pub(super) fn spelt(&self) -> &[(usize, Vec<String>)] {
        self.spelt
            .get_or_init(|| self.all().map(|(column, text)| (column, spellings(text).collect())).collect())
    }

    /// The columns that say what rows are about, if most do: then this can be nothing but headings.
    fn plain_keys(&self) -> Option<Vec<usize>> {
        /// Fewer may be chance.
        const LEAST: usize = 3;
        let spelt = self.spelt();
        let is_key = |spellings: &[String]| spellings.iter().any(|folded| is_key(folded));
        let keys: Vec<usize> =
            spelt.iter().filter(|(_, spellings)| is_key(spellings)).map(|(column, _)| *column).collect();
        (keys.len() >= LEAST && keys.len() * 2 >= spelt.len()).then_some(keys)
    }

    /// The name by which a column is told and spoken of: its heading, or its letters where it has none.
    pub(super) fn name(&self, column: usize) -> String {
        match self.text(column).trim() {
            "" => format!("{}列", letters(column)),
            text => text.replace('\n', ""),
        }
    }

    /// Whether the sender wants a column left out.
    pub(super) fn is_left_out(&self, column: usize) -> bool {
        self.said.iter().any(|(at, meaning)| *at == column && meaning.is_empty())
    }

    /// What the sender says of headings that are not there. A profile may speak of those of other files.
    pub(super) fn said_in_vain<'o>(&self, options: &'o Options) -> Vec<&'o str> {
        let columns: Vec<Vec<String>> = (0..self.texts.len()).map(|column| keys(self, column)).collect();
        let there = |key: &str| {
            columns.iter().flatten().any(|known| known == key || pieces(known).any(|piece| piece == key))
        };
        let of_profile =
            |key: &str| options.profile.as_ref().is_some_and(|profile| profile.columns.contains_key(key));
        let said = options.columns.iter().map(|(key, _)| key).chain(&options.ignore);
        said.map(String::as_str).filter(|key| !(there(key) || of_profile(key))).collect()
    }

    /// Whether no heading stands twice.
    fn are_distinct(&self) -> bool {
        let mut seen = HashSet::new();
        self.all().all(|(_, text)| seen.insert(text.trim()))
    }

    /// How many tables with the same headings stand beside each other.
    pub(super) fn side_by_side(&self) -> usize {
        let texts: Vec<&str> = self.all().map(|(_, text)| text.trim()).collect();
        let repeats = |times: &usize| {
            let width = texts.len() / times;
            width >= 2
                && texts.len().is_multiple_of(*times)
                && texts.chunks(width).all(|part| part == &texts[..width])
        };
        (2..=4).find(repeats).unwrap_or(1)
    }

    /// The last column with a heading.
    pub(super) fn last(&self) -> usize {
        self.texts.iter().rposition(|text| !text.trim().is_empty()).unwrap_or(0)
    }

    /// The texts of all columns.
    pub(super) fn into_texts(self) -> Vec<String> {
        self.texts
    }
}

/// The letters of a column, as a spreadsheet shows them.
fn letters(column: usize) -> String {
    let mut rest = column + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or_default()));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// By what a sender may speak of a column, folded: its whole heading, its letters, its upper and
/// its lower part.
fn keys(headings: &Headings, column: usize) -> Vec<String> {
    let text = headings.text(column);
    let (upper, lower) = (text.split_once(JOINT), text.rsplit_once(JOINT));
    let parts = [upper.map(|(part, _)| part), lower.map(|(_, part)| part)].into_iter().flatten();
    let bare = fold_for_match(headings.bare(column));
    let whole = [fold_for_match(text), bare, fold_for_match(&format!("{}列", letters(column)))];
    whole.into_iter().chain(parts.map(fold_for_match)).filter(|key| !key.is_empty()).collect()
}

/// A comma stands between headings, and in some of them.
fn pieces(key: &str) -> impl Iterator<Item = &str> {
    key.split([',', '、']).filter(|piece| !piece.is_empty())
}

/// What the sender says of a column: another text, or an empty one where it is to be left out.
fn said_of(headings: &Headings, column: usize, options: &Options) -> Option<String> {
    let keys = keys(headings, column);
    let left_out = |key: &String| {
        let pieces: Vec<&str> = pieces(key).collect();
        !pieces.is_empty() && options.ignore.windows(pieces.len()).any(|some| some == pieces)
    };
    if keys.iter().any(left_out) {
        return Some(String::new());
    }
    let meaning = |key: &String| options.columns.iter().find(|(heading, _)| heading == key);
    let (key, meaning) = keys.iter().find_map(meaning)?;
    let text = headings.text(column);
    // What stands above or below goes on to mean what it says.
    let (upper, lower) = (text.split_once(JOINT), text.rsplit_once(JOINT));
    Some(match (upper, lower) {
        // The whole heading, or what is left of it without its beginning.
        _ if keys.iter().take(2).any(|whole| whole == key) => meaning.clone(),
        (Some((above, below)), _) if fold_for_match(above) == *key => format!("{meaning}{JOINT}{below}"),
        (_, Some((above, below))) if fold_for_match(below) == *key => format!("{above}{JOINT}{meaning}"),
        _ => meaning.clone(),
    })
}

/// The parts of a heading of several rows, from above.
pub(super) fn pieces_of(heading: &str) -> impl Iterator<Item = &str> {
    heading.split(JOINT).map(str::trim)
}

/// A heading as it is, and its lower part.
pub(super) fn parts(heading: &str) -> impl Iterator<Item = &str> {
    /// Longer text is no heading that anything is known by.
    const LONGEST: usize = 600;
    let known = Some(heading).filter(|heading| heading.len() <= LONGEST);
    known.into_iter().chain(known.and_then(|heading| Some(heading.rsplit_once(JOINT)?.1)))
}

/// The texts under which a heading may be known, folded.
pub(super) fn spellings(heading: &str) -> impl Iterator<Item = String> {
    // 目標 over 時期 is 目標時期.
    let whole = parts(heading).next().filter(|text| text.contains(JOINT));
    let whole = whole.map(|text| fold_for_match(&text.replace(JOINT, "")));
    let own = |part| std::iter::once(fold_for_match(part)).chain(in_snake_case(part));
    parts(heading).flat_map(move |part| own(part).chain(without_dashes(part))).chain(whole)
}

/// A Japanese heading without what data sets put between its words: 手続_ID is 手続ID.
fn without_dashes(heading: &str) -> Option<String> {
    let joined = heading.contains('_') && !heading.is_ascii();
    joined.then(|| fold_for_match(&heading.replace('_', "")))
}

/// An English heading as our own are written: `municipalityCode` and `Municipality Code` are
/// `municipality_code`.
fn in_snake_case(heading: &str) -> Option<String> {
    let text = heading.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -_".contains(&byte)) {
        return None;
    }
    let mut snake = String::with_capacity(text.len() + 4);
    let mut before = '_';
    for c in text.chars() {
        let c = if matches!(c, ' ' | '-') { '_' } else { c };
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        before = c;
    }
    Some(snake)
}

/// Whether a column is one of ours that is written for people and not read.
pub(super) fn is_for_people(heading: &str) -> bool {
    [REASON, PUBLISHED].contains(&heading.trim())
}

/// Headings with a row below them: empty cells of the upper row belong to the heading on their left.
fn joined(upper: &[String], lower: &Row) -> Vec<String> {
    let mut group = "";
    (0..upper.len().max(lower.len()))
        .map(|column| {
            let above = upper.get(column).map_or("", |text| text.trim());
            let below = lower.cell(column).trim();
            if !above.is_empty() {
                group = above;
            }
            let lowest = group.rsplit(JOINT).next().unwrap_or(group);
            match (group, below) {
                (_, "") => above.to_owned(),
                ("", below) => below.to_owned(),
                // A cell that was merged over both rows says the same twice.
                (group, below) if group == below || lowest == below => group.to_owned(),
                (group, below) => format!("{group}{JOINT}{below}"),
            }
        })
        .collect()
}

/// Marks of one character, as rows of data have them and headings do not.
const MARKS: &[&str] = &["○", "〇", "◯", "●", "◎", "×", "✕", "✖", "✗", "△", "▲", "✓", "✔", "☑", "□", "■"];

/// Whether a row holds marks, as rows of data do and headings do not.
pub(super) fn holds_marks(row: &Row) -> bool {
    row.cells().any(|cell| MARKS.contains(&cell.trim().trim_end_matches(['\u{FE0E}', '\u{FE0F}'])))
}

/// What stands above the headings: titles, legends, notes.
pub(super) fn remarks_above(table: &Table, headings: &Headings) -> Vec<String> {
    let first = headings.first;
    let mut seen: Vec<&str> = Vec::new();
    for cell in table.rows[..first].iter().flat_map(Row::cells).map(str::trim) {
        if !cell.is_empty() && !seen.contains(&cell) {
            seen.push(cell);
        }
    }
    /// So many are shown; a form may have a whole page above its table.
    const SHOWN: usize = 20;
    seen.into_iter().take(SHOWN).map(str::to_owned).collect()
}

/// The same by rows: what stands in one row is one remark.
pub(super) fn rows_above(table: &Table, headings: &Headings) -> Vec<String> {
    /// So many are shown.
    const SHOWN: usize = 20;
    let one = |row: &Row| {
        let mut cells: Vec<&str> = row.cells().map(str::trim).filter(|cell| !cell.is_empty()).collect();
        cells.dedup();
        cells.join("　")
    };
    let mut rows: Vec<String> = Vec::new();
    for row in table.rows[..headings.first].iter().map(one).filter(|row| !row.is_empty()) {
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows.truncate(SHOWN);
    rows
}

/// Whether a row below the headings explains the marks, however many cells that takes.
pub(super) fn is_legend(row: &Row) -> bool {
    row.cells().map(str::trim).find(|cell| !cell.is_empty()).is_some_and(|first| first.starts_with("凡例"))
}

/// Whether a text explains a mark: ○：対応済み.
fn explains_mark(text: &str) -> bool {
    let mut chars = text.chars();
    let mark = chars.next().is_some_and(|c| !c.is_alphanumeric());
    mark && matches!(chars.next(), Some('：' | ':'))
}

/// Whether a row below the headings is a footnote.
pub(super) fn is_footnote(row: &Row) -> bool {
    let mut cells = row.cells().map(str::trim).filter(|cell| !cell.is_empty());
    cells.next().filter(|first| cells.all(|cell| cell == *first)).is_some_and(|first| {
        first.starts_with('※')
            || explains_mark(first)
            || ["注）", "注)", "（注", "(注", "注：", "注:", "備考："]
                .iter()
                .any(|mark| first.starts_with(mark))
    })
}
