//! `todoke import` and `todoke check`: a file in, a report out.

use std::io::{IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use tempfile::TempDir;

use super::ask::{Answered, ask, keep_as};
use super::database::{DatabaseArgs, operator};
use super::output::{Exit, print, say};
use super::report::{findings, reverted, summary};
use crate::domain::Refusal;
use crate::domain::dates::day_in_japan;
use crate::import::options::Asked;
use crate::import::plan::{Stopped, Watch};
use crate::import::report::{Report, Status};
use crate::import::{OnError, Options};
use crate::service::imports::{ApplyOptions, File, Planned};
use crate::service::{Service, wall_clock};
use crate::store::error::Error;
use crate::store::url::DatabaseUrl;
use crate::store::{Db, Missing};

#[derive(Debug, Args)]
struct ReadArgs {
    /// 表の形（指定しなければ見出しから判断する）: long、form、wide-municipalities、wide-procedures、usage など
    #[arg(long, value_name = "名前")]
    layout: Option<String>,
    /// 読むシートの名前（表のあるシートが複数あるとき）
    #[arg(long, value_name = "名前")]
    sheet: Option<String>,
    /// 文字コード（指定しなければ判断する）: utf-8、cp932、utf-16、euc-jp、iso-2022-jp
    #[arg(long, value_name = "名前")]
    encoding: Option<String>,
    /// 記号の意味の定義の名前
    #[arg(long, value_name = "名前")]
    profile: Option<String>,
    /// 記号の意味（例 'ー=not_applicable,△=2'）
    #[arg(long, value_name = "記号=意味", allow_hyphen_values = true)]
    marks: Vec<String>,
    /// 0 と 1 だけの列の意味: flag は 1 を ○ とする、level は段階とする
    #[arg(long, value_name = "意味")]
    binary: Option<String>,
    /// 1つの接点についての表のとき、その接点（online、counter など）
    #[arg(long, value_name = "接点")]
    channel: Option<String>,
    /// 団体コードの列がない表のとき、その団体（082333 か 茨城県行方市 など）
    #[arg(long, value_name = "団体")]
    municipality: Option<String>,
    /// 年度の列がない利用実績のとき、その年度
    #[arg(long, value_name = "年度")]
    fiscal_year: Option<String>,
    /// 「同上」と、団体や手続の列の空欄を上の値で埋める
    #[arg(long)]
    fill: bool,
    /// ファイルに日付がないとき、いつからの状況か（例 2026-04-01、令和8年4月1日、令和7年度）
    #[arg(long, value_name = "日付")]
    effective_on: Option<String>,
    /// 空欄の扱い: keep は今の値を残す、clear は消す
    #[arg(long, default_value = "keep", value_name = "扱い")]
    blank: String,
    /// 使わない列の見出し（カンマ区切り）
    #[arg(long, value_name = "見出し")]
    ignore: Vec<String>,
    /// 独自の見出しの意味（例 '状況=level,現況届=kosodate-10'）
    #[arg(long, value_name = "見出し=意味")]
    columns: Vec<String>,
    /// 独自の名前が何を指すか（例 'り災証明=hisaisha-01'）
    #[arg(long, value_name = "名前=コード")]
    names: Vec<String>,
    /// 非表示の行と列の扱い: all は読む、visible は見えているものだけ読む
    #[arg(long, value_name = "扱い")]
    hidden: Option<String>,
    /// 書き出し（revision 列のあるファイル）の後に変わった行の扱い: warn は知らせる、reject は誤りとする [既定: warn]
    #[arg(long, value_name = "扱い")]
    on_stale: Option<String>,
    /// なぜ取り込むか（200文字まで。履歴に残る）
    #[arg(long, value_name = "理由")]
    reason: Option<String>,
    /// 結果を JSON で標準出力に書く
    #[arg(long)]
    json: bool,
}

impl ReadArgs {
    fn asked(&self) -> Asked {
        Asked {
            layout: self.layout.clone(),
            sheet: self.sheet.clone(),
            encoding: self.encoding.clone(),
            profile: self.profile.clone(),
            marks: together(&self.marks),
            binary: self.binary.clone(),
            channel: self.channel.clone(),
            municipality: self.municipality.clone(),
            fiscal_year: self.fiscal_year.clone(),
            fill: self.fill.then(|| "true".to_owned()),
            effective_on: self.effective_on.clone(),
            blank: Some(self.blank.clone()),
            ignore: together(&self.ignore),
            columns: together(&self.columns),
            names: together(&self.names),
            hidden: self.hidden.clone(),
            on_stale: self.on_stale.clone(),
            reason: self.reason.clone(),
            ..Asked::default()
        }
    }
}

/// What was said in one option or in several.
fn together(said: &[String]) -> Option<String> {
    (!said.is_empty()).then(|| said.join(","))
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// 読むファイル（.xlsx、.csv、.tsv）
    #[arg(value_name = "ファイル")]
    file: PathBuf,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// 取り込むファイル（.xlsx、.csv、.tsv）
    #[arg(value_name = "ファイル", required_unless_present = "revert", conflicts_with = "revert")]
    file: Option<PathBuf>,
    /// この番号の取込を元に戻す
    #[arg(long, value_name = "番号")]
    revert: Option<i64>,
    #[command(flatten)]
    read: ReadArgs,
    /// 誤りのある行の扱い: reject は何も取り込まない、skip は正しい行だけ取り込む
    #[arg(long, default_value = "reject", value_name = "扱い")]
    on_error: String,
    /// 多くの段階が下がる取込を承知で行う
    #[arg(long)]
    confirm: bool,
    /// 確かめずに取り込む
    #[arg(long, short)]
    yes: bool,
    /// 結果だけを示す（todoke check と同じ）
    #[arg(long, conflicts_with = "revert")]
    dry_run: bool,
}

pub(super) fn check(database: &DatabaseArgs, args: &CheckArgs) -> anyhow::Result<Exit> {
    look(database, &args.file, &args.read)
}

fn look(database: &DatabaseArgs, path: &Path, said: &ReadArgs) -> anyhow::Result<Exit> {
    check_words(said)?;
    let bytes = read_bytes(path)?;
    let compared = match database.open(Missing::Refuse) {
        Ok(service) => Compared { service, _empty: None },
        Err(error) if is_unprepared(&error) => {
            // An older program's database is full of rows that the report would pass over in silence.
            if let Some(Error::NotPrepared(name)) = error.downcast_ref::<Error>() {
                say(&format!(
                    "データベース {name} はこのプログラム用に準備されていないため、今の記録と比べずに調べます。\
                     todoke serve または todoke import が準備します。"
                ));
            }
            Compared::with_nothing()?
        }
        Err(error) => return Err(error),
    };
    let file = read(&compared.service, path, &bytes, &said.asked())?;
    let report = plan(&compared.service, &file)?.report;
    show(&report, said.json)?;
    Ok(exit_of(&report))
}

/// Whether there is no database yet, which a check does not make.
fn is_unprepared(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref::<Error>(), Some(Error::NoSuchDatabase(_) | Error::NotPrepared(_)))
}

/// What a check compares with: the real database, or where there is none yet an empty one in the
/// folder for temporary files. A check leaves nothing behind.
struct Compared {
    service: Arc<Service>,
    // Dropped after the service, which has its files open.
    _empty: Option<TempDir>,
}

impl Compared {
    fn with_nothing() -> anyhow::Result<Self> {
        // What is thrown away again is not worth a word.
        log::set_max_level(log::LevelFilter::Warn);
        let folder = tempfile::Builder::new().prefix("todoke-check-").tempdir()?;
        let file = folder.path().join("empty.db");
        let db = Db::open(&DatabaseUrl::Sqlite(file), 1, Missing::Create)?;
        let service = Arc::new(Service::open(db, wall_clock())?);
        Ok(Self { service, _empty: Some(folder) })
    }
}

pub(super) fn run(database: &DatabaseArgs, args: &ImportArgs) -> anyhow::Result<Exit> {
    if let Some(id) = args.revert {
        return revert(database, id, args.read.json);
    }
    let Some(path) = &args.file else {
        return Ok(Exit::Failure);
    };
    if args.dry_run {
        return look(database, path, &args.read);
    }
    let on_error: OnError = args.on_error.parse::<OnError>()?;
    check_words(&args.read)?;
    let reading = Progress::new("ファイルを読んでいます", 0);
    let bytes = read_bytes(path)?;
    reading.clear();
    if !may_be_made(database, args)? {
        say("取り込みをやめました。何も書き込んでいません。");
        return Ok(Exit::Refused);
    }
    let service = database.open(Missing::Create)?;
    let how = ApplyOptions { on_error, confirmed: args.confirm, expected_plan: None };
    if asks(args) {
        return ask_and_apply(&service, path, bytes, args, how);
    }
    let file = read(&service, path, &bytes, &args.read.asked())?;
    // What is kept of it is kept with the file.
    drop(bytes);
    let planned = plan(&service, &file)?;
    apply(&service, &file, planned, &how, args)
}

/// Asks a person what a file leaves open, shows what it would change, and applies it once they said yes.
fn ask_and_apply(
    service: &Service,
    path: &Path,
    bytes: Vec<u8>,
    args: &ImportArgs,
    how: ApplyOptions,
) -> anyhow::Result<Exit> {
    let mut asked = args.read.asked();
    let mut answered = false;
    let refused = |asked: &Asked| {
        let options = service.options(&operator(), asked)?;
        Ok(options.err().map(first_refusal))
    };
    let (file, planned) = loop {
        let file = read(service, path, &bytes, &asked)?;
        let planned = plan(service, &file)?;
        let questions = &planned.report.questions;
        if questions.is_empty() || ask(questions, &mut asked, refused)? == Answered::None {
            break (file, planned);
        }
        // What an answer leaves open, or opens, is asked next.
        answered = true;
    };
    // What is kept of it is kept with the file.
    drop(bytes);
    let confirmed = ApplyOptions { confirmed: true, expected_plan: planned.hash(), ..how };
    if planned.refusal(&confirmed).is_some() || planned.is_empty() {
        return apply(service, &file, planned, &how, args);
    }
    let report = &planned.report;
    print(findings(report).as_bytes())?;
    if !confirmed_by_person(report.needs_confirmation.then_some(report.counts.lowered))? {
        say("取り込みをやめました。何も書き込んでいません。");
        return Ok(Exit::Refused);
    }
    let exit = apply(service, &file, planned, &confirmed, args)?;
    if answered && exit == Exit::Success {
        offer_to_keep(service, &asked)?;
    }
    Ok(exit)
}

/// Offers to keep the answers for the files of next time; a name that cannot be taken is asked for again.
fn offer_to_keep(service: &Service, asked: &Asked) -> anyhow::Result<()> {
    if !said_yes("答えを次回のために残しますか？")? {
        return Ok(());
    }
    while let Some(name) = keep_as()? {
        match service.keep_said(&operator(), asked, &name) {
            Ok(()) => {
                say(&format!("定義 {name} に残しました。次からは --profile {name} で使えます。"));
                break;
            }
            Err(error) => say(&error.ja()),
        }
    }
    Ok(())
}

/// Refuses slips of the options before anything is opened or made.
fn check_words(read: &ReadArgs) -> Result<(), Refusal> {
    let (_, faults) = read.asked().words(day_in_japan(wall_clock()()));
    if faults.is_empty() { Ok(()) } else { Err(first_refusal(faults)) }
}

fn first_refusal(faults: Vec<(&'static str, Refusal)>) -> Refusal {
    let empty = || Refusal::new("options", "", "指定が正しくありません", "wrong options");
    faults.into_iter().next().map_or_else(empty, |(_, refusal)| refusal)
}

/// Reads a file as its sender says.
fn read(service: &Service, path: &Path, bytes: &[u8], asked: &Asked) -> anyhow::Result<File> {
    let options = service.options(&operator(), asked)?.map_err(first_refusal)?;
    let options = Options { unbounded: true, ..options };
    let file = service.read_file(&name_of(path), bytes, options);
    Ok(file.keeping(bytes.to_vec(), asked.clone(), service.catalogue()))
}

/// Compares a file with what is known.
fn plan(service: &Service, file: &File) -> anyhow::Result<Planned> {
    let progress = Progress::new("内容を調べています", file.size());
    let planned = service.plan(&operator(), file, &progress);
    progress.clear();
    Ok(planned?)
}

/// Applies a file that was planned, and shows what became of it.
fn apply(
    service: &Service,
    file: &File,
    planned: Planned,
    how: &ApplyOptions,
    args: &ImportArgs,
) -> anyhow::Result<Exit> {
    let report = if planned.refusal(how).is_some() {
        Report { status: Status::Refused, ..planned.report }
    } else {
        let progress = Progress::new("書き込んでいます", file.size());
        let applied = service.apply_file(&operator(), file, planned, how, &progress);
        progress.clear();
        applied?
    };
    show(&report, args.read.json)?;
    Ok(exit_of(&report))
}

fn revert(database: &DatabaseArgs, id: i64, json: bool) -> anyhow::Result<Exit> {
    let service = database.open(Missing::Refuse)?;
    let report = service.revert(id, &operator())?;
    if json {
        print(format!("{}\n", serde_json::to_string_pretty(&report)?).as_bytes())?;
    } else {
        print(reverted(&report).as_bytes())?;
    }
    Ok(Exit::Success)
}

/// Whether a person sits there who has not said yes yet.
fn asks(args: &ImportArgs) -> bool {
    !args.yes && !args.read.json && std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Whether a database that is not there may be made. In another folder than the server's, nobody
/// would ever see what goes into a new one.
///
/// # Errors
///
/// A database that is not there, where nobody can be asked and nobody said yes.
fn may_be_made(database: &DatabaseArgs, args: &ImportArgs) -> anyhow::Result<bool> {
    let Some(path) = database.missing_file()? else { return Ok(true) };
    let path = std::path::absolute(&path).unwrap_or(path);
    let path = path.display();
    if args.yes {
        return Ok(true);
    }
    if asks(args) {
        say(&format!(
            "データベース {path} がありません。サーバと同じフォルダで実行しているか確かめてください。"
        ));
        return said_yes("新しいデータベースを作りますか？");
    }
    Err(Refusal::new(
        "no_database",
        &path.to_string(),
        format!(
            "データベース {path} がありません。サーバのあるフォルダで実行するか、--database-url で場所を指定してください。新しく作ってよければ --yes を付けてください"
        ),
        "there is no database here; run this in the server's folder or say where it is with --database-url, or give --yes to make a new one",
    )
    .into())
}

/// Asks; `lowered` is how many levels fall where that should be thought over.
fn confirmed_by_person(lowered: Option<usize>) -> anyhow::Result<bool> {
    let mut out = std::io::stderr();
    if let Some(lowered) = lowered {
        writeln!(out, "{lowered}件の段階が下がります。")?;
    }
    said_yes("この内容で取り込みますか？")
}

/// Asks a question that only a yes answers with yes.
fn said_yes(question: &str) -> anyhow::Result<bool> {
    let mut out = std::io::stderr();
    write!(out, "{question} [y/N] ")?;
    out.flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "はい"))
}

fn show(report: &Report, json: bool) -> anyhow::Result<()> {
    if json {
        return print(format!("{}\n", serde_json::to_string_pretty(report)?).as_bytes());
    }
    print(summary(report).as_bytes())
}

fn exit_of(report: &Report) -> Exit {
    let faulty = report.fault_count > 0 || !report.questions.is_empty();
    match report.status {
        Status::Applied | Status::NothingToDo => Exit::Success,
        Status::Checked if !faulty => Exit::Success,
        Status::Checked | Status::Refused => Exit::Refused,
    }
}

fn read_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|mut file| file.read_to_end(&mut bytes))
        .with_context(|| format!("ファイルを開けません / cannot read {}", path.display()))?;
    Ok(bytes)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What is being done and how far it is, on a terminal only.
struct Progress {
    terminal: bool,
    text: &'static str,
    all: usize,
}

impl Progress {
    fn new(text: &'static str, all: usize) -> Self {
        let progress = Self { terminal: std::io::stderr().is_terminal(), text, all };
        progress.show(0);
        progress
    }

    fn show(&self, done: usize) {
        /// Cells of the bar.
        const WIDTH: usize = 20;
        if !self.terminal {
            return;
        }
        let bar = match (done * WIDTH).checked_div(self.all) {
            None => String::new(),
            Some(full) => {
                let full = full.min(WIDTH);
                let percent = (done * 100).checked_div(self.all).unwrap_or(0).min(100);
                format!(" [{}{}] {percent}%（{}件）", "#".repeat(full), "-".repeat(WIDTH - full), self.all)
            }
        };
        // Nothing can be done if stderr is gone.
        let _ = write!(std::io::stderr(), "\r\x1b[2K{}…{bar}", self.text);
        let _ = std::io::stderr().flush();
    }

    fn clear(&self) {
        if self.terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}

impl Watch for Progress {
    fn done(&self, statements: usize) -> Result<(), Stopped> {
        self.show(statements);
        Ok(())
    }
}
