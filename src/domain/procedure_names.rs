//! Procedures by what people write of them: with remarks and numbers around the name, and in other spellings
//! of its words.

use std::collections::HashMap;

use super::position::ProcedureIx;
use super::text::fold_for_match;

/// The catalogue by the names of its procedures.
#[derive(Debug, Default)]
pub struct ProcedureNames(HashMap<String, Vec<ProcedureIx>>);

impl ProcedureNames {
    /// By these names, each also in our own spelling of its words.
    pub(super) fn new<'n>(names: impl Iterator<Item = (&'n str, ProcedureIx)>) -> Self {
        let mut known: HashMap<String, Vec<ProcedureIx>> = HashMap::new();
        for (name, procedure) in names {
            let folded = fold_for_match(name);
            let alike = alike(&folded);
            for key in std::iter::once(folded).chain(alike) {
                let procedures = known.entry(key).or_default();
                if !procedures.contains(&procedure) {
                    procedures.push(procedure);
                }
            }
        }
        Self(known)
    }

    /// Every folded name with the procedures that it may stand for.
    pub fn all(&self) -> impl Iterator<Item = (&String, &Vec<ProcedureIx>)> {
        self.0.iter()
    }

    /// The procedures of a folded name; if there are none, of what is left without remarks and numbers
    /// around it.
    pub fn of_name(&self, folded: &str) -> &[ProcedureIx] {
        let known = |text: &str| self.0.get(text).map(Vec::as_slice);
        if let Some(known) = known(folded) {
            return known;
        }
        let bare = without_remarks(folded);
        let plain = || without_remarks(undecorated(bare));
        known(bare)
            .or_else(|| known(&alike(bare)?))
            .or_else(|| known(plain()))
            .or_else(|| known(&alike(plain())?))
            .unwrap_or_default()
    }
}

/// A folded name without remarks and numbers around it, in our own spelling of its words.
pub fn core(folded: &str) -> String {
    let text = without_remarks(undecorated(without_remarks(folded)));
    alike(text).unwrap_or_else(|| text.to_owned())
}

/// The (folded) name with words in the one of their spellings that is ours; `None` if nothing changes.
fn alike(folded: &str) -> Option<String> {
    /// Spellings of the same word.
    const WORDS: &[(&str, &str)] = &[
        ("届け出", "届出"),
        ("届け", "届"),
        ("申し込み", "申込"),
        ("申込み", "申込"),
        ("申しこみ", "申込"),
        ("手続き", "手続"),
        ("り災", "罹災"),
        ("り灾", "罹災"),
        ("ゴミ", "ごみ"),
        ("子供", "子ども"),
        ("受付け", "受付"),
        ("取り消し", "取消"),
        ("寄付", "寄附"),
        ("飼い犬", "犬"),
        ("飼犬", "犬"),
        ("犬登録", "犬の登録"),
        ("/", "・"),
        ("、", "・"),
        (",", "・"),
    ];
    let mut text = folded.to_owned();
    for (other, ours) in WORDS {
        if text.contains(other) {
            text = text.replace(other, ours);
        }
    }
    (text != folded).then_some(text)
}

/// A (folded) name without a number before it and without remarks in brackets around it that do not
/// belong to it: 転出届【市区町村のみ】, 1.妊娠の届出, 妊娠の届出※2.
fn without_remarks(folded: &str) -> &str {
    let mut text = folded;
    loop {
        let before = text;
        text = without_mark(without_number(text));
        text = closing(text).unwrap_or(text);
        text = opening(text).unwrap_or(text);
        if text == before {
            return text;
        }
    }
}

/// Brackets around remarks.
const BRACKETS: [(char, char); 5] = [('【', '】'), ('(', ')'), ('[', ']'), ('〔', '〕'), ('<', '>')];

fn closing(text: &str) -> Option<&str> {
    let (open, close) = BRACKETS.iter().find(|(_, close)| text.ends_with(*close))?;
    let at = text.rfind(*open)?;
    let inner = &text[at + open.len_utf8()..text.len() - close.len_utf8()];
    (at > 0 && is_remark(inner)).then_some(&text[..at])
}

fn opening(text: &str) -> Option<&str> {
    let (open, close) = BRACKETS.iter().find(|(open, _)| text.starts_with(*open))?;
    let at = text.find(*close)?;
    let (inner, rest) = (&text[open.len_utf8()..at], &text[at + close.len_utf8()..]);
    (!rest.is_empty() && is_remark(inner)).then_some(rest)
}

/// Whether what stands in brackets says of whom or by which note a line is, and nothing of the act.
fn is_remark(inner: &str) -> bool {
    const WORDS: [&str; 14] = [
        "のみ",
        "市区町村",
        "市町村",
        "区市町村",
        "都道府県",
        "指定都市",
        "中核市",
        "特別区",
        "再掲",
        "必須",
        "※",
        "注",
        "手続番号",
        "年度",
    ];
    /// Groups of the lists.
    const GROUPS: [&str; 8] =
        ["子育て", "子育て関係", "介護", "介護関係", "被災者支援", "被災者支援関係", "転出・転入", "その他"];
    inner.bytes().all(|byte| byte.is_ascii_digit())
        || GROUPS.contains(&inner)
        || WORDS.iter().any(|word| inner.contains(word))
}

/// Without a running number: 1.  12)  3_  No.4  ①  問5.
fn without_number(text: &str) -> &str {
    if let Some(rest) = without_question(text) {
        return rest;
    }
    let bare = text.strip_prefix("no.").unwrap_or(text);
    if let Some(rest) = bare.strip_prefix(|c: char| ('①'..='⑳').contains(&c)).filter(|rest| !rest.is_empty())
    {
        return rest;
    }
    let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = bare.len() - rest.len();
    if !(1..=3).contains(&digits) {
        return text;
    }
    match rest.strip_prefix(['.', '．', ')', '_', ':', '-', '、']) {
        Some(rest) if !rest.is_empty() => rest,
        _ => text,
    }
}

/// Without the number of a question of a survey, behind which a blank was folded away: 問1転出届, 設問12:転出届.
fn without_question(text: &str) -> Option<&str> {
    let numbered = ["設問", "問", "q"].iter().find_map(|word| text.strip_prefix(word))?;
    let rest = numbered.trim_start_matches(|c: char| c.is_ascii_digit());
    let named = rest.trim_start_matches(['.', '．', ')', '_', ':', '-', '、']);
    (rest.len() < numbered.len() && !named.is_empty()).then_some(named)
}

/// Without ornaments and numbers before it that only what is known behind them shows to be some: ★, ・, Ⅵ,
/// 5 before a blank that was folded away.
fn undecorated(folded: &str) -> &str {
    let ornament = |c: char| {
        c.is_whitespace()
            || "・･■□●○◎◆◇▲△▼▽★☆◯〇※→⇒➡►▶-‐–—＊*•✓✔➤".contains(c)
            || ('\u{2160}'..='\u{217F}').contains(&c)
            || c.is_ascii_digit()
    };
    let bare = folded.trim_start_matches(ornament).trim_end_matches(['★', '☆', '●', '○', '◎', '※', '*']);
    if bare.is_empty() { folded } else { bare }
}

/// Without the mark of a footnote: ※, ※2, *1.
fn without_mark(text: &str) -> &str {
    let bare = text.trim_end_matches(|c: char| c.is_ascii_digit());
    match bare.strip_suffix(['※', '*', '注']) {
        Some(rest) if !rest.is_empty() => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ornaments_before_a_name_are_no_part_of_it() {
        for text in [
            "5 妊娠の届出",
            "・妊娠の届出",
            "★妊娠の届出",
            "●妊娠の届出",
            "Ⅵ 妊娠の届出",
            "→妊娠の届出",
            "◎妊娠の届出★",
        ] {
            assert_eq!(undecorated(&fold_for_match(text)), "妊娠の届出", "{text}");
        }
        assert_eq!(undecorated("妊娠の届出"), "妊娠の届出");
        assert_eq!(undecorated("★"), "★");
    }

    #[test]
    fn remarks_around_a_name_are_no_part_of_it() {
        for (text, bare) in [
            ("転出届【市区町村のみ】", "転出届"),
            ("【都道府県】入札", "入札"),
            ("妊娠の届出(再掲)", "妊娠の届出"),
            ("妊娠の届出※2", "妊娠の届出"),
            ("1.妊娠の届出", "妊娠の届出"),
            ("①妊娠の届出", "妊娠の届出"),
            ("12_妊娠の届出【市区町村】※1", "妊娠の届出"),
        ] {
            assert_eq!(without_remarks(&fold_for_match(text)), bare, "{text}");
        }
        for text in [
            "地方税申告手続(eLTAX)",
            "居宅(介護予防)サービス計画作成",
            "【新規】飼い犬の登録",
            "119番",
            "26手続",
        ] {
            let folded = fold_for_match(text);
            assert_eq!(without_remarks(&folded), folded, "{text}");
        }
    }
}
