//! What a page shows of a body and a procedure: before the file, and once it is in.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::{DateTime, NaiveDate};

use super::planner::Planner;
use super::spot::{FIRST_PLANNED, Pair};
use super::{Entry, Shows};
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{Fact, Timeline};
use crate::domain::best::Held;
use crate::domain::catalogue::ChannelIx;
use crate::domain::log::Spot;
use crate::domain::precedence::{Said, Spoken, Word};
use crate::domain::readiness::{Source, State};

/// A word and whether what it says is in force.
pub(super) type Spoke = (Word, State);

pub(super) fn pair_of(spot: Spot) -> Pair {
    (spot.body, spot.procedure)
}

/// A level as it is compared with others; none for a word on applicability.
pub(super) fn held((word, state): &Spoke) -> Option<(ChannelIx, Held)> {
    let Said::Level { channel, level, at_least } = word.said else { return None };
    Some((channel, Held { source: word.source, level, at_least, state: *state }))
}

impl Planner<'_> {
    /// Whether a source is known to say anything of a body and a procedure.
    pub(super) fn speaks_of(&self, pair: Pair, source: Source) -> bool {
        self.log.says(pair.0, pair.1, &|_, of| of == source)
    }

    /// What holds for a body and a procedure on a day, with these entries of the plan; in order of the
    /// channels, applicability last.
    pub(super) fn words(&self, pair: Pair, entries: &[usize], day: NaiveDate) -> Vec<Spoke> {
        let mut planned: BTreeMap<Spoken, Timeline> = BTreeMap::new();
        for at in entries.iter().copied().filter(|at| !self.entries[*at].follows) {
            let entry = &self.entries[at];
            let known = || self.known(entry.spot).map(Rc::unwrap_or_clone).unwrap_or_default();
            let timeline = planned.entry(spoken(entry.spot)).or_insert_with(known);
            timeline.insert(entry.stated(number_of(at), DateTime::UNIX_EPOCH));
        }
        let lines = self.known_of(pair);
        let known =
            lines.iter().map(|line| (Spoken { source: line.source, channel: line.channel }, &*line.timeline));
        let known = known.filter(|(spoken, _)| !planned.contains_key(spoken));
        let mut words: Vec<Spoke> = known
            .chain(planned.iter().map(|(spoken, timeline)| (*spoken, timeline)))
            .filter_map(|(spoken, timeline)| word(timeline, spoken, day))
            .collect();
        words.sort_unstable_by_key(|(word, _)| {
            let Spoken { source, channel } = word.spoken();
            (channel.is_none(), channel, source)
        });
        words
    }

    /// What a page shows today of a row, and whose word that is, before anything of the file is in. A
    /// published word is shown as it is; of the town's rows the published word where the town has none, as
    /// far as it counts.
    pub(super) fn shown_today(&self, spot: Spot) -> Option<(Fact, Source)> {
        let fact = |source: Source| {
            let known = self.known(Spot { source, ..spot })?;
            let (_, stated) = known.holding_on(self.today)?;
            Some((stated.fact.clone(), source))
        };
        if spot.source == Source::Published {
            return fact(Source::Published);
        }
        let words = self.words(pair_of(spot), &[], self.today);
        let ruling = self.catalogue.precedence().judge(words.iter().map(|(word, _)| *word));
        let channel = spot.channel;
        let of_row = |word: &&Word| word.spoken().channel == channel;
        let counting = words.iter().map(|(word, _)| word).filter(of_row).find(|word| ruling.counts(word));
        if let Some(word) = counting {
            return fact(word.source);
        }
        // A level says that the procedure is performed, whoever said before that it is not.
        let ended_by = |word: &Word| ruling.set_aside_by(word).filter(|by| by.channel.is_some());
        let whole = words.iter().map(|(word, _)| word).filter(|word| word.spoken().channel.is_none());
        let by = whole.filter(|_| channel.is_none()).find_map(ended_by)?;
        Some((Fact::Applicability { value: Applicability::Applicable, reason: None }, by.source))
    }

    /// Whether other words bear on what becomes of an entry on a page: the town's own beside published
    /// ones, and "not performed" beside levels.
    pub(super) fn has_rivals(&self, entry: &Entry) -> bool {
        let Spot { channel, source, .. } = entry.spot;
        match source {
            Source::Published => self.speaks_of(pair_of(entry.spot), Source::Own),
            Source::Own => {
                let (body, procedure) = pair_of(entry.spot);
                channel.is_some() && self.log.says(body, procedure, &|of, who| of.is_none() && who == source)
            }
        }
    }

    /// What becomes on a page of today of what is stated for a day, as far as its own row tells.
    pub(super) fn shows(&self, on: NaiveDate, timeline: Option<&Timeline>) -> Shows {
        if on > self.today {
            return Shows::Later;
        }
        let later = |timeline: &Timeline| {
            let days = timeline.stated().iter().map(|stated| stated.effective.on);
            days.filter(|day| *day <= self.today).any(|day| day > on)
        };
        if timeline.is_some_and(later) { Shows::Past } else { Shows::Today }
    }
}

/// The number under which an entry of the plan is compared: later than anything in the log.
fn number_of(at: usize) -> i64 {
    FIRST_PLANNED + i64::try_from(at).unwrap_or_default()
}

/// Which of the words of its body and procedure a row is.
pub(super) fn spoken(spot: Spot) -> Spoken {
    Spoken { source: spot.source, channel: spot.channel }
}

/// What holds for a row on a day, as the rules read it that say whose word counts and what is best.
pub(super) fn word(timeline: &Timeline, spoken: Spoken, day: NaiveDate) -> Option<Spoke> {
    let Spoken { source, channel } = spoken;
    let (holding, stated) = timeline.holding_on(day)?;
    let last = timeline.last_said(holding).unwrap_or(stated);
    let (said, state) = match (&stated.fact, channel) {
        (Fact::Readiness(value), Some(channel)) => {
            (Said::Level { channel, level: value.level, at_least: value.at_least }, value.state)
        }
        (Fact::Applicability { value, .. }, _) => (Said::Applicability(*value), State::Live),
        _ => return None,
    };
    Some((Word { source, said, on: last.effective.on, seq: last.seq }, state))
}
