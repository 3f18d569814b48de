//! The marks and words that most files use, and which of them are the same one in another spelling.
//!
//! A dash of any length has no meaning here: some files mean "no such procedure" by it, others "not
//! yet", others "no answer". Nor has △ on the counter scale: help with the form, a terminal, some
//! desks only, all of that is called partial.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::meaning::Meaning;
use crate::domain::applicability::Applicability;
use crate::domain::readiness::{Level, Scale, State};
use crate::domain::text::fold_mark;

/// What stands for all dashes.
pub(super) const DASH: &str = "ー";

/// A bare ○.
const OFFERED: Meaning = Meaning::Level(Level::THREE, true);
const NOT_OFFERED: Meaning = Meaning::Level(Level::ZERO, false);

/// Words by meaning; those of one group are one word in several spellings, the first of them first.
type Groups = &'static [(Meaning, &'static [&'static [&'static str]])];

/// What is said the same way on both scales.
const COMMON: Groups = &[
    (
        OFFERED,
        &[
            &["○", "〇", "◯"],
            &["●"],
            &["✓"],
            &["済", "済み"],
            &["実施", "実施している", "実施しています"],
            &["実施済", "実施済み"],
            &["実施中"],
            &["対応", "対応している", "対応しています"],
            &["対応済", "対応済み"],
            &["導入", "導入している", "導入しています"],
            &["導入済", "導入済み"],
            &["稼働", "稼働中", "稼働済", "稼働済み"],
            &["運用", "運用中"],
            &["提供", "提供中", "提供済", "提供済み"],
            &["公開", "公開中", "公開済", "公開済み"],
            &["開始済", "開始済み"],
            &["整備済", "整備済み"],
            &["可", "可能"],
            &["対応可", "対応可能"],
            &["実施可", "実施可能"],
            &["申請可", "申請可能"],
            &["利用可", "利用可能"],
            &["受付可", "受付可能", "受付中"],
            &["有", "有り", "有る"],
            &["あり", "ある", "あります"],
            &["はい", "yes"],
            &["できる", "出来る", "できます", "出来ます"],
        ],
    ),
    (Meaning::Full, &[&["◎"]]),
    (
        NOT_OFFERED,
        &[
            &["×", "✕", "✗"],
            &["未"],
            &["未実施"],
            &["未対応"],
            &["未導入"],
            &["未済"],
            &["未整備"],
            &["未提供"],
            &["未公開"],
            &["未稼働"],
            &["未開始"],
            &["未着手"],
            &["非対応"],
            &["無", "無し"],
            &["なし", "ない", "無い"],
            &["実施なし", "実施無し", "実施していない", "実施していません"],
            &["対応なし", "対応無し", "対応していない", "対応していません"],
            &["導入なし", "導入無し", "導入していない", "導入していません"],
            &["行っていない", "行っていません"],
            &["不可", "不可能", "否"],
            &["対応不可"],
            &["申請不可"],
            &["利用不可"],
            &["いいえ", "no"],
            &["できない", "出来ない", "できません", "出来ません"],
        ],
    ),
    (
        Meaning::Applicability(Applicability::NotApplicable),
        &[
            &["対象外", "対象なし", "対象無し"],
            &["該当なし", "該当無し", "非該当", "該当しない", "該当せず"],
            &["制度なし", "制度無し", "制度がない", "制度なし・該当なし"],
            &["事務なし", "事務無し", "業務なし", "業務無し"],
        ],
    ),
    (
        Meaning::Applicability(Applicability::OtherBody),
        &[
            &["組合", "一部事務組合"],
            &["広域", "広域連合"],
            &["県", "都", "道", "府", "都道府県"],
            &["他団体", "他団体の事務", "他団体の事務(組合・県)"],
        ],
    ),
    (Meaning::Applicability(Applicability::Abolished), &[&["廃止", "廃止済", "廃止済み"]]),
    (
        Meaning::Planned(None),
        &[
            &["予定", "予定あり", "予定有", "予定有り"],
            &["実施予定"],
            &["対応予定"],
            &["導入予定"],
            &["公開予定", "開始予定", "稼働予定"],
            &["準備中", "実施準備中", "導入準備中", "対応準備中"],
        ],
    ),
    (
        Meaning::Note,
        &[&[
            "検討中",
            "検討",
            "要検討",
            "実施検討中",
            "対応検討中",
            "導入検討中",
            "実施を検討中",
            "導入を検討中",
        ]],
    ),
    (
        Meaning::Nothing,
        &[
            &["未回答", "無回答", "回答なし", "回答無し"],
            &["不明"],
            &["調査無し", "調査なし", "未調査"],
            &["未確認"],
            &[""],
        ],
    ),
];

/// What "partly" is, on the online scale alone.
const PARTLY: Groups = &[(
    Meaning::Level(Level::THREE, false),
    &[
        &["△"],
        &["▲"],
        &[
            "一部",
            "一部のみ",
            "一部実施",
            "一部実施済",
            "一部実施済み",
            "一部実施中",
            "一部対応",
            "一部対応済",
            "一部対応済み",
            "一部対応可",
            "一部導入",
            "一部導入済",
            "一部導入済み",
            "一部済",
            "一部済み",
            "一部可",
            "一部可能",
            "一部あり",
            "一部有",
            "一部有り",
            "一部できる",
            "部分対応",
            "部分実施",
            "部分的",
        ],
    ],
)];

/// Other words for the steps online.
const ONLINE: Groups = &[
    (OFFERED, &[&["オンライン可", "オンライン可(範囲未確認)"]]),
    (Meaning::Level(Level::ONE, false), &[&["様式", "様式のみ", "案内", "案内のみ", "案内・様式"]]),
    (Meaning::Level(Level::TWO, false), &[&["予約", "予約のみ", "事前入力", "事前入力のみ"]]),
];

/// Other words for the steps at a counter.
const COUNTER: Groups = &[
    (Meaning::Level(Level::FOUR, false), &[&["連携", "データ連携"]]),
    (
        Meaning::Level(Level::MAX, false),
        &[&["一か所", "一ヶ所", "一カ所", "1か所", "1ヶ所", "1カ所", "ワンストップ"]],
    ),
];

/// Marks that only look like another one. They are read as it, and that is told.
const LOOKALIKES: &[(&str, &[&str])] = &[
    ("○", &["⭕", "⚪", "o"]),
    ("✓", &["✔", "✅", "☑", "🗸", "レ"]),
    ("×", &["❌", "❎", "✖", "✘", "╳", "x"]),
];

/// A word as it stands in the tables.
#[derive(Clone, Copy, Debug)]
struct Word {
    meaning: Meaning,
    /// The spelling that stands for all of its group.
    first: &'static str,
    /// Whether it is known by the names of the levels alone, and by no everyday word.
    label: bool,
}

struct Tables {
    online: HashMap<String, Word>,
    counter: HashMap<String, Word>,
    lookalikes: HashMap<String, &'static str>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    online: table(Scale::Online, &[COMMON, PARTLY], ONLINE),
    counter: table(Scale::Counter, &[COMMON], COUNTER),
    lookalikes: LOOKALIKES
        .iter()
        .flat_map(|(mark, others)| others.iter().map(|other| (key(other), *mark)))
        .collect(),
});

fn table(scale: Scale, everyday: &[Groups], labels: Groups) -> HashMap<String, Word> {
    let everyday = everyday.iter().flat_map(|groups| groups.iter()).map(|row| (row, false));
    let mut words = HashMap::new();
    for ((meaning, groups), label) in everyday.chain(labels.iter().map(|row| (row, true))) {
        for group in *groups {
            for word in *group {
                words.entry(key(word)).or_insert(Word { meaning: *meaning, first: group[0], label });
            }
        }
    }
    // What is in force is said by the words for ○.
    for (state, group) in State::WORDS.iter().filter(|(state, _)| *state != State::Live) {
        for word in *group {
            let known = Word { meaning: Meaning::State(*state), first: group[0], label: false };
            words.entry(key(word)).or_insert(known);
        }
    }
    for level in Level::all() {
        let (long, short) = (level.label(scale), level.short_label(scale));
        let bare = long.split('（').next().unwrap_or(long);
        for word in [long, bare, short] {
            let known = Word { meaning: Meaning::Level(level, false), first: short, label: true };
            words.entry(key(word)).or_insert(known);
            let more = Word { meaning: Meaning::Level(level, true), ..known };
            if Level::ZERO < level && level < Level::MAX {
                words.entry(key(&format!("{word}以上"))).or_insert(more);
            }
        }
    }
    words
}

/// A word as it is compared: folded, without spaces, in small letters.
fn key(text: &str) -> String {
    let folded = fold_mark(text);
    let plain = |c: char| !c.is_whitespace() && !c.is_uppercase();
    if folded.chars().all(plain) {
        return folded;
    }
    folded.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

fn find(text: &str, scale: Scale) -> Option<Word> {
    let key = key(text);
    let table = match scale {
        Scale::Online => &TABLES.online,
        Scale::Counter => &TABLES.counter,
    };
    let word = |key: &str| table.get(key).copied();
    word(&key).or_else(|| word(TABLES.lookalikes.get(&key)?))
}

/// What a (folded) mark or word usually means on a scale.
pub(super) fn usual(text: &str, scale: Scale) -> Option<Meaning> {
    match level(text) {
        Some((Level::ZERO, true)) => None,
        Some((level, at_least)) => Some(Meaning::Level(level, at_least)),
        None => find(text, scale).map(|word| word.meaning),
    }
}

/// A mark that alone says that something is offered, as an answer names it, and what it says: with its scale
/// where that is not the same on the other.
pub(in crate::import) fn offered(mark: &str) -> Vec<(Option<Scale>, String, Meaning)> {
    let mark = alike(mark).unwrap_or(mark);
    let says = |scale: Scale| {
        usual(mark, scale).filter(|meaning| match meaning {
            Meaning::Level(level, _) => *level > Level::ZERO,
            other => *other == Meaning::Full,
        })
    };
    match (says(Scale::Online), says(Scale::Counter)) {
        (Some(online), Some(counter)) if online == counter => vec![(None, mark.to_owned(), online)],
        (online, counter) => {
            let one = |scale: Scale, meaning| (Some(scale), on_scale(scale, mark), meaning);
            let online = online.map(|meaning| one(Scale::Online, meaning));
            online.into_iter().chain(counter.map(|meaning| one(Scale::Counter, meaning))).collect()
        }
    }
}

/// Whether a word is the name of a level and nothing that people say otherwise.
pub(super) fn is_label(text: &str, scale: Scale) -> bool {
    find(text, scale).is_some_and(|word| word.label)
}

/// The spelling that stands for a mark or word, if it has another.
pub(super) fn alike(text: &str) -> Option<&'static str> {
    if is_dash(text) {
        return Some(DASH);
    }
    let word = |scale| find(text, scale).map(|word| word.first);
    word(Scale::Online).or_else(|| word(Scale::Counter)).filter(|first| *first != text)
}

/// The mark that a mark only looks like.
pub(in crate::import) fn looks_like(text: &str) -> Option<&'static str> {
    TABLES.lookalikes.get(&key(text)).copied()
}

/// Every mark and word that has a meaning on a scale, with it.
pub(super) fn all(scale: Scale) -> impl Iterator<Item = (&'static str, Meaning)> {
    let table = match scale {
        Scale::Online => &TABLES.online,
        Scale::Counter => &TABLES.counter,
    };
    table.iter().map(|(word, known)| (word.as_str(), known.meaning))
}

/// Marks that have a meaning on one scale alone: on the other they are asked about.
pub(super) fn asked_about(scale: Scale) -> impl Iterator<Item = &'static str> {
    let groups = match scale {
        Scale::Online => &[],
        Scale::Counter => PARTLY,
    };
    groups.iter().flat_map(|(_, groups)| groups.iter().flat_map(|group| group.iter().copied()))
}

/// Marks that only look like another one, with that one.
pub(super) fn lookalikes() -> impl Iterator<Item = (&'static str, &'static str)> {
    LOOKALIKES.iter().flat_map(|(mark, others)| others.iter().map(|other| (*other, *mark)))
}

/// A level as people write it: `3`, `3+`, `3.0`, 段階3, レベル3, 3以上. "At least 0" comes out as
/// such; it says nothing and is for the caller to refuse.
pub(in crate::import) fn level(text: &str) -> Option<(Level, bool)> {
    // Nearly every level is one digit.
    if let [digit @ b'0'..=b'5'] = text.as_bytes() {
        return Level::new(digit - b'0').map(|level| (level, false));
    }
    /// Longer text is no level.
    const LONGEST: usize = 60;
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let folded = key(text);
    let bare = folded.strip_suffix("(範囲未確認)").unwrap_or(&folded);
    let (bare, at_least) = match bare.strip_suffix(['+']).or_else(|| bare.strip_suffix("以上")) {
        Some(bare) => (bare, true),
        None => (bare, false),
    };
    let bare = bare.strip_suffix("段階").map_or(bare, |bare| bare.strip_prefix('第').unwrap_or(bare));
    let bare = ["段階", "レベル", "level", "lv.", "lv"]
        .iter()
        .find_map(|word| bare.strip_prefix(word))
        .unwrap_or(bare);
    let digit = match bare.split_once('.') {
        Some((digit, zeros)) if zeros.bytes().all(|byte| byte == b'0') => digit,
        Some(_) => return None,
        None => bare,
    };
    digit.parse().ok().map(|level| (level, at_least))
}

/// Whether a (folded) cell is nothing but a dash.
pub fn is_dash(cell: &str) -> bool {
    /// Longer lines are no dashes.
    const LONGEST: usize = 30;
    !cell.is_empty()
        && cell.len() <= LONGEST
        && cell
            .chars()
            .all(|c| matches!(c, 'ー' | '-' | '―' | '‐' | '‑' | '−' | '–' | '—' | '─' | '━' | '一' | 'ｰ'))
}

pub(super) fn on_scale(scale: Scale, mark: &str) -> String {
    format!("{}:{mark}", scale.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str, scale: Scale) -> Option<String> {
        usual(&fold_mark(text), scale).map(Meaning::code)
    }

    #[test]
    fn the_published_table_holds_on_both_scales() {
        for (marks, expected) in [
            ("○ 〇 ◯ ● ✓ 済 実施 実施済 対応 対応済 可 有 あり はい", "3+"),
            ("済み 対応済み 実施済み 導入済 導入済み 実施中 稼働中 有り できる 利用可能", "3+"),
            ("⭕ ⭕\u{FE0F} ⚪\u{FE0E} O Ｏ o ✔ ✔\u{FE0F} ✅ ☑ レ ﾚ", "3+"),
            ("◎", "full"),
            ("× ✕ ✖ ✗ 未 未実施 未対応 無 なし 不可 否 いいえ 0", "0"),
            ("無し できない 実施なし 未導入 未整備 ❌ ✖\u{FE0F} X Ｘ x", "0"),
            ("対象外 該当なし 制度なし 該当無し", "not_applicable"),
            ("組合 広域 県 広域連合", "other_body"),
            ("廃止", "abolished"),
            ("予定 準備中 実施予定", "planned"),
            ("検討中", "note"),
            ("未回答 不明 調査無し", "nothing"),
            ("5+ 5以上 段階5以上 レベル5+", "5+"),
            ("3.0 段階3 レベル3 第3段階 3段階 ３ Lv.3", "3"),
        ] {
            for mark in marks.split(' ') {
                for scale in Scale::ALL {
                    assert_eq!(code(mark, *scale).as_deref(), Some(expected), "{mark} {scale}");
                }
            }
        }
    }

    #[test]
    fn every_name_of_a_level_is_a_mark_of_its_scale_and_of_no_other_level() {
        for scale in Scale::ALL {
            for level in Level::all() {
                for name in [level.label(*scale), level.short_label(*scale)] {
                    assert_eq!(code(name, *scale), Some(level.to_string()), "{name}");
                }
            }
        }
        assert_eq!(code("可", Scale::Online).as_deref(), Some("3+"));
        // What one scale says means nothing on the other.
        for (text, scale) in [
            ("書かない", Scale::Online),
            ("端末入力", Scale::Online),
            ("様式", Scale::Counter),
            ("全部", Scale::Counter),
        ] {
            assert_eq!(code(text, scale), None, "{text}");
        }
    }

    #[test]
    fn partly_has_a_meaning_online_alone() {
        for text in ["△", "▲", "一部", "一部実施", "一部対応", "一部実施済み"] {
            assert_eq!(code(text, Scale::Online).as_deref(), Some("3"), "{text}");
            assert_eq!(code(text, Scale::Counter), None, "{text}");
        }
    }

    #[test]
    fn what_says_nothing_certain_stays_open() {
        for text in [
            "ー",
            "－",
            "―",
            "‐",
            "-",
            "−",
            "–",
            "—",
            "--",
            "☐",
            "☒",
            "0+",
            "0以上",
            "3.5",
            "6",
            "実施予定なし",
            "廃止予定",
            "true",
            "?",
        ] {
            for scale in Scale::ALL {
                assert_eq!(code(text, *scale), None, "{text}");
            }
        }
    }

    #[test]
    fn spellings_of_one_word_stand_together() {
        for (text, first) in [
            ("〇", "○"),
            ("⭕", "○"),
            ("済み", "済"),
            ("❌", "×"),
            ("✅", "✓"),
            ("−", "ー"),
            ("--", "ー"),
            ("該当無し", "該当なし"),
            ("一部対応", "一部"),
        ] {
            assert_eq!(alike(&fold_mark(text)), Some(first), "{text}");
        }
        // △ and ▲ stand beside each other in files that mean different things by them.
        assert_eq!((alike("▲"), alike("●"), alike("☐")), (None, None, None));
    }

    #[test]
    fn a_word_has_one_meaning_on_a_scale() {
        for (own, scale) in [(ONLINE, Scale::Online), (PARTLY, Scale::Online), (COUNTER, Scale::Counter)] {
            for (meaning, groups) in COMMON.iter().chain(own) {
                for word in groups.iter().flat_map(|group| group.iter()) {
                    assert_eq!(find(word, scale).unwrap().meaning, *meaning, "{word}");
                }
            }
        }
    }
}
