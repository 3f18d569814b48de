//! A file on its way in: the bytes themselves, or a form with one file in it.

use actix_multipart::Multipart;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};

use super::body::Unread;
use super::problem::{Kind, Problem};
use crate::domain::Refusal;

/// Media types under which programs and browsers send tables. What a file is, its bytes say.
pub(super) const MEDIA_TYPES: [&str; 6] = [
    "text/csv",
    "text/tab-separated-values",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/octet-stream",
];
/// A form needs a little more than its file.
const AROUND: usize = 16 * 1024;
/// Name of the part with the file.
const PART: &str = "file";
/// What a file without a name is called.
const NAMELESS: &str = "upload";

/// A file as it came.
pub(super) struct Received {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
///
/// Another media type (415), a body that is too large or too slow, a form without a file or with
/// more than one.
pub(super) async fn receive(
    headers: &HeaderMap,
    body: Unread,
    name: Option<&str>,
    limit: usize,
) -> Result<Received, Problem> {
    let form = body.media_type() == Some("multipart/form-data");
    if !form && !body.media_type().is_some_and(|found| MEDIA_TYPES.contains(&found)) {
        return Err(wrong_media_type().closing());
    }
    let bytes = body.bytes(if form { limit + AROUND } else { limit }).await?;
    let mut received = if form { from_form(headers, bytes).await? } else { plain(headers, bytes) };
    if received.bytes.len() > limit {
        return Err(super::body::too_large(limit));
    }
    if let Some(name) = name {
        name.clone_into(&mut received.name);
    }
    Ok(received)
}

fn plain(headers: &HeaderMap, bytes: Bytes) -> Received {
    let named = headers
        .get(header::CONTENT_DISPOSITION)
        .and_then(|value| header::ContentDisposition::from_raw(value).ok())
        .and_then(|disposition| file_name(&disposition));
    Received { name: named.unwrap_or_else(|| NAMELESS.to_owned()), bytes: bytes.into() }
}

/// The file's name as a form or header gives it; of two the one in UTF-8.
fn file_name(disposition: &header::ContentDisposition) -> Option<String> {
    let extended =
        disposition.get_filename_ext().and_then(|extended| String::from_utf8(extended.value.clone()).ok());
    extended.or_else(|| disposition.get_filename().map(str::to_owned))
}

async fn from_form(headers: &HeaderMap, bytes: Bytes) -> Result<Received, Problem> {
    let whole = stream::once(async move { Ok::<_, actix_web::error::PayloadError>(bytes) });
    let mut form = Multipart::new(headers, Box::pin(whole));
    let mut found = None;
    while let Some(part) = form.next().await {
        let mut part = part.map_err(|cause| no_form(&cause))?;
        let disposition = part.content_disposition().cloned();
        let name = disposition.as_ref().and_then(file_name);
        if part.name() != Some(PART) || found.is_some() {
            return Err(one_file(part.name().unwrap_or_default()));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = part.next().await {
            bytes.extend_from_slice(&piece.map_err(|cause| no_form(&cause))?);
        }
        found = Some(Received { name: name.unwrap_or_else(|| NAMELESS.to_owned()), bytes });
    }
    found.ok_or_else(|| one_file(""))
}

fn no_form(cause: &actix_multipart::MultipartError) -> Problem {
    Problem::of(
        Kind::BAD_REQUEST,
        "/body",
        Refusal::new("multipart_syntax", "", "フォームとして読めません", format!("not a form: {cause}")),
    )
}

fn one_file(part: &str) -> Problem {
    let refusal = Refusal::new(
        "one_file",
        part,
        "フォームには file という名前の部品を1つだけ入れてください",
        "a form holds one part, named file",
    );
    Problem::of(Kind::UNPROCESSABLE, "/body", refusal.allowed(PART))
}

fn wrong_media_type() -> Problem {
    Problem::new(
        Kind::UNSUPPORTED_MEDIA_TYPE,
        format!(
            "ファイルは multipart/form-data（部品名 file）か、{} で送ってください。",
            MEDIA_TYPES.join("、")
        ),
        format!("send a form with one file, or one of {}", MEDIA_TYPES.join(", ")),
    )
}
