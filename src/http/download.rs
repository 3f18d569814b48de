//! Answers that are files to be saved.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::web::{self, Bytes};
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::stream;

use super::ctx::Answer;
use super::edition::Edition;
use super::file_name::both;
use super::middleware::AS_IT_IS;
use super::problem::Problem;
use crate::query::format::Medium;
use crate::service::error::Error;
use crate::service::files::BuiltFile;

/// How many characters an encoding could not hold.
pub(crate) const REPLACED: &str = "X-Todoke-Replaced";

/// A file as its reader sees it.
pub(crate) struct Named<'a, M> {
    pub(crate) format: M,
    /// The media type, with its charset.
    pub(crate) media_type: &'a str,
    /// Its name.
    pub(crate) name: &'a str,
}

impl<'a, M: Medium> Named<'a, M> {
    /// A file of this name.
    pub(crate) fn new(format: M, media_type: &'a str, name: &'a str) -> Self {
        Self { format, media_type, name }
    }

    fn head(&self, edition: &Edition<'_>) -> HttpResponseBuilder {
        let mut response = edition.head(HttpResponse::Ok(), self.format);
        response.insert_header((header::CONTENT_DISPOSITION, both(self.name)));
        response.content_type(self.media_type);
        if self.format.is_compressed() {
            response.insert_header((header::CONTENT_ENCODING, AS_IT_IS));
        }
        response
    }
}

impl Edition<'_> {
    /// Answers with a stream of ready-made pieces.
    pub(crate) fn stream<S>(&self, named: &Named<'_, impl Medium>, pieces: S) -> HttpResponse
    where
        S: stream::Stream<Item = Result<Bytes, Problem>> + 'static,
    {
        named.head(self).streaming(Box::pin(pieces))
    }

    /// Answers with what is ready.
    pub(crate) fn bytes(&self, named: &Named<'_, impl Medium>, bytes: Vec<u8>) -> HttpResponse {
        named.head(self).body(bytes)
    }

    /// Answers with a file that is built, unless an earlier request had the same built. It tells how much
    /// the encoding could not hold.
    ///
    /// # Errors
    ///
    /// What `build` answers, and a disk that takes no more.
    pub(crate) async fn built(
        &self,
        named: &Named<'_, impl Medium>,
        build: impl FnOnce(&mut BufWriter<File>) -> Result<Option<u64>, Error> + Send + 'static,
    ) -> Answer {
        let key = self.key();
        let file: Arc<BuiltFile> =
            self.ctx.wait(move |service| service.built_files().get(&key, build)).await?;
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
                Err(cause) => return Some((Err(Problem::from(cause)), None)),
            };
            let next = at + piece.len() as u64;
            (!piece.is_empty()).then(|| (Ok(Bytes::from(piece)), Some((file, next))))
        });
        Ok(response.body(SizedStream::new(length, Box::pin(pieces))))
    }
}
