//! What a definition of a figure is, and what becomes of a row under one.

use crate::domain::applicability::Applicability;
use crate::domain::catalogue::Catalogue;
use crate::domain::codes::codes;
use crate::domain::readiness::{Level, Scale};
use crate::grid::standing::{Answer, Reading, Reads};

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
        OtherChannel = "other_channel", "ほかの手段", "done online by another channel than the one asked for", "オンラインだが、問われた手段ではない";
        MeansUnknown = "means_unknown", "オンラインの手段が不明", "done online, by which channel is not known", "オンラインだが、どの手段か分からない";
        NotLive = "not_live", "実施中でない", "stated, but not in force", "申告はあるが、今は使えない（停止中など）";
        NoAnswer = "no_answer", "未回答", "nobody stated anything", "誰も何も述べていない。段階0（未対応）ではない";
        NotApplicable = "not_applicable", "制度なし・該当なし", "the body has no such scheme", "団体にこの制度がない、または該当する人や施設がない";
        OtherBody = "other_body", "他団体の事務", "another body performs it", "一部事務組合、広域連合、都道府県など、ほかの団体が行っている";
        Abolished = "abolished", "廃止", "the scheme was abolished", "制度そのものが廃止された";
        NothingApplicable = "nothing_applicable", "該当する手続なし", "nothing of the list applies to the body", "一覧の手続のうち、団体に該当するものがない";
        MissingProcedures = "missing_procedures", "足りない手続あり", "at least one procedure of the list is missing", "条件を満たさないことが分かっている手続が、1つ以上ある";
        NoProcedure = "no_procedure", "条件を満たす手続なし", "no procedure of the list meets the condition", "条件を満たす手続が1つもない";
        NoCount = "no_count", "件数なし", "the applications of that year were not counted", "その年度の総件数が記録されていないため、分母にも分子にも入れない";
        OnlineNotCounted = "online_not_counted", "オンライン件数なし", "all applications were counted, those online were not", "総件数はあるが、うちオンラインの件数が記録されていない";
        NotOnlineable = "not_onlineable", "オンラインで申請できない", "not offered online, and only those that are count here", "オンラインで申請できない手続で、ここではできるものだけを数える";
        Late = "late", "目標日より遅い", "reached after the day that was planned, or that day is over", "目標日より後に達したか、目標日を過ぎても達していない";
        ToCome = "to_come", "目標日がこれから", "the planned day is still to come", "目標日がまだ来ていないため、分母に入れない";
        Undated = "undated", "目標日なし", "a level is planned and no day", "予定した段階はあるが目標日がないため、分母に入れない";
        Stale = "stale", "1年以上確認なし", "neither stated nor confirmed for 365 days", "申告も確認も365日以上ない";
        UnknownProcedures = "unknown_procedures", "不明な手続あり", "none is known to be missing, at least one is unknown", "満たさないと分かっている手続はないが、不明な手続が1つ以上ある";
    }
}

/// What the numerator and denominator count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Procedures of bodies.
    Cells,
    /// Bodies.
    Bodies,
    /// Inhabitants of bodies, by the census of 2020-10-01.
    Inhabitants,
    /// Applications that were made in a fiscal year.
    Applications,
    /// Statements of readiness.
    Statements,
    /// Levels that bodies planned to reach.
    Plans,
}

impl Unit {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Cells => "cells",
            Self::Bodies => "bodies",
            Self::Inhabitants => "inhabitants",
            Self::Applications => "applications",
            Self::Statements => "statements",
            Self::Plans => "plans",
        }
    }
}

/// How many of a body's rows must count for the body to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Each.
    All,
    /// One at least.
    Any,
}

/// Through which channels a definition looks at a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Through {
    /// Any online channel, live, prepared or seasonal.
    Online,
    /// Any online channel, live.
    OnlineLive,
    /// The body's own counters.
    Counter,
    /// At home, nearby and at the counter.
    Omnichannel,
    /// What the part of the definition looks at.
    OfPart,
    /// One channel.
    Channel(&'static str),
    /// What the caller chooses; any online channel, live, otherwise.
    Chosen,
}

impl Through {
    /// What is read; `chosen` is the caller's choice, where there is one.
    pub fn reads(self, catalogue: &Catalogue, chosen: Option<Reads>) -> Reads {
        match self {
            Self::Online => Reads::Online,
            Self::OnlineLive => Reads::OnlineLive,
            Self::Counter => Reads::Counter,
            Self::Omnichannel => Reads::Omnichannel,
            Self::Channel(id) => Reads::Channel(catalogue.channel_ix(id).unwrap_or_default()),
            Self::OfPart => Reads::Online,
            Self::Chosen => chosen.unwrap_or(Reads::OnlineLive),
        }
    }

    /// Whether a caller may name these channels: any where they are to be chosen, else those that are looked at.
    pub fn takes(self, catalogue: &Catalogue, chosen: Reads) -> bool {
        let own = self.reads(catalogue, None);
        self == Self::Chosen || own == chosen || (own, chosen) == (Reads::Online, Reads::OnlineLive)
    }
}

/// What a definition holds against what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measures {
    /// What counts by where bodies stand, of all that is judged.
    Standing,
    /// The applications that came online, of all.
    Usage,
    /// What was stated or confirmed lately, of all that is stated.
    Freshness,
    /// What was reached by the day that was planned, of all whose day has come.
    Plans,
}

/// Of what a definition gives a result each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// There is one result.
    One,
    /// The three principles of digital government.
    Principles,
    /// The bundles of procedures that belong to one event of life.
    Bundles,
}

codes! {
    /// A principle of digital government.
    Principle, "デジタル3原則", "principle" {
        DigitalFirst = "digital_first", "デジタルファースト", "everything is done online to the end", "個々の手続が、始めから終わりまでデジタルで完結する（オンラインの段階5）";
        OnceOnly = "once_only", "ワンスオンリー", "nothing is written again that is known", "一度出した情報を、二度出さなくてよい（オンラインの段階5、または窓口の段階4以上）";
        Connected = "connected", "コネクテッド・ワンストップ", "what belongs together is one act", "ひとつの出来事の手続が、1か所・1回で済む（ライフイベントの手続のうち、窓口またはオンラインの段階5）";
    }
}

/// The list of definitions that count over every procedure.
pub const ALL_PROCEDURES: &str = "all";

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
#[derive(Clone, Debug)]
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
    /// Whose rule it is: the publication or the law, or todoke itself.
    pub source_ja: &'static str,
    /// What this version changed against the one before it, in Japanese.
    pub changed_ja: &'static str,
    /// The same in English.
    pub changed_en: &'static str,
    /// The list it counts over when none is named.
    pub list: &'static str,
    /// Whether it counts over that list and no other.
    pub fixed_list: bool,
    /// The channel group it reads, unless the caller chooses channels.
    pub scale: Scale,
    /// What it counts.
    pub unit: Unit,
    /// How many of a body's rows must count for the body to count.
    pub takes: Takes,
    /// Thresholds a caller may choose; the first is the default.
    pub thresholds: &'static [u8],
    /// What it does with procedures that are not performed.
    pub not_applicable: NotApplicableRule,
    /// Groupings it can give.
    pub by: &'static [By],
    /// Through which channels.
    pub through: Through,
    /// What it holds against what.
    pub measures: Measures,
    /// Of what it gives a result each.
    pub parts: Parts,
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
    /// Why a row does not count that is done by another channel than the one asked for.
    pub otherwise: Reason,
}

impl Definition {
    /// Whether it weighs by what was counted in one fiscal year.
    pub fn weighs_by_year(&self) -> bool {
        self.unit == Unit::Applications
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
            Answer::OtherChannel => Outcome::No(choices.otherwise),
            Answer::NotLive => Outcome::No(Reason::NotLive),
            Answer::Level { level, .. } if level >= choices.threshold => Outcome::Yes(Reason::Counted),
            Answer::Level { open: true, .. } => Outcome::Unknown(Reason::AtLeast),
            Answer::Level { .. } => Outcome::No(Reason::BelowThreshold),
        }
    }
}
