//! Hours of staff that another way of applying would save in a year, where minutes are known.

use std::collections::HashMap;

use crate::domain::catalogue::Catalogue;
use crate::domain::material::{MaterialKind, PastMaterial};
use crate::domain::position::{BodyIx, ProcedureIx};

/// The steps of an application that take time: receipt, check, review, delivery.
const STEPS: [&str; 4] = ["receipt_minutes", "check_minutes", "review_minutes", "delivery_minutes"];

/// Minutes of each step for one application, in hundredths; what nobody said is not nought.
pub type Minutes = [Option<i64>; STEPS.len()];

/// Minutes for one application as bodies stated them, of the last fiscal year of each.
#[derive(Clone, Debug, Default)]
pub struct HandlingTimes(HashMap<(BodyIx, ProcedureIx, String), (i32, Minutes)>);

/// Hours of a year, in tenths: the least and the most that may be saved; below zero where more is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    /// The most.
    pub most: i64,
    /// The least.
    pub least: i64,
}

impl HandlingTimes {
    /// Out of the rows that hold.
    pub fn new(catalogue: &Catalogue, held: &[PastMaterial]) -> Self {
        let mut found = HashMap::new();
        for row in held.iter().filter(|row| row.key.kind == MaterialKind::HandlingTime) {
            let body = catalogue.body_ix(row.key.municipality);
            let procedure = row.key.procedure.as_ref().and_then(|id| catalogue.procedure_ix(id.as_str()));
            let (Some(body), Some(procedure), Some(year), Some(way)) =
                (body, procedure, row.key.fiscal_year(), row.key.said("way"))
            else {
                continue;
            };
            let minutes = STEPS.map(|step| row.content.hundredths(step));
            let last = found.entry((body, procedure, way.to_owned())).or_insert((year, minutes));
            if year > last.0 {
                *last = (year, minutes);
            }
        }
        Self(found)
    }

    fn of(&self, body: BodyIx, procedure: ProcedureIx, way: &str) -> Option<&Minutes> {
        self.0.get(&(body, procedure, way.to_owned())).map(|(_, minutes)| minutes)
    }

    /// The hours that so many applications a year would save if they came online and not at the counter: by the
    /// body's own minutes where it states both, else by those of the peers who state them. None where nobody
    /// states a step of both.
    pub fn saved_online(
        &self,
        body: BodyIx,
        peers: &[BodyIx],
        procedure: ProcedureIx,
        cases: u64,
    ) -> Option<Hours> {
        let now = self.of(body, procedure, "counter")?;
        let own = self.of(body, procedure, "online").and_then(|next| difference(now, next));
        let differences: Vec<i64> = match own {
            Some(own) => vec![own],
            None => {
                let next = peers.iter().filter_map(|peer| self.of(*peer, procedure, "online"));
                next.filter_map(|next| difference(now, next)).collect()
            }
        };
        let hours = |minutes: i64| tenths_of_hours(minutes, cases);
        let (least, most) = (differences.iter().min()?, differences.iter().max()?);
        Some(Hours { least: hours(*least), most: hours(*most) })
    }
}

/// Minutes that one application takes less, over the steps of which both are known.
fn difference(now: &Minutes, next: &Minutes) -> Option<i64> {
    let known = now.iter().zip(next).filter_map(|(now, next)| Some((*now)? - (*next)?));
    known.fold(None, |sum: Option<i64>, one| Some(sum.unwrap_or(0) + one))
}

/// Hundredths of a minute of each case as tenths of hours, half away from zero.
fn tenths_of_hours(minutes: i64, cases: u64) -> i64 {
    /// Hundredths of a minute in a tenth of an hour.
    const TENTH: i128 = 600;
    let all = i128::from(minutes) * i128::from(cases);
    let rounded = (all.abs() + TENTH / 2) / TENTH;
    let hours = i64::try_from(rounded).unwrap_or(i64::MAX);
    if all < 0 { -hours } else { hours }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_steps_of_which_both_are_known_are_compared() {
        let minutes = |steps: [i64; 4]| steps.map(|minutes| (minutes >= 0).then_some(minutes * 100));
        assert_eq!(difference(&minutes([10, 5, 15, 5]), &minutes([0, 5, 10, 0])), Some(2_000));
        assert_eq!(difference(&minutes([10, -1, 15, 5]), &minutes([0, 5, -1, -1])), Some(1_000));
        assert_eq!(difference(&minutes([-1, 5, -1, -1]), &minutes([0, -1, 10, 0])), None);
        assert_eq!(difference(&minutes([5, -1, -1, -1]), &minutes([8, -1, -1, -1])), Some(-300));
    }

    #[test]
    fn hours_are_those_of_all_cases() {
        for (minutes, cases, hours) in [
            (2_000, 300, 1_000),
            (2_000, 0, 0),
            (100, 1, 0),
            (300, 1, 1),
            (-300, 1, -1),
            (-2_000, 300, -1_000),
        ] {
            assert_eq!(tenths_of_hours(minutes, cases), hours, "{minutes} × {cases}");
        }
    }
}
