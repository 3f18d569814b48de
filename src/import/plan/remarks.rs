//! Warnings of what a person may not have meant.

use chrono::NaiveDate;

use super::Entry;
use super::planner::Planner;
use super::spot::{LineColumn, place};
use crate::domain::assertion::{Fact, Key};
use crate::domain::dates::{Dated, Precision};
use crate::domain::imports::RowOutcome;
use crate::domain::procedure::Target as ProcedureTarget;
use crate::domain::readiness::{Level, Source, State};
use crate::import::layout::Layout;
use crate::import::{Fault, Said, Statement};

impl Planner<'_> {
    /// Warns of what a person may not have meant.
    pub(super) fn remark(
        &mut self,
        place: LineColumn,
        key: &Key,
        outcome: RowOutcome,
        effective: Dated,
        newest: Option<NaiveDate>,
    ) {
        let on = effective.on;
        let mut warnings = Vec::new();
        let mut warn = |code: &str, message: String| {
            warnings.push(self.at(Fault::whole(code, message), place));
        };
        if on > self.today {
            warn("future_date", not_yet(effective, self.today));
        }
        if let Some(newest) = newest.filter(|newest| *newest > on) {
            warn(
                "superseded",
                format!("{newest} からの新しい値があるため、現在の値は変わりません（履歴に残ります）"),
            );
        }
        if self.layout == Some(Layout::Long)
            && key.source == Source::Published
            && outcome == RowOutcome::Changed
        {
            warn(
                "published_changed",
                "国公表値を書き換えます。団体の申告として書くには、根拠を declared にしてください".to_owned(),
            );
        }
        warnings.into_iter().for_each(|warning| self.warn(warning));
    }

    /// Warns where a level is said of what is not in force, and nothing of that: it stays so.
    pub(super) fn remark_state(&mut self, statement: &Statement, entry: &Entry) {
        let Said::Readiness(_, patch) = &statement.said else { return };
        let offered = patch.level.is_some_and(|(level, _)| level > Level::ZERO);
        let state = match &entry.old {
            Some(Fact::Readiness(old)) if entry.old_source == Some(entry.key.source) => old.state,
            _ => return,
        };
        if !offered || patch.state.is_some() || state == State::Live {
            return;
        }
        let message = format!(
            "状態は今の「{}」のままです。使えるようになったなら、状態の列に 実施中 と書くか、セルに「{}（実施中）」と書いてください",
            state.label(),
            patch.level.map_or_else(String::new, |(level, at_least)| level.said_code(at_least)),
        );
        self.warn(self.at(Fault::whole("state_stays", message), place(statement)));
    }

    /// Warns where a body speaks of a procedure that is not among its tasks. What the state
    /// published is not ours to doubt.
    pub(super) fn remark_target(&mut self, statement: &Statement) {
        let body = self.catalogue.body(statement.body);
        let procedure = self.catalogue.procedure(statement.procedure);
        let performer = match (procedure.target, body.is_prefecture()) {
            (ProcedureTarget::Municipality, true) => "市区町村",
            (ProcedureTarget::Prefecture, false) => "都道府県",
            _ => return,
        };
        if statement.source == Source::Own {
            let message = format!(
                "「{}」は{performer}の手続です。団体が合っているか確かめてください",
                procedure.name_ja
            );
            self.warn(self.at(Fault::whole("other_performer", message), place(statement)));
        }
    }
}

/// Why a statement is not shown yet. The last day of a month or year is stored, so that one which has
/// begun is still to come.
fn not_yet(effective: Dated, today: NaiveDate) -> String {
    let Dated { on, precision } = effective;
    if Dated::day(today).at_precision(precision).on == on && precision != Precision::Day {
        return format!(
            "適用日 {} は {on} として記録するため、それまで表示されません。もう始まっているなら、日まで書いてください",
            effective.in_words()
        );
    }
    format!("適用日 {} はまだ来ていません。{on} から表示されます", effective.in_words())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_that_has_begun_is_told_from_one_that_has_not() {
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        let told = |on, precision| not_yet(Dated::day(on).at_precision(precision), day(11, 26));
        for (on, precision, words) in [
            (day(11, 1), Precision::Month, "適用日 2026年11月 は 2026-11-30 として記録するため"),
            (day(4, 1), Precision::FiscalYear, "適用日 2026年度 は 2027-03-31 として記録するため"),
            (day(12, 1), Precision::Month, "適用日 2026年12月 はまだ来ていません。2026-12-31 から"),
            (day(12, 1), Precision::Day, "適用日 2026-12-01 はまだ来ていません。2026-12-01 から"),
        ] {
            assert!(told(on, precision).starts_with(words), "{}", told(on, precision));
        }
    }
}
