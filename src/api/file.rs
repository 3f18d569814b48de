//! Answers that are files to be saved.

use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::stream;

use super::format::FileFormat;
use super::middleware::AS_IT_IS;
use super::problem::Problem;
use super::reply::{Ctx, blocked};
use crate::service::files::BuiltFile;

/// How many characters an encoding could not hold.
pub(super) const REPLACED: &str = "X-Todoke-Replaced";

/// A file as its reader sees it.
pub(super) struct Named<'a> {
    pub(super) format: FileFormat,
    /// The media type, with its charset.
    pub(super) media_type: &'a str,
    /// A name that every program can write down.
    pub(super) ascii: &'a str,
    /// The name for people, where it is another.
    pub(super) name: Option<&'a str>,
}

impl Named<'_> {
    fn head(&self, ctx: &Ctx) -> HttpResponseBuilder {
        let mut response = ctx.head(HttpResponse::Ok(), self.format);
        response.insert_header((header::CONTENT_DISPOSITION, disposition(self.ascii, self.name)));
        response.content_type(self.media_type);
        if self.format == FileFormat::Xlsx {
            // A workbook is compressed already.
            response.insert_header((header::CONTENT_ENCODING, AS_IT_IS));
        }
        response
    }
}

/// RFC 6266: the plain name for old programs, the other one in UTF-8.
pub(super) fn disposition(ascii: &str, name: Option<&str>) -> String {
    let plain = format!("attachment; filename=\"{ascii}\"");
    let Some(name) = name else { return plain };
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encoded: String = name
        .bytes()
        .map(|byte| if unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("{plain}; filename*=UTF-8''{encoded}")
}

impl Ctx {
    /// Answers with a stream of ready-made pieces.
    pub(super) fn stream<S>(&self, named: &Named<'_>, pieces: S) -> HttpResponse
    where
        S: stream::Stream<Item = Result<Bytes, Problem>> + 'static,
    {
        named.head(self).streaming(Box::pin(pieces))
    }

    /// Answers with what is ready.
    pub(super) fn bytes(&self, named: &Named<'_>, bytes: Vec<u8>) -> HttpResponse {
        named.head(self).body(bytes)
    }

    /// Answers with a file that was built, told how much its encoding could not hold.
    pub(super) fn built(&self, named: &Named<'_>, file: Arc<BuiltFile>) -> HttpResponse {
        let mut response = named.head(self);
        if let Some(replaced) = file.replaced() {
            response.insert_header((REPLACED, replaced));
        }
        let length = file.length();
        let pieces = stream::unfold(Some((file, 0)), |state| async move {
            let (file, at) = state?;
            let reader = Arc::clone(&file);
            let piece = match web::block(move || reader.piece(at)).await {
                Ok(Ok(piece)) => piece,
                Ok(Err(error)) => return Some((Err(Problem::from(error)), None)),
                Err(cause) => return Some((Err(blocked(cause)), None)),
            };
            let next = at + piece.len() as u64;
            (!piece.is_empty()).then(|| (Ok(Bytes::from(piece)), Some((file, next))))
        });
        response.body(SizedStream::new(length, Box::pin(pieces)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_both_writings() {
        assert_eq!(disposition("a.csv", None), "attachment; filename=\"a.csv\"");
        assert_eq!(
            disposition("form_082333.xlsx", Some("様式_082333.xlsx")),
            "attachment; filename=\"form_082333.xlsx\"; filename*=UTF-8''%E6%A7%98%E5%BC%8F_082333.xlsx"
        );
    }
}
