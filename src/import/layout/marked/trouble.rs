//! Why a cell was not taken: what is asked of the sender, and what the fault says.

use chrono::NaiveDate;

use crate::domain::applicability::Applicability;
use crate::domain::readiness::{Channel, Scale};
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::layout::unknown::left_out;
use crate::import::marks::{Choice, Meaning, Open, Question, Time, Unread, absence_in, told_time, way};

/// Why a cell was not taken.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    Unread(Unread),
    Binary,
    Above,
    /// The file explains the mark otherwise than is usual.
    Legend(Meaning),
    /// It hangs on other channels, and there are none.
    Alone,
    /// It stands in a column of counts, which is asked about as a whole.
    Counted,
}

/// What is asked about a cell that was not taken.
pub(super) fn open(trouble: &Trouble) -> Option<Open> {
    Some(match trouble {
        Trouble::Binary => Open::Binary,
        Trouble::Above => Open::Above,
        // A mark that the file explains and one that nobody knows are one question.
        Trouble::Legend(_) | Trouble::Alone => Open::Meaning,
        Trouble::Counted => return None,
        Trouble::Unread(unread) => match unread {
            Unread::Unknown | Unread::Dash => Open::Meaning,
            Unread::Day => Open::Day,
            Unread::Address => Open::Address,
            Unread::WhichAbsence => Open::WhichAbsence,
            Unread::TwoMarks | Unread::Disagreement(..) | Unread::Refused(_) => return None,
        },
    })
}

/// What is wrong with a column of which a text of the file says that it holds numbers of something, and the
/// question that mends it: it is left out, or it holds levels all the same.
pub(super) fn numbers(name: &str, text: &str, example: &str, channel: Option<&Channel>) -> Fault {
    let (shown, said) = (cut(name, 100), cut(text, 60));
    let message = format!(
        "ファイルに「{said}」とあるため、この列の数（{} など）は段階として読みません。取り込まない（ignore）か、何の列か（columns）を指定してください",
        cut(example, 20)
    );
    let levels = channel.map(|channel| Choice {
        parameter: "columns".to_owned(),
        value: format!("{}={}", fold_for_match(name), channel.id),
        label: format!("{}の段階として読む", channel.label_ja),
    });
    let question = format!("「{shown}」列は、ファイルに「{said}」とあります。取り込まないことにしますか");
    let question = Question {
        mark: shown,
        headings: vec![cut(name, 60)],
        choices: [left_out(name)].into_iter().chain(levels).collect(),
        ..Question::about_the_file("columns", question, [])
    };
    Fault::whole("column_of_counts", message).found(name).allowing("段階、記号").asking(question)
}

/// What is wrong with a (folded) cell that nobody can read without being told what it means.
pub(super) fn unknown(folded: &str, today: NaiveDate) -> &'static str {
    let is_flag = ["true", "false"].contains(&folded.to_lowercase().as_str());
    match told_time(folded, today) {
        _ if is_flag => {
            "はい・いいえ（TRUE・FALSE、チェックボックス）の値です。それぞれ何を意味するか指定してください"
        }
        Some(Time::Reversed) => {
            "期間の終わりが始まりより前です。日付を直すか、何を意味するか指定してください"
        }
        Some(Time::Over) => {
            "書かれている期間はもう終わっています。今の段階（終わったなら0）に直すか、何を意味するか指定してください"
        }
        Some(Time::Ends) => {
            "終わりの時期が書かれていますが、終わりの日は記録できません。今の段階に直すか、何を意味するか指定してください"
        }
        Some(Time::Ahead) => {
            "これからの時期が書かれていて、今の段階が分かりません。予定なら「予定（時期）」と書くか、何を意味するか指定してください"
        }
        None => "意味の分からない記号です。直すか、何を意味するか指定してください",
    }
}

/// What is wrong with a cell that was not taken.
pub(super) fn fault(trouble: &Trouble, folded: &str, scale: Option<Scale>) -> Fault {
    let (code, message, allowed) = match trouble {
        Trouble::Binary => (
            "binary_column",
            "段階を表すものが 0 と 1 しかない列です。何を意味するか指定してください".to_owned(),
            "binary=flag（1 は ○）または binary=level（段階）".to_owned(),
        ),
        Trouble::Above => (
            "ambiguous_mark",
            format!(
                "取り込めなかった行だけでは「{folded}」が「○」より上かどうか分かりません。何を意味するか指定してください"
            ),
            format!("marks={folded}=4（元の列に ○ もあったとき）、{folded}=3+（なかったとき）"),
        ),
        Trouble::Alone => (
            "no_other_channel",
            "この表には接点が1つしかないため「ほかの接点による」は使えません".to_owned(),
            format!("marks={folded}=0（未対応）、{folded}=not_applicable（制度なし）など"),
        ),
        Trouble::Unread(Unread::Dash) => (
            "ambiguous_mark",
            "横棒の意味はファイルごとに違います。何を意味するか指定してください".to_owned(),
            format!(
                "marks={folded}=not_applicable（制度なし）、{folded}=0（未対応）、{folded}=nothing（変えない）など"
            ),
        ),
        Trouble::Unread(Unread::Day) => (
            "day_without_mark",
            "日付だけでは、その日から対応したのか予定なのか分かりません。何を意味するか指定してください"
                .to_owned(),
            "marks=日付=3+（その日から対応）、日付=planned（その日の予定）、日付=note（備考だけ）など"
                .to_owned(),
        ),
        Trouble::Unread(Unread::Address) => (
            "address_without_mark",
            "アドレスだけでは、窓口で何ができるのか分かりません。何を意味するか指定してください".to_owned(),
            "marks=URL=1（記載支援）、URL=note（備考だけ）など".to_owned(),
        ),
        Trouble::Unread(Unread::WhichAbsence) => (
            "ambiguous_mark",
            format!(
                "「{folded}」が、この{}だけのことか、手続そのもののことか分かりません。どちらか指定してください",
                way(scale)
            ),
            format!(
                "marks={folded}=0（この{}だけ）、{folded}={}（手続そのもの）",
                way(scale),
                absence_in(folded).unwrap_or(Applicability::NotApplicable).code()
            ),
        ),
        Trouble::Unread(Unread::TwoMarks) => (
            "two_marks",
            "違う印が2つ以上あります。1つにしてください".to_owned(),
            "○ × など、どれか1つ".to_owned(),
        ),
        Trouble::Unread(Unread::Disagreement(number, level)) => {
            let name = scale.map_or_else(
                || format!("段階{level}"),
                |scale| format!("段階{level}（{}）", level.label(scale)),
            );
            (
                "contradiction",
                format!("番号は {number} なのに、言葉は{name}です。どちらかに揃えてください"),
                format!("{level}、または段階{number}の言葉"),
            )
        }
        Trouble::Unread(Unread::Refused(refusal)) => return Fault::of(refusal.clone()),
        // Told where the profile is known.
        Trouble::Legend(_) | Trouble::Counted | Trouble::Unread(Unread::Unknown) => {
            ("unknown_mark", "意味の分からない記号です".to_owned(), String::new())
        }
    };
    Fault::whole(code, message).allowing(allowed)
}
