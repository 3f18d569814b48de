//! How many applications there were, and how many of them came online.

mod as_of;
mod below;
mod columns;
mod head;
mod open;
mod other_numbers;
mod part;
mod rates;
mod running;
mod ways;

use super::Layout;
use super::head::{Head, Numbers, SaidByTitles};
use super::sheet::{BodyColumns, Sheet, refuse};
use super::unknown::{Shape, Wanted};
use super::usage::head::{APPLICATIONS, GROUP, YEAR};
use super::whose::require_body;
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::FiscalYear;
use crate::domain::number::parse_count;
use crate::domain::text::{cut, fold_for_match};
use crate::domain::usage::{ChannelGroup, RecordKey, RecordValue, UsageKey};
use crate::import::headings::{CODE, Headings, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, pieces_of};
use crate::import::marks::{Profile, Question};
use crate::import::options::fiscal_year;
use crate::import::records::Record;
use crate::import::resolve::{Bodies, Procedures};
use crate::import::rows::Speaks;
use crate::import::table::{Row, Table};
use crate::import::{Fault, Options, Reading};
use columns::{Column, What, factor};
use head::UsageHead;
use open::Blanks;
use rates::rate;
use running::Running;

pub(super) use columns::split_year;
pub(super) use head::{find, is_heading};
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
    refuse([of_the_state(head), units(table, head), years(table, head, options)].concat())?;
    require_body(&sheet, &head.place)?;
    let twice =
        sheet.twice_named(&[CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, YEAR, GROUP, APPLICATIONS]);
    let counts: Vec<_> =
        head.columns.iter().map(|column| (column.at, (column.year, column.what, column.procedure))).collect();
    refuse([twice, sheet.twice(&counts)].concat())?;
    let rows = sheet.rows()?;
    let bodies = sheet.bodies(&rows, &head.place);
    let whose = sheet.whose(&rows, &head.place, &bodies);
    let procedures = Procedures::new(catalogue, &options.names);
    open::ask_about_others(&mut sheet, head, &rows);
    let mut asked = part::ask_about_parts(&mut sheet, &rows, &|at| head.known().any(|known| known == at));
    let known = |at| head.known().any(|known| known == at) || asked.contains(&at);
    let ways = ways::ask_about_ways(&mut sheet, head, &known);
    asked.extend(ways);
    tell_years(&mut sheet, head, table);
    let blanks = Blanks::new(options.profile_over(Profile::default_marks()));
    let (running, of_year) = (Running::new(head.year, &sheet), of_year(table, head));
    let mut reader = Reader { head, sheet, whose, of_year, records: Vec::new(), procedures, blanks, running };
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
    let mut found: Vec<FiscalYear> = table.rows[..head.headings.rows().start]
        .iter()
        .flat_map(Row::cells)
        .filter_map(|cell| split_year(cell).map(|(year, _)| year))
        .collect();
    found.dedup();
    let message = "何年度の件数か分かりません。年度の列を足すか、年度（fiscal_year）を指定してください。";
    let choices =
        found.iter().map(|year| (year.number().to_string(), format!("{year}（表の上に書かれた年度）")));
    let mut question =
        Question::about_the_file("fiscal_year", "何年度の件数ですか（2025、令和7年度 など）", choices);
    question.suggestion = found.first().filter(|_| found.len() == 1).map(|year| year.number().to_string());
    vec![Fault::whole("missing_fiscal_year", message).allowing("fiscal_year=2025 など").asking(question)]
}

/// Which count a heading means that only names a year: what stands above the table may say so.
fn of_year(table: &Table, head: &UsageHead) -> ChannelGroup {
    let above = table.rows[..head.headings.rows().start].iter().flat_map(Row::cells);
    let online = ["オンライン", "電子申請"];
    let says = |cell: &str| online.iter().any(|word| fold_for_match(cell).contains(word));
    if above.into_iter().any(says) { ChannelGroup::Online } else { ChannelGroup::All }
}

/// Tells from which years the counts are read, where the headings say it.
fn tell_years(sheet: &mut Sheet<'_>, head: &UsageHead, table: &Table) {
    let (named, _) = head.years();
    if named.is_empty() {
        return;
    }
    let list: Vec<String> = named.iter().map(ToString::to_string).collect();
    sheet.notes.push(format!("年度は見出しのとおりに読みました: {}", list.join("、")));
    let mut bare = head.columns.iter().filter(|column| column.what == What::OfYear);
    if let Some(first) = bare.next() {
        let group = of_year(table, head);
        let text = head.headings.text(first.at);
        let other = if group == ChannelGroup::All { "うちオンライン数" } else { "手続総件数" };
        let message = format!(
            "見出しに年度のほか件数の種類のない{}列を「{}」として読みました。{other}なら、見出しに書くか columns で指定してください",
            bare.count() + 1,
            group.label(),
        );
        let warning = Fault::whole("count_of_year", message).at_line(head.headings.line);
        sheet
            .warnings
            .push(warning.in_column(first.at, text).suggesting(format!("columns={}={other}", cut(text, 30))));
    }
}

struct Reader<'a> {
    head: &'a UsageHead,
    sheet: Sheet<'a>,
    /// The body of all rows, where none says its own.
    whose: Option<BodyIx>,
    /// What a heading means that only names a year.
    of_year: ChannelGroup,
    records: Vec<(u32, Record)>,
    procedures: Procedures<'a>,
    /// Cells that say no number, and what the sender says of them.
    blanks: Blanks,
    /// Rows of a year that is not over.
    running: Running,
}

/// A count of a row: year, group, number.
type Count = (FiscalYear, ChannelGroup, i64);

impl Reader<'_> {
    fn read_row(&mut self, bodies: &Bodies<'_>, row: &Row) {
        let body = self.whose.or_else(|| self.sheet.body(bodies, row, &self.head.place));
        let mut above: Vec<ProcedureIx> = Vec::new();
        for procedure in self.head.columns.iter().filter_map(|column| column.procedure) {
            if !above.contains(&procedure) {
                above.push(procedure);
            }
        }
        if above.is_empty() {
            let procedure = self.procedure(row);
            let counts = self.counts(row, None);
            self.record_all(row, body, procedure, counts);
        }
        for procedure in above {
            let counts = self.counts(row, Some(procedure));
            self.record_all(row, body, Some(procedure), counts);
        }
    }

    fn record_all(
        &mut self,
        row: &Row,
        body: Option<BodyIx>,
        procedure: Option<ProcedureIx>,
        counts: Option<Vec<Count>>,
    ) {
        if let (Some(body), Some(procedure), Some(counts)) = (body, procedure, counts) {
            for (year, group, applications) in counts {
                self.records.push((row.line, self.record(body, procedure, year, group, applications)));
            }
        }
    }

    fn procedure(&mut self, row: &Row) -> Option<ProcedureIx> {
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at));
        let (id, name) = (text(self.head.id), text(self.head.name));
        self.procedures
            .find(id, name)
            .map_err(|fault| {
                let at = if id.trim().is_empty() { self.head.name.or(self.head.id) } else { self.head.id };
                self.sheet.fault(fault, row, at.unwrap_or(0));
            })
            .ok()
    }

    /// The year of a row, where a column of it or the sender says it.
    fn year(&mut self, row: &Row) -> Option<FiscalYear> {
        let own = self.head.year.filter(|at| !row.cell(*at).trim().is_empty());
        let year = match own {
            Some(at) => fiscal_year(row.cell(at)).map_err(|refusal| (Fault::of(refusal), at)),
            None => self.sheet.options.fiscal_year.ok_or_else(|| {
                let fault = Fault::whole("missing_fiscal_year", "年度がありません");
                (fault.allowing("2025、令和7年度"), self.head.year.unwrap_or(0))
            }),
        };
        let (fault, at) = match year {
            Err(wrong) => wrong,
            Ok(year) => match self.running.fault(year).zip(self.head.year) {
                Some((fault, at)) => (fault.found(row.cell(at)), at),
                None => return Some(year),
            },
        };
        self.sheet.fault(fault, row, at);
        None
    }

    /// The counts of a row, of a procedure above them or of that of the row; `None` if one was refused.
    fn counts(&mut self, row: &Row, above: Option<ProcedureIx>) -> Option<Vec<Count>> {
        let (named, all) = self.head.years();
        let year = if all { None } else { Some(self.year(row)?) };
        if let Some((at, said)) =
            self.head.year.zip(year).filter(|(_, year)| !named.is_empty() && !named.contains(year))
        {
            let message = format!("この行の年度（{said}）が、見出しの年度と違います");
            self.sheet.fault(Fault::whole("other_fiscal_year", message).found(row.cell(at)), row, at);
            return None;
        }
        if let (Some(group), Some(at), Some(year)) = (self.head.group, self.head.applications, year) {
            let Some(found) = fold_group(row.cell(group)) else {
                let labels: Vec<&str> = ChannelGroup::ALL.iter().map(|group| group.code()).collect();
                let fault = Fault::whole("unknown_code", "件数の区分が分かりません").found(row.cell(group));
                self.sheet.fault(fault.allowing(labels.join(", ")), row, group);
                return None;
            };
            return Some(self.count(row, at)?.map(|count| (year, found, count)).into_iter().collect());
        }
        let mut counts: Vec<(usize, Count)> = Vec::new();
        for column in self.head.columns.iter().filter(|column| column.procedure == above) {
            let group = match column.what {
                What::Group(group) => group,
                What::OfYear => self.of_year,
                What::Rate => continue,
            };
            let Some(year) = column.year.or(year) else { continue };
            counts.extend(self.count(row, column.at)?.map(|count| (column.at, (year, group, count))));
        }
        let whole = counts.iter().all(|(at, count)| self.is_part(row, *at, *count, &counts));
        let possible = self.compare_rates(row, (year, above), &counts);
        (whole && possible).then(|| counts.into_iter().map(|(_, count)| count).collect())
    }

    /// Whether a count is no more than all of its year; else its fault is told.
    fn is_part(
        &mut self,
        row: &Row,
        at: usize,
        (year, group, count): Count,
        counts: &[(usize, Count)],
    ) -> bool {
        let all = counts.iter().find(|(_, (other, all, _))| *other == year && *all == ChannelGroup::All);
        let Some((_, (.., total))) = all.filter(|(_, (.., total))| count > *total) else { return true };
        let what = if group == ChannelGroup::Online { "オンライン" } else { group.label() };
        let message = format!("{what}の件数（{count}）が総件数（{total}）より多くなっています");
        let code = if group == ChannelGroup::Online { "online_exceeds_total" } else { "part_exceeds_total" };
        let fault = Fault::whole(code, message).found(row.cell(at)).allowing(format!("0〜{total}"));
        self.sheet.fault(fault, row, at);
        false
    }

    /// Warns of a rate that is another one than the counts beside it give. Whether none is more than
    /// all there is; else its fault is told.
    fn compare_rates(
        &mut self,
        row: &Row,
        (of_row, above): (Option<FiscalYear>, Option<ProcedureIx>),
        counts: &[(usize, Count)],
    ) -> bool {
        let mut possible = true;
        let rates = |column: &&Column| column.what == What::Rate && column.procedure == above;
        for column in self.head.columns.iter().filter(rates) {
            let text = row.cell(column.at).trim();
            let year = column.year.or(of_row);
            let count = |wanted| {
                let of =
                    |(_, (year_of, group, _)): &&(usize, Count)| Some(*year_of) == year && *group == wanted;
                counts.iter().find(of).map(|(_, (.., count))| *count)
            };
            let (total, online) = (count(ChannelGroup::All), count(ChannelGroup::Online));
            if rate(text).is_some_and(|(written, ..)| written > 100.0) {
                let shown =
                    |count: Option<i64>| count.map_or_else(|| "空欄".to_owned(), |count| count.to_string());
                let message = format!(
                    "利用率（{text}）が100%を超えています（オンラインは{}、総件数は{}）",
                    shown(online),
                    shown(total)
                );
                let fault = Fault::whole("percent_range", message).found(text).allowing("0%〜100%");
                self.sheet.fault(fault, row, column.at);
                possible = false;
            } else if let (Some(total), Some(online)) = (total, online)
                && let Some(message) = differing_rate(text, online, total)
            {
                let refusal =
                    Refusal::new("rate_differs", text, message, "the rate is not that of the counts");
                self.sheet.warn(refusal, row, column.at);
            }
        }
        possible
    }

    /// A count; the outer `None` if it was refused.
    fn count(&mut self, row: &Row, at: usize) -> Option<Option<i64>> {
        let text = row.cell(at);
        match self.blanks.read(text, row, at, &self.sheet) {
            Some(Ok(count)) => return Some(count),
            Some(Err(fault)) => {
                self.sheet.fault(fault, row, at);
                return None;
            }
            None => {}
        }
        let refusal = match parse_count(text) {
            Ok(Some(count)) if count < 0 => Refusal::new(
                "negative_count",
                text,
                format!("件数が負の数（{count}）です"),
                "a count below zero",
            )
            .allowed("0以上の整数"),
            Ok(count) => return Some(count),
            Err(refusal) => refusal,
        };
        self.sheet.fault(Fault::of(refusal), row, at);
        None
    }

    fn record(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        fiscal_year: FiscalYear,
        group: ChannelGroup,
        applications: i64,
    ) -> Record {
        let catalogue = self.sheet.catalogue;
        let key = UsageKey {
            municipality: catalogue.body(body).code,
            procedure: catalogue.procedure(procedure).id.clone(),
            fiscal_year,
            group,
        };
        Record { key: RecordKey::Usage(key), value: RecordValue::Applications(applications) }
    }
}

fn fold_group(text: &str) -> Option<ChannelGroup> {
    let folded = fold_for_match(text);
    match folded.as_str() {
        "オンライン" | "うちオンライン" => Some(ChannelGroup::Online),
        "全体" | "総件数" | "総数" => Some(ChannelGroup::All),
        _ => {
            ChannelGroup::ALL.iter().copied().find(|group| group.code() == folded || group.label() == folded)
        }
    }
}
