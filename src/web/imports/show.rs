//! One import: where it stands, what is asked, what would change, what was written.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{get, web};
use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::check::Differences;
use super::{ask, check, usual};
use crate::domain::dates::in_japan;
use crate::domain::imports::{ImportStatus, RowOutcome};
use crate::http::ctx::{Answer, Ctx, number_of_path};
use crate::http::problem::{Kind, Problem};
use crate::import::marks::{DEFAULT, Meaning};
use crate::query::parameters::{Query, names};
use crate::query::question::Grid;
use crate::service::error::Error;
use crate::service::imports::{Import, PlanRow, Rows};
use crate::service::sessions::Session;
use crate::web::form::{Fields, Member, secret, signed_page};
use crate::web::frame::{Around, page as framed};
use crate::web::lang::Lang;
use crate::web::texts::refusals;
use crate::web::who::Keys;

/// So many rows are sorted by what they mean; of more a part is.
const SORTED: u32 = 5_000;
/// So many rows stand on a page of rows.
const ROWS: u32 = 100;

/// The steps of an import.
const STEPS: [&str; 4] = ["ファイルを選ぶ", "質問に答える", "変わる内容を確かめる", "反映"];

#[get("/imports/{id}")]
pub(in crate::web) async fn one_import(ctx: Ctx, Member(session): Member, id: web::Path<String>) -> Answer {
    ctx.query(&[]).checks().finish()?;
    page(&ctx, &session, number_of_path(&id)?, None, None).await
}

/// An import and its rows, as they are shown.
struct Shown {
    import: Import,
    /// Rows that are news, the first of very many.
    news: Vec<PlanRow>,
    /// Whether these are not all.
    more: bool,
    /// Whether the file is there, from which the rows are read.
    kept: bool,
    /// The first lines of the file.
    lines: Vec<(u32, Vec<String>)>,
    /// Who holds which key.
    keys: Keys,
}

/// The page of an import, with what was refused of what was done with it.
pub(super) async fn page(
    ctx: &Ctx,
    session: &Session,
    id: i64,
    problem: Option<&Problem>,
    typed: Option<&Fields>,
) -> Answer {
    let origin = session.origin.clone();
    let shown = ctx
        .wait(move |service| {
            let import = service.import(&origin, id)?;
            let (mut news, mut count, mut kept) = (Vec::new(), 0, true);
            if import.plan_hash.is_some() && !import.status.is_busy() {
                let shown = [ImportStatus::Planned, ImportStatus::Applied].contains(&import.status);
                for outcome in [RowOutcome::Changed, RowOutcome::Created].iter().filter(|_| shown) {
                    match service.import_rows(&origin, id, Some(*outcome), 0, Some(SORTED)) {
                        Ok((all, rows)) => {
                            count += all;
                            news.extend(rows_of(rows));
                        }
                        // Of a file that was too large to be kept there are the counts alone.
                        Err(Error::NotFound(_)) => kept = false,
                        Err(error) => return Err(error),
                    }
                }
            }
            let lines = match import.status {
                ImportStatus::Planned => service.first_lines(&origin, id)?,
                _ => Vec::new(),
            };
            let more = count > news.len();
            Ok(Shown { import, news, more, kept, lines, keys: Keys::read(service)? })
        })
        .await?;
    let status = problem.map_or(StatusCode::OK, |problem| problem.kind.status);
    let title = format!("取込 {id}: {}", shown.import.file_name);
    let before = country_before(ctx, &shown.import, &shown.news).await?;
    let main = html! {
        @if let Some(problem) = problem {
            (refusals(Lang::Ja, problem))
            @if problem.kind == Kind::CONFLICT && shown.import.status == ImportStatus::Planned { (look_again(session, id)) }
        }
        (written(&before, session, &shown, typed))
    };
    Ok(framed(Around::own(ctx.is_demo()), status, &title, &main))
}

fn rows_of(rows: Rows) -> Vec<PlanRow> {
    match rows {
        Rows::Planned(rows) => rows.into_iter().map(|(row, _)| row).collect(),
        Rows::Stored(rows) => rows.into_iter().map(PlanRow::Rejected).collect(),
    }
}

/// The way on where the record changed since the plan was made.
fn look_again(session: &Session, id: i64) -> Markup {
    html! {
        form method="post" action=(format!("/imports/{id}/answers")) {
            (secret(session))
            input type="hidden" name=(ask::AGAIN) value="true";
            p class="go" { button type="submit" class="first" { "今の記録でもう一度確かめる" } }
        }
    }
}

/// The country that the rows of a plan are shown over: the one of now, and for what was written the one of just before,
/// so that a receipt says what the plan said.
async fn country_before(ctx: &Ctx, import: &Import, rows: &[PlanRow]) -> Result<Arc<Grid>, Problem> {
    let (Some(at), Some(first), false) = (import.applied_at, import.first, rows.is_empty()) else {
        return Ok(ctx.grid());
    };
    let day = in_japan(at).date_naive();
    ctx.wait(move |service| Ok(Arc::new(service.country_before(first, day)))).await
}

fn written(grid: &Grid, session: &Session, shown: &Shown, typed: Option<&Fields>) -> Markup {
    let Shown { import, news, more, kept, keys, .. } = shown;
    let waits = import.status == ImportStatus::Planned;
    let differences = Differences::of(grid, news, !waits);
    let asked = waits && !import.report.questions.is_empty();
    html! {
        (steps(import))
        (standing(session, import, &differences, keys))
        @if import.status == ImportStatus::Planned { (counts(import)) }
        @if asked {
            section class="block" aria-labelledby="questions" {
                h2 id="questions" { "質問" }
                (ask::form(session, import, typed, &usual::marks(import)))
            }
        }
        @if import.status == ImportStatus::Planned { (faults(import)) (noticed(import)) @if !asked { (usual::form(session, import)) } }
        @if [ImportStatus::Planned, ImportStatus::Applied].contains(&import.status) {
            section class="block" aria-labelledby="changes" {
                h2 id="changes" { (if import.status == ImportStatus::Planned { "変わる内容" } else { "変えた内容" }) }
                @if !*kept { p { "ファイルが大きいため保存しておらず、行ごとの内容は示せません。件数は上のとおりです。" } }
                @else if *more { p { "変わる行が多いため、初めの" (news.len()) "行を分けて示します。" a href=(format!("/imports/{}/rows", import.id)) { "すべての行" } } }
                @else if waits { p class="small weak" { "「いま」は、このサイトに今日出ている値です。団体の申告は国の公表値を消さず、その上に重なります。" } }
                @if *kept { (differences.show(import.id)) }
            }
        }
        @if import.status == ImportStatus::Planned {
            (check::effect(&import.report.effect))
            (check::ways_on(session, import))
        }
        (understood(session, shown, &differences, typed))
    }
}

/// Where it stands among the steps.
fn steps(import: &Import) -> Markup {
    let at = match import.status {
        ImportStatus::Checking => 1,
        ImportStatus::Planned if !import.report.questions.is_empty() => 1,
        ImportStatus::Planned => 2,
        _ => 3,
    };
    html! {
        ol class="steps" {
            @for (nth, step) in STEPS.iter().enumerate() {
                li class=[(nth < at).then_some("done")] aria-current=[(nth == at).then_some("step")] { b { (nth + 1) } " " (step) }
            }
        }
    }
}

/// What has become of it, in a sentence, and what can be done.
fn standing(session: &Session, import: &Import, differences: &Differences<'_>, keys: &Keys) -> Markup {
    let counts = &import.report.counts;
    let by = |at: Option<DateTime<Utc>>, who: Option<&str>| {
        let at = at.map(|at| in_japan(at).format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
        format!("{at} {}", who.map(|who| keys.who(who)).unwrap_or_default())
    };
    html! {
        @match import.status {
            ImportStatus::Checking | ImportStatus::Applying => { (busy(session, import)) },
            ImportStatus::Planned if !import.report.questions.is_empty() => {
                div class="void warn" {
                    b { "まだ何も書き込んでいません。質問が" (import.report.questions.len()) "つあります" }
                    ul { @for (at, question) in import.report.questions.iter().enumerate() { li { a href=(format!("#{}", ask::anchor(at))) { (question.question) } } } }
                }
            },
            ImportStatus::Planned if import.report.fault_count > 0 => {
                div class="void warn" { b { "まだ何も書き込んでいません。直す行が" (counts.rejected) "行あります" } }
            },
            ImportStatus::Planned => { div class="void" { b { "まだ何も書き込んでいません。下の内容でよければ反映してください" } } },
            ImportStatus::Applied => {
                div class="void" {
                    b { "反映しました: 新しく" (counts.created) "件、変更" (counts.changed) "件、同じ内容の確認" (counts.confirmed) "件、記録のまま" (counts.unchanged) "件" }
                    p { (by(import.applied_at, import.applied_by.as_deref())) }
                    @if counts.rejected > 0 { p { (counts.rejected) "行は反映していません。" a href=(format!("/imports/{}/errors.csv", import.id)) { "直す行を受け取る（CSV）" } } }
                    ul class="acts" { @for (code, name) in differences.bodies().take(5) { li { a href=(format!("/municipalities/{code}")) { (name) "のページを見る" } } } }
                }
                @if counts.written() > 0 { details {
                    summary { "この取込を元に戻す" }
                    p { "書き込んだ" (counts.written()) "件を、行ごとに前の値へ戻します。この後に別の取込や編集で変わった行は、そのまま残します。記録は消えず、取り消したことが履歴に残ります。" }
                    form method="post" action=(format!("/imports/{}/revert", import.id)) {
                        (secret(session))
                        p class="go" { button type="submit" { "元に戻す" } }
                    }
                } }
            },
            ImportStatus::Reverted => { div class="void" { b { "元に戻しました（" (counts.written()) "件）" } p { "書き込んだ行は、取込の前の値に戻っています。同じ表を、もう一度送ることもできます。" a href="/imports/new" { "表を取り込む" } } } },
            ImportStatus::Failed => { div class="void refused" { b { "反映できませんでした。何も書き込んでいません" } p { (import.failure.as_deref().unwrap_or("")) } p { a href="/imports/new" { "もう一度送る" } } } },
            ImportStatus::Interrupted => { div class="void refused" { b { "途中でプログラムが止まりました。何も書き込んでいません" } p { "同じファイルをもう一度送ってください。" a href="/imports/new" { "もう一度送る" } } } },
            ImportStatus::Cancelled => { div class="void" { b { "やめました。何も書き込んでいません" } p { a href="/imports/new" { "別のファイルを送る" } } } },
        }
    }
}

fn busy(session: &Session, import: &Import) -> Markup {
    let doing = if import.status == ImportStatus::Checking {
        "確かめています"
    } else {
        "反映しています"
    };
    html! {
        div class="void" role="status" {
            b { (doing) }
            @if let Some((done, all)) = import.progress.filter(|(_, all)| *all > 0) {
                p { label for="progress" { (all) "件のうち" (done) "件" } " " progress id="progress" value=(done) max=(all) { (done) "/" (all) } }
            }
            p { "この画面を閉じても続きます。" a class="button" href=(super::paths::address(import.id)) { "進み具合を見る" } }
            form method="post" action=(format!("{}/cancel", super::paths::address(import.id))) {
                (secret(session))
                p class="go" { button type="submit" { "中止する" } }
            }
        }
    }
}

fn counts(import: &Import) -> Markup {
    let counts = &import.report.counts;
    let card = |label: &str, count: usize, warns: bool| html! { div class=(if warns && count > 0 { "card warns" } else { "card" }) { p { (label) } p class="value" { (count) } } };
    html! {
        div class="cards narrow" {
            (card("データの行", counts.rows, false))
            (card("変わる欄", counts.created + counts.changed, false))
            (card("記録と同じ欄", counts.confirmed + counts.unchanged, false))
            (card("直す・答える行", counts.rejected, true))
            (card("段階が下がる欄", counts.lowered, true))
        }
    }
}

fn faults(import: &Import) -> Markup {
    let report = &import.report;
    html! {
        @if report.fault_count > 0 {
            section class="block" aria-labelledby="faults" {
                h2 id="faults" { "直すところ（" (report.fault_count) "件）" }
                p { "質問に答えると直るものも含みます。同じ種類のものは1つにまとめています。" }
                (check::groups(&report.fault_groups))
            }
        }
        @if report.warning_count > 0 {
            section class="block" aria-labelledby="warnings" {
                h2 id="warnings" { "確かめてほしいところ（" (report.warning_count) "件。反映はできます）" }
                (check::groups(&report.warning_groups))
            }
        }
    }
}

fn notes(import: &Import) -> Markup {
    html! { ul { @for note in &import.report.notes { li { (check::for_people(note)) } } } }
}

/// What was read otherwise than it stands, or not read at all: told before anything is written.
fn noticed(import: &Import) -> Markup {
    html! {
        @if !import.report.notes.is_empty() {
            section class="block" aria-labelledby="noticed" {
                h2 id="noticed" { "気づいたこと（使わなかった列など " (import.report.notes.len()) "件）" }
                (notes(import))
            }
        }
    }
}

/// How the file was read.
fn understood(
    session: &Session,
    shown: &Shown,
    differences: &Differences<'_>,
    typed: Option<&Fields>,
) -> Markup {
    /// So many bodies are named.
    const NAMED: usize = 5;
    let Shown { import, lines, keys, .. } = shown;
    let catalogue = differences.catalogue();
    let bodies: Vec<&str> = differences.bodies().map(|(_, name)| name).take(NAMED).collect();
    let report = &import.report;
    let sent = in_japan(import.created_at).format("%Y-%m-%d %H:%M").to_string();
    html! {
        section class="block" aria-labelledby="read" {
            h2 id="read" { "読み取った内容" }
            dl class="pairs" {
                dt { "ファイル" } dd { a href=(format!("{}/original", super::paths::address(import.id))) { (import.file_name) } "（" (import.size) "バイト）" }
                @if let Some(encoding) = &import.encoding { dt { "文字コード・形式" } dd { (encoding) } }
                @if !bodies.is_empty() { dt { "団体" } dd { (bodies.join("、")) @if report.counts.bodies > bodies.len() { "など" (report.counts.bodies) "団体" } } }
                @if let Some(layout) = &import.layout { dt { "表の形" } dd { (layout_label(layout)) } }
                @if let Some(profile) = import.profile.as_ref().filter(|name| *name != DEFAULT) { dt { "記号の読み方" } dd { (profile) } }
                @let said = said(import);
                @if !said.is_empty() { dt { "答え・指定" } dd { ul { @for (what, answer) in &said { li { (what) " → " (answer) } } } @if import.status == ImportStatus::Planned { p class="small weak" { "変えるときは、下の「読み方を直して読み直す」に書いてください。" } } } }
                @if let Some(reason) = &import.reason { dt { "理由" } dd { (reason) } }
                dt { "だれの表か" } dd { (super::list::whose(catalogue, &import.reach)) }
                dt { "送った人" } dd { (sent) " " (keys.who(&import.created_by)) }
                @if !report.understood.is_empty() {
                    dt { "記号" }
                    dd { ul { @for one in &report.understood { li { "「" (one.mark) "」" (one.count) "か所 → " (one.meaning) @if !one.headings.is_empty() { "（" (one.headings.join("、")) "）" } } } } }
                }
                @if import.status != ImportStatus::Planned && !report.notes.is_empty() { dt { "気づいたこと" } dd { (notes(import)) } }
            }
            @if !lines.is_empty() { (first_lines(import, lines)) }
            @if import.status == ImportStatus::Planned { (ask::reading(session, import, typed)) }
        }
    }
}

/// What was said of the file and answered since, in words.
fn said(import: &Import) -> Vec<(String, String)> {
    let asked = &import.asked;
    let whole = [
        ("いつから", &asked.effective_on),
        ("団体のコード", &asked.municipality),
        ("年度", &asked.fiscal_year),
        ("シート", &asked.sheet),
        ("接点", &asked.channel),
    ];
    let whole = whole.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    let cells = [&asked.hidden, &asked.blank, &asked.fill].into_iter().zip(ask::OF_CELLS);
    let cells = cells.filter_map(|(said, (_, label, answers))| {
        let (_, words) = answers.into_iter().find(|(code, _)| said.as_deref() == Some(*code))?;
        Some((label.to_owned(), words.to_owned()))
    });
    let meaning =
        |text: &str| text.parse::<Meaning>().map_or_else(|_| text.to_owned(), |one| one.label(None));
    let given = &asked.given;
    let named = |mark: &str| match mark.split_once(':') {
        Some(("counter", mark)) => format!("窓口の記号「{mark}」"),
        Some(("online", mark)) => format!("オンラインの記号「{mark}」"),
        _ => format!("記号「{mark}」"),
    };
    let marks = given.marks.iter().map(|(mark, text)| (named(mark), meaning(text)));
    let columns = given.columns.iter().map(|(heading, text)| (format!("見出し「{heading}」"), text.clone()));
    let names = given.names.iter().map(|(name, text)| (format!("名前「{name}」"), text.clone()));
    let ignored = given.ignore.iter().map(|heading| (format!("見出し「{heading}」"), "使わない".to_owned()));
    whole.chain(cells).chain(marks).chain(columns).chain(names).chain(ignored).collect()
}

fn layout_label(code: &str) -> &str {
    code.parse::<crate::import::layout::Layout>().map_or(code, |layout| layout.label())
}

/// The first lines of the file, with the cells that are wrong or asked about.
fn first_lines(import: &Import, lines: &[(u32, Vec<String>)]) -> Markup {
    /// So many columns fit beside each other.
    const COLUMNS: usize = 14;
    let report = &import.report;
    let wrong: BTreeSet<(u32, u32)> =
        report.faults.iter().filter_map(|fault| Some((fault.line?, fault.column?))).collect();
    let width = lines.iter().map(|(_, cells)| cells.len()).max().unwrap_or(0).min(COLUMNS);
    let cut = |text: &str| crate::domain::text::cut(&text.replace('\n', " "), 24);
    html! {
        h3 { "ファイルの見え方（初めの" (lines.len()) "行。色の付いた欄は、直すか答えるところです）" }
        div class="scroll" role="region" aria-label="ファイルの見え方" tabindex="0" {
            table class="preview" {
                tbody { @for (line, cells) in lines { tr {
                    th scope="row" class="num" { (line) }
                    @for (cell, column) in cells.iter().chain(std::iter::repeat(&String::new())).take(width).zip(1..) {
                        td class=[wrong.contains(&(*line, column)).then_some("wrong")] { (cut(cell)) }
                    }
                } } }
            }
        }
    }
}

/// Which rows.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct RowsQuery {
    /// What becomes of them.
    #[param(max_length = 20)]
    outcome: Option<String>,
    /// How many are passed over.
    #[param(max_length = 10)]
    offset: Option<String>,
}

#[get("/imports/{id}/rows")]
pub(in crate::web) async fn import_rows(ctx: Ctx, Member(session): Member, id: web::Path<String>) -> Answer {
    let id = number_of_path(&id)?;
    let filled_in = ctx.filled_in();
    let query = Query::new(&filled_in, &[names::<RowsQuery>()]);
    let mut checks = query.checks();
    let asked = query.part::<RowsQuery>();
    let outcome = checks.one("outcome", &asked.outcome, str::parse::<RowOutcome>);
    let offset = checks.integer("offset", &asked.offset, 0, 10_000_000).unwrap_or(0);
    checks.finish()?;
    let origin = session.origin.clone();
    let (import, count, rows) = ctx
        .wait(move |service| {
            let import = service.import(&origin, id)?;
            let (count, rows) = service.import_rows(&origin, id, outcome, offset, Some(ROWS))?;
            Ok((import, count, rows))
        })
        .await?;
    let written = import.status != ImportStatus::Planned;
    let taken = outcome == Some(RowOutcome::Warning);
    let rows = rows_of(rows);
    let shown = u32::try_from(rows.len()).unwrap_or(ROWS);
    let grid = country_before(&ctx, &import, &rows).await?;
    let address = |offset: u32| {
        let of = outcome.map_or_else(String::new, |outcome| format!("&outcome={}", outcome.code()));
        format!("/imports/{id}/rows?offset={offset}{of}")
    };
    let main = html! {
        p class="acts" { a href=(super::paths::address(id)) { "取込 " (id) " へ戻る" } }
        form class="filters" method="get" action=(format!("/imports/{id}/rows")) {
            div {
                label for="outcome" { "結果" }
                select id="outcome" name="outcome" {
                    option value="" { "すべて" }
                    @for one in RowOutcome::ALL { option value=(one.code()) selected[outcome == Some(*one)] { (one.label()) } }
                }
            }
            button type="submit" { "表示" }
        }
        @if rows.is_empty() { div class="void" { b { "行はありません" } } } @else {
            p { (count) "行のうち" (offset + 1) "〜" (offset + shown) "行目（ファイルの順）" }
            div class="scroll" role="region" aria-label="行" tabindex="0" {
                table class="three" {
                    thead { tr { th scope="col" { "団体・手続・接点" } (check::sides(written)) } }
                    tbody { @for row in &rows { @if let (PlanRow::Rejected(line), true) = (row, taken) { (check::warned(line)) } @else { (check::shown(&grid, row, true)) } } }
                }
            }
            ul class="acts" {
                @if offset > 0 { li { a href=(address(offset.saturating_sub(ROWS))) { "前へ" } } }
                @if usize::try_from(offset + shown).is_ok_and(|until| until < count) { li { a href=(address(offset + shown)) { "次へ" } } }
            }
        }
    };
    Ok(signed_page(&ctx, &format!("取込 {id} の行"), &main))
}
