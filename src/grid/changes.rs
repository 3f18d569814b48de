//! What became different between two moments.

use std::sync::Arc;

use super::{Block, Cell, Grid};
use crate::domain::best::Held;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::readiness::Scale;

codes! {
    /// What became of a row.
    ChangeKind, "変化", "change" {
        Risen = "risen", "上がった", "a higher level, or the same one in force again", "段階が上がった、または止まっていたものが使えるようになった";
        Fallen = "fallen", "下がった", "a lower level, or the same one not in force any more", "段階が下がった、または使えなくなった";
        Appeared = "appeared", "新しく申告", "stated where nothing was", "申告のなかった接点に、申告がついた";
        Vanished = "vanished", "申告なしに", "nothing is stated any more", "申告がなくなった";
        NotPerformed = "not_performed", "行わなくなった", "the procedure is not performed any more", "制度なし、他団体の事務、または廃止になった";
        PerformedAgain = "performed_again", "行うことに", "the procedure is performed, which it was not", "制度なしなどだった手続を、行うことになった";
        Confirmed = "confirmed", "確認", "said again, or more exactly, without becoming more or less", "同じ段階が、あらためて、またはより正確に申告された";
    }
}

/// One thing that became different.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The channel; none for the procedure as a whole.
    pub channel: Option<ChannelIx>,
    /// What became of it.
    pub change: ChangeKind,
    /// What counted before.
    pub before: Option<Cell>,
    /// What counts now.
    pub after: Option<Cell>,
}

/// What became different of some bodies and procedures from one country to a later one of the same register:
/// the statements that count, and whether procedures are performed.
pub fn between(before: &Grid, after: &Grid, bodies: &[BodyIx], procedures: &[ProcedureIx]) -> Vec<Changed> {
    let mut found = Vec::new();
    let online = Online { catalogue: after.catalogue() };
    for body in bodies {
        let (old, new) = (before.shared_block(*body), after.shared_block(*body));
        // Whatever nothing was said of is the same block.
        if Arc::ptr_eq(old, new) {
            continue;
        }
        for procedure in procedures {
            of_procedure((*body, *procedure), old, new, online, &mut found);
        }
    }
    found
}

fn of_procedure(
    (body, procedure): (BodyIx, ProcedureIx),
    old: &Block,
    new: &Block,
    online: Online<'_>,
    found: &mut Vec<Changed>,
) {
    let [did, does] = [old, new].map(|block| block.applicability_that_counts(procedure).applies());
    let whole = match (did, does) {
        (true, false) => Some(ChangeKind::NotPerformed),
        (false, true) => Some(ChangeKind::PerformedAgain),
        _ => None,
    };
    let row = |channel, change, before: Option<&Cell>, after: Option<&Cell>| Changed {
        body,
        procedure,
        channel,
        change,
        before: before.cloned(),
        after: after.cloned(),
    };
    found.extend(whole.map(|change| row(None, change, None, None)));
    let unknown = old.counting(procedure).find(|cell| online.is_unknown(cell));
    let still = new.counting(procedure).find(|cell| online.is_unknown(cell));
    // Where it becomes known how something is offered, or not known any more, one statement stands in another's place.
    let (gone, come) = match (unknown, still) {
        (Some(before), None) => (Some(before), online.named(new, procedure, old)),
        (None, Some(after)) => (online.named(old, procedure, new), Some(after)),
        _ => (None, None),
    };
    let learnt = still.is_none();
    // How it is offered is news also where the level is the same; that it is not known any more only where less, or
    // more, is offered now.
    let told = gone.zip(come).and_then(|(before, after)| match change(Some(before), Some(after)) {
        Some(change @ (ChangeKind::Risen | ChangeKind::Fallen)) => Some((before, after, change)),
        _ if learnt => Some((before, after, ChangeKind::Confirmed)),
        _ => None,
    });
    found.extend(
        told.map(|(before, after, change)| row(Some(after.channel), change, Some(before), Some(after))),
    );
    // Of each channel one statement counts, and they stand in order of channel.
    let is_apart = |cell: &&Cell, side: Option<&Cell>| {
        told.is_none() || side.is_none_or(|one| one.channel != cell.channel)
    };
    let mut then = old.counting(procedure).filter(|cell| is_apart(cell, gone)).peekable();
    let mut now = new.counting(procedure).filter(|cell| is_apart(cell, come)).peekable();
    loop {
        let channel = match (then.peek(), now.peek()) {
            (Some(one), Some(other)) => one.channel.min(other.channel),
            (Some(cell), None) | (None, Some(cell)) => cell.channel,
            (None, None) => break,
        };
        let before = then.next_if(|cell| cell.channel == channel);
        let after = now.next_if(|cell| cell.channel == channel);
        found.extend(change(before, after).map(|change| row(Some(channel), change, before, after)));
    }
}

/// The channels online.
#[derive(Clone, Copy)]
struct Online<'c> {
    catalogue: &'c Catalogue,
}

impl Online<'_> {
    /// Whether it is said that something is offered, and not by which channel.
    fn is_unknown(self, cell: &Cell) -> bool {
        Some(cell.channel) == self.catalogue.online()
    }

    /// The highest statement of a block on a named channel that the other block has none on.
    fn named<'b>(self, block: &'b Block, procedure: ProcedureIx, other: &Block) -> Option<&'b Cell> {
        let is_named = |cell: &&Cell| {
            self.catalogue.channel(cell.channel).scale == Scale::Online && !self.is_unknown(cell)
        };
        let is_new = |cell: &&Cell| other.counting(procedure).all(|one| one.channel != cell.channel);
        block.counting(procedure).filter(is_named).filter(is_new).max_by_key(|cell| Held::reach(&cell.held()))
    }
}

fn change(before: Option<&Cell>, after: Option<&Cell>) -> Option<ChangeKind> {
    let (old, new) = match (before, after) {
        (Some(old), Some(new)) => (old, new),
        (None, Some(_)) => return Some(ChangeKind::Appeared),
        (Some(_), None) => return Some(ChangeKind::Vanished),
        (None, None) => return None,
    };
    let reach = |cell: &Cell| Held::reach(&cell.held());
    match reach(new).cmp(&reach(old)) {
        std::cmp::Ordering::Greater => Some(ChangeKind::Risen),
        std::cmp::Ordering::Less => Some(ChangeKind::Fallen),
        std::cmp::Ordering::Equal => {
            let again = new.said_on() > old.said_on() || new.at_least != old.at_least;
            again.then_some(ChangeKind::Confirmed)
        }
    }
}
