//! Rows of a file that were not taken, given back to be mended.

use crate::domain::text::starts_formula;
use crate::import::REASON;

/// A CSV file for spreadsheets: the headings and cells as they came, and a last column with the
/// reasons. A cell that a spreadsheet would take for a formula gets a leading `'`.
///
/// # Errors
///
/// None in practice: the target is memory.
pub fn csv(
    headings: &[String],
    rows: impl Iterator<Item = (Vec<String>, String)>,
) -> Result<Vec<u8>, csv::Error> {
    let mut out = b"\xEF\xBB\xBF".to_vec();
    let mut writer =
        csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(&mut out);
    writer.write_record(headings.iter().map(String::as_str).chain([REASON]))?;
    for (mut cells, reason) in rows {
        // The reason stands under its heading, however short the row was.
        cells.resize(headings.len().max(cells.len()), String::new());
        writer.write_record(cells.into_iter().chain([reason]).map(guarded))?;
    }
    writer.flush()?;
    drop(writer);
    Ok(out)
}

fn guarded(cell: String) -> String {
    if starts_formula(&cell) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_stand_in_the_last_column() {
        let headings = ["団体コード".to_owned(), "備考".to_owned()];
        let rows = [
            (vec!["082334".to_owned()], "違います".to_owned()),
            (vec!["1".to_owned(), "=1+1".to_owned()], "形式".to_owned()),
        ];
        let text = String::from_utf8(csv(&headings, rows.into_iter()).unwrap()).unwrap();
        assert_eq!(
            text,
            "\u{FEFF}団体コード,備考,取り込めなかった理由\r\n082334,,違います\r\n1,'=1+1,形式\r\n"
        );
    }
}
