//! A day ahead on which something begins that is not offered yet: it is that of a plan, and no day of the
//! row.

use chrono::NaiveDate;

use super::sheet::Sheet;
use crate::domain::catalogue::ProcedureIx;
use crate::domain::dates::Dated;
use crate::domain::readiness::Level;
use crate::import::headings::spellings;
use crate::import::{Field, ReadinessPatch, Said, Statement};

/// Headings of the day that the row itself speaks of, folded: what is stated then is stated, and no plan.
const OF_THE_ROW: [&str; 5] = ["effective_on", "適用日", "適用開始日", "基準日", "時点"];

/// Whether a day is that of a plan under a heading, beside what a row states.
pub(super) fn is_planned(heading: &str, day: Dated, patch: &ReadinessPatch, today: NaiveDate) -> bool {
    let none = patch.level.is_some_and(|(level, at_least)| level == Level::ZERO && !at_least);
    let planned = patch.level.is_none() && matches!(patch.target_level, Field::Set(_));
    let of_the_row = spellings(heading).any(|folded| OF_THE_ROW.contains(&folded.as_str()));
    (none || planned) && day.on > today && !of_the_row
}

impl Sheet<'_> {
    /// Takes the day of a row for that of the plans among what it states, where it is one.
    pub(super) fn plan_ahead(&self, column: Option<usize>, day: Option<Dated>, statements: &mut [Statement]) {
        let (Some(column), Some(day)) = (column, day) else { return };
        let begins = |one: &Statement| match &one.said {
            Said::Readiness(_, patch) => {
                one.effective == Some(day) && patch.level.is_some_and(|(level, _)| level > Level::ZERO)
            }
            _ => false,
        };
        let begun: Vec<ProcedureIx> =
            statements.iter().filter(|one| begins(one)).map(|one| one.procedure).collect();
        for statement in statements {
            let of_another = begun.contains(&statement.procedure);
            let effective = &mut statement.effective;
            let said = match &mut statement.said {
                Said::Group(_, said) => said,
                said => said,
            };
            let Said::Readiness(_, patch) = said else { continue };
            let open = match &patch.target_on {
                Field::Set(other) => *other == day,
                Field::Keep | Field::Clear => true,
            };
            let heading = self.headings.meaning(column);
            if open && *effective == Some(day) && is_planned(heading, day, patch, self.options.today) {
                // Where another channel of the row begins on that day, it is the day of that one.
                if !of_another {
                    patch.target_on = Field::Set(day);
                }
                *effective = self.options.effective;
            }
        }
    }
}
