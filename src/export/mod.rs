//! Rows for people and programs to take away, in layouts that an import reads back.
//!
//! Pure: a grid and texts come in, rows come out; what is written goes to a writer that was handed
//! in.

pub mod bundle;
pub mod encoding;
pub mod form;
pub mod material_form;
pub mod rejected;
mod sheets;
pub mod table;
pub mod usage_table;
pub mod wide;
mod words;
pub mod workbook;

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};

use chrono::NaiveDate;
use serde::Serialize;

use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::current::Texts;
use crate::domain::readiness::{Evidence, Source};
use crate::domain::text::guarded;
use crate::grid::filter::StatementFilter;
use crate::grid::later::{Days, LaterCell, When};
use crate::grid::{ApplicabilityCell, Cell, Grid, RowKey};
use crate::import::layout::long::WITHDRAWN;

/// One fact of the record, by its place in the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Position of a readiness in its body's block.
    Readiness(BodyIx, usize),
    /// Position of an applicability in its body's block.
    Applicability(BodyIx, usize),
    /// Position of a statement for a later day in its body's block.
    Later(BodyIx, usize),
}

/// The facts of these bodies and procedures, in order of body, procedure, channel, source and day;
/// applicability before readiness. Applicability has no channel, level or state, so it is left out
/// when any of these is asked for; so is what is withdrawn for a later day when more is asked for than
/// where it was stated.
pub fn facts(
    grid: &Grid,
    bodies: &[BodyIx],
    procedures: &[ProcedureIx],
    filter: &StatementFilter,
    days: Days,
) -> Vec<Fact> {
    let mut wanted = vec![false; grid.catalogue().procedures().len()];
    for procedure in procedures {
        wanted[usize::from(*procedure)] = true;
    }
    let mut facts = Vec::new();
    let mut rows: Vec<(RowKey, Option<NaiveDate>, Fact)> = Vec::new();
    for body in bodies {
        let block = grid.block(*body);
        if days.has(When::Current) {
            let levels =
                block.cells().iter().enumerate().filter(|(_, cell)| filter.passes(grid, *body, cell));
            rows.extend(levels.map(|(at, cell)| (cell.row_key(), None, Fact::Readiness(*body, at))));
            let wholes = block.applicability().iter().enumerate();
            let wholes = wholes.filter(|(_, cell)| filter.passes_whole(*body, cell.procedure));
            rows.extend(wholes.map(|(at, cell)| (cell.row_key(), None, Fact::Applicability(*body, at))));
        }
        if days.has(When::Planned) {
            let later =
                block.later().iter().enumerate().filter(|(_, cell)| passes(grid, *body, cell, filter));
            rows.extend(
                later.map(|(at, cell)| (cell.key(), Some(cell.effective().on), Fact::Later(*body, at))),
            );
        }
        rows.retain(|((procedure, ..), ..)| wanted[usize::from(*procedure)]);
        rows.sort_unstable_by_key(|(key, day, _)| (*key, *day));
        facts.extend(rows.drain(..).map(|(_, _, fact)| fact));
    }
    facts
}

/// Whether a statement for a later day is among those asked for.
fn passes(grid: &Grid, body: BodyIx, later: &LaterCell, filter: &StatementFilter) -> bool {
    match later {
        LaterCell::Readiness(cell) => filter.passes(grid, body, cell),
        LaterCell::Applicability(cell) => filter.passes_whole(body, cell.procedure),
        LaterCell::Withdrawn { procedure, channel, .. } => match channel {
            Some(channel) => {
                !filter.asks_for_content()
                    && filter.passes_where(grid, *channel)
                    && filter.passes_since(body, *procedure)
            }
            None => filter.passes_whole(body, *procedure),
        },
    }
}

impl Fact {
    /// Number of the assertion whose texts wait in the database, if it has any.
    pub fn text_number(&self, grid: &Grid) -> Option<i64> {
        let (has_texts, seq) = match self {
            Self::Readiness(body, at) => {
                let cell = &grid.block(*body).cells()[*at];
                (cell.has_texts, cell.seq)
            }
            Self::Applicability(body, at) => {
                let cell = &grid.block(*body).applicability()[*at];
                (cell.has_texts, cell.seq)
            }
            Self::Later(body, at) => match &grid.block(*body).later()[*at] {
                LaterCell::Readiness(cell) => (cell.has_texts, cell.seq),
                LaterCell::Applicability(cell) => (cell.has_texts, cell.seq),
                LaterCell::Withdrawn { .. } => return None,
            },
        };
        has_texts.then_some(seq)
    }
}

/// One row of the long layout; the names are those of its headings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct LongRow {
    /// 団体コード
    #[schema(example = "082333")]
    pub municipality_code: String,
    /// 都道府県名
    #[schema(example = "茨城県")]
    pub prefecture_name: String,
    /// 団体名
    #[schema(example = "行方市")]
    pub municipality_name: String,
    /// 手続ID
    #[schema(example = "kosodate-01")]
    pub procedure_id: String,
    /// 手続名
    #[schema(example = "児童手当等の受給資格及び児童手当の額についての認定請求")]
    pub procedure_name: String,
    /// 接点。手続全体について述べた行では空
    #[schema(example = "online")]
    pub channel: Option<String>,
    /// 該当性; only in rows about applicability
    #[schema(example = json!(null))]
    pub applicability: Option<&'static str>,
    /// 該当性の理由
    #[schema(example = json!(null))]
    pub applicability_reason: Option<String>,
    /// 段階
    #[schema(example = 3)]
    pub level: Option<u8>,
    /// 以上: only at least this level is known
    #[schema(example = true)]
    pub at_least: Option<bool>,
    /// 状態; `withdrawn` in a row that withdraws what is stated, from its day on
    #[schema(example = "live")]
    pub state: Option<&'static str>,
    /// 目標段階
    #[schema(example = json!(null))]
    pub target_level: Option<u8>,
    /// 目標日
    #[schema(example = json!(null))]
    pub target_on: Option<NaiveDate>,
    /// 目標日の精度
    #[schema(example = json!(null))]
    pub target_precision: Option<&'static str>,
    /// システム
    #[schema(example = json!(null))]
    pub system: Option<String>,
    /// URL
    #[schema(example = json!(null))]
    pub url: Option<String>,
    /// 担当課
    #[schema(example = json!(null))]
    pub section: Option<String>,
    /// 根拠
    #[schema(example = "published")]
    pub evidence: &'static str,
    /// 適用日
    #[schema(example = "2025-03-31")]
    pub effective_on: NaiveDate,
    /// 適用日の精度
    #[schema(example = "fiscal_year")]
    pub effective_precision: &'static str,
    /// 備考
    #[schema(example = json!(null))]
    pub note: Option<String>,
    /// データの版: the last number of the log when it was written
    #[schema(example = 87_050)]
    pub revision: i64,
}

impl LongRow {
    /// The row of a fact.
    pub fn new(grid: &Grid, fact: &Fact, texts: &HashMap<i64, Texts>) -> Self {
        match fact {
            Fact::Readiness(body, at) => Self::readiness(grid, *body, &grid.block(*body).cells()[*at], texts),
            Fact::Applicability(body, at) => {
                Self::applicability(grid, *body, &grid.block(*body).applicability()[*at], texts)
            }
            Fact::Later(body, at) => match &grid.block(*body).later()[*at] {
                LaterCell::Readiness(cell) => Self::readiness(grid, *body, cell, texts),
                LaterCell::Applicability(cell) => Self::applicability(grid, *body, cell, texts),
                withdrawn @ LaterCell::Withdrawn { .. } => Self::withdrawn(grid, *body, withdrawn),
            },
        }
    }

    fn of(grid: &Grid, body: BodyIx, procedure: ProcedureIx) -> Self {
        let body = grid.catalogue().body(body);
        let procedure = grid.catalogue().procedure(procedure);
        Self {
            municipality_code: body.code.to_string(),
            prefecture_name: body.prefecture_name.clone(),
            municipality_name: body.name.clone(),
            revision: grid.revision(),
            procedure_id: procedure.id.to_string(),
            procedure_name: procedure.name_ja.clone(),
            ..Self::default()
        }
    }

    fn readiness(grid: &Grid, body: BodyIx, cell: &Cell, texts: &HashMap<i64, Texts>) -> Self {
        let texts = texts.get(&cell.seq);
        let target_day = cell.target.and_then(|target| target.on);
        Self {
            channel: Some(grid.catalogue().channel(cell.channel).id.to_string()),
            level: Some(cell.level.number()),
            at_least: Some(cell.at_least),
            state: Some(cell.state.code()),
            target_level: cell.target.map(|target| target.level.number()),
            target_on: target_day.map(|day| day.on),
            target_precision: target_day.map(|day| day.precision.code()),
            system: cell.system.as_deref().map(str::to_owned),
            url: texts.and_then(|texts| texts.url.clone()),
            section: texts.and_then(|texts| texts.section.clone()),
            note: texts.and_then(|texts| texts.note.clone()),
            evidence: cell.evidence.code(),
            effective_on: cell.effective.on,
            effective_precision: cell.effective.precision.code(),
            ..Self::of(grid, body, cell.procedure)
        }
    }

    fn applicability(
        grid: &Grid,
        body: BodyIx,
        cell: &ApplicabilityCell,
        texts: &HashMap<i64, Texts>,
    ) -> Self {
        Self {
            applicability: Some(cell.value.code()),
            applicability_reason: texts.get(&cell.seq).and_then(|texts| texts.applicability_reason.clone()),
            evidence: plain_evidence(cell.source).code(),
            effective_on: cell.effective.on,
            effective_precision: cell.effective.precision.code(),
            ..Self::of(grid, body, cell.procedure)
        }
    }

    /// The row that withdraws a statement from a later day on.
    fn withdrawn(grid: &Grid, body: BodyIx, withdrawn: &LaterCell) -> Self {
        let (procedure, channel, source) = withdrawn.key();
        let effective = withdrawn.effective();
        Self {
            channel: channel.map(|channel| grid.catalogue().channel(channel).id.to_string()),
            state: Some(WITHDRAWN),
            evidence: plain_evidence(source).code(),
            effective_on: effective.on,
            effective_precision: effective.precision.code(),
            ..Self::of(grid, body, procedure)
        }
    }

    /// The row as a spreadsheet may open it: text that would be taken for a formula gets a
    /// leading `'`, which an import takes off again.
    pub fn guarded(mut self) -> Self {
        for text in [
            &mut self.applicability_reason,
            &mut self.system,
            &mut self.url,
            &mut self.section,
            &mut self.note,
        ] {
            if let Some(text) = text.as_mut()
                && let Cow::Owned(guarded) = guarded(text)
            {
                *text = guarded;
            }
        }
        self
    }
}

/// The evidence that says whose word a row is where it says nothing else.
fn plain_evidence(source: Source) -> Evidence {
    match source {
        Source::Own => Evidence::Declared,
        Source::Published => Evidence::Published,
    }
}

/// How lines of a CSV file end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEnd {
    /// For programs.
    Lf,
    /// For Japanese Excel.
    CrLf,
}

/// A writer of CSV text whose lines end like this.
pub fn csv_writer<W: Write>(out: W, line_end: LineEnd) -> csv::Writer<W> {
    let terminator = match line_end {
        LineEnd::Lf => csv::Terminator::Any(b'\n'),
        LineEnd::CrLf => csv::Terminator::CRLF,
    };
    csv::WriterBuilder::new().has_headers(false).terminator(terminator).from_writer(out)
}

/// Writes one object as a line.
fn json_line(out: &mut impl Write, row: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    out.write_all(b"\n")
}
