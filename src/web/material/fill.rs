//! Rows of own material as a form, and what was changed of them as a file.

use crate::domain::material::{MaterialKind, WITHDRAWN, What};
use crate::http::problem::{Kind, Problem};
use crate::web::form::Fields;

/// A row of the table: what it shows, and whether somebody said that before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Whether it holds what was said.
    pub(super) held: bool,
    /// Its cells, in the order of the file's headings.
    pub(super) cells: Vec<String>,
}

/// A column of the file, as a form shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    /// Its place among the headings.
    pub(super) at: usize,
    /// What may stand there.
    pub(super) what: What,
    /// Whether it tells one row from another.
    pub(super) is_key: bool,
}

/// Headings of a file before the fields: the body's code and name.
const BEFORE: usize = 2;

/// The columns of a kind that are filled in. Behind a procedure stands its name, which is none.
pub(super) fn columns(kind: MaterialKind) -> Vec<Column> {
    let mut at = BEFORE;
    let mut all = Vec::new();
    for field in kind.fields() {
        all.push(Column { at, what: field.what, is_key: field.is_key });
        at += if field.what == What::Procedure { 2 } else { 1 };
    }
    all
}

/// What a row showed when it was sent, so that only what was changed since is taken up.
pub(super) fn seal(row: &Row) -> String {
    serde_json::to_string(&(row.held, &row.cells)).unwrap_or_default()
}

/// The rows of a form as they were shown and as they came back.
///
/// # Errors
///
/// A form that no page of ours made.
pub(super) fn rows(fields: &Fields, width: usize) -> Result<Vec<(Row, Row)>, Problem> {
    let forged = || {
        Problem::new(
            Kind::UNPROCESSABLE,
            "入力の形が正しくありません。ページを開き直してください。",
            "no form of ours",
        )
    };
    let mut all = Vec::new();
    while let Some(sealed) = fields.get(&format!("s.{}", all.len())) {
        let (held, cells): (bool, Vec<String>) = serde_json::from_str(sealed).map_err(|_cause| forged())?;
        if cells.len() != width {
            return Err(forged());
        }
        let shown = Row { held, cells };
        let mut typed = shown.clone();
        for (column, cell) in typed.cells.iter_mut().enumerate().skip(BEFORE) {
            let name = format!("c.{}.{column}", all.len());
            if fields.has(&name) {
                *cell = fields.get(&name).unwrap_or_default().to_owned();
            }
        }
        all.push((shown, typed));
    }
    Ok(all)
}

/// What was changed, as a file of the form's headings; empty where nothing was.
pub(super) fn file(
    headings: &[String],
    own: (&str, &str),
    kind: MaterialKind,
    rows: &[(Row, Row)],
    taken_back: impl Fn(usize) -> bool,
) -> Result<String, Problem> {
    let broken = |_| Problem::plain(Kind::INTERNAL);
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(headings).map_err(broken)?;
    let mut any = false;
    for (at, (shown, typed)) in rows.iter().enumerate() {
        let withdraws = shown.held && taken_back(at);
        if typed == shown && !withdraws {
            continue;
        }
        any = true;
        let mut cells = typed.cells.clone();
        (cells[0], cells[1]) = (own.0.to_owned(), own.1.to_owned());
        if withdraws {
            let said = columns(kind).into_iter().filter(|column| !column.is_key);
            for (place, column) in said.enumerate() {
                cells[column.at] = if place == 0 { WITHDRAWN.to_owned() } else { String::new() };
            }
        }
        out.write_record(&cells).map_err(broken)?;
    }
    let text = out.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    Ok(if any { text } else { String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Row {
        Row { held: true, cells: cells.iter().map(|cell| (*cell).to_owned()).collect() }
    }

    #[test]
    fn only_what_was_changed_is_sent() {
        let headings: Vec<String> = ["団体コード", "団体名", "手続ID", "手続名"].map(str::to_owned).into();
        let same = row(&["082341", "鉾田市", "hisaisha-01", "罹災証明"]);
        let sealed = seal(&same);
        let fields = Fields::of(vec![
            ("s.0".to_owned(), sealed.clone()),
            ("c.0.2".to_owned(), "hisaisha-01".to_owned()),
            ("s.1".to_owned(), sealed),
            ("c.1.2".to_owned(), "hisaisha-02".to_owned()),
        ]);
        let all = rows(&fields, 4).unwrap();
        let text = file(&headings, ("082341", "鉾田市"), MaterialKind::Action, &all, |_| false).unwrap();
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.ends_with("082341,鉾田市,hisaisha-02,罹災証明\n"), "{text}");
        assert!(rows(&fields, 5).is_err());
        let forged = Fields::of(vec![("s.0".to_owned(), "[]".to_owned())]);
        assert!(rows(&forged, 4).is_err());
    }

    #[test]
    fn columns_are_where_the_form_has_them() {
        for kind in MaterialKind::ALL {
            let all = columns(*kind);
            assert_eq!(all.len(), kind.fields().len());
            assert!(all.windows(2).all(|pair| pair[0].at < pair[1].at) && all[0].at == BEFORE);
        }
    }
}
