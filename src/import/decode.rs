//! Which encoding a text file is in, and its text without a single guess.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::Fault;

/// An encoding that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// Windows-31J, which Japanese Excel writes as CSV.
    ShiftJis,
    /// EUC-JP.
    EucJp,
    /// UTF-16 with byte order mark (Excel's "Unicode text").
    Utf16,
}

impl Encoding {
    /// The name shown to people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::ShiftJis => "Shift_JIS (CP932)",
            Self::EucJp => "EUC-JP",
            Self::Utf16 => "UTF-16",
        }
    }
}

/// The text of a file, without byte order mark.
///
/// # Errors
///
/// An encoding that is not taken, and bytes that are no text in the encoding found, with line and
/// column of the first one.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding), Vec<Fault>> {
    let (encoding, label, body) = detect(bytes)?;
    match encoding.decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => Ok((text.into_owned(), label)),
        None => Err(vec![first_bad_byte(encoding, label, body)]),
    }
}

fn detect(bytes: &[u8]) -> Result<(&'static encoding_rs::Encoding, Encoding, &[u8]), Vec<Fault>> {
    if let Some(body) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return Ok((UTF_8, Encoding::Utf8, body));
    }
    if let Some(body) = bytes.strip_prefix(b"\xFF\xFE") {
        return Ok((UTF_16LE, Encoding::Utf16, body));
    }
    if let Some(body) = bytes.strip_prefix(b"\xFE\xFF") {
        return Ok((UTF_16BE, Encoding::Utf16, body));
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Ok((UTF_8, Encoding::Utf8, bytes));
    }
    // Without the hint short Shift_JIS texts are taken for Cyrillic or Arabic code pages.
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let guess = detector.guess(Some(b"jp"), Utf8Detection::Allow);
    if guess == SHIFT_JIS {
        Ok((SHIFT_JIS, Encoding::ShiftJis, bytes))
    } else if guess == EUC_JP {
        Ok((EUC_JP, Encoding::EucJp, bytes))
    } else if guess == UTF_8 {
        Ok((UTF_8, Encoding::Utf8, bytes))
    } else {
        Err(vec![
            Fault::whole("encoding", "文字コードが分かりません。UTF-8 か Shift_JIS の CSV、または Excel ブック（.xlsx）で保存し直してください。")
                .allowing("UTF-8, Shift_JIS (CP932), EUC-JP, UTF-16"),
        ])
    }
}

fn first_bad_byte(encoding: &'static encoding_rs::Encoding, label: Encoding, bytes: &[u8]) -> Fault {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3);
    let mut out = vec![0; room];
    let (result, _, written) = decoder.decode_to_utf8_without_replacement(bytes, &mut out, true);
    let good = String::from_utf8_lossy(&out[..written]).into_owned();
    let bad = match result {
        encoding_rs::DecoderResult::Malformed(length, _) => format!("{length}バイト"),
        _ => "1バイト".to_owned(),
    };
    let line = good.matches('\n').count() + 1;
    let column = good.rsplit('\n').next().map_or(0, |rest| rest.chars().count());
    let mut fault = Fault::whole(
        "broken_byte",
        format!(
            "{} として読めない文字があります（{}行目の{}文字目の次の{bad}）。文字化けしていないか確認し、UTF-8 で保存し直してください。",
            label.label(),
            line,
            column
        ),
    );
    fault.line = u32::try_from(line).ok();
    fault.column = u32::try_from(column + 1).ok();
    fault
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str, encoding: &'static encoding_rs::Encoding) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn excel_and_editors_are_understood() {
        let text = "団体コード,表,ソ\n011002,○,済\n";
        for (bytes, expected) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8),
            (encoded(text, SHIFT_JIS), Encoding::ShiftJis),
            (encoded(text, EUC_JP), Encoding::EucJp),
        ] {
            assert_eq!(decode(&bytes).unwrap(), (text.to_owned(), expected));
        }
        let wide: Vec<u8> =
            b"\xFF\xFE".iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(decode(&wide).unwrap(), (text.to_owned(), Encoding::Utf16));
    }

    #[test]
    fn three_short_japanese_rows_are_no_cyrillic() {
        let bytes = encoded("済\n未\n○\n", SHIFT_JIS);
        assert_eq!(decode(&bytes).unwrap().1, Encoding::ShiftJis);
    }

    #[test]
    fn a_broken_byte_is_named_by_line_and_column() {
        let fault = &decode(b"\xEF\xBB\xBFab\nc\xFFd\n").unwrap_err()[0];
        assert_eq!((fault.code.as_str(), fault.line, fault.column), ("broken_byte", Some(2), Some(2)));
    }
}
