//! What no route took: unknown paths and other methods, each with the way out.

use actix_web::body::BoxBody;
use actix_web::dev::ResourceDef;
use actix_web::http::{Method, header};
use actix_web::{HttpRequest, HttpResponse, web};

use super::problem::{Kind, Problem};
use super::{State, middleware, percent};
use crate::domain::Refusal;
use crate::domain::text::{cut, nearest};

/// Where the API begins.
const BASE: &str = "/api/v1";

/// The paths of the contract and of the pages.
pub(super) struct Paths(Vec<Known>);

/// A path and its methods.
struct Known {
    pattern: ResourceDef,
    text: String,
    allow: String,
    /// How many letters of the path are fixed: the most exact pattern decides.
    fixed: usize,
}

impl Known {
    fn new(text: &str, allow: String) -> Self {
        let fixed = text.split('{').next().map_or(0, str::len);
        Self { pattern: ResourceDef::new(text), text: text.to_owned(), allow, fixed }
    }
}

impl Paths {
    /// Those that a contract documents, and the pages.
    pub(super) fn of(document: &serde_json::Value) -> Self {
        let mut known: Vec<Known> = document["paths"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(path, item)| {
                let mut methods: Vec<String> =
                    item.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase()).collect();
                if methods.iter().any(|method| method == "GET") {
                    methods.push("HEAD".to_owned());
                }
                methods.push("OPTIONS".to_owned());
                Known::new(path, methods.join(", "))
            })
            .collect();
        known.extend(crate::web::PATHS.iter().map(|(path, allow)| Known::new(path, (*allow).to_owned())));
        known.sort_by_key(|known| std::cmp::Reverse(known.fixed));
        Self(known)
    }

    fn find(&self, path: &str) -> Option<&Known> {
        self.0.iter().find(|known| known.pattern.is_match(path))
    }

    /// 404 with the path that was probably meant: without slashes too many, capitals, escapes and a
    /// base that is missing, or the one that is spelt most alike.
    pub(super) fn no_such_path(&self, path: &str) -> Problem {
        let shown = String::from_utf8_lossy(&percent::decode(path)).into_owned();
        let refusal = Refusal::new(
            "unknown_path",
            &shown,
            format!("{} はありません", cut(&shown, 100)),
            "there is no such path",
        )
        .allowed("/api/v1/openapi.json にあるパス");
        let refusal = match self.meant(&shown) {
            Some(meant) => refusal.suggest(meant),
            None => refusal,
        };
        Problem::of(Kind::NOT_FOUND, "/path", refusal)
    }

    fn meant(&self, path: &str) -> Option<String> {
        let parts = path.split('/').map(str::trim).filter(|part| !part.is_empty());
        let plain = parts.map(|part| format!("/{}", part.to_lowercase())).collect::<String>();
        let rest = ["/api/v1", "/api", "/v1"].into_iter().find_map(|base| plain.strip_prefix(base));
        let based = format!("{BASE}{}", rest.unwrap_or(&plain));
        if let Some(found) = [&plain, &based].into_iter().find(|path| self.find(path).is_some()) {
            return Some(found.clone());
        }
        let fixed = self.0.iter().map(|known| known.text.as_str()).filter(|text| !text.contains('{'));
        nearest(&based, fixed).map(str::to_owned)
    }
}

/// What no route took: an unknown path is 404, a known one with another method 405.
pub(super) async fn fallback(
    request: HttpRequest,
    state: web::Data<State>,
) -> Result<HttpResponse<BoxBody>, Problem> {
    let path = request.path();
    let Some(known) = state.paths.find(path) else { return Err(state.paths.no_such_path(path)) };
    if request.method() == Method::OPTIONS {
        return Ok(options(&known.allow, middleware::is_private(path)));
    }
    let refusal = Refusal::new(
        "method_not_allowed",
        request.method().as_str(),
        format!("このパスで使えるメソッドは {} です", known.allow),
        format!("the methods of this path are {}", known.allow),
    );
    let problem = Problem::of(Kind::METHOD_NOT_ALLOWED, "/method", refusal.allowed(&known.allow));
    Err(problem.with_header(header::ALLOW, &known.allow))
}

/// A preflight of another origin is answered for public reads only.
fn options(allow: &str, private: bool) -> HttpResponse {
    let mut response = HttpResponse::NoContent();
    response.insert_header((header::ALLOW, allow));
    if !private && allow.contains("GET") {
        response.insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"));
        response.insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS"));
        response
            .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, Accept-Language, If-None-Match"));
        response.insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"));
    }
    response.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_that_was_meant_is_found() {
        let paths = Paths::of(&super::super::openapi::document());
        for (sent, meant) in [
            ("/api/v1/procedures/", Some("/api/v1/procedures")),
            ("//api/v1//procedures", Some("/api/v1/procedures")),
            ("/API/V1/Municipalities/082333", Some("/api/v1/municipalities/082333")),
            ("/api/v1/municipalities/082333%20", Some("/api/v1/municipalities/082333")),
            ("/procedures", Some("/api/v1/procedures")),
            ("/v1/figures/online_rate", Some("/api/v1/figures/online_rate")),
            ("/api/readiness", Some("/api/v1/readiness")),
            ("/api/v1/procedure", Some("/api/v1/procedures")),
            ("/api/v1/municipality", Some("/api/v1/municipalities")),
            ("/Sign-In/", Some("/sign-in")),
            ("/api/v1/%E8%A1%8C%E6%96%B9", None),
            ("/robots.txt", None),
        ] {
            let problem = paths.no_such_path(sent);
            let refusal = &problem.errors[0].refusal;
            assert_eq!(refusal.suggestion.as_deref(), meant, "{sent}");
        }
        assert!(paths.no_such_path("/%E8%A1%8C").ja.contains("/行"));
    }
}
