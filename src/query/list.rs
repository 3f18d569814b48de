//! Lists before they are cut into pages or streamed, and their rows as JSON, NDJSON and CSV.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;

use super::parameters::{DEFAULT_LIMIT, Page};
use crate::domain::current::Texts;
use crate::domain::dates::in_japan;
use crate::domain::log::{PastRecord, RecordKind};
use crate::export::{LineEnd, csv_writer};
use crate::grid::Grid;

/// The piece of a list between an offset and a limit.
pub(crate) fn window(count: usize, offset: u32, limit: Option<u32>) -> Range<usize> {
    let start = usize::try_from(offset).unwrap_or(usize::MAX).min(count);
    let length = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX);
    start..start.saturating_add(length).min(count)
}

/// A row of a list: its columns stand in a CSV file in this order.
pub trait View: Serialize {
    /// Names of the fields, in order.
    const COLUMNS: &'static [&'static str];
}

/// Declares a struct for answers, documented for OpenAPI, with its columns for CSV.
macro_rules! view {
    (
        $(#[$meta:meta])*
        $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
        pub(crate) struct $name { $( $(#[$field_meta])* pub(crate) $field: $type, )+ }

        impl $crate::query::list::View for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}
pub(crate) use view;

/// A page as it is sent.
pub(crate) struct PageText {
    pub(crate) json: Vec<u8>,
    /// How many rows the whole list has.
    pub(crate) count: usize,
    /// How many a page has; none where there are no pages.
    pub(crate) limit: Option<u32>,
}

/// Texts of assertions by their numbers.
pub type TextsByNumber = HashMap<i64, Texts>;

/// What some rows want out of the database, by number.
#[derive(Debug, Default)]
pub enum Wanted {
    /// Nothing.
    #[default]
    Nothing,
    /// Texts of assertions.
    Texts(Vec<i64>),
    /// What records of a kind say.
    Records(RecordKind, Vec<i64>),
}

/// What was wanted, by number.
#[derive(Default)]
pub struct Words {
    /// Texts of assertions.
    pub texts: TextsByNumber,
    /// What records say.
    pub records: HashMap<i64, PastRecord>,
}

type WantedOf = Box<dyn Fn(Range<usize>) -> Wanted + Send + Sync>;
type Document = Box<dyn Fn() -> Vec<u8> + Send + Sync>;
type MakeRows<V> = Box<dyn Fn(Range<usize>, &Words) -> Vec<V> + Send + Sync>;

/// A list before it is cut into a page or streamed: light items, and how they become rows.
pub struct List<V> {
    count: usize,
    wanted: Option<WantedOf>,
    make: MakeRows<V>,
    fields: Option<Vec<String>>,
    about: About,
    whole: bool,
    document: Option<Document>,
}

impl<V: View> List<V> {
    /// A list whose rows are made of their items alone.
    pub fn each<I: Send + Sync + 'static>(
        items: Vec<I>,
        make: impl Fn(&I) -> V + Send + Sync + 'static,
    ) -> Self {
        let count = items.len();
        let make = move |range: Range<usize>, _: &Words| items[range].iter().map(&make).collect();
        Self::new(count, None, Box::new(make))
    }

    /// A list whose rows also hold texts, which are known by number. Whoever shows rows fetches those
    /// that they want.
    pub fn with_texts<I: Send + Sync + 'static>(
        items: Vec<I>,
        number: impl Fn(&I) -> Option<i64> + Send + Sync + 'static,
        make: impl Fn(&I, &TextsByNumber) -> V + Send + Sync + 'static,
    ) -> Self {
        let count = items.len();
        let items = Arc::new(items);
        let same = Arc::clone(&items);
        let wanted =
            move |range: Range<usize>| Wanted::Texts(same[range].iter().filter_map(&number).collect());
        let make = move |range: Range<usize>, words: &Words| {
            items[range].iter().map(|item| make(item, &words.texts)).collect()
        };
        Self::new(count, Some(Box::new(wanted)), Box::new(make))
    }

    /// A list of records of one kind, whose rows are what these say.
    pub fn of_records<I: Send + Sync + 'static>(
        kind: RecordKind,
        items: Vec<I>,
        number: impl Fn(&I) -> i64 + Clone + Send + Sync + 'static,
        make: impl Fn(&I, &PastRecord) -> Option<V> + Send + Sync + 'static,
    ) -> Self {
        let count = items.len();
        let items = Arc::new(items);
        let (same, number_of) = (Arc::clone(&items), number.clone());
        let wanted =
            move |range: Range<usize>| Wanted::Records(kind, same[range].iter().map(&number_of).collect());
        let make = move |range: Range<usize>, words: &Words| {
            let row = |item: &I| make(item, words.records.get(&number(item))?);
            items[range].iter().filter_map(row).collect()
        };
        Self::new(count, Some(Box::new(wanted)), Box::new(make))
    }

    fn new(count: usize, wanted: Option<WantedOf>, make: MakeRows<V>) -> Self {
        Self { count, wanted, make, fields: None, about: About::default(), whole: false, document: None }
    }

    /// Gives it whole unless a limit is said: it is small enough.
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Gives it as another document where JSON is asked for, in place of a page of rows.
    pub fn as_document<D: Serialize>(mut self, make: impl Fn() -> D + Send + Sync + 'static) -> Self {
        self.document = Some(Box::new(move || serde_json::to_vec(&make()).unwrap_or_default()));
        self
    }

    /// Leaves out all but some fields.
    pub fn with_fields(mut self, fields: Option<Vec<String>>) -> Self {
        self.fields = fields;
        self
    }

    /// Says beside it what it is about.
    pub fn about(mut self, about: About) -> Self {
        self.about = about;
        self
    }

    /// How many rows it has.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether its rows may hold what stands in the database.
    pub fn wants_words(&self) -> bool {
        self.wanted.is_some()
    }

    /// What some rows want out of the database.
    pub fn wanted(&self, range: Range<usize>) -> Wanted {
        self.wanted.as_ref().map_or(Wanted::Nothing, |wanted| wanted(range))
    }

    fn limit(&self, page: Page) -> u32 {
        let default =
            if self.whole { u32::try_from(self.count.max(1)).unwrap_or(u32::MAX) } else { DEFAULT_LIMIT };
        page.limit.unwrap_or(default)
    }

    /// What the rows of a page want.
    pub(crate) fn wanted_of(&self, page: Page) -> Wanted {
        self.wanted(self.range(page))
    }

    /// One page as JSON, with what its rows want.
    pub(crate) fn page(&self, page: Page, grid: &Grid, words: &Words) -> PageText {
        #[derive(Serialize)]
        struct Envelope<R> {
            metadata: Metadata,
            results: Vec<R>,
        }
        let count = self.count;
        if let Some(document) = &self.document {
            return PageText { json: document(), count, limit: None };
        }
        let limit = self.limit(page);
        let resultset = Resultset { count, offset: page.offset, limit };
        let metadata = Metadata { about: self.about.clone(), ..Metadata::new(grid, resultset) };
        let results = self.rows(window(count, page.offset, Some(limit)), words);
        let json = match &self.fields {
            None => serde_json::to_vec(&Envelope { metadata, results }),
            Some(fields) => {
                let results: Vec<Value> = results.iter().map(|view| pick(view, fields)).collect();
                serde_json::to_vec(&Envelope { metadata, results })
            }
        };
        PageText { json: json.unwrap_or_default(), count, limit: Some(limit) }
    }

    /// Where the rows of a page stand.
    pub(crate) fn range(&self, page: Page) -> Range<usize> {
        window(self.count, page.offset, Some(self.limit(page)))
    }

    /// Some of its rows, with what they want.
    pub fn rows(&self, range: Range<usize>, words: &Words) -> Vec<V> {
        (self.make)(range, words)
    }

    fn columns(&self) -> Vec<&str> {
        match &self.fields {
            Some(fields) => fields.iter().map(String::as_str).collect(),
            None => V::COLUMNS.to_vec(),
        }
    }

    /// The line before the rows, where there is one.
    pub(crate) fn head(&self, format: RowFormat) -> Option<Vec<u8>> {
        match format {
            RowFormat::Csv(end) => Some(csv_line(&self.columns(), end)),
            RowFormat::Ndjson => None,
        }
    }

    /// Some of its rows as lines of a file, with what they want.
    pub(crate) fn text(&self, range: Range<usize>, words: &Words, format: RowFormat) -> Vec<u8> {
        let columns = self.columns();
        let mut text = Vec::new();
        for view in self.rows(range, words) {
            let value = serde_json::to_value(&view).unwrap_or_default();
            match format {
                RowFormat::Csv(end) => {
                    let cells: Vec<String> = columns
                        .iter()
                        .map(|column| cell(value.get(column).unwrap_or(&Value::Null)))
                        .collect();
                    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
                    text.extend(csv_line(&cells, end));
                }
                RowFormat::Ndjson => {
                    let value = match &self.fields {
                        Some(fields) => pick(&view, fields),
                        None => value,
                    };
                    text.extend(value.to_string().into_bytes());
                    text.push(b'\n');
                }
            }
        }
        text
    }
}

/// Some fields of a row, in the order asked for.
pub(crate) fn pick(view: &impl Serialize, fields: &[String]) -> Value {
    let mut value = serde_json::to_value(view).unwrap_or_default();
    let picked =
        fields.iter().filter_map(|field| Some((field.clone(), value.get_mut(field)?.take()))).collect();
    Value::Object(picked)
}

/// A value as the text of a CSV cell. Text that a spreadsheet would take for a formula is guarded.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => crate::domain::text::guarded(text).into_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFormat {
    /// As CSV whose lines end so.
    Csv(LineEnd),
    /// As one JSON object a line.
    Ndjson,
}

pub(crate) fn csv_line(cells: &[&str], end: LineEnd) -> Vec<u8> {
    let mut writer = csv_writer(Vec::new(), end);
    // Memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
}

/// 一覧に付く情報
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Metadata {
    /// 件数と位置
    pub resultset: Resultset,
    /// データの版（記録の最後の番号）
    #[schema(example = 87_050, minimum = 0)]
    pub revision: i64,
    /// いつ時点か（日本の日付）
    pub as_of: chrono::NaiveDate,
    /// いつまでに記録されたことか（日本の時刻）
    // A pattern and no format: what some generators make of the format by default takes no time with an
    // offset, and every list has this one.
    #[schema(
        example = "2026-11-21T10:00:00+09:00",
        pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+09:00$"
    )]
    pub known_at: String,
    /// 何についての一覧か
    #[serde(flatten)]
    pub about: About,
}

/// 一覧が何についてのものか（指標とその説明、対応状況の一覧だけに付く）
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct About {
    /// 対象の団体
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "茨城県 44団体")]
    pub scope: Option<String>,
    /// 対象の団体の数
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 44, minimum = 0)]
    pub bodies: Option<usize>,
    /// 指定された条件（ページと形式を除く）
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"prefecture": "08"}))]
    pub filters: Option<BTreeMap<String, String>>,
    /// この一覧が知っている最後の記録の時刻。写しを保つには、次に updated_since に渡す（対応状況の一覧だけ）
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-21T10:00:00+09:00", format = DateTime)]
    pub updated_until: Option<String>,
}

impl Metadata {
    /// What a list of a grid carries.
    pub fn new(grid: &Grid, resultset: Resultset) -> Self {
        Self {
            resultset,
            revision: grid.revision(),
            as_of: grid.as_of(),
            known_at: known_at(grid),
            about: About::default(),
        }
    }
}

/// The moment up to which a country knows the log, as answers say it.
pub(crate) fn known_at(grid: &Grid) -> String {
    in_japan(grid.known_at()).to_rfc3339_opts(SecondsFormat::Secs, false)
}

/// 件数と位置
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Resultset {
    /// 条件に合う件数
    #[schema(example = 1, minimum = 0)]
    pub count: usize,
    /// 読み飛ばした件数
    #[schema(example = 0, minimum = 0)]
    pub offset: u32,
    /// 1ページの件数
    #[schema(example = 50, minimum = 0)]
    pub limit: u32,
}

/// 一覧（1ページ）
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ListView<V: utoipa::ToSchema> {
    /// 件数と位置、版、時点
    pub metadata: Metadata,
    /// 結果
    #[schema(max_items = 500)]
    pub results: Vec<V>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_cells_are_guarded_and_joined() {
        assert_eq!(cell(&serde_json::json!(["a", "b"])), "a;b");
        assert_eq!(cell(&serde_json::json!("=1+1")), "'=1+1");
        assert_eq!(cell(&serde_json::json!(null)), "");
        assert_eq!(csv_line(&["a,b", "c"], LineEnd::Lf), b"\"a,b\",c\n");
    }

    #[test]
    fn windows_never_leave_the_list() {
        assert_eq!(window(10, 3, Some(4)), 3..7);
        assert_eq!(window(10, 30, Some(4)), 10..10);
        assert_eq!(window(10, 8, None), 8..10);
    }
}
