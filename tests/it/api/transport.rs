//! What happens below the application: requests that are no requests, and their answers.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::app::{Backend, TestApp};

/// Sends bytes and reads until the server closes.
pub(crate) fn raw(app: &TestApp, request: &[u8]) -> (String, String) {
    let mut stream = TcpStream::connect(app.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may answer and close before it has read all.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.rsplit_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer:?}"));
    (head.to_owned(), body.to_owned())
}

fn assert_problem(app: &TestApp, request: &[u8], status: u16, kind: &str) {
    let (head, body) = raw(app, request);
    // The answer that matters is the last one.
    let head = &head[head.rfind("HTTP/1.").unwrap()..];
    assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    for header in [
        "content-type: application/problem+json",
        "x-content-type-options: nosniff",
        "content-security-policy: default-src 'none'",
        "x-request-id: ",
        "connection: close",
        &format!("content-length: {}", body.len()),
    ] {
        assert!(head.contains(header), "{header} is missing in {head}");
    }
    let problem: serde_json::Value =
        serde_json::from_str(&body).unwrap_or_else(|cause| panic!("{cause}: {body}"));
    assert_eq!(problem["type"], format!("urn:todoke:problem:{kind}"));
    assert_eq!(problem["status"], status);
    assert!(!problem["detail"].as_str().unwrap().is_empty());
}

#[test]
fn requests_that_are_none_get_a_problem_document() {
    let app = TestApp::start(&Backend::sqlite());
    for request in [
        "GET /healthz HTTP/1.1\r\nHost: a\r\nBad Header\r\n\r\n".as_bytes(),
        "GET /api/v1/procedures?q=児 童 HTTP/1.1\r\nHost: a\r\n\r\n".as_bytes(),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello tls\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    ] {
        assert_problem(&app, request, 400, "bad-request");
    }
    let mut large = b"GET /healthz HTTP/1.1\r\nHost: a\r\n".to_vec();
    for number in 0..200 {
        large.extend(format!("X-{number}: {}\r\n", "a".repeat(1_000)).bytes());
    }
    assert_problem(&app, &large, 431, "headers-too-large");
    // A good request before, in the same piece, keeps its answer.
    let two = b"GET /version HTTP/1.1\r\nHost: a\r\n\r\nBAD\r\n\r\n";
    assert_problem(&app, two, 400, "bad-request");
    let (heads, _) = raw(&app, two);
    assert!(heads.starts_with("HTTP/1.1 200 ") && heads.contains("\"revision\":"), "{heads}");
    assert_eq!(app.get("/version").status, 200);
}
