//! What a question is: parameters that are read, and an answer made of the country of a moment.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::Parameter;

use super::list::{List, View};
use super::moment::{Moment, MomentQuery};
use super::parameters::{Checks, FormatQuery, PageQuery, Query};
use crate::domain::Refusal;
use crate::domain::catalogue::BodyIx;
use crate::domain::log::{PastStatement, Spot};
use crate::domain::material::{MaterialKind, PastMaterial};
pub(crate) use crate::grid::Grid;
use crate::grid::filter::Changed;
use crate::grid::history::History;
use crate::grid::moment::Known;
use crate::grid::peers;

/// What the address of a request says.
pub(crate) struct Address<'a> {
    /// Names in the path, with what stands there.
    pub(crate) path: &'a [(String, String)],
    /// The parameters.
    pub(crate) query: &'a Query<'a>,
}

impl Address<'_> {
    /// What stands in the path under a name.
    pub(crate) fn named(&self, name: &str) -> &str {
        self.path.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }
}

/// What a question needs beside the grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// What changed since a moment.
    pub(crate) changed_since: Option<DateTime<Utc>>,
    /// The moment to which the grid knows the log.
    pub(crate) updated_until: bool,
    /// Everything ever said of a row, by either source.
    pub(crate) past_of: Option<Spot>,
    /// Everything ever stated.
    pub(crate) history: bool,
    /// The country of another moment, to be held against this one.
    pub(crate) earlier: Option<Moment>,
    /// What holds of the own material of a kind.
    pub(crate) material: Option<(MaterialKind, MaterialOf)>,
}

/// Whose own material.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MaterialOf {
    /// That of one.
    Body(BodyIx),
    /// That of one and of its peers.
    WithPeers(BodyIx),
}

impl MaterialOf {
    /// The bodies.
    pub(crate) fn bodies(self, grid: &Grid) -> Vec<BodyIx> {
        match self {
            Self::Body(body) => vec![body],
            Self::WithPeers(body) => {
                let peers = peers::of(grid.catalogue(), body, grid.as_of()).bodies;
                std::iter::once(body).chain(peers).collect()
            }
        }
    }
}

/// What a question is answered from: the country of a moment, and whatever the question needs beside it.
#[derive(Clone)]
pub(crate) struct Country {
    pub(crate) grid: Arc<Grid>,
    pub(crate) changed: Option<Arc<Changed>>,
    pub(crate) updated_until: Option<DateTime<Utc>>,
    pub(crate) past: Arc<[PastStatement]>,
    pub(crate) earlier: Option<Arc<Grid>>,
    pub(crate) material: Arc<[PastMaterial]>,
    /// Everything ever stated, and how much of it is known.
    pub(crate) history: Option<(History, Known)>,
}

/// How much of its answer a question gives at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A page, in a format.
    Pages,
    /// All of it, in a format.
    Whole,
    /// One thing, in one format.
    One,
}

/// Something that may be asked of the country. What it takes is what it documents.
pub(crate) trait Question: IntoParams + Sized + Send + Sync + 'static {
    /// Its own parameters, a struct each.
    type Parts: Parts;
    /// How much it answers at once.
    const SHAPE: Shape;
    /// Whether an answer may take longer than a thread that serves others meanwhile has time for, which is
    /// about a millisecond.
    const LONG: bool;
    /// Whether it may be asked of another day, and of what was known before.
    const OF_ANY_MOMENT: bool = false;
    /// As what number of reads it counts with its sender beside the one that every request is.
    const MORE_READS: u32 = 0;

    /// Reads it. Every fault is noted; where it cannot be read at all there is nothing.
    fn read(parts: Self::Parts, address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self>;

    /// What it needs beside the grid.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Its parameters with those of its shape, as the contract has them.
    fn describe() -> Vec<Parameter> {
        let place = || None;
        let mut all = Self::Parts::describe();
        if Self::OF_ANY_MOMENT {
            all.extend(MomentQuery::into_params(place));
        }
        if Self::SHAPE == Shape::Pages {
            all.extend(PageQuery::into_params(place));
        }
        if Self::SHAPE != Shape::One {
            all.extend(FormatQuery::into_params(place));
        }
        all
    }
}

/// A question that is answered with rows.
pub(crate) trait Rows: Question {
    /// One of them.
    type Row: View + Send + 'static;

    /// The answer.
    fn answer(self, country: &Country) -> List<Self::Row>;
}

/// A question to which more is said than an address holds.
pub(crate) trait Said: Rows {
    /// What is said.
    type Body: DeserializeOwned;

    /// Takes it up.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, each with its place in the body: `rows/3/level`.
    fn take(&mut self, body: Self::Body, grid: &Grid) -> Result<(), Vec<(String, Refusal)>>;
}

/// A question that is answered with one object.
pub(crate) trait Object: Question {
    /// What it looks like.
    type View: Serialize;

    /// The answer.
    fn answer(self, country: &Country) -> Self::View;
}

/// Structs of parameters that are read together.
pub(crate) trait Parts {
    /// Their parameters, as the contract has them.
    fn describe() -> Vec<Parameter>;
    /// Reads each of them.
    fn of(query: &Query<'_>) -> Self;
}

macro_rules! parts {
    ($($part:ident),*) => {
        impl<$($part: IntoParams + DeserializeOwned + Default),*> Parts for ($($part,)*) {
            fn describe() -> Vec<Parameter> {
                let parts: Vec<Vec<Parameter>> = vec![$($part::into_params(|| None)),*];
                parts.into_iter().flatten().collect()
            }

            fn of(query: &Query<'_>) -> Self {
                ($(query.part::<$part>(),)*)
            }
        }
    };
}

impl Parts for () {
    fn describe() -> Vec<Parameter> {
        Vec::new()
    }

    fn of(_: &Query<'_>) -> Self {}
}

parts!(A);
parts!(A, B);
parts!(A, B, C);
parts!(A, B, C, D);
parts!(A, B, C, D, E);

/// Lets questions be named where the contract lists parameters.
macro_rules! documented {
    ($($question:ty),+ $(,)?) => {
        $(impl utoipa::IntoParams for $question {
            fn into_params(
                _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
            ) -> Vec<utoipa::openapi::path::Parameter> {
                <Self as $crate::query::question::Question>::describe()
            }
        })+
    };
}
pub(crate) use documented;
