//! Titles of tables whose numbers are no counts: rates, days, money. A heading that says no more than a year does
//! not say it itself.

use crate::domain::text::fold_for_match;

/// Words for applications that were counted.
const COUNTS: [&str; 7] = ["件数", "申請数", "受付数", "利用数", "処理数", "届出数", "人数"];
/// Words for numbers that are none, also beside a word for counts.
const OTHERS: [&str; 6] = ["率", "割合", "比率", "日数", "平均", "当たり"];
/// Words that counts may be counted by as well: 手数料のある手続の件数.
const OTHERS_ALONE: [&str; 10] =
    ["金額", "収入", "総額", "時間", "人口", "手数料", "費用", "経費", "コスト", "満足度"];
/// Units of such numbers.
const UNITS: [&str; 14] = [
    "円",
    "千円",
    "万円",
    "百万円",
    "億円",
    "%",
    "パーセント",
    "ポイント",
    "日",
    "時間",
    "分",
    "秒",
    "点",
    "世帯",
];
/// Words that hold a letter of [`OTHERS`] and mean none of them.
const NO_RATES: [&str; 3] = ["効率", "率先", "能率"];

/// Whether a title speaks of applications that were counted.
pub(in crate::import::layout) fn calls_counts(title: &str) -> bool {
    COUNTS.iter().any(|word| title.contains(word))
}

/// Whether a title says that the numbers below it are other ones than counts.
pub(super) fn calls_other_numbers(title: &str) -> bool {
    /// Longer text is no title.
    const LONGEST: usize = 60;
    let mut folded = fold_for_match(title);
    if folded.chars().count() > LONGEST {
        return false;
    }
    for word in NO_RATES {
        folded = folded.replace(word, "");
    }
    let says = |words: &[&str]| words.iter().any(|word| folded.contains(word));
    let parts = folded.split(|c: char| "()[]〔〕【】「」:・、,/".contains(c));
    let mut units = parts.map(|part| part.trim_start_matches("単位"));
    says(&OTHERS)
        || (!calls_counts(&folded) && says(&OTHERS_ALONE))
        || units.any(|unit| UNITS.contains(&unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_of_other_numbers_are_told_from_those_of_counts() {
        for title in [
            "行方市　オンライン利用率の推移（％）",
            "平均処理日数（日）",
            "手続別手数料収入（千円）",
            "（単位：円）",
            "電子申請の割合",
            "電子申請利用件数と利用率",
            "窓口の待ち時間",
        ] {
            assert!(calls_other_numbers(title), "{title}");
        }
        for title in [
            "行方市　電子申請利用件数",
            "手続別申請件数（件）",
            "手数料のある手続の件数",
            "業務効率化のための申請件数調べ",
            "行政手続の円滑化",
            "オンライン申請の推移",
        ] {
            assert!(!calls_other_numbers(title), "{title}");
        }
    }
}
