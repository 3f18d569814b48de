//! A file on its way in: the bytes themselves, or a form with one file in it.

use actix_multipart::{Multipart, MultipartError};
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};

use super::body::Unread;
use super::media_types::{FORM, MEDIA_TYPES, is_of_a_file};
use super::problem::{Detail, Kind, Problem};
use crate::domain::Refusal;
use crate::query::percent;

/// A form needs a little more than its file.
const AROUND: usize = 16 * 1024;
/// So many parts are more than any form of ours has.
const MOST_PARTS: usize = 64;
/// Name of the part with the file.
const PART: &str = "file";
/// What a file without a name is called.
const NAMELESS: &str = "upload";
/// A field that browsers add to tell how they wrote the others.
const CHARSET: &str = "_charset_";

/// A file as it came.
pub(crate) struct Received {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Reads a form with one file of at most `limit` bytes, and with fields of these names beside it.
///
/// # Errors
///
/// What cannot be read as a form at all. Where something is wrong with the file, or with what else is in the form, that
/// is told beside what was said in the fields.
pub(crate) async fn receive_form(
    headers: &HeaderMap,
    body: Unread,
    limit: usize,
    fields: &[&str],
) -> Result<(Result<Received, Problem>, Vec<(String, String)>), Problem> {
    if body.media_type() != Some(FORM) {
        return Err(wrong_media_type(body.media_type().unwrap_or_default()).closing());
    }
    let bytes = body.bytes(limit + AROUND).await?;
    let (said, rest): (Vec<Part>, Vec<Part>) = parts_of(headers, bytes)
        .await?
        .into_iter()
        .partition(|part| part.file_name.is_none() && fields.contains(&part.name.as_str()));
    let said = said.into_iter().map(|part| (part.name, String::from_utf8_lossy(&part.bytes).into_owned()));
    let received = only_file(rest, fields).and_then(|received| match received.bytes.len() > limit {
        true => Err(super::body::too_large(limit)),
        false => Ok(received),
    });
    Ok((received, said.collect()))
}

/// Reads a file of at most `limit` bytes. `parameters` are the words that may be said beside it in
/// the address.
///
/// # Errors
///
/// Another media type or coding (415), a body that is too large or too slow, no file at all, and a
/// form that holds anything but one file.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: Unread,
    name: Option<&str>,
    limit: usize,
    parameters: &[&str],
) -> Result<Received, Problem> {
    let form = body.media_type() == Some(FORM);
    // What comes without a word about its kind is looked at as everything is.
    if let Some(media_type) = body.media_type().filter(|found| !is_of_a_file(found)) {
        return Err(wrong_media_type(media_type).closing());
    }
    let unnamed = body.media_type().is_none();
    let bytes = body.bytes(if form { limit + AROUND } else { limit }).await?;
    if bytes.is_empty() && (form || unnamed) {
        return Err(no_file());
    }
    let mut received =
        if form { from_form(headers, bytes, parameters).await? } else { plain(headers, bytes) };
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

/// A part of a form.
struct Part {
    name: String,
    file_name: Option<String>,
    bytes: Vec<u8>,
}

impl Part {
    /// What a browser sends of a field for a file in which none was chosen.
    fn is_unchosen(&self) -> bool {
        self.file_name.as_deref() == Some("") && self.bytes.is_empty()
    }

    /// What is sent where the name of a file was given in place of the file: `file=a.csv`.
    fn is_only_a_name(&self) -> bool {
        let text = std::str::from_utf8(&self.bytes).unwrap_or_default().trim();
        let tables = [".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls"];
        let lower = text.to_lowercase();
        self.file_name.is_none()
            && !text.contains(['\n', ',', '\t'])
            && tables.iter().any(|end| lower.ends_with(end))
    }
}

async fn from_form(headers: &HeaderMap, bytes: Bytes, parameters: &[&str]) -> Result<Received, Problem> {
    only_file(parts_of(headers, bytes).await?, parameters)
}

async fn parts_of(headers: &HeaderMap, bytes: Bytes) -> Result<Vec<Part>, Problem> {
    let whole = stream::once(async move { Ok::<_, actix_web::error::PayloadError>(bytes) });
    let mut form = Multipart::new(headers, Box::pin(whole));
    let mut parts = Vec::new();
    while let Some(part) = form.next().await {
        let mut part = part.map_err(|cause| no_form(&cause))?;
        let file_name = part.content_disposition().and_then(file_name);
        let name = part.name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(piece) = part.next().await {
            bytes.extend_from_slice(&piece.map_err(|cause| no_form(&cause))?);
        }
        if parts.len() >= MOST_PARTS || file_name.is_none() && name != PART && bytes.len() > AROUND {
            return Err(too_much_beside());
        }
        parts.push(Part { name, file_name, bytes });
    }
    Ok(parts)
}

/// The one file of a form; everything else in it is told, for none of it would be read.
fn only_file(parts: Vec<Part>, parameters: &[&str]) -> Result<Received, Problem> {
    let (mut files, fields): (Vec<Part>, Vec<Part>) = parts
        .into_iter()
        .filter(|part| part.name != CHARSET)
        .partition(|part| part.name == PART || part.file_name.is_some());
    files.retain(|part| !part.is_unchosen());
    let mut wrong: Vec<Refusal> = fields.iter().map(|field| beside_the_file(field, parameters)).collect();
    match &files[..] {
        [] => wrong.push(nothing_chosen()),
        [file] if file.name != PART => wrong.push(other_name(&file.name)),
        [file] if file.is_only_a_name() => wrong.push(only_a_name(file)),
        [_] => {}
        several => wrong.push(several_files(several)),
    }
    match files.pop() {
        Some(file) if wrong.is_empty() => {
            Ok(Received { name: file.file_name.unwrap_or_else(|| NAMELESS.to_owned()), bytes: file.bytes })
        }
        _ => {
            let at = |refusal| Detail { pointer: "/body".to_owned(), refusal };
            Err(Problem::unprocessable(wrong.into_iter().map(at).collect()))
        }
    }
}

fn beside_the_file(field: &Part, parameters: &[&str]) -> Refusal {
    let name = field.name.as_str();
    let value = String::from_utf8_lossy(&field.bytes);
    if parameters.contains(&name) {
        let meant = format!("?{name}={}", percent::encode(value.trim()));
        return Refusal::new(
            "field_beside_file",
            name,
            format!("フォームの項目「{name}」は読みません。フォームから除き、アドレスの後ろに {meant} と書いてください"),
            format!("the form field {name} is not read; take it out of the form and write {meant} behind the address"),
        )
        .suggest(meant);
    }
    Refusal::new(
        "field_beside_file",
        name,
        format!("フォームの項目「{name}」は読みません。フォームから除いてください（ファイルのほかの指定はアドレスに書きます）"),
        format!("the form field {name} is not read; take it out of the form"),
    )
    .allowed(PART)
}

fn nothing_chosen() -> Refusal {
    Refusal::new(
        "no_file",
        "",
        "ファイルが選ばれていません。取り込むファイルを1つ選んで送ってください（項目名は file）",
        "no file was chosen; send one, in the field named file",
    )
    .allowed(PART)
}

fn other_name(name: &str) -> Refusal {
    Refusal::new(
        "part_name",
        name,
        format!("ファイルの項目名が「{name}」です。file にしてください（curl なら -F file=@ファイル名）"),
        format!("the file is in the field {name}; name it file"),
    )
    .allowed(PART)
    .suggest(PART)
}

fn only_a_name(file: &Part) -> Refusal {
    let name = String::from_utf8_lossy(&file.bytes).trim().to_owned();
    Refusal::new(
        "only_a_name",
        &name,
        format!("ファイルの中身ではなく名前「{name}」が送られました。curl では名前の前に @ を付けてください"),
        "the name of a file was sent in place of the file; with curl write @ before the name",
    )
    .suggest(format!("-F file=@{name}"))
}

fn several_files(files: &[Part]) -> Refusal {
    let names: Vec<&str> = files.iter().map(|file| file.file_name.as_deref().unwrap_or(&file.name)).collect();
    Refusal::new(
        "several_files",
        &names.join(", "),
        format!(
            "フォームに{}個のファイルがあります（{}）。1回に1つずつ送ってください",
            files.len(),
            names.join("、")
        ),
        format!("the form holds {} files ({}); send one at a time", files.len(), names.join(", ")),
    )
}

fn too_much_beside() -> Problem {
    let refusal = Refusal::new(
        "too_much_beside_file",
        "",
        "フォームのファイルのほかの部分が多すぎるか、大きすぎます。ファイルだけを送ってください",
        "the form holds too much beside its file; send the file alone",
    );
    Problem::of(
        Kind::UNPROCESSABLE,
        "/body",
        refusal.allowed(format!("{MOST_PARTS}個、1つ{AROUND}バイトまで")),
    )
}

fn no_file() -> Problem {
    Problem::of(Kind::UNPROCESSABLE, "/body", nothing_chosen())
}

fn no_form(cause: &MultipartError) -> Problem {
    let (ja, en) = match cause {
        MultipartError::BoundaryMissing => (
            "Content-Type に boundary がありません（Content-Type を自分で書かず、フォームを送る道具に任せてください）",
            "the Content-Type has no boundary; leave it to what sends the form".to_owned(),
        ),
        MultipartError::Incomplete => {
            ("フォームが途中で切れています", "the form ends before its last boundary".to_owned())
        }
        _ => ("フォームとして読めません", format!("not a form: {cause}")),
    };
    Problem::of(Kind::BAD_REQUEST, "/body", Refusal::new("multipart_syntax", "", ja, en))
}

fn wrong_media_type(found: &str) -> Problem {
    let (ja, en) = match found {
        "application/json" => (
            "ここにはファイル（CSV、Excel）を送ります。1行だけを JSON で書くには PUT /api/v1/municipalities/{code}/readiness/{procedure}/{channel} を使ってください".to_owned(),
            "this takes a file (CSV or Excel); to state a single row as JSON use PUT /api/v1/municipalities/{code}/readiness/{procedure}/{channel}".to_owned(),
        ),
        "application/x-www-form-urlencoded" => (
            "Content-Type が application/x-www-form-urlencoded です（curl の --data-binary の既定）。-H 'Content-Type: text/csv' を付けるか、-F file=@ファイル名 で送ってください".to_owned(),
            "the Content-Type is that of a form without files (the default of curl --data-binary); send text/csv, or a form by -F file=@NAME".to_owned(),
        ),
        other => (
            format!(
                "{other} は取り込めません。ファイルは multipart/form-data（項目名 file）か、{} で送ってください",
                MEDIA_TYPES.join("、")
            ),
            format!("{other} is not taken; send a form with one file, or one of {}", MEDIA_TYPES.join(", ")),
        ),
    };
    let refusal = Refusal::new("content_type", found, ja, en).allowed(MEDIA_TYPES.join(", "));
    Problem::of(Kind::UNSUPPORTED_MEDIA_TYPE, "/header/content-type", refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, value: &str) -> Part {
        Part { name: name.to_owned(), file_name: None, bytes: value.into() }
    }

    fn file(name: &str, file_name: &str, text: &str) -> Part {
        Part { file_name: Some(file_name.to_owned()), ..field(name, text) }
    }

    fn codes(parts: Vec<Part>) -> Vec<&'static str> {
        match only_file(parts, &["channel"]) {
            Ok(received) => {
                assert_eq!(received.bytes, b"a,b");
                vec![]
            }
            Err(problem) => problem.errors.iter().map(|error| error.refusal.code).collect(),
        }
    }

    #[test]
    fn a_form_holds_one_file_and_nothing_is_left_unsaid() {
        let good = || file("file", "a.csv", "a,b");
        let unchosen = || file("file", "", "");
        for (parts, expected) in [
            (vec![good()], &[][..]),
            (vec![field("_charset_", "utf-8"), good()], &[]),
            (vec![unchosen(), good()], &[]),
            (vec![field("file", "a,b")], &[]),
            (
                vec![field("channel", "online"), good(), field("x", "")],
                &["field_beside_file", "field_beside_file"],
            ),
            (vec![], &["no_file"]),
            (vec![unchosen()], &["no_file"]),
            (vec![field("channel", "online"), unchosen()], &["field_beside_file", "no_file"]),
            (vec![file("upload", "a.csv", "a,b")], &["part_name"]),
            (vec![good(), file("file", "b.csv", "")], &["several_files"]),
            (vec![field("file", "a.csv")], &["only_a_name"]),
            (vec![field("file", "C:\\表\\状況.XLSX ")], &["only_a_name"]),
        ] {
            assert_eq!(codes(parts), expected);
        }
    }

    #[test]
    fn a_field_is_told_where_it_belongs() {
        let parts = vec![field("channel", "オンライン"), file("file", "a.csv", "a,b")];
        let Err(problem) = only_file(parts, &["channel"]) else { panic!("it was taken") };
        let refusal = &problem.errors[0].refusal;
        assert_eq!(
            refusal.suggestion.as_deref(),
            Some("?channel=%E3%82%AA%E3%83%B3%E3%83%A9%E3%82%A4%E3%83%B3")
        );
        assert!(refusal.ja.contains("channel") && refusal.en.contains("channel"));
    }
}
