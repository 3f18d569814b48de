//! What may be taken away: each file with what is in it, column by column, and the three descriptions that programs
//! read of it. The columns are those of the rows themselves, so that no description falls behind.

use chrono::NaiveDate;
use serde_json::{Map, Value, json};
use utoipa::PartialSchema;

use super::catalogue::ProcedureView;
use super::codes::CodeView;
use super::figures::FigureView;
use super::list::View;
use super::municipalities::MunicipalityView;
use super::usage::{PublishedFigureView, UsageView};
use crate::export::LongRow;

/// A file that may be taken away.
pub(crate) struct DataFile {
    /// Its name, also in descriptions.
    pub(crate) name: &'static str,
    /// What it is called in Japanese.
    pub(crate) ja: &'static str,
    /// The same in English.
    pub(crate) en: &'static str,
    /// Its address in the API.
    pub(crate) path: &'static str,
    /// What is in it, in Japanese.
    pub(crate) contents: &'static str,
    /// The columns that together tell one row from all others.
    key: &'static [&'static str],
    columns: fn() -> Vec<Column>,
}

/// The files, the record itself first.
pub(crate) const FILES: &[DataFile] = &[
    DataFile {
        name: "readiness",
        ja: "対応状況（全団体・全手続・全接点）",
        en: "Readiness, all rows",
        path: "/exports/readiness.csv",
        contents: "1行が1団体・1手続・1接点。段階、状態、根拠、システム、適用日",
        key: &[],
        columns: columns_of_rows,
    },
    DataFile {
        name: "municipalities",
        ja: "団体",
        en: "Bodies",
        path: "/municipalities?format=csv",
        contents: "全国の団体。コード、種別、人口",
        key: &["code"],
        columns: columns_of::<MunicipalityView>,
    },
    DataFile {
        name: "procedures",
        ja: "手続",
        en: "Procedures",
        path: "/procedures?format=csv",
        contents: "手続の一覧。分野、根拠、短い名前",
        key: &["id"],
        columns: columns_of::<ProcedureView>,
    },
    DataFile {
        name: "online_rate_by_prefecture",
        ja: "オンライン対応率（都道府県別）",
        en: "Online rate by prefecture",
        path: "/figures/online_rate?by=prefecture&format=csv",
        contents: "オンライン対応率と四分位",
        key: &["key"],
        columns: columns_of::<FigureView>,
    },
    DataFile {
        name: "online_rate_by_municipality",
        ja: "オンライン対応率（団体別）",
        en: "Online rate by body",
        path: "/figures/online_rate?by=municipality&format=csv",
        contents: "団体ごとのオンライン対応率",
        key: &["key"],
        columns: columns_of::<FigureView>,
    },
    DataFile {
        name: "published_figures",
        ja: "国が公表した値",
        en: "What the state published",
        path: "/published_figures?format=csv",
        contents: "ダッシュボードなどの公表値",
        key: &[],
        columns: columns_of::<PublishedFigureView>,
    },
    DataFile {
        name: "usage",
        ja: "利用件数",
        en: "Applications",
        path: "/usage?format=csv",
        contents: "手続・年度・方法ごとの件数",
        key: &[],
        columns: columns_of::<UsageView>,
    },
    DataFile {
        name: "codes",
        ja: "コードと印の意味",
        en: "What codes mean",
        path: "/codes?format=csv",
        contents: "段階・状態・根拠などのコードと、取込で読む印",
        key: &[],
        columns: columns_of::<CodeView>,
    },
];

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text, codes with zeros at their beginning among it.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Flag,
    /// A day.
    Day,
    /// A moment, with its offset.
    Moment,
}

impl Kind {
    /// How people call it.
    pub(crate) fn ja(self) -> &'static str {
        match self {
            Self::Text => "文字",
            Self::Integer => "整数",
            Self::Number => "数",
            Self::Flag => "true か false",
            Self::Day => "日付（YYYY-MM-DD）",
            Self::Moment => "日時（RFC 3339）",
        }
    }

    /// The same in English.
    pub(crate) fn en(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "whole number",
            Self::Number => "number",
            Self::Flag => "true or false",
            Self::Day => "day (YYYY-MM-DD)",
            Self::Moment => "moment (RFC 3339)",
        }
    }

    /// In a data package.
    fn frictionless(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Flag => "boolean",
            Self::Day => "date",
            Self::Moment => "datetime",
        }
    }

    /// In CSV on the Web.
    fn csvw(self) -> &'static str {
        match self {
            Self::Moment => "dateTime",
            other => other.frictionless(),
        }
    }
}

/// A column of a file.
pub(crate) struct Column {
    /// Its heading.
    pub(crate) name: String,
    /// What its values are.
    pub(crate) kind: Kind,
    /// What they mean, in Japanese.
    pub(crate) meaning: String,
    /// What they look like, as a regular expression.
    pattern: Option<String>,
}

fn columns_of<V: View + PartialSchema>() -> Vec<Column> {
    let schema = serde_json::to_value(V::schema()).unwrap_or_default();
    V::COLUMNS.iter().map(|name| column(name, &schema["properties"][*name])).collect()
}

fn columns_of_rows() -> Vec<Column> {
    let schema = serde_json::to_value(LongRow::schema()).unwrap_or_default();
    let all = schema["properties"].as_object();
    all.into_iter().flatten().map(|(name, property)| column(name, property)).collect()
}

/// A column as its schema tells it.
fn column(name: &str, property: &Value) -> Column {
    let text = |member: &str| property[member].as_str();
    // Of a code that may be missing the words stand beside the name of its list.
    let of_code = || property["oneOf"].as_array()?.iter().find_map(|one| one["description"].as_str());
    let is = |kind: &str| match &property["type"] {
        Value::String(only) => only == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    };
    let kind = match text("format") {
        Some("date") => Kind::Day,
        Some("date-time") => Kind::Moment,
        _ if is("integer") => Kind::Integer,
        _ if is("number") => Kind::Number,
        _ if is("boolean") => Kind::Flag,
        _ => Kind::Text,
    };
    Column {
        name: name.to_owned(),
        kind,
        meaning: text("description").or_else(of_code).unwrap_or_default().to_owned(),
        pattern: text("pattern").map(str::to_owned),
    }
}

impl DataFile {
    /// The file of a name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        FILES.iter().find(|file| file.name == name)
    }

    /// Its columns, in order.
    pub(crate) fn columns(&self) -> Vec<Column> {
        (self.columns)()
    }

    /// Its address on the server.
    pub(crate) fn address(&self) -> String {
        format!("/api/v1{}", self.path)
    }

    /// Where its description for CSV on the Web stands.
    pub(crate) fn metadata_address(&self) -> String {
        format!("/data/{}.csv-metadata.json", self.name)
    }

    /// Its description as CSV on the Web asks for it.
    pub(crate) fn csvw(&self, terms: &str) -> Value {
        let column = |column: Column| {
            let datatype = match column.pattern {
                Some(pattern) => json!({ "base": column.kind.csvw(), "format": pattern }),
                None => json!(column.kind.csvw()),
            };
            json!({ "name": column.name, "titles": column.name, "dc:description": column.meaning, "datatype": datatype, "null": "" })
        };
        let mut schema = Map::new();
        schema.insert("columns".to_owned(), self.columns().into_iter().map(column).collect());
        if !self.key.is_empty() {
            schema.insert("primaryKey".to_owned(), json!(self.key));
        }
        json!({
            "@context": ["http://www.w3.org/ns/csvw", { "@language": "ja" }],
            "url": self.address(),
            "dc:title": self.ja,
            "dc:description": self.contents,
            "dc:rights": terms,
            "dialect": { "encoding": "utf-8", "header": true, "delimiter": "," },
            "tableSchema": schema,
        })
    }

    fn resource(&self) -> Value {
        let field = |column: Column| {
            let mut field = json!({ "name": column.name, "type": column.kind.frictionless(), "description": column.meaning });
            if column.kind == Kind::Moment {
                field["format"] = json!("any");
            }
            if let Some(pattern) = column.pattern {
                field["constraints"] = json!({ "pattern": pattern });
            }
            field
        };
        let mut schema = json!({ "fields": self.columns().into_iter().map(field).collect::<Value>(), "missingValues": [""] });
        if !self.key.is_empty() {
            schema["primaryKey"] = json!(self.key);
        }
        json!({
            "name": self.name.replace('_', "-"),
            "type": "table",
            "title": self.ja,
            "description": self.contents,
            // Beside the description itself: it stands at the root.
            "path": self.address().trim_start_matches('/'),
            "scheme": "http",
            "format": "csv",
            "mediatype": "text/csv",
            "encoding": "utf-8",
            "schema": schema,
        })
    }
}

/// What descriptions say of all files together.
pub(crate) struct Whole<'w> {
    /// Under which terms they are given.
    pub(crate) terms: &'w str,
    /// The day that they are about.
    pub(crate) as_of: NaiveDate,
    /// Number of the last row of the log that is in them.
    pub(crate) revision: i64,
}

const TITLE: &str = "行政手続のオンライン・書かない窓口の準備状況";

/// All files as a data package of Frictionless.
pub(crate) fn data_package(whole: &Whole<'_>) -> Value {
    json!({
        "name": "todoke",
        "title": TITLE,
        "description": whole.terms,
        "version": whole.revision.to_string(),
        "created": format!("{}T00:00:00+09:00", whole.as_of),
        "resources": FILES.iter().map(DataFile::resource).collect::<Value>(),
    })
}

/// All files as a catalogue of DCAT.
pub(crate) fn catalogue(whole: &Whole<'_>) -> Value {
    let words = |ja: &str, en: &str| json!([{ "@value": ja, "@language": "ja" }, { "@value": en, "@language": "en" }]);
    let distribution = |address: String, kind: &str, described: Option<String>| {
        let mut one = json!({ "@type": "dcat:Distribution", "dcat:downloadURL": { "@id": address }, "dcat:mediaType": kind });
        if let Some(described) = described {
            one["dct:conformsTo"] = json!({ "@id": described });
        }
        one
    };
    let dataset = |file: &DataFile| {
        let json_too = file.path.contains("format=csv").then(|| {
            let address = file.address().replace("?format=csv", "").replace("&format=csv", "");
            distribution(address, "application/json", None)
        });
        let csv = distribution(file.address(), "text/csv", Some(file.metadata_address()));
        json!({
            "@id": format!("/data#{}", file.name),
            "@type": "dcat:Dataset",
            "dct:title": words(file.ja, file.en),
            "dct:description": { "@value": file.contents, "@language": "ja" },
            "dct:modified": { "@value": whole.as_of.to_string(), "@type": "xsd:date" },
            "dct:rights": whole.terms,
            "dcat:distribution": std::iter::once(csv).chain(json_too).collect::<Value>(),
        })
    };
    json!({
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": "/data",
        "@type": "dcat:Catalog",
        "dct:title": words(TITLE, "Readiness of local procedures, online and at the counter"),
        "dct:language": "ja",
        "dct:rights": whole.terms,
        "dcat:dataset": FILES.iter().map(dataset).collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_say_what_they_are_and_mean() {
        let of = |name: &str| DataFile::find(name).unwrap().columns();
        let kind =
            |file: &str, column: &str| of(file).into_iter().find(|one| one.name == column).unwrap().kind;
        assert_eq!(kind("readiness", "municipality_code"), Kind::Text);
        assert_eq!(kind("readiness", "level"), Kind::Integer);
        assert_eq!(kind("readiness", "effective_on"), Kind::Day);
        assert_eq!(kind("municipalities", "population"), Kind::Integer);
        assert_eq!(kind("online_rate_by_prefecture", "value"), Kind::Number);
        for file in FILES {
            assert!(!file.columns().is_empty(), "{}", file.name);
            for column in file.columns() {
                assert!(!column.meaning.is_empty(), "{}: {}", file.name, column.name);
            }
            for key in file.key {
                assert!(file.columns().iter().any(|column| column.name == *key), "{}: {key}", file.name);
            }
        }
    }
}
