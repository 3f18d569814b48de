//! Words beside marks that went nowhere.

use super::planner::Planner;
use super::spot::{LineColumn, spot_of};
use crate::domain::log::Spot;
use crate::import::{Fault, Statement};

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
        let idle: Vec<(LineColumn, String)> =
            idle.map(|words| (words.place, words.fields.join("・"))).collect();
        for (place, fields) in idle {
            let message = format!(
                "印がなく、申告された段階もまだないため、この行の{fields}は記録しません（印の列に ○、×、予定 などを書いてください）"
            );
            self.warn(self.at(Fault::whole("words_without_level", message), place));
        }
    }
}
