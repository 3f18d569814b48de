//! In which words people say what a mark means.

use std::str::FromStr;

use super::meaning::{Meaning, PLANNED};
use super::plans::plan;
use super::words;
use crate::domain::Refusal;
use crate::domain::readiness::{Level, Scale, State};
use crate::domain::text::{fold_for_match, fold_mark};

/// Words for a meaning beside its code and the words that cells have, folded.
const ANSWERS: &[(&str, &[&str])] = &[
    ("full", &["○より上"]),
    ("0", &["この手段なし", "この手段はなし", "この接点だけ", "この接点なし", "この接点はなし"]),
    ("not_applicable", &["手続そのもの", "手続なし"]),
    ("other_body", &["他団体", "ほかの団体", "他の団体"]),
    (
        "elsewhere",
        &[
            "ほかの接点による",
            "ほかの接点を見る",
            "他の接点による",
            "他の接点を見る",
            "ほかの接点に印があればこの手段なし、なければ制度なし",
            "ほかの接点に印があれば段階0(紙に手書き)、なければ制度なし",
            "ほかの接点に印があればこの手段なし(段階0)、なければ制度なし",
        ],
    ),
    ("planned", &["計画", "予定あり"]),
    ("note", &["備考", "備考だけ", "備考のみ", "備考に書く", "メモ"]),
    ("nothing", &["変えない", "そのまま", "変更なし", "読まない", "無視", "取り込まない"]),
];

/// Words that could be taken in several ways as an answer, and what each of them might mean.
const AMBIGUOUS: &[&str] = &["なし", "無し", "無", "ない", "無い"];

impl Meaning {
    fn of_code(text: &str) -> Option<Self> {
        Some(match text {
            "full" => Self::Full,
            "elsewhere" => Self::Elsewhere,
            PLANNED => Self::Planned(None),
            "note" => Self::Note,
            "nothing" => Self::Nothing,
            "not_applicable" | "other_body" | "abolished" => Self::Applicability(text.parse().ok()?),
            _ => Self::State(text.parse().ok().filter(|state| *state != State::Live)?),
        })
    }

    /// What is planned for a day: 予定 R9.4, 令和9年度予定.
    fn of_plan(text: &str) -> Option<Self> {
        let folded = fold_mark(text);
        let found = match folded.strip_prefix(PLANNED) {
            Some(day) => plan(&format!("予定 {day}"))?,
            None => plan(&folded)?,
        };
        Some(Self::Planned(found.on))
    }

    /// A level with its name: 段階4（オンライン申請可）.
    fn of_named_level(text: &str) -> Option<Self> {
        let (number, name) = text.strip_suffix(')')?.split_once('(')?;
        let level = Self::of_level(words::level(number)?);
        // Nothing is above the highest level: it has one name.
        let highest = level == Self::Level(Level::MAX, true);
        let names = |found| found == Some(level) || highest && found == Some(Self::Level(Level::MAX, false));
        Scale::ALL.iter().any(|scale| names(words::usual(name, *scale))).then_some(level)
    }

    /// The meaning of a word that cells have, where it does not depend on the scale.
    fn of_word(text: &str) -> Result<Option<Self>, Refusal> {
        let [online, counter] =
            Scale::ALL.iter().map(|scale| words::usual(text, *scale)).collect::<Vec<_>>()[..]
        else {
            return Ok(None);
        };
        match (online, counter) {
            (Some(one), Some(other)) if one != other => {
                Err(ambiguous(text, &[one.label(Some(Scale::Online)), other.label(Some(Scale::Counter))]))
            }
            (one, other) => Ok(one.or(other)),
        }
    }

    fn of_level((level, at_least): (Level, bool)) -> Self {
        Self::Level(level, at_least)
    }
}

fn ambiguous(text: &str, readings: &[String]) -> Refusal {
    Refusal::new(
        "ambiguous_meaning",
        text,
        "2通りに読める言葉です。どちらかを指定してください",
        "a word that has two readings",
    )
    .allowed(readings.join("、"))
}

impl FromStr for Meaning {
    type Err = Refusal;

    /// Reads a code, or a word for it: 制度なし, 段階2, 3以上, 全部, 予定, 備考だけ, 変えない.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let folded = fold_for_match(text);
        if let Some(found) = Self::of_code(&folded) {
            return Ok(found);
        }
        if AMBIGUOUS.contains(&folded.as_str()) {
            let readings =
                ["0（未対応）", "not_applicable（制度なし）", "nothing（変えない）"].map(str::to_owned);
            return Err(ambiguous(text, &readings));
        }
        let answer = ANSWERS.iter().find(|(_, words)| words.contains(&folded.as_str()));
        if let Some(found) = answer
            .and_then(|(code, _)| words::level(code).map(Self::of_level).or_else(|| Self::of_code(code)))
        {
            return Ok(found);
        }
        match words::level(&folded) {
            Some((Level::ZERO, true)) => return Err(says_nothing(text)),
            Some(level) => return Ok(Self::of_level(level)),
            None => {}
        }
        // An empty cell says nothing; an empty answer is none.
        let word = if folded.is_empty() {
            None
        } else {
            Self::of_word(&folded)?.or_else(|| Self::of_named_level(&folded)).or_else(|| Self::of_plan(text))
        };
        word.ok_or_else(|| {
            Refusal::new(
                "unknown_meaning",
                text,
                "記号の意味の書き方が正しくありません",
                "no meaning of a mark",
            )
            .allowed(Self::CODES)
        })
    }
}

/// "At least 0" is true of everything.
pub(in crate::import) fn says_nothing(text: &str) -> Refusal {
    Refusal::new(
        "at_least_zero",
        text,
        "「0以上」は何も表しません。0（未対応）か、1以上の段階を書いてください",
        "at least 0 says nothing",
    )
    .allowed("0〜5、1+〜5+")
}

#[cfg(test)]
mod tests {
    use super::super::meaning::Binary;
    use super::*;
    use crate::domain::dates::Dated;
    use crate::domain::dates::Precision;
    use proptest::prelude::*;

    fn code(text: &str) -> String {
        text.parse::<Meaning>().unwrap_or_else(|refusal| panic!("{text}: {refusal}")).code()
    }

    #[test]
    fn answers_are_taken_in_words() {
        for (expected, words) in [
            ("0", "未対応 未 × 段階0 紙 紙に手書き この接点だけ この手段なし ０ いいえ"),
            ("1", "様式 案内・様式のみ 支援 記載支援 段階1 レベル１"),
            ("2", "段階2 予約 端末 端末入力 Lv2"),
            ("3", "3 段階3 一部 一部オンライン 書かない △ 3.0"),
            ("3+", "3以上 段階3以上 3+ ○ 済 可 対応済み"),
            ("4", "全部 オンライン申請可 連携 書かない＋データ連携 段階4"),
            ("5", "完結 デジタル完結 一か所 書かないワンストップ"),
            ("not_applicable", "制度なし 該当なし 対象外 制度なし・該当なし 手続そのもの"),
            ("other_body", "他団体 組合 県 広域 他団体の事務（組合・県）"),
            ("abolished", "廃止"),
            ("planned", "予定 準備中"),
            ("planned 2027年4月", "予定（R9.4） 令和9年4月予定 予定R9.4"),
            ("planned 2026年度", "R8年度中に実施予定 令和8年度予定 planned2026年度"),
            ("planned 2027-04-01", "予定2027-04-01"),
            ("suspended", "停止中 停止 休止中"),
            ("seasonal", "受付期間外 期間外"),
            ("prepared", "備 発災時に公開"),
            ("note", "備考 備考だけ 備考に書く 検討中"),
            ("nothing", "変えない そのまま 未回答 取り込まない"),
            ("elsewhere", "elsewhere ほかの接点による"),
            ("full", "◎ ○より上"),
        ] {
            for word in words.split(' ') {
                assert_eq!(code(word), expected, "{word}");
            }
        }
    }

    #[test]
    fn words_with_two_readings_are_refused_with_both() {
        for text in ["なし", "無し", "無"] {
            let refusal = text.parse::<Meaning>().unwrap_err();
            assert_eq!(refusal.code, "ambiguous_meaning");
            let allowed = refusal.allowed.unwrap();
            assert!(allowed.contains("制度なし") && allowed.contains("未対応"), "{allowed}");
        }
        assert_eq!("0+".parse::<Meaning>().unwrap_err().code, "at_least_zero");
        assert_eq!("0以上".parse::<Meaning>().unwrap_err().code, "at_least_zero");
        for text in ["", "maybe", "6", "7+", "段階6", "-1"] {
            assert_eq!(text.parse::<Meaning>().unwrap_err().code, "unknown_meaning", "{text}");
        }
    }

    #[test]
    fn what_is_offered_can_be_answered_in_its_own_words() {
        let simple = [
            "not_applicable",
            "other_body",
            "abolished",
            "nothing",
            "elsewhere",
            "0",
            "1+",
            "3",
            "3+",
            "4+",
            "5",
            "5+",
        ];
        for meaning in simple.map(|code| code.parse::<Meaning>().unwrap()) {
            for scale in [None, Some(Scale::Online), Some(Scale::Counter)] {
                assert_eq!(meaning.label(scale).parse::<Meaning>().unwrap(), meaning, "{scale:?}");
            }
        }
    }

    #[test]
    fn columns_of_0_and_1_are_explained_in_words() {
        for (text, expected) in [
            ("印", Binary::Flag),
            ("flag", Binary::Flag),
            ("段階", Binary::Level),
            ("1 は ○、0 は ×", Binary::Flag),
        ] {
            assert_eq!(Binary::in_words(text).unwrap(), expected, "{text}");
        }
        assert!(Binary::in_words("ほか").is_err());
    }

    proptest! {
        #[test]
        fn meanings_survive_their_codes(level in 0u8..=5, plus in any::<bool>()) {
            prop_assume!(!(level == 0 && plus));
            let text = format!("{level}{}", if plus { "+" } else { "" });
            prop_assert_eq!(text.parse::<Meaning>().unwrap().code(), text);
        }

        #[test]
        fn plans_survive_their_codes(days in 0i64..20_000, precision in 0usize..3) {
            let day = chrono::NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + chrono::Days::new(days.unsigned_abs());
            let on = Dated::day(day).at_precision(Precision::ALL[precision]);
            let meaning = Meaning::Planned(Some(on));
            prop_assert_eq!(meaning.code().parse::<Meaning>().unwrap(), meaning);
        }

        #[test]
        fn no_answer_panics(text in "\\PC{0,20}") {
            let _ = text.parse::<Meaning>();
            let _ = Binary::in_words(&text);
        }
    }
}
