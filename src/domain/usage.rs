//! Records beside readiness: applications as a town counted them, rates as the state published them, and a town's
//! own material.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::codes::codes;
use super::dates::FiscalYear;
use super::material::{Content, MaterialKey};
use super::municipality::LgCode;
use super::position::{BodyIx, ProcedureIx};
use super::procedure::ProcedureId;

codes! {
    /// Which applications are counted.
    ChannelGroup, "件数の区分", "channel group" {
        All = "all", "総件数", "all applications, however they came", "方法を問わない、すべての件数";
        Online = "online", "うちオンライン", "those that came online", "総件数のうち、オンラインで受け付けた件数";
        Counter = "counter", "窓口", "those made at a counter", "総件数のうち、窓口で受け付けた件数";
        Mail = "mail", "郵送", "those that came by mail", "総件数のうち、郵送で受け付けた件数";
        Convenience = "convenience", "コンビニ", "those made at a convenience store", "総件数のうち、コンビニで受け付けた件数";
        Assisted = "assisted", "代行入力", "those that staff typed in for the applicant", "総件数のうち、職員が申請者に代わって入力した件数";
    }
}

/// What a count of applications is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UsageKey {
    /// The body.
    pub municipality: LgCode,
    /// The procedure.
    pub procedure: ProcedureId,
    /// The fiscal year in which they were made.
    pub fiscal_year: FiscalYear,
    /// Which of them.
    pub group: ChannelGroup,
}

/// A count as it stands in the log, by positions of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its number.
    pub seq: i64,
    /// The body.
    pub body: BodyIx,
    /// The procedure.
    pub procedure: ProcedureIx,
    /// The fiscal year in which the applications were made.
    pub fiscal_year: FiscalYear,
    /// Which of them.
    pub group: ChannelGroup,
    /// How many.
    pub applications: u64,
    /// When it was learnt.
    pub recorded_at: DateTime<Utc>,
    /// The import that brought it.
    pub import_id: i64,
}

/// What a published figure is about: a procedure, or a definition such as `da26_rate`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// The share of online applications of a procedure.
    Procedure(ProcedureId),
    /// The figure of a definition.
    Definition(String),
}

/// Which published figure it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FigureKey {
    /// The body.
    pub municipality: LgCode,
    /// What it is about.
    pub subject: Subject,
    /// The fiscal year it is about.
    pub fiscal_year: FiscalYear,
    /// The publication it is from, such as `digital-agency-dashboard-2024-07`.
    pub source: String,
}

impl FigureKey {
    /// What tells a figure of a body and a procedure from others, in order of years: the other fields as one text.
    pub fn subject_text(fiscal_year: i32, source: &str, definition: Option<&str>) -> String {
        format!("{fiscal_year:04} {source} {}", definition.unwrap_or_default())
    }

    /// The fiscal year that such a text begins with.
    pub fn year_of_subject(subject: &str) -> Option<i32> {
        subject.split(' ').next()?.parse().ok()
    }
}

/// What was published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PublishedValue {
    /// Hundredths of a percent.
    pub percent: Option<i64>,
    /// Numerator, where it was published.
    pub numerator: Option<i64>,
    /// Denominator, where it was published.
    pub denominator: Option<i64>,
}

/// What a record is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKey {
    /// A count of applications.
    Usage(UsageKey),
    /// A published figure.
    Figure(FigureKey),
    /// A row of a town's own material.
    Material(MaterialKey),
}

impl RecordKey {
    /// The body.
    pub fn municipality(&self) -> LgCode {
        match self {
            Self::Usage(key) => key.municipality,
            Self::Figure(key) => key.municipality,
            Self::Material(key) => key.municipality,
        }
    }

    /// The procedure, where it is about one.
    pub fn procedure(&self) -> Option<&ProcedureId> {
        match self {
            Self::Usage(key) => Some(&key.procedure),
            Self::Figure(FigureKey { subject: Subject::Procedure(procedure), .. }) => Some(procedure),
            Self::Material(key) => key.procedure.as_ref(),
            Self::Figure(_) => None,
        }
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RecordValue {
    /// So many applications.
    Applications(i64),
    /// What was published.
    Published(PublishedValue),
    /// What a row of own material says.
    Material(Arc<Content>),
}
