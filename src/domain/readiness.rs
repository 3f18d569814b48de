//! How ready a body is: channel, level, state, evidence.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::Refusal;
use super::codes::codes;
use super::dates::Dated;
use super::shared::SharedText;

codes! {
    /// The scale a channel's level is read on; also the two channel groups of expected rows.
    Scale, "段階の尺度", "scale" {
        Online = "online", "オンライン（行かない）", "at home, without going";
        Counter = "counter", "窓口（書かない）", "at a counter, without writing";
    }
}

codes! {
    /// Where the resident is.
    Place, "場所", "place" {
        Home = "home", "自宅", "at home";
        Nearby = "nearby", "近場", "near home: shop, post office, remote desk";
        Counter = "counter", "窓口", "at the office's counter";
    }
}

codes! {
    /// Whether the stated level is in force.
    State, "状態", "state" {
        Live = "live", "実施中", "in operation";
        Prepared = "prepared", "発災時に公開", "prepared, opened when a disaster strikes";
        Seasonal = "seasonal", "受付期間外", "outside its yearly season";
        Suspended = "suspended", "停止中", "suspended";
    }
}

codes! {
    /// How the statement is known.
    Evidence, "根拠", "evidence" {
        Declared = "declared", "自己申告", "declared by the body itself";
        Published = "published", "国公表値", "published by the national government";
        Seen = "seen", "画面確認", "seen on the screen";
        Verified = "verified", "実申請で確認", "verified by a real application";
    }
}

codes! {
    /// Whose word a statement is. The two are kept apart, so that a national file never
    /// overwrites a town's own word.
    Source, "出所", "source" {
        Own = "own", "団体の申告", "the body's own statement";
        Published = "published", "国公表値", "what the national government published";
    }
}

impl Evidence {
    /// The source a statement with this evidence belongs to.
    pub fn source(self) -> Source {
        match self {
            Self::Published => Source::Published,
            Self::Declared | Self::Seen | Self::Verified => Source::Own,
        }
    }
}

/// A step of the readiness scale, 0 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// 未対応 / 紙に手書き.
    pub const ZERO: Self = Self(0);
    /// The level of a bare ○ (with `at_least`), and the default threshold of figures.
    pub const THREE: Self = Self(3);
    /// 4, オンライン申請可 or 書かない＋データ連携.
    pub const FOUR: Self = Self(4);
    /// The highest level.
    pub const MAX: Self = Self(5);

    /// A level from its number.
    pub fn new(number: u8) -> Option<Self> {
        (number <= Self::MAX.0).then_some(Self(number))
    }

    /// All levels, lowest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=Self::MAX.0).map(Self)
    }

    /// The number, 0 to 5.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The Japanese label on a scale.
    pub fn label(self, scale: Scale) -> &'static str {
        let labels = match scale {
            Scale::Online => [
                "未対応",
                "案内・様式のみ",
                "事前入力・予約（来庁要）",
                "一部オンライン",
                "オンライン申請可",
                "デジタル完結",
            ],
            Scale::Counter => [
                "紙に手書き",
                "記載支援",
                "端末入力",
                "書かない",
                "書かない＋データ連携",
                "書かないワンストップ",
            ],
        };
        labels[usize::from(self.0)]
    }

    /// The short label for cells on a scale.
    pub fn short_label(self, scale: Scale) -> &'static str {
        let labels = match scale {
            Scale::Online => ["未", "様式", "予約", "一部", "全部", "完結"],
            Scale::Counter => ["紙", "支援", "端末", "書かない", "連携", "一か所"],
        };
        labels[usize::from(self.0)]
    }

    /// What the level means on a scale.
    pub fn meaning(self, scale: Scale) -> &'static str {
        let meanings = match scale {
            Scale::Online => [
                "nothing can be done online",
                "information or a form to download; submission on paper",
                "pre-entry or reservation; the act is completed at the counter",
                "accepted online, but only for some persons or forms, or a necessary part goes on paper or in person",
                "every eligible person can submit everything online",
                "level 4, and payment, notice and delivery are digital too, and nothing the administration knows is asked again",
            ],
            Scale::Counter => [
                "the applicant writes each form",
                "unified or pre-printed form, QR of a pre-entry read at the desk",
                "resident or staff type, a form is printed and signed",
                "staff ask and type, or a card is read; the resident only confirms",
                "level 3 and the data reach the business system without typing again",
                "level 4 and related procedures finish at one place and time",
            ],
        };
        meanings[usize::from(self.0)]
    }
}

impl FromStr for Level {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        text.parse::<u8>().ok().filter(|_| text.len() == 1).and_then(Self::new).ok_or_else(|| {
            Refusal::new("level_format", text, "段階は0〜5の整数です", "a level is 0 to 5").allowed("0-5")
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.0)
    }
}

/// Id of a channel such as `mynaportal`. Channels are data: which ids there are is asked of the
/// catalogue.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelId(Arc<str>);

impl ChannelId {
    /// The online channel whose means is unknown; the default channel of the online group.
    pub const ONLINE: &'static str = "online";
    /// マイナポータル, which some official definitions count alone.
    pub const MYNAPORTAL: &'static str = "mynaportal";
    /// 本庁窓口; the default channel of the counter group.
    pub const COUNTER: &'static str = "counter";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ChannelId {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        let valid = (1..=40).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        valid.then(|| Self(text.into())).ok_or_else(|| {
            Refusal::new("channel_format", text, "接点IDの形式が正しくありません", "not a channel id")
                .allowed("mynaportal のような英小文字")
        })
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ChannelId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// How a resident reaches a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its id.
    pub id: ChannelId,
    /// Japanese label.
    pub label_ja: String,
    /// English label.
    pub label_en: String,
    /// The scale of its levels.
    pub scale: Scale,
    /// Where the resident is.
    pub place: Place,
    /// Whether the means is known; `false` for `online` alone.
    pub named: bool,
}

/// What is stated of a body, a procedure and a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The step on the channel's scale.
    pub level: Level,
    /// The source says only "at least this" (a bare ○).
    pub at_least: bool,
    /// Whether it is in force.
    pub state: State,
    /// How it is known.
    pub evidence: Evidence,
    /// Product or joint system.
    pub system: Option<SharedText>,
    /// Address of the form or page.
    pub url: Option<SharedText>,
    /// Anything else, free text.
    pub note: Option<SharedText>,
    /// 担当課.
    pub section: Option<SharedText>,
    /// What is planned.
    pub target: Option<Plan>,
}

/// A level that a body plans to reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The level to be reached.
    pub level: Level,
    /// Until when, if said.
    pub on: Option<Dated>,
}

/// Whether a text can stand as the address of a form or page.
///
/// # Errors
///
/// Anything but http and https: other schemes do things when they are followed.
pub fn check_address(text: &str) -> Result<(), Refusal> {
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let fits = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>'));
    fits.then_some(()).ok_or_else(|| {
        Refusal::new(
            "url_format",
            text,
            "URLは http:// か https:// で始まり、空白を含みません",
            "an address begins with http:// or https:// and has no spaces",
        )
        .allowed("https://…")
    })
}

/// Longest texts of a statement, in characters.
pub mod limits {
    /// Product or joint system.
    pub const SYSTEM: usize = 100;
    /// Address.
    pub const URL: usize = 500;
    /// Note and reasons.
    pub const NOTE: usize = 1000;
    /// 担当課.
    pub const SECTION: usize = 100;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_digit_up_to_five() {
        assert_eq!("5".parse::<Level>().unwrap(), Level::MAX);
        for text in ["6", "-1", "03", "3+", "", "３", "+3"] {
            assert_eq!(text.parse::<Level>().unwrap_err().code, "level_format", "{text}");
        }
    }

    #[test]
    fn only_web_addresses_are_taken() {
        for text in ["https://example.lg.jp/a?b=c", "HTTP://example.lg.jp", "https://例え.jp/町"] {
            assert_eq!(check_address(text), Ok(()), "{text}");
        }
        for text in [
            "javascript:alert(1)",
            "data:text/html,x",
            "https://",
            "http:///x",
            "//a",
            "ftp://a",
            "https://a b",
        ] {
            assert_eq!(check_address(text).unwrap_err().code, "url_format", "{text}");
        }
    }

    #[test]
    fn published_evidence_is_not_the_towns_own_word() {
        assert_eq!(Evidence::Published.source(), Source::Published);
        for evidence in [Evidence::Declared, Evidence::Seen, Evidence::Verified] {
            assert_eq!(evidence.source(), Source::Own);
        }
    }

    #[test]
    fn codes_round_trip_and_slips_are_named() {
        for state in State::ALL {
            assert_eq!(state.code().parse::<State>().unwrap(), *state);
            assert_eq!(State::at(state.index()), Some(*state));
        }
        let refusal = "lvie".parse::<State>().unwrap_err();
        assert_eq!(refusal.suggestion.as_deref(), Some("live"));
        assert_eq!(refusal.allowed.as_deref(), Some("live, prepared, seasonal, suspended"));
    }
}
