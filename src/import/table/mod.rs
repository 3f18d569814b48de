//! Rows and cells with their physical line numbers, whatever the container was.

mod container;
mod facts;
mod merges;
mod row;
mod sheets;
mod shown;
mod size;
mod tables;
mod text;

use super::{Fault, Options, kinds, workbook};

pub use container::Container;
pub(super) use facts::{SheetFacts, TO_READ_IT};
pub(super) use row::Row;
pub(super) use size::check_text;
pub(super) use tables::{Table, Tables, no_rows};

/// Reads a file into its tables.
///
/// # Errors
///
/// See [`super::read`].
pub(super) fn read(bytes: &[u8], options: &Options) -> Result<Tables, Vec<Fault>> {
    let tables = match kinds::kind(bytes) {
        kinds::Kind::Other(fault) => return Err(vec![fault]),
        kinds::Kind::Package => {
            let book = workbook::read(bytes, &workbook::Limits::default())
                .map_err(|error| vec![kinds::no_workbook(bytes, &error)])?;
            sheets::from_workbook(book, options)?
        }
        kinds::Kind::Text => text::from_text(bytes, options)?,
    };
    if tables.tables.iter().all(|table| table.rows.iter().all(Row::is_empty)) {
        let facts = tables.tables.into_iter().next().map(|table| table.facts).unwrap_or_default();
        return Err(facts.explain(vec![no_rows()], options.hidden));
    }
    Ok(tables)
}
