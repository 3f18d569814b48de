//! The form of one kind of a body's own material: what holds, to be corrected and sent back, and below it the rows
//! that are still to be filled in.

use std::collections::BTreeSet;
use std::io::{self, Seek, Write};

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, Worksheet, XlsxError};

use super::encoding::Encoding;
use super::{csv_writer, sheets};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::material::{Field, MaterialKind, PastMaterial, Value, WITHDRAWN, What};
use crate::domain::text::guarded;
use crate::grid::Grid;
use crate::grid::filter::DEFAULT_LIST;
use crate::grid::scorecard::expected_scales;

/// Headings before the fields.
const BODY: [&str; 2] = ["団体コード", "団体名"];
/// The heading beside the id of a procedure.
const PROCEDURE_NAME: &str = "手続名";
/// Empty rows of a kind that is not about procedures: nobody can foresee them.
const SPARE: usize = 20;

/// The form of one kind for one body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaterialForm {
    kind: MaterialKind,
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
    /// How many of them, at the beginning, hold what was said; the others are to be filled in.
    held: usize,
    /// Columns that take one of some words.
    choices: Vec<(usize, Vec<&'static str>)>,
}

impl MaterialForm {
    /// The form, filled with what holds of a body.
    pub fn new(grid: &Grid, body: BodyIx, kind: MaterialKind, held: &[PastMaterial]) -> Self {
        let catalogue = grid.catalogue();
        let mut headings: Vec<String> = BODY.map(str::to_owned).into();
        let mut choices = Vec::new();
        for field in kind.fields() {
            if let What::Code(codes) = field.what {
                choices.push((headings.len(), codes.iter().map(|(_, label)| *label).collect()));
            }
            headings.push(field.label.to_owned());
            if field.what == What::Procedure {
                headings.push(PROCEDURE_NAME.to_owned());
            }
        }
        let own = catalogue.body(body);
        let before = [own.code.to_string(), own.name.clone()];
        let mut known: Vec<&PastMaterial> = held.iter().collect();
        let place = |row: &PastMaterial| {
            row.key.procedure.as_ref().and_then(|id| catalogue.procedure_ix(id.as_str()))
        };
        known.sort_by(|one, other| (place(one), &one.key.subject).cmp(&(place(other), &other.key.subject)));
        let filled = known.iter().map(|row| cells(catalogue, kind, |field| said(catalogue, row, field)));
        let filled: Vec<Vec<String>> = filled.collect();
        let held = filled.len();
        let open = open_rows(grid, body, kind, &known);
        let rows = filled.into_iter().chain(open);
        let rows = rows.map(|cells| before.iter().cloned().chain(cells).collect()).collect();
        Self { kind, headings, rows, held, choices }
    }

    /// Its headings.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// Its rows, each with whether it holds what was said.
    pub fn rows(&self) -> impl Iterator<Item = (bool, &[String])> {
        self.rows.iter().enumerate().map(|(at, row)| (at < self.held, row.as_slice()))
    }

    /// The words that a column takes, where it takes some only.
    pub fn words(&self, column: usize) -> Option<&[&'static str]> {
        self.choices.iter().find(|(known, _)| *known == column).map(|(_, words)| words.as_slice())
    }

    /// The form as CSV for Excel.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(Encoding::Utf8Bom.mark())?;
        let mut writer = csv_writer(out, Encoding::Utf8Bom.line_end());
        for row in std::iter::once(&self.headings).chain(&self.rows) {
            writer.write_record(row)?;
        }
        writer.flush()
    }

    /// The form as a workbook.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn xlsx(&self, grid: &Grid, out: impl Write + Seek + Send) -> io::Result<()> {
        let mut workbook = sheets::start(grid).map_err(sheets::broken)?;
        self.sheet(workbook.add_worksheet()).map_err(sheets::broken)?;
        sheets::explain(&mut workbook, &self.explanation()).map_err(sheets::broken)?;
        sheets::save(workbook, out)
    }

    fn sheet(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (head, text) = (sheets::heading(), sheets::text());
        sheet.set_name(self.kind.label())?;
        sheet.set_freeze_panes(1, 2)?;
        for (heading, column) in self.headings.iter().zip(0..) {
            let width = if heading == PROCEDURE_NAME { 50.0 } else { 16.0 };
            sheet.set_column_width(column, width)?;
            sheet.set_column_format(column, &text)?;
            sheet.write_string_with_format(0, column, heading, &head)?;
        }
        for (cells, row) in self.rows.iter().zip(1..) {
            for (cell, column) in cells.iter().zip(0..) {
                sheet.write_string_with_format(row, column, cell, &text)?;
            }
        }
        let last = u32::try_from(self.rows.len()).unwrap_or(u32::MAX).max(1);
        for (column, words) in &self.choices {
            let column = u16::try_from(*column).unwrap_or(u16::MAX);
            let choice = DataValidation::new()
                .allow_list_strings(words)?
                .set_error_style(DataValidationErrorStyle::Warning)
                .set_error_message("一覧から選んでください。空欄は「変えない」の意味です。")?;
            sheet.add_data_validation(1, column, last, column, &choice)?;
        }
        Ok(())
    }

    fn explanation(&self) -> Vec<(String, String)> {
        let field = |field: &Field| {
            let what = match field.what {
                What::Code(codes) => {
                    let labels: Vec<&str> = codes.iter().map(|(_, label)| *label).collect();
                    labels.join("、")
                }
                What::Procedure => "手続ID。手続名だけでもよい".to_owned(),
                What::Procedures => "手続ID か手続名。複数は「;」か「、」で区切る".to_owned(),
                What::Channel => "接点の名前".to_owned(),
                What::Point(last) => format!("1〜{last}"),
                What::Year => "2025、令和7年度".to_owned(),
                What::Day => "2026-04-01、令和8年4月1日（今日まで）".to_owned(),
                What::PlannedDay => "2027-03-31、令和9年3月、2026年度".to_owned(),
                What::Number => "数（小数は2桁まで）".to_owned(),
                What::Count => "整数".to_owned(),
                What::Text(length) => format!("{length}文字まで"),
            };
            let needed = if field.is_key { "（必須。どの行かを決める）" } else { "" };
            (field.label.to_owned(), format!("{what}{needed}"))
        };
        let general = [
            (self.kind.label().to_owned(), self.kind.meaning_ja().to_owned()),
            ("空欄".to_owned(), "今の内容のまま変えません".to_owned()),
            (WITHDRAWN.to_owned(), "内容の欄のどれかにこう書いた行は、取り下げます".to_owned()),
        ];
        general.into_iter().chain(self.kind.fields().iter().map(field)).collect()
    }
}

/// The cells of a row, its procedure with its name.
fn cells(catalogue: &Catalogue, kind: MaterialKind, value: impl Fn(&Field) -> String) -> Vec<String> {
    let mut cells = Vec::new();
    for field in kind.fields() {
        let text = value(field);
        let name = catalogue.procedure_ix(&text).map(|ix| catalogue.procedure(ix).name_ja.clone());
        cells.push(guarded(&text).into_owned());
        if field.what == What::Procedure {
            cells.push(name.unwrap_or_default());
        }
    }
    cells
}

/// What a row says in a field, as a file has it.
fn said(catalogue: &Catalogue, row: &PastMaterial, field: &Field) -> String {
    let channel = |id: &str| {
        let found = catalogue.channel_ix(id);
        found.map_or_else(|| id.to_owned(), |ix| catalogue.channel(ix).label_ja.clone())
    };
    let value = match field.is_key {
        true => row.key.said(field.name).map(|text| Value::Text(text.to_owned())),
        false => row.content.0.get(field.name).cloned(),
    };
    match (field.what, value) {
        (_, None) => String::new(),
        (What::Channel, Some(value)) => channel(&value.text()),
        (_, Some(value)) => value.label(field),
    }
}

/// Rows to be filled in: each procedure that is expected of a body, for kinds that ask about each; else empty ones.
fn open_rows(grid: &Grid, body: BodyIx, kind: MaterialKind, known: &[&PastMaterial]) -> Vec<Vec<String>> {
    let catalogue = grid.catalogue();
    let blank = || cells(catalogue, kind, |_| String::new());
    let points: Vec<u8> = kind
        .keys()
        .find_map(|field| match field.what {
            What::Point(last) => Some((1..=last).collect()),
            _ => None,
        })
        .unwrap_or_default();
    if !kind.is_of_procedures() {
        return vec![blank(); SPARE];
    }
    let members = catalogue.members(DEFAULT_LIST).unwrap_or_default();
    let expected = |procedure: &ProcedureIx| expected_scales(grid, body, *procedure).next().is_some();
    if points.is_empty() {
        let is_known = |id: &str| {
            known.iter().any(|row| row.key.procedure.as_ref().is_some_and(|own| own.as_str() == id))
        };
        let ids = members.iter().copied().filter(expected).map(|ix| catalogue.procedure(ix).id.as_str());
        let row = |id: &str| {
            cells(catalogue, kind, |field| match field.what {
                What::Procedure => id.to_owned(),
                _ => String::new(),
            })
        };
        return ids.filter(|id| !is_known(id)).map(row).collect();
    }
    let answered: BTreeSet<(&str, &str)> = known
        .iter()
        .filter_map(|row| Some((row.key.procedure.as_ref()?.as_str(), row.key.said("point")?)))
        .collect();
    let mut rows = Vec::new();
    for procedure in members.iter().copied().filter(expected) {
        let id = catalogue.procedure(procedure).id.as_str();
        for point in &points {
            let point = point.to_string();
            if answered.contains(&(id, point.as_str())) {
                continue;
            }
            rows.push(cells(catalogue, kind, |field| match field.what {
                What::Procedure => id.to_owned(),
                What::Point(_) => point.clone(),
                _ => String::new(),
            }));
        }
    }
    rows
}
