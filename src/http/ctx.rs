//! A request as handlers see it.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::http::header::{self, Header as _};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, web};

use super::client::Client;
use super::credential::Credential;
use super::limits::Sender;
use super::problem::{Kind, Problem};
use super::state::{Site, State};
use crate::domain::Refusal;
use crate::export::encoding::Encoding;
use crate::grid::Grid;
use crate::query::format::{Format, Medium, negotiate};
use crate::query::moment::Moment;
use crate::query::parameters::{Checks, FormatQuery, Parameters, Query, names};
use crate::service::Service;
use crate::service::error::Error;

/// Building the country of another moment takes as long as about so many reads.
const READS_OF_A_COUNTRY: u32 = 50;

/// What a handler answers with.
pub(crate) type Answer = Result<HttpResponse, Problem>;

/// A request as handlers see it: what its address says, what its sender takes and has, and the running
/// system.
pub(crate) struct Ctx {
    pub(super) state: web::Data<State>,
    /// Who sent it, as far as requests of one sender are counted together.
    pub(super) sender: Sender,
    pub(super) path: String,
    /// What varies in the path, by name.
    pub(super) named: Vec<(String, String)>,
    pub(super) query: String,
    accept: Option<String>,
    /// Whether it takes an answer in gzip.
    pub(super) takes_gzip: bool,
    pub(super) if_none_match: Option<String>,
}

impl FromRequest for Ctx {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::new(request).ok_or(Problem::plain(Kind::INTERNAL)))
    }
}

impl Ctx {
    fn new(request: &HttpRequest) -> Option<Self> {
        let state = request.app_data::<web::Data<State>>()?.clone();
        let extensions = request.extensions();
        let sender = state.limiter.sender(extensions.get::<Client>()?, extensions.get::<Credential>()?);
        let named = request.match_info().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let text = |name: header::HeaderName| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
        };
        Some(Self {
            sender,
            path: request.path().to_owned(),
            named: named.collect(),
            query: request.query_string().to_owned(),
            accept: text(header::ACCEPT),
            takes_gzip: header::AcceptEncoding::parse(request).is_ok_and(|taken| {
                let ways = [header::Encoding::gzip(), header::Encoding::identity()];
                taken.negotiate(ways.iter()) == Some(header::Encoding::gzip())
            }),
            if_none_match: text(header::IF_NONE_MATCH),
            state,
        })
    }

    /// What whoever runs the server says of it.
    pub(crate) fn site(&self) -> &Site {
        &self.state.site
    }

    /// The running system.
    pub(crate) fn service(&self) -> &Arc<Service> {
        &self.state.service
    }

    /// The country of a moment: where each question gets its own. One that must be built first costs its
    /// sender what as many reads cost.
    ///
    /// # Errors
    ///
    /// 429, and too much that waits already.
    pub(crate) async fn country_of(&self, moment: Moment) -> Result<Arc<Grid>, Problem> {
        let Moment { as_of, known_at } = moment;
        if moment.is_now() {
            return Ok(self.grid());
        }
        if self.service().must_build(as_of, known_at) {
            self.state.limiter.charge(self.sender, READS_OF_A_COUNTRY)?;
        }
        let service = Arc::clone(self.service());
        Ok(self.state.desk.run(self.sender, move || service.country_at(as_of, known_at)).await??)
    }

    /// Whether everything that is shown is made up.
    pub(crate) fn is_demo(&self) -> bool {
        self.state.demo
    }

    /// Largest file that is taken, in bytes.
    pub(crate) fn max_upload(&self) -> usize {
        self.state.max_upload
    }

    /// The path that was asked for.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// What stands in the path under a name.
    pub(crate) fn named(&self, name: &str) -> &str {
        self.named.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The country as it is now.
    pub(crate) fn grid(&self) -> Arc<Grid> {
        self.service().grid()
    }

    /// Does what waits for the database off the threads that serve.
    ///
    /// # Errors
    ///
    /// What the work answers.
    pub(crate) async fn wait<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<Service>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let service = Arc::clone(self.service());
        Ok(web::block(move || work(&service)).await??)
    }

    /// The query string as a form sends it: a field that was left empty says nothing.
    pub(crate) fn filled_in(&self) -> String {
        let filled = |pair: &&str| pair.split_once('=').is_none_or(|(_, value)| !value.is_empty());
        self.query.split('&').filter(filled).collect::<Vec<&str>>().join("&")
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
}

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

/// A number in a path.
///
/// # Errors
///
/// What is no number, or none that anything has.
pub(crate) fn number_of_path(text: &str) -> Result<i64, Problem> {
    text.parse().ok().filter(|number| *number >= 1).ok_or_else(|| {
        let refusal =
            Refusal::new("number_format", text, "番号が正しくありません", "not a number").allowed("1-");
        Problem::path("id", refusal)
    })
}
