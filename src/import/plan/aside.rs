//! What a plan does to words that are not its own: levels that would count no longer, because another
//! word goes before them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate};

use super::Entry;
use super::planner::{FIRST_PLANNED, Planner};
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{AssertionKind, Fact, Key, Timeline};
use crate::domain::catalogue::ChannelIx;
use crate::domain::municipality::LgCode;
use crate::domain::precedence::{Precedence, Said, SetAside, Spoken, Word};
use crate::domain::procedure::ProcedureId;
use crate::domain::readiness::Source;
use crate::import::Fault;
use crate::import::plan::Outcome;

/// A body and a procedure.
type Pair = (LgCode, ProcedureId);

impl Planner<'_> {
    /// Finds the levels, of either source, that count today and would count no longer: marks the entries
    /// that do it, and warns of them. What counts once the file is in depends on all of its rows, so
    /// this is asked when they are all planned.
    pub(super) fn judge_words(&mut self) {
        let rule = *self.catalogue.precedence();
        let pairs = self.pairs_to_judge();
        if pairs.is_empty() {
            return;
        }
        let mut entries: HashMap<Pair, Vec<usize>> = HashMap::with_capacity(pairs.len());
        for (at, entry) in self.entries.iter().enumerate() {
            let pair = pair_of(&entry.key);
            if pairs.contains_key(&pair) {
                entries.entry(pair).or_default().push(at);
            }
        }
        for (pair, days) in pairs {
            let entries = entries.remove(&pair).unwrap_or_default();
            for day in days {
                self.judge_pair(&rule, &pair, &entries, day);
            }
        }
    }

    /// The bodies and procedures of which something that is known may be set aside, with the days to
    /// look at: today, or the day that is stated if it is still to come.
    fn pairs_to_judge(&self) -> BTreeMap<Pair, BTreeSet<NaiveDate>> {
        let mut pairs: BTreeMap<Pair, BTreeSet<NaiveDate>> = BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| !entry.follows) {
            let asides = match &entry.new {
                Fact::Applicability { value, .. } => !value.applies(),
                Fact::Readiness(_) => entry.key.source == Source::Own && self.is_published(&entry.key),
                Fact::Withdrawn => false,
            };
            if asides {
                let day = entry.effective.on.max(self.today);
                pairs.entry(pair_of(&entry.key)).or_default().insert(day);
            }
        }
        pairs
    }

    /// Whether anything published is known of the body and procedure of a key.
    fn is_published(&self, key: &Key) -> bool {
        self.known_of(&pair_of(key)).any(|(known, _)| known.source == Source::Published)
    }

    /// What is known of a body and a procedure: neighbours in the order of keys.
    fn known_of(&self, pair: &Pair) -> impl Iterator<Item = (&Key, &Timeline)> {
        let (municipality, procedure) = pair.clone();
        let first = Key { municipality, procedure: procedure.clone(), channel: None, source: Source::ALL[0] };
        self.timelines
            .range(first..)
            .take_while(move |(key, _)| key.municipality == municipality && key.procedure == procedure)
    }

    fn judge_pair(&mut self, rule: &Precedence, pair: &Pair, entries: &[usize], day: NaiveDate) {
        let (before, after) = (self.words(pair, &[], day), self.words(pair, entries, day));
        let aside_before: Vec<Spoken> = rule.set_aside(&before).iter().map(|one| one.word.spoken()).collect();
        let newly = |one: &SetAside| {
            let spoken = one.word.spoken();
            before.contains(&one.word) && !aside_before.contains(&spoken) && one.lowers()
        };
        let mut told: Vec<(usize, Vec<String>, bool)> = Vec::new();
        for one in rule.set_aside(&after).into_iter().filter(newly) {
            let by = one.by.spoken();
            let speaks = |at: &usize| {
                let entry = &self.entries[*at];
                !entry.follows && entry.key.source == by.source && self.channel_of(&entry.key) == by.channel
            };
            let Some(at) = entries.iter().copied().find(speaks) else { continue };
            let level = self.shown(&one.word);
            match told.iter_mut().find(|(other, ..)| *other == at) {
                Some((_, levels, _)) => levels.push(level),
                None => told.push((at, vec![level], by.channel.is_none())),
            }
        }
        for (at, levels, absent) in told {
            self.entries[at].sets_aside = true;
            let levels = levels.join("、");
            let fault = if absent {
                Fault::whole("levels_hidden", format!("知られている段階（{levels}）は数えられなくなります"))
            } else {
                Fault::whole(
                    "published_set_aside",
                    format!(
                        "今数えている国公表値（{levels}）より低い段階です。取り込むと国公表値は数えなくなります"
                    ),
                )
            };
            let place = (self.entries[at].line, self.entries[at].column);
            self.warn(self.at(fault, place));
        }
    }

    /// What holds for a body and a procedure on a day, with these entries of the plan; in order of the
    /// channels, applicability last.
    fn words(&self, pair: &Pair, entries: &[usize], day: NaiveDate) -> Vec<Word> {
        let mut planned: BTreeMap<&Key, Timeline> = BTreeMap::new();
        for at in entries.iter().copied().filter(|at| !self.entries[*at].follows) {
            let entry = &self.entries[at];
            let known = || self.timelines.get(&entry.key).cloned().unwrap_or_default();
            let timeline = planned.entry(&entry.key).or_insert_with(known);
            timeline.insert(entry.stated(number_of(at), DateTime::UNIX_EPOCH));
        }
        let known = self.known_of(pair).filter(|(key, _)| !planned.contains_key(key));
        let mut words: Vec<Word> = known
            .chain(planned.iter().map(|(key, timeline)| (*key, timeline)))
            .filter_map(|(key, timeline)| word(timeline, key.source, self.channel_of(key), day))
            .collect();
        words.sort_unstable_by_key(|word| {
            let Spoken { source, channel } = word.spoken();
            (channel.is_none(), channel, source)
        });
        words
    }

    fn channel_of(&self, key: &Key) -> Option<ChannelIx> {
        self.catalogue.channel_ix(key.channel.as_ref()?.as_str())
    }

    /// A level and where it stands, for people.
    fn shown(&self, word: &Word) -> String {
        match word.said {
            Said::Level { channel, level, at_least } => {
                format!("{} {}", self.catalogue.channel(channel).label_ja, level.said_number(at_least))
            }
            Said::Applicability(value) => value.label().to_owned(),
        }
    }

    /// A procedure that is not performed has no levels: those of the same source end with that word, so
    /// that stating one again later is a new word and ends the other in its turn.
    pub(super) fn end_levels(&mut self, entry: &Entry) {
        for channel in self.catalogue.channels() {
            let key = Key { channel: Some(channel.id.clone()), ..entry.key.clone() };
            let held = self.timeline(&key).and_then(|timeline| timeline.holding_on(entry.effective.on));
            let Some((_, stated)) = held else { continue };
            let old = Some(stated.fact.clone());
            let end = Entry {
                key,
                kind: AssertionKind::Withdrawal,
                outcome: Outcome::Changed,
                old,
                new: Fact::Withdrawn,
                follows: true,
                ..entry.clone()
            };
            self.push(end, true);
        }
    }

    /// Who states readiness performs the procedure: a "not applicable" of the same source ends.
    pub(super) fn lift_applicability(&mut self, entry: &Entry) {
        let whole = Key { channel: None, ..entry.key.clone() };
        let on = entry.effective.on;
        let held = self.timeline(&whole).and_then(|timeline| timeline.absent_on(on));
        let Some(Fact::Applicability { value, .. }) = held else { return };
        // Said in this very file of this very day: that is a contradiction, not a change.
        if self.absent.contains_key(&(whole.clone(), on)) {
            return;
        }
        let message = format!("「{}」とされていた手続に段階が書かれたため、該当に改めます", value.label());
        let old = held.cloned();
        let place = (entry.line, entry.column);
        self.warn(self.at(Fault::whole("applicability_lifted", message), place));
        let lift = Entry {
            key: whole,
            kind: AssertionKind::Applicability,
            outcome: Outcome::Changed,
            old,
            new: Fact::Applicability { value: Applicability::Applicable, reason: None },
            follows: true,
            ..entry.clone()
        };
        self.push(lift, true);
    }
}

/// The number under which an entry of the plan is compared: later than anything in the log.
fn number_of(at: usize) -> i64 {
    FIRST_PLANNED + i64::try_from(at).unwrap_or_default()
}

fn pair_of(key: &Key) -> Pair {
    (key.municipality, key.procedure.clone())
}

/// What holds for a key on a day, as the rule reads it that says whose word counts.
pub(super) fn word(
    timeline: &Timeline,
    source: Source,
    channel: Option<ChannelIx>,
    day: NaiveDate,
) -> Option<Word> {
    let (holding, stated) = timeline.holding_on(day)?;
    let last = timeline.last_said(holding).unwrap_or(stated);
    let said = match (&stated.fact, channel) {
        (Fact::Readiness(value), Some(channel)) => {
            Said::Level { channel, level: value.level, at_least: value.at_least }
        }
        (Fact::Applicability { value, .. }, _) => Said::Applicability(*value),
        _ => return None,
    };
    Some(Word { source, said, on: last.effective.on, seq: last.seq })
}
