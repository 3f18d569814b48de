//! What every page has around it.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use maud::{DOCTYPE, Markup, html};

/// A whole page. It is kept nowhere on the way: what it shows depends on who asks.
pub(super) fn page(status: StatusCode, title: &str, main: &Markup) -> HttpResponse {
    let text = html! {
        (DOCTYPE)
        html lang="ja" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) " | todoke 届" }
            }
            body {
                header { p { a href="/" { "todoke 届" } } }
                main {
                    h1 { (title) }
                    (main)
                }
            }
        }
    };
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_LANGUAGE, "ja"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text.into_string())
}

/// Sends the browser on after a form, so that a reload does not send the form again.
pub(super) fn go_to(path: &'static str) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, path)).insert_header((header::CACHE_CONTROL, "no-store"));
    response
}
