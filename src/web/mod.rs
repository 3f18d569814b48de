//! Pages for people: HTML made on the server, no script, nothing from outside.

mod frame;
mod session;
mod sign_in;

use actix_web::web::ServiceConfig;

pub(crate) use session::{PLAIN_COOKIE, SECURE_COOKIE};

/// Paths of pages that belong to whoever signed in, and the methods each takes.
pub(crate) const PATHS: &[(&str, &str)] = &[
    ("/sign-in", "GET, HEAD, POST, OPTIONS"),
    ("/sign-out", "POST, OPTIONS"),
    ("/account", "GET, HEAD, OPTIONS"),
    ("/account/end-sessions", "POST, OPTIONS"),
];

/// The table of pages.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(sign_in::show_sign_in)
        .service(sign_in::sign_in)
        .service(sign_in::sign_out)
        .service(sign_in::account)
        .service(sign_in::end_sessions);
}
