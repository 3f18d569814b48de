//! Finding bodies, procedures and rows by the words that people type.

use chrono::NaiveDate;

use super::filters::WordsQuery;
use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::municipality::LgCode;
use crate::domain::text::fold_for_search;
use crate::grid::Grid;
pub(crate) use crate::grid::search::Hit;
use crate::grid::search::{Found, Unknown, near, search};

view! {
    /// 検索で見つかったもの
    HitView {
        /// 種類
        kind: Hit,
        /// 種類の名前
        #[schema(example = "団体の手続")]
        kind_label: &'static str,
        /// 名前。見つからない語は、その語
        #[schema(example = "茨城県鉾田市 罹災証明書")]
        name: String,
        /// 読み（団体）
        #[schema(example = json!(null))]
        name_kana: Option<String>,
        /// 団体に当たったのが前の名称・合併前の名称・区の名称であるとき、それらの名称
        #[schema(max_items = 100, example = json!([]))]
        other_names: Vec<String>,
        /// 団体コード（6桁）
        #[schema(example = "082341", pattern = r"^\d{6}$")]
        municipality_code: Option<String>,
        /// 手続ID
        #[schema(example = "hisaisha-01")]
        procedure_id: Option<String>,
        /// 見つからない語が、検査数字の違う団体コードであるときの、正しいコード
        #[schema(example = json!(null))]
        suggestion: Option<String>,
        /// 画面のアドレス
        #[schema(example = "/municipalities/082341/readiness/hisaisha-01")]
        page: Option<String>,
    }
}

documented!(Search);

/// What is found by words.
pub(crate) struct Search(String);

impl Question for Search {
    type Parts = (WordsQuery,);
    const SHAPE: Shape = Shape::Pages;
    /// A word that names nothing is held against every name there is.
    const LONG: bool = true;

    fn read((words,): Self::Parts, _: &Address<'_>, checks: &mut Checks, _: &Grid) -> Option<Self> {
        Some(Self(words.read(checks).unwrap_or_default()))
    }
}

/// One of what was found, before it is put into words.
enum Item {
    Unknown(Unknown),
    NearBody(BodyIx),
    NearProcedure(ProcedureIx),
    Body(BodyIx),
    Procedure(ProcedureIx),
    Row(BodyIx, ProcedureIx),
}

impl Rows for Search {
    type Row = HitView;

    fn answer(self, country: &Country) -> List<HitView> {
        let catalogue = country.grid.shared_catalogue();
        let Self(text) = self;
        let Found { unknown, bodies, procedures } = search(&catalogue, &text, country.grid.as_of());
        let is_prefecture = |body: &BodyIx| catalogue.body(*body).is_prefecture();
        let (prefectures, municipalities): (Vec<BodyIx>, Vec<BodyIx>) =
            bodies.into_iter().partition(is_prefecture);
        // Rows are many where little was said, so they come last.
        let rows = municipalities.iter().flat_map(|body| procedures.iter().map(|ix| Item::Row(*body, *ix)));
        let with_near = |unknown: Unknown| {
            let (bodies, procedures) = near(&catalogue, &unknown.word, country.grid.as_of());
            let bodies = bodies.into_iter().map(Item::NearBody);
            std::iter::once(Item::Unknown(unknown))
                .chain(bodies)
                .chain(procedures.into_iter().map(Item::NearProcedure))
        };
        let items: Vec<Item> = unknown
            .into_iter()
            .flat_map(with_near)
            .chain(prefectures.iter().copied().map(Item::Body))
            .chain(procedures.iter().copied().map(Item::Procedure))
            .chain(municipalities.iter().copied().map(Item::Body))
            .chain(rows)
            .collect();
        List::each(items, move |item| view(&catalogue, &text, item))
    }
}

fn view(catalogue: &Catalogue, text: &str, item: &Item) -> HitView {
    let nothing = |kind: Hit, name: String| HitView {
        kind,
        kind_label: kind.label(),
        name,
        name_kana: None,
        other_names: Vec::new(),
        municipality_code: None,
        procedure_id: None,
        suggestion: None,
        page: None,
    };
    match item {
        Item::Unknown(unknown) => HitView {
            suggestion: unknown.meant.map(|code| code.to_string()),
            ..nothing(Hit::Unknown, unknown.word.clone())
        },
        Item::NearBody(ix) => HitView {
            kind: Hit::Near,
            kind_label: Hit::Near.label(),
            other_names: Vec::new(),
            ..view(catalogue, text, &Item::Body(*ix))
        },
        Item::NearProcedure(ix) => HitView {
            kind: Hit::Near,
            kind_label: Hit::Near.label(),
            ..view(catalogue, text, &Item::Procedure(*ix))
        },
        Item::Body(ix) => {
            let body = catalogue.body(*ix);
            let (kind, name, page) = match body.is_prefecture() {
                true => (Hit::Prefecture, body.name.clone(), format!("/prefectures/{}", body.prefecture())),
                false => {
                    (Hit::Municipality, full_name(catalogue, *ix), format!("/municipalities/{}", body.code))
                }
            };
            HitView {
                name_kana: Some(body.name_kana.clone()),
                other_names: other_names(catalogue, body.code, text),
                municipality_code: Some(body.code.to_string()),
                page: Some(page),
                ..nothing(kind, name)
            }
        }
        Item::Procedure(ix) => {
            let procedure = catalogue.procedure(*ix);
            HitView {
                procedure_id: Some(procedure.id.to_string()),
                page: Some(format!("/procedures/{}", procedure.id)),
                ..nothing(Hit::Procedure, procedure.name_ja.clone())
            }
        }
        Item::Row(body, ix) => {
            let (code, procedure) = (catalogue.body(*body).code, catalogue.procedure(*ix));
            HitView {
                municipality_code: Some(code.to_string()),
                procedure_id: Some(procedure.id.to_string()),
                page: Some(format!("/municipalities/{code}/readiness/{}", procedure.id)),
                ..nothing(Hit::Row, format!("{} {}", full_name(catalogue, *body), procedure.short_ja))
            }
        }
    }
}

/// The code of the one body that a text names, by its code, its whole name, or a part of it that no other has; else the
/// codes of some that it may mean.
pub(crate) fn named(catalogue: &Catalogue, text: &str, day: NaiveDate) -> Result<String, Vec<String>> {
    /// So many are told.
    const SOME: usize = 10;
    let code = |ix: &BodyIx| catalogue.body(*ix).code.to_string();
    if let Ok(ix) = catalogue.find_body(text) {
        return Ok(code(&ix));
    }
    let found = search(catalogue, text, day).bodies;
    let whole: Vec<&BodyIx> = found.iter().filter(|ix| catalogue.body(**ix).name == text).collect();
    match (whole.as_slice(), found.as_slice()) {
        ([one], _) => Ok(code(one)),
        ([], [one]) => Ok(code(one)),
        ([], _) => Err(found.iter().take(SOME).map(code).collect()),
        _ => Err(whole.into_iter().take(SOME).map(code).collect()),
    }
}

/// Names of former times and of wards that a word stands in.
fn other_names(catalogue: &Catalogue, body: LgCode, text: &str) -> Vec<String> {
    let words: Vec<String> = text.split_whitespace().map(fold_for_search).collect();
    let is_named = |name: &&str| words.iter().any(|word| fold_for_search(name).contains(word));
    catalogue.places().names_of(body).filter(is_named).map(str::to_owned).collect()
}

fn full_name(catalogue: &Catalogue, ix: BodyIx) -> String {
    let body = catalogue.body(ix);
    format!("{}{}", body.prefecture_name, body.name)
}
