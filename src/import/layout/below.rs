//! A table with other headings below the first one.

use super::{Finder, read_table};
use crate::domain::text::cut;
use crate::import::table::{Row, Table};
use crate::import::{Fault, Reading};

/// Reads the table below another one that was read already, and puts both together. What cannot be read is a
/// fault on each of its rows, so that none of them is left out without a word.
pub(super) fn read(
    table: Table,
    (mut reading, mut rows): (Reading, Vec<Row>),
    finder: &Finder<'_>,
) -> (Reading, Vec<Row>) {
    let all = table.rows.clone();
    let Some(first) = all.first() else { return (reading, rows) };
    let found = finder.find(&table).unwrap_or_else(|| Err(Vec::new()));
    match found.and_then(|mut head| read_table(table, &mut head, finder, Vec::new())) {
        Ok((other, _)) => {
            let note = format!("{}行目からは別の見出しの表として読みました: {}", first.line, quoted(first));
            reading.notes.push(note);
            if other.faults.iter().any(|fault| fault.line.is_some()) {
                // Its headings go with the rows that are given back to be mended.
                let message = "この見出しの表には、取り込めない行があります（下の行の誤りを直してください）";
                reading.faults.push(Fault::whole("second_table", message).at_line(first.line));
            }
            let other = Reading { headings: Vec::new(), ..other };
            reading = reading.followed_by(other);
        }
        Err(faults) => {
            reading.faults.extend(faults);
            let message = "ここから別の見出しの表が始まっていて、その見出しが分かりません。この行より下は読んでいません。\
                           表ごとにシートかファイルを分けて送ってください";
            let fault = Fault::whole("second_table", message).found(&quoted(first));
            reading.faults.push(fault.at_line(first.line));
            let message = "上の、見出しの分からない表の行のため、読んでいません";
            let rest = all[1..].iter().filter(|row| !row.is_empty());
            reading.rows += rest.clone().count();
            reading.faults.extend(rest.map(|row| Fault::whole("second_table", message).at_line(row.line)));
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
