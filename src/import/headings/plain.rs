//! Headings without what people put around them: 【手続】, ■手続名, オンライン※1, 備考（任意）.

use super::spelling::JOINT;

/// Brackets that may stand around a whole heading.
const BRACKETS: [(char, char); 12] = [
    ('【', '】'),
    ('〔', '〕'),
    ('［', '］'),
    ('[', ']'),
    ('＜', '＞'),
    ('<', '>'),
    ('〈', '〉'),
    ('《', '》'),
    ('「', '」'),
    ('『', '』'),
    ('（', '）'),
    ('(', ')'),
];
/// Signs before or behind a heading that say nothing of it.
const SIGNS: &str = "■□●◆◇▼▽★☆※＊*・†‡";
/// Words that say whether a column has to be filled in.
const MUST: [&str; 8] =
    ["必須", "任意", "必須項目", "任意項目", "入力必須", "記入必須", "要記入", "必須入力"];

/// A heading without what stands around its parts; none where nothing does.
pub(super) fn without_ornaments(heading: &str) -> Option<String> {
    /// Longer text is no heading that anything is known by.
    const LONGEST: usize = 600;
    // Most headings have none, and are not looked at further.
    if heading.len() > LONGEST || !heading.contains(may_begin) {
        return None;
    }
    let parts: Vec<&str> = heading.split(JOINT).map(plain).collect();
    let joined = parts.join(&JOINT.to_string());
    (joined != heading).then_some(joined)
}

/// Whether a character may begin what stands around a heading.
fn may_begin(c: char) -> bool {
    match c {
        '\u{3042}'..='\u{9FFF}' => matches!(c, '必' | '任' | '入' | '記' | '要' | '・'),
        _ => SIGNS.contains(c) || BRACKETS.iter().any(|(open, _)| *open == c),
    }
}

/// The text within; the text itself where nothing would be left.
fn plain(text: &str) -> &str {
    let mut text = text.trim();
    // Each step takes something off.
    while let Some(inner) = within(text).map(str::trim).filter(|inner| !inner.is_empty()) {
        text = inner;
    }
    text
}

/// A text without the outermost of what stands around it.
fn within(text: &str) -> Option<&str> {
    let around = |(open, close): &(char, char)| {
        let inner = text.strip_prefix(*open)?.strip_suffix(*close)?;
        (!inner.contains([*open, *close])).then_some(inner)
    };
    // A footnote may have its number behind it.
    let unnumbered = text.trim_end_matches(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
    let sign = |c: char| SIGNS.contains(c);
    let footnote = unnumbered.ends_with(sign).then(|| unnumbered.trim_end_matches(sign));
    let before = || text.strip_prefix(sign);
    BRACKETS.iter().find_map(around).or(footnote).or_else(before).or_else(|| without_must(text))
}

/// A text without the word that says whether its column has to be filled in, in brackets or apart from it.
fn without_must(text: &str) -> Option<&str> {
    let is_must = |word: &str| {
        let word = word.trim_matches(|c: char| c.is_whitespace() || SIGNS.contains(c));
        MUST.contains(&word)
    };
    let behind = |(open, close): &(char, char)| {
        let (rest, word) = text.strip_suffix(*close)?.rsplit_once(*open)?;
        (is_must(word) || is_footnote(word)).then_some(rest)
    };
    let before = |(open, close): &(char, char)| {
        let (word, rest) = text.strip_prefix(*open)?.split_once(*close)?;
        (is_must(word) || is_footnote(word)).then_some(rest)
    };
    let apart = || {
        let (first, rest) = text.split_once(char::is_whitespace)?;
        let (upper, last) = text.rsplit_once(char::is_whitespace)?;
        if is_must(last) { Some(upper) } else { is_must(first).then_some(rest) }
    };
    BRACKETS.iter().find_map(behind).or_else(|| BRACKETS.iter().find_map(before)).or_else(apart)
}

/// Whether what stands in brackets is the sign of a footnote: ※1, 注2.
fn is_footnote(word: &str) -> bool {
    let word = word.trim();
    let sign = word.trim_end_matches(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
    !sign.is_empty() && (sign == "注" || sign.chars().all(|c| SIGNS.contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_heading_is_no_part_of_it() {
        for (heading, plain) in [
            ("【手続】", "手続"),
            ("〔手続名〕", "手続名"),
            ("［手続名］", "手続名"),
            ("<手続>", "手続"),
            ("■手続名", "手続名"),
            ("■【手続名】", "手続名"),
            ("オンライン※1", "オンライン"),
            ("オンライン（※２）", "オンライン"),
            ("手続名*", "手続名"),
            ("*手続名", "手続名"),
            ("備考（任意）", "備考"),
            ("【必須】手続名", "手続名"),
            ("手続名\n必須", "手続名"),
            ("手続名\n（※必須）", "手続名"),
            ("【オンライン】／状況", "オンライン／状況"),
            ("オンライン／【状況】※", "オンライン／状況"),
        ] {
            assert_eq!(without_ornaments(heading).as_deref(), Some(plain), "{heading}");
        }
        for heading in [
            "手続名",
            "オンライン（マイナポータル）",
            "（仮）転出届（案）",
            "(1)転出届",
            "目標（R8）",
            "国公表値（参考）",
            "必須",
            "※",
            "【】",
            "R7",
        ] {
            assert_eq!(without_ornaments(heading), None, "{heading}");
        }
    }
}
