//! Sessions: opened, listed and ended.

use crate::app::{Backend, TestApp, on_both, operator, town};

on_both! {
    sessions_are_listed_and_ended;
}

fn sessions_are_listed_and_ended(backend: &Backend) {
    let app = TestApp::start(backend);
    let service = &app.inner.service;
    let key = app.key(town("082333"));
    let other = app.key(town("082023"));
    let open = |key: &str| {
        let secret = todoke::domain::access::token::Secret::parse(key).unwrap();
        service.open_session(&secret, Some("192.0.2.1".into()), None, Some("browser\u{0}")).unwrap()
    };
    let (cookie, session) = open(&key);
    let (second, _) = open(&key);
    let (stranger, _) = open(&other);
    assert_eq!((cookie.len(), session.csrf.len()), (64, 64));
    assert_ne!(cookie, session.csrf);
    let held = |cookie: &str| service.session(cookie, None, None).is_ok();
    assert!(held(&cookie) && held(&second) && held(&stranger) && !held("x"));
    let listed = app.write(&key, "GET", "sessions", "", None);
    assert_eq!(listed.count(), 2);
    assert!(!listed.text.contains(&cookie) && !listed.text.contains(&session.csrf));
    assert_eq!(listed.results()[0]["agent"], "browser");
    // One ends one's own only.
    app.write(&other, "DELETE", &format!("sessions/{}", session.id), "", None).problem(404, "not-found");
    assert_eq!(app.write(&key, "DELETE", &format!("sessions/{}", session.id), "", None).status, 204);
    assert!(!held(&cookie) && held(&second));
    assert_eq!(app.write(&key, "DELETE", "sessions", "", None).status, 204);
    assert!(!held(&second) && held(&stranger));
    // Idle for half an hour, or open for half a day.
    app.inner.clock.set("2026-11-21T03:29:59Z");
    assert!(held(&stranger));
    app.inner.clock.set("2026-11-21T03:59:59Z");
    assert!(!held(&stranger));
    app.inner.clock.set("2026-11-21T04:00:00Z");
    let (long, _) = open(&other);
    for minutes in (0..=12 * 60 - 1).step_by(20) {
        let time = chrono::DateTime::parse_from_rfc3339("2026-11-21T04:00:00Z").unwrap()
            + chrono::TimeDelta::minutes(minutes);
        app.inner.clock.set(&time.to_rfc3339());
        assert!(held(&long), "after {minutes} minutes");
    }
    app.inner.clock.set("2026-11-21T16:00:00Z");
    assert!(!held(&long));
    // A key that is revoked takes its sessions with it.
    let (last, _) = open(&other);
    service.revoke_token(&operator(), 2).unwrap();
    assert!(!held(&last));
}
