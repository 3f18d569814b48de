//! Texts that explain marks and codes with the words before them: 「対応済は1、未対応は2」, 「対応済（○）」.

use super::signs::{CIRCLED, Pairs, is_joint, is_mark};

/// What stands between the words and what they are written as.
const LINKS: [&str; 9] = ["は", "が", "を", "なら", "には", "場合", "とき", "の", "であれば"];
const OPENS: [char; 4] = ['「', '『', '[', '"'];
const CLOSES: [char; 5] = ['」', '』', ']', ')', '"'];
/// What goes on behind a mark with the sentence that it ends.
const GOES_ON: [&str; 5] = ["を", "と", "に", "で", "です"];

/// The codes of a line that stand behind their words; `None` where words stand behind the last of them, as in
/// 「1 対応済 2 未対応」.
pub(super) fn codes_behind_words(line: &str) -> Option<Pairs> {
    let chars: Vec<char> = line.chars().collect();
    let of_code = |at: usize| chars[at].is_ascii_digit() || chars[at].is_ascii_uppercase();
    let beside = |at: Option<usize>| {
        at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
    };
    let alone = |at: usize| !beside(at.checked_sub(1)) && !beside(Some(at + 1));
    let found = behind_words(&chars, |at| CIRCLED.contains(chars[at]) || (of_code(at) && alone(at)))?;
    let mut words: Vec<&str> = found.iter().map(|(_, words, _)| words.as_str()).collect();
    words.sort_unstable();
    words.dedup();
    // What is numbered (様式1、様式2) is no list of codes.
    let differ = words.len() == found.len();
    let tied = found.len() > 1 || found.iter().all(|(_, _, tie)| *tie == Tie::Link);
    (differ && tied).then(|| found.into_iter().map(|(code, words, _)| (code, words)).collect())
}

/// The marks of a line that stand behind their words, tied to them: 「対応済：○　未対応：×」.
pub(super) fn marks_behind_words(line: &str) -> Option<Pairs> {
    let chars: Vec<char> = line.chars().collect();
    let found = behind_words(&chars, |at| is_mark(chars[at]))?;
    let tied = found.len() > 1 && found.iter().all(|(_, _, tie)| *tie != Tie::Loose);
    tied.then(|| found.into_iter().map(|(mark, words, _)| (mark, words)).collect())
}

/// How words are tied to what stands behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tie {
    /// By a sign or a word: 「対応済＝1」, 「対応済は1」.
    Link,
    /// By brackets: 「対応済（1）」.
    Brackets,
    /// By nothing but their place: 「対応済 1」.
    Loose,
}

/// The signs of a line, each with the words before it.
fn behind_words(chars: &[char], is_sign: impl Fn(usize) -> bool) -> Option<Vec<(String, String, Tie)>> {
    let mut found = Vec::new();
    let mut from = 0;
    for at in (0..chars.len()).filter(|at| is_sign(*at)) {
        let closed = chars[at + 1..].iter().take_while(|c| CLOSES.contains(c)).count();
        let end = at + 1 + closed;
        let rest: String = chars[end..].iter().collect();
        let goes_on = GOES_ON.iter().any(|word| rest.starts_with(word));
        let ends = rest.chars().next().is_none_or(|next| " 、,;。/・※".contains(next));
        if !(ends || goes_on) {
            continue;
        }
        let before: String = chars[from..at].iter().collect();
        let (words, tie) = words_at_end(&before)?;
        found.push((chars[at].to_string(), words, tie));
        from = end;
    }
    let rest: String = chars[from..].iter().collect();
    let bare = rest.trim_start();
    let over = match found.len() {
        0 => return None,
        // One alone may be the first of those that have their words behind them.
        1 => bare.trim_matches(|c: char| !c.is_alphanumeric()).is_empty(),
        _ => GOES_ON.iter().any(|word| rest.starts_with(word)) || !bare.starts_with(char::is_alphanumeric),
    };
    over.then_some(found)
}

/// The words at the end of a text that a sign stands behind, and how they are tied to it.
fn words_at_end(before: &str) -> Option<(String, Tie)> {
    let (mut text, mut tie) = (before.trim_end(), Tie::Loose);
    loop {
        let rest = text.trim_end_matches(' ');
        let bare = rest.trim_end_matches(is_joint);
        let bare = LINKS.iter().find_map(|link| bare.strip_suffix(link)).unwrap_or(bare);
        if bare.len() < rest.len() {
            (text, tie) = (bare, Tie::Link);
            continue;
        }
        let bare = rest.trim_end_matches(OPENS).trim_end_matches('(');
        if bare.len() == rest.len() {
            text = rest;
            break;
        }
        tie = if tie == Tie::Link { tie } else { Tie::Brackets };
        text = bare;
    }
    let parts = |c: char| is_joint(c) || " 、,;。/※】・」』".contains(c);
    let words = text.rsplit(parts).next()?;
    let words = match (words.rfind('('), words.rfind(')')) {
        (Some(at), None) => &words[at + 1..],
        (None, Some(at)) => &words[at + 1..],
        _ => words,
    };
    let words = words.trim_matches(|c: char| "「『【[".contains(c) || c.is_whitespace());
    words.chars().any(char::is_alphabetic).then(|| (words.to_owned(), tie))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(found: Option<Pairs>) -> String {
        let found = found.unwrap_or_default();
        found.iter().map(|(mark, words)| format!("{mark}={words}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn codes_stand_behind_their_words() {
        for line in [
            "※対応済は1、予定は2、未対応は3",
            "回答欄には、対応済は「1」、予定は「2」、未対応は「3」を記入",
            "対応済=1 予定=2 未対応=3",
            "凡例:対応済…1 予定…2 未対応…3",
            "対応済(1)、予定(2)、未対応(3)",
            "対応済の場合は1、予定の場合は2、未対応の場合は3としてください。",
            "対応済 1、予定 2、未対応 3",
            "(対応済→1、予定→2、未対応→3)",
            "注)対応済なら1、予定なら2、未対応なら3、それ以外は空欄",
            "対応済1 予定2 未対応3",
        ] {
            assert_eq!(pairs(codes_behind_words(line)), "1=対応済 2=予定 3=未対応", "{line}");
        }
        assert_eq!(pairs(codes_behind_words("対応済=1")), "1=対応済");
        assert_eq!(pairs(codes_behind_words("対応済は①、未対応は②")), "①=対応済 ②=未対応");
        for line in [
            "1 対応済 2 予定 3 未対応",
            "凡例:1 対応済 2 予定",
            "(1)対応済 (2)予定",
            "区分(1)対応済(2)予定",
            "「1」対応済「2」予定",
            "1:対応済 2:予定",
            "様式1、様式2",
            "様式1",
            "R7:対応 R8:予定",
            "受付 9:00~17:00",
            "対応済は1、2、3のいずれか",
            "令和8年3月31日",
            "1/3",
            "",
        ] {
            assert_eq!(codes_behind_words(line), None, "{line}");
        }
    }

    #[test]
    fn marks_stand_behind_their_words() {
        for line in ["対応済は×、未対応は○", "対応済:× 未対応:○", "対応済(×)、未対応(○)を記入"]
        {
            assert_eq!(pairs(marks_behind_words(line)), "×=対応済 ○=未対応", "{line}");
        }
        for line in ["対応○ 未対応×", "○:対応済 ×:未対応", "記号は○か×で記入", "○…対応 ×…未対応"]
        {
            assert_eq!(marks_behind_words(line), None, "{line}");
        }
    }
}
