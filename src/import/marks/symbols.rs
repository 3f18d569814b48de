//! Signs that are no words: marks, and the brackets behind a text.

const BRACKETS: [(char, char); 7] =
    [('(', ')'), ('[', ']'), ('【', '】'), ('「', '」'), ('〔', '〕'), ('『', '』'), ('〈', '〉')];

/// A text without the groups in brackets around it, and what stands in them.
pub(in crate::import) fn without_groups(text: &str) -> (&str, Vec<&str>) {
    let (mut text, mut groups) = (text.trim(), Vec::new());
    loop {
        let behind = BRACKETS.iter().find_map(|(open, close)| {
            let inner = text.strip_suffix(*close)?;
            let at = inner.rfind(*open)?;
            Some((&text[..at], &inner[at + open.len_utf8()..]))
        });
        let before = || {
            BRACKETS.iter().find_map(|(open, close)| {
                let inner = text.strip_prefix(*open)?;
                let at = inner.find(*close)?;
                Some((&inner[at + close.len_utf8()..], &inner[..at]))
            })
        };
        // A number in brackets before a word is a number.
        let is_number = |inner: &str| !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_digit());
        let found = behind.or_else(|| before().filter(|(_, inner)| !is_number(inner)));
        match found.filter(|(rest, _)| !rest.trim().is_empty()) {
            Some((rest, inner)) => {
                text = rest.trim();
                groups.insert(0, inner);
            }
            None => return (text, groups),
        }
    }
}

/// Whether a character is a mark that is no letter.
pub(in crate::import) fn is_symbol(c: char) -> bool {
    matches!(
        c,
        '○' | '〇'
            | '◯'
            | '●'
            | '◎'
            | '△'
            | '▲'
            | '×'
            | '✕'
            | '✗'
            | '✓'
            | '⭕'
            | '⚪'
            | '✔'
            | '✅'
            | '☑'
            | '❌'
            | '❎'
            | '✖'
            | '✘'
            | '╳'
            | '☐'
            | '☒'
            | '□'
            | '■'
            | '▽'
            | '▼'
            | '◇'
            | '◆'
            | '☆'
            | '★'
    )
}
