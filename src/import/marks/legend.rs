//! What a file itself says of its marks: legends (「○：対応済み」) and footnotes (「※1 …」).

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::explained::{
    explained, explained_before, explained_codes, explained_directly, is_blank, is_called_legend,
    plain_number,
};
use super::meaning::Meaning;
use super::plans::{is_another_time, plan, since};
use super::symbols::is_symbol;
use super::words;
use crate::domain::applicability::Applicability;
use crate::domain::readiness::{Level, Scale, limits};
use crate::domain::text::{cut, fold_mark};

/// Most marks and most footnotes that are kept.
const MOST: usize = 100;
/// Longer text is a page of words, in bytes.
const LONGEST: usize = 2_000;

/// A legend that takes several cells of a row, as texts: ○ beside 対応済み is 「○：対応済み」, and 凡例 beside
/// ○対応済み is one text.
pub(in crate::import) fn explained_in_cells<'t>(cells: impl Iterator<Item = &'t str>) -> Vec<String> {
    let mut filled: Vec<&str> = cells.map(str::trim).filter(|cell| !cell.is_empty()).collect();
    // A merged cell says the same in each of its columns.
    filled.dedup();
    let is_mark = is_mark_alone;
    let pairs = filled.windows(2).filter(|pair| is_mark(pair[0]) && !is_mark(pair[1]));
    let mut texts: Vec<String> = pairs.map(|pair| format!("{}：{}", pair[0], pair[1])).take(MOST).collect();
    let begins_with_mark = |cell: &&str| !is_mark(cell) && cell.chars().next().is_some_and(is_symbol);
    let one =
        filled.first().is_some_and(|first| is_called_legend(first)) || filled.iter().all(begins_with_mark);
    if one && filled.len() > 1 {
        texts.push(filled.join("　"));
    }
    texts
}

/// What rows say of codes that stand in a list, a code and its words in each: 1 beside 対応済み, 対応済み beside
/// 1, or 「1：対応済み」 in one cell. Only in a list that is plainly a legend is a number a code.
pub(in crate::import) fn codes_in_rows<'t, C>(rows: impl Iterator<Item = C>) -> Vec<String>
where
    C: Iterator<Item = &'t str>,
{
    /// A code and its words are among the first cells of a row.
    const PAIRS: usize = 2;
    let (mut before, mut behind, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_longer = false;
    for row in rows {
        let filled: Vec<&str> = row.map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let explains = |cell: &&&str| cell.len() <= LONGEST && !explained_codes(&fold_mark(cell)).is_empty();
        texts.extend(filled.iter().filter(explains).copied());
        let pairs = || filled.windows(2).take(PAIRS).map(|pair| (pair[0], pair[1]));
        let coded =
            pairs().find_map(|(first, words)| Some((code(first).filter(|_| is_words(words))?, words)));
        let named =
            || pairs().find_map(|(words, last)| Some((code(last).filter(|_| is_words(words))?, words)));
        match coded {
            Some(coded) => before.push(coded),
            None => behind.extend(named()),
        }
        // What is numbered beyond one digit is a list of things.
        is_longer |= filled
            .iter()
            .take(PAIRS)
            .any(|cell| fold_mark(cell).parse::<u32>().is_ok_and(|number| number > 9));
    }
    // Numbers behind words may be counts, unless they go on by one.
    let numbers = || behind.iter().filter_map(|(code, _)| code.parse::<usize>().ok());
    let first = numbers().next().unwrap_or_default();
    let in_order = first <= 1 && numbers().zip(first..).all(|(number, nth)| number == nth);
    let pairs = before.into_iter().filter(|_| !is_longer).chain(behind.into_iter().filter(|_| in_order));
    let mut found: Vec<String> = pairs.map(|(code, words)| format!("{code}：{words}")).collect();
    found.extend(texts.into_iter().map(str::to_owned));
    found.truncate(MOST);
    if Legend::read(found.iter().map(String::as_str)).is_empty() { Vec::new() } else { found }
}

/// A code alone, folded.
fn code(text: &str) -> Option<String> {
    let folded = fold_mark(text);
    let bare = plain_number(folded.trim_matches(|c: char| matches!(c, '(' | ')' | '.' | '「' | '」')));
    let mut chars = bare.chars();
    let single = chars.next().is_some_and(|c| c.is_ascii_alphanumeric()) && chars.next().is_none();
    single.then_some(bare)
}

/// Whether a text may be the words for a code.
fn is_words(text: &str) -> bool {
    text.chars().count() > 1 && !text.is_ascii()
}

/// Whether a text is a mark or a code with the words that explain it, and begins with it: ○：申請可, 1：済.
pub(in crate::import) fn explains(text: &str) -> bool {
    let folded = fold_mark(text);
    let bare = folded.trim_start_matches(|c: char| c.is_whitespace() || "「【[(・※".contains(c));
    let Some(first) = bare.chars().next() else { return false };
    let mark = is_symbol(first) || words::is_dash(&first.to_string()) || first.is_numeric();
    let direct = || explained_directly(bare).is_some_and(|(pairs, _)| !pairs.is_empty());
    mark && (!explained(bare).is_empty() || !explained_codes(bare).is_empty() || direct())
}

/// Whether a text is a mark and nothing else.
pub(in crate::import) fn is_mark_alone(text: &str) -> bool {
    let folded = fold_mark(text);
    let mut chars = folded.chars();
    let single = chars.next().is_some_and(is_symbol) && chars.next().is_none();
    single || words::is_dash(&folded) || is_blank(&folded)
}

/// What a file says of its marks.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Legend {
    marks: BTreeMap<String, String>,
    /// Whether numbers are among them: they are codes of this file then, and no levels.
    numbered: bool,
    footnotes: BTreeMap<String, String>,
    /// The day it is: what begins after it is planned.
    today: NaiveDate,
}

impl Legend {
    /// Reads the texts that stand around a table.
    pub(in crate::import) fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self::default().reading(texts)
    }

    /// The same with what more texts say.
    pub(in crate::import) fn reading<'t>(mut self, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut codes = Vec::new();
        for text in texts {
            self.add(text, &mut codes);
        }
        self.add_codes(codes);
        self
    }

    /// The legend that has nothing but the footnotes of texts.
    pub(in crate::import) fn of_footnotes<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut legend = Self::default();
        for text in texts {
            legend.note(text);
        }
        legend
    }

    /// The same as it is understood on a day.
    pub(in crate::import) fn on(self, today: NaiveDate) -> Self {
        Self { today, ..self }
    }

    /// Whether more than one mark is explained.
    pub(in crate::import) fn explains_several(&self) -> bool {
        self.marks.len() > 1
    }

    /// Whether another one says something else of the same mark.
    pub(in crate::import) fn disagrees(&self, other: &Self) -> bool {
        self.marks.iter().any(|(mark, words)| other.marks.get(mark).is_some_and(|other| other != words))
    }

    /// Whether no mark is explained.
    pub(in crate::import) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    fn note(&mut self, text: &str) {
        if text.len() <= LONGEST
            && let Some((label, rest)) = footnote(text)
            && self.footnotes.len() < MOST
        {
            self.footnotes.entry(label).or_insert_with(|| cut(rest, limits::NOTE));
        }
    }

    fn add(&mut self, text: &str, codes: &mut Vec<(String, String)>) {
        if text.len() > LONGEST {
            return;
        }
        self.note(text);
        let folded = fold_mark(text);
        let directly =
            || explained_directly(&folded).filter(|(pairs, called)| *called || self.are_pairs(pairs));
        let before = explained_before(&folded).filter(|pairs| self.are_pairs(pairs));
        let pairs = before.or_else(|| Some(directly()?.0)).unwrap_or_else(|| explained(&folded));
        for (mark, meaning) in pairs {
            if self.marks.len() < MOST {
                self.marks.entry(mark).or_insert(meaning);
            }
        }
        if codes.len() < MOST {
            codes.extend(explained_codes(&folded));
        }
    }

    /// Takes numbers and letters for codes if there are several and most of them stand for something:
    /// paragraphs are numbered too.
    fn add_codes(&mut self, codes: Vec<(String, String)>) {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for (code, words) in codes {
            found.entry(code).or_insert(words);
        }
        if found.len() >= 2 && self.placed(found.values()) * 2 >= found.len() {
            self.numbered = found.keys().any(|code| is_number(code));
            for (code, words) in found {
                self.marks.entry(code).or_insert(words);
            }
        }
    }

    /// Whether a text that does not call itself a legend is one all the same: it has several marks with a few
    /// words each, and most of them stand for something. Lists and titles have marks in front, too.
    fn are_pairs(&self, pairs: &[(String, String)]) -> bool {
        /// Longer words are a sentence.
        const WORDS: usize = 25;
        let several = pairs.iter().any(|(mark, _)| *mark != pairs[0].0);
        several
            && pairs.iter().all(|(_, words)| words.chars().count() <= WORDS)
            && self.placed(pairs.iter().map(|(_, words)| words)) * 2 > pairs.len()
    }

    /// How many texts stand for something.
    fn placed<'t>(&self, texts: impl Iterator<Item = &'t String>) -> usize {
        let of_scale = |text: &str, scale: &Scale| self.of_words(text, Some(*scale)).is_some();
        texts.filter(|text| Scale::ALL.iter().any(|scale| of_scale(text, scale))).count()
    }

    /// Whether the file says what a (folded) mark means, or what all others of its kind do.
    pub(in crate::import) fn speaks_of(&self, mark: &str) -> bool {
        self.words(mark).is_some() || (self.numbered && is_number(mark))
    }

    /// The text of a footnote by its sign.
    pub(in crate::import) fn footnote(&self, label: &str) -> Option<&str> {
        self.footnotes.get(&sign(label)?).map(String::as_str)
    }

    /// In which words the file explains a (folded) mark.
    pub(in crate::import) fn words(&self, mark: &str) -> Option<&str> {
        // Most files explain nothing.
        if self.marks.is_empty() {
            return None;
        }
        let own = |mark: &str| self.marks.get(&plain_number(mark)).map(String::as_str);
        own(mark).or_else(|| own(words::alike(mark)?)).or_else(|| {
            let same = |known: &&String| {
                words::alike(known).is_some_and(|first| Some(first) == words::alike(mark).or(Some(mark)))
            };
            own(self.marks.keys().find(same)?)
        })
    }

    /// What the file says that a (folded) mark means, as far as it can be told.
    pub(in crate::import) fn meaning(&self, mark: &str, scale: Option<Scale>) -> Option<Meaning> {
        self.of_words(self.words(mark)?, scale)
    }

    fn of_words(&self, text: &str, scale: Option<Scale>) -> Option<Meaning> {
        let scales = scale.map_or(Scale::ALL, |scale| {
            if scale == Scale::Online { &Scale::ALL[..1] } else { &Scale::ALL[1..] }
        });
        let usual = scales.iter().find_map(|scale| words::usual(text, *scale));
        usual.or_else(|| self.planned(text)).or_else(|| {
            // What is said of another time than today is no level of today.
            let of_today = |meaning: &Meaning| {
                let level = matches!(meaning, Meaning::Level(level, _) if *level > Level::ZERO);
                !(level && is_another_time(text, self.today))
            };
            meant(text, scale).filter(of_today)
        })
    }

    /// What words plan for a day that they name: 令和9年度中に実施予定, R9.4から開始.
    fn planned(&self, text: &str) -> Option<Meaning> {
        if let Some(plan) = plan(text) {
            return Some(Meaning::Planned(plan.on));
        }
        since(text).filter(|day| day.on > self.today).map(|day| Meaning::Planned(Some(day)))
    }

    /// Whether the file says of a mark that it means something else than is usual, or something that
    /// nobody can place; or numbers stand for something in it, and this one is none of them.
    pub(in crate::import) fn contradicts(&self, mark: &str, usual: Meaning, scale: Option<Scale>) -> bool {
        match self.words(mark) {
            Some(_) => self.meaning(mark, scale) != Some(usual),
            None => self.numbered && is_number(mark),
        }
    }
}

/// Whether a mark is a number of one digit.
fn is_number(mark: &str) -> bool {
    matches!(mark.as_bytes(), [b'0'..=b'9'])
}

/// The sign of a footnote at the beginning of a text, and what stands behind it.
fn footnote(text: &str) -> Option<(String, &str)> {
    let text = text.trim();
    let end = text.char_indices().find(|(at, c)| {
        let inner = *at > 0
            && !c.is_whitespace()
            && (fold_mark(&c.to_string()).bytes().all(|byte| byte.is_ascii_digit())
                || matches!(c, '）' | ')'));
        !(inner || (*at == 0 && matches!(c, '※' | '*' | '＊' | '†' | '注')))
    })?;
    let (label, rest) = text.split_at(end.0);
    let rest =
        rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '：' | ':' | '.' | '．' | '、'));
    Some((sign(label)?, rest)).filter(|(_, rest)| !rest.is_empty())
}

/// A sign of a footnote, made comparable.
fn sign(label: &str) -> Option<String> {
    let folded = fold_mark(label);
    let bare: String = folded.chars().filter(|c| !matches!(c, ')' | '(' | ' ')).collect();
    bare.starts_with(['※', '*', '†', '注']).then_some(bare)
}

/// What words mean that are none of the usual ones, as far as they are plain. It is a suggestion.
fn meant(text: &str, scale: Option<Scale>) -> Option<Meaning> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // What nobody asked about may be there or not.
    if has(&["調査対象外", "調査の対象外", "回答対象外"]) {
        return None;
    }
    if has(SAID_NOTHING) {
        return Some(Meaning::Nothing);
    }
    if has(&[
        "制度なし",
        "制度がない",
        "制度が無い",
        "該当なし",
        "該当しない",
        "該当する手続がない",
        "該当する手続きがない",
        "対象外",
        "手続なし",
        "手続がない",
        "手続きがない",
        "事務がない",
        "業務がない",
        "対象業務なし",
        "実績なし",
    ]) {
        return Some(Meaning::Applicability(Applicability::NotApplicable));
    }
    if has(&["未回答", "回答なし", "不明", "調査"]) {
        return Some(Meaning::Nothing);
    }
    if has(&["検討", "未定"]) {
        return Some(Meaning::Note);
    }
    if has(&["予定", "準備中"]) && !has(&["予定なし", "予定がない", "予定はない"]) {
        return Some(Meaning::Planned(None));
    }
    let not = has(&["未", "していない", "していません", "ない", "なし", "無し", "不可", "非対応"]);
    match scale {
        Some(Scale::Counter) => at_counters(&has, not),
        _ => online(&has, not),
    }
}

fn online(has: &dyn Fn(&[&str]) -> bool, not: bool) -> Option<Meaning> {
    let level = |level| Some(Meaning::Level(level, false));
    let on_paper =
        has(&["窓口", "郵送", "来所", "持参", "電話", "FAX", "紙"]) && !has(&["オンライン", "電子"]);
    match () {
        () if not => level(Level::ZERO),
        () if on_paper && has(&["のみ", "だけ"]) => level(Level::ZERO),
        // By which way, and how far, is not said.
        () if on_paper => None,
        () if has(&["一部"]) => level(Level::THREE),
        // From the application to its outcome, or the application alone: it is asked.
        () if has(&["完結"]) && has(&["オンライン", "電子", "デジタル"]) => level(Level::MAX),
        () if has(&["全部", "すべて", "全て"]) => level(Level::FOUR),
        () if has(&["完全"]) && has(&["オンライン", "電子"]) => level(Level::FOUR),
        () if has(&["様式", "ダウンロード"]) => level(Level::ONE),
        () if has(&["予約", "来庁"]) => level(Level::TWO),
        () if has(OFFERED) || has(&["オンライン", "電子申請", "マイナポータル"]) => {
            Some(Meaning::Level(Level::THREE, true))
        }
        () => None,
    }
}

fn at_counters(has: &dyn Fn(&[&str]) -> bool, not: bool) -> Option<Meaning> {
    let level = |level| Some(Meaning::Level(level, false));
    match () {
        () if has(&["書かない", "書かず"]) => level(Level::THREE),
        () if not => level(Level::ZERO),
        () if has(&["一部"]) => None,
        () if has(&["ワンストップ", "一か所", "一ヶ所"]) => level(Level::MAX),
        () if has(&["連携"]) => level(Level::FOUR),
        () if has(&["端末", "タブレット"]) => level(Level::TWO),
        () if has(&["記載支援", "記入支援", "支援", "補助", "様式"]) => level(Level::ONE),
        () if has(&["手書き", "紙"]) => level(Level::ZERO),
        () if has(OFFERED) => Some(Meaning::Level(Level::THREE, true)),
        () => None,
    }
}

/// Words for what says nothing of what is known.
const SAID_NOTHING: &[&str] = &[
    "変えない",
    "変更なし",
    "変更無し",
    "変更しない",
    "変更がない",
    "変更はない",
    "未記入",
    "無記入",
    "未入力",
    "記入なし",
    "記載なし",
    "データなし",
    "情報なし",
];

/// Words for something that is there.
const OFFERED: &[&str] =
    &["対応", "実施", "可", "済", "できる", "あり", "有", "導入", "提供", "利用", "開始", "稼働"];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code(text: &str, mark: &str) -> Option<String> {
        Legend::read([text]).meaning(mark, Some(Scale::Online)).map(Meaning::code)
    }

    #[test]
    fn legends_are_read_in_many_forms() {
        for text in [
            "凡例：○＝対応済み、△＝予定、×＝未対応、－＝制度なし",
            "○：対応済　△：実施予定　×：未対応　ー：制度なし",
            "※○…対応済 △…予定 ×…未 －…該当なし",
            "【凡例】○ 実施済 △ 予定 × 未実施 － 該当なし",
            "（○は実施している、△は予定、×は実施していない、－は該当する手続きがない）",
            "「○」対応済　「△」予定　「×」未対応　「－」対象外",
        ] {
            let found: Vec<Option<String>> =
                ["○", "△", "×", "ー"].iter().map(|mark| code(text, mark)).collect();
            let found: Vec<&str> = found.iter().map(|code| code.as_deref().unwrap_or("?")).collect();
            assert_eq!(found, ["3+", "planned", "0", "not_applicable"], "{text}");
        }
        for text in [
            "対応状況（○×で記入）",
            "令和7年4月1日現在",
            "○×表",
            "問い合わせ先 029-000-0000",
            "A-B",
            "記号は○か×で記入",
            "該当する記号に○をつける",
            "◎対応状況　○提出先",
            "○対応課　○対応係",
            "令和○年○月○日現在の記号",
            "対応○　未対応×",
            "※空欄のまま提出",
            "空欄は不可",
            "空欄には担当課を記入してください",
            "空欄がないように確認",
        ] {
            assert_eq!(Legend::read([text]).marks, BTreeMap::new(), "{text}");
        }
    }

    #[test]
    fn words_may_stand_right_behind_a_mark() {
        for text in [
            "凡例　○様式のみ　◎電子申請",
            "（○様式のみ ◎電子申請）",
            "記号の説明：○様式のみ、◎電子申請",
            "○様式のみ◎電子申請",
            "凡例○様式のみ　◎：電子申請",
        ] {
            assert_eq!(code(text, "○").as_deref(), Some("1"), "{text}");
            assert_eq!(code(text, "◎").as_deref(), Some("3+"), "{text}");
        }
        assert_eq!(code("凡例 ○対応 －制度なし", "ー").as_deref(), Some("not_applicable"));
    }

    #[test]
    fn an_empty_cell_is_a_mark() {
        for (text, blank) in [
            ("凡例　○：対応　×：未対応　空欄：該当手続なし", Some("not_applicable")),
            ("○：対応、×：未対応、空白は未実施", Some("0")),
            ("※×：未対応（無印：調査対象外）", None),
            ("※×…未対応、空欄の場合は未回答", Some("nothing")),
            ("凡例 ×未対応 無記入調査中", Some("nothing")),
            ("×：未対応　空欄：変更なし", Some("nothing")),
        ] {
            let legend = Legend::read([text]);
            assert_eq!(legend.words("×"), Some("未対応"), "{text}");
            assert!(legend.speaks_of(""), "{text}");
            assert_eq!(code(text, "").as_deref(), blank, "{text}");
        }
        // Said of a mark, it is no mark itself.
        let legend = Legend::read(["○：対応　△：未記入"]);
        assert_eq!((legend.words("△"), legend.words("")), (Some("未記入"), None));
    }

    #[test]
    fn a_legend_that_says_otherwise_is_seen() {
        let legend = Legend::read(["○：未対応　△：予定　◎：全部　×：対応　●：電話で受付"]);
        for (mark, usual, otherwise) in [
            ("○", "3+", true),
            ("△", "3", true),
            ("◎", "4", false),
            ("×", "0", true),
            ("●", "3+", true),
            ("▲", "3", false),
        ] {
            let usual = usual.parse().unwrap();
            assert_eq!(legend.contradicts(mark, usual, Some(Scale::Online)), otherwise, "{mark}");
        }
        let strange = Legend::read(["△：電話で受付"]);
        assert!(strange.contradicts("△", "3".parse().unwrap(), Some(Scale::Online)));
    }

    #[test]
    fn numbers_and_letters_may_be_codes() {
        for text in [
            "凡例 1：対応済 2：対応予定 3：未対応",
            "【選択肢】1：実施済　2：予定　3：未実施　4：未実施　5：対象外",
            "※1…対応済、2…対応予定、3…未対応",
            "1=対応済 2=対応予定 3=未対応",
            "注）1は対応済、2は対応予定、3は未対応を示す。",
            "区分：①対応済 ②対応予定 ③未対応",
            "（1：対応済 2：対応予定 3：未対応）",
            "1.実施済 2.実施予定 3.未実施",
            "(1)実施済 (2)実施予定 (3)未実施",
            "1 実施済 2 予定 3 未実施",
            "1. 対応している／2. 実施予定／3. 対応していない",
            "1:対応済/2:予定/3:未対応",
            "1対応済　2予定　3未対応",
            "※対応済は1、予定は2、未対応は3",
            "対応済＝1　予定＝2　未対応＝3",
            "対応済（1）、予定（2）、未対応（3）",
            "対応済＝1\n予定＝2\n未対応＝3",
            "回答欄には、対応済は「1」、予定は「2」、未対応は「3」を記入",
            "凡例：1＝○（実施）、2＝予定、3＝×（未実施）",
        ] {
            let found: Vec<Option<String>> = ["1", "2", "3"].iter().map(|mark| code(text, mark)).collect();
            let found: Vec<&str> = found.iter().map(|code| code.as_deref().unwrap_or("?")).collect();
            assert_eq!(found, ["3+", "planned", "0"], "{text}");
            assert_eq!(code(text, "①").as_deref(), Some("3+"), "{text}");
        }
        for text in ["1 はい 2 いいえ", "1：はい、2：いいえ", "はいは1、いいえは2"] {
            assert_eq!(code(text, "1").as_deref(), Some("3+"), "{text}");
            assert_eq!(code(text, "2").as_deref(), Some("0"), "{text}");
        }
        let letters = Legend::read(["※ A：実施済　B：予定　C：未定"]);
        assert_eq!(letters.meaning("C", Some(Scale::Online)), Some(Meaning::Note));
        assert!(!letters.contradicts("3", "3".parse().unwrap(), Some(Scale::Online)));
        let numbers = Legend::read(["1：実施済", "2：未実施"]);
        // A number that is not explained is no level either.
        for mark in ["1", "2", "3"] {
            assert!(numbers.contradicts(mark, mark.parse().unwrap(), Some(Scale::Online)), "{mark}");
        }
        let levels =
            Legend::read(["0：未対応 1：案内・様式のみ 2：事前入力・予約（来庁要） 4：オンライン申請可"]);
        for mark in ["0", "1", "4"] {
            assert!(!levels.contradicts(mark, mark.parse().unwrap(), Some(Scale::Online)), "{mark}");
        }
        for text in [
            "1 提出期限は令和8年3月31日 2 問い合わせは総務課",
            "受付 9:00～17:00",
            "第1回：実施済 第2回：未実施",
            "R7：対応 R8：予定",
            "1．各課は、対応済みの手続のすべてについて記入し、未対応の手続はその理由を書くこと。2．以下同じ",
            "A4 B5",
            "様式1、様式2、様式3",
            "1件対応済 2件未対応",
            "対応済1/2 未対応1/2",
        ] {
            assert!(!Legend::read([text]).numbered, "{text}");
        }
    }

    #[test]
    fn rows_may_be_a_list_of_codes() {
        let listed = |rows: &[&[&str]]| codes_in_rows(rows.iter().map(|row| row.iter().copied())).join("、");
        for rows in [
            &[&["番号", "意味"][..], &["1", "対応済"], &["2", "未対応"]][..],
            &[&["意味", "番号"], &["対応済", "1"], &["未対応", "2"]],
            &[&["回答", "1", "対応済"], &["", "2", "未対応"]],
            &[&["1：対応済"], &["2：未対応"]],
        ] {
            assert_eq!(listed(rows), "1：対応済、2：未対応", "{rows:?}");
        }
        for rows in [
            &[&["対応済", "3"][..], &["未対応", "5"]][..],
            &[&["1", "施設利用許可"], &["2", "道路使用許可"], &["10", "犬の登録"]],
            &[&["1", "転出届"], &["2", "妊娠の届出"]],
        ] {
            assert_eq!(listed(rows), "", "{rows:?}");
        }
    }

    #[test]
    fn plans_keep_their_day() {
        let today = NaiveDate::from_ymd_opt(2026, 11, 26).unwrap();
        let read = |words: &str| {
            let legend = Legend::read([format!("※A：実施済　B：{words}").as_str()]).on(today);
            legend.meaning("B", Some(Scale::Online)).map(Meaning::code)
        };
        for (words, code) in [
            ("R8年度中に実施", Some("planned 2026年度")),
            ("令和9年度中に実施予定", Some("planned 2027年度")),
            ("2027年度実施予定", Some("planned 2027年度")),
            ("R9.4から開始", Some("planned 2027年4月")),
            ("R9.4から順次開始", None),
            ("来年度から実施", None),
            ("R6.4から開始", Some("3+")),
            ("予定あり", Some("planned")),
        ] {
            assert_eq!(read(words).as_deref(), code, "{words}");
        }
    }

    #[test]
    fn words_are_placed_on_their_scale() {
        for (words, online, counter) in [
            ("申請書の記載支援あり", Some("3+"), Some("1")),
            ("書かずに完結", None, Some("3")),
            ("マイナポータルで申請可", Some("3+"), Some("3+")),
            ("窓口で受付", None, None),
            ("郵送可", None, Some("3+")),
            ("窓口のみ", Some("0"), None),
            ("すべてオンライン", Some("4"), None),
            ("オンラインで完結", Some("5"), None),
            ("完全オンライン", Some("4"), None),
            ("一部可", Some("3"), None),
            ("様式のダウンロードのみ", Some("1"), Some("1")),
            ("電子申請", Some("3+"), None),
        ] {
            let code = |scale| {
                Legend::read([format!("○：{words}").as_str()]).meaning("○", Some(scale)).map(Meaning::code)
            };
            assert_eq!(code(Scale::Online).as_deref(), online, "{words}");
            assert_eq!(code(Scale::Counter).as_deref(), counter, "{words}");
        }
    }

    #[test]
    fn footnotes_are_found_by_their_sign() {
        let legend = Legend::read([
            "※1 本人申請に限る",
            "※２　代理人は窓口",
            "注3）電子署名が要る",
            "※○：対応済み",
            "* 試行",
            "※5 24時間受付",
            "※6　18歳以上のみ",
        ]);
        for (label, text) in [
            ("※5", "24時間受付"),
            ("※6", "18歳以上のみ"),
            ("※1", "本人申請に限る"),
            ("※2", "代理人は窓口"),
            ("注3", "電子署名が要る"),
            ("(注3)", "電子署名が要る"),
            ("*", "試行"),
        ] {
            assert_eq!(legend.footnote(label), Some(text), "{label}");
        }
        assert_eq!(legend.footnote("※9"), None);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[○△×ー：=、は※注1①A あ()（）\\PC]{0,40}") {
            let legend = Legend::read([text.as_str()]);
            let _ = legend.meaning("○", None);
        }
    }
}
