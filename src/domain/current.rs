//! What holds today and what is stated for later days, without its texts: the rows the grid is built from.

use chrono::{DateTime, NaiveDate, Utc};

use super::applicability::Applicability;
use super::dates::Dated;
use super::municipality::LgCode;
use super::readiness::{Evidence, Level, Plan, Source, State};

/// The readiness that holds for one body, procedure, channel and source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentReadiness {
    /// The body.
    pub municipality: LgCode,
    /// Id of the procedure.
    pub procedure: String,
    /// Id of the channel.
    pub channel: String,
    /// Whose word it is.
    pub source: Source,
    /// Number of the assertion that states it.
    pub seq: i64,
    /// The step on the channel's scale.
    pub level: Level,
    /// The source says only "at least this".
    pub at_least: bool,
    /// Whether it is in force.
    pub state: State,
    /// How it is known.
    pub evidence: Evidence,
    /// Product or joint system.
    pub system: Option<String>,
    /// What is planned.
    pub target: Option<Plan>,
    /// Whether the assertion has a url, note or section, which stay in the database.
    pub has_texts: bool,
    /// The day from which it is true.
    pub effective: Dated,
    /// The effective day of the last statement of the same value, if it was stated again.
    pub confirmed_on: Option<NaiveDate>,
    /// The moment the last statement that bears on it was learnt.
    pub updated_at: DateTime<Utc>,
}

/// The applicability that holds for one body, procedure and source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrentApplicability {
    /// The body.
    pub municipality: LgCode,
    /// Id of the procedure.
    pub procedure: String,
    /// Whose word it is.
    pub source: Source,
    /// Number of the assertion that states it.
    pub seq: i64,
    /// Whether the procedure is performed.
    pub value: Applicability,
    /// Whether the assertion gives a reason, which stays in the database.
    pub has_texts: bool,
    /// The day from which it is true.
    pub effective: Dated,
    /// The effective day of the last statement of the same value, if it was stated again.
    pub confirmed_on: Option<NaiveDate>,
    /// The moment the last statement that bears on it was learnt.
    pub updated_at: DateTime<Utc>,
}

/// What is stated for a day that is still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Later {
    /// The readiness that will hold.
    Readiness(CurrentReadiness),
    /// The applicability that will hold.
    Applicability(CurrentApplicability),
    /// Nothing will be stated any more.
    Withdrawn(LaterWithdrawal),
}

/// That a statement is withdrawn from a later day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaterWithdrawal {
    /// The body.
    pub municipality: LgCode,
    /// Id of the procedure.
    pub procedure: String,
    /// Id of the channel; none for applicability.
    pub channel: Option<String>,
    /// Whose word it is.
    pub source: Source,
    /// Number of the assertion.
    pub seq: i64,
    /// The day from which it is withdrawn.
    pub effective: Dated,
    /// The moment it was learnt.
    pub recorded_at: DateTime<Utc>,
}

/// Texts of an assertion that the grid does not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Address of the form or page.
    pub url: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// 担当課.
    pub section: Option<String>,
    /// Why a procedure does not apply.
    pub applicability_reason: Option<String>,
}
