//! Many hands at once, and hands that mean harm. `HEAVY=1` runs the long forms.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use serde_json::{Value, json};
use todoke::domain::audit::{Fault, Head, verify};
use todoke::service::error::Error;
use todoke::store::{Conn, audit};

use crate::app::{Backend, TestApp, TestService, admin, on_both, operator, town};

on_both! {
    racing_edits_lose_none;
    two_towns_cannot_reach_each_other;
    a_bent_row_of_the_log_is_found_wherever_it_is;
}

/// The long or the short form of a test.
pub(crate) fn scale(short: usize, long: usize) -> usize {
    if std::env::var_os("HEAVY").is_some() { long } else { short }
}

/// Random numbers that are the same in every run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const ROW: &str = "municipalities/082333/readiness/kosodate-01/mynaportal";

fn racing_edits_lose_none(backend: &Backend) {
    const HANDS: usize = 8;
    let edits = scale(320, 10_000) / HANDS;
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let taken = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let together = Barrier::new(HANDS);
    std::thread::scope(|scope| {
        for hand in 0..HANDS {
            let (app, key, taken, wrong, together) = (&app, &key, &taken, &wrong, &together);
            scope.spawn(move || {
                for number in 0..edits {
                    let read = app.get(ROW);
                    if number % 16 == 0 {
                        // All have read the same before anyone writes.
                        together.wait();
                    }
                    let body = json!({"level": (hand + number) % 6, "note": format!("{hand}-{number}")});
                    let answer = app.write(key, "PUT", ROW, read.header("etag"), Some(&body));
                    match answer.status {
                        // Whoever was told that it was written sees their own words.
                        200 | 201 if answer.json()["note"] == format!("{hand}-{number}") => {
                            taken.fetch_add(1, Ordering::Relaxed);
                        }
                        412 => {}
                        // Told afterwards: the others wait for this hand.
                        _ => wrong.lock().unwrap().push(format!("{}: {}", answer.status, answer.text)),
                    }
                }
            });
        }
    });
    assert_eq!(wrong.into_inner().unwrap(), Vec::<String>::new());
    let taken = taken.into_inner();
    assert!(taken >= edits && taken < edits * HANDS, "{taken} of {}", edits * HANDS);
    // Each edit that was taken stands in the record, on top of the one that its writer had seen.
    let links = links(&app.inner);
    let written: Vec<(Value, Value)> = links
        .iter()
        .filter(|link| link.entry.object.starts_with("readiness/"))
        .map(|link| {
            let read = |text: &Option<String>| {
                text.as_deref().map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
            };
            (read(&link.entry.before), read(&link.entry.after))
        })
        .collect();
    assert_eq!(written.len(), taken);
    for pair in written.windows(2) {
        assert_eq!(pair[1].0, pair[0].1, "an edit went over one that its writer had not seen");
    }
    assert_eq!(app.get(ROW).json()["note"], written[taken - 1].1["note"]);
}

fn links(service: &TestService) -> Vec<todoke::domain::audit::Link> {
    let read = |conn: &mut Conn| {
        Ok::<_, Error>(audit::each(conn, |links| links.collect::<Result<Vec<_>, _>>()).unwrap())
    };
    service.service.db().read(read).unwrap()
}

fn two_towns_cannot_reach_each_other(backend: &Backend) {
    let calls = scale(1_500, 100_000);
    let app = TestApp::start(backend);
    let admin = app.key(admin());
    let towns = ["082333", "142042"];
    let keys = towns.map(|code| app.key(town(code)));
    // Something of each that the other must never see.
    let agents = ["browser-of-one", "browser-of-two"];
    let mut sessions = Vec::new();
    for (key, agent) in keys.iter().zip(agents) {
        let secret = todoke::domain::access::token::Secret::parse(key).unwrap();
        let (_, session) = app.inner.service.open_session(&secret, None, None, Some(agent)).unwrap();
        sessions.push(session.id);
    }
    let mut random = Random::new(0x5EED);
    let procedures = ["kosodate-01", "kosodate-02", "kaigo-01", "hisaisha-01"];
    let channels = ["online", "mynaportal", "eapp", "counter"];
    let mut seen = [0; 600];
    for _ in 0..calls {
        let who = random.below(2);
        let body_of = *random.pick(&["082333", "142042", "080004", "012025", "08233", "14204"]);
        let procedure = random.pick(&procedures);
        let channel = random.pick(&channels);
        let path = match random.below(9) {
            0..=3 => format!("municipalities/{body_of}/readiness/{procedure}/{channel}"),
            4 | 5 => format!("municipalities/{body_of}/applicability/{procedure}"),
            6 => random.pick(&["tokens", "audit", "sessions"]).to_string(),
            7 => format!("tokens/{}", 1 + random.below(4)),
            _ => format!("sessions/{}", 1 + random.below(3)),
        };
        let method = *random.pick(&["GET", "PUT", "PUT", "PUT", "DELETE", "POST", "PATCH"]);
        // The own session stays, so that there is something to be seen.
        if path.starts_with("sessions")
            && method == "DELETE"
            && (path == "sessions" || path.ends_with(&sessions[who].to_string()))
        {
            continue;
        }
        let evidence = *random.pick(&["declared", "seen", "verified", "published"]);
        let body = match method {
            "PUT" if path.contains("/applicability/") => Some(
                json!({"applicability": random.pick(&["applicable", "abolished"]), "source": random.pick(&["own", "published"])}),
            ),
            "PUT" => Some(json!({"level": random.below(6), "evidence": evidence})),
            "POST" => Some(json!({"name": "x", "role": random.pick(&["admin", "municipality"])})),
            _ => None,
        };
        let tag = *random.pick(&["*", "\"0\"", "\"1\""]);
        let answer = app.write(&keys[who], method, &path, tag, body.as_ref());
        seen[usize::from(answer.status)] += 1;
        assert!(answer.status < 500, "{method} {path}: {}", answer.text);
        assert!(!answer.text.contains(agents[1 - who]), "{method} {path} shows the other's session");
        let own = body_of == towns[who] || body_of == &towns[who][..5];
        let writes = matches!(method, "PUT" | "DELETE") && path.starts_with("municipalities/");
        if writes && !own {
            assert!(matches!(answer.status, 403 | 405), "{} for {method} {path}", answer.status);
        }
        if path.starts_with("tokens") || path == "audit" {
            assert!(matches!(answer.status, 403 | 405), "{} for {method} {path}", answer.status);
        }
    }
    assert!([200, 201, 204, 403, 404, 405, 412].iter().all(|status| seen[*status] > 0), "a case never came");
    // Whoever wrote, wrote about themselves.
    let mut written = 0;
    for link in links(&app.inner) {
        let Some(code) = link.entry.object.split('/').nth(1).filter(|code| code.len() == 6) else { continue };
        if link.entry.action.code() == "refused" {
            continue;
        }
        written += 1;
        let who = towns.iter().position(|town| *town == code);
        assert_eq!(link.entry.actor, format!("token:{}", who.unwrap() + 2), "{link:?}");
    }
    assert!(written > calls / 100, "{written}");
    for (key, (agent, id)) in keys.iter().zip(agents.iter().zip(&sessions)) {
        let listed = app.write(key, "GET", "sessions", "", None).results();
        assert_eq!((listed.len(), &listed[0]["id"], &listed[0]["agent"]), (1, &json!(id), &json!(agent)));
    }
    assert_eq!(app.write(&admin, "GET", "tokens", "", None).count(), 3);
    app.inner.service.verify_audit(None).unwrap();
}

/// Runs statements against the log as someone with the database's own rights would, and follows
/// the chain afterwards. Nothing of it stays.
fn bend(
    service: &TestService,
    kept: Head,
    statements: &[String],
    forged: Option<&Forged>,
) -> Result<Head, Fault> {
    let mut found = Err(Fault::HeadNotFound);
    let undone = service.service.db().write(|conn| -> Result<(), Error> {
        use diesel::connection::SimpleConnection;
        match conn {
            Conn::Sqlite(inner) => inner
                .batch_execute("DROP TRIGGER audit_is_never_updated; DROP TRIGGER audit_is_never_deleted")?,
            Conn::Pg(inner) => inner.batch_execute("ALTER TABLE audit DISABLE TRIGGER USER")?,
        }
        for statement in statements {
            conn.batch_execute(statement)?;
        }
        if let Some(forged) = forged {
            forged.insert(conn)?;
        }
        found = audit::each(conn, |links| {
            let read = |fault| match fault {
                audit::ReadFault::Row(seq) => Fault::Entry(seq),
                audit::ReadFault::Query(cause) => panic!("{cause} after {statements:?}"),
            };
            verify(links.map(|link| link.map_err(read)), Some(kept.hash))
        });
        // Always rolled back.
        Err(Error::Unavailable)
    });
    assert!(matches!(undone, Err(Error::Unavailable)), "{undone:?} {statements:?}");
    found
}

/// A row made by someone who knows how rows are made.
struct Forged(todoke::domain::audit::Link);

impl Forged {
    fn insert(&self, conn: &mut Conn) -> QueryResult<()> {
        let marks = match conn {
            Conn::Sqlite(_) => "?, ?, ?, ?, ?, ?, ?, ?",
            Conn::Pg(_) => "$1, $2::timestamp, $3, $4, $5, $6, $7, $8",
        };
        let entry = &self.0.entry;
        diesel::sql_query(format!(
            "INSERT INTO audit (seq, at, actor, action, object, after, previous, hash) VALUES ({marks})"
        ))
        .bind::<BigInt, _>(self.0.seq)
        .bind::<Text, _>(entry.at.naive_utc().format("%Y-%m-%d %H:%M:%S").to_string())
        .bind::<Text, _>(&entry.actor)
        .bind::<Text, _>(entry.action.code())
        .bind::<Text, _>(&entry.object)
        .bind::<Nullable<Text>, _>(&entry.after)
        .bind::<Binary, _>(self.0.previous.to_vec())
        .bind::<Binary, _>(self.0.hash.to_vec())
        .execute(conn)
        .map(|_| ())
    }
}

fn a_bent_row_of_the_log_is_found_wherever_it_is(backend: &Backend) {
    const ROWS: i64 = 40;
    let service = TestService::new(backend);
    for number in 0..ROWS {
        service.must_import(&format!(
            "団体コード,団体名,手続ID,接点,段階\n082333,行方市,kosodate-01,eapp,{}\n",
            number % 6
        ));
    }
    let links = links(&service);
    let head = service.service.verify_audit(None).unwrap();
    assert_eq!((head.seq, links.len()), (ROWS, 40));
    assert_eq!(bend(&service, head, &[], None), Ok(head));
    let mut random = Random::new(0xBE27);
    for round in 0..1_000 {
        let at = 1 + random.below(40) as i64;
        let other = 1 + (at + random.below(39) as i64) % ROWS;
        let mut forged = None;
        let shift = |from: i64, by: i64| {
            vec![
                format!("UPDATE audit SET seq = -(seq + {by}) WHERE seq >= {from}"),
                "UPDATE audit SET seq = -seq WHERE seq < 0".to_owned(),
            ]
        };
        let statements = match random.below(9) {
            0 => vec![format!("UPDATE audit SET actor = 'token:7' WHERE seq = {at}")],
            1 => vec![format!("UPDATE audit SET after = '{{}}' WHERE seq = {at}")],
            2 => vec![format!("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE seq = {at}")],
            3 => vec![format!("UPDATE audit SET file = NULL WHERE seq = {at}")],
            4 => vec![format!("DELETE FROM audit WHERE seq = {at}")],
            8 => vec![format!("UPDATE audit SET action = 'nothing' WHERE seq = {at}")],
            // Removed, and the numbers closed up.
            5 => [vec![format!("DELETE FROM audit WHERE seq = {at}")], shift(at, -1)].concat(),
            6 => vec![
                format!("UPDATE audit SET seq = -1 WHERE seq = {at}"),
                format!("UPDATE audit SET seq = {at} WHERE seq = {other}"),
                format!("UPDATE audit SET seq = {other} WHERE seq = -1"),
            ],
            _ => {
                // Put in between, chained to the one before as a real one would be.
                let before = (at as usize).checked_sub(2).and_then(|index| links.get(index));
                let before = before.map_or(Head::EMPTY, |link| Head { seq: link.seq, hash: link.hash });
                let entry = todoke::domain::audit::Entry {
                    actor: operator().actor.name,
                    ..links[at as usize - 1].entry.clone()
                };
                let entry = todoke::domain::audit::Entry { file: None, ..entry };
                forged = Some(Forged(todoke::domain::audit::Link::after(before, entry)));
                shift(at, 1)
            }
        };
        let found = bend(&service, head, &statements, forged.as_ref());
        assert!(found.is_err(), "round {round}: {statements:?} was not found");
    }
    assert_eq!(service.service.verify_audit(Some(head.hash)).unwrap(), head);
}
