//! Tells where a file says that colours mean something: they are not read.

use crate::domain::Refusal;
use crate::domain::text::cut;
use crate::import::{Fault, Reading};

/// Warns of a text around a table that explains a colour of its cells. Where a colour says only which cells are to be
/// filled in, nothing is lost.
pub(super) fn tell(reading: &mut Reading) {
    let Some(text) = reading.notes.iter().find(|text| explains_colour(text)).cloned() else { return };
    let text = text.rsplit_once(": ").map_or(text.as_str(), |(_, text)| text);
    let message = format!(
        "色で示した意味（「{}」）は読み取れません。色の代わりに、印か文字で書いてください",
        cut(text, 60)
    );
    let refusal = Refusal::new("meaning_of_colour", &cut(text, 60), message, "a meaning told by a colour");
    reading.warnings.push(Fault::of(refusal));
}

fn explains_colour(text: &str) -> bool {
    const OF_CELLS: [&str; 8] = ["セル", "塗", "着色", "網掛", "網かけ", "背景", "ハッチ", "マーカー"];
    const TO_FILL_IN: [&str; 6] = ["入力", "記入", "記載", "回答", "選択", "編集"];
    let of_colour = text.contains('色') || text.contains("網掛") || text.contains("網かけ");
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    of_colour && has(&OF_CELLS) && !has(&TO_FILL_IN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_that_say_what_to_fill_in_say_nothing_else() {
        for text in ["※黄色のセルはオンライン対応済", "網掛けは未対応", "緑色に塗った手続は実施中"]
        {
            assert!(explains_colour(text), "{text}");
        }
        for text in ["黄色のセルに入力してください", "色覚に配慮した配色です", "セルの結合はしないでください"]
        {
            assert!(!explains_colour(text), "{text}");
        }
    }
}
