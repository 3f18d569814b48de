//! One row per body, procedure and channel, with English or Japanese headings in any order.
//!
//! The same columns are what the export writes, so that an export can be read back.

mod head;

pub use head::Column;
pub(super) use head::{Head, find_head};

use std::str::FromStr;

use super::Layout;
use super::sheet::{Place, Sheet, at_precision, channel_of};
use super::unknown::{Shape, Wanted};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision};
use crate::domain::number::without_fraction;
use crate::domain::readiness::{Evidence, Level, Source, check_address, limits};
use crate::domain::shared::{SharedText, TextPool};
use crate::domain::text::{clean, fold_for_match, fold_width, stands_for_nothing, unguarded};
use crate::import::marks::Profile;
use crate::import::resolve::{Bodies, LostZeros, Procedures};
use crate::import::table::{Row, Table, no_rows};
use crate::import::{
    Blank, Fault, Field, Options, ReadinessPatch, Reading, Revisions, Said, Statement, Understood,
};

/// `state=withdrawn` withdraws a statement; it is no state of readiness.
const WITHDRAWN: &str = "withdrawn";

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data.
pub(super) fn read(
    table: &Table,
    head: &Head,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    let at = |column| head.columns.get(&column).copied();
    let place = Place {
        code: at(Column::MunicipalityCode),
        name: at(Column::MunicipalityName),
        prefecture: at(Column::PrefectureName),
        ..Place::find(&head.headings)
    };
    let mut sheet = Sheet::new(table, &head.headings, catalogue, options);
    let rows = sheet.rows();
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let codes = rows.iter().map(|row| place.told(row).code);
    let mut reader = Reader {
        head,
        place,
        bodies: Bodies::new(catalogue, &options.names, LostZeros::Judged).learn(codes),
        procedures: Procedures::new(catalogue, &options.names),
        texts: TextPool::default(),
        sheet,
    };
    let mut statements = Vec::with_capacity(rows.len());
    let mut revisions = Revisions::default();
    let mut silent = 0;
    for row in &rows {
        reader.note_nothings(row);
        match reader.revision(row) {
            Ok(revision) => revisions.note(row.line, revision),
            Err(fault) => reader.sheet.faults.push(fault.at_line(row.line)),
        }
        if reader.is_silent(row) {
            // Its keys must be right all the same: a slip there is no wish to say nothing.
            let faults = reader.check_keys(row);
            silent += usize::from(faults.is_empty());
            reader.sheet.faults.extend(faults.into_iter().map(|fault| fault.at_line(row.line)));
            continue;
        }
        match reader.read_row(row) {
            Ok(statement) => statements.push(statement),
            Err(faults) => {
                reader.sheet.faults.extend(faults.into_iter().map(|fault| fault.at_line(row.line)));
            }
        }
    }
    let mut sheet = reader.sheet;
    let known = |column: usize| {
        head.columns.values().any(|at| *at == column) || place.columns().contains(&Some(column))
    };
    let wanted: Vec<Wanted> = (Column::ALL.iter())
        .filter(|column| !head.columns.contains_key(column))
        .map(|column| Wanted::Field(column.code(), column.label()))
        .collect();
    let profile = options.profile_over(Profile::default_marks());
    sheet.unknown_columns(&Shape {
        rows: &rows,
        known: &known,
        marked: &[],
        wanted: &wanted,
        profile: &profile,
    });
    if silent > 0 {
        sheet.notes.push(format!(
            "段階などが書かれていない{silent}行は読み飛ばしました（空欄は「変えない」の意味です）。"
        ));
    }
    note_undated(&mut sheet.notes, &statements, options);
    let reading = sheet.reading(Layout::Long, rows.len());
    Ok(Reading { understood: understood(&statements), statements, revisions, ..reading })
}

/// Says from which day statements without one are true.
pub(super) fn note_undated(notes: &mut Vec<String>, statements: &[Statement], options: &Options) {
    let undated = statements.iter().filter(|statement| statement.effective.is_none()).count();
    if undated > 0 {
        notes.push(format!(
            "適用日のない{undated}件は、変更があれば今日（{}）からの状況とします（effective_on の指定で変えられます）。",
            options.today
        ));
    }
}

fn understood(statements: &[Statement]) -> Vec<Understood> {
    let mut counts: Vec<Understood> = Vec::new();
    for statement in statements {
        let (mark, meaning) = match &statement.said {
            Said::Readiness(_, patch) => match patch.level {
                Some((level, true)) => (format!("{level}+"), format!("段階{level}以上（範囲未確認）")),
                Some((level, false)) => (level.to_string(), format!("段階{level}")),
                None => ("空欄".to_owned(), "段階はそのまま".to_owned()),
            },
            Said::Applicability(value, _) => (value.code().to_owned(), value.label().to_owned()),
            Said::Withdrawn(_) => (WITHDRAWN.to_owned(), "取下げ".to_owned()),
        };
        match counts.iter_mut().find(|other| other.meaning == meaning) {
            Some(other) => other.count += 1,
            None => counts.push(Understood { mark, meaning, count: 1 }),
        }
    }
    counts.sort_by(|a, b| a.mark.cmp(&b.mark));
    counts
}

struct Reader<'a> {
    head: &'a Head,
    place: Place,
    bodies: Bodies<'a>,
    procedures: Procedures<'a>,
    texts: TextPool,
    sheet: Sheet<'a>,
}

impl Reader<'_> {
    fn text<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        let cell = self.head.columns.get(&column).map_or("", |at| row.cell(*at)).trim();
        if is_nothing(cell, column) { "" } else { unguarded(cell) }
    }

    /// Tells of words for nothing.
    fn note_nothings(&mut self, row: &Row) {
        for (column, at) in &self.head.columns {
            if is_nothing(row.cell(*at).trim(), *column) {
                self.sheet.note_nothing(row, *at);
            }
        }
    }

    /// Whether a row names a procedure and a channel and says nothing of them.
    fn is_silent(&self, row: &Row) -> bool {
        self.says_nothing(row)
            && self.sheet.options.blank == Blank::Keep
            && [Column::Applicability, Column::ApplicabilityReason, Column::Evidence]
                .iter()
                .all(|column| self.text(row, *column).is_empty())
    }

    fn check_keys(&mut self, row: &Row) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.sheet.body(&self.bodies, row, &self.place);
        keep(self.procedure(row), &mut faults);
        keep(self.channel(row), &mut faults);
        faults
    }

    /// Puts heading and column to a fault.
    fn placed(&self, fault: Fault, column: Column) -> Fault {
        match self.head.columns.get(&column) {
            Some(at) => fault.in_column(*at, self.sheet.headings.text(*at)),
            None => fault,
        }
    }

    fn refused(&self, refusal: Refusal, column: Column) -> Fault {
        self.placed(Fault::of(refusal), column)
    }

    /// Reads a cell that is a code or a label of a code list.
    fn code<T: FromStr<Err = Refusal> + Copy>(
        &self,
        row: &Row,
        column: Column,
        labels: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let text = fold_width(self.text(row, column));
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(value) = labels(&text) {
            return Ok(Some(value));
        }
        text.parse().map(Some).map_err(|refusal| self.refused(refusal, column))
    }

    fn read_row(&mut self, row: &Row) -> Result<Statement, Vec<Fault>> {
        let mut faults = Vec::new();
        let before = self.sheet.faults.len();
        let body = self.sheet.body(&self.bodies, row, &self.place);
        faults.extend(self.sheet.faults.drain(before..));
        let procedure = keep(self.procedure(row), &mut faults);
        let channel = keep(self.channel(row), &mut faults).flatten();
        let effective =
            keep(self.day(row, Column::EffectiveOn, Column::EffectivePrecision), &mut faults).flatten();
        let said = keep_all(self.said(row, channel), &mut faults);
        match (body, procedure, said) {
            (Some(body), Some(procedure), Some((said, evidence))) if faults.is_empty() => Ok(Statement {
                line: row.line,
                column: None,
                body,
                procedure,
                source: evidence.map_or(Source::Own, Evidence::source),
                effective: effective.or(self.sheet.options.effective),
                said,
            }),
            _ => Err(faults),
        }
    }

    /// The revision at which an export wrote the row. Programs in between may have made a fraction of it.
    fn revision(&self, row: &Row) -> Result<Option<i64>, Fault> {
        let text = fold_width(self.text(row, Column::Revision));
        let digits = text.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|byte| byte == b'0'));
        let digits = digits.map_or(text.as_str(), |(whole, _)| whole);
        if digits.is_empty() {
            return Ok(None);
        }
        digits.parse().ok().filter(|number| *number >= 0).map(Some).ok_or_else(|| {
            let message = "データの版は、書き出したときの番号です。そのままにするか、空にしてください";
            let fault =
                Fault::whole("revision_format", message).found(&text).allowing("0以上の整数、または空");
            self.placed(fault, Column::Revision)
        })
    }

    fn procedure(&self, row: &Row) -> Result<ProcedureIx, Fault> {
        let (id, name) = (self.text(row, Column::ProcedureId), self.text(row, Column::ProcedureName));
        let column = if id.is_empty() { Column::ProcedureName } else { Column::ProcedureId };
        self.procedures.find(id, name).map_err(|fault| self.placed(fault, column))
    }

    fn channel(&self, row: &Row) -> Result<Option<ChannelIx>, Fault> {
        let text = self.text(row, Column::Channel);
        if text.is_empty() {
            return Ok(None);
        }
        let catalogue = self.sheet.catalogue;
        if let Some(channel) = channel_of(catalogue, text) {
            return Ok(Some(channel));
        }
        catalogue.find_channel(&fold_for_match(text)).map(Some).map_err(|refusal| {
            let labels: Vec<&str> =
                catalogue.channels().iter().map(|channel| channel.label_ja.as_str()).collect();
            self.refused(refusal, Column::Channel).found(text).allowing(labels.join("、"))
        })
    }

    fn day(&mut self, row: &Row, column: Column, precision: Column) -> Result<Option<Dated>, Fault> {
        let stated =
            self.code::<Precision>(row, precision, |text| by_label(Precision::ALL, Precision::label, text))?;
        let Some(at) = self.head.columns.get(&column) else { return Ok(None) };
        let day = match column {
            Column::TargetOn => self.sheet.planned_day(row, *at)?,
            _ => self.sheet.day(row, *at)?,
        };
        Ok(day.map(|day| at_precision(day, stated)))
    }

    fn said(
        &mut self,
        row: &Row,
        channel: Option<ChannelIx>,
    ) -> Result<(Said, Option<Evidence>), Vec<Fault>> {
        let mut faults = Vec::new();
        let evidence = keep(
            self.code(row, Column::Evidence, |text| by_label(Evidence::ALL, Evidence::label, text)),
            &mut faults,
        )
        .flatten();
        if matches!(self.text(row, Column::State), WITHDRAWN | "取下げ") {
            if !self.text(row, Column::Level).is_empty() {
                let fault = Fault::whole(
                    "contradiction",
                    "取下げの行に段階が書かれています。どちらかを消してください",
                )
                .found(self.text(row, Column::Level));
                faults.push(self.placed(fault, Column::Level));
            }
            return if faults.is_empty() { Ok((Said::Withdrawn(channel), evidence)) } else { Err(faults) };
        }
        let applicability = keep(
            self.code(row, Column::Applicability, |text| {
                by_label(Applicability::ALL, Applicability::label, text)
            }),
            &mut faults,
        )
        .flatten();
        let patch = keep_all(self.patch(row, evidence), &mut faults);
        let reason = keep(self.field(row, Column::ApplicabilityReason, limits::NOTE), &mut faults);
        let (Some(patch), Some(reason)) = (patch, reason) else {
            return Err(faults);
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        match (applicability, channel) {
            (Some(value), _) if !value.applies() && patch.level.is_some() => Err(vec![
                self.placed(
                    Fault::whole(
                        "contradiction",
                        format!(
                            "該当性が「{}」なのに段階が書かれています。どちらかを消してください",
                            value.label()
                        ),
                    )
                    .found(self.text(row, Column::Level)),
                    Column::Level,
                ),
            ]),
            (Some(value), _) if (!value.applies() || channel.is_none()) && !self.says_nothing(row) => {
                Err(vec![self.beside_applicability(row, value)])
            }
            (Some(value), None) => Ok((Said::Applicability(value, reason), evidence)),
            (Some(value), Some(_)) if !value.applies() || self.says_nothing(row) => {
                Ok((Said::Applicability(value, reason), evidence))
            }
            (_, Some(channel)) => Ok((Said::Readiness(channel, Box::new(patch)), evidence)),
            // A channel that was refused has been told already.
            (None, None) if !self.text(row, Column::Channel).is_empty() => Err(Vec::new()),
            (None, None) => Err(vec![
                self.placed(
                    Fault::whole(
                        "missing_channel",
                        "接点がありません（該当性だけの行なら該当性を書いてください）",
                    )
                    .allowing("online, mynaportal, eapp, counter など"),
                    Column::Channel,
                ),
            ]),
        }
    }

    /// The columns that speak of readiness on a channel. Evidence may also stand beside
    /// applicability.
    const ON_CHANNEL: [Column; 9] = [
        Column::Level,
        Column::AtLeast,
        Column::State,
        Column::TargetLevel,
        Column::TargetOn,
        Column::System,
        Column::Url,
        Column::Section,
        Column::Note,
    ];

    fn says_nothing(&self, row: &Row) -> bool {
        Self::ON_CHANNEL.iter().all(|column| self.text(row, *column).is_empty())
    }

    /// What stands beside applicability and would be lost.
    fn beside_applicability(&self, row: &Row, value: Applicability) -> Fault {
        let column = Self::ON_CHANNEL.into_iter().find(|column| !self.text(row, *column).is_empty());
        let column = column.unwrap_or(Column::Level);
        let message = format!(
            "該当性（{}）だけの行には「{}」を書けません。接点の行を分けるか、どちらかを消してください",
            value.label(),
            column.label()
        );
        self.placed(Fault::whole("contradiction", message).found(self.text(row, column)), column)
    }

    fn patch(&mut self, row: &Row, evidence: Option<Evidence>) -> Result<ReadinessPatch, Vec<Fault>> {
        let mut faults = Vec::new();
        let level = keep(self.level(row), &mut faults).flatten();
        let state = keep(
            self.code(row, Column::State, |text| {
                use crate::domain::readiness::State;
                by_label(State::ALL, State::label, text)
            }),
            &mut faults,
        )
        .flatten();
        let target_level = keep(self.target_level(row), &mut faults);
        let target_on = keep(self.target_on(row), &mut faults);
        let system = keep(self.field(row, Column::System, limits::SYSTEM), &mut faults);
        let url = keep(self.url(row), &mut faults);
        let note = keep(self.field(row, Column::Note, limits::NOTE), &mut faults);
        let section = keep(self.field(row, Column::Section, limits::SECTION), &mut faults);
        let texts = (system, url, note, section);
        match (target_level, target_on, texts) {
            (Some(target_level), Some(target_on), (Some(system), Some(url), Some(note), Some(section)))
                if faults.is_empty() =>
            {
                Ok(ReadinessPatch {
                    level,
                    state,
                    evidence,
                    target_level,
                    target_on,
                    system,
                    url,
                    note,
                    section,
                    unless_known: None,
                })
            }
            _ => Err(faults),
        }
    }

    fn level(&self, row: &Row) -> Result<Option<(Level, bool)>, Fault> {
        let text = fold_width(self.text(row, Column::Level));
        let flag = self.flag(row)?;
        if text.is_empty() {
            return match flag {
                None => Ok(None),
                Some(_) => Err(self.placed(
                    Fault::whole("missing_level", "「以上」だけが書かれ、段階がありません")
                        .allowing(Level::ALLOWED),
                    Column::Level,
                )),
            };
        }
        let (digits, plus) = match text.strip_suffix('+') {
            Some(digits) => (digits, true),
            None => (text.as_str(), false),
        };
        let level: Level = digits.parse().map_err(|_ignored: Refusal| {
            let mut fault = Fault::whole("level_format", "段階は0〜5です（「以上」は 3+ のように書きます）")
                .found(&text)
                .allowing(Level::ALLOWED);
            // Said, not guessed: what the bare marks of other sheets would be here.
            fault.suggestion = match text.as_str() {
                "○" | "〇" | "◯" => Some("3+".to_owned()),
                "×" | "✕" => Some("0".to_owned()),
                _ => None,
            };
            self.placed(fault, Column::Level)
        })?;
        if plus && flag == Some(false) {
            let fault =
                Fault::whole("contradiction", "段階は「以上」なのに、以上の列は false です").found(&text);
            return Err(self.placed(fault, Column::AtLeast));
        }
        let at_least = plus || flag.unwrap_or(false);
        level.check_said(at_least).map_err(|refusal| self.placed(Fault::of(refusal), Column::Level))?;
        Ok(Some((level, at_least)))
    }

    fn flag(&self, row: &Row) -> Result<Option<bool>, Fault> {
        let text = fold_width(self.text(row, Column::AtLeast)).to_lowercase();
        match without_fraction(&text) {
            "" => Ok(None),
            "true" | "1" | "はい" | "○" => Ok(Some(true)),
            "false" | "0" | "いいえ" | "×" => Ok(Some(false)),
            _ => Err(self.placed(
                Fault::whole("flag_format", "true か false を書いてください")
                    .found(&text)
                    .allowing("true, false"),
                Column::AtLeast,
            )),
        }
    }

    fn target_level(&self, row: &Row) -> Result<Field<Level>, Fault> {
        let level = self.code::<Level>(row, Column::TargetLevel, |_| None)?;
        Ok(level.map_or_else(|| self.blank(Column::TargetLevel), Field::Set))
    }

    fn target_on(&mut self, row: &Row) -> Result<Field<Dated>, Fault> {
        let on = self.day(row, Column::TargetOn, Column::TargetPrecision)?;
        Ok(on.map_or_else(|| self.blank(Column::TargetOn), Field::Set))
    }

    /// What an empty cell does: nothing where the column is missing.
    fn blank<T>(&self, column: Column) -> Field<T> {
        match self.sheet.options.blank {
            Blank::Clear if self.head.columns.contains_key(&column) => Field::Clear,
            _ => Field::Keep,
        }
    }

    fn cleaned(&self, row: &Row, column: Column, longest: usize) -> Result<Option<String>, Fault> {
        clean(self.text(row, column), longest).map_err(|refusal| self.refused(refusal, column))
    }

    fn field(&mut self, row: &Row, column: Column, longest: usize) -> Result<Field<SharedText>, Fault> {
        Ok(match self.cleaned(row, column, longest)? {
            Some(text) => Field::Set(self.texts.share(&text)),
            None => self.blank(column),
        })
    }

    fn url(&mut self, row: &Row) -> Result<Field<SharedText>, Fault> {
        let field = self.field(row, Column::Url, limits::URL)?;
        if let Field::Set(text) = &field {
            check_address(text)
                .map_err(|refusal| self.placed(Fault::refused(refusal, row.line), Column::Url))?;
        }
        Ok(field)
    }
}

/// Whether a cell holds a word for nothing. A dash among levels is a mark, and asked about.
fn is_nothing(cell: &str, column: Column) -> bool {
    stands_for_nothing(cell) && !(column == Column::Level && cell == "-")
}

fn by_label<T: Copy>(all: &[T], label: impl Fn(T) -> &'static str, text: &str) -> Option<T> {
    let short = |value: T| label(value).split(['・', '（']).any(|part| part == text);
    all.iter()
        .copied()
        .find(|value| label(*value) == text)
        .or_else(|| all.iter().copied().find(|value| short(*value)))
}

/// The value of a result, its fault put with the others.
fn keep<T>(result: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}

fn keep_all<T>(result: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|more| faults.extend(more)).ok()
}
