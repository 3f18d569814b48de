//! Numbers under the name of a way of applying that is none of the kinds of counts, or under a heading that speaks of
//! counts and does not say of which: マイナポータル beside 窓口, 前年度件数.

use super::below::Below;
use super::columns::{Column, What, calendar_year_in, says_numbers_alone, year_of};
use super::head::UsageHead;
use super::other_numbers::calls_other_numbers;
use crate::domain::text::{cut, fold_for_match};
use crate::domain::usage::ChannelGroup;
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::layout::channel_words::likely_channel;
use crate::import::layout::channels::{named, tells_plans};
use crate::import::layout::sheet::Sheet;
use crate::import::layout::unknown::left_out;
use crate::import::marks::{Choice, Question};

/// Asks about each such column that is not read: its numbers are counts, and would be lost. Gives back where
/// they stand.
pub(super) fn ask_about_ways(
    sheet: &mut Sheet<'_>,
    head: &UsageHead,
    known: &dyn Fn(usize) -> bool,
) -> Vec<usize> {
    /// More are another kind of table.
    const MOST: usize = 50;
    let headings = sheet.headings;
    let open = headings.all().filter(|(at, _)| !known(*at));
    let open = open
        .filter(|(at, text)| may_count(sheet, text) && Below::of(sheet.table, headings, *at).hold_counts());
    let open: Vec<usize> = open.map(|(at, _)| at).take(MOST).collect();
    for at in &open {
        // Of two columns each is a part of the online counts, and none the whole.
        let alike =
            open.iter().filter(|other| year_of(headings.text(**other)) == year_of(headings.text(*at)));
        ask(sheet, head, *at, alike.count() > 1);
    }
    open
}

/// Whether a heading names a way of applying, or counts, and nothing else than how often: no rate, day or level.
fn may_count(sheet: &Sheet<'_>, heading: &str) -> bool {
    const OTHERS: [&str; 15] = [
        "率",
        "割合",
        "年",
        "年度",
        "月",
        "日",
        "円",
        "額",
        "料",
        "段階",
        "レベル",
        "番号",
        "順位",
        "優先度",
        "id",
    ];
    let pieces: Vec<&str> = pieces_of(heading).filter(|piece| !says_numbers_alone(piece)).collect();
    // 件数 alone: of which kind, only the sender knows.
    let Some(lowest) = pieces.last() else { return true };
    let folded = fold_for_match(lowest);
    let bare = folded.split('(').next().unwrap_or_default();
    let other = OTHERS.iter().any(|end| bare.ends_with(end)) || tells_plans(lowest);
    let way = || named(sheet.catalogue, lowest).is_some() || likely_channel(lowest).is_some();
    calendar_year_in(&folded).is_some() || (!other && (speaks_of_counts(&folded) || way()))
}

/// Whether the (folded) lowest part of a heading speaks of counts, or of one of their years.
fn speaks_of_counts(folded: &str) -> bool {
    let says = ["件数", "申請数", "電子", "うち"].iter().any(|word| folded.contains(word));
    (says || year_of(folded).is_some()) && !calls_other_numbers(folded)
}

fn ask(sheet: &mut Sheet<'_>, head: &UsageHead, at: usize, is_one_of_several: bool) {
    let name = sheet.headings.name(at);
    let key = fold_for_match(&name);
    let message = "この列の件数は、総件数・オンライン・窓口・郵送・コンビニ・代行入力のどれの件数か分かりません。オンラインの内訳なら、足した件数を「うちオンライン数」の列に書いて送り直すか、何の件数か（columns）、取り込まない（ignore）かを指定してください";
    let fault = Fault::whole("unknown_count", message).at_line(sheet.headings.line).in_column(at, &name);
    let allowed = "うちオンライン数、窓口件数 など、または取り込まない";
    sheet.faults.push(fault.found(&name).allowing(allowed).asked_elsewhere());
    let year = year_of(&name);
    let has = |group: ChannelGroup| {
        let of_year = |column: &&Column| column.year.is_none() || year.is_none() || column.year == year;
        head.columns.iter().filter(of_year).any(|column| column.what == What::Group(group))
    };
    let choice = |count: &str, label: &str| Choice {
        parameter: "columns".to_owned(),
        value: format!("{key}={count}"),
        label: label.to_owned(),
    };
    let total = choice("手続総件数", "手続総件数");
    let online = choice("うちオンライン数", "うちオンライン数（オンラインの件数はこの列だけ）");
    let counts = [(ChannelGroup::All, total), (ChannelGroup::Online, online)];
    let counts = counts.into_iter().filter(|(group, _)| !(is_one_of_several || has(*group)));
    let choices = counts.map(|(_, choice)| choice).chain([left_out(&name)]).collect();
    let question = format!("「{}」列の件数は、何の件数ですか", cut(&name, 100));
    sheet.questions.push(Question {
        mark: cut(&name, 100),
        headings: vec![cut(&name, 60)],
        choices,
        ..Question::about_the_file("columns", question, [])
    });
}
