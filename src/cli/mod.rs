//! Commands of the town office and the operator.
//!
//! Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 the input was refused
//! (the report says why), 2 wrong usage or our fault.

mod ask;
mod audit;
mod changes;
mod database;
mod demo;
mod doctor;
mod export;
mod import;
mod logging;
mod output;
pub mod report;
mod sample;
mod serve;
mod settings;
mod template;
mod token;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use crate::api::openapi;
use crate::service::memory;
use database::DatabaseArgs;
use logging::LoggingArgs;
use output::{Exit, fail, print, tell};

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

#[derive(Debug, Subcommand)]
enum Command {
    /// サーバを起動する（既定）
    Serve(serve::ServeArgs),
    /// すべて架空の国を作って見て回る（終わると消える）
    Demo(demo::DemoArgs),
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

/// Runs the program; `trim` gives back memory that nobody uses.
pub fn main(trim: fn()) -> ExitCode {
    memory::trim_by(trim);
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
    logging::start(&cli.logging);
    if let Some(stranger) = settings::unknown(&Cli::command(), variables) {
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
        Some(Command::Demo(args)) => demo::run(&args),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
