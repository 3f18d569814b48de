//! Tables of a town's own material: each kind has the columns that its fields name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Layout;
use super::head::{FoundHead, Head, SaidByTitles};
use super::sheet::{BodyColumns, Sheet, column, refuse};
use super::unknown::{Shape, Wanted};
use super::whose::require_body;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::dates::{Dated, Precision};
use crate::domain::material::{
    BESIDE, Content, Field, HOLDS, MaterialKey, MaterialKind, TARGET_PRECISION, Value, WITHDRAWN, What, read,
};
use crate::domain::procedure::ProcedureId;
use crate::domain::text::fold_for_match;
use crate::domain::usage::{RecordKey, RecordValue};
use crate::import::cells::Naming;
use crate::import::headings::{Candidates, Headings, PROCEDURE_ID, PROCEDURE_NAME, spellings};
use crate::import::marks::Profile;
use crate::import::records::Record;
use crate::import::resolve::{Procedures, procedures_between};
use crate::import::rows::Speaks;
use crate::import::table::Row;
use crate::import::{Fault, FaultKind, Options, Reading};

/// The fields whose headings together are those of no other table.
fn signature(kind: MaterialKind) -> [&'static str; 2] {
    match kind {
        MaterialKind::ChecklistAnswer => ["point", "answer"],
        MaterialKind::Action => ["title", "grade"],
        MaterialKind::ContextIndicator => ["indicator", "value"],
        MaterialKind::Walkthrough => ["scenario", "walked_on"],
        MaterialKind::PlanStep => ["step", "target_on"],
        MaterialKind::HandlingTime => ["receipt_minutes", "delivery_minutes"],
    }
}

/// Where things stand in such a table.
struct MaterialHead {
    kind: MaterialKind,
    headings: Headings,
    place: BodyColumns,
    /// Id and name of the procedure, where the kind is about one.
    procedure: (Option<usize>, Option<usize>),
    /// The columns of the other fields.
    columns: Vec<(&'static Field, usize)>,
}

impl MaterialHead {
    fn at(&self, name: &str) -> Option<usize> {
        self.columns.iter().find(|(field, _)| field.name == name).map(|(_, at)| *at)
    }

    /// The column that a list has beside the fields.
    fn beside(&self, name: &str) -> Option<usize> {
        self.headings.all().find(|(_, text)| text.trim() == name).map(|(at, _)| at)
    }

    fn known(&self, at: usize) -> bool {
        let procedure = [self.procedure.0, self.procedure.1].contains(&Some(at));
        let beside = BESIDE.contains(&self.headings.text(at).trim());
        procedure
            || beside
            || self.place.columns().contains(&Some(at))
            || self.columns.iter().any(|(_, own)| *own == at)
    }
}

/// Finds the headings of a kind.
pub(super) fn find(candidates: &Candidates<'_>, _: &Catalogue, _: &Options) -> Option<FoundHead> {
    let head = MaterialKind::ALL.iter().find_map(|kind| head_of(*kind, candidates))?;
    Some(Ok(Box::new(head)))
}

fn head_of(kind: MaterialKind, candidates: &Candidates<'_>) -> Option<MaterialHead> {
    let headings = candidates.best(|headings| {
        let found = columns(kind, headings);
        let has = |name: &&str| found.iter().any(|(field, _)| field.name == *name);
        if signature(kind).iter().all(has) { found.len() } else { 0 }
    })?;
    let procedure = match kind.is_of_procedures() {
        true => (column(&headings, PROCEDURE_ID), column(&headings, PROCEDURE_NAME)),
        false => (None, None),
    };
    let (place, columns) = (BodyColumns::find(&headings), columns(kind, &headings));
    Some(MaterialHead { kind, headings, place, procedure, columns })
}

/// The fields of a kind, but for its procedure, with the first column of each.
fn columns(kind: MaterialKind, headings: &Headings) -> Vec<(&'static Field, usize)> {
    let of = |field: &'static Field| {
        let is_it = |at: usize| spellings(headings.meaning(at)).any(|folded| field.is_called(&folded));
        let at = headings.all().map(|(at, _)| at).find(|at| is_it(*at))?;
        Some((field, at))
    };
    kind.fields().iter().filter(|field| field.what != What::Procedure).filter_map(of).collect()
}

impl Head for MaterialHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        rows(self, sheet)
    }

    fn body_columns(&self) -> BodyColumns {
        self.place
    }

    fn naming(&self) -> Naming {
        let BodyColumns { code, name, prefecture, district, .. } = self.place;
        Naming {
            prefecture,
            district,
            body: [code, name].into_iter().flatten().collect(),
            procedure: [self.procedure.0, self.procedure.1].into_iter().flatten().collect(),
            channel: self.at("channel"),
        }
    }

    /// A plan names what it will do; a row may have nothing but words.
    fn speaks(&self) -> Speaks {
        Speaks { empty: true, numbers: true }
    }

    fn said_by_titles(&self) -> SaidByTitles {
        SaidByTitles { body: !self.place.exists(), ..SaidByTitles::default() }
    }

    fn may_be_of_the_sender(&self) -> bool {
        true
    }
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data, a table that does not say whose it is, and columns without which no row can be read.
fn rows(head: &MaterialHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    refuse(missing(head))?;
    require_body(&sheet, &head.place)?;
    refuse(sheet.twice(&all_columns(head)))?;
    let rows = sheet.rows()?;
    let bodies = sheet.bodies(&rows, &head.place);
    let whose = sheet.whose(&rows, &head.place, &bodies);
    let mut reader = Reader { head, procedures: Procedures::new(catalogue, &options.names), sheet };
    let (mut records, mut empty, mut over) = (Vec::new(), 0, 0);
    let holds = head.beside(HOLDS);
    for row in &rows {
        if holds.is_some_and(|at| row.cell(at).trim() == "false") {
            over += 1;
            continue;
        }
        let says = |(field, at): &(&Field, usize)| !field.is_key && !row.cell(*at).trim().is_empty();
        if !head.columns.iter().any(says) {
            empty += 1;
            continue;
        }
        let body = whose.or_else(|| reader.sheet.body(&bodies, row, &head.place));
        let record = reader.record(row, body);
        records.extend(record.map(|record| (row.line, record)));
    }
    let mut sheet = reader.sheet;
    sheet.notes.push(format!("{}の表として読みました。", head.kind.label()));
    if empty > 0 {
        sheet.notes.push(format!("何も書かれていない{empty}行は、今のまま変えません。"));
    }
    if over > 0 {
        sheet.notes.push(format!("いまの行でない{over}行（{HOLDS} が false）は読みませんでした。"));
    }
    let known = |at| head.known(at);
    let wanted: Vec<Wanted> =
        head.kind.fields().iter().map(|field| Wanted::Field(field.name, field.label)).collect();
    let profile = options.profile_over(Profile::default_marks());
    sheet.unknown_columns(&Shape {
        rows: &rows,
        known: &known,
        marked: &[],
        wanted: &wanted,
        profile: &profile,
    });
    Ok(Reading { records, ..sheet.reading(Layout::OwnMaterial, rows.len()) })
}

/// Every column whose heading means a field of the kind.
fn all_columns(head: &MaterialHead) -> Vec<(usize, &'static str)> {
    let headings = &head.headings;
    let of = |at: usize| {
        let mut fields = head.kind.fields().iter().filter(|field| field.what != What::Procedure);
        fields.find(|field| spellings(headings.meaning(at)).any(|folded| field.is_called(&folded)))
    };
    headings.all().filter_map(|(at, _)| Some((at, of(at)?.name))).collect()
}

/// Faults of columns that are not there.
fn missing(head: &MaterialHead) -> Vec<Fault> {
    let has = |field: &Field| match field.what {
        What::Procedure => head.procedure != (None, None),
        _ => head.at(field.name).is_some(),
    };
    let lacking = head.kind.fields().iter().filter(|field| field.is_needed && !has(field));
    let fault = |field: &Field| {
        let what = if field.what == What::Procedure { "手続ID か手続名" } else { field.label };
        let message = format!("{}の表に「{what}」の列がありません", head.kind.label());
        let labels: Vec<&str> = head.kind.fields().iter().map(|field| field.label).collect();
        Fault::whole("missing_column", message).at_line(head.headings.line).allowing(labels.join("、"))
    };
    lacking.map(fault).collect()
}

/// Reads the rows one by one.
struct Reader<'a> {
    head: &'a MaterialHead,
    sheet: Sheet<'a>,
    procedures: Procedures<'a>,
}

impl Reader<'_> {
    /// What a row says; its faults are told.
    fn record(&mut self, row: &Row, body: Option<BodyIx>) -> Option<Record> {
        let head = self.head;
        let mut is_whole = true;
        let procedure = match head.kind.is_of_procedures() {
            false => None,
            true => match self.procedure(row) {
                Some(id) => Some(id),
                None => return None,
            },
        };
        let mut subject = Vec::new();
        for (field, at) in head.columns.iter().filter(|(field, _)| field.is_key) {
            match self.value(field, row, *at) {
                Some(Some(value)) => subject.push(value.text()),
                Some(None) => {
                    let fault = Fault::whole("missing_value", format!("「{}」が空です", field.label));
                    self.sheet.fault(fault, row, *at);
                    is_whole = false;
                }
                None => is_whole = false,
            }
        }
        let mut content = BTreeMap::new();
        if !self.is_withdrawn(row) {
            for (field, at) in head.columns.iter().filter(|(field, _)| !field.is_key) {
                match self.value(field, row, *at) {
                    Some(value) => content.extend(value.map(|value| (field.name.to_owned(), value))),
                    None => is_whole = false,
                }
            }
        }
        let key = MaterialKey {
            municipality: self.sheet.catalogue.body(body?).code,
            kind: head.kind,
            procedure,
            subject,
        };
        let value = RecordValue::Material(Arc::new(Content(content)));
        is_whole.then_some(Record { key: RecordKey::Material(key), value })
    }

    /// Whether a row takes back what was said: the word stands in the first column that says something.
    fn is_withdrawn(&self, row: &Row) -> bool {
        let mut said = self.head.columns.iter().filter(|(field, _)| !field.is_key);
        said.any(|(_, at)| {
            let folded = fold_for_match(row.cell(*at));
            [WITHDRAWN, "取り下げ", "取下"].iter().any(|word| fold_for_match(word) == folded)
        })
    }

    fn procedure(&mut self, row: &Row) -> Option<ProcedureId> {
        let (id, name) = self.head.procedure;
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at));
        match self.procedures.find(text(id), text(name)) {
            Ok(ix) => Some(self.sheet.catalogue.procedure(ix).id.clone()),
            Err(fault) => {
                self.sheet.fault(fault, row, id.or(name).unwrap_or(0));
                None
            }
        }
    }

    /// What a cell says; the outer `None` where it was refused.
    fn value(&mut self, field: &Field, row: &Row, at: usize) -> Option<Option<Value>> {
        let cell = row.cell(at).trim();
        let value = match field.what {
            // A row about several is not left out because of one of them.
            What::Procedures => self.several(cell).map_err(|fault| fault.of_kind(FaultKind::Told)),
            What::Channel => self.channel(cell),
            What::PlannedDay => self.planned(field, cell, row),
            _ => read(field, cell, self.sheet.options.today).map_err(Fault::of),
        };
        value.map_err(|fault| self.sheet.fault(fault, row, at)).ok()
    }

    /// A day to come, as exactly as a column beside it says.
    fn planned(&self, field: &Field, cell: &str, row: &Row) -> Result<Option<Value>, Fault> {
        let value = read(field, cell, self.sheet.options.today).map_err(Fault::of)?;
        let said = self.head.beside(TARGET_PRECISION).map_or("", |at| row.cell(at).trim());
        match value {
            Some(Value::Planned(on, Precision::Day)) if !said.is_empty() => {
                let precision: Precision = said.parse().map_err(Fault::of)?;
                let dated = Dated::day(on).at_precision(precision);
                Ok(Some(Value::Planned(dated.on, dated.precision)))
            }
            value => Ok(value),
        }
    }

    /// Procedures of a cell, by id or name.
    fn several(&self, cell: &str) -> Result<Option<Value>, Fault> {
        let catalogue = self.sheet.catalogue;
        let one =
            |part: &str| catalogue.procedure_ix(part).map_or_else(|| self.procedures.find("", part), Ok);
        if cell.is_empty() {
            return Ok(None);
        }
        let found = match one(cell) {
            Ok(only) => vec![only],
            Err(fault) => match procedures_between(cell, |part| one(part).ok()) {
                Some(found) => found,
                None => {
                    // The part that is none says best what is wrong.
                    let parts = cell.split(['、', ',', ';', '；', '\n']).map(str::trim);
                    return Err(parts
                        .filter(|part| !part.is_empty())
                        .find_map(|part| one(part).err())
                        .unwrap_or(fault));
                }
            },
        };
        let ids = found.into_iter().map(|ix| catalogue.procedure(ix).id.to_string()).collect();
        Ok(Some(Value::Several(ids)))
    }

    fn channel(&self, cell: &str) -> Result<Option<Value>, Fault> {
        if cell.is_empty() {
            return Ok(None);
        }
        let folded = fold_for_match(cell);
        let mut rows = self.sheet.catalogue.channels().iter();
        let found = rows.find(|row| row.id.as_str() == folded || fold_for_match(&row.label_ja) == folded);
        let labels = || {
            let labels: Vec<&str> =
                self.sheet.catalogue.channels().iter().map(|row| row.label_ja.as_str()).collect();
            labels.join("、")
        };
        found.map(|row| Some(Value::Text(row.id.to_string()))).ok_or_else(|| {
            Fault::whole("unknown_channel", "接点の名前ではありません").found(cell).allowing(labels())
        })
    }
}
