//! What each resource says.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::real::country;

on_both! {
    the_catalogue_is_whole;
    lists_have_the_published_sizes;
    bodies_are_found_by_code_and_name;
    words_find_bodies_procedures_and_rows;
    a_score_card_expects_102_answers;
    the_matrix_shows_best_levels;
    distributions_count_bodies_once;
    figures_refuse_what_they_cannot_group;
    exports_are_the_long_layout;
    operators_get_their_answers;
}

fn the_catalogue_is_whole(backend: &Backend) {
    let app = TestApp::start(backend);
    for (query, expected) in [
        ("", 59),
        ("?list=priority56", 56),
        ("?list=priority59", 59),
        ("?list=benefit31", 31),
        ("?list=dashboard26", 26),
        ("?list=common32", 32),
        ("?list=priority56,benefit31", 57),
        ("?category=kosodate", 15),
        ("?category=kaigo", 11),
        ("?category=hisaisha", 8),
        ("?category=tenshutsu-tennyu", 2),
        ("?category=high-volume&list=priority56", 20),
        ("?target=prefecture", 6),
        ("?q=%E7%BD%B9%E7%81%BD", 1),
    ] {
        assert_eq!(app.get(&format!("procedures{query}")).count(), expected, "{query}");
    }
    // 56 ∩ 31 = 30.
    let both = app.get("procedures?limit=500").results();
    let in_both = both.iter().filter(|row| {
        let lists = row["lists"].as_array().unwrap();
        lists.contains(&json!("priority56")) && lists.contains(&json!("benefit31"))
    });
    assert_eq!(in_both.count(), 30);
    let one = app.get("procedures/hisaisha-01").json();
    assert_eq!(one["name_ja"], "罹災証明書の発行申請");
    assert_eq!(app.get("procedures/kosodate-07").json()["legal_basis"], json!(null));
    let errors = app.get("procedures/kosodate-99").problem(404, "not-found");
    assert_eq!(errors[0]["code"], "unknown_procedure");
}

fn lists_have_the_published_sizes(backend: &Backend) {
    let app = TestApp::start(backend);
    let lists = app.get("lists").results();
    let known = lists.iter().filter(|row| row["members_known"] == true);
    let sizes: Vec<_> =
        known.map(|row| (row["id"].as_str().unwrap(), row["size"].as_u64().unwrap())).collect();
    assert_eq!(
        sizes,
        [
            ("priority56", 56),
            ("priority59", 59),
            ("priority58", 58),
            ("benefit31", 31),
            ("dashboard26", 26),
            ("common32", 32)
        ]
    );
    for (id, size) in sizes {
        let detail = app.get(&format!("lists/{id}")).json();
        assert_eq!(detail["items"].as_array().unwrap().len() as u64, size);
        let positions: Vec<_> = detail["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["position"].as_u64().unwrap())
            .collect();
        assert_eq!(positions, (1..=size).collect::<Vec<_>>(), "{id}");
    }
    app.get("lists/priority57").problem(404, "not-found");
    let codes = app.get("codes?limit=500").results();
    let labels: Vec<_> = codes
        .iter()
        .filter(|row| row["list"] == "level_online")
        .map(|row| row["short_label"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(labels, ["未", "様式", "予約", "一部", "全部", "完結"]);
    assert_eq!(codes.iter().filter(|row| row["list"] == "channel").count(), 11);
    let short: Vec<_> = codes
        .iter()
        .filter(|row| !row["list"].as_str().unwrap().starts_with("level"))
        .filter_map(|row| row["short_label"].as_str())
        .collect();
    assert_eq!(
        short,
        [
            "備",
            "期間外",
            "停止",
            "対象外",
            "組合",
            "廃止",
            "可",
            "…",
            "備",
            "期間外",
            "停止",
            "対象外",
            "組合",
            "廃止",
            "…",
            "対象でない"
        ]
    );
}

fn bodies_are_found_by_code_and_name(backend: &Backend) {
    let app = TestApp::start(backend);
    assert_eq!(app.get("municipalities").count(), 1_788);
    assert_eq!(app.get("prefectures?limit=500").results().len(), 47);
    for (query, expected) in [
        ("kind=prefecture", 47),
        ("kind=designated_city,core_city", 82),
        ("prefecture=08", 45),
        ("prefecture=08&kind=city,town,village,core_city", 44),
        ("q=%E8%A1%8C%E6%96%B9%E5%B8%82", 1),
        ("q=%E3%81%AA%E3%82%81%E3%81%8C%E3%81%9F", 1),
        ("q=082333", 1),
        // A search never runs from one field into the next.
        ("q=%E5%B8%82%E3%81%AA", 0),
        ("population_min=1000000&kind=designated_city", 11),
    ] {
        assert_eq!(app.get(&format!("municipalities?{query}")).count(), expected, "{query}");
    }
    assert_eq!(app.get("municipalities/12203").json()["name"], "市川市");
    assert_eq!(app.get("municipalities/122033").json()["code5"], "12203");
    assert_eq!(app.get("municipalities/080004").json()["kind"], "prefecture");
    let errors = app.get("municipalities/082334").problem(400, "invalid-parameter");
    assert_eq!((&errors[0]["pointer"], &errors[0]["suggestion"]), (&json!("/path/code"), &json!("082333")));
    app.get("municipalities/abc").problem(400, "invalid-parameter");
}

fn words_find_bodies_procedures_and_rows(backend: &Backend) {
    let app = TestApp::start(backend);
    let found = |words: &str| {
        let escaped: String = words.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let all = app.get(&format!("search?q={escaped}&limit=500")).results();
        let text = |hit: &Value, field: &str| hit[field].as_str().unwrap_or("-").to_owned();
        all.iter().map(|hit| (text(hit, "kind"), text(hit, "page"))).collect::<Vec<_>>()
    };
    let hit = |kind: &str, page: &str| (kind.to_owned(), page.to_owned());
    let expected = [
        hit("procedure", "/procedures/hisaisha-01"),
        hit("municipality", "/municipalities/082341"),
        hit("row", "/municipalities/082341/readiness/hisaisha-01"),
    ];
    // Kanji, either script of readings, codes, other spellings, in any order.
    for words in ["鉾田 罹災", "りさい ほこた", "082341　り災", "鉾田市 HISAISHA-01"] {
        assert_eq!(found(words), expected, "{words}");
    }
    assert_eq!(found("xyzzy"), [hit("unknown", "-")]);
    assert_eq!(found("xyzzy 鉾田"), [hit("unknown", "-"), hit("municipality", "/municipalities/082341")]);
    assert_eq!(found("茨城").len(), 45, "a prefecture and what lies in it, and no 茨木市");
    assert_eq!(found("いばらき").iter().filter(|(kind, _)| kind == "municipality").count(), 3);
    // A town that went up in another one, and a ward, lead to the body of today.
    let former = &app.get("search?q=%E7%8E%89%E9%80%A0%E7%94%BA").results()[0];
    assert_eq!((&former["name"], &former["other_names"]), (&json!("茨城県行方市"), &json!(["玉造町"])));
    assert!(found("中央区").contains(&hit("municipality", "/municipalities/011002")));
    // A code whose check digit is wrong.
    assert_eq!(app.get("search?q=082342").results()[0]["suggestion"], "082341");
    assert_eq!(app.get("search").count(), 0);
    assert_eq!(app.get("prefectures/08").json()["municipalities"], 44);
    app.get("prefectures/48").problem(400, "invalid-parameter");
}

fn a_score_card_expects_102_answers(backend: &Backend) {
    let app = TestApp::start(backend);
    let silent = app.get("municipalities/082333/readiness").results();
    assert_eq!(silent.len(), 102);
    assert!(silent.iter().all(|row| row["no_answer"] == true && row["level"].is_null()));
    assert_eq!(silent.iter().filter(|row| row["channel"] == "online").count(), 51);
    assert_eq!(silent.iter().filter(|row| row["channel"] == "counter").count(), 51);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,該当性,URL,根拠\n\
         082333,kosodate-01,mynaportal,4,,https://example.jp/,\n\
         082333,kosodate-01,eapp,3,,,\n\
         082333,kosodate-01,online,3,,,published\n\
         082333,kosodate-02,,,not_applicable,,\n\
         082333,kosodate-03,counter,0,,,\n",
    );
    let rows = app.get("municipalities/08233/readiness").results();
    assert_eq!(rows.len(), 104);
    let of = |id: &str| rows.iter().filter(|row| row["procedure_id"] == id).collect::<Vec<_>>();
    assert_eq!(of("kosodate-01").len(), 4);
    assert_eq!(of("kosodate-01").iter().filter(|row| row["url"] == "https://example.jp/").count(), 1);
    for row in of("kosodate-02") {
        assert_eq!((&row["no_answer"], &row["applicability"]), (&json!(false), &json!("not_applicable")));
    }
    let zero = of("kosodate-03").into_iter().find(|row| row["scale"] == "counter").unwrap();
    assert_eq!(
        (&zero["level"], &zero["no_answer"], &zero["level_label"]),
        (&json!(0), &json!(false), &json!("紙に手書き"))
    );
    assert_eq!(app.get("municipalities/082333/readiness?list=dashboard26").results().len(), 54);
    // Every channel of every procedure: more than one page of any other list, and still whole.
    let channels = [
        "online",
        "mynaportal",
        "eapp",
        "dedicated",
        "counter",
        "branch",
        "remote",
        "kiosk",
        "convenience",
        "post_office",
        "condolence",
    ];
    let ids: Vec<String> = app
        .get("procedures?list=priority56&target=municipality,both&limit=500")
        .results()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    let all: String = ids
        .iter()
        .flat_map(|id| channels.iter().map(move |channel| format!("142042,{id},{channel},1\n")))
        .collect();
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階\n{all}"));
    assert_eq!(app.get("municipalities/142042/readiness").results().len(), 561);
    assert_eq!(app.get("municipalities/142042/readiness?format=csv").text.lines().count(), 562);
    assert_eq!(app.get("municipalities/142042/readiness?limit=10&offset=555").results().len(), 6);
    app.get("municipalities/999999/readiness").problem(400, "invalid-parameter");
}

fn the_matrix_shows_best_levels(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let matrix = app.get("matrix?prefecture=08&procedure=hisaisha-01").json();
    assert_eq!(matrix["results"].as_array().unwrap().len(), 44);
    assert_eq!(matrix["procedures"][0]["name"], "罹災証明書の発行申請");
    let whole = app.get("matrix?procedure=kosodate-01").json();
    let cells: Vec<_> =
        whole["results"].as_array().unwrap().iter().map(|row| row["online"][0].clone()).collect();
    assert_eq!(cells.len(), 1_741);
    let count = |code: &str| cells.iter().filter(|cell| **cell == code).count();
    assert_eq!((count("3+"), count("0"), count("na")), (1_593, 147, 1));
    assert!(
        whole["results"]
            .as_array()
            .unwrap()
            .iter()
            .all(|row| row["counter"][0] == "no_answer" || row["counter"][0] == "na")
    );
    let csv = app.get("matrix?prefecture=08&format=csv").text;
    assert_eq!(csv.lines().count(), 1 + 44 * 56);
}

fn distributions_count_bodies_once(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let rows = app.get("distribution?procedure=kosodate-01").results();
    let online: u64 =
        rows.iter().filter(|row| row["channel"] == "online").map(|row| row["bodies"].as_u64().unwrap()).sum();
    assert_eq!(online, 1_741);
    let by_level = app.get("distribution?by=level&category=kosodate&place=home").results();
    for row in by_level {
        assert!(row["bodies"].as_u64() <= row["rows"].as_u64());
        assert!(row["bodies"].as_u64() <= Some(1_741));
    }
    app.get("distribution?by=level,level").problem(400, "invalid-parameter");
    app.get("distribution?by=colour").problem(400, "invalid-parameter");
}

fn figures_refuse_what_they_cannot_group(backend: &Backend) {
    let app = TestApp::start(backend);
    let errors = app.get("figures/list26_complete?by=procedure").problem(400, "invalid-parameter");
    assert_eq!(errors[0]["allowed"], "nation, prefecture, municipality, kind, population_band");
    let errors = app.get("figures/da26_rate?threshold=4").problem(400, "invalid-parameter");
    assert_eq!(errors[0]["allowed"], "3");
    app.get("figures/da26_rate?not_applicable=excluded").problem(400, "invalid-parameter");
    app.get("figures/online_rat").problem(404, "not-found");
    let nothing = &app.get("figures/online_rate?procedure=high-volume-05").results()[0];
    assert_eq!((&nothing["value"], &nothing["reason"]), (&json!(null), &json!("nothing_applicable")));
    let silent = &app.get("figures/online_rate").results()[0];
    assert_eq!((&silent["reason"], &silent["denominator"]), (&json!("unknown_only"), &json!(88_791)));
    assert_eq!(app.get("figures/online_rate?kind=prefecture").results()[0]["denominator"], 47 * 27);
}

fn exports_are_the_long_layout(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let csv = app.get("exports/readiness.csv");
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"readiness_2026-11-21.csv\"");
    assert_eq!(crate::app::settled(&csv.text), app.inner.export());
    assert_eq!(csv.text.lines().count(), 87_051);
    assert!(!csv.text.contains('\r'));
    let lines = app.get("exports/readiness.ndjson");
    assert_eq!(lines.text.lines().count(), 87_050);
    let one: serde_json::Value = serde_json::from_str(lines.text.lines().next().unwrap()).unwrap();
    assert_eq!((&one["municipality_code"], &one["level"]), (&json!("011002"), &json!(3)));
    assert_eq!(app.get("exports/readiness.csv?municipality=082333").text.lines().count(), 51);
    app.get("exports/readiness.csv?municipality=1").problem(400, "invalid-parameter");
}

fn operators_get_their_answers(backend: &Backend) {
    let app = TestApp::start(backend);
    assert_eq!(app.get("/healthz").json(), json!({"status": "ok"}));
    assert_eq!(app.get("/readyz").json(), json!({"status": "ready"}));
    let version = app.get("/version").json();
    assert_eq!((&version["version"], &version["revision"]), (&json!(env!("CARGO_PKG_VERSION")), &json!(0)));
    let docs = app.get("/docs/");
    assert_eq!(docs.status, 200);
    assert!(!docs.text.contains("http://") && !docs.text.contains("https://"), "{}", docs.text);
    assert!(docs.header("content-security-policy").contains("style-src 'self' 'unsafe-inline'"));
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        assert_eq!(app.get(&format!("/docs/{file}")).status, 200, "{file}");
    }
}
