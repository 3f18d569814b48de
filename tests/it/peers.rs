//! Who is like a body, and what it may do next.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};

on_both! {
    peers_are_of_one_kind_and_about_one_size;
    gaps_say_what_to_do_next;
    what_is_offered_and_not_used_is_a_gap;
    a_position_is_told_with_ties_and_the_number_of_bodies;
    what_peers_have_and_a_body_lacks_is_told_with_whom_to_ask;
    gaps_that_save_most_hours_stand_first;
}

/// Every municipality with code, kind and population.
fn register(app: &TestApp) -> Vec<(String, String, f64)> {
    let text = app.get("municipalities?format=ndjson").text;
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (text("code"), text("kind"), row["population"].as_f64().unwrap_or(0.0))
    };
    rows.iter().filter(|row| row["ended_on"].is_null()).map(row).collect()
}

fn peers_are_of_one_kind_and_about_one_size(backend: &Backend) {
    let app = TestApp::start(backend);
    let all = register(&app);
    let group = |kind: &str| {
        match kind {
            "designated_city" | "core_city" => "large",
            "town" | "village" => "small",
            other => other,
        }
        .to_owned()
    };
    // A city of many like it, one of the largest, a ward, the smallest village, a prefecture.
    for (code, rule) in [
        ("082333", "nearest_40"),
        ("141003", "nearest_12"),
        ("131016", "nearest_12"),
        ("134023", "nearest_12"),
        ("080004", "nearest_12"),
        ("011002", "nearest_12"),
    ] {
        let answer = app.get(&format!("municipalities/{code}/peers"));
        let rows = answer.results();
        assert_eq!((&rows[0]["municipality_code"], &rows[0]["own"]), (&json!(code), &json!(true)));
        let found: Vec<&str> =
            rows[1..].iter().map(|row| row["municipality_code"].as_str().unwrap()).collect();
        // The rule once more, as it is written down: with logarithms.
        let (_, kind, own) = all.iter().find(|(other, ..)| other == code).unwrap();
        let mut alike: Vec<&(String, String, f64)> =
            all.iter().filter(|(other, of, _)| other != code && group(of) == group(kind)).collect();
        let apart = |people: f64| ((people + 1.0).ln() - (own + 1.0).ln()).abs();
        alike.sort_by(|one, two| apart(one.2).total_cmp(&apart(two.2)).then(one.0.cmp(&two.0)));
        let within = |people: f64| (people - own).abs() <= own * 0.3;
        let inside: Vec<&str> = alike.iter().filter(|row| within(row.2)).map(|row| row.0.as_str()).collect();
        let (expected_rule, expected): (&str, Vec<&str>) = match inside.len() {
            0..12 => ("nearest_12", alike.iter().take(12).map(|row| row.0.as_str()).collect()),
            12..=40 => ("within", inside),
            _ => ("nearest_40", inside.into_iter().take(40).collect()),
        };
        assert_eq!(rows[0]["rule"], expected_rule, "{code}");
        assert_eq!(found, expected, "{code}");
        if ["082333", "134023"].contains(&code) {
            assert_eq!(expected_rule, rule, "{code}");
        }
        assert_eq!(answer.json()["metadata"]["bodies"], found.len() + 1);
    }
    // Each with the same figure as when it is asked for by itself.
    app.inner.must_import("団体コード,手続ID,接点,段階\n082333,kosodate-01,mynaportal,4\n");
    let rows = app.get("municipalities/082333/peers?definition=da26_rate").results();
    let figure = app.get("figures/da26_rate?municipality=082333").results();
    for name in ["numerator", "denominator", "unknown", "value", "value_max"] {
        assert_eq!(rows[0][name], figure[0][name], "{name}");
    }
    let both = app.get("municipalities/082333/peers?definition=list26_complete").results();
    assert_eq!(both[0]["not_applicable"], "excluded");
    app.get("municipalities/082333/peers?definition=da26_rate&list=common32")
        .problem(400, "invalid-parameter");
    app.get("municipalities/082333/peers?definition=none").problem(400, "invalid-parameter");
    app.get("municipalities/082334/peers").problem(400, "invalid-parameter");
}

fn a_position_is_told_with_ties_and_the_number_of_bodies(backend: &Backend) {
    let app = TestApp::start(backend);
    let path = "municipalities/082333/peers?list=dashboard26&procedure=kosodate-01,kosodate-02";
    let codes: Vec<String> = app
        .get(path)
        .results()
        .iter()
        .map(|row| row["municipality_code"].as_str().unwrap().to_owned())
        .collect();
    let mut rows = "団体コード,手続ID,接点,段階,適用日\n".to_owned();
    // The town does one of two as two others do; one does both, one none; of the rest nothing is known.
    for (code, levels) in codes.iter().zip([[4, 0], [4, 4], [0, 4], [0, 0], [4, 0]]) {
        for (procedure, level) in ["kosodate-01", "kosodate-02"].iter().zip(levels) {
            rows += &format!("{code},{procedure},mynaportal,{level},2026-04-01\n");
        }
    }
    app.inner.must_import(&rows);
    let rows = app.get(path).results();
    let short = |row: &Value| ["position", "tied", "ranked"].map(|name| row[name].clone());
    let told: Vec<_> = rows[..6].iter().map(short).collect();
    let of = |at: u64, tied: u64| [json!(at), json!(tied), json!(5)];
    assert_eq!(told[..5], [of(2, 3), of(1, 1), of(2, 3), of(5, 1), of(2, 3)]);
    assert_eq!(told[5], [json!(null), json!(null), json!(null)]);
}

fn what_is_offered_and_not_used_is_a_gap(backend: &Backend) {
    let app = TestApp::start(backend);
    let mut levels = "団体コード,手続ID,接点,段階,適用日\n".to_owned();
    for (id, level) in [("kosodate-01", 3), ("kosodate-02", 4), ("kosodate-03", 4), ("kosodate-04", 2)] {
        levels += &format!("082333,{id},mynaportal,{level},2024-04-01\n");
    }
    app.inner.must_import(&levels);
    app.inner.must_import(
        "団体コード,年度,手続ID,手続総件数,うちオンライン数\n\
         082333,2023,kosodate-01,300,100\n082333,2024,kosodate-01,300,29\n\
         082333,2024,kosodate-02,300,30\n082333,2024,kosodate-03,100,0\n082333,2024,kosodate-04,300,0\n",
    );
    let gaps = |query: &str| app.get(&format!("municipalities/082333/gaps?gap=G3{query}")).results();
    // 29 of 300 are less than a tenth; 30 are not; 100 are not more than 100; what is not online has none.
    let found = gaps("");
    assert_eq!(found.len(), 1);
    assert_eq!(
        ["procedure_id", "fiscal_year", "applications", "online_applications"]
            .map(|name| found[0][name].clone()),
        [json!("kosodate-01"), json!(2024), json!(300), json!(29)],
    );
    let sentence = found[0]["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("2024年度の申請300件のうちオンラインは29件です。"), "{sentence}");
    // The year before it was used.
    assert!(gaps("&as_of=2024-03-31").is_empty());
}

fn gaps_say_what_to_do_next(backend: &Backend) {
    let app = TestApp::start(backend);
    let peers = app.get("municipalities/082333/peers").results();
    let peers: Vec<&str> = peers[1..].iter().map(|row| row["municipality_code"].as_str().unwrap()).collect();
    let mut rows = "団体コード,手続ID,接点,段階,システム,根拠,目標段階,目標日,適用日\n".to_owned();
    // 30 of 40 do the first online, 19 the second, 25 the third, which the town does not perform.
    for (at, code) in peers.iter().enumerate() {
        let system = if at % 3 == 0 { "Ｇｒａｆｆｅｒ" } else { "ぴったりサービス" };
        for (procedure, count) in [("kosodate-01", 30), ("kosodate-02", 19), ("kosodate-03", 25)] {
            let level = if at < count { 3 } else { 0 };
            rows += &format!("{code},{procedure},mynaportal,{level},{system},,,,2026-04-01\n");
        }
    }
    rows += "082333,kosodate-01,mynaportal,2,,,4,2026-09-30,2026-04-01\n\
             082333,kosodate-02,mynaportal,5,,,,,2026-04-01\n082333,kosodate-02,counter,1,,,,,2026-04-01\n\
             082333,kosodate-04,eapp,4,,,,,2025-11-01\n\
             082333,kosodate-05,online,3+,,published,,,2026-04-01\n082333,kosodate-05,online,0,,,,,2026-05-01\n\
             082333,kosodate-06,online,3+,,published,,,2026-04-01\n082333,kosodate-06,online,5,,,,,2026-05-01\n";
    app.inner.must_import(&rows);
    app.inner.must_import("団体コード,手続ID,該当性,適用日\n082333,kosodate-03,not_applicable,2026-04-01\n");
    let gaps = |query: &str| app.get(&format!("municipalities/082333/gaps?{query}limit=500")).results();
    for row in gaps("") {
        let (ja, en) = (row["sentence"].as_str().unwrap(), row["sentence_en"].as_str().unwrap());
        let numbers = |text: &str| -> Vec<String> {
            let parts = text.split(|sign: char| !sign.is_ascii_digit()).filter(|part| !part.is_empty());
            let mut parts: Vec<String> = parts.map(str::to_owned).collect();
            parts.sort();
            parts
        };
        // The same is said in both languages, of the same numbers.
        assert!(en.is_ascii() && en.len() > 20, "{en}");
        assert!(
            numbers(en).iter().filter(|part| part.as_str() != "3").all(|part| numbers(ja).contains(part)),
            "{ja} {en}"
        );
    }
    let short = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or("-").to_owned();
        [text("gap"), text("procedure_id"), text("channel"), text("level"), text("other_level")].join(" ")
    };
    let of_town: Vec<String> =
        gaps("procedure=kosodate-01,kosodate-02,kosodate-03,kosodate-04,kosodate-05,kosodate-06&")
            .iter()
            .map(short)
            .collect();
    assert_eq!(
        of_town,
        [
            // What most of the peers have done stands first.
            "G1 kosodate-01 mynaportal 2 -",
            "G2 kosodate-01 - 2 -",
            "G6 kosodate-01 mynaportal 2 4",
            "G4 kosodate-02 - 5 1",
            "G1 kosodate-04 mynaportal - -",
            "G5 kosodate-04 eapp 4 -",
            "G1 kosodate-05 mynaportal 0 -",
            "G7 kosodate-05 online 0 3+",
            // 5 is no other than "3 or more"; by which channel is open.
            "G1 kosodate-06 mynaportal - -",
        ]
    );
    let first = &gaps("gap=G2&")[0];
    assert_eq!(
        (&first["peers"], &first["peers_in_scope"], &first["peers_share"]),
        (&json!(30), &json!(40), &json!(75.0))
    );
    assert_eq!(first["systems"], json!(["ぴったりサービス:20", "Ｇｒａｆｆｅｒ:10"]));
    assert_eq!(first["examples"], json!(peers[..5]));
    let sentence = first["sentence"].as_str().unwrap();
    assert!(sentence.starts_with("類似団体40のうち30がオンライン"), "{sentence}");
    assert!(gaps("").iter().all(|row| !row["sentence"].as_str().unwrap().is_empty()));
    let of_mynaportal = |id: &str| gaps(&format!("gap=G1&procedure={id}&"))[0]["sentence"].to_string();
    assert!(of_mynaportal("kosodate-04").contains("なっていません"));
    assert!(of_mynaportal("kosodate-06").contains("分かりません"));
    // What is not performed is nothing to do.
    assert!(gaps("").iter().all(|row| row["procedure_id"] != "kosodate-03"));
    // As of a day before anything was said there is nothing but what is open to everybody.
    assert!(gaps("as_of=2026-03-01&gap=G2,G4,G6,G7&").is_empty());
    app.get("municipalities/082333/gaps?gap=G8").problem(400, "invalid-parameter");
}

fn what_peers_have_and_a_body_lacks_is_told_with_whom_to_ask(backend: &Backend) {
    let app = TestApp::start(backend);
    let rows = app.get("municipalities/082333/peers").results();
    let peer = |at: usize| rows[at]["municipality_code"].as_str().unwrap().to_owned();
    let (near, far) = (peer(1), peer(2));
    app.inner.must_import(&format!(
        "団体コード,手続ID,接点,段階,システム,担当課,URL,適用日\n\
         {near},hisaisha-01,mynaportal,3,ぴったりサービス,税務課,https://example.jp/a,2024-04-01\n\
         {near},hisaisha-01,eapp,4,LoGoフォーム,防災課,,2025-04-01\n\
         {far},hisaisha-01,online,3+,,,,2025-04-01\n\
         {far},kosodate-01,mynaportal,5,,,,2025-04-01\n\
         {near},kosodate-02,mynaportal,2,,,,2025-04-01\n\
         082333,kosodate-01,mynaportal,3,,,,2025-04-01\n"
    ));
    let ahead = app.get("municipalities/082333/ahead").results();
    let told: Vec<(&Value, &Value, &Value)> =
        ahead.iter().map(|row| (&row["procedure_id"], &row["municipality_code"], &row["level"])).collect();
    assert_eq!(
        told,
        [(&json!("hisaisha-01"), &json!(near), &json!(4)), (&json!("hisaisha-01"), &json!(far), &json!(3)),]
    );
    for (field, value) in [
        ("channel", json!("eapp")),
        ("system", json!("LoGoフォーム")),
        ("section", json!("防災課")),
        ("since", json!("2025-04-01")),
        ("source", json!("own")),
        ("at_least", json!(false)),
    ] {
        assert_eq!(ahead[0][field], value, "{field}");
    }
    assert_eq!((&ahead[1]["at_least"], &ahead[1]["section"]), (&json!(true), &Value::Null));
    // Of a day on which less was offered.
    let then = app.get("municipalities/082333/ahead?as_of=2024-06-01").results();
    assert_eq!((then.len(), &then[0]["section"]), (1, &json!("税務課")));
    assert_eq!(app.get("municipalities/082333/ahead?category=kaigo").count(), 0);
}

fn gaps_that_save_most_hours_stand_first(backend: &Backend) {
    let app = TestApp::start(backend);
    let peers = app.get("municipalities/082333/peers").results();
    let peer = |at: usize| peers[at]["municipality_code"].as_str().unwrap();
    app.inner.must_import(
        "団体コード,年度,手続ID,手続総件数,うちオンライン数\n\
         082333,2025,kosodate-01,600,0\n082333,2025,kosodate-02,300,\n082333,2025,kosodate-04,1000,0\n",
    );
    let before = app.get("municipalities/082333/gaps?gap=G1").results();
    assert!(before.iter().all(|row| row["hours_min"].is_null() && row["hours_max"].is_null()));
    app.inner.must_import(&format!(
        "団体コード,手続ID,年度,方法,受付（分）,確認（分）,審査（分）,交付（分）\n\
         082333,kosodate-01,2025,窓口,10,5,,5\n\
         082333,kosodate-02,2024,窓口,99,99,99,99\n\
         082333,kosodate-02,2025,窓口,20,5,15,10\n\
         082333,kosodate-02,2025,オンライン,0,5,15,0\n\
         082333,kosodate-04,2025,窓口,30,,,\n\
         {},kosodate-01,2025,オンライン,2,5,10,\n\
         {},kosodate-01,2025,オンライン,0,1,10,5\n",
        peer(1),
        peer(2)
    ));
    let gaps = app.get("municipalities/082333/gaps?gap=G1").results();
    // 600 × (8 to 14 minutes), 300 × 30 minutes; of the third nobody knows the minutes online.
    for (at, procedure, least, most) in [(0, "kosodate-02", 150.0, 150.0), (1, "kosodate-01", 80.0, 140.0)] {
        let row = &gaps[at];
        assert_eq!(row["procedure_id"], procedure);
        assert_eq!((&row["hours_min"], &row["hours_max"]), (&json!(least), &json!(most)), "{procedure}");
        assert_eq!(row["fiscal_year"], 2025);
    }
    let third = gaps.iter().find(|row| row["procedure_id"] == "kosodate-04").unwrap();
    assert!(third["hours_min"].is_null(), "{third}");
    // What was not known then is not told of then.
    let then = app.get("municipalities/082333/gaps?gap=G1&known_at=2026-11-20").results();
    assert!(then.iter().all(|row| row["hours_min"].is_null()));
}
