//! Which body a file means.

use std::collections::{BTreeMap, BTreeSet};

use todoke::domain::municipality::{Municipality, MunicipalityKind};
use todoke::import::report::{Report, Status};

use crate::app::{Backend, TestService, on_both};

/// The files of this topic.
pub(super) const FILES: &[&str] = &[
    "01-standard-dataset-name.csv",
    "02-standard-dataset-name-only.csv",
    "09-standard-area-code.csv",
    "11-bare-wards.csv",
    "40-radicals-from-pdf.csv",
    "kashima.csv",
];

on_both! {
    radicals_of_a_pdf_are_read_as_the_ideographs_they_show;
    the_standard_dataset_names_bodies_in_its_own_words;
    a_code_is_a_code_under_any_of_its_headings;
    bare_wards_are_never_taken_for_another_town;
    names_that_differ_in_a_variant_stay_apart;
    tables_of_statistics_name_the_city_beside_its_wards;
    every_unique_name_of_the_register_is_found_by_itself;
    names_of_former_times_are_told;
    a_name_that_is_not_found_is_asked;
    what_does_not_show_parts_no_name;
}

fn codes(report: &Report) -> Vec<(&str, Option<u32>)> {
    report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect()
}

fn warnings(report: &Report) -> Vec<&str> {
    report.warnings.iter().map(|warning| warning.code.as_str()).collect()
}

fn long(lines: &str) -> String {
    format!("団体名,手続ID,接点,段階\n{lines}")
}

impl TestService {
    /// The codes of the bodies that the export speaks of.
    fn stated(&self) -> BTreeSet<String> {
        self.export().lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect()
    }
}

fn radicals_of_a_pdf_are_read_as_the_ideographs_they_show(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("40-radicals-from-pdf.csv", &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    assert_eq!(warnings(&report), ["radical", "radical"]);
    assert_eq!(report.warnings[0].suggestion.as_deref(), Some("長久手市"));
    assert!(service.export().contains("申請方法はPDFから写した"), "{}", service.export());
    // By name alone, in marks and in days.
    let text = "団体名,手続ID,接点,段階,適用⽇\n神⼾市,hisaisha-01,online,3,令和⼋年四⽉⼀⽇\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    assert!(service.export().contains("281000"), "{}", service.export());
    assert!(service.export().contains("2026-04-01"), "{}", service.export());
}

fn the_standard_dataset_names_bodies_in_its_own_words(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("01-standard-dataset-name.csv", &[]);
    assert_eq!(report.status, Status::Refused);
    assert_eq!(codes(&report), [("code_name_mismatch", Some(3))]);
    assert_eq!(
        report.faults[0].suggestion.as_deref(),
        Some("082333 茨城県行方市 または 082341 茨城県鉾田市")
    );
    assert!(service.stated().is_empty());

    let report = service.send_case("02-standard-dataset-name-only.csv", &[]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert_eq!(warnings(&report), ["name_only", "name_only"]);
    assert_eq!(service.stated(), ["082333", "082341"].map(str::to_owned).into());
}

fn a_code_is_a_code_under_any_of_its_headings(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("09-standard-area-code.csv", &[]);
    assert_eq!(report.status, Status::Refused);
    assert_eq!(codes(&report), [("code_name_mismatch", Some(2))]);
    for heading in [
        "標準地域コード",
        "地域コード",
        "JISコード",
        "自治体ｺｰﾄﾞ",
        "lgcode",
        "LG_CODE",
        "市区町村CD",
        "全国地方公共団体コード（6桁）",
        "都道府県コード又は市区町村コード",
        "area_code",
        "jis_code",
        "団体\u{200B}コード",
        "\u{FEFF}団体コード",
    ] {
        for code in ["082333", "08233", "82333", "82333.0", "82333."] {
            let text = format!("{heading},市区町村名,手続ID,接点,段階\n{code},鉾田市,kosodate-15,online,3\n");
            let report = service.send("a.csv", text.as_bytes(), &[]);
            assert_eq!(codes(&report), [("code_name_mismatch", Some(2))], "{heading} {code}");
        }
        let text = format!("{heading},手続ID,接点,段階\n08234,kosodate-15,online,3\n");
        let report = service.send("a.csv", text.as_bytes(), &[]);
        assert_eq!(report.fault_count, 0, "{heading} {report:#?}");
    }
    assert_eq!(service.stated(), ["082341".to_owned()].into());
    service.take_everything_back();
    // Codes under a heading that nobody knows may contradict the name.
    let text = "地点,市区町村名,手続ID,接点,段階\n082333,鉾田市,kosodate-15,online,3\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(codes(&report), [("unknown_heading", Some(1))]);
    let report = service.send("a.csv", text.as_bytes(), &[("ignore", "地点")]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    let report = service.send("a.csv", text.as_bytes(), &[("columns", "地点=団体コード")]);
    assert_eq!(codes(&report), [("code_name_mismatch", Some(2))]);
    // Counts are no codes, even where one of them could be.
    let text = "世帯数,市区町村名,手続ID,接点,段階\n12203,鉾田市,kosodate-15,online,3\n4501,行方市,kosodate-15,online,3\n";
    assert_eq!(service.send("a.csv", text.as_bytes(), &[]).fault_count, 0);
}

fn bare_wards_are_never_taken_for_another_town(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("11-bare-wards.csv", &[("channel", "online")]);
    assert_eq!(report.status, Status::Refused);
    assert_eq!(codes(&report), [("ward", Some(2)), ("ward", Some(3)), ("ward", Some(4))]);
    let meant: Vec<&str> = report.faults.iter().filter_map(|fault| fault.suggestion.as_deref()).collect();
    assert_eq!(meant, ["271004 大阪市", "281000 神戸市", "231002 名古屋市"]);

    // Every name of a ward, alone, with the prefecture, with the city.
    let wards: Vec<(String, String, String)> = {
        let catalogue = service.service.catalogue();
        let city = |code| catalogue.body(catalogue.body_ix(code).unwrap());
        let wards = &catalogue.places().wards;
        let row = |ward: &todoke::domain::municipality::Ward| {
            let city = city(ward.city);
            (ward.name.clone(), city.prefecture_name.clone(), city.name.clone())
        };
        wards.iter().map(row).collect()
    };
    assert_eq!(wards.len(), 171);
    let mut text = "都道府県名,団体名,手続ID,接点,段階\n".to_owned();
    for (ward, prefecture, city) in &wards {
        for (beside, name) in [
            ("", ward.clone()),
            (prefecture.as_str(), ward.clone()),
            ("", format!("{city}{ward}")),
            ("", format!("{prefecture}{city}{ward}")),
            ("", format!("{ward}（{prefecture}）")),
        ] {
            text.push_str(&format!("{beside},{name},hisaisha-01,online,3\n"));
        }
    }
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, wards.len() * 5, "a ward was taken for a body");
    assert!(report.faults.iter().all(|fault| ["ward", "ambiguous_name"].contains(&fault.code.as_str())));
    let north = report.faults.iter().find(|fault| fault.value.as_deref() == Some("北区")).unwrap();
    let readings = north.allowed.as_deref().unwrap();
    assert_eq!(north.code, "ambiguous_name");
    assert!(readings.contains("131172 東京都北区") && readings.contains("札幌市北区"), "{readings}");

    // The special wards of Tokyo are bodies, once it is clear that they are meant.
    let text = "都道府県名,団体コード,団体名,手続ID,接点,段階\n東京都,,北区,hisaisha-01,online,3\n\
                ,,東京都中央区,hisaisha-01,online,3\n,131032,港区,hisaisha-01,online,3\n\
                ,,世田谷区,hisaisha-01,online,3\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    assert_eq!(service.stated(), ["131024", "131032", "131121", "131172"].map(str::to_owned).into());
}

fn names_that_differ_in_a_variant_stay_apart(backend: &Backend) {
    let service = TestService::new(backend);
    let report = service.send_case("kashima.csv", &[]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    // 竜ヶ崎市 and 龍ケ崎市 say the same twice.
    assert_eq!(service.stated(), ["082082", "082228", "412074"].map(str::to_owned).into());
}

fn tables_of_statistics_name_the_city_beside_its_wards(backend: &Backend) {
    let service = TestService::new(backend);
    let head = "標準地域コード,都道府県,政令市･郡･支庁･振興局等,市区町村,手続ID,接点,段階";
    let good = format!(
        "{head}\n01100,北海道,札幌市,,hisaisha-01,online,3\n01203,北海道,,小樽市,hisaisha-01,online,3\n\
         01303,北海道,石狩振興局,当別町,hisaisha-01,online,3\n02301,青森県,東津軽郡,平内町,hisaisha-01,online,3\n\
         13101,東京都,特別区部,千代田区,hisaisha-01,online,3\n"
    );
    let report = service.send("a.csv", good.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    let expected = ["011002", "012033", "013030", "023019", "131016"].map(str::to_owned);
    assert_eq!(service.stated(), expected.clone().into());
    // The same without codes.
    service.take_everything_back();
    let bare: String = good.lines().map(|line| line.split_once(',').unwrap().1.to_owned() + "\n").collect();
    let report = service.send("a.csv", bare.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    assert_eq!(service.stated(), expected.into());
    // Wards, and a row whose parts disagree.
    let bad = format!(
        "{head}\n01101,北海道,札幌市,中央区,hisaisha-01,online,3\n,北海道,札幌市,中央区,hisaisha-01,online,3\n\
         01203,北海道,札幌市,小樽市,hisaisha-01,online,3\n01100,北海道,仙台市,,hisaisha-01,online,3\n\
         ,静岡県,浜松市,中区,hisaisha-01,online,3\n,北海道,石狩振興局,,hisaisha-01,online,3\n"
    );
    let report = service.send("a.csv", bad.as_bytes(), &[]);
    let expected =
        ["ward", "ward", "district_mismatch", "code_name_mismatch", "ward", "missing_municipality"];
    let told: Vec<&str> = codes(&report).into_iter().map(|(code, _)| code).collect();
    assert_eq!(told, expected, "{report:#?}");
    assert!(!report.faults[5].message.contains("fill"), "{}", report.faults[5].message);
}

fn every_unique_name_of_the_register_is_found_by_itself(backend: &Backend) {
    let service = TestService::new(backend);
    let catalogue = service.service.catalogue();
    let all: Vec<&Municipality> = catalogue.municipalities().iter().collect();
    let mut bearers: BTreeMap<&str, Vec<&Municipality>> = BTreeMap::new();
    for row in &all {
        bearers.entry(&row.name).or_default().push(row);
    }
    let wards: BTreeSet<&str> = catalogue.places().wards.iter().map(|ward| ward.name.as_str()).collect();
    let unique: Vec<&Municipality> = bearers
        .values()
        .filter_map(|rows| <[&Municipality; 1]>::try_from(rows.clone()).ok())
        .map(|[row]| row)
        .filter(|row| !wards.contains(row.name.as_str()))
        .collect();
    // 1,741 without the 57 that share 25 names and the three special wards that wards are called after.
    assert_eq!(unique.iter().filter(|row| !row.is_prefecture()).count(), 1_741 - 57 - 3);
    let told = |name: &str| catalogue.names().find(name, None);
    for row in &unique {
        let own = [catalogue.body_ix(row.code).unwrap()];
        assert_eq!(told(&row.name).bodies, own, "{}", row.name);
    }
    for row in all.iter().filter(|row| !row.is_prefecture()) {
        let own = [catalogue.body_ix(row.code).unwrap()];
        let (prefecture, name) = (&row.prefecture_name, &row.name);
        for text in [
            format!("{prefecture}{name}"),
            format!("{prefecture}　{name}"),
            format!("{name}（{prefecture}）"),
            format!("{prefecture} {name} "),
        ] {
            assert_eq!(told(&text).bodies, own, "{text}");
        }
        assert_eq!(catalogue.names().find(name, Some(row.prefecture())).bodies, own);
    }
    // Without 市 or 町, where no other body is called so.
    let stem =
        |row: &Municipality| -> String { row.name.chars().take(row.name.chars().count() - 1).collect() };
    let mut short: BTreeMap<String, Vec<&Municipality>> = BTreeMap::new();
    for row in all.iter().filter(|row| !row.name.ends_with('道')) {
        short.entry(stem(row)).or_default().push(row);
    }
    for (stem, rows) in short.iter().filter(|(stem, _)| !bearers.contains_key(stem.as_str())) {
        let named = told(stem);
        match rows.as_slice() {
            [only] if !wards.contains(only.name.as_str()) => {
                assert!(named.bodies.contains(&catalogue.body_ix(only.code).unwrap()), "{stem}");
            }
            _ => assert!(named.bodies.len() > 1 || !named.wards.is_empty(), "{stem}"),
        }
    }
    // A file of names alone.
    let mut text = long("");
    for row in unique.iter().filter(|row| row.kind != MunicipalityKind::Prefecture) {
        text.push_str(&format!("{},hisaisha-01,online,3\n", row.name));
    }
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    let expected: BTreeSet<String> =
        unique.iter().filter(|row| !row.is_prefecture()).map(|row| row.code.to_string()).collect();
    assert_eq!(service.stated(), expected);
    variants_lead_to_the_same_body_or_to_none(&service);
}

/// Letters that stand for one another in names of places.
const VARIANTS: &[&str] = &[
    "ヶケが",
    "鰺鯵",
    "竜龍",
    "竈釜",
    "檮梼",
    "﨑崎",
    "髙高",
    "桧檜",
    "薮藪",
    "曾曽",
    "嶋島",
    "冨富",
    "渕淵",
    "吉𠮷",
    "籠篭",
    "驒騨",
];

fn variants_lead_to_the_same_body_or_to_none(service: &TestService) {
    let catalogue = service.service.catalogue();
    let mut tried = 0;
    for row in catalogue.municipalities() {
        for letters in VARIANTS {
            for from in letters.chars().filter(|c| row.name.contains(*c)) {
                for to in letters.chars().filter(|c| *c != from) {
                    let text = row.name.replace(from, &to.to_string());
                    let found = catalogue.names().find(&text, None).bodies;
                    let own = catalogue.body_ix(row.code).unwrap();
                    let named = |ix: &u16| catalogue.body(*ix).name == text;
                    assert!(
                        found.contains(&own) || found.iter().all(named),
                        "{text} of {} leads to {:?}",
                        row.name,
                        found.iter().map(|ix| &catalogue.body(*ix).name).collect::<Vec<_>>()
                    );
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

fn names_of_former_times_are_told(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,団体名,手続ID,接点,段階,適用日\n,篠山市,hisaisha-01,online,3,2019-04-30\n\
                282219,篠山市,hisaisha-02,online,3,2026-04-01\n402311,那珂川町,hisaisha-01,online,3,2026-04-01\n\
                403059,那珂川町,hisaisha-02,online,3,2018-09-30\n,福岡県那珂川町,hisaisha-03,online,3,2026-04-01\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    let told = ["former_name", "former_name", "former_name", "former_code", "former_name"];
    assert_eq!(warnings(&report), told, "{report:#?}");
    assert!(report.warnings[0].message.contains("2019年5月1日から 282219 兵庫県丹波篠山市"), "{report:#?}");
    assert_eq!(service.stated(), ["282219", "402311"].map(str::to_owned).into());
    service.take_everything_back();
    // A code that is no longer in use, a town that is part of another one, a code beside another name.
    let text = "団体コード,団体名,手続ID,接点,段階,適用日\n403059,那珂川町,hisaisha-01,online,3,2026-04-01\n\
                ,岩舟町,hisaisha-01,online,3,2010-04-01\n403059,行方市,hisaisha-01,online,3,2018-04-01\n\
                403059,那珂川町,hisaisha-01,online,3,\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    let told: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
    assert_eq!(told, ["former_code", "former_name", "code_name_mismatch", "former_code"], "{report:#?}");
    assert!(report.faults[1].message.contains("栃木市"), "{report:#?}");
    assert!(service.stated().is_empty());
}

fn a_name_that_is_not_found_is_asked(backend: &Backend) {
    let service = TestService::new(backend);
    let text =
        long("かすみ市,hisaisha-01,online,3\nかすみ市,hisaisha-02,online,0\n府中市,hisaisha-01,online,3\n");
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.status, Status::Refused);
    let names: Vec<_> = report.questions.iter().filter(|asked| asked.parameter == "names").collect();
    assert_eq!(names.len(), 2, "{report:#?}");
    assert_eq!((names[0].mark.as_str(), names[0].count), ("かすみ市", 2));
    let values =
        |at: usize| -> Vec<&str> { names[at].choices.iter().map(|one| one.value.as_str()).collect() };
    assert!(values(0).contains(&"かすみ市=082309"), "{:?}", values(0));
    assert_eq!(values(1), ["府中市=132063", "府中市=342084", "府中市=ignore"]);
    let answers = [values(0)[0], values(1)[1]].join(",");
    let report = service.send("a.csv", text.as_bytes(), &[("names", &answers)]);
    assert_eq!(report.status, Status::Applied, "{report:#?}");
    assert_eq!(service.stated(), ["082309", "342084"].map(str::to_owned).into());
    // A slip leads to the town that was meant, and to no other that differs by as much.
    for (name, near) in [
        ("銚田市", Some("082341 茨城県鉾田市")),
        ("六合村", None),
        ("那賀川町", None),
        ("色丹村", None),
        ("阿見町役場", Some("084433 茨城県阿見町")),
        ("岩沼市役所", Some("042111 宮城県岩沼市")),
        ("牛久市※1", Some("082198 茨城県牛久市")),
        ("茨城県銚田市", Some("082341 茨城県鉾田市")),
        ("行方町", Some("082333 茨城県行方市")),
        ("つくばみらぃ市", Some("082350 茨城県つくばみらい市")),
    ] {
        let report = service.send("a.csv", long(&format!("{name},hisaisha-01,online,3\n")).as_bytes(), &[]);
        assert_eq!(report.faults[0].code, "unknown_name", "{name}");
        assert_eq!(report.faults[0].suggestion.as_deref(), near, "{name}");
    }
    // What an answer names must be there.
    let asked = todoke::import::options::Asked {
        names: Some("かすみ市=082334,犬=high-volume-99".to_owned()),
        ..Default::default()
    };
    let refused = service.service.options(&crate::app::operator(), &asked).unwrap().unwrap_err();
    assert_eq!(refused.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["names", "names"]);
}

fn what_does_not_show_parts_no_name(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体\u{AD}コード,団体名,手続ID,接点,段階\n0823\u{200B}33,行\u{200D}方市\u{200E},kosodate-15,on\u{2060}line,3\u{FEFF}\n\
                \u{200B},\u{FEFF},,,\n";
    let report = service.send("a.csv", text.as_bytes(), &[]);
    assert_eq!(report.fault_count, 0, "{report:#?}");
    assert_eq!(report.warning_count, 0, "{report:#?}");
    assert_eq!(service.stated(), ["082333".to_owned()].into());
}
