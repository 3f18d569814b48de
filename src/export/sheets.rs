//! What all our workbooks have in common.

use std::io::{self, Seek, Write};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, XlsxError};

use super::words::Line;
use crate::grid::Grid;

/// Name of the sheet that explains.
pub(super) const EXPLAINED: &str = "説明";

pub(super) fn broken(cause: XlsxError) -> io::Error {
    match cause {
        XlsxError::IoError(cause) => cause,
        other => io::Error::other(other),
    }
}

/// An empty workbook. It is dated by the day of the data, so that the same data gives the same
/// bytes.
pub(super) fn start(grid: &Grid) -> Result<Workbook, XlsxError> {
    use chrono::Datelike;
    let day = grid.as_of();
    let number = |number: u32| u8::try_from(number).unwrap_or(1);
    let made = ExcelDateTime::from_ymd(
        u16::try_from(day.year()).unwrap_or(1900),
        number(day.month()),
        number(day.day()),
    )?;
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_author("todoke").set_creation_datetime(&made));
    Ok(workbook)
}

/// How headings look.
pub(super) fn heading() -> Format {
    Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top)
}

/// Cells that stay text when somebody types a number into them.
pub(super) fn text() -> Format {
    Format::new().set_num_format("@")
}

/// Text that wraps.
pub(super) fn wrapped() -> Format {
    text().set_text_wrap().set_align(FormatAlign::Top)
}

/// Adds the sheet that explains the one before.
pub(super) fn explain(workbook: &mut Workbook, lines: &[Line]) -> Result<(), XlsxError> {
    let sheet = workbook.add_worksheet();
    sheet.set_name(EXPLAINED)?;
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 100)?;
    let (head, wrapped) = (heading(), wrapped());
    for ((what, text), row) in lines.iter().zip(0..) {
        sheet.write_string_with_format(row, 0, what, &head)?;
        sheet.write_string_with_format(row, 1, text, &wrapped)?;
    }
    Ok(())
}

/// Writes the workbook out.
pub(super) fn save(mut workbook: Workbook, out: impl Write + Seek + Send) -> io::Result<()> {
    workbook.save_to_writer(out).map_err(broken)
}
