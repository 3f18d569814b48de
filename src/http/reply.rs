//! Answers about the country of one moment: whether anything changed, pages, streams and files.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::ops::Range;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_util::stream;
use serde::Serialize;

use super::ctx::{Answer, Ctx};
use super::download::Named;
use super::edition::Edition;
use super::problem::Problem;
use crate::export::encoding::{Encoding, to_cp932};
use crate::query::format::{FileFormat, Format, Medium};
use crate::query::list::{List, Metadata, PageText, Resultset, RowFormat, View, Wanted, Words, window};
use crate::query::parameters::{DEFAULT_LIMIT, Page};
use crate::service::Service;
use crate::service::error::Error;

/// Rows of one piece of a stream.
const PIECE: usize = 200;

impl Edition<'_> {
    /// Answers with a page that is ready.
    pub(super) fn page(&self, page: Page, text: PageText) -> HttpResponse {
        let mut response = self.head(HttpResponse::Ok(), Format::Json);
        if let Some(link) = text.limit.and_then(|limit| self.ctx.links(page, limit, text.count)) {
            response.insert_header((header::LINK, link));
        }
        response.content_type("application/json").body(text.json)
    }

    /// Answers with all rows of a list as CSV or NDJSON.
    pub(super) async fn file<V: View + Send + 'static>(
        &self,
        format: FileFormat,
        page: Page,
        list: List<V>,
    ) -> Answer {
        let list = Arc::new(list);
        match format {
            FileFormat::Csv if self.encoding == Encoding::Cp932 => self.cp932(page, list).await,
            FileFormat::Csv | FileFormat::Ndjson | FileFormat::Xlsx => Ok(self.rows(format, page, list)),
        }
    }

    fn rows<V: View + Send + 'static>(
        &self,
        format: FileFormat,
        page: Page,
        list: Arc<List<V>>,
    ) -> HttpResponse {
        let range = window(list.count(), page.offset, page.limit);
        let rows = match format {
            FileFormat::Csv => RowFormat::Csv(self.encoding.line_end()),
            FileFormat::Ndjson | FileFormat::Xlsx => RowFormat::Ndjson,
        };
        let first = list.head(rows).map(|head| [self.encoding.mark(), &head].concat());
        let (service, desk) = (Arc::clone(self.ctx.service()), self.seat());
        let pieces = stream::unfold((list, range.start, first), move |(list, at, first)| {
            let (service, desk) = (Arc::clone(&service), desk.clone());
            async move {
                if let Some(head) = first {
                    return Some((Ok::<_, Problem>(Bytes::from(head)), (list, at, None)));
                }
                if at >= range.end {
                    return None;
                }
                let end = range.end.min(at + PIECE);
                let source = Arc::clone(&list);
                let piece = desk.go_on(move || text_of_rows(&service, &source, at..end, rows)).await;
                let piece = piece.and_then(|done| Ok(Bytes::from(done?)));
                Some((piece, (list, end, None)))
            }
        });
        let name = self.file_name(format.code());
        let media_type = match format {
            FileFormat::Csv => self.encoding.media_type(),
            FileFormat::Ndjson | FileFormat::Xlsx => format.media_type(),
        };
        self.stream(&Named::new(format, media_type, &name), pieces)
    }

    /// Answers with a list as CSV in Shift_JIS. How much of it that cannot hold is told before it, so it
    /// is built first, unless an earlier request had it built.
    async fn cp932<V: View + Send + 'static>(&self, page: Page, list: Arc<List<V>>) -> Answer {
        let range = window(list.count(), page.offset, page.limit);
        let rows = RowFormat::Csv(Encoding::Cp932.line_end());
        let service = Arc::clone(self.ctx.service());
        let build = move |out: &mut BufWriter<File>| {
            let mut replaced = 0;
            let mut write = |text: Vec<u8>| {
                let mut encoded = Vec::new();
                replaced += to_cp932(&String::from_utf8_lossy(&text), &mut encoded);
                out.write_all(&encoded)
            };
            write(list.head(rows).unwrap_or_default())?;
            for at in range.clone().step_by(PIECE) {
                write(text_of_rows(&service, &list, at..range.end.min(at + PIECE), rows)?)?;
            }
            Ok(Some(replaced))
        };
        let name = self.file_name(FileFormat::Csv.code());
        self.built(&Named::new(FileFormat::Csv, Encoding::Cp932.media_type(), &name), build).await
    }
}

impl Ctx {
    /// Answers with one page of a longer list that only some may see.
    pub(crate) fn private_page<V: Serialize>(
        &self,
        page: Page,
        count: usize,
        results: Vec<V>,
    ) -> HttpResponse {
        #[derive(Serialize)]
        struct Envelope<V> {
            metadata: Metadata,
            results: Vec<V>,
        }
        let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
        let mut response = HttpResponse::Ok();
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if let Some(link) = self.links(page, limit, count) {
            response.insert_header((header::LINK, link));
        }
        response.json(Envelope {
            metadata: Metadata::new(&self.grid(), Resultset { count, offset: page.offset, limit }),
            results,
        })
    }

    /// Answers with a page of what only some may see: it is not kept anywhere on the way.
    pub(crate) fn private_list<V: Serialize>(&self, page: Page, all: Vec<V>) -> HttpResponse {
        let count = all.len();
        let range = window(count, page.offset, Some(page.limit.unwrap_or(DEFAULT_LIMIT)));
        self.private_page(page, count, all.into_iter().skip(range.start).take(range.len()).collect())
    }

    /// RFC 8288 links to the other pages.
    fn links(&self, page: Page, limit: u32, count: usize) -> Option<String> {
        let count = u32::try_from(count).ok()?;
        let last = count.checked_sub(1)? / limit * limit;
        let kept: Vec<&str> = self
            .query
            .split('&')
            .filter(|pair| !pair.is_empty() && !pair.starts_with("limit=") && !pair.starts_with("offset="))
            .collect();
        let link = |offset: u32, relation: &str| {
            let mut query = kept.join("&");
            if !query.is_empty() {
                query.push('&');
            }
            format!("<{}?{query}limit={limit}&offset={offset}>; rel=\"{relation}\"", self.path)
        };
        let mut links = vec![link(0, "first")];
        if page.offset > 0 {
            links.push(link(page.offset.saturating_sub(limit).min(last), "prev"));
        }
        if page.offset.saturating_add(limit) < count {
            links.push(link(page.offset + limit, "next"));
        }
        links.push(link(last, "last"));
        Some(links.join(", "))
    }
}

/// Some rows of a list as lines of a file, with what they want out of the database.
fn text_of_rows<V: View>(
    service: &Service,
    list: &List<V>,
    range: Range<usize>,
    format: RowFormat,
) -> Result<Vec<u8>, Error> {
    let words = words(service, list.wanted(range.clone()))?;
    Ok(list.text(range, &words, format))
}

/// What rows of a list want, out of the database.
pub(super) fn words(service: &Service, wanted: Wanted) -> Result<Words, Error> {
    Ok(match wanted {
        Wanted::Nothing => Words::default(),
        Wanted::Texts(numbers) => Words { texts: service.texts(&numbers)?, ..Words::default() },
        Wanted::Records(kind, numbers) => {
            Words { records: service.past_records(kind, &numbers)?, ..Words::default() }
        }
    })
}
