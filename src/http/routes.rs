//! The table of routes: of every path its methods, and of each method who may use it, what it costs,
//! and who else may see the answer. What is in no table is private.
//!
//! Whatever depends on more than path and method, such as which body a key speaks for, is decided where
//! it is known, in the service.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::dev::ResourceDef;
use actix_web::http::Method;

/// A method that does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Looks; HEAD is the same without a body.
    Get,
    /// Adds, or does something.
    Post,
    /// Puts in place.
    Put,
    /// Takes away.
    Delete,
}

impl Verb {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may use a method of a path, as far as these two decide it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Everybody.
    Anyone,
    /// The holder of a key that is good.
    Key,
    /// The holder of an administrator's key.
    Admin,
    /// Someone who signed in at the pages.
    Session,
}

/// What a request takes from its sender's buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Nothing: it is answered from memory at once.
    Free,
    /// A read.
    Read,
    /// A write, or a look where a refusal is written down.
    Write,
    /// A write, and an upload where the file is taken.
    Import,
    /// A try to sign in.
    SignIn,
}

/// Which part of the server a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The JSON API.
    Api,
    /// Pages for people.
    Pages,
    /// The documentation of the API, which may be left out.
    Docs,
    /// What operators ask.
    Operations,
}

/// One method of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The method.
    pub verb: Verb,
    /// Who may use it.
    pub caller: Caller,
    /// What it takes.
    pub cost: Cost,
    /// Whether pages of other origins may read the answer.
    pub shared: bool,
    /// Whether the answer may be kept on its way and asked about again.
    pub kept: bool,
}

/// A path and its methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The path, with names in braces for what varies.
    pub path: &'static str,
    /// Where it belongs.
    pub part: Part,
    /// What its methods are.
    pub operations: &'static [Operation],
}

/// A look that everybody may take.
const OPEN: Operation =
    Operation { verb: Verb::Get, caller: Caller::Anyone, cost: Cost::Read, shared: true, kept: true };
/// The same where it costs nothing.
const FREE: Operation = Operation { cost: Cost::Free, ..OPEN };
/// A question that everybody may ask and whose terms stand in its body.
const TRY: Operation =
    Operation { verb: Verb::Post, caller: Caller::Anyone, cost: Cost::Read, shared: true, kept: false };
/// How the server is: of this moment only.
const STATE: Operation = Operation { kept: false, ..FREE };
/// A look with a key. A refusal is written down, so asking costs as a write does.
const LOOK: Operation = signed(Verb::Get, Caller::Key);
const POST: Operation = signed(Verb::Post, Caller::Key);
const PUT: Operation = signed(Verb::Put, Caller::Key);
const DELETE: Operation = signed(Verb::Delete, Caller::Key);
/// A look at a page that is the same for everybody.
const READ: Operation = Operation { shared: false, ..OPEN };
/// The way to a page.
const WAY: Operation = Operation { kept: false, ..READ };
/// The same where it costs nothing.
const FREE_PAGE: Operation = Operation { cost: Cost::Free, ..READ };
/// A look at a page, which is its reader's alone.
const PAGE: Operation =
    Operation { verb: Verb::Get, caller: Caller::Session, cost: Cost::Read, shared: false, kept: false };

/// A look at what not every key may see: a refusal is written down, and a file may be read anew for it.
const OWN: Operation = Operation { cost: Cost::Write, ..PAGE };
/// A form of someone who is signed in.
const DO: Operation = Operation { caller: Caller::Session, ..POST };

const fn signed(verb: Verb, caller: Caller) -> Operation {
    Operation { verb, caller, cost: Cost::Write, shared: false, kept: false }
}

const fn api(path: &'static str, operations: &'static [Operation]) -> Route {
    Route { path, part: Part::Api, operations }
}

const fn page(path: &'static str, operations: &'static [Operation]) -> Route {
    Route { path, part: Part::Pages, operations }
}

const fn docs(path: &'static str, operations: &'static [Operation]) -> Route {
    Route { path, part: Part::Docs, operations }
}

const fn operations(path: &'static str) -> Route {
    Route { path, part: Part::Operations, operations: &[STATE] }
}

/// Every path there is.
pub const ROUTES: &[Route] = &[
    // Catalogue and register.
    api("/api/v1/procedures", &[OPEN]),
    api("/api/v1/procedures/{id}", &[OPEN]),
    api("/api/v1/lists", &[OPEN]),
    api("/api/v1/lists/{id}", &[OPEN]),
    api("/api/v1/catalogue_changes", &[OPEN]),
    api("/api/v1/codes", &[OPEN]),
    api("/api/v1/prefectures", &[OPEN]),
    api("/api/v1/prefectures/{prefecture}", &[OPEN]),
    api("/api/v1/search", &[OPEN]),
    api("/api/v1/municipalities", &[OPEN]),
    api("/api/v1/municipalities/{code}", &[OPEN]),
    // Readiness: read by all, written with a key that speaks for the body.
    api("/api/v1/readiness", &[OPEN]),
    api("/api/v1/municipalities/{code}/readiness", &[OPEN]),
    api("/api/v1/municipalities/{code}/readiness/{procedure}/{channel}", &[OPEN, PUT, DELETE]),
    api("/api/v1/municipalities/{code}/readiness/{procedure}/{channel}/history", &[OPEN]),
    api("/api/v1/municipalities/{code}/applicability/{procedure}", &[OPEN, PUT, DELETE]),
    api("/api/v1/municipalities/{code}/applicability/{procedure}/history", &[OPEN]),
    api("/api/v1/matrix", &[OPEN]),
    // Figures.
    api("/api/v1/distribution", &[OPEN]),
    api("/api/v1/definitions", &[OPEN]),
    api("/api/v1/figures/{definition}", &[OPEN]),
    api("/api/v1/figures/{definition}/explain", &[OPEN]),
    api("/api/v1/figures/{definition}/trend", &[OPEN]),
    api("/api/v1/figures/{definition}/simulation", &[TRY]),
    api("/api/v1/municipalities/{code}/peers", &[OPEN]),
    api("/api/v1/municipalities/{code}/ahead", &[OPEN]),
    api("/api/v1/municipalities/{code}/plans", &[OPEN]),
    api("/api/v1/municipalities/{code}/forecast", &[OPEN]),
    api("/api/v1/municipalities/{code}/gaps", &[OPEN]),
    api("/api/v1/municipalities/{code}/usage", &[OPEN]),
    api("/api/v1/prefectures/{prefecture}/gaps", &[OPEN]),
    api("/api/v1/changes", &[OPEN]),
    api("/api/v1/changes.atom", &[OPEN]),
    api("/api/v1/systems", &[OPEN]),
    api("/api/v1/usage", &[OPEN]),
    api("/api/v1/published_figures", &[OPEN]),
    // What towns keep of their own.
    api("/api/v1/checklist_answers", &[OPEN]),
    api("/api/v1/actions", &[OPEN]),
    api("/api/v1/context_indicators", &[OPEN]),
    api("/api/v1/walkthroughs", &[OPEN]),
    api("/api/v1/plan_steps", &[OPEN]),
    api("/api/v1/handling_times", &[OPEN]),
    api("/api/v1/municipalities/{code}/action_plans", &[OPEN]),
    // Files to take away.
    api("/api/v1/exports/readiness.csv", &[OPEN]),
    api("/api/v1/exports/readiness.ndjson", &[OPEN]),
    api("/api/v1/exports/readiness.xlsx", &[OPEN]),
    api("/api/v1/usage_tables/{code}.csv", &[OPEN]),
    api("/api/v1/usage_tables/{code}.xlsx", &[OPEN]),
    api("/api/v1/templates/{code}.csv", &[OPEN]),
    api("/api/v1/templates/{code}.xlsx", &[OPEN]),
    api("/api/v1/template_bundles/{prefecture}.zip", &[OPEN]),
    api("/api/v1/material_templates/{code}/{material}.csv", &[OPEN]),
    api("/api/v1/material_templates/{code}/{material}.xlsx", &[OPEN]),
    // Imports, and what marks of files mean.
    api("/api/v1/imports", &[LOOK, Operation { cost: Cost::Import, ..POST }]),
    api("/api/v1/imports/{id}", &[LOOK]),
    api("/api/v1/imports/{id}/answers", &[POST]),
    api("/api/v1/imports/{id}/apply", &[POST]),
    api("/api/v1/imports/{id}/cancel", &[POST]),
    api("/api/v1/imports/{id}/revert", &[POST]),
    api("/api/v1/imports/{id}/rows", &[LOOK]),
    api("/api/v1/imports/{id}/errors.csv", &[LOOK]),
    api("/api/v1/imports/{id}/original", &[LOOK]),
    api("/api/v1/profiles", &[LOOK]),
    api("/api/v1/profiles/{name}", &[LOOK, PUT, DELETE]),
    // Keys, sessions and the audit log.
    api("/api/v1/tokens", &[signed(Verb::Get, Caller::Admin), signed(Verb::Post, Caller::Admin)]),
    api("/api/v1/tokens/{id}", &[signed(Verb::Delete, Caller::Admin)]),
    api("/api/v1/sessions", &[LOOK, DELETE]),
    api("/api/v1/sessions/{id}", &[DELETE]),
    api("/api/v1/audit", &[signed(Verb::Get, Caller::Admin)]),
    // The contract, and how it is shown.
    api("/api/v1/openapi.json", &[FREE]),
    api("/api/v1/openapi-3.0.json", &[FREE]),
    docs("/docs", &[FREE]),
    docs("/docs/{_:.*}", &[FREE]),
    // Pages to read.
    page("/", &[READ]),
    page("/prefectures/{prefecture}", &[READ]),
    page("/municipalities/{code}", &[READ]),
    page("/municipalities/{code}/why", &[READ]),
    page("/municipalities/{code}/brief", &[READ]),
    page("/municipalities/{code}/readiness/{procedure}", &[READ]),
    page("/procedures", &[READ]),
    page("/procedures/{id}", &[READ]),
    page("/changes", &[READ]),
    page("/compare", &[READ]),
    page("/definitions", &[READ]),
    page("/codes", &[READ]),
    page("/figures/{definition}", &[READ]),
    page("/readiness", &[READ]),
    page("/matrix", &[READ]),
    page("/municipalities/{code}/peers", &[READ]),
    page("/municipalities/{code}/material", &[READ]),
    page("/accessibility", &[READ]),
    page("/search", &[WAY]),
    page("/templates", &[READ]),
    page("/{code:[0-9]{2}}", &[WAY]),
    page("/{code:[0-9]{5,6}}", &[WAY]),
    page("/about", &[READ]),
    page("/data", &[READ]),
    page("/data/{dataset}.csv-metadata.json", &[OPEN]),
    page("/datapackage.json", &[OPEN]),
    page("/catalog.jsonld", &[OPEN]),
    page("/robots.txt", &[WAY]),
    page("/sitemap.xml", &[WAY]),
    page("/.well-known/security.txt", &[WAY]),
    page("/assets/{file}", &[FREE_PAGE]),
    page("/favicon.svg", &[FREE_PAGE]),
    // Pages of those who sign in. The key to sign in with stands in the form.
    page(
        "/sign-in",
        &[
            Operation { caller: Caller::Anyone, ..PAGE },
            Operation { caller: Caller::Anyone, cost: Cost::SignIn, ..POST },
        ],
    ),
    page("/sign-out", &[DO]),
    page("/account", &[PAGE]),
    page("/municipalities/{code}/edit", &[PAGE, Operation { cost: Cost::Import, ..DO }]),
    page("/municipalities/{code}/readiness/{procedure}/{channel}/edit", &[PAGE, DO]),
    page("/municipalities/{code}/readiness/{procedure}/{channel}/withdraw", &[DO]),
    page("/municipalities/{code}/applicability/{procedure}/edit", &[PAGE, DO]),
    page("/municipalities/{code}/applicability/{procedure}/withdraw", &[DO]),
    page("/municipalities/{code}/material/{material}/edit", &[PAGE, Operation { cost: Cost::Import, ..DO }]),
    page("/tokens", &[OWN, DO]),
    page("/tokens/{id}/revoke", &[DO]),
    page("/audit", &[OWN]),
    page("/statements", &[OWN]),
    page("/profiles", &[OWN]),
    page("/profiles/{name}", &[OWN, DO]),
    page("/profiles/{name}/remove", &[DO]),
    page("/imports", &[OWN, Operation { cost: Cost::Import, ..DO }]),
    page("/imports/new", &[OWN]),
    page("/imports/{id}", &[OWN]),
    page("/imports/{id}/rows", &[OWN]),
    page("/imports/{id}/errors.csv", &[OWN]),
    page("/imports/{id}/original", &[OWN]),
    page("/imports/{id}/answers", &[PAGE, DO]),
    page("/imports/{id}/apply", &[PAGE, DO]),
    page("/imports/{id}/cancel", &[PAGE, DO]),
    page("/imports/{id}/revert", &[PAGE, DO]),
    page("/account/end-sessions", &[DO]),
    // Operations.
    operations("/healthz"),
    operations("/readyz"),
    operations("/version"),
];

impl Route {
    /// The operation of a method.
    pub(crate) fn operation(&self, method: &Method) -> Option<&Operation> {
        let name = if method == Method::HEAD { Method::GET.as_str() } else { method.as_str() };
        self.operations.iter().find(|operation| operation.verb.name() == name)
    }

    /// The methods that it takes, as `Allow` names them.
    pub(crate) fn allow(&self) -> String {
        names_of(self.operations.iter())
    }

    /// Those of them that pages of other origins may use; none if there are none.
    pub(crate) fn allow_others(&self) -> Option<String> {
        let shared = || self.operations.iter().filter(|operation| operation.shared);
        shared().next().map(|_| names_of(shared()))
    }
}

fn names_of<'a>(operations: impl Iterator<Item = &'a Operation>) -> String {
    let mut names: Vec<&str> = operations.map(|operation| operation.verb.name()).collect();
    if names.contains(&Verb::Get.name()) {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    names.join(", ")
}

/// What holds for a request, whether or not there is such a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) cost: Cost,
    pub(crate) shared: bool,
    pub(crate) kept: bool,
    /// Its part of the server, where it is known.
    pub(crate) part: Option<Part>,
}

impl Rule {
    /// The rule for a method and a path.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let route = find(path);
        let part = route.map(|route| route.part);
        match route.and_then(|route| route.operation(method)) {
            Some(operation) => {
                let Operation { cost, shared, kept, .. } = *operation;
                Self { cost, shared, kept, part }
            }
            None => Self { cost: cost_of_unknown(method), shared: false, kept: false, part },
        }
    }
}

fn cost_of_unknown(method: &Method) -> Cost {
    match *method {
        Method::OPTIONS => Cost::Free,
        Method::GET | Method::HEAD => Cost::Read,
        _ => Cost::Write,
    }
}

/// Paths as they are looked for.
struct Index {
    plain: HashMap<&'static str, &'static Route>,
    /// Those with parts that vary; the one with more fixed letters decides.
    patterns: Vec<(ResourceDef, &'static Route)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let (patterns, plain): (Vec<_>, Vec<_>) = ROUTES.iter().partition(|route| route.path.contains('{'));
    let fixed = |route: &Route| route.path.split('{').next().map_or(0, str::len);
    let mut patterns: Vec<(ResourceDef, &'static Route)> =
        patterns.into_iter().map(|route: &'static Route| (ResourceDef::new(route.path), route)).collect();
    patterns.sort_by_key(|(_, route)| std::cmp::Reverse(fixed(route)));
    Index { plain: plain.into_iter().map(|route: &'static Route| (route.path, route)).collect(), patterns }
});

/// What stands in a path under the names of its route.
pub(crate) fn named(path: &str) -> Vec<(String, String)> {
    let pattern = find(path).map_or("", |route| route.path);
    let parts = pattern.split('/').zip(path.split('/'));
    let name = |part: &str| part.strip_prefix('{')?.strip_suffix('}').map(str::to_owned);
    parts.filter_map(|(part, value)| Some((name(part)?, value.to_owned()))).collect()
}

/// The route of a path.
pub(crate) fn find(path: &str) -> Option<&'static Route> {
    let plain = INDEX.plain.get(path).copied();
    plain.or_else(|| {
        INDEX.patterns.iter().find(|(pattern, _)| pattern.is_match(path)).map(|(_, route)| *route)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_path_have_the_names_of_its_route() {
        let named = |path| named(path).into_iter().map(|(name, value)| format!("{name}={value}"));
        let found: Vec<String> = named("/api/v1/municipalities/082341/readiness/a-1/online").collect();
        assert_eq!(found, ["code=082341", "procedure=a-1", "channel=online"]);
        assert_eq!(named("/api/v1/procedures").count(), 0);
    }

    #[test]
    fn what_is_not_for_everybody_is_private() {
        for route in ROUTES {
            for operation in route.operations {
                let place = format!("{} {}", operation.verb.name(), route.path);
                assert!(operation.caller == Caller::Anyone || !operation.shared, "{place}");
                assert!(operation.verb == Verb::Get || !operation.kept, "{place}");
                assert!(operation.caller == Caller::Anyone || !operation.kept, "{place}");
                assert!(operation.verb == Verb::Get || operation.cost != Cost::Free, "{place}");
            }
            let verbs: Vec<&str> = route.operations.iter().map(|operation| operation.verb.name()).collect();
            let once = verbs.iter().enumerate().all(|(at, verb)| !verbs[..at].contains(verb));
            assert!(once && !verbs.is_empty(), "{}", route.path);
        }
    }

    #[test]
    fn each_path_is_found_and_no_other_is() {
        // What must be digits is not found by its pattern.
        for route in ROUTES.iter().filter(|route| !route.path.contains(":[")) {
            assert_eq!(find(route.path).map(|found| found.path), Some(route.path));
        }
        let found = |path: &str| find(path).map(|route| route.path);
        assert_eq!(found("/api/v1/figures/online_rate"), Some("/api/v1/figures/{definition}"));
        assert_eq!(found("/api/v1/templates/082333.xlsx"), Some("/api/v1/templates/{code}.xlsx"));
        assert_eq!(found("/docs/"), Some("/docs/{_:.*}"));
        assert_eq!([found("/08"), found("/08234")], [Some("/{code:[0-9]{2}}"), Some("/{code:[0-9]{5,6}}")]);
        for path in
            ["/api/v1/importsx", "/api/v1/procedures/", "/api/v1", "", "/account/other", "/0823", "/0823412"]
        {
            assert_eq!(found(path), None, "{path}");
        }
    }

    #[test]
    fn what_is_in_no_table_is_private_and_not_free() {
        let rule = |method: Method, path: &str| Rule::of(&method, path);
        for (method, path, cost) in [
            (Method::GET, "/api/v1/secret", Cost::Read),
            (Method::PUT, "/api/v1/secret", Cost::Write),
            (Method::POST, "/api/v1/procedures", Cost::Write),
        ] {
            let rule = rule(method, path);
            assert_eq!((rule.cost, rule.shared, rule.kept), (cost, false, false), "{path}");
        }
        assert_eq!(rule(Method::HEAD, "/api/v1/audit").cost, Cost::Write);
        assert_eq!(rule(Method::POST, "/sign-in").cost, Cost::SignIn);
        assert_eq!(rule(Method::POST, "/api/v1/imports").cost, Cost::Import);
        assert_eq!(rule(Method::OPTIONS, "/api/v1/imports").cost, Cost::Free);
    }
}
