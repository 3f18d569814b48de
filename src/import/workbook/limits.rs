//! How much of a workbook is read.

/// How much of a workbook is read before it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes all the parts read may unpack to together. The same number bounds
    /// the bytes of text in all cells, because one stored string may be shown
    /// in any number of them.
    pub unpacked_bytes: u64,
    /// Entries of the zip archive.
    pub entries: usize,
    /// Unpacked bytes per packed byte of one part, once it exceeds 1 MiB.
    pub ratio: u64,
    /// Cells from column A to the last value of each row, in all sheets
    /// together. Empty ones in between count, because whoever lays the rows
    /// out as a table pays for them.
    pub cells: usize,
    /// Columns of a sheet: how far right a cell with a value may stand.
    pub columns: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { unpacked_bytes: 100 * 1024 * 1024, entries: 200, ratio: 100, cells: 4_000_000, columns: 2_000 }
    }
}
