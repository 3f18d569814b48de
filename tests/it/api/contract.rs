//! What holds for every operation, taken from the contract itself.

use serde_json::{Map, Value, json};

use crate::app::{Answer, Backend, TestApp, admin, on_both};

on_both! {
    every_operation_answers_as_its_contract_says;
    every_path_knows_its_methods;
    every_number_keeps_to_its_bounds;
    unknown_and_repeated_parameters_are_refused_everywhere;
}

fn document() -> Value {
    todoke::api::openapi::document()
}

/// A path of the contract, with examples put in.
struct Path {
    path: String,
    /// Methods and their operations.
    item: Map<String, Value>,
}

impl Path {
    fn allow(&self) -> String {
        let mut methods: Vec<String> = self.item.keys().map(|method| method.to_uppercase()).collect();
        if self.item.contains_key("get") {
            methods.push("HEAD".to_owned());
        }
        methods.push("OPTIONS".to_owned());
        methods.join(", ")
    }
}

fn paths() -> Vec<Path> {
    document()["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, item)| {
            let item = item.as_object().unwrap().clone();
            let operation = item.values().next().unwrap();
            let mut path = path.clone();
            for parameter in parameters(operation, "path") {
                let name = parameter["name"].as_str().unwrap();
                let example = parameter["example"].to_string().replace('"', "");
                path = path.replace(&format!("{{{name}}}"), &example);
            }
            Path { path, item }
        })
        .collect()
}

/// Each read, by someone who may read everything.
struct Reads {
    app: TestApp,
    bearer: String,
    operations: Vec<(String, Value)>,
}

impl Reads {
    fn new(backend: &Backend) -> Self {
        let app = TestApp::start(backend);
        let key = app.key(admin());
        let bearer = format!("Bearer {key}");
        // The examples of the contract speak of import 7.
        let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
        for _ in 0..7 {
            let text = "団体コード,手続ID,接点,段階\n082333,kosodate-01,eapp,4\n082334,kosodate-01,eapp,4\n";
            assert_eq!(app.send_bytes("POST", "imports", &headers, text.as_bytes()).status, 201);
        }
        let operations =
            paths().into_iter().filter_map(|path| Some((path.path, path.item.get("get")?.clone()))).collect();
        Self { app, bearer, operations }
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let all: Vec<(&str, &str)> =
            headers.iter().copied().chain([("authorization", self.bearer.as_str())]).collect();
        self.app.call("GET", path, &all)
    }
}

fn open_to_all(operation: &Value) -> bool {
    operation["security"] == json!([])
}

fn parameters(operation: &Value, place: &str) -> Vec<Value> {
    let all = operation["parameters"].as_array().cloned().unwrap_or_default();
    all.into_iter().filter(|parameter| parameter["in"] == place).collect()
}

/// Whether a value has the type and the fields of a schema.
fn check(value: &Value, schema: &Value, schemas: &Value, place: &str) {
    if let Some(path) = schema["$ref"].as_str() {
        return check(value, &schemas[path.rsplit('/').next().unwrap()], schemas, place);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        return parts.iter().for_each(|part| check(value, part, schemas, place));
    }
    if let Some(parts) = schema["oneOf"].as_array() {
        if !value.is_null() {
            let stated = parts.iter().find(|part| part["type"] != "null").unwrap();
            check(value, stated, schemas, place);
        }
        return;
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
        _ => return,
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) if kinds.contains(&"number") => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(kinds.contains(&kind), "{place}: {value} is no {kinds:?}");
    if let (Some(allowed), false) = (schema["enum"].as_array(), value.is_null()) {
        assert!(allowed.contains(value), "{place}: {value} is none of {allowed:?}");
    }
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(name.as_str().unwrap()).is_some(), "{place}: no {name}");
    }
    if let (Some(fields), Some(known)) = (value.as_object(), schema["properties"].as_object()) {
        for (name, field) in fields {
            if let Some(part) = known.get(name) {
                check(field, part, schemas, &format!("{place}.{name}"));
            }
        }
    }
    for item in value.as_array().into_iter().flatten() {
        check(item, &schema["items"], schemas, &format!("{place}[]"));
    }
}

fn every_operation_answers_as_its_contract_says(backend: &Backend) {
    let reads = Reads::new(backend);
    reads.app.inner.must_import(
        "団体コード,手続ID,接点,段階,システム,適用日\n082333,kosodate-01,mynaportal,4,ぴったり,2026-04-01\n",
    );
    let schemas = document()["components"]["schemas"].clone();
    for (path, operation) in &reads.operations {
        let open = open_to_all(operation);
        for (media, body) in operation["responses"]["200"]["content"].as_object().unwrap() {
            let answer = reads.get(path, &[("accept", media)]);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(answer.header("content-type").starts_with(media.as_str()), "{path}");
            for (header, expected) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("access-control-allow-origin", if open { "*" } else { "" }),
            ] {
                assert_eq!(answer.header(header), expected, "{path}");
            }
            assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{path}");
            assert!(!answer.header("x-request-id").is_empty());
            assert!(answer.headers.get("access-control-allow-credentials").is_none());
            if media == "application/json" {
                check(&answer.json(), &body["schema"], &schemas, path);
            }
            // What only some may see is kept nowhere on the way.
            assert!(open || answer.header("cache-control") == "no-store", "{path}");
            // What was answered once needs not be sent again.
            let tag = answer.header("etag");
            if !tag.is_empty() {
                let again = reads.get(path, &[("accept", media), ("if-none-match", tag)]);
                assert_eq!((again.status, again.text.as_str()), (304, ""), "{path}");
                assert_eq!(again.header("etag"), tag);
            }
        }
    }
}

fn every_path_knows_its_methods(backend: &Backend) {
    let reads = Reads::new(backend);
    let app = &reads.app;
    for known in paths() {
        let (path, allow) = (&known.path, known.allow());
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
            if known.item.contains_key(&method.to_lowercase()) {
                continue;
            }
            let answer = app.call(method, path, &[]);
            answer.problem(405, "method-not-allowed");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
            assert!(method == "GET" || answer.headers.get("access-control-allow-origin").is_none());
        }
        let options = app.call("OPTIONS", path, &[]);
        assert_eq!((options.status, options.header("allow")), (204, allow.as_str()));
        // Another origin may do what is open to all, and write nothing.
        let is_open = |method: &str| known.item.get(method).is_some_and(open_to_all);
        let (get, post) = (is_open("get"), is_open("post"));
        assert_eq!(
            options.header("access-control-allow-origin"),
            if get || post { "*" } else { "" },
            "{path}"
        );
        let methods = match (get, post) {
            (true, false) => "GET, HEAD, OPTIONS",
            (false, true) => "POST, OPTIONS",
            _ => "",
        };
        assert_eq!(options.header("access-control-allow-methods"), methods, "{path}");
        if !get {
            continue;
        }
        let (get, head) =
            (app.call("GET", path, &[("accept-encoding", "identity")]), app.call("HEAD", path, &[]));
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{path}");
        assert_eq!(head.header("content-length"), get.header("content-length"), "{path}");
        assert_eq!(head.header("etag"), get.header("etag"));
    }
    app.get("nothing").problem(404, "not-found");
    app.get("/api/v2/procedures").problem(404, "not-found");
    app.call("POST", "nothing", &[]).problem(404, "not-found");
}

/// An example of a parameter: of one that may be left out it stands in words, because a page of
/// documentation sends every other along.
fn example_of(parameter: &Value) -> String {
    if parameter["required"] == true {
        return parameter["example"].as_str().map_or_else(|| parameter["example"].to_string(), str::to_owned);
    }
    assert!(
        parameter.get("example").is_none() && parameter["schema"].get("example").is_none(),
        "{parameter}"
    );
    let told = parameter["description"].as_str().unwrap();
    let (_, example) = told.rsplit_once("（例: ").unwrap_or_else(|| panic!("no example: {parameter}"));
    example.trim_end_matches('）').to_owned()
}

fn every_number_keeps_to_its_bounds(backend: &Backend) {
    let reads = Reads::new(backend);
    let mut asked = 0;
    for (path, operation) in &reads.operations {
        for parameter in parameters(operation, "query") {
            let schema = &parameter["schema"];
            let name = parameter["name"].as_str().unwrap();
            let example = example_of(&parameter);
            let encoded: String = example.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let answer = reads.get(&format!("{path}?{name}={encoded}"), &[]);
            assert_eq!(answer.status, 200, "{path} {name}={example}: {}", answer.text);
            if schema["type"] != "integer" {
                continue;
            }
            let (least, most) = (schema["minimum"].as_i64().unwrap(), schema["maximum"].as_i64().unwrap());
            for wrong in
                [(least - 1).to_string(), (most + 1).to_string(), "x".into(), "1.5".into(), String::new()]
            {
                let answer = reads.get(&format!("{path}?{name}={wrong}"), &[]);
                let errors = answer.problem(400, "invalid-parameter");
                assert_eq!(errors[0]["pointer"], format!("/query/{name}"), "{path}");
                asked += 1;
            }
        }
    }
    assert!(asked > 100, "{asked}");
}

fn unknown_and_repeated_parameters_are_refused_everywhere(backend: &Backend) {
    let reads = Reads::new(backend);
    for (path, operation) in &reads.operations {
        if !path.starts_with("/api/v1/") || path.ends_with(".json") {
            continue;
        }
        let errors = reads.get(&format!("{path}?bogus=1"), &[]).problem(400, "invalid-parameter");
        assert_eq!(
            (&errors[0]["code"], &errors[0]["pointer"]),
            (&"unknown_parameter".into(), &"/query/bogus".into())
        );
        if let Some(first) = parameters(operation, "query").first() {
            let name = first["name"].as_str().unwrap();
            let example = example_of(first);
            let twice = format!("{path}?{name}={example}&{name}={example}");
            if example.is_ascii() {
                let errors = reads.get(&twice, &[]).problem(400, "invalid-parameter");
                assert_eq!(errors[0]["code"], "repeated_parameter", "{twice}");
            }
        }
    }
}
