//! What a body may do next: where it lacks what others have, does work twice, or does not say what is so.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::definition::{self, Definition, NotApplicable, Outcome};
use super::hours::{HandlingTimes, Hours};
use super::peers::Peers;
use super::question::Question;
use super::standing::{Answer, Reads};
use super::{Applications, Cell, Grid, STALE_DAYS};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::dates::FiscalYear;
use crate::domain::readiness::{ChannelId, Level, Scale, Source};
use crate::domain::shared::SharedText;
use crate::domain::text::fold_for_search;

codes! {
    /// Kinds of gaps, as the figures' page of definitions numbers them.
    GapKind, "課題の種類", "kind of gap" {
        Missing26 = "G1", "26手続で未達・未確認", "of the 26 child care and long-term care procedures not yet on Mynaportal", "子育て・介護26手続のうち、マイナポータルで段階3以上になっていない";
        PeersHave = "G2", "類似団体の半数以上がオンライン", "below level 3 here, at 3 or more with at least half of the peers", "この団体では段階3に届かず、類似団体の半数以上では段階3以上";
        LittleUsed = "G3", "使われていない", "online at 3 or more, used for less than 10 % of more than 100 applications", "オンラインは段階3以上なのに、年100件を超える申請のうちオンラインは10%に満たない";
        DoubleWork = "G4", "窓口で二重の手間", "online at 4 or more, at the counter at 1 or less", "オンラインは段階4以上なのに、窓口は段階1以下";
        Stale = "G5", "1年以上確認なし", "not stated or confirmed for 365 days", "申告も確認も365日以上ない";
        Overdue = "G6", "目標日を過ぎた", "the target day has passed and the level is not reached", "目標日を過ぎたが、目標の段階に達していない";
        Differs = "G7", "公表値と違う", "the published value differs from the body's own statement", "国の公表値と団体の申告が違う";
    }
}

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// What kind it is.
    pub kind: GapKind,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The channel that it is about, where it is about one.
    pub channel: Option<ChannelIx>,
    /// The level there, and whether it is "at least".
    pub level: Option<(Level, bool)>,
    /// The published level where it differs, or the target.
    pub other: Option<(Level, bool)>,
    /// The day it is about: of the target, or when it was last said.
    pub on: Option<NaiveDate>,
    /// Whether it is not known if it is one.
    pub open: bool,
    /// The applications of the last fiscal year that was counted, where it is about them.
    pub usage: Option<(FiscalYear, Applications)>,
    /// What closing it would save in a year, where cases and minutes are known.
    pub hours: Option<Hours>,
}

/// How a procedure stands with some bodies, such as the peers of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Among {
    /// Those that have it at level 3 or more online.
    pub have: Vec<BodyIx>,
    /// Those that perform it.
    pub of: u32,
    /// The systems that they use, as stated first, and how many do: the most used first.
    pub systems: Vec<(SharedText, u32)>,
}

impl Among {
    fn is_usual(&self) -> bool {
        self.of > 0 && self.have.len() * 2 >= usize::try_from(self.of).unwrap_or(usize::MAX)
    }
}

/// The gaps of a body with these peers, over some procedures: what saves most hours stands first, and then what most
/// of the peers have done.
pub fn of(
    grid: &Grid,
    body: BodyIx,
    peers: &Peers,
    procedures: &[ProcedureIx],
    times: &HandlingTimes,
) -> Vec<(Gap, Among)> {
    let catalogue = grid.catalogue();
    let online = asked("online_rate", catalogue, procedures);
    let on_mynaportal = asked("da26_rate", catalogue, procedures);
    let members = catalogue.members(on_mynaportal.definition.list).unwrap_or_default();
    let mut found = Vec::new();
    for procedure in online.rows_of(catalogue, body) {
        let at_peers = among(grid, &online, &peers.bodies, procedure);
        let mut gaps = Vec::new();
        let lacks = |question: &Question| {
            matches!(judge(grid, question, body, procedure), Outcome::No(_) | Outcome::Unknown(_))
        };
        let online_level = level(grid, body, procedure, Reads::Online);
        let last = last_usage(grid, body, procedure);
        let cases = last.and_then(|(_, applications)| not_online(applications));
        let hours = cases.and_then(|cases| times.saved_online(body, &peers.bodies, procedure, cases));
        let gap = |kind| Gap {
            kind,
            procedure,
            channel: None,
            level: online_level,
            other: None,
            on: None,
            open: false,
            usage: None,
            hours: None,
        };
        if members.contains(&procedure) && lacks(&on_mynaportal) {
            let channel = catalogue.channel_ix(ChannelId::MYNAPORTAL);
            let level = channel.and_then(|channel| level(grid, body, procedure, Reads::Channel(channel)));
            let open = matches!(judge(grid, &on_mynaportal, body, procedure), Outcome::Unknown(_));
            gaps.push(Gap {
                channel,
                level,
                open,
                hours,
                usage: last.filter(|_| hours.is_some()),
                ..gap(GapKind::Missing26)
            });
        }
        if at_peers.is_usual() && lacks(&online) {
            gaps.push(Gap { hours, usage: last.filter(|_| hours.is_some()), ..gap(GapKind::PeersHave) });
        }
        let online_now = matches!(judge(grid, &online, body, procedure), Outcome::Yes(_));
        if let Some(usage) = last.filter(|_| online_now)
            && is_little_used(usage.1)
        {
            gaps.push(Gap { usage: Some(usage), hours, ..gap(GapKind::LittleUsed) });
        }
        let counter = level(grid, body, procedure, Reads::Counter);
        let live = level(grid, body, procedure, Reads::OnlineLive);
        if live.is_some_and(|(level, _)| level >= Level::FOUR)
            && counter.is_some_and(|(level, at_least)| level <= Level::ONE && !at_least)
        {
            gaps.push(Gap { level: live, other: counter, ..gap(GapKind::DoubleWork) });
        }
        for cell in grid.block(body).counting(procedure) {
            gaps.extend(of_cell(grid, cell));
        }
        gaps.extend(differing(grid, body, procedure));
        found.extend(gaps.into_iter().map(|gap| (gap, at_peers.clone())));
    }
    found.sort_by(|(one, at_one), (two, at_two)| {
        let saved = two.hours.cmp(&one.hours);
        let wide = |at: &Among| (at.have.len() as u64, u64::from(at.of.max(1)));
        let ((have, of), (other, of_other)) = (wide(at_one), wide(at_two));
        saved.then((other * of).cmp(&(have * of_other))).then((one.procedure, one.kind, one.channel).cmp(&(
            two.procedure,
            two.kind,
            two.channel,
        )))
    });
    found
}

/// The applications of a body's procedure in the last fiscal year in which it counted any.
fn last_usage(grid: &Grid, body: BodyIx, procedure: ProcedureIx) -> Option<(FiscalYear, Applications)> {
    let year = grid.last_counted(&[body])?;
    Some((year, grid.block(body).applications(procedure, year)))
}

/// The applications that did not come online; all of them where nobody counted those that did.
fn not_online(applications: Applications) -> Option<u64> {
    applications.all.map(|all| all.saturating_sub(applications.online.unwrap_or(0)))
}

/// Whether hardly anybody takes the way online, of enough applications for that to say something.
fn is_little_used(applications: Applications) -> bool {
    match applications {
        Applications { all: Some(all), online: Some(online) } => all > 100 && online * 10 < all,
        _ => false,
    }
}

/// What is to be done about one statement that counts.
fn of_cell(grid: &Grid, cell: &Cell) -> impl Iterator<Item = Gap> {
    let today = grid.as_of();
    let said = (cell.level, cell.at_least);
    let gap = |kind| Gap {
        kind,
        procedure: cell.procedure,
        channel: Some(cell.channel),
        level: Some(said),
        other: None,
        on: None,
        open: false,
        usage: None,
        hours: None,
    };
    let stale = cell.is_stale(today, STALE_DAYS);
    let stale = stale.then(|| Gap { on: Some(cell.said_on()), ..gap(GapKind::Stale) });
    let target = cell.target.filter(|plan| cell.level < plan.level);
    let overdue = target.and_then(|plan| Some((plan.level, plan.on?.on))).filter(|(_, on)| *on < today);
    let overdue =
        overdue.map(|(level, on)| Gap { other: Some((level, false)), on: Some(on), ..gap(GapKind::Overdue) });
    [stale, overdue].into_iter().flatten()
}

/// The published words that are set aside and cannot be true beside the body's own.
fn differing(grid: &Grid, body: BodyIx, procedure: ProcedureIx) -> impl Iterator<Item = Gap> {
    let cells = grid.block(body).cells_of(procedure);
    let aside = cells.iter().filter(|cell| cell.source == Source::Published && cell.set_aside_by.is_some());
    aside.filter_map(move |published| {
        let own = cells.iter().find(|cell| cell.source == Source::Own && cell.channel == published.channel);
        // A word on online as a whole is set aside by what is said of its channels.
        let own = own
            .map(|cell| (cell.level, cell.at_least))
            .or_else(|| level(grid, body, procedure, Reads::Online));
        let said = (published.level, published.at_least);
        own.filter(|own| !agree(*own, said)).map(|own| Gap {
            kind: GapKind::Differs,
            procedure,
            channel: Some(published.channel),
            level: Some(own),
            other: Some(said),
            on: Some(published.effective.on),
            open: false,
            usage: None,
            hours: None,
        })
    })
}

/// Whether two words can both be true: an exact 4 is no other than a published "3 or more".
fn agree(one: (Level, bool), other: (Level, bool)) -> bool {
    match (one, other) {
        ((level, false), (least, true)) | ((least, true), (level, false)) => level >= least,
        ((_, true), (_, true)) => true,
        ((one, false), (other, false)) => one == other,
    }
}

fn asked(id: &str, catalogue: &Catalogue, procedures: &[ProcedureIx]) -> Question {
    let definition = definition::find(id).unwrap_or(&definition::DEFINITIONS[0]);
    Question::new(definition, catalogue, Vec::new(), procedures.to_vec())
}

fn judge(grid: &Grid, question: &Question, body: BodyIx, procedure: ProcedureIx) -> Outcome {
    // What is not performed is nothing to do, also where a definition counts it.
    let choices = question.choices(grid.catalogue(), NotApplicable::Excluded);
    Definition::judge(grid.block(body).reading(question.reads, procedure), choices)
}

fn level(grid: &Grid, body: BodyIx, procedure: ProcedureIx, reads: Reads) -> Option<(Level, bool)> {
    match grid.block(body).reading(reads, procedure).answer {
        Answer::Level { level, open } => Some((level, open)),
        _ => None,
    }
}

/// How a procedure stands with some bodies.
pub(super) fn among(grid: &Grid, online: &Question, bodies: &[BodyIx], procedure: ProcedureIx) -> Among {
    let catalogue = grid.catalogue();
    let mut found = Among::default();
    let mut systems: BTreeMap<String, (SharedText, u32)> = BTreeMap::new();
    for peer in bodies {
        match judge(grid, online, *peer, procedure) {
            Outcome::Yes(_) => found.have.push(*peer),
            Outcome::No(_) | Outcome::Unknown(_) => {
                found.of += 1;
                continue;
            }
            Outcome::Out(_) => continue,
        }
        found.of += 1;
        let mut own: Vec<String> = Vec::new();
        let cells = grid.block(*peer).counting(procedure);
        for cell in cells.filter(|cell| catalogue.channel(cell.channel).scale == Scale::Online) {
            let Some(system) = cell.system.as_ref() else { continue };
            let folded = fold_for_search(system);
            if !own.contains(&folded) {
                systems.entry(folded.clone()).or_insert_with(|| (system.clone(), 0)).1 += 1;
                own.push(folded);
            }
        }
    }
    found.systems = systems.into_values().collect();
    found.systems.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found
}
