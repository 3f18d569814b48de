//! One statement at a time: read it, state it, withdraw it.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::Service;
use super::access::Origin;
use crate::domain::Refusal;
use crate::domain::access::{Action, Statement, Target};
use crate::domain::applicability::Applicability;
use crate::domain::assertion::{Assertion, AssertionKind, Fact, Key, Stated, Timeline};
use crate::domain::audit::{AuditAction, Entry};
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::log::Spot;
use crate::domain::municipality::LgCode;
use crate::domain::procedure::ProcedureId;
use crate::domain::readiness::{ChannelId, Source};
use crate::service::error::Error;
use crate::store::assertions::Timelines;
use crate::store::{Conn, assertions, audit};

/// Most later days for which one source may state one row, one at a time.
const MAX_PLANNED: usize = 20;

/// What the policy is told of a fact.
pub(super) fn statement_of(fact: &Fact, source: Source) -> Statement {
    match fact {
        Fact::Readiness(value) => Statement::Readiness(value.evidence),
        Fact::Applicability { .. } => Statement::Applicability(source),
        Fact::Withdrawn => Statement::Withdrawal(source),
    }
}

/// What a statement is about: readiness on a channel, or the procedure as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    municipality: LgCode,
    procedure: ProcedureId,
    channel: Option<ChannelId>,
    target: Target,
}

/// What a place shows: the body's own word before the published one.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Whose word it is.
    pub source: Source,
    /// What is stated.
    pub stated: Stated,
    /// When it was last said again, if it was.
    pub confirmed: Option<Stated>,
}

/// What changes with every change of a row: the number of the last row of the log about it, and
/// the number of the one that is shown, which may follow another day by day without anyone writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag {
    last: i64,
    shown: i64,
}

impl Tag {
    /// Nothing is stated and nothing is to come.
    pub const NOTHING: Self = Self { last: 0, shown: 0 };
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.last == self.shown { self.last.fmt(f) } else { write!(f, "{}-{}", self.last, self.shown) }
    }
}

impl Tag {
    /// Reads a tag; whatever is no tag of ours fits nothing.
    pub fn read(text: &str) -> Option<Self> {
        let number =
            |text: &str| text.parse::<i64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let (last, shown) = text.split_once('-').unwrap_or((text, text));
        Some(Self { last: number(last)?, shown: number(shown)? })
    }
}

/// A place and its tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it shows, if anything.
    pub shown: Option<Shown>,
    /// What a writer must have seen.
    pub tag: Tag,
}

/// What a writer saw before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The row with one of these tags.
    Tags(Vec<Tag>),
    /// Any row, so there must be one.
    Something,
    /// Nothing, so there must be none.
    Nothing,
}

impl Seen {
    fn fits(&self, row: &Row) -> bool {
        match self {
            Self::Tags(tags) => tags.contains(&row.tag),
            // What is to come counts: it would be overwritten unseen.
            Self::Something => row.tag != Tag::NOTHING,
            Self::Nothing => row.tag == Tag::NOTHING,
        }
    }
}

/// What a write did.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The row afterwards.
    pub row: Row,
    /// Whether nothing was stated before.
    pub created: bool,
}

impl Service {
    /// A place by positions of the catalogue.
    pub fn place(&self, body: BodyIx, procedure: ProcedureIx, channel: Option<ChannelIx>) -> Place {
        let municipality = self.catalogue.body(body).code;
        let procedure = self.catalogue.procedure(procedure);
        Place {
            municipality,
            procedure: procedure.id.clone(),
            channel: channel.map(|channel| self.catalogue.channel(channel).id.clone()),
            target: Target { municipality, category: Some(procedure.category) },
        }
    }

    /// What a place shows on a day, as far as it was known at a moment; without them today, by what is known
    /// now.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn row(
        &self,
        place: &Place,
        as_of: Option<NaiveDate>,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Row, Error> {
        let day = as_of.unwrap_or_else(|| self.today());
        self.db.read(|conn| Ok(self.load_known(conn, place, day, known_at)?.1))
    }

    /// States a fact, if the writer saw what is there now. Without a day it holds from today.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`], [`Error::Stale`], and a database that does not answer.
    pub fn state(
        &self,
        origin: &Origin,
        place: &Place,
        source: Source,
        fact: Fact,
        effective: Option<Dated>,
        seen: &Seen,
    ) -> Result<Written, Error> {
        self.guard(origin, Action::State(statement_of(&fact, source)), Some(place.target))?;
        let written = self.db.write(|conn| {
            let today = self.today();
            let (mut timelines, row) = self.load(conn, place, today)?;
            check(seen, &row)?;
            let key = place.key(source);
            let timeline = timelines.remove(&key).unwrap_or_default();
            let effective = effective.unwrap_or(Dated::day(today));
            let Some(kind) = kind(&timeline, &fact, effective.on) else {
                return Ok(Written { row, created: false });
            };
            let later = timeline.days_stated(today).into_iter().filter(|day| *day > today);
            let later: Vec<NaiveDate> = later.collect();
            if effective.on > today && !later.contains(&effective.on) && later.len() >= MAX_PLANNED {
                return Err(too_many_planned());
            }
            match &fact {
                Fact::Readiness(_) => self.lift_applicability(conn, origin, place, source, effective)?,
                Fact::Applicability { value, .. } if !value.applies() => {
                    self.end_levels(conn, origin, place, source, effective)?;
                }
                Fact::Applicability { .. } | Fact::Withdrawn => {}
            }
            let before = timeline.holding_on(effective.on);
            let before = before.map(|(_, stated)| describe(&stated.fact, stated.effective));
            let after = describe(&fact, effective);
            self.append(conn, origin, key, vec![(kind, fact, effective)])?;
            self.record(conn, origin, place, kind, before, Some(after))?;
            let (_, after) = self.load(conn, place, today)?;
            Ok::<_, Error>(Written { created: row.tag == Tag::NOTHING, row: after })
        })?;
        self.catch_up();
        Ok(written)
    }

    /// Whoever states readiness of a procedure that the same source said is not performed says that
    /// it is performed after all, as a row of a file does.
    fn lift_applicability(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        place: &Place,
        source: Source,
        effective: Dated,
    ) -> Result<(), Error> {
        let whole = Place { channel: None, ..place.clone() };
        let (mut timelines, _) = self.load(conn, &whole, self.today())?;
        let key = whole.key(source);
        let timeline = timelines.remove(&key).unwrap_or_default();
        let Some(absent) = timeline.absent_on(effective.on) else { return Ok(()) };
        let before = describe(absent, effective);
        let fact = Fact::Applicability { value: Applicability::Applicable, reason: None };
        let after = describe(&fact, effective);
        let kind = AssertionKind::Applicability;
        self.append(conn, origin, key, vec![(kind, fact, effective)])?;
        self.record(conn, origin, &whole, kind, Some(before), Some(after))
    }

    /// Whoever says that a procedure is not performed ends what the same source states of it on channels,
    /// as a row of a file does.
    fn end_levels(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        place: &Place,
        source: Source,
        effective: Dated,
    ) -> Result<(), Error> {
        for channel in self.catalogue.channels() {
            let row = Place { channel: Some(channel.id.clone()), ..place.clone() };
            let (mut timelines, _) = self.load(conn, &row, self.today())?;
            let key = row.key(source);
            let timeline = timelines.remove(&key).unwrap_or_default();
            let Some((_, held)) = timeline.holding_on(effective.on) else { continue };
            let before = describe(&held.fact, held.effective);
            let kind = AssertionKind::Withdrawal;
            self.append(conn, origin, key, vec![(kind, Fact::Withdrawn, effective)])?;
            self.record(conn, origin, &row, kind, Some(before), None)?;
        }
        Ok(())
    }

    /// Withdraws what one source states of a place, now and of later days, if the writer saw what is
    /// there now. Unless a source is named it is the body's own word, if it has any.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`], [`Error::Stale`], nothing to withdraw, and a database that does not answer.
    pub fn withdraw(
        &self,
        origin: &Origin,
        place: &Place,
        named: Option<Source>,
        seen: &Seen,
    ) -> Result<(), Error> {
        let today = self.today();
        let chosen =
            |timelines: &Timelines| named.unwrap_or_else(|| withdrawn_source(timelines, place, today));
        let source =
            self.db.read(|conn| self.load(conn, place, today).map(|(timelines, _)| chosen(&timelines)))?;
        self.guard(origin, Action::State(Statement::Withdrawal(source)), Some(place.target))?;
        self.db.write(|conn| {
            let (mut timelines, row) = self.load(conn, place, today)?;
            check(seen, &row)?;
            if chosen(&timelines) != source {
                return Err(stale());
            }
            let key = place.key(source);
            let timeline = timelines.remove(&key).unwrap_or_default();
            let days = timeline.days_stated(today);
            let Some(first) = days.first() else { return Err(nothing_stated()) };
            let before = timeline.holding_on(*first);
            let before = before.map(|(_, stated)| describe(&stated.fact, stated.effective));
            let facts = days
                .into_iter()
                .map(|day| (AssertionKind::Withdrawal, Fact::Withdrawn, Dated::day(day)))
                .collect();
            self.append(conn, origin, key, facts)?;
            self.record(conn, origin, place, AssertionKind::Withdrawal, before, None)?;
            Ok::<_, Error>(())
        })?;
        self.catch_up();
        Ok(())
    }

    fn load(&self, conn: &mut Conn, place: &Place, today: NaiveDate) -> Result<(Timelines, Row), Error> {
        self.load_known(conn, place, today, None)
    }

    fn load_known(
        &self,
        conn: &mut Conn,
        place: &Place,
        today: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<(Timelines, Row), Error> {
        let Place { municipality, procedure, channel, .. } = place;
        let numbers = match Spot::of(&place.key(Source::Own), &self.catalogue) {
            Some(spot) => self.history().numbers_of(spot.body, spot.procedure, spot.channel),
            None => return Ok((Timelines::new(), Row { shown: None, tag: Tag::NOTHING })),
        };
        let channel = channel.as_ref();
        let (timelines, last) =
            assertions::timelines_of(conn, *municipality, procedure, channel, &numbers, known_at)?;
        let row = place.row(&timelines, last, today);
        Ok((timelines, row))
    }

    /// Appends facts of one key to the log.
    fn append(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        key: Key,
        facts: Vec<(AssertionKind, Fact, Dated)>,
    ) -> Result<(), Error> {
        let first = assertions::revision(conn)? + 1;
        let recorded_at = self.now();
        let rows: Vec<Assertion> = facts
            .into_iter()
            .zip(first..)
            .map(|((kind, fact, effective), seq)| Assertion {
                kind,
                key: key.clone(),
                stated: Stated { seq, effective, recorded_at, fact },
                actor: origin.actor.name.clone(),
                import_id: None,
                line: None,
            })
            .collect();
        Ok(assertions::append(conn, &rows)?)
    }

    fn record(
        &self,
        conn: &mut Conn,
        origin: &Origin,
        place: &Place,
        kind: AssertionKind,
        before: Option<Value>,
        after: Option<Value>,
    ) -> Result<(), Error> {
        let action = match (kind, &place.channel) {
            (AssertionKind::Withdrawal, Some(_)) => AuditAction::ReadinessWithdrawn,
            (AssertionKind::Withdrawal, None) => AuditAction::ApplicabilityWithdrawn,
            (_, Some(_)) => AuditAction::ReadinessStated,
            (_, None) => AuditAction::ApplicabilityStated,
        };
        let entry = origin.entry(self.now(), action, place.object());
        let text = |value: Option<Value>| value.map(|value| value.to_string());
        audit::append(conn, Entry { before: text(before), after: text(after), ..entry })?;
        Ok(())
    }
}

impl Place {
    /// What it shows on a day of what is known of it.
    fn row(&self, timelines: &Timelines, last: i64, day: NaiveDate) -> Row {
        let shown = [Source::Own, Source::Published].into_iter().find_map(|source| {
            let timeline = timelines.get(&self.key(source))?;
            let (holding, stated) = timeline.holding_on(day)?;
            let confirmed = holding.confirmed_seq.and_then(|_| timeline.last_said(holding)).cloned();
            Some(Shown { source, stated: stated.clone(), confirmed })
        });
        let tag = match &shown {
            Some(shown) => Tag { last, shown: shown.confirmed.as_ref().unwrap_or(&shown.stated).seq },
            None if timelines.values().any(|timeline| !timeline.days_stated(day).is_empty()) => {
                Tag { last, shown: 0 }
            }
            None => Tag::NOTHING,
        };
        Row { shown, tag }
    }

    fn key(&self, source: Source) -> Key {
        Key {
            municipality: self.municipality,
            procedure: self.procedure.clone(),
            channel: self.channel.clone(),
            source,
        }
    }

    fn object(&self) -> String {
        match &self.channel {
            Some(channel) => format!("readiness/{}/{}/{channel}", self.municipality, self.procedure),
            None => format!("applicability/{}/{}", self.municipality, self.procedure),
        }
    }
}

/// Whose word a withdrawal takes back: the body's own, if it has any, now or to come.
fn withdrawn_source(timelines: &Timelines, place: &Place, today: NaiveDate) -> Source {
    let stated = |source| {
        timelines.get(&place.key(source)).is_some_and(|timeline| !timeline.days_stated(today).is_empty())
    };
    if !stated(Source::Own) && stated(Source::Published) { Source::Published } else { Source::Own }
}

/// What stating a fact would do; `None` where it says nothing new.
fn kind(timeline: &Timeline, fact: &Fact, on: NaiveDate) -> Option<AssertionKind> {
    match timeline.holding_on(on) {
        Some((holding, stated)) if stated.fact == *fact => {
            let last = timeline.last_word(holding).unwrap_or(stated.effective.on);
            (on > last).then_some(AssertionKind::Confirmation)
        }
        _ => Some(match fact {
            Fact::Readiness(_) => AssertionKind::Readiness,
            Fact::Applicability { .. } => AssertionKind::Applicability,
            Fact::Withdrawn => AssertionKind::Withdrawal,
        }),
    }
}

fn check(seen: &Seen, row: &Row) -> Result<(), Error> {
    if seen.fits(row) { Ok(()) } else { Err(stale()) }
}

fn stale() -> Error {
    Error::Stale(Refusal::new(
        "changed_since",
        "",
        "読み込んだ後にほかの人が変更しました。読み直して、もう一度入力してください。何も書き込んでいません。",
        "someone else changed it since it was read; read it again; nothing was written",
    ))
}

fn too_many_planned() -> Error {
    Error::Unprocessable(
        Refusal::new(
            "too_many_planned",
            "",
            format!("先の日付の申告は1行に{MAX_PLANNED}件までです。要らないものを取り下げてください"),
            format!("a row takes {MAX_PLANNED} statements of later days; withdraw what is not needed"),
        )
        .allowed(format!("0-{MAX_PLANNED}")),
    )
}

fn nothing_stated() -> Error {
    Error::NotFound(Refusal::new(
        "nothing_stated",
        "",
        "取り下げる申告がありません。",
        "nothing is stated that could be withdrawn",
    ))
}

/// A fact for the audit log.
pub(super) fn describe(fact: &Fact, effective: Dated) -> Value {
    match fact {
        Fact::Withdrawn => Value::Null,
        Fact::Applicability { value, reason } => json!({
            "applicability": value, "reason": reason,
            "effective_on": effective.on, "effective_precision": effective.precision,
        }),
        Fact::Readiness(value) => {
            let target_on = value.target.and_then(|plan| plan.on);
            json!({
                "level": value.level, "at_least": value.at_least, "state": value.state,
                "evidence": value.evidence, "system": value.system, "url": value.url,
                "note": value.note, "section": value.section,
                "target_level": value.target.map(|plan| plan.level),
                "target_on": target_on.map(|day| day.on),
                "target_precision": target_on.map(|day| day.precision),
                "effective_on": effective.on, "effective_precision": effective.precision,
            })
        }
    }
}
