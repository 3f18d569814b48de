//! Commands of the town office and the operator.
//!
//! Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 the input was refused
//! (the report says why), 2 wrong usage or our fault.

mod ask;
mod audit;
mod changes;
mod doctor;
mod export;
mod import;
mod logging;
pub mod report;
mod sample;
mod serve;
mod settings;
mod template;
mod token;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::error::ErrorKind;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::api::openapi;
use crate::domain::Refusal;
use crate::service::access::Origin;
use crate::service::error::Error;
use crate::service::{Service, wall_clock};
use crate::store::error as store;
use crate::store::url::DatabaseUrl;
use crate::store::{Db, Missing};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
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

/// todoke 届: 優先的にオンライン化する手続の一覧と、全国の自治体の対応状況
///
/// 何も指定しないと、このパソコンの中だけで見られるサーバを起動します（todoke serve と同じ）。
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    logging: LoggingArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct DatabaseArgs {
    /// データの置き場所: ファイル名、sqlite:ファイル名、または postgres://…
    #[arg(
        long,
        global = true,
        env = "DATABASE_URL",
        hide_env_values = true,
        default_value = "todoke.db",
        value_name = "URL"
    )]
    database_url: String,
    /// データベースへの接続の数
    #[arg(long = "pool", global = true, env = "TODOKE_POOL", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=100), value_name = "数")]
    pool: u32,
}

#[derive(Debug, Args)]
struct LoggingArgs {
    /// 記録の形式（詳しさは環境変数 RUST_LOG）
    #[arg(long, global = true, env = "TODOKE_LOG_FORMAT", default_value = "text", value_name = "形式")]
    log_format: LogFormat,
}

/// Shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// 1件を1行の文で
    Text,
    /// 1件を1つの JSON で
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// サーバを起動する（既定）
    Serve(serve::ServeArgs),
    /// ファイルを読み、内容を確かめてから取り込む
    Import(import::ImportArgs),
    /// ファイルを読み、結果だけを示す（何も書き込まない）
    Check(import::CheckArgs),
    /// 保持しているデータを書き出す
    Export(export::ExportArgs),
    /// 1団体の入力様式を作る（直して取り込める）
    Template(template::TemplateArgs),
    /// 試しに取り込める小さな見本のファイルを作る
    Sample(sample::SampleArgs),
    /// 入力や取込に使う鍵を作る、一覧する、失効させる
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// 監査記録を確かめる
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// API の契約（OpenAPI）を書き出す
    Openapi(OpenapiArgs),
    /// 設定とデータベースの状態を調べる
    Doctor,
}

#[derive(Debug, Args)]
struct OpenapiArgs {
    /// OpenAPI の版
    #[arg(long = "spec-version", default_value = "3.1", value_name = "版")]
    version: SpecVersion,
    /// openapi.json と openapi-3.0.json をこのフォルダに書く（指定しなければ標準出力）
    #[arg(long, value_name = "フォルダ")]
    out: Option<PathBuf>,
}

/// Edition of the specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SpecVersion {
    /// 3.1
    #[value(name = "3.1")]
    V31,
    /// 3.0.3
    #[value(name = "3.0")]
    V30,
}

/// Runs the program.
pub fn main() -> ExitCode {
    run(std::env::args_os(), std::env::vars_os().map(|(name, _)| name)).into()
}

fn run(args: impl Iterator<Item = OsString>, variables: impl Iterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // Nothing can be done if stderr is gone.
            let _ = error.print();
            return if asked { Exit::Success } else { Exit::Failure };
        }
    };
    logging::start(cli.logging.log_format);
    if let Some(stranger) = settings::unknown(variables) {
        tell(&stranger);
        return Exit::Failure;
    }
    match dispatch(cli) {
        Ok(exit) => exit,
        Err(error) => fail(&error),
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<Exit> {
    match cli.command {
        None => serve::run(&cli.database, &serve::ServeArgs::from_settings()?),
        Some(Command::Serve(args)) => serve::run(&cli.database, &args),
        Some(Command::Import(args)) => import::run(&cli.database, &args),
        Some(Command::Check(args)) => import::check(&cli.database, &args),
        Some(Command::Export(args)) => export::run(&cli.database, &args),
        Some(Command::Template(args)) => template::run(&cli.database, &args),
        Some(Command::Sample(args)) => sample::run(&args),
        Some(Command::Token(command)) => token::run(&cli.database, &command),
        Some(Command::Audit(command)) => audit::run(&cli.database, &command),
        Some(Command::Openapi(args)) => write_openapi(&args),
        Some(Command::Doctor) => doctor::run(&cli.database),
    }
}

fn write_openapi(args: &OpenapiArgs) -> anyhow::Result<Exit> {
    use anyhow::Context;
    let Some(folder) = &args.out else {
        let text = match args.version {
            SpecVersion::V31 => openapi::text(),
            SpecVersion::V30 => openapi::text_30(),
        };
        print(text.as_bytes())?;
        return Ok(Exit::Success);
    };
    for (name, text) in [("openapi.json", openapi::text()), ("openapi-3.0.json", openapi::text_30())] {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(Exit::Success)
}

impl DatabaseArgs {
    /// The file that opening for writing would make, if there is none yet.
    fn missing_file(&self) -> anyhow::Result<Option<PathBuf>> {
        Ok(match self.database_url.parse()? {
            DatabaseUrl::Sqlite(path) if !path.exists() => Some(path),
            DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => None,
        })
    }

    /// Opens the database and makes the service ready for writing.
    fn open(&self, missing: Missing) -> anyhow::Result<Arc<Service>> {
        let url: DatabaseUrl = self.database_url.parse()?;
        if missing == Missing::Create && self.missing_file()?.is_some() {
            say(&format!("新しいデータベース {url} を作ります。"));
        }
        let db = Db::open(&url, self.pool, missing)?;
        Ok(Arc::new(Service::open(db, wall_clock())?))
    }
}

/// Who acts on the command line: someone at the machine, who may do everything.
fn operator() -> Origin {
    let user = ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
    let user = user.unwrap_or_else(|| "unknown".to_owned());
    let user: String = user.chars().filter(|c| !c.is_control()).take(60).collect();
    Origin::command_line(&user)
}

/// Writes data to stdout. A reader that went away is no fault.
///
/// # Errors
///
/// Any other failure to write.
fn print(bytes: &[u8]) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(cause) if cause.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result?),
    }
}

/// Tells people something on stderr.
fn say(text: &str) {
    use std::io::Write;
    // Nothing can be done if stderr is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn tell(refusal: &Refusal) {
    say(&format!("todoke: {}", refusal.ja));
    say(&format!("todoke: {refusal}"));
}

/// Tells people why a command failed: a line in Japanese, a line in English.
fn fail(error: &anyhow::Error) -> Exit {
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
