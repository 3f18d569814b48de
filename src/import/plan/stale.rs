//! Rows of an export that somebody changed after it was written.

use super::Entry;
use super::planner::Planner;
use crate::domain::assertion::Fact;
use crate::domain::imports::RowOutcome;
use crate::domain::shared::SharedText;
use crate::import::changes::{in_words, of_fact};
use crate::import::{Fault, OnStale};

impl Planner<'_> {
    /// Tells where a row would write over what was stated since it was taken away; says whether that is
    /// a fault. A row that says what is known anyway writes over nothing.
    pub(super) fn remark_stale(&mut self, entry: &Entry) -> bool {
        if !matches!(entry.outcome, RowOutcome::Created | RowOutcome::Changed) {
            return false;
        }
        let Some(fault) = self.stale(entry) else { return false };
        let fault = self.at(fault, (entry.line, entry.column));
        if self.on_stale == OnStale::Reject {
            self.faults.push(fault);
            return true;
        }
        self.warn(fault);
        false
    }

    fn stale(&self, entry: &Entry) -> Option<Fault> {
        let revision = self.revisions.of(entry.line)?;
        let taken_back = self.log.taken_back_since(entry.spot, revision);
        let known = self.known(entry.spot);
        let log = known.as_deref();
        let newer = log.is_some_and(|log| log.stated().iter().any(|stated| stated.seq > revision));
        if !taken_back && !newer {
            return None;
        }
        let then = log.map(|log| log.known_at(revision)).unwrap_or_default();
        // What a page shows today, and what was true on the day of the row.
        let days = [entry.effective.on.max(self.today), entry.effective.on];
        let fact = |stated: &crate::domain::assertion::Stated| stated.fact.clone();
        let day = days.into_iter().find(|day| {
            let now = log.and_then(|log| log.holding_on(*day)).map(|(_, stated)| fact(stated));
            let before = then.holding_on(*day).map(|(_, stated)| fact(stated));
            taken_back || now != before
        })?;
        let now = log.and_then(|log| log.holding_on(day)).map(|(_, stated)| stated);
        let since = now.map(|stated| format!("{} からの値", stated.effective.on));
        let texts: Vec<SharedText> =
            entry.unread().chain(now.iter().flat_map(|stated| stated.fact.texts())).cloned().collect();
        self.log.read(&texts);
        let differs = in_words(&of_fact(now.map(|stated| &stated.fact), &entry.new), None);
        let told = match (&entry.new, now) {
            (_, None) => "今は何も述べられていません".to_owned(),
            (Fact::Withdrawn, Some(_)) => format!("今は{}があります", since.unwrap_or_default()),
            _ => format!("今（{}）→ この行: {differs}", since.unwrap_or_default()),
        };
        let message = format!(
            "書き出した後（データの版 {revision} より後）に変えられた行です。{told}。新しい値を消してよいか確かめてください"
        );
        Some(
            Fault::whole("changed_since_export", message)
                .allowing("書き出し直して直す、または on_stale=warn"),
        )
    }
}
