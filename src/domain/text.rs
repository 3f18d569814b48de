//! Text as people send it: cleaning what is stored, folding what is compared.
//!
//! Stored text is only normalised to NFC, trimmed and freed of invisible characters, and radicals in it
//! become the ideographs they stand for; a name such as 髙 stays 髙. Codes, numbers and marks are width-folded, never NFKC (which would turn ① into
//! 1). Folded copies are for comparison and are never stored as the word of a town.

use std::borrow::Cow;

use strsim::levenshtein;
use unicode_normalization::UnicodeNormalization;

use super::Refusal;
use super::radicals::ideograph;

/// Whether a character shows nothing and parts nothing: marks of width zero and of direction, the soft
/// hyphen, the byte order mark.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// Text without invisible characters.
pub fn visible(text: &str) -> Cow<'_, str> {
    // The first bytes of all of them; most text has none of these, and need not be decoded.
    let suspect = |byte: u8| matches!(byte, 0xC2 | 0xE2 | 0xEF);
    if text.bytes().any(suspect) && text.contains(is_invisible) {
        return Cow::Owned(text.chars().filter(|c| !is_invisible(*c)).collect());
    }
    Cow::Borrowed(text)
}

/// Width folding only: full-width ASCII to ASCII, half-width kana to full-width, U+3000 and U+00A0
/// to a space, radicals to their ideographs, invisible characters removed, ends trimmed.
pub fn fold_width(text: &str) -> String {
    if text.chars().all(|c| is_plain(c) && !matches!(c, '\u{FF01}'..='\u{FF5E}' | '\u{3000}')) {
        return text.trim().to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{FF01}'..='\u{FF5E}' => out.push(narrow(c)),
            '\u{3000}' | '\u{00A0}' => out.push(' '),
            invisible if is_invisible(invisible) => {}
            // Half-width kana and their sound marks have compatibility mappings of their own.
            '\u{FF61}'..='\u{FF9F}' => out.extend(std::iter::once(c).nfkc()),
            other => out.push(ideograph(other)),
        }
    }
    // A half-width kana followed by its sound mark becomes one composed character.
    let composed: String = if out.contains(['\u{3099}', '\u{309A}']) { out.nfc().collect() } else { out };
    composed.trim().to_owned()
}

/// Folded copy of a mark: width-folded, wave dashes made alike, without the selectors that show a
/// character as text or as a picture.
pub fn fold_mark(text: &str) -> String {
    const SELECTORS: [char; 2] = ['\u{FE0E}', '\u{FE0F}'];
    let folded = fold_width(text);
    if !folded.contains(['〜', SELECTORS[0], SELECTORS[1]]) {
        return folded;
    }
    folded.replace('〜', "~").replace(SELECTORS, "").trim().to_owned()
}

/// Folded copy for matching headings and procedure names: width-folded, lower case, without
/// spaces and line breaks, wave dashes and brackets made alike.
pub fn fold_for_match(text: &str) -> String {
    if !text.chars().all(is_plain) {
        return fold_any_for_match(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_whitespace()) {
        out.push(match c {
            '\u{FF01}'..='\u{FF5E}' => narrow(c).to_ascii_lowercase(),
            '〜' => '~',
            other => other.to_ascii_lowercase(),
        });
    }
    out
}

/// Whether a character stands for itself whatever stands beside it, but for its width and its case:
/// nearly all that files hold, and quick to tell.
fn is_plain(c: char) -> bool {
    matches!(c,
        '\0'..='\u{7F}'
        | '\u{25A0}'..='\u{25FF}'
        | '\u{3000}'..='\u{3029}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30A1}'..='\u{30FE}'
        | '\u{4E00}'..='\u{9FFF}'
        | '\u{FF01}'..='\u{FF5E}')
}

/// The narrow form of a full-width character of ASCII; the block mirrors ASCII at a fixed distance.
fn narrow(c: char) -> char {
    char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c)
}

fn fold_any_for_match(text: &str) -> String {
    fold_width(&text.nfc().collect::<String>())
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            '〜' => '~',
            '─' | '―' | '‐' | '−' | '—' | '–' => '-',
            other => other,
        })
        .collect()
}

/// Folded copy for search by a person (`q=`): NFKC, lower case, katakana to hiragana, no spaces.
pub fn fold_for_search(text: &str) -> String {
    text.chars()
        .map(ideograph)
        .nfkc()
        .filter(|c| !c.is_whitespace() && !is_invisible(*c))
        .flat_map(char::to_lowercase)
        .map(|c| match c {
            'ァ'..='ヶ' => char::from_u32(u32::from(c) - 0x60).unwrap_or(c),
            other => other,
        })
        .collect()
}

/// Spellings of place names that the register and incoming files use for one another.
const NAME_VARIANTS: &[(char, char)] = &[
    ('ヶ', 'ケ'),
    ('ｹ', 'ケ'),
    ('鰺', '鯵'),
    ('竜', '龍'),
    ('竃', '竈'),
    ('驒', '騨'),
    ('檮', '梼'),
    ('﨑', '崎'),
    ('髙', '高'),
    ('桧', '檜'),
    ('薮', '藪'),
    ('曾', '曽'),
    ('嶋', '島'),
    ('冨', '富'),
    ('渕', '淵'),
    ('釡', '釜'),
    ('𠮷', '吉'),
    ('が', 'ケ'),
    ('か', 'ケ'),
    ('籠', '篭'),
];

/// Folded copy of a body's name for comparison, by the table of variants.
///
/// Compatibility ideographs (貝 in some files) fall to their canonical form by NFC, variation
/// selectors are dropped.
pub fn fold_name(text: &str) -> String {
    fold_for_match(text)
        .chars()
        .filter(|c| !matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}'))
        .map(|c| NAME_VARIANTS.iter().find(|(variant, _)| *variant == c).map_or(c, |(_, standard)| *standard))
        .collect::<String>()
        .replace("塩竈", "塩釜")
}

/// Whether a cell holds what programs write where there is nothing: R, SQL, pandas and people. Exactly
/// these words, for `None` may be a name and `none` a remark.
pub fn stands_for_nothing(cell: &str) -> bool {
    const WORDS: [&str; 10] = ["NA", "N/A", "<NA>", "NULL", "null", "\\N", "nan", "NaN", "None", "-"];
    cell.len() <= 4 && WORDS.contains(&cell)
}

/// Most line breaks of a text: a cell of a file with more was most likely never closed, so a text
/// with more could not come back from an export.
pub const MAX_LINE_BREAKS: usize = 50;

/// Text as it is stored: NFC, trimmed, without invisible characters, radicals as their ideographs;
/// `None` if nothing is left.
///
/// # Errors
///
/// Control characters, bidirectional overrides, characters of the private use area (外字) and text
/// longer than `max_characters`. PostgreSQL refuses U+0000 where SQLite stores it, so it is refused
/// before either sees it.
pub fn clean(text: &str, max_characters: usize) -> Result<Option<String>, Refusal> {
    let cleaned: String = text.chars().filter(|c| !is_invisible(*c)).map(ideograph).nfc().collect();
    let cleaned = cleaned.trim_matches(|c: char| c.is_whitespace() || c == '\u{00A0}');
    if let Some(bad) = cleaned.chars().find(|c| is_forbidden(*c)) {
        return Err(forbidden(text, bad));
    }
    if cleaned.matches('\n').count() > MAX_LINE_BREAKS {
        return Err(Refusal::new(
            "too_many_lines",
            text,
            "改行が多すぎます",
            format!("more than {MAX_LINE_BREAKS} line breaks"),
        )
        .allowed(format!("改行{MAX_LINE_BREAKS}回まで")));
    }
    let length = cleaned.chars().count();
    if length > max_characters {
        return Err(Refusal::new(
            "too_long",
            text,
            format!("文字数が{length}文字で、上限の{max_characters}文字を超えています"),
            format!("the text has {length} characters, more than {max_characters}"),
        )
        .allowed(format!("{max_characters}文字以内")));
    }
    Ok((!cleaned.is_empty()).then(|| cleaned.to_owned()))
}

/// Whether a character may not be stored anywhere: controls but line break and tab, bidirectional
/// overrides, private use.
pub fn is_forbidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{E000}'..='\u{F8FF}')
}

fn forbidden(text: &str, bad: char) -> Refusal {
    let point = format!("U+{:04X}", u32::from(bad));
    let visible: String = text.chars().map(|c| if is_forbidden(c) { '\u{FFFD}' } else { c }).collect();
    if matches!(bad, '\u{E000}'..='\u{F8FF}') {
        Refusal::new(
            "private_use_character",
            &visible,
            format!("外字は使えません（{point}）"),
            format!("private use characters cannot be stored ({point})"),
        )
        .allowed("JIS X 0213 の文字")
    } else {
        Refusal::new(
            "control_character",
            &visible,
            format!("制御文字は使えません（{point}）"),
            format!("control characters cannot be stored ({point})"),
        )
        .allowed("制御文字を含まない文字列")
    }
}

/// Characters of JIS that Unicode has twice: CP932 holds only the second. The encoder would turn
/// the yen sign and the overline into a backslash and a tilde.
const EQUIVALENTS: &[(char, char)] = &[
    ('〜', '～'),
    ('−', '－'),
    ('—', '―'),
    ('‖', '∥'),
    ('¢', '￠'),
    ('£', '￡'),
    ('¬', '￢'),
    ('¥', '￥'),
    ('‾', '￣'),
];

/// What stands for a character that CP932 does not have.
pub const GETA: char = '〓';

/// Text with those characters as CP932 has them.
pub fn cp932_form(text: &str) -> Cow<'_, str> {
    let equivalent = |c: char| EQUIVALENTS.iter().find(|(from, _)| *from == c).map(|(_, to)| *to);
    if text.chars().all(|c| equivalent(c).is_none()) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| equivalent(c).unwrap_or(c)).collect())
}

/// Whether a text may be what CP932 makes of another: only one with 〓, or with a character that is written
/// in two ways.
pub fn may_come_from_cp932(text: &str) -> bool {
    text.chars().any(|c| c == GETA || EQUIVALENTS.iter().any(|(from, to)| *from == c || *to == c))
}

/// Whether a spreadsheet would take a cell that begins like this for a formula. Such text is
/// exported with a leading `'`, which a later import takes off again.
pub fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

/// Text as an export writes it: what a spreadsheet would take for a formula has a `'` before it,
/// and what would lose such a `'` on the way back has one more.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if starts_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Text as it was before it was [`guarded`].
pub fn unguarded(text: &str) -> &str {
    let bare = |rest: &&str| starts_formula(rest.trim_start_matches('\''));
    text.strip_prefix('\'').filter(bare).unwrap_or(text)
}

/// A refusal of a code that is none of `known`, with the nearest one as suggestion.
pub fn unknown_code(text: &str, what_ja: &str, what_en: &str, known: &[&str]) -> Refusal {
    let refusal = Refusal::unknown(
        "unknown_code",
        text,
        format!("{what_ja}「{}」はありません", cut(text, 40)),
        format!("unknown {what_en}"),
    )
    .allowed(known.join(", "));
    match nearest(text, known.iter().copied()) {
        Some(near) => refusal.suggest(near),
        None => refusal,
    }
}

/// At most `characters` characters of a text, for messages; characters that could turn the text
/// around or hide in it are shown as U+FFFD.
pub fn cut(text: &str, characters: usize) -> String {
    let visible = |text: &str| text.chars().map(|c| if is_forbidden(c) { '\u{FFFD}' } else { c }).collect();
    match text.char_indices().nth(characters) {
        Some((end, _)) => visible(&text[..end]) + "…",
        None => visible(text),
    }
}

/// The candidate that differs least from `text`, if it is near enough to be a slip.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = text.chars().count();
    if length > 60 {
        return None;
    }
    candidates
        .into_iter()
        .map(|candidate| (levenshtein(text, candidate), candidate))
        // Among equals the one that keeps the most letters in place.
        .min_by_key(|(distance, candidate)| (*distance, std::cmp::Reverse(in_place(text, candidate))))
        .filter(|(distance, candidate)| {
            *distance <= 1 + length.max(candidate.chars().count()) / 4 && *distance < length.max(1)
        })
        .map(|(_, candidate)| candidate)
}

/// Letters that stand in both texts, counted from the front and from the back.
fn in_place(a: &str, b: &str) -> usize {
    let front = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let back = a.chars().rev().zip(b.chars().rev()).take_while(|(x, y)| x == y).count();
    front + back
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_are_folded_and_circled_digits_kept() {
        assert_eq!(fold_width("　０８２３３３\u{00A0}"), "082333");
        assert_eq!(fold_width("ｺﾝﾋﾞﾆ交付"), "コンビニ交付");
        assert_eq!(fold_width("①㈱髙"), "①㈱髙");
    }

    #[test]
    fn names_match_through_their_variants() {
        for (a, b) in [
            ("六ケ所村", "六ヶ所村"),
            ("鰺ヶ沢町", "鯵ケ沢町"),
            ("龍ケ崎市", "竜ヶ崎市"),
            ("塩竈市", "塩釜市"),
            ("檮原町", "梼原町"),
            ("関ケ原町", "関が原町"),
            ("𠮷野ヶ里町", "吉野ケ里町"),
            ("貝\u{FE00}塚市", "貝塚市"),
        ] {
            assert_eq!(fold_name(a), fold_name(b), "{a} {b}");
        }
        assert_ne!(fold_name("府中市"), fold_name("府中町"));
    }

    #[test]
    fn what_both_databases_cannot_hold_is_refused() {
        assert_eq!(clean("a\0b", 10).unwrap_err().code, "control_character");
        assert_eq!(clean("\u{202E}x", 10).unwrap_err().code, "control_character");
        assert_eq!(clean("\u{E000}", 10).unwrap_err().code, "private_use_character");
        assert_eq!(clean("あいう", 2).unwrap_err().code, "too_long");
        assert_eq!(clean(" \u{200B} \n", 10), Ok(None));
        assert_eq!(clean("か\u{3099}", 10), Ok(Some("が".to_owned())));
    }

    #[test]
    fn what_does_not_show_is_not_there() {
        for hidden in ["\u{200B}", "\u{200D}", "\u{200F}", "\u{2060}", "\u{AD}", "\u{FEFF}"] {
            let text = format!("{hidden}行{hidden}方市{hidden}");
            assert_eq!(visible(&text), "行方市");
            assert_eq!(fold_name(&text), "行方市");
            assert_eq!(fold_for_search(&text), "行方市");
            assert_eq!(clean(&text, 10), Ok(Some("行方市".to_owned())));
        }
        assert_eq!(visible("○ 全部"), "○ 全部");
    }

    proptest! {
        #[test]
        fn the_quick_way_to_fold_gives_what_the_long_way_does(
            text in "[ -~ａ-ｚＡ-Ｚ～　ぁ-ヾ〜○×髙市\\u{25A0}-\\u{25FF}\\u{3000}-\\u{3040}\\u{9F00}-\\u{9FFF}\\t\\n]{0,12}|\\PC{0,8}",
        ) {
            prop_assert_eq!(fold_for_match(&text), fold_any_for_match(&text));
            // A sound mark that joins nothing makes the text pass for one that is not plain.
            prop_assert_eq!(fold_width(&text), fold_width(&format!("{text}\u{200B}")));
        }
    }

    #[test]
    fn radicals_are_ideographs_wherever_text_is_read() {
        assert_eq!(fold_name("⻑久⼿市"), "長久手市");
        assert_eq!(fold_width("令和⼋年３⽉"), "令和八年3月");
        assert_eq!(clean("申請⽅法", 10), Ok(Some("申請方法".to_owned())));
    }

    #[test]
    fn slips_get_a_suggestion_and_strangers_none() {
        assert_eq!(nearest("kosodte", ["kosodate", "kaigo"]), Some("kosodate"));
        assert_eq!(nearest("limt", ["list", "limit"]), Some("limit"));
        assert_eq!(nearest("xyz", ["kosodate", "kaigo"]), None);
    }

    proptest! {
        #[test]
        fn guarded_text_comes_back(text in "['=+@あ1-]{0,5}") {
            prop_assert!(!starts_formula(&guarded(&text)));
            let guarded = guarded(&text);
            prop_assert_eq!(unguarded(&guarded), text.as_str());
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(text in "\\PC{0,40}") {
            if let Ok(Some(once)) = clean(&text, 1000) {
                prop_assert_eq!(clean(&once, 1000), Ok(Some(once)));
            }
        }

        #[test]
        fn folding_twice_is_folding_once(text in "\\PC{0,40}") {
            let once = fold_width(&text);
            prop_assert_eq!(fold_width(&once), once);
        }
    }
}
