//! The log of stated facts, and the rule that tells which of them holds today.

use chrono::{DateTime, NaiveDate, Utc};

use super::applicability::Applicability;
use super::codes::codes;
use super::dates::Dated;
use super::municipality::LgCode;
use super::procedure::ProcedureId;
use super::readiness::{ChannelId, Readiness, Source};
use super::shared::SharedText;

codes! {
    /// What an assertion does.
    AssertionKind, "記録の種類", "kind of assertion" {
        Readiness = "readiness", "対応状況", "states readiness on a channel", "接点の対応状況を述べた";
        Applicability = "applicability", "該当性", "states whether the procedure is performed at all", "手続を行っているかどうかを述べた";
        Confirmation = "confirmation", "確認", "states again, with a newer day, what already held", "同じ内容を、新しい日付でもう一度述べた";
        Withdrawal = "withdrawal", "取下げ", "withdraws a statement", "述べたことを取り下げた";
    }
}

/// Whose fact an assertion is about: the key of the projection.
///
/// `channel` is `None` for applicability, which is about the procedure as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The body.
    pub municipality: LgCode,
    /// The procedure.
    pub procedure: ProcedureId,
    /// The channel, or none for applicability.
    pub channel: Option<ChannelId>,
    /// Whose word it is.
    pub source: Source,
}

/// What is stated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Readiness on a channel.
    Readiness(Readiness),
    /// Applicability with its reason.
    Applicability {
        /// Whether the procedure is performed.
        value: Applicability,
        /// Why not, or why again.
        reason: Option<SharedText>,
    },
    /// Nothing is stated any more.
    Withdrawn,
}

impl Fact {
    /// Its texts.
    pub fn texts(&self) -> impl Iterator<Item = &SharedText> {
        let (readiness, reason) = match self {
            Self::Readiness(value) => (Some(value), None),
            Self::Applicability { reason, .. } => (None, reason.as_ref()),
            Self::Withdrawn => (None, None),
        };
        let texts = readiness.map(|value| [&value.system, &value.url, &value.note, &value.section]);
        texts.into_iter().flatten().flatten().chain(reason)
    }
}

/// A fact with the day from which it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Place in the log; later numbers were learnt later.
    pub seq: i64,
    /// The day from which it is true.
    pub effective: Dated,
    /// The moment it was learnt.
    pub recorded_at: DateTime<Utc>,
    /// The fact.
    pub fact: Fact,
}

/// One row of the append-only log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// What it does.
    pub kind: AssertionKind,
    /// What it is about.
    pub key: Key,
    /// Number, both clocks and fact.
    pub stated: Stated,
    /// Who stated it, such as `cli:suzuki`.
    pub actor: String,
    /// The import it came with.
    pub import_id: Option<i64>,
    /// The line of that file.
    pub line: Option<i64>,
}

/// Which assertions of one key hold on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Number of the assertion whose value holds.
    pub seq: i64,
    /// Number of the last assertion that states the same value again, if any.
    pub confirmed_seq: Option<i64>,
}

/// A statement as the rule reads it that tells which of them holds.
pub trait OnDay {
    /// The day from which it is true.
    fn on(&self) -> NaiveDate;

    /// Whether it says that nothing is stated any more.
    fn withdraws(&self) -> bool;

    /// Whether both say the same.
    fn repeats(&self, other: &Self) -> bool;
}

impl OnDay for Stated {
    fn on(&self) -> NaiveDate {
        self.effective.on
    }

    fn withdraws(&self) -> bool {
        self.fact == Fact::Withdrawn
    }

    fn repeats(&self, other: &Self) -> bool {
        self.fact == other.fact
    }
}

/// What holds, and the last statement that says it again, if any does.
#[derive(Debug)]
pub struct Held<'a, S> {
    /// The statement whose value holds.
    pub value: &'a S,
    /// The last that confirms it.
    pub confirmed: Option<&'a S>,
}

impl<'a, S> Held<'a, S> {
    /// The last statement that bears on it.
    pub fn last(&self) -> &'a S {
        self.confirmed.unwrap_or(self.value)
    }
}

/// Which of the statements of one key holds on a day, if any; they are in order of day and number.
///
/// The latest effective day wins, then the later number. A later statement of the same value confirms it:
/// the value keeps its first day, the confirmation its own.
pub fn holding_on<'a, S: OnDay>(
    stated: impl IntoIterator<Item = &'a S>,
    day: NaiveDate,
) -> Option<Held<'a, S>> {
    let mut held: Option<Held<'a, S>> = None;
    for statement in stated.into_iter().take_while(|statement| statement.on() <= day) {
        held = match held {
            _ if statement.withdraws() => None,
            Some(held) if held.value.repeats(statement) => Some(Held { confirmed: Some(statement), ..held }),
            _ => Some(Held { value: statement, confirmed: None }),
        };
    }
    held
}

/// Those of the statements of one key that tell what holds on a day and on later ones: what came before and
/// was replaced does not. They are in order of day and number, and stay so.
pub fn bearing_on<'a, S: OnDay>(stated: &[&'a S], day: NaiveDate) -> Vec<&'a S> {
    let (before, later) = stated.split_at(stated.partition_point(|statement| statement.on() <= day));
    let held = match holding_on(before.iter().copied(), day) {
        Some(Held { value, confirmed }) => [Some(value), confirmed],
        // What was withdrawn still says that it was spoken of.
        None => [before.last().copied(), None],
    };
    held.into_iter().flatten().chain(later.iter().copied()).collect()
}

/// The facts of one key, in the order in which they are true: by effective day, then by number.
///
/// The latest effective day wins, then the later number. A later statement of the same value
/// confirms it: the value keeps its first day, the confirmation its own.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    stated: Vec<Stated>,
}

impl Timeline {
    /// Puts a fact in its place.
    pub fn insert(&mut self, stated: Stated) {
        if self.stated.is_empty() {
            // Most keys hold one fact, and there are very many of them.
            self.stated.reserve_exact(1);
        }
        let at = self
            .stated
            .partition_point(|other| (other.effective.on, other.seq) <= (stated.effective.on, stated.seq));
        self.stated.insert(at, stated);
    }

    /// The same as it was up to a row of the log.
    pub fn known_at(&self, seq: i64) -> Self {
        Self { stated: self.stated.iter().filter(|stated| stated.seq <= seq).cloned().collect() }
    }

    /// The facts, in order.
    pub fn stated(&self) -> &[Stated] {
        &self.stated
    }

    /// What holds on `day`, if anything was stated and not withdrawn by then.
    pub fn holding_on(&self, day: NaiveDate) -> Option<(Holding, &Stated)> {
        let Held { value, confirmed } = holding_on(&self.stated, day)?;
        Some((Holding { seq: value.seq, confirmed_seq: confirmed.map(|stated| stated.seq) }, value))
    }

    /// The days for which something is stated: `today` if something holds, and each later day for which
    /// something is said, be it again. What is withdrawn from all of them is not stated any more.
    pub fn days_stated(&self, today: NaiveDate) -> Vec<NaiveDate> {
        let mut days: Vec<NaiveDate> = Vec::new();
        // In order of day and number: the last word on a day is the one that counts.
        for stated in &self.stated {
            let day = stated.effective.on.max(today);
            if days.last() == Some(&day) {
                days.pop();
            }
            if stated.fact != Fact::Withdrawn {
                days.push(day);
            }
        }
        days
    }

    /// The last day on which the value that holds was said, also if that was after the day asked for:
    /// saying it again for a day before tells nothing new.
    pub fn last_word(&self, holding: Holding) -> Option<NaiveDate> {
        let newest = self.holding_on(NaiveDate::MAX).map(|(newest, _)| newest);
        let holding = newest.filter(|newest| newest.seq == holding.seq).unwrap_or(holding);
        self.last_said(holding).map(|last| last.effective.on)
    }

    /// What says that the procedure is not performed on a day, if anything does. Whoever then states
    /// readiness says that it is performed after all.
    pub fn absent_on(&self, day: NaiveDate) -> Option<&Fact> {
        let (_, stated) = self.holding_on(day)?;
        match &stated.fact {
            fact @ Fact::Applicability { value, .. } if !value.applies() => Some(fact),
            _ => None,
        }
    }

    /// The day of the last statement that bears on what holds on `day`: the confirmation if there
    /// is one, else the statement.
    pub fn last_said(&self, holding: Holding) -> Option<&Stated> {
        let seq = holding.confirmed_seq.unwrap_or(holding.seq);
        self.stated.iter().find(|stated| stated.seq == seq)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(u64::from(number))
    }

    fn stated(seq: i64, on: u32, value: Option<Applicability>) -> Stated {
        let fact = value.map_or(Fact::Withdrawn, |value| Fact::Applicability { value, reason: None });
        Stated { seq, effective: Dated::day(day(on)), recorded_at: DateTime::UNIX_EPOCH, fact }
    }

    fn timeline(facts: &[(i64, u32, Option<Applicability>)]) -> Timeline {
        let mut timeline = Timeline::default();
        for (seq, on, value) in facts {
            timeline.insert(stated(*seq, *on, *value));
        }
        timeline
    }

    const YES: Option<Applicability> = Some(Applicability::Applicable);
    const NO: Option<Applicability> = Some(Applicability::NotApplicable);

    #[test]
    fn latest_effective_day_wins_over_later_number() {
        let timeline = timeline(&[(1, 20, YES), (2, 10, NO)]);
        assert_eq!(timeline.holding_on(day(15)).unwrap().0.seq, 2);
        assert_eq!(timeline.holding_on(day(20)).unwrap().0.seq, 1);
        assert_eq!(timeline.holding_on(day(9)), None);
    }

    #[test]
    fn same_day_the_later_number_wins() {
        assert_eq!(timeline(&[(1, 5, YES), (2, 5, NO)]).holding_on(day(5)).unwrap().0.seq, 2);
    }

    #[test]
    fn saying_it_again_confirms_and_keeps_the_first_day() {
        let timeline = timeline(&[(1, 1, YES), (2, 30, YES)]);
        let (holding, value) = timeline.holding_on(day(40)).unwrap();
        assert_eq!(holding, Holding { seq: 1, confirmed_seq: Some(2) });
        assert_eq!(value.effective.on, day(1));
        assert_eq!(timeline.last_said(holding).unwrap().effective.on, day(30));
    }

    #[test]
    fn a_late_correction_between_does_not_pass_for_the_confirmed_value() {
        let timeline = timeline(&[(1, 1, YES), (2, 30, YES), (3, 10, NO)]);
        assert_eq!(timeline.holding_on(day(29)).unwrap().0.seq, 3);
        assert_eq!(timeline.holding_on(day(30)).unwrap().0, Holding { seq: 2, confirmed_seq: None });
    }

    #[test]
    fn days_of_statements_are_those_to_withdraw() {
        let days = |facts: &[(i64, u32, Option<Applicability>)]| timeline(facts).days_stated(day(10));
        assert_eq!(days(&[]), []);
        assert_eq!(days(&[(1, 5, YES)]), [day(10)]);
        assert_eq!(days(&[(1, 5, YES), (2, 7, None)]), []);
        assert_eq!(days(&[(1, 5, YES), (2, 7, None), (3, 20, NO)]), [day(20)]);
        assert_eq!(days(&[(1, 5, YES), (2, 12, NO), (3, 12, None), (4, 15, YES)]), [day(10), day(15)]);
        assert_eq!(days(&[(1, 5, None), (2, 10, YES), (3, 12, YES)]), [day(10), day(12)]);
    }

    #[test]
    fn a_withdrawal_is_not_undone_by_an_older_statement() {
        let timeline = timeline(&[(1, 1, YES), (2, 20, None), (3, 10, NO)]);
        assert_eq!(timeline.holding_on(day(20)), None);
    }

    proptest! {
        #[test]
        fn order_of_learning_does_not_matter(
            facts in proptest::collection::vec((0u32..8, 0u8..3), 0..12),
            on in 0u32..10,
        ) {
            let facts: Vec<_> = facts.iter().enumerate().map(|(seq, (on, value))| {
                let value = match value { 0 => None, 1 => YES, _ => NO };
                (seq as i64, *on, value)
            }).collect();
            let mut reversed = facts.clone();
            reversed.reverse();
            let (a, b) = (timeline(&facts), timeline(&reversed));
            prop_assert_eq!(a.holding_on(day(on)), b.holding_on(day(on)));
            // What came before a day and was replaced has no part in what holds from then on.
            let stated: Vec<&Stated> = a.stated().iter().collect();
            let mut since = Timeline::default();
            bearing_on(&stated, day(on)).into_iter().cloned().for_each(|stated| since.insert(stated));
            prop_assert_eq!(since.stated().is_empty(), a.stated().is_empty());
            for later in on..10 {
                let holding = a.holding_on(day(later));
                prop_assert_eq!(since.holding_on(day(later)), holding);
                if let Some((holding, _)) = holding {
                    prop_assert_eq!(since.last_word(holding), a.last_word(holding));
                }
            }
            // The value that holds is that of the last statement in force.
            let last = facts.iter().filter(|fact| fact.1 <= on).max_by_key(|fact| (fact.1, fact.0));
            let expected = last.and_then(|fact| fact.2);
            let found = a.holding_on(day(on)).map(|(_, stated)| stated.fact.clone());
            prop_assert_eq!(found, expected.map(|value| Fact::Applicability { value, reason: None }));
        }
    }
}
