//! The whole record to take away, as a table.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use super::filters::{BodyQuery, ProcedureQuery, StatementQuery};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Shape, documented};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::export::encoding::Encoding;
use crate::export::facts;
use crate::export::table::{Table, TableLayout};
use crate::export::wide::{CellsOf, Wide};
use crate::grid::Grid;
use crate::grid::filter::{Prefectures, StatementFilter};
use crate::grid::later::Days;

/// Shape of an export.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LayoutQuery {
    /// 表の形（既定は long）。long は保持している事実をすべて1行に1つ、wide は1行に1団体・1列に1手続で、セルは channel で選ぶ1つの接点か、群でいちばん高い段階（online-group、counter-group。既定は online-group）
    #[param(value_type = Option<TableLayout>, inline, example = "long")]
    layout: Option<String>,
}

/// Which days an export is about.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DaysQuery {
    /// 今の行（current）、適用日がまだ来ていない行（planned）、両方（all）。縦長の表の既定は all で、横長の表は今の行だけ
    #[param(value_type = Option<Days>, inline, example = "all")]
    when: Option<String>,
}

/// Encoding of a CSV file.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only documents what every CSV file takes")]
pub(crate) struct EncodingQuery {
    /// 文字コード（既定は utf-8）
    #[param(value_type = Option<Encoding>, inline, example = "utf-8-bom")]
    encoding: Option<String>,
}

documented!(Exported);

/// Every fact, or some of them, as a table.
pub(crate) struct Exported {
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    filter: StatementFilter,
    since: Option<DateTime<Utc>>,
    /// What the cells of a wide table are of.
    wide: Option<CellsOf>,
    days: Days,
}

impl Question for Exported {
    type Parts = (LayoutQuery, DaysQuery, BodyQuery, ProcedureQuery, StatementQuery);
    const SHAPE: Shape = Shape::One;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (layout, days, bodies, procedures, statements): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let layout = checks.one("layout", &layout.layout, str::parse);
        let bodies = bodies.read(checks, catalogue);
        let procedures = procedures.read(checks, catalogue);
        let filter = statements.read(checks, catalogue);
        let since = statements.updated_since(checks);
        let is_wide = layout == Some(TableLayout::Wide);
        let wide = is_wide.then(|| one_channel(checks, catalogue, &statements));
        let days = checks.one("when", &days.when, str::parse);
        if let Some(asked @ (Days::Planned | Days::All)) = days
            && is_wide
        {
            checks.refuse("when", only_today(asked));
        }
        Some(Self {
            bodies: bodies.select(catalogue, grid.as_of(), Prefectures::Always),
            procedures: procedures.select_any(catalogue),
            filter,
            since,
            wide,
            days: days.unwrap_or(Days::All),
        })
    }

    fn needs(&self) -> Needs {
        Needs { changed_since: self.since, ..Needs::default() }
    }
}

impl Exported {
    /// The table.
    pub(crate) fn table(self, country: &Country) -> Table {
        let grid = &country.grid;
        let filter = StatementFilter { changed: country.changed.clone(), ..self.filter };
        match self.wide {
            Some(of) => Table::Wide(Wide::new(grid, &self.bodies, self.procedures, &filter, of)),
            None => Table::Long(facts(grid, &self.bodies, &self.procedures, &filter, self.days)),
        }
    }
}

/// A cell of a wide table has no day.
fn only_today(asked: Days) -> Refusal {
    Refusal::new(
        "only_today",
        asked.code(),
        "横長の表は今の行だけです（これからの行は layout=long で書き出します）",
        "a wide table shows what holds today; later days are in layout=long",
    )
    .allowed(Days::Current.code())
}

/// The channel or group of the cells of a wide table.
fn one_channel(checks: &mut Checks, catalogue: &Catalogue, asked: &StatementQuery) -> CellsOf {
    // What is no channel was told where statements were chosen.
    match asked.cells_of(&mut Checks::default(), catalogue).as_slice() {
        [] => CellsOf::default(),
        [one] => *one,
        several => {
            let ids: Vec<&str> = several
                .iter()
                .map(|of| match of {
                    CellsOf::Channel(channel) => catalogue.channel(*channel).id.as_str(),
                    CellsOf::Group(scale) => scale.group_code(),
                })
                .collect();
            checks.refuse(
                "channel",
                Refusal::new(
                    "one_channel",
                    &ids.join(","),
                    "横長の表の接点は1つだけ選びます",
                    "a wide table has cells of one channel or group",
                )
                .allowed("接点1つ、online-group、counter-group"),
            );
            CellsOf::default()
        }
    }
}
