//! Who is like a body: of its kind and about its size.

use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::codes::codes;
use crate::domain::municipality::MunicipalityKind;
use chrono::NaiveDate;

/// Fewer peers than these say little.
const FEWEST: usize = 12;
/// More than these are no neighbours any more.
const MOST: usize = 40;
/// How far the population of a peer may lie from the body's own, in percent of that.
const PERCENT: u64 = 30;

codes! {
    /// How the peers of a body were chosen.
    PeerRule, "類似団体の選び方", "rule by which peers are chosen" {
        Within = "within", "同じ種別・人口±30%", "same kind group, population within ±30 %", "同じ種別の群で、人口が±30%以内の団体";
        NearestFew = "nearest_12", "同じ種別・人口の近い12団体", "the nearest 12 of the kind group by the logarithm of the population, as fewer than 12 lie within ±30 %", "±30%以内が12団体に満たないため、同じ種別の群で人口の対数が近い12団体";
        NearestMany = "nearest_40", "同じ種別・人口の近い40団体", "the nearest 40 of the kind group, as more than 40 lie within ±30 %", "±30%以内が40団体を超えるため、そのうち人口の対数が近い40団体";
    }
}

/// The peers of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peers {
    /// How they were chosen.
    pub rule: PeerRule,
    /// Who they are, the nearest first; the body itself is not among them.
    pub bodies: Vec<BodyIx>,
}

/// Kinds that are compared with each other.
fn group(kind: MunicipalityKind) -> u8 {
    match kind {
        MunicipalityKind::Prefecture => 0,
        MunicipalityKind::DesignatedCity | MunicipalityKind::CoreCity => 1,
        MunicipalityKind::City => 2,
        MunicipalityKind::SpecialWard => 3,
        MunicipalityKind::Town | MunicipalityKind::Village => 4,
    }
}

/// The peers of a body among those that exist on a day, by the census of 2020-10-01.
pub fn of(catalogue: &Catalogue, body: BodyIx, day: NaiveDate) -> Peers {
    let own = catalogue.body(body);
    let population = |ix: BodyIx| u64::from(catalogue.body(ix).population.unwrap_or(0));
    let own_population = population(body);
    let is_within = |ix: BodyIx| population(ix).abs_diff(own_population) * 100 <= own_population * PERCENT;
    let all = 0..BodyIx::try_from(catalogue.municipalities().len()).unwrap_or(BodyIx::MAX);
    let mut alike: Vec<BodyIx> = all
        .filter(|ix| {
            let row = catalogue.body(*ix);
            *ix != body && group(row.kind) == group(own.kind) && row.ended_on.is_none_or(|ended| ended > day)
        })
        .collect();
    // |ln(a + 1) − ln(b + 1)| rises with the larger over the smaller: in integers no two machines differ.
    let apart = |ix: BodyIx| {
        let (one, two) = (population(ix) + 1, own_population + 1);
        (u128::from(one.max(two)), u128::from(one.min(two)))
    };
    alike.sort_by(|one, two| {
        let ((large, small), (larger, smaller)) = (apart(*one), apart(*two));
        (large * smaller).cmp(&(larger * small)).then(one.cmp(two))
    });
    let within = alike.iter().filter(|ix| is_within(**ix)).count();
    let rule = match within {
        0..FEWEST => PeerRule::NearestFew,
        FEWEST..=MOST => PeerRule::Within,
        _ => PeerRule::NearestMany,
    };
    match rule {
        PeerRule::NearestFew => alike.truncate(FEWEST),
        PeerRule::Within => alike.retain(|ix| is_within(*ix)),
        PeerRule::NearestMany => {
            alike.retain(|ix| is_within(*ix));
            alike.truncate(MOST);
        }
    }
    Peers { rule, bodies: alike }
}
