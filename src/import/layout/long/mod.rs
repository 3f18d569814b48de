//! One row per body, procedure and channel, with English or Japanese headings in any order.
//!
//! The same columns are what the export writes, so that an export can be read back.

mod head;
mod level;
mod own_list;
mod patch;
mod reader;
pub(super) mod values;

pub(super) use head::{find, find_without_body};
pub use reader::WITHDRAWN;
pub(super) use values::{is_nothing, one_state, state_in};

use super::column::Column;
use super::head::{Head, SaidByTitles};
use super::marked::Marks;
use super::sheet::{BodyColumns, Sheet};
use super::unknown::{Shape, Wanted};
use super::whose::require_body;
use super::{Layout, channels};
use crate::domain::shared::TextPool;
use crate::import::headings::Headings;
use crate::import::marks::Profile;
use crate::import::resolve::Procedures;
use crate::import::{Fault, Reading, Revisions};
use head::LongHead;
use own_list::OwnList;
use reader::Reader;

impl Head for LongHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    fn body_columns(&self) -> BodyColumns {
        let at = |column| self.columns.get(&column).copied();
        BodyColumns {
            code: at(Column::MunicipalityCode),
            name: at(Column::MunicipalityName),
            prefecture: at(Column::PrefectureName),
            ..BodyColumns::find(&self.headings)
        }
    }

    fn channel_column(&self) -> Option<usize> {
        self.columns.get(&Column::Channel).copied()
    }

    fn learns_names(&self) -> bool {
        true
    }

    fn name_at(&mut self, column: usize) {
        self.columns.insert(Column::MunicipalityName, column);
    }

    fn said_by_titles(&self) -> SaidByTitles {
        SaidByTitles { channel: !self.columns.contains_key(&Column::Channel), ..SaidByTitles::default() }
    }

    fn may_be_of_the_sender(&self) -> bool {
        true
    }

    fn may_hold_plans(&self) -> bool {
        true
    }
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data.
fn read(head: &LongHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    let at = |column| head.columns.get(&column).copied();
    let place = head.body_columns();
    let rows = sheet.rows()?;
    require_body(&sheet, &place)?;
    channels::tell_other(&mut sheet, &rows, at(Column::Channel));
    let bodies = sheet.bodies(&rows, &place);
    let whose = sheet.whose(&rows, &place, &bodies);
    let levels = at(Column::Level);
    let profile = options.profile_over(Profile::default_marks());
    let called = levels.is_some_and(|at| level::calls_levels(head.headings.text(at)));
    let mut marks = Marks::of_rows(&sheet, profile, &rows, levels, called);
    marks.tell_counted(&mut sheet);
    let mut reader = Reader {
        head,
        place,
        bodies,
        whose,
        procedures: Procedures::new(catalogue, &options.names),
        texts: TextPool::default(),
        marks,
        calls_levels: called,
        words: Vec::new(),
        reasons: Vec::new(),
        sheet,
    };
    let mut statements = Vec::with_capacity(rows.len());
    let mut revisions = Revisions::default();
    let mut silent = 0;
    let mut own_list = OwnList::find(&head.headings);
    for row in &rows {
        if own_list.is_unstated(row) {
            continue;
        }
        reader.note_nothings(row);
        match reader.revision(row) {
            Ok(revision) => revisions.note(row.line, revision),
            Err(fault) => reader.sheet.faults.push(fault.at_line(row.line)),
        }
        if reader.is_silent(row) && !reader.speaks_by_blank(row) {
            // Its keys must be right all the same: a slip there is no wish to say nothing.
            let faults = reader.check_keys(row);
            silent += usize::from(faults.is_empty());
            reader.sheet.faults.extend(faults.into_iter().map(|fault| fault.at_line(row.line)));
            continue;
        }
        match reader.read_row(row) {
            Ok(said) => {
                reader.note_reason(row, said.as_ref());
                silent += usize::from(said.is_none() && !reader.has_counts());
                statements.extend(said);
            }
            Err(faults) => {
                reader.sheet.faults.extend(faults.into_iter().map(|fault| fault.at_line(row.line)));
            }
        }
    }
    reader.tell_reasons();
    let Reader { mut sheet, marks, words, .. } = reader;
    let known = |column: usize| {
        head.columns.values().any(|at| *at == column)
            || place.columns().contains(&Some(column))
            || own_list.has(column)
    };
    let wanted: Vec<Wanted> = (Column::ALL.iter())
        .filter(|column| !head.columns.contains_key(column))
        .map(|column| Wanted::Field(column.code(), column.label()))
        .collect();
    let own = options.profile_over(Profile::default_marks());
    sheet.unknown_columns(&Shape { rows: &rows, known: &known, marked: &[], wanted: &wanted, profile: &own });
    if silent > 0 {
        sheet.notes.push(format!(
            "段階などが書かれていない{silent}行は読み飛ばしました（空欄は「変えない」の意味です）。"
        ));
    }
    sheet.notes.extend(own_list.notes());
    sheet.ask_since_when(&statements);
    let mut understood = level::understood(&statements, catalogue, &words);
    let (marked, questions, profile) = marks.finish(&mut sheet.notes);
    let profile = (!marked.is_empty() || !questions.is_empty()).then_some(profile);
    understood.extend(marked);
    sheet.questions.extend(questions);
    let reading = sheet.reading(Layout::Long, rows.len());
    Ok(Reading { profile, understood, statements, revisions, ..reading })
}
