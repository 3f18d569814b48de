//! Pages as a browser without script sees them: what they print is what the API answers at the addresses that they
//! name, and nobody is left standing.

use std::collections::BTreeSet;

use todoke::http::state::Settings;

use crate::app::{Answer, Backend, TestApp, TestService, on_both, operator, settings};
use crate::real;

on_both! {
    what_a_page_prints_is_what_its_addresses_answer;
    someone_finds_a_town_by_what_they_type;
    a_country_without_data_says_how_to_begin;
    what_others_stated_is_shown_as_text;
    a_page_is_of_the_moment_and_place_in_its_address;
    a_refusal_is_a_page_with_the_way_on;
    bodies_are_compared_where_they_differ;
    every_definition_has_a_page_of_any_selection;
}

/// As a browser asks.
fn page(app: &TestApp, path: &str) -> Answer {
    app.call("GET", path, &[("accept", "text/html,application/xhtml+xml,*/*;q=0.8")])
}

/// A page that is there.
#[track_caller]
fn shown(app: &TestApp, path: &str) -> String {
    let answer = page(app, path);
    assert_eq!(answer.status, 200, "{path}");
    assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
    answer.text
}

/// The addresses that stand in attributes of a page, as they are meant.
fn links(text: &str) -> BTreeSet<String> {
    let of_attribute = |name: &str| {
        let start = format!("{name}=\"");
        text.split(&start)
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .map(|link| link.replace("&amp;", "&"))
            .collect::<Vec<String>>()
    };
    of_attribute("href").into_iter().collect()
}

/// Every page that can be had without signing in, of a town, its prefecture and a procedure.
const PAGES: &[&str] = &[
    "/",
    "/prefectures/08",
    "/municipalities/082341",
    "/municipalities/082341/why",
    "/municipalities/082341/brief",
    "/municipalities/082341/readiness/hisaisha-01",
    "/municipalities/080004",
    "/procedures",
    "/procedures/hisaisha-01",
    "/procedures/high-volume-16",
    "/changes?from=2025-01-01&prefecture=08",
    "/compare?municipality=082341,082333,122297",
    "/compare",
    "/definitions",
    "/codes",
    "/figures/online_rate?prefecture=08&by=municipality",
    "/figures/life_event_level?prefecture=08",
    "/readiness?prefecture=08&procedure=hisaisha-01",
    "/matrix?municipality=082341,082333",
    "/matrix?kind=village&population_max=1000&scale=counter",
    "/municipalities/082341/peers",
    "/accessibility",
    "/municipalities/082341/material",
    "/search?q=川",
    "/templates",
    "/templates?prefecture=08",
    "/about",
    "/data",
];

fn what_a_page_prints_is_what_its_addresses_answer(backend: &Backend) {
    /// Addresses that are asked.
    const MOST: usize = 200;
    let Some(country) = real::country(backend) else { return };
    let app = &country.app;
    let mut asked = BTreeSet::new();
    for path in PAGES {
        let text = shown(app, &path.replace('川', "%E5%B7%9D"));
        for link in links(&text) {
            assert!(link.starts_with(['/', '#']), "{path} leads away: {link}");
            if !link.starts_with("/api/v1/figures/")
                || link.contains("format=csv")
                || link.contains("/explain")
            {
                continue;
            }
            let answer = app.get(&link);
            assert_eq!(answer.status, 200, "{path} → {link}: {}", answer.text);
            for figure in answer.results() {
                // What nobody performs is left out of pictures.
                let Some(value) = figure["value"].as_f64().filter(|_| figure["denominator"] != 0) else {
                    continue;
                };
                let printed = [format!("{value:.1}"), format!(">{value:.0}<")];
                let spread = figure["median"].as_f64().map(|median| format!("{median:.1}"));
                let is_there = printed.iter().chain(&spread).any(|number| text.contains(number));
                assert!(is_there, "{path} does not print {value} of {link}");
            }
            asked.insert(link);
        }
        // Every way on is there, and every file.
        for link in links(&text).into_iter().filter(|link| link.starts_with('/')) {
            // Of very many alike the first are enough.
            if asked.insert(link.clone()) && asked.len() < MOST && !link.contains("exports/") {
                let status = page(app, &link).status;
                assert!([200, 303].contains(&status), "{path} → {link}: {status}");
            }
        }
    }
    let town = shown(app, "/municipalities/082341");
    for words in ["<b>34手続</b>", "70.8〜72.9%", "26手続", "罹災証明", "人口 45,953", "未回答"]
    {
        assert!(town.contains(words), "{words}");
    }
    // A cell of the country is two ways away: from the front page by its prefecture.
    assert!(links(&shown(app, "/")).contains("/prefectures/08"));
    assert!(links(&shown(app, "/prefectures/08")).contains("/municipalities/082341/readiness/hisaisha-01"));
    // Nothing of a page says anything else in English: the numbers stay.
    let english = shown(app, "/municipalities/082341?lang=en");
    assert!(
        english.contains("lang=\"en\"") && english.contains("70.8〜72.9%") && english.contains("Online rate")
    );
    // Who has it already is told so.
    let tag = page(app, "/prefectures/08").header("etag").to_owned();
    let again = app.call("GET", "/prefectures/08", &[("accept", "text/html"), ("if-none-match", &tag)]);
    assert_eq!(again.status, 304);
}

fn someone_finds_a_town_by_what_they_type(backend: &Backend) {
    let app = TestApp::start(backend);
    let place = |path: &str| {
        let answer = page(&app, path);
        assert_eq!(answer.status, 303, "{path}");
        answer.header("location").to_owned()
    };
    for (typed, found) in [
        ("鉾田", "/municipalities/082341"),
        ("ほこた", "/municipalities/082341"),
        ("ホコタ", "/municipalities/082341"),
        ("08234", "/municipalities/082341"),
        ("茨城県鉾田市", "/municipalities/082341"),
        ("鉾田 罹災", "/municipalities/082341/readiness/hisaisha-01"),
        ("罹災 鉾田", "/municipalities/082341/readiness/hisaisha-01"),
        ("鉾田　り災", "/municipalities/082341/readiness/hisaisha-01"),
        ("鉾田の罹災証明書", "/municipalities/082341/readiness/hisaisha-01"),
        ("罹災証明", "/procedures/hisaisha-01"),
        ("茨城", "/prefectures/08"),
        ("京都府", "/prefectures/26"),
        ("08", "/prefectures/08"),
        ("りさいしょうめい", "/procedures/hisaisha-01"),
        ("ホコタ りさい", "/municipalities/082341/readiness/hisaisha-01"),
        ("玉造町", "/municipalities/082333"),
    ] {
        let escaped: String = typed.bytes().map(|byte| format!("%{byte:02X}")).collect();
        assert_eq!(place(&format!("/search?q={escaped}")), found, "{typed}");
    }
    for (typed, found) in [
        ("/082341", "/municipalities/082341"),
        ("/08234", "/municipalities/082341"),
        ("/08", "/prefectures/08"),
        ("/080004", "/prefectures/08"),
        ("/municipalities/08234", "/municipalities/082341"),
    ] {
        assert_eq!(place(typed), found);
    }
    // Where it is not clear what is meant there is something to choose from.
    // A ward is told by the city that it is of, beside the special ward of that name.
    let wards = shown(&app, "/search?q=%E5%8C%97%E5%8C%BA");
    assert!(wards.contains("/municipalities/131172") && wards.contains("/municipalities/271004"), "{wards}");
    let several = shown(&app, "/search?q=%E5%BA%9C%E4%B8%AD");
    assert!(several.contains("/municipalities/132063") && several.contains("府中"));
    let nothing = shown(&app, "/search?q=xyzzy");
    assert!(nothing.contains("「xyzzy」は見つかりません") && nothing.contains("value=\"xyzzy\""));
    // A slip of a letter: ほこだ, 罹災照明書.
    let slip = shown(&app, "/search?q=%E3%81%BB%E3%81%93%E3%81%A0");
    assert!(slip.contains("もしかして") && slip.contains("/municipalities/082341"), "{slip}");
    let slip = shown(&app, "/search?q=%E7%BD%B9%E7%81%BD%E7%85%A7%E6%98%8E%E6%9B%B8");
    assert!(slip.contains("もしかして") && slip.contains("/procedures/hisaisha-01"), "{slip}");
    // One word that names nothing is told, and nothing is opened as if it had not been there.
    let half = shown(&app, "/search?q=%E9%89%BE%E7%94%B0%20xyzzy");
    assert!(half.contains("「xyzzy」は見つかりません") && half.contains("/municipalities/082341"));
    assert!(shown(&app, "/search?q=082342").contains("/municipalities/082341"));
    assert!(shown(&app, "/search?q=%3Cb%3E").contains("&lt;b&gt;"));
    assert!(shown(&app, "/search").contains("団体コード"));
}

fn a_country_without_data_says_how_to_begin(backend: &Backend) {
    let app = TestApp::start(backend);
    let front = shown(&app, "/");
    assert!(front.contains("todoke import") && !front.contains("0.0%"));
    for path in
        ["/municipalities/082341", "/prefectures/08", "/procedures/hisaisha-01", "/changes", "/definitions"]
    {
        let text = shown(&app, path);
        assert!(!text.contains(">0.0%<"), "{path} shows nought where nothing is known");
    }
    assert!(shown(&app, "/municipalities/082341").contains("まだ記録がありません"));
}

fn what_others_stated_is_shown_as_text(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,システム,担当課,備考,URL\n\
         082341,hisaisha-01,eapp,4,<script>alert(1)</script>,\"<img src=x onerror=alert(2)>\",\"\"\" onmouseover=\"\"x\",https://example.lg.jp/?a=1&b=2\n",
    );
    for path in [
        "/municipalities/082341/readiness/hisaisha-01",
        "/procedures/hisaisha-01",
        "/municipalities/082341",
        "/changes",
    ] {
        let text = shown(&app, path);
        for bad in ["<script", "<img", "\" onmouseover"] {
            assert!(!text.contains(bad), "{path}: {bad}");
        }
    }
    let text = shown(&app, "/municipalities/082341/readiness/hisaisha-01");
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(text.contains("rel=\"nofollow noopener\" href=\"https://example.lg.jp/?a=1&amp;b=2\""));
}

fn a_page_is_of_the_moment_and_place_in_its_address(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import("団体コード,手続ID,接点,段階,適用日\n082341,hisaisha-01,eapp,4,2026-04-01\n");
    app.inner.service.refresh().unwrap();
    let path = "/municipalities/082341/readiness/hisaisha-01";
    let now = shown(&app, path);
    let written =
        todoke::domain::dates::in_japan(app.inner.service.now()).format("（更新 %Y-%m-%d ").to_string();
    assert!(now.contains("オンライン申請可") && now.contains(&written), "{written}");
    let before = shown(&app, &format!("{path}?as_of=2026-03-31"));
    assert!(!before.contains("オンライン申請可") && before.contains("2026-03-31"));
    // What was chosen rides along in each way on, also to the data.
    let all = links(&shown(&app, &format!("{path}?as_of=2026-03-31&focus=082333&lang=en")));
    assert!(all.contains("/municipalities/082341?as_of=2026-03-31&focus=082333&lang=en"), "{all:#?}");
    assert!(
        all.iter().any(|link| link.starts_with("/api/v1/") && link.ends_with("as_of=2026-03-31")),
        "{all:#?}"
    );
    // The same page in the other language, of now, or from no place keeps its own conditions.
    let all = links(&shown(&app, "/changes?from=2025-01-01&prefecture=08&as_of=2026-06-30&focus=082333"));
    for link in [
        "/changes?from=2025-01-01&prefecture=08&as_of=2026-06-30&focus=082333&lang=en",
        "/changes?from=2025-01-01&prefecture=08&focus=082333",
        "/changes?from=2025-01-01&prefecture=08&as_of=2026-06-30",
    ] {
        assert!(all.contains(link), "{link}: {all:#?}");
    }
    let bare = shown(&app, "/prefectures/08?view=bare");
    assert!(
        !bare.contains("<footer") && !bare.contains("role=\"search\"") && bare.contains("<h1>"),
        "{bare}"
    );
    // Taken back, it is gone from the page of today.
    app.inner.service.revert(1, &operator()).unwrap();
    app.inner.service.refresh().unwrap();
    assert!(shown(&app, path).contains("取り消された"));
}

fn a_refusal_is_a_page_with_the_way_on(backend: &Backend) {
    let app = TestApp::start(backend);
    for (path, status, words) in [
        ("/nowhere", 404, "はありません"),
        ("/municipalities/082342", 400, "082341"),
        ("/082342", 400, "082341"),
        ("/municipalities/089999/readiness/x", 400, "href=\"/\""),
        ("/prefectures/48", 400, "href=\"/\""),
        ("/prefectures/1000", 400, "href=\"/\""),
        ("/procedures/hisaisha-1", 404, "hisaisha-01"),
        ("/?focos=082341", 400, "focus"),
        ("/?lang=fr", 400, "ja, en"),
        ("/nowhere", 404, "手続の一覧へ"),
        ("/?as_of=1900-01-01", 400, "1950-01-01"),
        ("/changes?from=x", 400, "href=\"/changes\""),
        ("/account", 303, ""),
    ] {
        let answer = page(&app, path);
        assert_eq!(answer.status, status, "{path}: {}", answer.text);
        assert!(answer.text.contains(words), "{path}: {}", answer.text);
        if status != 303 {
            assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        }
    }
    // In the language that is read, and as a document for whoever is no browser.
    let english = [("accept", "text/html"), ("accept-language", "en")];
    assert!(app.call("GET", "/nowhere", &english).text.contains("Not found"));
    app.get("/nowhere").problem(404, "not-found");
    let api = app.call("GET", "/api/v1/nowhere", &[("accept", "text/html")]);
    assert_eq!(api.header("content-type"), "application/problem+json");
    let wrong = app.call("POST", "/procedures", &[("accept", "text/html")]);
    assert_eq!((wrong.status, wrong.header("allow")), (405, "GET, HEAD, OPTIONS"));
}

#[test]
fn the_style_sheet_is_kept_and_an_older_one_leads_to_it() {
    let app = TestApp::start(&Backend::sqlite());
    let front = shown(&app, "/");
    let style = links(&front).into_iter().find(|link| link.starts_with("/assets/")).unwrap();
    let sheet = app.get(&style);
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(sheet.header("cache-control").contains("immutable") && sheet.text.contains("--color-"));
    let old = app.get("/assets/app.00000000.css");
    assert_eq!((old.status, old.header("location")), (307, style.as_str()));
    assert_eq!(app.get("/favicon.svg").status, 200);
    let policy = page(&app, "/").header("content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    for word in ["<script", "style=\"", "onclick", "http://"] {
        assert!(!front.contains(word), "{word}");
    }
}

#[test]
fn the_operator_says_under_which_terms_data_are_given() {
    let service = TestService::new(&Backend::sqlite());
    let settings = Settings {
        site: todoke::http::state::Site {
            data_licence: Some("CC BY 4.0 <茨城県>".to_owned()),
            ..Default::default()
        },
        ..settings()
    };
    let app = TestApp::with(service, settings);
    assert!(shown(&app, "/about").contains("CC BY 4.0 &lt;茨城県&gt;"));
    let plain = TestApp::start(&Backend::sqlite());
    assert!(shown(&plain, "/about").contains("出典を示せば利用できます"));
}

fn bodies_are_compared_where_they_differ(backend: &Backend) {
    let app = TestApp::start(backend);
    app.inner.must_import(
        "団体コード,手続ID,接点,段階,適用日\n\
         082341,kosodate-01,eapp,4,2026-04-01\n082333,kosodate-01,eapp,4,2026-04-01\n\
         082341,kosodate-02,eapp,4,2026-04-01\n082333,kosodate-02,eapp,0,2026-04-01\n\
         082341,kosodate-03,counter,3,2026-04-01\n",
    );
    let text = shown(&app, "/compare?municipality=082341,082333");
    let (apart, alike) = text.split_once("<details>").unwrap();
    assert!(apart.contains("違う手続 2件"), "{apart}");
    for (id, differs) in [("kosodate-01", false), ("kosodate-02", true), ("kosodate-03", true)] {
        let row = format!("href=\"/procedures/{id}\"");
        assert_eq!((apart.contains(&row), alike.contains(&row)), (differs, !differs), "{id}");
    }
    // One more is added by a form, and each can be left out.
    let three = shown(&app, "/compare?municipality=082341,082333&more=142042");
    for link in ["/compare?municipality=082333,142042", "/compare?municipality=082341,142042"] {
        assert!(links(&three).contains(link), "{link}: {:?}", links(&three));
    }
    // Another day, and from whose place one looks, ride along.
    let past = shown(&app, "/compare?municipality=082341,082333&as_of=2026-03-31&focus=082341");
    assert!(
        past.contains("違う手続 0件") && links(&past).iter().any(|link| link.contains("as_of=2026-03-31"))
    );
    // By name, of several of which one is chosen, and a slip loses nothing of what was chosen before.
    let named = shown(&app, "/compare?municipality=082341&more=%E8%A1%8C%E6%96%B9%E5%B8%82");
    assert!(links(&named).contains("/compare?municipality=082333"), "{named}");
    let several = shown(&app, "/compare?municipality=082341&more=%E5%BA%9C%E4%B8%AD%E5%B8%82");
    assert!(links(&several).contains("/compare?municipality=082341,132063"), "{several}");
    let none = shown(&app, "/compare?municipality=082341&more=082342");
    assert!(none.contains("「082342」に当たる団体がありません") && none.contains("鉾田市"), "{none}");
    assert!(none.contains("<option value=\"082333\">行方市</option>"), "neighbours are offered");
    assert!(shown(&app, "/compare").contains("2つ以上選んでください"));
}

fn every_definition_has_a_page_of_any_selection(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import("団体コード,手続ID,接点,段階,適用日\n082341,hisaisha-01,eapp,4,2024-04-01\n082333,hisaisha-01,eapp,2,2025-04-01\n082341,kosodate-01,counter,4,2025-04-01\n");
    let app = TestApp::over(service);
    let chosen = [
        "",
        "?prefecture=08",
        "?by=nation&kind=city",
        "?municipality=082341",
        "?category=hisaisha&population_min=1000",
    ];
    for definition in app.get("definitions?limit=100").results() {
        let id = definition["id"].as_str().unwrap();
        for chosen in chosen {
            // The page takes what the question takes, and refuses what it refuses.
            let path = format!("/figures/{id}{chosen}");
            assert_eq!(page(&app, &path).status, app.get(&format!("/api/v1{path}")).status, "{path}");
        }
    }
    let rate = shown(&app, "/figures/online_rate?municipality=082341&list=priority56");
    // What was asked stands there with the way to leave it out, and the course has both years.
    for words in ["団体: 茨城県鉾田市", "/figures/online_rate?list=priority56\"", "2025-03-31", "<polyline"]
    {
        assert!(rate.contains(words), "{words}: {rate}");
    }
    for path in [
        "/matrix?offset=x",
        "/matrix?scale=x",
        "/readiness?offset=x",
        "/figures/online_rate?threshold=9",
        "/codes?x=1",
    ] {
        let refused = page(&app, path);
        assert!(
            refused.status == 400 && refused.text.contains("role=\"alert\""),
            "{path}: {}",
            refused.status
        );
    }
}
