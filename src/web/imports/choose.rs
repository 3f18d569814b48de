//! The page where a file is chosen.

use actix_web::http::StatusCode;
use maud::{Markup, html};
use serde::Deserialize;
use utoipa::IntoParams;

use super::ask::{KEPT_AS, OF_CELLS, how};
use super::list;
use crate::domain::access::Reach;
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::{Kind, Problem};
use crate::import::Encoding;
use crate::import::layout::Layout;
use crate::import::options::{Asked, GivenAnswer, MAX_REASON};
use crate::service::profiles::Named;
use crate::service::sessions::Session;
use crate::web::form::{Fields, secret};
use crate::web::frame::{Around, page as framed};
use crate::web::lang::Lang;
use crate::web::texts::refusals;
use crate::web::who::Keys;

/// What may be said beside a file: names of answers, as the API has them.
const SAID: &[&str] = &[
    "effective_on",
    "municipality",
    "fiscal_year",
    "encoding",
    "layout",
    "sheet",
    "profile",
    "reason",
    "hidden",
    "blank",
    "fill",
];
/// So many imports are shown below.
const LAST: u32 = 5;

/// What a way to this page may say for its reader.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChooseQuery {
    /// Whose table it is.
    #[param(max_length = 6)]
    municipality: Option<String>,
}

impl ChooseQuery {
    pub(super) fn fields(self) -> Fields {
        Fields::of(self.municipality.map(|code| ("municipality".to_owned(), code)).into_iter().collect())
    }
}

/// The fields that stand beside the file.
pub(super) fn fields() -> Vec<&'static str> {
    SAID.iter().copied().chain(["csrf"]).collect()
}

/// What was said beside the file.
pub(super) fn asked(fields: &Fields) -> Result<Asked, Problem> {
    let said = fields.iter().filter(|(name, _)| *name != "csrf");
    let answers = said.map(|(parameter, value)| GivenAnswer { parameter, about: None, value });
    Asked::of_answers(answers).map_err(|refusal| Problem::of(Kind::UNPROCESSABLE, "/body", refusal))
}

/// The page, with what was typed and why it was refused.
pub(super) async fn page(ctx: &Ctx, session: &Session, fields: &Fields, problem: Option<&Problem>) -> Answer {
    let origin = session.origin.clone();
    let (last, profiles, keys) = ctx
        .wait(move |service| {
            let (_, last) = service.imports(&origin, None, 0, LAST)?;
            Ok((last, service.profiles(&origin, None)?, Keys::read(service)?))
        })
        .await?;
    let most = ctx.max_upload() / (1024 * 1024);
    let status = problem.map_or(StatusCode::OK, |problem| problem.kind.status);
    let main = html! {
        @if let Some(problem) = problem { (refusals(Lang::Ja, problem)) }
        p class="lead" { "CSV か Excel の表を1つ選んで送ります。送っただけでは何も書き込みません。何が変わるかを確かめてから反映し、あとで丸ごと元に戻せます。" }
        (form(session, fields, &profiles, most))
        section class="block" aria-labelledby="taken" {
            h2 id="taken" { "どんな表が使えますか" }
            ul class="plain" {
                li { "お使いの表のままで構いません。題名や凡例の行、Shift_JIS、結合されたセル、○×△や数字の記号を読み取ります。" }
                li { "分からない記号・見出し・名前は、推測せずに次の画面で尋ねます。何も黙って捨てません。" }
                li { "デジタル庁の一覧とダッシュボード、総務省の調査の表、利用件数、団体の取組計画なども読めます。" }
            }
            (templates(session))
        }
        @if !last.is_empty() {
            section class="block" aria-labelledby="last" {
                h2 id="last" { "最近の取込" }
                (list::table(ctx.service().catalogue(), &last, &keys))
                p class="acts" { a href="/imports" { "取込の一覧" } }
            }
        }
    };
    Ok(framed(Around::own(ctx.is_demo()), status, "表を取り込む", &main))
}

fn form(session: &Session, fields: &Fields, profiles: &[Named], most: usize) -> Markup {
    let value = |name: &str| fields.get(name);
    let said = SAID.iter().any(|name| *name != "reason" && value(name).is_some());
    let own = session.origin.actor.grant.municipality();
    let text = |name: &'static str, label: &str, hint: &str| {
        html! {
            div {
                label for=(name) { (label) }
                input type="text" id=(name) name=(name) maxlength="100" value=[value(name)] aria-describedby=(format!("{name}-hint"));
                p class="small weak" id=(format!("{name}-hint")) { (hint) }
            }
        }
    };
    // Answers that were kept are used for the next table, unless another way is chosen.
    let kept = profiles.iter().any(|one| one.owner.is_some() && one.profile.name == KEPT_AS);
    let kept = kept && fields.iter().all(|(name, _)| name == "municipality");
    let choice = |name: &'static str, label: &str, usual: &str, options: Vec<(String, String)>| {
        html! {
            div {
                label for=(name) { (label) }
                select id=(name) name=(name) {
                    option value="" { (usual) }
                    @for (code, label) in &options { option value=(code) selected[value(name).or((kept && name == "profile").then_some(KEPT_AS)) == Some(code.as_str())] { (label) } }
                }
            }
        }
    };
    let layouts = Layout::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())).collect();
    let encodings = Encoding::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned())).collect();
    let named = |one: &Named| {
        let whose =
            one.owner.as_deref().map_or("組込み", |owner| if owner == "all" { "全体" } else { owner });
        (one.profile.name.clone(), format!("{}（{whose}）", one.profile.name))
    };
    let profiles: Vec<(String, String)> = profiles.iter().map(named).collect();
    html! {
        form method="post" action="/imports" enctype="multipart/form-data" class="sheetlike" {
            (secret(session))
            div {
                label for="file" { "ファイル（CSV、Excel。" (most) "MBまで）" }
                input type="file" id="file" name="file" required accept=".csv,.tsv,.txt,.xlsx,.xlsm,.xls";
            }
            div {
                label for="reason" { "なぜ取り込むか（任意。履歴に残ります）" }
                input type="text" id="reason" name="reason" maxlength=(MAX_REASON) value=[value("reason")];
            }
            details open[said] {
                summary { "読み方を指定する（ふつうは不要です）" }
                div class="fields" {
                    (text("effective_on", "いつからの状況か", "例: 2026-10-31、令和8年10月、R8.10.31。表に日付がないときに使います。"))
                    @if own.is_none() { (text("municipality", "どの団体の表か", "団体コードか団体名。1つの団体の表に団体の列がないときに使います。")) }
                    (text("fiscal_year", "何年度の件数か", "例: 2025、令和7年度。利用件数の表に年度がないときに使います。"))
                    (text("sheet", "シートの名前", "表のあるシートがいくつもあるときに使います。"))
                    (how(OF_CELLS[0], "new", value("hidden")))
                    (how(OF_CELLS[1], "new", value("blank")))
                    (how(OF_CELLS[2], "new", value("fill")))
                    (choice("layout", "表の形", "見出しから判断する", layouts))
                    (choice("encoding", "文字コード", "自動で判断する", encodings))
                    (choice("profile", "記号の読み方", "ふつうの読み方", profiles))
                }
            }
            @if kept { p class="small weak" { "前に覚えた答え（" (KEPT_AS) "）を使って読みます。" } }
            p class="go" { button type="submit" class="first" { "送って確かめる" } }
        }
    }
}

/// The forms to be filled in, of those bodies for which one speaks.
fn templates(session: &Session) -> Markup {
    let way = |code: &str| {
        html! {
            p { "これから表を作る場合は、今の状況が入った様式を使えます: " a href=(format!("/api/v1/templates/{code}.xlsx")) { "Excel" } " · " a href=(format!("/api/v1/templates/{code}.csv")) { "CSV" } }
        }
    };
    match session.origin.actor.grant.reach() {
        Reach::Municipality(code) => way(code.as_str()),
        Reach::Prefecture(code) => {
            html! { p { "これから表を作る場合は、今の状況が入った様式を使えます: " a href=(format!("/api/v1/template_bundles/{code}.zip")) { "全市区町村の様式（ZIP）" } " · " a href=(format!("/templates?prefecture={code}")) { "団体を選ぶ" } } }
        }
        Reach::Nation => {
            html! { p { "これから表を作る場合は、今の状況が入った様式を使えます: " a href="/templates" { "都道府県と団体を選ぶ" } } }
        }
    }
}
