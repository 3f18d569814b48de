//! Why a file was refused, for the log and for the person who chose it.

use thiserror::Error;

/// Why a file was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WorkbookError {
    /// Not a zip archive, or one without a spreadsheet in it.
    #[error("not an Excel workbook (.xlsx)")]
    NotWorkbook,
    /// The archive is broken or uses something Excel does not write.
    #[error("the archive cannot be read: {0}")]
    Damaged(String),
    /// An OLE container (a password, or the format before 2007), or a zip with a password.
    #[error("the file has a password or is an .xls of the time before 2007")]
    Protected,
    /// A workbook with macros.
    #[error("a workbook with macros (.xlsm)")]
    Macro,
    /// A workbook in the binary format.
    #[error("a binary workbook (.xlsb)")]
    Binary,
    /// A file of LibreOffice or another OpenDocument program.
    #[error("an OpenDocument file (.ods)")]
    OpenDocument,
    /// Two parts of one name: programs disagree on which of them counts.
    #[error("the archive holds {0} twice")]
    DuplicatePart(String),
    /// The archive has too many entries.
    #[error("the archive has {found} entries, {allowed} are allowed")]
    TooManyEntries {
        /// How many it claims.
        found: usize,
        /// How many are allowed.
        allowed: usize,
    },
    /// The parts unpack to too much.
    #[error("more than {allowed} bytes of content, reached in {part}")]
    TooLarge {
        /// The part being read.
        part: String,
        /// Bytes allowed.
        allowed: u64,
    },
    /// A part is compressed more than honest content can be.
    #[error("{part} unpacks to more than {allowed} times its size")]
    RatioTooHigh {
        /// The part being read.
        part: String,
        /// Unpacked bytes allowed for each packed byte.
        allowed: u64,
    },
    /// Too many cells, those between values included.
    #[error("more than {allowed} cells, reached in sheet {sheet:?}")]
    TooManyCells {
        /// The sheet being read.
        sheet: String,
        /// How many are allowed in the workbook.
        allowed: usize,
    },
    /// A value stands too far to the right.
    #[error("sheet {sheet:?} has a value in {reference}, {allowed} columns are allowed")]
    TooManyColumns {
        /// The sheet being read.
        sheet: String,
        /// The cell.
        reference: String,
        /// How many columns are allowed.
        allowed: usize,
    },
    /// Too many of something no honest workbook has many of.
    #[error("{part} has more than {allowed} {what}")]
    TooManyItems {
        /// The part being read.
        part: String,
        /// What there is too much of.
        what: &'static str,
        /// How many are allowed.
        allowed: usize,
    },
    /// Links to other workbooks: what stands in the cells came from elsewhere.
    #[error("the workbook has links to other workbooks")]
    ExternalLink,
    /// A document type definition, which workbooks do not have and attacks do.
    #[error("{0} contains a document type definition")]
    Dtd(String),
    /// XML that is not well-formed, or whose content makes no sense.
    #[error("{part} is malformed at byte {position}: {detail}")]
    Malformed {
        /// The part being read.
        part: String,
        /// Byte position in the unpacked part.
        position: u64,
        /// What is wrong.
        detail: String,
    },
    /// A row or cell reference outside A1:XFD1048576, or not in ascending order.
    #[error("sheet {sheet:?} has {reference:?}, which is outside A1:XFD1048576 or out of order")]
    BadReference {
        /// The sheet being read.
        sheet: String,
        /// The reference as stored.
        reference: String,
    },
    /// One text is longer than a cell can hold.
    #[error("{part} has a text of more than {allowed} bytes at byte {position}")]
    TextTooLong {
        /// The part being read.
        part: String,
        /// Byte position in the unpacked part.
        position: u64,
        /// Bytes allowed.
        allowed: usize,
    },
    /// No worksheet, or only chart sheets.
    #[error("the workbook has no worksheet")]
    NoSheet,
}

impl WorkbookError {
    /// A short name that stays the same when the wording changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotWorkbook => "workbook_not_xlsx",
            Self::Damaged(_) => "workbook_damaged",
            Self::Protected => "workbook_protected",
            Self::Macro => "workbook_macro",
            Self::Binary => "workbook_binary",
            Self::OpenDocument => "workbook_open_document",
            Self::DuplicatePart(_) => "workbook_duplicate_part",
            Self::TooManyEntries { .. } => "workbook_too_many_entries",
            Self::TooLarge { .. } => "workbook_too_large",
            Self::RatioTooHigh { .. } => "workbook_ratio_too_high",
            Self::TooManyCells { .. } => "workbook_too_many_cells",
            Self::TooManyColumns { .. } => "workbook_too_many_columns",
            Self::TooManyItems { .. } => "workbook_too_many_items",
            Self::ExternalLink => "workbook_external_link",
            Self::Dtd(_) => "workbook_dtd",
            Self::Malformed { .. } => "workbook_malformed",
            Self::BadReference { .. } => "workbook_bad_reference",
            Self::TextTooLong { .. } => "workbook_text_too_long",
            Self::NoSheet => "workbook_no_sheet",
        }
    }

    /// What is wrong and what to do about it, for the person who chose the file.
    pub fn ja(&self) -> String {
        const SAVE: &str = "Excel で開き、「名前を付けて保存」でファイルの種類を「Excel ブック (*.xlsx)」にして保存し直したファイルを選んでください。";
        const COPY: &str = "必要な表だけを新しいブックに値として貼り付け、「Excel ブック (*.xlsx)」で保存したファイルを選んでください。";
        let (problem, remedy) = match self {
            Self::NotWorkbook => (
                "Excel ブック (.xlsx) ではないファイルです。".to_owned(),
                SAVE,
            ),
            Self::Damaged(_) => (
                "ファイルが壊れているため読み取れません。".to_owned(),
                SAVE,
            ),
            Self::Protected => (
                "パスワードで保護されたファイルか、古い形式 (.xls) のファイルです。パスワードがあれば解除し、".to_owned(),
                SAVE,
            ),
            Self::Macro => (
                "マクロ付きのブック (.xlsm) は受け付けません。".to_owned(),
                SAVE,
            ),
            Self::Binary => (
                "バイナリ形式のブック (.xlsb) は受け付けません。".to_owned(),
                SAVE,
            ),
            Self::OpenDocument => (
                "OpenDocument 形式 (.ods) のファイルは受け付けません。".to_owned(),
                SAVE,
            ),
            Self::DuplicatePart(part) => (
                format!("ファイルの中に同じ名前の部品「{part}」が二つあります。"),
                SAVE,
            ),
            Self::TooManyEntries { found, allowed } => (
                format!("ファイルの中の部品が {found} 個あります（上限 {allowed} 個）。画像や図形は取り込めません。"),
                COPY,
            ),
            Self::TooLarge { allowed, .. } => (
                format!("ファイルの中身が大きすぎます（上限 {}）。", size(*allowed)),
                COPY,
            ),
            Self::RatioTooHigh { part, allowed } => (
                format!("ファイルの中の「{part}」の圧縮率が異常に高いため受け付けません（上限 {allowed} 倍）。"),
                COPY,
            ),
            Self::TooManyCells { sheet, allowed } => (
                format!("セルの数が上限の {allowed} 個を超えています（シート「{sheet}」を読み取り中）。"),
                COPY,
            ),
            Self::TooManyColumns { sheet, reference, allowed } => (
                format!("シート「{sheet}」のセル {reference} に値があり、上限の {allowed} 列を超えています。不要な値であれば消してください。"),
                COPY,
            ),
            Self::TooManyItems { part, allowed, .. } => (
                format!("ファイルの中の「{part}」に含まれる項目（結合セル、書式など）が上限の {allowed} 個を超えています。"),
                COPY,
            ),
            Self::ExternalLink => (
                "ほかのブックへのリンク（外部参照）が含まれているため受け付けません。".to_owned(),
                COPY,
            ),
            Self::Dtd(part) => (
                format!("ファイルの中の「{part}」に、Excel が書き込まない定義 (DTD) が含まれているため受け付けません。"),
                SAVE,
            ),
            Self::Malformed { part, position, .. } => (
                format!("ファイルの中の「{part}」が {position} バイト目で壊れているため読み取れません。"),
                SAVE,
            ),
            Self::BadReference { sheet, reference } => (
                format!("シート「{sheet}」の行またはセルの番地「{reference}」が、Excel の範囲（A1 から XFD1048576）の外か、順番どおりではありません。"),
                SAVE,
            ),
            Self::TextTooLong { part, .. } => (
                format!("ファイルの中の「{part}」に、一つのセルに入る長さ（32,767 文字）を超える文字列があります。"),
                "文字列を短くして保存し直したファイルを選んでください。",
            ),
            Self::NoSheet => (
                "ワークシートが一つもありません。".to_owned(),
                "表のあるブックを選んでください。",
            ),
        };
        problem + remedy
    }
}

fn size(bytes: u64) -> String {
    match bytes >> 20 {
        0 => format!("{bytes} バイト"),
        mib => format!("{mib} MB"),
    }
}

pub(super) type Outcome<T> = Result<T, WorkbookError>;
