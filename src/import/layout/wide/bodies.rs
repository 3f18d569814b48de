//! Wide tables whose rows are bodies and whose columns are procedures.

use super::columns::{
    Role, Words, above_and_below, beside_each, channel_below, day_of_rows, parted, role, tell_years_ahead,
    year_below,
};
use super::end::End;
use super::group;
use super::group::{AllAbout, of_group};
use crate::domain::catalogue::{Catalogue, ChannelIx, ProcedureIx};
use crate::domain::text::{cut, fold_name};
use crate::import::headings::{CHANNEL, CODE, Candidates, Headings, JOINT, NAME, PREFECTURE, pieces_of};
use crate::import::layout::Layout;
use crate::import::layout::beside::About;
use crate::import::layout::body_columns::column_of_names;
use crate::import::layout::channels;
use crate::import::layout::channels::is_desk;
use crate::import::layout::column::Column;
use crate::import::layout::head::{FoundHead, Head, Numbers, SaidByTitles};
use crate::import::layout::marked::{Marks, Origin, Spot, statement};
use crate::import::layout::sheet::{BodyColumns, Sheet, WHOLE_TABLE, column, refuse};
use crate::import::layout::unknown::{Shape, Wanted};
use crate::import::marks::{Cell, Profile};
use crate::import::resolve::Procedures;
use crate::import::table::no_rows;
use crate::import::{Fault, Options, Reading};

/// Where things stand when rows are bodies.
struct BodyRows {
    headings: Headings,
    place: BodyColumns,
    /// The columns of marks with their procedures.
    procedures: Vec<(usize, ProcedureIx)>,
    /// The columns of words under the heading of a procedure.
    words: Vec<(usize, ProcedureIx)>,
    /// The columns under the heading of a procedure of which nobody knows what they say of it.
    open: Vec<usize>,
    /// The column that says which channel or group the cells are about.
    channel: Option<usize>,
}

impl Head for BodyRows {
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
        SaidByTitles { channel: true, ..SaidByTitles::default() }
    }

    fn may_hold_plans(&self) -> bool {
        true
    }

    fn numbers(&self) -> Option<Numbers> {
        Some(Numbers { columns: self.marked(), levels: Layout::WideMunicipalities, counts: None })
    }
}

impl BodyRows {
    /// The columns of marks.
    fn marked(&self) -> Vec<usize> {
        self.procedures.iter().map(|(at, _)| *at).collect()
    }

    /// Whether the headings are those of an export, which has the id and the name of each procedure.
    fn is_ours(&self, catalogue: &Catalogue) -> bool {
        self.procedures.iter().all(|(at, procedure)| {
            let row = catalogue.procedure(*procedure);
            self.headings.meaning(*at) == row.heading()
        })
    }
}

/// The one procedure that a table without any is about by the sender's word.
fn about_one(catalogue: &Catalogue, options: &Options) -> Option<ProcedureIx> {
    let (_, id) = options.names.iter().find(|(name, _)| *name == fold_name(WHOLE_TABLE))?;
    catalogue.procedure_ix(id)
}

/// The headings of states with the one procedure above them of which they speak.
fn below_one(catalogue: &Catalogue, headings: &Headings, one: ProcedureIx) -> Vec<(usize, String)> {
    let id = &catalogue.procedure(one).id;
    let states = headings.all().filter(|(_, text)| {
        channels::about(catalogue, text).is_some() || Column::of_heading(text) == Some(Column::Level)
    });
    states.map(|(at, text)| (at, format!("{id}{JOINT}{text}"))).collect()
}

/// Finds a column that names bodies and at least one procedure.
pub(in crate::import::layout) fn find_bodies(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    let procedures = &Procedures::new(catalogue, &options.names);
    let named = |headings: &Headings| {
        let (mut marks, mut words, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for (at, text) in headings.all() {
            let under = || {
                let (above, below) = above_and_below(text)?;
                let named = |piece| procedures.of_heading(piece);
                Some((pieces_of(above).find_map(named)?, role(catalogue, below)))
            };
            match procedures.of_heading(text).map(|found| (found, Some(Role::Marks(None)))).or_else(under) {
                Some((procedure, Some(Role::Marks(_)))) => marks.push((at, procedure)),
                Some((procedure, Some(Role::Words))) => words.push((at, procedure)),
                Some((_, None)) => open.push(at),
                None => {}
            }
        }
        words.extend(beside_each(catalogue, headings, &marks));
        (marks, words, open)
    };
    let one = about_one(catalogue, options);
    let in_parts = |headings: &Headings| {
        let parts = |(at, text): (usize, &str)| Some((at, parted(catalogue, procedures, text)?));
        let named: Vec<(usize, String)> = headings.all().filter_map(parts).collect();
        let of_one = one.filter(|_| {
            named.is_empty() && headings.all().all(|(_, text)| procedures.of_heading(text).is_none())
        });
        let below = of_one.map(|one| below_one(catalogue, headings, one)).unwrap_or_default();
        headings.clone().parted(named.into_iter().chain(below).collect())
    };
    // Over the names of the bodies there may stand nothing.
    let place_of = |headings: &Headings| {
        let place = BodyColumns::find(headings);
        let bare = || {
            headings.text(0).trim().is_empty()
                && headings.all().all(|(_, text)| procedures.of_heading(text).is_some())
                && column_of_names(candidates.table, headings, catalogue, |at| at == 0).is_some()
        };
        if place.exists() || !bare() { place } else { BodyColumns { name: Some(0), ..place } }
    };
    let headings = candidates.best(|headings| {
        // Most rows name no body, and are not looked at further.
        if !place_of(headings).exists() {
            return 0;
        }
        let (marks, words, open) = named(&in_parts(headings));
        // What stands below a procedure tells its columns apart, whether or not anybody knows it.
        if marks.is_empty() && open.is_empty() { 0 } else { marks.len() + words.len() + open.len() }
    })?;
    let place = place_of(&headings);
    let headings = in_parts(&headings);
    let (procedures, words, open) = named(&headings);
    let channel = column(&headings, CHANNEL);
    Some(Ok(Box::new(BodyRows { headings, place, procedures, words, open, channel })))
}

/// Reads a table whose rows are bodies.
///
/// # Errors
///
/// No row with data, a procedure that stands twice, no word on which channel it is about.
fn read(head: &BodyRows, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    let rows = sheet.rows_or_none();
    let marked = head.marked();
    let about = group::about(&mut sheet, (head.channel, &marked), &rows)?;
    let group = about.and_then(AllAbout::group);
    let columns = match about.map(|about| about.channel(catalogue)) {
        Some(channel) => {
            head.procedures.iter().map(|(at, procedure)| (*at, (*procedure, Some(channel)))).collect()
        }
        None => channels_of(&mut sheet, head)?,
    };
    // Of a group it is not known before the plan which channel its words would be about.
    let single = columns.iter().filter(|_| group.is_none());
    let single: Vec<_> = single.map(|(at, (procedure, channel))| (*at, *procedure, *channel)).collect();
    let mut words = Words::find(catalogue, &head.headings, &head.words, &single, |one| one.procedure);
    let year = |at: usize| year_below(&head.headings, at);
    let keys: Vec<_> = columns.iter().map(|(at, key)| (*at, (*key, year(*at)))).collect();
    refuse([sheet.twice(&keys), sheet.twice_named(&[CODE, NAME, PREFECTURE]), words.twice(&sheet)].concat())?;
    tell_years_ahead(&mut sheet, &keys);
    let beside = words.columns();
    let effective = day_of_rows(&head.headings, &beside);
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let (ours, part, layout) = (head.is_ours(catalogue), sheet.is_rest(), Some(Layout::WideMunicipalities));
    let origin = Origin { ours, part, group: group.is_some(), layout };
    let own = options.profile_over(Profile::default_marks());
    let channels = columns.iter().map(|(at, (_, channel))| (*at, *channel));
    let mut marks = Marks::learn(&sheet, own.clone(), &rows, channels, origin);
    let bodies = sheet.bodies(&rows, &head.place);
    let mut statements = Vec::new();
    let undecided = columns.iter().any(|(_, (_, channel))| channel.is_none());
    for row in &rows {
        let body = sheet.body(&bodies, row, &head.place);
        let mut cells: Vec<Option<Cell>> =
            columns.iter().map(|(column, _)| marks.read(&mut sheet, row, *column)).collect();
        if marks.hang_together() {
            settle(&mut marks, &columns, &mut cells);
        }
        let on = sheet.day_of(row, effective);
        let Some(body) = body else { continue };
        let mut said = Vec::new();
        for ((column, (procedure, channel)), cell) in columns.iter().zip(cells) {
            if let Some(channel) = channel {
                let spot = Spot { body, procedure: *procedure, channel: *channel, column: *column };
                let on = year(*column).or(on);
                said.extend(statement(&sheet, row, spot, cell, on).map(|one| of_group(one, group)));
            }
        }
        sheet.plan_ahead(row, (effective, false), on, &mut said);
        if !undecided {
            words.lay(&mut sheet, row, |procedure| About { body, procedure, on }, &mut said);
        }
        statements.append(&mut said);
    }
    let place = head.place.columns();
    words.finish(&mut sheet);
    let known = |at| {
        place.contains(&Some(at))
            || beside.contains(&at)
            || effective == Some(at)
            || (about.is_some() && head.channel == Some(at))
            || columns.iter().any(|(known, _)| *known == at)
    };
    let of_one = about_one(catalogue, options).is_some();
    let wanted = [
        if of_one { Wanted::Channel } else { Wanted::Procedure },
        Wanted::Field("municipality_code", "団体コード"),
        Wanted::Field("municipality_name", "団体名"),
        Wanted::Field("channel", "接点"),
        Wanted::Field("effective_on", "適用日"),
    ];
    let shape = Shape { rows: &rows, known: &known, marked: &marked, wanted: &wanted, profile: &own };
    let end = End { layout: Layout::WideMunicipalities, undecided, open: &head.open, shape };
    Ok(end.reading(sheet, marks, statements))
}

/// Settles the cells of a row that hang on other channels of the same procedure.
fn settle(
    marks: &mut Marks,
    columns: &[(usize, (ProcedureIx, Option<ChannelIx>))],
    cells: &mut [Option<Cell>],
) {
    let mut procedures: Vec<ProcedureIx> = columns.iter().map(|(_, (procedure, _))| *procedure).collect();
    procedures.sort_unstable();
    procedures.dedup();
    for procedure in procedures {
        let same = columns.iter().zip(cells.iter_mut()).filter(|((_, (other, _)), _)| *other == procedure);
        marks.settle(same.map(|(_, cell)| cell));
    }
}

/// A procedure and the channel it is about, by column.
type Cells = Vec<(usize, (ProcedureIx, Option<ChannelIx>))>;

/// The columns with their channels: what another part of a heading names goes before what is said of the
/// table as a whole.
///
/// # Errors
///
/// Columns without a channel of their own beside others that have one: they are of another, and not of the
/// one that is said of the table.
fn channels_of(sheet: &mut Sheet<'_>, head: &BodyRows) -> Result<Cells, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    // What stands beside the name of the procedure: above it, or below it.
    let above = |at: usize| {
        let (above, below) = above_and_below(head.headings.meaning(at))?;
        let is_mark = |below: &str| role(catalogue, below) == Some(Role::Marks(None));
        match role(catalogue, below) {
            Some(Role::Marks(Some(_))) => Some(below),
            _ if is_mark(below) => Some(above).filter(|above| above.contains(JOINT)),
            _ => Some(above),
        }
    };
    let named: Vec<Option<ChannelIx>> = head
        .procedures
        .iter()
        .map(|(at, _)| above(*at).and_then(|above| channel_above(catalogue, above)))
        .collect();
    let vague = |at: usize| above(at).is_some_and(|above| pieces_of(above).any(is_desk));
    if let Some((at, _)) = head.procedures.iter().find(|(at, _)| vague(*at)) {
        let text = above(*at).unwrap_or_default();
        sheet.notes.push(format!("見出しの「{}」は本庁窓口として読みました。", cut(text, 40)));
    }
    let open =
        head.procedures.iter().zip(&named).filter(|((at, _), named)| named.is_none() && above(*at).is_some());
    if named.iter().any(Option::is_some) {
        let faults: Vec<Fault> = open
            .map(|((at, _), _)| {
                let labels: Vec<&str> =
                    catalogue.channels().iter().map(|channel| channel.label_ja.as_str()).collect();
                let message = "見出しの上の段から、どの接点の列か分かりません";
                Fault::whole("unknown_channel", message)
                    .at_line(head.headings.line)
                    .in_column(*at, head.headings.text(*at))
                    .found(above(*at).unwrap_or_default())
                    .allowing(labels.join("、"))
            })
            .collect();
        refuse(faults)?;
    }
    let columns = head.procedures.iter().zip(named);
    Ok(columns.map(|((at, procedure), named)| (*at, (*procedure, named.or(options.channel)))).collect())
}

/// The channel that a part of an upper heading names.
fn channel_above(catalogue: &Catalogue, above: &str) -> Option<ChannelIx> {
    pieces_of(above).find_map(|part| channel_below(catalogue, part))
}
