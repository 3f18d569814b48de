//! Several columns of one channel: the products through which it is offered. The best of them is what the
//! channel offers, and their names are its system.

use super::channels::tells_state;
use super::column::Column;
use super::earlier::tells_earlier;
use super::nameless::tells_answer;
use super::sheet::Sheet;
use super::usage::columns::split_year;
use crate::domain::catalogue::ChannelIx;
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::readiness::{Level, limits};
use crate::domain::text::{cut, fold_for_match};
use crate::import::headings::{Headings, pieces_of};
use crate::import::marks::{Cell, Meaning};
use crate::import::{Field, Said, Statement};

/// The marks of a row, by column.
pub(super) type Cells = Vec<(usize, ChannelIx, Option<Cell>)>;

/// The channels of a table that have several columns by the sender's own word.
#[derive(Debug, Default)]
pub(super) struct Products {
    shared: Vec<(ChannelIx, Vec<usize>)>,
}

impl Products {
    /// Columns share a channel if the sender says so of all of them but one at most, and what is said so is
    /// headed as a product may be.
    pub(super) fn find(headings: &Headings, columns: &[(usize, ChannelIx)]) -> Self {
        let said = |at: &&usize| headings.is_answered(**at);
        let is_product = |at: &usize| !said(&at) || may_be_product(headings.text(*at));
        let mut shared: Vec<(ChannelIx, Vec<usize>)> = Vec::new();
        for (at, channel) in columns {
            match shared.iter_mut().find(|(other, _)| other == channel) {
                Some((_, columns)) => columns.push(*at),
                None => shared.push((*channel, vec![*at])),
            }
        }
        shared.retain(|(_, columns)| {
            columns.len() > 1
                && columns.iter().filter(said).count() + 1 >= columns.len()
                && columns.iter().all(is_product)
        });
        Self { shared }
    }

    /// Whether several columns may be of this channel.
    pub(super) fn share(&self, channel: ChannelIx) -> bool {
        self.shared.iter().any(|(other, _)| *other == channel)
    }

    /// Says what becomes of them.
    pub(super) fn tell(&self, sheet: &mut Sheet<'_>) {
        for (channel, columns) in &self.shared {
            let names: Vec<String> = columns.iter().map(|at| cut(&sheet.headings.name(*at), 40)).collect();
            sheet.notes.push(format!(
                "「{}」列はどれも{}です。行ごとにいちばん高い段階を取り、その列の名前をシステムに記録します。",
                names.join("」「"),
                sheet.catalogue.channel(*channel).label_ja
            ));
        }
    }

    /// The cells of a row with the best one of each shared channel, and by channel the columns that are as
    /// good. What says that the procedure is not performed stays beside it, to be told as a contradiction.
    pub(super) fn best(&self, cells: Cells) -> (Cells, Vec<(ChannelIx, Vec<usize>)>) {
        let mut best = Vec::new();
        if self.shared.is_empty() {
            return (cells, best);
        }
        let (mut one_by_one, mut shared): (Cells, Cells) =
            cells.into_iter().partition(|(_, channel, _)| !self.share(*channel));
        for (channel, _) in &self.shared {
            let own: Cells = shared.extract_if(.., |(_, other, _)| other == channel).collect();
            let highest = own.iter().map(|(.., cell)| worth(cell.as_ref())).max().unwrap_or(worth(None));
            let good = |(.., cell): &&(usize, ChannelIx, Option<Cell>)| worth(cell.as_ref()) == highest;
            let as_good: Vec<usize> = own.iter().filter(good).map(|(at, ..)| *at).collect();
            if highest.0 == OFFERED {
                best.push((*channel, as_good.clone()));
            }
            let absent = |cell: &Option<Cell>| {
                matches!(cell.as_ref().map(|cell| cell.meaning), Some(Meaning::Applicability(_)))
            };
            let keep = |(at, _, cell): &(usize, ChannelIx, Option<Cell>)| {
                as_good.first() == Some(at) || absent(cell)
            };
            one_by_one.extend(own.into_iter().filter(keep));
        }
        one_by_one.sort_by_key(|(at, ..)| *at);
        (one_by_one, best)
    }
}

/// Whether a heading may name a product: neither a year or a day, nor one of several surveys, nor a state, nor a
/// word of marks.
fn may_be_product(heading: &str) -> bool {
    let lowest = pieces_of(heading).last().unwrap_or_default();
    let folded = fold_for_match(lowest);
    let of_time = ["年", "月", "時点", "現在", "年度末"].iter().any(|end| folded.ends_with(end))
        || folded.contains("年度")
        || split_year(lowest).is_some()
        || read_day(lowest, Purpose::Until).is_ok_and(|day| day.dated.is_some());
    let of_turn =
        tells_earlier(lowest) || ["今回", "今期", "現行", "回目"].iter().any(|word| folded.contains(word));
    !(of_time
        || of_turn
        || tells_answer(lowest)
        || tells_state(lowest)
        || Column::of_heading(lowest).is_some())
}

/// Worth of a level above none, before what it is itself.
const OFFERED: u8 = 4;

/// What a cell is worth beside others of its channel.
fn worth(cell: Option<&Cell>) -> (u8, Level, bool) {
    match cell.map(|cell| cell.meaning) {
        Some(Meaning::Level(level, at_least)) if level > Level::ZERO => (OFFERED, level, at_least),
        Some(Meaning::Planned(_)) => (3, Level::ZERO, false),
        Some(Meaning::Level(..)) => (2, Level::ZERO, false),
        Some(_) => (1, Level::ZERO, false),
        None => (0, Level::ZERO, false),
    }
}

/// Names the products as the system of what they offer.
pub(super) fn name(headings: &Headings, best: &[(ChannelIx, Vec<usize>)], statements: &mut [Statement]) {
    for statement in statements {
        let Said::Readiness(channel, patch) = &mut statement.said else { continue };
        let Some((_, columns)) = best.iter().find(|(other, _)| other == channel) else { continue };
        let name = |at: &usize| {
            let name = headings.name(*at);
            pieces_of(&name).last().unwrap_or_default().to_owned()
        };
        let names: Vec<String> = columns.iter().map(name).collect();
        patch.system = Field::Set(cut(&names.join("、"), limits::SYSTEM - 1).into());
    }
}
