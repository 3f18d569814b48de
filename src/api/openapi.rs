//! The contract: collected from the handlers, completed by rules that hold for every operation.

use std::sync::LazyLock;

use actix_web::App;
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, PartialSchema};
use utoipa_actix_web::AppExt;

use super::openapi_30;
use super::ops::Contract;
use crate::domain::municipality::MunicipalityKind;
use crate::domain::procedure::{Category, Target};
use crate::domain::readiness::{Evidence, Place, State};
use crate::export::{LineEnd, LongRow};
use crate::http::download::REPLACED;
use crate::http::problem::{Kind, Problem};
use crate::http::routes::{Cost, Operation, Part, ROUTES, Route};
use crate::query::format::{FileFormat, Medium};
use crate::query::{list, readiness};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "todoke 届",
        description = "地方公共団体が優先的にオンライン化を推進すべき手続の一覧と、全国1,788団体の対応状況（行かない・書かない）を返す API です。\n\n参照はすべて鍵なしで使えます。申告と管理には鍵（Authorization: Bearer tdk_…）が要ります。同じ定義の数値を、団体・都道府県・手続ごとに、もとの行まで確かめられます。新しい項目は予告なく増えることがあるので、知らない項目は読み飛ばしてください。",
        license(name = "MIT OR Apache-2.0", url = "https://spdx.org/licenses/MIT.html"),
        contact(name = "todoke")
    ),
    servers((url = "/", description = "このサーバ")),
    tags(
        (name = "catalogue", description = "手続・手続一覧・コード"),
        (name = "municipalities", description = "団体と都道府県"),
        (name = "readiness", description = "対応状況"),
        (name = "figures", description = "指標と分布"),
        (name = "materials", description = "団体の資料（確認ポイント、取組計画、背景の指標、体験調査、計画の工程、処理時間）"),
        (name = "exports", description = "書き出し"),
        (name = "imports", description = "取込"),
        (name = "access", description = "鍵・セッション・監査記録"),
        (name = "operations", description = "運用")
    ),
    components(schemas(crate::http::problem::ProblemView))
)]
struct Document;

/// The OpenAPI 3.1 document.
pub fn document() -> Value {
    let (_, openapi) = App::new()
        .into_utoipa_app()
        .openapi(Document::openapi())
        .configure(super::resources)
        .split_for_parts();
    let mut document = serde_json::to_value(&openapi).unwrap_or_default();
    refer_to_rows(&mut document);
    let_fields_be_left_out(&mut document);
    write_forms_out(&mut document);
    name_constants(&mut document);
    document["components"]["securitySchemes"] = json!({"token": {
        "type": "http",
        "scheme": "bearer",
        "description": "管理者が作る鍵（tdk_ で始まる40文字）。Authorization: Bearer tdk_… の形で送ります。"
    }});
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            let Some(route) = ROUTES.iter().find(|route| route.path == path) else { continue };
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                complete(route, method, operation, &schemas);
            }
        }
    }
    document
}

/// Lists refer to the schema of their rows; the derive writes it out again in each.
fn refer_to_rows(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, schema) in schemas {
        if let Some(row) = name.strip_prefix("ListView_")
            && let Some(items) = schema.pointer_mut("/properties/results/items")
        {
            *items = json!({"$ref": format!("#/components/schemas/{row}")});
        }
    }
}

/// Where `fields` picks some, a row has only those: nothing of it can be required.
fn let_fields_be_left_out(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, part) in [("ListView_ReadinessView", "results"), ("ReadinessView", "")] {
        let Some(mut copy) = schemas.get(name).cloned() else { continue };
        if part.is_empty() {
            copy.as_object_mut().map(|schema| schema.remove("required"));
            copy["description"] = "対応状況（fields で選んだ項目だけ）".into();
        } else {
            copy["properties"][part]["items"] = json!({"$ref": "#/components/schemas/ReadinessRow"});
        }
        schemas.insert(name.replace("ReadinessView", "ReadinessRow"), copy);
    }
    document["paths"]["/api/v1/readiness"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] =
        json!({"$ref": "#/components/schemas/ListView_ReadinessRow"});
}

/// The contract, written once: it is the same as long as the program is.
static TEXT: LazyLock<String> = LazyLock::new(text);
static TEXT_30: LazyLock<String> = LazyLock::new(text_30);

/// The contract as it is served.
pub(crate) fn contract() -> Contract {
    Contract { text: &TEXT, text_30: &TEXT_30 }
}

/// The OpenAPI 3.1 document as it is committed and served.
pub fn text() -> String {
    to_text(&document())
}

/// The OpenAPI 3.0 twin as it is committed and served.
pub fn text_30() -> String {
    to_text(&openapi_30::down_convert(document()))
}

/// A document as it is committed and served.
pub(super) fn to_text(document: &Value) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

/// Adds to an operation what holds for all: no key, the problems it may answer with, examples.
fn complete(route: &Route, method: &str, operation: &mut Value, schemas: &Value) {
    let Some(operation) = operation.as_object_mut() else {
        return;
    };
    let signed = operation.contains_key("security");
    if !signed {
        operation.insert("security".to_owned(), json!([]));
    }
    if let Some(parameters) = operation.get_mut("parameters").and_then(Value::as_array_mut) {
        // A parameter of a path that is described is also found by its type, undescribed.
        let described: Vec<Value> = parameters
            .iter()
            .filter(|one| one["description"].is_string())
            .map(|one| one["name"].clone())
            .collect();
        parameters.retain(|one| one["description"].is_string() || !described.contains(&one["name"]));
    }
    for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
        bound(parameter);
        leave_empty(parameter);
    }
    let has_body = operation.contains_key("requestBody");
    let conditional = names_header(operation, "If-Match");
    if let Some(body) = operation.get_mut("requestBody") {
        add_examples(body, schemas);
    }
    let (has_path, has_query) = (has_parameters(operation, "path"), has_parameters(operation, "query"));
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for response in responses.values_mut() {
        add_examples(response, schemas);
    }
    let named = take_named(responses);
    let mut kinds = vec![Kind::INVALID_PARAMETER, Kind::INTERNAL, Kind::UNAVAILABLE];
    if has_path {
        kinds.push(Kind::NOT_FOUND);
    }
    if has_query {
        kinds.push(Kind::NOT_ACCEPTABLE);
    }
    if signed {
        // Even a look writes when the key was last used.
        kinds.extend([Kind::UNAUTHENTICATED, Kind::FORBIDDEN, Kind::INSUFFICIENT_STORAGE]);
    }
    if conditional {
        kinds.extend([Kind::PRECONDITION_FAILED, Kind::PRECONDITION_REQUIRED]);
    }
    if has_body {
        kinds.extend([Kind::TIMEOUT, Kind::TOO_LARGE, Kind::UNSUPPORTED_MEDIA_TYPE, Kind::UNPROCESSABLE]);
    }
    if route.part == Part::Api {
        kinds.push(Kind::URI_TOO_LONG);
    }
    if route.operations.iter().all(|operation| operation.cost != Cost::Free) {
        kinds.push(Kind::TOO_MANY_REQUESTS);
    }
    kinds.extend(named);
    // What only some may see has no tag: it is kept nowhere.
    let kept = operation_of(route, method).is_some_and(|operation| operation.kept);
    add_headers(kept || conditional, responses);
    if kept {
        responses.insert("304".to_owned(), json!({"description": "If-None-Match の版から変わっていない"}));
    }
    kinds.sort_by_key(|kind| kind.status);
    for kind in kinds {
        responses.insert(kind.status.as_str().to_owned(), problem_response(kind));
    }
}

/// The problems that an operation itself names, which are written out with the others.
fn take_named(responses: &mut Map<String, Value>) -> Vec<Kind> {
    let is_named = |kind: &Kind| responses.shift_remove(kind.status.as_str()).is_some();
    Kind::ALL.iter().copied().filter(is_named).collect()
}

/// Headers of good answers in words, with an example, in the order in which they are told.
const HEADERS: &[(&str, &str, &str)] = &[
    ("ETag", "内容の版。If-None-Match と If-Match に使う", "\"87050\""),
    ("Link", "ほかのページ（RFC 8288）", "</api/v1/procedures?limit=50&offset=50>; rel=\"next\""),
    (REPLACED, "encoding=cp932 のとき、表せずに 〓 に置き換えた文字の数", "0"),
    ("Content-Disposition", "保存するときのファイル名（RFC 6266）", "attachment; filename=\"readiness.csv\""),
    ("Location", "作られたもののパス", "/api/v1/tokens/12"),
];

/// Says which headers the good answers of an operation carry: those that it names, a tag, and of lists
/// the way to other pages.
fn add_headers(tagged: bool, responses: &mut Map<String, Value>) {
    for (status, response) in responses {
        let is_list = response
            .pointer("/content/application~1json/schema/$ref")
            .and_then(Value::as_str)
            .is_some_and(|schema| schema.contains("ListView"));
        let named = response.as_object_mut().and_then(|response| response.shift_remove("headers"));
        let carries = |name: &str| match name {
            "ETag" => tagged && status != "204",
            "Link" => is_list,
            _ => named.as_ref().is_some_and(|named| named.get(name).is_some()),
        };
        let told = HEADERS.iter().filter(|(name, ..)| carries(name));
        let headers: Map<String, Value> =
            told.map(|(name, words, example)| ((*name).to_owned(), header(words, example))).collect();
        if !headers.is_empty() {
            response["headers"] = Value::Object(headers);
        }
    }
}

fn header(description: &str, example: &str) -> Value {
    json!({"description": description, "schema": {"type": "string", "maxLength": 20_000}, "example": example})
}

/// Says which values a parameter of codes takes, as far as a pattern can.
fn bound(parameter: &mut Value) {
    fn any_of<'a>(codes: impl IntoIterator<Item = &'a str>) -> String {
        let codes: Vec<&str> = codes.into_iter().collect();
        format!("({})", codes.join("|"))
    }
    let one = match parameter["name"].as_str().unwrap_or_default() {
        "code" => r"(0[1-9]|[1-3]\d|4[0-7])\d{3,4}".to_owned(),
        "municipality" => r"(0[1-9]|[1-3]\d|4[0-7])\d{3,4}".to_owned(),
        "prefecture" => r"(0[1-9]|[1-3]\d|4[0-7])".to_owned(),
        "kind" => any_of(MunicipalityKind::ALL.iter().map(|code| code.code())),
        "target" => any_of(Target::ALL.iter().map(|code| code.code())),
        "category" => any_of(Category::ALL.iter().map(|code| code.code())),
        "place" => any_of(Place::ALL.iter().map(|code| code.code())),
        "state" => any_of(State::ALL.iter().map(|code| code.code())),
        "evidence" => any_of(Evidence::ALL.iter().map(|code| code.code())),
        "procedure" | "list" => "[a-z0-9-]+".to_owned(),
        "channel" if parameter["in"] == "path" => "[a-z_]+".to_owned(),
        "channel" => "[a-z_-]+".to_owned(),
        "sort" => format!("-?{}", any_of(readiness::SORT_KEYS.iter().copied())),
        "fields" => any_of(readiness::FIELDS.iter().copied()),
        "updated_since" => r"\d{4}-\d{2}-\d{2}([T ].*)?".to_owned(),
        _ => return,
    };
    let single = parameter["in"] == "path" || parameter["name"] == "updated_since";
    let pattern = if single { format!("^{one}$") } else { format!("^{one}(,{one})*$") };
    if parameter["schema"].get("enum").is_none() {
        parameter["schema"]["pattern"] = pattern.into();
    }
}

/// A page of documentation fills every example in: a parameter that may be left out would filter, repeat
/// a key or choose a format nobody asked for. Its example stands in its description.
fn leave_empty(parameter: &mut Value) {
    let Some(parameter) = parameter.as_object_mut() else { return };
    if parameter.get("required") == Some(&Value::Bool(true)) {
        return;
    }
    let beside = parameter.remove("example");
    let within =
        parameter.get_mut("schema").and_then(Value::as_object_mut).and_then(|one| one.remove("example"));
    let Some(example) = beside.or(within) else { return };
    let shown = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
    if let Some(Value::String(text)) = parameter.get_mut("description") {
        text.push_str(&format!("（例: {shown}）"));
    }
}

/// Forms stand where they are sent: generators that read a form from its place alone would miss it.
fn write_forms_out(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    let operations = document.get_mut("paths").and_then(Value::as_object_mut).into_iter();
    let operations =
        operations.flat_map(Map::values_mut).filter_map(Value::as_object_mut).flat_map(Map::values_mut);
    let mut written = Vec::new();
    for operation in operations {
        let Some(schema) = operation.pointer_mut("/requestBody/content/multipart~1form-data/schema") else {
            continue;
        };
        let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).map(str::to_owned);
        if let Some(name) = name {
            *schema = schemas[&name].clone();
            written.push(name);
        }
    }
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        schemas.retain(|name, _| !written.contains(name));
    }
}

/// Names of constants that no two lists of codes share, for languages in which they stand side by side.
fn name_constants(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    for (name, schema) in schemas {
        let Some(codes) = schema["enum"].as_array() else { continue };
        let constant = |code: &Value| {
            let words = code.as_str().unwrap_or_default().split(|c: char| !c.is_ascii_alphanumeric());
            let capital = |word: &str| match word.split_at_checked(1) {
                Some((first, rest)) => format!("{}{rest}", first.to_uppercase()),
                None => String::new(),
            };
            format!("{name}{}", words.map(capital).collect::<String>())
        };
        let constants: Vec<String> = codes.iter().map(constant).collect();
        schema["x-enum-varnames"] = json!(constants);
    }
}

/// What the table of routes says of a method.
fn operation_of<'r>(route: &'r Route, method: &str) -> Option<&'r Operation> {
    route.operations.iter().find(|operation| operation.verb.name().eq_ignore_ascii_case(method))
}

/// Whether an operation has parameters in the path, or in the query.
fn has_parameters(operation: &Map<String, Value>, place: &str) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    parameters.is_some_and(|parameters| parameters.iter().any(|parameter| parameter["in"] == place))
}

/// Whether an operation has a header as parameter.
fn names_header(operation: &Map<String, Value>, name: &str) -> bool {
    operation
        .get("parameters")
        .and_then(Value::as_array)
        .is_some_and(|parameters| parameters.iter().any(|parameter| parameter["name"] == name))
}

fn problem_response(kind: Kind) -> Value {
    let mut example =
        serde_json::to_value(Problem::plain(kind).document(false, "/api/v1/procedures")).unwrap_or_default();
    if kind == Kind::INVALID_PARAMETER {
        example["errors"] = json!([{
            "code": "out_of_range",
            "pointer": "/query/limit",
            "value": "0",
            "message": "limit は1〜500の整数です",
            "allowed": "1-500",
            "suggestion": null
        }]);
    }
    let headers: &[(&str, &str, &str)] = match kind {
        Kind::UNAUTHENTICATED => &[("WWW-Authenticate", "鍵の送り方", "Bearer realm=\"todoke\"")],
        Kind::UNAVAILABLE => &[("Retry-After", "待つ秒数", "2")],
        Kind::TOO_MANY_REQUESTS => &[
            ("Retry-After", "待つ秒数", "1"),
            ("RateLimit", "残りの回数と、満ちるまでの秒数", "\"read\";r=0;t=5"),
            ("RateLimit-Policy", "回数の上限", "\"read\";q=1000;w=5"),
        ],
        _ => &[],
    };
    let headers: Map<String, Value> =
        headers.iter().map(|(name, told, example)| ((*name).to_owned(), header(told, example))).collect();
    let mut response = json!({
        "description": kind.ja,
        "content": {
            "application/problem+json": {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": example
            }
        }
    });
    if !headers.is_empty() {
        response["headers"] = Value::Object(headers);
    }
    response
}

/// Gives each media type of an answer an example made of the examples of its fields.
fn add_examples(response: &mut Value, schemas: &Value) {
    let Some(content) = response.get_mut("content").and_then(Value::as_object_mut) else {
        return;
    };
    let row = content.get("application/json").and_then(|json| row_of(example(&json["schema"], schemas)));
    for (media, body) in content {
        let bytes = media == "application/octet-stream" && body["schema"] == json!({"type": "string"});
        if media == FileFormat::Xlsx.media_type() || bytes {
            // Bytes, of which there is no example to read.
            body["schema"] = json!({"type": "string", "format": "binary"});
            continue;
        }
        if body.get("example").is_some() || media == "multipart/form-data" {
            continue;
        }
        let shown = match media.as_str() {
            "application/json" => example(&body["schema"], schemas),
            "text/csv" => csv_example(row.as_ref().unwrap_or(&long_row(schemas))).into(),
            _ => format!("{}\n", row.as_ref().unwrap_or(&long_row(schemas))).into(),
        };
        body["example"] = shown;
    }
}

/// The first result of a list.
fn row_of(list: Value) -> Option<Value> {
    list.get("results")?.get(0).cloned()
}

/// The row of an export, which is text to the contract and so has no schema of its own there.
fn long_row(schemas: &Value) -> Value {
    let schema = serde_json::to_value(<LongRow as PartialSchema>::schema()).unwrap_or_default();
    example(&schema, schemas)
}

fn csv_example(row: &Value) -> String {
    let Some(row) = row.as_object() else { return String::new() };
    let names: Vec<&str> = row.keys().map(String::as_str).collect();
    let cells: Vec<String> = row.values().map(list::cell).collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let lines = [list::csv_line(&names, LineEnd::Lf), list::csv_line(&cells, LineEnd::Lf)].concat();
    String::from_utf8(lines).unwrap_or_default()
}

/// An example of a schema, from the examples of its parts.
fn example(schema: &Value, schemas: &Value) -> Value {
    if let Some(shown) = schema.get("example").or_else(|| schema.get("examples").and_then(|all| all.get(0))) {
        return shown.clone();
    }
    if let Some(name) = schema.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()) {
        return example(&schemas[name], schemas);
    }
    if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
        let parts = all.iter().filter_map(|part| example(part, schemas).as_object().cloned());
        return Value::Object(parts.flatten().collect());
    }
    if let Some(one) = schema.get("oneOf").and_then(Value::as_array) {
        let stated = one.iter().find(|part| part.get("type") != Some(&json!("null")));
        return stated.map_or(Value::Null, |part| example(part, schemas));
    }
    if let Some(first) = schema.get("enum").and_then(|all| all.get(0)) {
        return first.clone();
    }
    match kind_of(schema) {
        Some("object") => {
            let properties = schema.get("properties").and_then(Value::as_object);
            let shown =
                properties.into_iter().flatten().map(|(name, part)| (name.clone(), example(part, schemas)));
            Value::Object(shown.collect())
        }
        Some("array") => Value::Array(vec![example(&schema["items"], schemas)]),
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        Some("string") if schema.get("format") == Some(&json!("date")) => json!("2026-11-21"),
        Some("string") => json!("…"),
        _ => Value::Null,
    }
}

fn kind_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(kind) => Some(kind),
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
        _ => None,
    }
}
