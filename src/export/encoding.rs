//! CSV text as bytes: for programs, for Excel, and for what still wants Shift_JIS.

use encoding_rs::{EncoderResult, SHIFT_JIS};

use super::LineEnd;
use crate::domain::codes::codes;
use crate::domain::text::cp932_form;

codes! {
    /// Encodings of a CSV file.
    Encoding, "文字コード", "encoding" {
        Utf8 = "utf-8", "UTF-8（BOM なし、改行は LF）", "for programs", "プログラム向け";
        Utf8Bom = "utf-8-bom", "UTF-8（BOM つき、改行は CRLF）", "for Excel", "Excel 向け";
        Cp932 = "cp932", "Shift_JIS（CP932、改行は CRLF）", "for older programs; what it cannot hold becomes 〓", "古いプログラム向け。表せない文字は 〓 になる";
    }
}

impl Encoding {
    /// How lines end.
    pub fn line_end(self) -> LineEnd {
        match self {
            Self::Utf8 => LineEnd::Lf,
            Self::Utf8Bom | Self::Cp932 => LineEnd::CrLf,
        }
    }

    /// What stands before the first line. Japanese Excel takes UTF-8 without it for Shift_JIS.
    pub fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8Bom => b"\xEF\xBB\xBF",
            Self::Utf8 | Self::Cp932 => b"",
        }
    }

    /// The media type of a CSV file in it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Bom => "text/csv; charset=utf-8",
            Self::Cp932 => "text/csv; charset=Shift_JIS",
        }
    }
}

/// 〓 in CP932.
const GETA: &[u8] = &[0x81, 0xAC];

/// Adds a text in CP932 and answers how many characters became 〓.
pub fn to_cp932(text: &str, out: &mut Vec<u8>) -> u64 {
    let text = cp932_form(text);
    let mut rest = text.as_ref();
    let mut encoder = SHIFT_JIS.new_encoder();
    let mut replaced = 0;
    loop {
        // No character takes more bytes than it has in UTF-8, but the encoder wants room to spare.
        out.reserve(rest.len() + 16);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, out, true);
        rest = rest.get(read..).unwrap_or_default();
        match result {
            EncoderResult::InputEmpty => return replaced,
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(_) => {
                out.extend_from_slice(GETA);
                replaced += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back(text: &str) -> (String, u64) {
        let mut bytes = Vec::new();
        let replaced = to_cp932(text, &mut bytes);
        (SHIFT_JIS.decode_without_bom_handling(&bytes).0.into_owned(), replaced)
    }

    #[test]
    fn what_cannot_be_encoded_is_replaced_and_counted() {
        for (text, expected, replaced) in [
            ("表,ソ能①㈱髙﨑ｶﾅ", "表,ソ能①㈱髙﨑ｶﾅ", 0),
            ("1〜2−3—4‖5", "1～2－3―4∥5", 0),
            ("¥100 ‾ ¢£¬", "￥100 ￣ ￠￡￢", 0),
            ("𠮷野家✕–", "〓野家〓〓", 3),
            ("", "", 0),
        ] {
            assert_eq!(there_and_back(text), (expected.to_owned(), replaced), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_becomes_a_character_reference(text in "[〜✕𠮷あ髙a,é]{0,200}") {
            let (back, replaced) = there_and_back(&text);
            prop_assert!(!back.contains("&#"));
            prop_assert_eq!(back.chars().count(), text.chars().count());
            prop_assert_eq!(back.matches('〓').count() as u64, replaced);
        }
    }
}
