//! Many municipalities and many procedures, one channel: bodies in the rows and procedures in the
//! columns, or the other way round. A table of bodies may also show the best of a channel group.

mod columns;
mod group;

use super::Layout;
use super::beside::{About, is_beside};
use super::channels::is_desk;
use super::labels::{is_corner, told, with_rows_around};
use super::marked::{Marks, Origin, Spot, statement};
use super::place::column_of_names;
use super::sheet::{
    CHANNEL, CODE, EFFECTIVE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, Place, Sheet, column,
    column_where, which_channel,
};
use super::unknown::{Shape, Wanted};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::text::cut;
use crate::import::headings::{Candidates, Headings, JOINT, pieces_of};
use crate::import::marks::{Cell, Profile, Question};
use crate::import::resolve::{Bodies, LostZeros, Procedures, Told};
use crate::import::table::{Row, Table, no_rows};
use crate::import::{Fault, Options, Reading, Statement};
use columns::{Role, Words, above_and_below, beside_each, channel_below, parted, role, year_of};
use group::{AllAbout, of_group};

/// Where things stand when rows are bodies.
pub(super) struct BodyRows {
    pub(super) headings: Headings,
    pub(super) place: Place,
    /// The columns of marks with their procedures.
    procedures: Vec<(usize, ProcedureIx)>,
    /// The columns of words under the heading of a procedure.
    words: Vec<(usize, ProcedureIx)>,
    /// The column that says which channel or group the cells are about.
    channel: Option<usize>,
}

impl BodyRows {
    /// The columns of marks.
    pub(super) fn marked(&self) -> impl Iterator<Item = usize> {
        self.procedures.iter().map(|(at, _)| *at)
    }

    /// Whether the headings are those of an export, which has the id and the name of each procedure.
    fn is_ours(&self, catalogue: &Catalogue) -> bool {
        self.procedures.iter().all(|(at, procedure)| {
            let row = catalogue.procedure(*procedure);
            self.headings.meaning(*at) == row.heading()
        })
    }
}

/// Where things stand when rows are procedures.
pub(super) struct ProcedureRows {
    pub(super) headings: Headings,
    id: Option<usize>,
    name: Option<usize>,
    /// The columns of marks, whose headings name bodies.
    bodies: Vec<usize>,
    /// The columns of words under the heading of a body.
    words: Vec<usize>,
    /// The column that says which channel or group the cells are about.
    channel: Option<usize>,
}

impl ProcedureRows {
    /// The columns of marks.
    pub(super) fn marked(&self) -> impl Iterator<Item = usize> {
        self.bodies.iter().copied()
    }
}

/// Finds a column that names bodies and at least one procedure.
pub(super) fn find_bodies(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    procedures: &Procedures<'_>,
) -> Option<BodyRows> {
    let named = |headings: &Headings| {
        let (mut marks, mut words) = (Vec::new(), Vec::new());
        for (at, text) in headings.all() {
            let under = || {
                let (above, below) = above_and_below(text)?;
                let named = |piece| procedures.of_heading(piece);
                Some((pieces_of(above).find_map(named)?, role(catalogue, below)?))
            };
            match procedures.of_heading(text).map(|found| (found, Role::Marks(None))).or_else(under) {
                Some((procedure, Role::Marks(_))) => marks.push((at, procedure)),
                Some((procedure, Role::Words)) => words.push((at, procedure)),
                None => {}
            }
        }
        words.extend(beside_each(catalogue, headings, &marks));
        (marks, words)
    };
    let in_parts = |headings: &Headings| {
        let parts = |(at, text): (usize, &str)| Some((at, parted(catalogue, procedures, text)?));
        headings.clone().parted(headings.all().filter_map(parts).collect())
    };
    // Over the names of the bodies there may stand nothing.
    let place_of = |headings: &Headings| {
        let place = Place::find(headings);
        let bare = || {
            headings.text(0).trim().is_empty()
                && headings.all().all(|(_, text)| procedures.of_heading(text).is_some())
                && column_of_names(candidates.table, headings, catalogue, |at| at == 0).is_some()
        };
        if place.exists() || !bare() { place } else { Place { name: Some(0), ..place } }
    };
    let headings = candidates.best(|headings| {
        // Most rows name no body, and are not looked at further.
        if !place_of(headings).exists() {
            return 0;
        }
        let (marks, words) = named(&in_parts(headings));
        if marks.is_empty() { 0 } else { marks.len() + words.len() }
    })?;
    let place = place_of(&headings);
    let headings = in_parts(&headings);
    let (procedures, words) = named(&headings);
    let channel = column(&headings, CHANNEL);
    Some(BodyRows { headings, place, procedures, words, channel })
}

/// Finds a column that names procedures and at least one body.
pub(super) fn find_procedures(
    candidates: &Candidates<'_>,
    catalogue: &Catalogue,
    options: &Options,
    (bodies, procedures): (&Bodies<'_>, &Procedures<'_>),
) -> Option<ProcedureRows> {
    let named = |headings: &Headings| {
        let (mut marks, mut words) = (Vec::new(), Vec::new());
        for (at, text) in headings.all() {
            let under = under_body(catalogue, bodies, text).map(|(_, role)| role);
            match under.or(names_body(bodies, text).then_some(Role::Marks(None))) {
                Some(Role::Marks(_)) => marks.push(at),
                Some(Role::Words) => words.push(at),
                None => {}
            }
        }
        (marks, words)
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
        let (marks, words) = named(headings);
        // A row above may say more than nothing.
        let bare = usize::from(headings.text(0).trim().is_empty());
        if marks.is_empty() { 0 } else { 2 * (marks.len() + words.len()) - bare }
    })?;
    let (id, name) = columns(&headings);
    let (named, words) = named(&headings);
    let label = name.or(id).unwrap_or_default();
    let headings = match words.is_empty() {
        true => with_rows_around(candidates.table, options, headings, (label, &named), bodies),
        false => headings,
    };
    let channel = column(&headings, CHANNEL);
    Some(ProcedureRows { headings, id, name, bodies: named, words, channel })
}

/// Whether most of the first cells below the headings name procedures.
fn names_procedures(table: &Table, headings: &Headings, procedures: &Procedures<'_>) -> bool {
    /// So many are looked at.
    const ROWS: usize = 50;
    let cells = table.rows.iter().skip(headings.next).take(ROWS).map(|row| row.cell(0).trim());
    let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
    let named = cells.iter().filter(|cell| procedures.of_heading(cell).is_some()).count();
    named * 2 > cells.len()
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

/// Reads a table whose rows are bodies.
///
/// # Errors
///
/// No row with data, a procedure that stands twice, no word on which channel it is about.
pub(super) fn read_bodies(
    table: &Table,
    head: &BodyRows,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    let mut sheet = Sheet::new(table, &head.headings, catalogue, options);
    let rows = sheet.rows();
    let marked: Vec<usize> = head.marked().collect();
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
    let year = |at: usize| above_and_below(head.headings.meaning(at)).and_then(|(_, below)| year_of(below));
    let keys: Vec<_> = columns.iter().map(|(at, key)| (*at, (*key, year(*at)))).collect();
    let twice =
        [sheet.twice(&keys), sheet.twice_named(&[CODE, NAME, PREFECTURE]), words.twice(&sheet)].concat();
    if !twice.is_empty() {
        return Err(twice);
    }
    let ahead = years_ahead(&sheet, &keys);
    if !ahead.is_empty() {
        return Err(ahead);
    }
    // One day for all marks of a row.
    let beside = words.columns();
    let effective = column_where(&head.headings, EFFECTIVE, |text| !text.contains(JOINT));
    let effective = effective.filter(|at| !beside.contains(at));
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let origin = Origin { ours: head.is_ours(catalogue), part: sheet.is_rest(), group: group.is_some() };
    let own = options.profile_over(Profile::default_marks());
    let channels = columns.iter().map(|(at, (_, channel))| (*at, *channel));
    let mut marks = Marks::learn(&sheet, own.clone(), &rows, channels, origin);
    let codes = rows.iter().map(|row| head.place.told(row).code);
    let bodies = Bodies::new(catalogue, &options.names, LostZeros::Judged).learn(codes);
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
        sheet.plan_ahead(effective, on, &mut said);
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
    let wanted = [
        Wanted::Procedure,
        Wanted::Field("municipality_code", "団体コード"),
        Wanted::Field("municipality_name", "団体名"),
    ];
    let unplaced = sheet.unplaced(&rows, &known, |text| is_beside(catalogue, text));
    let known = |at| known(at) || unplaced.contains(&at);
    sheet.unknown_columns(&Shape {
        rows: &rows,
        known: &known,
        marked: &marked,
        wanted: &wanted,
        profile: &own,
    });
    let end = End { layout: Layout::WideMunicipalities, undecided, rows: &rows };
    Ok(end.reading(sheet, marks, statements))
}

/// Faults of columns of years that are not over: what stands there is planned, or is of today.
fn years_ahead<K>(sheet: &Sheet<'_>, columns: &[(usize, (K, Option<Dated>))]) -> Vec<Fault> {
    let today = sheet.options.today;
    let ahead = columns.iter().filter(|(_, (_, year))| year.is_some_and(|year| year.on > today));
    ahead
        .map(|(at, _)| {
            let text = sheet.headings.text(*at);
            let message = "まだ終わっていない年度の列です。今の状況なら見出しの年度を消し、予定なら「目標時期」などの列にしてください";
            Fault::whole("year_ahead", message)
                .at_line(sheet.headings.line)
                .in_column(*at, text)
                .found(text)
                .allowing("終わった年度、または列を取り込まない指定（ignore）")
        })
        .collect()
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

/// Reads a table whose rows are procedures.
///
/// # Errors
///
/// No row with data, a body that stands twice, headings that name no body.
pub(super) fn read_procedures(
    table: &Table,
    head: &ProcedureRows,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    let mut sheet = Sheet::new(table, &head.headings, catalogue, options);
    let (columns, own) = bodies_of(&mut sheet, head)?;
    let rows = sheet.rows();
    let marked: Vec<usize> = head.marked().collect();
    let about = group::about(&mut sheet, (head.channel, &marked), &rows)?;
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
    let twice =
        [sheet.twice(&columns), sheet.twice_named(&[PROCEDURE_ID, PROCEDURE_NAME]), words.twice(&sheet)]
            .concat();
    if !twice.is_empty() {
        return Err(twice);
    }
    let beside = words.columns();
    let effective = column_where(&head.headings, EFFECTIVE, |text| !text.contains(JOINT));
    let effective = effective.filter(|at| !beside.contains(at));
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let origin = Origin { part: sheet.is_rest(), group: group.is_some(), ..Origin::default() };
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
                said.extend(statement(&sheet, row, spot, cell, on).map(|one| of_group(one, group)));
            }
        }
        sheet.plan_ahead(effective, on, &mut said);
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
    let wanted =
        [Wanted::Body, Wanted::Field("procedure_id", "手続ID"), Wanted::Field("procedure_name", "手続名")];
    let unplaced = sheet.unplaced(&rows, &known, |text| is_beside(catalogue, text));
    let known = |at| known(at) || unplaced.contains(&at);
    sheet.unknown_columns(&Shape {
        rows: &rows,
        known: &known,
        marked: &marked,
        wanted: &wanted,
        profile: &own,
    });
    let end = End { layout: Layout::WideProcedures, undecided, rows: &rows };
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
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(found.into_iter().partition(|(at, _)| head.bodies.contains(at)))
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
            _ if is_mark(below) => above_and_below(above).map(|(above, _)| above),
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
        if !faults.is_empty() {
            return Err(faults);
        }
    }
    let columns = head.procedures.iter().zip(named);
    Ok(columns.map(|((at, procedure), named)| (*at, (*procedure, named.or(options.channel)))).collect())
}

/// The channel that a part of an upper heading names.
fn channel_above(catalogue: &Catalogue, above: &str) -> Option<ChannelIx> {
    pieces_of(above).find_map(|part| channel_below(catalogue, part))
}

/// The end of both.
struct End<'a> {
    layout: Layout,
    /// Whether nobody said which channel the table is about.
    undecided: bool,
    rows: &'a [&'a Row],
}

impl End<'_> {
    fn reading(self, mut sheet: Sheet<'_>, marks: Marks, statements: Vec<Statement>) -> Reading {
        sheet.ask_since_when(&statements);
        let (understood, questions, profile) = marks.finish(&mut sheet.notes);
        sheet.questions.extend(questions);
        if self.undecided {
            let question = which_channel(sheet.catalogue);
            sheet.questions.insert(0, Question { count: self.rows.len(), ..question });
            let message =
                "どの接点（オンライン、窓口など）の表か分かりません。接点（channel）を指定してください";
            let fault = Fault::whole("missing_channel", message)
                .allowing("channel=online、counter など")
                .asked_elsewhere();
            // Told at each row, so that none of them is left out without a word.
            sheet.faults.extend(self.rows.iter().map(|row| fault.clone().at_line(row.line)));
        }
        Reading {
            profile: Some(profile),
            statements,
            understood,
            ..sheet.reading(self.layout, self.rows.len())
        }
    }
}
