//! Whose word counts: of what is stated of one body and procedure, which statements count and which
//! are set aside, and by what.
//!
//! The town's own word goes before the published one; of one source the later word, by the day from
//! which it is true and then by its number.
//!
//! - On one channel an own statement replaces the published one.
//! - A published statement on `online` (means unknown) is set aside as soon as the town states `online`
//!   itself, or any named online channel at 1 or more: it has said how it is offered. Own levels of 0 on
//!   named channels alone leave it standing: "not this way" says nothing of the others.
//! - An own `online` at 0 says "no" for every online channel and sets every published one aside.
//! - A level ends an earlier 制度なし of its own source and the other way round. An own level ends a
//!   published 制度なし, an own word on applicability goes before a published one.
//!
//! What is set aside stays in the record and is shown beside what counts.

use chrono::NaiveDate;

use super::applicability::Applicability;
use super::position::ChannelIx;
use super::readiness::{Channel, ChannelId, Level, Scale, Source};

/// One statement that holds for a body and a procedure, as far as the rule reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Whose it is.
    pub source: Source,
    /// What it says.
    pub said: Said,
    /// The last day for which it was said.
    pub on: NaiveDate,
    /// Its number; of one day the higher one is the later.
    pub seq: i64,
}

/// What a statement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// A level on a channel.
    Level {
        /// The channel.
        channel: ChannelIx,
        /// The level.
        level: Level,
        /// Only "at least this" is said.
        at_least: bool,
    },
    /// Whether the procedure is performed at all.
    Applicability(Applicability),
}

impl Word {
    /// Which of the statements of a body and a procedure it is.
    pub fn spoken(&self) -> Spoken {
        let channel = match self.said {
            Said::Level { channel, .. } => Some(channel),
            Said::Applicability(_) => None,
        };
        Spoken { source: self.source, channel }
    }

    fn when(&self) -> When {
        (self.on, self.seq)
    }
}

/// Order of statements of one source.
type When = (NaiveDate, i64);

/// Which of the statements of a body and a procedure is meant: there is one for each source and channel,
/// and one for each source on applicability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spoken {
    /// Whose it is.
    pub source: Source,
    /// The channel, or none for applicability.
    pub channel: Option<ChannelIx>,
}

/// A statement that does not count, and the one that goes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// What does not count.
    pub word: Word,
    /// What goes before it.
    pub by: Word,
}

/// The rule, with what of the channels it depends on.
#[derive(Clone, Copy, Debug)]
pub struct Precedence {
    online: Option<ChannelIx>,
    on_online_scale: Channels,
    named_online: Channels,
}

impl Precedence {
    /// The rule over the channels of a catalogue, which has it ready as
    /// [`Catalogue::precedence`](super::catalogue::Catalogue::precedence).
    pub fn new(channels: &[Channel]) -> Self {
        let mut rule =
            Self { online: None, on_online_scale: Channels::default(), named_online: Channels::default() };
        for (ix, channel) in (0..).zip(channels).filter(|(_, row)| row.scale == Scale::Online) {
            rule.on_online_scale.insert(ix);
            if channel.named {
                rule.named_online.insert(ix);
            }
            if channel.id.as_str() == ChannelId::ONLINE {
                rule.online = Some(ix);
            }
        }
        rule
    }

    /// Judges all that holds for one body and procedure, in whatever order it comes.
    pub fn judge(&self, words: impl Iterator<Item = Word> + Clone) -> Ruling<'_> {
        let (mut own, mut published) = (OfSource::default(), OfSource::default());
        for word in words.clone() {
            let of_source = if word.source == Source::Own { &mut own } else { &mut published };
            of_source.note(&word);
        }
        let mut stated = Own::default();
        for word in words.filter(|word| word.source == Source::Own && own.holds(word)) {
            stated.note(self, &word);
        }
        Ruling { rule: self, own, published, stated }
    }

    /// What of some statements is set aside, each with the one that goes before it.
    pub fn set_aside(&self, words: &[Word]) -> Vec<SetAside> {
        let ruling = self.judge(words.iter().copied());
        let of = |spoken| words.iter().copied().find(|word| word.spoken() == spoken);
        words
            .iter()
            .filter_map(|word| Some(SetAside { word: *word, by: of(ruling.set_aside_by(word)?)? }))
            .collect()
    }
}

/// What counts for one body and procedure.
#[derive(Clone, Copy, Debug)]
pub struct Ruling<'r> {
    rule: &'r Precedence,
    own: OfSource,
    published: OfSource,
    stated: Own,
}

impl Ruling<'_> {
    /// Whether a statement counts. It must be among those that were judged.
    pub fn counts(&self, word: &Word) -> bool {
        self.set_aside_by(word).is_none()
    }

    /// What goes before a statement that does not count; none if it counts. It must be among those that
    /// were judged.
    pub fn set_aside_by(&self, word: &Word) -> Option<Spoken> {
        let own = |channel| Spoken { source: Source::Own, channel };
        match (word.source, word.said) {
            (Source::Own, Said::Level { .. }) => (!self.own.holds(word)).then_some(own(None)),
            (Source::Own, Said::Applicability(_)) => Some(own(Some(self.own.ended_by()?))),
            (Source::Published, Said::Level { channel, .. }) => {
                self.before_published_level(channel).map(own).or_else(|| {
                    (!self.published.holds(word))
                        .then_some(Spoken { source: Source::Published, channel: None })
                })
            }
            (Source::Published, Said::Applicability(value)) => {
                if self.own.applicability().is_some() {
                    return Some(own(None));
                }
                if value.applies() {
                    return None;
                }
                self.stated.last.map(|(_, channel)| own(Some(channel))).or_else(|| {
                    let channel = Some(self.published.ended_by()?);
                    Some(Spoken { source: Source::Published, channel })
                })
            }
        }
    }

    /// The own statement that goes before a published level: its channel, or none where it is one on
    /// applicability.
    fn before_published_level(&self, channel: ChannelIx) -> Option<Option<ChannelIx>> {
        if self.own.applicability().is_some_and(|value| !value.applies()) {
            return Some(None);
        }
        if self.stated.channels.contains(channel) {
            return Some(Some(channel));
        }
        if self.stated.nothing_online && self.rule.on_online_scale.contains(channel) {
            return Some(self.rule.online);
        }
        let (_, std::cmp::Reverse(named)) = self.stated.named_online?;
        (Some(channel) == self.rule.online).then_some(Some(named))
    }

    /// Whether the body performs the procedure: what is stated and counts, else it does.
    pub fn applicability(&self) -> Applicability {
        let published = self.published.applicability().filter(|_| self.stated.last.is_none());
        self.own.applicability().or(published).unwrap_or(Applicability::Applicable)
    }

    /// Whose word on applicability counts, if anything is said of it and counts.
    pub fn applicability_source(&self) -> Option<Source> {
        let own = self.own.applicability().map(|_| Source::Own);
        let agrees = |value: Applicability| value.applies() || self.stated.last.is_none();
        own.or(self.published.applicability().filter(|value| agrees(*value)).map(|_| Source::Published))
    }
}

/// What one source says of the procedure as a whole, and its last word on a channel.
#[derive(Clone, Copy, Debug, Default)]
struct OfSource {
    whole: Option<(When, Applicability)>,
    last_level: Option<(When, ChannelIx)>,
}

impl OfSource {
    fn note(&mut self, word: &Word) {
        match word.said {
            Said::Level { channel, .. } => {
                self.last_level = self.last_level.max(Some((word.when(), channel)));
            }
            Said::Applicability(value) => self.whole = self.whole.max(Some((word.when(), value))),
        }
    }

    /// Since when the procedure is said not to be performed, be it that a level said later ended that.
    fn absent_since(&self) -> Option<When> {
        self.whole.filter(|(_, value)| !value.applies()).map(|(when, _)| when)
    }

    /// Whether a level of this source was not ended by a later word that the procedure is not performed.
    fn holds(&self, word: &Word) -> bool {
        matches!(word.said, Said::Level { .. })
            && self.absent_since().is_none_or(|absent| word.when() > absent)
    }

    /// The channel of the level that ended a word that the procedure is not performed.
    fn ended_by(&self) -> Option<ChannelIx> {
        let (absent, (when, channel)) = (self.absent_since()?, self.last_level?);
        (when > absent).then_some(channel)
    }

    /// What it says of applicability, unless a later level ended that.
    fn applicability(&self) -> Option<Applicability> {
        self.whole.map(|(_, value)| value).filter(|_| self.ended_by().is_none())
    }
}

/// What the town itself states on channels and what of it bears on published statements.
#[derive(Clone, Copy, Debug, Default)]
struct Own {
    channels: Channels,
    /// `online` at exactly 0.
    nothing_online: bool,
    /// The best named online channel at 1 or more; of equals the first.
    named_online: Option<(Level, std::cmp::Reverse<ChannelIx>)>,
    last: Option<(When, ChannelIx)>,
}

impl Own {
    fn note(&mut self, rule: &Precedence, word: &Word) {
        let Said::Level { channel, level, at_least } = word.said else { return };
        self.channels.insert(channel);
        self.last = self.last.max(Some((word.when(), channel)));
        if Some(channel) == rule.online {
            self.nothing_online = level == Level::ZERO && !at_least;
        }
        if rule.named_online.contains(channel) && level > Level::ZERO {
            self.named_online = self.named_online.max(Some((level, std::cmp::Reverse(channel))));
        }
    }
}

/// A set of channels: one bit for each that there can be.
#[derive(Clone, Copy, Debug, Default)]
struct Channels([u64; 4]);

impl Channels {
    fn insert(&mut self, channel: ChannelIx) {
        self.0[usize::from(channel / 64)] |= 1 << (channel % 64);
    }

    fn contains(&self, channel: ChannelIx) -> bool {
        self.0[usize::from(channel / 64)] >> (channel % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `online` 0, `mynaportal` 1, `eapp` 2, `counter` 3.
    const RULE: Precedence = Precedence {
        online: Some(0),
        on_online_scale: Channels([0b0111, 0, 0, 0]),
        named_online: Channels([0b0110, 0, 0, 0]),
    };
    const ONLINE: ChannelIx = 0;
    const MYNAPORTAL: ChannelIx = 1;
    const EAPP: ChannelIx = 2;
    const COUNTER: ChannelIx = 3;

    fn day(number: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 4, 1 + number).unwrap()
    }

    fn level(source: Source, channel: ChannelIx, level: u8) -> Word {
        let said = Said::Level { channel, level: Level::new(level).unwrap(), at_least: false };
        Word { source, said, on: day(0), seq: 1 }
    }

    fn own(channel: ChannelIx, number: u8) -> Word {
        level(Source::Own, channel, number)
    }

    fn published(channel: ChannelIx, number: u8) -> Word {
        level(Source::Published, channel, number)
    }

    fn absent(source: Source, on: u32) -> Word {
        let said = Said::Applicability(Applicability::NotApplicable);
        Word { source, said, on: day(on), seq: 1 }
    }

    /// What is set aside, each with the statement before it, as positions.
    fn asides(words: &[Word]) -> Vec<(usize, usize)> {
        let at = |word: Word| words.iter().position(|other| *other == word).unwrap();
        RULE.set_aside(words).into_iter().map(|one| (at(one.word), at(one.by))).collect()
    }

    #[test]
    fn on_one_channel_own_replaces_published() {
        assert_eq!(asides(&[published(COUNTER, 3), own(COUNTER, 1)]), [(0, 1)]);
        assert_eq!(asides(&[published(COUNTER, 3), own(EAPP, 5)]), []);
        assert_eq!(asides(&[published(EAPP, 3), own(MYNAPORTAL, 5)]), []);
    }

    #[test]
    fn who_says_how_it_is_offered_sets_the_unknown_means_aside() {
        assert_eq!(asides(&[published(ONLINE, 3), own(EAPP, 4)]), [(0, 1)]);
        assert_eq!(asides(&[published(ONLINE, 3), own(EAPP, 1)]), [(0, 1)]);
        assert_eq!(asides(&[published(ONLINE, 3), own(ONLINE, 2)]), [(0, 1)]);
        // The best of the named ones is what it is set aside by.
        assert_eq!(asides(&[published(ONLINE, 3), own(MYNAPORTAL, 1), own(EAPP, 4)]), [(0, 2)]);
        // Counters say nothing of it.
        assert_eq!(asides(&[published(ONLINE, 3), own(COUNTER, 5)]), []);
        // Neither does another published word.
        assert_eq!(asides(&[published(ONLINE, 3), published(EAPP, 4)]), []);
    }

    #[test]
    fn not_this_way_says_nothing_of_the_others() {
        assert_eq!(asides(&[published(ONLINE, 3), own(EAPP, 0), own(MYNAPORTAL, 0)]), []);
    }

    #[test]
    fn an_own_no_is_a_no_for_every_online_channel() {
        let words = [published(ONLINE, 3), published(EAPP, 4), own(ONLINE, 0), published(COUNTER, 2)];
        assert_eq!(asides(&words), [(0, 2), (1, 2)]);
        let said = Said::Level { channel: ONLINE, level: Level::ZERO, at_least: true };
        let open = Word { said, ..own(ONLINE, 0) };
        assert_eq!(asides(&[published(ONLINE, 3), published(EAPP, 4), open]), [(0, 2)]);
    }

    #[test]
    fn levels_and_absence_end_each_other() {
        let later = |word: Word, on| Word { on: day(on), ..word };
        let not_applicable = |words: &[Word]| !RULE.judge(words.iter().copied()).applicability().applies();
        for (words, expected, gone) in [
            // An own level ends a published word, whenever that came.
            (vec![absent(Source::Published, 9), own(EAPP, 0)], vec![(0, 1)], false),
            // Of one source the later word.
            (vec![absent(Source::Own, 5), own(EAPP, 4)], vec![(1, 0)], true),
            (vec![absent(Source::Own, 5), later(own(EAPP, 4), 6)], vec![(0, 1)], false),
            (vec![absent(Source::Published, 5), published(ONLINE, 3)], vec![(1, 0)], true),
            (vec![absent(Source::Published, 5), later(published(ONLINE, 3), 6)], vec![(0, 1)], false),
            // What it ended stays ended when something newer is said.
            (
                vec![own(EAPP, 4), absent(Source::Own, 5), later(own(MYNAPORTAL, 3), 6)],
                vec![(0, 1), (1, 2)],
                false,
            ),
            // The own word goes first, on applicability too.
            (vec![absent(Source::Own, 0), later(published(ONLINE, 3), 6)], vec![(1, 0)], true),
            (vec![absent(Source::Published, 5), absent(Source::Own, 0)], vec![(0, 1)], true),
        ] {
            assert_eq!(asides(&words), expected, "{words:?}");
            assert_eq!(not_applicable(&words), gone, "{words:?}");
        }
    }

    #[test]
    fn of_one_day_the_later_number_counts() {
        let mut words = [absent(Source::Own, 0), Word { seq: 2, ..own(EAPP, 4) }];
        assert_eq!(asides(&words), [(0, 1)]);
        words[0].seq = 3;
        assert_eq!(asides(&words), [(1, 0)]);
    }

    /// At most one word of each source and channel, and of each source on applicability.
    fn words() -> impl Strategy<Value = Vec<Word>> {
        let one = (any::<bool>(), 0u8..5, 0u8..6, any::<bool>(), 0u32..3);
        proptest::collection::vec(one, 0..10).prop_map(|drawn| {
            let mut words: Vec<Word> = Vec::new();
            for (seq, (own, channel, number, at_least, on)) in (1..).zip(drawn) {
                let source = if own { Source::Own } else { Source::Published };
                let said = if channel == 4 {
                    Said::Applicability(Applicability::ALL[usize::from(number % 4)])
                } else {
                    Said::Level { channel, level: Level::new(number).unwrap(), at_least }
                };
                let word = Word { source, said, on: day(on), seq };
                if words.iter().all(|other| other.spoken() != word.spoken()) {
                    words.push(word);
                }
            }
            words
        })
    }

    proptest! {
        #[test]
        fn the_order_does_not_matter(words in words(), turn in 0usize..10) {
            let mut turned = words.clone();
            turned.rotate_left(turn.min(words.len()));
            turned.reverse();
            let (one, two) = (RULE.judge(words.iter().copied()), RULE.judge(turned.iter().copied()));
            prop_assert_eq!(one.applicability(), two.applicability());
            for word in &words {
                prop_assert_eq!(one.set_aside_by(word), two.set_aside_by(word));
            }
        }

        #[test]
        fn each_word_counts_or_is_set_aside_by_a_stated_one(words in words()) {
            let ruling = RULE.judge(words.iter().copied());
            let aside = words.iter().filter(|word| !ruling.counts(word)).count();
            let told = RULE.set_aside(&words);
            prop_assert_eq!(aside, told.len());
            for one in told {
                prop_assert!(one.by != one.word);
                // Own before published; and of one source the later word.
                prop_assert!(one.by.source == Source::Own || one.word.source == Source::Published);
                if one.by.source == one.word.source {
                    prop_assert!(one.by.when() > one.word.when());
                    prop_assert!(one.by.spoken().channel.is_none() != one.word.spoken().channel.is_none());
                }
            }
        }

        #[test]
        fn one_word_on_applicability_counts_at_most(words in words()) {
            let ruling = RULE.judge(words.iter().copied());
            let counting: Vec<&Word> = words.iter().filter(|word| ruling.counts(word)).collect();
            let mut whole = counting.iter().filter(|word| matches!(word.said, Said::Applicability(_)));
            let first = whole.next();
            prop_assert!(whole.next().is_none());
            let said = first.map_or(Applicability::Applicable, |word| match word.said {
                Said::Applicability(value) => value,
                Said::Level { .. } => unreachable!(),
            });
            prop_assert_eq!(ruling.applicability(), said);
            prop_assert_eq!(ruling.applicability_source(), first.map(|word| word.source));
            // What is not performed has no level.
            let levels = counting.iter().any(|word| matches!(word.said, Said::Level { .. }));
            prop_assert!(said.applies() || !levels);
            // What counts alone is judged as it is among the others.
            let again = RULE.judge(counting.iter().map(|word| **word));
            prop_assert!(counting.iter().all(|word| again.counts(word)));
        }
    }
}
