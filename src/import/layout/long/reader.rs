//! One row of the long layout.

use std::str::FromStr;

use super::head::LongHead;
use super::values::{both, by_label, is_nothing, state_in};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision};
use crate::domain::readiness::{Evidence, Source, State, limits};
use crate::domain::shared::TextPool;
use crate::domain::text::{fold_for_match, fold_name, fold_width, unguarded};
use crate::import::layout::absence::{read_applicability, with_remark};
use crate::import::layout::channel_words::{channel_of, likely_channel};
use crate::import::layout::column::Column;
use crate::import::layout::marked::Marks;
use crate::import::layout::sheet::{BodyColumns, Sheet, at_precision, which_channel};
use crate::import::marks::Meaning;
use crate::import::resolve::{Bodies, Procedures};
use crate::import::table::Row;
use crate::import::{Blank, Fault, Field, Said, Statement};

/// `state=withdrawn` withdraws a statement; it is no state of readiness.
pub const WITHDRAWN: &str = "withdrawn";

/// What a row says.
pub(super) struct Spoken {
    pub(super) said: Said,
    pub(super) evidence: Option<Evidence>,
    /// The day that stands beside the mark of its level.
    pub(super) since: Option<Dated>,
}

pub(super) struct Reader<'a> {
    pub(super) head: &'a LongHead,
    pub(super) place: BodyColumns,
    pub(super) bodies: Bodies<'a>,
    /// The body of all rows, where none names another.
    pub(super) whose: Option<BodyIx>,
    pub(super) procedures: Procedures<'a>,
    pub(super) texts: TextPool,
    pub(super) marks: Marks,
    /// Whether the heading of the level column calls it so.
    pub(super) calls_levels: bool,
    /// Lines whose level is a mark or a word.
    pub(super) words: Vec<u32>,
    /// Lines with a reason why a procedure is not performed, of one that is.
    pub(super) reasons: Vec<u32>,
    pub(super) sheet: Sheet<'a>,
}

impl Reader<'_> {
    pub(super) fn text<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        let cell = self.head.columns.get(&column).map_or("", |at| row.cell(*at)).trim();
        if is_nothing(cell, column) { "" } else { unguarded(cell) }
    }

    /// Tells of words for nothing.
    pub(super) fn note_nothings(&mut self, row: &Row) {
        for (column, at) in &self.head.columns {
            if is_nothing(row.cell(*at).trim(), *column) {
                self.sheet.note_nothing(row, *at);
            }
        }
    }

    /// Whether a row names a procedure and a channel and says nothing of them.
    pub(super) fn is_silent(&self, row: &Row) -> bool {
        self.says_nothing(row, false, false)
            && self.sheet.options.blank == Blank::Keep
            && [Column::Applicability, Column::ApplicabilityReason, Column::Evidence]
                .iter()
                .all(|column| self.text(row, *column).is_empty())
    }

    pub(super) fn check_keys(&mut self, row: &Row) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.body(row);
        keep(self.procedure(row), &mut faults);
        keep(self.channel(row), &mut faults);
        faults
    }

    /// Puts heading and column to a fault.
    pub(super) fn placed(&self, fault: Fault, column: Column) -> Fault {
        match self.head.columns.get(&column) {
            Some(at) => fault.in_column(*at, self.sheet.headings.text(*at)),
            None => fault,
        }
    }

    pub(super) fn refused(&self, refusal: Refusal, column: Column) -> Fault {
        self.placed(Fault::of(refusal), column)
    }

    /// Reads a cell that is a code or a label of a code list.
    pub(super) fn code<T: FromStr<Err = Refusal> + Copy>(
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

    pub(super) fn state(&self, row: &Row) -> Result<Option<State>, Fault> {
        let text = self.text(row, Column::State);
        let withdrawn = |fault: Fault| {
            let states = fault.allowed.clone().unwrap_or_default();
            fault.allowing(format!("{states}、取下げ（{WITHDRAWN}）"))
        };
        match text.is_empty() {
            true => Ok(None),
            false => state_in(text)
                .map(Some)
                .map_err(|fault| self.placed(withdrawn(fault).found(text), Column::State)),
        }
    }

    /// What a row states; nothing where its level is a mark for "no answer".
    pub(super) fn read_row(&mut self, row: &Row) -> Result<Option<Statement>, Vec<Fault>> {
        let mut faults = Vec::new();
        let before = self.sheet.faults.len();
        let body = self.body(row);
        faults.extend(self.sheet.faults.drain(before..));
        let procedure = keep(self.procedure(row), &mut faults);
        let channel = keep(self.channel(row), &mut faults).flatten();
        let effective =
            keep(self.day(row, Column::EffectiveOn, Column::EffectivePrecision), &mut faults).flatten();
        let spoken = keep_all(self.said(row, channel), &mut faults);
        match (body, procedure, spoken) {
            (Some(_), Some(_), Some(None)) if faults.is_empty() => Ok(None),
            (Some(body), Some(procedure), Some(Some(spoken))) if faults.is_empty() => {
                let stated = self.since(row, &spoken, effective).map_err(|fault| vec![fault])?;
                let mut statement = Statement {
                    line: row.line,
                    column: None,
                    body,
                    procedure,
                    source: spoken.evidence.map_or(Source::Own, Evidence::source),
                    effective: stated.or(self.sheet.options.effective),
                    said: spoken.said,
                };
                let column = self.head.columns.get(&Column::EffectiveOn).copied();
                let exact = self.calls_levels && self.words.last() != Some(&row.line);
                let said = std::slice::from_mut(&mut statement);
                self.sheet.plan_ahead(row, (column, exact), effective, said);
                Ok(Some(statement))
            }
            _ => Err(faults),
        }
    }

    /// The revision at which an export wrote the row. Programs in between may have made a fraction of it.
    pub(super) fn revision(&self, row: &Row) -> Result<Option<i64>, Fault> {
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

    /// The day of a row, which the mark may also say.
    pub(super) fn since(
        &self,
        row: &Row,
        spoken: &Spoken,
        stated: Option<Dated>,
    ) -> Result<Option<Dated>, Fault> {
        match (spoken.since, stated) {
            (Some(since), Some(stated)) if since != stated => {
                let message = format!(
                    "段階の欄の日付（{}）と適用日（{}）が違います。どちらかに揃えてください",
                    since.on, stated.on
                );
                let fault = Fault::whole("contradiction", message).found(self.text(row, Column::Level));
                Err(self.placed(fault, Column::Level))
            }
            (since, stated) => Ok(since.or(stated)),
        }
    }

    pub(super) fn body(&mut self, row: &Row) -> Option<BodyIx> {
        self.whose.or_else(|| self.sheet.body(&self.bodies, row, &self.place))
    }

    pub(super) fn procedure(&self, row: &Row) -> Result<ProcedureIx, Fault> {
        let (id, name) = (self.text(row, Column::ProcedureId), self.text(row, Column::ProcedureName));
        let column = if id.is_empty() { Column::ProcedureName } else { Column::ProcedureId };
        self.procedures.find(id, name).map_err(|fault| self.placed(fault, column))
    }

    pub(super) fn channel(&mut self, row: &Row) -> Result<Option<ChannelIx>, Fault> {
        let text = self.text(row, Column::Channel).to_owned();
        if text.is_empty() {
            // A table that names no channel may be about one, which the sender says.
            return Ok(self.sheet.options.channel.filter(|_| !self.names_channels()));
        }
        let catalogue = self.sheet.catalogue;
        if let Some(channel) = channel_of(catalogue, &text) {
            return Ok(Some(channel));
        }
        let folded = fold_name(&text);
        let said = self.sheet.options.names.iter().find(|(name, _)| *name == folded);
        if let Some(channel) = said.and_then(|(_, id)| catalogue.channel_ix(id)) {
            return Ok(Some(channel));
        }
        catalogue.find_channel(&fold_for_match(&text)).map(Some).map_err(|refusal| {
            self.sheet.ask_channel(&text);
            let labels: Vec<&str> =
                catalogue.channels().iter().map(|channel| channel.label_ja.as_str()).collect();
            // One line for all of them.
            let message =
                "この名前の接点はありません。どの接点か、その行は取り込まないか（names）を指定してください";
            let fault = Fault { message: message.to_owned(), ..self.refused(refusal, Column::Channel) };
            let fault = fault.found(&text).allowing(labels.join("、"));
            let fault = fault.asked_elsewhere();
            match likely_channel(&text).and_then(|id| catalogue.channel_ix(id)) {
                Some(channel) => fault.suggesting(catalogue.channel(channel).label_ja.clone()),
                None => fault,
            }
        })
    }

    pub(super) fn day(
        &mut self,
        row: &Row,
        column: Column,
        precision: Column,
    ) -> Result<Option<Dated>, Fault> {
        let stated =
            self.code::<Precision>(row, precision, |text| by_label(Precision::ALL, Precision::label, text))?;
        let Some(at) = self.head.columns.get(&column) else { return Ok(None) };
        let day = match column {
            Column::TargetOn => self.sheet.planned_day(row, *at)?,
            _ => self.sheet.day(row, *at)?,
        };
        if let (Some(day), Some(stated)) = (day, stated)
            && !day.may_stand_for(stated)
        {
            let message = format!(
                "日付は日まで書かれていますが、精度は「{}」です。日まで分かるなら精度を「{}」に、分からないなら日付を年月か年度にしてください",
                stated.label(),
                Precision::Day.label()
            );
            let fault = Fault::whole("contradiction", message).found(row.cell(*at));
            return Err(self.placed(fault, column));
        }
        Ok(day.map(|day| at_precision(day, stated)))
    }

    pub(super) fn said(
        &mut self,
        row: &Row,
        channel: Option<ChannelIx>,
    ) -> Result<Option<Spoken>, Vec<Fault>> {
        let mut faults = Vec::new();
        let evidence = keep(
            self.code(row, Column::Evidence, |text| by_label(Evidence::ALL, Evidence::label, text)),
            &mut faults,
        )
        .flatten();
        if matches!(self.text(row, Column::State), WITHDRAWN | "取下げ" | "取り下げ" | "撤回") {
            if !self.text(row, Column::Level).is_empty() {
                let fault = Fault::whole(
                    "contradiction",
                    "取下げの行に段階が書かれています。どちらかを消してください",
                )
                .found(self.text(row, Column::Level));
                faults.push(self.placed(fault, Column::Level));
            }
            let spoken = Spoken { said: Said::Withdrawn(channel), evidence, since: None };
            return if faults.is_empty() { Ok(Some(spoken)) } else { Err(faults) };
        }
        let heading =
            self.head.columns.get(&Column::Applicability).map_or("", |at| self.head.headings.text(*at));
        let read = |text: &str| read_applicability(heading, text);
        let stated = keep(self.code(row, Column::Applicability, read), &mut faults).flatten();
        let marked = keep(self.level(row, channel), &mut faults).flatten();
        // A mark such as 対象外 says what the column of applicability says.
        let by_mark = marked.as_ref().and_then(|cell| match cell.meaning {
            Meaning::Applicability(value) => Some(value),
            _ => None,
        });
        if let (Some(value), Some(other)) = (by_mark, stated)
            && value != other
        {
            let message =
                format!("該当性の列は「{}」なのに、段階の列は「{}」です", other.label(), value.label());
            let fault = Fault::whole("contradiction", message).found(self.text(row, Column::Level));
            faults.push(self.placed(fault, Column::Level));
        }
        let applicability = by_mark.or(stated);
        let absent = applicability.is_some_and(|value| !value.applies());
        let silent = self.says_nothing(row, by_mark.is_some() || marked.is_none(), absent);
        let patch = keep_all(self.patch(row, evidence, channel, marked.as_ref()), &mut faults);
        let reason = keep(self.field(row, Column::ApplicabilityReason, limits::NOTE), &mut faults);
        let (Some(patch), Some(reason)) = (patch, reason) else {
            return Err(faults);
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let told = marked.as_ref().and_then(|cell| cell.note.clone()).filter(|_| by_mark.is_some());
        let reason = both(reason, told.map_or(Field::Keep, Field::Set));
        let reason = if absent { with_remark(reason, patch.note.clone()) } else { reason };
        let spoken =
            |said| Ok(Some(Spoken { said, evidence, since: marked.as_ref().and_then(|cell| cell.since) }));
        let unsaid = silent && marked.is_none() && applicability.is_none();
        if unsaid && (!self.text(row, Column::Level).is_empty() || self.speaks_by_blank(row)) {
            return Ok(None);
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
            (Some(value), _) if (!value.applies() || channel.is_none()) && !silent => {
                Err(vec![self.beside_applicability(row, value, absent)])
            }
            (Some(value), None) => spoken(Said::Applicability(value, reason)),
            (Some(value), Some(_)) if !value.applies() || silent => {
                spoken(Said::Applicability(value, reason))
            }
            (_, Some(channel)) => spoken(Said::Readiness(channel, Box::new(patch))),
            // A channel that was refused has been told already.
            (None, None) if !self.text(row, Column::Channel).is_empty() => Err(Vec::new()),
            (None, None) => Err(vec![self.without_channel()]),
        }
    }

    /// Whether the table has a column of channels.
    pub(super) fn names_channels(&self) -> bool {
        self.head.columns.contains_key(&Column::Channel)
    }

    pub(super) fn without_channel(&self) -> Fault {
        if !self.names_channels() {
            let message = "どの接点（オンライン、窓口など）の表か分かりません。接点の列を足すか、接点（channel）を指定してください";
            let fault = Fault::whole("missing_channel", message).allowing("channel=online、counter など");
            return fault.asking(which_channel(self.sheet.catalogue));
        }
        let message = "接点がありません（該当性だけの行なら該当性を書いてください）";
        let fault =
            Fault::whole("missing_channel", message).allowing("online, mynaportal, eapp, counter など");
        self.placed(fault, Column::Channel)
    }

    /// The columns that speak of readiness on a channel. Evidence may also stand beside
    /// applicability.
    pub(super) const ON_CHANNEL: [Column; 9] = [
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

    /// Whether nothing is said of readiness, beside a level that is none where that is so, and beside a remark
    /// that is the reason why the procedure is not performed.
    pub(super) fn says_nothing(&self, row: &Row, beside_level: bool, absent: bool) -> bool {
        let passed =
            |column: Column| (beside_level && column == Column::Level) || (absent && column == Column::Note);
        let columns = Self::ON_CHANNEL.into_iter().filter(|column| !passed(*column));
        columns.into_iter().all(|column| self.text(row, column).is_empty())
    }

    /// What stands beside applicability and would be lost.
    pub(super) fn beside_applicability(&self, row: &Row, value: Applicability, absent: bool) -> Fault {
        // What the level itself says is told where it is read, and a remark is the reason.
        let columns =
            Self::ON_CHANNEL.into_iter().rev().filter(|column| !(absent && *column == Column::Note));
        let beside = || columns.clone().find(|column| !self.text(row, *column).is_empty());
        let column = beside().unwrap_or(Column::Level);
        let message = format!(
            "該当性（{}）だけの行には「{}」を書けません。接点の行を分けるか、どちらかを消してください",
            value.label(),
            column.label()
        );
        self.placed(Fault::whole("contradiction", message).found(self.text(row, column)), column)
    }
}

/// The value of a result, its fault put with the others.
pub(super) fn keep<T>(result: Result<T, Fault>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|fault| faults.push(fault)).ok()
}

pub(super) fn keep_all<T>(result: Result<T, Vec<Fault>>, faults: &mut Vec<Fault>) -> Option<T> {
    result.map_err(|more| faults.extend(more)).ok()
}
