//! What a plan does to the figures of the bodies it speaks of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveDate;

use super::Service;
use crate::domain::assertion::{Fact, Key, Timeline};
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::current::{CurrentApplicability, CurrentReadiness};
use crate::domain::readiness::Level;
use crate::grid::definition::{Basis, DEFINITIONS, Definition, NotApplicable};
use crate::grid::figure::{Question, compute};
use crate::grid::filter::ProcedureFilter;
use crate::grid::grouping::Grouping;
use crate::grid::tally::{Percent, Tally};
use crate::grid::{Builder, Grid};
use crate::import::plan::{Known, Plan};
use crate::import::report::{Effect, EffectFigure};

/// With more bodies the figures of all of them together say little to a person, and cost time.
const MOST_BODIES: usize = 50;

impl Service {
    /// The figures of the bodies a plan speaks of that it would change, as of today; none where it speaks
    /// of very many.
    pub(super) fn effect(&self, plan: &Plan, known: &Known) -> Vec<Effect> {
        let codes: BTreeSet<_> = plan.entries.iter().map(|entry| entry.key.municipality).collect();
        if codes.is_empty() || codes.len() > MOST_BODIES {
            return Vec::new();
        }
        let today = self.today();
        let after = with_plan(plan, &known.timelines);
        let of_bodies = |(key, _): &(&Key, &Timeline)| codes.contains(&key.municipality);
        let before = self.grid_of(known.timelines.iter().filter(of_bodies), today);
        let unchanged = known.timelines.iter().filter(of_bodies).filter(|(key, _)| !after.contains_key(*key));
        let after = self.grid_of(unchanged.chain(&after), today);
        let bodies: Vec<BodyIx> = codes.iter().filter_map(|code| self.catalogue.body_ix(*code)).collect();
        let scope = scope(&self.catalogue, &bodies);
        DEFINITIONS
            .iter()
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

    /// What some timelines show on a day, as a country in which nothing else is stated.
    fn grid_of<'t>(&self, timelines: impl Iterator<Item = (&'t Key, &'t Timeline)>, day: NaiveDate) -> Grid {
        let mut builder = Builder::new(Arc::clone(&self.catalogue));
        for (key, timeline) in timelines {
            add(&mut builder, key, timeline, day);
        }
        builder.into_grid(0, day, self.now())
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
    let default = definition.thresholds.first().copied().and_then(Level::new);
    let question = Question {
        definition,
        bodies,
        scope: None,
        procedures: ProcedureFilter::default().select(catalogue, definition.list),
        threshold: default.unwrap_or(Level::THREE),
        basis: Basis::Expected,
        not_applicable: None,
    };
    let figures = |grid| compute(grid, &question, Grouping::NATION).into_iter();
    figures(before)
        .zip(figures(after))
        .filter(|(before, after)| before.tally != after.tally)
        .map(|(before, after)| (definition, before.not_applicable, before.tally, after.tally))
        .collect()
}

/// The timelines that a plan changes, as they would be.
fn with_plan(plan: &Plan, known: &BTreeMap<Key, Timeline>) -> BTreeMap<Key, Timeline> {
    let mut after: BTreeMap<Key, Timeline> = BTreeMap::new();
    for (entry, seq) in plan.entries.iter().zip(i64::MAX - i64::from(u32::MAX)..) {
        let timeline = after
            .entry(entry.key.clone())
            .or_insert_with(|| known.get(&entry.key).cloned().unwrap_or_default());
        timeline.insert(entry.stated(seq, chrono::DateTime::UNIX_EPOCH));
    }
    after
}

fn add(builder: &mut Builder, key: &Key, timeline: &Timeline, day: NaiveDate) {
    let Some((holding, stated)) = timeline.holding_on(day) else { return };
    let last = timeline.last_said(holding).unwrap_or(stated);
    let confirmed_on = holding.confirmed_seq.map(|_| last.effective.on);
    let municipality = key.municipality;
    let procedure = key.procedure.to_string();
    match (&stated.fact, &key.channel) {
        (Fact::Readiness(value), Some(channel)) => builder.add_readiness(CurrentReadiness {
            municipality,
            procedure,
            channel: channel.to_string(),
            source: key.source,
            seq: stated.seq,
            level: value.level,
            at_least: value.at_least,
            state: value.state,
            evidence: value.evidence,
            system: None,
            target: value.target,
            has_texts: false,
            effective: stated.effective,
            confirmed_on,
            updated_at: last.recorded_at,
        }),
        (Fact::Applicability { value, .. }, None) => builder.add_applicability(CurrentApplicability {
            municipality,
            procedure,
            source: key.source,
            seq: stated.seq,
            value: *value,
            has_texts: false,
            effective: stated.effective,
            confirmed_on,
            updated_at: last.recorded_at,
        }),
        _ => {}
    }
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
