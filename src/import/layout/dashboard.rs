//! The two files of the Digital Agency's dashboard of 2024-07: rows are items, columns are
//! municipalities, or prefectures, by their names alone, in code order. 25 names belong to more than one body, so
//! the position decides and the name is checked against it.

use super::Layout;
use super::head::{FoundHead, Head};
use super::sheet::Sheet;
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::dates::FiscalYear;
use crate::domain::number::{parse_count, parse_percent};
use crate::domain::text::{cut, fold_for_match, fold_name};
use crate::domain::usage::{FigureKey, PublishedValue, RecordKey, RecordValue, Subject};
use crate::import::cells::Naming;
use crate::import::headings::{Candidates, Headings};
use crate::import::records::Record;
use crate::import::resolve::Procedures;
use crate::import::table::Row;
use crate::import::{Fault, Options, Reading};

/// The publication, as its figures are recorded.
const SOURCE: &str = "digital-agency-dashboard-2024-07";
/// How far down the names are looked for.
const HEADING_ROWS: usize = 5;
/// Columns before the first municipality: group and item.
const LABELS: usize = 2;
/// Groups of items whose shares of online applications are published.
const USAGE_GROUPS: [&str; 2] =
    ["よく使う32手続のオンライン申請利用状況", "子育て・介護の26手続のオンライン申請利用状況"];
/// Groups of items that compare municipalities.
const COMPARISON_GROUPS: [&str; 3] = ["住民サービスのDX", "自治体DXの推進体制等", "自治体業務のDX"];
/// The rates among them, the definitions they are figures of, and what their counts end with.
const RATES: [(&str, &str); 2] =
    [("子育て・介護26手続のオンライン化状況", "da26_rate"), ("よく使う32手続のオンライン化状況", "mic_rate")];
const DENOMINATOR: &str = "（分母）";
const NUMERATOR: &str = "（分子）";
/// The shares of applications are those of 令和4年度, the comparison is of 令和5年度. Neither file
/// says so itself.
const USAGE_YEAR: i32 = 2022;
const COMPARISON_YEAR: i32 = 2023;

/// What a file calls the figure of a definition.
pub fn title_of_figure(definition: &str) -> &str {
    RATES.iter().find(|(_, id)| *id == definition).map_or(definition, |(title, _)| title)
}

/// Where things stand in the file.
struct DashboardHead {
    headings: Headings,
    comparison: bool,
    /// Whether the columns are prefectures.
    prefectures: bool,
}

/// Finds the row of names with known groups of items below it.
pub(super) fn find(candidates: &Candidates<'_>, _: &Catalogue, _: &Options) -> Option<FoundHead> {
    let table = candidates.table;
    let known = |row: &Row, groups: &[&str]| {
        let group = fold_for_match(row.cell(0));
        groups.iter().any(|known| fold_for_match(known) == group)
    };
    let at = table.rows.iter().take(HEADING_ROWS).position(|row| {
        row.len() > LABELS
            && ["", "市区町村名", "都道府県", "都道府県名"].contains(&row.cell(0).trim())
            && row.cell(1).trim().is_empty()
            && row.cells().skip(LABELS).all(|cell| !cell.trim().is_empty())
    })?;
    let below = &table.rows[at + 1..];
    let comparison = below.iter().any(|row| known(row, &COMPARISON_GROUPS));
    let usage = below.iter().any(|row| known(row, &USAGE_GROUPS));
    let prefectures = table.rows[at].cell(0).trim().starts_with("都道府県");
    let headings = || Headings::with_above(table, at);
    let head =
        (comparison || usage).then(|| DashboardHead { headings: headings(), comparison, prefectures })?;
    Some(Ok(Box::new(head)))
}

impl Head for DashboardHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    /// Its columns are bodies.
    fn naming(&self) -> Naming {
        Naming::default()
    }
}

/// Reads the rows below the names.
///
/// # Errors
///
/// No row with data, and names that cannot be laid over the register in code order.
fn read(head: &DashboardHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    let bodies = bodies(head, catalogue)?;
    let own = if head.comparison { COMPARISON_YEAR } else { USAGE_YEAR };
    let year = options.fiscal_year.or(FiscalYear::new(own).ok());
    let year = year.ok_or_else(|| vec![Fault::whole("fiscal_year_range", "年度が範囲外です")])?;
    let rows = sheet.rows()?;
    sheet.notes.push(format!("{}列の団体名を団体コード順の位置で読みました。", bodies.len()));
    if options.fiscal_year.is_none() {
        sheet.notes.push(format!(
            "{year}の値とします（ファイルには年度がありません。fiscal_year の指定で変えられます）。"
        ));
    }
    let procedures = Procedures::new(catalogue, &options.names);
    let mut file = File { sheet, year, bodies, records: Vec::new(), empty: 0, left: Vec::new() };
    for row in &rows {
        let item = fold_for_match(row.cell(1));
        if head.comparison {
            let rate = RATES.iter().find(|(name, _)| fold_for_match(name) == item);
            match rate {
                Some((name, definition)) => file.read_rate(row, counts(&rows, name), definition),
                None => file.leave(row),
            }
        } else {
            match procedures.of_heading(row.cell(1)) {
                Some(procedure) => file.read_share(row, procedure),
                None => file.leave(row),
            }
        }
    }
    Ok(file.reading(rows.len()))
}

/// The rows with denominator and numerator of a rate.
fn counts<'r>(rows: &[&'r Row], rate: &str) -> [Option<&'r Row>; 2] {
    let rate = fold_for_match(rate);
    [DENOMINATOR, NUMERATOR].map(|end| {
        let end = fold_for_match(end);
        rows.iter().copied().find(|row| {
            let item = fold_for_match(row.cell(1));
            item.len() > rate.len() && item.starts_with(&rate) && item.ends_with(&end)
        })
    })
}

/// The bodies of the columns: the register in code order, or a part of it in code order if there is
/// only one way to lay the names over it.
fn bodies(head: &DashboardHead, catalogue: &Catalogue) -> Result<Vec<(usize, BodyIx)>, Vec<Fault>> {
    let headings = &head.headings;
    let names: Vec<(usize, String)> =
        headings.all().filter(|(at, _)| *at >= LABELS).map(|(at, text)| (at, fold_name(text))).collect();
    let register: Vec<(BodyIx, String)> = (0..)
        .zip(catalogue.municipalities())
        .filter(|(_, row)| row.is_prefecture() == head.prefectures)
        .map(|(ix, row)| (ix, fold_name(if head.prefectures { &row.prefecture_name } else { &row.name })))
        .collect();
    let first = lay(names.iter(), register.iter());
    let mut last = lay(names.iter().rev(), register.iter().rev());
    last.reverse();
    let mut faults = Vec::new();
    let mut found = Vec::new();
    for ((at, _), (one, other)) in names.iter().zip(first.into_iter().zip(last)) {
        let text = headings.text(*at);
        let fault = |code, message: String| {
            Fault::whole(code, message).at_line(headings.line).in_column(*at, text).found(text)
        };
        match (one, other) {
            (Some(one), Some(other)) if one == other => found.push((*at, one)),
            (Some(one), Some(other)) => {
                let [one, other] = [one, other].map(|ix| {
                    let row = catalogue.body(ix);
                    format!("{} {}{}", row.code, row.prefecture_name, row.name)
                });
                faults.push(
                    fault("ambiguous_name", "同じ名前の団体が複数あり、位置からも決まりません".to_owned())
                        .allowing(format!("{one} または {other}")),
                );
            }
            _ => faults.push(fault(
                "unknown_name",
                "団体コード順に並んだ団体名として読めません（順番か名前が違います）".to_owned(),
            )),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Lays names over the register, each on the first body of its name behind the one before.
fn lay<'n>(
    names: impl Iterator<Item = &'n (usize, String)>,
    register: impl Iterator<Item = &'n (BodyIx, String)> + Clone,
) -> Vec<Option<BodyIx>> {
    let mut rest = register;
    names
        .map(|(_, name)| {
            let mut ahead = rest.clone();
            let (ix, _) = ahead.find(|(_, known)| known == name)?;
            rest = ahead;
            Some(*ix)
        })
        .collect()
}

struct File<'a> {
    sheet: Sheet<'a>,
    year: FiscalYear,
    bodies: Vec<(usize, BodyIx)>,
    records: Vec<(u32, Record)>,
    empty: usize,
    left: Vec<String>,
}

impl File<'_> {
    /// An item that is no rate of ours.
    fn leave(&mut self, row: &Row) {
        let item = row.cell(1).trim();
        // Counts are read with their rate.
        if ![DENOMINATOR, NUMERATOR].iter().any(|end| item.ends_with(end)) {
            self.left.push(cut(item, 60));
        }
    }

    fn read_share(&mut self, row: &Row, procedure: ProcedureIx) {
        let subject = Subject::Procedure(self.sheet.catalogue.procedure(procedure).id.clone());
        for (at, body) in self.bodies.clone() {
            if let Some(percent) = self.percent(row, at) {
                self.add(
                    row,
                    body,
                    subject.clone(),
                    PublishedValue { percent: Some(percent), ..PublishedValue::default() },
                );
            }
        }
    }

    fn read_rate(&mut self, row: &Row, counts: [Option<&Row>; 2], definition: &str) {
        let subject = Subject::Definition(definition.to_owned());
        for (at, body) in self.bodies.clone() {
            let percent = self.percent(row, at);
            let before = self.sheet.faults.len();
            let [denominator, numerator] = counts.map(|row| row.and_then(|row| self.count(row, at)));
            if self.sheet.faults.len() > before {
                // Without its counts the rate would be another one than was published.
                let fault = Fault::whole("count_refused", "この値の分母か分子が読めません");
                self.sheet.fault(fault.found(row.cell(at)), row, at);
                continue;
            }
            if let (Some(numerator), Some(denominator)) = (numerator, denominator)
                && numerator > denominator
            {
                let message = format!("分子（{numerator}）が分母（{denominator}）より大きくなっています");
                self.sheet.fault(
                    Fault::whole("numerator_exceeds_denominator", message).found(row.cell(at)),
                    row,
                    at,
                );
                continue;
            }
            let value = PublishedValue { percent, numerator, denominator };
            if value != PublishedValue::default() {
                self.add(row, body, subject.clone(), value);
            }
        }
    }

    /// A share; an empty cell and a bare % are none.
    fn percent(&mut self, row: &Row, at: usize) -> Option<i64> {
        let text = row.cell(at);
        let refusal = match parse_percent(text) {
            Ok(None) => {
                self.empty += 1;
                return None;
            }
            Ok(Some(percent)) if (0..=10_000).contains(&percent) => return Some(percent),
            Ok(Some(_)) => {
                Refusal::new("percent_range", text, "割合が0〜100%の外です", "a rate outside 0 to 100 %")
                    .allowed("0%〜100%")
            }
            Err(refusal) => refusal,
        };
        self.sheet.fault(Fault::of(refusal), row, at);
        None
    }

    fn count(&mut self, row: &Row, at: usize) -> Option<i64> {
        match parse_count(row.cell(at)) {
            Ok(Some(count)) if count < 0 => {
                let fault = Fault::whole("negative_count", format!("件数が負の数（{count}）です"));
                self.sheet.fault(fault.found(row.cell(at)).allowing("0以上の整数"), row, at);
                None
            }
            Ok(count) => count,
            Err(refusal) => {
                self.sheet.fault(Fault::of(refusal), row, at);
                None
            }
        }
    }

    fn add(&mut self, row: &Row, body: BodyIx, subject: Subject, value: PublishedValue) {
        let key = FigureKey {
            municipality: self.sheet.catalogue.body(body).code,
            subject,
            fiscal_year: self.year,
            source: SOURCE.to_owned(),
        };
        let record = Record { key: RecordKey::Figure(key), value: RecordValue::Published(value) };
        self.records.push((row.line, record));
    }

    fn reading(self, rows: usize) -> Reading {
        let mut reading = self.sheet.reading(Layout::Dashboard202407, rows);
        if self.empty > 0 {
            reading.notes.push(format!("空欄または % だけの{}か所は「値なし」です。", self.empty));
        }
        if !self.left.is_empty() {
            reading.notes.push(format!("保存しない項目: {}", self.left.join("、")));
        }
        Reading { records: self.records, ..reading }
    }
}
