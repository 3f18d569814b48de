//! A database, a service and a server of one's own, on either backend.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use actix_web::web;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use serde_json::Value;
use tempfile::TempDir;
use todoke::domain::access::{Grant, Role};
use todoke::domain::imports::ImportStatus;
use todoke::http::rate::Rates;
use todoke::http::state::{Settings, Site, State};
use todoke::import::Options;
use todoke::import::plan::Unwatched;
use todoke::import::report::{Report, Status};
use todoke::server::{self, Workers};
use todoke::service::Service;
use todoke::service::access::{NewToken, Origin};
use todoke::service::error::Error;
use todoke::service::imports::{ApplyOptions, File};
use todoke::store::url::DatabaseUrl;
use todoke::store::{Db, Missing};

/// Largest file a test server takes.
pub(crate) const MAX_UPLOAD: usize = 20 * 1024 * 1024;

/// Runs a test on both databases.
macro_rules! on_both {
    ($($(#[$meta:meta])* $name:ident;)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[test]
                fn sqlite() {
                    super::$name(&$crate::app::Backend::sqlite());
                }

                #[test]
                fn postgres() {
                    if let Some(backend) = $crate::app::Backend::postgres() {
                        super::$name(&backend);
                    }
                }
            }
        )+
    };
}
pub(crate) use on_both;

/// Says that a test cannot run here; a failure where nothing may be skipped.
pub(crate) fn skipped(reason: &str) {
    assert!(std::env::var_os("NO_SKIP").is_none(), "skipped: {reason}");
    eprintln!("skipped: {reason}");
}

/// An empty database that goes away with the test.
pub(crate) struct Backend {
    url: String,
    folder: Option<TempDir>,
    schema: Option<(String, String)>,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

impl Backend {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = folder.path().join("todoke.db").to_string_lossy().into_owned();
        Self { url, folder: Some(folder), schema: None }
    }

    pub(crate) fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("TODOKE_TEST_POSTGRES_URL") else {
            skipped("TODOKE_TEST_POSTGRES_URL is not set");
            return None;
        };
        static SWEPT: OnceLock<()> = OnceLock::new();
        SWEPT.get_or_init(|| sweep(&server));
        let name = format!("todoke_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        run_sql(&server, &format!("CREATE SCHEMA {name}"));
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-csearch_path%3D{name}");
        Some(Self { url, folder: None, schema: Some((server, name)) })
    }

    pub(crate) fn url(&self) -> DatabaseUrl {
        self.url.parse().unwrap()
    }

    pub(crate) fn url_text(&self) -> &str {
        &self.url
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }

    pub(crate) fn open(&self) -> Db {
        Db::open(&self.url(), 4, Missing::Create).unwrap()
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.schema {
            run_sql(server, &format!("DROP SCHEMA {name} CASCADE"));
        }
    }
}

/// Takes away what test processes that ended early left behind.
fn sweep(server: &str) {
    #[derive(diesel::QueryableByName)]
    struct Found {
        #[diesel(sql_type = diesel::sql_types::Text)]
        name: String,
    }
    let mut conn = PgConnection::establish(server).unwrap();
    let found: Vec<Found> = diesel::sql_query(
        "SELECT nspname::text AS name FROM pg_namespace WHERE nspname LIKE 'todoke\\_test\\_%'",
    )
    .load(&mut conn)
    .unwrap();
    for Found { name } in found {
        let process = name.split('_').nth(2).unwrap_or_default();
        if !PathBuf::from(format!("/proc/{process}")).exists() {
            run_sql(server, &format!("DROP SCHEMA IF EXISTS {name} CASCADE"));
        }
    }
}

fn run_sql(server: &str, statement: &str) {
    use diesel::connection::SimpleConnection;
    let mut conn = PgConnection::establish(server).unwrap();
    conn.batch_execute("SET client_min_messages = warning").unwrap();
    conn.batch_execute(statement).unwrap();
}

/// A clock that a test sets.
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn set(&self, time: &str) {
        let time: DateTime<Utc> = time.parse().unwrap();
        self.0.store(time.timestamp(), Ordering::Relaxed);
    }
}

/// A service over a backend, at a time of its own: noon of 2026-11-21 in Japan.
pub(crate) struct TestService {
    pub(crate) service: Arc<Service>,
    pub(crate) clock: Arc<TestClock>,
}

/// What a file would change, and the hash of the plan.
pub(crate) fn check(
    service: &Service,
    file: &File,
    origin: &Origin,
) -> Result<(Report, Option<[u8; 32]>), Error> {
    let planned = service.plan(origin, file, &Unwatched)?;
    let hash = planned.hash();
    Ok((planned.report, hash))
}

/// Applies a file as the command line does: one that is refused is a report.
pub(crate) fn apply(
    service: &Service,
    file: &File,
    origin: &Origin,
    how: &ApplyOptions,
) -> Result<Report, Error> {
    let planned = service.plan(origin, file, &Unwatched)?;
    if planned.refusal(how).is_some() {
        return Ok(Report { status: Status::Refused, ..planned.report });
    }
    service.apply_file(origin, file, planned, how, &Unwatched)
}

impl TestService {
    pub(crate) fn new(backend: &Backend) -> Self {
        let service = Self::unread(backend);
        service.service.refresh().unwrap();
        service
    }

    /// A service whose grid was never read, as on the command line.
    pub(crate) fn unread(backend: &Backend) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(0)));
        clock.set("2026-11-21T03:00:00Z");
        let hand = Arc::clone(&clock);
        let time = move || DateTime::from_timestamp(hand.0.load(Ordering::Relaxed), 0).unwrap();
        let service = Service::open(backend.open(), Arc::new(time)).unwrap();
        Self { service: Arc::new(service), clock }
    }

    pub(crate) fn options(&self) -> Options {
        Options::new(self.service.today())
    }

    /// Applies a file and brings the grid up to date.
    pub(crate) fn import(&self, name: &str, bytes: &[u8]) -> Report {
        self.import_with(name, bytes, self.options(), &ApplyOptions::default())
    }

    pub(crate) fn import_with(
        &self,
        name: &str,
        bytes: &[u8],
        options: Options,
        how: &ApplyOptions,
    ) -> Report {
        let prepared = self.service.read_file(name, bytes, options);
        let report = apply(&self.service, &prepared, &operator(), how).unwrap();
        self.service.refresh().unwrap();
        report
    }

    /// Applies a file that must be taken without a fault.
    pub(crate) fn must_import(&self, text: &str) -> Report {
        let report = self.import("test.csv", text.as_bytes());
        assert_eq!(report.status, Status::Applied, "{:#?}", report.faults);
        report
    }

    /// Applies a file without reading the grid.
    pub(crate) fn must_apply(&self, text: &str) {
        let prepared = self.service.read_file("test.csv", text.as_bytes(), self.options());
        let report = apply(&self.service, &prepared, &operator(), &ApplyOptions::default()).unwrap();
        assert_eq!(report.status, Status::Applied, "{:#?}", report.faults);
    }

    /// Takes every applied import back, the newest first.
    pub(crate) fn take_everything_back(&self) {
        let (_, imports) = self.service.imports(&operator(), Some(ImportStatus::Applied), 0, 500).unwrap();
        for import in imports {
            self.service.revert(import.id, &operator()).unwrap();
        }
        self.service.refresh().unwrap();
    }

    /// The export as one text.
    pub(crate) fn export(&self) -> String {
        use todoke::export::encoding::Encoding;
        use todoke::export::facts;
        use todoke::export::table::Table;
        use todoke::grid::filter::{BodyFilter, Prefectures, ProcedureFilter, StatementFilter};
        use todoke::grid::later::Days;
        use todoke::service::export::Export;
        let grid = self.service.grid();
        let bodies = BodyFilter::default().select(grid.catalogue(), grid.as_of(), Prefectures::Always);
        let procedures = ProcedureFilter::default().select_any(grid.catalogue());
        let facts = facts(&grid, &bodies, &procedures, &StatementFilter::default(), Days::All);
        let export = Export::new(Arc::clone(&self.service), grid, Table::Long(facts));
        let mut text = Vec::new();
        export.write_csv(Encoding::Utf8, &mut text).unwrap();
        settled(&String::from_utf8(text).unwrap())
    }
}

/// What an export states: without the name of the prefecture, which follows from the code, and
/// without the revision at which it was written.
pub(crate) fn settled(export: &str) -> String {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(export.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let left_out = ["prefecture_name", "revision"]
        .map(|name| rows[0].iter().position(|heading| heading == name).expect("a column of the export"));
    for row in &rows {
        let kept = row.iter().enumerate().filter(|(at, _)| !left_out.contains(at));
        writer.write_record(kept.map(|(_, cell)| cell)).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// What a key of one municipality grants.
pub(crate) fn town(code: &str) -> Grant {
    Grant::new(Role::Municipality, None, Some(code.parse().unwrap()), vec![], vec![]).unwrap()
}

/// What a key of one prefecture grants.
pub(crate) fn prefecture(code: &str) -> Grant {
    Grant::new(Role::Prefecture, Some(code.parse().unwrap()), None, vec![], vec![]).unwrap()
}

/// What an administrator's key grants.
pub(crate) fn admin() -> Grant {
    Grant::new(Role::Admin, None, None, vec![], vec![]).unwrap()
}

/// Someone at the machine.
pub(crate) fn operator() -> Origin {
    Origin::command_line("test")
}

/// How a server of the tests is run where a test says nothing else: without limits, which tests would soon meet.
pub(crate) fn settings() -> Settings {
    Settings {
        docs: true,
        trusted_proxies: Vec::new(),
        insecure_http: false,
        rates: Rates::unlimited(),
        max_upload: MAX_UPLOAD,
        site: Site::default(),
        demo: false,
    }
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A server over a service, on a port of its own.
pub(crate) struct TestApp {
    pub(crate) inner: TestService,
    base: String,
    agent: ureq::Agent,
    stop: Option<actix_web::dev::ServerHandle>,
}

/// What a server answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) text: String,
    /// The body as it came, for what is no text.
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|cause| panic!("{cause}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn results(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["results"].as_array().unwrap().clone()
    }

    pub(crate) fn count(&self) -> u64 {
        self.json()["metadata"]["resultset"]["count"].as_u64().unwrap()
    }

    /// Asserts that this is a problem document of a kind, and gives its errors.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Vec<Value> {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        let json = self.json();
        assert_eq!(json["type"], format!("urn:todoke:problem:{kind}"));
        assert_eq!(json["status"], status);
        for text in ["title", "detail", "instance"] {
            assert!(!json[text].as_str().unwrap().is_empty(), "{text} of {json}");
        }
        json["errors"].as_array().unwrap().clone()
    }
}

impl TestApp {
    pub(crate) fn start(backend: &Backend) -> Self {
        Self::over(TestService::new(backend))
    }

    /// Without limits, which tests would soon meet.
    pub(crate) fn over(inner: TestService) -> Self {
        let site = Site {
            data_licence: None,
            url: Some("https://todoke.example.jp".to_owned()),
            contact: Some("mailto:security@example.jp".to_owned()),
        };
        Self::with(inner, Settings { site, ..settings() })
    }

    pub(crate) fn with(inner: TestService, settings: Settings) -> Self {
        let state = web::Data::new(State::new(Arc::clone(&inner.service), settings));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server =
                    server::serve(listener, state, Workers { count: Some(1), signals: false }).unwrap();
                send.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .build()
            .new_agent();
        Self { inner, base, agent, stop: Some(receive.recv().unwrap()) }
    }

    /// Address and port.
    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[])
    }

    pub(crate) fn call(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(method, path, headers, None)
    }

    /// A request with a key and a JSON body.
    pub(crate) fn write(
        &self,
        key: &str,
        method: &str,
        path: &str,
        tag: &str,
        body: Option<&Value>,
    ) -> Answer {
        let bearer = format!("Bearer {key}");
        let mut headers = vec![("authorization", bearer.as_str())];
        if !tag.is_empty() {
            headers.push(("if-match", tag));
        }
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        self.send(method, path, &headers, body.map(Value::to_string).as_deref())
    }

    /// Makes a key.
    pub(crate) fn key(&self, grant: Grant) -> String {
        let new = NewToken { name: "test".to_owned(), grant, days: None };
        let (_, secret) = self.inner.service.create_token(&operator(), &new).unwrap();
        secret.reveal().to_owned()
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&str>,
    ) -> Answer {
        let url = self.url(path);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body).unwrap()).unwrap(),
            None => self.agent.run(request.body(()).unwrap()).unwrap(),
        };
        Answer::of(response)
    }

    /// A request whose body is no text.
    fn url(&self, path: &str) -> String {
        match path.starts_with('/') {
            true => format!("{}{path}", self.base),
            false => format!("{}/api/v1/{path}", self.base),
        }
    }

    pub(crate) fn send_bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let url = self.url(path);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Answer::of(self.agent.run(request.body(body).unwrap()).unwrap())
    }
}

impl Answer {
    fn of(mut response: ureq::http::Response<ureq::Body>) -> Self {
        let bytes = response.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: response.status().as_u16(), headers: response.headers().clone(), text, bytes }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(handle) = self.stop.take() {
            drop(handle.stop(false));
        }
    }
}
