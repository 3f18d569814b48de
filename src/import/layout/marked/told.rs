//! How the marks of a table were understood, as it is told.

use std::collections::BTreeMap;

use super::{Marks, SHOWN, Seen};
use crate::domain::readiness::{Level, Scale};
use crate::domain::text::cut;
use crate::import::Understood;
use crate::import::layout::sheet::Sheet;
use crate::import::marks::{EMPTY, Meaning};

/// Whether a mark says yes or no, and not how far.
fn is_yes_or_no(meaning: &Meaning) -> bool {
    matches!(meaning, Meaning::Level(level, at_least) if *at_least || *level == Level::ZERO)
}

impl Marks {
    /// Whether its only column holds numbers that may be no levels.
    pub(in crate::import::layout) fn are_counts(&self) -> bool {
        !self.kinds.is_empty() && self.kinds.iter().all(|kind| kind.traits.counts)
    }

    /// Tells, once, of all columns of numbers that may be no levels.
    pub(in crate::import::layout) fn tell_counted(&mut self, sheet: &mut Sheet<'_>) {
        if let Some(counted) = self.counted.take() {
            let fault = counted.fault(sheet);
            sheet.faults.push(fault);
        }
    }

    pub(super) fn remarks(&self) -> Vec<String> {
        let read = || self.kinds.iter().flat_map(|kind| kind.seen.values()).filter(|seen| seen.read.is_ok());
        let mut alike: BTreeMap<&str, (Vec<String>, usize)> = BTreeMap::new();
        for seen in read() {
            let Some(mark) = seen.looks_like else { continue };
            let (forms, count) = alike.entry(mark).or_default();
            let form = cut(&seen.folded, 20);
            if forms.len() < SHOWN && !forms.contains(&form) {
                forms.push(form);
            }
            *count += seen.count;
        }
        let mut notes: Vec<String> = alike
            .into_iter()
            .map(|(mark, (mut forms, count))| {
                forms.sort_unstable();
                format!("「{}」を「{mark}」と読みました（{count}か所）。", forms.join("」「"))
            })
            .collect();
        let numbered: Vec<&Seen> = read().filter(|seen| seen.numbered).collect();
        if let Some(first) = numbered.iter().map(|seen| &seen.folded).min() {
            let count: usize = numbered.iter().map(|seen| seen.count).sum();
            notes.push(format!("言葉の前の番号（「{}」など）は読みません（{count}か所）。", cut(first, 20)));
        }
        notes
    }

    /// The marks with their meanings and counts; where a mark means different things or was said to mean
    /// something on both scales, each with the columns in which it does.
    pub(super) fn understood(&self) -> Vec<Understood> {
        let mut counts: BTreeMap<(&str, String), (usize, Vec<&str>)> = BTreeMap::new();
        let mut usual: BTreeMap<(&str, String), Scale> = BTreeMap::new();
        let mut scales: BTreeMap<&str, Vec<Option<Scale>>> = BTreeMap::new();
        let mut hanging: Vec<&str> = Vec::new();
        for kind in &self.kinds {
            for seen in kind.seen.values() {
                let Ok(cell) = &seen.read else { continue };
                let mark = if seen.folded.is_empty() { EMPTY } else { seen.folded.as_str() };
                if cell.meaning == Meaning::Elsewhere {
                    hanging.push(mark);
                    continue;
                }
                match (self.profile.said(&seen.folded, kind.scale), kind.scale) {
                    (Some(_), _) => scales.entry(mark).or_default().push(kind.scale),
                    (None, Some(scale)) if is_yes_or_no(&cell.meaning) => {
                        usual.insert((mark, cell.label(kind.scale)), scale);
                    }
                    (None, _) => {}
                }
                let (count, headings) = counts.entry((mark, cell.label(kind.scale))).or_default();
                *count += seen.count;
                headings.extend(kind.headings.iter().map(String::as_str));
            }
        }
        hanging.sort_unstable();
        hanging.dedup();
        let hanging = hanging.join("、");
        for (count, label) in self.settled.iter().zip([
            "この手段なし（段階0、ほかの接点に印がある行）",
            "制度なし・該当なし（ほかの接点に印がない行）",
        ]) {
            if *count > 0 {
                counts.insert((&hanging, label.to_owned()), (*count, Vec::new()));
            }
        }
        let marks: Vec<&str> = counts.keys().map(|(mark, _)| *mark).collect();
        // Also what a sender says without a scale is told with the columns in which it holds.
        let differs = |mark: &str| {
            let said_of = scales.get(mark).is_some_and(|scales| scales.iter().any(|one| *one != scales[0]));
            said_of || marks.iter().filter(|other| **other == mark).count() > 1
        };
        counts
            .iter()
            .map(|((mark, meaning), (count, headings))| {
                let shown = if differs(mark) {
                    headings.iter().take(SHOWN).map(|text| (*text).to_owned()).collect()
                } else {
                    Vec::new()
                };
                Understood {
                    mark: (*mark).to_owned(),
                    meaning: meaning.clone(),
                    headings: shown,
                    count: *count,
                    usual_on: usual.get(&(*mark, meaning.clone())).copied(),
                }
            })
            .collect()
    }
}
