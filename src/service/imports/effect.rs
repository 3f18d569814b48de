//! What a plan does to the figures of the bodies it speaks of.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::known::KnownOf;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::log::Logged;
use crate::grid::Grid;
use crate::grid::definition::{DEFINITIONS, Definition, Measures, NotApplicable, Parts, Takes};
use crate::grid::figure::compute;
use crate::grid::filter::ProcedureFilter;
use crate::grid::grouping::Grouping;
use crate::grid::moment::Moment;
use crate::grid::question::Question;
use crate::grid::supposed::Wanted;
use crate::grid::tally::{Percent, Tally};
use crate::import::plan::Plan;
use crate::import::report::{Effect, EffectFigure};
use crate::service::Service;

/// With more bodies the figures of all of them together say little to a person, and cost time.
const MOST_BODIES: usize = 50;

impl Service {
    /// The figures of the bodies a plan speaks of that it would change, as of today; none where it speaks
    /// of very many.
    pub(super) fn effect(&self, plan: &Plan, known: &KnownOf<'_>) -> Vec<Effect> {
        let codes: BTreeSet<_> = plan.entries.iter().map(|entry| entry.key.municipality).collect();
        if codes.is_empty() || codes.len() > MOST_BODIES {
            return Vec::new();
        }
        let bodies: BTreeSet<BodyIx> =
            codes.iter().filter_map(|code| self.catalogue.body_ix(*code)).collect();
        let (moment, now) = (Moment { as_of: self.today(), known: known.known }, self.now());
        let today = self.grid();
        // Most plans are made over what is shown already.
        let is_shown = today.moment() == moment && today.revision() == known.history.revision();
        let before =
            if is_shown { today } else { Arc::new(known.history.renew(&today, &bodies, moment, now)) };
        let rows = plan
            .entries
            .iter()
            .map(|entry| Logged::new(entry.spot, &entry.stated(0, chrono::DateTime::UNIX_EPOCH), None));
        let after = known.history.suppose(&before, rows, Wanted::Standings);
        let bodies: Vec<BodyIx> = bodies.into_iter().collect();
        let scope = scope(&self.catalogue, &bodies);
        DEFINITIONS
            .iter()
            // Whether a few bodies have anything at all is no figure that a plan is judged by; that statements
            // are fresh, or applications many, is not what it changes.
            .filter(|definition| definition.takes == Takes::All && definition.measures == Measures::Standing)
            .filter(|definition| !definition.weighs_by_year() && definition.parts == Parts::One)
            .flat_map(|definition| changed(definition, &bodies, &before, &after))
            .map(|(definition, treatment, before, after)| Effect {
                definition: definition.id.to_owned(),
                name: definition.name_ja.to_owned(),
                not_applicable: treatment.code().to_owned(),
                treatment: treatment.label().to_owned(),
                scope: scope.clone(),
                before: shown(before),
                after: shown(after),
            })
            .collect()
    }
}

type Changed = (&'static Definition, NotApplicable, Tally, Tally);

/// A definition's figures that differ between two countries.
fn changed(definition: &'static Definition, bodies: &[BodyIx], before: &Grid, after: &Grid) -> Vec<Changed> {
    let catalogue = before.catalogue();
    // Prefectures and municipalities have figures of their own.
    let prefectures: Vec<BodyIx> =
        bodies.iter().copied().filter(|body| catalogue.body(*body).is_prefecture()).collect();
    let bodies = if prefectures.len() == bodies.len() {
        prefectures
    } else {
        bodies.iter().copied().filter(|body| !catalogue.body(*body).is_prefecture()).collect()
    };
    let procedures = ProcedureFilter::default().select(catalogue, definition.list);
    let question = Question::new(definition, catalogue, bodies, procedures);
    let figures = |grid| compute(grid, &question, Grouping::NATION).into_iter();
    figures(before)
        .zip(figures(after))
        // How many rows have an answer is not among what is shown.
        .filter(|(before, after)| shown(before.tally) != shown(after.tally))
        .map(|(before, after)| (definition, before.not_applicable, before.tally, after.tally))
        .collect()
}

fn scope(catalogue: &Catalogue, bodies: &[BodyIx]) -> String {
    match bodies {
        [only] => {
            let row = catalogue.body(*only);
            if row.is_prefecture() {
                row.name.clone()
            } else {
                format!("{}{}", row.prefecture_name, row.name)
            }
        }
        several => format!("{}団体", several.len()),
    }
}

fn shown(tally: Tally) -> EffectFigure {
    let percent = |value: Option<Percent>| value.map(|value| f64::from(value.tenths()) / 10.0);
    EffectFigure {
        numerator: tally.numerator,
        denominator: tally.denominator,
        unknown: tally.unknown,
        value: percent(tally.value().ok()),
        value_max: percent(tally.value_max()),
    }
}
