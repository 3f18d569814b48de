//! Many municipalities and many procedures, one channel: bodies in the rows and procedures in the
//! columns, or the other way round. A table of bodies may also show the best of a channel group.

use super::marked::{Marks, Origin, Spot, statement};
use super::sheet::{CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, Place, Sheet, channel_of, column};
use super::unknown::{Shape, Wanted};
use super::{Layout, long};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::readiness::Scale;
use crate::domain::text::{cut, fold_for_match, fold_width, unguarded};
use crate::import::headings::{self, Headings, JOINT, pieces_of};
use crate::import::marks::{Cell, Profile, Question};
use crate::import::resolve::{Bodies, LostZeros, Procedures, Told};
use crate::import::table::{Row, Table, no_rows};
use crate::import::{Fault, Options, Reading, Said, Statement};

/// Where things stand when rows are bodies.
pub(super) struct BodyRows {
    pub(super) headings: Headings,
    place: Place,
    procedures: Vec<(usize, ProcedureIx)>,
    /// The column that says which channel or group the cells are about.
    channel: Option<usize>,
}

impl BodyRows {
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
    bodies: Vec<usize>,
}

/// Finds a column that names bodies and at least one procedure.
pub(super) fn find_bodies(table: &Table, options: &Options, procedures: &Procedures<'_>) -> Option<BodyRows> {
    let named = |headings: &Headings| -> Vec<(usize, ProcedureIx)> {
        headings.all().filter_map(|(at, text)| Some((at, procedures.of_heading(text)?))).collect()
    };
    let headings = headings::find(table, options, |headings| {
        let place = Place::find(headings);
        if place.exists() { named(headings).len() } else { 0 }
    })?;
    let place = Place::find(&headings);
    let procedures = named(&headings);
    let channel = column(&headings, CHANNEL);
    Some(BodyRows { headings, place, procedures, channel })
}

/// Finds a column that names procedures and at least one body.
pub(super) fn find_procedures(
    table: &Table,
    options: &Options,
    bodies: &Bodies<'_>,
) -> Option<ProcedureRows> {
    let columns = |headings: &Headings| {
        let (id, name) = (column(headings, PROCEDURE_ID), column(headings, PROCEDURE_NAME));
        (id, name.filter(|_| column(headings, NAME).is_none()))
    };
    let named = |headings: &Headings| -> Vec<usize> {
        headings.all().filter(|(_, text)| names_body(bodies, text)).map(|(at, _)| at).collect()
    };
    let headings = headings::find(table, options, |headings| {
        let (id, name) = columns(headings);
        if id.is_some() || name.is_some() { named(headings).len() } else { 0 }
    })?;
    let (id, name) = columns(&headings);
    let named = named(&headings);
    Some(ProcedureRows { headings, id, name, bodies: named })
}

/// What a heading says of a body: a code, a name, or both.
fn told(heading: &str) -> (String, String) {
    let (mut code, mut name) = (String::new(), String::new());
    for part in fold_width(heading).split(['／', ' ', '\n', '_', ':']).map(str::trim) {
        match part {
            "" => {}
            digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.clone_into(&mut code),
            other => other.clone_into(&mut name),
        }
    }
    (code, name)
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
    let about = about(&mut sheet, head, &rows)?;
    let columns = match about {
        Some(About::Channel(channel)) => all_about(head, channel),
        Some(About::Group(scale)) => all_about(head, channel_on(catalogue, scale)),
        None => channels_above(&mut sheet, head)?,
    };
    let twice = [sheet.twice(&columns), sheet.twice_named(&[CODE, NAME, PREFECTURE])].concat();
    if !twice.is_empty() {
        return Err(twice);
    }
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let group = match about {
        Some(About::Group(scale)) => Some(scale),
        _ => None,
    };
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
        for ((column, (procedure, channel)), cell) in columns.iter().zip(cells) {
            if let (Some(body), Some(channel)) = (body, channel) {
                let spot = Spot { body, procedure: *procedure, channel: *channel, column: *column };
                statements.extend(statement(&sheet, row, spot, cell, None).map(|one| of_group(one, group)));
            }
        }
    }
    let place = head.place.columns();
    let known = |at| {
        place.contains(&Some(at))
            || (about.is_some() && head.channel == Some(at))
            || columns.iter().any(|(known, _)| *known == at)
    };
    let marked: Vec<usize> = columns.iter().map(|(at, _)| *at).collect();
    let wanted = [
        Wanted::Procedure,
        Wanted::Field("municipality_code", "団体コード"),
        Wanted::Field("municipality_name", "団体名"),
    ];
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

/// Headings of the column that says which channel or group a table of bodies is about, folded.
const CHANNEL: &[&str] = &["channel", "接点", "チャネル"];

/// What all cells of a table are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum About {
    Channel(ChannelIx),
    /// The best of the channels of a scale.
    Group(Scale),
}

/// What the column of channels says, where there is one and it says something.
///
/// # Errors
///
/// What is no channel, and rows about different ones.
fn about(sheet: &mut Sheet<'_>, head: &BodyRows, rows: &[&Row]) -> Result<Option<About>, Vec<Fault>> {
    let Some(at) = head.channel else { return Ok(None) };
    let cells = rows.iter().map(|row| (*row, unguarded(row.cell(at).trim())));
    let mut said = cells.filter(|(_, cell)| !cell.is_empty());
    let Some((first, word)) = said.next() else { return Ok(None) };
    if let Some((row, other)) = said.find(|(_, other)| *other != word) {
        let message = format!(
            "{}行目と違う接点の行があります。接点ごとに別のファイルにするか、縦長の表（long）にしてください",
            first.line
        );
        return Err(vec![sheet.at(Fault::whole("mixed_channels", message).found(other), row, at)]);
    }
    let catalogue = sheet.catalogue;
    let group = Scale::of_group(&fold_width(word)).map(About::Group);
    match group.or_else(|| channel_of(catalogue, word).map(About::Channel)) {
        Some(about) => {
            if let About::Group(scale) = about {
                sheet.notes.push(format!(
                    "セルは{}の接点でいちばん高い段階です。今と同じ値は変更なしで、違う値は、申告のある接点が1つならその接点、決まらなければ尋ねます。",
                    scale.label()
                ));
            }
            Ok(Some(about))
        }
        None => {
            let groups = Scale::ALL.iter().map(|scale| scale.group_code());
            let known: Vec<&str> =
                groups.chain(catalogue.channels().iter().map(|row| row.id.as_str())).collect();
            let message = "接点でも接点の群でもありません";
            let fault = Fault::whole("unknown_channel", message).found(word).allowing(known.join("、"));
            Err(vec![sheet.at(fault, first, at)])
        }
    }
}

/// Every column of a table about one channel.
fn all_about(head: &BodyRows, channel: ChannelIx) -> Cells {
    head.procedures.iter().map(|(at, procedure)| (*at, (*procedure, Some(channel)))).collect()
}

/// Some channel of a scale: marks are read by the scale.
fn channel_on(catalogue: &Catalogue, scale: Scale) -> ChannelIx {
    let on_scale = (0..).zip(catalogue.channels()).find(|(_, row)| row.scale == scale);
    on_scale.map(|(ix, _)| ix).unwrap_or_default()
}

/// The same of the best of a group, where the cells show that.
fn of_group(statement: Statement, group: Option<Scale>) -> Statement {
    match group {
        Some(scale) => Statement { said: Said::Group(scale, Box::new(statement.said)), ..statement },
        None => statement,
    }
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
    let columns = bodies_of(&mut sheet, head)?;
    let twice = [sheet.twice(&columns), sheet.twice_named(&[PROCEDURE_ID, PROCEDURE_NAME])].concat();
    if !twice.is_empty() {
        return Err(twice);
    }
    let rows = sheet.rows();
    if rows.is_empty() {
        return Err(vec![no_rows()]);
    }
    let origin = Origin { part: sheet.is_rest(), ..Origin::default() };
    let own = options.profile_over(Profile::default_marks());
    let channels = columns.iter().map(|(at, _)| (*at, options.channel));
    let mut marks = Marks::learn(&sheet, own.clone(), &rows, channels, origin);
    let procedures = Procedures::new(catalogue, &options.names);
    let mut statements = Vec::new();
    for row in &rows {
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at));
        let found = procedures.find(text(head.id), text(head.name));
        for (column, body) in &columns {
            let cell = marks.read(&mut sheet, row, *column);
            if let (Ok(procedure), Some(channel)) = (&found, options.channel) {
                let spot = Spot { body: *body, procedure: *procedure, channel, column: *column };
                statements.extend(statement(&sheet, row, spot, cell, None));
            }
        }
        if let Err(fault) = found {
            let at = if text(head.id).trim().is_empty() { head.name.or(head.id) } else { head.id };
            sheet.fault(fault, row, at.unwrap_or(0));
        }
    }
    let known =
        |at| [head.id, head.name].contains(&Some(at)) || columns.iter().any(|(known, _)| *known == at);
    let marked: Vec<usize> = columns.iter().map(|(at, _)| *at).collect();
    let wanted =
        [Wanted::Body, Wanted::Field("procedure_id", "手続ID"), Wanted::Field("procedure_name", "手続名")];
    sheet.unknown_columns(&Shape {
        rows: &rows,
        known: &known,
        marked: &marked,
        wanted: &wanted,
        profile: &own,
    });
    let end = End { layout: Layout::WideProcedures, undecided: options.channel.is_none(), rows: &rows };
    Ok(end.reading(sheet, marks, statements))
}

/// The bodies of the columns.
fn bodies_of(sheet: &mut Sheet<'_>, head: &ProcedureRows) -> Result<Vec<(usize, BodyIx)>, Vec<Fault>> {
    let codes: Vec<String> = head.bodies.iter().map(|at| told(head.headings.meaning(*at)).0).collect();
    let bodies = Bodies::new(sheet.catalogue, &sheet.options.names, LostZeros::Judged)
        .learn(codes.iter().map(String::as_str));
    let (mut found, mut faults) = (Vec::new(), Vec::new());
    for at in &head.bodies {
        let text = head.headings.text(*at);
        let (code, name) = told(head.headings.meaning(*at));
        let place = |fault: Fault| fault.at_line(head.headings.line).in_column(*at, text);
        match bodies.find(Told { code: &code, name: &name, ..Told::default() }) {
            Ok(body) => {
                sheet.warnings.extend(body.warning.map(|warning| place(Fault::of(warning))));
                found.push((*at, body.body));
            }
            Err(fault) => faults.push(place(fault)),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// A procedure and the channel it is about, by column.
type Cells = Vec<(usize, (ProcedureIx, Option<ChannelIx>))>;

/// The columns with their channels: what an upper part of a heading names goes before what is said of the
/// table as a whole.
///
/// # Errors
///
/// Columns without a channel of their own beside others that have one: they are of another, and not of the
/// one that is said of the table.
fn channels_above(sheet: &mut Sheet<'_>, head: &BodyRows) -> Result<Cells, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    let above = |at: usize| head.headings.meaning(at).rsplit_once(JOINT).map(|(above, _)| above);
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

/// The channel that a part of an upper heading names. 窓口 alone is that of the body's own house, beside
/// other channels of a table.
fn channel_above(catalogue: &Catalogue, above: &str) -> Option<ChannelIx> {
    pieces_of(above).find_map(|part| {
        channel_of(catalogue, part).or_else(|| catalogue.channel_ix("counter").filter(|_| is_desk(part)))
    })
}

fn is_desk(part: &str) -> bool {
    ["窓口", "窓口申請", "来庁"].contains(&fold_for_match(part).as_str())
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
        long::note_undated(&mut sheet.notes, &statements, sheet.options);
        let (understood, questions, profile) = marks.finish(&mut sheet.notes);
        sheet.questions.extend(questions);
        if self.undecided {
            sheet.questions.insert(0, which_channel(sheet.catalogue, self.rows.len()));
            let message =
                "どの接点（オンライン、窓口など）の表か分かりません。接点（channel）を指定してください";
            let fault = Fault::whole("missing_channel", message).allowing("channel=online、counter など");
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

fn which_channel(catalogue: &Catalogue, count: usize) -> Question {
    let choices = catalogue.channels().iter().map(|row| (row.id.to_string(), row.label_ja.clone()));
    let question = Question::about_the_file("channel", "この表はどの接点についてのものですか", choices);
    Question { count, ..question }
}
