//! From OpenAPI 3.1 to 3.0, for generators that know only the older one.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

/// The 3.0 twin of a 3.1 document: the same operations, parameters, answers and schemas.
pub(super) fn down_convert(mut document: Value) -> Value {
    document["openapi"] = json!("3.0.3");
    if let Some(info) = document.get_mut("info").and_then(Value::as_object_mut) {
        info.shift_remove("summary");
    }
    if let Some(license) = document.pointer_mut("/info/license").and_then(Value::as_object_mut) {
        license.shift_remove("identifier");
    }
    let kinds = kinds(&document);
    convert(&mut document, &kinds);
    document
}

/// Of what type each named schema is.
type Kinds = HashMap<String, String>;

fn kinds(document: &Value) -> Kinds {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let kind = |(name, schema): (&String, &Value)| Some((name.clone(), schema["type"].as_str()?.to_owned()));
    schemas.into_iter().flatten().filter_map(kind).collect()
}

/// Converts a value and all below it; only schemas have the keywords that differ.
fn convert(value: &mut Value, kinds: &Kinds) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| convert(item, kinds)),
        Value::Object(object) => {
            // Examples are data, not schemas.
            for (key, part) in object.iter_mut() {
                if key != "example" && key != "examples" {
                    convert(part, kinds);
                }
            }
            convert_reference(object);
            convert_type(object);
            convert_one_of(object, kinds);
            // 3.0 knows only what the values of a map are.
            object.shift_remove("propertyNames");
            if let Some(constant) = object.shift_remove("const") {
                object.insert("enum".to_owned(), json!([constant]));
            }
            convert_examples(object);
            convert_bounds(object);
        }
        _ => {}
    }
}

/// Beside a `$ref` 3.0 knows nothing else: it moves into an `allOf`.
fn convert_reference(object: &mut Map<String, Value>) {
    if object.len() < 2 || !object.get("$ref").is_some_and(Value::is_string) {
        return;
    }
    if let Some(reference) = object.shift_remove("$ref") {
        object.insert("allOf".to_owned(), json!([{"$ref": reference}]));
    }
}

/// `type: [string, null]` becomes `type: string, nullable: true`.
fn convert_type(object: &mut Map<String, Value>) {
    let Some(Value::Array(kinds)) = object.get("type") else {
        return;
    };
    let stated: Vec<Value> = kinds.iter().filter(|kind| **kind != json!("null")).cloned().collect();
    let nullable = stated.len() < kinds.len();
    if let [only] = stated.as_slice() {
        let only = only.clone();
        object.insert("type".to_owned(), only);
    }
    if nullable {
        object.insert("nullable".to_owned(), json!(true));
    }
}

/// `oneOf: [null, X]` becomes `nullable: true, allOf: [X]`.
fn convert_one_of(object: &mut Map<String, Value>, kinds: &Kinds) {
    let Some(Value::Array(parts)) = object.get("oneOf") else {
        return;
    };
    let stated: Vec<Value> =
        parts.iter().filter(|part| part.get("type") != Some(&json!("null"))).cloned().collect();
    if stated.len() == parts.len() {
        return;
    }
    object.shift_remove("oneOf");
    // 3.0 heeds `nullable` only beside `type`.
    let referred = stated.first().and_then(|part| part["$ref"].as_str()?.rsplit('/').next());
    let kind = referred.and_then(|name| kinds.get(name)).map_or("object", String::as_str);
    object.insert("type".to_owned(), json!(kind));
    object.insert("nullable".to_owned(), json!(true));
    object.insert("allOf".to_owned(), Value::Array(stated));
}

/// A schema's `examples` list becomes one `example`. Media types have `examples` as an object.
fn convert_examples(object: &mut Map<String, Value>) {
    if let Some(Value::Array(examples)) = object.get("examples") {
        let first = examples.first().cloned();
        object.shift_remove("examples");
        if let Some(first) = first {
            object.insert("example".to_owned(), first);
        }
    }
}

/// A number as exclusive bound becomes a flag beside the bound.
fn convert_bounds(object: &mut Map<String, Value>) {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        if let Some(number) = object.get(exclusive).filter(|value| value.is_number()).cloned() {
            object.insert(bound.to_owned(), number);
            object.insert(exclusive.to_owned(), json!(true));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_converted_and_examples_are_left_alone() {
        let old = down_convert(json!({
            "openapi": "3.1.0",
            "info": {"license": {"name": "x", "identifier": "MIT"}},
            "components": {"schemas": {
                "A": {"type": ["string", "null"], "examples": ["a"]},
                "B": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/F"}]},
                "C": {"const": 5, "exclusiveMinimum": 3},
                "D": {"type": "object", "example": {"type": ["string", "null"]}},
                "E": {"$ref": "#/components/schemas/A", "description": "e"},
                "F": {"type": "string", "enum": ["f"]},
                "G": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/D"}]},
                "H": {"type": "object", "propertyNames": {"type": "string"}, "additionalProperties": {"type": "string"}}
            }}
        }));
        assert_eq!(
            old["components"]["schemas"],
            json!({
                "A": {"type": "string", "nullable": true, "example": "a"},
                "B": {"type": "string", "nullable": true, "allOf": [{"$ref": "#/components/schemas/F"}]},
                "C": {"exclusiveMinimum": true, "enum": [5], "minimum": 3},
                "D": {"type": "object", "example": {"type": ["string", "null"]}},
                "E": {"description": "e", "allOf": [{"$ref": "#/components/schemas/A"}]},
                "F": {"type": "string", "enum": ["f"]},
                "G": {"type": "object", "nullable": true, "allOf": [{"$ref": "#/components/schemas/D"}]},
                "H": {"type": "object", "additionalProperties": {"type": "string"}}
            })
        );
        assert_eq!(old["openapi"], "3.0.3");
        assert_eq!(old["info"]["license"], json!({"name": "x"}));
    }
}
