//! The program as a clerk and an operator run it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::app::{Backend, on_both};

/// A folder of one's own and the program in it.
pub(crate) struct Workdir(pub(crate) TempDir);

impl Workdir {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_todoke"));
        command.current_dir(self.0.path()).args(args).stdin(Stdio::null());
        for name in ["DATABASE_URL", "RUST_LOG", "TODOKE_TEST_POSTGRES_URL"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args).output().unwrap())
    }

    /// Makes the database that commands then find.
    fn prepare(&self) {
        assert_eq!(self.run(&["token", "create", "--name", "x", "--role", "admin"]).code, 0);
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

const GOOD: &str =
    "団体コード,団体名,手続ID,接点,段階\n082333,行方市,kosodate-01,マイナポータル（ぴったりサービス）,4\n";
const BAD: &str = "団体コード,団体名,手続ID,接点,段階\n082334,行方市,kosodate-01,eapp,4\n";

on_both! {
    a_file_is_checked_applied_and_taken_back;
    a_newer_database_is_left_alone;
}

fn a_newer_database_is_left_alone(backend: &Backend) {
    use diesel::connection::SimpleConnection;
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
    backend
        .open()
        .write(|conn| conn.batch_execute(newer).map_err(todoke::store::error::Error::from))
        .unwrap();
    let dir = Workdir::new();
    dir.write("good.csv", GOOD);
    for args in [&["serve"][..], &["doctor"], &["import", "good.csv"], &["check", "good.csv"], &["export"]] {
        let mut command = dir.command(args);
        command.env("DATABASE_URL", backend.url_text()).env("TODOKE_LISTEN", "127.0.0.1:0");
        let ran = Ran::of(command.output().unwrap());
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains("新しい版") && ran.err.contains("newer than this program"), "{}", ran.err);
    }
}

fn a_file_is_checked_applied_and_taken_back(backend: &Backend) {
    let dir = Workdir::new();
    dir.write("good.csv", GOOD);
    let url = backend.url_text();
    let checked = dir.run(&["--database-url", url, "check", "good.csv"]);
    assert_eq!(checked.code, 0, "{}", checked.err);
    // Looking prepares nothing: there is no table yet.
    let doctor = dir.run(&["--database-url", url, "doctor"]);
    assert_eq!(doctor.code, 2);
    assert!(doctor.err.contains("todoke import"), "{}", doctor.err);
    assert!(
        checked.out.contains("新規 1") && checked.out.contains("何も書き込んでいません"),
        "{}",
        checked.out
    );
    let applied = dir.run(&["--database-url", url, "import", "good.csv", "--json", "--yes"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    let report: Value = serde_json::from_str(&applied.out).unwrap();
    assert_eq!((&report["status"], &report["import_id"]), (&"applied".into(), &1.into()));
    assert_eq!(report["counts"]["created"], 1);
    let again = dir.run(&["--database-url", url, "import", "good.csv"]);
    assert_eq!(again.code, 0);
    assert!(again.out.contains("変更は0件です"), "{}", again.out);
    let exported = dir.run(&["--database-url", url, "export"]);
    assert!(exported.out.starts_with("\u{FEFF}municipality_code,") && exported.out.ends_with("\r\n"));
    assert_eq!(exported.out.lines().count(), 2);
    let town = dir.run(&["--database-url", url, "export", "--municipality", "08233"]);
    assert_eq!(town.out, exported.out);
    assert_eq!(
        dir.run(&["--database-url", url, "export", "--municipality", "142042"]).out.lines().count(),
        1
    );
    let back = dir.run(&["--database-url", url, "import", "--revert", "1"]);
    assert!(back.code == 0 && back.out.contains("取り消し 1件"), "{}{}", back.out, back.err);
    let twice = dir.run(&["--database-url", url, "import", "--revert", "1"]);
    assert_eq!(twice.code, 1);
    assert!(
        twice.err.contains("すでに元に戻されています") && twice.err.contains("already reverted"),
        "{}",
        twice.err
    );
    assert_eq!(dir.run(&["--database-url", url, "export", "--format", "ndjson"]).out, "");
}

#[test]
fn a_refused_file_changes_nothing_and_says_why() {
    let dir = Workdir::new();
    dir.write("bad.csv", BAD);
    dir.write("todoke.xlsx", "this is no workbook");
    let ran = dir.run(&["import", "bad.csv", "--yes"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("2行目「団体コード」列") && ran.out.contains("候補: 082333"), "{}", ran.out);
    assert!(ran.out.contains("取り込めませんでした。何も書き込んでいません。"));
    let ran = dir.run(&["check", "todoke.xlsx"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("見出しから表の形が分かりません"), "{}", ran.out);
    let ran = dir.run(&["check", "missing.csv"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("cannot read missing.csv"), "{}", ran.err);
}

#[test]
fn a_database_that_is_not_there_is_made_only_when_that_is_meant() {
    let dir = Workdir::new();
    dir.write("good.csv", GOOD);
    for args in [&["import", "good.csv"][..], &["import", "good.csv", "--json"]] {
        let ran = dir.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        for told in
            ["todoke.db がありません", "サーバのあるフォルダ", "--database-url", "--yes", "no database"]
        {
            assert!(ran.err.contains(told), "{}", ran.err);
        }
        assert_eq!(dir.names(), ["good.csv"]);
    }
    let (code, _, screen) = on_a_terminal(&dir, &["import", "good.csv"], "\n");
    assert!(screen.contains("新しいデータベースを作りますか？ [y/N]"), "{screen}");
    assert!(code == 1 && screen.contains("何も書き込んでいません"), "{screen}");
    assert_eq!(dir.names(), ["good.csv"]);
    let (code, out, screen) = on_a_terminal(&dir, &["import", "good.csv"], "y\ny\n");
    assert!(code == 0 && out.contains("新規 1") && screen.contains("この内容で"), "{out}{screen}");
    assert!(dir.names().contains(&"todoke.db".to_owned()));
    // Now it is there.
    assert_eq!(dir.run(&["import", "good.csv"]).code, 0);
}

#[test]
fn the_sample_is_imported_as_it_is() {
    let dir = Workdir::new();
    let made = dir.run(&["sample", "-o", "試し.csv"]);
    assert!(made.code == 0 && made.err.contains("todoke import 試し.csv"), "{}", made.err);
    let checked = dir.run(&["check", "試し.csv", "--json"]);
    let report: Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!((checked.code, &report["questions"], &report["fault_count"]), (0, &json!([]), &json!(0)));
    assert_eq!((&report["warning_count"], &report["notes"]), (&json!(0), &json!([])), "{report:#}");
    assert_eq!((&report["counts"]["bodies"], &report["counts"]["created"]), (&json!(2), &json!(8)));
    assert_eq!(dir.run(&["import", "試し.csv", "--yes"]).code, 0);
    let exported = dir.run(&["export"]).out;
    for told in [
        "not_applicable",
        ",3,true,live,",
        ",2,false,live,4,2027-03-31,fiscal_year,",
        "example.jp",
        "こども課",
    ] {
        assert!(exported.contains(told), "{told}: {exported}");
    }
    // Nothing is written over, and the name is 見本.csv where none is said.
    let again = dir.run(&["sample", "-o", "試し.csv"]);
    assert!(again.code == 2 && again.err.contains("試し.csv はもうあります"), "{}", again.err);
    assert_eq!(dir.run(&["sample"]).code, 0);
    assert!(dir.names().contains(&"見本.csv".to_owned()));
}

#[test]
fn an_empty_database_says_where_the_first_file_is() {
    let dir = Workdir::new();
    let screen = serve_on_a_terminal(&dir);
    for told in [
        "まだ1件もありません",
        "オンライン化状況一覧",
        "「行政手続のオンライン化」",
        "todoke import",
        "todoke sample",
    ] {
        assert!(screen.contains(told), "{told}: {screen}");
    }
    dir.write("good.csv", GOOD);
    assert_eq!(dir.run(&["import", "good.csv"]).code, 0);
    assert!(!serve_on_a_terminal(&dir).contains("まだ1件もありません"));
}

#[test]
fn a_check_leaves_no_file_behind() {
    let dir = Workdir::new();
    dir.write("good.csv", GOOD);
    for args in [&["check", "good.csv"][..], &["import", "good.csv", "--dry-run"]] {
        let ran = dir.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""));
        assert_eq!(dir.names(), ["good.csv"]);
    }
}

#[test]
fn slips_of_the_operator_are_told_in_both_languages() {
    let dir = Workdir::new();
    // A database of some other program.
    dir.write("foreign.db", "");
    dir.write("nonsense.db", "this is no database, and it is long enough to be looked at as one");
    for (args, ja, en) in [
        (
            &["--database-url", "host=localhost port=5432", "doctor"][..],
            "データベースの指定が正しくありません",
            "not a database URL",
        ),
        (
            &["--database-url", "mysql://u:secret@h/d", "doctor"],
            "データベースの指定が正しくありません",
            "allowed: todoke.db",
        ),
        (
            &["--database-url", "mysql:x", "serve"],
            "データベースの指定が正しくありません",
            "allowed: todoke.db",
        ),
        (
            &["--database-url", "postgres://u:secret@[::1/db", "doctor"],
            "を開けません",
            "cannot open the database",
        ),
        (
            &["--database-url", "postgres://u:secr%et@127.0.0.1/db", "doctor"],
            "を開けません",
            "cannot open the database",
        ),
        (
            &["--database-url", "absent.db", "import", "x.csv", "--layout", "wide"],
            "レイアウト「wide」はありません",
            "allowed: long",
        ),
        (
            &["--database-url", "foreign.db", "export"],
            "準備されていません",
            "is not prepared for this program",
        ),
        (&["--database-url", "absent.db", "doctor"], "がありません", "there is no database at absent.db"),
        (&["--database-url", "absent.db", "export"], "がありません", "there is no database at absent.db"),
        (
            &["--database-url", "nonsense.db", "doctor"],
            "を開けません",
            "cannot open the database nonsense.db",
        ),
        (
            &["--database-url", "no/such/folder/x.db", "serve", "--listen", "127.0.0.1:0"],
            "を開けません",
            "cannot open the database",
        ),
        (
            &["--database-url", "postgres://nobody@127.0.0.1:1/none", "doctor"],
            "を開けません",
            "cannot open the database postgres://127.0.0.1:1/none",
        ),
        (&["serve", "--listen", "0.0.0.0:0"], "暗号化なし", "TODOKE_INSECURE_HTTP"),
    ] {
        let ran = dir.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(ja) && ran.err.contains(en), "{args:?}: {}", ran.err);
        assert!(!ran.err.contains("secret") && !ran.err.contains("secr%et"), "{}", ran.err);
    }
    // A check reads the file all the same, and says that it compares with nothing.
    dir.write("town.csv", "団体コード,手続ID,接点,段階\n082333,kosodate-15,eapp,3\n");
    let ran = dir.run(&["--database-url", "foreign.db", "check", "town.csv"]);
    assert!(ran.code == 0 && ran.err.contains("今の記録と比べずに調べます"), "{}{}", ran.out, ran.err);
    let mut command = dir.command(&["doctor"]);
    let ran = Ran::of(command.env("TODOKE_LISTN", "x").output().unwrap());
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("TODOKE_LISTN") && ran.err.contains("TODOKE_LISTEN"), "{}", ran.err);
    assert_eq!(dir.run(&["nosuchcommand"]).code, 2);
    assert_eq!(dir.run(&["import"]).code, 2);
    // No slip made a database.
    assert_eq!(dir.names(), ["foreign.db", "nonsense.db", "town.csv"]);
}

#[test]
fn cells_do_not_speak_to_the_terminal() {
    let dir = Workdir::new();
    dir.write("esc.csv", "団体コード,手続ID,接点,段階\n082333,kosodate-01,\x1b[31mred,4\n");
    let ran = dir.run(&["check", "esc.csv"]);
    assert_eq!(ran.code, 1);
    assert!(!ran.out.contains('\x1b') && ran.out.contains("red"), "{}", ran.out);
}

#[test]
fn help_speaks_to_a_clerk() {
    let dir = Workdir::new();
    let ran = dir.run(&["--help"]);
    assert_eq!(ran.code, 0);
    for text in ["サーバを起動する", "取り込む", "何も書き込まない", "書き出す", "状態を調べる"]
    {
        assert!(ran.out.contains(text), "{text}");
    }
    assert!(dir.run(&["import", "--help"]).out.contains("元に戻す"));
    assert_eq!(dir.run(&["--version"]).out, format!("todoke {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_contract_is_written_and_a_closed_pipe_is_no_fault() {
    let dir = Workdir::new();
    assert_eq!(dir.run(&["openapi"]).out, todoke::api::openapi::text());
    assert_eq!(dir.run(&["openapi", "--spec-version", "3.0"]).out, todoke::api::openapi::text_30());
    let mut child = dir.command(&["openapi"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""));
}

/// A running `todoke serve`.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(dir: &Workdir, args: &[&str]) -> Self {
        let mut command = dir.command(args);
        command.env("TODOKE_LISTEN", "127.0.0.1:0");
        Self::of(command)
    }

    /// Starts a command that serves, and waits until it says where.
    fn of(mut command: Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                let line = line.unwrap();
                let start = line.find("http://")? + "http://".len();
                Some(line[start..start + line[start..].find('/')?].to_owned())
            })
            .unwrap();
        // Whatever is still told must not block the program.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, address }
    }

    fn get(&self, path: &str) -> Value {
        let mut response = ureq::get(format!("http://{}{path}", self.address)).call().unwrap();
        serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_server_sees_what_the_command_line_writes() {
    let dir = Workdir::new();
    dir.write("good.csv", GOOD);
    // No subcommand is `serve`; the missing database is made.
    let server = Serving::start(&dir, &[]);
    assert_eq!(server.get("/version")["revision"], 0);
    let ran = dir.run(&["import", "good.csv"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let seen = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        server.get("/api/v1/readiness")["metadata"]["resultset"]["count"] == 1
    });
    assert!(seen, "the server did not notice the import");
    let second = dir.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.code, 2);
    assert!(second.err.contains("別の todoke serve が使っています"), "{}", second.err);
    let doctor = dir.run(&["doctor"]);
    assert!(doctor.code == 0 && doctor.out.contains("対応状況: 1件"), "{}", doctor.out);
}

#[test]
fn a_made_up_country_says_so_and_goes() {
    let dir = Workdir::new();
    let mut command = dir.command(&["demo", "--prefecture", "36", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", dir.0.path());
    let mut server = Serving::of(command);
    assert_eq!(dir.names().len(), 1, "{:?}", dir.names());
    let figure = server.get("/api/v1/figures/online_rate?prefecture=36&by=municipality&limit=100");
    assert_eq!(figure["metadata"]["resultset"]["count"], 24);
    for path in
        ["/", "/prefectures/36", "/prefectures/36?view=bare", "/municipalities/362018", "/sign-in", "/about"]
    {
        let mut page = ureq::get(format!("http://{}{path}", server.address)).call().unwrap();
        let text = page.body_mut().read_to_string().unwrap();
        assert!(text.contains("見本: すべて架空のデータです"), "{path}");
    }
    // There is something to see: what rises, what is planned, what is used.
    for path in [
        "/api/v1/changes?from=2024-04-01&prefecture=36",
        "/api/v1/usage?prefecture=36",
        "/api/v1/figures/lead?prefecture=36&by=municipality",
    ] {
        assert_ne!(server.get(path)["metadata"]["resultset"]["count"], 0, "{path}");
    }
    assert!(Command::new("kill").arg(server.child.id().to_string()).status().unwrap().success());
    assert!(server.child.wait().unwrap().success());
    assert_eq!(dir.names(), Vec::<String>::new());
}

#[test]
fn a_port_in_use_is_told() {
    let dir = Workdir::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = dir.run(&["serve", "--listen", &address]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("待ち受けられません") && ran.err.contains(&address), "{}", ran.err);
    assert_eq!(dir.names().len(), 0);
}

/// A terminal: what is typed and shown, and its other side for a program.
fn terminal() -> (std::fs::File, impl Fn() -> std::fs::File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    (master.into(), move || std::fs::OpenOptions::new().read(true).write(true).open(&name).unwrap())
}

/// Runs the program on a terminal, where a person types something.
fn on_a_terminal(dir: &Workdir, args: &[&str], typed: &str) -> (i32, String, String) {
    let (mut screen, terminal) = terminal();
    let mut command = dir.command(args);
    command.stdin(terminal()).stderr(terminal()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(command);
    screen.write_all(typed.as_bytes()).unwrap();
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    let code = child.wait().unwrap().code().unwrap();
    let mut shown = Vec::new();
    // Reading a terminal that nobody writes to any more ends with an error.
    let _ = screen.read_to_end(&mut shown);
    (code, out, String::from_utf8(shown).unwrap())
}

#[test]
fn keys_are_made_listed_and_revoked_on_the_machine() {
    let dir = Workdir::new();
    let made = dir.run(&[
        "token",
        "create",
        "--name",
        "行方市",
        "--role",
        "municipality",
        "--municipality",
        "08233",
        "--category",
        "kosodate,kaigo",
        "--days",
        "30",
    ]);
    assert_eq!(made.code, 0, "{}", made.err);
    let key = made.out.trim();
    assert!(key.len() == 40 && key.starts_with("tdk_"), "{key}");
    assert!(!made.err.contains(key));
    let listed = dir.run(&["token", "list"]).out;
    assert!(!listed.contains(key) && listed.contains(&format!("tdk_{}…", &key[4..8])), "{listed}");
    assert!(
        listed.contains("082333") && listed.contains("kosodate,kaigo") && listed.contains("有効"),
        "{listed}"
    );
    assert_eq!(dir.run(&["token", "revoke", "1"]).code, 0);
    assert!(dir.run(&["token", "list"]).out.contains("失効"));
    assert_eq!(dir.run(&["token", "revoke", "9"]).code, 1);
    for args in [
        &["--role", "municipality"][..],
        &["--role", "admin", "--prefecture", "08"],
        &["--role", "king"],
        &["--role", "admin", "--days", "367"],
        &["--role", "municipality", "--municipality", "082334"],
    ] {
        let ran = dir.run(&[&["token", "create", "--name", "x"], args].concat());
        assert!(ran.code == 2 && ran.out.is_empty() && !ran.err.is_empty(), "{args:?}: {}", ran.err);
    }
    let verified = dir.run(&["audit", "verify"]);
    assert!(verified.code == 0 && verified.err.contains("監査記録 2件"), "{}", verified.err);
    let head = verified.out.trim();
    assert_eq!(dir.run(&["audit", "verify", "--head", head]).code, 0);
    let other = format!("{}{}", &head[1..], "0");
    let cut = dir.run(&["audit", "verify", "--head", &other]);
    assert!(cut.code == 1 && cut.err.contains("末尾が切り取られた"), "{}", cut.err);
    assert_eq!(dir.run(&["audit", "verify", "--head", "xyz"]).code, 2);
}

#[test]
fn the_first_start_gives_a_key_to_a_person_and_none_to_a_log() {
    let dir = Workdir::new();
    let server = Serving::start(&dir, &[]);
    drop(server);
    assert!(!dir.run(&["token", "list"]).out.contains("tdk_"), "a key was made where nobody sees it");
    let screen = serve_on_a_terminal(&dir);
    let key = screen.lines().map(str::trim).find(|line| line.starts_with("tdk_")).unwrap().to_owned();
    assert_eq!(key.len(), 40, "{screen}");
    assert!(dir.run(&["token", "list"]).out.contains("admin"));
    assert!(!serve_on_a_terminal(&dir).contains("tdk_"), "a second key was made");
}

/// What a server shows on a terminal until it answers.
fn serve_on_a_terminal(dir: &Workdir) -> String {
    let (mut screen, terminal) = terminal();
    let mut command = dir.command(&["serve", "--listen", "127.0.0.1:0"]);
    command.stdin(terminal()).stderr(terminal()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut shown = String::new();
    let mut piece = [0; 1024];
    while !shown.contains("受け付けています") {
        let count = screen.read(&mut piece).unwrap();
        shown.push_str(&String::from_utf8_lossy(&piece[..count]));
    }
    // What else it has to say comes at once.
    std::thread::sleep(std::time::Duration::from_millis(500));
    child.kill().unwrap();
    child.wait().unwrap();
    let mut rest = Vec::new();
    let _ = screen.read_to_end(&mut rest);
    shown + &String::from_utf8_lossy(&rest)
}

#[test]
fn no_key_is_ever_logged() {
    let dir = Workdir::new();
    let key = dir.run(&["token", "create", "--name", "x", "--role", "admin"]).out.trim().to_owned();
    let slip = format!("{}x", &key[..39]);
    for format in ["text", "json"] {
        let log = std::fs::File::create(dir.0.path().join("log")).unwrap();
        let mut command = dir.command(&["serve", "--listen", "127.0.0.1:0", "--log-format", format]);
        command.env("RUST_LOG", "trace").stderr(log).stdout(Stdio::null());
        let mut child = command.spawn().unwrap();
        let told = || std::fs::read_to_string(dir.0.path().join("log")).unwrap();
        let address = (0..200)
            .find_map(|_| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                let text = told();
                let start = text.find("http://127.0.0.1:")? + "http://".len();
                Some(text[start..start + text[start..].find('/')?].to_owned())
            })
            .unwrap();
        let agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().new_agent();
        let url = |path: &str| format!("http://{address}{path}");
        for sent in [&key, &slip] {
            let bearer = format!("Bearer {sent}");
            for path in ["/api/v1/audit", "/api/v1/tokens", "/api/v1/procedures", "/api/v1/nothing"] {
                agent.get(url(path)).header("authorization", &bearer).call().unwrap();
            }
            let put = url("/api/v1/municipalities/082333/readiness/kosodate-01/eapp");
            for body in ["{\"level\":3}", "{\"level\":", "{\"token\":\"x\"}"] {
                let request = agent.put(&put).header("authorization", &bearer).header("if-match", "*");
                request.header("content-type", "application/json").send(body).unwrap();
            }
            let form = agent.post(url("/sign-in")).header("sec-fetch-site", "same-origin");
            form.header("content-type", "application/x-www-form-urlencoded")
                .send(format!("token={sent}"))
                .unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let text = told();
        assert!(text.lines().count() > 20, "nothing was logged: {text}");
        for secret in [&key[8..], &slip[8..]] {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{format}");
        }
    }
}

#[test]
fn weak_settings_are_told() {
    let dir = Workdir::new();
    dir.run(&["token", "create", "--name", "x", "--role", "admin"]);
    let doctor = |set: &[(&str, &str)]| {
        let mut command = dir.command(&["doctor"]);
        command.envs(set.iter().copied());
        Ran::of(command.output().unwrap())
    };
    let sound = doctor(&[]);
    assert!(sound.code == 0 && sound.out.contains("問題は見つかりませんでした"), "{}", sound.out);
    assert!(sound.out.contains("監査記録: 1件"), "{}", sound.out);
    assert!(
        sound.out.contains("待ち受け: 127.0.0.1:8080") && sound.out.contains("参照 200/s:1000"),
        "{}",
        sound.out
    );
    assert!(doctor(&[("TODOKE_LISTEN", "localhost:81")]).out.contains("待ち受け: 127.0.0.1:81"));
    for (set, told) in [
        (&[("TODOKE_LISTEN", "0.0.0.0:8080"), ("TODOKE_INSECURE_HTTP", "true")][..], "暗号化なし"),
        (&[("TODOKE_TRUSTED_PROXIES", "0.0.0.0/0")], "広すぎます"),
        (&[("TODOKE_LIMIT_WRITE", "off")], "TODOKE_LIMIT_WRITE が off"),
    ] {
        let weak = doctor(set);
        assert!(
            weak.code == 0 && weak.out.contains(told) && !weak.out.contains("問題は見つかりません"),
            "{}",
            weak.out
        );
    }
    use std::os::unix::fs::PermissionsExt;
    let file = dir.0.path().join("todoke.db");
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(doctor(&[]).out.contains("chmod 600"));
    for _ in 0..3 {
        dir.run(&["token", "create", "--name", "x", "--role", "admin"]);
    }
    assert!(doctor(&[]).out.contains("管理者の鍵が4個"));
}

#[test]
fn clear_text_stays_on_the_machine() {
    let dir = Workdir::new();
    let refused = dir.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert!(refused.code == 2 && refused.err.contains("TODOKE_TRUSTED_PROXIES"), "{}", refused.err);
    assert!(refused.err.contains("TODOKE_INSECURE_HTTP=true"), "{}", refused.err);
    for wrong in ["x", "127.0.0.1/33", "127.0.0.1,x"] {
        assert_eq!(
            dir.run(&["serve", "--listen", "127.0.0.1:0", "--trusted-proxies", wrong]).code,
            2,
            "{wrong}"
        );
    }
    assert_eq!(dir.run(&["serve", "--listen", "127.0.0.1:0", "--limit-read", "many"]).code, 2);
    assert_eq!(dir.names().len(), 0);
}

#[test]
fn a_person_at_a_terminal_is_asked_and_sees_what_goes_on() {
    let dir = Workdir::new();
    dir.write("good.csv", GOOD);
    dir.prepare();
    for (typed, written) in [("n\n", false), ("\n", false), ("はい\n", true)] {
        let (code, out, screen) = on_a_terminal(&dir, &["import", "good.csv"], typed);
        assert!(screen.contains("内容を調べています"), "{screen}");
        assert!(screen.contains("この内容で取り込みますか？ [y/N]"), "{screen}");
        assert!(out.contains("新規 1"), "{out}");
        assert_eq!(code, i32::from(!written), "{screen}");
        assert_eq!(screen.contains("何も書き込んでいません"), !written, "{screen}");
        assert_eq!(dir.run(&["export"]).out.lines().count(), 1 + usize::from(written));
    }
    // What would change nothing is not asked about, and --yes asks nothing.
    let (code, out, screen) = on_a_terminal(&dir, &["import", "good.csv"], "");
    assert!(code == 0 && out.contains("変更は0件です") && !screen.contains("[y/N]"), "{out}{screen}");
    let (code, _, screen) = on_a_terminal(&dir, &["import", "good.csv", "--yes"], "");
    assert!(code == 0 && !screen.contains("[y/N]"), "{screen}");
}

#[test]
fn a_person_at_a_terminal_answers_questions_and_keeps_the_answers() {
    let dir = Workdir::new();
    let table = "団体コード,妊娠の届出,転出届\n082333,○,ー\n";
    dir.write("wide.csv", table);
    dir.prepare();
    // Giving up writes nothing and says what to do.
    let (code, out, screen) =
        on_a_terminal(&dir, &["import", "wide.csv", "--effective-on", "2026-04-01"], "\n");
    assert!(code == 1 && out.contains("何も書き込んでいません"), "{out}{screen}");
    // A word that makes no sense is asked for again at once.
    let typed =
        "どこか\nマイナポータル（ぴったりサービス）\n99\nたぶん\nnot_applicable\nはい\nはい\nOurs!\nours\n";
    let (code, out, screen) =
        on_a_terminal(&dir, &["import", "wide.csv", "--effective-on", "2026-04-01"], typed);
    assert!(screen.contains("質問 1/2: この表はどの接点についてのものですか"), "{screen}");
    assert!(screen.contains("質問 2/2: 「ー」は何を意味しますか（1か所: 「"), "{screen}");
    assert!(screen.contains("番号か、意味そのものを書いてください"), "{screen}");
    assert!(screen.contains("「どこか」: ") && screen.contains("「たぶん」: "), "{screen}");
    assert_eq!(screen.matches("質問 1/2").count(), 1, "{screen}");
    // Whoever is asked has not been told that all is over, and what is kept is asked about afterwards.
    assert!(!out.contains("何も書き込んでいません"), "{out}");
    assert!(
        screen.contains("答えを次回のために残しますか") && screen.contains("--profile ours で使えます"),
        "{screen}"
    );
    assert!(code == 0 && out.contains("新規 2"), "{out}{screen}");
    let export = dir.run(&["export"]).out;
    assert!(export.contains(",mynaportal,") && export.contains(",not_applicable,"), "{export}");
    let again = [
        "import",
        "wide.csv",
        "--effective-on",
        "2026-04-01",
        "--channel",
        "mynaportal",
        "--profile",
        "ours",
    ];
    let (code, out, _) = on_a_terminal(&dir, &again, "");
    assert!(code == 0 && out.contains("変更は0件です"), "{out}");
    // Each question is one line of the report, too.
    let report = dir.run(&["check", "wide.csv"]).out;
    let questions: Vec<&str> = report.lines().filter(|line| line.starts_with("質問: ")).collect();
    assert_eq!(questions.len(), 2, "{report}");
}

#[test]
fn a_request_that_breaks_the_decoder_ends_with_its_connection() {
    let dir = Workdir::new();
    let log = std::fs::File::create(dir.0.path().join("log")).unwrap();
    let mut command = dir.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stderr(log).stdout(Stdio::null()).spawn().unwrap();
    let told = || std::fs::read_to_string(dir.0.path().join("log")).unwrap();
    let address = (0..200)
        .find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            let text = told();
            let start = text.find("http://127.0.0.1:")? + "http://".len();
            Some(text[start..start + text[start..].find('/')?].to_owned())
        })
        .unwrap();
    for _ in 0..3 {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let name = "A".repeat(70_000);
        let _ = stream.write_all(format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{name}: 1\r\n\r\n").as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 200"));
        assert_eq!(ureq::get(format!("http://{address}/healthz")).call().unwrap().status(), 200);
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let text = told();
    assert_eq!(text.lines().filter(|line| line.contains("panicked")).count(), 3, "{text}");
    assert!(!text.contains("backtrace"), "{text}");
}
