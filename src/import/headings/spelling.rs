//! In which ways the text of a heading may be written.

use crate::domain::text::fold_for_match;

/// What joins the two parts of a heading of two rows.
pub(in crate::import) const JOINT: char = '／';

/// The parts of a heading of several rows, from above.
pub(in crate::import) fn pieces_of(heading: &str) -> impl Iterator<Item = &str> {
    heading.split(JOINT).map(str::trim)
}

/// A heading as it is, and its lower part.
pub(in crate::import) fn parts(heading: &str) -> impl Iterator<Item = &str> {
    /// Longer text is no heading that anything is known by.
    const LONGEST: usize = 600;
    let known = Some(heading).filter(|heading| heading.len() <= LONGEST);
    known.into_iter().chain(known.and_then(|heading| Some(heading.rsplit_once(JOINT)?.1)))
}

/// The texts under which a heading may be known, folded.
pub(in crate::import) fn spellings(heading: &str) -> impl Iterator<Item = String> {
    // 目標 over 時期 is 目標時期.
    let whole = parts(heading).next().filter(|text| text.contains(JOINT));
    let whole = whole.map(|text| fold_for_match(&text.replace(JOINT, "")));
    let own = |part| std::iter::once(fold_for_match(part)).chain(in_snake_case(part));
    parts(heading).flat_map(move |part| own(part).chain(without_dashes(part))).chain(whole)
}

/// A Japanese heading without what data sets put between its words: 手続_ID is 手続ID.
fn without_dashes(heading: &str) -> Option<String> {
    let joined = heading.contains('_') && !heading.is_ascii();
    joined.then(|| fold_for_match(&heading.replace('_', "")))
}

/// An English heading as our own are written: `municipalityCode` and `Municipality Code` are
/// `municipality_code`.
fn in_snake_case(heading: &str) -> Option<String> {
    let text = heading.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -_".contains(&byte)) {
        return None;
    }
    let mut snake = String::with_capacity(text.len() + 4);
    let mut before = '_';
    for c in text.chars() {
        let c = if matches!(c, ' ' | '-') { '_' } else { c };
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        before = c;
    }
    Some(snake)
}
