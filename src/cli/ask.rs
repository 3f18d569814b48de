//! Questions about a file, asked at a terminal.

use std::io::Write;

use crate::domain::Refusal;
use crate::import::marks::{Choice, Question};
use crate::import::options::Asked;

/// What became of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answered {
    /// At least one question was answered.
    Some,
    /// The person gave up.
    None,
}

/// Asks the questions one after the other and notes the answers. An empty line takes what the file
/// itself suggests, or gives up where it suggests nothing. An answer that `check` refuses is asked for
/// again at once.
pub(super) fn ask(
    questions: &[Question],
    asked: &mut Asked,
    check: impl Fn(&Asked) -> anyhow::Result<Option<Refusal>>,
) -> anyhow::Result<Answered> {
    let mut out = std::io::stderr();
    for (number, question) in (1..).zip(questions) {
        writeln!(out, "質問 {number}/{}: {}", questions.len(), told(question))?;
        loop {
            write!(out, "{} ", prompt(question))?;
            out.flush()?;
            let mut line = String::new();
            if std::io::stdin().read_line(&mut line)? == 0 {
                return Ok(Answered::None);
            }
            let (parameter, value) = match chosen(question, line.trim()) {
                Chosen::Choice(choice) => (&choice.parameter, choice.value.as_str()),
                Chosen::Free(text) => (&question.parameter, text),
                Chosen::Nothing => return Ok(Answered::None),
                Chosen::NoSuchNumber => {
                    writeln!(out, "1〜{} の番号か、意味そのものを書いてください。", question.choices.len())?;
                    continue;
                }
            };
            let mut with_it = asked.clone();
            with_it.answer(parameter, &question.mark, value);
            match check(&with_it)? {
                None => {
                    *asked = with_it;
                    break;
                }
                Some(refusal) => writeln!(out, "{}", refused(&refusal))?,
            }
        }
    }
    Ok(Answered::Some)
}

/// The name under which the answers are to be kept; none if they are not.
pub(super) fn keep_as() -> anyhow::Result<Option<String>> {
    let mut out = std::io::stderr();
    write!(out, "残す名前（半角の英小文字・数字・-。空欄で残さない）: ")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(Some(line.trim().to_owned()).filter(|name| !name.is_empty()))
}

/// Why an answer cannot be taken, and what can.
fn refused(refusal: &Refusal) -> String {
    let details = [("使える値", &refusal.allowed), ("候補", &refusal.suggestion)];
    let details: Vec<String> = details
        .into_iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}: {value}")))
        .collect();
    let value = if refusal.value.is_empty() { String::new() } else { format!("「{}」: ", refusal.value) };
    let details = if details.is_empty() { String::new() } else { format!("（{}）", details.join("、")) };
    format!("{value}{}{details}", refusal.ja)
}

/// A question with its choices, in one line.
fn told(question: &Question) -> String {
    let mut text = question.question.clone();
    if question.count > 1 || !question.headings.is_empty() {
        let headings: Vec<String> =
            question.headings.iter().map(|heading| format!("「{heading}」")).collect();
        let between = if headings.is_empty() { "" } else { ": " };
        text.push_str(&format!("（{}か所{between}{}）", question.count, headings.concat()));
    }
    let choices: Vec<String> =
        (1..).zip(&question.choices).map(|(number, choice)| format!("{number}) {}", choice.label)).collect();
    if !choices.is_empty() {
        text.push_str(&format!(" {}", choices.join("  ")));
    }
    text
}

fn prompt(question: &Question) -> String {
    let suggested = suggestion(question).map(|(number, _)| number);
    match (suggested, question.choices.is_empty()) {
        (Some(number), _) => format!("番号か意味（空欄なら {number}）:"),
        (None, false) => "番号か意味（空欄でやめる）:".to_owned(),
        (None, true) => "答え（空欄でやめる）:".to_owned(),
    }
}

fn suggestion(question: &Question) -> Option<(usize, &Choice)> {
    let suggested = question.suggestion.as_deref()?;
    (1..).zip(&question.choices).find(|(_, choice)| choice.value == suggested)
}

#[derive(Debug, PartialEq)]
enum Chosen<'q> {
    Choice(&'q Choice),
    Free(&'q str),
    Nothing,
    NoSuchNumber,
}

fn chosen<'q>(question: &'q Question, line: &'q str) -> Chosen<'q> {
    if line.is_empty() {
        return suggestion(question).map_or(Chosen::Nothing, |(_, choice)| Chosen::Choice(choice));
    }
    let number = line.parse::<usize>().ok().filter(|_| !question.choices.is_empty());
    match number {
        Some(number) => {
            question.choices.get(number.wrapping_sub(1)).map_or(Chosen::NoSuchNumber, Chosen::Choice)
        }
        None => match question.choices.iter().find(|choice| choice.label == line || choice.value == line) {
            Some(choice) => Chosen::Choice(choice),
            None => Chosen::Free(line),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(suggestion: Option<&str>) -> Question {
        let choices = [("ー=0", "段階0"), ("ー=not_applicable", "制度なし・該当なし")];
        let choices = choices.map(|(value, label)| (value.to_owned(), label.to_owned()));
        let question = Question::about_the_file("marks", "「ー」は何を意味しますか", choices);
        Question { mark: "ー".to_owned(), suggestion: suggestion.map(str::to_owned), ..question }
    }

    #[test]
    fn a_number_a_word_or_what_the_file_suggests_is_an_answer() {
        let open = question(None);
        assert_eq!(chosen(&open, "2"), Chosen::Choice(&open.choices[1]));
        assert_eq!(chosen(&open, "段階0"), Chosen::Choice(&open.choices[0]));
        assert_eq!(chosen(&open, "制度なし"), Chosen::Free("制度なし"));
        assert_eq!(chosen(&open, "3"), Chosen::NoSuchNumber);
        assert_eq!(chosen(&open, "0"), Chosen::NoSuchNumber);
        assert_eq!(chosen(&open, ""), Chosen::Nothing);
        let suggested = question(Some("ー=not_applicable"));
        assert_eq!(chosen(&suggested, ""), Chosen::Choice(&suggested.choices[1]));
        assert_eq!(told(&open), "「ー」は何を意味しますか 1) 段階0  2) 制度なし・該当なし");
    }
}
