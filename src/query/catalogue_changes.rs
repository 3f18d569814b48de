//! How the catalogue came to be what it is: editions of lists with what joined and left, procedures that begin or end,
//! bodies that changed their name or went up in others.

use chrono::NaiveDate;

use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::Catalogue;
use crate::domain::catalogue_change::CatalogueChange;
use crate::domain::dates::{Dated, Precision};
use crate::domain::municipality::FormerName;
use crate::domain::procedure::{Procedure, ProcedureList};
use crate::grid::Grid;

view! {
    /// カタログの変更
    CatalogueChangeView {
        /// 変更の日（月だけ分かれば、その末日。分からなければ null）
        #[schema(example = "2020-03-31")]
        on: Option<NaiveDate>,
        /// 日の精度
        precision: Option<Precision>,
        /// 変更の種類
        change: CatalogueChange,
        /// 手続一覧のID
        #[schema(example = "priority55")]
        list: Option<String>,
        /// 手続ID
        #[schema(example = json!(null))]
        procedure_id: Option<String>,
        /// 団体コード（今の団体）
        #[schema(example = json!(null), pattern = r"^\d{6}$")]
        municipality_code: Option<String>,
        /// 前の名称（団体）
        #[schema(example = json!(null))]
        former_name: Option<String>,
        /// 後を継ぐ手続のID、または後の団体のコード
        #[schema(example = json!(null))]
        successor: Option<String>,
        /// 変更の内容
        #[schema(example = "地方公共団体が優先的にオンライン化を推進すべき手続（55手続）: 55手続。どの手続が載るかは不明")]
        text: String,
        /// 出典
        #[schema(example = json!(null))]
        origin: Option<String>,
    }
}

impl CatalogueChangeView {
    fn new(day: Option<Dated>, change: CatalogueChange, text: String) -> Self {
        Self {
            on: day.map(|day| day.on),
            precision: day.map(|day| day.precision),
            change,
            list: None,
            procedure_id: None,
            municipality_code: None,
            former_name: None,
            successor: None,
            text,
            origin: None,
        }
    }
}

documented!(CatalogueChanges);

/// What became of the catalogue, the oldest first; what has no day stands at the end.
pub(crate) struct CatalogueChanges;

impl Question for CatalogueChanges {
    type Parts = ();
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read((): (), _: &Address<'_>, _: &mut Checks, _: &Grid) -> Option<Self> {
        Some(Self)
    }
}

impl Rows for CatalogueChanges {
    type Row = CatalogueChangeView;

    fn answer(self, country: &Country) -> List<CatalogueChangeView> {
        let catalogue = country.grid.catalogue();
        let lists = catalogue.lists().iter().flat_map(|list| of_list(catalogue, list));
        let procedures = catalogue.procedures().iter().flat_map(of_procedure);
        let bodies = catalogue.places().former.iter().map(|row| of_name(catalogue, row));
        let ended = catalogue.municipalities().iter().filter_map(|row| {
            let text = format!("{}{} はなくなった", row.prefecture_name, row.name);
            let view = CatalogueChangeView::new(row.ended_on.map(Dated::day), CatalogueChange::Merged, text);
            row.ended_on.map(|_| CatalogueChangeView {
                municipality_code: Some(row.code.to_string()),
                successor: row.successor.map(|code| code.to_string()),
                ..view
            })
        });
        let mut rows: Vec<CatalogueChangeView> = lists.chain(procedures).chain(bodies).chain(ended).collect();
        rows.sort_by_key(|row| (row.on.is_none(), row.on));
        List::each(rows, CatalogueChangeView::clone)
    }
}

/// The edition, and what it has more or less than the one before where both are known.
fn of_list(catalogue: &Catalogue, list: &ProcedureList) -> Vec<CatalogueChangeView> {
    let members = if list.has_members() { "" } else { "。どの手続が載るかは不明" };
    let text = format!("{}: {}手続{members}", list.name_ja, list.size);
    let of_list = |change, text| CatalogueChangeView {
        list: Some(list.id.clone()),
        origin: Some(list.source.clone()),
        ..CatalogueChangeView::new(list.adopted, change, text)
    };
    let mut rows = vec![of_list(CatalogueChange::Adopted, text)];
    let before = list.predecessor.as_deref().and_then(|id| catalogue.list(id));
    let Some(before) = before.filter(|before| before.has_members() && list.has_members()) else {
        return rows;
    };
    let stands_in =
        |list: &ProcedureList, row: &Procedure| list.items.iter().any(|item| item.procedure == row.id);
    for row in catalogue.procedures() {
        let (change, word) = match (stands_in(before, row), stands_in(list, row)) {
            (false, true) => (CatalogueChange::Joined, "に加わった"),
            (true, false) => (CatalogueChange::Left, "から外れた"),
            _ => continue,
        };
        let text = format!("{}: {}{word}", row.name_ja, list.name_ja);
        rows.push(CatalogueChangeView { procedure_id: Some(row.id.to_string()), ..of_list(change, text) });
    }
    rows
}

fn of_procedure(row: &Procedure) -> Vec<CatalogueChangeView> {
    let days = [
        (row.introduced_on, CatalogueChange::Introduced, "始まった"),
        (row.ended_on, CatalogueChange::Ended, "この日までで廃止"),
    ];
    let view = |(on, change, word): (Option<NaiveDate>, CatalogueChange, &str)| {
        let doubt = row.note.as_deref().filter(|note| note.contains("確認"));
        let doubt = doubt.map_or_else(String::new, |note| format!("（{note}）"));
        on.map(|on| CatalogueChangeView {
            procedure_id: Some(row.id.to_string()),
            successor: row.successor.as_ref().map(ToString::to_string),
            ..CatalogueChangeView::new(
                Some(Dated::day(on)),
                change,
                format!("{}: {word}{doubt}", row.name_ja),
            )
        })
    };
    days.into_iter().filter_map(view).collect()
}

fn of_name(catalogue: &Catalogue, row: &FormerName) -> CatalogueChangeView {
    let change = if row.merged { CatalogueChange::Merged } else { CatalogueChange::Renamed };
    let today = catalogue.body_ix(row.successor).map(|body| catalogue.body(body));
    let today = today.map_or_else(String::new, |body| format!("{}{}", body.prefecture_name, body.name));
    let text = format!("{} → {today}", row.name);
    CatalogueChangeView {
        municipality_code: Some(row.successor.to_string()),
        former_name: Some(row.name.clone()),
        successor: Some(row.successor.to_string()),
        ..CatalogueChangeView::new(Some(Dated::day(row.changed_on)), change, text)
    }
}
