//! What a command says, on which stream, and how it ends.

use std::io::Write;
use std::process::ExitCode;

use crate::domain::Refusal;
use crate::service::error::Error;
use crate::store::error as store;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done.
    Success,
    /// The input was refused.
    Refused,
    /// Wrong usage, or our fault.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Refused => Self::from(1),
            Exit::Failure => Self::from(2),
        }
    }
}

/// Writes data to stdout. A reader that went away is no fault.
///
/// # Errors
///
/// Any other failure to write.
pub(super) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Tells people something on stderr.
pub(super) fn say(text: &str) {
    // Nothing can be done if stderr is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Tells people of a refusal: a line in Japanese, a line in English.
pub(super) fn tell(refusal: &Refusal) {
    say(&format!("todoke: {}", refusal.ja));
    say(&format!("todoke: {refusal}"));
}

/// Tells people why a command failed: a line in Japanese, a line in English.
pub(super) fn fail(error: &anyhow::Error) -> Exit {
    if let Some(refusal) = error.downcast_ref::<Refusal>() {
        tell(refusal);
        return Exit::Failure;
    }
    if let Some(known) = error.downcast_ref::<store::Error>() {
        say(&format!("todoke: {}", known.ja()));
        say(&format!("todoke: {known}"));
        return Exit::Failure;
    }
    match error.downcast_ref::<Error>() {
        Some(known) => {
            say(&format!("todoke: {}", known.ja()));
            say(&format!("todoke: {known}"));
            match known {
                Error::NotFound(_) | Error::Conflict(_) | Error::Unprocessable(_) | Error::BadFile(_) => {
                    Exit::Refused
                }
                _ => Exit::Failure,
            }
        }
        None => {
            say(&format!("todoke: {error:#}"));
            Exit::Failure
        }
    }
}
