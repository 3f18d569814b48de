//! What can go wrong beyond a refused value, in one list.
//!
//! English (`Display`) is for logs and the command line's second line, [`Error::ja`] for people.
//! Which HTTP status and problem type each kind has stands in [`crate::api::problem`].

use crate::config::DatabaseUrl;
use crate::domain::Refusal;
use crate::domain::access::Denial;
use crate::import::Fault;
use crate::import::plan::Stopped;

/// A failure of the store or of a service.
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
    /// A file under `data/` is broken.
    #[error("{file}, line {line}: {reason}")]
    Data {
        /// Name of the file.
        file: &'static str,
        /// Physical line, from 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// Another `serve` works on the same file.
    #[error("another `todoke serve` is using {0}; hint: stop it first, or use another file")]
    AlreadyServed(String),
    /// No connection in time, or the database stays locked: try again.
    #[error("the database is busy or away")]
    Unavailable,
    /// The disk is full, or may not be written to.
    #[error("cannot write: {0}")]
    CannotWrite(String),
    /// A statement failed.
    #[error("database: {0}")]
    Query(diesel::result::Error),
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
            Self::Data { file, line, .. } => {
                format!("同梱データ {file} の {line} 行目が正しくありません。")
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
            Self::Query(_) => "内部でエラーが起きました。".to_owned(),
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

impl From<diesel::result::Error> for Error {
    fn from(cause: diesel::result::Error) -> Self {
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
