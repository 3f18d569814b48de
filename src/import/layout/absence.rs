//! What a column of applicability says: the code, the label or a part of the label, or the mark for it
//! that other columns have.

use crate::domain::applicability::Applicability;
use crate::domain::shared::SharedText;
use crate::domain::text::{cut, fold_for_match};
use crate::import::marks::{Meaning, Question, absence};
use crate::import::{Fault, Field};

/// Reads a cell; `None` if it is nothing of that.
pub(super) fn read_applicability(text: &str) -> Option<Applicability> {
    /// What the column itself asks: whether there is such a procedure.
    const YES: [&str; 10] = ["有", "有り", "あり", "○", "〇", "該当あり", "対象", "対象内", "はい", "yes"];
    const NO: [&str; 8] = ["無", "無し", "なし", "×", "非該当", "対象外", "いいえ", "no"];
    let folded = fold_for_match(text);
    if YES.contains(&folded.as_str()) {
        return Some(Applicability::Applicable);
    }
    if NO.contains(&folded.as_str()) {
        return Some(Applicability::NotApplicable);
    }
    let known = Applicability::ALL.iter().copied().find(|value| {
        value.code() == folded
            || fold_for_match(value.label()) == folded
            || value.label().split(['・', '（']).any(|part| fold_for_match(part) == folded)
    });
    known.or_else(|| absence(text))
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
                assert_eq!(read_applicability(word), Some(expected), "{word}");
            }
        }
        for word in ["予定", "3", "検討中", ""] {
            assert_eq!(read_applicability(word), None, "{word}");
        }
    }
}
