//! Which body each row of a table is about.

use chrono::NaiveDate;

use super::body_columns::BodyColumns;
use super::sheet::{Sheet, column};
use crate::domain::catalogue::BodyIx;
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::text::cut;
use crate::import::Fault;
use crate::import::headings::EFFECTIVE;
use crate::import::resolve::{Bodies, LostZeros};
use crate::import::table::Row;

impl<'a> Sheet<'a> {
    /// What finds the bodies of the rows: all their codes together say whether some lost a zero.
    pub(super) fn bodies(&self, rows: &[&Row], place: &BodyColumns) -> Bodies<'a> {
        let codes = rows.iter().map(|row| place.told(row).code);
        Bodies::new(self.catalogue, &self.options.names, LostZeros::Judged).learn(codes)
    }

    /// The body that the sender says the whole table is about. Where a row names another one, an empty
    /// cell below it is no word of the sender's.
    pub(super) fn whose(
        &mut self,
        rows: &[&Row],
        place: &BodyColumns,
        bodies: &Bodies<'_>,
    ) -> Option<BodyIx> {
        let sender = self.options.municipality?;
        let mut is_named = false;
        let agrees = rows.iter().map(|row| place.told(row)).all(|told| {
            let silent = told.code.trim().is_empty() && told.name.trim().is_empty();
            is_named |= !silent;
            silent || bodies.find(told).is_ok_and(|found| found.body == sender)
        });
        // A title may name another one than the rows and the sender.
        if agrees && is_named {
            self.by_name.saw(sender);
        }
        agrees.then_some(sender)
    }

    /// The body of a row; a fault is told at its code, or at its name where there is no code.
    pub(super) fn body(&mut self, bodies: &Bodies<'_>, row: &Row, place: &BodyColumns) -> Option<BodyIx> {
        let told = place.told(row);
        if !self.folded && told.code.contains(|c: char| ('０'..='９').contains(&c)) {
            self.folded = true;
            self.notes.push(format!("全角の団体コードを半角として読みました（最初は{}行目）。", row.line));
        }
        let column = if told.code.trim().is_empty() { place.name.or(place.code) } else { place.code };
        match bodies.find(told) {
            Ok(found) => {
                self.see_body(row, place, &found);
                if let Some((_, refusal)) = found.until.filter(|(day, _)| !self.speaks_before(row, *day)) {
                    self.fault(Fault::of(refusal), row, column.unwrap_or(0));
                    return None;
                }
                if let Some(warning) = found.warning {
                    self.warn(warning, row, column.unwrap_or(0));
                }
                Some(found.body)
            }
            Err(fault) => {
                let fault = self.place_elsewhere(bodies, row, place).unwrap_or(fault);
                self.fault(fault, row, column.unwrap_or(0));
                None
            }
        }
    }

    /// Whether what a row says is true from before a day on.
    fn speaks_before(&self, row: &Row, day: NaiveDate) -> bool {
        let stated = column(self.headings, EFFECTIVE)
            .and_then(|at| read_day(row.cell(at), Purpose::From).ok()?.dated)
            .or(self.options.effective);
        stated.map_or(self.options.today, |dated| dated.on) < day
    }

    /// What is told of a row without code and name where another of its cells names a place: that cell
    /// is meant, and not what stands in the row above.
    fn place_elsewhere(&self, bodies: &Bodies<'_>, row: &Row, place: &BodyColumns) -> Option<Fault> {
        let told = place.told(row);
        if !(told.code.trim().is_empty() && told.name.trim().is_empty()) {
            return None;
        }
        let own = place.columns();
        let (at, cell) = row.cells().enumerate().find(|(at, cell)| {
            let cell = cell.trim();
            let named = cell.ends_with(['市', '町', '村', '区']) && cell.chars().count() <= 20;
            named && !own.contains(&Some(*at)) && bodies.knows_name(cell)
        })?;
        let message = format!(
            "団体コードも団体名もありません。「{}」列の「{}」が団体なら、その見出しを「団体名」にしてください",
            cut(self.headings.text(at), 40),
            cell.trim()
        );
        Some(Fault::whole("missing_municipality", message).allowing("全国地方公共団体コード（6桁）"))
    }
}
