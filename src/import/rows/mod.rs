//! Rows below the headings that are no data: totals, titles of sections, headings that stand once
//! more, examples, instructions, footnotes. They are taken out before anything reads the table, so
//! that nothing in them is ever a fault, and each kind is told with its lines.

mod anew;
mod heads;
mod passed;
mod told;
mod words;

use std::cell::OnceCell;
use std::collections::HashSet;

use super::cells::{Naming, fill_down, is_ditto, is_formula_error};
use super::headings::{Headings, is_footnote, is_legend};
use super::marks::{Profile, explained_in_cells};
use super::options::IGNORED;
use super::resolve::{Bodies, LostZeros, Procedures};
use super::table::{Row, SheetFacts, Table};
use super::{Fault, FaultKind, Options};
use crate::domain::catalogue::Catalogue;
use crate::domain::text::{cut, fold_for_match, fold_mark, fold_name};
use anew::{Anew, Begins};
use passed::{MAX_NOTES, Passed};
use told::notes;
pub(super) use words::EXAMPLES;
use words::{
    ENDS_OF_TOTALS, INSTRUCTIONS, RUNNING_NUMBER, TYPES, ends_like_a_count, ends_like_a_rate,
    is_bare_example, is_code, is_counting, is_example, is_general, is_number, is_numbered_page,
    is_running_number, is_share, is_total, is_word_of_colophon, may_be_a_total,
};

/// What was taken out of a table.
#[derive(Debug, Default)]
pub(super) struct SetAside {
    /// What is told of it, in Japanese.
    pub notes: Vec<String>,
    /// Rows that are neither data nor surely something else.
    pub faults: Vec<Fault>,
    /// Titles of sections: line and text.
    pub sections: Vec<(u32, String)>,
    /// How many cells were filled with what stands above them.
    pub filled: usize,
    /// The rows of a table with other headings below: its titles, its headings and what follows.
    pub below: Vec<Row>,
}

/// What a layout takes for a statement besides marks.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Speaks {
    /// An empty cell, so that a row with nothing but a name is data.
    pub empty: bool,
    /// A number, so that a row of numbers is no total by that alone.
    pub numbers: bool,
}

/// Takes the rows that are no data out of a table, and fills what is left where the sender wants that.
///
/// # Errors
///
/// More text than a file may have, once it is filled.
pub(super) fn set_aside(
    table: &mut Table,
    headings: &Headings,
    naming: &Naming,
    (catalogue, options): (&Catalogue, &Options),
    speaks: Speaks,
) -> Result<SetAside, Vec<Fault>> {
    let head: Vec<Row> = table.rows[headings.rows()].to_vec();
    let judge = Judge {
        head: &head,
        numbers: running_numbers(headings),
        naming,
        catalogue,
        own: &options.names,
        left_out: options
            .names
            .iter()
            .filter(|(_, meaning)| meaning == IGNORED)
            .map(|(name, _)| name.as_str())
            .collect(),
        profile: options.profile_over(Profile::default_marks()),
        speaks,
        facts: table.facts.clone(),
        fill: options.fill,
        short_of: table.container.sheet().is_none().then_some(headings.last() + 1),
        names: OnceCell::new(),
    };
    let mut aside = SetAside::default();
    let mut passed: Vec<(Passed, u32, String)> = Vec::new();
    let mut anew = (naming.columns().next().is_some()).then(|| Anew::new(&head, naming));
    let mut remarks = Vec::new();
    let mut begun = false;
    let mut heads: HashSet<u32> = HashSet::new();
    // Titles behind the last row of data: of the table below, if there is one.
    let mut titles: Vec<Row> = Vec::new();
    let mut rows = std::mem::take(&mut table.rows).into_iter();
    table.rows.extend(rows.by_ref().take(headings.next));
    let mut rows = rows.filter(|row| !row.is_empty());
    while let Some(row) = rows.next() {
        match anew.as_mut().map_or(Begins::Nothing, |anew| anew.begins(&row)) {
            Begins::Same => {
                passed.push((Passed::Repeated, row.line, told::told(&row)));
                continue;
            }
            Begins::Nothing => {}
            Begins::Other => {
                let of_it = |line: u32| titles.iter().any(|title| title.line == line);
                passed.retain(|(_, line, _)| !of_it(*line));
                aside.sections.retain(|(line, _)| !of_it(*line));
                aside.below.append(&mut titles);
                aside.below.push(row);
                aside.below.extend(rows.by_ref());
                break;
            }
        }
        let row = anew.as_ref().and_then(|anew| anew.in_order(&row)).unwrap_or(row);
        match judge.of(&row, begun) {
            Verdict::Data => {
                begun = true;
                titles.clear();
                table.rows.push(row);
            }
            Verdict::Head => {
                heads.insert(row.line);
                passed.push((Passed::Head, row.line, judge.name_of(&row).to_owned()));
                table.rows.push(row);
            }
            Verdict::Passed(why) => {
                // A line for itself may be a legend.
                if matches!(why, Passed::Note | Passed::Section) && remarks.len() < MAX_NOTES {
                    let filled = row.cells().map(str::trim).filter(|cell| !cell.is_empty());
                    remarks.extend(filled.map(str::to_owned));
                    remarks.extend(explained_in_cells(row.cells()));
                }
                let text = match why {
                    Passed::LeftOut => judge.name_left_out(&row).to_owned(),
                    _ => told::told(&row),
                };
                if why == Passed::Section {
                    aside.sections.push((row.line, text.clone()));
                    titles.push(row.clone());
                }
                passed.push((why, row.line, text));
            }
            Verdict::Unclear(fault) => aside.faults.push(fault.at_line(row.line)),
        }
    }
    table.remarks.extend(remarks);
    if options.fill {
        aside.filled = fill_down(table, headings, naming, &heads)?;
        passed.extend(judge.drop_filled(table, headings.next, &heads));
    }
    aside.notes = notes(&passed);
    Ok(aside)
}

fn running_numbers(headings: &Headings) -> Vec<usize> {
    headings.all().filter(|(_, text)| is_heading_of_numbers(text)).map(|(at, _)| at).collect()
}

/// Whether a heading is that of a column that numbers the rows: No., 番号.
pub(super) fn is_heading_of_numbers(heading: &str) -> bool {
    RUNNING_NUMBER.contains(&fold_for_match(heading).as_str())
}

/// Whether a text is what totals are called.
pub(super) fn is_called_total(text: &str) -> bool {
    may_be_a_total(text.trim()) && is_total(text)
}

/// Whether a row is nothing but the number of a page: － 1 －, 1/3, P.2.
fn is_page_number(row: &Row, first: &str) -> bool {
    let alone = row.cells().map(str::trim).all(|cell| cell.is_empty() || cell == first);
    alone && is_numbered_page(first)
}

enum Verdict {
    Data,
    /// It names what the rows below are about, and nothing else.
    Head,
    Passed(Passed),
    Unclear(Fault),
}

/// Decides about single rows.
struct Judge<'a> {
    head: &'a [Row],
    numbers: Vec<usize>,
    naming: &'a Naming,
    catalogue: &'a Catalogue,
    /// The sender's own names.
    own: &'a [(String, String)],
    /// Names of rows that the sender wants left out.
    left_out: HashSet<&'a str>,
    profile: Profile,
    speaks: Speaks,
    facts: SheetFacts,
    /// Whether empty cells are filled with what stands above.
    fill: bool,
    /// How many cells a line has, in a text file.
    short_of: Option<usize>,
    /// Made when the first row asks for it: most tables have no such row.
    names: OnceCell<(Bodies<'a>, Procedures<'a>)>,
}

impl Judge<'_> {
    fn of(&self, row: &Row, begun: bool) -> Verdict {
        let mut filled = row.cells().enumerate().map(|(at, cell)| (at, cell.trim()));
        let Some((at, first)) = filled.find(|(_, cell)| !cell.is_empty()) else { return Verdict::Data };
        if self.is_exact_total(row, first) {
            return Verdict::Passed(Passed::Total);
        }
        if row.hidden {
            return Verdict::Passed(Passed::Hidden);
        }
        if is_legend(row) || is_footnote(row) || is_page_number(row, first) {
            return Verdict::Passed(Passed::Note);
        }
        // A layout without columns that name something knows its rows itself.
        if self.naming.columns().next().is_none() {
            return Verdict::Data;
        }
        if self.fill && self.is_head(row) {
            return Verdict::Head;
        }
        // A title that is left out leaves out what stands below it; so does a name where it is filled in.
        if !self.fill && self.is_left_out(row) && self.says_nothing(row) != Some(Passed::Section) {
            return Verdict::Passed(Passed::LeftOut);
        }
        if self.is_struck(row) {
            return Verdict::Passed(Passed::Struck);
        }
        let passed = [
            (Passed::Note, begun && self.is_colophon(row, first)),
            (Passed::Repeated, self.repeats_headings(row, at)),
            (Passed::Example, self.is_example(row, first)),
        ];
        if let Some((why, _)) = passed.into_iter().find(|(_, holds)| *holds) {
            return Verdict::Passed(why);
        }
        if let Some(why) = self.says_nothing(row) {
            return Verdict::Passed(why);
        }
        if self.is_total(row, first) {
            return Verdict::Passed(Passed::Total);
        }
        if let Some(label) = self.only_label(row).filter(|_| begun && !self.fill) {
            return Verdict::Unclear(self.nameless(label));
        }
        if begun { Verdict::Data } else { self.instruction(row) }
    }

    /// What a row of a list of procedures says in place of the name of one: 前回比 under 分野.
    fn only_label<'r>(&self, row: &'r Row) -> Option<&'r str> {
        let first = self.naming.procedure.iter().min()?;
        let named = self.naming.columns().any(|at| !row.cell(at).trim().is_empty());
        let mut before = (0..*first).filter(|at| !self.numbers.contains(at)).map(|at| row.cell(at).trim());
        let label = before.find(|text| !text.is_empty()).filter(|_| !named)?;
        let says = self.is_mark(label) || is_number(label) || is_ditto(label) || is_formula_error(label);
        (!says).then_some(label)
    }

    /// A row that may be about something else than a procedure, or lacks the name of one.
    fn nameless(&self, label: &str) -> Fault {
        let message = format!(
            "手続名がなく、「{}」とだけある行です。合計や参考の行なら取り込まないと指定し、手続の行なら手続名を書いてください",
            cut(label, 40)
        );
        let fault = Fault::whole("row_without_name", message).of_kind(FaultKind::RowWithoutName);
        fault.found(label).allowing("手続ID（例 kosodate-01）、または手続一覧の手続名")
    }

    /// The name for which it is left out, if it is.
    fn name_left_out<'r>(&self, row: &'r Row) -> &'r str {
        let channel = self.naming.channel.map(|at| row.cell(at).trim());
        channel.filter(|text| self.left_out.contains(fold_name(text).as_str())).unwrap_or(self.name_of(row))
    }

    /// The name of its procedure, or of its body.
    fn name_of<'r>(&self, row: &'r Row) -> &'r str {
        let columns = self.naming.procedure.iter().chain(&self.naming.body).rev();
        let mut named = columns.map(|at| row.cell(*at).trim()).chain(self.only_label(row));
        named.find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// Whether the sender wants the rows of its procedure, its body or its channel left out.
    fn is_left_out(&self, row: &Row) -> bool {
        if self.left_out.is_empty() {
            return false;
        }
        let has = |text: &str| self.left_out.contains(fold_name(text).as_str());
        let columns = self.naming.procedure.iter().chain(&self.naming.body).chain(&self.naming.channel);
        let mut named = columns.map(|at| row.cell(*at).trim()).chain(self.only_label(row));
        let prefecture = self.naming.prefecture.map_or("", |at| row.cell(at).trim());
        // A row that names no other body may be about the prefecture itself.
        let alone = self.naming.body.iter().all(|at| row.cell(*at).trim().is_empty());
        (alone && !self.naming.body.is_empty() && has(prefecture))
            || named.any(|text| !text.is_empty() && (has(text) || has(&format!("{prefecture}{text}"))))
    }

    /// Whether what it is about was struck through (見え消し): then the whole row is.
    fn is_struck(&self, row: &Row) -> bool {
        let columns = match self.naming.procedure.as_slice() {
            [] => &self.naming.body,
            procedure => procedure,
        };
        let empty = || columns.iter().all(|at| row.cell(*at).trim().is_empty());
        columns.iter().any(|at| self.facts.is_struck(row.line, *at)) && empty()
    }

    /// Who made the table and when, below it.
    fn is_colophon(&self, row: &Row, first: &str) -> bool {
        // 山田 beside 作成者 is a name, and one of a town.
        let in_place_of_a_name = || {
            let mut named = self.naming.columns().map(|at| row.cell(at).trim());
            named.any(is_word_of_colophon) && self.others(row).next().is_none()
        };
        self.labels(row, first).any(is_word_of_colophon)
            && (!self.names_something(row) || in_place_of_a_name())
    }

    /// The cells that name what the row is about, and the first one.
    fn labels<'r>(&self, row: &'r Row, first: &'r str) -> impl Iterator<Item = &'r str> {
        self.naming.columns().map(|at| row.cell(at).trim()).chain([first]).filter(|text| !text.is_empty())
    }

    fn is_exact_total(&self, row: &Row, first: &str) -> bool {
        self.labels(row, first).any(is_called_total)
    }

    /// A total or a rate under a name of its own: it names no body and no procedure, and holds
    /// nothing but numbers.
    fn is_total(&self, row: &Row, first: &str) -> bool {
        let mut labels = self.labels(row, first);
        // How often each mark stands there is counted below many a table.
        let mut symbols =
            self.naming.columns().map(|at| row.cell(at).trim()).filter(|text| self.is_symbol(text));
        let label = labels.find(|text| ends_like_a_count(text)).or_else(|| symbols.next());
        label.is_some_and(|label| {
            // Beside counts, a number under a name that nobody knows is one of them, but for a rate.
            let is_rate = || {
                ends_like_a_rate(label) && self.others(row).all(|(_, text)| text == label || is_share(text))
            };
            !self.names_something(row)
                && (!self.speaks.numbers || is_general(label) || is_rate())
                && !self.is_count_of_a_procedure(label)
                && self.others(row).all(|(_, text)| text == label || is_number(text))
        })
    }

    /// Whether a name is that of a procedure with 件数 behind it.
    fn is_count_of_a_procedure(&self, label: &str) -> bool {
        let stem = ENDS_OF_TOTALS.iter().find_map(|end| label.strip_suffix(end));
        stem.is_some_and(|stem| self.names().1.of_heading(stem.trim_end_matches(['の', '件'])).is_some())
    }

    /// The cells that are neither a running number nor the name of the body or the procedure.
    fn others<'r>(&self, row: &'r Row) -> impl Iterator<Item = (usize, &'r str)> {
        let skipped =
            |at: usize| self.numbers.contains(&at) || self.naming.columns().any(|named| named == at);
        let filled = row.cells().map(str::trim).enumerate().filter(|(_, text)| !text.is_empty());
        filled.filter(move |(at, _)| !skipped(*at))
    }

    /// A title of a section, or a line that was only prepared: nothing is said in it of anything.
    fn says_nothing(&self, row: &Row) -> Option<Passed> {
        let by_procedure = !self.naming.procedure.is_empty();
        let names_body = |at: &usize| self.naming.body.contains(at) || self.naming.prefecture == Some(*at);
        let numbers = |at: &usize, text: &str| self.numbers.contains(at) && is_running_number(text);
        let counts = |(at, text): &(usize, &str)| !(numbers(at, text) || (by_procedure && names_body(at)));
        let mut texts = row.cells().map(str::trim).enumerate().filter(|(_, text)| !text.is_empty());
        if self.is_bare_place(row) {
            return Some(Passed::Section);
        }
        let Some((at, title)) = texts.find(counts) else {
            // A number, or the body of a list of procedures: a line of a form that was left empty.
            let told = self.naming.body.iter().map(|at| row.cell(*at).trim()).find(|text| !text.is_empty());
            let prepared = told.is_none_or(|text| self.names_body(text));
            // A line of text that ends early may have lost what it said.
            if prepared && self.short_of.is_some_and(|width| row.written() < width) {
                return None;
            }
            return Some(if prepared { Passed::Prepared } else { Passed::Section });
        };
        // Most rows say more than one thing.
        if !texts.filter(counts).all(|(_, text)| text == title) {
            return None;
        }
        let speaks = self.is_mark(title)
            || is_number(title)
            || is_ditto(title)
            || is_formula_error(title)
            || (self.speaks.empty && self.naming.columns().any(|column| column == at));
        (!speaks && !self.names_something(row)).then_some(Passed::Section)
    }

    /// Whether a row says nothing but a prefecture and a county: 茨城県 東茨城郡 in tables of statistics.
    fn is_bare_place(&self, row: &Row) -> bool {
        let Some(district) = self.naming.district else { return false };
        let text = row.cell(district).trim();
        let place = [self.naming.prefecture, Some(district)];
        text.ends_with(['郡', '庁', '局'])
            && (0..row.len()).all(|at| place.contains(&Some(at)) || row.cell(at).trim().is_empty())
    }

    /// Whether the row names what it is about: a procedure where there is a column for it, a body
    /// else.
    fn names_something(&self, row: &Row) -> bool {
        let text = |at: &usize| row.cell(*at).trim();
        let procedures = &self.names().1;
        if !self.naming.procedure.is_empty() {
            let mut cells = self.naming.procedure.iter().map(text).filter(|text| !text.is_empty());
            return cells.any(|text| procedures.of_heading(text).is_some());
        }
        let mut cells = self.naming.body.iter().map(text).filter(|text| !text.is_empty());
        cells.any(|text| self.names_body(text))
    }

    fn names_body(&self, text: &str) -> bool {
        is_code(text) || self.names().0.knows_name(text)
    }

    fn names(&self) -> &(Bodies<'_>, Procedures<'_>) {
        self.names.get_or_init(|| {
            (
                Bodies::new(self.catalogue, self.own, LostZeros::Judged),
                Procedures::new(self.catalogue, self.own),
            )
        })
    }

    fn is_mark(&self, text: &str) -> bool {
        self.profile.meaning(&fold_mark(text), None).is_some()
    }

    /// Whether a text is a mark of one character that is no letter and no digit: ○, ×.
    fn is_symbol(&self, text: &str) -> bool {
        let mut chars = text.chars();
        let symbol = chars.next().is_some_and(|c| !c.is_alphanumeric());
        symbol && chars.next().is_none() && self.is_mark(text)
    }

    /// Whether a row says in each of its cells what a row of the headings says there, and in most of
    /// the columns of that row.
    fn repeats_headings(&self, row: &Row, first: usize) -> bool {
        let same = |one: &str, other: &str| one == other || fold_for_match(one) == fold_for_match(other);
        self.head.iter().filter(|head| same(head.cell(first).trim(), row.cell(first).trim())).any(|head| {
            let filled = |row: &Row| row.cells().filter(|cell| !cell.trim().is_empty()).count();
            let equal = (0..row.len())
                .filter(|at| !row.cell(*at).trim().is_empty())
                .all(|at| same(head.cell(at).trim(), row.cell(at).trim()));
            equal && filled(row) >= 2 && filled(row) * 2 >= filled(head)
        })
    }

    fn is_example(&self, row: &Row, first: &str) -> bool {
        self.labels(row, first).any(is_example)
            || (row.contains("記入例") && row.cells().any(is_bare_example))
    }

    /// Instructions right below the headings: surely so where most cells instruct, else a fault.
    fn instruction(&self, row: &Row) -> Verdict {
        let cells: Vec<&str> = row.cells().map(str::trim).filter(|cell| !cell.is_empty()).collect();
        if is_counting(&cells) && !self.names_something(row) {
            return Verdict::Passed(Passed::Instruction);
        }
        let instructs = |text: &&&str| {
            let folded = text.to_lowercase();
            INSTRUCTIONS.iter().any(|word| folded.contains(word))
                || TYPES.contains(&fold_for_match(text).as_str())
                || self.is_choice_of_marks(text)
        };
        let instructing = cells.iter().filter(instructs).count();
        if instructing == 0 || self.names_something(row) {
            return Verdict::Data;
        }
        if instructing * 2 >= cells.len() {
            return Verdict::Passed(Passed::Instruction);
        }
        let message = "見出しのすぐ下のこの行は、記入要領のようで、データとして読めません。行を消して送り直してください";
        Verdict::Unclear(
            Fault::whole("instruction_row", message)
                .found(&cells.join(" "))
                .allowing("見出しの次の行からデータ、または「記入例」「例」で始まる行"),
        )
    }

    /// Whether a text shows the marks there are to choose from: ○／×, ○・△・×.
    fn is_choice_of_marks(&self, text: &str) -> bool {
        let mut parts =
            text.split(['/', '／', '・', '、', ',', '，', ' ', '　']).filter(|part| !part.is_empty());
        let mut several = 0;
        let all = parts.all(|part| {
            several += 1;
            self.is_symbol(part)
        });
        all && several >= 2
    }
}
