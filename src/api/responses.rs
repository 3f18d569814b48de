//! What some operations may answer with beyond what all of them may: each names it beside its own
//! answers, and the contract writes it out.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::RefOr;
use utoipa::openapi::response::Response;

use crate::http::problem::Kind;

macro_rules! problems {
    ($($(#[$meta:meta])* $name:ident = $($kind:ident),+;)+) => {
        $(
            $(#[$meta])*
            pub(super) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    let status = |kind: Kind| (kind.status.as_str().to_owned(), RefOr::T(Response::default()));
                    [$(Kind::$kind),+].into_iter().map(status).collect()
                }
            }
        )+
    };
}

problems! {
    /// The answer may be built into a temporary file first.
    BuiltFirst = INSUFFICIENT_STORAGE;
    /// A workbook does not hold as many rows as there may be.
    TooManyRows = UNPROCESSABLE;
    /// What an import stands at, or what its file holds, may not fit what is asked.
    NotAsItStands = CONFLICT, UNPROCESSABLE;
}
