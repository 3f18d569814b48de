//! The named definitions of figures: one table, one rule each.
//!
//! One fact has several official answers, so there is no single "online rate". Each definition says
//! which list it counts over by default, which answer of a [`Standing`] it reads and what a
//! procedure that is not performed means to it.

use super::standing::{Answer, Mark, Reading, Reads, Standing};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{Catalogue, ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::readiness::{ChannelId, Level, Place, Scale};
use crate::domain::text::unknown_code;

codes! {
    /// What results are grouped by.
    By, "集計単位", "grouping" {
        Nation = "nation", "全国", "one result over all bodies in scope", "対象の団体すべてで1件";
        Prefecture = "prefecture", "都道府県", "one result per prefecture", "都道府県ごとに1件";
        Municipality = "municipality", "団体", "one result per body", "団体ごとに1件";
        Procedure = "procedure", "手続", "one result per procedure", "手続ごとに1件";
        Category = "category", "分野", "one result per category", "分野ごとに1件";
        Kind = "kind", "団体の種別", "one result per kind of body", "団体の種別ごとに1件";
        PopulationBand = "population_band", "人口規模", "one result per population band", "人口規模の区分ごとに1件（2020年国勢調査）";
    }
}

codes! {
    /// Whether unanswered rows stay in the denominator.
    Basis, "集計の基礎", "basis" {
        Expected = "expected", "全対象", "unanswered rows stay in the denominator as unknown", "未回答の行も、不明として分母に残す";
        Stated = "stated", "回答のみ", "unanswered rows leave the denominator", "未回答の行を分母から除く。団体を数える指標では、すべてに回答した団体だけを数える";
    }
}

codes! {
    /// What a procedure that the body does not perform means to a figure.
    NotApplicable, "制度なしの扱い", "treatment of procedures not performed" {
        Excluded = "excluded", "除く", "it leaves the denominator; for completion it counts as done", "分母から除く。すべてそろったかを見る指標では、済みとみなす";
        Counted = "counted", "含める", "it stays in the denominator and is not counted as done", "分母に残し、できていないものとして数える";
    }
}

codes! {
    /// Why a row is counted or not.
    Reason, "理由", "reason" {
        Counted = "counted", "数える", "the row is in the numerator", "条件を満たすため、分子に数える";
        BelowThreshold = "below_threshold", "段階が足りない", "the level is below the threshold", "段階がしきい値に届かないため、分子に数えない";
        AtLeast = "at_least", "範囲未確認", "the source says only at least a level that is below the threshold", "「少なくともこの段階」とだけ分かり、しきい値に達するか不明";
        ChannelNotMynaportal = "channel_not_mynaportal", "マイナポータル以外の手段", "done online by another channel than mynaportal", "オンラインだが、マイナポータルではない手段で行っている";
        MeansUnknown = "means_unknown", "オンラインの手段が不明", "done online, by which channel is not known", "オンラインだが、どの手段か分からない";
        NotLive = "not_live", "実施中でない", "stated, but not in force", "申告はあるが、今は使えない（停止中など）";
        NoAnswer = "no_answer", "未回答", "nobody stated anything", "誰も何も述べていない。段階0（未対応）ではない";
        NotApplicable = "not_applicable", "制度なし・該当なし", "the body has no such scheme", "団体にこの制度がない、または該当する人や施設がない";
        OtherBody = "other_body", "他団体の事務", "another body performs it", "一部事務組合、広域連合、都道府県など、ほかの団体が行っている";
        Abolished = "abolished", "廃止", "the scheme was abolished", "制度そのものが廃止された";
        NothingApplicable = "nothing_applicable", "該当する手続なし", "nothing of the list applies to the body", "一覧の手続のうち、団体に該当するものがない";
        MissingProcedures = "missing_procedures", "足りない手続あり", "at least one procedure of the list is missing", "条件を満たさないことが分かっている手続が、1つ以上ある";
        UnknownProcedures = "unknown_procedures", "不明な手続あり", "none is known to be missing, at least one is unknown", "満たさないと分かっている手続はないが、不明な手続が1つ以上ある";
    }
}

/// What the numerator and denominator count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Procedures of bodies.
    Cells,
    /// Bodies for which all procedures of the list count.
    Bodies,
}

/// How a definition treats procedures that are not performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotApplicableRule {
    /// Fixed by the definition.
    Always(NotApplicable),
    /// The caller may choose; this is what they get otherwise.
    Choice(NotApplicable),
    /// Both results are given unless the caller chooses.
    Both,
}

/// A named, versioned rule that turns readiness into a figure.
#[derive(Debug)]
pub struct Definition {
    /// Its id.
    pub id: &'static str,
    /// Raised when the same record gives another result than before.
    pub version: u32,
    /// Japanese name.
    pub name_ja: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// The rule in Japanese.
    pub rule_ja: &'static str,
    /// The rule in English.
    pub rule_en: &'static str,
    /// What this version changed against the one before it, in Japanese.
    pub changed_ja: &'static str,
    /// The same in English.
    pub changed_en: &'static str,
    /// The list it counts over when none is named.
    pub list: &'static str,
    /// Whether it counts over that list and no other.
    pub fixed_list: bool,
    /// The channel group it reads.
    pub scale: Scale,
    /// What it counts.
    pub unit: Unit,
    /// Thresholds a caller may choose; the first is the default.
    pub thresholds: &'static [u8],
    /// What it does with procedures that are not performed.
    pub not_applicable: NotApplicableRule,
    /// Groupings it can give.
    pub by: &'static [By],
    /// What it reads of a standing.
    pub(super) reads: Reads,
}

const CELL_GROUPINGS: &[By] = By::ALL;
const BODY_GROUPINGS: &[By] = &[By::Nation, By::Prefecture, By::Municipality, By::Kind, By::PopulationBand];

/// Every definition, in the order in which they are shown.
pub const DEFINITIONS: &[Definition] = &[
    Definition {
        id: "online_rate",
        version: 2,
        name_ja: "オンライン対応率",
        name_en: "Online rate",
        rule_ja: "該当する手続のうち、オンラインの最高段階がしきい値（既定3）以上のものの割合。発災時に公開・受付期間外も数える。「以上」とだけ分かりしきい値に届かないものは不明とする。",
        rule_en: "applicable procedures with best online level at or above the threshold (3 by default) ÷ applicable procedures; prepared and seasonal count; at-least statements under the threshold are unknown",
        changed_ja: "団体自身の申告があれば、手段不明の国公表値より優先する（範囲未確認のままにしない）。団体の申告と制度なしは、後のものが前のものを終わらせる。都道府県には被災者支援の8手続、粗大ごみ収集、不在者投票、犬の登録・死亡届も期待する。団体の中央値と四分位は、丸める前の値から求めて1回だけ丸め、値のある団体が半数に満たなければ出さない。",
        changed_en: "a body's own statement goes before a published one whose means is unknown, so that its exact level stays exact; of an own level and an own not applicable the later ends the earlier; prefectures are expected to answer 11 more procedures; median and quartiles are taken from exact fractions, rounded once, and left out where fewer than half of the bodies have a value",
        list: "priority56",
        fixed_list: false,
        scale: Scale::Online,
        unit: Unit::Cells,
        thresholds: &[3, 4, 5],
        not_applicable: NotApplicableRule::Choice(NotApplicable::Excluded),
        by: CELL_GROUPINGS,
        reads: Reads::Online,
    },
    Definition {
        id: "da26_rate",
        version: 2,
        name_ja: "26手続（マイナポータル）率",
        name_en: "Rate of the 26 procedures on Mynaportal",
        rule_ja: "子育て・介護26手続のうち、マイナポータルで段階3以上を実施中のものの割合。制度なしは「できない」に数える。手段が不明なものは不明とする。",
        rule_en: "of the 26: mynaportal at level 3 or more, live ÷ 26; not applicable counts as no; means unknown is unknown",
        changed_ja: "団体自身の申告があれば、手段不明の国公表値より優先する（範囲未確認のままにしない）。団体の申告と制度なしは、後のものが前のものを終わらせる。手段不明の段階1・2は「マイナポータルではできない」とし、ほかの手段を0とする申告だけでは手段不明のままとする。26手続だけで計算し、ほかの一覧や手続は指定できない。団体の中央値と四分位は、丸める前の値から求めて1回だけ丸め、値のある団体が半数に満たなければ出さない。",
        changed_en: "a body's own statement goes before a published one whose means is unknown, so that its exact level stays exact; of an own level and an own not applicable the later ends the earlier; means unknown at exactly 1 or 2 is no; levels 0 on other channels alone leave the means unknown; counts over the 26 only; median and quartiles are taken from exact fractions, rounded once, and left out where fewer than half of the bodies have a value",
        list: "dashboard26",
        fixed_list: true,
        scale: Scale::Online,
        unit: Unit::Cells,
        thresholds: &[3],
        not_applicable: NotApplicableRule::Always(NotApplicable::Counted),
        by: CELL_GROUPINGS,
        reads: Reads::Mynaportal,
    },
    Definition {
        id: "da26_complete",
        version: 2,
        name_ja: "26手続完了団体",
        name_en: "Bodies with all 26 on Mynaportal",
        rule_ja: "子育て・介護26手続のすべてが「26手続（マイナポータル）率」の規則で「できる」団体の割合。",
        rule_en: "bodies with all 26 by da26_rate ÷ bodies",
        changed_ja: "団体自身の申告があれば、手段不明の国公表値より優先する（範囲未確認のままにしない）。団体の申告と制度なしは、後のものが前のものを終わらせる。手段不明の段階1・2は「マイナポータルではできない」とし、ほかの手段を0とする申告だけでは手段不明のままとする。26手続だけで計算し、ほかの一覧や手続は指定できない。回答のみ（basis=stated）では、26手続すべてに回答した団体だけを数える。",
        changed_en: "a body's own statement goes before a published one whose means is unknown, so that its exact level stays exact; of an own level and an own not applicable the later ends the earlier; means unknown at exactly 1 or 2 is no; levels 0 on other channels alone leave the means unknown; counts over the 26 only; with basis=stated only bodies count that answered all 26",
        list: "dashboard26",
        fixed_list: true,
        scale: Scale::Online,
        unit: Unit::Bodies,
        thresholds: &[3],
        not_applicable: NotApplicableRule::Always(NotApplicable::Counted),
        by: BODY_GROUPINGS,
        reads: Reads::Mynaportal,
    },
    Definition {
        id: "list26_complete",
        version: 2,
        name_ja: "26手続オンライン可団体",
        name_en: "Bodies with all 26 online",
        rule_ja: "子育て・介護26手続のすべてがいずれかのオンライン手段で段階3以上（実施中）の団体の割合。制度なしを済みとみなす（除く）場合と、未対応とみなす（含める）場合の2つを示す。",
        rule_en: "bodies with all 26 at level 3 or more by any online channel ÷ bodies; one result each for not applicable excluded (counts as done) and counted (as not done)",
        changed_ja: "団体自身の申告があれば、手段不明の国公表値より優先する（範囲未確認のままにしない）。団体の申告と制度なしは、後のものが前のものを終わらせる。26手続だけで計算し、ほかの一覧や手続は指定できない。回答のみ（basis=stated）では、26手続すべてに回答した団体だけを数える。",
        changed_en: "a body's own statement goes before a published one whose means is unknown, so that its exact level stays exact; of an own level and an own not applicable the later ends the earlier; counts over the 26 only; with basis=stated only bodies count that answered all 26",
        list: "dashboard26",
        fixed_list: true,
        scale: Scale::Online,
        unit: Unit::Bodies,
        thresholds: &[3],
        not_applicable: NotApplicableRule::Both,
        by: BODY_GROUPINGS,
        reads: Reads::OnlineLive,
    },
    Definition {
        id: "mic_rate",
        version: 2,
        name_ja: "実施手続ベースの率",
        name_en: "Rate over the procedures performed",
        rule_ja: "団体が実施している手続のうち、いずれかのオンライン手段で段階3以上（実施中）のものの割合。既定はよく使う32手続。",
        rule_en: "procedures at level 3 or more by any online channel, live ÷ procedures the body performs; common32 by default",
        changed_ja: "団体自身の申告があれば、手段不明の国公表値より優先する（範囲未確認のままにしない）。団体の申告と制度なしは、後のものが前のものを終わらせる。都道府県には被災者支援の8手続、粗大ごみ収集、不在者投票、犬の登録・死亡届も期待する。団体の中央値と四分位は、丸める前の値から求めて1回だけ丸め、値のある団体が半数に満たなければ出さない。",
        changed_en: "a body's own statement goes before a published one whose means is unknown, so that its exact level stays exact; of an own level and an own not applicable the later ends the earlier; prefectures are expected to answer 11 more procedures; median and quartiles are taken from exact fractions, rounded once, and left out where fewer than half of the bodies have a value",
        list: "common32",
        fixed_list: false,
        scale: Scale::Online,
        unit: Unit::Cells,
        thresholds: &[3],
        not_applicable: NotApplicableRule::Choice(NotApplicable::Excluded),
        by: CELL_GROUPINGS,
        reads: Reads::OnlineLive,
    },
    Definition {
        id: "digital_complete_rate",
        version: 1,
        name_ja: "デジタル完結率",
        name_en: "Rate of procedures completed online",
        rule_ja: "該当する手続のうち、オンラインの最高段階が5（デジタル完結）のものの割合。発災時に公開・受付期間外も数える。「以上」とだけ分かるものは不明とする。",
        rule_en: "applicable procedures with best online level 5 ÷ applicable procedures; prepared and seasonal count; at-least statements are unknown",
        changed_ja: "最初の版。",
        changed_en: "the first version",
        list: "priority56",
        fixed_list: false,
        scale: Scale::Online,
        unit: Unit::Cells,
        thresholds: &[5],
        not_applicable: NotApplicableRule::Choice(NotApplicable::Excluded),
        by: CELL_GROUPINGS,
        reads: Reads::Online,
    },
    Definition {
        id: "kakanai_rate",
        version: 2,
        name_ja: "書かない窓口率",
        name_en: "Rate of counters without writing",
        rule_ja: "窓口のある該当手続のうち、窓口（本庁・支所・おくやみコーナー）の最高段階が3以上（実施中）のものの割合。",
        rule_en: "counter procedures with best level 3 or more over channels with place counter ÷ applicable counter procedures",
        changed_ja: "近場の接点だけの申告は、窓口の回答とみなさない。団体の申告と制度なしは、後のものが前のものを終わらせる。都道府県には被災者支援の8手続、粗大ごみ収集、不在者投票、犬の登録・死亡届も期待する。団体の中央値と四分位は、丸める前の値から求めて1回だけ丸め、値のある団体が半数に満たなければ出さない。",
        changed_en: "a statement on a nearby channel alone is no answer for the counter; of an own level and an own not applicable the later ends the earlier; prefectures are expected to answer 11 more procedures; median and quartiles are taken from exact fractions, rounded once, and left out where fewer than half of the bodies have a value",
        list: "priority56",
        fixed_list: false,
        scale: Scale::Counter,
        unit: Unit::Cells,
        thresholds: &[3],
        not_applicable: NotApplicableRule::Choice(NotApplicable::Excluded),
        by: CELL_GROUPINGS,
        reads: Reads::Counter,
    },
    Definition {
        id: "onestop_rate",
        version: 1,
        name_ja: "ワンストップ率",
        name_en: "Rate of one-stop counters",
        rule_ja: "窓口のある該当手続のうち、窓口（本庁・支所・おくやみコーナー）の最高段階が5（実施中）のものの割合。",
        rule_en: "counter procedures with best level 5 over channels with place counter ÷ applicable counter procedures",
        changed_ja: "最初の版。",
        changed_en: "the first version",
        list: "priority56",
        fixed_list: false,
        scale: Scale::Counter,
        unit: Unit::Cells,
        thresholds: &[5],
        not_applicable: NotApplicableRule::Choice(NotApplicable::Excluded),
        by: CELL_GROUPINGS,
        reads: Reads::Counter,
    },
];

/// The definition with an id.
///
/// # Errors
///
/// An id that is no definition.
pub fn find(id: &str) -> Result<&'static Definition, Refusal> {
    DEFINITIONS.iter().find(|definition| definition.id == id).ok_or_else(|| {
        let ids: Vec<&str> = DEFINITIONS.iter().map(|definition| definition.id).collect();
        unknown_code(id, "指標の定義", "definition", &ids)
    })
}

/// What becomes of one row or one body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// In the numerator.
    Yes(Reason),
    /// In the denominator only.
    No(Reason),
    /// In the denominator; whether it belongs in the numerator is not known.
    Unknown(Reason),
    /// In neither.
    Out(Reason),
}

impl Outcome {
    /// Why.
    pub fn reason(self) -> Reason {
        match self {
            Self::Yes(reason) | Self::No(reason) | Self::Unknown(reason) | Self::Out(reason) => reason,
        }
    }
}

/// The choices a caller makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Level from which a row counts.
    pub threshold: Level,
    /// Whether unanswered rows stay.
    pub basis: Basis,
    /// What a procedure that is not performed means.
    pub not_applicable: NotApplicable,
}

impl Definition {
    /// Whether an answer to a procedure is expected of prefectures (`true`) or municipalities.
    pub fn expects(&self, catalogue: &Catalogue, prefecture: bool, procedure: ProcedureIx) -> bool {
        catalogue.procedure(procedure).expects(prefecture, self.scale)
    }

    /// What the definition reads of a standing.
    #[inline]
    pub fn mark(&self, standing: &Standing) -> Mark {
        standing.mark(self.reads)
    }

    /// What the definition reads of a standing, in full.
    pub fn reading(&self, standing: &Standing) -> Reading {
        self.mark(standing).reading()
    }

    /// Whether a statement on a channel can decide a row.
    pub fn may_decide(&self, catalogue: &Catalogue, channel: ChannelIx) -> bool {
        let channel = catalogue.channel(channel);
        match self.reads {
            Reads::Online | Reads::OnlineLive => channel.scale == Scale::Online,
            Reads::Mynaportal => {
                matches!(channel.id.as_str(), ChannelId::MYNAPORTAL | ChannelId::ONLINE)
            }
            Reads::Counter => channel.scale == Scale::Counter && channel.place == Place::Counter,
        }
    }

    /// What becomes of one row.
    pub fn judge(reading: Reading, choices: Choices) -> Outcome {
        let absent = match reading.applicability {
            Applicability::Applicable => None,
            Applicability::NotApplicable => Some(Reason::NotApplicable),
            Applicability::OtherBody => Some(Reason::OtherBody),
            Applicability::Abolished => Some(Reason::Abolished),
        };
        if let Some(reason) = absent {
            return match choices.not_applicable {
                NotApplicable::Excluded => Outcome::Out(reason),
                NotApplicable::Counted => Outcome::No(reason),
            };
        }
        match reading.answer {
            Answer::NoAnswer => match choices.basis {
                Basis::Expected => Outcome::Unknown(Reason::NoAnswer),
                Basis::Stated => Outcome::Out(Reason::NoAnswer),
            },
            Answer::MeansUnknown => Outcome::Unknown(Reason::MeansUnknown),
            Answer::OtherChannel => Outcome::No(Reason::ChannelNotMynaportal),
            Answer::NotLive => Outcome::No(Reason::NotLive),
            Answer::Level { level, .. } if level >= choices.threshold => Outcome::Yes(Reason::Counted),
            Answer::Level { open: true, .. } => Outcome::Unknown(Reason::AtLeast),
            Answer::Level { .. } => Outcome::No(Reason::BelowThreshold),
        }
    }
}
