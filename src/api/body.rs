//! JSON bodies: read within bounds, every fault of a body told at once.

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
pub(super) const MAX_JSON: usize = 64 * 1024;
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
                return Err(Problem::new(
                    Kind::BAD_REQUEST,
                    "本文を最後まで読めませんでした。",
                    format!("the body could not be read: {cause}"),
                ));
            }
            Ok(Some(Ok(piece))) if body.len() + piece.len() > limit => return Err(too_large(limit)),
            Ok(Some(Ok(piece))) => body.extend_from_slice(&piece),
        }
    }
}

fn too_slow() -> Problem {
    Problem::new(
        Kind::TIMEOUT,
        "本文が時間内に届きませんでした（5秒を過ぎると毎秒10KB以上、全体で120秒以内）。",
        "the body did not arrive in time (10 kB/s after 5 s, 120 s in all)",
    )
    .closing()
}

pub(super) fn too_large(limit: usize) -> Problem {
    Problem::new(
        Kind::TOO_LARGE,
        format!("本文が大きすぎます（上限 {limit} バイト）。"),
        format!("the body is larger than {limit} bytes"),
    )
    .closing()
}

/// A JSON body of a type, and its bytes.
pub(super) struct Json<T> {
    /// What was read.
    pub value: T,
    /// The bytes as they came.
    pub bytes: Bytes,
}

/// A body that waits until it is known who sends it: a stranger's is not looked at.
pub(super) struct Unread {
    payload: Payload,
    media_type: Option<String>,
    coded: bool,
    declared: usize,
}

impl FromRequest for Unread {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text =
            |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
        let declared = text(header::CONTENT_LENGTH).and_then(|text| text.parse().ok()).unwrap_or(0);
        let coded = text(header::CONTENT_ENCODING).is_some_and(|coding| coding != "identity");
        ready(Ok(Self { payload: payload.take(), media_type: media_type(request), coded, declared }))
    }
}

impl Unread {
    /// Reads it as JSON.
    ///
    /// # Errors
    ///
    /// Another media type or a coding (415), a body that is too large, too slow or no JSON, and JSON
    /// of another shape (422).
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<Json<T>, Problem> {
        if self.media_type.as_deref() != Some("application/json") || self.coded {
            return Err(wrong_media_type().closing());
        }
        if self.declared > MAX_JSON {
            return Err(too_large(MAX_JSON));
        }
        let bytes = read(self.payload, MAX_JSON).await?;
        Ok(Json { value: parse(&bytes)?, bytes })
    }
}

impl Unread {
    /// What the sender says it is, if it comes without a coding.
    pub(super) fn media_type(&self) -> Option<&str> {
        self.media_type.as_deref().filter(|_| !self.coded)
    }

    /// Reads it as bytes, at most so many.
    ///
    /// # Errors
    ///
    /// A body that is too large (413), too slow (408) or cut off (400).
    pub(super) async fn bytes(self, limit: usize) -> Result<Bytes, Problem> {
        if self.declared > limit {
            return Err(too_large(limit));
        }
        read(self.payload, limit).await
    }
}

fn media_type(request: &HttpRequest) -> Option<String> {
    let value = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next()?.trim().to_ascii_lowercase())
}

fn wrong_media_type() -> Problem {
    Problem::new(
        Kind::UNSUPPORTED_MEDIA_TYPE,
        "本文は application/json で、圧縮せずに送ってください。",
        "the body must be application/json, without content coding",
    )
}

/// Reads JSON: what is no JSON is 400, what is JSON of another shape 422 with its place.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    use serde_json::error::Category;
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
    let text = cause.to_string();
    let (code, ja) = if text.starts_with("unknown field") {
        ("unknown_field", "知らない項目があります")
    } else if text.starts_with("missing field") {
        ("missing_field", "必要な項目がありません")
    } else if text.starts_with("duplicate field") {
        ("repeated_field", "同じ項目が2回あります")
    } else {
        ("wrong_type", "値の型が正しくありません")
    };
    Detail { pointer, refusal: Refusal::new(code, "", format!("{ja}（{text}）"), text) }
}

/// Collects the faults of a body's fields.
#[derive(Default)]
pub(super) struct Fields {
    errors: Vec<Detail>,
}

impl Fields {
    /// Notes a fault of a field.
    pub(super) fn refuse(&mut self, name: &str, refusal: Refusal) {
        self.errors.push(Detail { pointer: format!("/body/{name}"), refusal });
    }

    fn keep<T>(&mut self, name: &str, read: Result<T, Refusal>) -> Option<T> {
        read.map_err(|refusal| self.refuse(name, refusal)).ok()
    }

    /// Reads a code, a day or anything else that is text, if it is there.
    pub(super) fn text<T>(
        &mut self,
        name: &str,
        text: Option<&str>,
        parse: impl Fn(&str) -> Result<T, Refusal>,
    ) -> Option<T> {
        text.and_then(|text| self.keep(name, parse(text)))
    }

    /// Reads free text of at most so many characters; blank is nothing.
    pub(super) fn free(&mut self, name: &str, text: Option<&str>, longest: usize) -> Option<SharedText> {
        text.and_then(|text| self.keep(name, clean(text, longest))).flatten().map(SharedText::from)
    }

    /// Reads a level.
    pub(super) fn level(&mut self, name: &str, number: i64) -> Option<Level> {
        let read = u8::try_from(number).ok().and_then(Level::new).ok_or_else(|| {
            Refusal::new("out_of_range", &number.to_string(), "段階は0〜5の整数です", "a level is 0 to 5")
                .allowed("0-5")
        });
        self.keep(name, read)
    }

    /// Reads a day and its precision, which is `day` unless said otherwise.
    pub(super) fn dated(
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
    pub(super) fn finish(self) -> Result<(), Problem> {
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
}
