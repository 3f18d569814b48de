//! JSON of another shape than was wanted, in words for people: the reader of JSON tells it in English only.

use crate::domain::Refusal;

/// What is wrong with a field of a body, what was found and what is allowed.
pub(crate) fn refusal(field: &str, cause: &serde_json::Error) -> Refusal {
    let english = cause.to_string();
    let place = format!(" at line {} column {}", cause.line(), cause.column());
    let text = english.strip_suffix(&place).unwrap_or(&english);
    let named = |name: &str| quoted(text).next().unwrap_or(name).to_owned();
    let (code, value, ja, allowed) = if text.starts_with("unknown field") {
        let known: Vec<&str> = quoted(text).skip(1).collect();
        let ja = format!("「{}」という項目はありません", named(field));
        ("unknown_field", named(field), ja, Some(known.join(", ")))
    } else if text.starts_with("missing field") {
        let name = named(field);
        ("missing_field", String::new(), format!("必要な項目「{name}」がありません"), Some(name))
    } else if text.starts_with("duplicate field") {
        let name = named(field);
        ("repeated_field", name.clone(), format!("項目「{name}」が2回あります"), None)
    } else {
        let (found, expected) = text.split_once(", expected ").unwrap_or((text, ""));
        let found = found.split_once(": ").map_or(found, |(_, found)| found);
        let allowed = expected_in_words(expected);
        let must = if allowed.is_empty() {
            "書き方が違います".to_owned()
        } else {
            format!("{allowed}で書きます")
        };
        let ja = format!("「{field}」は{must}（{}が書かれています）", found_in_words(found));
        let value = quoted(found).next().unwrap_or_else(|| text_in(found).unwrap_or_default());
        ("wrong_type", value.to_owned(), ja, Some(allowed))
    };
    let refusal = Refusal::new(code, &value, ja, english);
    match allowed.filter(|allowed| !allowed.is_empty()) {
        Some(allowed) => refusal.allowed(allowed),
        None => refusal,
    }
}

/// The parts of a text between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The text between the first and the last double quote.
fn text_in(found: &str) -> Option<&str> {
    found.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(text, _)| text)
}

/// What stands there: 数 2024, 文字列 "abc".
fn found_in_words(found: &str) -> String {
    const KINDS: [(&str, &str); 8] = [
        ("integer", "数"),
        ("floating point", "小数"),
        ("boolean", "真偽値"),
        ("string", "文字列"),
        ("null", "null"),
        ("map", "オブジェクト { }"),
        ("sequence", "配列 [ ]"),
        ("unit", "null"),
    ];
    let kind = KINDS.iter().find(|(english, _)| found.starts_with(english)).map(|(_, words)| *words);
    let value =
        quoted(found).next().map(str::to_owned).or_else(|| text_in(found).map(|text| format!("\"{text}\"")));
    match (kind, value) {
        (Some(kind), Some(value)) => format!("{kind} {value}"),
        (Some(kind), None) => kind.to_owned(),
        (None, Some(value)) => value,
        (None, None) => "ほかの値".to_owned(),
    }
}

/// What should stand there: 文字列（"…"）, 整数.
fn expected_in_words(expected: &str) -> String {
    let one_of: Vec<&str> = quoted(expected).collect();
    if !one_of.is_empty() {
        return one_of.join("、");
    }
    let words = match expected {
        "a string" | "a borrowed string" | "string" => "文字列（\"…\"）",
        "a boolean" => "true か false ",
        "a sequence" => "配列（[ … ]）",
        "a map" => "オブジェクト（{ … }）",
        "u8" | "u16" | "u32" | "u64" | "usize" => "0以上の整数",
        "i8" | "i16" | "i32" | "i64" | "isize" => "整数",
        "f32" | "f64" => "数",
        _ if expected.starts_with("struct ") => "オブジェクト（{ … }）",
        other => other,
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Body {
        level: u8,
        name: Option<String>,
        done: Option<bool>,
        marks: Option<std::collections::BTreeMap<String, String>>,
        list: Option<Vec<String>>,
    }

    #[test]
    fn every_shape_is_told_in_japanese() {
        for (text, field, code, words, allowed) in [
            (
                r#"{"level":3,"name":2024}"#,
                "name",
                "wrong_type",
                "「name」は文字列（\"…\"）で書きます（数 2024が書かれています）",
                Some("文字列（\"…\"）"),
            ),
            (
                r#"{"level":"3"}"#,
                "level",
                "wrong_type",
                "「level」は0以上の整数で書きます（文字列 \"3\"が書かれています）",
                Some("0以上の整数"),
            ),
            (
                r#"{"level":300}"#,
                "level",
                "wrong_type",
                "「level」は0以上の整数で書きます（数 300が書かれています）",
                Some("0以上の整数"),
            ),
            (
                r#"{"level":3,"done":null,"list":{}}"#,
                "list",
                "wrong_type",
                "「list」は配列（[ … ]）で書きます（オブジェクト { }が書かれています）",
                Some("配列（[ … ]）"),
            ),
            (
                r#"{"level":3,"marks":[1]}"#,
                "marks",
                "wrong_type",
                "「marks」はオブジェクト（{ … }）で書きます（配列 [ ]が書かれています）",
                Some("オブジェクト（{ … }）"),
            ),
            (
                r#"{"level":3,"levl":4}"#,
                "levl",
                "unknown_field",
                "「levl」という項目はありません",
                Some("level, name, done, marks, list"),
            ),
            ("{}", "body", "missing_field", "必要な項目「level」がありません", Some("level")),
            (r#"{"level":3,"level":4}"#, "body", "repeated_field", "項目「level」が2回あります", None),
        ] {
            let cause = serde_json::from_str::<Body>(text).unwrap_err();
            let refusal = refusal(field, &cause);
            assert_eq!(
                (refusal.code, refusal.ja.as_str(), refusal.allowed.as_deref()),
                (code, words, allowed),
                "{cause}"
            );
        }
    }
}
