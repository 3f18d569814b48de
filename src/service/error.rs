//! What can go wrong beyond a refused value, in one list.
//!
//! English (`Display`) is for logs and the command line's second line, [`Error::ja`] for people.
//! Which HTTP status and problem type each kind has stands in [`crate::http::problem`].

use crate::domain::Refusal;
use crate::domain::access::Denial;
use crate::domain::built_in::Broken;
use crate::import::Fault;
use crate::import::plan::Stopped;
use crate::store::error::{self as store, QueryError};

/// A failure of a service.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store failed in a way that nobody who asks can mend.
    #[error(transparent)]
    Store(store::Error),
    /// A file that is built into the program is broken.
    #[error(transparent)]
    BuiltIn(#[from] Broken),
    /// Too many ask at once, or no connection came in time: try again.
    #[error("the database is busy or away")]
    Unavailable,
    /// The disk is full, or may not be written to.
    #[error("cannot write: {0}")]
    CannotWrite(String),
    /// Something the request names does not exist.
    #[error("{0}")]
    NotFound(Refusal),
    /// The request does not fit what is stored now.
    #[error("{0}")]
    Conflict(Refusal),
    /// What is asked for changed since the caller last read it.
    #[error("{0}")]
    Stale(Refusal),
    /// The values make no sense together, or not for this object.
    #[error("{0}")]
    Unprocessable(Refusal),
    /// A file that cannot be read at all, or whose rows keep it from being applied.
    #[error("the file was refused: {}", .0.first().map_or("", |fault| fault.code.as_str()))]
    BadFile(Vec<Fault>),
    /// The work broke off in the middle.
    #[error("the work broke off")]
    Panicked,
    /// The work was stopped by a person.
    #[error("stopped by a person")]
    Stopped,
    /// Who asks is not known, or their key does not hold any more.
    #[error("{0}")]
    Unauthenticated(Refusal),
    /// Who asks may not do this.
    #[error("{}", .0.meaning())]
    Denied(Denial),
    /// The operating system gives no random bytes.
    #[error("no random bytes: {0}")]
    NoRandomness(String),
}

impl Error {
    /// What to tell people, in Japanese, with the way out.
    pub fn ja(&self) -> String {
        match self {
            Self::Store(cause) => cause.ja(),
            Self::BuiltIn(broken) => broken.ja(),
            Self::Unavailable => store::Error::Unavailable.ja(),
            Self::CannotWrite(cause) => store::Error::CannotWrite(cause.clone()).ja(),
            Self::NotFound(refusal)
            | Self::Conflict(refusal)
            | Self::Stale(refusal)
            | Self::Unprocessable(refusal)
            | Self::Unauthenticated(refusal) => refusal.ja.clone(),
            Self::BadFile(faults) => Fault::sentence_of_all(faults),
            Self::Panicked => "内部でエラーが起きました。何も書き込んでいません。".to_owned(),
            Self::Stopped => "中止しました。何も書き込んでいません。".to_owned(),
            Self::Denied(denial) => format!("{}。", denial.label()),
            Self::NoRandomness(_) => "内部でエラーが起きました。".to_owned(),
        }
    }
}

impl From<Stopped> for Error {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<std::io::Error> for Error {
    /// A temporary file that cannot be written or read.
    fn from(cause: std::io::Error) -> Self {
        Self::CannotWrite(cause.to_string())
    }
}

impl From<store::Error> for Error {
    fn from(cause: store::Error) -> Self {
        match cause {
            store::Error::Unavailable => Self::Unavailable,
            store::Error::CannotWrite(cause) => Self::CannotWrite(cause),
            store::Error::Panicked => Self::Panicked,
            cause => Self::Store(cause),
        }
    }
}

impl From<QueryError> for Error {
    fn from(cause: QueryError) -> Self {
        store::Error::from(cause).into()
    }
}
