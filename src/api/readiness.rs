//! Statements: all of them, and the score card of one body.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::{get, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::municipalities::body_of_path;
use super::spots::{self, SortKey, Spot};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::{Precision, in_japan};
use crate::domain::procedure::Category;
use crate::domain::readiness::{Evidence, Place, Scale, Source, State};
use crate::domain::text::unknown_code;
use crate::grid::filter::{DEFAULT_LIST, Prefectures};
use crate::grid::later::{Days, When};
use crate::grid::scorecard::{self, Row};
use crate::grid::set_aside;
use crate::grid::{Cell, Grid};
use crate::http::problem::Problem;
use crate::http::reply::{Answer, Ctx, blocked};
use crate::query::format::Format;
use crate::query::list::{About, List, ListView, TextsByNumber, View, view};
use crate::query::parameters::{BodyQuery, Checks, PageQuery, ProcedureQuery, Query, StatementQuery, names};

view! {
    /// 対応状況
    ReadinessView {
        /// 団体コード
        #[schema(example = "082333", pattern = r"^\d{6}$")]
        municipality_code: String,
        /// 団体名
        #[schema(example = "行方市")]
        municipality_name: String,
        /// 都道府県コード
        #[schema(example = "08", pattern = r"^\d{2}$")]
        prefecture: String,
        /// 手続ID
        #[schema(example = "kosodate-01")]
        procedure_id: String,
        /// 手続の名称
        #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
        procedure_name: String,
        /// 分野
        category: Category,
        /// 接点。未回答の行では群の既定（online または counter）
        #[schema(example = "online")]
        channel: String,
        /// 接点の名前
        #[schema(example = "オンライン（手段不明）")]
        channel_label: String,
        /// 接点の群（段階の尺度）
        scale: Scale,
        /// 場所
        place: Place,
        /// 未回答か。true のとき段階以下は null
        #[schema(example = false)]
        no_answer: bool,
        /// 該当性
        applicability: Applicability,
        /// 段階
        #[schema(example = 3, minimum = 0, maximum = 5)]
        level: Option<u8>,
        /// 段階の名前。「少なくとも」だけが分かる段階3（オンライン）は「オンライン可（範囲未確認）」
        #[schema(example = "オンライン可（範囲未確認）")]
        level_label: Option<Cow<'static, str>>,
        /// 「少なくともこの段階」とだけ分かる
        #[schema(example = true)]
        at_least: Option<bool>,
        /// 状態
        state: Option<State>,
        /// 出所
        source: Option<Source>,
        /// 根拠
        evidence: Option<Evidence>,
        /// システム
        #[schema(example = json!(null))]
        system: Option<String>,
        /// URL
        #[schema(example = json!(null))]
        url: Option<String>,
        /// 担当課
        #[schema(example = json!(null))]
        section: Option<String>,
        /// 備考
        #[schema(example = json!(null))]
        note: Option<String>,
        /// 目標段階
        #[schema(example = json!(null), minimum = 0, maximum = 5)]
        target_level: Option<u8>,
        /// 目標日
        #[schema(example = json!(null))]
        target_on: Option<NaiveDate>,
        /// 目標日の精度
        target_precision: Option<Precision>,
        /// 適用日（この日から）
        #[schema(example = "2025-03-31")]
        effective_on: Option<NaiveDate>,
        /// 適用日の精度
        effective_precision: Option<Precision>,
        /// 数えない行で、優先される申告（出所:接点。手続全体についての申告は 出所:applicability）。数える行では null
        #[schema(example = json!(null))]
        set_aside_by: Option<String>,
        /// 数えない理由
        #[schema(example = json!(null))]
        set_aside_reason: Option<String>,
        /// 最後に確認された日
        #[schema(example = json!(null))]
        confirmed_on: Option<NaiveDate>,
        /// 記録された時刻
        #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
        recorded_at: Option<String>,
        /// 今の行か、適用日がまだ来ていないこれからの行か
        when: When,
        /// 取り下げられ、もう述べられていない行か。これからの行では、適用日から取り下げられること。true のとき段階以下は null
        #[schema(example = false)]
        withdrawn: bool,
    }
}

impl ReadinessView {
    fn new(grid: &Grid, row: &Row<'_>, texts: &TextsByNumber) -> Self {
        let catalogue = grid.catalogue();
        let body = catalogue.body(row.body);
        let procedure = catalogue.procedure(row.procedure);
        let channel = catalogue.channel(row.channel);
        let cell = row.cell;
        let texts = cell.and_then(|cell| texts.get(&cell.seq)).cloned().unwrap_or_default();
        let aside = cell.and_then(|cell| set_aside::of_cell(grid, row.body, cell));
        let target_day = cell.and_then(|cell| cell.target).and_then(|target| target.on);
        Self {
            municipality_code: body.code.to_string(),
            municipality_name: body.name.clone(),
            prefecture: body.prefecture().to_string(),
            procedure_id: procedure.id.to_string(),
            procedure_name: procedure.name_ja.clone(),
            category: procedure.category,
            channel: channel.id.to_string(),
            channel_label: channel.label_ja.clone(),
            scale: channel.scale,
            place: channel.place,
            no_answer: cell.is_none() && row.applicability.applies(),
            applicability: row.applicability,
            level: cell.map(|cell| cell.level.number()),
            level_label: cell.map(|cell| cell.level.stated_label(cell.at_least, channel.scale)),
            at_least: cell.map(|cell| cell.at_least),
            state: cell.map(|cell| cell.state),
            source: cell.map(|cell| cell.source),
            evidence: cell.map(|cell| cell.evidence),
            system: cell.and_then(|cell| cell.system.as_deref()).map(str::to_owned),
            url: texts.url,
            section: texts.section,
            note: texts.note,
            target_level: cell.and_then(|cell| cell.target).map(|target| target.level.number()),
            target_on: target_day.map(|day| day.on),
            target_precision: target_day.map(|day| day.precision),
            effective_on: cell.map(|cell| cell.effective.on),
            effective_precision: cell.map(|cell| cell.effective.precision),
            set_aside_by: aside.map(|one| set_aside::spoken_code(catalogue, one.by.spoken())),
            set_aside_reason: aside.map(|one| set_aside::sentence(catalogue, &one)),
            confirmed_on: cell.and_then(|cell| cell.confirmed_on),
            recorded_at: cell.map(|cell| in_japan(cell.updated_at).to_rfc3339()),
            when: When::Current,
            withdrawn: false,
        }
    }

    /// The row of a statement.
    fn of_spot(grid: &Grid, spot: &Spot, texts: &TextsByNumber) -> Self {
        let cell = spot.cell(grid);
        let row = Row {
            body: spot.body,
            procedure: spot.procedure,
            channel: spot.channel,
            applicability: grid.block(spot.body).applicability_that_counts(spot.procedure),
            cell,
        };
        let view = Self { when: spot.when, withdrawn: cell.is_none(), ..Self::new(grid, &row, texts) };
        if cell.is_some() {
            return view;
        }
        Self {
            no_answer: false,
            source: Some(spot.source),
            effective_on: spot.effective.map(|day| day.on),
            effective_precision: spot.effective.map(|day| day.precision),
            recorded_at: Some(in_japan(spot.updated_at).to_rfc3339()),
            ..view
        }
    }
}

/// Order and columns of statements.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ShapeQuery {
    /// 並び順（カンマ区切り。先頭の - は降順）: municipality_code, procedure_id, channel, level, effective_on, recorded_at
    #[param(max_length = 200, example = "-level,municipality_code")]
    sort: Option<String>,
    /// 返す項目（カンマ区切り）
    #[param(max_length = 1_000, example = "municipality_code,procedure_id,level")]
    fields: Option<String>,
}

/// The fields that statements can be ordered by.
pub(super) const SORT_KEYS: &[&str] =
    &["municipality_code", "procedure_id", "channel", "level", "effective_on", "recorded_at"];

/// The fields of a statement that can be picked.
pub(super) const FIELDS: &[&str] = ReadinessView::COLUMNS;

impl ShapeQuery {
    fn sort(&self, checks: &mut Checks) -> Vec<SortKey> {
        checks.many("sort", &self.sort, |text| {
            let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
            SORT_KEYS
                .iter()
                .find(|key| **key == name)
                .map(|key| (*key, descending))
                .ok_or_else(|| unknown_code(text, "並び順", "sort key", SORT_KEYS))
        })
    }

    fn fields(&self, checks: &mut Checks) -> Option<Vec<String>> {
        let chosen: Vec<String> = checks.many("fields", &self.fields, |text| {
            let known = FIELDS;
            known
                .iter()
                .find(|column| **column == text)
                .map(|column| (*column).to_owned())
                .ok_or_else(|| unknown_code(text, "項目", "field", known))
        });
        if let Some(twice) = chosen.iter().enumerate().find(|(at, name)| chosen[..*at].contains(name)) {
            checks.refuse(
                "fields",
                Refusal::new("repeated_value", twice.1, "同じ項目が2回あります", "a field is named twice"),
            );
        }
        (!chosen.is_empty()).then_some(chosen)
    }
}

/// Which days are asked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct WhenQuery {
    /// 今の行（current、既定）、適用日がまだ来ていない行（planned）、両方（all）
    #[param(value_type = Option<Days>, inline, example = "current")]
    when: Option<String>,
}

/// 対応状況の一覧
///
/// 申告または公表された対応状況を、団体・手続・接点・出所ごとに1行で返します。既定の並びは団体コード、手続、接点の順です。when=planned と all では、適用日がまだ来ていない申告・公表も、適用日ごとに1行で返します（when が planned の行）。updated_since では、その時刻以降に何か変わった団体・手続の行をすべて返し、もう述べられていない行は withdrawn が true の行で知らせます。写しを保つには、応答にある団体・手続の行を応答のものに置き換え、metadata の updated_until を次の updated_since に渡してください（段階などの内容の条件は付けずに）。applicability と set_aside_by は今日の時点のものです。
#[utoipa::path(tag = "readiness", params(BodyQuery, ProcedureQuery, StatementQuery, WhenQuery, ShapeQuery, PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "対応状況", content((ListView<ReadinessView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/readiness")]
pub(super) async fn list_readiness(ctx: Ctx) -> Answer {
    let query = ctx.query(&[
        names::<BodyQuery>(),
        names::<ProcedureQuery>(),
        names::<StatementQuery>(),
        names::<WhenQuery>(),
        names::<ShapeQuery>(),
        names::<PageQuery>(),
    ]);
    let mut checks = query.checks();
    let grid = Arc::clone(&ctx.grid);
    let catalogue = grid.catalogue();
    let bodies = query.part::<BodyQuery>().read(&mut checks, catalogue);
    let procedures = query.part::<ProcedureQuery>().read(&mut checks, catalogue);
    let asked = query.part::<StatementQuery>();
    let mut statements = asked.read(&mut checks, catalogue);
    let since = asked.updated_since(&mut checks);
    let days = checks.one("when", &query.part::<WhenQuery>().when, str::parse).unwrap_or(Days::Current);
    let shape: ShapeQuery = query.part();
    let keys = shape.sort(&mut checks);
    let fields = shape.fields(&mut checks);
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    statements.changed = ctx.changed_since(since).await?;
    let about = about(&ctx, format).await?;
    let bodies = bodies.select(catalogue, grid.as_of(), Prefectures::Always);
    let procedures = procedures.select_any(catalogue);
    let spots = spots::find(&grid, &bodies, &procedures, &statements, days, &keys);
    let in_grid = Arc::clone(&grid);
    let number = move |spot: &Spot| spot.cell(&in_grid).filter(|cell| cell.has_texts).map(|cell| cell.seq);
    let list = List::with_texts(spots, number, move |spot, texts| ReadinessView::of_spot(&grid, spot, texts));
    ctx.list(format, page, list.with_fields(fields).about(about)).await
}

/// What stands beside the list in JSON.
async fn about(ctx: &Ctx, format: Format) -> Result<About, Problem> {
    if format != Format::Json {
        return Ok(About::default());
    }
    let (service, grid) = (Arc::clone(&ctx.service), Arc::clone(&ctx.grid));
    let until = web::block(move || service.updated_until(&grid)).await.map_err(blocked)?;
    Ok(About { updated_until: until.map(|at| in_japan(at).to_rfc3339()), ..About::default() })
}

/// A row of a score card, so that it can wait for its turn without borrowing the grid.
struct CardItem {
    procedure: ProcedureIx,
    channel: ChannelIx,
    at: Option<usize>,
}

impl CardItem {
    fn cell<'g>(&self, grid: &'g Grid, body: BodyIx) -> Option<&'g Cell> {
        grid.block(body).cells().get(self.at?)
    }

    fn row<'g>(&self, grid: &'g Grid, body: BodyIx) -> Row<'g> {
        Row {
            body,
            procedure: self.procedure,
            channel: self.channel,
            applicability: grid.block(body).applicability_that_counts(self.procedure),
            cell: self.cell(grid, body),
        }
    }
}

/// 団体の対応状況（スコアカード）
///
/// 団体に期待される手続と接点の群ごとに1行、さらに申告・公表のある接点ごとに1行を返します。誰も答えていない行は no_answer（未回答）です。
/// 手続一覧を指定しなければ priority56 の手続（市区町村では51手続×2群＝102行）です。JSON では既定で全行を返します。
#[utoipa::path(tag = "readiness", params(("code" = String, Path, description = "団体コード（6桁または5桁）", max_length = 6, pattern = r"^\d{5,6}$", example = "082333"), ProcedureQuery, PageQuery, crate::query::parameters::FormatQuery),
    responses((status = 200, description = "スコアカード", content((ListView<ReadinessView> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson")))))]
#[get("/municipalities/{code}/readiness")]
pub(super) async fn list_municipality_readiness(ctx: Ctx, code: web::Path<String>) -> Answer {
    let query: Query<'_> = ctx.query(&[names::<ProcedureQuery>(), names::<PageQuery>()]);
    let mut checks = query.checks();
    let grid = Arc::clone(&ctx.grid);
    let filter = query.part::<ProcedureQuery>().read(&mut checks, grid.catalogue());
    let page = query.part::<PageQuery>().read(&mut checks);
    let format = ctx.format(&query, &mut checks, Format::ALL)?;
    checks.finish()?;
    let body = body_of_path(&ctx, &code)?;
    if let Some(response) = ctx.not_modified(format) {
        return Ok(response);
    }
    let procedures = filter.select(grid.catalogue(), DEFAULT_LIST);
    let cells = grid.block(body).cells();
    let items: Vec<CardItem> = scorecard::rows(&grid, body, &procedures)
        .into_iter()
        .map(|row| CardItem {
            procedure: row.procedure,
            channel: row.channel,
            at: row.cell.and_then(|cell| cells.iter().position(|other| std::ptr::eq(other, cell))),
        })
        .collect();
    // A score card is read whole, however many channels are stated.
    let page = page.whole(items.len());
    let in_grid = Arc::clone(&grid);
    let number =
        move |item: &CardItem| item.cell(&in_grid, body).filter(|cell| cell.has_texts).map(|cell| cell.seq);
    let list = List::with_texts(items, number, move |item, texts| {
        ReadinessView::new(&grid, &item.row(&grid, body), texts)
    });
    ctx.list(format, page, list).await
}
