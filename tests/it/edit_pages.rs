//! Rows put right at a browser: one row, whether a procedure is performed, and many at once.

use serde_json::{Value, json};
use todoke::domain::access::{Grant, Role};
use todoke::domain::procedure::Category;

use crate::app::{Answer, Backend, TestApp, on_both, prefecture, town};
use crate::import_pages::{Clerk, holds, plan_of};

on_both! {
    a_row_is_put_right_and_withdrawn;
    whoever_was_quicker_stands_beside_what_was_typed;
    what_is_not_performed_ends_what_was_said;
    many_rows_go_the_way_of_a_file;
    only_those_edit_who_may;
    own_material_is_filled_in_changed_and_taken_back;
    answers_that_were_kept_are_seen_changed_and_taken_out;
    a_prefecture_sees_who_changed_what_in_its_towns;
}

const ROW: &str = "/municipalities/082341/readiness/kosodate-01/eapp";

fn row(app: &TestApp) -> Value {
    app.get("municipalities/082341/readiness/kosodate-01/eapp").json()
}

/// The tag that a form carries.
fn tag_of(page: &Answer) -> String {
    let (_, rest) = page.text.split_once("name=\"tag\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn a_row_is_put_right_and_withdrawn(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let edit = format!("{ROW}/edit");
    // The page of the cell leads there.
    let cell = app.call("GET", "/municipalities/082341/readiness/kosodate-01", &[("accept", "text/html")]);
    assert!(cell.text.contains(&format!("href=\"{edit}\"")), "{}", cell.text);
    let page = clerk.get(&edit);
    holds(&page, &["未回答", "対象者の全員が、必要なものをすべてオンラインで提出できる", "児童手当"]);
    let fields = [
        ("tag", "0"),
        ("saw", "未回答"),
        ("level", "4"),
        ("state", "live"),
        ("evidence", "declared"),
        ("system", "LoGoフォーム"),
        ("section", "<b>こども課</b>"),
        ("url", "https://example.lg.jp/"),
        ("note", "一行目\r\n二行目"),
        ("target_level", "5"),
        ("target_on", "令和9年3月"),
        ("effective_on", "令和8年10月1日"),
    ];
    let saved = clerk.post(&edit, &fields);
    assert_eq!(
        (saved.status, saved.header("location")),
        (303, format!("{edit}?saved=true").as_str()),
        "{}",
        saved.text
    );
    let now = row(&app);
    assert_eq!(
        json!([now["level"], now["system"], now["target_on"], now["effective_on"], now["source"]]),
        json!([4, "LoGoフォーム", "2027-03-31", "2026-10-01", "own"]),
        "{now}"
    );
    let page = clerk.get(&format!("{edit}?saved=true"));
    holds(&page, &["直しました", "value=\"LoGoフォーム\"", "&lt;b&gt;こども課", "令和9年3月", "取り下げる"]);
    assert!(!page.text.contains("<b>こども課"), "{}", page.text);
    // What makes no sense is told, and what was typed stands there still.
    for (name, value, words) in [
        ("url", "javascript:alert(1)", "http"),
        ("effective_on", "いつか", "いつか"),
        ("target_on", "13月", "13月"),
        ("level", "9", "0-5"),
    ] {
        let mut wrong: Vec<(&str, &str)> = fields.iter().copied().filter(|(one, _)| *one != name).collect();
        wrong.push((name, value));
        let refused = clerk.post(&edit, &wrong);
        assert_eq!(refused.status, 422, "{name}");
        holds(&refused, &["role=\"alert\"", words, "value=\"LoGoフォーム\""]);
    }
    assert_eq!(row(&app)["level"], 4);
    let gone = clerk.post(&format!("{ROW}/withdraw"), &[("tag", &tag_of(&page))]);
    assert_eq!(gone.status, 303, "{}", gone.text);
    assert_eq!(row(&app)["no_answer"], true);
    // Who did it stands in the history by role and body.
    let past = app.get("municipalities/082341/readiness/kosodate-01/eapp/history").results();
    assert_eq!(
        (past.len(), &past[0]["role"], &past[0]["by_municipality"]),
        (2, &json!("municipality"), &json!("082341"))
    );
}

fn whoever_was_quicker_stands_beside_what_was_typed(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082341"));
    let clerk = Clerk::of(&app, &key);
    let edit = format!("{ROW}/edit");
    let opened = tag_of(&clerk.get(&edit));
    let other = json!({"level": 2, "section": "総務課"});
    app.write(&key, "PUT", "municipalities/082341/readiness/kosodate-01/eapp", "\"0\"", Some(&other));
    let fields = [
        ("saw", "未回答"),
        ("level", "4"),
        ("state", "live"),
        ("evidence", "declared"),
        ("section", "こども課"),
    ];
    let first: Vec<(&str, &str)> = std::iter::once(("tag", opened.as_str())).chain(fields).collect();
    let refused = clerk.post(&edit, &first);
    assert_eq!(refused.status, 412);
    holds(
        &refused,
        &["開いたときの内容", "いまの内容", "入力した内容", "総務課", "value=\"こども課\"", "未回答"],
    );
    assert_eq!(row(&app)["level"], 2);
    let tag = tag_of(&refused);
    assert_ne!(tag, opened);
    let again: Vec<(&str, &str)> = std::iter::once(("tag", tag.as_str())).chain(fields).collect();
    assert_eq!(clerk.post(&edit, &again).status, 303);
    assert_eq!((&row(&app)["level"], &row(&app)["section"]), (&json!(4), &json!("こども課")));
    // Withdrawing what another has changed is told as well, and the form holds what stands there.
    let late = clerk.post(&format!("{ROW}/withdraw"), &[("tag", &tag)]);
    assert_eq!(late.status, 412);
    holds(&late, &["まだ何もしていません", "value=\"こども課\""]);
    assert_eq!(row(&app)["level"], 4);
    // A form that is refused for something else goes on from what was seen, not from what another wrote meanwhile.
    let seen = tag_of(&clerk.get(&edit));
    let newer = json!({"level": 1, "section": "税務課"});
    let written = app.write(
        &key,
        "PUT",
        "municipalities/082341/readiness/kosodate-01/eapp",
        &format!("\"{seen}\""),
        Some(&newer),
    );
    assert_eq!(written.status, 200, "{}", written.text);
    let fields = [("tag", seen.as_str()), ("saw", "段階 4"), ("level", "5"), ("target_on", "いつか")];
    let refused = clerk.post(&edit, &fields);
    assert_eq!((refused.status, tag_of(&refused)), (422, seen.clone()));
    let mended = [("tag", seen.as_str()), ("saw", "段階 4"), ("level", "5")];
    assert_eq!(clerk.post(&edit, &mended).status, 412);
    assert_eq!(row(&app)["section"], "税務課");
}

fn what_is_not_performed_ends_what_was_said(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082341,kosodate-01,eapp,3,2026-04-01\n");
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let edit = "/municipalities/082341/applicability/kosodate-01/edit";
    let page = clerk.get(edit);
    holds(&page, &["制度なし・該当なし", "他団体の事務", "述べられていません"]);
    // What nobody said is not chosen beforehand: whoever presses the button would say it.
    let chosen =
        |page: &Answer| page.text.matches("type=\"radio\"").count() > 0 && page.text.contains(" checked");
    assert!(!chosen(&page));
    let fields = [
        ("tag", tag_of(&page)),
        ("applicability", "not_applicable".to_owned()),
        ("reason", "対象施設なし".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(clerk.post(edit, &fields).status, 303);
    let whole = app.get("municipalities/082341/applicability/kosodate-01").json();
    assert_eq!(
        (&whole["applicability"], &whole["reason"]),
        (&json!("not_applicable"), &json!("対象施設なし"))
    );
    assert_eq!(row(&app)["no_answer"], true);
    assert_eq!(clerk.post(edit, &fields).status, 412);
    assert_eq!(
        clerk.post(edit, &[("tag", &tag_of(&clerk.get(edit))), ("applicability", "maybe")]).status,
        422
    );
    // And it is taken back.
    let page = clerk.get(edit);
    assert!(chosen(&page));
    let withdraw = edit.replace("/edit", "/withdraw");
    assert_eq!(clerk.post(&withdraw, &[("tag", "0")]).status, 412);
    let done = clerk.post(&withdraw, &[("tag", &tag_of(&page))]);
    assert_eq!((done.status, done.header("location")), (303, format!("{edit}?saved=withdrawn").as_str()));
    assert_eq!(app.get("municipalities/082341/applicability/kosodate-01").json()["stated"], false);
    assert!(!chosen(&clerk.get(edit)));
}

fn many_rows_go_the_way_of_a_file(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082341,kosodate-03,eapp,3,2026-04-01\n082341,kosodate-04,eapp,3,2026-04-01\n");
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let page = clerk.get("/municipalities/082341/edit?category=kosodate&channel=eapp");
    holds(&page, &["name=\"level.kosodate-01\"", "今のまま", "送って確かめる"]);
    assert!(!page.text.contains("level.kaigo-01"));
    let fields = [
        ("category", "kosodate"),
        ("channel", "eapp"),
        ("level.kosodate-01", "4"),
        ("section.kosodate-01", "こども課、第2係"),
        ("level.kosodate-02", "not_applicable"),
        ("level.kosodate-03", "withdrawn"),
        ("system.kosodate-04", "LoGoフォーム"),
        ("level.kosodate-05", ""),
        ("effective_on", "令和8年10月1日"),
        ("reason", "毎月の見直し"),
    ];
    let sent = clerk.post("/municipalities/082341/edit", &fields);
    assert_eq!(sent.status, 303, "{}", sent.text);
    let address = sent.header("location").to_owned();
    let checked = clerk.get(&address);
    holds(&checked, &["毎月の見直し", "こども課、第2係", "件を反映する"]);
    assert_eq!(row(&app)["no_answer"], true);
    let mut plan = vec![("plan", plan_of(&checked))];
    if checked.text.contains("name=\"confirm\"") {
        plan.push(("confirm", "true".to_owned()));
    }
    let plan: Vec<(&str, &str)> = plan.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(clerk.post(&format!("{address}/apply"), &plan).status, 303);
    assert_eq!((&row(&app)["level"], &row(&app)["effective_on"]), (&json!(4), &json!("2026-10-01")));
    let of = |id: &str| app.get(&format!("municipalities/082341/readiness/{id}/eapp")).json();
    assert_eq!(of("kosodate-03")["no_answer"], true);
    assert_eq!(
        (&of("kosodate-04")["level"], &of("kosodate-04")["system"]),
        (&json!(3), &json!("LoGoフォーム"))
    );
    // Nothing filled in is told, and what is wrong is told with everything that was typed.
    let nothing = clerk.post("/municipalities/082341/edit", &fields[..2]);
    assert_eq!(nothing.status, 422);
    holds(&nothing, &["変えるところが選ばれていません"]);
}

fn only_those_edit_who_may(backend: &Backend) {
    let app = TestApp::start(backend);
    let edit = format!("{ROW}/edit");
    let fields = [("tag", "0"), ("level", "4"), ("state", "live"), ("evidence", "declared")];
    let away = app.call("GET", &edit, &[("accept", "text/html")]);
    assert_eq!((away.status, away.header("location")), (303, format!("/sign-in?next={edit}").as_str()));
    let own = Some("082341".parse().unwrap());
    let care = Grant::new(Role::Municipality, None, own, vec![Category::Kaigo], vec![]).unwrap();
    for new in [town("082333"), care] {
        let clerk = Clerk::of(&app, &app.key(new));
        holds(&clerk.get(&edit), &["この鍵では、この欄を直せません"]);
        assert_eq!(clerk.post(&edit, &fields).status, 403);
        assert_eq!(clerk.post(&format!("{ROW}/withdraw"), &[("tag", "0")]).status, 403);
        let whole = "/municipalities/082341/applicability/kosodate-01/edit";
        assert_eq!(clerk.post(whole, &[("tag", "0"), ("applicability", "abolished")]).status, 403);
    }
    assert_eq!(row(&app)["no_answer"], true);
    // The table of another's rows is not filled in for nothing.
    let other = Clerk::of(&app, &app.key(town("082333")));
    assert_eq!(other.get("/municipalities/082341/edit").status, 403);
    assert_eq!(other.get("/municipalities/082333/edit").status, 200);
    // A town states what it declared or saw; what was tried by a real application its prefecture says.
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let page = clerk.get(&edit);
    assert!(
        page.text.contains("value=\"seen\"") && !page.text.contains("value=\"verified\""),
        "{}",
        page.text
    );
    let forged = [("tag", "0"), ("level", "4"), ("evidence", "published")];
    assert_eq!(clerk.post(&edit, &forged).status, 403);
}

/// Applies the import to which a form led.
fn apply(clerk: &Clerk<'_>, sent: &Answer) {
    assert_eq!(sent.status, 303, "{}", sent.text);
    let address = sent.header("location").to_owned();
    let plan = plan_of(&clerk.get(&address));
    assert_eq!(clerk.post(&format!("{address}/apply"), &[("plan", &plan)]).status, 303);
}

/// What a form carries of each of its rows, as they were shown.
fn seals(page: &Answer) -> Vec<String> {
    let parts = page.text.split("type=\"hidden\" name=\"s.").skip(1);
    parts
        .map(|part| part.split("value=\"").nth(1).unwrap().split('"').next().unwrap().replace("&quot;", "\""))
        .collect()
}

fn own_material_is_filled_in_changed_and_taken_back(backend: &Backend) {
    let app = TestApp::start(backend);
    let clerk = Clerk::of(&app, &app.key(town("082341")));
    let shown = |words: &[&str]| {
        let page = app.call("GET", "/municipalities/082341/material", &[("accept", "text/html")]);
        holds(&page, words);
        page
    };
    shown(&["取組計画の項目", "記録はまだありません", "/municipalities/082341/material/action/edit"]);
    let edit = "/municipalities/082341/material/action/edit";
    let page = clerk.get(edit);
    holds(&page, &["評価 1行目", "送って確かめる", "name=\"c.4.2\""]);
    let rows = seals(&page);
    let fields = [
        ("s.0", rows[0].as_str()),
        ("c.0.2", "DX推進計画"),
        ("c.0.3", "1"),
        ("c.0.4", "窓口の<b>改革"),
        ("c.0.5", "A"),
        ("s.1", rows[1].as_str()),
        ("c.1.2", "DX推進計画"),
        ("c.1.3", "2"),
        ("c.1.4", "電子申請"),
        ("c.1.5", "C"),
        ("s.2", rows[2].as_str()),
        ("c.2.2", ""),
    ];
    let headings: Vec<String> = page
        .text
        .split("<th scope=\"col\">")
        .skip(1)
        .map(|rest| rest.split('<').next().unwrap().to_owned())
        .collect();
    assert_eq!(headings[..4], ["計画", "番号", "取組", "評価"], "{headings:?}");
    apply(&clerk, &clerk.post(edit, &fields));
    let page = shown(&["窓口の&lt;b&gt;改革", "評価のまとめ", "50.0%"]);
    assert!(!page.text.contains("<b>改革"));
    // One row is put right, the other is taken back; what nobody touched is not sent again.
    let page = clerk.get(edit);
    let rows = seals(&page);
    let fields = [("s.0", rows[0].as_str()), ("c.0.5", "B"), ("s.1", rows[1].as_str()), ("w.1", "true")];
    apply(&clerk, &clerk.post(edit, &fields));
    let actions = app.get("actions?municipality=082341").results();
    assert_eq!(
        (actions.len(), &actions[0]["grade"], &actions[0]["number"]),
        (1, &json!("B"), &json!("1")),
        "{actions:?}"
    );
    // Nothing changed is told, as is what makes no sense, with all that was typed.
    let rows = seals(&clerk.get(edit));
    let nothing = clerk.post(edit, &[("s.0", &rows[0])]);
    assert_eq!(nothing.status, 422);
    holds(&nothing, &["変えたところがありません"]);
    let forged = clerk.post(edit, &[("s.0", "[true,[]]")]);
    assert_eq!(forged.status, 422);
    // Points to check are those of one procedure at a time.
    let points = clerk.get("/municipalities/082341/material/checklist_answer/edit?procedure=hisaisha-01");
    assert_eq!(seals(&points).len(), 9, "{}", points.text);
}

fn answers_that_were_kept_are_seen_changed_and_taken_out(backend: &Backend) {
    let app = TestApp::start(backend);
    let key = app.key(town("082341"));
    let kept =
        json!({"marks": {"ー": "not_applicable", "△": "2", "": "0"}, "names": {"り災証明": "hisaisha-01"}});
    let put = app.send(
        "PUT",
        "profiles/our-town",
        &[("authorization", &format!("Bearer {key}")), ("content-type", "application/json")],
        Some(kept.to_string().as_str()),
    );
    assert_eq!(put.status, 200, "{}", put.text);
    let clerk = Clerk::of(&app, &key);
    holds(&clerk.get("/profiles"), &["/profiles/our-town", "鉾田市", "組込み（変えられません）"]);
    let page = clerk.get("/profiles/our-town");
    holds(&page, &["not_applicable", "（空欄）", "value=\"hisaisha-01\""]);
    let marks = ["mark.0", "mark.1", "mark.2"].map(|name| {
        let (_, rest) = page.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        rest.split('"').next().unwrap().to_owned()
    });
    let empty = marks.iter().position(String::is_empty).unwrap();
    // One is changed, one is emptied, one stays, one is new.
    let changed = |name: &str, meaning: &str| {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (at, mark) in marks.iter().enumerate() {
            fields.push((format!("mark.{at}"), mark.clone()));
            let means = match mark.as_str() {
                "ー" => "other_body",
                "△" => "",
                _ => "0",
            };
            fields.push((format!("mark.{at}.means"), means.to_owned()));
        }
        fields.push((format!("mark.{empty}.empty"), "true".to_owned()));
        fields.push(("mark.3".to_owned(), name.to_owned()));
        fields.push(("mark.3.means".to_owned(), meaning.to_owned()));
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        clerk.post("/profiles/our-town", &fields)
    };
    let wrong = changed("◆", "なにか");
    assert_eq!(wrong.status, 422);
    holds(&wrong, &["なにか", "value=\"other_body\"", "role=\"alert\""]);
    assert_eq!(changed("◆", "4").status, 303);
    let now = app.call("GET", "profiles/our-town", &[("authorization", &format!("Bearer {key}"))]).json();
    let of = |mark: &str| {
        now["marks"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["mark"] == mark)
            .map(|one| one["meaning"].clone())
    };
    assert_eq!(
        [of("ー"), of("◆"), of(""), of("△")],
        [Some(json!("other_body")), Some(json!("4")), Some(json!("0")), None],
        "{now}"
    );
    assert_eq!(now["names"], json!({}));
    // Those of the prefecture are seen, and become one's own when they are changed.
    let above = app.key(crate::app::prefecture("08"));
    let put = app.send(
        "PUT",
        "profiles/all-towns",
        &[("authorization", &format!("Bearer {above}")), ("content-type", "application/json")],
        Some(kept.to_string().as_str()),
    );
    assert_eq!(put.status, 200, "{}", put.text);
    let page = clerk.get("/profiles/all-towns");
    holds(&page, &["保存すると、同じ名前で自分のものを作り"]);
    assert!(!page.text.contains("/profiles/all-towns/remove"));
    assert_eq!(clerk.post("/profiles/our-town/remove", &[]).status, 303);
    assert_eq!(clerk.get("/profiles/our-town").status, 404);
    assert_eq!(clerk.post("/profiles/default/remove", &[]).status, 409);
}

fn a_prefecture_sees_who_changed_what_in_its_towns(backend: &Backend) {
    let app = TestApp::start(backend);
    let (own, other) = (app.key(town("082341")), app.key(town("122297")));
    for (key, code, level) in [(&own, "082341", 4), (&other, "122297", 5)] {
        let row = format!("municipalities/{code}/readiness/kosodate-01/eapp");
        let head =
            [("authorization", format!("Bearer {key}")), ("content-type", "application/json".to_owned())];
        let head: Vec<(&str, &str)> = head.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let body =
            json!({"level": level, "evidence": "declared", "system": format!("ぴったり{code}")}).to_string();
        let head = [head, vec![("if-none-match", "*")]].concat();
        assert_eq!(app.send("PUT", &row, &head, Some(body.as_str())).status, 201);
    }
    let of_ibaraki = Clerk::of(&app, &app.key(prefecture("08")));
    holds(&of_ibaraki.get("/account"), &["/statements"]);
    let page = of_ibaraki.get("/statements");
    holds(
        &page,
        &[
            "1件のうち1〜1件目",
            "鉾田市",
            "/municipalities/082341/readiness/kosodate-01",
            "段階4",
            "ぴったり082341",
            "市区町村 鉾田市",
        ],
    );
    assert!(!page.text.contains("ぴったり122297"), "{}", page.text);
    let admin = Clerk::of(&app, &app.key(Grant::everything()));
    let page = admin.get("/statements").text;
    let [first, second] = ["ぴったり122297", "ぴったり082341"].map(|system| page.find(system).unwrap());
    assert!(first < second, "the latest does not come first");
    assert_eq!(app.call("GET", "/statements", &[("accept", "text/html")]).status, 303);
    assert_eq!(of_ibaraki.get("/statements?offset=x").status, 400);
}
