//! A day on which something begins that is not offered yet: it is that of a plan, and no day of the row.

use chrono::{Datelike, NaiveDate};

use super::channels::tells_plans;
use super::sheet::Sheet;
use super::sheet_days::day_below;
use super::unknown::left_out;
use crate::domain::Refusal;
use crate::domain::catalogue::ProcedureIx;
use crate::domain::dates::{Dated, FiscalYear, Precision};
use crate::domain::loose_dates::{Purpose, YEAR_ALONE};
use crate::domain::readiness::Level;
use crate::domain::text::{cut, fold_for_match};
use crate::import::headings::{pieces_of, spellings};
use crate::import::marks::{Choice, Question};
use crate::import::table::Row;
use crate::import::{Fallback, Fault, Field, ReadinessPatch, Said, Statement};

/// The heading of the day from which a row is true, as programs write it: it says so of level 0 too.
const EFFECTIVE_ON: &str = "effective_on";
/// Headings of the day that the row itself speaks of, folded: people write the day of a plan there as well.
const OF_THE_ROW: [&str; 4] = ["適用日", "適用開始日", "基準日", "時点"];

/// What a day is of, beside what a row states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ahead {
    /// What is planned, or not offered yet, begins then.
    Plan,
    /// Something is not offered: until then, or from then on.
    Unclear,
    /// What the row states is so from then on.
    Stated,
}

/// What the cell of a day says of it by a word such as 予定.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Called {
    /// Nothing of the kind, or that it was planned and has begun.
    Begun,
    /// It is planned, and still to come or late.
    Planned,
    /// It was planned and is over: whether it has begun is open.
    Over,
}

/// What a day is of under a heading, beside what a row states.
pub(super) fn ahead(heading: &str, day: Dated, patch: &ReadinessPatch, today: NaiveDate) -> Ahead {
    let none = patch.level.is_some_and(|(level, at_least)| level == Level::ZERO && !at_least);
    let planned = patch.level.is_none() && matches!(patch.target_level, Field::Set(_));
    let is = |names: &[&str]| spellings(heading).any(|folded| names.contains(&folded.as_str()));
    let of_the_row = is(&[EFFECTIVE_ON]) || is(&OF_THE_ROW);
    if day.on <= today {
        // On the day on which something was to begin it is planned still: the plan is late.
        if planned && !of_the_row { Ahead::Plan } else { Ahead::Stated }
    } else if !(none || planned) {
        Ahead::Stated
    } else if planned || !of_the_row {
        Ahead::Plan
    } else if is(&[EFFECTIVE_ON]) {
        Ahead::Stated
    } else {
        Ahead::Unclear
    }
}

/// The day of the plans of a patch, which may name one already, with a day that is said of them: the more exact of
/// the two. None where they are different times.
fn day_of_plan(patch: &ReadinessPatch, day: Dated) -> Option<Dated> {
    match &patch.target_on {
        Field::Set(other) => other.narrowed(day),
        Field::Keep | Field::Clear => Some(day),
    }
}

/// Whether a day may be one of a year that was written alone: of the calendar or the fiscal one.
fn is_of_year(day: Dated, year: i32) -> bool {
    let of_calendar = day.precision != Precision::FiscalYear && day.on.year() == year;
    of_calendar || FiscalYear::of(day.on).number() == year
}

/// Turns what a patch says is offered into what is planned for a day; says whether it did.
pub(super) fn become_plan(patch: &mut ReadinessPatch, day: Dated) -> bool {
    let Some((level, _)) = patch.level.filter(|(level, _)| *level > Level::ZERO) else { return false };
    let Some(on) = day_of_plan(patch, day) else { return false };
    if matches!(&patch.target_level, Field::Set(other) if *other != level) {
        return false;
    }
    patch.level = None;
    patch.target_level = Field::Set(level);
    patch.target_on = Field::Set(on);
    patch.unless_known = Some(Fallback::LevelOfToday);
    true
}

/// The words of a question of what a day is.
struct AskedOfDay {
    /// What is asked of the days of a column.
    text: &'static str,
    /// What it is as the day of a plan.
    planned: &'static str,
    /// What it is as the day from which the row is so.
    effective: &'static str,
}

impl Sheet<'_> {
    /// Takes the day of a row for that of the plans among what it states, where it is one. A level that is
    /// written as a number is exact: from that day on it is so.
    pub(super) fn plan_ahead(
        &mut self,
        row: &Row,
        (column, exact): (Option<usize>, bool),
        day: Option<Dated>,
        statements: &mut [Statement],
    ) {
        let (Some(column), Some(day)) = (column, day) else { return };
        // What a form of ours says of a row is what is known of it.
        let exact = exact || self.is_template();
        let of_cell = self.called(row, column);
        let called = of_cell == Called::Planned;
        let begins = |one: &Statement| match &one.said {
            Said::Readiness(_, patch) => {
                one.effective == Some(day) && patch.level.is_some_and(|(level, _)| level > Level::ZERO)
            }
            _ => false,
        };
        let begun: Vec<ProcedureIx> =
            statements.iter().filter(|one| begins(one)).map(|one| one.procedure).collect();
        // A day that is over is that of what began then.
        let is_of_day = |one: &Statement| one.effective == Some(day) && one.said.channel().is_some();
        if of_cell == Called::Over && statements.iter().any(is_of_day) {
            self.ask_begun(row, column);
            return;
        }
        if day.on <= self.options.today && !begun.is_empty() && !called {
            return;
        }
        let (mut taken, mut turned, mut unclear) = (false, false, false);
        for statement in statements.iter_mut().filter(|one| one.effective == Some(day)) {
            let of_another = begun.contains(&statement.procedure);
            let said = match &mut statement.said {
                Said::Group(_, said) => said,
                said => said,
            };
            let Said::Readiness(_, patch) = said else { continue };
            let of = ahead(self.headings.meaning(column), day, patch, self.options.today);
            // × among plans says that nothing is planned, and not that something begins then.
            let among_plans = called && !begun.is_empty() && !of_another && patch.level.is_some();
            let unplanned = of == Ahead::Plan && among_plans && !self.headings.is_answered(column);
            // What was planned for a day that is over, and is not offered, is late.
            let late = called && day.on <= self.options.today && of == Ahead::Stated;
            let of = match (unplanned, late) {
                (true, _) => Ahead::Unclear,
                (_, true) => Ahead::Plan,
                _ => of,
            };
            if called && become_plan(patch, day) {
                turned = true;
            } else if of == Ahead::Plan || (called && of == Ahead::Unclear && of_another) {
                // Where another channel of the row begins on that day, it is the day of that one.
                if !of_another && let Err(fault) = self.plan_for((row, statement.column), column, day, patch)
                {
                    self.fault(fault, row, column);
                }
                taken = true;
            } else {
                // Where another channel begins then, this one is not offered then either.
                unclear |= of == Ahead::Unclear && !of_another && (called || !exact);
                continue;
            }
            statement.effective = self.options.effective;
        }
        if turned {
            self.tell_plan(row, column);
        }
        if unclear {
            self.ask_ahead(row, column);
        } else if called && !(turned || taken) {
            self.tell_loosened(row, column);
        }
    }

    /// Puts the day in a column to the plans of a patch, of which the mark may say a day as well. A year alone that
    /// was read there as its December is what the column says of it.
    ///
    /// # Errors
    ///
    /// They are different times.
    pub(super) fn plan_for(
        &mut self,
        (row, mark): (&Row, Option<u16>),
        column: usize,
        day: Dated,
        patch: &mut ReadinessPatch,
    ) -> Result<(), Fault> {
        let vague = |fault: &Fault| {
            let at = fault.column.and_then(|at| at.checked_sub(1)).and_then(|at| usize::try_from(at).ok());
            let of_mark = mark.is_none_or(|mark| at == Some(usize::from(mark)));
            fault.code == YEAR_ALONE && fault.line == Some(row.line) && at != Some(column) && of_mark
        };
        let on = match patch.target_on {
            Field::Set(marked) if is_of_year(day, marked.on.year()) => {
                // What was told of it holds no more.
                let told = self.warnings.iter().rposition(vague).map(|told| self.warnings.remove(told));
                if told.is_some() { Some(day) } else { marked.narrowed(day) }
            }
            _ => day_of_plan(patch, day),
        };
        let Some(on) = on else {
            let message = "印などに書かれた予定の時期と、この列の時期が違います。どちらかに揃えてください";
            return Err(Fault::whole("contradiction", message).found(row.cell(column)));
        };
        patch.target_on = Field::Set(on);
        Ok(())
    }

    /// What the cell of a day says of it itself; where its day is over, what the sender says of the column.
    pub(super) fn called(&self, row: &Row, column: usize) -> Called {
        let headings = self.headings;
        let read = day_below(headings.text(column), row.cell(column).trim(), Purpose::From);
        let said = headings.is_answered(column).then(|| headings.meaning(column));
        // A heading of plans that nobody explains is one of plans by itself.
        let by_heading = said.is_some() && tells_plans(headings.text(column));
        let read = read.ok().filter(|read| read.planned || by_heading);
        let Some(day) = read.and_then(|read| read.dated) else {
            return Called::Begun;
        };
        match said {
            _ if day.on > self.options.today => Called::Planned,
            None => Called::Over,
            Some(meaning) if spellings(meaning).any(|folded| folded == EFFECTIVE_ON) => Called::Begun,
            Some(_) => Called::Planned,
        }
    }

    /// Whether the day of a plan is over and what it was of is offered: then nothing is planned any more, which is
    /// told.
    pub(super) fn is_plan_done(
        &mut self,
        row: &Row,
        column: usize,
        day: Dated,
        patch: &ReadinessPatch,
    ) -> bool {
        let done = patch.level.is_some_and(|(level, _)| level >= Level::THREE);
        if !done || day.on > self.options.today || patch.target_level != Field::Keep {
            return false;
        }
        let cell = row.cell(column).trim();
        let message = "過ぎた予定で、もう実施しているため、目標日としては記録しません（始まった日なら、見出しを「開始日」にしてください）";
        self.warn(Refusal::new("plan_done", cell, message, "a plan that is over and done"), row, column);
        true
    }

    /// Tells that what a mark says is planned, because the day beside it is.
    pub(super) fn tell_plan(&mut self, row: &Row, column: usize) {
        let cell = row.cell(column).trim();
        let message =
            "予定の日なので、印の段階は今の段階ではなく目標として記録します（今の段階は変えません）";
        let refusal = Refusal::new("planned_day", cell, message, "the day is that of a plan");
        let warning = self.at(Fault::of(refusal.clone()), row, column);
        // A row about several procedures has one day.
        if self.warnings.last() != Some(&warning) {
            self.warn(refusal, row, column);
        }
    }

    /// Tells of words around a day that are not recorded.
    fn tell_loosened(&mut self, row: &Row, column: usize) {
        let read = day_below(self.headings.text(column), row.cell(column).trim(), Purpose::From);
        if let Some(warning) = read.ok().and_then(|read| read.warning) {
            self.warn(warning, row, column);
        }
    }

    /// Asks what a day to come is of beside a level of nothing.
    pub(super) fn ask_ahead(&mut self, row: &Row, column: usize) {
        let message = "まだ来ていない日なので、その日に始める予定なのか、その日から未対応になるのか分かりません。何の日か（columns）を指定してください";
        self.ask_of_day(
            (row, column),
            ("zero_ahead", message),
            &AskedOfDay {
                text: "未対応（段階0）の行にあるこれからの日は、何の日ですか",
                planned: "始める予定の日（目標日として記録する）",
                effective: "その日から未対応になる",
            },
        );
    }

    /// Asks whether what was planned for a day that is over has begun.
    pub(super) fn ask_begun(&mut self, row: &Row, column: usize) {
        let message = "予定とありますが、もう過ぎた日なので、始まったのかどうか分かりません。始まったならその日を書き、まだなら新しい予定を書くか、どちらかを指定してください";
        self.ask_of_day(
            (row, column),
            ("planned_day_over", message),
            &AskedOfDay {
                text: "「予定」とある過ぎた日には、予定どおり始まりましたか",
                planned: "まだ始まっていない（遅れている予定として記録する）",
                effective: "その日に始まった",
            },
        );
    }

    fn ask_of_day(
        &mut self,
        (row, column): (&Row, usize),
        (code, message): (&str, &str),
        asked: &AskedOfDay,
    ) {
        let name = self.headings.name(column);
        let fault = Fault::whole(code, message).found(row.cell(column)).asked_elsewhere();
        self.fault(fault.allowing("開始時期、または適用日（effective_on）"), row, column);
        let mark = cut(&name, 100);
        if let Some(question) = self.questions.iter_mut().find(|one| one.mark == mark) {
            question.count += 1;
            return;
        }
        let key = fold_for_match(pieces_of(&name).last().unwrap_or_default());
        let choice = |meaning: &str, label: &str| Choice {
            parameter: "columns".to_owned(),
            value: format!("{key}={meaning}"),
            label: label.to_owned(),
        };
        let choices =
            vec![choice("開始時期", asked.planned), choice(EFFECTIVE_ON, asked.effective), left_out(&name)];
        let text = format!("「{mark}」列の、{}", asked.text);
        self.questions.push(Question {
            headings: vec![cut(&name, 60)],
            count: 1,
            choices,
            mark,
            ..Question::about_the_file("columns", text, [])
        });
    }
}
