//! Names beside a code that are not written as the register writes them: in kana, which it has too, and in
//! Latin letters, which it has not.

use super::bodies::Bodies;
use super::told::Told;
use crate::domain::catalogue::BodyIx;
use crate::domain::text::{fold_for_search, fold_width};
use crate::import::{Fault, FaultKind};

impl Bodies<'_> {
    /// Whether a name is the reading of that of a body: ナメガタシ, ﾅﾒｶﾞﾀ, なめがた市, いばらきけんなめがたし.
    pub(super) fn is_read_as(&self, body: BodyIx, name: &str) -> bool {
        const KINDS: [&str; 9] = ["し", "く", "ちよう", "まち", "むら", "そん", "けん", "ふ", "と"];
        let row = self.catalogue.body(body);
        let (told, own) = (reading(name), reading(&row.name_kana));
        let prefecture = self.catalogue.prefecture(row.prefecture());
        let prefecture = prefecture.map(|row| reading(&row.name_kana)).unwrap_or_default();
        let rest = told.strip_prefix(prefecture.as_str()).filter(|rest| !rest.is_empty());
        let is_own = |text: &str| {
            let bare = text.strip_suffix(['市', '町', '村', '区', '県', '府', '都']).unwrap_or(text);
            let without = || KINDS.iter().any(|kind| own.strip_suffix(kind) == Some(bare));
            !bare.is_empty() && (text == own || without())
        };
        is_own(&told) || rest.is_some_and(is_own)
    }

    /// The fault of a name in letters that the register does not use: whether it is that of the coded body
    /// nobody can say here. `None` where it is another name.
    pub(super) fn not_compared(&self, coded: &[BodyIx], told: Told<'_>) -> Option<Fault> {
        let name = fold_width(told.name);
        // What begins otherwise is a formula that failed, or no name at all.
        let latin = name.is_ascii() && name.starts_with(|c: char| c.is_ascii_alphabetic());
        latin.then(|| {
            let message = format!(
                "団体名が英字のため、団体コードの団体（{}）と同じかを確かめられません。団体コードのとおりに取り込むには、団体名の列を取り込まない（ignore）と指定してください",
                self.list(coded)
            );
            let fault = Fault::whole("name_not_compared", message).of_kind(FaultKind::NotCompared);
            fault.found(told.name).allowing("日本語の団体名、または団体名の列を取り込まない指定（ignore）")
        })
    }
}

/// A reading in which small kana are as large as the others: programs that write half-width kana have no small ones.
fn reading(text: &str) -> String {
    let large = |c: char| match c {
        'ぁ' => 'あ',
        'ぃ' => 'い',
        'ぅ' => 'う',
        'ぇ' => 'え',
        'ぉ' => 'お',
        'っ' => 'つ',
        'ゃ' => 'や',
        'ゅ' => 'ゆ',
        'ょ' => 'よ',
        other => other,
    };
    fold_for_search(text).chars().map(large).collect()
}
