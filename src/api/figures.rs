//! Definitions, figures and the rows behind them.

use std::sync::Arc;

use actix_web::{get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::catalogue::plain_page;
use super::format::Format;
use super::list::{List, view};
use super::problem::{Kind, Problem};
use super::query::{BodyQuery, Checks, Page, PageQuery, ProcedureQuery, Query, names};
use super::reply::{Answer, Ctx, ListView, blocked};
use crate::domain::Refusal;
use crate::domain::dates::in_japan;
use crate::domain::readiness::{Level, Scale};
use crate::grid::Grid;
use crate::grid::definition::{
    self, Basis, By, Definition, NotApplicable, NotApplicableRule, Outcome, Reason, Unit,
};
use crate::grid::explain::{self, BodyExplanation, CellExplanation, Included};
use crate::grid::figure::{Figure, Question, compute};
use crate::grid::filter::Prefectures;
use crate::grid::set_aside;
use crate::grid::tally::{NoValue, Percent};

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
            q1: figure.spread.map(|spread| spread.q1),
            median: figure.spread.map(|spread| spread.median),
            q3: figure.spread.map(|spread| spread.q3),
            bodies: figure.spread.map(|spread| spread.bodies),
            as_of,
            known_at: known_at.to_owned(),
        }
    }
}

/// What a figure is asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ChoiceQuery {
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
}

/// Which rows of an explanation.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct IncludedQuery {
    /// 分子に数えるか: true（数える）、false（数えない・分母からも除く）、unknown（不明）。カンマ区切りで複数
    #[param(max_length = 50, example = "true,false,unknown")]
    included: Option<String>,
}

fn question(ctx: &Ctx, query: &Query<'_>, checks: &mut Checks, definition: &'static Definition) -> Question {
    let catalogue = ctx.grid.catalogue();
    let bodies = query.part::<BodyQuery>().read(checks, catalogue);
    let procedures = query.part::<ProcedureQuery>().read(checks, catalogue);
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
        bodies: bodies.select(catalogue, ctx.grid.as_of(), Prefectures::OnlyWhenAsked),
        procedures: procedures.select(catalogue, definition.list),
        threshold: threshold.or(default).unwrap_or(Level::THREE),
        basis: basis.unwrap_or(Basis::Expected),
        not_applicable,
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

fn definition_of_path(id: &str) -> Result<&'static Definition, Problem> {
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
    let by = checks.one("by", &query.part::<GroupQuery>().by, |text| allowed_by(text, definition));
    let question = question(&ctx, &query, &mut checks, definition);
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    // Shorter than what a change of threads costs under load.
    let figures = compute(&ctx.grid, &question, by.unwrap_or(By::Nation));
    let as_of = ctx.grid.as_of();
    let known_at = in_japan(ctx.grid.known_at()).to_rfc3339_opts(chrono::SecondsFormat::Secs, false);
    let list = List::each(figures, move |figure| FigureView::new(figure, &question, as_of, &known_at));
    ctx.list(format, page, list).await
}

fn allowed_by(text: &str, definition: &Definition) -> Result<By, Refusal> {
    let codes: Vec<&str> = definition.by.iter().map(|by| by.code()).collect();
    text.parse::<By>().ok().filter(|by| definition.by.contains(by)).ok_or_else(|| {
        crate::domain::text::unknown_code(text, "集計単位", "grouping of this definition", &codes)
    })
}

view! {
    /// 指標の1行の説明
    ExplanationView {
        /// 団体コード
        #[schema(example = "142042", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 団体名
        #[schema(example = "鎌倉市")]
        municipality_name: String,
        /// 手続ID。団体を数える定義では null
        #[schema(example = "kosodate-01")]
        procedure_id: Option<String>,
        /// 手続の名称
        #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
        procedure_name: Option<String>,
        /// 制度なしの扱い
        not_applicable: NotApplicable,
        /// 分子に数えるか
        #[schema(example = false)]
        included: bool,
        /// 分母に数えるか
        #[schema(example = true)]
        in_denominator: bool,
        /// 数えるべきか不明か
        #[schema(example = false)]
        unknown: bool,
        /// 理由
        reason: Reason,
        /// 判断した接点
        #[schema(example = json!(null))]
        channel: Option<String>,
        /// 判断した段階
        #[schema(example = json!(null), minimum = 0, maximum = 5)]
        level: Option<u8>,
        /// 「少なくともこの段階」か
        #[schema(example = false)]
        at_least: bool,
        /// 団体を数える定義で、足りない手続
        #[schema(max_items = 500, example = json!([]))]
        missing: Vec<String>,
        /// ほかの申告が優先され、使わなかった申告・公表値（出所:接点:段階、手続全体については 出所:applicability:該当性）
        #[schema(max_items = 50, example = json!([]))]
        set_aside: Vec<String>,
        /// 説明
        #[schema(example = "マイナポータル以外の手段だけが申告されているため、この定義では数えません。")]
        sentence: String,
    }
}

/// One row behind a figure, of whichever unit.
enum Item {
    Cell(NotApplicable, CellExplanation),
    Body(NotApplicable, BodyExplanation),
}

impl ExplanationView {
    fn new(grid: &Grid, question: &Question, item: &Item) -> Self {
        let catalogue = grid.catalogue();
        let (treatment, body, outcome) = match item {
            Item::Cell(treatment, row) => (*treatment, row.body, row.outcome),
            Item::Body(treatment, row) => (*treatment, row.body, row.outcome),
        };
        let municipality = catalogue.body(body);
        let empty = Self {
            municipality_code: municipality.code.to_string(),
            municipality_name: municipality.name.clone(),
            procedure_id: None,
            procedure_name: None,
            not_applicable: treatment,
            included: matches!(outcome, Outcome::Yes(_)),
            in_denominator: !matches!(outcome, Outcome::Out(_)),
            unknown: matches!(outcome, Outcome::Unknown(_)),
            reason: outcome.reason(),
            channel: None,
            level: None,
            at_least: false,
            missing: Vec::new(),
            set_aside: Vec::new(),
            sentence: String::new(),
        };
        match item {
            Item::Cell(_, row) => {
                let procedure = catalogue.procedure(row.procedure);
                Self {
                    procedure_id: Some(procedure.id.to_string()),
                    procedure_name: Some(procedure.name_ja.clone()),
                    channel: row.channel.map(|channel| catalogue.channel(channel).id.to_string()),
                    level: row.level.map(Level::number),
                    at_least: row.at_least,
                    set_aside: explain::set_aside_of(grid, question, row)
                        .iter()
                        .map(|one| set_aside::word_code(catalogue, &one.word))
                        .collect(),
                    sentence: explain::cell_sentence(grid, question, row),
                    ..empty
                }
            }
            Item::Body(_, row) => Self {
                missing: row
                    .missing
                    .iter()
                    .map(|(procedure, _)| catalogue.procedure(*procedure).id.to_string())
                    .collect(),
                sentence: explain::body_sentence(row),
                ..empty
            },
        }
    }
}

/// 指標の説明
///
/// 指標値のもとになった行を、数えるかどうか・理由・説明文とともに返します。団体を数える定義では1行が1団体です。
#[utoipa::path(tag = "figures", params(("definition" = String, Path, description = "定義のID", max_length = 40, example = "da26_rate"), IncludedQuery, ChoiceQuery, BodyQuery, ProcedureQuery, PageQuery, super::query::FormatQuery),
    responses((status = 200, description = "指標の説明", content((ListView<ExplanationView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/figures/{definition}/explain")]
pub(super) async fn explain_figure(ctx: Ctx, id: web::Path<String>) -> Answer {
    let definition = definition_of_path(&id)?;
    let query = ctx.query(&[
        names::<IncludedQuery>(),
        names::<ChoiceQuery>(),
        names::<BodyQuery>(),
        names::<ProcedureQuery>(),
        names::<PageQuery>(),
    ]);
    let mut checks = query.checks();
    let included: Vec<Included> =
        checks.many("included", &query.part::<IncludedQuery>().included, str::parse);
    let question = question(&ctx, &query, &mut checks, definition);
    let page: Page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    let grid = Arc::clone(&ctx.grid);
    let asked = question.clone();
    let items = web::block(move || items(&grid, &asked, &included)).await.map_err(blocked)?;
    let grid = Arc::clone(&ctx.grid);
    let list = List::each(items, move |item| ExplanationView::new(&grid, &question, item));
    ctx.list(format, page, list).await
}

/// The rows of a question, or of them those that are asked for.
fn items(grid: &Grid, question: &Question, included: &[Included]) -> Vec<Item> {
    let asked = |outcome: Outcome| included.is_empty() || included.contains(&outcome.included());
    let mut items = Vec::new();
    for treatment in question.treatments() {
        match question.definition.unit {
            Unit::Cells => {
                let rows = explain::cells(grid, question, treatment).filter(|row| asked(row.outcome));
                items.extend(rows.map(|row| Item::Cell(treatment, row)));
            }
            Unit::Bodies => {
                let rows = explain::bodies(grid, question, treatment).filter(|row| asked(row.outcome));
                items.extend(rows.map(|row| Item::Body(treatment, row)));
            }
        }
    }
    items
}
