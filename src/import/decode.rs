//! Which encoding a text file is in, and its text without a single guess.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_JP, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::Fault;
use super::marks::Question;
use crate::domain::codes::codes;

codes! {
    /// An encoding that is taken.
    Encoding, "文字コード", "encoding" {
        Utf8 = "utf-8", "UTF-8", "UTF-8, with or without byte order mark", "BOM の有無を問わない UTF-8";
        ShiftJis = "cp932", "Shift_JIS (CP932)", "Windows-31J, which Japanese Excel writes as CSV", "日本語の Excel が CSV に使う文字コード";
        Utf16 = "utf-16", "UTF-16", "UTF-16, Excel's Unicode text; little endian without byte order mark", "Excel の「Unicode テキスト」。BOM がなければリトルエンディアン";
        EucJp = "euc-jp", "EUC-JP", "EUC-JP", "古い UNIX の文字コード";
        Iso2022Jp = "iso-2022-jp", "ISO-2022-JP", "ISO-2022-JP", "JIS コード。古いメールの文字コード";
    }
}

impl Encoding {
    fn decoder(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::ShiftJis => SHIFT_JIS,
            Self::Utf16 => UTF_16LE,
            Self::EucJp => EUC_JP,
            Self::Iso2022Jp => ISO_2022_JP,
        }
    }

    fn of(found: &'static encoding_rs::Encoding) -> Option<Self> {
        Self::ALL.iter().copied().find(|encoding| encoding.decoder() == found)
    }
}

/// The text of a file, without byte order mark. `named` is what the sender says; a byte order mark
/// goes before it.
///
/// # Errors
///
/// An encoding that is not taken, and bytes that are no text in the encoding found, with line and
/// column of the first one.
pub(super) fn decode(bytes: &[u8], named: Option<Encoding>) -> Result<(Cow<'_, str>, Encoding), Vec<Fault>> {
    let (decoder, encoding, body) = detect(bytes, named)?;
    match decoder.decode_without_bom_handling_and_without_replacement(body) {
        Some(text) => Ok((text, encoding)),
        None => Err(vec![first_bad_byte(decoder, encoding, body)]),
    }
}

type Detected<'a> = (&'static encoding_rs::Encoding, Encoding, &'a [u8]);

fn detect(bytes: &[u8], named: Option<Encoding>) -> Result<Detected<'_>, Vec<Fault>> {
    if let Some(body) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return Ok((UTF_8, Encoding::Utf8, body));
    }
    if let Some(body) = bytes.strip_prefix(b"\xFF\xFE") {
        return Ok((UTF_16LE, Encoding::Utf16, body));
    }
    if let Some(body) = bytes.strip_prefix(b"\xFE\xFF") {
        return Ok((UTF_16BE, Encoding::Utf16, body));
    }
    if let Some(named) = named {
        return Ok((named.decoder(), named, bytes));
    }
    if let Some(decoder) = utf_16_without_mark(bytes) {
        return Ok((decoder, Encoding::Utf16, bytes));
    }
    // ISO-2022-JP is ASCII with escapes, so it would pass for UTF-8.
    let escapes = bytes.windows(3).any(|three| matches!(three, b"\x1B$B" | b"\x1B$@"));
    if !escapes && std::str::from_utf8(bytes).is_ok() {
        return Ok((UTF_8, Encoding::Utf8, bytes));
    }
    // Without the hint short Shift_JIS texts are taken for Cyrillic or Arabic code pages.
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    // What old programs put behind a text is of no encoding.
    let end = bytes.iter().rposition(|byte| !matches!(byte, 0 | 0x1A)).map_or(0, |last| last + 1);
    detector.feed(&bytes[..end], true);
    let guess = detector.guess(Some(b"jp"), Utf8Detection::Allow);
    if mostly_utf8(bytes) {
        // One broken byte must not turn a whole file into another encoding's nonsense.
        return Ok((UTF_8, Encoding::Utf8, bytes));
    }
    Encoding::of(guess).map(|encoding| (guess, encoding, bytes)).ok_or_else(|| {
        vec![
            Fault::whole(
                "encoding",
                "文字コードが分かりません。UTF-8 か Shift_JIS の CSV、または Excel ブック（.xlsx）で保存し直すか、文字コードを指定してください。",
            )
            .allowing(Encoding::ALL.iter().map(|one| one.label()).collect::<Vec<_>>().join(", "))
            .asking(Question::about_the_file(
                "encoding",
                "文字コードはどれですか",
                Encoding::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())),
            )),
        ]
    })
}

/// UTF-16 that does not say so: half of the bytes of each delimiter, digit and line end are 0, on the
/// same side of all of them.
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    /// Fewer may be characters that a file must not hold.
    const ENOUGH: usize = 8;
    let zeros = |side: usize| bytes.iter().skip(side).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    let all = first + second;
    if bytes.len() % 2 == 1 || all < ENOUGH || all * 20 < bytes.len() {
        return None;
    }
    match (first * 10 < all, second * 10 < all) {
        (true, _) => Some(UTF_16LE),
        (_, true) => Some(UTF_16BE),
        _ => None,
    }
}

/// Whether a text is UTF-8 but for a few bytes: nearly all that is not ASCII makes whole
/// characters of three bytes, which no Shift_JIS or EUC-JP text does.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut whole, mut broken) = (0_usize, 0_usize);
    for chunk in bytes.utf8_chunks() {
        whole += chunk.valid().chars().filter(|c| c.len_utf8() >= 3).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    broken > 0 && whole >= 10 * broken
}

fn first_bad_byte(decoder: &'static encoding_rs::Encoding, encoding: Encoding, bytes: &[u8]) -> Fault {
    let mut decoder = decoder.new_decoder_without_bom_handling();
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
            "{} として読めない文字があります（{line}行目の{column}文字目の次の{bad}）。文字化けしていないか確認し、UTF-8 で保存し直してください。",
            encoding.label(),
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

    fn read(bytes: &[u8]) -> (String, Encoding) {
        let (text, encoding) = decode(bytes, None).unwrap();
        (text.into_owned(), encoding)
    }

    #[test]
    fn excel_and_editors_are_understood() {
        let text = "団体コード,表,ソ\n011002,○,済\n";
        for (bytes, expected) in [
            (text.as_bytes().to_vec(), Encoding::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), Encoding::Utf8),
            (encoded(text, SHIFT_JIS), Encoding::ShiftJis),
            (encoded(text, EUC_JP), Encoding::EucJp),
            (encoded(text, ISO_2022_JP), Encoding::Iso2022Jp),
        ] {
            assert_eq!(read(&bytes), (text.to_owned(), expected));
        }
        let wide: Vec<u8> =
            b"\xFF\xFE".iter().copied().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
        assert_eq!(read(&wide), (text.to_owned(), Encoding::Utf16));
        assert_eq!(read(&wide[2..]), (text.to_owned(), Encoding::Utf16));
    }

    #[test]
    fn three_short_japanese_rows_are_no_cyrillic() {
        let bytes = encoded("済\n未\n○\n", SHIFT_JIS);
        assert_eq!(read(&bytes).1, Encoding::ShiftJis);
    }

    #[test]
    fn what_the_sender_says_decides() {
        // Half-width kana in EUC-JP look like Shift_JIS.
        let bytes = encoded("ｺﾝﾋﾞﾆ\n", EUC_JP);
        assert_eq!(decode(&bytes, Some(Encoding::EucJp)).unwrap().0, "ｺﾝﾋﾞﾆ\n");
    }

    #[test]
    fn a_broken_byte_is_named_by_line_and_column() {
        let fault = &decode(b"\xEF\xBB\xBFab\nc\xFFd\n", None).unwrap_err()[0];
        assert_eq!((fault.code.as_str(), fault.line, fault.column), ("broken_byte", Some(2), Some(2)));
        let mut long = "団体コード,手続ID,接点,段階\n".repeat(5).into_bytes();
        long.extend_from_slice("行方".as_bytes());
        long.push(0x90);
        long.extend_from_slice("市\n".as_bytes());
        let fault = &decode(&long, None).unwrap_err()[0];
        assert_eq!((fault.code.as_str(), fault.line, fault.column), ("broken_byte", Some(6), Some(3)));
    }
}
