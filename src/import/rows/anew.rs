//! A second table below the first one: the same headings in another order go on as the first table;
//! with others a table of its own begins.

use std::collections::HashMap;

use crate::domain::text::fold_for_match;
use crate::import::cells::Naming;
use crate::import::table::Row;

/// What begins with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begins {
    Nothing,
    /// The first table's rows again, or in another order.
    Same,
    /// A table whose headings the first one has not.
    Other,
}

/// The headings of the first table, by their texts.
pub(super) struct Anew {
    /// Columns by folded heading; none where it stands twice.
    columns: HashMap<String, Option<usize>>,
    /// Headings of the columns that name something, folded.
    naming: Vec<String>,
    /// How many columns the first table has.
    width: usize,
    /// Where the cells of the table that is being read belong in the first one.
    order: Option<Vec<Option<usize>>>,
}

impl Anew {
    pub(super) fn new(head: &[Row], naming: &Naming) -> Self {
        let mut columns: HashMap<String, Option<usize>> = HashMap::new();
        let cells = head.iter().flat_map(|row| row.cells().enumerate());
        for (at, cell) in cells.filter(|(_, cell)| !cell.trim().is_empty()) {
            let known = columns.entry(fold_for_match(cell)).or_insert(Some(at));
            *known = known.filter(|known| *known == at);
        }
        let width = head.iter().map(Row::len).max().unwrap_or(0);
        let named = |at: usize| head.iter().map(move |row| row.cell(at));
        let naming = naming.columns().flat_map(named).filter(|cell| !cell.trim().is_empty());
        let naming = naming.map(fold_for_match).collect();
        Self { columns, naming, width, order: None }
    }

    /// Looks at a row as it came.
    pub(super) fn begins(&mut self, row: &Row) -> Begins {
        let Some(first) = row.cells().map(str::trim).find(|cell| !cell.is_empty()) else {
            return Begins::Nothing;
        };
        if !self.columns.contains_key(&fold_for_match(first)) {
            return Begins::Nothing;
        }
        let cells: Vec<(usize, String)> =
            row.cells().map(fold_for_match).enumerate().filter(|(_, cell)| !cell.is_empty()).collect();
        let naming = cells.iter().filter(|(_, cell)| self.naming.contains(cell)).count();
        let known = cells.iter().filter(|(_, cell)| self.columns.contains_key(cell)).count();
        // A table of one naming column, and of nothing else that the first one has.
        let all_naming = naming > 0 && naming == self.naming.len() && cells.len() > naming;
        if naming == 0 || !(known >= 2 || all_naming) {
            return Begins::Nothing;
        }
        let mut order = vec![None; row.len()];
        for (at, cell) in &cells {
            let Some(Some(column)) = self.columns.get(cell) else {
                return Begins::Other;
            };
            order[*at] = Some(*column);
        }
        let same = order.iter().enumerate().all(|(at, column)| column.is_none_or(|column| column == at));
        self.order = (!same).then_some(order);
        Begins::Same
    }

    /// A row in the order of the first table, where it stands in another one. Cells without a heading
    /// stay without one.
    pub(super) fn in_order(&self, row: &Row) -> Option<Row> {
        let order = self.order.as_ref()?;
        let mut cells = vec![String::new(); self.width];
        for (at, cell) in row.cells().enumerate().filter(|(_, cell)| !cell.trim().is_empty()) {
            match order.get(at).copied().flatten() {
                Some(column) => cell.clone_into(&mut cells[column]),
                None => cells.push(cell.to_owned()),
            }
        }
        Some(row.of_width(cells))
    }
}
