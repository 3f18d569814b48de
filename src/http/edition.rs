//! The country of one moment, as a request is answered from it: what its answers are called and carry.

use std::io::Write;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, HttpResponseBuilder};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::ctx::Ctx;
use super::desk::Seat;
use super::file_name::selection_name;
use super::limits::Sender;
use super::problem::Problem;
use crate::export::encoding::Encoding;
use crate::grid::Grid;
use crate::grid::moment::Known;
use crate::query::format::{Format, Medium};
use crate::query::moment::Moment;

/// The country of one moment, as a request is answered from it.
pub(crate) struct Edition<'c> {
    pub(super) ctx: &'c Ctx,
    pub(crate) grid: Arc<Grid>,
    /// The encoding of CSV.
    pub(crate) encoding: Encoding,
}

/// A text as it is sent.
pub(crate) struct Text {
    bytes: Bytes,
    packed: bool,
}

impl Text {
    /// How hard to pack: of levels 1 to 9, from 6 on a large table takes longer and gets hardly smaller.
    const LEVEL: Compression = Compression::new(5);

    fn packed(text: &str) -> Self {
        let mut packer = GzEncoder::new(Vec::with_capacity(text.len() / 8), Self::LEVEL);
        match packer.write_all(text.as_bytes()).and_then(|()| packer.finish()) {
            Ok(bytes) => Self { bytes: bytes.into(), packed: true },
            // Writing to memory does not fail; where it did, the text itself is as good.
            Err(_) => Self { bytes: text.to_owned().into(), packed: false },
        }
    }

    /// Puts it into an answer.
    pub(crate) fn into(self, mut response: HttpResponseBuilder) -> HttpResponse {
        if self.packed {
            response.insert_header((header::CONTENT_ENCODING, "gzip"));
        }
        response.body(self.bytes)
    }
}

impl Ctx {
    /// The country of a moment, as a page is answered from it.
    ///
    /// # Errors
    ///
    /// 429, and too much that waits already.
    pub(crate) async fn edition(&self, moment: Moment) -> Result<Edition<'_>, Problem> {
        Ok(Edition { ctx: self, grid: self.country_of(moment).await?, encoding: Encoding::Utf8 })
    }
}

impl Edition<'_> {
    /// Makes what takes a while off the threads that serve, in its sender's turn.
    ///
    /// # Errors
    ///
    /// Too much that waits already.
    pub(crate) async fn make<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        self.ctx.state.desk.run(self.ctx.sender, work).await
    }

    /// Makes a text as [`Self::make`] does, and packs it where the client takes that: off the threads that serve
    /// there is time to make it small.
    ///
    /// # Errors
    ///
    /// Too much that waits already.
    pub(crate) async fn make_text<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> (String, T) + Send + 'static,
    ) -> Result<(Text, T), Problem> {
        let packed = self.ctx.takes_gzip;
        self.make(move || {
            let (text, rest) = work();
            let text = if packed { Text::packed(&text) } else { Text { bytes: text.into(), packed } };
            (text, rest)
        })
        .await
    }

    /// Whether everything that is shown is made up.
    pub(crate) fn is_demo(&self) -> bool {
        self.ctx.state.demo
    }

    /// Under which terms data are given, where the operator says so.
    pub(crate) fn data_licence(&self) -> Option<&str> {
        self.ctx.state.site.data_licence.as_deref()
    }

    /// Where the pieces of a long answer are made, off the threads that serve.
    pub(crate) fn seat(&self) -> Seat<Sender> {
        Seat { desk: Arc::clone(&self.ctx.state.desk), sender: self.ctx.sender }
    }

    /// A name for the answer as a file: what it is, what was chosen, and as of when.
    pub(crate) fn file_name(&self, end: &str) -> String {
        format!("{}.{end}", selection_name(&self.ctx.path, &self.ctx.query, self.grid.as_of()))
    }

    /// The tag of an answer: it changes with the data, the day, the catalogue and the format.
    fn tag(&self, format: impl Medium) -> String {
        format!("\"{}-{}-{}\"", self.moment(), self.ctx.state.fingerprint, format.code())
    }

    /// The moment it is about, by both clocks: what is known now by the number of its last row.
    fn moment(&self) -> String {
        let day = self.grid.as_of().format("%Y%m%d");
        match self.grid.moment().known {
            Known::At(then) => format!("{}-{day}-{}", self.grid.revision(), then.timestamp_micros()),
            Known::Now | Known::Before(_) => format!("{}-{day}", self.grid.revision()),
        }
    }

    /// 304 if the client has this very answer.
    pub(crate) fn not_modified(&self, format: impl Medium) -> Option<HttpResponse> {
        let tag = self.tag(format);
        let sent = self.ctx.if_none_match.as_deref()?;
        let known = sent.split(',').map(str::trim).find(|candidate| {
            let candidate = candidate.strip_prefix("W/").unwrap_or(candidate);
            // The same answer in another coding carries the coding's name at the end of its tag.
            candidate == "*" || candidate.replace("-gzip\"", "\"") == tag
        })?;
        let mut response = self.head(HttpResponse::NotModified(), format);
        if known.starts_with('"') {
            response.insert_header((header::ETAG, known));
        }
        Some(response.finish())
    }

    /// The headers of every answer that others may keep.
    pub(crate) fn head(&self, mut response: HttpResponseBuilder, format: impl Medium) -> HttpResponseBuilder {
        response.insert_header((header::ETAG, self.tag(format)));
        response.insert_header((header::CACHE_CONTROL, "no-cache"));
        response.insert_header((header::VARY, "Accept, Accept-Encoding"));
        response
    }

    /// Answers with a JSON text that is ready.
    pub(crate) fn json(&self, text: impl Into<Bytes>) -> HttpResponse {
        self.head(HttpResponse::Ok(), Format::Json).content_type("application/json").body(text.into())
    }

    /// What an answer is made of: the data, the day, the path and the query.
    pub(super) fn key(&self) -> String {
        let Ctx { path, query, .. } = self.ctx;
        format!("{} {path}?{query}", self.moment())
    }
}
