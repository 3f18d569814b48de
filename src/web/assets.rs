//! Files that pages need: the one style sheet and the icon. Nothing is loaded from anywhere else.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, get};
use sha2::{Digest, Sha256};

/// The tokens of the Digital Agency's design system (MIT), and our rules over them, in one file.
static STYLE: LazyLock<String> =
    LazyLock::new(|| [include_str!("assets/tokens.css"), include_str!("assets/app.css")].concat());

static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let hash = Sha256::digest(STYLE.as_bytes());
    let short: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("/assets/app.{short}.css")
});

/// Where the style sheet is: another one has another address, so that it may be kept for ever.
pub(super) fn style_address() -> &'static str {
    &ADDRESS
}

#[get("/assets/{file}")]
pub(super) async fn asset(request: actix_web::HttpRequest) -> HttpResponse {
    if request.path() != style_address() {
        // A page of an older program asks for an older file: the newer one is better than none.
        return HttpResponse::TemporaryRedirect()
            .insert_header((header::LOCATION, style_address()))
            .insert_header((header::CACHE_CONTROL, "no-cache"))
            .finish();
    }
    HttpResponse::Ok()
        .content_type("text/css; charset=utf-8")
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(STYLE.as_str())
}

#[get("/favicon.svg")]
pub(super) async fn icon() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .body(include_str!("assets/icon.svg"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of our own rules.
    fn own() -> impl Iterator<Item = &'static str> {
        include_str!("assets/app.css").lines()
    }

    #[test]
    fn nothing_is_loaded_from_outside() {
        for line in STYLE.lines() {
            assert!(
                !line.contains("http:") && !line.contains("https:") && !line.contains("@import"),
                "{line}"
            );
        }
    }

    #[test]
    fn colours_are_tokens() {
        for line in own() {
            let is_colour = |word: &str| {
                word.starts_with('#') && word.len() > 3 && word[1..].chars().all(|c| c.is_ascii_hexdigit())
            };
            let words = line.split([' ', ';', ':', ',', '(', ')']);
            assert!(!words.clone().any(is_colour) && !line.contains("rgb("), "{line}");
        }
    }

    #[test]
    fn every_token_is_there() {
        let tokens = include_str!("assets/tokens.css");
        for line in own() {
            for used in line.split("var(--color-").skip(1) {
                let name = used.split(')').next().unwrap();
                assert!(tokens.contains(&format!("--color-{name}:")), "--color-{name}");
            }
        }
    }

    #[test]
    fn the_sheet_is_small() {
        assert!(include_str!("assets/app.css").len() <= 40 * 1024);
    }
}
