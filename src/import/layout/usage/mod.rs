//! How many applications there were, and how many of them came online.

mod as_of;
mod below;
pub(super) mod columns;
mod head;
mod of_year;
mod open;
mod other_numbers;
mod part;
mod rates;
mod reader;
mod running;
mod ways;

use super::Layout;
use super::head::{Head, Numbers, SaidByTitles};
use super::sheet::{BodyColumns, Sheet, refuse};
use super::unknown::{Shape, Wanted};
use super::usage::head::{APPLICATIONS, GROUP, YEAR};
use super::whose::require_body;
use crate::domain::dates::FiscalYear;
use crate::domain::text::fold_for_match;
use crate::import::headings::{CODE, Headings, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, pieces_of};
use crate::import::marks::{Profile, Question};
use crate::import::resolve::Procedures;
use crate::import::rows::Speaks;
use crate::import::table::{Row, Table, no_rows};
use crate::import::{Fault, Options, Reading};
use columns::{Column, What, factor, split_year};
use head::UsageHead;
use open::{About, Blanks};
use reader::Reader;
use running::Running;

pub(super) use head::{counts_all, counts_applications, find, find_parts_alone, is_heading};
pub(super) use other_numbers::calls_counts;
pub(super) use rates::differing_rate;

/// What its headings name besides body and procedure.
const WANTED: &[Wanted] = &[
    Wanted::Field("total", "手続総件数"),
    Wanted::Field("online", "うちオンライン数"),
    Wanted::Field("fiscal_year", "年度"),
    Wanted::Field("applications", "件数"),
    Wanted::Field("municipality_code", "団体コード"),
    Wanted::Field("municipality_name", "団体名"),
];
/// Headings that only the state's own list of procedures has beside counts: those are the nation's.
const OF_THE_STATE: &[&str] = &[
    "所管府省庁",
    "所管省庁",
    "所管府省",
    "所管府省庁名",
    "府省庁",
    "府省庁名",
    "府省名",
    "法令名",
    "法令名称",
];

impl Head for UsageHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    fn body_columns(&self) -> BodyColumns {
        self.place
    }

    fn learns_names(&self) -> bool {
        true
    }

    fn name_at(&mut self, column: usize) {
        self.place.name = Some(column);
    }

    /// The rates, which follow from the counts.
    fn compared(&self) -> Vec<usize> {
        let rates = self.columns.iter().filter(|column| column.what == What::Rate);
        rates.map(|column| column.at).collect()
    }

    fn speaks(&self) -> Speaks {
        Speaks { numbers: true, ..Speaks::default() }
    }

    fn said_by_titles(&self) -> SaidByTitles {
        SaidByTitles { body: !self.place.exists(), year: true, ..SaidByTitles::default() }
    }

    fn may_be_of_the_sender(&self) -> bool {
        true
    }

    fn numbers(&self) -> Option<Numbers> {
        self.is_told_by_channels().then(|| Numbers {
            columns: self.counted().collect(),
            levels: Layout::Form,
            counts: Some(Layout::Usage),
        })
    }
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data, a table that does not say whose it is or of which year, counts of the nation, a
/// unit of a thousand.
fn read(head: &UsageHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (table, catalogue, options) = (sheet.table, sheet.catalogue, sheet.options);
    refuse([of_the_state(head), units(table, head)].concat())?;
    require_body(&sheet, &head.place)?;
    let titles = open::titles_of(&sheet);
    let settled = UsageHead { columns: of_year::settled(head, &titles), ..head.clone() };
    let rows = sheet.rows_or_none();
    let others = open::others(&sheet, head, &rows);
    // What is asked about a column may be that it has another year, or is none of these.
    let years =
        if others.iter().any(|about| about.asks_year) { Vec::new() } else { years(table, head, options) };
    let twice = if others.is_empty() { twice(&settled, &sheet) } else { Vec::new() };
    let whole = [years, twice].concat();
    if !whole.is_empty() || others.iter().any(|about| about.asks_year) {
        return Err(others.into_iter().map(About::alone).chain(whole).collect());
    }
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let bodies = sheet.bodies(&rows, &head.place);
    let whose = sheet.whose(&rows, &head.place, &bodies);
    let procedures = Procedures::new(catalogue, &options.names);
    let open = others.iter().map(|about| about.at).collect();
    others.into_iter().for_each(|about| about.tell(&mut sheet));
    let mut asked = part::ask_about_parts(&mut sheet, &rows, &|at| head.known().any(|known| known == at));
    let known = |at| head.known().any(|known| known == at) || asked.contains(&at);
    let ways = ways::ask_about_ways(&mut sheet, &settled, &known);
    asked.extend(ways);
    of_year::tell_years(&mut sheet, head, &titles);
    let blanks = Blanks::new(options.profile_over(Profile::default_marks()));
    let running = Running::new(head.year, &sheet);
    let mut reader =
        Reader { head: &settled, open, sheet, whose, records: Vec::new(), procedures, blanks, running };
    for row in &rows {
        reader.read_row(&bodies, row);
    }
    let Reader { mut sheet, records, blanks, running, .. } = reader;
    let running = running.question(&sheet);
    sheet.questions.extend(blanks.finish().chain(running));
    if !head.compared().is_empty() {
        sheet.notes.push("利用率の列は件数と比べるためだけに使い、保存しません。".to_owned());
    }
    let known = |at| head.known().any(|known| known == at) || asked.contains(&at);
    let profile = options.profile_over(Profile::default_marks());
    sheet.unknown_columns(&Shape {
        rows: &rows,
        known: &known,
        marked: &[],
        wanted: WANTED,
        profile: &profile,
    });
    Ok(Reading { records, ..sheet.reading(Layout::Usage, rows.len()) })
}

/// Faults of headings that mean the same: rows would be in conflict with themselves.
fn twice(head: &UsageHead, sheet: &Sheet<'_>) -> Vec<Fault> {
    let roles = [CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, YEAR, GROUP, APPLICATIONS];
    let (named, _) = head.years();
    // A row has no other year than the one that headings or the sender name.
    let only = named.first().copied().filter(|_| named.len() == 1).or(sheet.options.fiscal_year);
    let year = |column: &Column| match column.what {
        What::Rate => column.year,
        _ => column.year.or(only),
    };
    let counts: Vec<_> = head
        .columns
        .iter()
        .map(|column| (column.at, (year(column), column.what, column.procedure)))
        .collect();
    let allowed = "1つの年度に総件数、オンライン数などの列は1つずつ。ほかの列は取り込まない（ignore）か、何年度の何の件数か（columns。例 …=2024年度手続総件数）を指定";
    let counts = sheet.twice(&counts).into_iter().map(|fault| fault.allowing(allowed));
    sheet.twice_named(&roles).into_iter().chain(counts).collect()
}

/// The fault of a table of the nation's counts.
fn of_the_state(head: &UsageHead) -> Vec<Fault> {
    let names = |text: &str| OF_THE_STATE.contains(&fold_for_match(text).as_str());
    let found = head.headings.all().find(|(_, text)| pieces_of(text).any(names));
    let Some((at, text)) = found.filter(|_| !head.place.exists()) else { return Vec::new() };
    let message = "国の手続の調査（府省庁や法令ごとの件数）です。全国の件数で、団体の件数ではないため取り込みません。\
                   自団体の件数の表を送ってください。";
    vec![
        Fault::whole("state_survey", message)
            .at_line(head.headings.line)
            .in_column(at, text)
            .allowing("手続名、手続総件数、うちオンライン数の列のある団体の表"),
    ]
}

/// Faults of units that stand for more than one: the counts would be rounded ones.
fn units(table: &Table, head: &UsageHead) -> Vec<Fault> {
    let message = |unit: &str| {
        format!(
            "件数が「{unit}」単位で書かれています。1件単位の件数に直し、単位の表示を消して送り直してください"
        )
    };
    let above = table.rows[..head.headings.rows().start]
        .iter()
        .flat_map(|row| row.cells().map(move |cell| (row.line, cell)));
    let mut faults: Vec<Fault> = above
        .filter_map(|(line, cell)| {
            Some(Fault::whole("unit_factor", message(&factor(cell)?)).at_line(line).found(cell))
        })
        .take(1)
        .collect();
    let in_headings = head.headings.all().filter_map(|(at, text)| {
        let unit = factor(text)?;
        let fault = Fault::whole("unit_factor", message(&unit)).at_line(head.headings.line);
        Some(fault.in_column(at, text).found(text))
    });
    faults.extend(in_headings);
    faults
}

/// Faults of years: none is known, or the headings name others than the sender.
fn years(table: &Table, head: &UsageHead, options: &Options) -> Vec<Fault> {
    let (named, all) = head.years();
    if let Some(said) = options.fiscal_year.filter(|said| !named.is_empty() && !named.contains(said)) {
        let list: Vec<String> = named.iter().map(ToString::to_string).collect();
        let message = format!("見出しの年度（{}）が、指定された年度（{said}）と違います", list.join("、"));
        return vec![
            Fault::whole("other_fiscal_year", message)
                .at_line(head.headings.line)
                .allowing("fiscal_year の指定を外す（見出しの年度で読みます）、または見出しを直す"),
        ];
    }
    if all || head.year.is_some() || options.fiscal_year.is_some() {
        return Vec::new();
    }
    let above = table.rows[..head.headings.rows().start].iter().flat_map(Row::cells);
    let above = above.filter_map(|cell| Some((split_year(cell)?.0, "表の上")));
    let mut found: Vec<(FiscalYear, &str)> = named.into_iter().map(|year| (year, "見出し")).collect();
    for (year, place) in above {
        if found.iter().all(|(known, _)| *known != year) {
            found.push((year, place));
        }
    }
    let message = "何年度の件数か分かりません。年度の列を足すか、年度（fiscal_year）を指定してください。";
    let choices = found
        .iter()
        .map(|(year, place)| (year.number().to_string(), format!("{year}（{place}に書かれた年度）")));
    let mut question =
        Question::about_the_file("fiscal_year", "何年度の件数ですか（2025、令和7年度 など）", choices);
    question.suggestion =
        found.first().filter(|_| found.len() == 1).map(|(year, _)| year.number().to_string());
    vec![Fault::whole("missing_fiscal_year", message).allowing("fiscal_year=2025 など").asking(question)]
}
