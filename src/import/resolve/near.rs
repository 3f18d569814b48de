//! What a name that is none may have meant.

use std::collections::HashSet;

use strsim::levenshtein;

use crate::domain::text::cut;
use crate::import::marks::{Choice, Question};
use crate::import::options::IGNORED;

/// Asks what a name stands for, with the code or id and the words of each answer.
pub(in crate::import) fn which(
    name: &str,
    what: &str,
    choices: impl IntoIterator<Item = (String, String)>,
) -> Question {
    /// Longer text is not repeated.
    const LONGEST: usize = 60;
    const PARAMETER: &str = "names";
    let name = name.trim();
    let choice =
        |(value, label)| Choice { parameter: PARAMETER.to_owned(), value: format!("{name}={value}"), label };
    let left_out = (IGNORED.to_owned(), "この行は取り込まない".to_owned());
    Question {
        parameter: PARAMETER.to_owned(),
        question: format!("「{}」はどの{what}ですか", cut(name, LONGEST)),
        choices: choices.into_iter().chain([left_out]).map(choice).collect(),
        ..Question::about_the_file(name, "", [])
    }
}

/// Words of which a name has at most one in earnest: who writes one of them never means another.
const ACTS: &[&[&str]] = &[
    &["転入", "転出", "転居", "転籍"],
    &["出生", "死亡", "死産", "婚姻", "離婚", "妊娠"],
    &["開始", "終了", "中止", "休止", "廃止", "停止", "再開", "開栓", "閉栓"],
    &["加入", "脱退", "離脱", "喪失"],
    &["取得", "喪失", "返納", "返還"],
    &["新規", "更新", "継続", "変更", "廃止", "廃業", "再交付", "取消", "取下げ", "辞退"],
    &["登録", "抹消", "廃車", "死亡"],
    &["発生", "消滅"],
    &["申込", "予約", "取消", "解約", "キャンセル", "辞退"],
    &["入居", "退去", "退居", "明渡"],
    &["入所", "退所", "入園", "退園"],
    &["開設", "設置", "閉鎖", "廃止", "撤去"],
    &["認定", "却下", "消滅"],
    &["増額", "減額"],
    &["貸出", "返却", "貸付", "返済", "償還"],
    &["就職", "退職", "採用", "離職"],
    &["交付", "返納", "返還"],
    &["要介護", "要支援", "障害"],
    &["弔慰金", "見舞金", "支援金", "援護資金"],
];

/// Whether two names are of acts that exclude one another: each has a word of a group that the other
/// lacks.
fn are_opposed(one: &str, other: &str) -> bool {
    ACTS.iter().any(|words| {
        let only = |a: &str, b: &str| words.iter().any(|word| a.contains(word) && !b.contains(word));
        only(one, other) && only(other, one)
    })
}

/// Whether a text names an act that makes another procedure of what it is about, and a name does not: who writes
/// 要介護認定（更新） means no first one.
pub(super) fn lacks_act(text: &str, known: &str) -> bool {
    ["更新", "変更", "再交付", "継続"].iter().any(|act| text.contains(act) && !known.contains(act))
}

/// How near a known name is to a text that is none, the least first; `None` if it was hardly meant.
pub(super) fn apart(text: &str, known: &str) -> Option<usize> {
    /// Longer text is no name.
    const LONGEST: usize = 80;
    /// A part of a name that says enough.
    const TELLING: usize = 4;
    let (letters, others) = (text.chars().count(), known.chars().count());
    if !(2..=LONGEST).contains(&letters) || are_opposed(text, known) {
        return None;
    }
    let shorter = letters.min(others);
    // In a short name one letter more makes another word.
    let most = if shorter <= TELLING { 1 } else { 1 + shorter / 5 };
    if letters.abs_diff(others) <= most {
        let found = levenshtein(text, known);
        if found <= most && found < shorter {
            return Some(found);
        }
    }
    if shorter >= TELLING && (known.starts_with(text) || text.starts_with(known)) {
        return Some(most + 1);
    }
    // 児童手当の認定請求 is a short form of a name four times as long.
    let (pairs, all) = (pairs(text), pairs(known));
    let shared = pairs.intersection(&all).count();
    (pairs.len() >= TELLING && shared * 4 >= pairs.len() * 3).then(|| most + 2 + pairs.len() - shared)
}

fn pairs(text: &str) -> HashSet<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_the_opposite_act() {
        for (one, other) in [
            ("転入届", "転出届"),
            ("出生届", "死亡届"),
            ("水道使用中止届", "水道使用開始届"),
            ("国民健康保険の加入", "国民健康保険の脱退"),
            ("資格取得届", "資格喪失届"),
            ("営業許可の新規申請", "営業許可の廃止申請"),
            ("犬の死亡届", "犬の登録申請"),
            ("受給事由発生の届出", "受給事由消滅の届出"),
        ] {
            assert!(are_opposed(one, other) && are_opposed(other, one), "{one} {other}");
            assert_eq!(apart(one, other), None, "{one} {other}");
        }
        assert!(!are_opposed("児童手当の現況届", "児童手当等の現況届"));
    }

    #[test]
    fn slips_and_short_forms_are_near_and_strangers_are_not() {
        for (text, known) in [
            ("児童手当の現況届", "児童手当等の現況届"),
            ("罹災証明の発行申請", "罹災証明書の発行申請"),
            ("児童手当の認定請求", "児童手当等の受給資格及び児童手当の額についての認定請求"),
            ("犬の登録", "犬の登録申請、死亡届"),
        ] {
            assert!(apart(text, known).is_some(), "{text} {known}");
        }
        for (text, known) in [
            ("転入届", "転入予約"),
            ("住民票", "入札"),
            ("妊婦健診", "妊娠の届出"),
            ("死亡届", "犬の登録申請、死亡届"),
        ] {
            assert_eq!(apart(text, known), None, "{text} {known}");
        }
    }
}
