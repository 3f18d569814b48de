//! The Digital Agency's list of which body offers which procedure online, published 2026-01.
//!
//! Eleven heading rows with merged cells, names of procedures in the last of them; codes as numbers
//! without their leading zero; rows unsorted; ○ / 〇 / ー / empty; last a count of other procedures
//! (sometimes text) that is reported and not stored.

use std::collections::HashMap;

use super::super::marks::{DIGITAL_AGENCY_2026_01 as PROFILE, Meaning};
use super::super::resolve::{LostZeros, body};
use super::super::table::{Row, Table};
use super::super::{Fault, Options, Reading, Statement, Understood};
use super::{Layout, is_total};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision, parse_in_file};
use crate::domain::readiness::{Evidence, Source};
use crate::domain::text::{fold_for_match, fold_name, fold_width};

/// The source of the headings in `procedure_aliases.csv`.
const ALIAS_SOURCE: &str = "digital-agency-status-2026-01";
/// So many headings of procedures in one row make it this layout.
const ENOUGH_HEADINGS: usize = 30;
/// How far down the heading row is looked for.
const HEADING_ROWS: usize = 40;

/// Where things stand in the sheet.
pub(super) struct Head {
    /// Position of the row with the names of procedures.
    row: usize,
    procedures: Vec<(usize, ProcedureIx)>,
    code: usize,
    prefecture: Option<usize>,
    name: Option<usize>,
    others: Option<usize>,
}

/// Finds the row with the names of procedures and the columns of code and name above it.
pub(super) fn find_head(table: &Table, catalogue: &Catalogue) -> Option<Head> {
    let names: HashMap<String, ProcedureIx> = catalogue
        .aliases()
        .iter()
        .filter(|alias| alias.source == ALIAS_SOURCE)
        .filter_map(|alias| {
            Some((fold_for_match(&alias.heading), catalogue.procedure_ix(alias.procedure.as_str())?))
        })
        .collect();
    let (at, procedures) = table.rows.iter().take(HEADING_ROWS).enumerate().find_map(|(at, row)| {
        let found: Vec<(usize, ProcedureIx)> = row
            .cells
            .iter()
            .enumerate()
            .filter_map(|(column, cell)| Some((column, *names.get(&fold_for_match(cell))?)))
            .collect();
        (found.len() >= ENOUGH_HEADINGS).then_some((at, found))
    })?;
    let column = |heading: &str| {
        table.rows[..=at]
            .iter()
            .find_map(|row| row.cells.iter().position(|cell| fold_for_match(cell) == heading))
    };
    Some(Head {
        row: at,
        procedures,
        code: column("コード").or_else(|| column("団体コード"))?,
        prefecture: column("都道府県"),
        name: column("団体名"),
        others: table.rows[at]
            .cells
            .iter()
            .position(|cell| fold_for_match(cell).starts_with("左記以外のオンライン申請対応手続数")),
    })
}

/// Reads the rows below the head.
pub(super) fn read(table: &Table, head: &Head, catalogue: &Catalogue, options: &Options) -> Reading {
    // What the sheet says of its day goes before what the sender says.
    let effective = effective_day(table, head).or(options.effective).unwrap_or_else(known_day);
    let online = catalogue.online().unwrap_or_default();
    let mut sheet = Sheet {
        head,
        catalogue,
        headings: &table.rows[head.row],
        online,
        effective,
        statements: Vec::with_capacity((table.rows.len() - head.row) * head.procedures.len()),
        faults: Vec::new(),
        counts: HashMap::new(),
        seen: HashMap::new(),
        rows: 0,
        totals: 0,
        others_told: 0,
    };
    for row in &table.rows[head.row + 1..] {
        sheet.read_row(row);
    }
    sheet.finish(table)
}

/// The day the sheet says it is about (「令和６年度末時点」).
fn effective_day(table: &Table, head: &Head) -> Option<Dated> {
    table.rows[..head.row].iter().flat_map(|row| &row.cells).find_map(|cell| {
        let folded = fold_width(cell);
        let inner = folded.trim_matches(['(', ')']).strip_suffix("時点")?;
        parse_in_file(inner).ok()
    })
}

/// The day of the edition this layout is named after: 31 March 2025.
fn known_day() -> Dated {
    let known = chrono::NaiveDate::from_ymd_opt(2025, 3, 31).unwrap_or_default();
    Dated { on: known, precision: Precision::FiscalYear }
}

struct Sheet<'a> {
    head: &'a Head,
    catalogue: &'a Catalogue,
    headings: &'a Row,
    online: ChannelIx,
    effective: Dated,
    statements: Vec<Statement>,
    faults: Vec<Fault>,
    counts: HashMap<&'static str, (Meaning, usize)>,
    seen: HashMap<BodyIx, u32>,
    rows: usize,
    totals: usize,
    others_told: usize,
}

impl Sheet<'_> {
    fn read_row(&mut self, row: &Row) {
        let code = row.cell(self.head.code);
        let name = self.head.name.map_or("", |column| row.cell(column));
        if code.trim().is_empty() && name.trim().is_empty() {
            let marked = self.head.procedures.iter().any(|(column, _)| !row.cell(*column).trim().is_empty());
            if marked {
                let heading = self.heading(self.head.code);
                let fault = Fault::whole("missing_code", "記号がありますが、コードも団体名もありません");
                self.faults.push(fault.at_line(row.line).in_column(self.head.code, &heading));
            }
            return;
        }
        if is_total(code) || is_total(name) {
            self.totals += 1;
            return;
        }
        self.rows += 1;
        let resolved = body(self.catalogue, code, name, LostZeros::Expected)
            .and_then(|(body, _)| self.check_prefecture(body, row));
        let body = match resolved {
            Ok(body) => body,
            Err(fault) => {
                let heading = self.heading(self.head.code);
                self.faults.push(fault.at_line(row.line).in_column(self.head.code, &heading));
                return;
            }
        };
        if let Some(first) = self.seen.insert(body, row.line) {
            self.faults.push(
                Fault::whole("duplicate_body", format!("同じ団体が{first}行目にもあります"))
                    .at_line(row.line)
                    .found(code),
            );
            return;
        }
        if self.head.others.is_some_and(|column| !row.cell(column).trim().is_empty()) {
            self.others_told += 1;
        }
        self.read_cells(body, row);
    }

    fn check_prefecture(&self, body: BodyIx, row: &Row) -> Result<BodyIx, Fault> {
        let told = self.head.prefecture.map_or("", |column| row.cell(column));
        let expected = &self.catalogue.body(body).prefecture_name;
        if told.trim().is_empty() || fold_name(told) == fold_name(expected) {
            return Ok(body);
        }
        Err(Fault::whole(
            "prefecture_mismatch",
            format!("団体コードの都道府県は{expected}ですが、都道府県の列は{}です", told.trim()),
        )
        .found(row.cell(self.head.code))
        .suggesting(expected.clone()))
    }

    fn read_cells(&mut self, body: BodyIx, row: &Row) {
        for (column, procedure) in &self.head.procedures {
            let cell = row.cell(*column).trim();
            let known = PROFILE.marks.iter().find(|(mark, _)| *mark == cell);
            let Some((mark, meaning)) = known else {
                let heading = self.heading(*column);
                self.faults.push(
                    Fault::whole("unknown_mark", "この一覧の凡例にない記号です")
                        .at_line(row.line)
                        .in_column(*column, &heading)
                        .found(cell)
                        .allowing(PROFILE.allowed()),
                );
                continue;
            };
            self.counts.entry(mark).or_insert((*meaning, 0)).1 += 1;
            self.statements.push(Statement {
                line: row.line,
                body,
                procedure: *procedure,
                source: Source::Published,
                effective: Some(self.effective),
                said: meaning.said(self.online, Evidence::Published),
            });
        }
    }

    fn heading(&self, column: usize) -> String {
        let heading = self.headings.cell(column);
        if heading.is_empty() { "コード".to_owned() } else { heading.to_owned() }
    }

    fn finish(self, table: &Table) -> Reading {
        let understood = PROFILE
            .marks
            .iter()
            .filter_map(|(mark, _)| self.counts.get(mark).map(|counted| (mark, counted)))
            .map(|(mark, (meaning, count))| Understood {
                mark: if mark.is_empty() { "空欄".to_owned() } else { (*mark).to_owned() },
                meaning: meaning.label(),
                count: *count,
            })
            .collect();
        let mut notes = vec![
            format!("{}手続の列が見つかりました。", self.head.procedures.len()),
            format!("基準日は {}（{}）です。", self.effective.on, self.effective.precision.label()),
        ];
        notes.extend(legend(table, self.head));
        if self.others_told > 0 {
            notes.push(format!(
                "「左記以外のオンライン申請対応手続数」（{}団体）は保存しません。",
                self.others_told
            ));
        }
        if self.totals > 0 {
            notes.push(format!("合計などの{}行は読み飛ばしました。", self.totals));
        }
        Reading {
            layout: Layout::DigitalAgency202601,
            container: table.container.clone(),
            statements: self.statements,
            faults: self.faults,
            warnings: Vec::new(),
            notes,
            understood,
            rows: self.rows,
        }
    }
}

/// Legends and footnotes above the head, shown beside what was understood.
fn legend(table: &Table, head: &Head) -> Vec<String> {
    table.rows[..head.row]
        .iter()
        .flat_map(|row| &row.cells)
        .filter(|cell| cell.contains("凡例") || cell.trim_start().starts_with('※'))
        .map(|cell| format!("ファイルの注記: {}", crate::domain::text::cut(cell.trim(), 200)))
        .collect()
}
