//! The tables: seeded once, the same on both databases, append-only where they must be.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use todoke::domain::built_in::{self, BUILT_IN, Files};
use todoke::domain::municipality::Places;
use todoke::store::Missing;
use todoke::store::error::Error;
use todoke::store::seed;
use todoke::store::{Conn, Db, assertions, catalogue, migrations};

use crate::app::{Backend, TestService, on_both};

on_both! {
    seeding_again_changes_nothing;
    the_log_is_append_only;
    every_migration_has_a_way_back;
    a_newer_database_is_refused;
    columns_are_those_of_the_schema;
    nonsense_is_refused_by_the_tables_too;
    writers_at_once_lose_nothing;
    what_bears_on_a_day_is_found_with_and_without_kept_keys;
}

/// What is kept of the keys of large imports is a shorter way to the same: without it, where it cannot be read, and
/// where imports were taken back in between, the same rows tell what holds.
fn what_bears_on_a_day_is_found_with_and_without_kept_keys(backend: &Backend) {
    use todoke::domain::catalogue::BodyIx;
    use todoke::store::bearing::numbers_of;
    let service = TestService::unread(backend);
    let head = "municipality_code,procedure_id,channel,level,effective_on\n";
    let bodies = service.service.catalogue().municipalities().iter().filter(|body| !body.is_prefecture());
    let bodies: Vec<String> = bodies.map(|body| body.code.to_string()).collect();
    let file = |level: u8, on: &str, step: usize| {
        let rows = bodies.iter().step_by(step).map(|code| format!("{code},hisaisha-01,eapp,{level},{on}\n"));
        head.to_owned() + &rows.collect::<String>()
    };
    for (level, on, step) in
        [(1, "2024-04-01", 1), (2, "2025-04-01", 1), (3, "2027-04-01", 1), (4, "2023-04-01", 2)]
    {
        service.must_apply(&file(level, on, step));
        // A few rows between, of which nothing is kept.
        service
            .must_apply(&format!("{head}{},hisaisha-01,counter,{level},{on}\n", bodies[usize::from(level)]));
    }
    let catalogue = service.service.catalogue();
    let taken = |conn: &mut Conn, back: &[i64]| {
        let last = assertions::revision(conn)?;
        let some = |body: BodyIx| usize::from(body) % 3 != 0;
        let back = back.iter().copied().collect();
        numbers_of(conn, catalogue, some, Some(crate::app::day("2026-01-01")), last, &back)
    };
    let all =
        |back: &[i64]| service.service.db().write(|conn| taken(conn, back).map_err(Error::from)).unwrap();
    let imports: Vec<i64> = (1..=8).collect();
    let (first, without) = (all(&[]), all(&imports[2..4]));
    assert!(first.len() > 1_700 && first != without, "{}", first.len());
    for change in ["UPDATE kept_keys SET keys = ''", "DELETE FROM kept_keys"] {
        let change = change.replace("''", if backend.is_sqlite() { "x'00'" } else { "'\\x00'" });
        let changed = service.service.db().write(|conn| conn.batch_execute(&change).map_err(Error::from));
        changed.unwrap();
        assert_eq!(all(&[]), first, "{change}");
        assert_eq!(all(&imports[2..4]), without, "{change}");
    }
}

fn seeding_again_changes_nothing(backend: &Backend) {
    let db = backend.open();
    let seed = built_in::read(&BUILT_IN).unwrap();
    assert!(db.write(|conn| seed::write(conn, &seed).map_err(Error::from)).unwrap());
    assert!(!db.write(|conn| seed::write(conn, &seed).map_err(Error::from)).unwrap());
    let catalogue =
        db.read(|conn| catalogue::load(conn, Places::default(), &[]).map_err(Error::from)).unwrap();
    assert_eq!((catalogue.procedures().len(), catalogue.municipalities().len()), (59, 1_788));
    assert_eq!(catalogue.channels().len(), 11);
    assert_eq!(catalogue.prefectures().count(), 47);
    // A label that changes is brought up to date; the id stays.
    let changed = BUILT_IN.procedures.replacen("妊娠の届出", "妊娠の届け出", 1);
    let newer = built_in::read(&Files { procedures: &changed, ..BUILT_IN }).unwrap();
    assert!(db.write(|conn| seed::write(conn, &newer).map_err(Error::from)).unwrap());
    let catalogue =
        db.read(|conn| catalogue::load(conn, Places::default(), &[]).map_err(Error::from)).unwrap();
    let pregnancy = catalogue.find_procedure("kosodate-15").unwrap();
    assert_eq!(catalogue.procedure(pregnancy).name_ja, "妊娠の届け出");
    assert_eq!(catalogue.procedures().len(), 59);
}

#[test]
fn a_broken_file_names_itself_its_line_and_the_reason() {
    let broken = |files: Files<'_>| built_in::read(&files).err().unwrap().to_string();
    let with = |text: &str, from: &str, to: &str| text.replacen(from, to, 1);
    let text = with(BUILT_IN.municipalities, "011002,", "011003,");
    assert!(
        broken(Files { municipalities: &text, ..BUILT_IN })
            .starts_with("municipalities.csv, line 3: wrong check digit")
    );
    let text = with(BUILT_IN.procedures, "kosodate-02,kosodate", "kosodate-01,kosodate");
    assert_eq!(
        broken(Files { procedures: &text, ..BUILT_IN }),
        "procedures.csv, line 3: `kosodate-01` is given twice"
    );
    let text = with(BUILT_IN.procedures, ",municipality,", ",everybody,");
    assert!(
        broken(Files { procedures: &text, ..BUILT_IN })
            .contains("procedures.csv, line 2: unknown target: `everybody`")
    );
    let text = with(BUILT_IN.list_items, "priority56,1,", "priority56,x,");
    assert!(broken(Files { list_items: &text, ..BUILT_IN }).starts_with("list_items.csv, line 2:"));
    let lines: Vec<&str> = BUILT_IN.list_items.lines().filter(|line| !line.ends_with("kaigo-11")).collect();
    let text = lines.join("\n");
    assert!(
        broken(Files { list_items: &text, ..BUILT_IN }).contains("priority56: 55 rows where 56 are expected")
    );
    let text = with(BUILT_IN.channels, ",home,", ",moon,");
    assert!(broken(Files { channels: &text, ..BUILT_IN }).contains("channels.csv, line 2"));
    let text = format!("{}extra,1\n", BUILT_IN.channels);
    assert!(broken(Files { channels: &text, ..BUILT_IN }).contains("channels.csv, line 13"));
}

/// A service with one statement in its log.
fn with_a_statement(backend: &Backend) -> TestService {
    let service = TestService::new(backend);
    service.must_import("団体コード,手続ID,接点,段階\n082333,kosodate-01,eapp,4\n");
    service
}

fn the_log_is_append_only(backend: &Backend) {
    let service = with_a_statement(backend);
    let id = 1;
    service.service.revert(id, &crate::app::operator()).unwrap();
    for statement in [
        "UPDATE assertion SET level = 5",
        "DELETE FROM assertion",
        "UPDATE retraction SET actor = 'x'",
        "DELETE FROM retraction",
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
    ] {
        let refused = service.service.db().write(|conn| conn.batch_execute(statement).map_err(Error::from));
        assert!(refused.unwrap_err().to_string().contains("append-only"), "{statement}");
    }
}

fn every_migration_has_a_way_back(backend: &Backend) {
    let db = backend.open();
    db.read(|conn| -> Result<(), Error> {
        if let Conn::Sqlite(inner) = conn {
            inner.batch_execute("PRAGMA query_only = OFF").unwrap();
        }
        migrations::revert_all(conn)?;
        assert_eq!(columns(conn).len(), 0);
        migrations::run(conn)?;
        assert_eq!(columns(conn).len(), 21);
        Ok(())
    })
    .unwrap();
}

fn a_newer_database_is_refused(backend: &Backend) {
    let db = backend.open();
    db.write(|conn| {
        conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')")
            .map_err(Error::from)
    })
    .unwrap();
    drop(db);
    let refused = Db::open(&backend.url(), 2, Missing::Create).unwrap_err();
    assert!(matches!(&refused, Error::NewerDatabase { found, .. } if found == "29990101000000"), "{refused}");
    assert!(refused.ja().contains("新しい版のプログラム"));
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    column_name: String,
    #[diesel(sql_type = diesel::sql_types::Bool)]
    nullable: bool,
}

/// Columns of each table of ours, with whether they may be null.
fn columns(conn: &mut Conn) -> BTreeMap<String, BTreeMap<String, bool>> {
    let query = match conn {
        Conn::Sqlite(_) => {
            "SELECT m.name AS table_name, c.name AS column_name, NOT c.\"notnull\" AS nullable \
             FROM sqlite_schema m, pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '\\_\\_%' ESCAPE '\\'"
        }
        Conn::Pg(_) => {
            "SELECT table_name::text, column_name::text, is_nullable = 'YES' AS nullable \
             FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_\\_%'"
        }
    };
    let rows: Vec<Column> = diesel::sql_query(query).load(conn).unwrap();
    let mut found: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    for row in rows {
        found.entry(row.table_name).or_default().insert(row.column_name, row.nullable);
    }
    found
}

/// The tables of `schema.rs`, read as text.
fn schema() -> BTreeMap<String, BTreeMap<String, bool>> {
    let text = include_str!("../../src/store/schema.rs");
    let mut found: BTreeMap<String, BTreeMap<String, bool>> = BTreeMap::new();
    let mut table = String::new();
    for line in text.lines().map(str::trim) {
        if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
            table = name.to_owned();
        } else if let Some((name, kind)) = line.split_once(" -> ").filter(|_| line.ends_with(',')) {
            found.entry(table.clone()).or_default().insert(name.to_owned(), kind.starts_with("Nullable<"));
        }
    }
    found
}

fn columns_are_those_of_the_schema(backend: &Backend) {
    let db = backend.open();
    let found = db.read(|conn| Ok::<_, Error>(columns(conn))).unwrap();
    assert_eq!(found.len(), 21);
    assert_eq!(found, schema());
}

fn nonsense_is_refused_by_the_tables_too(backend: &Backend) {
    let service = with_a_statement(backend);
    let insert = |columns: &str, values: &str| {
        let statement = format!(
            "INSERT INTO assertion (seq, kind, municipality_code, procedure_id, channel_id, source, at_least, \
             effective_on, effective_precision, recorded_at, actor, {columns}) VALUES \
             (99, 'readiness', '082333', 'kosodate-01', 'eapp', 'own', FALSE, '2026-04-01', 'day', \
             '2026-04-01 00:00:00', 'test', {values})"
        );
        service.service.db().write(|conn| conn.batch_execute(&statement).map_err(Error::from))
    };
    for (columns, values) in [
        ("level, state, evidence", "6, 'live', 'seen'"),
        ("level, state, evidence", "3, 'planned', 'seen'"),
        ("level, state, evidence", "NULL, NULL, NULL"),
        ("level, state, evidence, applicability", "3, 'live', 'seen', 'abolished'"),
        ("level, state, evidence, line", "3, 'live', 'seen', 0"),
        ("level, state, evidence, import_id", "3, 'live', 'seen', 77"),
    ] {
        assert!(insert(columns, values).is_err(), "{columns} = {values}");
    }
    assert!(insert("level, state, evidence", "3, 'live', 'seen'").is_ok());
}

fn writers_at_once_lose_nothing(backend: &Backend) {
    let service = TestService::new(backend);
    let shared = &service;
    std::thread::scope(|scope| {
        for writer in 1..=4 {
            scope.spawn(move || {
                for round in 0..5 {
                    let text =
                        format!("団体コード,手続ID,接点,段階\n082333,kosodate-{writer:02},eapp,{round}\n");
                    shared.must_import(&text);
                }
            });
        }
    });
    let db = service.service.db();
    assert_eq!(db.read(|conn| assertions::revision(conn).map_err(Error::from)).unwrap(), 20);
    service.service.refresh().unwrap();
    assert_eq!(service.export().matches(",eapp,,,4,").count(), 4);
}
