//! Requests that clients and proxies change on the way, and slips of those who write them.

use std::io::Write;

use serde_json::{Value, json};

use super::file;
use crate::api::transport::raw;
use crate::app::{Answer, Backend, TestApp, admin, on_both, town};

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "56-weak-if-match.http",
    "57-plus-in-time.http",
    "59-raw-utf8-query.http",
    "60-gzip-body.http",
    "61-form-field-beside-file.http",
];

on_both! {
    a_weak_tag_is_the_tag_of_the_row;
    a_plus_in_a_time_is_put_back;
    japanese_in_an_address_is_taken_as_it_is;
    a_body_may_come_as_gzip;
    what_stands_beside_a_file_in_a_form_is_told;
}

const ROW: &str = "municipalities/082333/readiness/kosodate-15/online";
const GOOD: &str = "団体コード,団体名,手続ID,接点,段階\n082333,行方市,kosodate-01,eapp,4\n";

/// The head of a request in one of the files: method, path below the base, headers.
fn head(name: &str) -> (String, String, Vec<(String, String)>) {
    let text = String::from_utf8(file(name)).unwrap().replace("\r\n", "\n");
    let mut lines = text.split("\n\n").next().unwrap().lines();
    let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
    let headers = lines.map(|line| line.split_once(": ").unwrap());
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (method.to_owned(), path.strip_prefix("/api/v1/").unwrap().to_owned(), headers)
}

/// Sends a body with the headers of one of the files, and a key.
fn send(app: &TestApp, name: &str, key: &str, body: &[u8]) -> Answer {
    let (method, path, headers) = head(name);
    let bearer = format!("Bearer {key}");
    let mut sent: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (&**name, &**value)).collect();
    sent.push(("authorization", &bearer));
    app.send_bytes(&method, &path, &sent, body)
}

/// The only error of a problem, which is told in both languages.
fn only(errors: &[Value]) -> &Value {
    assert_eq!(errors.len(), 1, "{errors:?}");
    &errors[0]
}

fn a_weak_tag_is_the_tag_of_the_row(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let created = app.write(&key, "PUT", ROW, "\"0\"", Some(&json!({"level": 3})));
    assert_eq!((created.status, created.header("etag")), (201, "\"1\""));
    let written = send(&app, FILES[0], &key, br#"{"level":4}"#);
    assert_eq!((written.status, written.header("etag")), (200, "\"2\""), "{}", written.text);
    // It was seen before the last change.
    let stale = send(&app, FILES[0], &key, br#"{"level":5}"#).problem(412, "precondition-failed");
    assert_ne!(only(&stale)["code"], "foreign_tag");
    // Servers and proxies that compress mark the tag otherwise.
    for (number, tag) in [(3, "\"2-gzip\""), (4, "\"3;gzip\""), (5, "W/\"4-br\""), (6, "\"x\", w/\"5\"")] {
        let body = json!({"level": number % 6});
        let written = app.write(&key, "PUT", ROW, tag, Some(&body));
        assert_eq!((written.status, written.header("etag")), (200, &*format!("\"{number}\"")), "{tag}");
    }
    // Two tags that never fit say so, and not that somebody was quicker.
    let list = app.get("readiness").header("etag").to_owned();
    for tag in [list.as_str(), "\"x\""] {
        let answer = app.write(&key, "PUT", ROW, tag, Some(&json!({"level": 1})));
        let errors = answer.problem(412, "precondition-failed");
        assert_eq!(only(&errors)["code"], "foreign_tag");
        assert!(!answer.text.contains("ほかの人"), "{}", answer.text);
    }
    let bare = app.write(&key, "PUT", ROW, "6", Some(&json!({"level": 1}))).problem(400, "bad-request");
    assert_eq!(only(&bare)["suggestion"], "\"6\"");
}

fn a_plus_in_a_time_is_put_back(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(GOOD);
    let (_, path, _) = head(FILES[1]);
    assert_eq!(app.get(&path).count(), 0);
    for (time, count) in [
        ("2026-11-21T00:00:00+09:00", 1),
        ("2026-11-21T00:00:00%2B09:00", 1),
        ("2026-11-21T12:00:01+09:00", 0),
        ("2026-11-21T12:00:01+10:00", 1),
        ("2026-11-21T02:59:59Z", 1),
        ("2026-11-21T02:59:59-00:00", 1),
    ] {
        assert_eq!(app.get(&format!("readiness?updated_since={time}")).count(), count, "{time}");
    }
    let errors = app.get("readiness?updated_since=2026-11-21+00:00").problem(400, "invalid-parameter");
    assert_eq!(only(&errors)["code"], "time_format");
    // Where + means "or more" and its loss would mean less, it is asked.
    let bearer = format!("Bearer {}", app.key(admin()));
    let post = |query: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
        app.send("POST", &format!("imports?{query}"), &headers, Some(GOOD))
    };
    let errors = post("marks=%E2%97%8B=3+,x=0").problem(400, "invalid-parameter");
    assert_eq!(only(&errors)["suggestion"], "marks=%E2%97%8B=3%2B,x=0");
    assert_eq!(post("marks=%E2%97%8B=3%2B,x=0").status, 201);
}

fn japanese_in_an_address_is_taken_as_it_is(backend: &Backend) {
    let app = TestApp::start(backend);
    let line = file(FILES[2]);
    let line = line.split(|byte| *byte == b'\n').next().unwrap();
    let request = |line: &[u8], rest: &str| {
        let (head, body) = raw(&app, &[line, b" HTTP/1.1\r\nHost: a\r\n", rest.as_bytes()].concat());
        let status: u16 = head[head.rfind("HTTP/1.").unwrap()..][9..12].parse().unwrap();
        (status, serde_json::from_str::<Value>(&body).unwrap())
    };
    let (status, body) = request(line, "Connection: close\r\n\r\n");
    assert_eq!((status, &body["results"][0]["code"]), (200, &json!("082333")));
    // Also behind another request of the same connection, and in quotes.
    let second = [b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n", line].concat();
    assert_eq!(request(&second, "Connection: close\r\n\r\n").1["results"][0]["name"], "行方市");
    let quoted = "GET /api/v1/municipalities?q=\"行方\"".as_bytes();
    assert_eq!(request(quoted, "Connection: close\r\n\r\n").0, 200);
    // Shift_JIS is told, and what it would be.
    let windows = b"GET /api/v1/municipalities?q=\x8D\x73\x95\xFB";
    let (status, body) = request(windows, "Connection: close\r\n\r\n");
    assert_eq!((status, &body["errors"][0]["code"]), (400, &json!("not_utf8")));
    assert!(body["detail"].as_str().unwrap().contains("行方"), "{body}");
    // A blank cannot be mended, for what follows it is no part of the address.
    let blank = "GET /api/v1/municipalities?q=行 方".as_bytes();
    for (language, word) in [("ja", "空白"), ("en", "blank")] {
        let (status, body) = request(blank, &format!("Accept-Language: {language}\r\n\r\n"));
        assert_eq!((status, &body["instance"]), (400, &json!("/api/v1/municipalities")));
        assert_eq!(body["errors"][0]["suggestion"], "/api/v1/municipalities?q=行%20方");
        assert!(body["detail"].as_str().unwrap().contains(word), "{body}");
    }
    // Behind a body nothing is touched: there the client is told.
    let behind =
        ["POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n行".as_bytes(), line].concat();
    let (status, body) = request(&behind, "Connection: close\r\n\r\n");
    assert_eq!((status, &body["errors"][0]["code"]), (400, &json!("http_syntax")));
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

fn a_body_may_come_as_gzip(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let sent = send(&app, FILES[3], &key, &gzip(GOOD));
    assert_eq!(sent.status, 201, "{}", sent.text);
    // What is kept is the file itself.
    assert_eq!(sent.json()["size"], GOOD.len());
    let bearer = format!("Bearer {key}");
    let original = app.call("GET", "imports/1/original", &[("authorization", &bearer)]);
    assert_eq!(original.text, GOOD);
    let errors = send(&app, FILES[3], &key, GOOD.as_bytes()).problem(400, "bad-request");
    assert_eq!(only(&errors)["code"], "gzip_syntax");
    let large = vec![b'a'; crate::app::MAX_UPLOAD + 1];
    let packed = gzip(std::str::from_utf8(&large).unwrap());
    send(&app, FILES[3], &key, &packed).problem(413, "payload-too-large");
    for coding in ["br", "deflate", "gzip, gzip", "utf-8"] {
        let headers =
            [("authorization", bearer.as_str()), ("content-type", "text/csv"), ("content-encoding", coding)];
        let answer = app.send_bytes("POST", "imports", &headers, GOOD.as_bytes());
        let errors = answer.problem(415, "unsupported-media-type");
        assert_eq!(
            (&only(&errors)["code"], &only(&errors)["value"]),
            (&json!("content_encoding"), &json!(coding))
        );
        assert_eq!(answer.header("accept-encoding"), "gzip, identity");
        assert!(answer.text.contains("Content-Encoding"), "{}", answer.text);
    }
    // JSON too.
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
        ("if-match", "\"0\""),
    ];
    assert_eq!(app.send_bytes("PUT", ROW, &headers, &gzip("{\"level\":4}")).status, 201);
    let bomb = gzip(&format!("{{\"level\":{}4}}", " ".repeat(1_000_000)));
    app.send_bytes("PUT", ROW, &headers, &bomb).problem(413, "payload-too-large");
}

fn what_stands_beside_a_file_in_a_form_is_told(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(admin());
    let whole = String::from_utf8(file(FILES[4])).unwrap();
    let (_, body) = whole.split_once("\r\n\r\n").unwrap();
    let sent = |body: &str| send(&app, FILES[4], &key, body.as_bytes());
    let answer = sent(body);
    let errors = answer.problem(422, "unprocessable");
    assert_eq!(
        (&only(&errors)["value"], &only(&errors)["suggestion"]),
        (&json!("channel"), &json!("?channel=online"))
    );
    assert!(answer.json()["detail"].as_str().unwrap().contains("channel"), "{}", answer.text);
    assert_eq!(sent(&body.replace("\"channel\"", "\"_charset_\"")).status, 201);
    for (from, to, code) in [
        ("\"channel\"", "\"comment\"", "field_beside_file"),
        ("\"channel\"", "\"file\"; filename=\"b.csv\"", "several_files"),
        ("\"a.csv\"", "\"\"", "field_beside_file"),
    ] {
        let errors = sent(&body.replace(from, to)).problem(422, "unprocessable");
        assert_eq!(errors[0]["code"], code, "{to}");
    }
    let cut = sent(&body.replace("--XX--", "")).problem(400, "bad-request");
    assert_eq!(only(&cut)["code"], "multipart_syntax");
}

#[test]
fn a_request_that_cannot_be_meant_says_what_to_do() {
    let app = TestApp::start(&Backend::sqlite());
    for (path, status, code, told) in [
        ("municipalities/992333", 400, "no_prefecture", "99"),
        ("municipalities?prefecture", 400, "empty_value", "prefecture"),
        ("municipalities?limit=", 400, "empty_value", "limit"),
        ("municipalities?q=%FF%FE", 400, "not_utf8", "UTF-8"),
        ("procedures/", 404, "unknown_path", "/api/v1/procedures"),
        ("/api//v1/procedures", 404, "unknown_path", "/api/v1/procedures"),
        ("/API/v1/procedures", 404, "unknown_path", "/api/v1/procedures"),
        ("/lists", 404, "unknown_path", "/api/v1/lists"),
        ("municipalities/%E8%A1%8C%E6%96%B9%E5%B8%82", 404, "unknown_path", "行方市"),
    ] {
        for language in ["ja", "en"] {
            let answer = app.call("GET", path, &[("accept-language", language)]);
            let kind = if status == 404 { "not-found" } else { "invalid-parameter" };
            let errors = answer.problem(status, kind);
            assert_eq!(only(&errors)["code"], code, "{path}");
            assert!(answer.text.contains(told), "{path}: {}", answer.text);
            let message = only(&errors)["message"].as_str().unwrap();
            assert_eq!(message.contains(|c| ('ぁ'..='ん').contains(&c)), language == "ja", "{message}");
        }
    }
    let bearer = format!("Bearer {}", app.key(admin()));
    let absent = app.call("GET", "imports/999", &[("authorization", &bearer)]).problem(404, "not-found");
    assert!(only(&absent)["message"].as_str().unwrap().contains("999"));
    let wrong = app.call("DELETE", "procedures", &[]).problem(405, "method-not-allowed");
    assert_eq!(only(&wrong)["allowed"], "GET, HEAD, OPTIONS");
    // What limits errors does not limit answers.
    let answer = app.call("GET", "procedures", &[("accept", "application/problem+json")]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let page = app.call("GET", "procedures", &[("accept", "text/html")]).problem(406, "not-acceptable");
    assert!(only(&page)["allowed"].as_str().unwrap().contains("text/csv"));
    let whole = app.call("GET", "procedures", &[("accept-encoding", "identity")]);
    let head = app.call("HEAD", "procedures", &[]);
    assert_eq!((head.status, head.header("content-length")), (200, whole.header("content-length")));
}

#[test]
fn what_is_sent_where_something_else_is_meant_is_told() {
    let app = TestApp::start(&Backend::sqlite());
    let bearer = format!("Bearer {}", app.key(admin()));
    let send = |method: &str, path: &str, media: Option<&str>, body: &[u8]| {
        let mut headers = vec![("authorization", bearer.as_str()), ("if-match", "\"0\"")];
        headers.extend(media.map(|media| ("content-type", media)));
        app.send_bytes(method, path, &headers, body)
    };
    let json = b"{\"level\":4}";
    for (media, body, status, code, told) in [
        (None, &json[..], 415, "content_type", "Content-Type がありません"),
        (Some("application/x-www-form-urlencoded"), json, 415, "content_type", "curl の -d"),
        (Some("text/csv"), GOOD.as_bytes(), 415, "content_type", "POST /api/v1/imports"),
        (Some("multipart/form-data; boundary=x"), b"--x--", 415, "content_type", "POST /api/v1/imports"),
        (Some("text/plain"), json, 415, "content_type", "application/json"),
        (Some("application/json; charset=Shift_JIS"), json, 415, "charset", "UTF-8"),
        (Some("application/json"), b"", 400, "empty_body", "本文が空"),
        (Some("application/json"), b"\xFF\xFE{\0}\0", 400, "not_utf8", "UTF-16"),
        (Some("application/json"), b"{\"note\":\"\x8D\x73\"}", 400, "not_utf8", "Shift_JIS"),
        (Some("application/json"), b"{\"level\":4,}", 400, "json_syntax", "1行"),
    ] {
        let answer = send("PUT", ROW, media, body);
        assert_eq!(
            (answer.status, only(answer.json()["errors"].as_array().unwrap())["code"].as_str()),
            (status, Some(code)),
            "{}",
            answer.text
        );
        assert!(answer.text.contains(told), "{}", answer.text);
    }
    assert_eq!(
        send("PUT", ROW, Some("Application/JSON; charset=\"UTF-8\""), b"\xEF\xBB\xBF{\"level\":4}").status,
        201
    );
    for (media, body, status, code, told) in [
        (Some("application/json"), &json[..], 415, "content_type", "PUT /api/v1/municipalities"),
        (Some("application/x-www-form-urlencoded"), GOOD.as_bytes(), 415, "content_type", "-F file=@"),
        (Some("image/png"), b"x", 415, "content_type", "image/png"),
        (Some("multipart/form-data"), b"x", 400, "multipart_syntax", "boundary"),
        (Some("multipart/form-data; boundary=x"), b"--x--\r\n", 422, "no_file", "ファイルが選ばれていません"),
        (Some("multipart/form-data; boundary=x"), b"", 422, "no_file", "ファイルが選ばれていません"),
        (None, b"", 422, "no_file", "ファイルが選ばれていません"),
    ] {
        let answer = send("POST", "imports", media, body);
        assert_eq!(
            (answer.status, only(answer.json()["errors"].as_array().unwrap())["code"].as_str()),
            (status, Some(code)),
            "{}",
            answer.text
        );
        assert!(answer.text.contains(told), "{}", answer.text);
    }
    for media in [None, Some("application/csv"), Some("Text/CSV; charset=utf-8; header=present")] {
        assert_eq!(send("POST", "imports", media, GOOD.as_bytes()).status, 201, "{media:?}");
    }
    // In pieces, as what is made on the way is sent.
    let (head, _) = raw(
        &app,
        format!(
            "POST /api/v1/imports HTTP/1.1\r\nHost: a\r\nAuthorization: {bearer}\r\nContent-Type: text/csv\r\n\
             Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{GOOD}\r\n0\r\n\r\n",
            GOOD.len()
        )
        .as_bytes(),
    );
    assert!(head.starts_with("HTTP/1.1 201"), "{head}");
}

#[test]
fn a_slip_in_the_key_is_told_without_the_key() {
    let app = TestApp::start(&Backend::sqlite());
    let key = app.key(admin());
    for (sent, code, told) in [
        (key.clone(), "token_scheme", "Bearer"),
        ("Bearer ".to_owned(), "empty_token", "変数"),
        ("Basic eDp5".to_owned(), "token_scheme", "Bearer"),
        (format!("Bearer {}", &key[..39]), "token_format", "打ち間違い"),
    ] {
        let answer = app.call("GET", "tokens", &[("authorization", &sent)]);
        let errors = answer.problem(401, "unauthenticated");
        assert_eq!(only(&errors)["code"], code);
        assert!(answer.text.contains(told) && !answer.text.contains(&key[8..30]), "{}", answer.text);
    }
    assert_eq!(app.call("GET", "tokens", &[("authorization", &format!("bearer  {key}"))]).status, 200);
}
