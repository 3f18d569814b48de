//! What files' marks mean when nobody says otherwise, told mark by mark.

use super::meaning::Meaning;
use super::profile::{EMPTY, Profile};
use super::words;
use crate::domain::readiness::Scale;

/// A mark as files have it, with what it is taken for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultMark {
    /// The mark.
    pub mark: String,
    /// The scale on which it is so; none where it is so on both.
    pub scale: Option<Scale>,
    /// What it means; none where an import asks.
    pub meaning: Option<Meaning>,
    /// The mark for which it is taken, where it only looks like it.
    pub looks_like: Option<&'static str>,
}

/// The marks of the default profile, in order of their code points: those with a meaning, those that
/// only look like one, and those that are asked about.
pub fn default_marks() -> Vec<DefaultMark> {
    let known = Profile::default_marks().marks().into_iter().map(|(mark, meaning)| {
        let on = |scale: &&Scale| mark.strip_prefix(scale.code()).is_some_and(|rest| rest.starts_with(':'));
        let scale = Scale::ALL.iter().find(on).copied();
        let bare = scale.map_or(mark.as_str(), |scale| &mark[scale.code().len() + 1..]);
        let bare = if bare.is_empty() { EMPTY } else { bare };
        DefaultMark { mark: bare.to_owned(), scale, meaning: Some(meaning), looks_like: None }
    });
    let alike = words::lookalikes().map(|(mark, other)| DefaultMark {
        mark: mark.to_owned(),
        scale: None,
        meaning: words::usual(other, Scale::Online),
        looks_like: Some(other),
    });
    let asked =
        |mark: &str, scale| DefaultMark { mark: mark.to_owned(), scale, meaning: None, looks_like: None };
    let partly = Scale::ALL
        .iter()
        .flat_map(|scale| words::asked_about(*scale).map(move |mark| asked(mark, Some(*scale))));
    let mut all: Vec<DefaultMark> =
        known.chain(alike).chain(partly).chain([asked(words::DASH, None)]).collect();
    all.sort_by(|one, two| (one.scale, &one.mark).cmp(&(two.scale, &two.mark)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::fold_mark;

    #[test]
    fn each_mark_is_told_once_a_scale_with_what_a_cell_of_it_means() {
        let profile = Profile::default_marks();
        let marks = default_marks();
        for (at, told) in marks.iter().enumerate() {
            let scales = told.scale.map_or(Scale::ALL.to_vec(), |scale| vec![scale]);
            let cell = if told.mark == EMPTY { String::new() } else { fold_mark(&told.mark) };
            for scale in scales {
                assert_eq!(profile.meaning(&cell, Some(scale)), told.meaning, "{} {scale}", told.mark);
            }
            let twice = |other: &DefaultMark| other.mark == told.mark && other.scale == told.scale;
            assert!(!marks[at + 1..].iter().any(twice), "{} is told twice", told.mark);
        }
        let of = |mark: &str, scale| {
            let found = marks.iter().find(|told| told.mark == mark && told.scale == scale);
            found.map(|told| told.meaning.map(Meaning::code))
        };
        assert_eq!(of("○", None), Some(Some("3+".to_owned())));
        assert_eq!(of("⭕", None), Some(Some("3+".to_owned())));
        assert_eq!(of("△", Some(Scale::Online)), Some(Some("3".to_owned())));
        assert_eq!((of("△", Some(Scale::Counter)), of("ー", None)), (Some(None), Some(None)));
    }
}
