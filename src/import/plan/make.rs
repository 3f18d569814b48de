//! Makes a plan of a reading.

use std::collections::HashSet;

use super::planner::Planner;
use super::spot::spot_of;
use super::{Gate, Known, Plan, group, successive};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::log::Spot;
use crate::domain::text::cut;
use crate::import::{Fault, Options, Reading, Said, Statement};

/// Compares what a file says with what is known.
///
/// Statements are taken in the order in which they are true, so that rows of one file build on
/// each other. A line with a fault gives nothing, not even its good cells.
///
/// # Errors
///
/// [`Stopped`] by the watcher.
pub fn make(
    reading: &Reading,
    catalogue: &Catalogue,
    known: &Known<'_>,
    options: &Options,
    gate: &Gate<'_>,
    watch: &dyn Watch,
) -> Result<Plan, Stopped> {
    let resolved = group::resolve(reading, catalogue, known, options);
    let statements = resolved.as_ref().map_or(&reading.statements, |resolved| &resolved.statements);
    let mut order: Vec<&Statement> = statements.iter().collect();
    let effective = |statement: &Statement| statement.effective.unwrap_or(Dated::day(options.today)).on;
    order.sort_by_key(|statement| effective(statement));
    let mut once = HashSet::with_capacity(statements.len());
    let repeated: HashSet<Spot> = statements.iter().map(spot_of).filter(|spot| !once.insert(*spot)).collect();
    drop(once);
    let successive = successive::tell(reading, statements, &repeated, options);
    let whole: HashSet<(BodyIx, ProcedureIx)> = statements
        .iter()
        .filter(|statement| matches!(statement.said, Said::Applicability(..)))
        .map(|statement| (statement.body, statement.procedure))
        .collect();
    let mut faults = reading.faults.clone();
    faults.extend(resolved.iter().flat_map(|resolved| resolved.faults.iter().cloned()));
    faults.extend(successive.faults);
    // A line that is left out must not have shaped another: whenever planning finds lines at fault,
    // the others are planned again without them.
    loop {
        let mut planner = Planner::new(reading, catalogue, known, options, gate, (&repeated, &whole));
        planner.wrong = faults.iter().filter_map(|fault| fault.line).collect();
        for (done, statement) in order.iter().enumerate() {
            if done % WATCHED_EVERY == 0 {
                watch.done(done)?;
            }
            if !planner.wrong.contains(&statement.line) {
                planner.add(statement);
            }
        }
        planner.contradictions();
        let records = planner.records(&reading.records, known.records);
        watch.done(order.len())?;
        if planner.faults.is_empty() {
            let told = resolved.iter().flat_map(|resolved| resolved.warnings.iter().cloned());
            told.for_each(|warning| planner.warn(warning));
            successive.warnings.into_iter().for_each(|warning| planner.warn(warning));
            let mut plan = planner.finish(reading, records, faults);
            plan.questions = resolved.map(|resolved| resolved.questions).unwrap_or_default();
            plan.questions.extend(successive.questions);
            show_values(reading, &mut plan);
            return Ok(plan);
        }
        faults.append(&mut planner.faults);
    }
}

/// Puts the cell beside what is wrong with it, where that was not said yet.
fn show_values(reading: &Reading, plan: &mut Plan) {
    /// Faults whose lines are unpacked together.
    const SOME: usize = 1000;
    let mut open: Vec<(&mut Fault, u32, usize)> = (plan.faults.iter_mut().chain(&mut plan.warnings))
        .filter(|fault| fault.value.is_none())
        .filter_map(|fault| {
            let (line, column) = (fault.line?, fault.column?.checked_sub(1)?);
            Some((fault, line, column as usize))
        })
        .collect();
    open.sort_by_key(|(_, line, _)| *line);
    for some in open.chunks_mut(SOME) {
        let cells = reading.cells_of(&some.iter().map(|(_, line, _)| *line).collect());
        for (fault, line, column) in some {
            let cell = cells.get(line).and_then(|cells| cells.get(*column));
            fault.value = cell.filter(|cell| !cell.is_empty()).map(|cell| cut(cell, 100));
        }
    }
}

/// After so many statements the watcher is asked.
pub const WATCHED_EVERY: usize = 1000;

/// Somebody who watches long work and may stop it.
pub trait Watch {
    /// So many statements are done.
    ///
    /// # Errors
    ///
    /// [`Stopped`] if the work is to end.
    fn done(&self, statements: usize) -> Result<(), Stopped>;
}

/// The work was stopped by whoever watched it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// Nobody watches.
pub struct Unwatched;

impl Watch for Unwatched {
    fn done(&self, _: usize) -> Result<(), Stopped> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::NaiveDate;

    use super::super::{Claim, Entry};
    use super::*;
    use crate::domain::Refusal;
    use crate::domain::assertion::Fact;
    use crate::domain::imports::RowOutcome;
    use crate::domain::log::NothingKnown;
    use crate::domain::municipality::{Municipality, MunicipalityKind};
    use crate::domain::procedure::{Audience, Category, Procedure, Target};
    use crate::domain::readiness::{Channel, Place, Scale};

    /// A country of one town that became another on 2018-10-01.
    fn country() -> Catalogue {
        let town = |code: &str, name: &str, kind| Municipality {
            code: code.parse().unwrap(),
            prefecture_name: "福岡県".to_owned(),
            name: name.to_owned(),
            name_kana: "ナカガワ".to_owned(),
            kind,
            population: None,
            households: None,
            ended_on: None,
            successor: None,
        };
        let ended = Municipality {
            ended_on: NaiveDate::from_ymd_opt(2018, 10, 1),
            successor: Some("402311".parse().unwrap()),
            ..town("403059", "那珂川町", MunicipalityKind::Town)
        };
        let procedure = Procedure {
            id: "kosodate-01".parse().unwrap(),
            category: Category::Kosodate,
            name_ja: "認定請求".to_owned(),
            short_ja: "認定請求".to_owned(),
            name_en: "claim".to_owned(),
            target: Target::Municipality,
            audience: Audience::Person,
            legal_basis: None,
            ministry: None,
            standard_system: None,
            common_system: None,
            has_counter: true,
            introduced_on: None,
            ended_on: None,
            successor: None,
            ceiling: None,
            ceiling_source: None,
            note: None,
        };
        let channel = Channel {
            id: "online".parse().unwrap(),
            label_ja: "オンライン".to_owned(),
            label_en: "online".to_owned(),
            scale: Scale::Online,
            place: Place::Home,
            named: false,
        };
        let towns = vec![ended, town("402311", "那珂川市", MunicipalityKind::City)];
        Catalogue::new(vec![procedure], vec![], vec![channel], towns, vec![]).unwrap()
    }

    const NOTHING: Known<'_> = Known { log: &NothingKnown, records: &BTreeMap::new() };

    #[test]
    fn a_body_that_is_no_more_speaks_of_its_own_time_only() {
        let catalogue = country();
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let text = "団体コード,手続ID,接点,段階,適用日\n\
                    403059,kosodate-01,online,3,2018-09-30\n\
                    403059,kosodate-01,online,4,2018-10-01\n";
        let options = Options::new(today);
        let reading = crate::import::read(text.as_bytes(), &catalogue, &options).unwrap();
        let nobody = Gate { fact: &|_, _| None, record: &|_| None };
        let plan = make(&reading, &catalogue, &NOTHING, &options, &nobody, &Unwatched).unwrap();
        assert_eq!((plan.counts.created, plan.counts.rejected), (1, 1));
        let fault = &plan.faults[0];
        assert_eq!((fault.code.as_str(), fault.line), ("ended_municipality", Some(3)));
        assert_eq!(fault.suggestion.as_deref(), Some("402311 那珂川市"));
    }

    #[test]
    fn a_refused_line_does_not_shape_another() {
        let catalogue = country();
        let today = NaiveDate::from_ymd_opt(2026, 11, 21).unwrap();
        let text = "団体コード,手続ID,接点,段階,システム,適用日\n\
                    402311,kosodate-01,online,3,甲,2026-04-01\n\
                    402311,kosodate-01,online,3,,2026-05-01\n";
        let options = Options::new(today);
        let reading = crate::import::read(text.as_bytes(), &catalogue, &options).unwrap();
        let plan = |refused: Option<u32>| {
            let fact = |entry: &Entry, _: Claim| {
                (Some(entry.line) == refused).then(|| Refusal::new("other", "", "ほかの団体", "another body"))
            };
            let gate = Gate { fact: &fact, record: &|_| None };
            make(&reading, &catalogue, &NOTHING, &options, &gate, &Unwatched).unwrap()
        };
        assert_eq!(plan(None).entries[1].outcome, RowOutcome::Confirmed);
        // Alone, the second line is the first word on it, and has no system.
        let alone = plan(Some(2));
        assert_eq!((alone.entries.len(), alone.entries[0].outcome), (1, RowOutcome::Created));
        assert!(matches!(&alone.entries[0].new, Fact::Readiness(value) if value.system.is_none()));
    }
}
