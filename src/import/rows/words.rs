//! The words by which a row shows that it is no data.

use crate::domain::text::{fold_for_match, fold_width};
use crate::import::cells::is_formula_error;

/// Headings of columns that only number the rows, folded.
pub(super) const RUNNING_NUMBER: &[&str] =
    &["no", "no.", "№", "#", "番号", "通番", "項番", "連番", "行番号", "整理番号", "順番"];
/// What a total calls itself, folded and without brackets behind it.
pub(super) const TOTALS: &[&str] = &[
    "合計",
    "小計",
    "計",
    "中計",
    "総計",
    "総合計",
    "累計",
    "総数",
    "全体",
    "全国計",
    "全国",
    "平均",
    "県計",
    "都道府県計",
    "市町村計",
    "市区町村計",
    "total",
    "subtotal",
    "average",
];
/// What the name of a total or of a rate ends with.
pub(super) const ENDS_OF_TOTALS: &[&str] = &["計", "率", "数", "割合", "平均", "合計", "件数"];
/// What an example calls itself; nothing that is data begins so.
pub(in crate::import) const EXAMPLES: &[&str] =
    &["記入例", "入力例", "記載例", "記述例", "サンプル", "回答例"];
/// What an example calls itself where nothing, a number or a separator follows: towns and
/// procedures may begin so.
pub(super) const SHORT_EXAMPLES: &[&str] = &["例", "見本", "例示", "sample", "example"];
/// Words of instructions for whoever fills the table in.
pub(super) const INSTRUCTIONS: &[&str] = &[
    "記入",
    "入力",
    "選択",
    "半角",
    "全角",
    "必須",
    "任意",
    "ください",
    "下さい",
    "プルダウン",
    "リスト",
    "文字以内",
    "桁",
    "形式",
    "yyyy",
    "自動表示",
    "例：",
    "例:",
    "から選",
    "コード表",
    "digits",
    "e.g.",
];
/// What a row of types calls what belongs into a column, folded.
pub(super) const TYPES: &[&str] = &[
    "文字列",
    "文字",
    "テキスト",
    "数値",
    "数字",
    "整数",
    "小数",
    "日付",
    "日時",
    "コード",
    "真偽値",
    "論理値",
    "url",
    "string",
    "text",
    "varchar",
    "char",
    "integer",
    "int",
    "number",
    "numeric",
    "decimal",
    "float",
    "boolean",
    "bool",
    "date",
    "datetime",
    "code",
];

/// What stands below a table before the name of who made it and the day, folded; a colon may follow.
const COLOPHON: [&str; 31] = [
    "作成者",
    "作成日",
    "作成年月日",
    "作成部署",
    "作成課",
    "更新者",
    "更新日",
    "更新年月日",
    "最終更新",
    "最終更新日",
    "更新履歴",
    "記入者",
    "記入日",
    "回答者",
    "回答日",
    "回答課",
    "確認者",
    "確認日",
    "提出日",
    "担当者",
    "連絡先",
    "問合せ先",
    "問い合わせ先",
    "お問い合わせ先",
    "お問い合わせ",
    "問合せ",
    "出典",
    "注",
    "注意",
    "注記",
    "備考",
];

/// Whether a text begins a line about the table itself: 作成者, 更新日：, 注1.
pub(super) fn is_word_of_colophon(text: &str) -> bool {
    /// Longer text is another one.
    const LONGEST: usize = 40;
    let begins = |c: char| "作更最記回確提担連問お出注備【(（[［".contains(c);
    if text.len() > LONGEST || !text.starts_with(begins) {
        return false;
    }
    let folded = fold_for_match(text);
    let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ':' | '：' | ')' | '.'));
    let bare = bare.trim_start_matches(['(', '【', '[']).trim_end_matches(['】', ']']);
    COLOPHON.contains(&bare)
}

/// Whether a text is the number of a page: － 1 －, 1/3, P.2, 2ページ.
pub(super) fn is_numbered_page(text: &str) -> bool {
    /// Longer text is another one.
    const LONGEST: usize = 30;
    if text.len() > LONGEST {
        return false;
    }
    let folded: String = fold_width(text).to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let dash = |c: char| "-‐‑–—―−ー－~".contains(c);
    let bare = folded.trim_matches(dash);
    let number = |text: &str| (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    // A number between dashes, or named a page; a number alone may be anything.
    let between = folded.starts_with(dash) && folded.ends_with(dash) && number(bare);
    let named = ["p.", "p", "page"].iter().any(|word| bare.strip_prefix(word).is_some_and(number))
        || ["ページ", "頁"].iter().any(|word| bare.strip_suffix(word).is_some_and(number));
    let of_all = folded.split_once('/').is_some_and(|(page, all)| number(page) && number(all));
    between || named || of_all
}

/// Whether cells only number the columns: 1, 2, 3 or (1), (2), (3).
pub(super) fn is_counting(cells: &[&str]) -> bool {
    let number = |text: &&str| {
        fold_width(text).trim_matches(['(', ')', '[', ']', '列']).parse::<usize>().ok().or_else(|| {
            let circled = text.chars().next().filter(|_| text.chars().count() == 1)?;
            usize::try_from(u32::from(circled).checked_sub(0x2460)? + 1).ok().filter(|number| *number <= 20)
        })
    };
    let numbers: Option<Vec<usize>> = cells.iter().map(number).collect();
    let ascending = |numbers: &[usize]| numbers.windows(2).all(|pair| pair[1] == pair[0] + 1);
    numbers.is_some_and(|numbers| numbers.len() > 2 && numbers[0] == 1 && ascending(&numbers))
}

/// Whether a text in a column of running numbers is one: 12, 3-1, ア.
pub(super) fn is_running_number(text: &str) -> bool {
    let numbers = |c: char| c.is_ascii_alphanumeric() || c.is_ascii_punctuation() || ('①'..='⓿').contains(&c);
    text.chars().count() <= 2 || fold_width(text).chars().all(numbers)
}

pub(super) fn is_code(text: &str) -> bool {
    fold_width(text).bytes().filter(u8::is_ascii_digit).count() >= 4
}

/// A number, a rate, nothing at all by a dash, or what became of a formula.
pub(super) fn is_number(text: &str) -> bool {
    let folded = fold_width(text);
    let bare = folded
        .trim_end_matches(['件', '人', '%', '回', '通', '枚', '団', '体', '手', '続', '項', '目'])
        .trim_matches(['(', ')', '+', '-', '−', '▲', '△', '約', ' ']);
    let digits = bare.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.' | '/' | '／'));
    digits || is_formula_error(text) || matches!(bare, "ー" | "―" | "—")
}

/// Whether a text ends as counts and rates do: 対応率, 手続数（件）.
pub(super) fn ends_like_a_count(text: &str) -> bool {
    let bare = text.split(['（', '(']).next().unwrap_or(text).trim_end();
    ENDS_OF_TOTALS.iter().any(|end| bare.ends_with(end))
}

/// Whether a text ends as rates do: 電子申請率, 割合（％）.
pub(super) fn ends_like_a_rate(text: &str) -> bool {
    let bare = text.split(['（', '(']).next().unwrap_or(text).trim_end();
    bare.ends_with('率') || bare.ends_with("割合")
}

/// Whether a number may be a rate: 31.4%, 0.4.
pub(super) fn is_share(text: &str) -> bool {
    let folded = fold_width(text).replace(',', "");
    let bare = folded.trim_end_matches('%').trim_end();
    bare.parse::<f64>().map_or_else(|_| is_number(text), |number| (0.0..=100.0).contains(&number))
}

/// A look at the last letter, before a text is folded.
pub(super) fn may_be_a_total(text: &str) -> bool {
    let bare = text.trim_end_matches([')', '）']);
    bare.len() < text.len()
        || bare.ends_with(['計', '率', '数', '均', '国', '体', '合', 'l', 'L', 'e', 'E', 'ｌ', 'ｅ'])
        || bare.len() < text.len()
}

/// Whether a text is what totals are called.
pub(super) fn is_total(text: &str) -> bool {
    let folded = fold_for_match(text);
    let bare = match folded.split_once(['(', '[', '【']) {
        Some((bare, _)) if !bare.is_empty() => bare,
        _ => &folded,
    };
    TOTALS.contains(&bare)
}

/// Whether a text is made of nothing but words that totals and rates are named with: 対応済み手続数.
pub(super) fn is_general(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "手続き",
        "手続",
        "オンライン",
        "電子",
        "申請",
        "届出",
        "件数",
        "合計",
        "小計",
        "総計",
        "対応",
        "実施",
        "利用",
        "団体",
        "市区町村",
        "市町村",
        "年間",
        "うち",
        "平均",
        "割合",
        "子育て",
        "介護",
        "被災者支援",
        "関係",
        "分野",
        "全体",
        "総",
        "数",
        "率",
        "計",
        "済",
        "未",
        "み",
        "化",
        "の",
        "全",
        "各",
    ];
    let mut rest = fold_for_match(text);
    while let Some(word) = WORDS.iter().find(|word| rest.starts_with(**word)) {
        rest = rest.split_off(word.len());
    }
    rest.is_empty()
}

/// Whether a text begins as an example does.
pub(super) fn is_example(text: &str) -> bool {
    let begins = text.starts_with(['例', '記', '入', 'サ', 'ｻ', '見', '回', 's', 'S', 'e', 'E']);
    let opened = text.strip_prefix(['（', '(', '【', '〔', '［', '[', '＜', '<', '《', '※', '「', '*']);
    if !begins && opened.is_none() {
        return false;
    }
    let folded = fold_width(opened.unwrap_or(text)).to_lowercase();
    let behind = |word: &'static str| folded.strip_prefix(word);
    EXAMPLES.iter().any(|word| behind(word).is_some())
        || SHORT_EXAMPLES.iter().filter_map(|word| behind(word)).any(|rest| {
            let ends = |c: char| !c.is_alphanumeric() || c.is_ascii_digit() || ('①'..='⑳').contains(&c);
            rest.chars().next().is_none_or(ends)
        })
}

/// Whether a cell says nothing but that this is an example.
pub(super) fn is_bare_example(cell: &str) -> bool {
    let folded = fold_for_match(cell);
    folded.trim_matches(['(', ')', '【', '】', '[', ']', '※', '<', '>']) == "記入例"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told_from_names_that_begin_alike() {
        for text in [
            "例",
            "（例）",
            "(例)",
            "例1",
            "例①",
            "例：",
            "例）行方市",
            "【例】",
            "記入例",
            "※記入例",
            "（記入例）行方市",
            "サンプル",
            "サンプル市",
            "見本",
            "見本1",
            "Sample",
            "例 行方市",
            "〔記載例〕",
        ] {
            assert!(is_example(text), "{text}");
        }
        for text in [
            "例幣使町",
            "例祭の届出",
            "見本市の申込",
            "記念品",
            "1",
            "行方市",
            "examples市",
            "入札",
            "（株）例",
        ] {
            assert!(!is_example(text), "{text}");
        }
    }

    #[test]
    fn totals_are_told_from_names_that_end_alike() {
        for text in ["合計", "小　計", "合計（15手続）", "Total", "ｔｏｔａｌ", "計", "総合計", "全国計"]
        {
            assert!(may_be_a_total(text) && is_total(text), "{text}");
        }
        for text in ["設計", "会計の届出", "行方市", "手続数", "対応率", "全国健康保険"]
        {
            assert!(!(may_be_a_total(text) && is_total(text)), "{text}");
        }
    }

    #[test]
    fn lines_about_the_table_itself_are_known() {
        for text in ["作成者", "更新日：", "注", "注1", "注）", "問い合わせ先", "【出典】", "備考："]
        {
            assert!(is_word_of_colophon(text), "{text}");
        }
        for text in ["作成依頼の届出", "注射済票の交付", "更新認定の申請", "行方市"] {
            assert!(!is_word_of_colophon(text), "{text}");
        }
        for text in ["－ 1 －", "- 12 -", "1/3", "P.2", "３ページ", "p 4", "― 5 ―"] {
            assert!(is_numbered_page(text), "{text}");
        }
        for text in ["1", "-", "ー", "行方市", "2026/3/31", "-5", "P", "1-2"] {
            assert!(!is_numbered_page(text), "{text}");
        }
    }

    #[test]
    fn numbers_in_totals_are_known() {
        for text in ["0", "1,234", "12件", "85.5%", "2/47", "#DIV/0!", "-", "ー", "３団体", "▲5"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["○", "行方市", "第1号", "済"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
