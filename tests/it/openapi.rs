//! The committed contract is what the code emits.

fn committed(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()))
}

#[test]
fn the_committed_documents_are_those_the_code_emits() {
    let hint = "run `cargo run -- openapi --out openapi`";
    assert!(committed("openapi.json") == todoke::api::openapi::text(), "openapi.json is stale; {hint}");
    assert!(
        committed("openapi-3.0.json") == todoke::api::openapi::text_30(),
        "openapi-3.0.json is stale; {hint}"
    );
}
