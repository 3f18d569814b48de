//! One listener for API, pages and documentation, over connections that are watched.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::{Server, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::{AppConfig, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::web::{self, Redirect};
use actix_web::{App, guard};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::http::connection::{Connection, Places};
use crate::http::problem::ProblemPage;
use crate::http::state::State;
use crate::http::{fallback, middleware};
use crate::{api, web as pages};

/// How long requests under way may still take after the server was told to stop.
const DRAIN_SECONDS: u64 = 30;

/// How many threads serve, and whether the process's signals stop the server.
#[derive(Clone, Copy, Debug)]
pub struct Workers {
    /// Threads; `None` is one per processor.
    pub count: Option<usize>,
    /// Whether SIGINT and SIGTERM stop the server.
    pub signals: bool,
}

/// Serves the application on a listening socket. The answer is a future that ends when the server
/// has stopped.
///
/// # Errors
///
/// A socket that cannot be used.
pub fn serve(listener: TcpListener, state: web::Data<State>, workers: Workers) -> io::Result<Server> {
    let mut builder = ServerBuilder::new().shutdown_timeout(DRAIN_SECONDS);
    if let Some(count) = workers.count {
        builder = builder.workers(count);
    }
    if !workers.signals {
        builder = builder.disable_signals();
    }
    let stopping = builder.graceful_shutdown_signal();
    let places = Arc::new(Places::default());
    let builder = builder.listen("todoke", listener, move || {
        let stopping = stopping.clone();
        let http = HttpService::build().graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        });
        let (places, shared) = (Arc::clone(&places), state.clone());
        let app = app(state.clone()).into_factory().map_err(|error| error.error_response());
        let accept = fn_service(move |stream: TcpStream| {
            std::future::ready(admit(stream, &places, &shared).map_err(DispatchError::Io))
        });
        accept.and_then(http.finish(map_config(app, |()| AppConfig::default())))
    })?;
    Ok(builder.run())
}

/// Gives a new connection its place. Clear text is for this machine and the proxies, unless it is
/// meant for all.
fn admit(
    stream: TcpStream,
    places: &Arc<Places>,
    state: &State,
) -> io::Result<(Connection, Protocol, Option<SocketAddr>)> {
    let peer = stream.peer_addr()?;
    let address = peer.ip().to_canonical();
    let proxy = state.trusted_proxies.iter().any(|net| net.contains(&address));
    // From elsewhere everything comes through the proxy, which speaks https to the world.
    if !(proxy || address.is_loopback() || state.insecure_http) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let place = if proxy { None } else { Some(places.take(address).ok_or(io::ErrorKind::QuotaExceeded)?) };
    // Small answers should not wait for the acknowledgement of the one before.
    stream.set_nodelay(true)?;
    Ok((Connection::new(stream, place), Protocol::Http1, Some(peer)))
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
        .app_data(ProblemPage(pages::problem_page))
        .app_data(web::Data::new(api::openapi::contract()))
        .configure(api::resources)
        .into_app()
        .configure(pages::configure)
        .configure(move |config| {
            if docs {
                documentation(config);
            }
        })
        .default_service(web::to(fallback::fallback))
        .wrap(Compress::default())
        .wrap(from_fn(middleware::render))
        .wrap(from_fn(middleware::seal))
}

/// The page of the contract.
fn documentation(config: &mut web::ServiceConfig) {
    config.service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/api/v1/openapi.json")));
    let to_docs = || async { Redirect::to("/docs/") };
    config.service(web::resource("/docs").guard(guard::Get()).to(to_docs));
}
