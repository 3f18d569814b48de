//! Levels and "not performed" end each other within one source: what a fact of the plan ends is written
//! beside it.

use super::Entry;
use super::planner::Planner;
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{AssertionKind, Fact};
use crate::domain::imports::RowOutcome;
use crate::domain::log::Spot;
use crate::import::Fault;

impl Planner<'_> {
    /// A procedure that is not performed has no levels: those of the same source end with that word, so
    /// that stating one again later is a new word and ends the other in its turn.
    pub(super) fn end_levels(&mut self, entry: &Entry) {
        for channel in (0..).take(self.catalogue.channels().len()) {
            let spot = Spot { channel: Some(channel), ..entry.spot };
            let known = self.timeline(spot);
            if known.is_none_or(|timeline| timeline.holding_on(entry.effective.on).is_none()) {
                continue;
            }
            let (old, old_source) = self.shown_today(spot).unzip();
            let end = Entry {
                key: spot.key(self.catalogue),
                spot,
                kind: AssertionKind::Withdrawal,
                outcome: RowOutcome::Changed,
                old,
                old_source,
                new: Fact::Withdrawn,
                follows: true,
                ..entry.clone()
            };
            self.push(end, true);
        }
    }

    /// Who states readiness performs the procedure: a "not applicable" of the same source ends.
    pub(super) fn lift_applicability(&mut self, entry: &Entry) {
        let whole = Spot { channel: None, ..entry.spot };
        let on = entry.effective.on;
        let known = self.timeline(whole);
        let held = known.as_deref().and_then(|timeline| timeline.absent_on(on));
        let Some(Fact::Applicability { value, .. }) = held else { return };
        // Said in this very file of this very day: that is a contradiction, not a change.
        if self.absent.contains_key(&(whole, on)) {
            return;
        }
        let message = format!("「{}」とされていた手続に段階が書かれたため、該当に改めます", value.label());
        let place = (entry.line, entry.column);
        self.warn(self.at(Fault::whole("applicability_lifted", message), place));
        let (old, old_source) = self.shown_today(whole).unzip();
        let lift = Entry {
            key: whole.key(self.catalogue),
            spot: whole,
            kind: AssertionKind::Applicability,
            outcome: RowOutcome::Changed,
            old,
            old_source,
            new: Fact::Applicability { value: Applicability::Applicable, reason: None },
            follows: true,
            ..entry.clone()
        };
        self.push(lift, true);
    }
}
