//! Statements by their places in the grid: which are asked for, and in which order.

use chrono::{DateTime, Utc};

use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::Source;
use crate::export::{self, Fact};
use crate::grid::filter::{ChangedRow, StatementFilter};
use crate::grid::later::{Days, LaterCell, When};
use crate::grid::{Cell, Grid};

/// A statement by its place in the grid, with what it is found and ordered by.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    pub(crate) body: BodyIx,
    pub(crate) procedure: ProcedureIx,
    pub(crate) channel: ChannelIx,
    pub(crate) source: Source,
    pub(crate) when: When,
    /// Position among the cells that hold, or among those for later days; none where nothing is stated any
    /// more.
    at: Option<usize>,
    pub(crate) effective: Option<Dated>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Spot {
    /// The statement of a fact; none where that is about applicability.
    fn of_fact(grid: &Grid, fact: &Fact) -> Option<Self> {
        let of_cell = |body, at, cell: &Cell, when| Self {
            body,
            procedure: cell.procedure,
            channel: cell.channel,
            source: cell.source,
            when,
            at: Some(at),
            effective: Some(cell.effective),
            updated_at: cell.updated_at,
        };
        match *fact {
            Fact::Readiness(body, at) => {
                Some(of_cell(body, at, &grid.block(body).cells()[at], When::Current))
            }
            Fact::Applicability(..) => None,
            Fact::Later(body, at) => match &grid.block(body).later()[at] {
                LaterCell::Readiness(cell) => Some(of_cell(body, at, cell, When::Planned)),
                LaterCell::Withdrawn {
                    procedure,
                    channel: Some(channel),
                    source,
                    effective,
                    updated_at,
                    ..
                } => Some(Self {
                    body,
                    procedure: *procedure,
                    channel: *channel,
                    source: *source,
                    when: When::Planned,
                    at: None,
                    effective: Some(*effective),
                    updated_at: *updated_at,
                }),
                LaterCell::Withdrawn { channel: None, .. } | LaterCell::Applicability(_) => None,
            },
        }
    }

    /// What is stated, if anything is.
    pub(crate) fn cell<'g>(&self, grid: &'g Grid) -> Option<&'g Cell> {
        let block = grid.block(self.body);
        match (self.when, self.at?) {
            (When::Current, at) => block.cells().get(at),
            (When::Planned, at) => match block.later().get(at) {
                Some(LaterCell::Readiness(cell)) => Some(cell),
                _ => None,
            },
        }
    }
}

/// One key of an order; `true` is descending.
pub(crate) type SortKey = (&'static str, bool);

/// The statements of these bodies and procedures. Where it is asked what changed, rows at which nothing is
/// stated any more are among them, unless more is asked than where they were.
pub(crate) fn find(
    grid: &Grid,
    bodies: &[BodyIx],
    procedures: &[ProcedureIx],
    filter: &StatementFilter,
    days: Days,
    keys: &[SortKey],
) -> Vec<Spot> {
    let facts = export::facts(grid, bodies, procedures, filter, days);
    let mut spots: Vec<Spot> = facts.iter().filter_map(|fact| Spot::of_fact(grid, fact)).collect();
    let gone = gone(grid, bodies, procedures, filter, days);
    if !gone.is_empty() {
        spots.extend(gone);
        let place = |spot: &Spot| (spot.body, spot.procedure, spot.channel, spot.source, spot.when);
        spots.sort_by_key(|spot| (place(spot), spot.effective.map(|day| day.on)));
    }
    sort(grid, &mut spots, keys);
    spots
}

/// Rows that changed so that nothing is stated there any more.
fn gone(
    grid: &Grid,
    bodies: &[BodyIx],
    procedures: &[ProcedureIx],
    filter: &StatementFilter,
    days: Days,
) -> Vec<Spot> {
    let Some(changed) = filter.changed.as_ref().filter(|_| !filter.asks_for_content()) else {
        return Vec::new();
    };
    let when = if days == Days::Planned { When::Planned } else { When::Current };
    let holds = |row: &ChangedRow| {
        grid.block(row.body).cells_of(row.key.0).iter().any(|cell| cell.row_key() == row.key)
    };
    let is_planned = |row: &ChangedRow| grid.block(row.body).later().iter().any(|cell| cell.key() == row.key);
    let is_gone = |row: &ChangedRow| match days {
        // What was never shown of today is not gone from it.
        Days::Current => row.bears_on_today && !holds(row),
        Days::Planned => !is_planned(row),
        Days::All => !holds(row) && (row.bears_on_today || !is_planned(row)),
    };
    let rows = changed.rows().iter().filter_map(|row| {
        let (procedure, channel, source) = row.key;
        let channel = channel.filter(|channel| filter.passes_where(grid, *channel))?;
        let asked = bodies.binary_search(&row.body).is_ok() && procedures.contains(&procedure);
        (asked && is_gone(row)).then_some(Spot {
            body: row.body,
            procedure,
            channel,
            source,
            when,
            at: None,
            effective: None,
            updated_at: row.at,
        })
    });
    rows.collect()
}

fn sort(grid: &Grid, spots: &mut [Spot], keys: &[SortKey]) {
    if keys.is_empty() {
        return;
    }
    let catalogue = grid.catalogue();
    let level = |spot: &Spot| spot.cell(grid).map(|cell| cell.level);
    // A stable sort keeps the natural order among equals: paging never repeats or misses a row.
    spots.sort_by(|one, two| {
        keys.iter().fold(std::cmp::Ordering::Equal, |order, (key, descending)| {
            order.then_with(|| {
                let order = match *key {
                    "procedure_id" => {
                        catalogue.procedure(one.procedure).id.cmp(&catalogue.procedure(two.procedure).id)
                    }
                    "channel" => catalogue.channel(one.channel).id.cmp(&catalogue.channel(two.channel).id),
                    "level" => level(one).cmp(&level(two)),
                    "effective_on" => one.effective.map(|day| day.on).cmp(&two.effective.map(|day| day.on)),
                    "recorded_at" => one.updated_at.cmp(&two.updated_at),
                    _ => one.body.cmp(&two.body),
                };
                if *descending { order.reverse() } else { order }
            })
        })
    });
}
