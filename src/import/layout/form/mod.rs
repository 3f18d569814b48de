//! One municipality; rows are procedures, columns are channels, cells are marks or levels. What
//! the template gives.

use std::collections::HashSet;

mod both;
mod years;

use super::absence::{dash, read_applicability};
use super::beside::{About, Beside, channel_named_in, is_beside};
use super::head::{FoundHead, Head, Numbers, SaidByTitles};
use super::labels::names_procedures;
use super::marked::{Marks, Origin, Spot, statement};
use super::one_channel::which_column;
use super::products::Products;
use super::sheet::{BodyColumns, Sheet, column, column_where, refuse};
use super::unknown::{Shape, Wanted, may_be_marks};
use super::whose::require_body;
use super::wide::tell_years_ahead;
use super::{Layout, channels, products};
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::readiness::Source;
use crate::domain::text::fold_width;
use crate::import::headings::{
    CHANNEL, CODE, Candidates, EFFECTIVE, Headings, JOINT, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME,
    is_of_facts, pieces_of,
};
use crate::import::layout::column::Column;
use crate::import::marks::{Cell, Meaning, Profile, is_dash};
use crate::import::resolve::{Bodies, Procedures};
use crate::import::table::{Row, Table};
use crate::import::{Blank, Fault, Field, Options, Reading, Said, Statement};
use years::{Part, Years, years_of_channels};

const APPLICABILITY: &[&str] = &["applicability", "該当性"];

/// What its headings name besides body and procedure.
const WANTED: &[Wanted] = &[
    Wanted::Channel,
    Wanted::Field("applicability", "該当性"),
    Wanted::Field("effective_on", "適用日"),
    Wanted::Field("section", "担当課"),
    Wanted::Field("url", "URL"),
    Wanted::Field("system", "システム名"),
    Wanted::Field("note", "備考"),
    Wanted::Field("state", "状態"),
    Wanted::Field("target_level", "目標段階"),
    Wanted::Field("target_on", "目標時期"),
];

/// Where things stand in a form.
struct FormHead {
    headings: Headings,
    place: BodyColumns,
    id: Option<usize>,
    name: Option<usize>,
    applicability: Option<usize>,
    effective: Option<usize>,
    channels: Vec<(usize, ChannelIx)>,
    /// The columns that may be words beside the marks.
    others: Vec<usize>,
}

/// Finds a column that names procedures and at least one channel.
pub(super) fn find(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    let finder = HeadFinder { table: candidates.table, catalogue, options };
    let headings = candidates.best(|headings| {
        let procedure = [PROCEDURE_ID, PROCEDURE_NAME].iter().any(|names| column(headings, names).is_some())
            || finder.has_bare_corner(headings);
        // Most rows have no column of the kind, and are not looked at further. One channel to a row is
        // another layout.
        if !procedure || column(headings, CHANNEL).is_some() {
            return 0;
        }
        let head = finder.head_of(headings.clone());
        if head.channels.is_empty() || head.is_long() || head.is_of_bodies(catalogue) {
            return 0;
        }
        // What stands twice in an upper row says no more than once.
        let known = |text: &str| is_beside(catalogue, text) || channels::about(catalogue, text).is_some();
        let texts: HashSet<&str> =
            headings.all().map(|(_, text)| text.trim()).filter(|text| known(text)).collect();
        texts.len() + 2 + usize::from(head.place.exists())
    })?;
    Some(Ok(Box::new(finder.head_of(headings))))
}

struct HeadFinder<'a> {
    table: &'a Table,
    catalogue: &'a Catalogue,
    options: &'a Options,
}

impl HeadFinder<'_> {
    /// Whether nothing stands over the names of the procedures, beside channels, and nothing but titles above.
    fn has_bare_corner(&self, headings: &Headings) -> bool {
        let channel = |text: &str| channels::about(self.catalogue, text).is_some();
        let mut above = self.table.rows[..headings.rows().start].iter();
        headings.text(0).trim().is_empty()
            && above.all(|row| row.is_empty() || row.only_text().is_some() || is_of_facts(row))
            && headings.all().any(|(_, text)| channel(text))
            && names_procedures(self.table, headings, &Procedures::new(self.catalogue, &self.options.names))
    }

    fn head_of(&self, headings: Headings) -> FormHead {
        let catalogue = self.catalogue;
        let place = BodyColumns::find(&headings);
        let (id, name) = (column(&headings, PROCEDURE_ID), column(&headings, PROCEDURE_NAME));
        let bare = id.is_none() && name.is_none() && self.has_bare_corner(&headings);
        let name = name.or(bare.then_some(0));
        let applicability = column(&headings, APPLICABILITY);
        // A day below a channel is that channel's.
        let effective = column_where(&headings, EFFECTIVE, |text| channels::about(catalogue, text).is_none());
        let taken = [place.code, place.name, place.prefecture, id, name, applicability, effective];
        let mut channels: Vec<(usize, ChannelIx)> = headings
            .all()
            .filter(|(at, text)| !(taken.contains(&Some(*at)) || is_beside(catalogue, text)))
            .filter_map(|(at, text)| match channels::about(catalogue, text)? {
                // The name of a desk may stand there, and its telephone.
                channels::About::Channel(_)
                    if channels::is_desk(text) && !self.holds_marks(headings.next, at) =>
                {
                    None
                }
                channels::About::Channel(channel) => Some((at, channel)),
                channels::About::Below(_) => None,
            })
            .collect();
        channels.extend(years_of_channels(catalogue, &headings, &taken, &channels));
        channels.sort_unstable();
        // What the only column leaves open, the sender may say.
        if let ([(_, only)], Some(said)) = (&mut channels[..], self.options.channel) {
            *only = channels::narrowed(catalogue, *only, said);
        }
        let effective = effective.filter(|at| channel_named_in(&headings, *at, &channels).is_none());
        let taken = [place.code, place.name, place.prefecture, id, name, applicability, effective];
        let others = headings.all().map(|(at, _)| at).filter(|at| !taken.contains(&Some(*at))).collect();
        FormHead { headings, place, id, name, applicability, effective, channels, others }
    }

    /// Whether most of the first cells below the headings are marks, or there are none.
    fn holds_marks(&self, next: usize, at: usize) -> bool {
        /// So many are looked at.
        const ROWS: usize = 50;
        let profile = self.options.profile_over(Profile::default_marks());
        let cells = self.table.rows.iter().skip(next).take(ROWS).map(|row| row.cell(at).trim());
        let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
        cells.iter().filter(|cell| may_be_marks(&profile, cell)).count() * 2 >= cells.len()
    }
}

impl Head for FormHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    fn body_columns(&self) -> BodyColumns {
        self.place
    }

    fn learns_names(&self) -> bool {
        true
    }

    fn name_at(&mut self, column: usize) {
        self.place.name = Some(column);
    }

    fn said_by_titles(&self) -> SaidByTitles {
        SaidByTitles { body: !self.place.exists(), ..SaidByTitles::default() }
    }

    fn may_be_of_the_sender(&self) -> bool {
        true
    }

    fn may_hold_plans(&self) -> bool {
        true
    }

    fn numbers(&self) -> Option<Numbers> {
        Some(Numbers { columns: self.marked(), levels: Layout::Form, counts: None })
    }
}

impl FormHead {
    /// The columns of marks.
    fn marked(&self) -> Vec<usize> {
        self.channels.iter().map(|(at, _)| *at).collect()
    }

    /// Whether bodies stand above the channels: that is another layout.
    fn is_of_bodies(&self, catalogue: &Catalogue) -> bool {
        let body = |piece: &str| !catalogue.names().find(piece, None).bodies.is_empty();
        let above = |at: usize| self.headings.meaning(at).rsplit_once(JOINT).map(|(above, _)| above);
        let mut channels: Vec<ChannelIx> = self.channels.iter().map(|(_, channel)| *channel).collect();
        channels.sort_unstable();
        let twice = channels.windows(2).any(|two| two[0] == two[1]);
        twice
            && self.channels.iter().all(|(at, _)| above(*at).is_some_and(|above| pieces_of(above).any(body)))
    }

    /// Whether a column names the channel of each row: that is another layout. Where several channels
    /// have columns of their own, the column is some other one.
    fn is_long(&self) -> bool {
        let names = |(_, text): &(usize, &str)| Column::of_heading(text) == Some(Column::Channel);
        let level = |at: usize| Column::of_heading(self.headings.meaning(at)) == Some(Column::Level);
        column(&self.headings, CHANNEL).is_some()
            || (self.headings.all().any(|heading| names(&heading))
                && self.channels.iter().all(|(at, _)| level(*at)))
    }
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data, a channel that stands twice, a form that does not say whose it is.
fn read(head: &FormHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    let roles = [CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, APPLICABILITY, EFFECTIVE];
    let products = Products::find(&head.headings, &head.channels);
    let mut channels: Vec<ChannelIx> = Vec::new();
    for (_, channel) in &head.channels {
        if !channels.contains(channel) {
            channels.push(*channel);
        }
    }
    let others = head.headings.all().filter(|(at, _)| head.others.contains(at));
    let beside = Beside::find(catalogue, others, &channels);
    let beside = beside.named_after(&head.headings, &head.channels).right_of(&head.channels);
    let years = Years::find(catalogue, &head.headings, &head.channels);
    let single = head.channels.iter().copied();
    let single: Vec<_> =
        single.filter(|(at, one)| !(products.share(*one) || years.year(*at).is_some())).collect();
    refuse([which_column(&sheet, &single), sheet.twice_named(&roles), beside.twice(&sheet)].concat())?;
    let rows = sheet.rows()?;
    require_body(&sheet, &head.place)?;
    let own = options.profile_over(Profile::default_marks());
    let origin =
        Origin { ours: sheet.is_template(), part: sheet.is_rest(), group: false, layout: Some(Layout::Form) };
    let columns = head.channels.iter().map(|(at, channel)| (*at, Some(*channel)));
    let marks = Marks::learn(&sheet, own.clone(), &rows, columns, origin);
    let bodies = sheet.bodies(&rows, &head.place);
    let procedures = Procedures::new(catalogue, &options.names);
    let whose = sheet.whose(&rows, &head.place, &bodies);
    channels::tell_desk(&mut sheet, &head.channels);
    products.tell(&mut sheet);
    years.tell(&mut sheet);
    let of_years: Vec<_> = head.channels.iter().map(|(at, one)| (*at, (*one, years.year(*at)))).collect();
    tell_years_ahead(&mut sheet, &of_years);
    let mut form = Form { head, sheet, marks, beside, products, years, whose, statements: Vec::new() };
    for row in &rows {
        form.read_row(&bodies, &procedures, row);
    }
    let Form { mut sheet, marks, beside, statements, .. } = form;
    let words: Vec<usize> = beside.columns().collect();
    beside.finish(&mut sheet);
    let taken = [head.id, head.name, head.applicability, head.effective];
    let place = head.place.columns();
    let known = |at| {
        taken.contains(&Some(at))
            || place.contains(&Some(at))
            || words.contains(&at)
            || head.channels.iter().any(|(known, _)| *known == at)
    };
    let marked = head.marked();
    sheet.unknown_columns(&Shape {
        rows: &rows,
        known: &known,
        marked: &marked,
        wanted: WANTED,
        profile: &own,
    });
    sheet.ask_since_when(&statements);
    let (understood, questions, profile) = marks.finish(&mut sheet.notes);
    sheet.questions.extend(questions);
    Ok(Reading { profile: Some(profile), statements, understood, ..sheet.reading(Layout::Form, rows.len()) })
}

struct Form<'a> {
    head: &'a FormHead,
    sheet: Sheet<'a>,
    marks: Marks,
    beside: Beside,
    products: Products,
    years: Years,
    /// The body of all rows, where none says its own.
    whose: Option<BodyIx>,
    statements: Vec<Statement>,
}

impl Form<'_> {
    fn read_row(&mut self, bodies: &Bodies<'_>, procedures: &Procedures<'_>, row: &Row) {
        let FormHead { place, id, name, effective, .. } = *self.head;
        let body = self.whose.or_else(|| self.sheet.body(bodies, row, &place));
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at));
        let procedure = match procedures.find(text(id), text(name)) {
            Ok(procedure) => Some(procedure),
            Err(fault) => {
                let at = if text(id).trim().is_empty() { name.or(id) } else { id };
                self.sheet.fault(fault, row, at.unwrap_or(0));
                None
            }
        };
        let on = match effective.map(|at| self.sheet.day(row, at)) {
            Some(Err(fault)) => {
                self.sheet.faults.push(fault);
                None
            }
            Some(Ok(on)) => on,
            None => None,
        };
        let cells = self.cells(row);
        let whole = self.applicability(row);
        let (Some(body), Some(procedure)) = (body, procedure) else { return };
        let (mut whole, mut newest) = (whole, Vec::new());
        for Part { year, cells, is_newest } in self.years.parts(cells) {
            let cells = self.settled(cells);
            let (cells, best) = self.products.best(cells);
            let whole = if is_newest { whole.take() } else { None };
            let day = year.or(on);
            let Some(mut said) = self.state(row, (body, procedure), whole, &cells, day) else { return };
            self.sheet.plan_ahead(row, (effective, false), on, &mut said);
            products::name(self.sheet.headings, &best, &mut said);
            if is_newest { &mut newest } else { &mut self.statements }.append(&mut said);
        }
        self.beside.lay(&mut self.sheet, row, About { body, procedure, on }, &mut newest);
        self.statements.append(&mut newest);
    }

    /// The cells of a row that hang on each other, settled.
    fn settled(&mut self, mut cells: products::Cells) -> products::Cells {
        if self.marks.hang_together() {
            self.marks.settle(cells.iter_mut().map(|(.., cell)| cell));
        }
        cells
    }

    /// The marks of a row, by column.
    fn cells(&mut self, row: &Row) -> products::Cells {
        let read = |(column, channel): &(usize, ChannelIx)| {
            (*column, *channel, self.marks.read(&mut self.sheet, row, *column))
        };
        self.head.channels.iter().map(read).collect()
    }

    /// What the row says of the procedure as a whole, and in which column.
    fn applicability(&mut self, row: &Row) -> Option<(usize, Applicability)> {
        let column = self.head.applicability?;
        let text = fold_width(row.cell(column));
        if text.is_empty() {
            return None;
        }
        let value = read_applicability(self.sheet.headings.text(column), &text);
        match (self.marks.said(&text), value) {
            (Some(Meaning::Applicability(value)), _) | (_, Some(value)) => Some((column, value)),
            (Some(Meaning::Nothing), None) => None,
            _ if is_dash(&text) => {
                let fault = dash(&self.heading(column)).found(row.cell(column));
                self.sheet.fault(fault, row, column);
                None
            }
            _ => {
                let allowed: Vec<&str> = Applicability::ALL.iter().map(|value| value.label()).collect();
                let fault = Fault::whole("unknown_code", "該当性が分かりません")
                    .found(&text)
                    .allowing(allowed.join("、"));
                self.sheet.fault(fault, row, column);
                None
            }
        }
    }

    fn heading(&self, column: usize) -> String {
        self.sheet.headings.text(column).replace('\n', "")
    }

    /// What the marks of a row state; nothing where they contradict each other.
    fn state(
        &mut self,
        row: &Row,
        (body, procedure): (BodyIx, ProcedureIx),
        whole: Option<(usize, Applicability)>,
        cells: &[(usize, ChannelIx, Option<Cell>)],
        on: Option<Dated>,
    ) -> Option<Vec<Statement>> {
        let marked: Vec<(usize, Applicability)> = cells
            .iter()
            .filter_map(|(column, _, cell)| match cell.as_ref()?.meaning {
                Meaning::Applicability(value) => Some((*column, value)),
                _ => None,
            })
            .collect();
        let said: Vec<(usize, Applicability)> = whole.into_iter().chain(marked).collect();
        if let Some((other, value)) = said.iter().find(|(_, value)| *value != said[0].1) {
            let message = format!(
                "「{}」列は{}なのに、「{}」列は{}です。どちらかに揃えてください",
                self.heading(said[0].0),
                said[0].1.label(),
                self.heading(*other),
                value.label(),
            );
            let fault = Fault::whole("contradiction", message).found(row.cell(*other));
            self.sheet.fault(fault, row, *other);
            return None;
        }
        let absent = said.first().copied().filter(|(_, value)| !value.applies());
        let level = cells.iter().find(|(_, _, cell)| {
            cell.as_ref()
                .is_some_and(|cell| !matches!(cell.meaning, Meaning::Applicability(_) | Meaning::Note))
        });
        if let (Some((column, value)), Some((other, ..))) = (absent, level) {
            let message = format!(
                "「{}」列は{}なのに、「{}」列は {} です。どちらかを消してください",
                self.heading(column),
                value.label(),
                self.heading(*other),
                row.cell(*other).trim(),
            );
            self.sheet.fault(Fault::whole("contradiction", message).found(row.cell(*other)), row, *other);
            return None;
        }
        if self.says_both(row, cells) {
            return None;
        }
        let mut statements = Vec::new();
        if let Some((column, value)) = absent.or(whole) {
            // A reason or a day may stand beside the mark.
            let cell = cells.iter().find(|(at, ..)| *at == column).and_then(|(.., cell)| cell.as_ref());
            let reason = cell.and_then(|cell| cell.note.clone()).map_or(Field::Keep, Field::Set);
            statements.push(Statement {
                line: row.line,
                column: u16::try_from(column).ok(),
                body,
                procedure,
                source: Source::Own,
                effective: cell.and_then(|cell| cell.since).or(on).or(self.sheet.options.effective),
                said: Said::Applicability(value, reason),
            });
        }
        let silent = cells.iter().all(|(.., cell)| cell.is_none());
        if let (None, true, Some(column), Blank::Clear) =
            (absent.or(whole), silent, self.head.applicability, self.sheet.options.blank)
        {
            // What was said of the procedure as a whole is taken back by an empty cell as a level is.
            statements.push(Statement {
                line: row.line,
                column: u16::try_from(column).ok(),
                body,
                procedure,
                source: Source::Own,
                effective: on.or(self.sheet.options.effective),
                said: Said::Withdrawn(None),
            });
        }
        for (column, channel, cell) in cells {
            if absent.is_some() && cell.as_ref().is_some_and(|cell| cell.meaning == Meaning::Note) {
                let text = row.cell(*column).trim();
                let message = "実施しない手続の行のため、備考として記録しません";
                let warning = Refusal::new("note_beside_absence", text, message, "a note without a level");
                self.sheet.warn(warning, row, *column);
            }
            if absent.is_some()
                || matches!(cell.as_ref().map(|cell| cell.meaning), Some(Meaning::Applicability(_)))
            {
                continue;
            }
            let spot = Spot { body, procedure, channel: *channel, column: *column };
            statements.extend(statement(&self.sheet, row, spot, cell.clone(), on));
        }
        Some(statements)
    }
}
