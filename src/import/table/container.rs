//! What a file is by its bytes.

use crate::import::decode::Encoding;

/// What the bytes turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// Delimited text.
    Text {
        /// Its encoding.
        encoding: Encoding,
        /// `,` `;` or tab.
        delimiter: u8,
    },
    /// A sheet of an Excel workbook.
    Workbook {
        /// Name of the sheet.
        sheet: String,
    },
}

impl Container {
    /// Name of the sheet, in a workbook.
    pub fn sheet(&self) -> Option<&str> {
        match self {
            Self::Workbook { sheet } => Some(sheet),
            Self::Text { .. } => None,
        }
    }

    /// What is shown to people and recorded with the import.
    pub fn label(&self) -> String {
        match self {
            Self::Text { encoding, delimiter } => {
                let delimiter = match delimiter {
                    b'\t' => "タブ区切り",
                    b';' => "セミコロン区切り",
                    _ => "CSV",
                };
                format!("{} {delimiter}", encoding.label())
            }
            Self::Workbook { .. } => "xlsx".to_owned(),
        }
    }
}
