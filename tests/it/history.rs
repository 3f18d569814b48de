//! What holds is a function of the log and of a moment: the country in memory says of any moment what
//! going through the log from nothing says, however the log came to be.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRng, TestRunner};
use todoke::domain::log::Spot;
use todoke::domain::readiness::Source;
use todoke::grid::Grid;
use todoke::grid::later::LaterCell;
use todoke::import::report::Status;
use todoke::service::Service;
use todoke::service::imports::ApplyOptions;
use todoke::store::error::Error;

use crate::app::{Backend, TestService, check, day, on_both, operator};

on_both! {
    any_moment_is_what_the_log_says_of_it;
    past_countries_follow_what_is_learnt_late;
    a_clock_that_was_ahead_changes_nothing_afterwards;
    a_large_file_is_planned_alike_without_the_whole_log;
    a_row_is_found_whatever_was_read_of_the_log;
}

/// What a row of the log says.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    Level { level: i16, note: bool },
    Whole { applies: bool },
    Withdrawn,
}

/// A row of the log: days and hours from a beginning.
#[derive(Clone, Copy, Debug)]
struct Row {
    seq: i64,
    second_body: bool,
    /// Position among the channels; none for the procedure as a whole.
    channel: Option<usize>,
    own: bool,
    says: Says,
    on: u64,
    at: i64,
    import: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    State(Row),
    /// A file of one to three rows.
    File([Row; 3], usize),
    /// Takes one of the files of this log back.
    TakeBack(usize, i64),
    /// The country is brought up to the log.
    Refresh,
}

const CHANNELS: [&str; 2] = ["online", "counter"];
const PROCEDURE: &str = "kosodate-01";

fn row() -> impl Strategy<Value = Row> {
    let says = prop_oneof![
        4 => (0i16..3, any::<bool>()).prop_map(|(level, note)| Says::Level { level, note }),
        2 => any::<bool>().prop_map(|applies| Says::Whole { applies }),
        1 => Just(Says::Withdrawn),
    ];
    (any::<bool>(), prop::option::weighted(0.7, 0..CHANNELS.len()), any::<bool>(), says, 0u64..8, 0i64..72)
        .prop_map(|(second_body, channel, own, says, on, at)| {
            let (channel, says) = match says {
                Says::Level { .. } => (Some(channel.unwrap_or(0)), says),
                Says::Whole { .. } => (None, says),
                Says::Withdrawn => (channel, says),
            };
            Row { seq: 0, second_body, channel, own, says, on, at, import: None }
        })
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        5 => row().prop_map(Step::State),
        2 => ([row(), row(), row()], 1usize..4).prop_map(|(rows, count)| Step::File(rows, count)),
        2 => (0usize..4, 0i64..72).prop_map(|(file, at)| Step::TakeBack(file, at)),
        1 => Just(Step::Refresh),
    ];
    prop::collection::vec(step, 1..24)
}

fn first_day() -> NaiveDate {
    day("2026-11-18")
}

fn moment(hours: i64) -> DateTime<Utc> {
    "2026-11-18T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hours)
}

fn on(days: u64) -> NaiveDate {
    first_day() + Days::new(days)
}

/// The log of one case, written as the program writes it and kept beside the database.
struct Log<'a> {
    service: &'a TestService,
    bodies: [String; 2],
    rows: Vec<Row>,
    files: Vec<i64>,
    taken_back: Vec<(i64, i64, i64)>,
    next: &'a mut i64,
    next_import: &'a mut i64,
}

impl Log<'_> {
    fn sql(&self, statement: &str) {
        let written =
            self.service.service.db().write(|conn| conn.batch_execute(statement).map_err(Error::from));
        written.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }

    /// Any SHA-256.
    fn hash(&self) -> String {
        let zeros = "00".repeat(32);
        if self.service.service.db().url().to_string().starts_with("postgres") {
            format!("decode('{zeros}', 'hex')")
        } else {
            format!("x'{zeros}'")
        }
    }

    fn write(&mut self, mut row: Row, import: Option<i64>) {
        *self.next += 1;
        row.seq = *self.next;
        row.import = import;
        let quoted = |text: Option<&str>| text.map_or("NULL".to_owned(), |text| format!("'{text}'"));
        let (kind, level, state, note, applicability) = match row.says {
            Says::Level { level, note } => {
                ("readiness", level.to_string(), Some("live"), note.then_some("注"), None)
            }
            Says::Whole { applies } => {
                let value = if applies { "applicable" } else { "not_applicable" };
                ("applicability", "NULL".to_owned(), None, None, Some(value))
            }
            Says::Withdrawn => ("withdrawal", "NULL".to_owned(), None, None, None),
        };
        let evidence = state.map(|_| if row.own { "declared" } else { "published" });
        self.sql(&format!(
            "INSERT INTO assertion (seq, kind, municipality_code, procedure_id, channel_id, source, level, \
             at_least, state, evidence, note, applicability, effective_on, effective_precision, recorded_at, \
             actor, import_id, line) VALUES ({}, '{kind}', '{}', '{PROCEDURE}', {}, '{}', {level}, false, {}, \
             {}, {}, {}, '{}', 'day', '{}', 'test', {}, {})",
            row.seq,
            self.bodies[usize::from(row.second_body)],
            quoted(row.channel.map(|channel| CHANNELS[channel])),
            if row.own { "own" } else { "published" },
            quoted(state),
            quoted(evidence),
            quoted(note),
            quoted(applicability),
            on(row.on),
            moment(row.at).format("%Y-%m-%d %H:%M:%S"),
            import.map_or("NULL".to_owned(), |id| id.to_string()),
            import.map_or("NULL", |_| "2"),
        ));
        self.rows.push(row);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::State(row) => self.write(row, None),
            Step::File(rows, count) => {
                *self.next_import += 1;
                let id = *self.next_import;
                let (first, last) = (*self.next + 1, *self.next + count as i64);
                self.sql(&format!(
                    "INSERT INTO import (id, status, file_name, sha256, size, asked, reach, actor, created_at, \
                     plan_hash, applied_at, applied_by, first_seq, last_seq) VALUES ({id}, 'applied', 'a.csv', {}, 1, '{{}}', '00', 'test', \
                     '2026-11-18 00:00:00', {}, '2026-11-18 00:00:00', 'test', {first}, {last})",
                    self.hash(),
                    self.hash(),
                ));
                // What came in one file was learnt at one moment.
                let at = rows[0].at;
                rows.into_iter().take(count).for_each(|row| self.write(Row { at, ..row }, Some(id)));
                self.files.push(id);
            }
            Step::TakeBack(file, at) => {
                let open = self.files.get(file).copied();
                let Some(import) = open.filter(|id| self.taken_back.iter().all(|row| row.1 != *id)) else {
                    return;
                };
                *self.next += 1;
                self.sql(&format!(
                    "INSERT INTO retraction (seq, import_id, retracted_at, actor) VALUES ({}, {import}, '{}', \
                     'test')",
                    *self.next,
                    moment(at).format("%Y-%m-%d %H:%M:%S"),
                ));
                self.taken_back.push((*self.next, import, at));
            }
            Step::Refresh => {
                self.service.service.refresh().unwrap();
            }
        }
    }

    /// What holds of a body, and what is stated for later days, by going through the log from nothing.
    fn replay(&self, second_body: bool, as_of: u64, known_at: Option<i64>) -> Vec<Shown> {
        let is_known = |at: i64| known_at.is_none_or(|known_at| at <= known_at);
        let stands = |row: &&Row| {
            let gone = |(_, import, at): &(i64, i64, i64)| Some(*import) == row.import && is_known(*at);
            row.second_body == second_body && is_known(row.at) && !self.taken_back.iter().any(gone)
        };
        let mut of_key: BTreeMap<(Option<usize>, bool), Vec<&Row>> = BTreeMap::new();
        for row in self.rows.iter().filter(stands) {
            of_key.entry((row.channel, row.own)).or_default().push(row);
        }
        let mut shown = Vec::new();
        for ((channel, own), mut rows) in of_key {
            rows.sort_by_key(|row| (row.on, row.seq));
            let mut held: Option<(&Row, &Row)> = None;
            for row in rows.iter().filter(|row| row.on <= as_of) {
                held = match held {
                    _ if row.says == Says::Withdrawn => None,
                    Some((first, _)) if first.says == row.says => Some((first, row)),
                    _ => Some((row, row)),
                };
            }
            if let Some((first, last)) = held {
                shown.push(Shown {
                    channel,
                    own,
                    says: first.says,
                    on: on(first.on),
                    seq: first.seq,
                    confirmed: (first.seq != last.seq).then(|| on(last.on)),
                    at: moment(last.at),
                    later: false,
                });
            }
            let mut stated = held.is_some();
            for days in as_of + 1..10 {
                let Some(row) = rows.iter().rfind(|row| row.on == days) else { continue };
                if stated || row.says != Says::Withdrawn {
                    shown.push(Shown {
                        channel,
                        own,
                        says: row.says,
                        on: on(row.on),
                        seq: row.seq,
                        confirmed: None,
                        at: moment(row.at),
                        later: true,
                    });
                }
                stated = row.says != Says::Withdrawn;
            }
        }
        shown.sort_by_key(|row| (row.later, row.seq));
        shown
    }

    /// Compares countries of many moments with the log.
    fn compare(&self, service: &Service) {
        let known = [None, Some(0), Some(20), Some(40), Some(71)];
        for as_of in 0..9 {
            for known_at in known {
                let grid = service.country_at(Some(on(as_of)), known_at.map(moment)).unwrap();
                for (second_body, code) in [(false, &self.bodies[0]), (true, &self.bodies[1])] {
                    let found = shown(&grid, code);
                    let expected = self.replay(second_body, as_of, known_at);
                    assert_eq!(found, expected, "as of {} known at {known_at:?}", on(as_of));
                }
            }
        }
        let today = service.grid();
        for (second_body, code) in [(false, &self.bodies[0]), (true, &self.bodies[1])] {
            let expected = self.replay(second_body, (today.as_of() - first_day()).num_days() as u64, None);
            assert_eq!(shown(&today, code), expected, "today");
        }
    }
}

/// A row as a country shows it.
#[derive(Debug, PartialEq)]
struct Shown {
    channel: Option<usize>,
    own: bool,
    says: Says,
    on: NaiveDate,
    seq: i64,
    confirmed: Option<NaiveDate>,
    at: DateTime<Utc>,
    later: bool,
}

fn shown(grid: &Grid, code: &str) -> Vec<Shown> {
    let catalogue = grid.catalogue();
    let block = grid.block(catalogue.find_body(code).unwrap());
    let position = |ix| CHANNELS.iter().position(|id| *id == catalogue.channel(ix).id.as_str());
    let level = |cell: &todoke::grid::Cell, later| Shown {
        channel: position(cell.channel),
        own: cell.source == Source::Own,
        says: Says::Level { level: i16::from(cell.level.number()), note: cell.has_texts },
        on: cell.effective.on,
        seq: cell.seq,
        confirmed: cell.confirmed_on,
        at: cell.updated_at,
        later,
    };
    let whole = |cell: &todoke::grid::ApplicabilityCell, later| Shown {
        channel: None,
        own: cell.source == Source::Own,
        says: Says::Whole { applies: cell.value.applies() },
        on: cell.effective.on,
        seq: cell.seq,
        confirmed: cell.confirmed_on,
        at: cell.updated_at,
        later,
    };
    let mut rows: Vec<Shown> = block.cells().iter().map(|cell| level(cell, false)).collect();
    rows.extend(block.applicability().iter().map(|cell| whole(cell, false)));
    rows.extend(block.later().iter().map(|cell| match cell {
        LaterCell::Readiness(cell) => level(cell, true),
        LaterCell::Applicability(cell) => whole(cell, true),
        LaterCell::Withdrawn { channel, source, effective, updated_at, seq, .. } => Shown {
            channel: channel.and_then(position),
            own: *source == Source::Own,
            says: Says::Withdrawn,
            on: effective.on,
            seq: *seq,
            confirmed: None,
            at: *updated_at,
            later: true,
        },
    }));
    rows.sort_by_key(|row| (row.later, row.seq));
    rows
}

fn any_moment_is_what_the_log_says_of_it(backend: &Backend) {
    let service = TestService::new(backend);
    let catalogue = Arc::clone(service.service.catalogue());
    let (mut next, mut next_import, mut case) = (0, 0, 0);
    let config = Config { cases: 24, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(Default::default()));
    let counters = std::cell::RefCell::new((&mut next, &mut next_import, &mut case));
    let outcome = runner.run(&steps(), |steps| {
        let mut counters = counters.borrow_mut();
        let (next, next_import, case) = &mut *counters;
        // Each case speaks of bodies of its own.
        let body = |at: usize| catalogue.municipalities()[at].code.to_string();
        let bodies = [body(**case * 2), body(**case * 2 + 1)];
        **case += 1;
        let (rows, files, taken_back) = (Vec::new(), Vec::new(), Vec::new());
        let mut log = Log { service: &service, bodies, rows, files, taken_back, next, next_import };
        steps.into_iter().for_each(|step| log.take(step));
        // As it grew with the log, and as it is read from nothing.
        service.service.refresh().unwrap();
        log.compare(&service.service);
        log.compare(&TestService::new(backend).service);
        Ok(())
    });
    outcome.unwrap();
}

fn past_countries_follow_what_is_learnt_late(backend: &Backend) {
    let service = TestService::new(backend);
    let level = |on: &str, known_at: Option<&str>| {
        let known_at = known_at.map(|time| time.parse().unwrap());
        let grid = service.service.country_at(Some(day(on)), known_at).unwrap();
        let body = grid.catalogue().find_body("082333").unwrap();
        grid.block(body).cells().first().map(|cell| cell.level.number())
    };
    service.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,eapp,3,2026-04-01\n");
    assert_eq!(level("2026-05-01", None), Some(3));
    assert_eq!(level("2026-03-31", None), None);
    // Learnt a day later of a day before: what was known until then stays as it was.
    service.clock.set("2026-11-22T03:00:00Z");
    service.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,eapp,2,2026-03-01\n");
    assert_eq!(level("2026-03-31", None), Some(2));
    assert_eq!(level("2026-03-31", Some("2026-11-21T03:00:00Z")), None);
    assert_eq!(level("2026-05-01", Some("2026-11-21T03:00:00Z")), Some(3));
    service.service.revert(1, &crate::app::operator()).unwrap();
    service.service.refresh().unwrap();
    assert_eq!(level("2026-05-01", None), Some(2));
    assert_eq!(level("2026-05-01", Some("2026-11-21T03:00:00Z")), Some(3));
    // A day to come shows what is planned.
    service.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,eapp,4,2027-04-01\n");
    assert_eq!(level("2026-11-22", None), Some(2));
    assert_eq!(level("2027-04-01", None), Some(4));
}

fn a_clock_that_was_ahead_changes_nothing_afterwards(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,eapp,1,2026-11-01\n");
    service.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,eapp,4,2027-06-14\n");
    let level = |service: &TestService| {
        let grid = service.service.grid();
        let body = grid.catalogue().find_body("082333").unwrap();
        (grid.as_of(), grid.block(body).cells()[0].level.number())
    };
    assert_eq!(level(&service), (day("2026-11-21"), 1));
    service.clock.set("2027-09-17T03:00:00Z");
    service.service.refresh().unwrap();
    assert_eq!(level(&service), (day("2027-09-17"), 4));
    service.clock.set("2026-11-21T03:05:00Z");
    service.service.refresh().unwrap();
    assert_eq!(level(&service), (day("2026-11-21"), 1));
    // Nor for a server that starts anew.
    assert_eq!(level(&TestService::new(backend)), (day("2026-11-21"), 1));
}

/// The command line reads of a long log only what bears on the days of the file.
fn a_large_file_is_planned_alike_without_the_whole_log(backend: &Backend) {
    let loaded = TestService::new(backend);
    let catalogue = loaded.service.catalogue();
    let towns =
        catalogue.municipalities().iter().filter(|body| !body.is_prefecture() && body.ended_on.is_none());
    let towns: Vec<String> = towns.take(450).map(|body| body.code.to_string()).collect();
    let file = |day: &str, level: &dyn Fn(usize) -> usize| {
        let mut text = "municipality_code,procedure_id,channel,level,url,effective_on\n".to_owned();
        for (number, code) in towns.iter().enumerate() {
            let (level, page) = (level(number), number % 3);
            text += &format!("{code},{PROCEDURE},counter,{level},https://example.jp/{page},{day}\n");
        }
        text
    };
    let apply = |text: &str| {
        let how = ApplyOptions { confirmed: true, ..ApplyOptions::default() };
        let report = loaded.import_with("f.csv", text.as_bytes(), loaded.options(), &how);
        assert_eq!(report.status, Status::Applied, "{:#?}", report.faults);
    };
    apply(&file("2023-04-01", &|number| number % 4));
    apply(&file("2024-04-01", &|number| (number + number / 5) % 4));
    apply(&file("2027-04-01", &|number| 3 + number % 2));
    apply(&file("2025-04-01", &|number| (number + number / 3) % 4));
    // Learnt last, for a day long past.
    apply(&file("2022-04-01", &|number| (number / 2) % 4));
    // What was taken back holds on no day.
    let (_, imports) = loaded.service.imports(&operator(), None, 0, 10).unwrap();
    apply(&file("2026-01-01", &|_| 1));
    let (_, all) = loaded.service.imports(&operator(), None, 0, 10).unwrap();
    let newest = all.iter().find(|import| imports.iter().all(|known| known.id != import.id)).unwrap();
    loaded.service.revert(newest.id, &operator()).unwrap();
    loaded.service.refresh().unwrap();
    let unread = TestService::unread(backend);
    for day in ["2026-04-01", "2024-10-01", "2027-10-01", "2021-04-01"] {
        let text = file(day, &|number| (number * 2 + number / 7) % 5);
        let plan = |service: &TestService| {
            let prepared = service.service.read_file("f.csv", text.as_bytes(), service.options());
            let (report, hash) = check(&service.service, &prepared, &operator()).unwrap();
            (serde_json::to_value(&report).unwrap(), hash)
        };
        let (whole, part) = (plan(&loaded), plan(&unread));
        assert!(whole.0["counts"]["changed"].as_u64() > Some(100) || day < "2022", "{}", whole.0["counts"]);
        assert_eq!(part, whole, "{day}");
    }
}

/// Its rows are found by the numbers in memory, and what came later by looking through it.
fn a_row_is_found_whatever_was_read_of_the_log(backend: &Backend) {
    let writer = TestService::new(backend);
    let heads = "団体コード,手続ID,接点,段階,適用日\n";
    writer.must_import(&format!(
        "{heads}082333,kosodate-01,eapp,3,2025-04-01\n082333,kosodate-01,counter,2,\n"
    ));
    writer.must_import(&format!("{heads}082333,kosodate-01,eapp,1,2026-01-01\n082023,kosodate-01,eapp,5,\n"));
    let stale = TestService::new(backend);
    writer.must_import(&format!("{heads}082333,kosodate-01,eapp,4,2026-04-01\n082333,kosodate-02,eapp,2,\n"));
    let (_, imports) = writer.service.imports(&operator(), None, 0, 10).unwrap();
    let second = imports.iter().map(|import| import.id).nth(1).unwrap();
    writer.service.revert(second, &operator()).unwrap();
    let unread = TestService::unread(backend);
    let catalogue = writer.service.catalogue();
    let body = catalogue.body_ix("082333".parse().unwrap()).unwrap();
    let procedure = catalogue.procedure_ix(PROCEDURE).unwrap();
    let said = |service: &TestService, channel: Option<&str>| {
        let channel = channel.and_then(|id| catalogue.channel_ix(id));
        let spot = Spot { body, procedure, channel, source: Source::Own };
        let rows = service.service.row_history(spot).unwrap().into_iter();
        let rows = rows.map(|row| (row.assertion.stated.seq, row.taken_back_at.is_some()));
        let place = service.service.place(body, procedure, channel);
        (rows.collect::<Vec<_>>(), service.service.row(&place, None, None).unwrap())
    };
    for channel in [Some("eapp"), Some("counter"), Some("mail"), None] {
        let whole = said(&writer, channel);
        assert_eq!(said(&stale, channel), whole, "{channel:?}");
        assert_eq!(said(&unread, channel), whole, "{channel:?}");
    }
    let (rows, row) = said(&writer, Some("eapp"));
    let taken_back: Vec<bool> = rows.iter().map(|(_, taken_back)| *taken_back).collect();
    assert_eq!(taken_back, [false, true, false]);
    assert!(row.shown.is_some());
}
