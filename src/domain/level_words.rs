//! A level as it was said, exactly or as "at least", in codes and words: every sentence, label and cell
//! takes them from here.
//!
//! A bare ○ of a national list says that a procedure can be done online and leaves open for whom and for
//! how much of it. It is level 3, at least, and never called by the name of level 3, which is
//! 「一部オンライン」.

use std::borrow::Cow;

use super::readiness::{Level, Scale};

/// The label of a bare ○: level 3 of which only "at least" is known, on the online scale.
pub const AT_LEAST_THREE: &str = "オンライン可（範囲未確認）";
/// Its short label.
const AT_LEAST_THREE_SHORT: &str = "可";

impl Level {
    /// Whether this says no more than a bare ○ of a national list.
    fn is_bare(self, at_least: bool, scale: Scale) -> bool {
        self == Self::THREE && at_least && scale == Scale::Online
    }

    /// The code: 4, 3+.
    pub fn said_code(self, at_least: bool) -> String {
        format!("{self}{}", if at_least { "+" } else { "" })
    }

    /// The number in words, for what stands beside another number: 4, 3以上.
    pub fn said_number(self, at_least: bool) -> String {
        format!("{self}{}", if at_least { "以上" } else { "" })
    }

    /// The label: 「一部オンライン」, 「オンライン可（範囲未確認）」, 「書かない以上」. Nothing is above the
    /// highest level, so that "at least" says nothing there.
    pub fn stated_label(self, at_least: bool, scale: Scale) -> Cow<'static, str> {
        if self.is_bare(at_least, scale) {
            return AT_LEAST_THREE.into();
        }
        or_more(self.label(scale), at_least && self < Self::MAX)
    }

    /// The short label for cells: 全部, 可, 書かない以上.
    pub fn stated_short_label(self, at_least: bool, scale: Scale) -> Cow<'static, str> {
        if self.is_bare(at_least, scale) {
            return AT_LEAST_THREE_SHORT.into();
        }
        or_more(self.short_label(scale), at_least && self < Self::MAX)
    }

    /// The level with its number, for sentences and for what a mark means: 「段階4（オンライン申請可）」,
    /// 「段階3以上（書かない以上）」, 「オンライン可（範囲未確認）」; without a name where the scale is not known.
    pub fn in_words(self, at_least: bool, scale: Option<Scale>) -> String {
        let number = self.said_number(at_least);
        match scale {
            Some(scale) if self.is_bare(at_least, scale) => AT_LEAST_THREE.to_owned(),
            Some(scale) => format!("段階{number}（{}）", self.stated_label(at_least, scale)),
            None if at_least => format!("段階{number}（範囲未確認）"),
            None => format!("段階{number}"),
        }
    }

    /// The same in English.
    pub fn in_english(self, at_least: bool, scale: Option<Scale>) -> String {
        let or_more = if at_least { " or more" } else { "" };
        match scale {
            Some(scale) if self.is_bare(at_least, scale) => {
                "accepted online, how far is not known (level 3 or more)".to_owned()
            }
            Some(scale) => format!("level {self}{or_more}: {}", self.meaning(scale)),
            None => format!("level {self}{or_more}"),
        }
    }
}

fn or_more(label: &'static str, more: bool) -> Cow<'static, str> {
    if more { format!("{label}以上").into() } else { label.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_only_known_at_least_is_not_called_the_level_itself() {
        for (level, at_least, scale, label, short, words) in [
            (3, true, Scale::Online, AT_LEAST_THREE, "可", AT_LEAST_THREE),
            (3, false, Scale::Online, "一部オンライン", "一部", "段階3（一部オンライン）"),
            (4, true, Scale::Online, "オンライン申請可以上", "全部以上", "段階4以上（オンライン申請可以上）"),
            (5, true, Scale::Online, "デジタル完結", "完結", "段階5以上（デジタル完結）"),
            (3, true, Scale::Counter, "書かない以上", "書かない以上", "段階3以上（書かない以上）"),
            (0, false, Scale::Counter, "紙に手書き", "紙", "段階0（紙に手書き）"),
        ] {
            let level = Level::new(level).unwrap();
            assert_eq!(level.stated_label(at_least, scale), label);
            assert_eq!(level.stated_short_label(at_least, scale), short);
            assert_eq!(level.in_words(at_least, Some(scale)), words);
        }
        assert_eq!(Level::THREE.in_words(true, None), "段階3以上（範囲未確認）");
        assert_eq!(Level::THREE.in_words(false, None), "段階3");
    }

    #[test]
    fn numbers_and_codes_say_at_least() {
        assert_eq!((Level::FOUR.said_code(false), Level::THREE.said_code(true)), ("4".into(), "3+".into()));
        assert_eq!(
            (Level::FOUR.said_number(false), Level::ONE.said_number(true)),
            ("4".into(), "1以上".into())
        );
    }
}
