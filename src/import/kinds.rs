//! What kind of file the bytes are, judged by content: a name says what somebody thought it was.
//!
//! Only text and workbooks are read. Of every other kind that towns send, the answer says what it
//! is and how a table comes out of it.

use encoding_rs::SHIFT_JIS;

use super::workbook::{self, Limits, WorkbookError};
use super::{Fault, FaultKind};

/// What is to be done with the bytes.
pub(super) enum Kind {
    /// They are text until it is found that they are none.
    Text,
    /// They are a package, in all likelihood a workbook.
    Package,
    /// They are of a kind that is not read.
    Other(Fault),
}

/// What would have been taken.
const TAKEN: &str = "Excel ブック（.xlsx）、CSV、タブ区切りのテキスト";
const SAVE: &str = "Excel で開き、「名前を付けて保存」でファイルの種類を「Excel ブック (*.xlsx)」にして保存し直したファイルを選んでください。";
const ORIGINAL: &str = "元になった Excel ファイル（.xlsx）か CSV を選んでください。";

fn other(code: &str, what: &str, remedy: &str) -> Kind {
    Kind::Other(fault(code, what, remedy))
}

fn fault(code: &str, what: &str, remedy: &str) -> Fault {
    Fault::whole(code, format!("{what}{remedy}")).of_kind(FaultKind::WrongKind).allowing(TAKEN)
}

/// The kind of the bytes.
pub(super) fn kind(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"PK\x03\x04") {
        return Kind::Package;
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Kind::Other(compound(bytes));
    }
    if let Some((_, code, what, remedy)) = MAGIC.iter().find(|(magic, ..)| bytes.starts_with(magic)) {
        return other(code, what, remedy);
    }
    by_inner_mark(bytes).or_else(|| by_first_words(bytes)).or_else(|| json(bytes)).unwrap_or(Kind::Text)
}

type Magic = (&'static [u8], &'static str, &'static str, &'static str);

const IMAGE: (&str, &str, &str) = ("image", "画像のファイルです。", ORIGINAL);
const PACKED: (&str, &str, &str) = (
    "archive",
    "圧縮されたファイルです。",
    "展開（解凍）して、中の Excel ファイル（.xlsx）か CSV を選んでください。",
);
const DATABASE: (&str, &str, &str) = (
    "database",
    "データベースや分析用のデータのファイルです。",
    "必要な表を CSV で書き出したものを選んでください。",
);
const OLD_EXCEL: (&str, &str, &str) =
    ("old_excel", "古い形式の Excel ブック（.xls）です。パスワードがあれば解除し、", SAVE);

const SYLK: (&str, &str, &str) = ("old_excel", "SYLK 形式（.slk）のファイルです。", SAVE);

const fn magic(magic: &'static [u8], kind: (&'static str, &'static str, &'static str)) -> Magic {
    (magic, kind.0, kind.1, kind.2)
}

/// How files begin that are no text. None of these begins a text that anybody writes.
static MAGIC: &[Magic] = &[
    magic(b"PK\x05\x06", ("archive", "中身のない ZIP ファイルです。", ORIGINAL)),
    magic(b"PK\x07\x08", PACKED),
    magic(b"%PDF", ("pdf", "PDF ファイルです。", ORIGINAL)),
    magic(b"\xEF\xBB\xBF%PDF", ("pdf", "PDF ファイルです。", ORIGINAL)),
    magic(b"{\\rtf", ("document", "リッチテキスト（.rtf）の文書です。", ORIGINAL)),
    magic(b"\x89PNG", IMAGE),
    magic(b"\xFF\xD8\xFF", IMAGE),
    magic(b"GIF8", IMAGE),
    magic(b"II*\0", IMAGE),
    magic(b"MM\0*", IMAGE),
    magic(b"\x1F\x8B", PACKED),
    magic(b"7z\xBC\xAF\x27\x1C", PACKED),
    magic(b"Rar!\x1A", PACKED),
    magic(b"\xFD7zXZ\0", PACKED),
    magic(b"\x28\xB5\x2F\xFD", PACKED),
    magic(b"MSCF\0", PACKED),
    magic(b"SQLite format 3\0", DATABASE),
    magic(b"\0\x01\0\0Standard Jet DB", DATABASE),
    magic(b"\0\x01\0\0Standard ACE DB", DATABASE),
    magic(b"PAR1", DATABASE),
    magic(b"ARROW1\0", DATABASE),
    magic(b"PGDMP", DATABASE),
    magic(b"L\0\0\0\x01\x14\x02\0", SHORTCUT),
    magic(b"[InternetShortcut]", SHORTCUT),
    // Excel before 1993, without a container around it.
    magic(b"\x09\x00\x04\x00", OLD_EXCEL),
    magic(b"\x09\x02\x06\x00", OLD_EXCEL),
    magic(b"\x09\x04\x06\x00", OLD_EXCEL),
    magic(b"\x09\x08\x08\x00", OLD_EXCEL),
    magic(b"\x09\x08\x10\x00", OLD_EXCEL),
    magic(b"ID;PWXL", SYLK),
    magic(b"ID;PSCALC", SYLK),
];

const SHORTCUT: (&str, &str, &str) = (
    "shortcut",
    "ショートカット（リンク）で、表そのものではありません。",
    "リンク先のファイルを選んでください。",
);

/// Files whose mark does not stand at their beginning.
fn by_inner_mark(bytes: &[u8]) -> Option<Kind> {
    let at = |from: usize, mark: &[u8]| bytes.get(from..).is_some_and(|rest| rest.starts_with(mark));
    let of = |(code, what, remedy): (&str, &str, &str)| Some(other(code, what, remedy));
    let lzh = at(2, b"-lh") && at(6, b"-");
    let bzip = at(0, b"BZh") && at(4, b"1AY&SY");
    if lzh || bzip || at(257, b"ustar") {
        return of(PACKED);
    }
    let bitmap = at(0, b"BM") && at(6, &[0; 4]);
    if bitmap || at(4, b"ftyp") || (at(0, b"RIFF") && at(8, b"WEBP")) {
        return of(IMAGE);
    }
    // The name of whoever has a workbook open, padded with blanks: 54 letters, then the same in UTF-16.
    let owner = bytes.first().map_or(0, |length| usize::from(*length));
    if bytes.len() == 165 && (1..32).contains(&owner) && bytes[owner + 1..55].iter().all(|byte| *byte == b' ')
    {
        return Some(other(
            "shortcut",
            "Excel がブックを開いている間だけ作る一時ファイル（~$ で始まる名前）です。",
            "「~$」の付かない元のファイルを選んでください。",
        ));
    }
    looks_binary(bytes).then(|| other("other_kind", "表として読めない種類のファイルです。", ORIGINAL))
}

/// Whether so much of it is neither letters nor line ends that it is no text in any encoding.
fn looks_binary(bytes: &[u8]) -> bool {
    /// Fewer may be slips in a text.
    const ENOUGH: usize = 16;
    let head = &bytes[..bytes.len().min(1024)];
    // A text in UTF-16 has such bytes in every other place.
    if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") || head.contains(&0) && is_wide(head) {
        return false;
    }
    let strange = head.iter().filter(|byte| matches!(byte, 1..=8 | 14..=25 | 28..=31 | 127)).count();
    strange >= ENOUGH && strange * 20 >= head.len()
}

/// Whether the bytes of nothing stand on one side of pairs only.
fn is_wide(head: &[u8]) -> bool {
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    (first + second) * 8 >= head.len() && (first * 10 < second || second * 10 < first)
}

/// Text that is written for other programs.
fn by_first_words(bytes: &[u8]) -> Option<Kind> {
    // What matters is ASCII in every encoding, but for the other half of UTF-16.
    let head: Vec<u8> =
        bytes.iter().take(4096).filter(|byte| byte.is_ascii() && **byte != 0).copied().collect();
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let head = head.trim_start();
    if head.starts_with('<') {
        return markup(head);
    }
    let mail =
        ["from:", "to:", "subject:", "mime-version:", "content-type:", "received:", "message-id:", "date:"];
    let first = ["return-path:", "delivered-to:", "x-", "reply-to:"];
    let begins = mail.iter().chain(&first).any(|name| head.starts_with(name));
    if begins && mail.iter().filter(|name| head.contains(&format!("\n{name}"))).count() >= 2 {
        return Some(if head.contains("multipart/related") && head.contains("text/html") {
            web_page()
        } else {
            other(
                "email",
                "電子メールのファイルです。",
                "添付された Excel ファイル（.xlsx）か CSV を保存して選んでください。",
            )
        });
    }
    None
}

fn web_page() -> Kind {
    other("web_page", "ウェブページ（HTML）を .xls などの名前で保存したファイルです。", SAVE)
}

fn markup(head: &str) -> Option<Kind> {
    const TAGS: [&str; 14] = [
        "<html",
        "<!doctype html",
        "<table",
        "<head",
        "<meta",
        "<style",
        "<body",
        "<div",
        "<script",
        "<center",
        "<title",
        "<tr",
        "<p>",
        "<br",
    ];
    if TAGS.iter().any(|tag| head.starts_with(tag)) || head.contains("<html") {
        return Some(web_page());
    }
    let is_xml = ["<?xml", "<?mso", "<workbook", "<!--", "<!doctype"].iter().any(|tag| head.starts_with(tag));
    if head.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        return Some(other("xml_spreadsheet", "XML スプレッドシート 2003 の形式のファイルです。", SAVE));
    }
    if head.starts_with("<svg") || (is_xml && head.contains("<svg")) {
        return Some(other(IMAGE.0, IMAGE.1, IMAGE.2));
    }
    is_xml.then(|| {
        other(
            "xml",
            "XML 形式のデータです。",
            "表の形（1行に1件）の CSV か Excel ブック（.xlsx）にして選んでください。",
        )
    })
}

/// JSON, one value or one a line. A table may begin with a bracket, but its first line is no value.
fn json(bytes: &[u8]) -> Option<Kind> {
    use serde::de::IgnoredAny;
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let mut values = serde_json::Deserializer::from_slice(text).into_iter::<IgnoredAny>();
    let found = match text.first()? {
        b'{' => values.next()?.is_ok(),
        b'[' => values.next()?.is_ok() && text[values.byte_offset()..].trim_ascii().is_empty(),
        _ => false,
    };
    found.then(|| {
        other(
            "json",
            "JSON（NDJSON）形式のデータです。",
            "todoke から書き出したものなら書き出しの形式に CSV か Excel を選び、ほかのものなら表の形（1行に1件）にして選んでください。",
        )
    })
}

/// What an OLE container holds, by the names in its directory.
fn compound(bytes: &[u8]) -> Fault {
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // Each entry of the directory is 128 bytes: the name, and its length with a zero at the end.
        bytes.chunks_exact(128).any(|entry| {
            entry.starts_with(&wide) && (entry[wide.len()..wide.len() + 2] == [0, 0] || name.ends_with('_'))
        })
    };
    if holds("EncryptedPackage") {
        return fault(
            WorkbookError::Protected.code(),
            "パスワードで保護されたファイルです。Excel でパスワードを入れて開き、パスワードを解除して保存し直し、",
            "そのファイルを選んでください。",
        );
    }
    if holds("Workbook") || holds("Book") {
        return fault(OLD_EXCEL.0, OLD_EXCEL.1, OLD_EXCEL.2);
    }
    if holds("WordDocument") {
        return fault("document", "Word の文書（.doc）です。", ORIGINAL);
    }
    if holds("PowerPoint Document") {
        return fault("document", "PowerPoint のファイル（.ppt）です。", ORIGINAL);
    }
    if holds("__nameid_version1.0") || holds("__substg1.0_") {
        let remedy = "添付された Excel ファイル（.xlsx）か CSV を保存して選んでください。";
        return fault("email", "Outlook の電子メール（.msg）です。", remedy);
    }
    fault("document", "古い形式の Office や一太郎などのファイルです。", ORIGINAL)
}

/// A package that is no workbook: a document of another program, or an archive of files.
pub(super) fn no_workbook(bytes: &[u8], error: &WorkbookError) -> Fault {
    let own = || Fault::whole(error.code(), error.ja()).of_kind(kind_of(error));
    // The first entry stands at the very beginning, however many there are.
    let first = bytes.get(30..).unwrap_or_default();
    let office = ["[Content_Types].xml", "_rels/", "docProps/", "xl/", "customXml/", "mimetype"];
    let is_office = office.iter().any(|name| first.starts_with(name.as_bytes()));
    match error {
        WorkbookError::NotWorkbook => {}
        // A workbook may well have too many parts; an archive of files is one all the same.
        WorkbookError::TooManyEntries { .. } if !is_office => {}
        _ => return own(),
    }
    let names: Vec<String> =
        workbook::names(bytes, &Limits::default()).iter().map(|raw| decoded(raw)).collect();
    let has = |start: &str| names.iter().any(|name| name.starts_with(start));
    if has("word/") {
        return fault("document", "Word の文書（.docx）です。", ORIGINAL);
    }
    if has("ppt/") {
        return fault("document", "PowerPoint のファイル（.pptx）です。", ORIGINAL);
    }
    if names.iter().any(|name| name.ends_with(".iwa")) || has("Index.zip") || has("index.apxl") {
        let remedy = "そのアプリで開き、「書き出す」で Excel（.xlsx）か CSV にして選んでください。";
        return fault("document", "Apple の Numbers や Pages などの書類です。", remedy);
    }
    if has("mimetype") || has("visio/") || has("[Content_Types].xml") {
        return fault("document", "表計算ではない文書のファイルです。", ORIGINAL);
    }
    archive(&names)
}

/// What sort of fault a workbook has that is not read.
fn kind_of(error: &WorkbookError) -> FaultKind {
    match error {
        WorkbookError::NotWorkbook
        | WorkbookError::Protected
        | WorkbookError::Macro
        | WorkbookError::Binary
        | WorkbookError::OpenDocument => FaultKind::WrongKind,
        WorkbookError::TooManyEntries { .. }
        | WorkbookError::TooLarge { .. }
        | WorkbookError::RatioTooHigh { .. }
        | WorkbookError::TooManyCells { .. }
        | WorkbookError::TooManyColumns { .. }
        | WorkbookError::TooManyItems { .. }
        | WorkbookError::TextTooLong { .. } => FaultKind::TooLarge,
        WorkbookError::Damaged(_)
        | WorkbookError::DuplicatePart(_)
        | WorkbookError::ExternalLink
        | WorkbookError::Dtd(_)
        | WorkbookError::Malformed { .. }
        | WorkbookError::BadReference { .. }
        | WorkbookError::NoSheet => FaultKind::Told,
    }
}

/// A name in an archive: UTF-8, or what Japanese Windows writes.
fn decoded(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) => text.to_owned(),
        Err(_) => SHIFT_JIS.decode_without_bom_handling(raw).0.into_owned(),
    }
}

fn archive(names: &[String]) -> Fault {
    /// So many are told.
    const TOLD: usize = 10;
    let files: Vec<&str> = names
        .iter()
        .filter(|name| !name.ends_with('/') && !name.starts_with("__MACOSX/") && !name.ends_with(".DS_Store"))
        .map(|name| name.rsplit(['/', '\\']).next().unwrap_or(name))
        .collect();
    let is_table = |name: &&str| {
        let lower = name.to_lowercase();
        [".xlsx", ".csv", ".tsv", ".txt", ".xls"].iter().any(|end| lower.ends_with(end))
    };
    let tables: Vec<&str> = files.iter().copied().filter(is_table).collect();
    let told: Vec<String> = files.iter().take(TOLD).map(|name| name.chars().take(40).collect()).collect();
    let more = if files.len() > TOLD { format!(" ほか{}個", files.len() - TOLD) } else { String::new() };
    let what = match told.len() {
        0 => "ZIP ファイル（圧縮フォルダー）です。".to_owned(),
        _ => format!("ZIP ファイル（圧縮フォルダー）です。中に {}{more} があります。", told.join("、")),
    };
    let remedy = match tables[..] {
        [only] => format!(
            "展開（解凍）して、中の「{}」を選んでください。",
            only.chars().take(40).collect::<String>()
        ),
        _ => "展開（解凍）して、取り込む表のファイルを1つずつ選んでください。".to_owned(),
    };
    fault("archive", &what, &remedy).found(&told.join("、"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;

    fn code(bytes: &[u8]) -> String {
        match kind(bytes) {
            Kind::Text => "text".to_owned(),
            Kind::Package => "package".to_owned(),
            Kind::Other(fault) => {
                assert!(
                    fault.message.ends_with("ください。") || fault.message.contains("ください。"),
                    "{fault:?}"
                );
                assert_eq!(fault.kind, FaultKind::WrongKind, "{}", fault.code);
                fault.code
            }
        }
    }

    fn wide(text: &str) -> Vec<u8> {
        b"\xFF\xFE".iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn what_is_no_table_is_called_by_its_name() {
        let cases: &[(&[u8], &str)] = &[
            (b"%PDF-1.7\n", "pdf"),
            (b"\x89PNG\r\n\x1a\n", "image"),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", "image"),
            (b"\0\0\0\x18ftypheic", "image"),
            (b"BM\x36\x10\0\0\0\0\0\0", "image"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image"),
            (b"\x1F\x8B\x08\0", "archive"),
            (b"  -lh5- ", "archive"),
            (b"PK\x05\x06\0\0\0\0", "archive"),
            (b"{\\rtf1\\ansi", "document"),
            (b"SQLite format 3\0", "database"),
            (b"PAR1\x15\x04", "database"),
            (b"[InternetShortcut]\r\nURL=https://example.jp/", "shortcut"),
            (b"<html><body><table>", "web_page"),
            (b"\r\n  <!DOCTYPE HTML PUBLIC>", "web_page"),
            (b"\xEF\xBB\xBF<table border=1>", "web_page"),
            (b"<?xml version='1.0'?><html xmlns='x'>", "web_page"),
            (
                b"<?xml version=\"1.0\"?>\n<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                "xml_spreadsheet",
            ),
            (b"<?xml version=\"1.0\"?><rows/>", "xml"),
            (b"{\"municipality_code\":\"082333\"}\n{\"municipality_code\":\"082341\"}\n", "json"),
            (b"[{\"a\":1},\n{\"a\":2}]\n", "json"),
            (b"Return-Path: <a@example.jp>\nFrom: a\nTo: b\nSubject: c\n\nd", "email"),
            (b"From: a\r\nSubject: b\r\nMIME-Version: 1.0\r\n\r\n", "email"),
            (
                b"MIME-Version: 1.0\nFrom: a\nContent-Type: multipart/related; type=\"text/html\"\n",
                "web_page",
            ),
            (b"\x09\x08\x10\0\0\x06\x05\0", "old_excel"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(code(bytes), *expected, "{}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(code(&wide("<html><table>")), "web_page");
        let noise: Vec<u8> = (0..=255).cycle().take(2000).collect();
        assert_eq!(code(&noise), "other_kind");
        let mut lock = vec![b' '; 165];
        lock[..5].copy_from_slice(b"\x04todo");
        assert_eq!(code(&lock), "shortcut");
    }

    #[test]
    fn a_table_is_a_table_whatever_it_begins_with() {
        for text in [
            "",
            "団体コード,手続ID\n",
            "[凡例],○：対応\n",
            "[1],2\n3,4\n",
            "{状況},○\n",
            "<手続一覧>,令和7年度\n",
            "ID,氏名\n",
            "From,To\n1,2\n",
            "Date: 2026-03-31,,\n団体コード,手続ID\n",
            "BM,○\n",
            "\u{FEFF}団体コード\n",
            "a\u{1},b\n",
        ] {
            assert_eq!(code(text.as_bytes()), "text", "{text}");
            assert_eq!(code(&wide(text)), "text", "{text}");
            let (bytes, ..) = SHIFT_JIS.encode(text);
            assert_eq!(code(&bytes), "text", "{text}");
        }
    }

    fn compound_with(names: &[&str]) -> Vec<u8> {
        let mut bytes = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        bytes.resize(512, 0);
        for name in names {
            let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            entry.resize(128, 0);
            bytes.extend(entry);
        }
        bytes
    }

    #[test]
    fn old_containers_are_told_apart() {
        for (names, expected) in [
            (&["Root Entry", "Workbook"][..], "old_excel"),
            (&["Root Entry", "Book"], "old_excel"),
            (&["Root Entry", "EncryptionInfo", "EncryptedPackage"], "workbook_protected"),
            (&["Root Entry", "WordDocument"], "document"),
            (&["Root Entry", "PowerPoint Document"], "document"),
            (&["Root Entry", "__substg1.0_0037001F"], "email"),
            (&["Root Entry", "JSRV_SegmentInformation"], "document"),
        ] {
            assert_eq!(code(&compound_with(names)), expected, "{names:?}");
        }
    }

    fn zipped(names: &[&[u8]]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for name in names {
            // The writer takes names in UTF-8 only: another of the same length holds the place.
            let name = std::str::from_utf8(name).map_or_else(|_| "#".repeat(name.len()), str::to_owned);
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(b"x").unwrap();
        }
        let mut bytes = archive.finish().unwrap().into_inner();
        for name in names.iter().filter(|name| std::str::from_utf8(name).is_err()) {
            let placeholder = vec![b'#'; name.len()];
            while let Some(at) = bytes.windows(name.len()).position(|part| part == placeholder) {
                bytes[at..at + name.len()].copy_from_slice(name);
            }
        }
        bytes
    }

    #[test]
    fn an_archive_says_what_is_in_it() {
        let (japanese, ..) = SHIFT_JIS.encode("資料/状況.csv");
        let told = |names: &[&[u8]]| no_workbook(&zipped(names), &WorkbookError::NotWorkbook);
        let fault = told(&[&japanese, "説明書.pdf".as_bytes(), b"__MACOSX/._a.csv"]);
        assert_eq!((fault.code.as_str(), fault.value.as_deref()), ("archive", Some("状況.csv、説明書.pdf")));
        assert!(fault.message.contains("中の「状況.csv」を選んで"), "{}", fault.message);
        let fault = told(&[b"first.xlsx", b"second.xlsx", b"inner-archive.zip"]);
        assert!(
            fault.message.contains("1つずつ") && fault.message.contains("inner-archive.zip"),
            "{fault:?}"
        );
        for (names, expected) in [
            (&[&b"[Content_Types].xml"[..], b"word/document.xml"][..], "Word"),
            (&[b"[Content_Types].xml", b"ppt/presentation.xml"], "PowerPoint"),
            (&[b"Index/Document.iwa", b"preview-large.jpg"], "Numbers"),
        ] {
            let fault = told(names);
            assert!(fault.message.contains(expected), "{expected}: {}", fault.message);
            assert_eq!(fault.kind, FaultKind::WrongKind);
        }
        let many: Vec<String> = (0..300).map(|at| format!("photo-{at:04}.jpg")).collect();
        let many: Vec<&[u8]> = many.iter().map(String::as_bytes).collect();
        let error = WorkbookError::TooManyEntries { found: 300, allowed: 200 };
        assert_eq!(no_workbook(&zipped(&many), &error).code, "archive");
    }
}
