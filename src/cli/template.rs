//! `todoke template`: the form for one body.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::database::DatabaseArgs;
use super::output::{Exit, print, say};
use crate::domain::Refusal;
use crate::store::Missing;

#[derive(Debug, Args)]
pub(super) struct TemplateArgs {
    /// 団体コード（6桁または5桁）
    #[arg(value_name = "団体コード")]
    code: String,
    /// 形式: xlsx は一覧から選べる Excel のブック、csv は Excel で開ける CSV [既定: -o の拡張子、なければ xlsx]
    #[arg(long, value_name = "形式")]
    format: Option<Format>,
    /// 書き出すファイル（指定しなければ xlsx は 様式_団体コード.xlsx、csv は標準出力）
    #[arg(long, short, value_name = "ファイル")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Xlsx,
}

impl TemplateArgs {
    fn format(&self) -> Format {
        let end = self.output.as_deref().and_then(Path::extension);
        let csv = end.is_some_and(|end| end.eq_ignore_ascii_case("csv"));
        self.format.unwrap_or(if csv { Format::Csv } else { Format::Xlsx })
    }
}

pub(super) fn run(database: &DatabaseArgs, args: &TemplateArgs) -> anyhow::Result<Exit> {
    let service = database.open(Missing::Refuse)?;
    service.refresh()?;
    let grid = service.grid();
    let form = service.form(&grid, grid.catalogue().find_body(&args.code)?)?;
    match (args.format(), &args.output) {
        (Format::Csv, None) => {
            let mut text = Vec::new();
            form.csv(&mut text)?;
            print(&text)?;
        }
        (Format::Csv, Some(path)) => {
            let mut out = BufWriter::new(create(path)?);
            form.csv(&mut out)?;
            out.flush()?;
        }
        (Format::Xlsx, Some(path)) => form.xlsx(&grid, BufWriter::new(create(path)?))?,
        (Format::Xlsx, None) => {
            let path = PathBuf::from(format!("{}.xlsx", form.file_stem()));
            form.xlsx(&grid, BufWriter::new(create_new(&path)?))?;
            say(&format!("{} を作りました。", path.display()));
        }
    }
    Ok(Exit::Success)
}

fn create(path: &Path) -> anyhow::Result<File> {
    File::create(path).with_context(|| format!("ファイルを作れません / cannot write {}", path.display()))
}

/// A file that was not named is not written over: somebody may have filled it in.
fn create_new(path: &Path) -> anyhow::Result<File> {
    match OpenOptions::new().write(true).create_new(true).open(path) {
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => Err(Refusal::new(
            "file_exists",
            &path.display().to_string(),
            format!("{} はもうあります。-o で名前を指定してください", path.display()),
            "the file exists; name it with -o to write over it",
        )
        .into()),
        other => other.with_context(|| format!("ファイルを作れません / cannot write {}", path.display())),
    }
}
