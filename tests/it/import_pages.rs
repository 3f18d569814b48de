//! A clerk with a table and a browser without script: each step a page, and nothing lost on the way.

use serde_json::json;
use todoke::http::state::Settings;

use crate::app::{Answer, Backend, TestApp, TestService, on_both, prefecture, settings, town};
use crate::web::{FORM, HERE, cookie_of, csrf_of, sign_in};

on_both! {
    a_table_is_sent_asked_about_applied_and_taken_back;
    what_is_refused_is_told_where_the_file_was_chosen;
    what_was_typed_outlives_the_session;
    another_window_does_not_apply_what_this_one_shows;
    nobody_else_sees_or_sends_anything;
    rows_are_those_of_the_last_answers;
    an_answer_that_is_none_loses_no_other;
    answers_are_kept_for_the_next_table;
    what_is_counted_says_what_and_when;
    marks_of_the_counter_are_asked_for_before_they_are_written;
    a_prefecture_sees_whose_each_table_is;
}

/// A clerk's table as it is: a title, a legend, marks of the house.
const TABLE: &str = "鉾田市　対応状況（令和8年10月末現在）,,,,\n\
    手続名,マイナポータル,汎用電子申請,本庁窓口,担当課\n\
    妊娠の届出,○,,2,健康増進課\n\
    居宅介護（介護予防）住宅改修費の支給申請,○,ー,,介護保険課\n\
    り災証明書の発行申請,,○,書かない,危機管理課\n\
    港湾関係手続,,ー,,建設課\n\
    ※○…対応済　ー…該当なし,,,,\n";

/// Someone at a browser who signed in.
pub(crate) struct Clerk<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl<'a> Clerk<'a> {
    pub(crate) fn of(app: &'a TestApp, key: &str) -> Self {
        let cookie = cookie_of(&sign_in(app, key, &[HERE]));
        let csrf = csrf_of(&app.call("GET", "/account", &[("cookie", &cookie)]));
        Self { app, cookie, csrf }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.app.call("GET", path, &[("cookie", &self.cookie), ("accept", "text/html")])
    }

    pub(crate) fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encoded = |(name, value): &(&str, &str)| format!("{name}={}", form_encoded(value));
        let own = [("csrf", self.csrf.as_str())];
        let body: Vec<String> = own.iter().chain(fields).map(encoded).collect();
        let headers = [("cookie", self.cookie.as_str()), FORM, HERE, ("accept", "text/html")];
        self.app.send("POST", path, &headers, Some(&body.join("&")))
    }

    fn send(&self, name: &str, bytes: &[u8], fields: &[(&str, &str)]) -> Answer {
        const EDGE: &str = "edge7f3";
        let mut body = Vec::new();
        let own = [("csrf", self.csrf.as_str())];
        for (field, value) in own.iter().chain(fields) {
            body.extend(
                format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
                    .bytes(),
            );
        }
        let head = format!(
            "--{EDGE}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(format!("\r\n--{EDGE}--\r\n").bytes());
        let kind = format!("multipart/form-data; boundary={EDGE}");
        let headers = [
            ("cookie", self.cookie.as_str()),
            ("content-type", kind.as_str()),
            HERE,
            ("accept", "text/html"),
        ];
        self.app.send_bytes("POST", "/imports", &headers, &body)
    }

    /// Sends a table that is taken; answers where it is.
    pub(crate) fn sent(&self, bytes: &[u8]) -> String {
        let answer = self.send("表.csv", bytes, &[]);
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.header("location").to_owned()
    }

    /// The answers that a page of questions has chosen already.
    fn likely(&self, page: &Answer) -> Vec<(String, String)> {
        let inputs = page.text.split("<input ").skip(1).filter_map(|rest| rest.split('>').next());
        let attribute = |input: &str, name: &str| {
            let (_, rest) = input.split_once(&format!("{name}=\""))?;
            Some(rest.split('"').next()?.replace("&amp;", "&"))
        };
        inputs
            .filter(|input| input.contains("type=\"radio\"") && input.ends_with("checked"))
            .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
            .collect()
    }
}

/// A value as a browser sends it.
fn form_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The plan that a page shows.
pub(crate) fn plan_of(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"plan\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[track_caller]
pub(crate) fn holds(page: &Answer, words: &[&str]) {
    for word in words {
        assert!(page.text.contains(word), "{word}: {}", page.text);
    }
}

fn a_table_is_sent_asked_about_applied_and_taken_back(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,根拠,適用日\n082341,kosodate-01,online,3+,published,2025-03-31\n",
    );
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let choose = clerk.get("/imports/new");
    holds(
        &choose,
        &[
            "enctype=\"multipart/form-data\"",
            "送っただけでは何も書き込みません",
            "/api/v1/templates/082341.xlsx",
        ],
    );
    let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(TABLE);
    let sent = clerk.send("R8.10 状況.csv", &bytes, &[("reason", "10月の調査")]);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let address = sent.header("location").to_owned();
    let asked = clerk.get(&address);
    holds(
        &asked,
        &["R8.10 状況.csv", "質問が2つあります", "まだ何も書き込んでいません", "10月の調査", "Shift_JIS"],
    );
    // The likely answers stand there: the day of the title, and the dash beside marks of other channels.
    let likely = clerk.likely(&asked);
    let values: Vec<&str> = likely.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(values, ["effective_on:2026年10月", "marks:ー=elsewhere"], "{}", asked.text);
    assert!(asked.text.contains("class=\"wrong\""), "{}", asked.text);
    // Nothing can be applied while the day is open.
    assert!(!asked.text.contains("件を反映する</button>"), "{}", asked.text);
    let fields: Vec<(&str, &str)> =
        likely.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answered = clerk.post(&format!("{address}/answers"), &fields);
    assert_eq!((answered.status, answered.header("location")), (303, address.as_str()), "{}", answered.text);
    let checked = clerk.get(&address);
    holds(
        &checked,
        &["7件を反映する", "該当が変わる", "窓口が分かる", "オンライン対応率", "罹災証明書の発行申請"],
    );
    let unknown = || app.get("municipalities/082341/readiness/hisaisha-01/eapp").json()["level"].clone();
    assert_eq!(unknown(), json!(null));
    let applied = clerk.post(&format!("{address}/apply"), &[("plan", &plan_of(&checked))]);
    assert_eq!(applied.status, 303, "{}", applied.text);
    let receipt = clerk.get(&address);
    holds(&receipt, &["反映しました", "元に戻す", "/municipalities/082341"]);
    // It says what the plan said: the same rows under the same heads, with what stood there before.
    let rows = |page: &Answer| -> Vec<String> {
        let parts = page.text.split("<h3 id=\"").skip(1).map(|part| part.split("</table>").next().unwrap());
        let plain = |part: &str| part.replace(">いま<", ">前<").replace(">反映後<", ">後<");
        parts.filter(|part| part.contains("行）</h3>")).map(plain).collect()
    };
    assert!(rows(&checked).len() > 2, "{}", checked.text);
    assert_eq!(rows(&receipt), rows(&checked));
    let row = app.get("municipalities/082341/readiness/hisaisha-01/eapp").json();
    assert_eq!((&row["level"], &row["effective_on"]), (&json!(3), &json!("2026-10-31")), "{row}");
    holds(&clerk.get(&format!("{address}/rows?outcome=created")), &["港湾関係手続", "書かない"]);
    let list = clerk.get("/imports?status=applied");
    holds(&list, &["R8.10 状況.csv", "10月の調査", "適用済み"]);
    // The back button after it was applied: the page says what happened and nothing is written twice.
    let again = clerk.post(&format!("{address}/apply"), &[("plan", &plan_of(&checked))]);
    assert_eq!(again.status, 409);
    holds(&again, &["role=\"alert\"", "反映しました"]);
    let back = clerk.post(&format!("{address}/revert"), &[]);
    assert_eq!(back.status, 303, "{}", back.text);
    holds(&clerk.get(&address), &["元に戻しました"]);
    assert_eq!(unknown(), json!(null));
    let original = clerk.get(&format!("{address}/original"));
    assert!(original.header("content-disposition").contains("attachment"), "{:?}", original.headers);
}

fn what_is_refused_is_told_where_the_file_was_chosen(backend: &Backend) {
    let settings = Settings { insecure_http: true, max_upload: 4096, ..settings() };
    let app = TestApp::with(TestService::new(backend), settings);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let large = clerk.send("大きい.csv", &vec![b'a'; 9000], &[]);
    assert_eq!(large.status, 413);
    let none = clerk.send("", b"", &[]);
    assert_eq!(none.status, 422);
    let picture = clerk.send("写真.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &[]);
    assert_eq!(picture.status, 415);
    let said = [("effective_on", "いつか"), ("reason", "<b>調査</b>"), ("blank", "clear")];
    let day = clerk.send("表.csv", TABLE.as_bytes(), &said);
    assert_eq!(day.status, 422);
    for page in [&large, &none, &picture, &day] {
        holds(page, &["role=\"alert\"", "type=\"file\"", "送って確かめる"]);
    }
    // What was typed stands there still.
    holds(
        &day,
        &[
            "value=\"いつか\"",
            "value=\"&lt;b&gt;調査&lt;/b&gt;\"",
            "details open",
            "value=\"clear\" selected",
        ],
    );
    let unchosen = clerk.send("", b"", &said);
    holds(&unchosen, &["value=\"いつか\""]);
    assert_eq!(clerk.get("/imports").text.matches("<tr>").count(), 0);
    // A file of which nothing is right has its reasons, each with its lines, and a way on.
    let address = clerk.sent("団体コード,手続ID,接点,段階,適用日\n082341,kosodate-99,eapp,3,2026-04-01\n082341,kosodate-01,eapp,9,2026-04-01\n".as_bytes());
    let page = clerk.get(&address);
    holds(&page, &["直すところ（2件）", "反映できる行がまだありません", "errors.csv", "別のファイルを送る"]);
    let errors = clerk.get(&format!("{address}/errors.csv"));
    assert!(errors.text.contains("kosodate-99") && errors.header("content-disposition").contains("errors-"));
    // Good rows can be taken beside wrong ones.
    let address = clerk.sent("団体コード,手続ID,接点,段階,適用日\n082341,kosodate-01,eapp,3,2026-04-01\n082341,kosodate-02,eapp,9,2026-04-01\n".as_bytes());
    let page = clerk.get(&address);
    holds(&page, &["読み取れた1件だけを反映する"]);
    let plan = plan_of(&page);
    let whole = clerk.post(&format!("{address}/apply"), &[("plan", &plan)]);
    assert_eq!(whole.status, 422);
    let some = clerk.post(&format!("{address}/apply"), &[("plan", &plan), ("skip", "true")]);
    assert_eq!(some.status, 303, "{}", some.text);
    holds(&clerk.get(&address), &["1行は反映していません"]);
    // A file that is given up.
    let address = clerk.sent(TABLE.as_bytes());
    assert_eq!(clerk.post(&format!("{address}/cancel"), &[]).status, 303);
    holds(&clerk.get(&address), &["やめました。何も書き込んでいません"]);
}

fn what_was_typed_outlives_the_session(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082341"));
    let mut clerk = Clerk::of(&app, &key);
    let address = clerk.sent(TABLE.as_bytes());
    app.inner.clock.set("2026-11-21T09:00:00Z");
    // Whoever looks is led to where one signs in, and from there back.
    let away = clerk.get(&address);
    assert_eq!((away.status, away.header("location")), (303, format!("/sign-in?next={address}").as_str()));
    let action = format!("{address}/answers");
    let fields = [("a0", "effective_on:2026-10"), ("a1", "marks:ー=0")];
    let ended = clerk.post(&action, &fields);
    assert_eq!(ended.status, 401);
    holds(
        &ended,
        &["入力した内容はそのまま残っている", "name=\"kept\"", &format!("name=\"next\" value=\"{action}\"")],
    );
    let value = |page: &Answer, name: &str| {
        let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().replace("&amp;", "&")
    };
    let body = format!(
        "token={key}&next={}&kept={}",
        form_encoded(&value(&ended, "next")),
        form_encoded(&value(&ended, "kept"))
    );
    let signed = app.send("POST", "/sign-in", &[FORM, HERE], Some(&body));
    assert_eq!(signed.status, 200, "{}", signed.text);
    holds(&signed, &["まだ送っていません", "この内容を送る", "marks:ー=0"]);
    clerk.cookie = cookie_of(&signed);
    clerk.csrf = csrf_of(&signed);
    assert_eq!(clerk.post(&action, &fields).status, 303);
    holds(&clerk.get(&address), &["段階0（未対応）"]);
    // Nowhere else does signing in lead.
    for elsewhere in ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
        let body = format!("token={key}&next={}", form_encoded(elsewhere));
        let signed = app.send("POST", "/sign-in", &[FORM, HERE], Some(&body));
        assert_eq!((signed.status, signed.header("location")), (303, "/account"), "{elsewhere}");
        let form = app.get(&format!("/sign-in?next={}", form_encoded(elsewhere)));
        assert!(!form.text.contains("evil") && !form.text.contains("javascript"), "{elsewhere}");
    }
    // A file is not kept by the browser: it says so and leads back to where it is chosen.
    app.inner.clock.set("2026-11-21T18:00:00Z");
    let file = clerk.send("表.csv", TABLE.as_bytes(), &[]);
    assert_eq!(file.status, 401);
    holds(&file, &["ファイルは受け取っていません", "value=\"/imports/new\""]);
}

fn another_window_does_not_apply_what_this_one_shows(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let address = clerk.sent(
        "手続ID,接点,段階,適用日\nkosodate-01,eapp,3,2026-04-01\nkosodate-02,eapp,3,2026-04-01\n".as_bytes(),
    );
    let here = plan_of(&clerk.get(&address));
    // Elsewhere it is said that the table is of another day.
    let answered = clerk.post(&format!("{address}/answers"), &[("marks", "3=4")]);
    assert_eq!(answered.status, 303, "{}", answered.text);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082341,kosodate-01,eapp,5,2026-05-01\n");
    let again = clerk.post(&format!("{address}/answers"), &[("again", "true")]);
    assert_eq!(again.status, 303, "{}", again.text);
    assert_ne!(plan_of(&clerk.get(&address)), here);
    let refused = clerk.post(&format!("{address}/apply"), &[("plan", &here)]);
    assert_eq!(refused.status, 409);
    holds(&refused, &["この画面を開いた後に", "今の記録でもう一度確かめる", "件を反映する"]);
    assert_eq!(app.get("municipalities/082341/readiness/kosodate-02/eapp").json()["level"], json!(null));
    // With what it shows now it is applied.
    let applied = clerk.post(&format!("{address}/apply"), &[("plan", &plan_of(&refused))]);
    assert_eq!(applied.status, 303, "{}", applied.text);
    // What changed in the record since is told as well.
    let address = clerk.sent("手続ID,接点,段階,適用日\nkosodate-03,eapp,3,2026-04-01\n".as_bytes());
    let plan = plan_of(&clerk.get(&address));
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082341,kosodate-03,eapp,5,2026-04-01\n");
    let refused = clerk.post(&format!("{address}/apply"), &[("plan", &plan)]);
    assert_eq!(refused.status, 409, "{}", refused.text);
    holds(&refused, &["今の記録でもう一度確かめる"]);
}

fn nobody_else_sees_or_sends_anything(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let address = clerk.sent(TABLE.as_bytes());
    let stranger = Clerk::of(&app, &app.key(town("082333")));
    let above = Clerk::of(&app, &app.key(prefecture("08")));
    for page in ["", "/rows", "/errors.csv", "/original"] {
        assert_eq!(stranger.get(&format!("{address}{page}")).status, 404, "{page}");
        assert_eq!(above.get(&format!("{address}{page}")).status, 200, "{page}");
    }
    for verb in ["answers", "apply", "cancel", "revert"] {
        let path = format!("{address}/{verb}");
        let plan = [("plan", "00")];
        let fields: &[(&str, &str)] = if verb == "apply" { &plan } else { &[] };
        assert_eq!(stranger.post(&path, fields).status, 404, "{verb}");
        // Forged: the secret of another session, none, and a form of another site.
        let forged = Clerk { app: &app, cookie: clerk.cookie.clone(), csrf: stranger.csrf.clone() };
        assert_eq!(forged.post(&path, fields).status, 403, "{verb}");
        let body = format!("csrf={}", clerk.csrf);
        let headers = [("cookie", clerk.cookie.as_str()), FORM, ("sec-fetch-site", "cross-site")];
        assert_eq!(app.send("POST", &path, &headers, Some(&body)).status, 403, "{verb}");
        // A field that no form of ours has.
        assert_eq!(clerk.post(&path, &[("colour", "red")]).status, 422, "{verb}");
    }
    let forged = Clerk { app: &app, cookie: clerk.cookie.clone(), csrf: stranger.csrf.clone() };
    assert_eq!(forged.send("表.csv", TABLE.as_bytes(), &[]).status, 403);
    holds(&clerk.get(&address), &["質問が2つあります"]);
    // What a file says is text on the page.
    let nasty = "団体コード,手続ID,接点,段階,備考,適用日\n082341,<script>alert(1)</script>,eapp,3,,2026-04-01\n\
                 082341,kosodate-01,eapp,3,\"\"\"><img src=x>\",2026-04-01\n";
    let page = clerk.get(&clerk.sent(nasty.as_bytes()));
    assert!(!page.text.contains("<script") && !page.text.contains("<img"), "{}", page.text);
    holds(&page, &["&lt;script&gt;alert(1)"]);
}

fn rows_are_those_of_the_last_answers(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082341"));
    let bearer = format!("Bearer {key}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let sent = app.send_bytes("POST", "imports?effective_on=2026-10-31", &headers, TABLE.as_bytes());
    let id = sent.json()["id"].as_i64().unwrap();
    let rows = || app.call("GET", &format!("imports/{id}/rows?outcome=created"), &headers[..1]).json();
    let count = |rows: &serde_json::Value| rows["metadata"]["resultset"]["count"].as_u64().unwrap();
    // They are looked at before anything is answered.
    assert_eq!(count(&rows()), 4);
    let body = json!({"marks": {"ー": "0"}});
    let answered = app.write(&key, "POST", &format!("imports/{id}/answers"), "", Some(&body)).json();
    assert_eq!((count(&rows()), answered["counts"]["created"].as_u64()), (7, Some(7)), "{answered}");
}

fn an_answer_that_is_none_loses_no_other(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let address = clerk.sent(TABLE.as_bytes());
    let answers = format!("{address}/answers");
    let fields = [
        ("a0", "other"),
        ("k0", "effective_on:effective_on"),
        ("t0", "先月末"),
        ("a1", "marks:ー=not_applicable"),
    ];
    let refused = clerk.post(&answers, &fields);
    assert_eq!(refused.status, 422, "{}", refused.text);
    holds(&refused, &["role=\"alert\"", "value=\"先月末\""]);
    let chosen = clerk.likely(&refused);
    let chosen: Vec<&str> = chosen.iter().map(|(_, value)| value.as_str()).collect();
    assert_eq!(chosen, ["other", "marks:ー=not_applicable"]);
    let nothing = clerk.post(&answers, &[]);
    assert_eq!(nothing.status, 422);
    holds(&nothing, &["答えが選ばれていません"]);
    // What was answered can be seen, and said otherwise.
    let fields = [("a0", "effective_on:2026年10月"), ("a1", "marks:ー=not_applicable")];
    assert_eq!(clerk.post(&answers, &fields).status, 303);
    let page = clerk.get(&address);
    holds(
        &page,
        &["記号「ー」 → 制度なし・該当なし", "いつから → 2026年10月", "2026年10月から", "直すところ"],
    );
    let other = clerk.post(&answers, &[("marks", "ー=変えない"), ("again", "true")]);
    assert_eq!(other.status, 303, "{}", other.text);
    holds(&clerk.get(&address), &["記号「ー」 → 変えない"]);
    // Whoever opens the address of a form again is led to the import.
    for verb in ["answers", "apply", "cancel", "revert"] {
        let back = clerk.get(&format!("{address}/{verb}"));
        assert_eq!((back.status, back.header("location")), (303, address.as_str()), "{verb}");
    }
    // How empty cells are read can be said, seen and taken back.
    for (code, words) in [("clear", "空欄 → 今の記録を消す"), ("keep", "空欄 → 今の記録のまま")]
    {
        assert_eq!(clerk.post(&answers, &[("blank", code), ("again", "true")]).status, 303);
        holds(&clerk.get(&address), &[words]);
    }
    // A line with a warning is not one that is refused.
    let warned = clerk.get(&format!("{address}/rows?outcome=warning"));
    assert!(
        warned.text.contains("確かめてください: ") && !warned.text.contains("受け取れません"),
        "{}",
        warned.text
    );
    // More fields than a form has are not gone through.
    let many: Vec<(&str, &str)> = (0..3_000).map(|_| ("t1", "x")).collect();
    assert_eq!(clerk.post(&answers, &many).status, 422);
    // An id of no procedure is answered as a name is.
    let address = clerk.sent("手続ID,接点,段階,適用日\nuketsuke-1,eapp,3,2026-04-01\n".as_bytes());
    assert_eq!(clerk.post(&format!("{address}/answers"), &[("names", "uketsuke-1=妊娠の届出")]).status, 303);
    holds(&clerk.get(&address), &["1件を反映する", "妊娠の届出"]);
}

fn answers_are_kept_for_the_next_table(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    assert!(!clerk.get("/imports/new").text.contains("前に覚えた答え"));
    let table = "手続名,汎用電子申請,適用日\n妊娠の届出,ー,2026-04-01\n";
    let address = clerk.sent(table.as_bytes());
    holds(&clerk.get(&address), &["答えを覚えて、次に送る表でも使う"]);
    let fields = [("a0", "marks:ー=0"), ("keep", "true")];
    assert_eq!(clerk.post(&format!("{address}/answers"), &fields).status, 303);
    let choose = clerk.get("/imports/new");
    holds(&choose, &["前に覚えた答え", "<option value=\"our-marks\" selected>"]);
    let again = clerk.send("次.csv", table.as_bytes(), &[("profile", "our-marks")]);
    holds(&clerk.get(again.header("location")), &["1件を反映する", "our-marks"]);
    // Another town has answers of its own.
    let other = Clerk::of(&app, &app.key(town("082333")));
    assert!(!other.get("/imports/new").text.contains("our-marks"));
}

fn what_is_counted_says_what_and_when(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let table = "団体コード,年度,手続ID,手続総件数,うちオンライン数\n082341,2025,hikkoshi-01,1234,345\n";
    let address = clerk.sent(table.replace("hikkoshi-01", "kosodate-01").as_bytes());
    let page = clerk.get(&address);
    holds(&page, &["利用件数: 総件数", "利用件数: うちオンライン", "2025年度", "1234", "345"]);
    assert_eq!(clerk.post(&format!("{address}/apply"), &[("plan", &plan_of(&page))]).status, 303);
    let town = app.call("GET", "/municipalities/082341", &[("accept", "text/html")]);
    holds(&town, &["使われているか", "2025年度", "1,234", "28.0%"]);
}

/// A ○ below a counter may mean that the counter takes it, or that nobody writes there.
fn marks_of_the_counter_are_asked_for_before_they_are_written(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let table = "団体コード,手続ID,オンライン,窓口,住民満足度\n\
                 082341,kosodate-01,○,○,高い\n082341,kosodate-02,×,○,低い\n";
    let address = clerk.sent(table.as_bytes());
    let page = clerk.get(&address);
    // Also what is not read at all is told before anything is written.
    holds(
        &page,
        &["窓口の印の読み方を確かめてください", "窓口の「○」（2か所）", "住民満足度", "気づいたこと"],
    );
    let noticed = page.text.find("id=\"noticed\"").unwrap();
    assert!(noticed < page.text.find("id=\"changes\"").unwrap());
    let fields = [("again", "true"), ("a0", "marks:counter:○=0")];
    assert_eq!(clerk.post(&format!("{address}/answers"), &fields).status, 303);
    let page = clerk.get(&address);
    assert!(!page.text.contains("窓口の印の読み方を確かめてください"), "{}", page.text);
    assert_eq!(clerk.post(&format!("{address}/apply"), &[("plan", &plan_of(&page))]).status, 303);
    let level = |channel: &str| {
        app.get(&format!("municipalities/082341/readiness/kosodate-01/{channel}")).json()["level"].as_i64()
    };
    assert_eq!((level("online"), level("counter")), (Some(3), Some(0)));
}

fn a_prefecture_sees_whose_each_table_is(backend: &Backend) {
    let app = TestApp::start(backend);
    let town_key = app.key(town("082341"));
    let of_town = Clerk::of(&app, &town_key).sent(TABLE.as_bytes());
    let of_prefecture = Clerk::of(&app, &app.key(prefecture("08")));
    let list = of_prefecture.get("/imports");
    holds(&list, &["鉾田市</td>", "（鍵 "]);
    assert!(!list.text.contains("token:"), "{}", list.text);
    holds(&of_prefecture.get(&of_town), &["<dt>だれの表か</dt><dd>鉾田市</dd>"]);
    holds(
        &of_prefecture.get("/imports/new"),
        &["/api/v1/template_bundles/08.zip", "/templates?prefecture=08"],
    );
}
