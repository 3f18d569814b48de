//! What a file itself says of its marks: legends (「○：対応済み」) and footnotes (「※1 …」).

use std::collections::BTreeMap;

use super::meaning::Meaning;
use super::pieces::is_symbol;
use super::words;
use crate::domain::applicability::Applicability;
use crate::domain::readiness::{Level, Scale, limits};
use crate::domain::text::{cut, fold_mark};

/// Most marks and most footnotes that are kept.
const MOST: usize = 100;

/// A legend whose marks stand in cells of their own, as texts: ○ beside 対応済み is 「○：対応済み」.
pub(in crate::import) fn explained_in_cells<'t>(cells: impl Iterator<Item = &'t str>) -> Vec<String> {
    let filled: Vec<&str> = cells.map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let is_mark = |cell: &str| {
        let folded = fold_mark(cell);
        let mut chars = folded.chars();
        let single = chars.next().is_some_and(is_symbol) && chars.next().is_none();
        single || words::is_dash(&folded)
    };
    let pairs = filled.windows(2).filter(|pair| is_mark(pair[0]) && !is_mark(pair[1]));
    pairs.map(|pair| format!("{}：{}", pair[0], pair[1])).take(MOST).collect()
}

/// What a file says of its marks.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct Legend {
    marks: BTreeMap<String, String>,
    footnotes: BTreeMap<String, String>,
}

impl Legend {
    /// Reads the texts that stand around a table.
    pub(in crate::import) fn read<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let mut legend = Self::default();
        for text in texts {
            legend.add(text);
        }
        legend
    }

    /// Whether no mark is explained.
    pub(in crate::import) fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    fn add(&mut self, text: &str) {
        /// Longer text is a page of words.
        const LONGEST: usize = 2_000;
        if text.len() > LONGEST {
            return;
        }
        if let Some((label, rest)) = footnote(text)
            && self.footnotes.len() < MOST
        {
            self.footnotes.entry(label).or_insert_with(|| cut(rest, limits::NOTE));
        }
        for (mark, meaning) in explained(&fold_mark(text)) {
            if self.marks.len() < MOST {
                self.marks.entry(mark).or_insert(meaning);
            }
        }
    }

    /// The text of a footnote by its sign.
    pub(in crate::import) fn footnote(&self, label: &str) -> Option<&str> {
        self.footnotes.get(&sign(label)?).map(String::as_str)
    }

    /// In which words the file explains a (folded) mark.
    pub(in crate::import) fn words(&self, mark: &str) -> Option<&str> {
        let own = |mark: &str| self.marks.get(mark).map(String::as_str);
        own(mark).or_else(|| own(words::alike(mark)?)).or_else(|| {
            let same = |known: &&String| {
                words::alike(known).is_some_and(|first| Some(first) == words::alike(mark).or(Some(mark)))
            };
            own(self.marks.keys().find(same)?)
        })
    }

    /// What the file says that a (folded) mark means, as far as it can be told.
    pub(in crate::import) fn meaning(&self, mark: &str, scale: Option<Scale>) -> Option<Meaning> {
        let text = self.words(mark)?;
        let scales = scale.map_or(Scale::ALL, |scale| {
            if scale == Scale::Online { &Scale::ALL[..1] } else { &Scale::ALL[1..] }
        });
        scales.iter().find_map(|scale| words::usual(text, *scale)).or_else(|| meant(text, scale))
    }

    /// Whether the file says of a mark that it means something else than is usual.
    pub(in crate::import) fn contradicts(&self, mark: &str, usual: Meaning, scale: Option<Scale>) -> bool {
        let Some(said) = self.meaning(mark, scale) else {
            // What is usual for △ is not so usual that words which nobody understands go for nothing.
            return matches!(mark, "△" | "▲") && self.words(mark).is_some();
        };
        let offered = |meaning| {
            matches!(meaning, Meaning::Full)
                || matches!(meaning, Meaning::Level(level, _) if level >= Level::THREE)
        };
        match usual {
            Meaning::Level(Level::THREE, true) | Meaning::Full => !offered(said),
            Meaning::Level(Level::THREE, false) => !matches!(said, Meaning::Level(Level::THREE, _)),
            other => said != other,
        }
    }
}

/// The sign of a footnote at the beginning of a text, and what stands behind it.
fn footnote(text: &str) -> Option<(String, &str)> {
    let text = text.trim();
    let end = text.char_indices().find(|(at, c)| {
        let inner = *at > 0
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

/// The marks that a text explains: 「凡例：○＝対応済み、△：一部、－は制度なし」.
fn explained(text: &str) -> Vec<(String, String)> {
    let chars: Vec<char> = text.chars().collect();
    let is_mark = |c: char| is_symbol(c) || words::is_dash(c.encode_utf8(&mut [0; 4]));
    // A dash between words is no mark; one behind a boundary is.
    let starts = |at: usize| {
        let boundary = at == 0 || !(chars[at - 1].is_alphanumeric() || is_mark(chars[at - 1]));
        let symbol = is_symbol(chars[at]) || boundary;
        is_mark(chars[at])
            && symbol
            && chars
                .get(at + 1)
                .is_some_and(|next| is_joint(*next) || matches!(next, ' ' | 'は' | 'が' | '」'))
    };
    let places: Vec<usize> = (0..chars.len()).filter(|at| starts(*at)).collect();
    let mut found = Vec::new();
    for (nth, at) in places.iter().enumerate() {
        let end = places.get(nth + 1).copied().unwrap_or(chars.len());
        let words: String = chars[at + 1..end].iter().collect();
        let words =
            words.trim_start_matches(|c: char| is_joint(c) || matches!(c, ' ' | 'は' | 'が' | '」' | '「'));
        let words =
            words.split(['、', ',', ';', '\n', '。', '/', '※', '」', '】']).next().unwrap_or_default();
        let words = words.trim().trim_end_matches(['(', '「', '【', ' ', '・']).trim();
        let words = if words.contains('(') { words } else { words.trim_end_matches(')') };
        if !words.is_empty() {
            found.push((chars[*at].to_string(), words.to_owned()));
        }
    }
    found
}

fn is_joint(c: char) -> bool {
    matches!(c, '=' | ':' | '…' | '→' | '⇒' | '‥')
}

/// What words mean that are none of the usual ones, as far as they are plain. It is a suggestion.
fn meant(text: &str, scale: Option<Scale>) -> Option<Meaning> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let level = |level| Some(Meaning::Level(level, false));
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
        "実績なし",
    ]) {
        return Some(Meaning::Applicability(Applicability::NotApplicable));
    }
    if has(&["未回答", "回答なし", "不明", "調査"]) {
        return Some(Meaning::Nothing);
    }
    if has(&["検討"]) {
        return Some(Meaning::Note);
    }
    if has(&["予定", "準備中"]) && !has(&["予定なし", "予定がない", "予定はない"]) {
        return Some(Meaning::Planned);
    }
    if has(&["未", "していない", "していません", "ない", "なし", "無し", "不可", "非対応"])
    {
        return level(Level::ZERO);
    }
    let online = scale != Some(Scale::Counter);
    match scale {
        _ if online && has(&["一部"]) => level(Level::THREE),
        _ if has(&["一部"]) => None,
        _ if has(&["全部", "すべて", "全て"]) => level(Level::FOUR).filter(|_| online),
        _ if online && has(&["様式", "ダウンロード"]) => level(Level::ONE),
        _ if online && has(&["予約", "来庁"]) => level(Level::TWO),
        _ if has(&["対応", "実施", "可", "済", "できる", "あり", "有", "導入", "提供", "利用"]) => {
            Some(Meaning::Level(Level::THREE, true))
        }
        _ => None,
    }
}

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
        for text in ["対応状況（○×で記入）", "令和7年4月1日現在", "○×表", "問い合わせ先 029-000-0000", "A-B"]
        {
            assert_eq!(Legend::read([text]).marks.len(), 0, "{text}");
        }
    }

    #[test]
    fn a_legend_that_says_otherwise_is_seen() {
        let legend = Legend::read(["○：未対応　△：予定　◎：全部　×：対応　●：電話で受付"]);
        for (mark, usual, otherwise) in [
            ("○", "3+", true),
            ("△", "3", true),
            ("◎", "full", false),
            ("×", "0", true),
            ("●", "3+", false),
            ("▲", "3", false),
        ] {
            let usual = usual.parse().unwrap();
            assert_eq!(legend.contradicts(mark, usual, Some(Scale::Online)), otherwise, "{mark}");
        }
        let strange = Legend::read(["△：電話で受付"]);
        assert!(strange.contradicts("△", "3".parse().unwrap(), Some(Scale::Online)));
    }

    #[test]
    fn footnotes_are_found_by_their_sign() {
        let legend = Legend::read([
            "※1 本人申請に限る",
            "※２　代理人は窓口",
            "注3）電子署名が要る",
            "※○：対応済み",
            "* 試行",
        ]);
        for (label, text) in [
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
        fn no_text_panics(text in "[○△×ー：=、は※注1 あ()（）\\PC]{0,40}") {
            let legend = Legend::read([text.as_str()]);
            let _ = legend.meaning("○", None);
        }
    }
}
