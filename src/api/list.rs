//! Lists before they are cut into pages or streamed, and their rows as JSON, NDJSON and CSV.

use std::ops::Range;

use serde::Serialize;
use serde_json::Value;

use super::reply::About;
use crate::error::Error;
use crate::export::{LineEnd, csv_writer};

/// The piece of a list between an offset and a limit.
pub(super) fn window(count: usize, offset: u32, limit: Option<u32>) -> Range<usize> {
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
        pub(super) struct $name { $( $(#[$field_meta])* $field: $type, )+ }

        impl $crate::api::list::View for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($field)),+];
        }
    };
}
pub(super) use view;

type MakeViews<I, V> = Box<dyn Fn(&[I]) -> Result<Vec<V>, Error> + Send + Sync>;

/// A list before it is cut into a page or streamed: light items, and how they become rows.
pub struct List<I, V> {
    pub(super) items: Vec<I>,
    make: MakeViews<I, V>,
    pub(super) fields: Option<Vec<String>>,
    /// What it is about, where that is told beside it.
    pub(super) about: About,
    /// Whether making rows may wait for the database.
    pub(super) asks_database: bool,
}

impl<I, V: View> List<I, V> {
    /// A list whose rows are made one by one.
    pub fn each(items: Vec<I>, make: impl Fn(&I) -> V + Send + Sync + 'static) -> Self {
        Self {
            asks_database: false,
            ..Self::pieces(items, move |items| Ok(items.iter().map(&make).collect()))
        }
    }

    /// A list whose rows are made in pieces, because they ask the database.
    pub fn pieces(
        items: Vec<I>,
        make: impl Fn(&[I]) -> Result<Vec<V>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self { items, make: Box::new(make), fields: None, about: About::default(), asks_database: true }
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

    pub(super) fn columns(&self) -> Vec<&str> {
        match &self.fields {
            Some(fields) => fields.iter().map(String::as_str).collect(),
            None => V::COLUMNS.to_vec(),
        }
    }

    pub(super) fn views(&self, range: Range<usize>) -> Result<Vec<V>, Error> {
        (self.make)(self.items.get(range).unwrap_or_default())
    }

    /// The line before the rows, where there is one.
    pub(super) fn head(&self, format: RowFormat) -> Option<Vec<u8>> {
        match format {
            RowFormat::Csv(end) => Some(csv_line(&self.columns(), end)),
            RowFormat::Ndjson => None,
        }
    }

    pub(super) fn text(&self, range: Range<usize>, format: RowFormat) -> Result<Vec<u8>, Error> {
        let columns = self.columns();
        let mut text = Vec::new();
        for view in self.views(range)? {
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
        Ok(text)
    }
}

/// Some fields of a row, in the order asked for.
pub(super) fn pick(view: &impl Serialize, fields: &[String]) -> Value {
    let mut value = serde_json::to_value(view).unwrap_or_default();
    let picked =
        fields.iter().filter_map(|field| Some((field.clone(), value.get_mut(field)?.take()))).collect();
    Value::Object(picked)
}

/// A value as the text of a CSV cell. Text that a spreadsheet would take for a formula is guarded.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => crate::domain::text::guarded(text).into_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowFormat {
    /// As CSV whose lines end so.
    Csv(LineEnd),
    /// As one JSON object a line.
    Ndjson,
}

pub(super) fn csv_line(cells: &[&str], end: LineEnd) -> Vec<u8> {
    let mut writer = csv_writer(Vec::new(), end);
    // Memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().unwrap_or_default()
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
