//! What one cell says, or why that is not known.

use super::meaning::Meaning;
use super::plans::{Plan, planned_label, target_label};
use crate::domain::Refusal;
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, Scale, State};
use crate::domain::shared::SharedText;

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Cell {
    /// What its mark means.
    pub(in crate::import) meaning: Meaning,
    /// The day from which it is so, where the cell says it.
    pub(in crate::import) since: Option<Dated>,
    /// That something is planned, and for when, where the cell says it.
    pub(in crate::import) plan: Option<Option<Dated>>,
    /// The level that the plan is for; 3 unless the cell names one.
    pub(in crate::import) target: Level,
    /// Whether it is in force, where the cell says it.
    pub(in crate::import) state: Option<State>,
    /// What stands beside the mark, as it was written.
    pub(in crate::import) note: Option<SharedText>,
    /// The product that stands in place of a mark.
    pub(in crate::import) system: Option<SharedText>,
    /// The web address that stands beside the mark or instead of it.
    pub(in crate::import) url: Option<SharedText>,
    /// What people should look at once more.
    pub(in crate::import) doubt: Option<Box<Refusal>>,
}

impl Cell {
    /// A mark with nothing beside it.
    pub(in crate::import) fn plain(meaning: Meaning) -> Self {
        let (plan, state) = match meaning {
            Meaning::Planned(on) => (Some(on), None),
            Meaning::State(state) => (None, Some(state)),
            _ => (None, None),
        };
        Self {
            meaning,
            since: None,
            plan,
            target: Level::THREE,
            state,
            note: None,
            system: None,
            url: None,
            doubt: None,
        }
    }

    /// The same with the day for which it is planned.
    pub(super) fn planned(mut self, plan: &Plan) -> Self {
        self.plan = Some(plan.on);
        self.doubt = plan.doubt.clone().map(Box::new);
        self
    }

    /// What the cell was taken to say, in Japanese.
    pub(in crate::import) fn label(&self, scale: Option<Scale>) -> String {
        let mut label = match (self.meaning, self.plan) {
            (Meaning::Planned(_), Some(on)) => planned_label(self.target, on),
            (meaning, Some(on)) => {
                format!("{}、予定（{}）", meaning.label(scale), target_label(self.target, on))
            }
            (meaning, None) => meaning.label(scale),
        };
        if let Some(state) = self.state.filter(|_| !matches!(self.meaning, Meaning::State(_))) {
            label.push_str(&format!("、{}", state.label()));
        }
        if let Some(since) = self.since {
            label.push_str(&format!("、適用日 {}", since.in_words()));
        }
        if let Some(system) = &self.system {
            label.push_str(&format!("、システム「{system}」"));
        }
        if self.url.is_some() {
            label.push_str("、アドレスはURL欄へ");
        }
        if let Some(note) = &self.note {
            let into = if matches!(self.meaning, Meaning::Applicability(_)) { "理由" } else { "備考" };
            label.push_str(&format!("、{into}「{note}」"));
        }
        label
    }
}

/// A cell as it was read.
#[derive(Clone, Debug)]
pub(in crate::import) struct Read {
    pub(in crate::import) cell: Cell,
    /// The mark itself, folded.
    pub(in crate::import) mark: String,
    /// Whether a number before the word was passed over.
    pub(in crate::import) numbered: bool,
}

/// Why a cell was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) enum Unread {
    /// Nobody said what it means.
    Unknown,
    /// A dash.
    Dash,
    /// A day without a mark.
    Day,
    /// A web address, in a column where it is not plain what that says.
    Address,
    /// Two marks that differ.
    TwoMarks,
    /// A number and the name of another level.
    Disagreement(u8, Level),
    /// Something that nobody need be asked about.
    Refused(Refusal),
    /// Not applicable, abolished or another body's, said of a counter: that channel, or the procedure?
    WhichAbsence,
}
