//! How much one client may ask for, over HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;
use todoke::http::rate::Rates;
use todoke::http::state::Settings;

use crate::app::{Backend, TestApp, TestService, on_both, settings, town};

on_both! {
    rates_are_kept_and_told;
    only_uploads_that_were_taken_count;
    what_takes_long_counts_as_several_reads;
}

fn what_takes_long_counts_as_several_reads(backend: &Backend) {
    let rates = Rates { read: Some("1/h:60".parse().unwrap()), ..Rates::unlimited() };
    let app = with(backend, rates, &[]);
    let path = "figures/online_rate/trend?period=fiscal_year";
    let first = app.get(path);
    assert_eq!(first.status, 200);
    app.get(path).problem(429, "too-many-requests");
    // What is known already costs no more than any read, and neither do others.
    let known = app.call("GET", path, &[("if-none-match", first.header("etag"))]);
    assert_eq!((known.status, app.get("figures/online_rate").status), (304, 200));
}

fn only_uploads_that_were_taken_count(backend: &Backend) {
    const GOOD: &str = "団体コード,手続ID,接点,段階\n082333,kosodate-01,eapp,4\n";
    let rates = Rates { import: Some("1/h:2".parse().unwrap()), ..Rates::unlimited() };
    let app = with(backend, rates, &[]);
    let bearer = format!("Bearer {}", app.key(town("082333")));
    let send = |query: &str, media: &str, text: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", media)];
        let answer = app.send("POST", &format!("imports{query}"), &headers, Some(text));
        (answer.status, answer.header("x-ratelimit-remaining").to_owned())
    };
    let counted = |status: u16, left: &str| (status, left.to_owned());
    for _ in 0..5 {
        assert_eq!(send("?layout=x", "text/csv", GOOD), counted(400, "2"));
        assert_eq!(send("", "application/json", "{}"), counted(415, "2"));
        assert_eq!(send("", "text/csv", ""), counted(422, "2"));
    }
    assert_eq!(send("", "text/csv", GOOD), counted(201, "1"));
    // What is kept counts, whatever becomes of it.
    assert_eq!(send("?apply=true", "text/csv", &GOOD.replace(",4", ",9")), counted(422, "0"));
    assert_eq!(send("", "text/csv", GOOD), counted(429, "0"));
    assert_eq!(send("", "text/csv", ""), counted(429, "0"));
}

fn with(backend: &Backend, rates: Rates, proxies: &[&str]) -> TestApp {
    let trusted_proxies = proxies.iter().map(|net| net.parse().unwrap()).collect();
    TestApp::with(TestService::new(backend), Settings { trusted_proxies, rates, ..settings() })
}

fn rates_are_kept_and_told(backend: &Backend) {
    let rates = Rates {
        read: Some("1/h:3".parse().unwrap()),
        write: Some("1/h:2".parse().unwrap()),
        ..Rates::unlimited()
    };
    let app = with(backend, rates, &[]);
    for left in ["2", "1", "0"] {
        let answer = app.get("procedures?limit=1");
        assert_eq!((answer.status, answer.header("x-ratelimit-remaining")), (200, left));
        assert_eq!(answer.header("ratelimit-policy"), "\"read\";q=3;w=10800");
    }
    let refused = app.get("procedures?limit=1");
    assert_eq!(refused.problem(429, "too-many-requests")[0]["code"], "too_many_requests");
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((3_500..=3_600).contains(&wait), "{wait}");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    // What answers from memory is free, and writing has its own bucket.
    for _ in 0..5 {
        assert_eq!(app.get("/healthz").status, 200);
        assert_eq!(app.call("OPTIONS", "procedures", &[]).status, 204);
    }
    let key = app.key(town("082333"));
    let path = "municipalities/082333/readiness/kosodate-01/eapp";
    // Nobody gets another bucket by inventing a key or an address.
    let invented = format!("Bearer {}", "tdk_000000000000000000000000000000000000");
    app.call("GET", "procedures", &[("authorization", &invented)]).problem(429, "too-many-requests");
    app.call("GET", "procedures", &[("x-forwarded-for", "198.51.100.7")]).problem(429, "too-many-requests");
    let stranger = app.write(&invented[7..], "PUT", path, "\"0\"", Some(&json!({"level": 1})));
    assert_eq!((stranger.status, stranger.header("x-ratelimit-remaining")), (401, "1"));
    // The holder of a key is counted apart from the first request on.
    let first = app.write(&key, "PUT", path, "\"0\"", Some(&json!({"level": 1})));
    assert_eq!((first.status, first.header("x-ratelimit-remaining")), (201, "1"), "{}", first.text);
    assert_eq!(app.write(&key, "PUT", path, "*", Some(&json!({"level": 2}))).status, 200);
    app.write(&key, "PUT", path, "*", Some(&json!({"level": 4}))).problem(429, "too-many-requests");
    let other = app.write(&app.key(town("082333")), "PUT", path, "*", Some(&json!({"level": 3})));
    assert_eq!((other.status, other.header("x-ratelimit-remaining")), (200, "1"));
    let bearer = format!("Bearer {key}");
    let read = app.call("GET", "procedures?limit=1", &[("authorization", &bearer)]);
    assert_eq!((read.status, read.header("x-ratelimit-remaining")), (200, "2"));
    // The row of the log for a refusal is not written for what was not let in.
    assert_eq!(app.inner.service.verify_audit(None).unwrap().seq, 5);
}

#[test]
fn a_trusted_proxy_tells_who_asks() {
    let rates = Rates { read: Some("1/h:1".parse().unwrap()), ..Rates::unlimited() };
    let app = with(&Backend::sqlite(), rates, &["127.0.0.0/8"]);
    let from = |address: &str, proto: &str| {
        app.call("GET", "procedures?limit=1", &[("x-forwarded-for", address), ("x-forwarded-proto", proto)])
    };
    let first = from("198.51.100.1", "https");
    assert_eq!(
        (first.status, first.header("strict-transport-security")),
        (200, "max-age=31536000; includeSubDomains")
    );
    assert_eq!(from("198.51.100.1", "http").status, 429);
    assert_eq!(from("203.0.113.9, 198.51.100.1", "http").status, 429);
    let other = from("198.51.100.2", "http");
    assert_eq!((other.status, other.header("strict-transport-security")), (200, ""));
}

#[test]
fn sizes_are_kept() {
    let app = TestApp::start(&Backend::sqlite());
    app.get(&format!("procedures?q={}", "a".repeat(20_000))).problem(414, "uri-too-long");
    let large = "a".repeat(17_000);
    app.call("GET", "procedures", &[("x-large", &large)]).problem(431, "headers-too-large");
    let fits = "a".repeat(15_000);
    assert_eq!(app.call("GET", "procedures", &[("x-large", &fits)]).status, 200);
    // Two thousand codes, the most a filter takes, still fit.
    let codes = ["082333"; 2_000].join(",");
    assert_eq!(app.get(&format!("readiness?municipality={codes}")).status, 200);
    let key = app.key(town("082333"));
    let path = "municipalities/082333/readiness/kosodate-01/eapp";
    let body = |size: usize| {
        let head = "{\"level\":3,\"note\":\"";
        format!("{head}{}\"}}", " ".repeat(size - head.len() - 2))
    };
    let bearer = format!("Bearer {key}");
    let headers =
        [("authorization", bearer.as_str()), ("if-match", "\"0\""), ("content-type", "application/json")];
    assert_eq!(app.send("PUT", path, &headers, Some(&body(65_536))).status, 201);
    app.send("PUT", path, &headers, Some(&body(65_537))).problem(413, "payload-too-large");
}

/// Sends a head and then a byte now and then; answers the status and how long the server bore it.
fn slow(address: &str, head: &str, trickle: bool) -> (u16, Duration) {
    let begin = std::time::Instant::now();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(250))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while begin.elapsed() < Duration::from_secs(30) {
        if trickle && stream.write_all(b" ").is_err() {
            break;
        }
        let mut piece = [0; 4096];
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => answer.extend_from_slice(&piece[..count]),
            Err(cause) if matches!(cause.kind(), std::io::ErrorKind::WouldBlock) => {}
            Err(_) => break,
        }
    }
    let status = String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap_or("0").parse().unwrap();
    (status, begin.elapsed())
}

#[test]
fn slow_bodies_are_let_go() {
    let app = TestApp::start(&Backend::sqlite());
    let key = app.key(town("082333"));
    let put = "PUT /api/v1/municipalities/082333/readiness/kosodate-01/eapp HTTP/1.1\r\nHost: a\r\n";
    let body = "If-Match: \"0\"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n";
    let signed = format!("{put}Authorization: Bearer {key}\r\n{body}");
    let stranger = format!("{put}{body}");
    let cases = [
        (signed.clone(), true, 408),
        (signed, false, 408),
        (stranger, true, 401),
        (format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{body}"), false, 200),
    ];
    std::thread::scope(|scope| {
        let running: Vec<_> = cases
            .iter()
            .map(|(head, trickle, expected)| {
                let address = app.address();
                (scope.spawn(move || slow(address, head, *trickle)), expected)
            })
            .collect();
        for (thread, expected) in running {
            let (status, borne) = thread.join().unwrap();
            assert_eq!(status, *expected);
            assert!(borne < Duration::from_secs(15), "{status} after {borne:?}");
        }
    });
    assert_eq!(app.inner.export().lines().count(), 1);
}
