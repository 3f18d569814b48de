//! What became of a file, in words for a terminal.

use std::fmt::Write as _;

use super::changes;
use crate::domain::text::cut;
use crate::import::groups::FaultGroup;
use crate::import::marks::Question;
use crate::import::report::{Effect, EffectFigure, Report, Status};
use crate::service::imports::RevertReport;

/// The report for a person, in Japanese; it fits a screen.
pub fn summary(report: &Report) -> String {
    format!("{}{}\n", findings(report), verdict(report))
}

/// The same without what becomes of the file.
pub(super) fn findings(report: &Report) -> String {
    /// Faults shown on a screen; the others are in `--json`.
    const ON_SCREEN: usize = 20;
    let mut text = String::new();
    let _ = writeln!(text, "ファイル: {}（{}バイト）", report.file_name, group(report.size));
    if let (Some(encoding), Some(layout)) = (&report.encoding, &report.layout) {
        let _ = writeln!(text, "形式: {encoding}、レイアウト: {layout}");
    }
    let counts = &report.counts;
    if counts.rows > 0 {
        let _ = writeln!(
            text,
            "読み取り: {}団体、{}行、{}件",
            group(counts.bodies),
            group(counts.rows),
            group(counts.statements)
        );
    }
    // What is confirmed is what is written: no mark may be taken unseen.
    for one in &report.understood {
        let under = match one.headings.join("、") {
            headings if headings.is_empty() => String::new(),
            headings => format!("（{}）", cut(&headings, 60)),
        };
        let _ = writeln!(text, "  {}{under} → {}: {}件", one.mark, one.meaning, group(one.count));
    }
    if report.plan_hash.is_some() {
        let _ = writeln!(
            text,
            "結果: 新規 {}、変更 {}、確認 {}、変更なし {}、不受理 {}行",
            group(counts.created),
            group(counts.changed),
            group(counts.confirmed),
            group(counts.unchanged),
            group(counts.rejected)
        );
    }
    for change in &report.first_changes {
        let _ = writeln!(text, "  {}", changes::line(change));
    }
    let more = (counts.created + counts.changed).saturating_sub(report.first_changes.len());
    if more > 0 && !report.first_changes.is_empty() {
        let _ = writeln!(text, "  …ほか {}件の新規と変更", group(more));
    }
    for effect in &report.effect {
        let (before, after) = (words(&effect.before), words(&effect.after));
        let same = |other: &&Effect| other.definition == effect.definition;
        let treatment = match report.effect.iter().filter(same).count() {
            1 => String::new(),
            _ => format!("（制度なしを{}）", effect.treatment),
        };
        let _ = writeln!(text, "{} {}{treatment}: {before} → {after}", effect.scope, effect.name);
    }
    if counts.lowered > 0 {
        let _ = writeln!(text, "段階が下がる、または数えられなくなるもの: {}件", group(counts.lowered));
    }
    for note in &report.notes {
        let _ = writeln!(text, "注: {note}");
    }
    for question in &report.questions {
        let _ = writeln!(text, "質問: {}", question_line(question));
    }
    list(&mut text, "警告", &report.warning_groups, report.warning_count, ON_SCREEN);
    list(&mut text, "誤り", &report.fault_groups, report.fault_count, ON_SCREEN);
    // Cells of a file must not speak to the terminal.
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{FFFD}' } else { c }).collect()
}

fn verdict(report: &Report) -> String {
    // What no answer mends.
    let is_wrong = report.faults.iter().any(|fault| !fault.is_answerable());
    match report.status {
        Status::Checked if report.fault_count > 0 || !report.questions.is_empty() => {
            let until = match (is_wrong, report.questions.is_empty()) {
                (true, true) => "誤りを直すまで",
                (true, false) => "誤りを直し、質問に答えるまで",
                (false, _) => "質問に答えるまで",
            };
            format!("確認だけを行い、何も書き込んでいません。{until}取り込めません。")
        }
        Status::Checked if report.needs_confirmation => format!(
            "{}件の段階が下がるため、取り込むには --confirm が要ります。確認だけを行い、何も書き込んでいません。",
            group(report.counts.lowered)
        ),
        Status::Checked => "確認だけを行い、何も書き込んでいません。".to_owned(),
        Status::Refused if !report.questions.is_empty() => {
            let confirm = match report.needs_confirmation {
                true => {
                    format!("{}件の段階が下がるため、--confirm も要ります。", group(report.counts.lowered))
                }
                false => String::new(),
            };
            let mend = if is_wrong { "誤りを直し、" } else { "" };
            format!(
                "答えの要る質問があります。{mend}質問に答えるオプションを付けてもう一度実行してください。{confirm}何も書き込んでいません。"
            )
        }
        Status::Refused if report.needs_confirmation => format!(
            "{}件の段階が下がります。よければ --confirm を付けてください。何も書き込んでいません。",
            group(report.counts.lowered)
        ),
        Status::Refused => "取り込めませんでした。何も書き込んでいません。".to_owned(),
        Status::NothingToDo => "変更は0件です。何も書き込んでいません。".to_owned(),
        Status::Applied => {
            let id = report.import_id.unwrap_or_default();
            let rows = group(report.counts.rejected);
            let left = match (report.counts.rejected, report.questions.is_empty()) {
                (0, _) => String::new(),
                (_, true) => format!("誤りのある{rows}行は取り込んでいません。"),
                (_, false) => format!(
                    "答えの要る質問や誤りのある{rows}行は取り込んでいません。質問に答えるオプションを付けてもう一度実行すると、答えた行も取り込めます。"
                ),
            };
            format!("{left}取り込みました（取込番号 {id}）。元に戻すには: todoke import --revert {id}")
        }
    }
}

/// The question and what may be answered in one line, with the options that answer it.
pub fn question_line(question: &Question) -> String {
    /// What a line of a terminal holds, in characters; the other choices are in the JSON.
    const FITS: usize = 240;
    /// So many are named all the same.
    const LEAST: usize = 2;
    let mut text = question.question.clone();
    if question.count > 1 {
        text.push_str(&format!("（{}か所）", question.count));
    }
    text.push_str(" → ");
    if question.choices.is_empty() {
        text.push_str(&format!("--{} '…'", question.parameter.replace('_', "-")));
        return text;
    }
    let mut length = text.chars().count();
    for (at, choice) in question.choices.iter().enumerate() {
        let parameter = choice.parameter.replace('_', "-");
        let named = format!("--{parameter} '{}' {}", choice.value, choice.label);
        length += named.chars().count() + 1;
        if at >= LEAST && length > FITS {
            text.push_str(&format!("、ほか{}通り（--json）", question.choices.len() - at));
            break;
        }
        if at > 0 {
            text.push('、');
        }
        text.push_str(&named);
    }
    text
}

/// What taking an import back did, in Japanese.
pub(super) fn reverted(report: &RevertReport) -> String {
    format!(
        "取込 {} を元に戻しました: 取り消し {}件、前の値に戻したもの {}件、その後に変わったため残したもの {}件\n",
        report.import_id, report.removed, report.restored, report.kept
    )
}

/// 12/51（23.5％）, with the range where something is unknown.
fn words(figure: &EffectFigure) -> String {
    let shown = |value: Option<f64>| value.map_or("—".to_owned(), |value| format!("{value:.1}"));
    let range = match (figure.value, figure.value_max) {
        (value, max) if value == max => shown(value),
        (value, max) => format!("{}〜{}", shown(value), shown(max)),
    };
    format!("{}/{}（{range}％）", figure.numerator, figure.denominator)
}

fn list(text: &mut String, title: &str, groups: &[FaultGroup], all: usize, most: usize) {
    if all == 0 {
        return;
    }
    let _ = writeln!(text, "{title}: {}件", group(all));
    for one in groups.iter().take(most) {
        let _ = writeln!(text, "  {}", one.sentence());
    }
    let shown: usize = groups.iter().take(most).map(|one| one.count).sum();
    if all > shown {
        let _ = writeln!(text, "  ほか{}件（--json で500件まで表示）", group(all - shown));
    }
}

/// A number with commas.
fn group(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
