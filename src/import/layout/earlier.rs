//! Headings of what was so before: 昨年度の状況 beside 今年度の状況, 前回 beside 今回. It is not what holds today.

use chrono::NaiveDate;

use crate::domain::dates::{Dated, FiscalYear, Precision};
use crate::domain::text::fold_for_match;
use crate::import::headings::pieces_of;
use crate::import::marks::{Choice, Question, likeliest_first};

/// Years before this one, and how many before.
const YEARS: [(&str, i32); 5] =
    [("一昨年度", 2), ("前々年度", 2), ("昨年度", 1), ("前年度", 1), ("去年度", 1)];

/// Whether a heading speaks of an earlier state: neither of how much has changed since, nor of a day.
pub(super) fn tells_earlier(heading: &str) -> bool {
    const WORDS: [&str; 13] = [
        "昨年",
        "前年",
        "去年",
        "前々年",
        "前回",
        "前期",
        "前々回",
        "従前",
        "従来",
        "変更前",
        "更新前",
        "改正前",
        "見直し前",
    ];
    const CHANGES: [&str; 8] = ["比", "差", "増減", "変化", "変更点", "から", "との", "日"];
    pieces_of(heading).any(|piece| {
        let folded = fold_for_match(piece);
        let changes =
            CHANGES.iter().any(|word| folded.ends_with(word) || folded.contains(&format!("年度{word}")));
        !changes && WORDS.iter().any(|word| folded.contains(word))
    })
}

/// The fiscal year that a heading names by its distance from today.
pub(super) fn earlier_year(heading: &str, today: NaiveDate) -> Option<Dated> {
    let folded = fold_for_match(heading);
    let (_, before) = YEARS.iter().find(|(word, _)| tells_earlier(heading) && folded.contains(word))?;
    let year = FiscalYear::new(FiscalYear::of(today).number() - before).ok()?;
    Some(Dated::day(year.last_day()).at_precision(Precision::FiscalYear))
}

/// The question of what a column is, with leaving it out as the likeliest answer where it is of an earlier state.
pub(super) fn likely_left_out(heading: &str, mut question: Question) -> Question {
    let is_left_out = |choice: &&Choice| choice.parameter == "ignore";
    if tells_earlier(heading)
        && let Some(value) = question.choices.iter().find(is_left_out).map(|choice| choice.value.clone())
    {
        likeliest_first(&mut question.choices, Some(&value));
        "以前の状況なので、この列は取り込まない".clone_into(&mut question.choices[0].label);
        question.suggestion = Some(value);
    }
    question
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_so_before_is_called_so() {
        for heading in
            ["昨年度の状況", "前回", "前回（R7.4）", "オンライン（前年度）", "昨年度／オンライン", "変更前"]
        {
            assert!(tells_earlier(heading), "{heading}");
        }
        for heading in [
            "今年度の状況",
            "今回",
            "前年度比",
            "前年度との差",
            "前年度からの増減",
            "オンライン",
            "前回更新日",
            "事前予約",
        ] {
            assert!(!tells_earlier(heading), "{heading}");
        }
        let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap_or_default();
        let year = |heading: &str| earlier_year(heading, today).map(Dated::in_words);
        assert_eq!(year("昨年度の状況").as_deref(), Some("2025年度"));
        assert_eq!(year("一昨年度").as_deref(), Some("2024年度"));
        assert_eq!(year("前回"), None);
    }
}
