//! What a text may have meant: the names that are most like it.

use std::collections::HashMap;

use super::resolve::are_opposed;
use crate::domain::text::fold_for_match;

/// Least share of letter pairs that two texts have in common, in percent, to be called alike.
const ALIKE: usize = 45;

/// The candidates whose names are most like a text, the likest first, at most `most`. A candidate
/// may have several names.
pub(super) fn alike<K: Copy + PartialEq>(
    text: &str,
    names: impl IntoIterator<Item = (K, impl AsRef<str>)>,
    most: usize,
) -> Vec<K> {
    let folded = fold_for_match(text);
    let mut found: Vec<(usize, K)> = Vec::new();
    for (key, name) in names {
        let name = fold_for_match(name.as_ref());
        let share = if are_opposed(&folded, &name) { 0 } else { in_common(&folded, &name) };
        match found.iter_mut().find(|(_, known)| *known == key) {
            Some((known, _)) => *known = share.max(*known),
            None => found.push((share, key)),
        }
    }
    found.retain(|(share, _)| *share >= ALIKE);
    // Stable: among equals in the order of the catalogue.
    found.sort_by_key(|(share, _)| std::cmp::Reverse(*share));
    found.into_iter().take(most).map(|(_, key)| key).collect()
}

/// Pairs of neighbouring letters that two texts share, in percent of all of them.
fn in_common(one: &str, other: &str) -> usize {
    if one == other {
        return 100;
    }
    let pairs = |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (one, other) = (pairs(one), pairs(other));
    let mut left: HashMap<(char, char), usize> = HashMap::new();
    for pair in &one {
        *left.entry(*pair).or_default() += 1;
    }
    let shared = other
        .iter()
        .filter(|pair| match left.get_mut(pair) {
            Some(count) if *count > 0 => {
                *count -= 1;
                true
            }
            _ => false,
        })
        .count();
    (200 * shared).checked_div(one.len() + other.len()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NAMES: [&str; 5] =
        ["児童手当等の現況届", "保育施設等の現況届", "転出届", "妊娠の届出", "水道使用開始届等"];

    fn near(text: &str) -> Vec<&'static str> {
        alike(text, NAMES.into_iter().map(|name| (name, name)), 3)
    }

    #[test]
    fn the_likest_name_goes_first() {
        assert_eq!(near("児童手当の現況届")[0], "児童手当等の現況届");
        assert_eq!(near("妊娠届出"), ["妊娠の届出"]);
        assert_eq!(near("担当者の氏名"), Vec::<&str>::new());
    }

    #[test]
    fn the_opposite_act_is_never_meant() {
        assert_eq!(near("転入届"), Vec::<&str>::new());
        assert_eq!(near("水道使用中止届等"), Vec::<&str>::new());
        assert_eq!(near("転入転出届"), ["転出届"]);
    }

    proptest! {
        #[test]
        fn a_text_is_most_like_itself(text in "\\PC{2,20}", other in "\\PC{2,20}") {
            let (one, two) = (fold_for_match(&text), fold_for_match(&other));
            prop_assert!(in_common(&one, &two) <= in_common(&one, &one));
            prop_assert_eq!(in_common(&one, &two), in_common(&two, &one));
        }
    }
}
