//! The protocol: who sent a request, what it holds, what an answer carries.
//!
//! Nothing here knows a resource, but for the single statement, which `api` and `web` both take (`spot`,
//! `statement_body`). What is answered is for them, what may be asked for [`crate::query`].

pub(crate) mod body;
pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod credential;
pub(crate) mod ctx;
mod desk;
pub(crate) mod download;
pub(crate) mod edition;
pub(crate) mod fallback;
pub(crate) mod file_name;
pub(crate) mod limits;
mod media_types;
pub(crate) mod middleware;
pub(crate) mod precondition;
pub mod problem;
pub mod rate;
mod reply;
mod request_line;
pub mod routes;
mod shape;
pub(crate) mod signed;
pub(crate) mod spot;
pub mod state;
pub(crate) mod statement_body;
pub(crate) mod upload;
pub(crate) mod verb;
