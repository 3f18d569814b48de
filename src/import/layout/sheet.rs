//! What every layout does alike: which rows count, where a fault stands, how days are read.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::Layout;
use super::by_name::ByName;
use super::legend_columns::LegendColumns;
use crate::domain::Refusal;
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::{Dated, Precision};
use crate::domain::file_dates::parse_in_file;
use crate::domain::loose_dates::Purpose;
use crate::domain::text::{cut, fold_for_match, fold_width};
use crate::import::cells::MAX_FAULTS;
use crate::import::fault::InGeneral;
use crate::import::headings::{Headings, remarks_above, rows_above, spellings};
use crate::import::marks::{Question, codes_in_rows, explained_in_cells};
use crate::import::table::{Row, Table, no_rows};
use crate::import::{Fault, Options, PUBLISHED, REASON, Reading};

pub(super) use super::body_columns::BodyColumns;
use super::which_of;
/// The first column whose heading is one of these.
pub(super) fn column(headings: &Headings, names: &[&str]) -> Option<usize> {
    headings.column(names)
}

/// The first column whose heading is one of these and like this.
pub(super) fn column_where(
    headings: &Headings,
    names: &[&str],
    like: impl Fn(&str) -> bool,
) -> Option<usize> {
    let named = |text: &str| spellings(text).any(|folded| names.contains(&folded.as_str()));
    headings.all().find(|(_, text)| named(text) && like(text)).map(|(at, _)| at)
}

/// The fault of tables that stand beside each other: which cell is about what would be guessed.
pub(super) fn side_by_side(headings: &Headings) -> Option<Fault> {
    let tables = headings.side_by_side();
    (tables > 1).then(|| {
        let message = format!(
            "同じ見出しの表が横に{tables}つ並んでいます。右の表を左の表の下に移し、1つの表にして送り直してください。"
        );
        Fault::whole("tables_side_by_side", message).at_line(headings.line)
    })
}

/// Refuses a table that has faults which leave none of its rows readable.
pub(super) fn refuse(faults: Vec<Fault>) -> Result<(), Vec<Fault>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The last day of a column that was read without a word about it.
#[derive(Debug)]
pub(super) struct LastDay {
    pub(super) column: usize,
    pub(super) purpose: Purpose,
    pub(super) text: String,
    pub(super) day: Dated,
}

/// A table that is being read.
pub(super) struct Sheet<'a> {
    pub table: &'a Table,
    pub headings: &'a Headings,
    pub catalogue: &'a Catalogue,
    pub options: &'a Options,
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
    pub notes: Vec<String>,
    /// What must be answered, apart from what the marks mean.
    pub questions: Vec<Question>,
    /// What stands around the table, as it was written: titles, legends, footnotes.
    pub remarks: Vec<String>,
    /// Columns beside the table that explain its marks.
    pub(super) legends: LegendColumns,
    /// Columns that are not read.
    pub unread: Vec<usize>,
    /// Whether it was told that codes were folded.
    pub(super) folded: bool,
    /// How many faults of the last line were told.
    told: (u32, usize),
    /// Words for nothing by column: how many cells, and the first lines.
    nothings: BTreeMap<(usize, String), (usize, Vec<u32>)>,
    /// The last day that was read in each column of days.
    pub(super) last_days: Vec<LastDay>,
    /// The first line that may name a body; looked for when a row names none.
    pub(super) first_named: OnceCell<u32>,
    /// Bodies that rows name by nothing but their names.
    pub(super) by_name: ByName,
}

impl<'a> Sheet<'a> {
    pub(super) fn new(
        table: &'a Table,
        headings: &'a Headings,
        catalogue: &'a Catalogue,
        options: &'a Options,
    ) -> Self {
        let mut remarks = remarks_above(table, headings);
        let told = |remark: &String| format!("ファイルの注記: {}", cut(remark, 200));
        let legends = LegendColumns::find(table, headings);
        let notes = rows_above(table, headings).iter().map(told).chain(legends.note()).collect();
        remarks.extend(legends.texts.iter().cloned());
        let above = &table.rows[..headings.rows().start];
        remarks.extend(above.iter().flat_map(|row| explained_in_cells(row.cells())));
        remarks.extend(codes_in_rows(above.iter().map(Row::cells)));
        remarks.extend(table.remarks.iter().cloned());
        let (faults, warnings) = (Vec::new(), Vec::new());
        let titles = above.iter().flat_map(Row::cells).chain(table.container.sheet());
        let by_name = ByName::below(catalogue, titles);
        Self {
            table,
            headings,
            catalogue,
            options,
            faults,
            warnings,
            notes,
            questions: Vec::new(),
            remarks,
            legends,
            unread: Vec::new(),
            folded: false,
            told: (0, 0),
            nothings: BTreeMap::new(),
            last_days: Vec::new(),
            first_named: OnceCell::new(),
            by_name,
        }
    }

    /// The rows with data.
    ///
    /// # Errors
    ///
    /// There is none.
    pub(super) fn rows(&mut self) -> Result<Vec<&'a Row>, Vec<Fault>> {
        let rows = self.rows_or_none();
        if rows.is_empty() { Err(vec![no_rows()]) } else { Ok(rows) }
    }

    /// The rows with data, for a layout that looks for other faults before it says that there are none.
    pub(super) fn rows_or_none(&mut self) -> Vec<&'a Row> {
        let rows: Vec<&Row> =
            self.table.rows[self.headings.next..].iter().filter(|row| self.is_of_data(row)).collect();
        for row in &rows {
            self.check_width(row);
        }
        rows
    }

    fn is_of_data(&self, row: &Row) -> bool {
        !(row.is_empty() || self.legends.is_all_of(row))
    }

    /// Text files end each line with all its cells; a line that ends early has lost some.
    fn check_width(&mut self, row: &Row) {
        let wanted = self.headings.last() + 1;
        let unheaded = |at: &usize| !(row.cell(*at).trim().is_empty() || self.legends.contains(*at));
        if let Some(at) = (wanted..row.len()).find(unheaded) {
            let fault = match self.table.container.sheet() {
                Some(_) => {
                    let message =
                        "見出しのない列に書かれたセルがあります。見出しを付けるか、この列を消してください";
                    Fault::whole("too_many_cells_in_row", message)
                }
                None => {
                    let message = "見出しより多くのセルがあります（「,」を含む文字は \"…\" で囲みます）";
                    Fault::whole("too_many_cells_in_row", message)
                }
            };
            self.fault(fault.found(row.cell(at)), row, at);
        }
        let text = self.table.container.sheet().is_none();
        if text && row.written() < wanted {
            let message = format!("セルが足りません（見出しは{wanted}列、この行は{}列）", row.written());
            let fault = Fault::whole("too_few_cells_in_row", message).in_general(InGeneral::TooFewCells);
            self.faults.push(fault.allowing("空欄でも「,」で区切る").at_line(row.line));
        }
    }

    /// Puts line, column and heading to a fault.
    pub(super) fn at(&self, fault: Fault, row: &Row, column: usize) -> Fault {
        let heading = match self.headings.text(column).trim() {
            "" => self.headings.name(column),
            text => text.to_owned(),
        };
        fault.at_line(row.line).in_column(column, &heading)
    }

    pub(super) fn fault(&mut self, fault: Fault, row: &Row, column: usize) {
        /// What is wrong so often in one row is told often enough.
        const OF_ROW: usize = 100;
        let (line, told) = self.told;
        self.told = if line == row.line { (line, told + 1) } else { (row.line, 1) };
        if self.told.1 <= OF_ROW && self.faults.len() < MAX_FAULTS {
            self.faults.push(self.at(fault, row, column));
        }
    }

    /// Tells of a row that names another channel than the sender says of the table: what it says itself goes
    /// before.
    pub(super) fn tell_other_channel(&mut self, row: &Row, column: usize) {
        let said = self.options.channel.map_or("", |said| self.catalogue.channel(said).label_ja.as_str());
        let named = row.cell(column).trim();
        let message = format!(
            "接点の指定は{said}ですが、この列に「{}」などとあるため、列のとおりに読みました。指定のとおりに読むには ignore でこの列を外してください",
            cut(named, 40)
        );
        let warning = Refusal::new("other_channel", named, message, "the row names another channel");
        self.warn(warning, row, column);
    }

    /// Whether a fault of the row was told that was read last.
    pub(super) fn is_refused(&self, row: &Row) -> bool {
        self.faults.last().is_some_and(|fault| fault.line == Some(row.line))
    }

    pub(super) fn warn(&mut self, refusal: Refusal, row: &Row, column: usize) {
        if self.warnings.len() < MAX_FAULTS {
            self.warnings.push(self.at(Fault::of(refusal), row, column));
        }
    }

    /// Tells of a word for nothing that is read as an empty cell, once for each column.
    pub(super) fn note_nothing(&mut self, row: &Row, column: usize) {
        let (count, lines) = self.nothings.entry((column, row.cell(column).trim().to_owned())).or_default();
        if lines.last() != Some(&row.line) {
            *count += 1;
            // So many are enough to find them.
            if lines.len() < 10 {
                lines.push(row.line);
            }
        }
    }

    fn tell_nothings(&mut self) {
        for ((column, word), (count, lines)) in std::mem::take(&mut self.nothings) {
            let shown: Vec<String> = lines.iter().map(u32::to_string).collect();
            let more = if count > lines.len() { " など" } else { "" };
            let message = format!(
                "「{word}」は値がないことを表す語と見て、空欄として扱いました（{count}か所: {}行目{more}）",
                shown.join("、")
            );
            let warning = Fault::whole("word_for_nothing", message).found(&word);
            let warning = lines.first().map_or(warning.clone(), |line| warning.at_line(*line));
            self.warnings.push(warning.in_column(column, self.headings.text(column)));
        }
    }

    /// Whether these are the rows that were not taken from a file, with the reasons beside them.
    pub(super) fn is_rest(&self) -> bool {
        self.headings.all().any(|(_, text)| text.trim() == REASON)
    }

    /// Whether this is a form that this program has written.
    pub(super) fn is_template(&self) -> bool {
        self.headings.all().any(|(_, text)| text.trim() == PUBLISHED)
    }

    /// What was read so far of a file with so many rows, without what they say.
    pub(super) fn reading(mut self, layout: Layout, rows: usize) -> Reading {
        self.tell_nothings();
        self.ask_by_name();
        Reading {
            layout: Some(layout),
            container: Some(self.table.container.clone()),
            faults: self.faults,
            warnings: self.warnings,
            questions: self.questions,
            notes: self.notes,
            rows,
            unread: self.unread,
            ..Reading::default()
        }
    }

    /// Faults where several headings mean one thing: each of `roles` is the names of one.
    pub(super) fn twice_named(&self, roles: &[&[&str]]) -> Vec<Fault> {
        // The lower parts of two rows may be alike: 団体／コード and 手続／コード.
        let role = |text: &str| {
            let folded = fold_for_match(text);
            roles.iter().position(|names| names.contains(&folded.as_str()))
        };
        let columns: Vec<(usize, usize)> =
            self.headings.all().filter_map(|(at, text)| Some((at, role(text)?))).collect();
        // What says the same in every row is one column that was repeated.
        let repeats = |(at, role): &(usize, usize)| {
            let mut before = columns.iter().filter(|(other, own)| other < at && own == role);
            before.any(|(other, _)| self.says_the_same(*other, *at))
        };
        let told: Vec<(usize, usize)> = columns.iter().filter(|one| !repeats(one)).copied().collect();
        self.twice(&told)
    }

    /// Whether a column says nothing else than another one.
    fn says_the_same(&self, one: usize, again: usize) -> bool {
        let rows = &self.table.rows[self.headings.next..];
        rows.iter().all(|row| [row.cell(one).trim(), ""].contains(&row.cell(again).trim()))
    }

    /// Faults of headings that stand twice; where one of the two is of an earlier state, which of them is read is asked.
    pub(super) fn twice<K: PartialEq>(&self, columns: &[(usize, K)]) -> Vec<Fault> {
        which_of::faults(self.headings, columns)
    }
}

/// The day that the rows above a table say it is about (「令和６年度末時点」).
pub(super) fn stated_day(above: &[Row]) -> Option<Dated> {
    above.iter().flat_map(Row::cells).find_map(|cell| {
        let folded = fold_width(cell);
        let inner = folded.trim_matches(['(', ')']);
        let inner = inner.strip_suffix("時点").or_else(|| inner.strip_suffix("現在"))?;
        parse_in_file(inner).ok()
    })
}

/// The name of what a whole table is about, as the sender speaks of it.
pub(super) const WHOLE_TABLE: &str = "表";

/// Asks which channel a table is about that names none.
pub(super) fn which_channel(catalogue: &Catalogue) -> Question {
    let choices = catalogue.channels().iter().map(|row| (row.id.to_string(), row.label_ja.clone()));
    Question::about_the_file("channel", "この表はどの接点についてのものですか", choices)
}

/// At what precision a day was meant, in a column that says it.
pub(super) fn at_precision(day: Dated, precision: Option<Precision>) -> Dated {
    precision.map_or(day, |precision| day.at_precision(precision))
}
