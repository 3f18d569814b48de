//! Cells that show the best of a channel group: what they say of one channel, by what is known today.
//!
//! A cell that shows what the town's own best is today says nothing new. One that differs goes to the
//! channel that alone counts, if that is the town's own word; else only the sender can say which is meant.

use chrono::NaiveDate;

use super::Known;
use super::shown::{Spoke, held, word};
use crate::domain::applicability::Applicability;
use crate::domain::best::{Best, Held, best};
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::precedence::{Said as Spoken, Spoken as Speaker, Word};
use crate::domain::readiness::{Level, Scale, Source, State};
use crate::import::cells::MAX_FAULTS;
use crate::import::marks::{Choice, Meaning, Profile, Question};
use crate::import::{Fault, FaultKind, Options, ReadinessPatch, Reading, Said, Statement};

/// The statements of a table of groups, each about one channel as far as that is known.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// The statements, in order of the file.
    pub statements: Vec<Statement>,
    /// Cells of which only the sender can say what they are about.
    pub faults: Vec<Fault>,
    /// Cells after which the group will show something else all the same.
    pub warnings: Vec<Fault>,
    /// What the sender is to be asked.
    pub questions: Vec<Question>,
}

/// Finds the channels of a reading that speaks of groups; nothing where it speaks of channels alone.
pub(super) fn resolve(
    reading: &Reading,
    catalogue: &Catalogue,
    known: &Known<'_>,
    options: &Options,
) -> Option<Resolved> {
    if !reading.statements.iter().any(|one| matches!(one.said, Said::Group(..))) {
        return None;
    }
    let profile = options.profile_over(Profile::default_marks());
    let absence_said = profile.has(Meaning::Applicability(Applicability::NotApplicable));
    let mut resolver =
        Resolver { reading, catalogue, known, options, absence_said, out: Resolved::default() };
    for statement in &reading.statements {
        match &statement.said {
            Said::Group(scale, inner) => resolver.settle(statement, *scale, inner),
            _ => resolver.out.statements.push(statement.clone()),
        }
    }
    Some(resolver.out)
}

struct Resolver<'a> {
    reading: &'a Reading,
    catalogue: &'a Catalogue,
    known: &'a Known<'a>,
    options: &'a Options,
    /// Whether the sender said what 対象外 means.
    absence_said: bool,
    out: Resolved,
}

/// What counts today of one body, procedure and group.
struct Standing {
    /// All that is stated of the body and procedure.
    words: Vec<Spoke>,
    /// What of it counts and is of the group.
    group: Vec<(Word, Held)>,
    /// Whether the procedure is performed.
    applicability: Applicability,
    /// Whether that is the town's own word.
    own_applicability: bool,
}

impl Resolver<'_> {
    fn settle(&mut self, statement: &Statement, scale: Scale, inner: &Said) {
        let standing = self.standing(statement, scale);
        match inner {
            Said::Applicability(value, _) => {
                let known = standing.own_applicability && standing.applicability == *value;
                let which = scale == Scale::Counter && *value == Applicability::NotApplicable;
                if which && !known && !self.absence_said {
                    return self.ask_absence(statement);
                }
                self.push(statement, inner.clone());
            }
            Said::Readiness(_, patch) => self.settle_level(statement, scale, patch, &standing),
            Said::Withdrawn(_) => {
                if standing.group.iter().any(|(word, _)| word.source == Source::Own) {
                    match self.channel(scale, &standing) {
                        Some(channel) => self.push(statement, Said::Withdrawn(Some(channel))),
                        None => self.ask_channel(statement, scale),
                    }
                }
            }
            Said::Group(..) => {}
        }
    }

    fn settle_level(
        &mut self,
        statement: &Statement,
        scale: Scale,
        patch: &ReadinessPatch,
        standing: &Standing,
    ) {
        let now = standing.best();
        if let Some(shown) = now.filter(|best| best.source == Source::Own && shows(patch, *best))
            && let Some(channel) = standing.channel_of(shown)
        {
            // Nothing is said of it, so that it comes out as known; and of no day.
            let said = Said::Readiness(channel, Box::default());
            self.out.statements.push(Statement { effective: None, said, ..statement.clone() });
            return;
        }
        let Some(channel) = self.channel(scale, standing) else {
            return self.ask_channel(statement, scale);
        };
        if let Some((level, at_least)) = patch.level {
            self.warn_of_others(statement, scale, standing, (channel, level, at_least, patch.state));
        }
        self.push(statement, Said::Readiness(channel, Box::new(patch.clone())));
    }

    /// The channel that a cell which differs is about: the one that counts alone, else the one the sender
    /// named.
    fn channel(&self, scale: Scale, standing: &Standing) -> Option<ChannelIx> {
        let alone = match standing.group.as_slice() {
            [(Word { source: Source::Own, said: Spoken::Level { channel, .. }, .. }, _)] => Some(*channel),
            _ => None,
        };
        let named = self.options.channel.filter(|ix| self.catalogue.channel(*ix).scale == scale);
        alone.or(named)
    }

    fn push(&mut self, statement: &Statement, said: Said) {
        self.out.statements.push(Statement { said, ..statement.clone() });
    }

    fn at(&self, fault: Fault, statement: &Statement) -> Fault {
        let fault = fault.at_line(statement.line);
        match statement.column.map(usize::from) {
            Some(column) => {
                fault.in_column(column, self.reading.headings.get(column).map_or("", String::as_str))
            }
            None => fault,
        }
    }

    fn ask_channel(&mut self, statement: &Statement, scale: Scale) {
        let on_scale = self.catalogue.channels().iter().filter(|row| row.scale == scale);
        let question = || {
            Question::about_the_file(
                "channel",
                "今の値と違うセルのうち、申告のある接点が1つに決まらないものは、どの接点のことですか",
                on_scale.map(|row| (row.id.to_string(), row.label_ja.clone())),
            )
        };
        let message = format!(
            "{}の今の値と違いますが、申告のある接点が1つに決まらないため、どの接点のことか分かりません",
            scale.label()
        );
        let allowed = "channel=接点ID（決まらないセルすべて）。接点ごとに違うときは縦長の表（long）に書く";
        let fault = Fault::whole("which_channel", message).allowing(allowed);
        self.ask(statement, fault, question);
    }

    fn ask_absence(&mut self, statement: &Statement) {
        let choices = [
            ("窓口:対象外=0", "窓口では行っていない"),
            ("窓口:対象外=not_applicable", "手続そのもの: 制度なし・該当なし"),
        ];
        let question = || Question {
            mark: "対象外".to_owned(),
            parameter: "marks".to_owned(),
            question: "「対象外」は、窓口だけのことですか、手続そのもの（制度なし）のことですか".to_owned(),
            count: 1,
            headings: Vec::new(),
            choices: choices
                .map(|(value, label)| Choice {
                    parameter: "marks".to_owned(),
                    value: value.to_owned(),
                    label: label.to_owned(),
                })
                .into(),
            suggestion: None,
            lines: Vec::new(),
        };
        let message = "「対象外」が、窓口だけのことか、手続そのもの（制度なし）のことか分かりません。どちらか指定してください";
        let fault = Fault::whole("ambiguous_mark", message)
            .allowing("marks=対象外=0（窓口だけ）、対象外=not_applicable（手続そのもの）");
        self.ask(statement, fault, question);
    }

    /// Tells a fault, and counts its place in the question that mends it.
    fn ask(&mut self, statement: &Statement, fault: Fault, question: impl FnOnce() -> Question) {
        let fault = self.at(fault, statement);
        let asked = question();
        match self.out.questions.iter_mut().find(|known| known.mark == asked.mark) {
            Some(known) => known.saw(fault.heading.as_deref()),
            None => {
                let mut first = Question { count: 0, ..asked };
                first.saw(fault.heading.as_deref());
                self.out.questions.push(first);
            }
        }
        if self.out.faults.len() < MAX_FAULTS {
            self.out.faults.push(fault);
        }
    }

    /// Warns where the group will not show what the cell says, because of another channel.
    fn warn_of_others(
        &mut self,
        statement: &Statement,
        scale: Scale,
        standing: &Standing,
        (channel, level, at_least, said_state): (ChannelIx, Level, bool, Option<State>),
    ) {
        let said = Spoken::Level { channel, level, at_least };
        let new = Word { source: Source::Own, said, on: NaiveDate::MAX, seq: i64::MAX };
        let state = |word: &Word| {
            let old = standing.words.iter().find(|(old, _)| old.spoken() == word.spoken());
            said_state.or(old.map(|(_, state)| *state)).unwrap_or(State::Live)
        };
        let kept = standing.words.iter().filter(|(word, _)| word.spoken() != new.spoken());
        let words: Vec<Spoke> = kept.copied().chain([(new, state(&new))]).collect();
        let after = self.judged(words, scale).best();
        if let Some(after) = after.filter(|after| (after.level, after.open) != (level, at_least)) {
            let more = if after.open { "+" } else { "" };
            let message = format!(
                "この群でいちばん高い段階は、ほかの接点のため {}{more} になり、セルの値とは違います",
                after.level
            );
            let warning =
                self.at(Fault::whole("group_shows_other", message).of_kind(FaultKind::Loss), statement);
            self.out.warnings.push(warning);
        }
    }

    fn standing(&self, statement: &Statement, scale: Scale) -> Standing {
        let lines = self.known.log.known_of(statement.body, statement.procedure);
        let words = lines.iter().filter_map(|line| {
            let spoken = Speaker { source: line.source, channel: line.channel };
            word(&line.timeline, spoken, self.options.today)
        });
        self.judged(words.collect(), scale)
    }

    fn judged(&self, words: Vec<Spoke>, scale: Scale) -> Standing {
        let ruling = self.catalogue.precedence().judge(words.iter().map(|(word, _)| *word));
        let counting = words.iter().filter(|(word, _)| ruling.counts(word));
        let group = counting.filter_map(|spoke| {
            let (channel, held) = held(spoke)?;
            (self.catalogue.channel(channel).scale == scale).then_some((spoke.0, held))
        });
        let group = group.collect();
        let own_applicability = ruling.applicability_source() == Some(Source::Own);
        Standing { group, applicability: ruling.applicability(), own_applicability, words }
    }
}

impl Standing {
    /// What the cell of the group shows, if the procedure is performed and anything is stated.
    fn best(&self) -> Option<Best> {
        best(self.group.iter().map(|(_, held)| *held)).filter(|_| self.applicability.applies())
    }

    /// A channel with the town's own word at the level that is shown.
    fn channel_of(&self, shown: Best) -> Option<ChannelIx> {
        let own = |held: &Held| held.source == Source::Own && held.level == shown.level;
        self.group.iter().filter(|(_, held)| own(held)).find_map(|(word, _)| match word.said {
            Spoken::Level { channel, .. } => Some(channel),
            Spoken::Applicability(_) => None,
        })
    }
}

/// Whether a cell says the level that is shown with its state, and nothing beside it.
fn shows(patch: &ReadinessPatch, best: Best) -> bool {
    let level = Some((best.level, best.open));
    let state = patch.state;
    *patch == ReadinessPatch { level, state, ..ReadinessPatch::default() }
        && state.unwrap_or(State::Live) == best.state
}
