//! What the marks of a file mean. ○ × △ ◎ mean something else in every file, so a profile says it.

use super::{Field, ReadinessPatch, Said};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::ChannelIx;
use crate::domain::readiness::{Evidence, Level, State};

/// What one mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A level, at least or exactly.
    Level(Level, bool),
    /// Something about the procedure as a whole.
    Applicability(Applicability),
}

impl Meaning {
    /// The meaning in Japanese, for the report.
    pub fn label(self) -> String {
        match self {
            Self::Level(level, true) => format!("段階{level}以上（範囲未確認）"),
            Self::Level(level, false) => format!("段階{level}"),
            Self::Applicability(value) => value.label().to_owned(),
        }
    }

    /// The statement a cell with this meaning makes on a channel.
    pub fn said(self, channel: ChannelIx, evidence: Evidence) -> Said {
        match self {
            Self::Applicability(value) => Said::Applicability(value, Field::Keep),
            Self::Level(level, at_least) => Said::Readiness(
                channel,
                Box::new(ReadinessPatch {
                    level: Some((level, at_least)),
                    state: Some(State::Live),
                    evidence: Some(evidence),
                    ..ReadinessPatch::default()
                }),
            ),
        }
    }
}

/// The marks of one layout.
#[derive(Clone, Copy, Debug)]
pub struct Profile {
    /// Its name, recorded with the import.
    pub name: &'static str,
    /// Each mark with its meaning; the empty mark is an empty cell.
    pub marks: &'static [(&'static str, Meaning)],
}

impl Profile {
    /// What a cell means; `None` is a mark the profile does not know.
    pub fn meaning(&self, cell: &str) -> Option<Meaning> {
        self.marks.iter().find(|(mark, _)| *mark == cell).map(|(_, meaning)| *meaning)
    }

    /// The marks, for messages.
    pub fn allowed(&self) -> String {
        let marks: Vec<&str> =
            self.marks.iter().map(|(mark, _)| if mark.is_empty() { "空欄" } else { mark }).collect();
        marks.join(" ")
    }
}

/// The marks of the Digital Agency's list: its legend says 「○」 オンライン手続が可能,
/// 「ー」 該当する手続きがない; some cells have the other circle 〇.
pub const DIGITAL_AGENCY_2026_01: Profile = Profile {
    name: "digital-agency-2026-01",
    marks: &[
        ("○", Meaning::Level(Level::THREE, true)),
        ("〇", Meaning::Level(Level::THREE, true)),
        ("ー", Meaning::Applicability(Applicability::NotApplicable)),
        ("", Meaning::Level(Level::ZERO, false)),
    ],
};
