//! How large a table may be.

use crate::import::{Fault, FaultKind};

/// Most columns a table may have.
pub(super) const MAX_COLUMNS: usize = 2_000;

/// Most cells a table may have.
pub(super) const MAX_CELLS: usize = 4_000_000;

/// Most cells of one line, empty ones at its end among them: what a spreadsheet can write.
pub(super) const MAX_WRITTEN: usize = 16_384;

/// Most lines of a text file: a row costs memory, however short it is. A sheet has as many.
pub(super) const MAX_LINES: usize = 1_048_576;

pub(super) fn check_size(columns: usize, cells: usize, line: u32) -> Result<(), Vec<Fault>> {
    if columns > MAX_COLUMNS {
        return Err(too_many_columns(columns, line));
    }
    if cells > MAX_CELLS {
        return Err(vec![
            Fault::whole("too_many_cells", "セルの数が多すぎます。")
                .of_kind(FaultKind::TooLarge)
                .allowing(format!("{MAX_CELLS}セルまで")),
        ]);
    }
    Ok(())
}

pub(super) fn too_many_columns(columns: usize, line: u32) -> Vec<Fault> {
    vec![
        Fault::whole("too_many_columns", format!("{line}行目に{columns}列あります。"))
            .of_kind(FaultKind::TooLarge)
            .at_line(line)
            .allowing(format!("{MAX_COLUMNS}列まで")),
    ]
}

/// Most text of one file, in bytes, once cells that share theirs are filled.
pub(in crate::import) const MAX_TEXT: usize = 100 * 1024 * 1024;

/// Refuses more text than a file may have.
pub(in crate::import) fn check_text(bytes: usize) -> Result<(), Vec<Fault>> {
    if bytes <= MAX_TEXT {
        return Ok(());
    }
    Err(vec![
        Fault::whole(
            "too_large",
            "セルの文字を合わせると大きすぎます（結合セルや「上の値で埋める」を含む）。",
        )
        .of_kind(FaultKind::TooLarge)
        .allowing(format!("{} MB まで", MAX_TEXT >> 20)),
    ])
}
