//! Databases of earlier programs are brought up to this one: all of it or nothing, and nothing is lost.

use std::io::Read;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use todoke::store::error::Error;
use todoke::store::{Conn, Db, Missing};

use crate::app::{Backend, TestService, on_both, settled};

on_both! {
    what_holds_is_the_same_without_its_tables;
}

/// A database whose tables still say what holds today: facts of five procedures, one of a later day, one
/// confirmed, two on applicability, and an import that was taken back.
const STORED: &[u8] = include_bytes!("../fixtures/databases/with-projection.db.gz");
/// What its own program exported of it.
const EXPORTED: &str = include_str!("../fixtures/databases/with-projection.csv");

fn put_in_place(backend: &Backend) {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(STORED).read_to_end(&mut bytes).unwrap();
    std::fs::write(backend.url_text(), bytes).unwrap();
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn count(conn: &mut Conn, query: &str) -> i64 {
    diesel::sql_query(query)
        .get_result::<Found>(conn)
        .unwrap_or_else(|error| panic!("{error}: {query}"))
        .count
}

/// How many tables and settings there are that only earlier programs have.
const LEFT: &str = "SELECT (SELECT count(*) FROM sqlite_schema WHERE name IN \
     ('readiness', 'applicability', 'assertion_ahead', 'assertion_recorded', 'assertion_key')) + \
     (SELECT count(*) FROM meta WHERE name = 'projected_on') AS count";

#[test]
fn a_stored_database_is_upgraded_with_all_that_it_says() {
    let backend = Backend::sqlite();
    put_in_place(&backend);
    let exported = settled(EXPORTED.trim_start_matches('\u{FEFF}'));
    for _start in 0..2 {
        let service = TestService::new(&backend);
        assert_eq!(service.export(), exported);
        let left = service.service.db().read(|conn| Ok::<_, Error>(count(conn, LEFT))).unwrap();
        assert_eq!(left, 0);
    }
    // It is written to as any other.
    let service = TestService::new(&backend);
    service.must_import("団体コード,手続ID,接点,段階\n082333,kosodate-02,eapp,3\n");
    assert_ne!(service.export(), exported);
    // What was taken back stays so, and its number is not given again.
    assert_eq!(
        service.service.revert(2, &crate::app::operator()).unwrap_err().to_string(),
        "the import was already reverted: `2`"
    );
}

#[test]
fn an_upgrade_that_fails_leaves_the_database_as_it_was() {
    let backend = Backend::sqlite();
    put_in_place(&backend);
    let with = |statement: &str| {
        let mut conn = SqliteConnection::establish(backend.url_text()).unwrap();
        conn.batch_execute(statement).unwrap();
    };
    let left = || {
        let mut conn = SqliteConnection::establish(backend.url_text()).unwrap();
        diesel::sql_query(LEFT).get_result::<Found>(&mut conn).unwrap().count
    };
    // The last thing that the upgrade takes away is missing already.
    with("DROP INDEX assertion_recorded");
    let refused = Db::open(&backend.url(), 2, Missing::Create).unwrap_err();
    assert!(matches!(refused, Error::Migration(_)), "{refused}");
    assert_eq!(left(), 5);
    with("CREATE INDEX assertion_recorded ON assertion (recorded_at)");
    Db::open(&backend.url(), 2, Missing::Create).unwrap();
    assert_eq!(left(), 0);
}

fn what_holds_is_the_same_without_its_tables(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import("団体コード,手続ID,接点,段階,適用日\n082333,kosodate-01,eapp,3,2026-04-01\n");
    let exported = service.export();
    drop(service);
    // Back to how the tables were before, with what they held.
    let folder = if backend.is_sqlite() { "sqlite" } else { "postgres" };
    let down = std::fs::read_to_string(format!(
        "{}/migrations/{folder}/2026-11-26-000003-0000_work_out_what_holds_in_memory/down.sql",
        env!("CARGO_MANIFEST_DIR"),
    ));
    let db = backend.open();
    db.write(|conn| {
        conn.batch_execute(&down.unwrap()).unwrap();
        conn.batch_execute(
            "INSERT INTO readiness SELECT municipality_code, procedure_id, channel_id, source, seq, NULL, \
             recorded_at FROM assertion; \
             INSERT INTO meta (name, value) VALUES ('projected_on', '2026-11-21'); \
             DELETE FROM __diesel_schema_migrations WHERE version = '202611260000030000'",
        )
        .map_err(Error::from)
    })
    .unwrap();
    drop(db);
    let service = TestService::new(backend);
    assert_eq!(service.export(), exported);
    let left = "SELECT count(*) AS count FROM meta WHERE name = 'projected_on'";
    let left = service.service.db().read(|conn| Ok::<_, Error>(count(conn, left))).unwrap();
    assert_eq!(left, 0);
}
