//! Every setting with its default and unit. Each has an environment variable and a flag of the
//! same name (see [`crate::cli`]); here they are only read and checked.

use std::fmt;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use crate::domain::Refusal;

/// Where the data is: one SQLite file, or a PostgreSQL server.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// Path of an SQLite file.
    Sqlite(PathBuf),
    /// A `postgres://` or `postgresql://` URL, handed to libpq as it is.
    Postgres(String),
}

/// The forms of `DATABASE_URL` that are taken.
const ACCEPTED: &str = "todoke.db, sqlite:PATH, postgres://…, postgresql://…";

impl FromStr for DatabaseUrl {
    type Err = Refusal;

    /// Reads a `DATABASE_URL`.
    ///
    /// # Errors
    ///
    /// An unknown scheme, a libpq keyword string (`host=…`), an in-memory database and an empty
    /// path: a slip must not quietly create an empty database of a strange name.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let path = match text.strip_prefix("sqlite:") {
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None => text,
        };
        let keyword = path
            .split_once('=')
            .is_some_and(|(word, _)| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'));
        // `word:` is some other scheme; a single letter is a drive.
        let scheme = path.split_once(':').is_some_and(|(word, _)| {
            word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
        });
        if scheme
            || path.is_empty()
            || path.contains("://")
            || path.contains(":memory:")
            || keyword
            || path.contains('\0')
        {
            return Err(Refusal::new(
                "database_url",
                // The part behind a scheme may hold a password.
                text.split_once("://").map_or(text, |(scheme, _)| scheme),
                "データベースの指定が正しくありません",
                "not a database URL",
            )
            .allowed(ACCEPTED));
        }
        Ok(Self::Sqlite(PathBuf::from(path)))
    }
}

impl DatabaseUrl {
    /// A message of the driver without the URL's user and password, which it may repeat.
    pub fn without_secrets(&self, message: &str) -> String {
        let Self::Postgres(url) = self else { return message.to_owned() };
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        let mut message = message.replace(url, "***");
        if let Some((user, _)) = rest.rsplit_once('@') {
            message = message.replace(user, "***");
            if let Some((_, password)) = user.split_once(':').filter(|(_, password)| !password.is_empty()) {
                message = message.replace(password, "***");
            }
        }
        message
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => path.display().fmt(f),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
                let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
                write!(f, "{scheme}://{rest}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// How often something may happen: one every `every`, with `burst` at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Time in which one more is earned.
    pub every: Duration,
    /// Most at once.
    pub burst: NonZeroU32,
}

impl FromStr for Rate {
    type Err = Refusal;

    /// Reads `NUMBER/UNIT:BURST`, such as `200/s:1000`.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let read = || {
            let (rate, burst) = text.split_once(':')?;
            let (number, unit) = rate.split_once('/')?;
            let unit = match unit {
                "s" => Duration::from_secs(1),
                "min" => Duration::from_secs(60),
                "h" => Duration::from_secs(3600),
                _ => return None,
            };
            let number: NonZeroU32 = number.parse().ok()?;
            Some(Self { every: unit / number.get(), burst: burst.parse().ok()? })
        };
        read().filter(|rate| !rate.every.is_zero()).ok_or_else(|| {
            Refusal::new("rate_format", text, "回数の上限の書き方が正しくありません", "not a rate")
                .allowed("200/s:1000 のような 回数/単位:一度に許す回数（単位は s、min、h）、または off")
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_hour = 3600.0 / self.every.as_secs_f64();
        write!(f, "{per_hour:.0}/h:{}", self.burst)
    }
}

/// A rate or `off`.
///
/// # Errors
///
/// What is neither.
pub fn parse_rate(text: &str) -> Result<Option<Rate>, Refusal> {
    if text == "off" { Ok(None) } else { text.parse().map(Some) }
}

/// A number of bytes, such as `20MiB`.
///
/// # Errors
///
/// Anything but a whole number, bare or with `KiB`, `MiB` or `GiB`, of at least 1 KiB and at most
/// 1 GiB.
pub fn parse_size(text: &str) -> Result<usize, Refusal> {
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1_usize << 30), ("", 1)];
    units
        .iter()
        .find_map(|(unit, bytes)| text.strip_suffix(unit)?.parse::<usize>().ok()?.checked_mul(*bytes))
        .filter(|bytes| (1 << 10..=1 << 30).contains(bytes))
        .ok_or_else(|| {
            Refusal::new("size_format", text, "大きさの書き方が正しくありません", "not a size")
                .allowed("20MiB のような整数と単位（KiB、MiB、GiB）。1KiB から 1GiB まで")
        })
}

/// How often one client may ask; `None` is without limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Reads.
    pub read: Option<Rate>,
    /// Writes of single rows, keys and sessions.
    pub write: Option<Rate>,
    /// Uploads.
    pub import: Option<Rate>,
    /// Tries to sign in.
    pub sign_in: Option<Rate>,
}

impl Rates {
    /// No limits.
    pub const fn unlimited() -> Self {
        Self { read: None, write: None, import: None, sign_in: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_postgres_urls_are_taken() {
        for text in ["todoke.db", "sqlite:todoke.db", "sqlite://todoke.db", "./a/b.sqlite3", "町.db"] {
            assert!(matches!(text.parse(), Ok(DatabaseUrl::Sqlite(_))), "{text}");
        }
        for text in ["postgres://u:p@h/db", "postgresql:///db"] {
            assert!(matches!(text.parse(), Ok(DatabaseUrl::Postgres(_))), "{text}");
        }
    }

    #[test]
    fn slips_are_refused_with_the_accepted_forms() {
        for text in [
            "",
            "sqlite:",
            "mysql://u:secret@h/db",
            "host=localhost port=5432",
            ":memory:",
            "postgre://x",
            "mysql:x",
            "file:x.db",
            "sqlite:file:x.db?mode=memory",
        ] {
            let refusal = text.parse::<DatabaseUrl>().unwrap_err();
            assert_eq!(refusal.allowed.as_deref(), Some(ACCEPTED), "{text}");
            assert!(!refusal.to_string().contains("secret"));
        }
    }

    #[test]
    fn rates_are_read() {
        let rate: Rate = "200/s:1000".parse().unwrap();
        assert_eq!((rate.every, rate.burst.get()), (Duration::from_millis(5), 1000));
        assert_eq!("10/h:5".parse::<Rate>().unwrap().every, Duration::from_secs(360));
        assert_eq!(parse_rate("off"), Ok(None));
        for text in ["", "200", "200/s", "0/s:1", "5/d:1", "5/s:0", "-1/s:1", "5000000000/s:1"] {
            assert_eq!(text.parse::<Rate>().unwrap_err().code, "rate_format", "{text}");
        }
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("20MiB"), Ok(20 * 1024 * 1024));
        assert_eq!(parse_size("4096"), Ok(4096));
        for text in ["", "MiB", "20MB", "-1MiB", "1", "2GiB", "99999999999999999999"] {
            assert_eq!(parse_size(text).unwrap_err().code, "size_format", "{text}");
        }
    }

    #[test]
    fn shown_without_password() {
        let url: DatabaseUrl = "postgres://u:secret@h:5432/db?options=x".parse().unwrap();
        assert_eq!(url.without_secrets("bad token \"secret\" in u:secret"), "bad token \"***\" in ***");
        assert_eq!(url.to_string(), "postgres://h:5432/db");
        assert_eq!(format!("{url:?}"), "DatabaseUrl(postgres://h:5432/db)");
    }
}
