//! What stands in a table beside what is so: bodies that have nothing yet, targets, counts of a part of a year,
//! rates under bare years, days of plans. None of it is stored as what is so.

use todoke::import::marks::Question;

use crate::app::{Backend, TestService, on_both};
use crate::reports::{applied, codes, refused};

on_both! {
    bodies_of_a_list_that_have_nothing_are_asked_about;
    columns_of_a_list_that_say_no_state_are_told;
    targets_are_no_counts;
    counts_up_to_a_day_are_no_counts_of_its_year;
    a_year_that_is_not_over_is_asked_about;
    years_that_are_over_are_read;
    rates_and_money_are_no_counts;
    years_below_a_heading_of_fiscal_years_are_fiscal;
    the_day_in_a_heading_of_targets_is_kept;
}

const TOWN: (&str, &str) = ("municipality", "082333");
const ONLINE: (&str, &str) = ("channel", "online");

fn values(question: &Question) -> Vec<&str> {
    question.choices.iter().map(|choice| choice.value.as_str()).collect()
}

const LISTED: [(&str, &str); 3] = [("channel", "eapp"), ("marks", "掲載=3+"), ("names", "一覧=転出届")];

fn bodies_of_a_list_that_have_nothing_are_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, words) in [
        ("ステータス", ["稼働中", "構築中", "商談中"]),
        ("進捗", ["本番稼働", "見積提出", "失注"]),
        ("区分", ["導入済", "導入済", "解約"]),
        ("フェーズ", ["運用", "検討中", "検討中"]),
    ] {
        let [one, two, three] = words;
        let text = format!(
            "「らくらく申請」導入自治体一覧,,,\n都道府県,自治体名,{heading},担当営業\n茨城県,行方市,{one},山田\n\
             茨城県,鉾田市,{two},山田\n茨城県,潮来市,{three},佐藤\n"
        );
        let report = refused(&service, &text, &LISTED, &["states_of_listed"]);
        assert_eq!(values(&report.questions[0]), [heading], "{report:#?}");
        assert_eq!(service.export().lines().count(), 1);
        let said = [&LISTED[..], &[("ignore", heading)]].concat();
        applied(&service, &text, &said, 3);
        service.take_everything_back();
    }
}

fn columns_of_a_list_that_say_no_state_are_told(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, one, two) in [
        ("地区", "県央", "県西"),
        ("担当営業", "稼働 太郎", "田中"),
        ("導入形態", "単独導入", "共同導入"),
        ("一言", "担当者の異動があり、来年度に改めて検討する予定です", "-"),
    ] {
        let text =
            format!("導入団体一覧,,\n都道府県,団体名,{heading}\n茨城県,行方市,{one}\n茨城県,鉾田市,{two}\n");
        let report = applied(&service, &text, &LISTED, 2);
        assert!(report.notes.iter().any(|note| note.ends_with(heading)), "{report:#?}");
        service.take_everything_back();
    }
}

fn targets_are_no_counts(backend: &Backend) {
    let service = TestService::new(backend);
    for word in ["目標", "計画", "見込"] {
        let text = format!(
            "手続名,令和6年度,,令和7年度（{word}）,\n,手続総件数,うちオンライン数,手続総件数,うちオンライン数\n\
             転出届,880,200,870,450\n"
        );
        let report = refused(&service, &text, &[TOWN], &["forecast", "forecast"]);
        let ignored: Vec<&str> = report.questions.iter().map(|question| values(question)[0]).collect();
        applied(&service, &text, &[TOWN, ("ignore", &ignored.join(","))], 2);
        service.take_everything_back();
    }
    // A title says it of all columns.
    for title in ["令和7年度 オンライン利用目標件数", "令和7年度 計画"] {
        let text = format!("{title},,\n団体コード,手続名,手続総件数\n082333,転出届,870\n");
        refused(&service, &text, &[("fiscal_year", "2025")], &["forecast"]);
    }
    // So do rows.
    for word in ["目標", "計画", "見込み"] {
        let text = format!(
            "団体コード,手続名,年度,手続総件数,うちオンライン数,区分\n082333,転出届,令和6年度,900,120,実績\n\
             082333,転出届,令和7年度,900,450,{word}\n"
        );
        let report = refused(&service, &text, &[], &["forecast"]);
        assert_eq!(values(&report.questions[0]), ["区分"]);
    }
    // The goal of something else is none of the counts.
    let text = "オンライン利用率の目標：50％,,\n団体コード,手続名,手続総件数\n082333,介護計画の届出,1\n";
    let report = service.send("n.csv", text.as_bytes(), &[("fiscal_year", "2024")]);
    assert!(!codes(&report).contains(&"forecast"), "{report:#?}");
}

fn counts_up_to_a_day_are_no_counts_of_its_year(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "手続名,令和6年度,,令和7年度,\n,手続総件数,うちオンライン数,手続総件数,うちオンライン数\n転出届,880,200,470,250\n";
    for (text, created) in [
        (rows.replace("令和7年度", "令和7年度（10月末現在）"), 2),
        (rows.replace("令和7年度", "令和7年度（R7.10.31時点）"), 2),
        (format!("電子申請利用件数（令和7年度は10月末現在）,,,,\n{rows}"), 2),
        (format!("{rows}※令和7年度は9月30日現在,,,,\n"), 2),
    ] {
        let report = refused(&service, &text, &[TOWN], &["part_of_year", "part_of_year"]);
        let ignored: Vec<&str> = report.questions.iter().map(|question| values(question)[0]).collect();
        applied(&service, &text, &[TOWN, ("ignore", &ignored.join(","))], created);
        service.take_everything_back();
    }
    let text =
        "令和7年度　電子申請利用件数（10月末現在）,,\n団体コード,手続名,手続総件数\n082333,転出届,480\n";
    refused(&service, text, &[("fiscal_year", "2025")], &["part_of_year"]);
    // The day on which a year ends, or a later one, is none within it.
    for title in ["令和7年3月31日現在", "令和6年度末現在", "（令和7年5月1日現在）", "3月末時点"]
    {
        let text = format!("{title},,\n団体コード,手続名,手続総件数\n082333,転出届,480\n");
        applied(&service, &text, &[("fiscal_year", "2024")], 1);
        service.take_everything_back();
    }
}

fn a_year_that_is_not_over_is_asked_about(backend: &Backend) {
    let service = TestService::new(backend);
    // It is November 2026.
    let text = "手続名,令和7年度,令和8年度\n転出届,900,480\n妊娠の届出,160,85\n";
    let report = refused(&service, text, &[TOWN], &["year_not_over"]);
    assert_eq!(
        values(&report.questions[0]),
        ["令和8年度", "令和8年度=手続総件数", "令和8年度=うちオンライン数"],
        "{report:#?}"
    );
    applied(&service, text, &[TOWN, ("ignore", "令和8年度")], 2);
    service.take_everything_back();
    applied(&service, text, &[TOWN, ("columns", "令和8年度=手続総件数")], 4);
    service.take_everything_back();
    // In rows, those of years that are over may be taken alone.
    let text =
        "団体コード,手続名,年度,手続総件数\n082333,転出届,令和7年度,900\n082333,転出届,令和8年度,480\n";
    let report = refused(&service, text, &[], &["year_not_over"]);
    assert_eq!((report.faults[0].line, values(&report.questions[0])), (Some(3), vec!["年度=年度"]));
    applied(&service, text, &[("columns", "年度=年度")], 2);
    service.take_everything_back();
    // So it is where the sender alone names the year, and where each count has its row.
    let text = "団体コード,手続名,手続総件数\n082333,転出届,480\n";
    let year = ("fiscal_year", "2026");
    let report = refused(&service, text, &[year], &["year_not_over"]);
    applied(&service, text, &[year, ("columns", values(&report.questions[0])[1])], 1);
    service.take_everything_back();
    let text = "団体コード,手続名,区分,件数\n082333,転出届,オンライン,480\n";
    let report = refused(&service, text, &[year], &["year_not_over"]);
    applied(&service, text, &[year, ("columns", values(&report.questions[0])[1])], 1);
}

fn years_that_are_over_are_read(backend: &Backend) {
    let service = TestService::new(backend);
    let text = "団体コード,手続名,年度,手続総件数,区分\n082333,転出届,令和7年度,900,実績\n";
    applied(&service, text, &[], 1);
    service.take_everything_back();
    // On the day after its last one a year is over.
    service.clock.set("2027-04-01T03:00:00Z");
    let text = "団体コード,手続名,手続総件数\n082333,転出届,480\n";
    applied(&service, text, &[("fiscal_year", "2026")], 1);
}

fn rates_and_money_are_no_counts(backend: &Backend) {
    let service = TestService::new(backend);
    let rows = "手続名,令和5年度,令和6年度\n転出届,13,23\n妊娠の届出,5,24\n";
    for title in [
        "行方市　オンライン利用率の推移（％）",
        "行方市　満足度・平均処理日数（日）",
        "行方市　手続別手数料収入（千円）",
        "電子申請の割合",
        "（単位：円）",
    ] {
        let text = format!("{title},,\n{rows}");
        let report = refused(&service, &text, &[TOWN], &["other_numbers", "other_numbers"]);
        let answers: Vec<&str> = report.questions.iter().map(|question| values(question)[1]).collect();
        applied(&service, &text, &[TOWN, ("columns", &answers.join(","))], 4);
        service.take_everything_back();
    }
    for title in ["電子申請利用件数", "業務効率化のための申請件数調べ", "手続別申請件数（件）"]
    {
        applied(&service, &format!("{title},,\n{rows}"), &[TOWN], 4);
        service.take_everything_back();
    }
    // So may what stands above the names of channels.
    let text = "手続名,令和6年度 総件数,令和6年度 平均処理日数（日）,\n,,窓口,郵送\n転出届,900,13,23\n";
    refused(&service, text, &[TOWN], &["other_numbers", "other_numbers"]);
    // Where rates have a column of their own, a title that speaks of them is about that one.
    let text = "申請件数と利用率,,\n手続名,令和5年度,利用率\n転出届,13,23%\n";
    applied(&service, text, &[TOWN], 1);
    service.take_everything_back();
    // What a heading says goes before.
    let text = "オンライン利用率の推移,,\n手続名,令和5年度総件数,令和6年度総件数\n転出届,13,23\n";
    applied(&service, text, &[TOWN], 2);
}

fn years_below_a_heading_of_fiscal_years_are_fiscal(backend: &Backend) {
    let service = TestService::new(backend);
    for cell in ["R9", "2027", "令和9", "R9年", "令和9年度"] {
        for (heading, said) in [
            ("目標年度", vec![ONLINE]),
            ("オンライン化予定年度", vec![ONLINE, ("columns", "オンライン化予定年度=target_on")]),
        ] {
            let text = format!("団体コード,手続名,オンライン,{heading}\n082333,転出届,×,{cell}\n");
            let report = applied(&service, &text, &said, 1);
            assert!(service.export().contains(",2028-03-31,fiscal_year,"), "{cell} {}", service.export());
            let doubtful = report.warnings.iter().any(|warning| warning.code == "date_year_only");
            assert!(!doubtful, "{report:#?}");
            service.take_everything_back();
        }
    }
    // Under another heading a year alone stays the end of that year, with a warning; a month stays one.
    for (heading, cell, on) in
        [("目標時期", "R9", ",2027-12-31,month,"), ("目標年度", "R9.4", ",2027-04-30,month,")]
    {
        let text = format!("団体コード,手続名,オンライン,{heading}\n082333,転出届,×,{cell}\n");
        applied(&service, &text, &[ONLINE], 1);
        assert!(service.export().contains(on), "{cell} {}", service.export());
        service.take_everything_back();
    }
}

fn the_day_in_a_heading_of_targets_is_kept(backend: &Backend) {
    let service = TestService::new(backend);
    for (heading, on) in [
        ("R9年度末目標", ",3,2028-03-31,fiscal_year,"),
        ("令和9年10月までの目標", ",3,2027-10-31,month,"),
        ("目標：R10年度", ",3,2029-03-31,fiscal_year,"),
    ] {
        let text = format!("手続名,オンライン,,担当課\n,現在,{heading},\n転出届,×,3,市民課\n");
        let answer = format!("{heading}=target_level");
        applied(&service, &text, &[TOWN, ("columns", &answer)], 1);
        assert!(service.export().contains(on), "{heading} {}", service.export());
        service.take_everything_back();
        let text = format!("団体コード,手続名,接点,段階,{heading}\n082333,転出届,オンライン,0,3\n");
        applied(&service, &text, &[("columns", &answer)], 1);
        assert!(service.export().contains(on), "{heading} {}", service.export());
        service.take_everything_back();
    }
    // A column of days goes before, and a heading without a day names none.
    let text = "団体コード,手続名,接点,段階,R9年度末目標,目標日\n082333,転出届,オンライン,0,3,2027-06-30\n";
    applied(&service, text, &[("columns", "R9年度末目標=target_level")], 1);
    assert!(service.export().contains(",3,2027-06-30,day,"), "{}", service.export());
    service.take_everything_back();
    let text = "団体コード,手続名,接点,段階,目標\n082333,転出届,オンライン,0,3\n";
    applied(&service, text, &[], 1);
    assert!(service.export().contains(",3,,,"), "{}", service.export());
}
