//! Questions about a file as a form, and what was answered in it.

use maud::{Markup, html};

use crate::http::problem::{Kind, Problem};
use crate::import::Encoding;
use crate::import::layout::Layout;
use crate::import::marks::{Choice, Question};
use crate::service::imports::Import;
use crate::service::sessions::Session;
use crate::web::form::{Fields, secret};

/// Under which name answers are kept for the next file.
pub(super) const KEPT_AS: &str = "our-marks";
/// The value of a choice that leaves the answer to words.
const OTHER: &str = "other";
/// More choices stand in a list that opens.
const SIDE_BY_SIDE: usize = 16;
/// The field of a form by which a file is read again, whatever is answered.
pub(super) const AGAIN: &str = "again";
/// What may be said anew of the file as a whole.
const OF_THE_FILE: &[&str] = &[
    "effective_on",
    "municipality",
    "fiscal_year",
    "encoding",
    "layout",
    "sheet",
    "marks",
    "columns",
    "names",
    "hidden",
    "blank",
    "fill",
];

/// Name of an answer, what it is about, and what was answered.
pub(super) type Answer = (String, Option<String>, String);

/// The questions of an import, with the likely answers chosen.
pub(super) fn form(session: &Session, import: &Import, typed: Option<&Fields>, usual: &Markup) -> Markup {
    let questions = &import.report.questions;
    let is_answer = |name: &str| name.starts_with(['a', 'k']) && name != AGAIN;
    let typed = typed.filter(|fields| fields.iter().any(|(name, _)| is_answer(name)));
    html! {
        form method="post" action=(format!("{}/answers", super::paths::address(import.id))) class="sheetlike" {
            (secret(session))
            @for (at, question) in questions.iter().enumerate() { (asked(at, question, typed)) }
            (usual)
            @if questions.iter().any(Question::is_about_rows) && session.origin.actor.grant.municipality().is_some() {
                div class="tick" { input type="checkbox" id="keep" name="keep" value="true" checked[typed.is_some_and(|fields| fields.is_ticked("keep"))]; label for="keep" { "答えを覚えて、次に送る表でも使う（記号の読み方「" (KEPT_AS) "」になります）" } }
            }
            p class="go" { button type="submit" class="first" { "答えて読み直す" } " " span class="weak small" { "ファイルを送り直す必要はありません" } }
        }
    }
}

/// What a question is called in links: its place.
pub(super) fn anchor(at: usize) -> String {
    format!("question-{}", at + 1)
}

fn asked(at: usize, question: &Question, typed: Option<&Fields>) -> Markup {
    let (name, text) = (format!("a{at}"), format!("t{at}"));
    let free = takes_words(question);
    let suggested = |value: &str| question.suggestion.as_deref() == Some(value);
    let value = |parameter: &str, value: &str| format!("{parameter}:{value}");
    // What was chosen goes before what is likely; where the questions have changed since, it is found by what it is about.
    let is_chosen = |choice: &Choice| match typed {
        Some(fields) => fields
            .iter()
            .any(|(name, said)| name.starts_with('a') && said == value(&choice.parameter, &choice.value)),
        None => suggested(&choice.value),
    };
    let about = value(&question.parameter, &question.mark);
    let place = typed.and_then(|fields| {
        let mut named = fields.iter().filter(|(name, _)| name.starts_with('k'));
        named.find(|(_, said)| *said == about).map(|(name, _)| &name[1..])
    });
    let of = |what: &str| place.and_then(|at| typed?.get(&format!("{what}{at}")));
    let written = of("t");
    let is_other = of("a") == Some(OTHER) || of("a").is_none() && written.is_some();
    let is_open = !is_other && !question.choices.iter().any(is_chosen);
    html! {
        fieldset class="ask" id=(anchor(at)) {
            legend { (at + 1) ". " (question.question) @if question.count > 1 { "（" (question.count) "か所）" } }
            @if !question.headings.is_empty() { p class="small weak" { "見出し: " (question.headings.join("、")) } }
            @if question.choices.len() > SIDE_BY_SIDE {
                label for=(name) { "答え" }
                select id=(name) name=(name) {
                    option value="" { "いまは答えない" }
                    @for choice in &question.choices { option value=(value(&choice.parameter, &choice.value)) selected[is_chosen(choice)] { (choice.label) } }
                    @if free { option value=(OTHER) selected[is_other] { "ほか（下に書く）" } }
                }
            } @else {
                @for (nth, choice) in question.choices.iter().enumerate() {
                    @let id = format!("{name}-{nth}");
                    div class="tick" {
                        input type="radio" id=(id) name=(name) value=(value(&choice.parameter, &choice.value)) checked[is_chosen(choice)];
                        label for=(id) { (choice.label) @if suggested(&choice.value) { span class="weak" { "（表から見て、ありそうな答え）" } } }
                    }
                }
                @if free && !question.choices.is_empty() {
                    div class="tick" { input type="radio" id=(format!("{name}-other")) name=(name) value=(OTHER) checked[is_other]; label for=(format!("{name}-other")) { "ほか（下に書く）" } }
                }
                @if question.is_about_rows() {
                    div class="tick" { input type="radio" id=(format!("{name}-later")) name=(name) value="" checked[is_open]; label for=(format!("{name}-later")) { "いまは答えない（その行は反映しません）" } }
                }
            }
            @if free {
                div {
                    label for=(text) { (words_label(&question.parameter)) }
                    input type="hidden" name=(format!("k{at}")) value=(about);
                    input type="text" id=(text) name=(text) maxlength="200" value=[written];
                }
            }
        }
    }
}

/// Whether a question may be answered with words of one's own.
fn takes_words(question: &Question) -> bool {
    const FREE: [&str; 5] = ["names", "columns", "effective_on", "municipality", "fiscal_year"];
    // Several rows are left out by one answer, or named one by one.
    let of_several =
        question.parameter == "names" && question.choices.iter().any(|one| one.value.contains(','));
    question.choices.is_empty() || !of_several && FREE.contains(&question.parameter.as_str())
}

fn words_label(parameter: &str) -> &'static str {
    match parameter {
        "names" => "名前かコード（手続・団体・接点のうち、質問のもの）",
        "columns" => "項目・手続・接点・団体の名前",
        "effective_on" => "日付（例: 2026-10-31、令和8年10月）",
        "municipality" => "団体コードか団体名",
        "fiscal_year" => "年度（例: 2025、令和7年度）",
        "channel" => "接点の名前",
        _ => "答え",
    }
}

/// What was answered in the form.
pub(super) fn answers(fields: &Fields) -> Result<Vec<Answer>, Problem> {
    let mut answers = Vec::new();
    for (name, value) in fields.iter() {
        match (name.split_at_checked(1), OF_THE_FILE.contains(&name)) {
            (_, true) => answers.push((name.to_owned(), None, value.to_owned())),
            (Some(("a", at)), _) if is_number(at) && value != OTHER => {
                let (parameter, value) = parts(value)?;
                answers.push((parameter.to_owned(), None, value.to_owned()));
            }
            (Some(("t", at)), _) if is_number(at) => {
                let chosen = fields.get(&format!("a{at}"));
                if chosen.is_none_or(|chosen| chosen == OTHER) {
                    let (parameter, mark) = parts(fields.get(&format!("k{at}")).unwrap_or_default())?;
                    answers.push((parameter.to_owned(), Some(mark.to_owned()), value.to_owned()));
                }
            }
            (Some(("a" | "k", at)), _) if is_number(at) => {}
            _ if ["csrf", "keep", AGAIN].contains(&name) => {}
            _ => return Err(unknown_field(name)),
        }
    }
    Ok(answers)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parts(text: &str) -> Result<(&str, &str), Problem> {
    text.split_once(':').ok_or_else(|| unknown_field(text))
}

fn unknown_field(name: &str) -> Problem {
    Problem::new(
        Kind::UNPROCESSABLE,
        format!("入力の項目「{name}」は知りません。画面を開き直してください。"),
        format!("there is no field {name} in this form"),
    )
}

/// A choice about cells: the name of the answer, what it is called, and the two answers, the usual one first, each with
/// its code.
type HowCells = (&'static str, &'static str, [(&'static str, &'static str); 2]);

/// How cells are read that are hidden, empty, or stand for those above them.
pub(super) const OF_CELLS: [HowCells; 3] = [
    ("hidden", "非表示の行と列", [("visible", "読み飛ばす"), ("all", "読む")]),
    ("blank", "空欄", [("keep", "今の記録のまま"), ("clear", "今の記録を消す")]),
    ("fill", "「同上」と、団体・手続の列の空欄", [("false", "そのまま読む"), ("true", "上の値で埋める")]),
];

/// A choice about cells as a field, in a form where nothing was said yet or in one where something was.
pub(super) fn how((name, label, answers): HowCells, form: &str, said: Option<&str>) -> Markup {
    let id = format!("{form}-{name}");
    html! {
        div {
            label for=(id) { (label) }
            select id=(id) name=(name) {
                option value="" { "指定しない" }
                @for (code, words) in answers { option value=(code) selected[said == Some(code)] { (words) } }
            }
        }
    }
}

/// What was said of the file as a whole, to be said otherwise.
pub(super) fn reading(session: &Session, import: &Import, typed: Option<&Fields>) -> Markup {
    let typed = typed.filter(|fields| fields.is_ticked(AGAIN));
    let value = |name: &str| typed.and_then(|fields| fields.get(name));
    let text = |name: &'static str, label: &str| {
        html! { div { label for=(format!("again-{name}")) { (label) } input type="text" id=(format!("again-{name}")) name=(name) maxlength="1000" value=[value(name)]; } }
    };
    let asked = &import.asked;
    html! {
        details open[typed.is_some()] {
            summary { "読み方を直して読み直す" }
            form method="post" action=(format!("{}/answers", super::paths::address(import.id))) class="sheetlike" {
                (secret(session))
                div class="fields" {
                    (text("effective_on", "いつからの状況か（例: 2026-10-31、令和8年10月）"))
                    @if session.origin.actor.grant.municipality().is_none() { (text("municipality", "どの団体の表か（団体コードか団体名）")) }
                    (text("fiscal_year", "何年度の件数か（例: 令和7年度）"))
                    (text("sheet", "シートの名前"))
                    (text("marks", "記号の意味（例: ー=未対応、△=2）"))
                    (text("columns", "見出しの意味（例: 状況=段階、予備欄=使わない）"))
                    (text("names", "名前の意味（例: り災証明=hisaisha-01、かすみ市=082309）"))
                    (how(OF_CELLS[0], "again", value("hidden").or(asked.hidden.as_deref())))
                    (how(OF_CELLS[1], "again", value("blank").or(asked.blank.as_deref())))
                    (how(OF_CELLS[2], "again", value("fill").or(asked.fill.as_deref())))
                    div {
                        label for="again-layout" { "表の形" }
                        select id="again-layout" name="layout" { option value="" { "今のまま" } @for one in Layout::ALL { option value=(one.code()) { (one.label()) } } }
                    }
                    div {
                        label for="again-encoding" { "文字コード" }
                        select id="again-encoding" name="encoding" { option value="" { "今のまま" } @for one in Encoding::ALL { option value=(one.code()) { (one.label()) } } }
                    }
                }
                input type="hidden" name=(AGAIN) value="true";
                p class="go" { button type="submit" { "読み直す" } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(pairs: &[(&str, &str)]) -> Vec<Answer> {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        answers(&Fields::of(pairs)).unwrap()
    }

    #[test]
    fn words_count_where_no_choice_was_made() {
        let answer = |parameter: &str, about: Option<&str>, value: &str| {
            (parameter.to_owned(), about.map(str::to_owned), value.to_owned())
        };
        assert_eq!(
            answered(&[("a0", "marks:ー=not_applicable"), ("a1", ""), ("t2", ""), ("csrf", "x")]),
            [answer("marks", None, "ー=not_applicable")]
        );
        let words = [("k0", "names:り災: 証明"), ("t0", " hisaisha-01 ")];
        let expected = [answer("names", Some("り災: 証明"), "hisaisha-01")];
        assert_eq!(answered(&words), expected);
        assert_eq!(answered(&[words[0], words[1], ("a0", OTHER)]), expected);
        // Whoever chose an answer has not meant what stands beside it.
        assert_eq!(
            answered(&[("a0", "names:り災=hisaisha-02"), words[0], words[1]]),
            [answer("names", None, "り災=hisaisha-02")]
        );
        assert_eq!(answered(&[("encoding", "cp932"), ("sheet", "")]), [answer("encoding", None, "cp932")]);
        let refused = answers(&Fields::of(vec![("x".to_owned(), "1".to_owned())]));
        assert!(refused.is_err());
    }
}
