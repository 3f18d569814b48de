//! Which bodies, procedures and statements an answer is about.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::cell::RowKey;
use super::definition::ALL_PROCEDURES;
use super::{Cell, Grid};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::municipality::{Municipality, MunicipalityKind, PrefectureCode};
use crate::domain::procedure::Category;
use crate::domain::readiness::{Evidence, Level, Place, State};

/// The list whose procedures are expected when no list is named.
pub const DEFAULT_LIST: &str = "priority56";

/// Which bodies. An empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodyFilter {
    /// Only these bodies.
    pub bodies: Vec<BodyIx>,
    /// Only in these prefectures.
    pub prefectures: Vec<PrefectureCode>,
    /// Only of these kinds.
    pub kinds: Vec<MunicipalityKind>,
    /// At least so many inhabitants.
    pub population_min: Option<u32>,
    /// At most so many inhabitants.
    pub population_max: Option<u32>,
    /// Folded text that prefecture, name, reading or code must contain.
    pub search: Option<String>,
}

/// Whether prefectures' own rows are among the bodies when nothing asks for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prefectures {
    /// Only municipalities: the default bodies of figures.
    OnlyWhenAsked,
    /// The whole register.
    Always,
}

impl BodyFilter {
    /// The bodies that exist on `day` and pass, in code order.
    pub fn select(&self, catalogue: &Catalogue, day: NaiveDate, prefectures: Prefectures) -> Vec<BodyIx> {
        let all = 0..BodyIx::try_from(catalogue.municipalities().len()).unwrap_or(BodyIx::MAX);
        all.filter(|body| self.passes(catalogue, *body, day, prefectures)).collect()
    }

    fn passes(&self, catalogue: &Catalogue, body: BodyIx, day: NaiveDate, prefectures: Prefectures) -> bool {
        let row = catalogue.body(body);
        let named = !self.bodies.is_empty();
        let asked =
            named || prefectures == Prefectures::Always || self.kinds.contains(&MunicipalityKind::Prefecture);
        (!named || self.bodies.contains(&body))
            && (asked || !row.is_prefecture())
            && (self.prefectures.is_empty() || self.prefectures.contains(&row.prefecture()))
            && (self.kinds.is_empty() || self.kinds.contains(&row.kind))
            && self.population_passes(row)
            && row.ended_on.is_none_or(|ended| ended > day)
            && self.search.as_deref().is_none_or(|text| catalogue.body_matches(body, text))
    }

    fn population_passes(&self, row: &Municipality) -> bool {
        let within = |population: u32| {
            self.population_min.is_none_or(|least| population >= least)
                && self.population_max.is_none_or(|most| population <= most)
        };
        match row.population {
            Some(population) => within(population),
            None => self.population_min.is_none() && self.population_max.is_none(),
        }
    }
}

/// Which procedures. An empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProcedureFilter {
    /// Only these procedures.
    pub procedures: Vec<ProcedureIx>,
    /// Only of these categories.
    pub categories: Vec<Category>,
    /// Only members of any of these lists.
    pub lists: Vec<String>,
}

impl ProcedureFilter {
    /// The procedures that pass; members of `default_list` when neither list nor procedure is named.
    pub fn select(&self, catalogue: &Catalogue, default_list: &str) -> Vec<ProcedureIx> {
        if self.lists.is_empty() && self.procedures.is_empty() && default_list != ALL_PROCEDURES {
            let members = catalogue.members(default_list).unwrap_or_default();
            return self.narrow(catalogue, members.to_vec());
        }
        self.select_any(catalogue)
    }

    /// The procedures that pass, of the whole catalogue when no list is named.
    pub fn select_any(&self, catalogue: &Catalogue) -> Vec<ProcedureIx> {
        let all = 0..ProcedureIx::try_from(catalogue.procedures().len()).unwrap_or(ProcedureIx::MAX);
        let in_lists = all
            .filter(|procedure| {
                self.lists.is_empty()
                    || self.lists.iter().any(|list| {
                        catalogue.members(list).is_some_and(|members| members.contains(procedure))
                    })
            })
            .collect();
        self.narrow(catalogue, in_lists)
    }

    fn narrow(&self, catalogue: &Catalogue, mut procedures: Vec<ProcedureIx>) -> Vec<ProcedureIx> {
        procedures.retain(|procedure| {
            (self.procedures.is_empty() || self.procedures.contains(procedure))
                && (self.categories.is_empty()
                    || self.categories.contains(&catalogue.procedure(*procedure).category))
        });
        procedures
    }

    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Which statements. An empty field does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementFilter {
    /// Only on these channels.
    pub channels: Vec<ChannelIx>,
    /// Only at these places.
    pub places: Vec<Place>,
    /// At least this level.
    pub level_min: Option<Level>,
    /// At most this level.
    pub level_max: Option<Level>,
    /// Only in these states.
    pub states: Vec<State>,
    /// Only with this evidence.
    pub evidence: Vec<Evidence>,
    /// Only with one of these systems, compared after folding.
    pub systems: Vec<String>,
    /// Only what was neither stated nor confirmed within so many days.
    pub stale_days: Option<u32>,
    /// Only bodies and procedures of which something changed since a moment.
    pub changed: Option<Arc<Changed>>,
}

/// What changed since a moment. What counts of a body and procedure hangs together, so all rows of the two
/// are among what changed as soon as one of them is.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pairs: HashSet<(BodyIx, ProcedureIx)>,
    rows: Vec<ChangedRow>,
}

/// A row that was touched, be it that nothing is stated there any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedRow {
    /// The body.
    pub body: BodyIx,
    /// Procedure, channel and source.
    pub key: RowKey,
    /// The moment of the last change.
    pub at: DateTime<Utc>,
    /// Whether the change bears on what is shown today: what is said of later days alone does not.
    pub bears_on_today: bool,
}

impl Changed {
    /// Takes the rows that were touched.
    pub fn new(rows: Vec<ChangedRow>) -> Self {
        Self { pairs: rows.iter().map(|row| (row.body, row.key.0)).collect(), rows }
    }

    /// Whether something of a body and procedure changed.
    pub fn has(&self, body: BodyIx, procedure: ProcedureIx) -> bool {
        self.pairs.contains(&(body, procedure))
    }

    /// The rows that were touched.
    pub fn rows(&self) -> &[ChangedRow] {
        &self.rows
    }
}

impl StatementFilter {
    /// Whether a cell of a body passes.
    pub fn passes(&self, grid: &Grid, body: BodyIx, cell: &Cell) -> bool {
        self.passes_where(grid, cell.channel)
            && self.passes_since(body, cell.procedure)
            && self.level_min.is_none_or(|least| cell.level >= least)
            && self.level_max.is_none_or(|most| cell.level <= most)
            && (self.states.is_empty() || self.states.contains(&cell.state))
            && (self.evidence.is_empty() || self.evidence.contains(&cell.evidence))
            && self.system_passes(cell)
            && self.stale_days.is_none_or(|days| cell.is_stale(grid.as_of(), u64::from(days)))
    }

    /// Whether what is stated of a body and procedure as a whole passes.
    pub fn passes_whole(&self, body: BodyIx, procedure: ProcedureIx) -> bool {
        self.channels.is_empty()
            && self.places.is_empty()
            && !self.asks_for_content()
            && self.passes_since(body, procedure)
    }

    /// Whether something of a body and procedure changed, where that is asked for.
    pub fn passes_since(&self, body: BodyIx, procedure: ProcedureIx) -> bool {
        self.changed.as_ref().is_none_or(|changed| changed.has(body, procedure))
    }

    /// Whether a channel is among those asked for.
    pub fn passes_where(&self, grid: &Grid, channel: ChannelIx) -> bool {
        (self.channels.is_empty() || self.channels.contains(&channel))
            && (self.places.is_empty() || self.places.contains(&grid.catalogue().channel(channel).place))
    }

    /// Whether something is asked of what statements say, and not only of where and since when.
    pub fn asks_for_content(&self) -> bool {
        self.level_min.is_some()
            || self.level_max.is_some()
            || !self.states.is_empty()
            || !self.evidence.is_empty()
            || !self.systems.is_empty()
            || self.stale_days.is_some()
    }

    fn system_passes(&self, cell: &Cell) -> bool {
        self.systems.is_empty()
            || cell.system.as_deref().is_some_and(|system| {
                let folded = crate::domain::text::fold_for_search(system);
                self.systems.contains(&folded)
            })
    }

    /// Whether nothing is filtered.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
