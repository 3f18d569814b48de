//! Which products and joint systems are used, by whom and for what.

use std::sync::Arc;

use chrono::NaiveDate;

use super::filters::{BodyQuery, ProcedureQuery, StatementQuery};
use super::list::{About, List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::grid::Grid;
use crate::grid::definition::ALL_PROCEDURES;
use crate::grid::filter::{Prefectures, StatementFilter};
use crate::grid::scope;
use crate::grid::systems::{Use, used};

/// So many spellings are told.
const SPELLINGS: usize = 10;

view! {
    /// 使われているシステム
    SystemView {
        /// システムの名前（いちばん多い書き方）
        #[schema(example = "ぴったりサービス")]
        system: String,
        /// 書き方（多い順、名前:申告の数）。全角・半角、大文字・小文字、ひらがな・カタカナの違いは1つにまとめる
        #[schema(max_items = 10, example = json!(["ぴったりサービス:120", "ぴったりｻｰﾋﾞｽ:3"]))]
        spellings: Vec<String>,
        /// 使っている団体の数
        #[schema(example = 120, minimum = 0)]
        bodies: usize,
        /// 使われている手続の数
        #[schema(example = 26, minimum = 0)]
        procedures: usize,
        /// 申告の数（団体×手続×接点）
        #[schema(example = 1_200, minimum = 0)]
        statements: u32,
        /// いちばん早い適用日
        #[schema(example = "2021-04-01")]
        first_on: Option<NaiveDate>,
        /// 使っている団体（団体コード）
        #[schema(max_items = 1_800, example = json!(["082333"]))]
        municipality_codes: Vec<String>,
        /// 使われている手続（手続ID）
        #[schema(max_items = 500, example = json!(["kosodate-01"]))]
        procedure_ids: Vec<String>,
    }
}

documented!(Systems);

/// The systems in use.
pub(crate) struct Systems {
    bodies: Vec<BodyIx>,
    procedures: Vec<ProcedureIx>,
    filter: StatementFilter,
    needs: Needs,
    scope: Option<String>,
}

impl Question for Systems {
    type Parts = (BodyQuery, ProcedureQuery, StatementQuery);
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;

    fn read(
        (bodies, procedures, statements): Self::Parts,
        _: &Address<'_>,
        checks: &mut Checks,
        grid: &Grid,
    ) -> Option<Self> {
        let catalogue = grid.catalogue();
        let asked = bodies.read(checks, catalogue);
        let procedures = procedures.read(checks, catalogue).select(catalogue, ALL_PROCEDURES);
        let filter = statements.read(checks, catalogue);
        let needs = Needs { changed_since: statements.updated_since(checks), ..Needs::default() };
        let bodies = asked.select(catalogue, grid.as_of(), Prefectures::Always);
        let scope = scope::name(catalogue, &asked, &bodies);
        Some(Self { bodies, procedures, filter, needs, scope })
    }

    fn needs(&self) -> Needs {
        self.needs
    }
}

impl Rows for Systems {
    type Row = SystemView;

    fn answer(self, country: &Country) -> List<SystemView> {
        let grid = Arc::clone(&country.grid);
        let filter = StatementFilter { changed: country.changed.clone(), ..self.filter };
        let found = used(&grid, &self.bodies, &self.procedures, &filter);
        let about = About { scope: self.scope, bodies: Some(self.bodies.len()), ..About::default() };
        List::each(found, move |of| view(&grid, of)).about(about)
    }
}

fn view(grid: &Grid, of: &Use) -> SystemView {
    let catalogue = grid.catalogue();
    let spellings = of.spellings.iter().take(SPELLINGS);
    SystemView {
        system: of.spellings.first().map_or_else(String::new, |(name, _)| name.to_string()),
        spellings: spellings.map(|(name, count)| format!("{}:{count}", &**name)).collect(),
        bodies: of.bodies.len(),
        procedures: of.procedures.len(),
        statements: of.statements,
        first_on: of.first_on,
        municipality_codes: of.bodies.iter().map(|body| catalogue.body(*body).code.to_string()).collect(),
        procedure_ids: of.procedures.iter().map(|ix| catalogue.procedure(*ix).id.to_string()).collect(),
    }
}
