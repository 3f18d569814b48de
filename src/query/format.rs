//! Formats of answers, and which of them a client takes.

use std::str::FromStr;

use crate::domain::Refusal;
use crate::domain::codes::codes;

/// A format that can be asked for, by `format=` or by `Accept`.
pub trait Medium: Copy + PartialEq + FromStr<Err = Refusal> {
    /// The value of `format=`.
    fn code(self) -> &'static str;
    /// The media type.
    fn media_type(self) -> &'static str;
    /// Whether it is compressed in itself, so that nothing is won by doing it on the way.
    fn is_compressed(self) -> bool {
        false
    }
}

codes! {
    /// Formats of lists.
    Format, "形式", "format" {
        Json = "json", "JSON", "one page as a JSON document", "1ページを1つの JSON で返す";
        Csv = "csv", "CSV", "all rows as CSV; UTF-8 unless encoding= says otherwise", "全行を CSV で返す。文字コードは encoding で選べる";
        Ndjson = "ndjson", "NDJSON", "all rows as newline-delimited JSON", "全行を、1行に1つの JSON で返す";
    }
}

codes! {
    /// Formats of files to take away.
    FileFormat, "形式", "format" {
        Csv = "csv", "CSV", "all rows as CSV";
        Ndjson = "ndjson", "NDJSON", "all rows as newline-delimited JSON";
        Xlsx = "xlsx", "Excel", "all rows as an Excel workbook";
    }
}

codes! {
    /// The format of several files in one.
    BundleFormat, "形式", "format" {
        Zip = "zip", "ZIP", "a ZIP archive";
    }
}

codes! {
    /// The format of what is followed.
    FeedFormat, "形式", "format" {
        Atom = "atom", "Atom", "an Atom feed";
    }
}

/// The format of pages for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageFormat {
    /// HTML.
    Html,
}

impl FromStr for PageFormat {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        match text {
            "html" => Ok(Self::Html),
            _ => Err(crate::domain::text::unknown_code(text, "形式", "format", &["html"])),
        }
    }
}

impl Medium for PageFormat {
    fn code(self) -> &'static str {
        "html"
    }

    fn media_type(self) -> &'static str {
        "text/html; charset=utf-8"
    }
}

impl Medium for FeedFormat {
    fn code(self) -> &'static str {
        Self::code(self)
    }

    fn media_type(self) -> &'static str {
        "application/atom+xml"
    }
}

impl Medium for BundleFormat {
    fn code(self) -> &'static str {
        Self::code(self)
    }

    fn media_type(self) -> &'static str {
        "application/zip"
    }

    fn is_compressed(self) -> bool {
        true
    }
}

impl Medium for Format {
    fn code(self) -> &'static str {
        Self::code(self)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
            Self::Ndjson => "application/x-ndjson",
        }
    }
}

impl Medium for FileFormat {
    fn code(self) -> &'static str {
        Self::code(self)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Csv => Format::Csv.media_type(),
            Self::Ndjson => Format::Ndjson.media_type(),
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    fn is_compressed(self) -> bool {
        self == Self::Xlsx
    }
}

/// How problems are told. Whoever takes them says nothing about the answer by it.
const PROBLEM: &str = "application/problem+json";

/// The best of the allowed formats for an `Accept` header; the first where it names none but that
/// of problems.
pub(crate) fn negotiate<M: Medium>(accept: &str, allowed: &[M]) -> Option<M> {
    let of_problems =
        |range: &str| range.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case(PROBLEM));
    if accept.split(',').all(of_problems) {
        return allowed.first().copied();
    }
    let weight = |format: M| {
        let media = format.media_type().split(';').next().unwrap_or_default();
        accept
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let name = parts.next()?.to_ascii_lowercase();
                // A more exact range decides before a wildcard.
                let exactness = match name.as_str() {
                    "*/*" => 1,
                    other if other == media => 3,
                    other => {
                        let (kind, all) = other.split_once('/')?;
                        (all == "*" && media.starts_with(&format!("{kind}/"))).then_some(2)?
                    }
                };
                let quality = parts
                    .find_map(|part| part.strip_prefix("q="))
                    .map_or(1.0, |text| text.parse::<f32>().unwrap_or(0.0));
                Some((exactness, quality))
            })
            .max_by_key(|(exactness, _)| *exactness)
            .map_or(0.0, |(_, quality)| quality)
    };
    let mut best: Option<(M, f32)> = None;
    for format in allowed {
        let weight = weight(*format);
        if weight > 0.0 && best.is_none_or(|(_, other)| weight > other) {
            best = Some((*format, weight));
        }
    }
    best.map(|(format, _)| format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_headers_are_weighed() {
        for (accept, expected) in [
            ("*/*", Some(Format::Json)),
            ("text/csv", Some(Format::Csv)),
            ("application/x-ndjson, application/json;q=0.5", Some(Format::Ndjson)),
            ("text/*", Some(Format::Csv)),
            ("text/html, */*;q=0.1", Some(Format::Json)),
            ("application/json;q=0, text/csv", Some(Format::Csv)),
            ("application/problem+json", Some(Format::Json)),
            ("Application/Problem+JSON;q=0.5", Some(Format::Json)),
            ("application/problem+json, text/csv;q=0.5", Some(Format::Csv)),
            ("application/problem+json, image/png", None),
            ("text/html", None),
            ("image/png", None),
            ("application/json;q=0", None),
            ("", None),
        ] {
            assert_eq!(negotiate(accept, Format::ALL), expected, "{accept}");
        }
    }
}
