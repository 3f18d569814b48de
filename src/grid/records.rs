//! Published figures and own material in the history: which stand in the log, and which of them hold. What they say
//! is read from the database by number.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::body_log::{RecordRow, at};
use super::history::History;
use super::moment::Known;
use crate::domain::log::RecordKind;
use crate::domain::position::{BodyIx, ProcedureIx};

/// A record that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordLine {
    /// Its number.
    pub seq: i64,
    /// The procedure, where it is about one.
    pub procedure: Option<ProcedureIx>,
    /// What else tells it from others, as the log has it.
    pub subject: Arc<str>,
    /// Whether nothing took its place and its import was not taken back, and it says anything.
    pub holds: bool,
    /// When its import was taken back, as far as is known.
    pub taken_back_at: Option<DateTime<Utc>>,
}

impl History {
    /// The records of one kind that are known of a body, in order of procedure, subject and number.
    pub fn records_of(&self, body: BodyIx, kind: RecordKind, known: Known) -> Vec<RecordLine> {
        let log = self.body(body);
        let is_known = |row: &&RecordRow| known.has(row.seq, at(&log.batches, row.batch).recorded_at);
        let rows: Vec<&RecordRow> = log.records_of(kind).iter().filter(is_known).collect();
        let same = |one: &&RecordRow, other: &&RecordRow| {
            (one.procedure, one.subject) == (other.procedure, other.subject)
        };
        let lines_about_one = |rows: &[&RecordRow]| {
            let taken_back: Vec<_> =
                rows.iter().map(|row| self.taken_back_at(at(&log.batches, row.batch), known)).collect();
            let last = taken_back.iter().rposition(Option::is_none);
            let lines = rows.iter().zip(taken_back).enumerate();
            let line = |(place, (row, taken_back_at)): (usize, (&&RecordRow, _))| RecordLine {
                seq: row.seq,
                procedure: row.procedure,
                subject: Arc::clone(at(&log.subjects, row.subject)),
                holds: last == Some(place) && !row.withdraws,
                taken_back_at,
            };
            lines.map(line).collect::<Vec<RecordLine>>()
        };
        rows.chunk_by(same).flat_map(lines_about_one).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::catalogue::Catalogue;
    use crate::domain::log::{RecordOutline, TakenBack};
    use crate::domain::material::MaterialKind;
    use crate::domain::municipality::{Municipality, MunicipalityKind};
    use crate::grid::recorder::Recorder;

    const KIND: RecordKind = RecordKind::Material(MaterialKind::Action);

    fn moment(hour: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hour)
    }

    /// One body: nothing else is looked at.
    fn catalogue() -> Arc<Catalogue> {
        let town = Municipality {
            code: "082333".parse().unwrap(),
            prefecture_name: "茨城県".to_owned(),
            name: "行方市".to_owned(),
            name_kana: "ナメガタシ".to_owned(),
            kind: MunicipalityKind::City,
            population: None,
            households: None,
            ended_on: None,
            successor: None,
        };
        Arc::new(Catalogue::new(vec![], vec![], vec![], vec![town], vec![]).unwrap())
    }

    proptest! {
        // Rows in groups of two, taken up in two steps; some imports are taken back between them or later.
        #[test]
        fn the_last_that_was_not_taken_back_holds(
            rows in prop::collection::vec((0_usize..4, any::<bool>()), 1..30),
            back in prop::collection::vec(any::<bool>(), 15),
            split in 0_usize..30,
            asked in 0_i64..40,
        ) {
            let outline = |(place, (subject, withdraws)): (usize, &(usize, bool))| RecordOutline {
                seq: i64::try_from(place).unwrap() + 1,
                body: 0,
                kind: KIND,
                procedure: None,
                subject: Arc::from(["a", "b", "c", "d"][*subject]),
                withdraws: *withdraws,
                recorded_at: moment(i64::try_from(place / 2).unwrap()),
                import_id: i64::try_from(place / 2).unwrap(),
            };
            let all: Vec<RecordOutline> = rows.iter().enumerate().map(outline).collect();
            let taken: Vec<TakenBack> = (0_i64..)
                .zip(&back)
                .filter(|(_, back)| **back)
                .map(|(import_id, _)| TakenBack { seq: 100 + import_id, import_id, at: moment(20 + import_id) })
                .collect();
            let (first, later) = all.split_at(split.min(all.len()));
            let mut recorder = Recorder::over(&History::new(catalogue(), 0));
            first.iter().for_each(|row| recorder.record(row));
            let mut recorder = Recorder::over(&recorder.finish(1).0);
            later.iter().rev().for_each(|row| recorder.record(row));
            taken.iter().for_each(|row| recorder.take_back(*row));
            let history = recorder.finish(200).0;

            let known = Known::At(moment(asked));
            let is_back = |import: i64| taken.iter().any(|row| row.import_id == import && row.at <= moment(asked));
            for subject in ["a", "b", "c", "d"] {
                let seen = all.iter().filter(|row| &*row.subject == subject && row.recorded_at <= moment(asked));
                let held = seen.clone().rfind(|row| !is_back(row.import_id)).filter(|row| !row.withdraws);
                let lines = history.records_of(0, KIND, known);
                let of_subject: Vec<&RecordLine> = lines.iter().filter(|line| &*line.subject == subject).collect();
                prop_assert_eq!(of_subject.len(), seen.count());
                let holding: Vec<i64> = of_subject.iter().filter(|line| line.holds).map(|line| line.seq).collect();
                prop_assert_eq!(holding, held.map(|row| row.seq).into_iter().collect::<Vec<i64>>());
            }
            prop_assert!(history.records_of(0, RecordKind::Published, known).is_empty());
        }
    }
}
