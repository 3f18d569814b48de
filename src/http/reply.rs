//! Answers: whether anything changed, and lists in pages or streams.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{self, Bytes};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder, dev::Payload};
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde::Serialize;
use serde_json::Value;
use std::future::{Ready, ready};

use super::download::{Named, selection_name};
use super::problem::{Kind, Problem};
use super::state::State;
use crate::domain::Refusal;
use crate::error::Error;
use crate::export::encoding::{Encoding, to_cp932};
use crate::grid::Grid;
use crate::grid::filter::Changed;
use crate::query::format::{FileFormat, Format, Medium, negotiate};
use crate::query::list::{List, Metadata, Resultset, RowFormat, TextsByNumber, View, pick, window};
use crate::query::parameters::{Checks, DEFAULT_LIMIT, FormatQuery, Page, Parameters, Query, names};
use crate::service::Service;

/// Rows of one piece of a stream.
const PIECE: usize = 200;

/// The best of the formats that a client takes.
fn accepted<M: Medium>(accept: &str, allowed: &[M]) -> Result<M, Problem> {
    negotiate(accept, allowed).ok_or_else(|| {
        let known: Vec<&str> = allowed.iter().map(|format| format.media_type()).collect();
        let refusal = Refusal::new(
            "not_acceptable",
            accept,
            format!("Accept の形式では返せません。返せる形式は {} です", known.join("、")),
            format!("nothing in Accept can be given; the formats are {}", known.join(", ")),
        );
        Problem::of(Kind::NOT_ACCEPTABLE, "/header/accept", refusal.allowed(known.join(", ")))
    })
}

/// What a handler answers with.
pub(crate) type Answer = Result<HttpResponse, Problem>;

/// A request as the handlers see it: the service, one whole revision of the country, the query.
pub(crate) struct Ctx {
    /// The running system.
    pub(crate) service: Arc<Service>,
    /// The country at the moment the request came.
    pub(crate) grid: Arc<Grid>,
    query: String,
    path: String,
    accept: Option<String>,
    if_none_match: Option<String>,
    fingerprint: Arc<str>,
}

impl FromRequest for Ctx {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<web::Data<State>>().cloned();
        ready(state.map(|state| Self::new(request, &state)).ok_or(Problem::plain(Kind::INTERNAL)))
    }
}

impl Ctx {
    fn new(request: &HttpRequest, state: &State) -> Self {
        Self {
            service: Arc::clone(&state.service),
            grid: state.service.grid(),
            query: request.query_string().to_owned(),
            path: request.path().to_owned(),
            accept: text_of(request.headers(), header::ACCEPT),
            if_none_match: text_of(request.headers(), header::IF_NONE_MATCH),
            fingerprint: Arc::clone(&state.fingerprint),
        }
    }

    /// The query string, which may hold these parameters and `format`.
    pub(crate) fn query(&self, known: &[Parameters]) -> Query<'_> {
        let mut known = known.to_vec();
        known.push(names::<FormatQuery>());
        Query::new(&self.query, &known)
    }

    /// The format that is asked for, among those that the resource has.
    ///
    /// # Errors
    ///
    /// A `format` that is none (noted in `checks`), and an `Accept` that nothing fits.
    pub(crate) fn format<M: Medium>(
        &self,
        query: &Query<'_>,
        checks: &mut Checks,
        allowed: &[M],
    ) -> Result<M, Problem> {
        let first = allowed.first().copied().ok_or(Problem::plain(Kind::INTERNAL))?;
        let named: FormatQuery = query.part();
        let format = if named.format.is_some() {
            let format = checks.one("format", &named.format, |text| {
                let known: Vec<&str> = allowed.iter().map(|format| format.code()).collect();
                text.parse::<M>()
                    .ok()
                    .filter(|format| allowed.contains(format))
                    .ok_or_else(|| crate::domain::text::unknown_code(text, "形式", "format", &known))
            });
            format.unwrap_or(first)
        } else {
            self.accept.as_deref().map_or(Ok(first), |accept| accepted(accept, allowed))?
        };
        checks.one("encoding", &named.encoding, |text| match text.parse::<Encoding>() {
            // Every other format is UTF-8 as it is.
            Ok(other) if other != Encoding::Utf8 && format.code() != Format::Csv.code() => Err(Refusal::new(
                "csv_only",
                text,
                "文字コードは CSV だけで選べます",
                "an encoding is chosen for CSV alone",
            )
            .allowed("format=csv と一緒に指定する")),
            read => read,
        });
        Ok(format)
    }

    /// The encoding of a CSV file, once [`Ctx::format`] has taken it.
    pub(crate) fn encoding(&self) -> Encoding {
        let named: FormatQuery = self.query(&[]).part();
        named.encoding.and_then(|text| text.parse().ok()).unwrap_or(Encoding::Utf8)
    }

    /// A name for the answer as a file: what it is, what was chosen, and as of when.
    pub(crate) fn file_name(&self, end: &str) -> String {
        format!("{}.{end}", selection_name(&self.path, &self.query, self.grid.as_of()))
    }

    /// The tag of an answer: it changes with the data, the day, the catalogue and the format.
    fn tag(&self, format: impl Medium) -> String {
        format!(
            "\"{}-{}-{}-{}\"",
            self.grid.revision(),
            self.grid.as_of().format("%Y%m%d"),
            self.fingerprint,
            format.code()
        )
    }

    /// 304 if the client has this very answer.
    pub(crate) fn not_modified(&self, format: impl Medium) -> Option<HttpResponse> {
        let tag = self.tag(format);
        let sent = self.if_none_match.as_deref()?;
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

    /// Answers with one object.
    pub(crate) fn object(&self, view: &impl Serialize) -> Answer {
        if let Some(response) = self.not_modified(Format::Json) {
            return Ok(response);
        }
        Ok(self.head(HttpResponse::Ok(), Format::Json).json(view))
    }

    /// Answers with a JSON text that is ready.
    pub(crate) fn json_text(&self, text: &str) -> HttpResponse {
        if let Some(response) = self.not_modified(Format::Json) {
            return response;
        }
        self.head(HttpResponse::Ok(), Format::Json).content_type("application/json").body(text.to_owned())
    }

    /// What changed since a moment, if one is asked for.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub(crate) async fn changed_since(
        &self,
        since: Option<DateTime<Utc>>,
    ) -> Result<Option<Arc<Changed>>, Problem> {
        let Some(since) = since else { return Ok(None) };
        let (service, grid) = (Arc::clone(&self.service), Arc::clone(&self.grid));
        let changed = web::block(move || service.changed_since(&grid, since)).await.map_err(blocked)?;
        Ok(Some(Arc::new(changed)))
    }

    /// Reads the query of a resource that is one JSON object without parameters.
    ///
    /// # Errors
    ///
    /// Any parameter, and an `Accept` that is not JSON.
    pub(crate) fn no_parameters(&self) -> Result<(), Problem> {
        let query = self.query(&[]);
        let mut checks = query.checks();
        self.format(&query, &mut checks, &[Format::Json])?;
        Ok(checks.finish()?)
    }

    /// Answers with a list: one page of JSON, or all rows as CSV or NDJSON.
    pub(crate) async fn list<V: View + Send + 'static>(
        &self,
        format: Format,
        page: Page,
        list: List<V>,
    ) -> Answer {
        if let Some(response) = self.not_modified(format) {
            return Ok(response);
        }
        let list = Arc::new(list);
        match format {
            Format::Json => self.page(page, list).await,
            Format::Csv if self.encoding() == Encoding::Cp932 => self.cp932(page, list).await,
            Format::Csv => Ok(self.rows(FileFormat::Csv, page, list)),
            Format::Ndjson => Ok(self.rows(FileFormat::Ndjson, page, list)),
        }
    }

    async fn page<V: View + Send + 'static>(&self, page: Page, list: Arc<List<V>>) -> Answer {
        let limit = page.limit.unwrap_or(DEFAULT_LIMIT);
        let count = list.count();
        let range = window(count, page.offset, Some(limit));
        let resultset = Resultset { count, offset: page.offset, limit };
        let metadata = Metadata { about: list.about.clone(), ..Metadata::new(&self.grid, resultset) };
        let views = if list.wants_texts() {
            let (service, list) = (Arc::clone(&self.service), Arc::clone(&list));
            web::block(move || rows_of(&service, &list, range)).await.map_err(blocked)??
        } else {
            // One page out of memory is quicker than a change of threads.
            list.rows(range, &TextsByNumber::new())
        };
        Ok(match list.fields() {
            None => self.envelope(page, metadata, &views),
            Some(fields) => {
                let results: Vec<Value> = views.iter().map(|view| pick(view, fields)).collect();
                self.envelope(page, metadata, &results)
            }
        })
    }

    fn envelope<V: Serialize>(&self, page: Page, metadata: Metadata, results: &[V]) -> HttpResponse {
        #[derive(Serialize)]
        struct Envelope<'a, V> {
            metadata: Metadata,
            results: &'a [V],
        }
        let Resultset { count, limit, .. } = metadata.resultset;
        let mut response = self.head(HttpResponse::Ok(), Format::Json);
        if let Some(link) = self.links(page, limit, count) {
            response.insert_header((header::LINK, link));
        }
        response.json(Envelope { metadata, results })
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

    fn rows<V: View + Send + 'static>(
        &self,
        format: FileFormat,
        page: Page,
        list: Arc<List<V>>,
    ) -> HttpResponse {
        let range = window(list.count(), page.offset, page.limit);
        let rows = match format {
            FileFormat::Csv => RowFormat::Csv(self.encoding().line_end()),
            FileFormat::Ndjson | FileFormat::Xlsx => RowFormat::Ndjson,
        };
        let first = list.head(rows).map(|head| [self.encoding().mark(), &head].concat());
        let service = Arc::clone(&self.service);
        let pieces = stream::unfold((list, range.start, first), move |(list, at, first)| {
            let service = Arc::clone(&service);
            async move {
                if let Some(head) = first {
                    return Some((Ok::<_, Problem>(Bytes::from(head)), (list, at, None)));
                }
                if at >= range.end {
                    return None;
                }
                let end = range.end.min(at + PIECE);
                let source = Arc::clone(&list);
                let piece = web::block(move || text_of_rows(&service, &source, at..end, rows)).await;
                let piece = match piece {
                    Ok(Ok(text)) => Ok(Bytes::from(text)),
                    Ok(Err(error)) => Err(Problem::from(error)),
                    Err(cause) => Err(blocked(cause)),
                };
                Some((piece, (list, end, None)))
            }
        });
        let name = self.file_name(format.code());
        let media_type = match format {
            FileFormat::Csv => self.encoding().media_type(),
            FileFormat::Ndjson | FileFormat::Xlsx => format.media_type(),
        };
        self.stream(&Named::new(format, media_type, &name), pieces)
    }

    /// Answers with a list as CSV in Shift_JIS. How much of it that cannot hold is told before it, so it
    /// is built first, unless an earlier request had it built.
    async fn cp932<V: View + Send + 'static>(&self, page: Page, list: Arc<List<V>>) -> Answer {
        let range = window(list.count(), page.offset, page.limit);
        let (service, key) = (Arc::clone(&self.service), self.key());
        let rows = RowFormat::Csv(Encoding::Cp932.line_end());
        let texts = Arc::clone(&self.service);
        let build = move |out: &mut std::io::BufWriter<std::fs::File>| {
            let mut replaced = 0;
            let mut write = |text: Vec<u8>| {
                let mut encoded = Vec::new();
                replaced += to_cp932(&String::from_utf8_lossy(&text), &mut encoded);
                out.write_all(&encoded)
            };
            write(list.head(rows).unwrap_or_default())?;
            for at in range.clone().step_by(PIECE) {
                write(text_of_rows(&texts, &list, at..range.end.min(at + PIECE), rows)?)?;
            }
            Ok(Some(replaced))
        };
        let file = web::block(move || service.built_files().get(&key, build)).await.map_err(blocked)??;
        let name = self.file_name(FileFormat::Csv.code());
        Ok(self.built(&Named::new(FileFormat::Csv, Encoding::Cp932.media_type(), &name), file))
    }

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
            metadata: Metadata::new(&self.grid, Resultset { count, offset: page.offset, limit }),
            results,
        })
    }

    /// Answers with a page of what only some may see: it is not kept anywhere on the way.
    pub(crate) fn private_list<V: Serialize>(&self, page: Page, all: Vec<V>) -> HttpResponse {
        let count = all.len();
        let range = window(count, page.offset, Some(page.limit.unwrap_or(DEFAULT_LIMIT)));
        self.private_page(page, count, all.into_iter().skip(range.start).take(range.len()).collect())
    }

    /// What an answer is made of: the data, the day, the path and the query.
    pub(crate) fn key(&self) -> String {
        format!("{} {} {}?{}", self.grid.revision(), self.grid.as_of(), self.path, self.query)
    }
}

/// Some rows of a list, with their texts out of the database.
fn rows_of<V: View>(service: &Service, list: &List<V>, range: Range<usize>) -> Result<Vec<V>, Error> {
    let texts = service.texts(&list.wanted(range.clone()))?;
    Ok(list.rows(range, &texts))
}

/// The same as lines of a file.
fn text_of_rows<V: View>(
    service: &Service,
    list: &List<V>,
    range: Range<usize>,
    format: RowFormat,
) -> Result<Vec<u8>, Error> {
    let texts = service.texts(&list.wanted(range.clone()))?;
    Ok(list.text(range, &texts, format))
}

/// A pool that could not run the work: the server is going down.
pub(crate) fn blocked(cause: actix_web::error::BlockingError) -> Problem {
    log::error!("{cause}");
    Problem::plain(Kind::UNAVAILABLE)
}

fn text_of(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
