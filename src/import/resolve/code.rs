//! Codes of bodies as spreadsheets leave them.

use crate::domain::Refusal;
use crate::domain::number::without_fraction;
use crate::domain::text::fold_width;

/// A code as a file writes it.
pub(super) struct Code {
    pub(super) digits: String,
    /// Whether it was written as a number with a fraction or an exponent.
    pub(super) number_text: bool,
}

/// The digits of a code: `'082333`, `="082333"`, `82333.0`, `8.2333E+04`, full-width digits.
///
/// # Errors
///
/// A number that lost digits on its way (`1.23457E+12`).
pub(super) fn read_code(text: &str) -> Result<Code, Refusal> {
    let folded = fold_width(text);
    let bare = folded.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(&folded);
    let bare = bare.trim_start_matches('\'').trim();
    let plain = |digits: &str, number_text| Ok(Code { digits: digits.to_owned(), number_text });
    if let Some((mantissa, exponent)) = bare.split_once(['e', 'E']) {
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let exponent: Option<usize> = exponent.trim_start_matches('+').parse().ok();
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(exponent) = exponent
            .filter(|exponent| *exponent <= 20 && whole.len() == 1 && digits(whole) && digits(fraction))
        {
            if fraction.len() <= exponent && exponent <= 5 {
                return plain(&format!("{whole}{fraction:0<exponent$}"), true);
            }
            return Err(Refusal::new(
                "digits_lost",
                text,
                "桁が失われています（Excel の指数表示）。元の番号を文字列で書いてください",
                "digits were lost in an exponent",
            )
            .allowed("全国地方公共団体コード（6桁）"));
        }
    }
    let whole = without_fraction(bare);
    plain(whole, whole != bare)
}
