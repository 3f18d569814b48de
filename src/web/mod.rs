//! Pages for people: HTML made on the server, no script, nothing from outside.

mod frame;
mod session;
mod sign_in;

use actix_web::web::ServiceConfig;

/// Every page.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .service(sign_in::show_sign_in)
        .service(sign_in::sign_in)
        .service(sign_in::sign_out)
        .service(sign_in::account)
        .service(sign_in::end_sessions);
}
