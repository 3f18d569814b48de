//! JSON bodies: read within bounds, every fault of a body told at once.

use std::io::Read;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpRequest};
use chrono::NaiveDate;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use std::future::{Ready, ready};

use super::problem::{Detail, Kind, Problem};
use crate::domain::Refusal;
use crate::domain::dates::{Dated, Precision, parse_iso_day};
use crate::domain::readiness::Level;
use crate::domain::shared::SharedText;
use crate::domain::text::clean;

/// Largest JSON body, in bytes.
pub(crate) const MAX_JSON: usize = 64 * 1024;
/// A body may take this long before its speed is looked at.
const GRACE: Duration = Duration::from_secs(5);
/// Slowest speed after that, in bytes a second.
const SLOWEST: u64 = 10 * 1024;
/// Longest time for a whole body, however fast.
const LONGEST: Duration = Duration::from_secs(120);

/// When a body of which so much has come must have sent more: slow bodies must not hold
/// connections.
fn deadline(received: usize) -> Duration {
    let received = u64::try_from(received).unwrap_or(u64::MAX);
    let earned = Duration::from_millis(received.saturating_mul(1000) / SLOWEST);
    GRACE.saturating_add(earned).min(LONGEST)
}

/// Reads a body, at most `limit` bytes, within the deadline for its size.
///
/// # Errors
///
/// A body that is too large (413), too slow (408) or cut off (400).
pub(crate) async fn read(mut payload: Payload, limit: usize) -> Result<Bytes, Problem> {
    let start = tokio::time::Instant::now();
    let mut body = BytesMut::new();
    loop {
        let next = tokio::time::timeout_at(start + deadline(body.len()), payload.next()).await;
        match next {
            Err(_elapsed) => return Err(too_slow()),
            Ok(None) => return Ok(body.freeze()),
            Ok(Some(Err(cause))) => {
                let refusal = Refusal::new(
                    "body_cut_off",
                    "",
                    "本文を最後まで読めませんでした",
                    format!("the body could not be read: {cause}"),
                );
                return Err(Problem::of(Kind::BAD_REQUEST, "/body", refusal));
            }
            Ok(Some(Ok(piece))) if body.len() + piece.len() > limit => return Err(too_large(limit)),
            Ok(Some(Ok(piece))) => body.extend_from_slice(&piece),
        }
    }
}

fn too_slow() -> Problem {
    let refusal = Refusal::new(
        "too_slow",
        "",
        "本文が時間内に届きませんでした（5秒を過ぎると毎秒10KB以上、全体で120秒以内）",
        "the body did not arrive in time (10 kB/s after 5 s, 120 s in all)",
    );
    Problem::of(Kind::TIMEOUT, "/body", refusal).closing()
}

pub(crate) fn too_large(limit: usize) -> Problem {
    let refusal = Refusal::new(
        "too_large",
        "",
        format!("本文が大きすぎます（上限 {limit} バイト。圧縮して送る場合は元の大きさ）"),
        format!("the body is larger than {limit} bytes (before compression)"),
    );
    Problem::of(Kind::TOO_LARGE, "/body", refusal.allowed(format!("1-{limit}"))).closing()
}

/// A JSON body of a type, and its bytes.
pub(crate) struct Json<T> {
    /// What was read.
    pub value: T,
    /// The bytes as they came.
    pub bytes: Bytes,
}

/// How a body is coded on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Coding {
    Plain,
    Gzip,
    Other(String),
}

impl Coding {
    fn of(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Self::Plain,
            "gzip" | "x-gzip" => Self::Gzip,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// A body that waits until it is known who sends it: a stranger's is not looked at.
pub(crate) struct Unread {
    payload: Payload,
    /// What the sender says it is, without parameters.
    media_type: Option<String>,
    /// In which encoding the sender says its text is.
    charset: Option<String>,
    coding: Coding,
    declared: usize,
}

impl FromRequest for Unread {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text =
            |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let declared = text(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()).unwrap_or(0);
        let coding = text(header::CONTENT_ENCODING).map_or(Coding::Plain, Coding::of);
        let mut parts = text(header::CONTENT_TYPE).unwrap_or_default().split(';').map(str::trim);
        let media_type = parts.next().filter(|text| !text.is_empty()).map(str::to_ascii_lowercase);
        let charset = parts.find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.eq_ignore_ascii_case("charset").then(|| value.trim_matches('"').to_ascii_lowercase())
        });
        ready(Ok(Self { payload: payload.take(), media_type, charset, coding, declared }))
    }
}

impl Unread {
    /// Reads it as JSON.
    ///
    /// # Errors
    ///
    /// Another media type, encoding or coding (415), a body that is too large, too slow or no JSON,
    /// and JSON of another shape (422).
    pub(crate) async fn json<T: DeserializeOwned>(self) -> Result<Json<T>, Problem> {
        if self.media_type.as_deref() != Some("application/json") {
            return Err(no_json_type(self.media_type.as_deref()).closing());
        }
        if let Some(charset) =
            self.charset.as_deref().filter(|name| !["utf-8", "utf8", "us-ascii"].contains(name))
        {
            return Err(not_in_utf8(charset).closing());
        }
        let bytes = self.bytes(MAX_JSON).await?;
        Ok(Json { value: parse(&bytes)?, bytes })
    }

    /// What the sender says it is.
    pub(crate) fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref()
    }

    /// Reads it as bytes, at most so many, out of gzip where it came so: a client or a proxy that
    /// compresses what it sends need not be told not to, and no more is unpacked than would be taken.
    ///
    /// # Errors
    ///
    /// Another coding (415), a body that is too large (413), too slow (408), cut off or no gzip (400).
    pub(crate) async fn bytes(self, limit: usize) -> Result<Bytes, Problem> {
        if let Coding::Other(name) = &self.coding {
            return Err(unknown_coding(name).closing());
        }
        if self.declared > limit {
            return Err(too_large(limit));
        }
        let bytes = read(self.payload, limit).await?;
        match self.coding {
            Coding::Gzip => actix_web::web::block(move || unpack(&bytes, limit)).await?,
            Coding::Plain | Coding::Other(_) => Ok(bytes),
        }
    }
}

/// Unpacks gzip, at most so many bytes.
fn unpack(bytes: &[u8], limit: usize) -> Result<Bytes, Problem> {
    let mut plain = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = flate2::read::MultiGzDecoder::new(bytes).take(most).read_to_end(&mut plain);
    if plain.len() > limit {
        return Err(too_large(limit));
    }
    match read {
        Ok(_) => Ok(plain.into()),
        Err(cause) => {
            let refusal = Refusal::new(
                "gzip_syntax",
                "",
                "Content-Encoding は gzip ですが、本文を gzip として読めません（圧縮していないなら Content-Encoding を外してください）",
                format!(
                    "Content-Encoding is gzip and the body is not: {cause}; if it is not compressed, leave Content-Encoding out"
                ),
            );
            Err(Problem::of(Kind::BAD_REQUEST, "/body", refusal))
        }
    }
}

fn unknown_coding(name: &str) -> Problem {
    let refusal = Refusal::new(
        "content_encoding",
        name,
        format!("Content-Encoding: {name} は読めません。圧縮しないで送るか、gzip で送ってください"),
        format!("Content-Encoding {name} cannot be read; send the body as it is or as gzip"),
    );
    Problem::of(Kind::UNSUPPORTED_MEDIA_TYPE, "/header/content-encoding", refusal.allowed("gzip, identity"))
        .with_header(header::ACCEPT_ENCODING, "gzip, identity")
}

/// What stands in `Content-Type` where JSON is wanted, and what the sender probably did.
fn no_json_type(found: Option<&str>) -> Problem {
    let (ja, en) = match found {
        None => (
            "Content-Type がありません。-H 'Content-Type: application/json' を付けて JSON を送ってください",
            "there is no Content-Type; send JSON as application/json",
        ),
        Some("application/x-www-form-urlencoded") => (
            "Content-Type が application/x-www-form-urlencoded です（curl の -d の既定）。-H 'Content-Type: application/json' を付けてください",
            "the Content-Type is that of a form (the default of curl -d); send JSON as application/json",
        ),
        Some(media) if super::media_types::is_of_a_file(media) => (
            "ここには JSON を送ります（Content-Type: application/json）。CSV や Excel のファイルは POST /api/v1/imports に送ってください",
            "this takes JSON (application/json); send files to POST /api/v1/imports",
        ),
        Some(_) => (
            "本文は JSON にして、Content-Type: application/json で送ってください",
            "the body must be JSON, sent as application/json",
        ),
    };
    let refusal = Refusal::new("content_type", found.unwrap_or_default(), ja, en).allowed("application/json");
    Problem::of(Kind::UNSUPPORTED_MEDIA_TYPE, "/header/content-type", refusal.suggest("application/json"))
}

fn not_in_utf8(charset: &str) -> Problem {
    let refusal = Refusal::new(
        "charset",
        charset,
        format!("JSON は UTF-8 で送ってください（Content-Type の charset が {charset} です）"),
        format!("JSON must be UTF-8, and its charset is said to be {charset}"),
    );
    Problem::of(Kind::UNSUPPORTED_MEDIA_TYPE, "/header/content-type", refusal.allowed("utf-8"))
}

/// The text of JSON without the byte order mark that editors on Windows put before it.
fn json_text(bytes: &[u8]) -> Result<&[u8], Problem> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let refusal = if bytes.trim_ascii().is_empty() {
        Refusal::new("empty_body", "", "本文が空です。JSON を送ってください", "the body is empty; send JSON")
    } else if [b"\xFF\xFE", b"\xFE\xFF"].into_iter().any(|mark| bytes.starts_with(mark)) || bytes.contains(&0)
    {
        Refusal::new(
            "not_utf8",
            "",
            "JSON が UTF-16 で書かれています。UTF-8 で保存し直して送ってください",
            "the JSON is UTF-16; save it as UTF-8",
        )
    } else if let Err(cause) = std::str::from_utf8(bytes) {
        let line = bytes[..cause.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        Refusal::new(
            "not_utf8",
            "",
            format!(
                "JSON が UTF-8 ではありません（{line}行目。Shift_JIS で保存されていませんか）。UTF-8 で保存し直して送ってください"
            ),
            format!("the JSON is not UTF-8 (line {line}); save it as UTF-8"),
        )
    } else {
        return Ok(bytes);
    };
    Err(Problem::of(Kind::BAD_REQUEST, "/body", refusal))
}

/// Reads JSON: what is no JSON is 400, what is JSON of another shape 422 with its place.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    use serde_json::error::Category;
    let bytes = json_text(bytes)?;
    if bytes.trim_ascii_start().starts_with(b"[") {
        // The derive would take the fields of an object in their order.
        let refusal =
            Refusal::new("wrong_type", "", "本文は { で始まるオブジェクトです", "the body must be an object");
        return Err(Problem::of(Kind::UNPROCESSABLE, "/body", refusal));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: T = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().clone();
        let cause = error.into_inner();
        match cause.classify() {
            Category::Data => Problem::unprocessable(vec![shape_fault(&path, &cause)]),
            Category::Syntax | Category::Eof | Category::Io => no_json(&cause),
        }
    })?;
    reader.end().map_err(|cause| no_json(&cause))?;
    Ok(value)
}

fn no_json(cause: &serde_json::Error) -> Problem {
    let (line, column) = (cause.line(), cause.column());
    Problem {
        errors: vec![Detail {
            pointer: "/body".to_owned(),
            refusal: Refusal::new(
                "json_syntax",
                "",
                format!("JSON として読めません（{line}行{column}字目）"),
                cause.to_string(),
            ),
        }],
        ..Problem::new(
            Kind::BAD_REQUEST,
            format!("本文を JSON として読めません（{line}行{column}字目）。"),
            format!("the body is no JSON: {cause}"),
        )
    }
}

fn shape_fault(path: &serde_path_to_error::Path, cause: &serde_json::Error) -> Detail {
    use serde_path_to_error::Segment;
    let mut pointer = "/body".to_owned();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => {
                pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    Detail { refusal: super::shape::refusal(pointer.rsplit('/').next().unwrap_or_default(), cause), pointer }
}

/// Collects the faults of a body's fields.
#[derive(Default)]
pub(crate) struct Fields {
    errors: Vec<Detail>,
}

impl Fields {
    /// Notes a fault of a field.
    pub(crate) fn refuse(&mut self, name: &str, refusal: Refusal) {
        self.errors.push(Detail { pointer: format!("/body/{name}"), refusal });
    }

    fn keep<T>(&mut self, name: &str, read: Result<T, Refusal>) -> Option<T> {
        read.map_err(|refusal| self.refuse(name, refusal)).ok()
    }

    /// Reads a code, a day or anything else that is text, if it is there.
    pub(crate) fn text<T>(
        &mut self,
        name: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        text.and_then(|text| self.keep(name, parse(text)))
    }

    /// Reads free text of at most so many characters; blank is nothing.
    pub(crate) fn free(&mut self, name: &str, text: Option<&str>, longest: usize) -> Option<SharedText> {
        text.and_then(|text| self.keep(name, clean(text, longest))).flatten().map(SharedText::from)
    }

    /// Reads a level.
    pub(crate) fn level(&mut self, name: &str, number: i64) -> Option<Level> {
        self.keep(name, Level::of_number(number))
    }

    /// Reads a day and its precision, which is `day` unless said otherwise.
    pub(crate) fn dated(
        &mut self,
        names: (&str, &str),
        day: Option<&str>,
        precision: Option<&str>,
    ) -> Option<Dated> {
        let day: Option<NaiveDate> = self.text(names.0, day, parse_iso_day);
        let precision: Option<Precision> = self.text(names.1, precision, str::parse);
        if day.is_none() && precision.is_some() {
            self.refuse(
                names.1,
                Refusal::new(
                    "missing_day",
                    "",
                    format!("{} には {} が要ります", names.1, names.0),
                    format!("{} needs {}", names.1, names.0),
                ),
            );
        }
        Some(Dated::day(day?).at_precision(precision.unwrap_or(Precision::Day)))
    }

    /// Ends the reading.
    ///
    /// # Errors
    ///
    /// Whatever was refused.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::unprocessable(self.errors)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_earns_time_by_its_bytes() {
        assert_eq!(deadline(0), GRACE);
        assert_eq!(deadline(1024), GRACE + Duration::from_millis(100));
        assert_eq!(deadline(usize::MAX), LONGEST);
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(plain).unwrap();
        packed.finish().unwrap()
    }

    #[test]
    fn no_more_is_unpacked_than_would_be_taken() {
        assert_eq!(unpack(&gzip(b"abc"), 3).unwrap(), "abc");
        assert_eq!(unpack(&gzip(&[0; 10_000_000]), 1_000).unwrap_err().kind, Kind::TOO_LARGE);
        let (one, two) = (gzip(b"a"), gzip(b"b"));
        assert_eq!(unpack(&[&one[..], &two].concat(), 9).unwrap(), "ab");
        for broken in [&b"abc"[..], b"", &one[..one.len() - 3], &[&one[..], b"rest"].concat()] {
            assert_eq!(unpack(broken, 9).unwrap_err().errors[0].refusal.code, "gzip_syntax", "{broken:?}");
        }
    }

    #[test]
    fn json_may_begin_with_a_mark_and_must_be_utf8() {
        let read = |bytes: &[u8]| parse::<std::collections::BTreeMap<String, u8>>(bytes);
        assert_eq!(read(b"\xEF\xBB\xBF{\"a\":1}").unwrap()["a"], 1);
        for (bytes, code) in [
            (&b""[..], "empty_body"),
            (b"\xEF\xBB\xBF \n", "empty_body"),
            (b"\xFF\xFE{\0", "not_utf8"),
            (b"{\0\"\0", "not_utf8"),
            (b"{\"\x8D\x73\":1}", "not_utf8"),
            (b"{'a':1}", "json_syntax"),
            (b"[1]", "wrong_type"),
        ] {
            assert_eq!(read(bytes).unwrap_err().errors[0].refusal.code, code, "{bytes:?}");
        }
    }
}
