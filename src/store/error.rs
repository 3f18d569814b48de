//! What can go wrong with a database.
//!
//! English (`Display`) is for logs and the command line's second line, [`Error::ja`] for people.

use super::url::DatabaseUrl;

/// What a statement fails with; [`Error`] says what that means.
pub type QueryError = diesel::result::Error;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be opened: the file is no database or not writable, or the server
    /// does not answer.
    #[error("cannot open the database {url}: {cause}")]
    CannotOpen {
        /// The database, without password.
        url: String,
        /// What the driver says.
        cause: String,
    },
    /// There is no such file, and the command does not make one.
    #[error("there is no database at {0}; hint: `todoke serve` and `todoke import` make one")]
    NoSuchDatabase(String),
    /// The tables are missing or of an older program, and the command does not make them.
    #[error(
        "the database {0} is not prepared for this program; hint: `todoke serve` and `todoke import` prepare it"
    )]
    NotPrepared(String),
    /// The tables were written by a newer program.
    #[error(
        "the database is newer than this program (it has migration {found}, this program knows up to {known}); hint: use the newer program"
    )]
    NewerDatabase {
        /// A migration this program does not know.
        found: String,
        /// The newest one it knows.
        known: String,
    },
    /// A migration failed; it was rolled back.
    #[error("migrating the database failed: {0}")]
    Migration(String),
    /// Another `serve` works on the same file.
    #[error("another `todoke serve` is using {0}; hint: stop it first, or use another file")]
    AlreadyServed(String),
    /// No connection in time, or the database stays locked: try again.
    #[error("the database is busy or away")]
    Unavailable,
    /// The disk is full, or may not be written to.
    #[error("cannot write: {0}")]
    CannotWrite(String),
    /// A thread that read along broke off.
    #[error("the work broke off")]
    Panicked,
    /// A statement failed.
    #[error("database: {0}")]
    Query(diesel::result::Error),
}

impl Error {
    pub(crate) fn cannot_open(url: &DatabaseUrl, cause: &dyn std::fmt::Display) -> Self {
        let cause = url.without_secrets(&cause.to_string());
        Self::CannotOpen { url: url.to_string(), cause: cause.trim().replace('\n', " ") }
    }

    pub(crate) fn migration(cause: Box<dyn std::error::Error + Send + Sync>) -> Self {
        Self::Migration(cause.to_string())
    }

    /// What to tell people, in Japanese, with the way out.
    pub fn ja(&self) -> String {
        match self {
            Self::CannotOpen { url, .. } => format!(
                "データベース {url} を開けません。パス、権限、サーバの起動を確認してください。"
            ),
            Self::NoSuchDatabase(path) => format!(
                "データベース {path} がありません。todoke serve または todoke import が新しく作ります。"
            ),
            Self::NotPrepared(url) => format!(
                "データベース {url} はこのプログラム用に準備されていません。todoke serve または todoke import が準備します。"
            ),
            Self::NewerDatabase { .. } => {
                "データベースがこのプログラムより新しい版です。新しい版のプログラムを使ってください。何も変更していません。".to_owned()
            }
            Self::Migration(_) => {
                "データベースの更新に失敗し、元に戻しました。記録を確認してください。".to_owned()
            }
            Self::AlreadyServed(path) => {
                format!("{path} は別の todoke serve が使っています。先に止めるか、別のファイルを指定してください。")
            }
            Self::Unavailable => {
                "データベースが混み合っているか応答しません。しばらくしてからもう一度お試しください。".to_owned()
            }
            Self::CannotWrite(_) => {
                "保存できません。ディスクの空きと権限を確認してください。何も書き込んでいません。参照はできます。".to_owned()
            }
            Self::Panicked | Self::Query(_) => "内部でエラーが起きました。".to_owned(),
        }
    }
}

impl From<QueryError> for Error {
    fn from(cause: QueryError) -> Self {
        use diesel::result::{DatabaseErrorKind, Error as Cause};
        match &cause {
            Cause::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                _,
            ) => Self::Unavailable,
            // SQLite after busy_timeout; PostgreSQL after lock_timeout.
            Cause::DatabaseError(_, info)
                if ["database is locked", "lock timeout", "statement timeout", "terminating connection"]
                    .iter()
                    .any(|told| info.message().contains(told)) =>
            {
                Self::Unavailable
            }
            Cause::DatabaseError(_, info)
                if [
                    "disk is full",
                    "disk I/O error",
                    "readonly database",
                    "No space left",
                    "read-only transaction",
                ]
                .iter()
                .any(|told| info.message().contains(told)) =>
            {
                Self::CannotWrite(info.message().to_owned())
            }
            _ => Self::Query(cause),
        }
    }
}
