//! What a statement comes to where something is known already.

use super::Claim;
use crate::domain::assertion::{AssertionKind, Fact, Stated};
use crate::domain::dates::Dated;
use crate::domain::imports::RowOutcome;
use crate::domain::log::Log;
use crate::domain::readiness::{Evidence, Level, Plan as Target, Readiness, Source, State};
use crate::domain::shared::SharedText;
use crate::domain::text::{GETA, cp932_form, may_come_from_cp932};
use crate::import::layout::column::Column;
use crate::import::{Fallback, Fault, FaultKind, Field, ReadinessPatch, Said, Statement};

/// What a statement without a level comes to.
pub(super) enum Fallen {
    /// What it says.
    Said,
    /// The same at this level.
    At(Said),
    /// Nothing.
    Nothing,
}

/// The level of a row as it is shown where its own source says none.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    pub(super) level: Level,
    pub(super) at_least: bool,
    /// Whether the state published it.
    pub(super) published: bool,
}

/// What a sender puts their name to: of what is known already nothing, and nothing but words where
/// beside the same level of the same day another note or section is written. The evidence that
/// somebody gave for the level stays then; whoever says more must be allowed that evidence.
pub(super) fn claim(
    statement: &Statement,
    outcome: RowOutcome,
    held: Option<&Stated>,
    planned: (&Fact, Dated),
) -> Claim {
    let says_evidence = matches!(&statement.said, Said::Readiness(_, patch) if patch.evidence.is_some());
    let words_only = match (held.map(|held| (&held.fact, held.effective)), planned) {
        (Some((Fact::Readiness(old), since)), (Fact::Readiness(new), on)) => {
            let worded = Readiness { note: new.note.clone(), section: new.section.clone(), ..old.clone() };
            since == on && worded == *new
        }
        _ => false,
    };
    match outcome {
        RowOutcome::Unchanged => Claim::Reach,
        _ if words_only && !says_evidence => Claim::Reach,
        _ => Claim::Whole,
    }
}

pub(super) fn fallback_warning(
    statement: &Statement,
    old: Option<&Fact>,
    shown: Option<Shown>,
) -> Option<Fault> {
    let Said::Readiness(_, patch) = &statement.said else { return None };
    let fallback = patch.unless_known.filter(|_| !matches!(old, Some(Fact::Readiness(_))))?;
    let (code, message) = match fallback {
        Fallback::LevelOfToday => match shown {
            Some(Shown { level, at_least, published }) => {
                let source =
                    if published { "国公表値" } else { "ほかの接点で述べられた段階" };
                let or_more = if at_least { "以上" } else { "" };
                let message = format!("段階は今の{source}（{level}{or_more}）のままとし、目標だけを加えます");
                ("planned_at_known_level", message)
            }
            None => {
                let message = "この接点の今の段階が書かれていないため、段階0（未対応）と目標として記録します";
                ("planned_without_level", message.to_owned())
            }
        },
        // Told once for the line.
        Fallback::Words => return None,
        Fallback::Nothing => {
            let (code, way) = match patch.state {
                Some(_) => ("state_without_level", "「4（停止中）」のように段階も書いてください"),
                None => ("note_without_level", "読み飛ばします"),
            };
            let what = filled(patch).join("と");
            (code, format!("団体がまだ段階を申告していないため、{what}だけでは記録できません（{way}）"))
        }
    };
    Some(Fault::whole(code, message))
}

/// What a statement says with the level that its plan is for, where only the day of the plan is said and the
/// level of today is below it: the one that a bare 予定 is for.
pub(super) fn with_target_level(said: &Said, old: Option<&Fact>) -> Option<Said> {
    let Said::Readiness(channel, patch) = said else { return None };
    let known = match old {
        Some(Fact::Readiness(known)) => Some(known),
        _ => None,
    };
    let level = patch.level.map(|(level, _)| level).or(known.map(|known| known.level))?;
    let open = patch.target_level == Field::Keep
        && known.is_none_or(|known| known.target.is_none())
        && matches!(patch.target_on, Field::Set(_));
    (open && level < Level::THREE).then(|| {
        let patch = ReadinessPatch { target_level: Field::Set(Level::THREE), ..(**patch).clone() };
        Said::Readiness(*channel, Box::new(patch))
    })
}

/// The fields beside the level that a patch fills, in words.
pub(super) fn filled(patch: &ReadinessPatch) -> Vec<&'static str> {
    let set = |field: &Field<SharedText>| matches!(field, Field::Set(_));
    let fields = [
        (Column::Section, set(&patch.section)),
        (Column::Url, set(&patch.url)),
        (Column::System, set(&patch.system)),
        (Column::State, patch.state.is_some()),
        (Column::TargetLevel, matches!(patch.target_level, Field::Set(_))),
        (Column::TargetOn, matches!(patch.target_on, Field::Set(_))),
        (Column::Note, set(&patch.note)),
    ];
    fields.into_iter().filter(|(_, set)| *set).map(|(column, _)| column.label()).collect()
}

pub(super) fn kind(outcome: RowOutcome, new: &Fact) -> AssertionKind {
    match (outcome, new) {
        (RowOutcome::Confirmed, _) => AssertionKind::Confirmation,
        (_, Fact::Readiness(_)) => AssertionKind::Readiness,
        (_, Fact::Applicability { .. }) => AssertionKind::Applicability,
        (_, Fact::Withdrawn) => AssertionKind::Withdrawal,
    }
}

/// Lays what a row says over what held before.
pub(super) fn merge(said: &Said, old: Option<&Fact>, log: &dyn Log) -> Result<Fact, Fault> {
    match said {
        Said::Withdrawn(_) => Ok(Fact::Withdrawn),
        // Its channel was found before anything is planned.
        Said::Group(_, said) => merge(said, old, log),
        Said::Applicability(value, reason) => {
            let known = match old {
                Some(Fact::Applicability { value: known, reason }) if known == value => reason.clone(),
                _ => None,
            };
            Ok(Fact::Applicability { value: *value, reason: text(reason, known.as_ref(), log)? })
        }
        Said::Readiness(_, patch) => {
            let known = match old {
                Some(Fact::Readiness(known)) => Some(known),
                _ => None,
            };
            merge_readiness(patch, known, log).map(Fact::Readiness)
        }
    }
}

fn merge_readiness(
    patch: &ReadinessPatch,
    known: Option<&Readiness>,
    log: &dyn Log,
) -> Result<Readiness, Fault> {
    let (level, at_least) =
        patch.level.or(known.map(|known| (known.level, known.at_least))).ok_or_else(|| {
            Fault::whole("missing_level", "初めての行には段階が要ります").allowing(Level::ALLOWED)
        })?;
    // What was verified is what was there: a new level without a word on it is a declaration. Of
    // what the state published it stays what the state published.
    let inherited = known
        .filter(|known| {
            known.evidence.source() == Source::Published || (known.level, known.at_least) == (level, at_least)
        })
        .map(|known| known.evidence);
    Ok(Readiness {
        level,
        at_least,
        state: patch.state.or(known.map(|known| known.state)).unwrap_or(State::Live),
        evidence: patch.evidence.or(inherited).unwrap_or(Evidence::Declared),
        system: text(&patch.system, known.and_then(|known| known.system.as_ref()), log)?,
        url: text(&patch.url, known.and_then(|known| known.url.as_ref()), log)?,
        note: text(&patch.note, known.and_then(|known| known.note.as_ref()), log)?,
        section: text(&patch.section, known.and_then(|known| known.section.as_ref()), log)?,
        target: merge_target(patch, known.and_then(|known| known.target))?,
    })
}

/// A text laid over the one that was known. A file in CP932 writes some characters otherwise and
/// cannot write others at all: what it makes of the known text is that text.
fn text(
    field: &Field<SharedText>,
    known: Option<&SharedText>,
    log: &dyn Log,
) -> Result<Option<SharedText>, Fault> {
    match (field, known) {
        // The file's own copy has its words, and that of the log would have to be read.
        (Field::Set(new), Some(known)) if new == known => Ok(Some(new.clone())),
        (Field::Set(new), Some(known)) if is_made_of(new, known, log) => Ok(Some(known.clone())),
        (Field::Set(new), _) if new.contains(GETA) => {
            let message = "〓 は、文字コードを変えたときに失われた文字の跡です。元の文字に直してください";
            Err(Fault::whole("lost_character", message).found(new))
        }
        _ => Ok(field.clone().over(known.cloned())),
    }
}

/// Whether a text is what CP932 makes of another.
fn is_made_of(new: &SharedText, known: &SharedText, log: &dyn Log) -> bool {
    if new == known {
        return true;
    }
    if !may_come_from_cp932(new) {
        return false;
    }
    log.read(std::slice::from_ref(known));
    let lost = |c: char| encoding_rs::SHIFT_JIS.encode(c.encode_utf8(&mut [0; 4])).2;
    let (new, known) = (cp932_form(new), cp932_form(known));
    let alike = |(new, known): (char, char)| new == known || (new == GETA && lost(known));
    new.chars().count() == known.chars().count() && new.chars().zip(known.chars()).all(alike)
}

fn merge_target(patch: &ReadinessPatch, known: Option<Target>) -> Result<Option<Target>, Fault> {
    let level = patch.target_level.clone().over(known.map(|target| target.level));
    let on = patch.target_on.clone().over(known.and_then(|target| target.on));
    match (level, on) {
        (Some(level), on) => Ok(Some(Target { level, on })),
        (None, None) => Ok(None),
        (None, Some(_)) => {
            let message = "目標の時期がありますが、目標段階がありません（今の段階は3以上です）。目標段階を書くか、この欄を空にしてください";
            let fault = Fault::whole("missing_target_level", message).of_kind(FaultKind::PlanWithoutLevel);
            Err(fault.allowing("目標段階 0〜5"))
        }
    }
}
