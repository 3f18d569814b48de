//! `todoke export`: the record to a file or to stdout.

use std::fs::File;
use std::io::{BufWriter, IsTerminal, Seek, Write};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use clap::{Args, ValueEnum};

use super::database::DatabaseArgs;
use super::output::{Exit, say, tell};
use crate::domain::Refusal;
use crate::export::encoding::Encoding;
use crate::export::facts;
use crate::export::table::{SHEET_ROWS, Table, TableLayout, check_rows};
use crate::export::wide::{CellsOf, Wide};
use crate::grid::Grid;
use crate::grid::filter::{BodyFilter, Prefectures, ProcedureFilter, StatementFilter};
use crate::grid::later::Days;
use crate::service::export::Export;
use crate::store::Missing;

#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// 形式: csv は Excel で開ける CSV、ndjson は1行に1つの JSON、xlsx は Excel のブック
    #[arg(long, default_value = "csv", value_name = "形式")]
    format: Format,
    /// 表の形: long は1行に団体・手続・接点、wide は1行に1団体で列が手続
    #[arg(long, default_value = "long", value_name = "形")]
    layout: Layout,
    /// CSV の文字コード（改行は utf-8 が LF、ほかは CRLF）[既定: utf-8-bom]
    #[arg(long, value_name = "文字コード")]
    encoding: Option<CsvEncoding>,
    /// 書き出すファイル（指定しなければ標準出力）
    #[arg(long, short, value_name = "ファイル")]
    output: Option<PathBuf>,
    /// この団体だけ（団体コード6桁または5桁）
    #[arg(long, value_name = "団体コード")]
    municipality: Option<String>,
    /// この接点だけ（wide では表に書く接点。online-group と counter-group は、群でいちばん高い段階 [既定: online-group]）
    #[arg(long, value_name = "接点ID")]
    channel: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Ndjson,
    Xlsx,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Layout {
    Long,
    Wide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum CsvEncoding {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "utf-8-bom")]
    Utf8Bom,
    Cp932,
}

impl From<CsvEncoding> for Encoding {
    fn from(named: CsvEncoding) -> Self {
        match named {
            CsvEncoding::Utf8 => Self::Utf8,
            CsvEncoding::Utf8Bom => Self::Utf8Bom,
            CsvEncoding::Cp932 => Self::Cp932,
        }
    }
}

pub(super) fn run(database: &DatabaseArgs, args: &ExportArgs) -> anyhow::Result<Exit> {
    check(args)?;
    let service = database.open(Missing::Refuse)?;
    service.refresh()?;
    let grid = service.grid();
    let channel = args.channel.as_deref().map(|id| CellsOf::find(grid.catalogue(), id)).transpose()?;
    let named = args.municipality.as_deref().map(|code| grid.catalogue().find_body(code)).transpose()?;
    let filter = BodyFilter { bodies: named.into_iter().collect(), ..BodyFilter::default() };
    let table = table(&grid, args.layout.into(), &filter, channel);
    if args.format == Format::Xlsx
        && let Err(refusal) = check_rows(table.len(), SHEET_ROWS, "todoke export --format csv")
    {
        tell(&refusal);
        return Ok(Exit::Refused);
    }
    let export = Export::new(Arc::clone(&service), Arc::clone(&grid), table);
    match write(args, export) {
        Err(error) if is_broken_pipe(&error) => Ok(Exit::Success),
        other => other.map(|()| Exit::Success),
    }
}

/// Refuses what makes no sense together.
fn check(args: &ExportArgs) -> Result<(), Refusal> {
    if args.encoding.is_some() && args.format != Format::Csv {
        return Err(Refusal::new(
            "encoding",
            "--encoding",
            "--encoding は CSV だけで使えます",
            "--encoding is for CSV alone",
        ));
    }
    if args.format == Format::Xlsx && args.output.is_none() && std::io::stdout().is_terminal() {
        return Err(Refusal::new(
            "output",
            "--format xlsx",
            "xlsx は画面に出せません。-o ファイル名 を指定してください",
            "a workbook cannot be shown on a terminal; name a file with -o",
        ));
    }
    Ok(())
}

impl From<Layout> for TableLayout {
    fn from(named: Layout) -> Self {
        match named {
            Layout::Long => Self::Long,
            Layout::Wide => Self::Wide,
        }
    }
}

fn table(grid: &Grid, layout: TableLayout, filter: &BodyFilter, channel: Option<CellsOf>) -> Table {
    let bodies = filter.select(grid.catalogue(), grid.as_of(), Prefectures::Always);
    let procedures = ProcedureFilter::default().select_any(grid.catalogue());
    let channels = channel.map(|of| of.channels(grid.catalogue())).unwrap_or_default();
    let statements = StatementFilter { channels, ..StatementFilter::default() };
    match layout {
        TableLayout::Long => Table::Long(facts(grid, &bodies, &procedures, &statements, Days::All)),
        TableLayout::Wide => {
            Table::Wide(Wide::new(grid, &bodies, procedures, &statements, channel.unwrap_or_default()))
        }
    }
}

fn write(args: &ExportArgs, export: Export) -> anyhow::Result<()> {
    match &args.output {
        None if args.format == Format::Xlsx => {
            // A workbook is not written from its beginning to its end.
            let mut file = tempfile::tempfile()?;
            export.write_xlsx(BufWriter::new(&mut file))?;
            file.rewind()?;
            std::io::copy(&mut file, &mut std::io::stdout().lock())?;
            Ok(())
        }
        None => write_text(&mut std::io::stdout().lock(), args, export),
        Some(path) => {
            let file = File::create(path)
                .with_context(|| format!("ファイルを作れません / cannot write {}", path.display()))?;
            match args.format {
                Format::Xlsx => Ok(export.write_xlsx(BufWriter::new(file))?),
                Format::Csv | Format::Ndjson => write_text(&mut BufWriter::new(file), args, export),
            }
        }
    }
}

fn write_text(out: &mut impl Write, args: &ExportArgs, mut export: Export) -> anyhow::Result<()> {
    if args.format == Format::Ndjson {
        while let Some(text) = export.next_ndjson()? {
            out.write_all(&text)?;
        }
        out.flush()?;
        return Ok(());
    }
    let encoding = args.encoding.map_or(Encoding::Utf8Bom, Encoding::from);
    out.write_all(&export.csv_head(encoding)?)?;
    while let Some(text) = export.next_csv(encoding)? {
        out.write_all(&text)?;
    }
    out.flush()?;
    if export.replaced() > 0 {
        say(&format!("CP932 で表せない{}文字を 〓 に置き換えました。", export.replaced()));
    }
    Ok(())
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
