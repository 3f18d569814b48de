//! One row per body, procedure and channel, with English or Japanese headings in any order.
//!
//! The same columns are what the export writes, so that an export can be read back.

mod head;

pub use head::Column;
pub(super) use head::{Head, find_head};

use std::collections::HashMap;
use std::str::FromStr;

use super::{Layout, is_total};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision, parse_in_file};
use crate::domain::readiness::{Evidence, Level, Source, check_address, limits};
use crate::domain::text::{clean, fold_for_match, fold_width};
use crate::import::resolve::{LostZeros, body};
use crate::import::table::{Row, Table};
use crate::import::{Blank, Fault, Field, Options, ReadinessPatch, Reading, Said, Statement, Understood};
use head::column_of;

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
    let mut sheet = Sheet {
        head,
        headings: &table.rows[head.row],
        catalogue,
        options,
        names: procedure_names(catalogue),
        warnings: Vec::new(),
        faults: Vec::new(),
    };
    let mut statements = Vec::new();
    let (mut rows, mut totals, mut silent) = (0, 0, 0);
    for row in table.rows[head.row + 1..].iter().filter(|row| !row.is_empty()) {
        if sheet.is_total(row) {
            totals += 1;
            continue;
        }
        rows += 1;
        if sheet.is_silent(row) {
            // Its keys must be right all the same: a slip there is no wish to say nothing.
            match sheet.check_keys(row) {
                Ok(()) => silent += 1,
                Err(faults) => sheet.faults.extend(faults.into_iter().map(|fault| fault.at_line(row.line))),
            }
            continue;
        }
        match sheet.read_row(row) {
            Ok(statement) => statements.push(statement),
            Err(faults) => sheet.faults.extend(faults.into_iter().map(|fault| fault.at_line(row.line))),
        }
    }
    if rows == 0 {
        return Err(vec![Fault::whole("no_rows", "データ行がありません。")]);
    }
    let mut notes = sheet.unknown_headings();
    if totals > 0 {
        notes.push(format!("合計などの{totals}行は読み飛ばしました。"));
    }
    if silent > 0 {
        notes.push(format!(
            "段階などが書かれていない{silent}行は読み飛ばしました（空欄は「変えない」の意味です）。"
        ));
    }
    let undated = statements.iter().filter(|statement: &&Statement| statement.effective.is_none()).count();
    if undated > 0 {
        notes.push(format!(
            "適用日のない{undated}件は、変更があれば今日（{}）からの状況とします（--effective-on で変えられます）。",
            options.today
        ));
    }
    Ok(Reading {
        layout: Layout::Long,
        container: table.container.clone(),
        understood: understood(&statements),
        statements,
        faults: sheet.faults,
        warnings: sheet.warnings,
        notes,
        rows,
    })
}

/// Folded names of procedures; a name that several procedures share is left out.
fn procedure_names(catalogue: &Catalogue) -> HashMap<String, Option<ProcedureIx>> {
    let own = catalogue.procedures().iter().map(|row| (row.name_ja.as_str(), row.id.as_str()));
    let aliases = catalogue.aliases().iter().map(|row| (row.heading.as_str(), row.procedure.as_str()));
    let mut names: HashMap<String, Option<ProcedureIx>> = HashMap::new();
    for (name, id) in own.chain(aliases) {
        let procedure = catalogue.procedure_ix(id);
        names
            .entry(fold_for_match(name))
            .and_modify(|known| {
                if *known != procedure {
                    *known = None;
                }
            })
            .or_insert(procedure);
    }
    names
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

struct Sheet<'a> {
    head: &'a Head,
    headings: &'a Row,
    catalogue: &'a Catalogue,
    options: &'a Options,
    names: HashMap<String, Option<ProcedureIx>>,
    warnings: Vec<Fault>,
    faults: Vec<Fault>,
}

impl Sheet<'_> {
    fn text<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        self.head.columns.get(&column).map_or("", |at| row.cell(*at)).trim()
    }

    fn is_total(&self, row: &Row) -> bool {
        is_total(self.text(row, Column::MunicipalityCode))
            || is_total(self.text(row, Column::MunicipalityName))
    }

    /// Whether a row names a procedure and a channel and says nothing of them.
    fn is_silent(&self, row: &Row) -> bool {
        self.says_nothing(row)
            && [Column::Applicability, Column::ApplicabilityReason]
                .iter()
                .all(|column| self.text(row, *column).is_empty())
    }

    fn check_keys(&mut self, row: &Row) -> Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        keep(self.body(row), &mut faults);
        keep(self.procedure(row), &mut faults);
        keep(self.channel(row), &mut faults);
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// Puts heading and column to a fault.
    fn placed(&self, fault: Fault, column: Column) -> Fault {
        match self.head.columns.get(&column) {
            Some(at) => fault.in_column(*at, self.headings.cell(*at)),
            None => fault,
        }
    }

    fn refused(&self, refusal: Refusal, column: Column) -> Fault {
        self.placed(Fault { line: None, ..Fault::refused(refusal, 0) }, column)
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
        if let Some((at, cell)) = row
            .cells
            .iter()
            .enumerate()
            .skip(self.headings.cells.len())
            .find(|(_, cell)| !cell.trim().is_empty())
        {
            let message = "見出しより多くのセルがあります（「,」を含む文字は \"…\" で囲みます）";
            faults.push(Fault::whole("too_many_cells_in_row", message).in_column(at, "").found(cell));
        }
        let body = keep(self.body(row), &mut faults);
        let procedure = keep(self.procedure(row), &mut faults);
        let channel = keep(self.channel(row), &mut faults).flatten();
        let effective =
            keep(self.day(row, Column::EffectiveOn, Column::EffectivePrecision), &mut faults).flatten();
        let said = keep_all(self.said(row, channel), &mut faults);
        match (body, procedure, said) {
            (Some(body), Some(procedure), Some((said, evidence))) if faults.is_empty() => Ok(Statement {
                line: row.line,
                body,
                procedure,
                source: evidence.map_or(Source::Own, Evidence::source),
                effective: effective.or(self.options.effective),
                said,
            }),
            _ => Err(faults),
        }
    }

    fn body(&mut self, row: &Row) -> Result<crate::domain::catalogue::BodyIx, Fault> {
        let code = self.text(row, Column::MunicipalityCode);
        let name = self.text(row, Column::MunicipalityName);
        let (body, warning) = body(self.catalogue, code, name, LostZeros::Judged)
            .map_err(|fault| self.placed(fault, Column::MunicipalityCode))?;
        if let Some(warning) = warning {
            let warning = self.refused(warning, Column::MunicipalityCode).at_line(row.line);
            self.warnings.push(warning);
        }
        Ok(body)
    }

    fn procedure(&self, row: &Row) -> Result<ProcedureIx, Fault> {
        let id = fold_width(self.text(row, Column::ProcedureId));
        if !id.is_empty() {
            return self
                .catalogue
                .find_procedure(&id)
                .map_err(|refusal| self.refused(refusal, Column::ProcedureId));
        }
        let name = self.text(row, Column::ProcedureName);
        match self.names.get(&fold_for_match(name)) {
            Some(Some(procedure)) => Ok(*procedure),
            found => {
                let message = match found {
                    Some(_) => "同じ名前の手続が複数あります。手続IDを書いてください",
                    None if name.is_empty() => "手続IDも手続名もありません",
                    None => "手続名が手続一覧のどれにも一致しません",
                };
                let fault = Fault::whole("unknown_procedure", message)
                    .found(name)
                    .allowing("手続ID（例 kosodate-01）");
                Err(self.placed(fault, Column::ProcedureName))
            }
        }
    }

    fn channel(&self, row: &Row) -> Result<Option<ChannelIx>, Fault> {
        let text = self.text(row, Column::Channel);
        if text.is_empty() {
            return Ok(None);
        }
        let folded = fold_for_match(text);
        let channels = self.catalogue.channels();
        let exact = channels.iter().position(|channel| fold_for_match(&channel.label_ja) == folded);
        // 「マイナポータル」 is enough for マイナポータル（ぴったりサービス）, if no other begins so.
        let mut begins =
            (0..).zip(channels).filter(|(_, channel)| fold_for_match(&channel.label_ja).starts_with(&folded));
        let found = match (exact, begins.next(), begins.next()) {
            (Some(at), _, _) => ChannelIx::try_from(at).ok(),
            (None, Some((at, _)), None) => Some(at),
            _ => None,
        };
        if let Some(channel) = found {
            return Ok(Some(channel));
        }
        self.catalogue.find_channel(&folded).map(Some).map_err(|refusal| {
            let labels: Vec<&str> = channels.iter().map(|channel| channel.label_ja.as_str()).collect();
            self.refused(refusal, Column::Channel).found(text).allowing(labels.join("、"))
        })
    }

    fn day(&self, row: &Row, column: Column, precision: Column) -> Result<Option<Dated>, Fault> {
        let stated =
            self.code::<Precision>(row, precision, |text| by_label(Precision::ALL, Precision::label, text))?;
        let text = self.text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        let day = parse_in_file(text).map_err(|refusal| self.refused(refusal, column))?;
        Ok(Some(stated.map_or(day, |precision| day.at_precision(precision))))
    }

    fn said(&self, row: &Row, channel: Option<ChannelIx>) -> Result<(Said, Option<Evidence>), Vec<Fault>> {
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

    fn says_nothing(&self, row: &Row) -> bool {
        use Column::*;
        self.options.blank == Blank::Keep
            && [Level, AtLeast, State, TargetLevel, TargetOn, System, Url, Section, Evidence, Note]
                .iter()
                .all(|column| self.text(row, *column).is_empty())
    }

    fn patch(&self, row: &Row, evidence: Option<Evidence>) -> Result<ReadinessPatch, Vec<Fault>> {
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
                        .allowing("0-5, 0+-5+"),
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
                .allowing("0-5, 0+-5+");
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
        Ok(Some((level, plus || flag.unwrap_or(false))))
    }

    fn flag(&self, row: &Row) -> Result<Option<bool>, Fault> {
        let text = fold_width(self.text(row, Column::AtLeast)).to_lowercase();
        match text.as_str() {
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

    fn target_on(&self, row: &Row) -> Result<Field<Dated>, Fault> {
        let on = self.day(row, Column::TargetOn, Column::TargetPrecision)?;
        Ok(on.map_or_else(|| self.blank(Column::TargetOn), Field::Set))
    }

    /// What an empty cell does: nothing where the column is missing.
    fn blank<T>(&self, column: Column) -> Field<T> {
        match self.options.blank {
            Blank::Clear if self.head.columns.contains_key(&column) => Field::Clear,
            _ => Field::Keep,
        }
    }

    fn cleaned(&self, row: &Row, column: Column, longest: usize) -> Result<Option<String>, Fault> {
        // One leading ' before a character that starts a formula was put there by an export.
        let text = self.text(row, column);
        let text = match text.strip_prefix('\'') {
            Some(rest) if crate::domain::text::starts_formula(rest) => rest,
            _ => text,
        };
        clean(text, longest).map_err(|refusal| self.refused(refusal, column))
    }

    fn field(&self, row: &Row, column: Column, longest: usize) -> Result<Field<String>, Fault> {
        Ok(match self.cleaned(row, column, longest)? {
            Some(text) => Field::Set(text),
            None => self.blank(column),
        })
    }

    fn url(&self, row: &Row) -> Result<Field<String>, Fault> {
        let field = self.field(row, Column::Url, limits::URL)?;
        if let Field::Set(text) = &field {
            check_address(text)
                .map_err(|refusal| self.placed(Fault::refused(refusal, row.line), Column::Url))?;
        }
        Ok(field)
    }

    fn unknown_headings(&self) -> Vec<String> {
        let unknown: Vec<&str> = self
            .headings
            .cells
            .iter()
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty() && column_of(cell).is_none())
            .collect();
        if unknown.is_empty() {
            return Vec::new();
        }
        vec![format!("知らない見出しの列は使いません: {}", unknown.join("、"))]
    }
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
