//! What a body keeps of its own about its procedures: answers to the points to check, its action plan, figures around
//! it, walks through its counters, steps of its plans, minutes of work. A page to read, and tables to fill in.

mod edit;
mod fill;

use actix_web::get;
use maud::{Markup, html};
use serde_json::Value;

pub(super) use edit::{send_material, show_material};

use super::frame::Page;
use super::visit::{NothingAsked, Seen, Told, Visit};
use super::words::{grouped, notes, nothing, percent, scroll};
use crate::domain::material::{Field, MaterialKind, What};
use crate::http::ctx::{Answer, Ctx};
use crate::http::problem::Problem;
use crate::query::material::{
    ActionPlanView, ActionPlans, ActionView, ChecklistAnswerView, ContextIndicatorView, HandlingTimeView,
    Kept, Materials, PlanStepView, WalkthroughView,
};
use crate::query::municipalities::{Municipality, MunicipalityView};

/// Rows of a kind that are shown; all of them are in the files.
const SHOWN: usize = 50;

/// The rows of one kind, as their fields are called.
struct OfKind {
    kind: MaterialKind,
    told: Told<Value>,
}

#[get("/municipalities/{code}/material")]
pub(super) async fn material(ctx: Ctx) -> Answer {
    let (visit, _) = Visit::begin::<NothingAsked>(&ctx).await?;
    let body = visit.one::<Municipality>(&format!("/municipalities/{}", ctx.named("code")), "").await?;
    if let Some(same) = visit.not_modified() {
        return Ok(same);
    }
    let code = &body.code;
    let kinds = vec![
        of_kind::<ActionView>(&visit, "/actions", code).await?,
        of_kind::<ChecklistAnswerView>(&visit, "/checklist_answers", code).await?,
        of_kind::<PlanStepView>(&visit, "/plan_steps", code).await?,
        of_kind::<WalkthroughView>(&visit, "/walkthroughs", code).await?,
        of_kind::<HandlingTimeView>(&visit, "/handling_times", code).await?,
        of_kind::<ContextIndicatorView>(&visit, "/context_indicators", code).await?,
    ];
    let plans = visit.rows::<ActionPlans>(&format!("/municipalities/{code}/action_plans"), "").await?;
    visit
        .show(move |visit| {
            let lang = visit.lang;
            let page = Page::new(visit, lang.say("団体の資料", "Own material")).below_body(&body);
            let page = kinds.iter().fold(page, |page, one| page.with_data(one.told.source.clone()));
            page.write(&main(visit, &body, &kinds, &plans))
        })
        .await
}

async fn of_kind<V: Kept>(visit: &Visit<'_>, path: &str, code: &str) -> Result<OfKind, Problem> {
    let told = visit.rows::<Materials<V>>(path, &format!("municipality={code}&limit={SHOWN}")).await?;
    let rows = told.rows.iter().filter_map(|row| serde_json::to_value(row).ok()).collect();
    let source = visit.data(path, &format!("municipality={code}"));
    Ok(OfKind { kind: V::KIND, told: Told { rows, count: told.count, source } })
}

fn main(visit: &Seen, body: &MunicipalityView, kinds: &[OfKind], plans: &Told<ActionPlanView>) -> Markup {
    let lang = visit.lang;
    let all: usize = kinds.iter().map(|one| one.told.count).sum();
    html! {
        div class="head" {
            h1 { (body.name) (lang.say("の資料", ": own material")) }
            p class="lead" { (lang.say("団体が自分で持つ、取組の評価・確認・工程・体験調査・処理時間の記録です: ", "What the body keeps of its own about its work: ")) b { (grouped(u64::try_from(all).unwrap_or(u64::MAX))) } (lang.say("件", " rows")) }
            p class="asof" { (lang.say("基準日 ", "As of ")) (visit.as_of()) (lang.say(" ・ だれでも読めます。書けるのはこの団体の鍵を持つ人です", "; everybody reads it, whoever holds a key of this body writes it")) }
        }
        ul class="acts" { @for one in kinds { li { a href=(format!("#{}", one.kind.code())) { (name_of(visit, one.kind)) } " " span class="weak" { (one.told.count) } } } }
        @for one in kinds {
            section class="block" id=(one.kind.code()) aria-labelledby=(format!("{}-name", one.kind.code())) {
                h2 id=(format!("{}-name", one.kind.code())) { (name_of(visit, one.kind)) }
                p class="small" { (lang.say(one.kind.meaning_ja(), one.kind.meaning())) }
                p class="acts" {
                    a href=(format!("/municipalities/{}/material/{}/edit", body.code, one.kind.code())) { (lang.say("画面で書く", "Fill in here")) span class="vh" { " " (name_of(visit, one.kind)) } }
                    a href=(format!("/api/v1/material_templates/{}/{}.xlsx", body.code, one.kind.code())) { (lang.say("様式（Excel）", "Form (Excel)")) span class="vh" { " " (name_of(visit, one.kind)) } }
                    a href=(format!("/imports/new?municipality={}", body.code)) { (lang.say("書いた様式を取り込む", "Import the form")) span class="vh" { " " (name_of(visit, one.kind)) } }
                }
                @if one.kind == MaterialKind::Action { (graded(visit, plans)) }
                @if one.told.rows.is_empty() {
                    (nothing(lang.say("記録はまだありません", "Nothing is recorded yet"), lang.say("画面で書くか、様式に書いて取り込むと、ここに出ます。", "Fill it in here, or fill in the form and import it.")))
                } @else {
                    (table(visit, one))
                    @if one.told.count > SHOWN { p class="small" { (lang.say("はじめの", "The first ")) (SHOWN) (lang.say("件です。全部は CSV か JSON にあります。", ". All of them are in the CSV.")) } }
                }
                (notes(visit, &body.name, None, &one.told.source))
            }
        }
    }
}

pub(super) fn name_of(visit: &Seen, kind: MaterialKind) -> String {
    visit.lang.say(kind.label().to_owned(), kind.code().replace('_', " "))
}

/// How far each action plan has come by its grades.
fn graded(visit: &Seen, plans: &Told<ActionPlanView>) -> Markup {
    let lang = visit.lang;
    html! {
        @if !plans.rows.is_empty() {
            table {
                caption { (lang.say("評価のまとめ（達成は A と B。加重は A 100・B 75・C 50・D 25）", "Grades (reached: A and B; weighted: A 100, B 75, C 50, D 25)")) }
                thead { tr {
                    th scope="col" { (lang.say("計画", "Plan")) }
                    th scope="col" class="num" { "A" } th scope="col" class="num" { "B" } th scope="col" class="num" { "C" } th scope="col" class="num" { "D" }
                    th scope="col" class="num" { (lang.say("評価なし", "None")) }
                    th scope="col" class="num" { (lang.say("達成", "Reached")) }
                    th scope="col" class="num" { (lang.say("加重", "Weighted")) }
                } }
                tbody { @for plan in &plans.rows { tr {
                    th scope="row" { (plan.plan) }
                    @for count in [plan.grade_a, plan.grade_b, plan.grade_c, plan.grade_d, plan.ungraded] { td class="num" { (count) } }
                    td class="num" { (percent(plan.reached_percent)) }
                    td class="num" { (percent(plan.weighted_percent)) }
                } } }
            }
            @let odd: Vec<_> = plans.rows.iter().flat_map(|plan| &plan.contradictions).collect();
            @if !odd.is_empty() {
                p { b { (lang.say("対応状況と食い違う評価", "Grades that contradict what is stated")) } }
                ul class="plain small" { @for one in odd { li { (one.number) " " (visit.short_name(&one.procedure_id)) ": " (one.text) } } }
            }
        }
    }
}

fn table(visit: &Seen, one: &OfKind) -> Markup {
    let lang = visit.lang;
    let fields = one.kind.fields();
    scroll(
        &format!("{}{}", name_of(visit, one.kind), lang.say("（表）", " (table)")),
        &html! {
            table class="rows" {
                thead { tr { @for field in fields { th scope="col" { (lang.say(field.label, field.name)) } } } }
                tbody { @for row in &one.told.rows { tr { @for (at, field) in fields.iter().enumerate() {
                    @let text = shown(visit, field, &row[field.name]);
                    @if at == 0 { th scope="row" { (text) } } @else { td { (text) } }
                } } } }
            }
        },
    )
}

/// A value as people read it.
fn shown(visit: &Seen, field: &Field, value: &Value) -> String {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let label = |code: &str, codes: &[(&str, &str)]| {
        codes
            .iter()
            .find(|(known, _)| *known == code)
            .map_or_else(|| code.to_owned(), |(_, label)| (*label).to_owned())
    };
    match (field.what, value) {
        (What::Procedure, Value::String(id)) => visit.short_name(id).to_owned(),
        (What::Channel, Value::String(id)) => visit.channel_name(id).to_owned(),
        (What::Code(codes), Value::String(code)) => label(code, codes),
        (What::Procedures, Value::Array(ids)) => {
            ids.iter().map(|id| visit.short_name(&text(id)).to_owned()).collect::<Vec<String>>().join("、")
        }
        (_, value) => text(value),
    }
}
