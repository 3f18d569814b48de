//! HTTP: the JSON API under `/api/v1`, its contract, and what operators ask.
//!
//! Handlers are thin: they read the query, ask the grid or the service, and answer. What they may
//! not know: SQL, and rules of the domain.

mod audit;
mod auth;
pub(crate) mod body;
mod catalogue;
pub(crate) mod client;
mod codes;
mod connection;
mod credential;
mod definitions;
mod explain;
mod exports;
mod fallback;
mod figures;
mod file;
mod filters;
pub mod format;
mod grouping;
mod import_answers;
mod import_rows;
mod imports;
mod limits;
pub mod list;
mod matrix;
mod middleware;
mod municipalities;
pub mod openapi;
mod openapi_30;
mod ops;
mod percent;
mod precondition;
pub mod problem;
mod profiles;
pub mod query;
mod rate;
mod readiness;
mod records;
pub mod reply;
mod request_line;
pub mod server;
mod shape;
mod spots;
mod statement_body;
mod statements;
mod templates;
mod tokens;
mod upload;

use std::sync::{Arc, OnceLock};

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, get, web};
use ipnet::IpNet;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::config::Rates;
use crate::service::Service;
use fallback::Paths;
use limits::Limiter;
use reply::{Answer, Ctx};

/// What every worker shares.
pub struct State {
    /// The running system.
    pub service: Arc<Service>,
    /// Short mark of program version and catalogue, part of every ETag.
    pub fingerprint: Arc<str>,
    /// Whether the documentation page is served.
    pub docs: bool,
    /// Addresses whose forwarded headers count.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Whether clear text from beyond this machine and the proxies is taken.
    pub insecure_http: bool,
    /// Largest file, in bytes.
    pub max_upload: usize,
    limiter: Limiter,
    paths: Paths,
    openapi: String,
    openapi_30: OnceLock<String>,
}

impl State {
    /// Counts the holder of a key or session apart from others at the same address.
    pub(crate) fn trust(&self, hash: [u8; 32]) {
        self.limiter.trust(hash);
    }
}

/// How the API is served.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether the documentation page is served.
    pub docs: bool,
    /// Addresses whose forwarded headers count.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether clear text from beyond this machine and the proxies is taken.
    pub insecure_http: bool,
    /// How often one client may ask.
    pub rates: Rates,
    /// Largest file, in bytes.
    pub max_upload: usize,
}

impl State {
    /// The state over a service.
    pub fn new(service: Arc<Service>, settings: Settings) -> Self {
        let document = openapi::document();
        let fingerprint = fingerprint(service.seed_fingerprint());
        Self {
            service,
            fingerprint,
            docs: settings.docs,
            trusted_proxies: settings.trusted_proxies.into(),
            insecure_http: settings.insecure_http,
            max_upload: settings.max_upload,
            limiter: Limiter::new(&settings.rates),
            paths: Paths::of(&document),
            openapi: openapi::to_text(&document),
            // Few ask for it, and a start should not wait for it.
            openapi_30: OnceLock::new(),
        }
    }
}

fn fingerprint(seed: &str) -> Arc<str> {
    let short: String = seed.chars().take(8).collect();
    format!("{}-{short}", env!("CARGO_PKG_VERSION")).into()
}

/// Every resource of the contract. The table of routes.
pub(crate) fn resources(config: &mut ServiceConfig<'_>) {
    config
        .service(
            scope::scope("/api/v1")
                .service(catalogue::list_procedures)
                .service(catalogue::get_procedure)
                .service(catalogue::list_lists)
                .service(catalogue::get_list)
                .service(codes::list_codes)
                .service(municipalities::list_prefectures)
                .service(municipalities::list_municipalities)
                .service(readiness::list_municipality_readiness)
                .service(statements::get_readiness)
                .service(statements::put_readiness)
                .service(statements::delete_readiness)
                .service(statements::get_applicability)
                .service(statements::put_applicability)
                .service(municipalities::get_municipality)
                .service(readiness::list_readiness)
                .service(matrix::get_matrix)
                .service(matrix::get_distribution)
                .service(definitions::list_definitions)
                .service(explain::explain_figure)
                .service(figures::get_figure)
                .service(exports::export_readiness_csv)
                .service(exports::export_readiness_ndjson)
                .service(exports::export_readiness_xlsx)
                .service(templates::get_template_csv)
                .service(templates::get_template_xlsx)
                .service(records::list_usage)
                .service(records::list_published_figures)
                .service(imports::create_import)
                .service(imports::list_imports)
                .service(imports::get_import)
                .service(import_answers::answer_import)
                .service(imports::apply_import)
                .service(imports::cancel_import)
                .service(imports::revert_import)
                .service(import_rows::list_import_rows)
                .service(import_rows::get_import_errors)
                .service(import_rows::get_import_original)
                .service(profiles::list_profiles)
                .service(profiles::get_profile)
                .service(profiles::put_profile)
                .service(profiles::delete_profile)
                .service(tokens::list_tokens)
                .service(tokens::create_token)
                .service(tokens::revoke_token)
                .service(tokens::list_sessions)
                .service(tokens::end_sessions)
                .service(tokens::end_session)
                .service(audit::list_audit)
                .service(get_openapi)
                .service(get_openapi_30),
        )
        .service(ops::get_health)
        .service(ops::get_readiness_state)
        .service(ops::get_version);
}

/// OpenAPI 3.1 文書
///
/// この API の契約を OpenAPI 3.1 で返します。
#[utoipa::path(tag = "operations", responses((status = 200, description = "OpenAPI 3.1", body = Object, example = json!({"openapi": "3.1.0"}))))]
#[get("/openapi.json")]
async fn get_openapi(ctx: Ctx, state: web::Data<State>) -> Answer {
    ctx.no_parameters()?;
    Ok(ctx.json_text(&state.openapi))
}

/// OpenAPI 3.0 文書
///
/// この API の契約を OpenAPI 3.0.3 で返します。3.0 しか読めない道具のためのものです。
#[utoipa::path(tag = "operations", responses((status = 200, description = "OpenAPI 3.0.3", body = Object, example = json!({"openapi": "3.0.3"}))))]
#[get("/openapi-3.0.json")]
async fn get_openapi_30(ctx: Ctx, state: web::Data<State>) -> Answer {
    ctx.no_parameters()?;
    Ok(ctx.json_text(state.openapi_30.get_or_init(openapi::text_30)))
}

/// The application.
fn app(
    state: web::Data<State>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl actix_web::body::MessageBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let docs = state.docs;
    App::new()
        .into_utoipa_app()
        .app_data(state)
        .configure(resources)
        .into_app()
        .configure(move |config| {
            crate::web::configure(config);
            if docs {
                let page = SwaggerUi::new("/docs/{_:.*}").config(Config::from("/api/v1/openapi.json"));
                config
                    .service(page)
                    .service(web::redirect("/docs", "/docs/"))
                    .service(web::redirect("/", "/docs/"));
            }
        })
        .default_service(web::to(fallback::fallback))
        .wrap(Compress::default())
        .wrap(from_fn(middleware::render))
        .wrap(from_fn(middleware::seal))
}
