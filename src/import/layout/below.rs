//! A table with other headings below the first one.

use crate::domain::text::cut;
use crate::import::table::Row;
use crate::import::{Fault, Reading};

/// What is said of the headings of a table that is not read, and of each row below them: because nobody knows
/// its headings, or because something else is wrong with it, which is said beside.
const UNKNOWN: (&str, &str) = (
    "ここから別の見出しの表が始まっていて、その見出しが分かりません。この行より下は読んでいません。\
     表ごとにシートかファイルを分けて送ってください",
    "上の、見出しの分からない表の行のため、読んでいません",
);
const FAULTY: (&str, &str) = (
    "ここから始まる別の見出しの表は、誤りがあるため読んでいません",
    "上の、誤りのある表の行のため、読んでいません",
);

/// Puts a table and the rows below it together, which were read as another table. What could not be read is a
/// fault on each of its rows, so that none of them is left out without a word.
pub(super) fn joined(
    (mut reading, mut rows): (Reading, Vec<Row>),
    all: Vec<Row>,
    other: Result<Reading, Vec<Fault>>,
) -> (Reading, Vec<Row>) {
    // Titles stand above the headings.
    let Some(start) = all.iter().position(|row| row.only_text().is_none()) else { return (reading, rows) };
    let first = &all[start];
    match other {
        Ok(other) => {
            let note = format!("{}行目からは別の見出しの表として読みました: {}", first.line, quoted(first));
            reading.notes.push(note);
            if other.faults.iter().any(|fault| fault.line.is_some()) {
                // Its headings go with the rows that are given back to be mended.
                let message = "この見出しの表には、取り込めない行があります（下の行の誤りを直してください）";
                reading.faults.push(Fault::whole("second_table", message).at_line(first.line));
            }
            reading = reading.joined(other);
        }
        Err(faults) => {
            let (of_headings, of_rows) = if faults.is_empty() { UNKNOWN } else { FAULTY };
            reading.faults.extend(faults);
            let fault = Fault::whole("second_table", of_headings).found(&quoted(first));
            reading.faults.push(fault.at_line(first.line));
            let rest = all[start + 1..].iter().filter(|row| !row.is_empty());
            reading.rows += rest.clone().count();
            reading.faults.extend(rest.map(|row| Fault::whole("second_table", of_rows).at_line(row.line)));
        }
    }
    rows.extend(all);
    (reading, rows)
}

/// The headings of a row in a few words.
fn quoted(row: &Row) -> String {
    let texts: Vec<&str> = row.cells().map(str::trim).filter(|text| !text.is_empty()).collect();
    cut(&texts.join("、"), 100)
}
