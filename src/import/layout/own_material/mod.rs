//! Tables of a town's own material: each kind has the columns that its fields name.

mod head;
mod near;
mod open;
mod reader;

use super::Layout;
use super::head::{FoundHead, Head, SaidByTitles};
use super::sheet::{BodyColumns, Sheet, refuse, which_channel};
use super::whose::require_body;
use crate::domain::catalogue::Catalogue;
use crate::domain::material::{Field, HOLDS, MaterialKind, What};
use crate::import::cells::Naming;
use crate::import::headings::{Candidates, Headings};
use crate::import::marks::Question;
use crate::import::rows::Speaks;
use crate::import::{Blank, Fault, Options, Reading};
use head::{MaterialHead, head_of, means};
use near::{OfReadiness, Plain};
use reader::Reader;

pub(super) use head::is_field;

/// Finds the headings of a kind, in a table that does not speak of readiness or counts too.
pub(super) fn find(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    let is_wanted = options.layout == Some(Layout::OwnMaterial);
    let Some(head) = MaterialKind::ALL.iter().find_map(|kind| head_of(*kind, candidates)) else {
        return near::faults(candidates, catalogue, Plain::Strongly).map(Err);
    };
    match near::of_readiness(catalogue, head.kind, &head.headings) {
        OfReadiness::Not => Some(Ok(Box::new(head))),
        _ if is_wanted => Some(Ok(Box::new(head))),
        // A column of a plan in a table of readiness.
        OfReadiness::Plainly if !head.is_complete() => None,
        OfReadiness::Vaguely | OfReadiness::Plainly => {
            Some(Err(vec![near::which(head.kind, head.headings.line)]))
        }
    }
}

/// Refuses a table that is meant for a kind and lacks some of its headings, with what they may be: read as readiness
/// it would say something else.
pub(super) fn find_near(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    _: &Options,
) -> Option<FoundHead> {
    near::faults(candidates, catalogue, Plain::Weakly).map(Err)
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
    let options = sheet.options;
    refuse(missing(head, &sheet))?;
    require_body(&sheet, &head.place)?;
    refuse(sheet.twice(&all_columns(head)))?;
    let rows = sheet.rows()?;
    let bodies = sheet.bodies(&rows, &head.place);
    let whose = sheet.whose(&rows, &head.place, &bodies);
    let mut reader = Reader::new(head, sheet);
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
    if options.blank == Blank::Keep {
        sheet.notes.push("空欄にした欄は今の内容のまま変えません（消すには blank=clear）。".to_owned());
    }
    if empty > 0 {
        sheet.notes.push(format!("何も書かれていない{empty}行は、今のまま変えません。"));
    }
    if over > 0 {
        sheet.notes.push(format!("いまの行でない{over}行（{HOLDS} が false）は読みませんでした。"));
    }
    open::ask(head, &mut sheet, &rows);
    Ok(Reading { records, ..sheet.reading(Layout::OwnMaterial, rows.len()) })
}

/// Every column whose heading means a field of the kind.
fn all_columns(head: &MaterialHead) -> Vec<(usize, &'static str)> {
    let headings = &head.headings;
    let of = |at: usize| {
        let mut fields = head.kind.fields().iter().filter(|field| field.what != What::Procedure);
        fields.find(|field| means(field, headings.meaning(at)))
    };
    headings.all().filter_map(|(at, _)| Some((at, of(at)?.name))).collect()
}

/// Faults of columns that are not there, and that the sender does not make up for.
fn missing(head: &MaterialHead, sheet: &Sheet<'_>) -> Vec<Fault> {
    let has = |field: &Field| match field.what {
        What::Procedure => head.procedure != (None, None),
        What::Year if sheet.options.fiscal_year.is_some() => true,
        What::Channel if sheet.options.channel.is_some() => true,
        _ => head.at(field.name).is_some(),
    };
    let lacking = head.kind.fields().iter().filter(|field| field.is_needed && !has(field));
    let lacking: Vec<&Field> = lacking.collect();
    let open = sheet.headings.all().map(|(at, _)| at).filter(|at| !head.known(*at));
    let own: Vec<&Field> = head.columns.iter().map(|(field, _)| *field).collect();
    let questions = near::questions(sheet.headings, open, head.kind, &own);
    let fault = |field: &Field| {
        let fault = near::missing(head.kind, field, head.headings.line);
        match field.what {
            What::Year => fault.asking(Question::about_the_file(
                "fiscal_year",
                "何年度の表ですか（2025、令和7年度 など）",
                [],
            )),
            What::Channel => fault.asking(which_channel(sheet.catalogue)),
            _ => questions.iter().cloned().fold(fault, Fault::asking),
        }
    };
    lacking.into_iter().map(fault).collect()
}
