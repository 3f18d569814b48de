//! `todoke export`: the record to a file or to stdout.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::{DatabaseArgs, Exit};
use crate::export::{self, LineEnd};
use crate::grid::filter::{BodyFilter, Prefectures, ProcedureFilter, StatementFilter};
use crate::service::export::Export;
use crate::store::conn::Missing;

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// 形式: csv は Excel で開ける CSV（UTF-8、BOM つき）、ndjson は1行に1つの JSON
    #[arg(long, default_value = "csv", value_name = "形式")]
    format: Format,
    /// 書き出すファイル（指定しなければ標準出力）
    #[arg(long, short, value_name = "ファイル")]
    output: Option<PathBuf>,
    /// この団体だけ（団体コード6桁または5桁）
    #[arg(long, value_name = "団体コード")]
    municipality: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
}

pub(super) fn run(database: &DatabaseArgs, args: &ExportArgs) -> anyhow::Result<Exit> {
    let service = database.open(Missing::Refuse)?;
    service.refresh()?;
    let grid = service.grid();
    let named = args.municipality.as_deref().map(|code| grid.catalogue().find_body(code)).transpose()?;
    let filter = BodyFilter { bodies: named.into_iter().collect(), ..BodyFilter::default() };
    let bodies = filter.select(grid.catalogue(), grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(grid.catalogue());
    let facts = export::facts(&grid, &bodies, &procedures, &StatementFilter::default());
    let mut export = Export::new(Arc::clone(&service), Arc::clone(&grid), facts);
    let written = match &args.output {
        None => write(&mut std::io::stdout().lock(), args.format, &mut export),
        Some(path) => {
            let file = std::fs::File::create(path)
                .with_context(|| format!("ファイルを作れません / cannot write {}", path.display()))?;
            write(&mut BufWriter::new(file), args.format, &mut export)
        }
    };
    match written {
        Err(error) if is_broken_pipe(&error) => Ok(Exit::Success),
        other => other.map(|()| Exit::Success),
    }
}

fn write(out: &mut impl Write, format: Format, export: &mut Export) -> anyhow::Result<()> {
    let mut text = Vec::new();
    if format == Format::Csv {
        // Japanese Excel takes a file without this mark for Shift_JIS.
        text.extend_from_slice(b"\xEF\xBB\xBF");
        export::csv_head(&mut text, LineEnd::CrLf);
    }
    out.write_all(&text)?;
    while let Some(rows) = export.next_piece()? {
        text.clear();
        match format {
            Format::Csv => export::csv_rows(&mut text, rows, LineEnd::CrLf)?,
            Format::Ndjson => export::ndjson_rows(&mut text, &rows)?,
        }
        out.write_all(&text)?;
    }
    out.flush()?;
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
