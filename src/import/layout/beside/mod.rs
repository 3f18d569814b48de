//! What stands beside the marks of a row: 担当課, URL, システム名, 備考, 状態, 目標段階, 目標時期. A mark is
//! about one channel; these words are about the channels that the row states, or about the one
//! that their heading names.

mod columns;
mod value;

use std::collections::BTreeMap;

use super::absence::with_remark;
use super::ahead::{Ahead, Called, ahead, become_plan};
use super::column::Column;
use super::sheet::Sheet;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::{Level, Scale, Source};
use crate::domain::shared::TextPool;
use crate::import::headings::{Headings, JOINT};
use crate::import::table::Row;
use crate::import::{Fallback, Fault, Field, ReadinessPatch, Said, Statement};
pub(super) use columns::channel_named_in;
pub(super) use columns::is_beside;
use columns::{Scope, Words, is_channel, read_heading, wide_scope};
use value::{Placed, Value, put, value};

/// The columns beside the marks of a table, or of one procedure of it.
#[derive(Debug, Default)]
pub(super) struct Beside {
    columns: Vec<Words>,
    /// The channels of the table.
    channels: Vec<ChannelIx>,
    /// Those of its columns that are about what else the row states as well.
    shared: Vec<usize>,
    /// Lines of each column whose words went nowhere.
    idle: BTreeMap<usize, Vec<u32>>,
    /// Lines of each column beside whose words the mark itself has others of the kind.
    outdone: BTreeMap<usize, Vec<u32>>,
    texts: TextPool,
}

/// What the words of a row are about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    pub body: BodyIx,
    pub procedure: ProcedureIx,
    pub on: Option<Dated>,
}

impl Beside {
    /// The columns of words among these headings, in a table of these channels.
    pub(super) fn find<'h>(
        catalogue: &Catalogue,
        headings: impl Iterator<Item = (usize, &'h str)>,
        channels: &[ChannelIx],
    ) -> Self {
        let headings: Vec<(usize, &str)> = headings.collect();
        let text = |at| headings.iter().find(|(other, _)| *other == at).map_or("", |(_, text)| text);
        let columns = headings
            .iter()
            .copied()
            .filter(|(_, text)| !is_channel(catalogue, text))
            .filter_map(|(at, text)| {
                let (field, scope) = read_heading(catalogue, text)?;
                let scope = match scope {
                    Scope::Channel(channel) if !channels.contains(&channel) => {
                        wide_scope(catalogue.channel(channel).scale)
                    }
                    scope => scope,
                };
                Some(Words { at, field, scope })
            })
            .collect();
        let mut found = Self { columns, channels: channels.to_vec(), ..Self::default() };
        // Where a field goes by its own name, another under a synonym is somebody's own.
        let own = |words: &Words| words.field.is_named(text(words.at));
        let settled: Vec<(Column, Scope)> =
            found.columns.iter().filter(|words| own(words)).map(|words| (words.field, words.scope)).collect();
        found.columns.retain(|words| own(words) || !settled.contains(&(words.field, words.scope)));
        found
    }

    /// The same where a column is named after one column of marks.
    pub(super) fn named_after(mut self, headings: &Headings, marked: &[(usize, ChannelIx)]) -> Self {
        for words in self.columns.iter_mut().filter(|words| words.scope == Scope::Row) {
            if let Some(channel) = channel_named_in(headings, words.at, marked) {
                words.scope = Scope::Channel(channel);
            }
        }
        self
    }

    /// The same where a field that stands several times is each time that of the channel on its left: `marked`
    /// are the columns of marks.
    pub(super) fn right_of(mut self, marked: &[(usize, ChannelIx)]) -> Self {
        let of_row = |words: &&Words| words.scope == Scope::Row;
        let fields: Vec<Column> = self.columns.iter().filter(of_row).map(|words| words.field).collect();
        let again = |field: Column| fields.iter().filter(|other| **other == field).count() > 1;
        for words in self.columns.iter_mut().filter(|words| words.scope == Scope::Row) {
            let left = marked.iter().filter(|(at, _)| *at < words.at).max_by_key(|(at, _)| *at);
            if let Some((_, channel)) = left.filter(|_| again(words.field)) {
                words.scope = Scope::Channel(*channel);
            }
        }
        self
    }

    /// The same where all of its columns stand beside the marks of one subject: with one channel there,
    /// every word is about that channel.
    pub(super) fn of_one_row(mut self) -> Self {
        if let [only] = self.channels[..] {
            for words in &mut self.columns {
                words.scope = Scope::Channel(only);
            }
        }
        self
    }

    /// The same where some of its columns are about several procedures or bodies: address, product and state are of
    /// those that are offered.
    pub(super) fn sharing(self, shared: Vec<usize>) -> Self {
        Self { shared, ..self }
    }

    /// Where its columns stand.
    pub(super) fn columns(&self) -> impl Iterator<Item = usize> {
        self.columns.iter().map(|words| words.at)
    }

    /// Faults of columns that say the same of the same channels.
    pub(super) fn twice(&self, sheet: &Sheet<'_>) -> Vec<Fault> {
        let keys: Vec<(usize, (Column, Scope))> =
            self.columns.iter().map(|words| (words.at, (words.field, words.scope))).collect();
        sheet.twice(&keys)
    }

    /// Lays the words of a row over what its marks state of one procedure. Where they state nothing,
    /// the words go to what the body has stated before.
    pub(super) fn lay(
        &mut self,
        sheet: &mut Sheet<'_>,
        row: &Row,
        about: About,
        statements: &mut Vec<Statement>,
    ) {
        let mut values = self.values(sheet, row);
        if values.is_empty() {
            return;
        }
        if self.lay_on_absence(row, &mut values, statements) {
            return;
        }
        let marked = statements.iter().any(|one| matches!(one.said, Said::Readiness(..)));
        let levels = values.iter().any(|(_, value)| matches!(value, Value::Level(Field::Set(_))));
        if !marked {
            let first =
                values.iter().filter(|(_, value)| value.says_something()).map(|(words, _)| words.at).min();
            statements.extend(self.on_what_is_known(sheet, (row, first), about, statements));
        }
        let of_row = about.on.or(sheet.options.effective);
        let today = sheet.options.today;
        let online = |channel| sheet.catalogue.channel(channel).scale == Scale::Online;
        let any_online = statements.iter().filter_map(|one| one.said.channel()).any(online);
        let mut used = vec![Placed::Nowhere; values.len()];
        let offered = |patch: &ReadinessPatch| patch.level.is_none_or(|(level, _)| level > Level::ZERO);
        let some_offered = |wanted: &dyn Fn(ChannelIx) -> bool| {
            statements.iter().any(|one| match &one.said {
                Said::Readiness(channel, patch) => wanted(*channel) && offered(patch),
                _ => false,
            })
        };
        let (online_offered, any_offered) = (some_offered(&online), some_offered(&|_| true));
        for statement in statements.iter_mut() {
            let Said::Readiness(channel, patch) = &mut statement.said else { continue };
            let mut filled: Vec<Column> = Vec::new();
            // Where one of several is not offered, address, product and state are those of the others.
            let is_bare = !offered(patch);
            for ((words, value), used) in values.iter().zip(&mut used) {
                // The narrower column went before.
                let open = !filled.contains(&words.field);
                let others = if words.field == Column::State { any_offered } else { online_offered };
                if self.shared.contains(&words.at) && is_bare && words.tells_how_it_is_offered() {
                    *used = Placed::There;
                    continue;
                }
                let elsewhere = is_bare && others && words.is_of_what_is_offered();
                if elsewhere || !(open && words.covers(*channel, online(*channel), any_online)) {
                    continue;
                }
                filled.push(words.field);
                let field = words.field_beside(sheet.headings.meaning(words.at), patch, value, today);
                if field == Column::EffectiveOn && !(marked && patch.level.is_some()) {
                    continue;
                }
                if let (Column::EffectiveOn, Value::Day(Field::Set(day))) = (field, value) {
                    *used = Placed::There;
                    if begins_ahead(sheet, (row, words.at), *day, patch) {
                        continue;
                    }
                    if statement.effective != of_row && statement.effective != Some(*day) {
                        let message =
                            "印と一緒に書かれた日付と、この列の日付が違います。どちらかに揃えてください";
                        let fault = Fault::whole("contradiction", message).found(row.cell(words.at));
                        sheet.fault(fault, row, words.at);
                    }
                    statement.effective = Some(*day);
                    continue;
                }
                let placed = match (field, value) {
                    (Column::TargetOn, Value::Day(Field::Set(day)))
                        if !levels && sheet.is_plan_done(row, words.at, *day, patch) =>
                    {
                        Ok(Placed::There)
                    }
                    (Column::TargetOn, Value::Day(Field::Set(day))) => {
                        let mark = (row, statement.column);
                        sheet.plan_for(mark, words.at, *day, patch).map(|()| Placed::There)
                    }
                    _ => put(patch, field, value),
                };
                match placed {
                    Ok(placed) => {
                        *used = placed.max(*used);
                        // What stands in a column of its own goes before what a heading says of all.
                        if let (Value::Level(Field::Set(_)), Field::Keep) = (value, &patch.target_on)
                            && let Some(day) = sheet.day_over_plans(words.at)
                        {
                            patch.target_on = Field::Set(day);
                        }
                    }
                    Err(fault) => {
                        sheet.fault(fault.found(row.cell(words.at)), row, words.at);
                        *used = Placed::There;
                    }
                }
            }
        }
        if !marked {
            statements
                .retain(|one| !matches!(&one.said, Said::Readiness(_, patch) if **patch == only_words()));
        }
        // A row with a fault is not recorded now; what is answered or mended may give its words a place.
        if sheet.is_refused(row) {
            return;
        }
        for ((words, _), used) in values.iter().zip(used).filter(|((_, value), _)| value.says_something()) {
            let lines = match used {
                Placed::There => continue,
                Placed::Outdone => &mut self.outdone,
                Placed::Nowhere => &mut self.idle,
            };
            lines.entry(words.at).or_default().push(row.line);
        }
    }

    /// What the cells of a row say, the narrower columns first; faults are told.
    fn values(&mut self, sheet: &mut Sheet<'_>, row: &Row) -> Vec<(Words, Value)> {
        let mut values = Vec::new();
        for words in &self.columns {
            match value(sheet, &mut self.texts, row, *words) {
                Ok(Some(value)) => values.push((*words, value)),
                Ok(None) => {}
                Err(fault) => sheet.fault(fault, row, words.at),
            }
        }
        values.sort_by_key(|(words, _)| words.scope);
        values
    }

    /// Beside "not performed" a remark is the reason, and the rest goes nowhere. Says whether that
    /// was all.
    fn lay_on_absence(
        &mut self,
        row: &Row,
        values: &mut Vec<(Words, Value)>,
        statements: &mut [Statement],
    ) -> bool {
        let whole = statements.iter_mut().find_map(|one| match &mut one.said {
            Said::Applicability(value, reason) => Some((*value, reason)),
            _ => None,
        });
        let Some((value, reason)) = whole else { return false };
        let wanted: &[Column] = match value.applies() {
            true => &[Column::ApplicabilityReason],
            false => &[Column::ApplicabilityReason, Column::Note],
        };
        for field in wanted {
            let said = values.iter().position(|(words, _)| words.field == *field);
            if let Some((_, Value::Text(text))) = said.map(|at| &values[at]) {
                *reason = with_remark(std::mem::replace(reason, Field::Keep), text.clone());
                values.retain(|(words, _)| words.field != *field);
            }
        }
        if value.applies() {
            return values.is_empty();
        }
        for (words, value) in values.iter() {
            if value.says_something() {
                self.idle.entry(words.at).or_default().push(row.line);
            }
        }
        true
    }

    /// Statements without a level on the channels of the table, for what is known there.
    fn on_what_is_known(
        &self,
        sheet: &Sheet<'_>,
        (row, first): (&Row, Option<usize>),
        about: About,
        statements: &[Statement],
    ) -> Vec<Statement> {
        let said = |channel: ChannelIx| statements.iter().any(|one| one.said.channel() == Some(channel));
        let open = self.channels.iter().copied().filter(|channel| !said(*channel));
        open.map(|channel| Statement {
            line: row.line,
            column: first.and_then(|at| u16::try_from(at).ok()),
            body: about.body,
            procedure: about.procedure,
            source: Source::Own,
            effective: about.on.or(sheet.options.effective),
            said: Said::Readiness(channel, Box::new(only_words())),
        })
        .collect()
    }

    /// Tells where the words went, and which went nowhere.
    pub(super) fn finish(self, sheet: &mut Sheet<'_>) {
        Self::finish_all(std::iter::once(self), sheet);
    }

    /// The same of all the groups of a table, whose headings are told by their lower parts.
    pub(super) fn finish_all(groups: impl Iterator<Item = Self>, sheet: &mut Sheet<'_>) {
        let groups: Vec<Self> = groups.collect();
        let mut told: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for words in groups.iter().flat_map(|group| &group.columns) {
            if words.field == Column::ApplicabilityReason {
                continue;
            }
            let name = sheet.headings.name(words.at);
            let name = match (groups.len(), name.rsplit_once(JOINT)) {
                (2.., Some((_, below))) => below.to_owned(),
                _ => name,
            };
            let named = told.entry(words.goes_to(sheet.catalogue)).or_default();
            let heading = format!("「{name}」");
            if !named.contains(&heading) {
                named.push(heading);
            }
        }
        for (channels, headings) in told {
            sheet.notes.push(format!("{}の列は、{channels}に記録します。", headings.join("")));
        }
        for (at, lines) in groups.iter().flat_map(|group| &group.outdone) {
            let message = format!(
                "{}行目の値は、接点の欄に書かれたアドレスを記録するため、記録しません",
                some_lines(lines)
            );
            let heading = sheet.headings.name(*at);
            let fault = Fault::whole("words_beside_others", message).in_column(*at, &heading);
            sheet.warnings.push(fault.at_line(lines[0]));
        }
        for (at, lines) in groups.into_iter().flat_map(|group| group.idle) {
            let message = format!(
                "{}行目の値は、書き込む接点がその行にないため記録しません（接点の列に印を書くか、見出しに接点を書いてください）",
                some_lines(&lines)
            );
            let heading = sheet.headings.name(at);
            let fault = Fault::whole("words_without_channel", message).in_column(at, &heading);
            sheet.warnings.push(fault.at_line(lines[0]));
        }
    }
}

/// Whether a day from which something is so is told otherwise: what a mark says is planned for it, or what it is of
/// is asked.
fn begins_ahead(
    sheet: &mut Sheet<'_>,
    (row, column): (&Row, usize),
    day: Dated,
    patch: &mut ReadinessPatch,
) -> bool {
    let offered = patch.level.is_some_and(|(level, _)| level > Level::ZERO);
    match sheet.called(row, column) {
        Called::Planned if become_plan(patch, day) => {
            sheet.tell_plan(row, column);
            return true;
        }
        Called::Over if offered => {
            sheet.ask_begun(row, column);
            return true;
        }
        _ => {}
    }
    let unclear = ahead(sheet.headings.meaning(column), day, patch, sheet.options.today) == Ahead::Unclear;
    if unclear {
        sheet.ask_ahead(row, column);
    }
    unclear
}

/// Lines in a few words.
pub(super) fn some_lines(lines: &[u32]) -> String {
    /// So many are enough to see which are meant.
    const SHOWN: usize = 10;
    let shown: Vec<String> = lines.iter().take(SHOWN).map(u32::to_string).collect();
    match lines.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{}ほか{more}", shown.join("、")),
        _ => shown.join("、"),
    }
}

/// A row that states no level: it changes what is known, and nothing else.
fn only_words() -> ReadinessPatch {
    ReadinessPatch { unless_known: Some(Fallback::Words), ..ReadinessPatch::default() }
}
