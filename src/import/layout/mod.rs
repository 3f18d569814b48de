//! The shapes of files that are understood, found by their headings.

mod digital_agency_2026_01;
pub mod long;

use super::table::Table;
use super::{Fault, Options, Reading};
use crate::domain::catalogue::Catalogue;
use crate::domain::codes::codes;

codes! {
    /// A shape of files.
    Layout, "レイアウト", "layout" {
        Long = "long", "縦長（1行に団体・手続・接点）", "one row per body, procedure and channel";
        DigitalAgency202601 = "digital-agency-2026-01", "デジタル庁 オンライン化状況一覧（2026年1月公表）", "the Digital Agency's list of 2026-01, workbook or CSV";
    }
}

/// Reads the one table that has a known layout, or the named one.
///
/// # Errors
///
/// No table has the headings of a layout, or several sheets have: which of them counts is for the
/// sender to say.
pub(super) fn read(
    tables: &[Table],
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    let found: Vec<(&Table, Result<Head, Vec<Fault>>)> =
        tables.iter().filter_map(|table| Some((table, find(table, catalogue, options)?))).collect();
    if found.len() > 1 {
        let names: Vec<&str> = found.iter().filter_map(|(table, _)| table.container.sheet()).collect();
        return Err(vec![
            Fault::whole(
                "several_tables",
                "表のあるシートが複数あります。取り込むシートだけを残してください。",
            )
            .found(&names.join("、")),
        ]);
    }
    let Some((table, head)) = found.into_iter().next() else {
        return Err(vec![no_layout(tables, options)]);
    };
    let mut reading = match head? {
        Head::DigitalAgency202601(head) => digital_agency_2026_01::read(table, &head, catalogue, options),
        Head::Long(head) => long::read(table, &head, catalogue, options)?,
    };
    let unread: Vec<&str> = tables
        .iter()
        .filter(|other| !std::ptr::eq(*other, table))
        .filter_map(|other| other.container.sheet())
        .collect();
    if !unread.is_empty() {
        reading.notes.push(format!("表の見つからないシートは読んでいません: {}", unread.join("、")));
    }
    Ok(reading)
}

/// Where things stand in a table of some layout.
enum Head {
    DigitalAgency202601(digital_agency_2026_01::Head),
    Long(long::Head),
}

/// The head of a table, if its headings are those of a layout that is wanted.
fn find(table: &Table, catalogue: &Catalogue, options: &Options) -> Option<Result<Head, Vec<Fault>>> {
    let wanted = |layout| options.layout.is_none_or(|named| named == layout);
    if wanted(Layout::DigitalAgency202601)
        && let Some(head) = digital_agency_2026_01::find_head(table, catalogue)
    {
        return Some(Ok(Head::DigitalAgency202601(head)));
    }
    if wanted(Layout::Long) {
        return long::find_head(table).map(|head| head.map(Head::Long));
    }
    None
}

fn no_layout(tables: &[Table], options: &Options) -> Fault {
    // The first row with anything is what the sender takes for the headings.
    let first = tables.iter().flat_map(|table| &table.rows).find(|row| !row.is_empty());
    let seen: Vec<&str> =
        first.map(|row| row.cells.iter().map(|cell| cell.trim()).collect()).unwrap_or_default();
    let message = match options.layout {
        Some(layout) => format!("レイアウト「{}」の見出しが見つかりません。", layout.label()),
        None => "見出しから表の形が分かりません。見出し行があるか確認してください。".to_owned(),
    };
    let known: Vec<String> =
        Layout::ALL.iter().map(|layout| format!("{}（{}）", layout.code(), layout.label())).collect();
    Fault::whole("unknown_layout", message).found(&seen.join("、")).allowing(format!(
        "{}。縦長の表には少なくとも「団体コード」「手続ID」「接点」の見出しが要ります",
        known.join("、")
    ))
}

/// Whether a row is a total and not a body.
pub(super) fn is_total(text: &str) -> bool {
    matches!(text.trim(), "合計" | "小計" | "計" | "総計" | "全国計" | "全国" | "平均")
}
