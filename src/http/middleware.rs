//! What every answer has: an id, security headers, a problem document instead of a bare error.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};

use super::client::Client;
use super::credential::Credential;
use super::limits::{self, Admitted, Remaining};
use super::problem::{Kind, Problem, ProblemPage};
use super::routes::{Part, Rule};
use super::state::State;

/// Pages and answers load nothing from anywhere else.
const CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The documentation page writes styles into its elements.
const CSP_DOCS: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Turns every error, the framework's own among them, into a problem document in the language the
/// client asks for.
///
/// No handle on the request may be kept while it is routed: the router needs it alone.
///
/// # Errors
///
/// None of its own.
pub(crate) async fn render(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let english = wants_english(request.headers());
    let path = request.path().to_owned();
    let page = page_for(&request);
    let demo = request.app_data::<web::Data<State>>().is_some_and(|state| state.demo);
    let told = |problem: &Problem| match page {
        Some(ProblemPage(page)) => page(problem, english, demo, &path),
        None => problem.render(english, &path),
    };
    let admitted = match admit(&request).await {
        Ok(admitted) => admitted,
        Err(problem) => {
            let rendered = told(&problem);
            return Ok(request.into_response(rendered));
        }
    };
    let response = next.call(request).await?.map_into_boxed_body();
    let mut response = match problem_of(&response) {
        Some(problem) => response.into_response(told(&problem)),
        None => response,
    };
    // A file that was kept has a number, whatever else was refused.
    let taken = response.status().is_success() || response.headers().contains_key(header::LOCATION);
    let state = response.request().app_data::<web::Data<State>>().cloned();
    let remaining = state.and_then(|state| state.limiter.settle(admitted, taken));
    for (name, value) in remaining.iter().flat_map(Remaining::headers) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// How a problem of a request is told by a page: where whoever asks is a browser that is not at the API.
fn page_for(request: &ServiceRequest) -> Option<ProblemPage> {
    let part = Rule::of(request.method(), request.path()).part;
    let at_pages = part == Some(Part::Pages) || (part.is_none() && !request.path().starts_with("/api"));
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let by_browser = accept.is_some_and(|accept| accept.contains("text/html"));
    (at_pages && by_browser).then(|| request.app_data::<ProblemPage>().copied()).flatten()
}

/// Whether a request may come in: its size, who sends it, and how many came before it.
async fn admit(request: &ServiceRequest) -> Result<Admitted, Problem> {
    let state = request.app_data::<web::Data<State>>().cloned();
    let client = request.extensions().get::<Client>().cloned();
    let (Some(state), Some(client)) = (state, client) else {
        return Err(Problem::plain(Kind::INTERNAL));
    };
    let Rule { cost, .. } = Rule::of(request.method(), request.path());
    let credential = Credential::of(request.headers(), &client);
    if state.limiter.must_look(cost, &client, &credential) {
        recognise(&state, &credential).await;
    }
    let admitted = state.limiter.count(cost, &client, &credential)?;
    limits::check_head(request.path(), request.query_string(), request.headers())?;
    request.extensions_mut().insert(credential);
    Ok(admitted)
}

/// Looks whether a key or session is good. Where that cannot be seen, its holder is counted with
/// their address.
async fn recognise(state: &web::Data<State>, credential: &Credential) {
    let (service, shown) = (Arc::clone(&state.service), credential.clone());
    let good = web::block(move || match shown {
        Credential::Key(secret) => service.knows_key(secret.hash()),
        Credential::Session(hash) => service.knows_session(hash),
        Credential::Malformed(_) | Credential::None => Ok(false),
    })
    .await;
    if let (Ok(Ok(true)), Some(hash)) = (good, credential.hash()) {
        state.trust(hash);
    }
}

/// What an answer that is an error is to be told with, unless it is told already.
fn problem_of(response: &ServiceResponse<BoxBody>) -> Option<Problem> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    match response.response().error().and_then(|error| error.as_error::<Problem>()) {
        Some(problem) => Some(problem.clone()),
        None if is_finished(response.headers()) => None,
        None => Some(framework_problem(status, response)),
    }
}

/// A problem for an error that the framework raised. Its own text may help with a bad request; of
/// a failure of ours nothing is told.
fn framework_problem(status: StatusCode, response: &ServiceResponse<BoxBody>) -> Problem {
    let kind = Kind::of_status(status);
    match response.response().error() {
        Some(error) if status.is_client_error() => {
            Problem::new(kind, format!("{}（{error}）。", kind.ja), error.to_string())
        }
        Some(error) => {
            log::error!("{error}");
            Problem::plain(kind)
        }
        None => Problem::plain(kind),
    }
}

/// Whether an error is told already: by a problem document, or by a page.
fn is_finished(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    kind.starts_with(b"application/problem+json") || kind.starts_with(b"text/html")
}

/// Whether a client would rather read English.
fn wants_english(headers: &HeaderMap) -> bool {
    let text = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    text.is_some_and(prefers_english)
}

/// Whether English stands before Japanese in an `Accept-Language`.
pub(crate) fn prefers_english(text: &str) -> bool {
    let weight = |language: &str| {
        text.split(',')
            .filter_map(|range| {
                let mut parts = range.trim().split(';').map(str::trim);
                let tag = parts.next()?.to_ascii_lowercase();
                let quality = parts
                    .find_map(|part| part.strip_prefix("q="))
                    .map_or(1.0, |text| text.parse::<f32>().unwrap_or(0.0));
                (tag == language || tag.starts_with(&format!("{language}-"))).then_some(quality)
            })
            .fold(0.0, f32::max)
    };
    weight("en") > weight("ja")
}

/// Adds what every answer carries, and lets HEAD be GET without a body.
///
/// # Errors
///
/// None of its own.
pub(crate) async fn seal(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let head = request.method() == Method::HEAD;
    if head {
        request.head_mut().method = Method::GET;
        // Without a body there is nothing to compress, and the length is that of the plain one.
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    let (rule, get) = (Rule::of(request.method(), request.path()), request.method() == Method::GET);
    let proxies = request.app_data::<web::Data<State>>().map(|state| state.trusted_proxies.clone());
    let client = Client::new(request.peer_addr(), request.headers(), proxies.as_deref().unwrap_or_default());
    let (request_id, over_https) = (client.request_id.clone(), client.over_https);
    request.extensions_mut().insert(client);
    let mut response = next.call(request).await?.map_into_boxed_body();
    let headers = response.headers_mut();
    match headers.get(header::CONTENT_ENCODING) {
        Some(coding) if coding == AS_IT_IS => {
            headers.remove(header::CONTENT_ENCODING);
        }
        Some(_) => tag_coding(headers),
        None => {}
    }
    name_charset(headers);
    for (name, value) in common_headers(rule.part, request_id) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    if over_https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000; includeSubDomains"),
        );
    }
    if get && !rule.kept {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if rule.shared {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static(
                "ETag, Link, X-Request-ID, Retry-After, RateLimit, RateLimit-Policy, \
                 Content-Disposition, X-Todoke-Replaced",
            ),
        );
    }
    Ok(if head { without_body(response) } else { response })
}

/// A coding by which an answer says that it is not to be compressed; it is not sent.
pub(crate) const AS_IT_IS: &str = "identity";

/// Name of the header with the request's id.
pub(crate) const REQUEST_ID: &str = "x-request-id";

/// What every answer carries, also those that the application never sees.
pub(crate) fn common_headers(
    part: Option<Part>,
    request_id: String,
) -> [(&'static str, Cow<'static, str>); 5] {
    let csp = if part == Some(Part::Docs) { CSP_DOCS } else { CSP };
    [
        ("x-content-type-options", "nosniff".into()),
        ("referrer-policy", "same-origin".into()),
        ("content-security-policy", csp.into()),
        ("cross-origin-opener-policy", "same-origin".into()),
        (REQUEST_ID, request_id.into()),
    ]
}

/// All our text is UTF-8; the files of the documentation page do not say so.
fn name_charset(headers: &mut HeaderMap) {
    let named = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .filter(|kind| ["text/html", "text/css", "text/javascript", "application/javascript"].contains(kind))
        .and_then(|kind| HeaderValue::from_str(&format!("{kind}; charset=utf-8")).ok());
    if let Some(named) = named {
        headers.insert(header::CONTENT_TYPE, named);
    }
}

/// The same answer in gzip is another representation, so it has another tag.
fn tag_coding(headers: &mut HeaderMap) {
    let tagged = headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .and_then(|tag| tag.strip_suffix('"'))
        .and_then(|tag| HeaderValue::from_str(&format!("{tag}-gzip\"")).ok());
    if let Some(tag) = tagged {
        headers.insert(header::ETAG, tag);
    }
}

/// A HEAD answer says how long the body would have been and sends none.
fn without_body(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    response.map_body(|_, body| BoxBody::new(Unsent(body.size())))
}

/// A body that has a size and is never read: the connection sends none for HEAD.
struct Unsent(BodySize);

impl MessageBody for Unsent {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<actix_web::web::Bytes, Self::Error>>> {
        std::task::Poll::Ready(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn english(text: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_str(text).unwrap());
        wants_english(&headers)
    }

    #[test]
    fn japanese_unless_english_is_preferred() {
        assert!(english("en"));
        assert!(english("en-GB,ja;q=0.8"));
        assert!(!english("ja,en;q=0.9"));
        assert!(!english("fr"));
        assert!(!english("en;q=0"));
        assert!(!wants_english(&HeaderMap::new()));
    }
}
