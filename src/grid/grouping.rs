//! By what figures are grouped: one grouping, or one within another.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::By;
use super::question::{Key, Question};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::municipality::{MunicipalityKind, PopulationBand};

/// Most results of one request.
pub const MOST_RESULTS: usize = 20_000;

/// One grouping, or two of which the second divides each result of the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    first: By,
    second: Option<By>,
}

/// Where a group stands among those of each grouping; 0 where there is no second one.
pub(super) type Place = [u16; 2];

impl Grouping {
    /// One result over everything in scope.
    pub const NATION: Self = Self { first: By::Nation, second: None };

    /// Most groupings at once.
    pub const MOST: usize = 2;

    /// A grouping of these; none of none, of too many, or of the same twice.
    pub fn new(by: &[By]) -> Option<Self> {
        match *by {
            [first] => Some(Self { first, second: None }),
            [first, second] if first != second => Some(Self { first, second: Some(second) }),
            _ => None,
        }
    }

    /// Whether results are grouped by this, alone or beside something else.
    pub fn contains(self, by: By) -> bool {
        self.first == by || self.second == Some(by)
    }

    /// Whether results stand in two groupings.
    pub fn is_double(self) -> bool {
        self.second.is_some()
    }

    /// Whether it tells procedures apart.
    fn of_procedures(self) -> bool {
        self.contains(By::Procedure) || self.contains(By::Category)
    }

    /// Whether all bodies stand in one group, so that there is one even without a body.
    pub(super) fn of_all_bodies(self) -> bool {
        let all = |by| matches!(by, By::Nation | By::Procedure | By::Category);
        all(self.first) && self.second.is_none_or(all)
    }

    /// Whether a group holds several rates of bodies: a body alone has one, and of a single procedure it
    /// has none.
    pub(super) fn has_spread(self) -> bool {
        !self.contains(By::Municipality) && !self.contains(By::Procedure)
    }

    fn place(self, rank: impl Fn(By) -> u16) -> Place {
        [rank(self.first), self.second.map_or(0, rank)]
    }

    /// Where a body stands.
    pub(super) fn place_of_body(self, catalogue: &Catalogue, body: BodyIx) -> Place {
        self.place(|by| body_rank(catalogue, body, by))
    }

    /// The procedures that are told apart, by where they stand: in order of their first members.
    pub(super) fn procedures(
        self,
        catalogue: &Catalogue,
        procedures: &[ProcedureIx],
    ) -> BTreeMap<Place, Vec<ProcedureIx>> {
        let mut groups: BTreeMap<Place, Vec<ProcedureIx>> = BTreeMap::new();
        if !self.of_procedures() {
            groups.insert(Place::default(), procedures.to_vec());
            return groups;
        }
        let category = |procedure: ProcedureIx| catalogue.procedure(procedure).category;
        for (at, procedure) in procedures.iter().enumerate() {
            let first_of = procedures.iter().position(|other| category(*other) == category(*procedure));
            let place = self.place(|by| {
                let at = match by {
                    By::Procedure => at,
                    By::Category => first_of.unwrap_or(at),
                    _ => 0,
                };
                u16::try_from(at).unwrap_or(u16::MAX)
            });
            groups.entry(place).or_default().push(*procedure);
        }
        groups
    }

    /// Code and name of a group.
    pub(super) fn keys(self, catalogue: &Catalogue, question: &Question, place: Place) -> (Key, Option<Key>) {
        let [first, second] = place;
        let key = |by, rank| name_of(catalogue, question, by, rank);
        (key(self.first, first), self.second.map(|by| key(by, second)))
    }

    /// How many results a question has.
    fn count(self, catalogue: &Catalogue, question: &Question) -> usize {
        let mut places: BTreeSet<Place> =
            question.bodies.iter().map(|body| self.place_of_body(catalogue, *body)).collect();
        if self.of_all_bodies() {
            places.insert(Place::default());
        }
        places.len() * self.procedures(catalogue, &question.procedures).len() * question.treatments().len()
    }

    /// Refuses questions that have too many results together.
    ///
    /// # Errors
    ///
    /// More than [`MOST_RESULTS`], with how many there would be.
    pub fn check_count(self, catalogue: &Catalogue, questions: &[Question]) -> Result<(), Refusal> {
        let count: usize = questions.iter().map(|question| self.count(catalogue, question)).sum();
        if count <= MOST_RESULTS {
            return Ok(());
        }
        let by: Vec<&str> = [Some(self.first), self.second].into_iter().flatten().map(By::code).collect();
        Err(Refusal::new(
            "too_many_results",
            &by.join(","),
            format!("この集計単位では結果が {count} 件になります（{MOST_RESULTS} 件まで）"),
            format!("this grouping has {count} results; at most {MOST_RESULTS} are given"),
        )
        .allowed(
            "prefecture、kind、municipality、procedure、category、list などで絞るか、集計単位を1つにする",
        ))
    }
}

/// Rank of bodies whose population is not known.
const NO_POPULATION: u16 = u16::MAX;

/// Where a body stands among the groups of a grouping, in their order.
fn body_rank(catalogue: &Catalogue, body: BodyIx, by: By) -> u16 {
    let row = catalogue.body(body);
    match by {
        By::Prefecture => u16::from(row.prefecture().number()),
        By::Municipality => body,
        By::Kind => u16::from(row.kind.index()),
        By::PopulationBand => {
            row.population.map_or(NO_POPULATION, |number| u16::from(PopulationBand::of(number).index()))
        }
        By::Nation | By::Procedure | By::Category => 0,
    }
}

/// Code and name of the group at a rank.
fn name_of(catalogue: &Catalogue, question: &Question, by: By, rank: u16) -> Key {
    let small = u8::try_from(rank).unwrap_or(u8::MAX);
    let procedure = || question.procedures.get(usize::from(rank)).map(|ix| catalogue.procedure(*ix));
    let named = match by {
        By::Nation => {
            let label = question.scope.as_deref().unwrap_or_else(|| By::Nation.label());
            Some(Key::new(By::Nation.code(), label))
        }
        By::Prefecture => catalogue
            .prefectures()
            .find(|row| row.prefecture().number() == small)
            .map(|row| Key::new(&row.prefecture().to_string(), &row.name)),
        By::Municipality => {
            let row = catalogue.body(rank);
            Some(Key::new(row.code.as_str(), &row.name))
        }
        By::Kind => MunicipalityKind::at(small).map(|kind| Key::new(kind.code(), kind.label())),
        By::PopulationBand => PopulationBand::at(small).map(|band| Key::new(band.code(), band.label())),
        By::Procedure => procedure().map(|row| Key::new(row.id.as_str(), &row.name_ja)),
        By::Category => procedure().map(|row| Key::new(row.category.code(), row.category.label())),
    };
    named.unwrap_or_else(|| Key::new("unknown", "不明"))
}
