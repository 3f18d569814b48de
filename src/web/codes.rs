//! What the codes of files and answers mean.

use actix_web::get;
use maud::{Markup, html};

use super::frame::Page;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{notes, scroll};
use crate::http::ctx::{Answer, Ctx};
use crate::query::codes::{CodeView, Codes};

/// The lists that stand first, with what they are called: those that people meet in files and on pages.
const FIRST: &[(&str, &str, &str)] = &[
    ("level_online", "オンライン（行かない）の段階", "Levels online"),
    ("level_counter", "窓口・近場（書かない）の段階", "Levels at counters and nearby"),
    ("answer", "答えの印", "Marks of answers"),
    ("state", "状態", "States"),
    ("applicability", "該当するか", "Whether it is performed"),
    ("channel", "接点", "Channels"),
    ("place", "場所", "Places"),
    ("evidence", "根拠", "Evidence"),
    ("source", "出所", "Whose word"),
    ("category", "分野", "Fields"),
    ("kind", "団体の種別", "Kinds of bodies"),
    ("population_band", "人口規模", "Population bands"),
    ("scale", "段階の尺度", "Scales"),
    ("mark", "取込で読む印", "Marks that imports read"),
    ("mark_online", "取込で読む印（オンラインの列）", "Marks in columns about online"),
    ("mark_counter", "取込で読む印（窓口の列）", "Marks in columns about counters"),
    ("matrix_cell", "一覧表の欄", "Cells of the matrix"),
    ("layout", "取り込める表の形", "Layouts of files"),
    ("target", "だれの手続か", "Whose procedures"),
    ("audience", "だれのための手続か", "For whom procedures are"),
    ("assertion_kind", "記録の種類", "Kinds of statements"),
    ("precision", "日付の精度", "Precision of days"),
    ("gap", "次の一手の種類", "Kinds of next steps"),
    ("support", "支援の種類", "Kinds of support"),
    ("course", "計画の進み", "Courses of plans"),
    ("change", "変化", "Changes"),
    ("reason", "数える・数えない理由", "Why rows count or not"),
    ("included", "数えるか", "Whether rows count"),
    ("by", "集計単位", "Groupings"),
    ("basis", "集計の基礎", "Bases of figures"),
    ("peer_rule", "類似団体の選び方", "Rules for peers"),
    ("import_status", "取込の状態", "States of imports"),
    ("row_outcome", "取込の行の結果", "Outcomes of rows"),
    ("on_error", "誤りのある行があるとき", "When rows are wrong"),
    ("on_stale", "新しい申告があるとき", "When newer statements stand"),
    ("blank", "空欄の意味", "What blank cells mean"),
    ("hidden", "隠れた行と列", "Hidden rows and columns"),
    ("encoding", "書き出しの文字コード", "Encodings of exports"),
    ("file_encoding", "取り込む文字コード", "Encodings of files"),
    ("format", "答えの形", "Formats of answers"),
    ("channel_group", "利用件数の接点", "Channels of usage"),
    ("role", "役割", "Roles"),
    ("scope", "できること", "Scopes of keys"),
    ("action", "監査記録の操作", "Actions of the audit log"),
];

#[get("/codes")]
pub(super) async fn codes(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let mut told = visit.rows::<Codes>("/codes", "limit=500").await?;
    while told.rows.len() < told.count {
        let more = visit.rows::<Codes>("/codes", &format!("limit=500&offset={}", told.rows.len())).await?;
        if more.rows.is_empty() {
            break;
        }
        told.rows.extend(more.rows);
    }
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let page = Page::new(visit, lang.say("コードと印の意味", "What codes and marks mean"))
                .on("/definitions")
                .below("/", lang.say("全国", "Nation"))
                .below("/definitions", lang.say("指標と用語", "Measures and terms"))
                .with_data(told.source.clone());
            page.write(&main(visit, &told))
        })
        .await
}

fn main(visit: &Seen, told: &Told<CodeView>) -> Markup {
    let lang = visit.lang;
    let mut names: Vec<&str> = FIRST.iter().map(|(list, ..)| *list).collect();
    for row in &told.rows {
        if !names.contains(&row.list) {
            names.push(row.list);
        }
    }
    let of = |list: &str| told.rows.iter().filter(|row| row.list == list).collect::<Vec<&CodeView>>();
    let lists: Vec<(&str, Vec<&CodeView>)> =
        names.into_iter().map(|list| (list, of(list))).filter(|(_, rows)| !rows.is_empty()).collect();
    html! {
        div class="head" {
            h1 { (lang.say("コードと印の意味", "What codes and marks mean")) }
            p class="lead" { (lang.say("ファイルと API に出るコードの一覧です。名前は画面に、コードはファイルに出ます。", "Codes of files and the API: pages show the name, files the code.")) }
            p class="acts" { a href=(told.source.csv()) { "CSV" } a href=(told.source.json()) { "JSON" } }
        }
        ul class="acts" { @for (list, _) in &lists { li { a href=(format!("#{list}")) { (name_of(visit, list)) } } } }
        @for (list, rows) in &lists {
            section class="block" id=(list) aria-labelledby=(format!("{list}-name")) {
                h2 id=(format!("{list}-name")) { (name_of(visit, list)) @if name_of(visit, list) != *list { " " span class="small weak" { (list) } } }
                (table(visit, list, rows))
                (notes(visit, &format!("{}{}", rows.len(), lang.say("件", " codes")), None, &told.source))
            }
        }
    }
}

fn name_of<'n>(visit: &Seen, list: &'n str) -> &'n str {
    FIRST.iter().find(|(known, ..)| *known == list).map_or(list, |(_, ja, en)| visit.lang.say(*ja, *en))
}

fn table(visit: &Seen, list: &str, rows: &[&CodeView]) -> Markup {
    let lang = visit.lang;
    let short = rows.iter().any(|row| row.short_label.is_some() || row.letter.is_some());
    scroll(
        &format!("{}{}", name_of(visit, list), lang.say("（表）", " (table)")),
        &html! {
            table {
                thead { tr {
                    th scope="col" { (lang.say("コード", "Code")) }
                    th scope="col" { (lang.say("名前", "Name")) }
                    @if short { th scope="col" { (lang.say("短い名前", "Short")) } th scope="col" { (lang.say("1文字", "Letter")) } }
                    th scope="col" { (lang.say("意味", "Meaning")) }
                } }
                tbody { @for row in rows { tr {
                    th scope="row" { code { (row.code) } }
                    td { (row.label) }
                    @if short { td { (row.short_label.unwrap_or_default()) } td { (row.letter.unwrap_or_default()) } }
                    td { (lang.say(&row.meaning_ja, &row.meaning)) @if let Some(means) = &row.means { " " code { (means) } } }
                } } }
            }
        },
    )
}
