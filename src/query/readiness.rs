//! Statements: all of them, and the score card of one body.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::{BodyQuery, ProcedureQuery, StatementQuery};
use super::list::{About, List, TextsByNumber, View, view};
use super::municipalities::body_of_path;
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape, documented};
use super::spots::{self, SortKey, Spot};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::{Precision, in_japan};
use crate::domain::procedure::Category;
use crate::domain::readiness::{Evidence, Place, Scale, Source, State};
use crate::domain::text::unknown_code;
use crate::grid::filter::{DEFAULT_LIST, Prefectures, StatementFilter};
use crate::grid::later::{Days, When};
use crate::grid::scorecard::{self, Row};
use crate::grid::set_aside;
use crate::grid::{Cell, Grid};

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
pub(crate) struct ShapeQuery {
    /// 並び順（カンマ区切り。先頭の - は降順）: municipality_code, procedure_id, channel, level, effective_on, recorded_at
    #[param(max_length = 200, example = "-level,municipality_code")]
    sort: Option<String>,
    /// 返す項目（カンマ区切り）
    #[param(max_length = 1_000, example = "municipality_code,procedure_id,level")]
    fields: Option<String>,
}

/// The fields that statements can be ordered by.
pub(crate) const SORT_KEYS: &[&str] =
    &["municipality_code", "procedure_id", "channel", "level", "effective_on", "recorded_at"];

/// The fields of a statement that can be picked.
pub(crate) const FIELDS: &[&str] = ReadinessView::COLUMNS;

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
pub(crate) struct WhenQuery {
    /// 今の行（current、既定）、適用日がまだ来ていない行（planned）、両方（all）
    #[param(value_type = Option<Days>, inline, example = "current")]
    when: Option<String>,
}

documented!(Statements, Card);

/// Which statements there are, or what became of those that changed.
pub(crate) struct Statements {
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    filter: StatementFilter,
    since: Option<DateTime<Utc>>,
    days: Days,
    order: Vec<SortKey>,
    fields: Option<Vec<String>>,
}

impl Question for Statements {
    type Parts = (BodyQuery, ProcedureQuery, StatementQuery, WhenQuery, ShapeQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (bodies, procedures, statements, when, shape): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let bodies = bodies.read(checks, catalogue);
        let procedures = procedures.read(checks, catalogue);
        Some(Self {
            bodies: bodies.select(catalogue, grid.as_of(), Prefectures::Always),
            procedures: procedures.select_any(catalogue),
            filter: statements.read(checks, catalogue),
            since: statements.updated_since(checks),
            days: checks.one("when", &when.when, str::parse).unwrap_or(Days::Current),
            order: shape.sort(checks),
            fields: shape.fields(checks),
        })
    }

    fn needs(&self) -> Needs {
        Needs { changed_since: self.since, updated_until: true, ..Needs::default() }
    }
}

impl Rows for Statements {
    type Row = ReadinessView;

    fn answer(self, country: &Country) -> List<ReadinessView> {
        let grid = Arc::clone(&country.grid);
        let filter = StatementFilter { changed: country.changed.clone(), ..self.filter };
        let spots = spots::find(&grid, &self.bodies, &self.procedures, &filter, self.days, &self.order);
        let in_grid = Arc::clone(&grid);
        let number =
            move |spot: &Spot| spot.cell(&in_grid).filter(|cell| cell.has_texts).map(|cell| cell.seq);
        let list =
            List::with_texts(spots, number, move |spot, texts| ReadinessView::of_spot(&grid, spot, texts));
        let until = country.updated_until.map(|at| in_japan(at).to_rfc3339());
        list.with_fields(self.fields).about(About { updated_until: until, ..About::default() })
    }
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

/// The score card of a body.
pub(crate) struct Card {
    body: BodyIx,
    procedures: Vec<ProcedureIx>,
}

impl Question for Card {
    type Parts = (ProcedureQuery,);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (procedures,): Self::Parts,
        address: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let filter = procedures.read(checks, grid.catalogue());
        let body = body_of_path(address, checks, grid)?;
        Some(Self { body, procedures: filter.select(grid.catalogue(), DEFAULT_LIST) })
    }
}

impl Rows for Card {
    type Row = ReadinessView;

    fn answer(self, country: &Country) -> List<ReadinessView> {
        let (grid, body) = (Arc::clone(&country.grid), self.body);
        let cells = grid.block(body).cells();
        let items: Vec<CardItem> = scorecard::rows(&grid, body, &self.procedures)
            .into_iter()
            .map(|row| CardItem {
                procedure: row.procedure,
                channel: row.channel,
                at: row.cell.and_then(|cell| cells.iter().position(|other| std::ptr::eq(other, cell))),
            })
            .collect();
        let in_grid = Arc::clone(&grid);
        let number = move |item: &CardItem| {
            item.cell(&in_grid, body).filter(|cell| cell.has_texts).map(|cell| cell.seq)
        };
        let list = List::with_texts(items, number, move |item, texts| {
            ReadinessView::new(&grid, &item.row(&grid, body), texts)
        });
        // A score card is read whole, however many channels are stated.
        list.whole()
    }
}
