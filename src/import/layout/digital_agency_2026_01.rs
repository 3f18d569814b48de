//! The Digital Agency's list of which body offers which procedure online, published 2026-01.
//!
//! Eleven heading rows with merged cells, names of procedures in the last of them; codes as numbers
//! without their leading zero; rows unsorted; ○ / 〇 / ー / empty; last a count of other procedures
//! (sometimes text) that is reported and not stored.

use std::collections::HashMap;

use super::Layout;
use super::head::{FoundHead, Head};
use super::marked::{Marks, Origin};
use super::sheet::{BodyColumns, Sheet, stated_day};
use super::unknown::{Shape, Wanted};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision};
use crate::domain::readiness::{Evidence, Source};
use crate::domain::text::fold_for_match;
use crate::import::headings::{Candidates, Headings};
use crate::import::marks::{Profile, Question, said};
use crate::import::resolve::{Bodies, LostZeros};
use crate::import::rows::Speaks;
use crate::import::table::{Row, Table};
use crate::import::{Fault, Options, Reading, Statement};

/// The source of the headings in `procedure_aliases.csv`.
const ALIAS_SOURCE: &str = "digital-agency-status-2026-01";
/// So many headings of procedures in one row make it this layout.
const ENOUGH_HEADINGS: usize = 30;
/// What the headings of columns begin with that the list has and nobody needs, folded.
const OF_THE_LIST: &[&str] = &["地域ブロック", "団体名(フリガナ)", "政令市:1"];
/// How far down the heading row is looked for.
const HEADING_ROWS: usize = 40;

/// Where things stand in the sheet.
struct ListHead {
    headings: Headings,
    /// Position of the row with the names of procedures.
    row: usize,
    procedures: Vec<(usize, ProcedureIx)>,
    place: BodyColumns,
    others: Option<usize>,
}

/// Finds the row with the names of procedures and the columns of code and name above it. Others ask
/// about the same procedures under the same names, and their empty cells say nothing: unless the
/// layout was named, a column that only this list has must be there.
pub(super) fn find(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    let table = candidates.table;
    let named = options.layout == Some(Layout::DigitalAgency202601);
    let names: HashMap<String, ProcedureIx> =
        expected(catalogue).map(|(heading, procedure)| (fold_for_match(heading), procedure)).collect();
    let at = table.rows.iter().take(HEADING_ROWS).position(|row| {
        row.cells().filter(|cell| names.contains_key(&fold_for_match(cell))).count() >= ENOUGH_HEADINGS
    })?;
    let headings = Headings::with_above(table, at).explained(options);
    let known = |text: &str| names.get(&fold_for_match(text)).copied().or(catalogue.procedure_ix(text));
    let procedures = headings
        .all()
        .filter(|(column, _)| !table.rows[at].cell(*column).trim().is_empty())
        .filter_map(|(column, text)| Some((column, known(text)?)))
        .collect();
    let column = |heading: &str| {
        table.rows[..=at].iter().find_map(|row| row.cells().position(|cell| fold_for_match(cell) == heading))
    };
    let code = Some(column("コード").or_else(|| column("団体コード"))?);
    let place = BodyColumns {
        code,
        name: column("団体名"),
        prefecture: column("都道府県"),
        ..BodyColumns::default()
    };
    let others = table.rows[at]
        .cells()
        .position(|cell| fold_for_match(cell).starts_with("左記以外のオンライン申請対応手続数"));
    if !(named || others.is_some() || column("地域ブロック").is_some()) {
        return None;
    }
    Some(Ok(Box::new(ListHead { headings, row: at, procedures, place, others })))
}

impl Head for ListHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    /// What is not offered is left empty.
    fn speaks(&self) -> Speaks {
        Speaks { empty: true, ..Speaks::default() }
    }
}

/// The headings of the list, and the procedures they name.
fn expected(catalogue: &Catalogue) -> impl Iterator<Item = (&str, ProcedureIx)> {
    let own = catalogue.aliases().iter().filter(|alias| alias.source == ALIAS_SOURCE);
    own.filter_map(|alias| Some((alias.heading.as_str(), catalogue.procedure_ix(alias.procedure.as_str())?)))
}

/// So many missing procedures can be offered.
const FEW: usize = 5;

/// Faults of procedures that the list has and this table has not, or has twice. Whoever wants to send it
/// without a column says so.
fn wrong_headings(sheet: &Sheet<'_>, head: &ListHead) -> Vec<Fault> {
    let there = |procedure| head.procedures.iter().any(|(_, known)| *known == procedure);
    let consent = |heading: &str| sheet.options.ignore.contains(&fold_for_match(heading));
    let missing =
        expected(sheet.catalogue).filter(|(heading, procedure)| !(there(*procedure) || consent(heading)));
    let faults = missing.map(|(heading, _)| {
        let message = format!(
            "「{heading}」の列がありません。見出しを元に戻してください。この列なしで取り込むなら ignore={heading} を指定してください"
        );
        Fault::whole("missing_heading", message).at_line(sheet.headings.line).suggesting(heading)
    });
    sheet.twice(&head.procedures).into_iter().chain(faults).collect()
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data.
fn read(head: &ListHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (table, catalogue, options) = (sheet.table, sheet.catalogue, sheet.options);
    // What the sheet says of its day goes before what the sender says.
    let stated = stated_day(&table.rows[..head.row]);
    if sheet.is_rest() && stated.or(options.effective).is_none() {
        return Err(vec![
            Fault::whole(
                "missing_effective_on",
                "取り込めなかった行の一覧には、いつの状況かが書かれていません。適用日（effective_on）を指定してください。",
            )
            .allowing("effective_on=令和6年度 など")
            .asking(Question::about_the_file("effective_on", "いつの状況ですか（令和6年度 など）", [])),
        ]);
    }
    let effective = stated.or(options.effective).unwrap_or_else(known_day);
    sheet.notes = legend(table, head);
    if stated.zip(options.effective).is_some_and(|(stated, asked)| stated != asked) {
        sheet.notes.push("指定された適用日は使いません。ファイルに書かれた時点が先に立ちます。".to_owned());
    }
    let rows = sheet.rows()?;
    let profile = options.profile_over(Profile::digital_agency());
    sheet.faults.extend(wrong_headings(&sheet, head));
    let marked: Vec<usize> = head.procedures.iter().map(|(at, _)| *at).collect();
    let ours = |at: usize| {
        let heading = fold_for_match(head.headings.text(at));
        OF_THE_LIST.iter().any(|begin| heading.starts_with(begin))
    };
    let known = |at: usize| {
        head.place.columns().contains(&Some(at))
            || head.others == Some(at)
            || marked.contains(&at)
            || ours(at)
    };
    let there = |procedure| head.procedures.iter().any(|(_, known)| *known == procedure);
    let missing: Vec<Wanted> = expected(catalogue)
        .filter(|(_, procedure)| !there(*procedure))
        .map(|(_, procedure)| Wanted::Missing(procedure))
        .collect();
    // Where a few are missing, an unknown heading is most likely that of one of them.
    let wanted = if (1..=FEW).contains(&missing.len()) { missing } else { vec![Wanted::Procedure] };
    let wanted = wanted.as_slice();
    sheet.unknown_columns(&Shape { rows: &rows, known: &known, marked: &marked, wanted, profile: &profile });
    let online = options.channel.or(catalogue.online()).unwrap_or_default();
    let columns = head.procedures.iter().map(|(at, _)| (*at, Some(online)));
    let marks = Marks::learn(&sheet, profile, &rows, columns, Origin::default());
    let mut list = List {
        head,
        bodies: Bodies::new(catalogue, &options.names, LostZeros::Expected),
        online,
        effective,
        marks,
        statements: Vec::with_capacity(rows.len() * head.procedures.len()),
        seen: HashMap::new(),
        rows: 0,
        others_told: 0,
        sheet,
    };
    for row in rows {
        list.read_row(row);
    }
    Ok(list.finish())
}

/// The day of the edition this layout is named after: 31 March 2025.
fn known_day() -> Dated {
    let known = chrono::NaiveDate::from_ymd_opt(2025, 3, 31).unwrap_or_default();
    Dated { on: known, precision: Precision::FiscalYear }
}

struct List<'a> {
    head: &'a ListHead,
    bodies: Bodies<'a>,
    sheet: Sheet<'a>,
    online: ChannelIx,
    effective: Dated,
    marks: Marks,
    statements: Vec<Statement>,
    seen: HashMap<BodyIx, u32>,
    rows: usize,
    others_told: usize,
}

impl List<'_> {
    fn read_row(&mut self, row: &Row) {
        let place = &self.head.place;
        let told = place.told(row);
        if told.code.trim().is_empty() && told.name.trim().is_empty() {
            let marked = self.head.procedures.iter().any(|(column, _)| !row.cell(*column).trim().is_empty());
            if marked {
                let fault = Fault::whole("missing_code", "記号がありますが、コードも団体名もありません");
                self.sheet.fault(fault, row, place.code.unwrap_or(0));
            }
            return;
        }
        self.rows += 1;
        let Some(body) = self.sheet.body(&self.bodies, row, place) else { return };
        if let Some(first) = self.seen.insert(body, row.line) {
            let fault = Fault::whole("duplicate_body", format!("同じ団体が{first}行目にもあります"));
            self.sheet.fault(fault.found(told.code), row, place.code.unwrap_or(0));
            return;
        }
        if self.head.others.is_some_and(|column| !row.cell(column).trim().is_empty()) {
            self.others_told += 1;
        }
        self.read_cells(body, row);
    }

    fn read_cells(&mut self, body: BodyIx, row: &Row) {
        for (column, procedure) in &self.head.procedures {
            let Some(cell) = self.marks.read(&mut self.sheet, row, *column) else { continue };
            let text = row.cell(*column).trim();
            let Some(said) = said(&cell, text, self.online, Some(Evidence::Published)) else {
                continue;
            };
            self.statements.push(Statement {
                line: row.line,
                column: u16::try_from(*column).ok(),
                body,
                procedure: *procedure,
                source: Source::Published,
                effective: Some(self.effective),
                said,
            });
        }
    }

    fn finish(self) -> Reading {
        let (head, mut sheet) = (self.head, self.sheet);
        let (understood, questions, profile) = self.marks.finish(&mut sheet.notes);
        sheet.questions.extend(questions);
        let mut notes = vec![
            format!("{}手続の列が見つかりました。", head.procedures.len()),
            format!("基準日は {} です。", self.effective.in_words()),
        ];
        notes.append(&mut sheet.notes);
        if self.others_told > 0 {
            notes.push(format!(
                "「左記以外のオンライン申請対応手続数」（{}団体）は保存しません。",
                self.others_told
            ));
        }
        Reading {
            profile: Some(profile),
            statements: self.statements,
            notes,
            understood,
            ..sheet.reading(Layout::DigitalAgency202601, self.rows)
        }
    }
}

/// Legends and footnotes above the head, shown beside what was understood.
fn legend(table: &Table, head: &ListHead) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for cell in table.rows[..head.row].iter().flat_map(Row::cells).map(str::trim) {
        if cell.contains("凡例") || cell.starts_with('※') {
            let note = format!("ファイルの注記: {}", crate::domain::text::cut(cell, 200));
            // A merged cell says the same in each of its columns.
            if !found.contains(&note) {
                found.push(note);
            }
        }
    }
    found
}
