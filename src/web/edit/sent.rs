//! What is filled in on a page as a table is sent as a file is: shown before it is written, all of it or nothing.

use crate::domain::access::Action;
use crate::http::ctx::Ctx;
use crate::http::problem::Problem;
use crate::import::options::Asked;
use crate::service::imports::Upload;
use crate::service::sessions::Session;

/// Sends it; answers the number of the import.
///
/// # Errors
///
/// What is wrong with how it is to be read, and what uploads are refused for.
pub(in crate::web) async fn as_file(
    ctx: &Ctx,
    session: &Session,
    name: String,
    bytes: Vec<u8>,
    asked: Asked,
) -> Result<i64, Problem> {
    let origin = session.origin.clone();
    let sent = ctx
        .wait(move |service| {
            service.guard(&origin, Action::Import, None)?;
            let options = match service.options(&origin, &asked)? {
                Ok(options) => options,
                Err(refused) => return Ok(Err(refused)),
            };
            Ok(Ok(service.upload(&origin, Upload { name, bytes, asked, options }, None, None)?.id))
        })
        .await?;
    sent.map_err(|refused| {
        Problem::of_body(refused.into_iter().map(|(name, why)| (name.to_owned(), why)).collect())
    })
}
