//! Where texts explain marks, and in which words: 「○：対応済み」, 「◎電子申請」, 「空欄は該当なし」.

use super::plans::plan;
use super::signs::{CIRCLED, Pairs, is_joint, is_mark};
use super::symbols::is_symbol;
use super::words_first::{codes_behind_words, marks_behind_words};
use crate::domain::text::fold_mark;

/// Words by which a text calls itself a legend.
const LEGEND: [&str; 2] = ["凡例", "記号"];
/// Words for an empty cell, as texts name it.
const BLANK: [&str; 8] = ["空欄", "空白", "無印", "無記入", "未記入", "記入なし", "記入無し", "ブランク"];
/// What may stand behind them and says no more.
const OF_BLANK: [&str; 8] = ["の欄", "欄", "のセル", "の場合", "のもの", "の箇所", "のところ", "の項目"];
/// What binds a mark to a sentence about the mark itself: 「○を付ける」, 「○か×」, 「令和○年」.
const BINDING: [&str; 22] = [
    "か",
    "や",
    "と",
    "を",
    "も",
    "の",
    "で",
    "に",
    "へ",
    "等",
    "など",
    "印",
    "又は",
    "または",
    "及び",
    "および",
    "以外",
    "なら",
    "年",
    "月",
    "日",
    "つけ",
];
/// What stands behind a number of things.
const COUNTERS: &str =
    "件階回人市町村区県団つ番号割部ヶヵケカ個名次者段章条項度時分秒枚種級位週口課係本社万千百十歳才";

/// A mark or a code in a text.
#[derive(Clone, Debug)]
struct Sign {
    /// Where it begins, in characters.
    at: usize,
    /// Where what is said of it begins.
    end: usize,
    /// Empty for an empty cell.
    mark: String,
}

/// Whether a text begins with a word by which legends call themselves.
pub(in crate::import) fn is_called_legend(text: &str) -> bool {
    let bare = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    LEGEND.iter().any(|word| bare.starts_with(word))
}

/// Whether a text names an empty cell and nothing else.
pub(super) fn is_blank(text: &str) -> bool {
    let bare = text.strip_suffix('欄').unwrap_or(text);
    BLANK.contains(&text) || BLANK.contains(&bare)
}

/// The marks that a (folded) text explains: 「凡例：○＝対応済み、△：一部、－は制度なし」.
pub(super) fn explained(text: &str) -> Pairs {
    let chars: Vec<char> = text.chars().collect();
    between(&chars, &signs(&chars, false))
}

/// The same where the words may stand directly behind a mark (「○様式のみ ◎電子申請」), and whether the text
/// calls itself a legend before them. Nothing where no mark of it stands so.
pub(super) fn explained_directly(text: &str) -> Option<(Pairs, bool)> {
    let chars: Vec<char> = text.chars().collect();
    let found = signs(&chars, true);
    let direct = |sign: &Sign| chars.get(sign.end).is_some_and(|next| next.is_alphabetic() && !links(*next));
    let first = found.first().filter(|_| found.iter().any(direct))?;
    Some((between(&chars, &found), calls_legend(&chars[..first.at])))
}

/// Whether a text explains marks or codes by the words before them.
pub(in crate::import) fn words_come_first(text: &str) -> bool {
    let folded = fold_mark(text);
    codes_behind_words(&folded).or_else(|| marks_behind_words(&folded)).is_some()
}

/// The marks that a (folded) text explains by the words before them, and what it says of an empty cell beside
/// them. Nothing where no line of it does.
pub(super) fn explained_before(text: &str) -> Option<Pairs> {
    let mut found: Pairs = text.lines().filter_map(marks_behind_words).flatten().collect();
    if found.is_empty() {
        return None;
    }
    found.extend(explained(text).into_iter().filter(|(mark, _)| mark.is_empty()));
    Some(found)
}

/// The codes that a (folded) text explains: 「1：実施済 2：未実施」, 「①対応済 ②対応予定」, 「A＝済、B＝予定」.
pub(super) fn explained_codes(text: &str) -> Pairs {
    /// Longer words explain no code.
    const LONGEST: usize = 25;
    let explains = |words: &str| {
        let spoken = words.chars().next().is_some_and(|c| !c.is_ascii_digit()) || plan(words).is_some();
        spoken && words.chars().count() <= LONGEST
    };
    let found = text.lines().flat_map(|line| {
        let chars: Vec<char> = line.chars().collect();
        codes_behind_words(line).unwrap_or_else(|| between(&chars, &codes(&chars)))
    });
    let found = found.filter(|(_, words)| explains(words));
    found.map(|(code, words)| (plain_number(&code), words)).collect()
}

/// A circled number as the digit in it; other marks as they are.
pub(super) fn plain_number(mark: &str) -> String {
    let circled = |c: char| CIRCLED.chars().position(|other| other == c);
    let mut chars = mark.chars();
    match (chars.next().and_then(circled), chars.next()) {
        (Some(at), None) => (at + 1).to_string(),
        _ => mark.to_owned(),
    }
}

/// The parts of a (folded) text, each with what the name before its marks stands for: 「窓口の○は…」. `name`
/// says of a text what it is the name of, and is told whether nothing but a name stands so (「窓口欄の」, and
/// not 「窓口：」).
pub(in crate::import) fn parted_by_names<T>(
    text: &str,
    name: impl Fn(&str, bool) -> Option<T>,
) -> Vec<(Option<T>, String)> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = signs(&chars, true);
    found.extend(codes(&chars));
    found.sort_by_key(|sign| sign.at);
    let mut parts = vec![(None, 0)];
    let mut from = 0;
    for (nth, sign) in found.iter().enumerate() {
        if let Some(gap) = chars.get(from..sign.at)
            && let Some((at, named)) = name_in(gap, nth > 0, &name)
        {
            parts.push((Some(named), from + at));
        }
        from = from.max(sign.end);
    }
    let called = found.first().is_some_and(|first| calls_legend(&chars[..first.at]));
    let ends: Vec<usize> = parts.iter().skip(1).map(|(_, at)| *at).chain([chars.len()]).collect();
    let parts = parts.into_iter().zip(ends);
    let part = |((named, at), end): ((Option<T>, usize), usize)| {
        let words: String = chars[at..end].iter().collect();
        // What the text calls itself holds for each of its parts.
        let words = if called && named.is_some() { format!("{} {words}", LEGEND[0]) } else { words };
        (named, words)
    };
    parts.map(part).collect()
}

/// What a (folded) text speaks of that begins with its name: 「窓口欄は…」. With it the words behind.
pub(in crate::import) fn said_of_name<T>(
    text: &str,
    name: impl Fn(&str, bool) -> Option<T>,
) -> Option<(T, &str)> {
    let (at, link) = text.char_indices().find(|(_, c)| matches!(c, 'は' | ':' | '='))?;
    let (before, words) = text.split_at(at + link.len_utf8());
    let before: Vec<char> = before.chars().collect();
    name_in(&before, false, &name).map(|(_, named)| (named, words))
}

/// Where at the end of a text a name stands that what follows is said of, and what it is the name of. `later`
/// is a text that begins with what is said of the mark before it.
fn name_in<T>(gap: &[char], later: bool, name: &impl Fn(&str, bool) -> Option<T>) -> Option<(usize, T)> {
    const FIRM: [&str; 13] = [
        "については",
        "について",
        "における",
        "において",
        "の数字",
        "の値",
        "には",
        "では",
        "欄",
        "列",
        "の",
        "が",
        "は",
    ];
    const LOOSE: [&str; 6] = ["凡例", "記号", "印", ":", "=", "("];
    const BESIDE: [&str; 9] = [" ", "「", "」", "[", "]", "【", "】", ")", "、"];
    let begins = |at: &usize| gap[*at].is_alphanumeric() && (*at == 0 || !gap[*at - 1].is_alphanumeric());
    let starts: Vec<usize> = (0..gap.len()).filter(begins).skip(usize::from(later)).collect();
    let (mut end, mut linked, mut firm) = (gap.len(), false, false);
    loop {
        if linked {
            let named = |at: &usize| {
                let text: String = gap.get(*at..end)?.iter().collect();
                Some((*at, name(&text, firm)?))
            };
            if let Some(found) = starts.iter().take_while(|at| **at < end).find_map(named) {
                return Some(found);
            }
        }
        let ends_with = |word: &&&str| {
            let length = word.chars().count();
            end >= length && word.chars().eq(gap[end - length..end].iter().copied())
        };
        let (firmly, loosely) = (FIRM.iter().find(ends_with), LOOSE.iter().find(ends_with));
        let word = firmly.or(loosely).or_else(|| BESIDE.iter().find(ends_with))?;
        firm |= firmly.is_some();
        linked |= firmly.or(loosely).is_some();
        end -= word.chars().count();
    }
}

fn calls_legend(before: &[char]) -> bool {
    let before: String = before.iter().collect();
    LEGEND.iter().any(|word| before.contains(word))
}

/// Whether a character joins a mark to its words.
fn links(c: char) -> bool {
    is_joint(c) || matches!(c, 'は' | 'が' | '」')
}

fn stands_at(chars: &[char], at: usize, word: &str) -> bool {
    let length = word.chars().count();
    chars.get(at..at + length).is_some_and(|part| word.chars().eq(part.iter().copied()))
}

fn binds(chars: &[char], at: usize) -> bool {
    BINDING.iter().any(|word| stands_at(chars, at, word)) && !stands_at(chars, at, "でき")
}

/// The marks of a text that it says something of; `direct` says whether words may stand right behind them.
fn signs(chars: &[char], direct: bool) -> Vec<Sign> {
    let mut found: Vec<Sign> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let end = match is_mark(chars[at]) {
            true => starts(chars, at, direct, &found).then_some(at + 1),
            false => blank_until(chars, at, direct),
        };
        if let Some(end) = end {
            let mark = if is_mark(chars[at]) { chars[at].to_string() } else { String::new() };
            found.push(Sign { at, end, mark });
        }
        at = end.unwrap_or(at + 1);
    }
    found
}

/// Whether what stands behind a mark is said of it.
fn starts(chars: &[char], at: usize, direct: bool, found: &[Sign]) -> bool {
    let mark = chars[at];
    // A dash between words is no mark; one behind a boundary is.
    let parted = at == 0 || !(chars[at - 1].is_alphanumeric() || is_mark(chars[at - 1]));
    let labelled = || LEGEND.iter().any(|word| at >= 2 && stands_at(chars, at - 2, word));
    match chars.get(at + 1) {
        Some(next) if links(*next) => is_symbol(mark) || parted,
        // 「対応○　未対応×」 says it before the mark.
        Some(' ') => parted || (is_symbol(mark) && labelled()),
        Some(next) if direct && next.is_alphabetic() && mark != '一' && !binds(chars, at + 1) => {
            // 「○様式のみ◎電子申請」
            let other = || !found.is_empty() && found.iter().all(|sign| !sign.mark.contains(mark));
            let glued = || is_symbol(mark) && !(at > 0 && is_mark(chars[at - 1])) && (labelled() || other());
            !is_mark(*next) && (parted || glued())
        }
        _ => false,
    }
}

/// Where a word for an empty cell ends of which something is said, if one begins there.
fn blank_until(chars: &[char], at: usize, direct: bool) -> Option<usize> {
    let word = BLANK.iter().find(|word| stands_at(chars, at, word))?;
    // 「窓口の空欄は」, 「回答が空欄の場合は」
    let parted = at == 0 || !chars[at - 1].is_alphanumeric() || matches!(chars[at - 1], 'の' | 'が' | 'も');
    // Behind a mark it is what is said of that mark: 「△：未記入」.
    let before = chars[..at].iter().rposition(|c| !(links(*c) || matches!(c, ' ' | '「')));
    let joined = before.is_some_and(|before| chars[before + 1..at].iter().any(|c| links(*c)));
    let of_mark = before.is_some_and(|at| is_symbol(chars[at]) || (joined && is_mark(chars[at])));
    if !parted || of_mark {
        return None;
    }
    let end = at + word.chars().count();
    let more = OF_BLANK.iter().find(|more| stands_at(chars, end, more));
    let end = end + more.map_or(0, |more| more.chars().count());
    let next = *chars.get(end)?;
    let says = links(next) || next == ' ' || (direct && next.is_alphabetic() && !binds(chars, end));
    says.then_some(end)
}

/// The codes of a text that it says something of.
fn codes(chars: &[char]) -> Vec<Sign> {
    let parted = |at: usize| match at.checked_sub(1).map(|before| chars[before]) {
        None => true,
        // 「1:済/2:未」, and not 1/3 or Y/N.
        Some('/') => at < 2 || !chars[at - 2].is_ascii_alphanumeric(),
        Some(before) => !(before.is_alphanumeric() || matches!(before, '.' | '-')),
    };
    let starts = |at: usize| {
        let next = chars.get(at + 1).copied().unwrap_or('\0');
        if CIRCLED.contains(chars[at]) {
            return true;
        }
        let code = chars[at].is_ascii_digit() || chars[at].is_ascii_uppercase();
        // 「1対応済 2未対応」, and not 「1件」.
        let counts = COUNTERS.contains(next) || binds(chars, at + 1);
        let words = chars[at].is_ascii_digit() && next.is_alphabetic() && !next.is_ascii() && !counts;
        code && parted(at) && (words || is_joint(next) || matches!(next, ' ' | 'は' | '.' | ')' | '」'))
    };
    let sign = |at: usize| Sign { at, end: at + 1, mark: chars[at].to_string() };
    (0..chars.len()).filter(|at| starts(*at)).map(sign).collect()
}

/// The marks at these places, each with the words up to the next one.
fn between(chars: &[char], signs: &[Sign]) -> Pairs {
    let mut found = Vec::new();
    for (nth, sign) in signs.iter().enumerate() {
        let end = signs.get(nth + 1).map_or(chars.len(), |next| next.at);
        let words: String = chars[sign.end..end].iter().collect();
        let words = without_joint(&words);
        // 「○は、対応済みを示す」
        let words = words.strip_prefix('、').unwrap_or(words).trim_start();
        let words =
            words.split(['、', ',', ';', '\n', '。', '/', '※', '」', '】']).next().unwrap_or_default();
        let words = words.trim().trim_end_matches(['(', '「', '【', ' ', '・']).trim();
        let words = if words.contains('(') { words } else { words.trim_end_matches(')') };
        let spoken = chars.get(sign.end).is_some_and(|next| !is_joint(*next));
        let instructs = sign.mark.is_empty() && is_instruction(words, spoken);
        if !words.is_empty() && !instructs {
            found.push((sign.mark.clone(), words.to_owned()));
        }
    }
    found
}

/// What stands behind a mark without what joins it to the mark.
fn without_joint(text: &str) -> &str {
    let joint = |c: char| is_joint(c) || matches!(c, ' ' | 'は' | 'が' | '」' | '「' | '.' | ')');
    let mut rest = text;
    // 「1 はい 2 いいえ」
    let is_yes = |rest: &str| {
        rest.strip_prefix("はい").is_some_and(|next| !next.chars().next().is_some_and(char::is_alphanumeric))
    };
    while !is_yes(rest)
        && let Some(next) = rest.strip_prefix(joint)
    {
        rest = next;
    }
    rest
}

/// Whether words behind one for an empty cell tell how to fill in a form, and not what an empty cell means:
/// 「空欄は不可」, and not 「空欄：不可」.
fn is_instruction(words: &str, spoken: bool) -> bool {
    const WITHIN: [&str; 10] =
        ["ください", "下さい", "願い", "しないで", "記入", "入力", "埋め", "認め", "回答不要", "ないよう"];
    const WHOLE: [&str; 6] = ["可", "不可", "可能", "禁止", "厳禁", "ok"];
    WITHIN.iter().any(|word| words.contains(word))
        || (spoken && WHOLE.contains(&words.to_lowercase().as_str()))
}
