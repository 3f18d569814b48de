//! How ready a body is: channel, level, state, evidence.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::Refusal;
use super::codes::codes;
use super::dates::Dated;
use super::number::without_fraction;
use super::shared::SharedText;

codes! {
    /// The scale a channel's level is read on; also the two channel groups of expected rows.
    Scale, "段階の尺度", "scale" {
        Online = "online", "オンライン（行かない）", "at home, without going", "自宅などから、行かずに手続する接点の段階";
        Counter = "counter", "窓口（書かない）", "at a counter, without writing", "窓口や近場で、書かずに手続する接点の段階";
    }
}

codes! {
    /// Where the resident is.
    Place, "場所", "place" {
        Home = "home", "自宅", "at home", "自宅などから、どこにも行かずに手続できる";
        Nearby = "nearby", "近場", "near home: shop, post office, remote desk", "コンビニ、郵便局、リモート窓口など、住まいの近くで手続できる";
        Counter = "counter", "窓口", "at the office's counter", "本庁や支所の窓口で手続する";
    }
}

codes! {
    /// Whether the stated level is in force.
    State, "状態", "state" {
        Live = "live", "実施中", "in operation", "今、この段階で使える";
        Prepared = "prepared", "発災時に公開", "prepared, opened when a disaster strikes", "準備済みで、災害が起きたときに公開する";
        Seasonal = "seasonal", "受付期間外", "outside its yearly season", "毎年の受付期間の外で、期間になれば使える";
        Suspended = "suspended", "停止中", "suspended", "一時的に使えない";
    }
}

codes! {
    /// How the statement is known.
    Evidence, "根拠", "evidence" {
        Declared = "declared", "自己申告", "declared by the body itself", "団体が自分で申告した";
        Published = "published", "国公表値", "published by the national government", "国が公表した値";
        Seen = "seen", "画面確認", "seen on the screen", "申請の画面を見て確かめた";
        Verified = "verified", "実申請で確認", "verified by a real application", "実際に申請して確かめた";
    }
}

codes! {
    /// Whose word a statement is. The two are kept apart, so that a national file never
    /// overwrites a town's own word.
    Source, "出所", "source" {
        Own = "own", "団体の申告", "the body's own statement", "団体自身の申告で、国公表値より優先する";
        Published = "published", "国公表値", "what the national government published", "国の公表で、団体の申告があれば比べるために残る";
    }
}

impl State {
    /// The short label for cells, of what is not in operation.
    pub fn short_label(self) -> Option<&'static str> {
        match self {
            Self::Live => None,
            Self::Prepared => Some("備"),
            Self::Seasonal => Some("期間外"),
            Self::Suspended => Some("停止"),
        }
    }

    /// Words that say a state wherever they stand, beside a level too.
    pub const WORDS: &'static [(Self, &'static [&'static str])] = &[
        (Self::Live, &["実施中", "稼働中", "運用中", "公開中", "提供中", "受付中"]),
        (Self::Prepared, &["備", "発災時", "発災時公開", "発災時に公開", "災害時に公開", "災害時公開"]),
        (Self::Seasonal, &["期間外", "受付期間外", "期間限定", "季節"]),
        (
            Self::Suspended,
            &[
                "停止",
                "停止中",
                "一時停止",
                "一時停止中",
                "休止",
                "休止中",
                "中止",
                "中止中",
                "中断",
                "中断中",
            ],
        ),
    ];

    /// The state that a word says wherever it stands.
    pub fn said_by(text: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(_, words)| words.contains(&text)).map(|(state, _)| *state)
    }

    /// The state by a word that people write for it where states are expected: 休止, 運用, 期間外.
    pub fn in_words(text: &str) -> Option<Self> {
        Self::said_by(text).or(match text {
            "実施" | "稼働" | "運用" | "公開" | "利用可" => Some(Self::Live),
            "準備済" | "準備済み" => Some(Self::Prepared),
            _ => None,
        })
    }

    /// The word of one character for the smallest cells, of what is not in operation.
    pub fn letter(self) -> Option<&'static str> {
        match self {
            Self::Live => None,
            Self::Prepared => Some("備"),
            Self::Seasonal => Some("期"),
            Self::Suspended => Some("停"),
        }
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
    /// 案内・様式のみ / 記載支援.
    pub const ONE: Self = Self(1);
    /// 事前入力・予約 / 端末入力.
    pub const TWO: Self = Self(2);
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

    /// Reads a number.
    ///
    /// # Errors
    ///
    /// Whatever is not 0 to 5.
    pub fn of_number(number: i64) -> Result<Self, Refusal> {
        u8::try_from(number).ok().and_then(Self::new).ok_or_else(|| {
            Refusal::new("out_of_range", &number.to_string(), "段階は0〜5の整数です", "a level is 0 to 5")
                .allowed("0-5")
        })
    }

    /// What may be said of levels, exactly or as "at least".
    pub const ALLOWED: &'static str = "0〜5、1+〜5+";

    /// Whether a level may be said in this way.
    ///
    /// # Errors
    ///
    /// "At least 0", which says nothing. What was recorded so before still reads.
    pub fn check_said(self, at_least: bool) -> Result<(), Refusal> {
        if self > Self::ZERO || !at_least {
            return Ok(());
        }
        Err(Refusal::new(
            "at_least_zero",
            "0+",
            "「段階0以上」では何も分かりません。未対応なら 0、分からないなら空欄にしてください",
            "at least 0 says nothing: write 0, or leave it out",
        )
        .allowed(Self::ALLOWED)
        .suggest("0"))
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

    /// The word of one character for the smallest cells, on a scale.
    pub fn letter(self, scale: Scale) -> &'static str {
        let letters = match scale {
            Scale::Online => ["未", "様", "予", "一", "全", "完"],
            Scale::Counter => ["紙", "支", "端", "書", "連", "所"],
        };
        letters[usize::from(self.0)]
    }

    /// The short label for cells on a scale.
    pub fn short_label(self, scale: Scale) -> &'static str {
        let labels = match scale {
            Scale::Online => ["未", "様式", "予約", "一部", "全部", "完結"],
            Scale::Counter => ["紙", "支援", "端末", "書かない", "連携", "一か所"],
        };
        labels[usize::from(self.0)]
    }

    /// The short label for cells on a scale, in English.
    pub fn short_label_en(self, scale: Scale) -> &'static str {
        let labels = match scale {
            Scale::Online => ["none", "form", "before", "part", "all", "full"],
            Scale::Counter => ["paper", "aided", "typed", "no pen", "linked", "one stop"],
        };
        labels[usize::from(self.0)]
    }

    /// What the level means on a scale, in Japanese.
    pub fn meaning_ja(self, scale: Scale) -> &'static str {
        let meanings = match scale {
            Scale::Online => [
                "オンラインでできることがない",
                "案内の掲載や様式のダウンロードまで。提出は紙",
                "事前入力や予約まで。手続は来庁して済ませる",
                "一部の人や様式だけ、または必要な一部が紙・来庁",
                "対象者の全員が、必要なものをすべてオンラインで提出できる",
                "4に加え、支払・通知・交付もデジタルで、行政が知っていることを書かせない",
            ],
            Scale::Counter => [
                "申請者が用紙ごとに手書きする",
                "申請書の統一や印字、事前入力のQRの読取りなど、書く量を減らしている",
                "来庁者や職員が端末に入力し、印刷した様式に署名する",
                "職員の聞き取りやカードの読取りで入力し、来庁者は確認するだけ",
                "3に加え、入力した内容が業務システムに再入力なしで届く",
                "4に加え、関連する手続が1か所で一度に済む",
            ],
        };
        meanings[usize::from(self.0)]
    }

    /// What the level means on a scale, in English.
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
        // A column with an empty cell makes 3.0 of 3 in many a program.
        let digit = without_fraction(text);
        digit.parse::<u8>().ok().filter(|_| digit.len() == 1).and_then(Self::new).ok_or_else(|| {
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
    /// 汎用電子申請.
    pub const EAPP: &'static str = "eapp";
    /// コンビニ交付.
    pub const CONVENIENCE: &'static str = "convenience";

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
    fn words_for_the_smallest_cells_are_one_character_and_differ() {
        for scale in Scale::ALL {
            let mut letters: Vec<&str> = Level::all().map(|level| level.letter(*scale)).collect();
            assert!(letters.iter().all(|letter| letter.chars().count() == 1));
            letters.sort_unstable();
            letters.dedup();
            assert_eq!(letters.len(), 6);
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
