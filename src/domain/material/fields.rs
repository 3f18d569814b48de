//! What a row of each kind of a town's own material says: the one table behind its files, forms, lists and
//! comparisons.

use super::codes::MaterialKind;

/// What may stand in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A procedure, by id or name.
    Procedure,
    /// Several of them.
    Procedures,
    /// A channel, by id or label.
    Channel,
    /// One of the points to check, from 1 to this.
    Point(u8),
    /// A code: each with its label.
    Code(&'static [(&'static str, &'static str)]),
    /// A fiscal year.
    Year,
    /// A day that is over.
    Day,
    /// A day to come, a month or a fiscal year.
    PlannedDay,
    /// A number, up to hundredths.
    Number,
    /// A number of things.
    Count,
    /// Words, up to so many characters.
    Text(usize),
}

/// One thing that a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in API and CSV.
    pub name: &'static str,
    /// Its heading.
    pub label: &'static str,
    /// Other headings that mean it.
    pub aliases: &'static [&'static str],
    /// What may stand there.
    pub what: What,
    /// Whether it tells one row of a body from another.
    pub is_key: bool,
    /// Whether a table of this kind has it, and no row is without it.
    pub is_needed: bool,
}

macro_rules! coded {
    ($name:ident) => {{
        use super::codes::$name;
        const COUNT: usize = $name::ALL.len();
        const CODES: [(&str, &str); COUNT] = {
            let mut codes = [("", ""); COUNT];
            let mut at = 0;
            while at < COUNT {
                codes[at] = ($name::ALL[at].code(), $name::ALL[at].label());
                at += 1;
            }
            codes
        };
        What::Code(&CODES)
    }};
}

/// How applications come, as far as staff have work with one of them.
const WAYS: What =
    What::Code(&[("online", "オンライン"), ("counter", "窓口"), ("mail", "郵送"), ("assisted", "代行入力")]);

const NOTE: Field = Field {
    name: "note",
    label: "備考",
    aliases: &["メモ"],
    what: What::Text(2_000),
    is_key: false,
    is_needed: false,
};
const PROCEDURE: Field = Field {
    name: "procedure_id",
    label: "手続ID",
    aliases: &[],
    what: What::Procedure,
    is_key: true,
    is_needed: true,
};

const fn key(name: &'static str, label: &'static str, what: What) -> Field {
    Field { name, label, aliases: &[], what, is_key: true, is_needed: true }
}

const fn said(name: &'static str, label: &'static str, what: What) -> Field {
    Field { name, label, aliases: &[], what, is_key: false, is_needed: false }
}

impl Field {
    const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn needed(self) -> Self {
        Self { is_needed: true, ..self }
    }

    /// Whether a heading means it, by its name, its label or another word for it.
    pub fn is_called(&self, folded: &str) -> bool {
        use crate::domain::text::fold_for_match;
        [self.name, self.label].iter().chain(self.aliases).any(|word| fold_for_match(word) == folded)
    }
}

const CHECKLIST_ANSWER: &[Field] = &[
    PROCEDURE,
    key("point", "確認ポイント", What::Point(9)).also(&["確認ポイント番号", "ポイント"]),
    said("point_text", "確認の内容", What::Text(300)).also(&["確認内容", "確認事項"]),
    said("answer", "回答", coded!(CheckAnswer)).needed(),
    said("reason", "理由", What::Text(2_000)).also(&["回答の理由"]),
    said("answered_by", "回答者", What::Text(100)).also(&["回答した人", "回答課"]),
    said("answered_on", "回答日", What::Day),
];

const ACTION: &[Field] = &[
    key("plan", "計画", What::Text(100)).also(&["計画名", "計画の版"]),
    key("number", "番号", What::Text(50)).also(&["項目番号", "取組番号"]),
    said("title", "取組", What::Text(300))
        .also(&["取組名", "取組項目", "取組内容", "取組事項", "項目名"])
        .needed(),
    said("grade", "評価", coded!(Grade)).also(&["達成度", "進捗評価"]),
    said("procedures", "対象手続", What::Procedures).also(&[
        "対象手続ID",
        "関連手続",
        "関係手続",
        "対象手続名",
    ]),
    said("section", "担当課", What::Text(200)).also(&["所管課", "担当部署", "所管部署"]),
    NOTE,
];

const CONTEXT_INDICATOR: &[Field] = &[
    key("indicator", "指標", What::Text(100)).also(&["指標名"]),
    key("fiscal_year", "年度", What::Year),
    key("certainty", "区分", coded!(Certainty)).also(&["実績・見込み"]),
    said("value", "値", What::Number).also(&["数値"]).needed(),
    said("unit", "単位", What::Text(20)),
    // `source` is whose word a statement is.
    said("stated_source", "出典", What::Text(300)),
    NOTE,
];

const WALKTHROUGH: &[Field] = &[
    key("scenario", "場面", What::Text(100)).also(&["シナリオ", "体験した手続"]),
    key("walked_on", "調査日", What::Day).also(&["体験日"]),
    said("counters", "窓口の数", What::Count).also(&["窓口数", "回った窓口の数"]),
    said("times_written", "記入回数", What::Count).also(&["記入の回数", "書いた回数"]),
    said("minutes", "所要時間（分）", What::Number).also(&["時間（分）", "総所要時間（分）"]),
    said("waiting_minutes", "待ち時間（分）", What::Number).also(&["うち待ち時間（分）"]),
    said("findings", "気づき", What::Text(2_000)).also(&["気付き", "気づいたこと"]),
    NOTE,
];

const PLAN_STEP: &[Field] = &[
    PROCEDURE,
    key("channel", "接点", What::Channel),
    key("step", "工程", coded!(Step)),
    said("target_on", "目標日", What::PlannedDay).also(&["目標時期", "予定日"]).needed(),
    said("done_on", "完了日", What::Day),
    NOTE,
];

const HANDLING_TIME: &[Field] = &[
    PROCEDURE,
    key("fiscal_year", "年度", What::Year),
    key("way", "方法", WAYS).also(&["件数の区分", "申請方法"]),
    said("receipt_minutes", "受付（分）", What::Number),
    said("check_minutes", "確認（分）", What::Number),
    said("review_minutes", "審査（分）", What::Number),
    said("delivery_minutes", "交付（分）", What::Number),
    NOTE,
];

/// Columns that a list of rows has beside their fields; a file that comes back may have them.
pub const BESIDE: &[&str] = &[
    HOLDS,
    "withdrawn",
    "recorded_at",
    "role",
    "by_prefecture",
    "by_municipality",
    "import_id",
    "line",
    "taken_back_at",
    "slip_days",
    TARGET_PRECISION,
];
/// The column that says whether a row holds.
pub const HOLDS: &str = "holds";
/// The column that says how exactly a day to come is known.
pub const TARGET_PRECISION: &str = "target_precision";

impl MaterialKind {
    /// What a row of it says, in the order of the columns of its tables.
    pub fn fields(self) -> &'static [Field] {
        match self {
            Self::ChecklistAnswer => CHECKLIST_ANSWER,
            Self::Action => ACTION,
            Self::ContextIndicator => CONTEXT_INDICATOR,
            Self::Walkthrough => WALKTHROUGH,
            Self::PlanStep => PLAN_STEP,
            Self::HandlingTime => HANDLING_TIME,
        }
    }

    /// Its field of a name.
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// What its rows are about: fields that two rows of a body never have alike.
    pub fn keys(self) -> impl Iterator<Item = &'static Field> {
        self.fields().iter().filter(|field| field.is_key)
    }

    /// What its rows say.
    pub fn said(self) -> impl Iterator<Item = &'static Field> {
        self.fields().iter().filter(|field| !field.is_key)
    }

    /// Whether its rows are about one procedure each.
    pub fn is_of_procedures(self) -> bool {
        self.keys().any(|field| field.what == What::Procedure)
    }
}
