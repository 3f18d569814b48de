//! Tells from a number format what kind of value a cell shows.

use super::NumberFormat;

/// The formats a file names by number without spelling them out; 27 to 36 and
/// 50 to 58 are the dates of the East Asian editions of Excel.
pub(super) fn built_in(id: u32) -> NumberFormat {
    match id {
        0 => NumberFormat::General,
        1 => NumberFormat::Zeros(1),
        9 | 10 => NumberFormat::Percent,
        14..=22 | 27..=36 | 45..=47 | 50..=58 => NumberFormat::Date,
        49 => NumberFormat::Text,
        _ => NumberFormat::Other,
    }
}

/// Judges a custom format by its code.
pub(super) fn classify(code: &str) -> NumberFormat {
    let code = code.to_ascii_lowercase();
    let first = code.split(';').next().unwrap_or_default().trim();
    match first {
        "general" | "g/標準" => return NumberFormat::General,
        "@" => return NumberFormat::Text,
        _ => {}
    }
    if !first.is_empty() && first.bytes().all(|byte| byte == b'0') {
        return u8::try_from(first.len()).map_or(NumberFormat::Other, NumberFormat::Zeros);
    }
    let mut percent = false;
    let mut rest = code.as_str();
    while let Some(character) = rest.chars().next() {
        let mut used = character.len_utf8();
        let next = &rest[used..];
        match character {
            '"' => used += next.find('"').map_or(next.len(), |end| end + 1),
            // Escaped, as wide as, repeated to fill, escaped in Japanese editions.
            '\\' | '_' | '*' | '!' => used += next.chars().next().map_or(0, char::len_utf8),
            '[' => {
                let inside = next.split(']').next().unwrap_or_default();
                // Elapsed time such as [h]; other brackets are colours, conditions, languages.
                if ["h", "m", "s"]
                    .iter()
                    .any(|unit| !inside.is_empty() && inside.trim_start_matches(unit).is_empty())
                {
                    return NumberFormat::Date;
                }
                used += (inside.len() + 1).min(next.len());
            }
            '%' => percent = true,
            'g' if next.starts_with("eneral") => used += "eneral".len(),
            'g' if next.starts_with("/標準") => used += "/標準".len(),
            // An exponent, not the year of an era.
            'e' if next.starts_with(['+', '-']) => {}
            // The day of the week in Japanese.
            'a' if next.starts_with("aa") => return NumberFormat::Date,
            'y' | 'm' | 'd' | 'h' | 's' | 'g' | 'e' => return NumberFormat::Date,
            _ => {}
        }
        rest = &rest[used..];
    }
    if percent { NumberFormat::Percent } else { NumberFormat::Other }
}
