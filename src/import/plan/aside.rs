//! What a plan takes away: levels that fall, that are withdrawn, or that count no longer because another
//! word goes before them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use super::planner::Planner;
use super::shown::{Spoke, held, pair_of, spoken};
use super::spot::Pair;
use super::{Entry, Shows};
use crate::domain::assertion::Fact;
use crate::domain::best::{Best, Held, best};
use crate::domain::catalogue::ChannelIx;
use crate::domain::imports::RowOutcome;
use crate::domain::precedence::{Precedence, Spoken};
use crate::domain::readiness::{Level, Source, State};
use crate::import::fault::InGeneral;
use crate::import::{Fault, FaultKind};

/// A level that is lost, and how.
struct Loss {
    /// The level, in words.
    level: String,
    how: How,
}

/// How a level is lost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// The procedure is said not to be performed.
    Absent,
    /// A lower level, or one less in force, goes before the published one.
    Aside(State),
    /// It is stated lower.
    Lower,
    /// It is stated less in force.
    Stopped(State),
    /// It is withdrawn.
    Withdrawn,
}

impl Planner<'_> {
    /// Finds the levels, of either source, that are lost: marks the entries that do it, and warns of them.
    /// What counts once the file is in depends on all of its rows, so this is asked when they are all
    /// planned. Finds on the way what becomes of each entry on a page of today.
    pub(super) fn judge_words(&mut self) {
        for at in 0..self.entries.len() {
            let Entry { spot, effective, follows, .. } = self.entries[at];
            // What is alone in its row was seen when it was planned.
            if follows || self.overlay.contains_key(&spot) {
                self.entries[at].shows = self.shows(effective.on, self.timeline(spot).as_deref());
            }
        }
        let rule = *self.catalogue.precedence();
        let pairs = self.pairs_to_judge();
        if pairs.is_empty() {
            return;
        }
        let mut entries: HashMap<Pair, Vec<usize>> = HashMap::with_capacity(pairs.len());
        for (at, entry) in self.entries.iter().enumerate() {
            let pair = pair_of(entry.spot);
            if pairs.contains_key(&pair) {
                entries.entry(pair).or_default().push(at);
            }
        }
        for (pair, days) in pairs {
            let entries = entries.remove(&pair).unwrap_or_default();
            for day in days {
                self.judge_pair(&rule, pair, &entries, day);
            }
        }
    }

    /// The bodies and procedures of which something that is known may be lost, or something that is said
    /// may not count, with the days to look at: today, or the day that is stated if it is still to come.
    fn pairs_to_judge(&self) -> BTreeMap<Pair, BTreeSet<NaiveDate>> {
        let mut pairs: BTreeMap<Pair, BTreeSet<NaiveDate>> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| !entry.follows) {
            let pair = pair_of(entry.spot);
            let asides = match &entry.new {
                Fact::Applicability { value, .. } => !value.applies(),
                Fact::Readiness(_) => {
                    entry.key.source == Source::Own && self.speaks_of(pair, Source::Published)
                }
                Fact::Withdrawn => false,
            };
            if asides || self.may_sink(entry) || self.has_rivals(entry) {
                let day = entry.effective.on.max(self.today);
                pairs.entry(pair).or_default().insert(day);
            }
        }
        pairs
    }

    /// Whether an entry is less than what its own row says without the file.
    fn may_sink(&self, entry: &Entry) -> bool {
        let day = entry.effective.on.max(self.today);
        let level = |fact: &Fact| match fact {
            Fact::Readiness(value) => Some(Held {
                source: entry.key.source,
                level: value.level,
                at_least: value.at_least,
                state: value.state,
            }),
            _ => None,
        };
        if entry.outcome != RowOutcome::Changed {
            return false;
        }
        let known = self.known(entry.spot);
        let held = known.as_deref().and_then(|known| known.holding_on(day));
        let Some(old) = held.and_then(|(_, stated)| level(&stated.fact)) else { return false };
        match level(&entry.new) {
            Some(new) => old.falls_to(new),
            None => old.level > Level::ZERO,
        }
    }

    fn judge_pair(&mut self, rule: &Precedence, pair: Pair, entries: &[usize], day: NaiveDate) {
        let (before, after) = (self.words(pair, &[], day), self.words(pair, entries, day));
        if day == self.today {
            self.note_beside(rule, &after, entries);
        }
        let mut losses: BTreeMap<usize, Vec<Loss>> = BTreeMap::new();
        let counted = rule.judge(before.iter().map(|(word, _)| *word));
        let counts = rule.judge(after.iter().map(|(word, _)| *word));
        let standing: Vec<_> =
            after.iter().filter(|(word, _)| counts.counts(word)).filter_map(held).collect();
        for spoke in &before {
            let Some((channel, old)) = held(spoke).filter(|(_, old)| old.level > Level::ZERO) else {
                continue;
            };
            let (word, spoken) = (&spoke.0, spoke.0.spoken());
            let lost = match after.iter().find(|(other, _)| other.spoken() == spoken) {
                Some((now, state)) if now.said == word.said && *state == old.state => counts
                    .set_aside_by(word)
                    .filter(|_| counted.counts(word))
                    .and_then(|by| Some((by, self.set_aside((channel, old), by, &standing)?))),
                Some(now) => held(now)
                    .filter(|(_, new)| old.falls_to(*new))
                    .map(|(_, new)| (spoken, How::lower(old, new))),
                None => {
                    let kept = standing.iter().any(|(other, new)| *other == channel && !old.falls_to(*new));
                    (counted.counts(word) && !kept).then_some((spoken, How::Withdrawn))
                }
            };
            let Some((by, how)) = lost else { continue };
            if let Some(at) = self.speaker(entries, by, day) {
                losses.entry(at).or_default().push(Loss { level: self.shown(spoke), how });
            }
        }
        for (at, losses) in losses {
            self.tell_losses(at, &losses);
        }
    }

    /// How a level is lost that another word now goes before; not at all where what stands then is as much.
    fn set_aside(
        &self,
        (channel, old): (ChannelIx, Held),
        by: Spoken,
        standing: &[(ChannelIx, Held)],
    ) -> Option<How> {
        let Some(by) = by.channel else { return Some(How::Absent) };
        let scale = self.catalogue.channel(channel).scale;
        // Who says how it is offered says it by the best of the ways.
        let instead = |other: ChannelIx| match by == channel {
            true => other == channel,
            false => self.catalogue.channel(other).scale == scale,
        };
        let new = best(standing.iter().filter(|(other, _)| instead(*other)).map(|(_, held)| *held))?;
        let Best { level, open, state, source } = new;
        old.falls_to(Held { source, level, at_least: open, state }).then_some(How::Aside(state))
    }

    /// The entry by which a word is what it is on a day.
    fn speaker(&self, entries: &[usize], of: Spoken, day: NaiveDate) -> Option<usize> {
        let speaks = |at: &usize| {
            let entry = &self.entries[*at];
            !entry.follows && entry.effective.on <= day && spoken(entry.spot) == of
        };
        entries.iter().copied().filter(speaks).max_by_key(|at| (self.entries[*at].effective.on, *at))
    }

    /// Notes the entries that would be shown today, if no other word went before them.
    fn note_beside(&mut self, rule: &Precedence, after: &[Spoke], entries: &[usize]) {
        let counts = rule.judge(after.iter().map(|(word, _)| *word));
        let aside: Vec<Spoken> =
            after.iter().filter(|(word, _)| !counts.counts(word)).map(|(word, _)| word.spoken()).collect();
        for at in entries {
            let spoken = spoken(self.entries[*at].spot);
            let entry = &mut self.entries[*at];
            if entry.shows == Shows::Today && !entry.follows && aside.contains(&spoken) {
                entry.shows = Shows::Beside;
            }
        }
    }

    fn tell_losses(&mut self, at: usize, losses: &[Loss]) {
        // Of several days the first is told.
        if std::mem::replace(&mut self.entries[at].sinks, true) {
            return;
        }
        let mut kinds: Vec<How> = Vec::new();
        for loss in losses {
            if !kinds.contains(&loss.how) {
                kinds.push(loss.how);
            }
        }
        for how in kinds {
            let of_kind = losses.iter().filter(|loss| loss.how == how);
            let levels = of_kind.map(|loss| loss.level.as_str()).collect::<Vec<_>>().join("、");
            let place = (self.entries[at].line, self.entries[at].column);
            self.warn(self.at(how.fault(&levels), place));
        }
    }

    /// A level and where it stands, for people.
    fn shown(&self, spoke: &Spoke) -> String {
        let Some((channel, Held { level, at_least, state, .. })) = held(spoke) else { return String::new() };
        let state = if state == State::Live { String::new() } else { format!("（{}）", state.label()) };
        format!("{} {}{state}", self.catalogue.channel(channel).label_ja, level.said_number(at_least))
    }
}

impl How {
    fn lower(old: Held, new: Held) -> Self {
        if new.level < old.level { Self::Lower } else { Self::Stopped(new.state) }
    }

    fn fault(self, levels: &str) -> Fault {
        let fault = match self {
            Self::Absent => {
                Fault::whole("levels_hidden", format!("知られている段階（{levels}）は数えられなくなります"))
                    .in_general(InGeneral::LevelsHidden)
            }
            Self::Aside(State::Live) => Fault::whole(
                "published_set_aside",
                format!(
                    "今数えている国公表値（{levels}）より低い段階です。取り込むと国公表値は数えなくなります"
                ),
            )
            .in_general(InGeneral::PublishedSetAside),
            Self::Aside(state) => Fault::whole(
                "published_set_aside",
                format!(
                    "「{}」のため、取り込むと、今数えている国公表値（{levels}）は数えなくなります",
                    state.label()
                ),
            )
            .in_general(InGeneral::PublishedSetAside),
            Self::Lower => Fault::whole("level_lowered", format!("今の段階（{levels}）より低くなります"))
                .in_general(InGeneral::LevelLowered),
            Self::Stopped(state) => {
                let message =
                    format!("今の段階（{levels}）が「{}」になり、実施中でなくなります", state.label());
                Fault::whole("level_stopped", message).in_general(InGeneral::LevelStopped)
            }
            Self::Withdrawn => Fault::whole("level_withdrawn", format!("今の段階（{levels}）を取り下げます"))
                .in_general(InGeneral::LevelWithdrawn),
        };
        fault.of_kind(FaultKind::Loss)
    }
}
