//! Lines that say words and no level: 担当課 alone changes what is known, and is told where nothing is.

use std::collections::BTreeMap;

use super::merge::filled;
use super::planner::{Place, Planner, place, spot_of};
use crate::domain::log::Spot;
use crate::import::{Fallback, Fault, Said, Statement};

/// Lines of words, and whether any of them went to something that is known.
#[derive(Debug, Default)]
pub(super) struct LinesOfWords(BTreeMap<u32, Words>);

/// The words of a line.
#[derive(Debug)]
struct Words {
    place: Place,
    /// Whether any of them went to something that is known.
    placed: bool,
    /// The fields they are of.
    fields: Vec<&'static str>,
}

impl LinesOfWords {
    /// The words of a line go to what is known, or find nothing on one channel.
    pub(super) fn note(&mut self, statement: &Statement, placed: bool) {
        let Said::Readiness(_, patch) = &statement.said else { return };
        if patch.unless_known == Some(Fallback::Words) {
            let new = || Words { place: place(statement), placed: false, fields: filled(patch) };
            self.0.entry(statement.line).or_insert_with(new).placed |= placed;
        }
    }
}

impl Planner<'_> {
    /// Whether the procedure of a statement is said not to be performed on its day.
    pub(super) fn is_absent(&self, statement: &Statement) -> bool {
        let whole = Spot { channel: None, ..spot_of(statement) };
        let on = self.effective(statement).on;
        self.timeline(whole).is_some_and(|timeline| timeline.absent_on(on).is_some())
    }

    /// Warns of the lines whose words went nowhere.
    pub(super) fn tell_idle_words(&mut self) {
        let idle = self.words.0.values().filter(|words| !words.placed);
        let idle: Vec<(Place, String)> = idle.map(|words| (words.place, words.fields.join("・"))).collect();
        for (place, fields) in idle {
            let message = format!(
                "印がなく、申告された段階もまだないため、この行の{fields}は記録しません（印の列に ○、×、予定 などを書いてください）"
            );
            self.warn(self.at(Fault::whole("words_without_level", message), place));
        }
    }
}
