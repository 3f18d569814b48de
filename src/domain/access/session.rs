//! Sessions of people at the web pages, who signed in with a key.

use chrono::{DateTime, Utc};

/// A session as it is recorded, until its holder ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// Its number.
    pub id: i64,
    /// The key it was opened with.
    pub token_id: i64,
    /// What every form must bring along.
    pub csrf: String,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
    /// From where it was opened.
    pub address: Option<String>,
    /// The browser, as it names itself.
    pub agent: Option<String>,
}
