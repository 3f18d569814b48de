//! A town's own material: lists of each kind, what action plans come to, and the forms to fill in.

use std::fs::File;
use std::io::BufWriter;
use std::sync::Arc;

use actix_web::get;

use crate::http::ctx::{Answer, Ctx};
use crate::http::download::Named;
use crate::http::verb::Asked;
use crate::query::format::{FileFormat, Medium};
use crate::query::list::ListView;
use crate::query::material::{
    ActionPlanView, ActionPlans, ActionView, ChecklistAnswerView, ContextIndicatorView, HandlingTimeView,
    MaterialFormOf, Materials, PlanStepView, WalkthroughView,
};

/// 確認ポイントの回答
///
/// 手続ごとの9つの確認ポイントへの、団体の回答と理由を返します。確認の内容は、団体が書いたものです。history=true で、これまでに述べられたすべての行を返します。
#[utoipa::path(tag = "materials", params(Materials<ChecklistAnswerView>),
    responses((status = 200, description = "確認ポイントの回答", content((ListView<ChecklistAnswerView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/checklist_answers")]
pub(super) async fn list_checklist_answers(ctx: Ctx) -> Answer {
    ctx.rows::<Materials<ChecklistAnswerView>>().await
}

/// 取組計画の項目
///
/// 団体の取組計画の項目を、評価（A〜D）と対象の手続とともに返します。計画の版が変わったら、新しい名前の計画になります。
#[utoipa::path(tag = "materials", params(Materials<ActionView>),
    responses((status = 200, description = "取組計画の項目", content((ListView<ActionView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/actions")]
pub(super) async fn list_actions(ctx: Ctx) -> Answer {
    ctx.rows::<Materials<ActionView>>().await
}

/// 背景の指標
///
/// 手続の背景にある数値（国勢調査オンライン回答率、カード保有率など）を、年度ごとに、実績・見込み・目標を分けて返します。
#[utoipa::path(tag = "materials", params(Materials<ContextIndicatorView>),
    responses((status = 200, description = "背景の指標", content((ListView<ContextIndicatorView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/context_indicators")]
pub(super) async fn list_context_indicators(ctx: Ctx) -> Answer {
    ctx.rows::<Materials<ContextIndicatorView>>().await
}

/// 窓口利用体験調査
///
/// 申請者になって窓口を回ったときの、窓口の数・記入の回数・所要時間を返します。
#[utoipa::path(tag = "materials", params(Materials<WalkthroughView>),
    responses((status = 200, description = "窓口利用体験調査", content((ListView<WalkthroughView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/walkthroughs")]
pub(super) async fn list_walkthroughs(ctx: Ctx) -> Answer {
    ctx.rows::<Materials<WalkthroughView>>().await
}

/// 計画の工程
///
/// 目標段階までの工程（洗い出し、業務の見直し、フォーム作成、試行、公開、周知、API連携）の目標日・完了日と、遅れの日数を返します。
#[utoipa::path(tag = "materials", params(Materials<PlanStepView>),
    responses((status = 200, description = "計画の工程", content((ListView<PlanStepView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/plan_steps")]
pub(super) async fn list_plan_steps(ctx: Ctx) -> Answer {
    ctx.rows::<Materials<PlanStepView>>().await
}

/// 処理時間
///
/// 申請1件にかかる職員の時間（受付・確認・審査・交付、分）を、年度と申請の方法ごとに返します。分からない時間は null で、0 ではありません。
#[utoipa::path(tag = "materials", params(Materials<HandlingTimeView>),
    responses((status = 200, description = "処理時間", content((ListView<HandlingTimeView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/handling_times")]
pub(super) async fn list_handling_times(ctx: Ctx) -> Answer {
    ctx.rows::<Materials<HandlingTimeView>>().await
}

/// 取組計画のまとめ
///
/// 1団体の取組計画ごとに、評価の数、達成率（A と B の割合）、加重達成率（A 100、B 75、C 50、D 25）と、対応状況と食い違う項目を返します。
#[utoipa::path(tag = "materials", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), ActionPlans),
    responses((status = 200, description = "取組計画のまとめ", content((ListView<ActionPlanView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/action_plans")]
pub(super) async fn list_action_plans(ctx: Ctx) -> Answer {
    ctx.rows::<ActionPlans>().await
}

/// 団体の資料の様式（CSV）
///
/// 1団体の資料の様式を、種類ごとに返します。いまの内容が入っています。空欄は「変えない」、「取下げ」はその行を取り下げる意味です。
#[utoipa::path(tag = "exports", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), ("material" = inline(crate::domain::material::MaterialKind), Path, description = "団体の資料の種類", example = "action")),
    responses((status = 200, description = "様式の CSV", body = String, content_type = "text/csv", headers(("Content-Disposition")))))]
#[get("/material_templates/{code}/{material}.csv")]
pub(super) async fn get_material_template_csv(ctx: Ctx) -> Answer {
    template(&ctx, FileFormat::Csv).await
}

/// 団体の資料の様式（Excel）
///
/// CSV と同じ様式を Excel のブックで返します。決まった語は一覧から選べます。
#[utoipa::path(tag = "exports", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), ("material" = inline(crate::domain::material::MaterialKind), Path, description = "団体の資料の種類", example = "action")),
    responses((status = 200, description = "様式のブック", body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", headers(("Content-Disposition")))))]
#[get("/material_templates/{code}/{material}.xlsx")]
pub(super) async fn get_material_template_xlsx(ctx: Ctx) -> Answer {
    template(&ctx, FileFormat::Xlsx).await
}

async fn template(ctx: &Ctx, format: FileFormat) -> Answer {
    let Asked { question, edition, .. } = ctx.ask::<MaterialFormOf, FileFormat>(&[format]).await?;
    if let Some(response) = edition.not_modified(format) {
        return Ok(response);
    }
    let code = edition.grid.catalogue().body(question.body).code;
    let name = format!("{}_{code}.{}", question.kind.label(), format.code());
    let (grid, service) = (Arc::clone(&edition.grid), Arc::clone(ctx.service()));
    // A town may have written very much: it is made once for all who ask for the same.
    let write = move |out: &mut BufWriter<File>| {
        let form = service.material_form(&grid, question.body, question.kind)?;
        match format {
            FileFormat::Xlsx => form.xlsx(&grid, out)?,
            FileFormat::Csv | FileFormat::Ndjson => form.csv(out)?,
        }
        Ok(None)
    };
    edition.built(&Named::new(format, format.media_type(), &name), write).await
}
