//! Pages of those who signed in, as a browser sees them.

use serde_json::json;
use todoke::http::rate::Rates;
use todoke::http::state::Settings;

use crate::app::{Answer, Backend, TestApp, TestService, admin, on_both, settings, town};
use crate::import_pages::{Clerk, holds};

on_both! {
    someone_signs_in_looks_and_signs_out;
    an_administrator_makes_and_revokes_keys;
}

pub(crate) const HERE: (&str, &str) = ("sec-fetch-site", "same-origin");
pub(crate) const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub(crate) fn sign_in(app: &TestApp, key: &str, headers: &[(&str, &str)]) -> Answer {
    let headers: Vec<(&str, &str)> = headers.iter().copied().chain([FORM]).collect();
    app.send("POST", "/sign-in", &headers, Some(&format!("token={key}")))
}

/// The cookie that an answer sets, without its attributes.
pub(crate) fn cookie_of(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

pub(crate) fn csrf_of(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"csrf\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn someone_signs_in_looks_and_signs_out(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082333"));
    let form = app.get("/sign-in");
    assert!(form.status == 200 && form.text.contains("<form") && form.text.contains("type=\"password\""));
    assert_eq!((form.header("cache-control"), form.header("access-control-allow-origin")), ("no-store", ""));
    assert!(form.header("content-security-policy").contains("form-action 'self'"));
    // Nobody is signed in yet.
    let away = app.get("/account");
    assert_eq!((away.status, away.header("location")), (303, "/sign-in"));
    let wrong = sign_in(&app, "tdk_x", &[HERE]);
    assert!(
        wrong.status == 401 && wrong.text.contains("role=\"alert\"") && wrong.header("set-cookie").is_empty()
    );
    let signed = sign_in(&app, &key, &[HERE, ("user-agent", "<b>browser</b>")]);
    assert_eq!((signed.status, signed.header("location")), (303, "/account"));
    let set = signed.header("set-cookie");
    assert!(
        set.starts_with("todoke=") && set.contains("; HttpOnly") && set.contains("; SameSite=Lax"),
        "{set}"
    );
    assert!(set.contains("; Path=/") && !set.contains("Secure") && !set.contains("Max-Age"), "{set}");
    let cookie = cookie_of(&signed);
    let second = cookie_of(&sign_in(&app, &key, &[HERE]));
    let page = app.call("GET", "/account", &[("cookie", &cookie)]);
    assert!(
        page.status == 200 && page.text.contains("082333") && page.text.contains("127.0.0.1"),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("&lt;b&gt;browser&lt;/b&gt;") && !page.text.contains("<b>browser"),
        "{}",
        page.text
    );
    assert!(!page.text.contains(&key) && !page.text.contains(cookie.split('=').nth(1).unwrap()));
    let csrf = csrf_of(&page);
    // The cookie opens the pages and not the API.
    app.call("GET", "sessions", &[("cookie", &cookie)]).problem(401, "unauthenticated");
    app.send(
        "PUT",
        "municipalities/082333/readiness/kosodate-01/eapp",
        &[("cookie", &cookie), ("if-match", "\"0\""), ("content-type", "application/json")],
        Some(&json!({"level": 3}).to_string()),
    )
    .problem(401, "unauthenticated");
    let post = |path: &str, cookie: &str, body: &str, from: (&str, &str)| {
        app.send("POST", path, &[("cookie", cookie), FORM, from], Some(body))
    };
    // Forged: without the secret, with another's, from elsewhere.
    let other_csrf = csrf_of(&app.call("GET", "/account", &[("cookie", &second)]));
    for path in ["/sign-out", "/account/end-sessions"] {
        post(path, &cookie, "csrf=x", HERE).problem(403, "forbidden");
        post(path, &cookie, &format!("csrf={other_csrf}"), HERE).problem(403, "forbidden");
        for from in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "https://evil.example"),
            ("x-nothing", "x"),
        ] {
            post(path, &cookie, &format!("csrf={csrf}"), from).problem(403, "forbidden");
        }
        assert_eq!(app.call("GET", path, &[("cookie", &cookie)]).status, 405);
    }
    sign_in(&app, &key, &[("origin", "https://evil.example")]).problem(403, "forbidden");
    sign_in(&app, &key, &[]).problem(403, "forbidden");
    // The other screen is ended from here.
    let origin = format!("http://{}", app.address());
    let ended = post("/account/end-sessions", &cookie, &format!("csrf={csrf}"), ("origin", &origin));
    assert_eq!((ended.status, ended.header("location")), (303, "/account"));
    assert_eq!(app.call("GET", "/account", &[("cookie", &second)]).status, 303);
    assert_eq!(app.call("GET", "/account", &[("cookie", &cookie)]).status, 200);
    let out = post("/sign-out", &cookie, &format!("csrf={csrf}"), HERE);
    assert_eq!((out.status, out.header("location")), (303, "/sign-in"));
    assert!(out.header("set-cookie").contains("Max-Age=0"), "{}", out.header("set-cookie"));
    // The cookie is worth nothing any more, even if it was kept.
    assert_eq!(app.call("GET", "/account", &[("cookie", &cookie)]).status, 303);
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"storage\"");
    // Signing in again ends what was open in the same browser.
    let first = cookie_of(&sign_in(&app, &key, &[HERE]));
    let next = cookie_of(&sign_in(&app, &key, &[HERE, ("cookie", &first)]));
    assert_eq!(app.call("GET", "/account", &[("cookie", &first)]).status, 303);
    assert_eq!(app.call("GET", "/account", &[("cookie", &next)]).status, 200);
    // Each time signed in or out is a row of the log; refused forms are none.
    assert_eq!(app.inner.service.verify_audit(None).unwrap().seq, 8);
}

fn an_administrator_makes_and_revokes_keys(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(admin()));
    holds(&clerk.get("/account"), &["href=\"/tokens\"", "href=\"/audit\"", "管理者"]);
    holds(&clerk.get("/tokens"), &["鍵を作る", "いま使っている鍵", "市区町村"]);
    // What cannot be a key is told with what was typed.
    for (role, municipality, word) in
        [("municipality", "082342", "082341"), ("municipality", "", "団体"), ("king", "082341", "役割")]
    {
        let fields = [("name", "鉾田市 <i>こども課</i>"), ("role", role), ("municipality", municipality)];
        let refused = clerk.post("/tokens", &fields);
        assert_eq!(refused.status, 422, "{role} {municipality}");
        holds(&refused, &["role=\"alert\"", word, "value=\"鉾田市 &lt;i&gt;こども課"]);
    }
    let fields = [
        ("name", "鉾田市 こども課"),
        ("role", "municipality"),
        ("municipality", "082341"),
        ("categories", "kosodate"),
        ("categories", "kaigo"),
        ("days", "30"),
    ];
    let made = clerk.post("/tokens", &fields);
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.text);
    let key = made.text.split("tdk_").nth(1).unwrap().split('<').next().unwrap();
    let key = format!("tdk_{key}");
    // It is a key, of that town alone, and is never shown again.
    let own = Clerk::of(&app, &key);
    holds(&own.get("/account"), &["082341"]);
    let list = clerk.get("/tokens");
    assert!(list.text.contains("鉾田市 こども課") && !list.text.contains(&key), "{}", list.text);
    holds(&list, &["子育て", "介護"]);
    assert_eq!(own.get("/tokens").status, 403);
    assert_eq!(own.get("/audit").status, 403);
    assert_eq!(own.post("/tokens", &fields).status, 403);
    assert_eq!(own.post("/tokens/1/revoke", &[]).status, 403);
    // Once it is revoked its screens are closed.
    assert_eq!(clerk.post("/tokens/2/revoke", &[]).status, 303);
    assert_eq!(own.get("/account").status, 303);
    holds(&clerk.get("/tokens"), &["失効 2026-"]);
    // All of it stands in the log, which can be asked for one kind of act.
    let log = clerk.get("/audit");
    holds(&log, &["token/2", "127.0.0.1", "末尾"]);
    assert!(!log.text.contains(&key));
    let only = clerk.get("/audit?action=token.revoke");
    assert!(only.text.contains("token/2") && !only.text.contains("session/"), "{}", only.text);
    assert_eq!(clerk.get("/audit?action=nothing").status, 400);
}

#[test]
fn over_https_the_cookie_is_bound_to_the_host() {
    let proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let settings = Settings { trusted_proxies: proxies, ..settings() };
    let app = TestApp::with(TestService::new(&Backend::sqlite()), settings);
    let key = app.key(town("082333"));
    let https = ("x-forwarded-proto", "https");
    let signed = sign_in(&app, &key, &[HERE, https]);
    let set = signed.header("set-cookie");
    assert!(
        set.starts_with("__Host-todoke=") && set.contains("; Secure") && set.contains("; Path=/"),
        "{set}"
    );
    assert!(!set.contains("Domain"), "{set}");
    let cookie = cookie_of(&signed);
    assert_eq!(app.call("GET", "/account", &[("cookie", &cookie), https]).status, 200);
    // Sent in clear text, it is not looked at.
    assert_eq!(app.call("GET", "/account", &[("cookie", &cookie)]).status, 303);
}

#[test]
fn tries_to_sign_in_are_counted() {
    let rates = Rates { sign_in: Some("10/min:10".parse().unwrap()), ..Rates::unlimited() };
    let settings = Settings { rates, ..settings() };
    let app = TestApp::with(TestService::new(&Backend::sqlite()), settings);
    let refused = (0..20).filter(|_| sign_in(&app, "tdk_x", &[HERE]).status == 429).count();
    assert!((9..=10).contains(&refused), "{refused}");
    assert_eq!(app.get("/sign-in").status, 200);
}

#[test]
fn pages_and_their_files_name_their_charset() {
    let app = TestApp::start(&Backend::sqlite());
    for path in ["/sign-in", "/docs/", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js"] {
        let answer = app.get(path);
        let kind = answer.header("content-type");
        assert!(
            answer.status == 200 && kind.ends_with("; charset=utf-8"),
            "{path}: {} {kind}",
            answer.status
        );
    }
}

#[test]
fn a_session_is_counted_apart_from_its_address() {
    let rates = Rates { read: Some("1/h:3".parse().unwrap()), ..Rates::unlimited() };
    let settings = Settings { rates, ..settings() };
    let app = TestApp::with(TestService::new(&Backend::sqlite()), settings);
    let cookie = cookie_of(&sign_in(&app, &app.key(town("082333")), &[HERE]));
    assert_eq!((0..5).filter(|_| app.get("procedures?limit=1").status == 200).count(), 3);
    let looked = |cookie: &str| app.call("GET", "/account", &[("cookie", cookie)]).status;
    assert_eq!((looked(&cookie), looked("todoke=invented")), (200, 429));
    assert_eq!([looked(&cookie), looked(&cookie), looked(&cookie)], [200, 200, 429]);
}
