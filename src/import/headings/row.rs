//! The headings of a table, and what the sender says of them.

use std::cell::OnceCell;
use std::collections::HashSet;

use super::keys::{is_key, names_a_row};
use super::legend::{are_legends, is_legend_alone, without_legend};
use super::plain::without_ornaments;
use super::spelling::{JOINT, spellings};
use crate::domain::text::fold_for_match;
use crate::import::Options;
use crate::import::table::{Row, Table};

/// The headings of a table.
#[derive(Clone, Debug)]
pub(in crate::import) struct Headings {
    /// Line of the (lower) row of headings.
    pub line: u32,
    /// Position of the first row of headings.
    pub(super) first: usize,
    /// Position of the first row behind them.
    pub next: usize,
    texts: Vec<String>,
    /// How much of some of them stands before the legend of their column, in bytes.
    legends: Vec<(usize, usize)>,
    /// Some of them without what people put around them.
    plain: Vec<(usize, String)>,
    /// What stands before most of them and tells them apart from nothing, in bytes: 「オンライン化状況_」.
    prefix: String,
    /// What some of them mean by the sender's own word, by column; empty where it is to be left out.
    said: Vec<(usize, String)>,
    /// By what each column may be known; made when it is first asked for.
    spelt: OnceCell<Vec<(usize, Vec<String>)>>,
}

impl Headings {
    pub(super) fn new(line: u32, first: usize, next: usize, texts: Vec<String>) -> Self {
        let before = |text: &String| without_legend(text).len();
        let legends = texts.iter().enumerate().map(|(at, text)| (at, before(text)));
        let legends: Vec<(usize, usize)> =
            legends.filter(|(at, length)| *length < texts[*at].len()).collect();
        let before = |at: usize| legends.iter().find(|(other, _)| *other == at).map(|(_, length)| *length);
        let bare =
            texts.iter().enumerate().map(|(at, text)| (at, before(at).map_or(&**text, |to| &text[..to])));
        let plain = bare.filter_map(|(at, text)| Some((at, without_ornaments(text)?))).collect();
        let (prefix, said, spelt) = (String::new(), Vec::new(), OnceCell::new());
        Self { line, first, next, texts, legends, plain, prefix, said, spelt }
    }

    /// The headings of one row.
    pub(in crate::import) fn of_row(at: usize, row: &Row) -> Self {
        Self::new(row.line, at, at + 1, row.cells().map(str::to_owned).collect())
    }

    /// Several rows as one.
    pub(super) fn of_rows(at: usize, rows: &[Row]) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for row in rows {
            texts = joined(&texts, row);
        }
        let line = rows.last().map_or(0, |row| row.line);
        Self::new(line, at, at + rows.len(), texts)
    }

    /// The same with the rows below it into which a heading that names something is merged: these are rows of the
    /// headings as well, and those without words number or explain the columns.
    pub(super) fn with_rows_below(self, rows: &[Row]) -> Self {
        /// More rows are no headings.
        const MOST: usize = 4;
        let goes_on = |at: &usize| rows.get(*at).is_some_and(|row| is_merged_into(&rows[*at - 1], row));
        let next = self.next + (self.next..self.next + MOST).take_while(goes_on).count();
        if next == self.next {
            return self;
        }
        let line = rows[next - 1].line;
        let mut texts = self.texts;
        for row in &rows[self.next..next] {
            let own =
                row.cells().enumerate().filter(|(at, cell)| texts.get(*at).is_none_or(|text| text != cell));
            if own.map(|(_, cell)| cell).any(|cell| cell.contains(char::is_alphabetic)) {
                texts = joined(&texts, row);
            }
        }
        Self::new(line, self.first, next, texts)
    }

    /// The same with the legends of its columns, if a row beside it has them.
    pub(super) fn with_legends(mut self, rows: &[Row]) -> Self {
        let is_legend = |at: &usize| rows.get(*at).is_some_and(are_legends);
        let (above, below) = (self.first.checked_sub(1).filter(is_legend), Some(self.next).filter(is_legend));
        for at in [above, below].into_iter().flatten() {
            let row = &rows[at];
            self.texts.resize(self.texts.len().max(row.len()), String::new());
            let legends = row.cells().map(str::trim).enumerate().filter(|(_, cell)| is_legend_alone(cell));
            for (column, legend) in legends {
                let text = &mut self.texts[column];
                *text = format!("{text}\n{legend}").trim().to_owned();
            }
            let (first, next) = (self.first.min(at), self.next.max(at + 1));
            self = Self::new(self.line.max(row.line), first, next, self.texts);
        }
        self
    }

    /// Headings that a layout put together itself.
    pub(in crate::import) fn of_texts(
        table: &Table,
        rows: std::ops::Range<usize>,
        texts: Vec<String>,
    ) -> Self {
        Self::new(table.rows[rows.end - 1].line, rows.start, rows.end, texts)
    }

    /// The headings of one row that was found otherwise, with what stands above it where it has
    /// none itself.
    pub(in crate::import) fn with_above(table: &Table, at: usize) -> Self {
        let width = table.rows[..=at].iter().map(Row::len).max().unwrap_or(0);
        let lowest = |column| {
            let rows = table.rows[..=at].iter().rev();
            rows.map(|row| row.cell(column)).find(|cell| !cell.trim().is_empty()).unwrap_or_default()
        };
        let texts = (0..width).map(|column| lowest(column).to_owned()).collect();
        Self::new(table.rows[at].line, at, at + 1, texts)
    }

    /// The same with what the sender says of them.
    pub(in crate::import) fn explained(mut self, options: &Options) -> Self {
        if !(options.columns.is_empty() && options.ignore.is_empty()) {
            let said = |column| Some((column, said_of(&self, column, options)?));
            self.said = (0..self.texts.len()).filter_map(said).collect();
            self.spelt = OnceCell::new();
        }
        self
    }

    /// The same where a layout reads what some of them mean in parts, as if these stood in rows of their own.
    pub(in crate::import) fn parted(mut self, parted: Vec<(usize, String)>) -> Self {
        if !parted.is_empty() {
            self.said.splice(0..0, parted);
            self.spelt = OnceCell::new();
        }
        self
    }

    /// Positions of its rows.
    pub(in crate::import) fn rows(&self) -> std::ops::Range<usize> {
        self.first..self.next
    }

    /// Text of a heading as it came; empty where there is none.
    pub(in crate::import) fn text(&self, column: usize) -> &str {
        self.texts.get(column).map_or("", String::as_str)
    }

    /// What a heading means: its text, or what the sender says instead.
    pub(in crate::import) fn meaning(&self, column: usize) -> &str {
        let said = self.said.iter().find(|(at, _)| *at == column);
        said.map_or_else(|| self.bare(column), |(_, meaning)| meaning)
    }

    /// Text of a heading without what stands before most of them or around it, and without the legend of its
    /// column.
    pub(in crate::import) fn bare(&self, column: usize) -> &str {
        let plain = self.plain.iter().find(|(at, _)| *at == column).filter(|_| self.prefix.is_empty());
        if let Some((_, plain)) = plain {
            return plain;
        }
        let text = self.text(column);
        let legend = self.legends.iter().find(|(at, _)| *at == column);
        let text = legend.map_or(text, |(_, length)| &text[..*length]);
        text.strip_prefix(&self.prefix).filter(|rest| !rest.trim().is_empty()).unwrap_or(text)
    }

    /// The same where most headings begin alike, up to a sign that parts them from what they name; `None`
    /// where they do not.
    pub(super) fn without_prefix(&self) -> Option<Self> {
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
    pub(in crate::import) fn all(&self) -> impl Iterator<Item = (usize, &str)> {
        (0..self.texts.len())
            .map(|column| (column, self.meaning(column)))
            .filter(|(_, text)| !text.trim().is_empty())
    }

    /// The first column that is known by one of these folded texts.
    pub(in crate::import) fn column(&self, names: &[&str]) -> Option<usize> {
        let known = |spellings: &[String]| spellings.iter().any(|folded| names.contains(&folded.as_str()));
        self.spelt().iter().find(|(_, spellings)| known(spellings)).map(|(column, _)| *column)
    }

    /// By what each column is known, folded, without those that are empty or left out.
    pub(in crate::import) fn spelt(&self) -> &[(usize, Vec<String>)] {
        self.spelt
            .get_or_init(|| self.all().map(|(column, text)| (column, spellings(text).collect())).collect())
    }

    /// The columns that say what rows are about, if most do: then this can be nothing but headings.
    pub(super) fn plain_keys(&self) -> Option<Vec<usize>> {
        /// Fewer may be chance.
        const LEAST: usize = 3;
        /// So many are no chance, however many columns stand beside them.
        const ENOUGH: usize = 5;
        let spelt = self.spelt();
        let is_key = |spellings: &[String]| spellings.iter().any(|folded| is_key(folded));
        let keys: Vec<usize> =
            spelt.iter().filter(|(_, spellings)| is_key(spellings)).map(|(column, _)| *column).collect();
        let most = keys.len() >= LEAST && keys.len() * 2 >= spelt.len();
        (most || keys.len() >= ENOUGH).then_some(keys)
    }

    /// The name by which a column is told and spoken of: its heading, or its letters where it has none.
    pub(in crate::import) fn name(&self, column: usize) -> String {
        match self.text(column).trim() {
            "" => Self::letters(column),
            text => text.replace('\n', ""),
        }
    }

    /// The letters of a column, by which it may be spoken of: D列.
    pub(in crate::import) fn letters(column: usize) -> String {
        format!("{}列", letters(column))
    }

    /// The same with the columns that the sender wants left out; `None` where there are none.
    pub(super) fn with_left_out(&self) -> Option<Self> {
        let read = |(_, meaning): &&(usize, String)| !meaning.is_empty();
        let said: Vec<(usize, String)> = self.said.iter().filter(read).cloned().collect();
        (said.len() < self.said.len()).then(|| Self { said, spelt: OnceCell::new(), ..self.clone() })
    }

    /// Whether the sender says what a column is, or wants it left out.
    pub(in crate::import) fn is_answered(&self, column: usize) -> bool {
        self.said.iter().any(|(at, _)| *at == column)
    }

    /// Whether the sender wants a column left out.
    pub(in crate::import) fn is_left_out(&self, column: usize) -> bool {
        self.said.iter().any(|(at, meaning)| *at == column && meaning.is_empty())
    }

    /// What the sender says of headings that are not there. A profile may speak of those of other files.
    pub(in crate::import) fn said_in_vain<'o>(&self, options: &'o Options) -> Vec<&'o str> {
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
    pub(super) fn are_distinct(&self) -> bool {
        let mut seen = HashSet::new();
        self.all().all(|(_, text)| seen.insert(text.trim()))
    }

    /// How many tables with the same headings stand beside each other.
    pub(in crate::import) fn side_by_side(&self) -> usize {
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
    pub(in crate::import) fn last(&self) -> usize {
        self.texts.iter().rposition(|text| !text.trim().is_empty()).unwrap_or(0)
    }

    /// The texts of all columns.
    pub(in crate::import) fn into_texts(self) -> Vec<String> {
        self.texts
    }
}

/// Whether a heading that names what a row is about stands in a lower row as well, as a merged cell does.
fn is_merged_into(upper: &Row, lower: &Row) -> bool {
    /// What names something stands in the first columns.
    const COLUMNS: usize = 12;
    let same = |at: &usize| {
        let text = upper.cell(*at).trim();
        !text.is_empty() && text == lower.cell(*at).trim() && names_a_row(text)
    };
    (0..COLUMNS).any(|at| same(&at))
}

/// The letters of a column, as a spreadsheet shows them.
pub(super) fn letters(column: usize) -> String {
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
pub(super) fn keys(headings: &Headings, column: usize) -> Vec<String> {
    let text = headings.text(column);
    let (upper, lower) = (text.split_once(JOINT), text.rsplit_once(JOINT));
    let parts = [upper.map(|(part, _)| part), lower.map(|(_, part)| part)].into_iter().flatten();
    let bare = fold_for_match(headings.bare(column));
    let whole = [fold_for_match(text), bare, fold_for_match(&Headings::letters(column))];
    whole.into_iter().chain(parts.map(fold_for_match)).filter(|key| !key.is_empty()).collect()
}

/// A comma stands between headings, and in some of them.
pub(super) fn pieces(key: &str) -> impl Iterator<Item = &str> {
    key.split([',', '、']).filter(|piece| !piece.is_empty())
}

/// What the sender says of a column: another text, or an empty one where it is to be left out.
pub(super) fn said_of(headings: &Headings, column: usize, options: &Options) -> Option<String> {
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

/// Headings with a row below them: empty cells of the upper row belong to the heading on their left.
pub(super) fn joined(upper: &[String], lower: &Row) -> Vec<String> {
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
