//! What a prefecture may do for its municipalities: procedures to advance jointly, and whom to accompany.

use super::definition::{By, Definition, NotApplicable, Outcome};
use super::figure::compute;
use super::gaps::{Among, among};
use super::grouping::Grouping;
use super::question::Question;
use super::tally::{Quartiles, Tally};
use super::{Grid, definition};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::municipality::PopulationBand;

codes! {
    /// What a prefecture may do next.
    Support, "支援の種類", "kind of support" {
        Joint = "joint", "共同で進める手続", "a procedure that at least half of the municipalities do not offer online", "県内の半数以上の団体で、オンライン（段階3以上）になっていない手続";
        Accompany = "accompany", "伴走する団体", "a municipality below the lower quartile of those of its size in the country", "全国の同じ人口規模の団体の第1四分位を下回る団体";
    }
}

/// A procedure that many municipalities of a prefecture do not offer online.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// The procedure.
    pub procedure: ProcedureIx,
    /// Those that do not offer it, or of which it is not known.
    pub lacking: Vec<BodyIx>,
    /// Of how many of these it is not known.
    pub unknown: usize,
    /// How it stands with all of the prefecture that perform it.
    pub here: Among,
    /// How many of the country offer it, and how many perform it.
    pub country: (u32, u32),
}

/// A municipality that lags behind those of its size.
#[derive(Clone, Debug, PartialEq)]
pub struct Behind {
    /// The municipality.
    pub body: BodyIx,
    /// How it stands.
    pub tally: Tally,
    /// Its size.
    pub band: PopulationBand,
    /// How those of its size stand in the country.
    pub of_band: Quartiles,
    /// What it does not offer, in order of the list.
    pub lacking: Vec<ProcedureIx>,
}

/// A question about the online level from 3 on, over some procedures.
fn online(grid: &Grid, bodies: Vec<BodyIx>, procedures: &[ProcedureIx]) -> Question {
    let definition = definition::find("online_rate").unwrap_or(&definition::DEFINITIONS[0]);
    Question::new(definition, grid.catalogue(), bodies, procedures.to_vec())
}

fn judge(grid: &Grid, question: &Question, body: BodyIx, procedure: ProcedureIx) -> Outcome {
    let choices = question.choices(grid.catalogue(), NotApplicable::Excluded);
    Definition::judge(grid.block(body).reading(question.reads, procedure), choices)
}

/// Whether a body performs a procedure and does not offer it, or it is not known.
fn lacks(grid: &Grid, question: &Question, body: BodyIx, procedure: ProcedureIx) -> bool {
    matches!(judge(grid, question, body, procedure), Outcome::No(_) | Outcome::Unknown(_))
}

/// The procedures that at least half of some municipalities do not offer online; what most of them lack
/// stands first. `country` are all municipalities.
pub fn joint(grid: &Grid, bodies: &[BodyIx], country: &[BodyIx], procedures: &[ProcedureIx]) -> Vec<Joint> {
    let question = online(grid, bodies.to_vec(), procedures);
    let expected = question.procedures.iter().filter(|ix| question.expects(grid.catalogue(), false, **ix));
    let of_procedure = |procedure: &ProcedureIx| {
        let here = among(grid, &question, bodies, *procedure);
        let lacking: Vec<BodyIx> =
            bodies.iter().copied().filter(|body| lacks(grid, &question, *body, *procedure)).collect();
        let many = !lacking.is_empty() && lacking.len() >= here.have.len();
        let open = |body: &&BodyIx| matches!(judge(grid, &question, **body, *procedure), Outcome::Unknown(_));
        many.then(|| {
            let everywhere = among(grid, &question, country, *procedure);
            let have = u32::try_from(everywhere.have.len()).unwrap_or(u32::MAX);
            let unknown = lacking.iter().filter(open).count();
            Joint { procedure: *procedure, lacking, unknown, here, country: (have, everywhere.of) }
        })
    };
    let mut found: Vec<Joint> = expected.filter_map(of_procedure).collect();
    found.sort_by_key(|joint| std::cmp::Reverse(joint.lacking.len()));
    found
}

/// Those of some municipalities that lie below the lower quartile of their size, in order of code: it is
/// no rank. `country` are all municipalities.
pub fn behind(grid: &Grid, bodies: &[BodyIx], country: &[BodyIx], procedures: &[ProcedureIx]) -> Vec<Behind> {
    let catalogue = grid.catalogue();
    let band_of = |body: BodyIx| catalogue.body(body).population.map(PopulationBand::of);
    let Some(by_band) = Grouping::new(&[By::PopulationBand]) else { return Vec::new() };
    let by_band = compute(grid, &online(grid, country.to_vec(), procedures), by_band);
    let of_body = |body: &BodyIx| {
        let band = band_of(*body)?;
        let of_band = by_band.iter().find(|figure| figure.key.code == band.code())?;
        let of_band = of_band.spread?.quartiles.ok()?;
        let question = online(grid, vec![*body], procedures);
        let tally = compute(grid, &question, Grouping::NATION).first()?.tally;
        let lags = tally.value().is_ok_and(|value| value < of_band.q1);
        let lacking =
            || question.rows_of(catalogue, *body).filter(|ix| lacks(grid, &question, *body, *ix)).collect();
        lags.then(|| Behind { body: *body, tally, band, of_band, lacking: lacking() })
    };
    bodies.iter().filter_map(of_body).collect()
}
