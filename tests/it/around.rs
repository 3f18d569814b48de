//! Files around the pages and the data: what they name is there, and what they say of a file is what is in it.

use std::io::{Cursor, Read};

use crate::app::{Backend, TestApp, TestService, on_both, settings};

on_both! {
    descriptions_name_the_columns_that_files_have;
    what_walks_the_web_is_told_where_pages_are;
    a_server_that_has_nothing_to_say_says_how_to;
    the_forms_of_a_prefecture_come_in_one_file;
}

const ROW: &str =
    "municipality_code,procedure_id,channel,level,effective_on\n082341,hisaisha-01,eapp,3,2026-04-01\n";

/// The headings of a CSV file, and how many rows it has.
fn head(app: &TestApp, address: &str) -> (Vec<String>, usize) {
    let answer = app.get(address);
    assert_eq!(answer.status, 200, "{address}: {}", answer.text);
    let mut lines = csv::Reader::from_reader(answer.text.as_bytes());
    let headings = lines.headers().unwrap().iter().map(str::to_owned).collect();
    (headings, lines.records().map(Result::unwrap).count())
}

fn descriptions_name_the_columns_that_files_have(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(ROW);
    let app = TestApp::over(service);
    let package = app.get("/datapackage.json").json();
    let resources = package["resources"].as_array().unwrap().clone();
    assert!(resources.len() >= 8);
    for resource in &resources {
        let path = format!("/{}", resource["path"].as_str().unwrap());
        let fields = resource["schema"]["fields"].as_array().unwrap();
        let named: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
        assert_eq!(head(&app, &path).0, named, "{path}");
        assert!(fields.iter().all(|field| field["description"] != ""), "{path}");
        // The same in the words of CSV on the Web.
        let name = resource["name"].as_str().unwrap().replace('-', "_");
        let table = app.get(&format!("/data/{name}.csv-metadata.json"));
        assert_eq!(table.header("content-type"), "application/csvm+json");
        let table = table.json();
        let columns = table["tableSchema"]["columns"].as_array().unwrap().iter();
        assert!(columns.map(|column| column["name"].as_str().unwrap()).eq(named), "{name}");
        assert_eq!(table["url"], path.as_str());
    }
    // A code is text, with the zero at its beginning.
    let code = &resources[0]["schema"]["fields"][0];
    assert_eq!((&code["name"], &code["type"]), (&"municipality_code".into(), &"string".into()));
    let catalogue = app.get("/catalog.jsonld").json();
    let sets = catalogue["dcat:dataset"].as_array().unwrap();
    assert_eq!(sets.len(), resources.len());
    for one in sets.iter().flat_map(|set| set["dcat:distribution"].as_array().unwrap()) {
        let address = one["dcat:downloadURL"]["@id"].as_str().unwrap();
        let answer = app.get(address);
        assert_eq!(answer.status, 200, "{address}");
        assert!(
            answer.header("content-type").starts_with(one["dcat:mediaType"].as_str().unwrap()),
            "{address}"
        );
    }
}

fn what_walks_the_web_is_told_where_pages_are(backend: &Backend) {
    let app = TestApp::start(backend);
    let robots = app.get("/robots.txt").text;
    assert!(robots.contains("Sitemap: https://todoke.example.jp/sitemap.xml"), "{robots}");
    assert!(robots.contains("Disallow: /api/"), "{robots}");
    let map = app.get("/sitemap.xml").text;
    let places: Vec<&str> = map.split("<loc>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert!(places.len() > 1_850 && map.contains("/municipalities/082341<"), "{}", places.len());
    for place in places.iter().step_by(97) {
        let path = place.strip_prefix("https://todoke.example.jp").unwrap();
        assert_eq!(app.get(path).status, 200, "{path}");
    }
    let contact = app.get("/.well-known/security.txt").text;
    let until = contact.lines().find_map(|line| line.strip_prefix("Expires: ")).unwrap();
    assert!(
        contact.contains("Contact: mailto:security@example.jp") && until.starts_with("2027-05-"),
        "{contact}"
    );
}

fn a_server_that_has_nothing_to_say_says_how_to(backend: &Backend) {
    let app = TestApp::with(TestService::new(backend), settings());
    assert!(!app.get("/robots.txt").text.contains("Sitemap"));
    for (path, setting) in
        [("/sitemap.xml", "TODOKE_PUBLIC_URL"), ("/.well-known/security.txt", "TODOKE_SECURITY_CONTACT")]
    {
        let answer = app.get(path);
        assert!(answer.status == 404 && answer.text.contains(setting), "{path}: {}", answer.text);
    }
}

fn the_forms_of_a_prefecture_come_in_one_file(backend: &Backend) {
    let service = TestService::new(backend);
    service.must_import(ROW);
    let app = TestApp::over(service);
    let answer = app.get("/api/v1/template_bundles/08.zip");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/zip"));
    let mut archive = zip::ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
    assert_eq!(archive.len(), 44);
    let name = archive.file_names().map(|name| name.unwrap().into_owned());
    let name = { name }.find(|name| name.contains("082341")).unwrap();
    let mut one = Vec::new();
    archive.by_name(&name).unwrap().read_to_end(&mut one).unwrap();
    // It is the form of that town, as it is taken by itself, and is read back without a change.
    let cells = |bytes: &[u8]| {
        let book =
            todoke::import::workbook::read(bytes, &todoke::import::workbook::Limits::default()).unwrap();
        book.sheets[0].rows.iter().map(|row| format!("{:?}", row.cells)).collect::<Vec<String>>()
    };
    assert_eq!(cells(&one), cells(&app.get("/api/v1/templates/082341.xlsx").bytes));
    app.get("/api/v1/template_bundles/48.zip").problem(400, "invalid-parameter");
}
