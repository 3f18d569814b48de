//! The database that a command works on, and who works on it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::output::say;
use crate::service::access::Origin;
use crate::service::{Service, wall_clock};
use crate::store::url::DatabaseUrl;
use crate::store::{Db, Missing};

#[derive(Debug, Args)]
pub(super) struct DatabaseArgs {
    /// データの置き場所: ファイル名、sqlite:ファイル名、または postgres://…
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "todoke.db",
        value_name = "URL"
    )]
    pub(super) database_url: String,
    /// データベースへの接続の数
    #[arg(long = "pool", global = true, env = "TODOKE_POOL", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "数")]
    pub(super) pool: u32,
}

impl DatabaseArgs {
    /// The file that opening for writing would make, if there is none yet.
    pub(super) fn missing_file(&self) -> anyhow::Result<Option<PathBuf>> {
        Ok(match self.database_url.parse()? {
            DatabaseUrl::Sqlite(path) if !path.exists() => Some(path),
            DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => None,
        })
    }

    /// Opens the database and makes the service ready for writing.
    pub(super) fn open(&self, missing: Missing) -> anyhow::Result<Arc<Service>> {
        let url: DatabaseUrl = self.database_url.parse()?;
        if missing == Missing::Create && self.missing_file()?.is_some() {
            say(&format!("新しいデータベース {url} を作ります。"));
        }
        let db = Db::open(&url, self.pool, missing)?;
        Ok(Arc::new(Service::open(db, wall_clock())?))
    }
}

/// Who acts on the command line: someone at the machine, who may do everything.
pub(super) fn operator() -> Origin {
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user.unwrap_or_else(|| "unknown".to_owned());
    let user: String = user.chars().filter(|c| !c.is_control()).take(60).collect();
    Origin::command_line(&user)
}
