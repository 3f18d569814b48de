//! What a column of applicability says: the code, the label or a part of the label, or the mark for it
//! that other columns have.

use crate::domain::applicability::Applicability;
use crate::domain::shared::SharedText;
use crate::domain::text::{cut, fold_for_match};
use crate::import::marks::{Meaning, Question, absence};
use crate::import::{Fault, Field};

/// Reads a cell of a column; `None` if it is nothing of that.
///
/// A heading may itself say that there is no such procedure, 制度なし: then a circle below it says so, and a
/// cross says that there is one.
pub(super) fn read_applicability(heading: &str, text: &str) -> Option<Applicability> {
    /// Answers to what the heading asks.
    const YES: [&str; 5] = ["○", "〇", "はい", "yes", "true"];
    const NO: [&str; 4] = ["×", "いいえ", "no", "false"];
    /// What the column itself asks: whether there is such a procedure. Under a heading that says "none" they may
    /// mean either.
    const THERE_IS: [&str; 6] = ["有", "有り", "あり", "該当あり", "対象", "対象内"];
    const THERE_IS_NOT: [&str; 5] = ["無", "無し", "なし", "非該当", "対象外"];
    let folded = fold_for_match(text);
    let is_one_of = |words: &[&str]| words.contains(&folded.as_str());
    let denied =
        named(&fold_for_match(heading)).or_else(|| absence(heading)).filter(|value| !value.applies());
    match denied {
        Some(value) if is_one_of(&YES) => return Some(value),
        Some(_) if is_one_of(&NO) => return Some(Applicability::Applicable),
        Some(_) => {}
        None if is_one_of(&YES) || is_one_of(&THERE_IS) => return Some(Applicability::Applicable),
        None if is_one_of(&NO) || is_one_of(&THERE_IS_NOT) => return Some(Applicability::NotApplicable),
        None => {}
    }
    named(&folded).or_else(|| absence(text))
}

/// The value of a code, a label or a part of a label.
fn named(folded: &str) -> Option<Applicability> {
    Applicability::ALL.iter().copied().find(|value| {
        value.code() == folded
            || fold_for_match(value.label()) == folded
            || value.label().split(['・', '（']).any(|part| fold_for_match(part) == folded)
    })
}

/// A dash in a column of whether procedures are performed: what is wrong, and the question that mends it.
pub(super) fn dash(heading: &str) -> Fault {
    let meanings = [
        Meaning::Applicability(Applicability::NotApplicable),
        Meaning::Applicability(Applicability::OtherBody),
        Meaning::Nothing,
    ];
    let choices = meanings.map(|meaning| (format!("ー={}", meaning.code()), meaning.label(None)));
    let question = format!("「{}」列の「ー」は何を意味しますか", cut(heading, 100));
    let question =
        Question { mark: "ー".to_owned(), ..Question::about_the_file("marks", question, choices) };
    let message = "横棒の意味はファイルごとに違います。何を意味するか指定してください";
    let allowed = "marks=ー=not_applicable（制度なし）、ー=nothing（変えない）など";
    Fault::whole("ambiguous_mark", message).allowing(allowed).asking(question)
}

/// A reason with a remark that stands beside it: beside "not performed" a remark is a reason.
pub(super) fn with_remark(reason: Field<SharedText>, remark: Field<SharedText>) -> Field<SharedText> {
    match (reason, remark) {
        (Field::Set(reason), Field::Set(remark)) if reason != remark => {
            Field::Set(format!("{reason}；{remark}").into())
        }
        (Field::Set(reason), _) => Field::Set(reason),
        (Field::Keep, remark) => remark,
        (Field::Clear, Field::Set(remark)) => Field::Set(remark),
        (Field::Clear, _) => Field::Clear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_column_are_read() {
        for (words, expected) in [
            ("該当 有 ○ あり 該当あり applicable", Applicability::Applicable),
            ("無 × なし 該当なし 制度なし 対象外 not_applicable", Applicability::NotApplicable),
            ("県 組合 広域 他団体の事務", Applicability::OtherBody),
            ("廃止", Applicability::Abolished),
        ] {
            for word in words.split(' ') {
                assert_eq!(read_applicability("該当性", word), Some(expected), "{word}");
            }
        }
        for word in ["予定", "3", "検討中", ""] {
            assert_eq!(read_applicability("該当性", word), None, "{word}");
        }
    }

    #[test]
    fn a_circle_under_none_says_that_there_is_none() {
        for heading in ["制度なし", "対象外", "該当なし", "制度なし・該当なし"] {
            assert_eq!(read_applicability(heading, "○"), Some(Applicability::NotApplicable), "{heading}");
            assert_eq!(read_applicability(heading, "×"), Some(Applicability::Applicable), "{heading}");
            assert_eq!(
                read_applicability(heading, "制度なし"),
                Some(Applicability::NotApplicable),
                "{heading}"
            );
            assert_eq!(read_applicability(heading, "有"), None, "{heading}");
        }
        assert_eq!(read_applicability("廃止", "○"), Some(Applicability::Abolished));
    }
}
