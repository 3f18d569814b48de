//! Definitions and figures.

use std::collections::BTreeSet;

use actix_web::{get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::catalogue::plain_page;
use super::format::Format;
use super::list::{List, view};
use super::problem::{Kind, Problem};
use super::query::{BodyQuery, Checks, PageQuery, ProcedureQuery, Query, names};
use super::reply::{About, Answer, Ctx, ListView};
use crate::domain::Refusal;
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::in_japan;
use crate::domain::procedure::Category;
use crate::domain::readiness::{Level, Scale};
use crate::grid::definition::{self, Basis, By, Definition, NotApplicable, NotApplicableRule, Unit};
use crate::grid::figure::{Figure, Question, SortKey, compute, sort};
use crate::grid::filter::{Prefectures, ProcedureFilter};
use crate::grid::scope::{self, Apart};
use crate::grid::tally::{NoSpread, NoValue, Percent};

view! {
    /// 指標の定義
    DefinitionView {
        /// 定義のID
        #[schema(example = "online_rate")]
        id: &'static str,
        /// 版（規則が変わると増える）
        #[schema(example = 1, minimum = 1)]
        version: u32,
        /// 名前
        #[schema(example = "オンライン対応率")]
        name_ja: &'static str,
        /// 英語の名前
        #[schema(example = "Online rate")]
        name_en: &'static str,
        /// 規則
        #[schema(example = "該当する手続のうち、オンラインの最高段階がしきい値以上のものの割合")]
        rule_ja: &'static str,
        /// 規則（英語）
        #[schema(example = "applicable procedures at or above the threshold ÷ applicable procedures")]
        rule_en: &'static str,
        /// 既定の手続一覧
        #[schema(example = "priority56")]
        list: &'static str,
        /// 手続一覧が決まっているか。true のとき list は指定できず、procedure と category はその一覧の中から選ぶ
        #[schema(example = false)]
        fixed_list: bool,
        /// 読み取る接点の群
        scale: Scale,
        /// 数える単位: cells（団体×手続）または bodies（団体）
        #[schema(example = "cells")]
        unit: &'static str,
        /// 選べるしきい値（先頭が既定）
        #[schema(example = json!([3, 4, 5]))]
        thresholds: &'static [u8],
        /// 制度なしの扱い（選べるもの）
        not_applicable: Vec<NotApplicable>,
        /// 選べる集計単位
        by: &'static [By],
    }
}

impl From<&'static Definition> for DefinitionView {
    fn from(definition: &'static Definition) -> Self {
        Self {
            id: definition.id,
            version: definition.version,
            name_ja: definition.name_ja,
            name_en: definition.name_en,
            rule_ja: definition.rule_ja,
            rule_en: definition.rule_en,
            list: definition.list,
            fixed_list: definition.fixed_list,
            scale: definition.scale,
            unit: match definition.unit {
                Unit::Cells => "cells",
                Unit::Bodies => "bodies",
            },
            thresholds: definition.thresholds,
            not_applicable: match definition.not_applicable {
                NotApplicableRule::Always(fixed) => vec![fixed],
                _ => NotApplicable::ALL.to_vec(),
            },
            by: definition.by,
        }
    }
}

/// 指標の定義の一覧
///
/// 指標ごとに、規則・既定の手続一覧・選べるしきい値と集計単位を返します。
#[utoipa::path(tag = "figures", params(PageQuery, super::query::FormatQuery),
    responses((status = 200, description = "指標の定義", content((ListView<DefinitionView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/definitions")]
pub(super) async fn list_definitions(ctx: Ctx) -> Answer {
    let query = ctx.query(&[names::<PageQuery>()]);
    let (page, format) = plain_page(&ctx, &query)?;
    let items: Vec<&'static Definition> = definition::DEFINITIONS.iter().collect();
    ctx.list(format, page, List::each(items, |definition| DefinitionView::from(*definition))).await
}

view! {
    /// 指標値
    FigureView {
        /// 定義のID
        #[schema(example = "online_rate")]
        definition: &'static str,
        /// 定義の版
        #[schema(example = 1, minimum = 1)]
        version: u32,
        /// 集計単位のコード（団体コード、手続IDなど）
        #[schema(example = "nation")]
        key: String,
        /// 集計単位の名前
        #[schema(example = "全国")]
        label: String,
        /// 制度なしの扱い
        not_applicable: NotApplicable,
        /// しきい値
        #[schema(example = 3, minimum = 0, maximum = 5)]
        threshold: u8,
        /// 集計の基礎
        basis: Basis,
        /// 分子
        #[schema(example = 53_851, minimum = 0)]
        numerator: u32,
        /// 分母
        #[schema(example = 86_691, minimum = 0)]
        denominator: u32,
        /// 分母のうち不明な数
        #[schema(example = 1_741, minimum = 0)]
        unknown: u32,
        /// 値（%、小数1桁、四捨五入）。出せないときは null
        #[schema(value_type = Option<f64>, example = 62.1)]
        value: Option<Percent>,
        /// 不明をすべて「いいえ」とした値
        #[schema(value_type = Option<f64>, example = 62.1)]
        value_min: Option<Percent>,
        /// 不明をすべて「はい」とした値
        #[schema(value_type = Option<f64>, example = 64.1)]
        value_max: Option<Percent>,
        /// 値が出せない理由: nothing_applicable または unknown_only
        #[schema(example = json!(null))]
        reason: Option<NoValue>,
        /// 回答率（%）。該当する期待行のうち回答のあるもの
        #[schema(value_type = Option<f64>, example = 98.0)]
        completeness: Option<Percent>,
        /// 団体ごとの値の第1四分位（%）
        #[schema(value_type = Option<f64>, example = 46.0)]
        q1: Option<Percent>,
        /// 団体ごとの値の中央値（%）
        #[schema(value_type = Option<f64>, example = 66.0)]
        median: Option<Percent>,
        /// 団体ごとの値の第3四分位（%）
        #[schema(value_type = Option<f64>, example = 80.0)]
        q3: Option<Percent>,
        /// 値のある団体の数
        #[schema(example = 1_740, minimum = 0)]
        bodies: Option<u32>,
        /// 対象の団体の数
        #[schema(example = 1_741, minimum = 0)]
        bodies_in_scope: Option<u32>,
        /// 四分位が出せない理由: too_few（値のある団体が半数に満たない）
        #[schema(example = json!(null))]
        spread_reason: Option<NoSpread>,
        /// いつ時点か
        #[schema(example = "2026-11-21")]
        as_of: NaiveDate,
        /// いつ知られていたか
        #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
        known_at: String,
    }
}

impl FigureView {
    fn new(figure: &Figure, question: &Question, as_of: NaiveDate, known_at: &str) -> Self {
        let value = figure.tally.value();
        let spread = figure.spread;
        let quartiles = spread.and_then(|spread| spread.quartiles.ok());
        Self {
            definition: question.definition.id,
            version: question.definition.version,
            key: figure.key.clone(),
            label: figure.label.clone(),
            not_applicable: figure.not_applicable,
            threshold: question.threshold.number(),
            basis: question.basis,
            numerator: figure.tally.numerator,
            denominator: figure.tally.denominator,
            unknown: figure.tally.unknown,
            value: value.ok(),
            value_min: figure.tally.value_min(),
            value_max: figure.tally.value_max(),
            reason: value.err(),
            completeness: figure.tally.completeness(),
            q1: quartiles.map(|quartiles| quartiles.q1),
            median: quartiles.map(|quartiles| quartiles.median),
            q3: quartiles.map(|quartiles| quartiles.q3),
            bodies: spread.map(|spread| spread.bodies),
            bodies_in_scope: spread.map(|spread| spread.in_scope),
            spread_reason: spread.and_then(|spread| spread.quartiles.err()),
            as_of,
            known_at: known_at.to_owned(),
        }
    }
}

/// What a figure is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ChoiceQuery {
    /// しきい値（定義が許すもの。既定3）
    #[param(value_type = Option<u8>, minimum = 0, maximum = 5, example = 3)]
    threshold: Option<String>,
    /// 集計の基礎: expected（既定。未回答を不明として分母に残す）または stated
    #[param(value_type = Option<Basis>, inline, example = "expected")]
    basis: Option<String>,
    /// 制度なしの扱い: excluded または counted
    #[param(value_type = Option<NotApplicable>, inline, example = "counted")]
    not_applicable: Option<String>,
}

/// Grouping of figures.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct GroupQuery {
    /// 集計単位（定義が許すもの。既定 nation）
    #[param(value_type = Option<By>, inline, example = "nation")]
    by: Option<String>,
    /// 並び順（カンマ区切り。先頭の - は降順）: key, value, numerator, denominator, completeness。値のないものは最後
    #[param(max_length = 100, example = "-value,key")]
    sort: Option<String>,
}

pub(super) fn question(
    ctx: &Ctx,
    query: &Query<'_>,
    checks: &mut Checks,
    definition: &'static Definition,
    apart: Apart,
) -> Question {
    let catalogue = ctx.grid.catalogue();
    let filter = query.part::<BodyQuery>().read(checks, catalogue);
    let procedures = query.part::<ProcedureQuery>().read(checks, catalogue);
    if definition.fixed_list {
        within_the_list(checks, catalogue, definition, &procedures);
    }
    let bodies = filter.select(catalogue, ctx.grid.as_of(), Prefectures::OnlyWhenAsked);
    if let Some((name, refusal)) = scope::mixed(catalogue, &filter, &bodies, apart) {
        checks.refuse(name, refusal);
    }
    let choice: ChoiceQuery = query.part();
    let threshold = checks.one("threshold", &choice.threshold, |text| allowed_threshold(text, definition));
    let basis = checks.one("basis", &choice.basis, str::parse);
    let not_applicable = checks.one("not_applicable", &choice.not_applicable, |text| {
        let chosen: NotApplicable = text.parse()?;
        match definition.not_applicable {
            NotApplicableRule::Always(fixed) if fixed != chosen => {
                Err(fixed_treatment(text, definition, fixed))
            }
            _ => Ok(chosen),
        }
    });
    let default = definition.thresholds.first().copied().and_then(Level::new);
    Question {
        definition,
        scope: scope::name(catalogue, &filter, &bodies),
        bodies,
        procedures: procedures.select(catalogue, definition.list),
        threshold: threshold.or(default).unwrap_or(Level::THREE),
        basis: basis.unwrap_or(Basis::Expected),
        not_applicable,
    }
}

/// A definition that counts over one list lets a caller choose within it, and nothing else.
fn within_the_list(
    checks: &mut Checks,
    catalogue: &Catalogue,
    definition: &Definition,
    asked: &ProcedureFilter,
) {
    let list = catalogue.list(definition.list).map_or("", |list| list.name_ja.as_str());
    let members = catalogue.members(definition.list).unwrap_or_default();
    let refusal = |value: &str| {
        Refusal::new(
            "fixed_list",
            value,
            format!("{} は手続一覧 {}（{list}）だけで計算します", definition.name_ja, definition.list),
            format!("{} counts over the list {} only", definition.id, definition.list),
        )
    };
    if !asked.lists.is_empty() {
        checks.refuse("list", refusal(&asked.lists.join(",")).allowed("list を指定しない"));
    }
    let within = format!("{} の手続（/api/v1/lists/{}）", definition.list, definition.list);
    for procedure in asked.procedures.iter().filter(|procedure| !members.contains(procedure)) {
        let id = &catalogue.procedure(*procedure).id;
        checks.refuse("procedure", refusal(id.as_str()).allowed(within.clone()));
    }
    let categories: BTreeSet<Category> =
        members.iter().map(|procedure| catalogue.procedure(*procedure).category).collect();
    for category in asked.categories.iter().filter(|category| !categories.contains(category)) {
        let codes: Vec<&str> = categories.iter().map(|category| category.code()).collect();
        checks.refuse("category", refusal(category.code()).allowed(codes.join(", ")));
    }
}

fn allowed_threshold(text: &str, definition: &Definition) -> Result<Level, Refusal> {
    let level: Level = text.parse()?;
    if definition.thresholds.contains(&level.number()) {
        return Ok(level);
    }
    let allowed: Vec<String> = definition.thresholds.iter().map(u8::to_string).collect();
    Err(Refusal::new(
        "threshold",
        text,
        format!("{} のしきい値に選べません", definition.name_ja),
        format!("{} does not take this threshold", definition.id),
    )
    .allowed(allowed.join(", ")))
}

fn fixed_treatment(text: &str, definition: &Definition, fixed: NotApplicable) -> Refusal {
    Refusal::new(
        "not_applicable",
        text,
        format!("{} では制度なしの扱いが決まっています", definition.name_ja),
        format!("{} fixes the treatment of procedures not performed", definition.id),
    )
    .allowed(fixed.code())
}

pub(super) fn definition_of_path(id: &str) -> Result<&'static Definition, Problem> {
    definition::find(id)
        .map_err(|refusal| Problem { kind: Kind::NOT_FOUND, ..Problem::path("definition", refusal) })
}

/// 指標値
///
/// 定義の規則で計算した値を、分子・分母・範囲・回答率とともに返します。list26_complete は制度なしの扱いごとに1件ずつ返します。
#[utoipa::path(tag = "figures", params(("definition" = String, Path, description = "定義のID", max_length = 40, example = "online_rate"), GroupQuery, ChoiceQuery, BodyQuery, ProcedureQuery, PageQuery, super::query::FormatQuery),
    responses((status = 200, description = "指標値", content((ListView<FigureView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/figures/{definition}")]
pub(super) async fn get_figure(ctx: Ctx, id: web::Path<String>) -> Answer {
    let definition = definition_of_path(&id)?;
    let query = ctx.query(&[
        names::<GroupQuery>(),
        names::<ChoiceQuery>(),
        names::<BodyQuery>(),
        names::<ProcedureQuery>(),
        names::<PageQuery>(),
    ]);
    let mut checks = query.checks();
    let grouping: GroupQuery = query.part();
    let by = checks.one("by", &grouping.by, |text| allowed_by(text, definition)).unwrap_or(By::Nation);
    let order: Vec<(SortKey, bool)> = checks.order(&grouping.sort);
    let apart = match by {
        By::Municipality => Apart::Bodies,
        By::Kind => Apart::Kinds,
        _ => Apart::Nothing,
    };
    let question = question(&ctx, &query, &mut checks, definition, apart);
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    // Shorter than what a change of threads costs under load.
    let mut figures = compute(&ctx.grid, &question, by);
    sort(&mut figures, &order);
    let about = about(&question, &query);
    let as_of = ctx.grid.as_of();
    let known_at = in_japan(ctx.grid.known_at()).to_rfc3339_opts(chrono::SecondsFormat::Secs, false);
    let list = List::each(figures, move |figure| FigureView::new(figure, &question, as_of, &known_at));
    ctx.list(format, page, list.about(about)).await
}

/// What figures are about: whom, and what was asked for.
pub(super) fn about(question: &Question, query: &Query<'_>) -> About {
    About {
        scope: Some(question.scope.clone().unwrap_or_else(|| By::Nation.label().to_owned())),
        bodies: Some(question.bodies.len()),
        filters: Some(query.filters()),
    }
}

fn allowed_by(text: &str, definition: &Definition) -> Result<By, Refusal> {
    let codes: Vec<&str> = definition.by.iter().map(|by| by.code()).collect();
    text.parse::<By>().ok().filter(|by| definition.by.contains(by)).ok_or_else(|| {
        crate::domain::text::unknown_code(text, "集計単位", "grouping of this definition", &codes)
    })
}
