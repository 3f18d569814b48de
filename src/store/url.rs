//! Where the data is, as a setting says it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

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
    fn shown_without_password() {
        let url: DatabaseUrl = "postgres://u:secret@h:5432/db?options=x".parse().unwrap();
        assert_eq!(url.without_secrets("bad token \"secret\" in u:secret"), "bad token \"***\" in ***");
        assert_eq!(url.to_string(), "postgres://h:5432/db");
        assert_eq!(format!("{url:?}"), "DatabaseUrl(postgres://h:5432/db)");
    }
}
