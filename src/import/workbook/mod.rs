//! Reads the cells of an Excel workbook (.xlsx) that somebody uploaded.
//!
//! The bytes are hostile until proven otherwise: a file of a few kilobytes may
//! claim to unpack to gigabytes, may place one cell in the last row of the
//! last column, or may repeat one long text a million times. So every quantity
//! that costs memory or time is bounded by [`Limits`], and it is counted while
//! reading; the sizes a file claims about itself are never trusted.
//!
//! This module knows nothing but the byte slice it is given. It must not know
//! where the bytes came from, what the columns mean, the database or HTTP; it
//! writes nothing, follows no link and evaluates no formula.

mod contents;
mod error;
mod format;
mod limits;
mod package;
mod parts;
mod place;
mod runs;
mod sheet;
#[cfg(test)]
mod tests;

pub use contents::{CellValue, DateParts, NO_RESULT, NumberFormat, Sheet, SheetCell, SheetRow, Workbook};
pub use error::WorkbookError;
pub use limits::Limits;
pub use place::{CellRange, Cells, letters, reference};

use error::Outcome;
use package::Package;
use parts::{Kind, Strings};
use sheet::{Shared, SheetBuilder, Spent};

/// Whether the bytes are a workbook of the Office Open XML family, judged by
/// content. True also for the kinds [`read`] refuses with an explanation
/// (.xlsm, .xlsb), because no other reader would do better with them.
pub fn is_workbook(bytes: &[u8]) -> bool {
    let limits = Limits {
        // The list of content types is a few kilobytes.
        unpacked_bytes: 1 << 20,
        ..Limits::default()
    };
    Package::open(bytes, &limits)
        .and_then(|mut package| parts::kind(&mut package))
        .is_ok_and(|kind| kind.is_some())
}

/// The names of what an archive holds, as they are stored; none of an archive that is broken or has
/// too many of them.
pub fn names(bytes: &[u8], limits: &Limits) -> Vec<Vec<u8>> {
    let package = Package::open(bytes, limits);
    package.map(|package| package.names().map(<[u8]>::to_vec).collect()).unwrap_or_default()
}

/// Reads all worksheets of a workbook, the hidden ones too.
///
/// # Errors
///
/// The first reason found to refuse the file; nothing is returned in part.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Workbook, WorkbookError> {
    let mut package = Package::open(bytes, limits)?;
    match parts::kind(&mut package)? {
        Some(Kind::Plain) => {}
        Some(Kind::Macro) => return Err(WorkbookError::Macro),
        Some(Kind::Binary) => return Err(WorkbookError::Binary),
        None if package.is_open_document() => return Err(WorkbookError::OpenDocument),
        None => return Err(WorkbookError::NotWorkbook),
    }
    if package.has_external_links() {
        return Err(WorkbookError::ExternalLink);
    }
    let root = parts::relations(&mut package, "")?;
    let main = root.first("officeDocument").unwrap_or("xl/workbook.xml");
    let relations = parts::relations(&mut package, main)?;
    let main = parts::main(&mut package, main)?;
    let styles = match relations.first("styles") {
        Some(part) => parts::styles(&mut package, part)?,
        None => Vec::new(),
    };
    let struck = styles.iter().any(|style| style.struck);
    let strings = match relations.first("sharedStrings") {
        Some(part) => parts::shared_strings(&mut package, part, struck)?,
        None => Strings::default(),
    };
    let shared = Shared { styles, strings, uncomputed: main.uncomputed };
    let mut spent = Spent::default();
    let mut sheets = Vec::new();
    for tab in main.tabs {
        let Some(part) = relations.worksheet(&tab.relation) else {
            continue;
        };
        let mut builder = SheetBuilder::new(tab.name, tab.hidden, limits, &shared, &mut spent);
        if package.walk(part, |at, node| builder.take(at, node))? {
            let mut sheet = builder.finish();
            add_what_lies_beside(&mut package, part, &mut sheet)?;
            sheets.push(sheet);
        }
    }
    if sheets.is_empty() {
        return Err(WorkbookError::NoSheet);
    }
    Ok(Workbook { sheets, date_1904: main.date_1904 })
}

/// Adds what other parts say of a sheet: the filters of its tables, and comments.
fn add_what_lies_beside(package: &mut Package<'_>, part: &str, sheet: &mut Sheet) -> Outcome<()> {
    let relations = parts::relations(package, part)?;
    for table in relations.all("table") {
        sheet.filters.extend(parts::table_filter(package, table)?);
    }
    sheet.comments = parts::comments(package, &relations)?;
    Ok(())
}
