//! Which procedure a row or a heading is about.

use std::cell::RefCell;
use std::collections::HashMap;

use super::near::{apart, which};
use crate::domain::Refusal;
use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::domain::text::{fold_for_match, fold_name, fold_width};
use crate::import::Fault;
use crate::import::headings::{parts, spellings};

/// Finds procedures by what a file writes of them.
pub(in crate::import) struct Procedures<'a> {
    catalogue: &'a Catalogue,
    /// The procedures that are known by a folded name.
    names: HashMap<String, Vec<ProcedureIx>>,
    /// The sender's own names, folded.
    own: HashMap<&'a str, ProcedureIx>,
    /// What was told of names that are none.
    before: RefCell<HashMap<String, Fault>>,
}

/// Most different names that are remembered; so many get a suggestion.
const REMEMBERED: usize = 2_000;

impl<'a> Procedures<'a> {
    /// Finds by the catalogue, and by `own`, folded names of the sender's own with what each stands for.
    pub(in crate::import) fn new(catalogue: &'a Catalogue, own: &'a [(String, String)]) -> Self {
        let of = |(name, id): &'a (String, String)| Some((name.as_str(), catalogue.procedure_ix(id)?));
        // What was said last stands first.
        let own = own.iter().rev().filter_map(of).collect();
        let all = catalogue.procedures().iter().map(|row| (row.name_ja.as_str(), row.id.as_str()));
        let aliases = catalogue.aliases().iter().map(|row| (row.heading.as_str(), row.procedure.as_str()));
        let mut names: HashMap<String, Vec<ProcedureIx>> = HashMap::new();
        for (name, id) in all.chain(aliases) {
            let Some(procedure) = catalogue.procedure_ix(id) else { continue };
            let folded = fold_for_match(name);
            let alike = alike(&folded);
            for key in std::iter::once(folded).chain(alike) {
                let known = names.entry(key).or_default();
                if !known.contains(&procedure) {
                    known.push(procedure);
                }
            }
        }
        Self { catalogue, names, own, before: RefCell::default() }
    }

    /// The procedure of a heading: its id, its name, or the id before the name.
    pub(in crate::import) fn of_heading(&self, heading: &str) -> Option<ProcedureIx> {
        let id = |text: &str| {
            let folded = fold_width(text);
            self.catalogue.procedure_ix(folded.split([' ', '\n', '_', ':']).next().unwrap_or_default())
        };
        let named = |folded: String| match self.of_name(&folded).as_slice() {
            [only] => Some(*only),
            _ => None,
        };
        parts(heading)
            .find_map(|text| self.own_name(text))
            .or_else(|| parts(heading).find_map(id))
            .or_else(|| spellings(heading).find_map(named))
    }

    /// The procedure of a row.
    ///
    /// # Errors
    ///
    /// An unknown id, a name of no procedure or of several, an id and a name of different
    /// procedures, nothing at all.
    pub(in crate::import) fn find(&self, id: &str, name: &str) -> Result<ProcedureIx, Fault> {
        let id = fold_width(id);
        if !id.is_empty() {
            let found = match self.catalogue.find_procedure(&id) {
                Ok(found) => found,
                // Some sheets have a running number there, and the name beside it.
                Err(_) if id.bytes().all(|byte| byte.is_ascii_digit()) && !name.trim().is_empty() => {
                    return self.by_name(name);
                }
                Err(refusal) => return Err(Fault::of(refusal)),
            };
            // A name that is known for none is somebody's own wording.
            let named = match self.own_name(name) {
                Some(own) => vec![own],
                None => self.of_name(&fold_for_match(name)),
            };
            return match named.first() {
                Some(other) if !named.contains(&found) => Err(Fault::of(self.disagreement(found, *other))),
                _ => Ok(found),
            };
        }
        self.by_name(name)
    }

    fn own_name(&self, name: &str) -> Option<ProcedureIx> {
        if self.own.is_empty() { None } else { self.own.get(fold_name(name).as_str()).copied() }
    }

    /// The procedures of a folded name; if there are none, of what is left without remarks and numbers
    /// around it.
    fn of_name(&self, folded: &str) -> Vec<ProcedureIx> {
        if let Some(known) = self.names.get(folded) {
            return known.clone();
        }
        let known = |text: &str| self.names.get(text).cloned();
        let bare = without_remarks(folded);
        let plain = || without_remarks(undecorated(bare));
        known(bare)
            .or_else(|| known(&alike(bare)?))
            .or_else(|| known(plain()))
            .or_else(|| known(&alike(plain())?))
            .unwrap_or_default()
    }

    /// Which of the two was meant only the sender knows: a column that was sorted alone shifts them
    /// all.
    fn disagreement(&self, coded: ProcedureIx, named: ProcedureIx) -> Refusal {
        let (coded, named) = (self.shown(coded), self.shown(named));
        let message = format!("手続IDと手続名が一致しません（IDは {coded}、手続名は {named}）");
        Refusal::new(
            "procedure_name_mismatch",
            &coded,
            message,
            "the id and the name are of different procedures",
        )
        .suggest(format!("{coded} または {named}"))
    }

    /// Id and name of a procedure.
    fn shown(&self, procedure: ProcedureIx) -> String {
        let row = self.catalogue.procedure(procedure);
        format!("{} {}", row.id, row.name_ja)
    }

    fn by_name(&self, name: &str) -> Result<ProcedureIx, Fault> {
        if let Some(own) = self.own_name(name) {
            return Ok(own);
        }
        let known = self.of_name(&fold_for_match(name));
        if let [only] = known.as_slice() {
            return Ok(*only);
        }
        let mut before = self.before.borrow_mut();
        if let Some(fault) = before.get(name) {
            return Err(fault.clone());
        }
        let message = match known.as_slice() {
            [] if name.trim().is_empty() => "手続IDも手続名もありません",
            [] => "手続名が手続一覧のどれにも一致しません",
            _ => "同じ名前の手続が複数あります。手続IDを書いてください",
        };
        let fault = Fault::whole("unknown_procedure", message)
            .found(name)
            .allowing("手続ID（例 kosodate-01）、または手続一覧の手続名");
        if before.len() >= REMEMBERED {
            return Err(fault);
        }
        let near = if known.is_empty() { self.near(name) } else { known };
        if near.is_empty() {
            before.insert(name.to_owned(), fault.clone());
            return Err(fault);
        }
        let choices: Vec<(String, String)> = near
            .iter()
            .map(|found| (self.catalogue.procedure(*found).id.to_string(), self.shown(*found)))
            .collect();
        let shown: Vec<&str> = choices.iter().map(|(_, shown)| shown.as_str()).collect();
        let fault = fault.suggesting(shown.join(" または "));
        let fault = fault.asking(which(name, "手続", choices));
        before.insert(name.to_owned(), fault.clone());
        Err(fault)
    }

    /// The procedures that a name which is none may have meant, the nearest first.
    pub(in crate::import) fn near(&self, name: &str) -> Vec<ProcedureIx> {
        /// More are no help.
        const MOST: usize = 3;
        let folded = fold_for_match(name);
        let text = without_remarks(undecorated(without_remarks(&folded)));
        let in_our_words = alike(text);
        let text = in_our_words.as_deref().unwrap_or(text);
        let mut found: Vec<(usize, ProcedureIx)> = Vec::new();
        for (known, procedures) in &self.names {
            let Some(score) = apart(text, known) else { continue };
            found.extend(procedures.iter().map(|procedure| (score, *procedure)));
        }
        found.sort_unstable();
        let least = found.first().map_or(0, |(score, _)| *score);
        let mut near: Vec<ProcedureIx> = Vec::new();
        for (_, procedure) in found.into_iter().filter(|(score, _)| *score <= least + 1) {
            if !near.contains(&procedure) {
                near.push(procedure);
            }
        }
        near.truncate(MOST);
        near
    }
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

/// Without a running number: 1.  12)  3_  No.4  ①.
fn without_number(text: &str) -> &str {
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
