//! How many applications there were, and how many of them came online.

use super::Layout;
use super::form::whose;
use super::sheet::{CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, Place, Sheet, column};
use super::unknown::{Shape, Wanted};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::dates::FiscalYear;
use crate::domain::number::parse_count;
use crate::domain::text::fold_for_match;
use crate::domain::usage::{ChannelGroup, RecordKey, RecordValue, UsageKey};
use crate::import::headings::{self, Headings};
use crate::import::marks::{Profile, Question};
use crate::import::options::fiscal_year;
use crate::import::records::Record;
use crate::import::resolve::{Bodies, LostZeros, Procedures};
use crate::import::table::{Row, Table, no_rows};
use crate::import::{Fault, Options, Reading};

const TOTAL: &[&str] =
    &["total", "手続総件数", "総件数", "総手続件数", "年間総手続件数", "申請件数", "総申請件数"];
const ONLINE: &[&str] = &[
    "online",
    "うちオンライン数",
    "うちオンライン件数",
    "オンライン件数",
    "オンライン手続件数",
    "オンライン申請件数",
];
const GROUP: &[&str] = &["channel_group", "区分", "件数の区分"];
const APPLICATIONS: &[&str] = &["applications", "件数"];
const YEAR: &[&str] = &["fiscal_year", "年度", "対象年度"];

/// What its headings name besides body and procedure.
const WANTED: &[Wanted] = &[
    Wanted::Field("total", "手続総件数"),
    Wanted::Field("online", "うちオンライン数"),
    Wanted::Field("fiscal_year", "年度"),
    Wanted::Field("applications", "件数"),
    Wanted::Field("municipality_code", "団体コード"),
    Wanted::Field("municipality_name", "団体名"),
];

/// Where things stand in the table.
pub(super) struct Head {
    pub(super) headings: Headings,
    place: Place,
    id: Option<usize>,
    name: Option<usize>,
    year: Option<usize>,
    total: Option<usize>,
    online: Option<usize>,
    group: Option<usize>,
    applications: Option<usize>,
}

/// Finds a procedure and its counts: side by side, or one group in a row.
pub(super) fn find_head(table: &Table, options: &Options) -> Option<Head> {
    let headings = headings::find(table, options, |headings| {
        let head = head_of(headings.clone());
        let procedure = head.id.is_some() || head.name.is_some();
        let counts = head.total.is_some() || (head.group.is_some() && head.applications.is_some());
        if procedure && counts { head.columns().into_iter().flatten().count() } else { 0 }
    })?;
    Some(head_of(headings))
}

/// Whether a text is one of the headings of counts.
pub(super) fn is_heading(text: &str) -> bool {
    let folded = fold_for_match(text);
    [TOTAL, ONLINE, GROUP, APPLICATIONS, YEAR].iter().any(|names| names.contains(&folded.as_str()))
}

fn head_of(headings: Headings) -> Head {
    let find = |names| column(&headings, names);
    Head {
        place: Place::find(&headings),
        id: find(PROCEDURE_ID),
        name: find(PROCEDURE_NAME),
        year: find(YEAR),
        total: find(TOTAL),
        online: find(ONLINE),
        group: find(GROUP),
        applications: find(APPLICATIONS),
        headings,
    }
}

impl Head {
    fn columns(&self) -> [Option<usize>; 11] {
        let [code, name, prefecture, district] = self.place.columns();
        [
            code,
            name,
            prefecture,
            district,
            self.id,
            self.name,
            self.year,
            self.total,
            self.online,
            self.group,
            self.applications,
        ]
    }
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data, a table that does not say whose it is or of which year.
pub(super) fn read(
    table: &Table,
    head: &Head,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    if !head.place.exists() && options.municipality.is_none() {
        return Err(vec![whose()]);
    }
    if head.year.is_none() && options.fiscal_year.is_none() {
        let message = "何年度の件数か分かりません。年度の列を足すか、年度（fiscal_year）を指定してください。";
        let question =
            Question::about_the_file("fiscal_year", "何年度の件数ですか（2025、令和7年度 など）", []);
        return Err(vec![
            Fault::whole("missing_fiscal_year", message).allowing("fiscal_year=2025 など").asking(question),
        ]);
    }
    let mut sheet = Sheet::new(table, &head.headings, catalogue, options);
    let twice = sheet.twice_named(&[
        CODE,
        NAME,
        PREFECTURE,
        PROCEDURE_ID,
        PROCEDURE_NAME,
        YEAR,
        TOTAL,
        ONLINE,
        GROUP,
        APPLICATIONS,
    ]);
    if !twice.is_empty() {
        return Err(twice);
    }
    let rows = sheet.rows();
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let codes = rows.iter().map(|row| head.place.told(row).code);
    let bodies = Bodies::new(catalogue, &options.names, LostZeros::Judged).learn(codes);
    let whose = sheet.whose(&rows, &head.place, &bodies);
    let procedures = Procedures::new(catalogue, &options.names);
    let mut reader = Reader { head, sheet, whose, records: Vec::new(), procedures };
    for row in &rows {
        reader.read_row(&bodies, row);
    }
    let Reader { mut sheet, records, .. } = reader;
    let known = |at| head.columns().contains(&Some(at));
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

struct Reader<'a> {
    head: &'a Head,
    sheet: Sheet<'a>,
    /// The body of all rows, where none says its own.
    whose: Option<BodyIx>,
    records: Vec<(u32, Record)>,
    procedures: Procedures<'a>,
}

impl Reader<'_> {
    fn read_row(&mut self, bodies: &Bodies<'_>, row: &Row) {
        let body = self.whose.or_else(|| self.sheet.body(bodies, row, &self.head.place));
        let procedure = self.procedure(row);
        let year = self.year(row);
        let counts = self.counts(row);
        if let (Some(body), Some(procedure), Some(year), Some(counts)) = (body, procedure, year, counts) {
            for (group, applications) in counts {
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

    fn year(&mut self, row: &Row) -> Option<FiscalYear> {
        let own = self.head.year.filter(|at| !row.cell(*at).trim().is_empty());
        let Some(at) = own else {
            let said = self.sheet.options.fiscal_year;
            if said.is_none() {
                let fault =
                    Fault::whole("missing_fiscal_year", "年度がありません").allowing("2025、令和7年度");
                self.sheet.fault(fault, row, self.head.year.unwrap_or(0));
            }
            return said;
        };
        fiscal_year(row.cell(at)).map_err(|refusal| self.sheet.fault(Fault::of(refusal), row, at)).ok()
    }

    /// The counts of a row; `None` if one was refused.
    fn counts(&mut self, row: &Row) -> Option<Vec<(ChannelGroup, i64)>> {
        if let (None, Some(group), Some(at)) = (self.head.total, self.head.group, self.head.applications) {
            let text = fold_group(row.cell(group));
            let Some(found) = text else {
                let labels: Vec<&str> = ChannelGroup::ALL.iter().map(|group| group.code()).collect();
                let fault = Fault::whole("unknown_code", "件数の区分が分かりません").found(row.cell(group));
                self.sheet.fault(fault.allowing(labels.join(", ")), row, group);
                return None;
            };
            return Some(self.count(row, at)?.map(|count| (found, count)).into_iter().collect());
        }
        let total = self.head.total.map_or(Some(None), |at| self.count(row, at))?;
        let online = self.head.online.map_or(Some(None), |at| self.count(row, at))?;
        if let (Some(total), Some(online), Some(at)) = (total, online, self.head.online)
            && online > total
        {
            let message = format!("オンラインの件数（{online}）が総件数（{total}）より多くなっています");
            let fault = Fault::whole("online_exceeds_total", message).found(row.cell(at));
            self.sheet.fault(fault.allowing(format!("0〜{total}")), row, at);
            return None;
        }
        let counts = [(ChannelGroup::All, total), (ChannelGroup::Online, online)];
        Some(counts.into_iter().filter_map(|(group, count)| Some((group, count?))).collect())
    }

    /// A count; the outer `None` if it was refused.
    fn count(&mut self, row: &Row, at: usize) -> Option<Option<i64>> {
        let text = row.cell(at);
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
    let folded = crate::domain::text::fold_for_match(text);
    match folded.as_str() {
        "オンライン" | "うちオンライン" => Some(ChannelGroup::Online),
        "全体" | "総件数" | "総数" => Some(ChannelGroup::All),
        _ => {
            ChannelGroup::ALL.iter().copied().find(|group| group.code() == folded || group.label() == folded)
        }
    }
}
