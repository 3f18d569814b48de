//! Figures that must come out.

use serde_json::{Value, json};

use crate::app::{Backend, TestApp, on_both};
use crate::real::country;
use crate::trend::{BODIES, invent, random};

on_both! {
    the_national_file_gives_the_published_figures;
    kamakura_is_complete_by_one_rule_and_empty_by_another;
    procedures_not_performed_leave_the_denominator_or_stay;
    partial_counts_on_mynaportal_but_not_at_threshold_four;
    every_row_of_every_figure_adds_up;
    rules_of_the_standing;
    the_rows_that_make_definitions_differ_are_shown;
    completion_needs_every_answer;
    the_matrix_and_the_figures_agree;
    spreads_are_over_exact_fractions;
    fixed_lists_take_no_other_list;
    prefectures_and_municipalities_are_never_counted_together;
    a_scope_is_named_and_its_filters_are_told;
    a_group_is_answered_by_what_a_definition_reads;
    a_body_is_complete_or_not_when_it_answered_everything;
    the_highest_steps_have_rates_of_their_own;
    one_procedure_is_enough_for_a_body;
    three_places_make_a_procedure_complete;
    other_bodies_and_abolished_leave_what_not_applicable_leaves;
    prefectures_have_the_rate_of_the_dashboard;
    figures_are_ordered_and_rows_are_chosen;
    a_version_is_the_same_wherever_it_is_told;
    the_values_of_bodies_are_sorted_into_parts;
    what_the_law_does_not_allow_is_not_asked_for;
    a_version_of_a_definition_may_be_named;
    rows_of_random_countries_add_up;
}

fn a_version_is_the_same_wherever_it_is_told(backend: &Backend) {
    let app = TestApp::start(backend);
    let definitions = app.get("definitions").results();
    for row in &definitions {
        let says = |field: &str| !row[field].as_str().unwrap().is_empty();
        assert!(["rule_ja", "rule_en", "source", "unit"].into_iter().all(says), "{row}");
    }
    let of = |id: &str| definitions.iter().find(|row| row["id"] == id).unwrap()["source"].as_str().unwrap();
    assert!(of("da26_rate").contains("ダッシュボード") && of("principles").contains("第2条"));
    assert!(definitions.len() >= 6);
    for definition in definitions {
        let id = definition["id"].as_str().unwrap();
        let version = definition["version"].as_u64().unwrap();
        // A version that gives other results than the one before says why.
        for name in ["changed_ja", "changed_en"] {
            assert!(version == 1 || !definition[name].as_str().unwrap().is_empty(), "{id}");
        }
        for path in [
            format!("figures/{id}?prefecture=08&by=kind"),
            format!("figures/{id}/explain?municipality=082333"),
        ] {
            let rows = app.get(&path).results();
            // Where nothing is stated no statement can be explained, and no plan.
            let none = definition["unit"] == "statements" || definition["unit"] == "plans";
            assert!(!rows.is_empty() || none && path.contains("explain"));
            for row in rows {
                assert_eq!((&row["definition"], &row["version"]), (&json!(id), &json!(version)), "{path}");
            }
        }
    }
    // Whose word counts, exact quartiles and the rest: nothing is what it was under the first versions, and
    // only those say that they are one that came later.
    let definitions = app.get("definitions").results();
    let first: Vec<&str> = (definitions.iter().filter(|row| row["version"] == 1))
        .map(|row| {
            assert_eq!(row["changed_en"], "the first version");
            row["id"].as_str().unwrap()
        })
        .collect();
    let expected = [
        "digital_complete_rate",
        "onestop_rate",
        "body_any",
        "kakanai_any",
        "eapp_any",
        "mynaportal_any",
        "convenience_any",
        "population_coverage",
        "omnichannel_rate",
        "usage_rate",
        "weighted_rate",
        "life_event_level",
        "principles",
        "freshness",
        "lead",
    ];
    assert_eq!(first, expected);
}

fn completion_needs_every_answer(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n142042,kosodate-01,mynaportal,3,2026-04-01\n");
    for basis in ["expected", "stated"] {
        let figure = figure(&app, &format!("figures/da26_complete?municipality=142042&basis={basis}"));
        assert_eq!(figure["numerator"], 0, "{basis}");
        assert_eq!(figure["value"], json!(null), "{basis}");
    }
    // A scope without a body still has an answer.
    let nobody = figure(&app, "figures/online_rate?prefecture=01&kind=special_ward");
    assert_eq!(short(&nobody), json!([0, 0, null, null, null, "nothing_applicable"]));
}

fn the_matrix_and_the_figures_agree(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,状態,適用日\n\
         142042,kosodate-01,eapp,3,,2026-04-01\n142042,kosodate-01,mynaportal,3+,,2026-04-01\n\
         142042,kosodate-02,eapp,3,,2026-04-01\n142042,kosodate-02,mynaportal,5,prepared,2026-04-01\n\
         142042,kosodate-03,eapp,4,suspended,2026-04-01\n142042,kosodate-04,online,4,prepared,2026-04-01\n\
         142042,high-volume-22,eapp,4,,2026-04-01\n",
    );
    let procedures = "kosodate-01,kosodate-02,kosodate-03,kosodate-04,high-volume-22";
    let matrix = app.get(&format!("matrix?municipality=142042&procedure={procedures}")).json();
    let ids: Vec<_> = matrix["procedures"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
    let cells = matrix["results"][0]["online"].as_array().unwrap().clone();
    let of = |id: &str| cells[ids.iter().position(|other| *other == id).unwrap()].clone();
    assert_eq!(of("kosodate-01"), "3+");
    assert_eq!(of("kosodate-02"), "3");
    assert_eq!(of("kosodate-03"), "4x");
    assert_eq!(of("kosodate-04"), "4p");
    // A procedure that is named is in scope, also outside the default list.
    for path in ["figures/online_rate", "figures/mic_rate"] {
        let one = figure(&app, &format!("{path}?municipality=142042&procedure=high-volume-22"));
        assert_eq!(one["numerator"], 1, "{path}");
    }
    assert_eq!(app.get("municipalities/142042/readiness?procedure=high-volume-22").results().len(), 2);
    assert_eq!(app.get("distribution?municipality=142042&procedure=high-volume-22&by=level").count(), 2);
    // The explanation names the channel that decides.
    let why = |definition: &str, id: &str| {
        let path = format!("figures/{definition}/explain?municipality=142042&procedure={id}");
        let row = app.get(&path).results()[0].clone();
        (row["channel"].as_str().map(str::to_owned), row["level"].as_u64())
    };
    assert_eq!(why("online_rate", "kosodate-02"), (Some("mynaportal".into()), Some(5)));
    assert_eq!(why("mic_rate", "kosodate-02"), (Some("eapp".into()), Some(3)));
    assert_eq!(why("online_rate", "kosodate-03"), (Some("eapp".into()), None));
    assert_eq!(why("da26_rate", "kosodate-03"), (None, None));
    // Not live is not "means unknown" where only live counts.
    let rows = app.get("figures/da26_rate/explain?municipality=142042&procedure=kosodate-04").results();
    assert_eq!(rows[0]["reason"], "not_live");
}

fn spreads_are_over_exact_fractions(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let of = |by: &str, key: &str| {
        let rows = app.get(&format!("figures/online_rate?by={by}&limit=500")).results();
        rows.into_iter().find(|row| row["key"] == key).unwrap()
    };
    let aomori = of("prefecture", "02");
    assert_eq!((&aomori["label"], &aomori["median"]), (&json!("青森県"), &json!(64.6)));
    assert_eq!(of("kind", "core_city")["q3"], 81.0);
    let nation = figure(app, "figures/online_rate");
    assert_eq!((&nation["bodies"], &nation["bodies_in_scope"]), (&json!(1_741), &json!(1_741)));
    assert_eq!(nation["spread_reason"], json!(null));
    // With nothing but means unknown no body has a value, and nobody is at 0.
    let official = figure(app, "figures/da26_rate?prefecture=08");
    for field in ["q1", "median", "q3"] {
        assert_eq!(official[field], json!(null), "{field}");
    }
    assert_eq!((&official["bodies"], &official["spread_reason"]), (&json!(0), &json!("too_few")));
    // A category has a spread as the country has; what counts bodies has none.
    let rows = app.get("figures/online_rate?by=category&prefecture=02").results();
    assert!(rows.iter().all(|row| row["bodies"].is_u64() && row["bodies_in_scope"] == 40), "{rows:#?}");
    let complete = figure(app, "figures/list26_complete?not_applicable=counted");
    assert_eq!((&complete["bodies"], &complete["spread_reason"]), (&json!(null), &json!(null)));
}

/// Code, pointer and allowed values of the only fault of a request.
pub(crate) fn refused(app: &TestApp, path: &str) -> (String, String, String) {
    let errors = app.get(path).problem(400, "invalid-parameter");
    assert_eq!(errors.len(), 1, "{path}: {errors:#?}");
    let text = |field: &str| errors[0][field].as_str().unwrap_or_default().to_owned();
    assert!(!text("message").is_empty());
    (text("code"), text("pointer"), text("allowed"))
}

fn fixed_lists_take_no_other_list(backend: &Backend) {
    let app = TestApp::start(backend);
    for definition in ["da26_rate", "da26_complete", "list26_complete"] {
        for (query, name) in [
            ("list=common32", "list"),
            ("list=dashboard26", "list"),
            ("procedure=hisaisha-01", "procedure"),
            ("procedure=kosodate-01,high-volume-01", "procedure"),
            ("category=hisaisha", "category"),
            ("category=kosodate,hisaisha", "category"),
        ] {
            for path in
                [format!("figures/{definition}?{query}"), format!("figures/{definition}/explain?{query}")]
            {
                let (code, pointer, _) = refused(&app, &path);
                assert_eq!((code.as_str(), pointer), ("fixed_list", format!("/query/{name}")), "{path}");
                let message = app.get(&path).json()["errors"][0]["message"].as_str().unwrap().to_owned();
                assert!(message.contains("dashboard26"), "{message}");
            }
        }
    }
    // Within the list one may choose.
    let of = |query: &str| {
        figure(&app, &format!("figures/da26_rate?municipality=142042&{query}"))["denominator"].clone()
    };
    assert_eq!(of("category=kosodate"), 15);
    assert_eq!(of("procedure=kaigo-01,kosodate-01"), 2);
    assert_eq!(of("procedure=kaigo-01,kosodate-01&category=kaigo"), 1);
    // Others count over whatever is named.
    assert_eq!(figure(&app, "figures/mic_rate?municipality=142042&list=dashboard26")["denominator"], 26);
    let fixed: Vec<Value> =
        app.get("definitions").results().into_iter().filter(|row| row["fixed_list"] == true).collect();
    assert_eq!(fixed.len(), 3);
}

fn prefectures_and_municipalities_are_never_counted_together(backend: &Backend) {
    let app = TestApp::start(backend);
    for (query, name) in [
        ("municipality=080004", "municipality"),
        ("municipality=080004,082333", "municipality"),
        ("municipality=080004&by=prefecture", "municipality"),
        ("municipality=080004&by=procedure", "municipality"),
        ("municipality=080004,082333&by=kind", "municipality"),
        ("kind=prefecture,city", "kind"),
        ("kind=prefecture,city&by=prefecture", "kind"),
        ("kind=prefecture,town&by=category&prefecture=08", "kind"),
        ("municipality=080004,082333&kind=prefecture,city", "kind"),
    ] {
        let (code, pointer, allowed) = refused(&app, &format!("figures/online_rate?{query}"));
        assert_eq!(
            (code.as_str(), pointer),
            ("prefecture_among_municipalities", format!("/query/{name}")),
            "{query}"
        );
        assert!(allowed.contains("kind=prefecture") && allowed.contains("by=municipality"), "{allowed}");
    }
    for (query, results) in [
        ("municipality=080004&kind=prefecture", 1),
        ("municipality=080004,082333&kind=prefecture", 1),
        ("municipality=080004,082333&by=municipality", 2),
        ("kind=prefecture", 1),
        ("kind=prefecture,city&by=kind", 2),
        ("kind=prefecture,city&by=municipality&prefecture=08", 32),
        ("kind=prefecture&by=prefecture", 47),
    ] {
        assert_eq!(app.get(&format!("figures/online_rate?{query}")).count(), results, "{query}");
    }
    // Rows of an explanation are of one body each.
    let rows = app.get("figures/mic_rate/explain?municipality=080004&limit=500").results();
    assert_eq!(rows.len(), 30);
    assert_eq!(refused(&app, "distribution?municipality=080004,082333").0, "prefecture_among_municipalities");
    assert_eq!(app.get("distribution?kind=prefecture,city&by=kind,level").status, 200);
}

fn a_scope_is_named_and_its_filters_are_told(backend: &Backend) {
    let app = TestApp::start(backend);
    for (query, label) in [
        ("", "全国"),
        ("basis=stated", "全国"),
        ("municipality=082333", "行方市"),
        ("prefecture=08", "茨城県 44団体"),
        ("municipality=082333,082341", "選んだ2団体"),
        ("prefecture=08,09", "茨城県・栃木県 69団体"),
        ("prefecture=08&kind=city", "茨城県 市 31団体"),
        ("prefecture=08&municipality=082333,082341,142042", "茨城県 選んだ2団体"),
        ("kind=prefecture", "都道府県 47団体"),
        ("prefecture=02,03,05,06", "4都道府県 133団体"),
        ("prefecture=47&population_max=1000", "沖縄県 人口1,000人以下 5団体"),
        ("population_min=3000000", "横浜市"),
        ("prefecture=01&kind=special_ward", "北海道 特別区 0団体"),
    ] {
        let answer = app.get(&format!("figures/online_rate?{query}")).json();
        assert_eq!(answer["results"][0]["label"], label, "{query}");
        assert_eq!(answer["results"][0]["key"], "nation");
        assert_eq!(answer["metadata"]["scope"], label, "{query}");
    }
    let told = |path: &str| app.get(path).json()["metadata"].clone();
    let metadata = told("figures/online_rate?prefecture=08&by=kind&threshold=4&limit=5&sort=-value");
    assert_eq!(metadata["filters"], json!({"prefecture": "08", "by": "kind", "threshold": "4"}));
    assert_eq!((&metadata["scope"], &metadata["bodies"]), (&json!("茨城県 44団体"), &json!(44)));
    let metadata = told("figures/online_rate/explain?municipality=082333&included=false");
    assert_eq!(metadata["filters"], json!({"municipality": "082333", "included": "false"}));
    assert_eq!(told("figures/online_rate")["filters"], json!({}));
    // Other lists are about what they say themselves.
    assert!(told("procedures").get("scope").is_none());
}

fn a_group_is_answered_by_what_a_definition_reads(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n142042,kosodate-01,convenience,3,2026-04-01\n\
         142042,kosodate-02,counter,3,2026-04-01\n142042,kosodate-03,kiosk,5,2026-04-01\n\
         142042,kosodate-03,branch,1,2026-04-01\n",
    );
    let scope = "municipality=142042&procedure=kosodate-01,kosodate-02,kosodate-03";
    let all = figure(&app, &format!("figures/kakanai_rate?{scope}"));
    assert_eq!(short(&all), json!([1, 3, 33.3, 33.3, 66.7, null]));
    assert_eq!(all["completeness"], 66.7);
    let stated = figure(&app, &format!("figures/kakanai_rate?{scope}&basis=stated"));
    assert_eq!((&stated["numerator"], &stated["denominator"]), (&json!(1), &json!(2)));
    let rows = app.get(&format!("figures/kakanai_rate/explain?{scope}")).results();
    let reasons: Vec<&str> = rows.iter().map(|row| row["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["no_answer", "counted", "below_threshold"]);
    assert_eq!((&rows[2]["channel"], &rows[2]["level"]), (&json!("branch"), &json!(1)));
    // Said to be done elsewhere it is answered, as no.
    let online = figure(&app, &format!("figures/online_rate?{scope}"));
    assert_eq!(online["completeness"], 0.0);
}

fn a_body_is_complete_or_not_when_it_answered_everything(backend: &Backend) {
    let app = TestApp::start(backend);
    let rows = |code: &str, said: &dyn Fn(usize) -> &'static str| -> String {
        let ids =
            (1..=15).map(|n| format!("kosodate-{n:02}")).chain((1..=11).map(|n| format!("kaigo-{n:02}")));
        ids.enumerate()
            .filter(|(at, _)| !said(*at).is_empty())
            .map(|(at, id)| format!("{code},{id},{},2026-04-01\n", said(at)))
            .collect()
    };
    const YES: &str = "mynaportal,3,";
    let text = [
        // All, all but one at 0, all but one open, all but one not applicable, one alone at 0.
        rows("142042", &|_| YES),
        rows("142034", &|at| if at == 7 { "mynaportal,0," } else { YES }),
        rows("142051", &|at| if at == 7 { "" } else { YES }),
        rows("142069", &|at| if at == 7 { ",,not_applicable" } else { YES }),
        rows("142077", &|at| if at == 7 { "mynaportal,0," } else { "" }),
    ]
    .concat();
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,該当性,適用日\n{text}"));
    let bodies = "municipality=142042,142034,142051,142069,142077";
    let counts = |id: &str, query: &str| {
        let figure = figure(&app, &format!("figures/{id}?{bodies}&{query}"));
        [&figure["numerator"], &figure["denominator"], &figure["unknown"]]
            .map(|count| count.as_u64().unwrap())
    };
    // Of five: one yes, three no of which one left the rest open, one unknown.
    assert_eq!(counts("da26_complete", "basis=expected"), [1, 5, 1]);
    // Only those count that answered every row.
    assert_eq!(counts("da26_complete", "basis=stated"), [1, 3, 0]);
    assert_eq!(counts("list26_complete", "basis=stated&not_applicable=excluded"), [2, 3, 0]);
    assert_eq!(counts("list26_complete", "basis=stated&not_applicable=counted"), [1, 3, 0]);
    let rows = app.get(&format!("figures/da26_complete/explain?{bodies}&basis=stated")).results();
    let out: Vec<_> = rows.iter().filter(|row| row["in_denominator"] == false).collect();
    assert_eq!(out.len(), 2);
    let open = out.iter().find(|row| row["municipality_code"] == "142051").unwrap();
    assert_eq!((&open["reason"], &open["missing"]), (&json!("no_answer"), &json!(["kosodate-08"])));
}

fn the_highest_steps_have_rates_of_their_own(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,状態,該当性,適用日\n142042,kosodate-01,mynaportal,5,,,2026-04-01\n\
         142042,kosodate-02,mynaportal,4+,,,2026-04-01\n142042,kosodate-03,mynaportal,4,,,2026-04-01\n\
         142042,kosodate-04,mynaportal,5,prepared,,2026-04-01\n142042,kosodate-05,,,,not_applicable,2026-04-01\n\
         142042,kosodate-01,counter,5,,,2026-04-01\n142042,kosodate-02,branch,4,,,2026-04-01\n\
         142042,kosodate-03,kiosk,5,,,2026-04-01\n142042,kosodate-04,counter,5,prepared,,2026-04-01\n",
    );
    let scope = "municipality=142042&procedure=kosodate-01,kosodate-02,kosodate-03,kosodate-04,kosodate-05";
    // What is prepared counts online, where it opens at once, and not at a counter; a kiosk is no counter.
    for (id, numerator, denominator, unknown) in
        [("digital_complete_rate", 2, 4, 1), ("onestop_rate", 1, 4, 1)]
    {
        let figure = figure(&app, &format!("figures/{id}?{scope}"));
        let counts = (&figure["numerator"], &figure["denominator"], &figure["unknown"]);
        assert_eq!(counts, (&json!(numerator), &json!(denominator), &json!(unknown)), "{id}: {figure}");
        let rows = app.get(&format!("figures/{id}/explain?{scope}&included=true")).results();
        assert_eq!(rows.len(), numerator, "{id}");
        app.get(&format!("figures/{id}?threshold=4")).problem(400, "invalid-parameter");
    }
}

/// Three towns of 茨城県 and what each has.
fn one_procedure_is_enough_for_a_body(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,状態,適用日\n082333,kosodate-01,eapp,3,,2026-04-01\n\
         082333,kosodate-02,counter,2,,2026-04-01\n082023,kosodate-01,mynaportal,2,,2026-04-01\n\
         082023,kosodate-01,branch,3,,2026-04-01\n082015,kosodate-01,online,3,,2026-04-01\n\
         082015,kosodate-02,convenience,4,suspended,2026-04-01\n082015,kosodate-02,kiosk,3,,2026-04-01\n",
    );
    let towns = "municipality=082333,082023,082015";
    let counts = |path: &str| {
        let figure = figure(&app, &format!("figures/{path}&{towns}"));
        ["numerator", "denominator", "unknown"].map(|name| figure[name].as_u64().unwrap())
    };
    for (path, expected) in [
        // 水戸市's means is unknown; what nobody said of the other procedures is unknown too.
        ("body_any?basis=stated", [2, 3, 0]),
        ("body_any?basis=expected", [2, 3, 1]),
        ("body_any?basis=stated&threshold=4", [0, 3, 0]),
        ("eapp_any?basis=stated", [1, 3, 1]),
        ("mynaportal_any?basis=stated", [0, 3, 1]),
        ("kakanai_any?basis=stated", [1, 2, 0]),
        ("convenience_any?basis=stated", [0, 1, 0]),
        ("body_any?basis=stated&channel=eapp", [1, 3, 1]),
        ("body_any?basis=stated&channel=counter-group", [2, 3, 0]),
        ("body_any?basis=stated&place=nearby", [1, 1, 0]),
        ("body_any?basis=stated&place=counter&threshold=2", [2, 2, 0]),
        ("body_any?basis=stated&category=kaigo", [0, 0, 0]),
    ] {
        assert_eq!(counts(path), expected, "{path}");
        let explained = path.replace('?', "/explain?");
        let rows = app.get(&format!("figures/{explained}&{towns}")).results();
        let of = |name: &str| rows.iter().filter(|row| row[name] == true).count() as u64;
        assert_eq!([of("included"), of("in_denominator"), of("unknown")], expected, "{path}");
        for row in rows.iter().filter(|row| row["included"] == true) {
            assert!(!row["counting"].as_array().unwrap().is_empty(), "{row}");
            assert!(row["sentence"].as_str().unwrap().contains("条件を満たすため数えます"), "{row}");
        }
    }
    // The same by inhabitants of the census of 2020: 行方市 32,185 and 水戸市 270,685 of these and 日立市.
    let population =
        |code: &str| app.get(&format!("municipalities/{code}")).json()["population"].as_u64().unwrap();
    let [namegata, hitachi, mito] = ["082333", "082023", "082015"].map(population);
    assert_eq!(counts("population_coverage?basis=stated"), [namegata + mito, namegata + hitachi + mito, 0]);
    assert_eq!(
        counts("population_coverage?basis=stated&channel=eapp"),
        [namegata, namegata + hitachi + mito, mito]
    );
    // Where the channels are fixed they cannot be chosen, and one says where they can.
    let errors = app.get("figures/online_rate?channel=eapp").problem(400, "invalid-parameter");
    assert!(errors[0]["message_ja"].as_str().is_none_or(|text| text.contains("body_any")), "{errors:?}");
    app.get("figures/eapp_any?place=home").problem(400, "invalid-parameter");
    app.get("figures/body_any?channel=eapp&place=home").problem(400, "invalid-parameter");
    app.get("figures/body_any?channel=fax").problem(400, "invalid-parameter");
}

fn three_places_make_a_procedure_complete(backend: &Backend) {
    let app = TestApp::start(backend);
    let mut rows = String::new();
    for (number, levels) in [(1, [4, 3, 3]), (2, [3, 3, 3]), (3, [5, 5, 2]), (6, [0, 0, 0])] {
        for (channel, level) in ["mynaportal", "kiosk", "counter"].iter().zip(levels) {
            rows += &format!("142042,kosodate-0{number},{channel},{level},2026-04-01\n");
        }
    }
    // Nothing is known of what is nearby.
    rows += "142042,kosodate-04,eapp,4,2026-04-01\n142042,kosodate-04,branch,5,2026-04-01\n";
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,適用日\n{rows}"));
    let procedures: Vec<String> = (1..=6).map(|number| format!("kosodate-0{number}")).collect();
    let scope = format!("municipality=142042&procedure={}", procedures.join(","));
    // Each with how many have all three, and how many might: the fifth nobody spoke of.
    for (threshold, numerator, unknown) in [(3, 1, 2), (2, 4, 1), (1, 4, 1)] {
        let path = format!("omnichannel_rate?{scope}&threshold={threshold}");
        let figure = figure(&app, &format!("figures/{path}"));
        assert_eq!(
            (&figure["numerator"], &figure["denominator"], &figure["unknown"]),
            (&json!(numerator), &json!(6), &json!(unknown)),
            "{threshold}: {figure}"
        );
    }
    let explained = app.get(&format!("figures/omnichannel_rate/explain?{scope}")).results();
    let places: Vec<&Value> = explained.iter().map(|row| &row["places"]).collect();
    assert_eq!(places, [&json!(3), &json!(2), &json!(2), &json!(2), &json!(null), &json!(0)]);
    let sentence = |at: usize| explained[at]["sentence"].as_str().unwrap();
    assert!(sentence(1).contains("2つを満たし、3つに届かない"), "{}", sentence(1));
    assert!(sentence(3).contains("不明"), "{}", sentence(3));
}

fn other_bodies_and_abolished_leave_what_not_applicable_leaves(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,該当性,適用日\n142042,kosodate-01,,,not_applicable,2026-04-01\n\
         142042,kosodate-02,,,other_body,2026-04-01\n142042,kosodate-03,,,abolished,2026-04-01\n\
         142042,kosodate-04,mynaportal,4,,2026-04-01\n",
    );
    let scope = "municipality=142042&procedure=kosodate-01,kosodate-02,kosodate-03,kosodate-04";
    for (path, numerator, denominator) in [
        ("online_rate", 1, 1),
        ("mic_rate", 1, 1),
        ("online_rate?not_applicable=counted", 1, 4),
        ("da26_rate", 1, 4),
        ("list26_complete?not_applicable=excluded", 1, 1),
        ("list26_complete?not_applicable=counted", 0, 1),
    ] {
        let joint = if path.contains('?') { '&' } else { '?' };
        let figure = figure(&app, &format!("figures/{path}{joint}{scope}"));
        let counts = (&figure["numerator"], &figure["denominator"]);
        assert_eq!(counts, (&json!(numerator), &json!(denominator)), "{path}");
        assert_eq!(figure["completeness"], 100.0, "{path}");
    }
}

/// What the ministry asked every prefecture: of the procedures that are expected of it so many are
/// performed, and so many of those are online.
fn prefectures_have_the_rate_of_the_dashboard(backend: &Backend) {
    let Some(bytes) = crate::real::file("digital-agency-dashboard-2024-07-prefecture-comparison.csv") else {
        return;
    };
    let app = TestApp::start(backend);
    let prefectures = app.get("figures/mic_rate?kind=prefecture&by=municipality&limit=500").results();
    let codes: Vec<&str> = prefectures.iter().map(|row| row["key"].as_str().unwrap()).collect();
    let expected: Vec<String> = app
        .get("procedures?list=common32&target=prefecture,both&limit=500")
        .results()
        .iter()
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((codes.len(), expected.len()), (47, 30));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let table: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let numbers = |end: &str| -> Vec<usize> {
        let row = table.iter().find(|row| row[1].ends_with(end)).unwrap();
        row.iter().skip(2).map(|cell| cell.parse().unwrap()).collect()
    };
    let (performed, online) = (numbers("（分母）"), numbers("（分子）"));
    let mut text = "団体コード,手続ID,接点,段階,該当性,根拠,適用日\n".to_owned();
    for ((code, performed), online) in codes.iter().zip(performed).zip(online) {
        for (at, id) in expected.iter().enumerate() {
            let said = match at {
                at if at < online => "online,3+,",
                at if at < performed => "online,0,",
                _ => ",,not_applicable",
            };
            text += &format!("{code},{id},{said},published,2024-03-31\n");
        }
    }
    app.inner.must_import(&text);
    let nation = figure(&app, "figures/mic_rate?kind=prefecture");
    assert_eq!(short(&nation), json!([726, 869, 83.5, 83.5, 83.5, null]));
    for (code, counts) in [
        ("360007", json!([17, 26, 65.4, 65.4, 65.4, null])),
        ("370002", json!([18, 19, 94.7, 94.7, 94.7, null])),
    ] {
        let one = figure(&app, &format!("figures/mic_rate?municipality={code}&by=municipality"));
        assert_eq!(short(&one), counts, "{code}");
    }
    // Municipalities are asked what they were asked before.
    assert_eq!(figure(&app, "figures/mic_rate?municipality=142042")["denominator"], 26);
    assert_eq!(figure(&app, "figures/online_rate?municipality=142042")["denominator"], 51);
}

fn figures_are_ordered_and_rows_are_chosen(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    let by = |sort: &str| {
        app.get(&format!("figures/online_rate?prefecture=02&by=municipality&limit=500&sort={sort}")).results()
    };
    let number = |row: &Value, field: &str| row[field].as_f64();
    for field in ["value", "numerator", "denominator", "completeness"] {
        for (sort, up) in [(field.to_owned(), true), (format!("-{field}"), false)] {
            let rows = by(&sort);
            let values: Vec<f64> = rows.iter().filter_map(|row| number(row, field)).collect();
            let ordered = values.is_sorted_by(|one, two| if up { one <= two } else { one >= two });
            assert!(ordered && values.len() == 40, "{sort}: {values:?}");
        }
    }
    let keys: Vec<Value> = by("-key").iter().map(|row| row["key"].clone()).collect();
    assert!(keys.is_sorted_by(|one, two| one.as_str() > two.as_str()));
    // What has no value stands last either way.
    for sort in ["value", "-value"] {
        let rows = app.get(&format!("figures/online_rate?prefecture=47&procedure=high-volume-09&by=municipality&limit=500&sort={sort}")).results();
        let first = rows.iter().position(|row| row["value"].is_null()).unwrap();
        assert!(rows[first..].iter().all(|row| row["value"].is_null()), "{sort}");
    }
    assert_eq!(refused(app, "figures/online_rate?sort=name").1, "/query/sort");
    // Each row is asked for by exactly one of the three.
    let explain = |query: &str| app.get(&format!("figures/online_rate/explain?prefecture=47{query}")).count();
    let parts: Vec<u64> =
        ["true", "false", "unknown"].iter().map(|one| explain(&format!("&included={one}"))).collect();
    assert!(parts.iter().all(|count| *count > 0), "{parts:?}");
    assert_eq!(parts.iter().sum::<u64>(), explain(""));
    assert_eq!(explain("&included=true,unknown"), parts[0] + parts[2]);
    let nation = figure(app, "figures/online_rate?prefecture=47");
    assert_eq!((&nation["numerator"], &nation["unknown"]), (&json!(parts[0]), &json!(parts[2])));
    assert_eq!(refused(app, "figures/online_rate/explain?included=yes").1, "/query/included");
}

/// One figure of a path, as numerator, denominator and printed values.
pub(crate) fn figure(app: &TestApp, path: &str) -> Value {
    let results = app.get(path).results();
    assert_eq!(results.len(), 1, "{path}");
    results[0].clone()
}

fn short(figure: &Value) -> Value {
    json!([
        figure["numerator"],
        figure["denominator"],
        figure["value"],
        figure["value_min"],
        figure["value_max"],
        figure["reason"]
    ])
}

fn the_national_file_gives_the_published_figures(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    let app = &country.app;
    for (path, expected) in [
        ("figures/online_rate", json!([53_851, 86_691, 62.1, 62.1, 64.1, null])),
        ("figures/online_rate?basis=stated", json!([53_851, 84_950, 63.4, 63.4, 63.4, null])),
        ("figures/mic_rate?basis=stated", json!([15_224, 39_888, 38.2, 38.2, 38.2, null])),
        ("figures/da26_rate", json!([0, 45_266, null, 0.0, 85.3, "unknown_only"])),
        ("figures/list26_complete?not_applicable=counted", json!([1_113, 1_741, 63.9, 63.9, 63.9, null])),
        ("figures/list26_complete?not_applicable=excluded", json!([1_161, 1_741, 66.7, 66.7, 66.7, null])),
    ] {
        assert_eq!(short(&figure(app, path)), expected, "{path}");
    }
    let both = app.get("figures/list26_complete").results();
    let pairs: Vec<_> =
        both.iter().map(|row| (row["not_applicable"].clone(), row["numerator"].clone())).collect();
    assert_eq!(pairs, [(json!("excluded"), json!(1_161)), (json!("counted"), json!(1_113))]);
    // 座間味村 has nothing applicable of the 26.
    let zamami =
        app.get("figures/list26_complete/explain?municipality=473545&not_applicable=excluded").results();
    assert_eq!((&zamami[0]["included"], &zamami[0]["reason"]), (&json!(true), &json!("nothing_applicable")));
    assert_eq!(app.get("figures/online_rate?by=prefecture").count(), 47);
    assert_eq!(app.get("figures/online_rate?by=municipality").count(), 1_741);
    assert_eq!(app.get("figures/online_rate?by=procedure").count(), 56);
}

/// A town's file with one row per procedure of a list.
fn state(app: &TestApp, list: &str, channel: &str, level: &str) {
    let members = app.get(&format!("lists/{list}")).json();
    let rows: String = members["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            format!("142042,{},{channel},{level},2026-04-01\n", item["procedure_id"].as_str().unwrap())
        })
        .collect();
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,適用日\n{rows}"));
}

fn kamakura_is_complete_by_one_rule_and_empty_by_another(backend: &Backend) {
    let app = TestApp::start(backend);
    state(&app, "dashboard26", "eapp", "4");
    let online = figure(&app, "figures/online_rate?municipality=142042&list=dashboard26");
    assert_eq!(short(&online), json!([26, 26, 100.0, 100.0, 100.0, null]));
    let official = figure(&app, "figures/da26_rate?municipality=142042");
    assert_eq!(short(&official), json!([0, 26, 0.0, 0.0, 0.0, null]));
    let rows = app.get("figures/da26_rate/explain?municipality=142042").results();
    assert_eq!(rows.len(), 26);
    for row in rows {
        assert_eq!((&row["reason"], &row["included"]), (&json!("channel_not_mynaportal"), &json!(false)));
        assert!(row["sentence"].as_str().unwrap().contains("マイナポータル以外"));
    }
    let complete = figure(&app, "figures/da26_complete?municipality=142042");
    assert_eq!(short(&complete), json!([0, 1, 0.0, 0.0, 0.0, null]));
    let listed = figure(&app, "figures/list26_complete?municipality=142042&not_applicable=counted");
    assert_eq!(short(&listed), json!([1, 1, 100.0, 100.0, 100.0, null]));
}

fn procedures_not_performed_leave_the_denominator_or_stay(backend: &Backend) {
    let app = TestApp::start(backend);
    let members: Vec<String> = app
        .get("procedures?list=priority56&target=municipality,both&limit=500")
        .results()
        .iter()
        .take(32)
        .map(|row| row["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(members.len(), 32);
    let rows: String = members
        .iter()
        .enumerate()
        .map(|(at, id)| match at {
            0..2 => format!("142042,{id},,,not_applicable,2026-04-01\n"),
            2..26 => format!("142042,{id},eapp,3,,2026-04-01\n"),
            _ => format!("142042,{id},eapp,1,,2026-04-01\n"),
        })
        .collect();
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,該当性,適用日\n{rows}"));
    let path =
        format!("figures/mic_rate?municipality=142042&list=priority56&procedure={}", members.join(","));
    assert_eq!(short(&figure(&app, &path)), json!([24, 30, 80.0, 80.0, 80.0, null]));
    let fixed = figure(&app, &format!("{path}&not_applicable=counted"));
    assert_eq!(short(&fixed), json!([24, 32, 75.0, 75.0, 75.0, null]));
    assert_eq!(fixed["completeness"], 100.0);
}

fn partial_counts_on_mynaportal_but_not_at_threshold_four(backend: &Backend) {
    let app = TestApp::start(backend);
    state(&app, "dashboard26", "mynaportal", "3");
    let official = figure(&app, "figures/da26_rate?municipality=142042");
    assert_eq!(short(&official), json!([26, 26, 100.0, 100.0, 100.0, null]));
    let path = "municipality=142042&list=dashboard26&threshold=4";
    let strict = figure(&app, &format!("figures/online_rate?{path}"));
    assert_eq!(short(&strict), json!([0, 26, 0.0, 0.0, 0.0, null]));
    let rows = app.get(&format!("figures/online_rate/explain?{path}")).results();
    assert!(rows.iter().all(|row| row["reason"] == "below_threshold"));
    // A bare ○ may be more than it says: at threshold 4 it is unknown.
    state(&app, "benefit31", "eapp", "3+");
    let open = figure(&app, &format!("figures/online_rate?{path}"));
    assert_eq!(short(&open), json!([0, 26, null, 0.0, 100.0, "unknown_only"]));
}

fn every_row_of_every_figure_adds_up(backend: &Backend) {
    let Some(country) = country(backend) else { return };
    rows_add_up(&country.app, "prefecture=47");
}

/// Whatever is stated and counted, the rows behind a figure are the figure.
fn rows_of_random_countries_add_up(backend: &Backend) {
    let mut seed = 47;
    for _ in 0..2 {
        let app = TestApp::start(backend);
        invent(&app, &mut seed);
        let mut next = |below| random(&mut seed, below);
        let mut counts = "団体コード,年度,手続ID,手続総件数,うちオンライン数\n".to_owned();
        for code in BODIES {
            for procedure in 1..=10 {
                let all = next(900);
                let online = if next(4) == 0 { String::new() } else { next(all + 1).to_string() };
                counts += &format!("{code},{},kosodate-{procedure:02},{all},{online}\n", 2023 + next(2));
            }
        }
        app.inner.must_import(&counts);
        for basis in ["expected", "stated"] {
            rows_add_up(&app, &format!("municipality={}&basis={basis}", BODIES.join(",")));
        }
    }
}

/// Holds every figure of a choice of bodies against the rows that explain it, and against its parts.
fn rows_add_up(app: &TestApp, bodies: &str) {
    for definition in app.get("definitions").results() {
        let id = definition["id"].as_str().unwrap();
        // Some definitions know no basis.
        let query = match app.get(&format!("figures/{id}?{bodies}")).status {
            200 => bodies.to_owned(),
            _ => bodies.split("&basis").next().unwrap().to_owned(),
        };
        for figure in app.get(&format!("figures/{id}?{query}")).results() {
            let treatment = figure["not_applicable"].as_str().unwrap();
            let query = format!("{query}&part={}", figure["part"].as_str().unwrap_or("all"));
            let rows = app
                .get(&format!("figures/{id}/explain?{query}&not_applicable={treatment}&format=ndjson"))
                .text;
            let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            let count = |field: &str| -> u64 {
                let counted = rows.iter().filter(|row| row[field] == true);
                counted.map(|row| row["weight"].as_u64().unwrap()).sum()
            };
            let counted: u64 = rows.iter().map(|row| row["counted"].as_u64().unwrap()).sum();
            assert_eq!(figure["numerator"], counted, "{id} {treatment}");
            // Of applications those that came online count, of everything else the whole row.
            let whole = |row: &Value| match row["included"] == true {
                true if id == "usage_rate" => row["counted"].as_u64() <= row["weight"].as_u64(),
                true => row["counted"] == row["weight"],
                false => row["counted"] == 0,
            };
            assert!(rows.iter().all(whole), "{id} {treatment}");
            assert_eq!(figure["denominator"], count("in_denominator"), "{id} {treatment}");
            assert_eq!(figure["unknown"], count("unknown"), "{id} {treatment}");
            for row in &rows {
                let (ja, en) = (row["sentence"].as_str().unwrap(), row["sentence_en"].as_str().unwrap());
                assert!(ja.ends_with('。') && en.ends_with('.') && en.is_ascii(), "{id}: {ja} {en}");
            }
            // Parts make the whole.
            for by in ["municipality", "kind", "population_band"] {
                let parts = app
                    .get(&format!("figures/{id}?{query}&not_applicable={treatment}&by={by}&limit=500"))
                    .results();
                let sum: u64 = parts.iter().map(|part| part["numerator"].as_u64().unwrap()).sum();
                assert_eq!(figure["numerator"], sum, "{id} by {by}");
            }
        }
    }
}

fn the_rows_that_make_definitions_differ_are_shown(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         142042,kosodate-01,eapp,4,2026-04-01\n142042,kosodate-02,mynaportal,4,2026-04-01\n\
         142042,kosodate-03,mynaportal,1,2026-04-01\n142042,high-volume-01,dedicated,5,2026-04-01\n",
    );
    let rows = |query: &str| -> Vec<String> {
        let rows =
            app.get(&format!("figures/online_rate/explain?municipality=142042&compare={query}")).results();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let short = |row: &Value| {
            format!("{} {} {}", text(&row["procedure_id"]), text(&row["definition"]), row["included"])
        };
        rows.iter().map(short).collect()
    };
    // Both count the second and neither the third; what is not on Mynaportal makes the difference, and what
    // is no procedure of the 26.
    assert_eq!(
        rows("da26_rate"),
        ["kosodate-01 online_rate true", "kosodate-01 da26_rate false", "high-volume-01 online_rate true",],
    );
    assert_eq!(rows("da26_rate&included=false"), ["kosodate-01 da26_rate false"]);
    // A definition beside itself is explained whole.
    assert_eq!(rows("online_rate&limit=500").len(), 51);
    assert_eq!(refused(&app, "figures/online_rate/explain?compare=da26_complete").0, "not_of_rows");
}

/// What a town's rows give under `da26_rate` and `online_rate` for one procedure.
fn reasons(backend: &Backend, rows: &str) -> (String, String) {
    let app = TestApp::start(backend);
    app.inner.must_import(&format!("団体コード,手続ID,接点,段階,状態,根拠,適用日\n{rows}"));
    let reason = |id: &str| {
        let rows =
            app.get(&format!("figures/{id}/explain?municipality=142042&procedure=kosodate-01")).results();
        rows[0]["reason"].as_str().unwrap().to_owned()
    };
    (reason("da26_rate"), reason("online_rate"))
}

fn rules_of_the_standing(backend: &Backend) {
    for (rows, official, online) in [
        // No for online is no for every online channel.
        ("142042,kosodate-01,online,0,,declared,2026-04-01\n", "below_threshold", "below_threshold"),
        // The means is not known.
        ("142042,kosodate-01,online,4,,declared,2026-04-01\n", "means_unknown", "counted"),
        // A named channel answers for the others.
        ("142042,kosodate-01,eapp,0,,declared,2026-04-01\n", "channel_not_mynaportal", "below_threshold"),
        // Suspended does not count; out of season counts where the rule says so.
        ("142042,kosodate-01,mynaportal,4,suspended,declared,2026-04-01\n", "not_live", "not_live"),
        ("142042,kosodate-01,mynaportal,4,seasonal,declared,2026-04-01\n", "not_live", "counted"),
        // The town's own word goes first, whatever the nation published later.
        (
            "142042,kosodate-01,mynaportal,4,,declared,2024-04-01\n142042,kosodate-01,mynaportal,0,,published,2025-03-31\n",
            "counted",
            "counted",
        ),
        (
            "142042,kosodate-01,online,0,,declared,2024-04-01\n142042,kosodate-01,mynaportal,4,,published,2025-03-31\n",
            "below_threshold",
            "below_threshold",
        ),
    ] {
        // Each case in a house of its own.
        let fresh = if backend.is_sqlite() { Some(Backend::sqlite()) } else { Backend::postgres() };
        let Some(fresh) = fresh else { return };
        assert_eq!(reasons(&fresh, rows), (official.to_owned(), online.to_owned()), "{rows}");
    }
}

/// Numerators and denominators of bodies, sorted by hand into parts.
fn the_values_of_bodies_are_sorted_into_parts(backend: &Backend) {
    let app = TestApp::start(backend);
    let mut rows = "団体コード,手続ID,接点,段階,適用日\n".to_owned();
    let bodies = app.get("municipalities?prefecture=08&limit=500").results();
    let codes: Vec<&str> = bodies.iter().map(|row| row["code"].as_str().unwrap()).collect();
    for (at, code) in codes.iter().filter(|code| !code.starts_with("08000")).enumerate() {
        for procedure in 1..=15 {
            let level = if procedure <= at % 16 { 4 } else { 0 };
            rows += &format!("{code},kosodate-{procedure:02},mynaportal,{level},2026-04-01\n");
        }
    }
    app.inner.must_import(&rows);
    let path = "figures/online_rate?prefecture=08&list=dashboard26&category=kosodate";
    let figure = &app.get(&format!("{path}&bins=5")).results()[0];
    let each = app.get(&format!("{path}&by=municipality&limit=500")).results();
    let mut expected = vec![0_u64; 5];
    for body in &each {
        let (part, whole) = (body["numerator"].as_u64().unwrap(), body["denominator"].as_u64().unwrap());
        expected[usize::try_from((part * 5 / whole).min(4)).unwrap()] += 1;
    }
    assert_eq!((each.len(), expected.iter().sum::<u64>()), (44, 44));
    assert!(expected.iter().all(|bodies| *bodies > 0), "{expected:?}");
    assert_eq!(figure["histogram"], json!(expected));
    assert_eq!(app.get(path).results()[0]["histogram"], json!(null));
    assert_eq!(each[0]["histogram"], json!(null));
    let csv = app.get(&format!("{path}&bins=5&format=csv")).text;
    let joined: Vec<String> = expected.iter().map(u64::to_string).collect();
    assert!(csv.contains(&joined.join(";")), "{csv}");
    for bins in ["1", "101", "x"] {
        assert_eq!(refused(&app, &format!("{path}&bins={bins}")).1, "/query/bins");
    }
}

fn what_the_law_does_not_allow_is_not_asked_for(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n082333,tenshutsu-tennyu-01,mynaportal,3,2026-04-01\n\
         082333,tenshutsu-tennyu-02,mynaportal,2,2026-04-01\n082333,kosodate-01,mynaportal,2,2026-04-01\n",
    );
    let asked = "municipality=082333&procedure=tenshutsu-tennyu-01,tenshutsu-tennyu-02,kosodate-01";
    let numerator = |path: &str| {
        let row = app.get(path).results().pop().unwrap();
        (row["numerator"].as_u64().unwrap(), row["against"].clone())
    };
    for (definition, whole, reachable) in
        [("online_rate", 1, 2), ("digital_complete_rate", 0, 1), ("mic_rate", 1, 2), ("body_any", 1, 1)]
    {
        let path = format!("figures/{definition}?{asked}");
        assert_eq!(numerator(&path), (whole, json!("scale")), "{definition}");
        assert_eq!(
            numerator(&format!("{path}&against=ceiling")),
            (reachable, json!("ceiling")),
            "{definition}"
        );
    }
    // Each row adds up and says why; the series is the figure of its day.
    let rows = app.get(&format!("figures/online_rate/explain?{asked}&against=ceiling")).results();
    let counted: Vec<&Value> = rows.iter().filter(|row| row["included"] == true).collect();
    assert_eq!(counted.len(), 2, "{rows:#?}");
    let visit = rows.iter().find(|row| row["procedure_id"] == "tenshutsu-tennyu-02").unwrap();
    assert!(visit["sentence"].as_str().unwrap().contains("法令で届くのは段階2まで"), "{visit}");
    assert!(visit["sentence_en"].as_str().unwrap().contains("no more than level 2"), "{visit}");
    let points =
        app.get(&format!("figures/online_rate/trend?{asked}&against=ceiling&from=2026-03-01")).results();
    let series: Vec<u64> = points.iter().map(|point| point["numerator"].as_u64().unwrap()).collect();
    assert_eq!((series.first(), series.last()), (Some(&0), Some(&2)), "{points:#?}");
    // Who asks for no level online takes no such bound.
    for path in ["kakanai_rate?", "omnichannel_rate?", "freshness?", "body_any?channel=counter&"] {
        let answer = app.get(&format!("figures/{path}against=ceiling"));
        assert_eq!(answer.status, 400, "{path}");
    }
    let procedure = app.get("procedures/tenshutsu-tennyu-02").json();
    assert_eq!((&procedure["ceiling"], &procedure["short_ja"]), (&json!(2), &json!("転入 来庁予定")));
    assert!(procedure["ceiling_source"].as_str().unwrap().contains("第22条"), "{procedure}");
    let first = app.get("procedures/kosodate-15").json();
    assert_eq!(first["life_events"], json!(["birth"]));
    assert_eq!((&first["audience"], &first["ceiling"]), (&json!("person"), &json!(null)));
    let ended = app.get("procedures/high-volume-05").json();
    assert_eq!(ended["ended_on"], "2026-03-31");
    let list = app.get("lists/priority56").json();
    let letters: std::collections::BTreeSet<&str> =
        list["items"].as_array().unwrap().iter().filter_map(|item| item["letter"].as_str()).collect();
    assert_eq!(letters.into_iter().collect::<Vec<_>>(), ["a", "b-ア", "b-イ", "b-ウ", "b-エ"]);
}

fn a_version_of_a_definition_may_be_named(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階\n082333,kosodate-01,mynaportal,4\n");
    let newest = figure(&app, "figures/online_rate?municipality=082333");
    let version = newest["version"].as_u64().unwrap();
    let named = figure(&app, &format!("figures/online_rate@{version}?municipality=082333"));
    assert_eq!(named, newest);
    assert_eq!(
        app.get(&format!("figures/online_rate@{version}/explain?municipality=082333&limit=1")).status,
        200
    );
    // What is not kept is not computed by another rule under its name.
    for version in ["1", "99", "", "x"] {
        let errors = app.get(&format!("figures/online_rate@{version}")).problem(404, "not-found");
        assert_eq!(errors[0]["code"], "unknown_version", "{version}");
        assert_eq!(
            errors[0]["allowed"],
            newest["version"].as_u64().map(|kept| format!("online_rate@{kept}")).unwrap()
        );
    }
    let compared = app
        .get("figures/online_rate?municipality=082333&compare=da26_rate@1")
        .problem(400, "invalid-parameter");
    assert_eq!(compared[0]["code"], "unknown_version");
}
