//! What a mark can mean, and the words in which people say so.

use super::plans::planned_label;
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::codes::codes;
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, Scale, State};
use crate::domain::text::fold_for_match;

/// What one mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A level, at least or exactly.
    Level(Level, bool),
    /// More than the mark for level 3: level 4 in a column that has both, else as that mark.
    Full,
    /// Something about the procedure as a whole.
    Applicability(Applicability),
    /// Not by this channel if another channel of the procedure has a mark, else not applicable.
    Elsewhere,
    /// Not yet, but planned: target level 3, for the day that is named.
    Planned(Option<Dated>),
    /// Not in force as it was: the level stays.
    State(State),
    /// Kept as a note.
    Note,
    /// Nothing changes.
    Nothing,
}

/// The code of what is planned; the day stands behind it.
pub(super) const PLANNED: &str = "planned";

impl Meaning {
    /// The code under which profiles write it.
    pub fn code(self) -> String {
        match self {
            Self::Level(level, at_least) => level.said_code(at_least),
            Self::Full => "full".to_owned(),
            Self::Applicability(value) => value.code().to_owned(),
            Self::Elsewhere => "elsewhere".to_owned(),
            Self::Planned(None) => "planned".to_owned(),
            Self::Planned(Some(on)) => format!("{PLANNED} {}", on.in_words()),
            Self::State(state) => state.code().to_owned(),
            Self::Note => "note".to_owned(),
            Self::Nothing => "nothing".to_owned(),
        }
    }

    /// The meaning in Japanese, for the report; a level is named where the scale is known.
    pub fn label(self, scale: Option<Scale>) -> String {
        match self {
            Self::Level(level, at_least) => level.in_words(at_least, scale),
            Self::Full => "段階4（○ と両方ある列。○ がなければ ○ と同じ）".to_owned(),
            Self::Applicability(value) => value.label().to_owned(),
            Self::Elsewhere if scale == Some(Scale::Counter) => {
                "ほかの接点に印があれば段階0（紙に手書き）、なければ制度なし".to_owned()
            }
            Self::Elsewhere => "ほかの接点に印があればこの手段なし（段階0）、なければ制度なし".to_owned(),
            Self::Planned(on) => planned_label(Level::THREE, on),
            Self::State(state) => format!("{}（段階はそのまま）", state.label()),
            Self::Note => "備考だけ（段階はそのまま）".to_owned(),
            Self::Nothing => "変えない".to_owned(),
        }
    }

    /// The meaning in English.
    pub fn english(self, scale: Option<Scale>) -> String {
        let text = match self {
            Self::Level(level, at_least) => return level.in_english(at_least, scale),
            Self::Full => "level 4 in a column that has ○ too, else as ○",
            Self::Applicability(value) => value.meaning(),
            Self::Elsewhere => "level 0 if another channel of the procedure has a mark, else not applicable",
            Self::Planned(None) => "planned: target level 3, the level stays",
            Self::Planned(Some(on)) => {
                return format!(
                    "planned: target level 3 on {} ({}), the level stays",
                    on.on,
                    on.precision.code()
                );
            }
            Self::State(state) => return format!("{}: the level stays", state.meaning()),
            Self::Note => "kept as a note, the level stays",
            Self::Nothing => "nothing changes",
        };
        text.to_owned()
    }

    /// The codes that a profile may use, for messages.
    pub const CODES: &str = "0〜5、1+〜5+、not_applicable（制度なし）、other_body（他団体）、abolished（廃止）、planned（予定。時期も書ける: 予定 R9.4）、suspended（停止中）、seasonal（受付期間外）、prepared（発災時に公開）、note（備考だけ）、nothing（変えない）、elsewhere（ほかの接点による）、full（◎）";
}

codes! {
    /// What a column with nothing but 0 and 1 says.
    Binary, "0と1の列", "column of 0 and 1" {
        Flag = "flag", "1 は ○、0 は ×", "1 as ○, 0 as ×";
        Level = "level", "段階0 と 段階1", "levels 0 and 1";
    }
}

impl Binary {
    /// Reads a code or a word for it: 印, 段階.
    ///
    /// # Errors
    ///
    /// Anything else.
    pub fn in_words(text: &str) -> Result<Self, Refusal> {
        match fold_for_match(text).as_str() {
            "印" | "○×" | "○と×" | "○" => Ok(Self::Flag),
            "段階" | "レベル" => Ok(Self::Level),
            other => match Self::ALL.iter().find(|value| fold_for_match(value.label()) == other) {
                Some(value) => Ok(*value),
                None => {
                    other.parse().map_err(|refusal: Refusal| refusal.allowed("flag（印）、level（段階）"))
                }
            },
        }
    }
}
