//! The columns that name a body, under all the headings that files give them.

use super::sheet::column;
use crate::domain::catalogue::Catalogue;
use crate::domain::text::{fold_for_match, stands_for_nothing};
use crate::import::headings::{CODE, DISTRICT, Headings, NAME, PREFECTURE, PREFECTURE_CODE, WARD};
use crate::import::resolve::Told;
use crate::import::table::{Row, Table};

/// The columns that name a body.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::import::layout) struct BodyColumns {
    pub code: Option<usize>,
    pub name: Option<usize>,
    pub prefecture: Option<usize>,
    /// The city of a ward, or the city itself where its name stands nowhere else.
    pub district: Option<usize>,
    /// The ward of the city that the name says.
    pub ward: Option<usize>,
    /// The code of the prefecture, without which a code of three digits says nothing.
    pub prefecture_code: Option<usize>,
}

impl BodyColumns {
    pub(in crate::import::layout) fn find(headings: &Headings) -> Self {
        Self {
            code: column(headings, CODE),
            name: column(headings, NAME)
                .or_else(|| headings.all().find(|(_, text)| names_both(text)).map(|(at, _)| at)),
            prefecture: column(headings, PREFECTURE),
            district: column(headings, DISTRICT),
            ward: column(headings, WARD),
            prefecture_code: column(headings, PREFECTURE_CODE),
        }
    }

    pub(in crate::import::layout) fn exists(&self) -> bool {
        self.code.is_some() || self.name.is_some()
    }

    pub(in crate::import::layout) fn columns(&self) -> [Option<usize>; 6] {
        [self.code, self.name, self.prefecture, self.district, self.ward, self.prefecture_code]
    }

    pub(in crate::import::layout) fn told<'r>(&self, row: &'r Row) -> Told<'r> {
        let text = |column: Option<usize>| {
            column
                .map(|column| row.cell(column))
                .filter(|cell| !stands_for_nothing(cell.trim()))
                .unwrap_or_default()
        };
        // A row with a ward is about that ward of the city.
        let (name, district) = match (text(self.ward), text(self.name)) {
            ("", name) => (name, text(self.district)),
            (ward, "") => (ward, text(self.district)),
            (ward, city) => (ward, city),
        };
        Told {
            code: text(self.code),
            name,
            prefecture: text(self.prefecture),
            district,
            prefecture_code: text(self.prefecture_code),
        }
    }
}

/// The column that names the bodies of the rows under a heading that does not say so: most of its cells
/// are names of municipalities. `is_open` tells whether a column is read as nothing else.
pub(in crate::import::layout) fn column_of_names(
    table: &Table,
    headings: &Headings,
    catalogue: &Catalogue,
    is_open: impl Fn(usize) -> bool,
) -> Option<usize> {
    /// So many rows are looked at.
    const ROWS: usize = 100;
    let rows = || table.rows[headings.next..].iter().take(ROWS);
    let width = rows().map(Row::len).max().unwrap_or(0);
    let is_name = |cell: &str| {
        let names =
            cell.len() <= 60 && cell.trim_end_matches([')', '）']).ends_with(['市', '町', '村', '区', '県']);
        let found = || catalogue.names().find(cell, None).bodies;
        names && found().iter().any(|body| !catalogue.body(*body).is_prefecture())
    };
    (0..width).filter(|at| is_open(*at) && !headings.is_left_out(*at)).find(|at| {
        let filled = || rows().map(|row| row.cell(*at).trim()).filter(|cell| !cell.is_empty());
        let names = filled().filter(|cell| is_name(cell)).count();
        names * 2 > filled().count()
    })
}

/// Whether a heading is that of a cell with code and name: 団体コード・団体名, 市町村（コード）.
pub(in crate::import::layout) fn names_both(heading: &str) -> bool {
    // Most headings have none, and are not folded.
    if !heading.contains(['・', '･', '(', '（', '/', '／', '、', 'と', '+', '＋']) {
        return false;
    }
    let folded = fold_for_match(heading);
    let parts: Vec<&str> =
        folded.split(['・', '(', ')', '/', '／', '、', 'と', '+']).filter(|part| !part.is_empty()).collect();
    let (codes, names) = (
        parts.iter().filter(|part| CODE.contains(part)).count(),
        parts.iter().filter(|part| NAME.contains(part)).count(),
    );
    (codes, names) == (1, 1) && parts.len() == 2
}
