//! Numbers under the name of a way of applying that is none of the kinds of counts: マイナポータル beside 窓口.

use super::below::Below;
use super::columns::{What, says_numbers_alone};
use super::head::UsageHead;
use crate::domain::text::{cut, fold_for_match};
use crate::domain::usage::ChannelGroup;
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::layout::channels::{named, tells_plans};
use crate::import::layout::sheet::{Sheet, likely_channel};
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
        .filter(|(at, text)| names_way(sheet, text) && Below::of(sheet.table, headings, *at).hold_counts());
    let open: Vec<usize> = open.map(|(at, _)| at).take(MOST).collect();
    let online = What::Group(ChannelGroup::Online);
    let may_be_online = open.len() == 1 && head.columns.iter().all(|column| column.what != online);
    for at in &open {
        ask(sheet, *at, may_be_online);
    }
    open
}

/// Whether a heading names a way of applying, and nothing else of it than how often: no rate, day or level.
fn names_way(sheet: &Sheet<'_>, heading: &str) -> bool {
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
    let Some(lowest) = pieces.last() else { return false };
    let folded = fold_for_match(lowest);
    let bare = folded.split('(').next().unwrap_or_default();
    let other = OTHERS.iter().any(|end| bare.ends_with(end)) || tells_plans(lowest);
    !other && (named(sheet.catalogue, lowest).is_some() || likely_channel(lowest).is_some())
}

fn ask(sheet: &mut Sheet<'_>, at: usize, may_be_online: bool) {
    let name = sheet.headings.name(at);
    let key = fold_for_match(&name);
    let message = "この列の件数は、総件数・オンライン・窓口・郵送・コンビニ・代行入力のどれの件数か分かりません。オンラインの内訳なら、足した件数を「うちオンライン数」の列に書いて送り直すか、何の件数か（columns）、取り込まない（ignore）かを指定してください";
    let fault = Fault::whole("unknown_count", message).at_line(sheet.headings.line).in_column(at, &name);
    let allowed = "うちオンライン数、窓口件数 など、または取り込まない";
    sheet.faults.push(fault.found(&name).allowing(allowed).asked_elsewhere());
    let online = Choice {
        parameter: "columns".to_owned(),
        value: format!("{key}=うちオンライン数"),
        label: "うちオンライン数（オンラインの件数はこの列だけ）".to_owned(),
    };
    // Of two columns each is a part of it, and none the whole.
    let choices = may_be_online.then_some(online).into_iter().chain([left_out(&name)]).collect();
    let question = format!("「{}」列の件数は、何の件数ですか", cut(&name, 100));
    sheet.questions.push(Question {
        mark: cut(&name, 100),
        headings: vec![cut(&name, 60)],
        choices,
        ..Question::about_the_file("columns", question, [])
    });
}
