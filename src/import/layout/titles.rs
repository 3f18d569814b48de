//! Which bodies and procedures the texts around a table name.

use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::text::{fold_for_match, fold_width};

/// Longest text that is looked at, in characters.
const LONGEST: usize = 80;

/// What stands before the name of a body.
const LABELS: [&str; 8] =
    ["団体名", "団体", "自治体名", "自治体", "市町村名", "市区町村名", "地方公共団体名", "回答団体"];

/// The body that a text names and nothing else: 行方市, ■行方市, 団体名：行方市, 行方市（082333）.
pub(super) fn named_alone(catalogue: &Catalogue, text: &str) -> Option<BodyIx> {
    let ornament =
        |c: char| c.is_whitespace() || "■□●○◆◇▼▽★☆※・【】〔〕[]［］＜＞<>《》「」（）()＊*:：".contains(c);
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return None;
    }
    let bare = text.trim_matches(ornament);
    let unlabelled = LABELS.iter().find_map(|label| bare.strip_prefix(label)).unwrap_or(bare);
    let bare = unlabelled.trim_matches(ornament);
    let coded = code_in(catalogue, bare);
    let name: String = bare.chars().filter(|c| !(c.is_ascii_digit() || ('０'..='９').contains(c))).collect();
    let name = name.trim_matches(ornament);
    let found = full_name(catalogue, name);
    match (coded, found) {
        (Some(coded), Some(found)) => (coded == found).then_some(coded),
        (Some(coded), None) => name.is_empty().then_some(coded),
        (None, found) => found.filter(|_| name.chars().count() == bare.chars().count()),
    }
}

/// The one body of a full name.
fn full_name(catalogue: &Catalogue, name: &str) -> Option<BodyIx> {
    let found = catalogue.names().find(name, None);
    match found.bodies.as_slice() {
        [only] if name.ends_with(['市', '町', '村', '区']) && found.wards.is_empty() => Some(*only),
        _ => None,
    }
}

/// The body of a code of six digits in a text.
fn code_in(catalogue: &Catalogue, text: &str) -> Option<BodyIx> {
    let folded = fold_width(text);
    let mut runs = folded.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 6);
    runs.find_map(|run| catalogue.find_body(run).ok())
}

/// The bodies that the texts around a table may say it is of, in order.
pub(super) fn mentioned<'t>(catalogue: &Catalogue, texts: impl Iterator<Item = &'t str>) -> Vec<BodyIx> {
    /// More texts say nothing more of it.
    const TEXTS: usize = 30;
    let mut found = Vec::new();
    for text in texts.take(TEXTS) {
        let head: String = text.chars().take(LONGEST).collect();
        let of_code = code_in(catalogue, &head);
        let of_name = head
            .split(|c: char| c.is_whitespace() || "：:（）()「」【】[]・、。_".contains(c))
            .filter_map(|part| leading_name(catalogue, part));
        for body in of_code.into_iter().chain(of_name) {
            if !found.contains(&body) {
                found.push(body);
            }
        }
    }
    found
}

/// The longest name of a body that a text begins with: 行方市オンライン化状況.
fn leading_name(catalogue: &Catalogue, text: &str) -> Option<BodyIx> {
    /// Longer names there are none.
    const NAME: usize = 16;
    let ends = text.char_indices().take(NAME).filter(|(_, c)| ['市', '町', '村', '区'].contains(c));
    let mut prefixes: Vec<&str> = ends.map(|(at, c)| &text[..at + c.len_utf8()]).collect();
    prefixes.reverse();
    prefixes
        .into_iter()
        .filter(|prefix| prefix.chars().count() > 1)
        .find_map(|prefix| full_name(catalogue, prefix))
}

/// The procedures whose names stand in the texts around a table, each where no longer name holds it: 転出届 in
/// 転出届のオンライン申請対応状況.
pub(super) fn procedures_in<'t>(
    catalogue: &Catalogue,
    texts: impl Iterator<Item = &'t str>,
) -> Vec<ProcedureIx> {
    /// More texts say nothing more of it.
    const TEXTS: usize = 30;
    /// Shorter names are words of other texts as well.
    const SHORTEST: usize = 3;
    let mut found: Vec<ProcedureIx> = Vec::new();
    for text in texts.filter(|text| !text.trim().is_empty()).take(TEXTS) {
        let mut rest = fold_for_match(&text.chars().take(LONGEST).collect::<String>());
        let known = catalogue.procedure_names().all();
        let mut names: Vec<(&String, &Vec<ProcedureIx>)> = known
            .filter(|(name, _)| name.chars().count() >= SHORTEST && rest.contains(name.as_str()))
            .collect();
        names.sort_by_key(|(name, _)| (std::cmp::Reverse(name.len()), *name));
        for (name, procedures) in names {
            if rest.contains(name.as_str()) {
                rest = rest.replace(name.as_str(), "\n");
                found.extend(procedures);
            }
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|procedure| seen.insert(*procedure));
    found
}
