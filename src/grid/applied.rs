//! How often a body's procedures were applied for in a fiscal year, and by which ways.

use super::standing::{Answer, Reads};
use super::{Block, Count, Grid};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::FiscalYear;
use crate::domain::readiness::Level;
use crate::domain::usage::ChannelGroup;

/// The applications of a procedure in a fiscal year, as far as they were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The fiscal year in which they were made.
    pub fiscal_year: FiscalYear,
    /// All of them.
    pub all: Option<u64>,
    /// Those that came online.
    pub online: Option<u64>,
    /// Those made at a counter.
    pub counter: Option<u64>,
    /// Those that came by mail.
    pub mail: Option<u64>,
    /// Those made at a convenience store.
    pub convenience: Option<u64>,
    /// Those that staff typed in for the applicant.
    pub assisted: Option<u64>,
    /// Those for which somebody came although it could have been done online; none where it cannot be done
    /// online, or is not known.
    pub avoidable: Option<u64>,
}

/// What a body counted of some procedures, in order of procedure and year; of all years or of one.
pub fn of(grid: &Grid, body: BodyIx, procedures: &[ProcedureIx], year: Option<FiscalYear>) -> Vec<Applied> {
    let block = grid.block(body);
    let counts = match year {
        Some(year) => block.counts_of_year(year),
        None => block.counts(),
    };
    let together =
        |one: &Count, other: &Count| (one.fiscal_year, one.procedure) == (other.fiscal_year, other.procedure);
    let of_procedure = counts.chunk_by(together).filter(|counts| procedures.contains(&counts[0].procedure));
    let mut found: Vec<Applied> = of_procedure.map(|counts| applied(block, counts)).collect();
    found.sort_by_key(|applied| (applied.procedure, applied.fiscal_year));
    found
}

fn applied(block: &Block, counts: &[Count]) -> Applied {
    let (procedure, fiscal_year) = (counts[0].procedure, counts[0].fiscal_year);
    let of = |group| counts.iter().find(|count| count.group == group).map(|count| count.applications);
    let applied = Applied {
        procedure,
        fiscal_year,
        all: of(ChannelGroup::All),
        online: of(ChannelGroup::Online),
        counter: of(ChannelGroup::Counter),
        mail: of(ChannelGroup::Mail),
        convenience: of(ChannelGroup::Convenience),
        assisted: of(ChannelGroup::Assisted),
        avoidable: None,
    };
    Applied { avoidable: applied.came().filter(|_| is_online(block, procedure)), ..applied }
}

impl Applied {
    /// For how many somebody came: those counted at the counter, or what is left of all.
    fn came(&self) -> Option<u64> {
        let others = [self.online, self.mail, self.convenience];
        let left = || self.all?.checked_sub(self.online.and(Some(others.into_iter().flatten().sum()))?);
        self.counter.or_else(left)
    }
}

/// Whether a procedure can be done online, in part at least.
fn is_online(block: &Block, procedure: ProcedureIx) -> bool {
    let reading = block.reading(Reads::Online, procedure);
    reading.applicability.applies()
        && matches!(reading.answer, Answer::Level { level, .. } if level >= Level::THREE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_was_not_counted_elsewhere_came() {
        let nothing = Applied {
            procedure: 0,
            fiscal_year: FiscalYear::new(2025).unwrap(),
            all: None,
            online: None,
            counter: None,
            mail: None,
            convenience: None,
            assisted: None,
            avoidable: None,
        };
        let all = Applied { all: Some(100), online: Some(30), ..nothing };
        for (applied, came) in [
            (nothing, None),
            (Applied { all: Some(100), ..nothing }, None),
            (all, Some(70)),
            (Applied { mail: Some(10), convenience: Some(5), ..all }, Some(55)),
            (Applied { counter: Some(40), mail: Some(30), ..all }, Some(40)),
            // Ways that are more than all contradict each other: nothing is said of the rest.
            (Applied { mail: Some(80), ..all }, None),
        ] {
            assert_eq!(applied.came(), came, "{applied:?}");
        }
    }
}
