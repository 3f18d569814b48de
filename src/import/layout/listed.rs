//! What a column of a list of adopters says of each of them: 商談中 and 解約 have nothing, though they are listed.

use super::column::Column;
use super::sheet::Sheet;
use super::unknown::left_out;
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::marks::{Choice, Question};
use crate::import::table::Row;

/// Words for how far somebody is with what a list is about.
const STATES: [&str; 34] = [
    "稼働",
    "運用",
    "構築",
    "商談",
    "見積",
    "提案",
    "解約",
    "失注",
    "受注",
    "成約",
    "導入",
    "検討",
    "終了",
    "停止",
    "中止",
    "廃止",
    "休止",
    "準備",
    "移行",
    "試行",
    "実証",
    "辞退",
    "撤退",
    "保留",
    "交渉",
    "調整",
    "予定",
    "未定",
    "完了",
    "利用中",
    "契約中",
    "契約済",
    "対応中",
    "実施中",
];
/// Ends of headings whose words name somebody, or something that is had.
const OTHERS: [&str; 16] = [
    "名", "名称", "者", "課", "係", "部", "室", "署", "先", "担当", "営業", "形態", "方式", "方法", "種類",
    "製品",
];

/// Asks about columns that are not read and whose few words say of the bodies how far they are. Gives back where
/// they stand.
pub(super) fn ask_about_states(
    sheet: &mut Sheet<'_>,
    rows: &[&Row],
    known: &dyn Fn(usize) -> bool,
) -> Vec<usize> {
    let headings = sheet.headings;
    let mut asked = Vec::new();
    for (at, heading) in headings.all().filter(|(at, _)| !known(*at)) {
        // What means something in other layouts is asked about as such.
        let of_states = |column| matches!(column, Column::Level | Column::State);
        let elsewhere = Column::of_heading(heading).is_some_and(|column| !of_states(column));
        if names_others(heading) || elsewhere {
            continue;
        }
        let Some(words) = states(rows, at) else { continue };
        let name = headings.name(at);
        let shown = cut(&words.join("」「"), 60);
        let message = format!(
            "「{shown}」とあります。一覧にある団体はどれも同じ段階として読むため、今使っていない団体の行を除いて送り直すか、どの団体も今使っているなら、この列を取り込まない（ignore）と指定してください"
        );
        let fault = Fault::whole("states_of_listed", message).at_line(headings.line).in_column(at, &name);
        sheet.faults.push(fault.found(&name).allowing("今使っている団体の行だけ").asked_elsewhere());
        let question =
            format!("「{}」列に「{shown}」とあります。どの団体も今使っていますか", cut(&name, 100));
        let label = "どの団体も今使っている（この列は取り込まない）".to_owned();
        sheet.questions.push(Question {
            mark: cut(&name, 100),
            headings: vec![cut(&name, 60)],
            count: rows.iter().filter(|row| !row.cell(at).trim().is_empty()).count(),
            choices: vec![Choice { label, ..left_out(&name) }],
            ..Question::about_the_file("columns", question, [])
        });
        asked.push(at);
    }
    asked
}

fn names_others(heading: &str) -> bool {
    let folded = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    OTHERS.iter().any(|end| folded.ends_with(end))
}

/// The different words of a column, if they are few and short and some of them say a state.
fn states<'r>(rows: &[&'r Row], at: usize) -> Option<Vec<&'r str>> {
    /// More different words are texts, and so are longer ones.
    const WORDS: usize = 12;
    const LONGEST: usize = 16;
    let mut words: Vec<&str> = Vec::new();
    for cell in rows.iter().map(|row| row.cell(at).trim()).filter(|cell| !cell.is_empty()) {
        if words.contains(&cell) {
            continue;
        }
        if words.len() == WORDS || cell.chars().count() > LONGEST {
            return None;
        }
        words.push(cell);
    }
    words.iter().any(|word| STATES.iter().any(|state| word.contains(state))).then_some(words)
}
