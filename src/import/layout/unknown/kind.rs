//! What the cells of a column are, as far as that can be told without its heading.

use super::Shape;
use super::cells::{
    Kind, LOOKED_AT, Test, are_words_like_marks, has_days, is_address, is_column_of_levels, is_count,
    is_mark, is_number, is_of_years, is_period, is_year, may_be_marks, says_state, without_note,
};
use super::wanted::{Wanted, candidates};
use crate::domain::file_dates::read_in_file;
use crate::domain::text::{fold_for_match, fold_mark, fold_width, unguarded};
use crate::import::headings::CODE;
use crate::import::layout::channel_words::{likely_channel, names_product};
use crate::import::layout::channels;
use crate::import::layout::channels::tells_plans;
use crate::import::layout::sheet::{Sheet, column};
use crate::import::marks::Choice;

impl Sheet<'_> {
    pub(super) fn kind(&self, table: &Shape<'_>, at: usize, levels: Option<u8>) -> Kind {
        let cells: Vec<&str> = table
            .rows
            .iter()
            .map(|row| unguarded(row.cell(at).trim()))
            .filter(|cell| !cell.is_empty())
            .take(LOOKED_AT)
            .collect();
        let most = |count: usize| count * 2 > cells.len();
        let heading = self.headings.text(at);
        if cells.is_empty() {
            return Kind::Empty;
        }
        if cells.iter().all(|cell| is_number(cell)) {
            // What is planned is a level wherever it stands, and so is what is called one.
            let called = ["段階", "レベル"].iter().any(|word| heading.contains(word));
            let levels = if called || tells_plans(heading) { Some(5) } else { levels };
            return match self.looks_like_codes(&cells, heading) {
                true => Kind::Codes(cells.len()),
                // By the heading alone: a number may be of anything.
                _ if fold_for_match(heading).ends_with("年度") => Kind::Years,
                _ if is_of_years(heading) && cells.iter().all(|cell| is_year(cell)) => Kind::Years,
                _ if is_column_of_levels(&cells, heading, levels) => Kind::Marks(cells.len()),
                _ => Kind::Text,
            };
        }
        let marks = cells.iter().filter(|cell| is_mark(table.profile, without_note(cell))).count();
        let says = |cell: &str| table.profile.meaning(&fold_mark(without_note(cell)), None).is_some();
        let known = cells.iter().any(|cell| says(cell));
        // Nothing but dashes may be anything, unless the heading is nearly one that is read.
        let meant = |wanted: &[Wanted]| {
            let none = |_: &str, _: &str| Choice {
                parameter: String::new(),
                value: String::new(),
                label: String::new(),
            };
            !candidates(self.catalogue, wanted, self.headings.text(at), &none).0.is_empty()
        };
        // Marks with words beside them are marks too, where some stand alone.
        let beside = || cells.iter().filter(|cell| may_be_marks(table.profile, cell)).count();
        let with_words = || known && most(beside());
        if (most(marks) && (known || meant(table.wanted))) || with_words() {
            return Kind::Marks(marks.max(1));
        }
        let mostly = |is: Test<'_>| most(cells.iter().filter(|cell| is(cell)).count());
        let channel = |cell: &str| channels::named(self.catalogue, cell).is_some() || channels::is_desk(cell);
        let told: [(Test<'_>, Kind); 5] = [
            (&is_address, Kind::Addresses),
            (&|cell| read_in_file(cell).is_ok(), Kind::Days),
            (&is_period, Kind::Periods),
            (&channel, Kind::Channels),
            (&says_state, Kind::States(cells.len())),
        ];
        if let Some((_, kind)) = told.into_iter().find(|(is, _)| mostly(is)) {
            return kind;
        }
        if mostly(&|cell| names_product(cell)) {
            return Kind::Products;
        }
        let dated = has_days(&cells, heading);
        // No day is known of a year alone.
        if mostly(&is_year) && !dated {
            return Kind::Years;
        }
        // A channel and a field may stand under any heading, a procedure or a body under one like its name.
        let like_a_name = |wanted: &&Wanted| matches!(wanted, Wanted::Procedure | Wanted::Body);
        let names: Vec<Wanted> = table.wanted.iter().filter(like_a_name).copied().collect();
        let named = likely_channel(heading).is_some() || meant(&names);
        if are_words_like_marks(&cells, table.rows.len(), heading, named) {
            return Kind::Words(cells.len());
        }
        if dated { Kind::Days } else { Kind::Text }
    }

    /// Whether numbers are codes of bodies in a table that has no others: six digits, or five without
    /// the check digit. Thousands are hardly prefectures.
    fn looks_like_codes(&self, cells: &[&str], heading: &str) -> bool {
        let coded = column(self.headings, CODE).is_some();
        let code = |cell: &&str| {
            let digits = fold_width(cell);
            let whole = digits.len() == 6 || (digits.len() == 5 && !digits.ends_with("000"));
            whole && self.catalogue.find_body(&digits).is_ok()
        };
        // A spreadsheet takes the zero away; one number may be anything then.
        let lost = |cell: &&str| {
            let digits = fold_width(cell);
            matches!(digits.len(), 4 | 5) && self.catalogue.find_body(&format!("0{digits}")).is_ok()
        };
        let all =
            cells.iter().all(code) || (cells.len() > 1 && cells.iter().all(|cell| code(cell) || lost(cell)));
        !(coded || is_count(heading)) && all
    }
}
