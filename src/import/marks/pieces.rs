//! The text of a cell in pieces: numbers before words, groups in brackets, footnotes, addresses.

use std::borrow::Cow;

use super::plans::{AHEAD, planned, since};
use super::symbols::{is_symbol, without_groups};
use super::words;
use crate::domain::readiness::Scale;
use crate::domain::text::fold_mark;

/// Whether a word is a web address; if so it is put with the others.
pub(super) fn is_address<'t>(word: &'t str, found: &mut Vec<&'t str>) -> bool {
    let lower = word.get(..8).unwrap_or(word).to_ascii_lowercase();
    let address = lower.starts_with("http://") || lower.starts_with("https://") || lower.starts_with("www.");
    if address {
        found.push(word);
    }
    address
}

/// A number before a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) value: u8,
    /// Whether it is written as levels are, and not as ① or (1).
    pub(super) plain: bool,
}

/// A number before a word: 「1 実施済」, 「2：未」, 「(3)済」, 「①済」.
pub(super) fn numbered(text: &str) -> Option<(Number, &str)> {
    const CIRCLED: &str = "①②③④⑤⑥⑦⑧⑨⑩";
    let first = text.chars().next()?;
    if let Some(at) = CIRCLED.chars().position(|c| c == first) {
        let number = Number { value: u8::try_from(at + 1).ok()?, plain: false };
        return Some((number, text[first.len_utf8()..].trim_start_matches(is_behind_number)));
    }
    let inner = text.strip_prefix('(').unwrap_or(text);
    let end = inner.find(|c: char| !c.is_ascii_digit()).filter(|end| (1..=2).contains(end))?;
    let rest = inner[end..].trim_start_matches(is_behind_number);
    (!rest.starts_with(|c: char| c.is_ascii_digit())).then_some(())?;
    Some((Number { value: inner[..end].parse().ok()?, plain: first != '(' }, rest))
}

fn is_behind_number(c: char) -> bool {
    matches!(c, ' ' | '.' | ':' | '、' | ',' | ')' | '_' | '-' | '．')
}

pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, ':' | '、' | ',' | ';' | '・' | '→' | '/' | '。')
    })
}

/// The sign of a footnote: ※, ※1, *2, 注3, †.
pub(super) fn footnote(text: &str) -> Option<&str> {
    let rest = ['※', '*', '†', '注'].iter().find_map(|sign| text.strip_prefix(*sign))?;
    rest.chars()
        .all(|c| c.is_ascii_digit() || matches!(c, ')' | '(' | '※' | '*' | '†' | ',' | '、'))
        .then_some(text)
}

pub(super) fn dates(text: &str) -> bool {
    let text = trimmed(text);
    since(text).is_some() || planned(text).flatten().is_some()
}

/// Whether two different marks stand in a text outside of brackets.
pub(super) fn has_two_marks(text: &str) -> bool {
    let (head, _) = without_groups(text);
    let mark = |c: char| {
        words::alike(c.encode_utf8(&mut [0; 4])).map_or_else(|| Cow::Owned(c.to_string()), Cow::Borrowed)
    };
    let mut marks = head.chars().filter(|c| is_symbol(*c)).map(mark);
    marks.next().is_some_and(|first| marks.any(|other| other != first))
}

/// Whether words beside a mark for something that is offered may say that it is not, or not so: they
/// are nothing to put into a note without asking.
pub(super) fn is_turning(text: &str, scale: Option<Scale>) -> bool {
    const ALWAYS: [&str; 13] = [
        "未",
        "不可",
        "廃止",
        "停止",
        "中止",
        "休止",
        "終了",
        "まで",
        "ない",
        "なし",
        "できず",
        "除く",
        "不要",
    ];
    const ONLINE: [&str; 12] = [
        "来庁",
        "窓口",
        "郵送",
        "紙",
        "電話",
        "FAX",
        "予約",
        "事前入力",
        "様式",
        "ダウンロード",
        "案内",
        "印刷",
    ];
    let turning = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let partly = scale == Some(Scale::Counter) && text.contains("一部");
    partly
        || turning(&ALWAYS)
        || turning(&AHEAD)
        || text.starts_with('~')
        || text.chars().any(is_turning_char)
        || (scale != Some(Scale::Counter) && turning(&ONLINE))
}

pub(super) fn is_turning_char(c: char) -> bool {
    is_symbol(c) || c == '?'
}

/// What stands beside a symbol, in brackets or behind it: ○(国外転出を除く), ○ ※面談予約のみ.
pub(super) fn beside_mark(folded: &str) -> Option<&str> {
    let mark = folded.chars().next().filter(|c| is_symbol(*c))?;
    let rest = folded[mark.len_utf8()..].trim();
    let inner = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(rest);
    let bare = inner.trim_start_matches(['※', '*']).trim();
    bare.chars().any(char::is_alphabetic).then_some(bare)
}

/// Whether words say that something is done.
pub(super) fn tells_done(text: &str) -> bool {
    const DONE: [&str; 9] =
        ["済", "済み", "実施中", "運用中", "稼働中", "導入中", "利用可", "申請可", "対応可"];
    const NOT: [&str; 4] = ["未", "不", "予定", "ない"];
    DONE.iter().any(|word| text.ends_with(word)) && !NOT.iter().any(|word| text.contains(word))
}

/// A piece of a folded text as it stands in the text that was folded.
pub(super) fn as_written(raw: &str, piece: &str) -> String {
    if raw.contains(piece) {
        return piece.to_owned();
    }
    let (mut folded, mut places) = (String::with_capacity(raw.len()), Vec::with_capacity(raw.len()));
    for (at, c) in raw.char_indices() {
        places.push((folded.len(), at));
        folded.push_str(&fold_mark(c.encode_utf8(&mut [0; 4])));
    }
    let Some(start) = folded.find(piece) else { return piece.to_owned() };
    let place = |wanted: usize| places.iter().find(|(at, _)| *at >= wanted).map_or(raw.len(), |(_, at)| *at);
    raw[place(start)..place(start + piece.len())].to_owned()
}
