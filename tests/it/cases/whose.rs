//! Whose a row is: what the file itself says goes before what the sender says of all of it, and what
//! contradicts is told and never stored.

use todoke::import::Fault;
use todoke::import::report::{Report, Status};

use super::rows::{note, stored};
use crate::app::{Backend, TestService, on_both};

on_both! {
    an_answer_about_a_name_leaves_rows_that_say_more;
    a_column_of_names_is_one_under_any_heading;
    rows_of_codes_beside_the_headings_are_read_with_the_names;
    code_and_name_in_one_cell_or_apart_are_one_body;
    sections_say_whose_the_rows_below_are;
    a_section_of_another_survey_is_asked_about;
    rows_of_several_offices_are_no_history;
    nothing_online_beside_an_online_channel_is_told;
    the_body_may_be_given_by_its_name;
    names_that_are_none_lead_to_no_other_town;
    procedures_of_no_list_are_left_out_by_one_answer;
    repairs_of_one_kind_are_told_once;
    lines_around_the_rows_are_no_rows;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const ONLINE: (&str, &str) = ("channel", "online");

fn codes(report: &Report) -> Vec<(&str, Option<u32>)> {
    report.faults.iter().map(|fault| (fault.code.as_str(), fault.line)).collect()
}

fn applied(service: &TestService, text: &str, said: &[(&str, &str)]) -> Report {
    let report = service.send("a.csv", text.as_bytes(), said);
    assert_eq!(report.status, Status::Applied, "{text}: {:#?}", report.faults);
    report
}

fn refused(service: &TestService, text: &str, said: &[(&str, &str)]) -> Report {
    let report = service.send("a.csv", text.as_bytes(), said);
    assert_eq!(report.status, Status::Refused, "{text}");
    assert!(stored(service).is_empty(), "{text}");
    report
}

/// What is refused before anything is read, by its code.
fn slip(service: &TestService, name: &str, value: &str) -> String {
    let mut asked = todoke::import::options::Asked::default();
    asked.answer(name, name, value);
    let slips = service.service.options(&crate::app::operator(), &asked).unwrap().unwrap_err();
    assert_eq!(slips.len(), 1);
    slips[0].1.code.to_owned()
}

fn an_answer_about_a_name_leaves_rows_that_say_more(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "都道府県,団体名,手続名,電子申請\n東京都,府中市,妊娠の届出,×\n,府中市,転出届,○\n";
    let report = applied(&service, text, &[("names", "府中市=342084")]);
    assert_eq!(stored(&service), ["132063 kosodate-15 eapp 0", "342084 tenshutsu-tennyu-01 eapp 3+"]);
    // Two towns of one name are told apart on the screen too.
    let summary = todoke::cli::report::summary(&report);
    assert!(summary.contains("東京都府中市") && summary.contains("広島県府中市"), "{summary}");
    service.take_everything_back();
    let text = "団体コード,団体名,妊娠の届出\n132063,府中市,×\n,府中市,○\n";
    applied(&service, text, &[ONLINE, ("names", "府中市=342084")]);
    assert_eq!(stored(&service), ["132063 kosodate-15 online 0", "342084 kosodate-15 online 3+"]);
    service.take_everything_back();
    // The sender speaks of the rows of one prefecture, as the question offers it.
    let text = "都道府県,団体名,手続名,電子申請\n茨城県,水戸市,妊娠の届出,○\n千葉県,水戸市,転出届,×\n";
    let report = refused(&service, text, &[]);
    assert_eq!(codes(&report), [("unknown_name", Some(3))]);
    let choice = &report.questions[0].choices[0];
    assert_eq!(choice.value, "千葉県水戸市=082015");
    applied(&service, text, &[("names", &choice.value)]);
    assert_eq!(stored(&service), ["082015 kosodate-15 eapp 3+", "082015 tenshutsu-tennyu-01 eapp 0"]);
    service.take_everything_back();
    // A town that lies elsewhere is no answer for a row that names its prefecture.
    refused(&service, text, &[("names", "水戸市=082333")]);
}

fn a_column_of_names_is_one_under_any_heading(backend: &Backend) {
    let service = TestService::new(backend);
    for heading in ["地域", "地域（市区町村）", "市区町村名（郡名含む）", "name", ""] {
        for (first, second) in [("茨城県 水戸市", "茨城県 土浦市"), ("水戸市", "土浦市")] {
            let text = format!("code,{heading},妊娠の届出\n08201,{first},○\n08202,{second},○\n");
            let report = refused(&service, &text, &[ONLINE]);
            assert_eq!(codes(&report), [("code_name_mismatch", Some(3))], "{heading}");
        }
        let text = format!(
            "code,{heading},procedure_id,channel,level\n082015,土浦市,kosodate-15,eapp,4\n082031,水戸市,kosodate-15,eapp,4\n"
        );
        let report = refused(&service, &text, &[]);
        let mismatch = ("code_name_mismatch", Some(2));
        assert_eq!(codes(&report)[0], mismatch, "{heading}");
    }
    // Regions, sections in charge and systems are no names; and the sender may say that a column is none.
    for (heading, cell) in [("地域", "県北"), ("担当課", "市民課"), ("システム", "茨城県")] {
        let text = format!("code,{heading},妊娠の届出\n08202,{cell},○\n");
        applied(&service, &text, &[ONLINE]);
        service.take_everything_back();
    }
    let text = "code,幹事市,妊娠の届出\n08202,水戸市,○\n";
    refused(&service, text, &[ONLINE]);
    applied(&service, text, &[ONLINE, ("ignore", "幹事市")]);
}

fn rows_of_codes_beside_the_headings_are_read_with_the_names(backend: &Backend) {
    let service = TestService::new(backend);
    for text in [
        "手続名,水戸市,土浦市\n団体コード,082031,082015\n妊娠の届出,○,×\n",
        ",082031,082015\n手続名,水戸市,土浦市\n妊娠の届出,○,×\n",
        "団体,水戸市,土浦市\n団体コード,082031,082015\n妊娠の届出,○,×\n",
        "団体コード,082031,082015\n団体名,水戸市,土浦市\n妊娠の届出,○,×\n",
    ] {
        let report = refused(&service, text, &[ONLINE]);
        let told: Vec<&str> = report.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(told, ["code_name_mismatch", "code_name_mismatch"], "{text}");
    }
    let expected =
        ["082015 kosodate-15 online 3+", "131024 kosodate-15 online 3+", "132063 kosodate-15 online 0"];
    for text in [
        "団体,水戸市,中央区,府中市\n団体コード,082015,131024,132063\n妊娠の届出,○,○,×\n",
        ",082015,131024,132063\n手続名,水戸市,中央区,府中市\n妊娠の届出,○,○,×\n",
        "都道府県名,茨城県,東京都,\n手続名,水戸市,中央区,府中市\n妊娠の届出,○,○,×\n",
    ] {
        applied(&service, text, &[ONLINE]);
        assert_eq!(stored(&service), expected, "{text}");
        service.take_everything_back();
    }
}

fn code_and_name_in_one_cell_or_apart_are_one_body(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, cell) in [
        ("団体コード・団体名", "082015 水戸市"),
        ("市町村（コード）", "水戸市（082015）"),
        ("市町村名", "08201水戸市"),
        ("団体コード", "082015:水戸市"),
    ] {
        applied(&service, &format!("{heading},妊娠の届出\n{cell},○\n"), &[ONLINE]);
        assert_eq!(stored(&service), ["082015 kosodate-15 online 3+"], "{heading}");
        service.take_everything_back();
    }
    let report = refused(&service, "団体コード・団体名,妊娠の届出\n082031 水戸市,×\n", &[ONLINE]);
    assert_eq!(codes(&report), [("code_name_mismatch", Some(2))]);
    let head = "都道府県コード,都道府県名,市区町村コード,市区町村名,手続ID,接点,段階";
    applied(&service, &format!("{head}\n8,茨城県,201,水戸市,kosodate-15,eapp,4\n"), &[]);
    assert_eq!(stored(&service), ["082015 kosodate-15 eapp 4"]);
    service.take_everything_back();
    let report = refused(&service, &format!("{head}\n08,茨城県,201,土浦市,kosodate-15,eapp,4\n"), &[]);
    assert_eq!(codes(&report), [("code_name_mismatch", Some(2))]);
    for code in ["08-211-2", "08 211 2"] {
        let report = refused(&service, &format!("団体コード,妊娠の届出\n{code},○\n"), &[ONLINE]);
        assert_eq!(report.faults[0].suggestion.as_deref(), Some("082112 茨城県常総市"), "{code}");
    }
}

fn sections_say_whose_the_rows_below_are(backend: &Backend) {
    let service = TestService::new(backend);
    let two = ["082333 kosodate-15 mynaportal 3+", "082341 tenshutsu-tennyu-01 mynaportal 0"];
    let head = "手続名,マイナポータル,備考";
    for text in [
        format!("行方市,,\n{head}\n妊娠の届出,○,\n\n鉾田市,,\n{head}\n転出届,×,\n"),
        format!("{head}\n行方市,,\n妊娠の届出,○,\n【鉾田市】,,\n転出届,×,\n"),
        format!("{head}\n団体名：行方市,,\n妊娠の届出,○,\n鉾田市（082341）,,\n転出届,×,\n"),
    ] {
        let report = refused(&service, &text, &[TOWN]);
        assert_eq!(report.faults[0].code, "section_mismatch", "{text}");
        let report = applied(&service, &text, &[]);
        assert_eq!(stored(&service), two, "{text}");
        assert!(note(&report, "区切りの行のとおり").contains("鉾田市"), "{:?}", report.notes);
        service.take_everything_back();
    }
    // Groups of procedures say nothing of the body.
    applied(&service, &format!("{head}\n子育て関係,,\n妊娠の届出,○,\n"), &[TOWN]);
    service.take_everything_back();
    // A title that names another body than the sender does.
    let report = refused(&service, &format!("団体名：鉾田市,,\n{head}\n妊娠の届出,○,\n"), &[TOWN]);
    assert_eq!(codes(&report), [("title_mismatch", Some(1))]);

    let channels = "オンライン,,\n団体コード,団体名,妊娠の届出\n082015,水戸市,○\n\n書かない窓口,,\n団体コード,団体名,妊娠の届出\n082023,日立市,○\n";
    applied(&service, channels, &[]);
    assert_eq!(stored(&service), ["082015 kosodate-15 online 3+", "082023 kosodate-15 counter 3+"]);
    service.take_everything_back();
    let report = refused(&service, channels, &[ONLINE]);
    assert_eq!(codes(&report), [("section_mismatch", Some(7))]);

    let head = "団体コード,手続名,総件数,オンライン件数";
    let years =
        format!("令和5年度,,,\n{head}\n082015,転出届,100,10\n令和6年度,,,\n{head}\n082023,転出届,200,30\n");
    let report = applied(&service, &years, &[]);
    let summary = todoke::cli::report::summary(&report);
    assert!(summary.contains("2023年度 総件数: 件数 なし → 100"), "{summary}");
    assert!(summary.contains("2024年度 総件数: 件数 なし → 200"), "{summary}");
    let report = service.send("a.csv", years.as_bytes(), &[("fiscal_year", "2023")]);
    assert_eq!(codes(&report), [("section_mismatch", Some(6))]);
}

fn a_section_of_another_survey_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "市町村名,妊娠の届出\n水戸市,○\n【参考】令和6年度調査,\n日立市,×\n土浦市,×\n";
    let report = refused(&service, text, &[ONLINE]);
    assert_eq!(codes(&report), [("unclear_section", Some(3))]);
    let choices: Vec<&str> = report.questions[0].choices.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(choices, ["【参考】令和6年度調査=ignore", "【参考】令和6年度調査=include"]);
    applied(&service, text, &[ONLINE, ("names", choices[0])]);
    assert_eq!(stored(&service), ["082015 kosodate-15 online 3+"]);
    service.take_everything_back();
    applied(&service, text, &[ONLINE, ("names", "【参考】令和6年度調査=取り込む")]);
    assert_eq!(stored(&service).len(), 3);
}

fn rows_of_several_offices_are_no_history(backend: &Backend) {
    let service = TestService::new(backend);
    let text =
        "窓口名,手続名,書かない窓口,適用日\n麻生庁舎,転出届,3,2024-02-01\n北浦庁舎,転出届,0,2025-04-01\n";
    let report = refused(&service, text, &[TOWN]);
    assert_eq!(codes(&report), [("rows_told_apart", Some(2)), ("rows_told_apart", Some(3))]);
    let question = &report.questions[0];
    assert_eq!((question.parameter.as_str(), question.choices[0].value.as_str()), ("ignore", "窓口名"));
    let report = applied(&service, text, &[TOWN, ("ignore", "窓口名")]);
    assert!(report.warnings.iter().any(|warning| warning.code == "successive_rows"), "{report:#?}");
    assert_eq!(stored(&service), ["082333 tenshutsu-tennyu-01 counter 0"]);
    service.take_everything_back();
    // What differs only in a number or a day of its own is one history.
    let text = "No,手続名,書かない窓口,適用日\n1,転出届,0,2024-02-01\n2,転出届,3,2025-04-01\n";
    let report = applied(&service, text, &[TOWN]);
    assert_eq!(report.warnings.iter().filter(|one| one.code == "successive_rows").count(), 1);
}

fn nothing_online_beside_an_online_channel_is_told(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,マイナポータル,オンライン\n支給認定の申請,○,×\n";
    let report = refused(&service, text, &[TOWN]);
    assert_eq!(codes(&report), [("contradiction", Some(2))]);
    // The other way round it may well be so: by another means.
    applied(&service, "手続名,マイナポータル,オンライン\n妊娠の届出,×,○\n転出届,○,○\n", &[TOWN]);
}

fn the_body_may_be_given_by_its_name(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "手続名,電子申請\n妊娠の届出,○\n";
    for said in ["行方市", "茨城県行方市", "82333", "08233", "０８２３３３", " 082333 "] {
        applied(&service, text, &[("municipality", said)]);
        assert_eq!(stored(&service), ["082333 kosodate-15 eapp 3+"], "{said}");
        service.take_everything_back();
    }
    for (said, code) in [
        ("府中市", "ambiguous_name"),
        ("なめがたし", "unknown_name"),
        ("082334", "check_digit"),
        ("札幌市北区", "ward"),
    ] {
        assert_eq!(slip(&service, "municipality", said), code, "{said}");
    }
    // The title is offered.
    for title in ["行方市（082333）オンライン化状況", "令和8年度 行方市 手続一覧", "行方市オンライン化状況"]
    {
        let report = refused(&service, &format!("{title},\n{text}"), &[]);
        assert_eq!(report.questions[0].suggestion.as_deref(), Some("082333"), "{title}");
    }
    let report = refused(&service, &format!("手続オンライン化状況（市民課）,\n{text}"), &[]);
    assert_eq!((report.questions[0].suggestion.as_deref(), report.questions[0].choices.len()), (None, 0));
}

fn names_that_are_none_lead_to_no_other_town(backend: &Backend) {
    let service = TestService::new(backend);
    let told = |prefecture: &str, name: &str| -> Fault {
        let text = format!("都道府県,団体名,妊娠の届出\n{prefecture},{name},○\n");
        refused(&service, &text, &[ONLINE]).faults.remove(0)
    };
    for (prefecture, name) in [("", "美野里町"), ("茨城県", "美野里町"), ("", "内原町"), ("茨城県", "旭村")]
    {
        let fault = told(prefecture, name);
        assert_eq!((fault.code.as_str(), fault.suggestion.as_deref()), ("unknown_name", None), "{name}");
        assert!(fault.message.contains("合併") && fault.message.contains(prefecture), "{}", fault.message);
    }
    for (prefecture, name) in [("千葉県", "水戸市"), ("", "千葉県水戸市")] {
        let fault = told(prefecture, name);
        assert!(fault.message.starts_with("千葉県に水戸市はありません"), "{}", fault.message);
        assert_eq!(fault.suggestion.as_deref(), Some("082015 茨城県水戸市"));
    }
    assert_eq!(told("", "霞ヶ浦市").suggestion.as_deref(), Some("082309 茨城県かすみがうら市"));
    // A slip of the pen is still one.
    assert_eq!(told("茨城県", "銚田市").suggestion.as_deref(), Some("082341 茨城県鉾田市"));
}

fn procedures_of_no_list_are_left_out_by_one_answer(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "No,手続名,電子申請\n1,住民票の写しの交付請求,○\n2,妊娠の届出,○\n3,税証明の交付申請,○\n4,水道使用開始（中止）届,◆\n";
    let report = refused(&service, text, &[TOWN]);
    let question = report.questions.iter().find(|one| one.question.contains("手続一覧にない手続")).unwrap();
    assert_eq!((question.parameter.as_str(), question.count), ("names", 3));
    let value = question.choices[0].value.clone();
    let report = applied(&service, text, &[TOWN, ("names", &value)]);
    assert_eq!(stored(&service), ["082333 kosodate-15 eapp 3+"]);
    let told = note(&report, "取り込まない名前");
    assert!(told.contains("2行目「住民票の写しの交付請求」"), "{told}");
    service.take_everything_back();
    // The same by an answer.
    let mut asked = todoke::import::options::Asked::default();
    asked.answer("names", &question.mark, &value);
    assert_eq!(asked.given.names.len(), 3, "{:?}", asked.given.names);
    // Everyday names, and one that is a candidate and no more.
    for (name, id) in [
        ("要介護認定（新規）", "kaigo-01"),
        ("要介護認定（更新）", "kaigo-02"),
        ("児童手当 新規認定", "kosodate-01"),
        ("保育園入園申込", "kosodate-12"),
        ("5 罹災証明書の発行申請", "hisaisha-01"),
        ("★転出届", "tenshutsu-tennyu-01"),
        ("●転出届", "tenshutsu-tennyu-01"),
        ("Ⅵ 児童手当等の現況届", "kosodate-10"),
        ("・保育施設等の利用申込", "kosodate-12"),
        ("要介護・要支援認定の申請【介護】", "kaigo-01"),
    ] {
        applied(&service, &format!("手続名,電子申請\n{name},3\n"), &[TOWN]);
        assert_eq!(stored(&service), [format!("082333 {id} eapp 3")], "{name}");
        service.take_everything_back();
    }
    let report = refused(&service, "手続名,電子申請\n飼い犬登録の申込,○\n", &[TOWN]);
    let suggestion = report.faults[0].suggestion.as_deref().unwrap();
    assert!(suggestion.starts_with("high-volume-22"), "{suggestion}");
    let choices: Vec<&str> = report.questions[0].choices.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(choices, ["飼い犬登録の申込=high-volume-22", "飼い犬登録の申込=ignore"]);
}

fn repairs_of_one_kind_are_told_once(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体名,妊娠の届出\n水戸市,○\n日立市,○\n土浦市,○\n古河市,○\n石岡市,○\n結城市,○\n";
    let report = applied(&service, text, &[ONLINE]);
    assert_eq!((report.warning_count, report.warning_groups.len()), (6, 1));
    let told = report.warning_groups[0].sentence();
    assert!(told.starts_with("2〜7行目") && told.contains("水戸市 → 082015 茨城県水戸市"), "{told}");
    service.take_everything_back();
    let report = refused(&service, "団体名,妊娠の届出\n内原町,○\n下館市,○\n", &[ONLINE]);
    assert_eq!((report.fault_count, report.fault_groups.len()), (2, 1));
    assert!(report.fault_groups[0].sentence().contains("値: 内原町、下館市"));
}

fn lines_around_the_rows_are_no_rows(backend: &Backend) {
    let service = TestService::new(backend);
    let one = ["082015 kosodate-15 online 3+"];
    for text in [
        // The county alone, as tables of statistics have it.
        "都道府県名,政令市･郡･支庁･振興局等,市区町村,妊娠の届出\n茨城県,,水戸市,○\n茨城県,東茨城郡,,\n",
        "No.,市町村名,妊娠の届出\n1,水戸市,○\n－ 1 －,,\n",
        "No.,市町村名,妊娠の届出\n1,水戸市,○\n1/3,,\n",
        "市町村名,妊娠の届出,メモ\n水戸市,○,\n作成者,,情報政策課 高橋\n更新日,2026-10-01,\n注,,令和5年2月から\n",
        // As above, where nobody reads it.
        "広域,市町村,妊娠の届出,方式\n県央,水戸市,○,〃\n",
    ] {
        applied(&service, text, &[ONLINE]);
        assert_eq!(stored(&service), one, "{text}");
        service.take_everything_back();
    }
    let report = refused(&service, "市町村,妊娠の届出,備考\n水戸市,○,〃\n〃,○,\n", &[ONLINE]);
    assert!(report.faults.iter().any(|fault| fault.code == "ditto"), "{report:#?}");
}
