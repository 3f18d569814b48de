//! Wide tables whose rows are procedures and whose columns are bodies.

use super::columns::{
    Role, Words, above_and_below, channel_below, day_of_rows, role, tell_years_ahead, year_below,
};
use super::end::End;
use super::group;
use super::group::{AllAbout, of_group};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx};
use crate::import::headings::{CHANNEL, Candidates, Headings, NAME, PROCEDURE_ID, PROCEDURE_NAME};
use crate::import::layout::Layout;
use crate::import::layout::beside::About;
use crate::import::layout::head::{FoundHead, Head, Numbers, SaidByTitles};
use crate::import::layout::labels::{is_corner, names_procedures, told, with_rows_around};
use crate::import::layout::marked::{Marks, Origin, Spot, statement};
use crate::import::layout::sheet::{Sheet, column, refuse};
use crate::import::layout::unknown::{Shape, Wanted};
use crate::import::marks::Profile;
use crate::import::resolve::{Bodies, LostZeros, Procedures, Told};
use crate::import::table::no_rows;
use crate::import::{Fault, Options, Reading};

/// Where things stand when rows are procedures.
struct ProcedureRows {
    headings: Headings,
    id: Option<usize>,
    name: Option<usize>,
    /// The columns of marks, whose headings name bodies.
    bodies: Vec<usize>,
    /// The columns of words under the heading of a body.
    words: Vec<usize>,
    /// The columns under the heading of a body of which nobody knows what they say of it.
    open: Vec<usize>,
    /// The column that says which channel or group the cells are about.
    channel: Option<usize>,
}

impl Head for ProcedureRows {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    fn said_by_titles(&self) -> SaidByTitles {
        SaidByTitles { channel: true, ..SaidByTitles::default() }
    }

    fn may_hold_plans(&self) -> bool {
        true
    }

    fn numbers(&self) -> Option<Numbers> {
        Some(Numbers { columns: self.bodies.clone(), levels: Layout::WideProcedures, counts: None })
    }
}

/// Finds a column that names procedures and at least one body.
pub(in crate::import::layout) fn find_procedures(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
) -> Option<FoundHead> {
    let bodies = &Bodies::new(catalogue, &options.names, LostZeros::Judged);
    let procedures = &Procedures::new(catalogue, &options.names);
    let named = |headings: &Headings| {
        let (mut marks, mut words, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for (at, text) in headings.all() {
            let under = under_body(catalogue, bodies, text).map(|(_, role)| role);
            match under.or(names_body(bodies, text).then_some(Role::Marks(None))) {
                Some(Role::Marks(_)) => marks.push(at),
                Some(Role::Words) => words.push(at),
                None if is_open(bodies, text) => open.push(at),
                None => {}
            }
        }
        (marks, words, open)
    };
    let columns = |headings: &Headings| {
        let (id, name) = (column(headings, PROCEDURE_ID), column(headings, PROCEDURE_NAME));
        if id.is_some() || name.is_some() {
            return (id, name.filter(|_| column(headings, NAME).is_none()));
        }
        // 団体 or nothing may stand over the names of the procedures, where all the others name bodies.
        let mut all = headings.all().peekable();
        let corner = match headings.text(0).trim() {
            "" => Some(0).filter(|_| names_procedures(candidates.table, headings, procedures)),
            _ => all.next().filter(|(_, text)| is_corner(text)).map(|(at, _)| at),
        };
        let any = all.peek().is_some();
        (None, corner.filter(|_| any && all.all(|(_, text)| names_body(bodies, text))))
    };
    let headings = candidates.best(|headings| {
        // Most rows name no procedure, and are not looked at further.
        if columns(headings) == (None, None) {
            return 0;
        }
        let (marks, words, open) = named(headings);
        // A row above may say more than nothing.
        let bare = usize::from(headings.text(0).trim().is_empty());
        // Codes over names are not the headings, though bodies are named there too.
        let named = [PROCEDURE_ID, PROCEDURE_NAME].iter().any(|names| column(headings, names).is_some());
        let columns = marks.len() + words.len() + open.len();
        if columns == words.len() { 0 } else { 2 * columns + usize::from(named) - bare }
    })?;
    let (id, name) = columns(&headings);
    let (named, words, open) = named(&headings);
    let label = name.or(id).unwrap_or_default();
    let headings = match words.is_empty() && open.is_empty() {
        true => with_rows_around(candidates.table, options, headings, (label, &named), bodies),
        false => headings,
    };
    let channel = column(&headings, CHANNEL);
    Some(Ok(Box::new(ProcedureRows { headings, id, name, bodies: named, words, open, channel })))
}

fn names_body(bodies: &Bodies<'_>, heading: &str) -> bool {
    let (code, name) = told(heading);
    // A number may be anything, a year among it; only as many digits as a code has say that it is one.
    code.len() == 6
        || (code.len() == 5 && bodies.knows(&code))
        || (!name.is_empty()
            && name.ends_with(['市', '町', '村', '区', '県', '府', '都', '道'])
            && bodies.knows_name(&name))
}

/// The part of a heading that names a body, and what the part below it says of the column.
fn under_body<'h>(catalogue: &Catalogue, bodies: &Bodies<'_>, heading: &'h str) -> Option<(&'h str, Role)> {
    let (above, below) = above_and_below(heading)?;
    let role = role(catalogue, below)?;
    names_body(bodies, above).then_some((above, role))
}

/// Whether a heading names a body above something that nobody knows.
fn is_open(bodies: &Bodies<'_>, heading: &str) -> bool {
    // A body may stand below its prefecture or its city under a name that is none.
    let may_be_above = |above: &str| above.ends_with(['都', '道', '府', '県']);
    above_and_below(heading).is_some_and(|(above, below)| {
        names_body(bodies, above) && !may_be_above(above) && !below.ends_with(['市', '町', '村', '区'])
    })
}

/// Reads a table whose rows are procedures.
///
/// # Errors
///
/// No row with data, a body that stands twice, headings that name no body.
fn read(head: &ProcedureRows, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    let (columns, own) = bodies_of(&mut sheet, head)?;
    let rows = sheet.rows_or_none();
    let about = group::about(&mut sheet, (head.channel, &head.bodies), &rows)?;
    let group = about.and_then(AllAbout::group);
    let of_all = about.map(|about| about.channel(catalogue)).or(options.channel);
    let channel_of_column = |at: usize| {
        let below = above_and_below(head.headings.meaning(at)).map(|(_, below)| below);
        below.and_then(|below| channel_below(catalogue, below)).or(of_all)
    };
    let columns: Vec<(usize, (BodyIx, Option<ChannelIx>))> =
        columns.into_iter().map(|(at, body)| (at, (body, channel_of_column(at)))).collect();
    let marked: Vec<_> = columns.iter().map(|(at, (body, channel))| (*at, *body, *channel)).collect();
    // Of a group it is not known before the plan which channel its words would be about.
    let single: Vec<_> = marked.iter().copied().filter(|_| group.is_none()).collect();
    let mut words = Words::find(catalogue, &head.headings, &own, &single, |one| one.body);
    let undecided = columns.iter().any(|(_, (_, channel))| channel.is_none());
    let year = |at: usize| year_below(&head.headings, at);
    let keys: Vec<_> = columns.iter().map(|(at, key)| (*at, (*key, year(*at)))).collect();
    refuse(
        [sheet.twice(&keys), sheet.twice_named(&[PROCEDURE_ID, PROCEDURE_NAME]), words.twice(&sheet)]
            .concat(),
    )?;
    tell_years_ahead(&mut sheet, &keys);
    let beside = words.columns();
    let effective = day_of_rows(&head.headings, &beside);
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let (part, layout) = (sheet.is_rest(), Some(Layout::WideProcedures));
    let origin = Origin { part, group: group.is_some(), layout, ..Origin::default() };
    let own = options.profile_over(Profile::default_marks());
    let channels = columns.iter().map(|(at, (_, channel))| (*at, *channel));
    let mut marks = Marks::learn(&sheet, own.clone(), &rows, channels, origin);
    let procedures = Procedures::new(catalogue, &options.names);
    let mut statements = Vec::new();
    for row in &rows {
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at));
        let found = procedures.find(text(head.id), text(head.name));
        let on = sheet.day_of(row, effective);
        let mut said = Vec::new();
        for (column, (body, channel)) in &columns {
            let cell = marks.read(&mut sheet, row, *column);
            if let (Ok(procedure), Some(channel)) = (&found, *channel) {
                let spot = Spot { body: *body, procedure: *procedure, channel, column: *column };
                let on = year(*column).or(on);
                said.extend(statement(&sheet, row, spot, cell, on).map(|one| of_group(one, group)));
            }
        }
        sheet.plan_ahead(row, (effective, false), on, &mut said);
        match found {
            Ok(procedure) if !undecided => {
                words.lay(&mut sheet, row, |body| About { body, procedure, on }, &mut said);
            }
            Ok(_) => {}
            Err(fault) => {
                let at = if text(head.id).trim().is_empty() { head.name.or(head.id) } else { head.id };
                sheet.fault(fault, row, at.unwrap_or(0));
            }
        }
        statements.append(&mut said);
    }
    words.finish(&mut sheet);
    let known = |at| {
        [head.id, head.name].contains(&Some(at))
            || (about.is_some() && head.channel == Some(at))
            || beside.contains(&at)
            || effective == Some(at)
            || columns.iter().any(|(known, _)| *known == at)
    };
    let marked: Vec<usize> = columns.iter().map(|(at, _)| *at).collect();
    let wanted = [
        Wanted::Body,
        Wanted::Field("procedure_id", "手続ID"),
        Wanted::Field("procedure_name", "手続名"),
        Wanted::Field("channel", "接点"),
        Wanted::Field("effective_on", "適用日"),
    ];
    let shape = Shape { rows: &rows, known: &known, marked: &marked, wanted: &wanted, profile: &own };
    let end = End { layout: Layout::WideProcedures, undecided, open: &head.open, shape };
    Ok(end.reading(sheet, marks, statements))
}

/// Columns with their bodies.
type OfBodies = Vec<(usize, BodyIx)>;

/// The bodies of the columns of marks, and of those of words.
fn bodies_of(sheet: &mut Sheet<'_>, head: &ProcedureRows) -> Result<(OfBodies, OfBodies), Vec<Fault>> {
    let finder = Bodies::new(sheet.catalogue, &sheet.options.names, LostZeros::Judged);
    let told_of = |at: usize| {
        let text = head.headings.meaning(at);
        told(under_body(sheet.catalogue, &finder, text).map_or(text, |(above, _)| above))
    };
    let columns = head.bodies.iter().chain(&head.words);
    let all: Vec<(usize, (String, String))> = columns.map(|at| (*at, told_of(*at))).collect();
    let bodies = Bodies::new(sheet.catalogue, &sheet.options.names, LostZeros::Judged)
        .learn(all.iter().map(|(_, (code, _))| code.as_str()));
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for (at, (code, name)) in &all {
        let place = |fault: Fault| fault.at_line(head.headings.line).in_column(*at, head.headings.text(*at));
        match bodies.find(Told { code, name, ..Told::default() }) {
            Ok(body) => {
                if head.bodies.contains(at) {
                    sheet.warnings.extend(body.warning.map(|warning| place(Fault::of(warning))));
                }
                found.push((*at, body.body));
            }
            Err(fault) => faults.push(place(fault)),
        }
    }
    refuse(faults)?;
    Ok(found.into_iter().partition(|(at, _)| head.bodies.contains(at)))
}
