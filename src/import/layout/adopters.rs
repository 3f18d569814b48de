//! A list of only those who have something: 導入団体一覧, 採用団体. Each body of it gets the level that the
//! sender says, on one channel, for a set of procedures; a body that is not listed gets nothing, and
//! never level 0.

use super::Layout;
use super::beside::{About, Beside, is_beside};
use super::head::{FoundHead, Head};
use super::listed::ask_about_states;
use super::sheet::{BodyColumns, Sheet, column, refuse, which_channel};
use super::unknown::{Shape, Wanted};
use crate::domain::catalogue::{Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::Dated;
use crate::domain::procedure::Category;
use crate::domain::readiness::{Level, Scale, Source};
use crate::domain::text::{fold_for_match, fold_name};
use crate::import::headings::{Candidates, EFFECTIVE, Headings, PROCEDURE_ID, PROCEDURE_NAME, remarks_above};
use crate::import::marks::{Cell, Choice, Meaning, Profile, Question, said};
use crate::import::resolve::{Procedures, procedures_between};
use crate::import::rows::Speaks;
use crate::import::table::Row;
use crate::import::{Fault, Options, Reading, Statement};

/// The mark of a body that is listed, as the sender speaks of it.
pub(super) const LISTED: &str = "掲載";
/// The name of what the list is about, as the sender speaks of it.
const LIST: &str = "一覧";

/// Headings of the day since when a body has it, folded, besides those of all layouts.
const SINCE: &[&str] = &[
    "導入年月",
    "導入年月日",
    "導入日",
    "導入時期",
    "採用年月",
    "採用時期",
    "開始年月",
    "開始時期",
    "運用開始年月",
];

/// Where things stand in such a list.
struct AdoptersHead {
    headings: Headings,
    place: BodyColumns,
    since: Option<usize>,
    /// Id and name of the procedure that a row is about.
    procedure: (Option<usize>, Option<usize>),
}

impl AdoptersHead {
    /// Whether each row says of which procedure it is.
    fn is_by_row(&self) -> bool {
        self.procedure != (None, None)
    }
}

/// Finds a column that names bodies, where it or a title calls them those who have something, or the sender
/// does.
pub(super) fn find(candidates: &Candidates<'_>, _: &Catalogue, options: &Options) -> Option<FoundHead> {
    let named = options.layout == Some(Layout::Adopters);
    let headings = candidates.best(|headings| {
        let place = BodyColumns::find(headings);
        let calls = place.name.is_some_and(|at| calls_adopters(headings.meaning(at)));
        match (place.exists(), named || calls) {
            (true, true) => 1 + place.columns().iter().flatten().count(),
            // A title above may say it.
            (true, false)
                if remarks_above(candidates.table, headings).iter().any(|text| calls_adopters(text)) =>
            {
                1
            }
            _ => 0,
        }
    })?;
    let place = BodyColumns::find(&headings);
    let since = column(&headings, SINCE).or_else(|| column(&headings, EFFECTIVE));
    let procedure = (column(&headings, PROCEDURE_ID), column(&headings, PROCEDURE_NAME));
    Some(Ok(Box::new(AdoptersHead { headings, place, since, procedure })))
}

impl Head for AdoptersHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    /// Whoever is listed has it.
    fn speaks(&self) -> Speaks {
        Speaks { empty: true, ..Speaks::default() }
    }
}

/// Whether a text speaks of bodies that have something: 導入団体, AI・RPA導入済み自治体一覧.
fn calls_adopters(text: &str) -> bool {
    const DID: [&str; 4] = ["導入", "採用", "実施", "利用"];
    const WHO: [&str; 4] = ["団体", "自治体", "市区町村", "市町村"];
    let folded = fold_for_match(text).replace("済み", "").replace('済', "");
    DID.iter().any(|did| WHO.iter().any(|who| folded.contains(&format!("{did}{who}"))))
}

/// The procedures of a set that a sender names: an edition of the national list, a category, or one
/// procedure.
fn set_of(catalogue: &Catalogue, id: &str) -> Vec<ProcedureIx> {
    if let Some(members) = catalogue.members(id) {
        return members.to_vec();
    }
    match id.parse::<Category>() {
        Ok(category) => {
            let all = (0..).zip(catalogue.procedures());
            all.filter(|(_, row)| row.category == category).map(|(ix, _)| ix).collect()
        }
        Err(_) => catalogue.procedure_ix(id).into_iter().collect(),
    }
}

/// What the sender says of all bodies of the list.
struct SaidOfAll {
    channel: ChannelIx,
    meaning: Meaning,
    procedures: Vec<ProcedureIx>,
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data, and what the sender must say first: the channel, the level, the procedures.
fn read(head: &AdoptersHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (catalogue, options) = (sheet.catalogue, sheet.options);
    let rows = sheet.rows()?;
    let of_all = said_of_all(catalogue, options, head.is_by_row())?;
    let names = Procedures::new(catalogue, &options.names);
    let place = head.place.columns();
    let words = head.headings.all().filter(|(at, text)| {
        let known = [head.since, head.procedure.0, head.procedure.1];
        !known.contains(&Some(*at)) && !place.contains(&Some(*at)) && is_beside(catalogue, text)
    });
    let mut beside = Beside::find(catalogue, words, &[of_all.channel]).of_one_row();
    refuse(beside.twice(&sheet))?;
    let bodies = sheet.bodies(&rows, &head.place);
    let mut statements = Vec::new();
    for row in &rows {
        let body = sheet.body(&bodies, row, &head.place);
        let on = since(&mut sheet, row, head.since);
        let Some(body) = body else { continue };
        let own = match head.is_by_row().then(|| of_row(&names, row, head.procedure)) {
            None => None,
            Some(Ok(own)) => Some(own),
            Some(Err(fault)) => {
                sheet.fault(fault, row, head.procedure.1.or(head.procedure.0).unwrap_or_default());
                continue;
            }
        };
        let before = sheet.faults.len();
        for procedure in own.as_ref().unwrap_or(&of_all.procedures) {
            let about = About { body, procedure: *procedure, on };
            let mut own: Vec<Statement> = of_all.statement(&sheet, row, &about).into_iter().collect();
            sheet.plan_ahead(row, (head.since, false), on, &mut own);
            beside.lay(&mut sheet, row, about, &mut own);
            statements.append(&mut own);
        }
        // What is wrong with a row is wrong once, however many procedures it is about.
        let told = sheet.faults.split_off(before);
        for fault in told {
            if !sheet.faults[before..].contains(&fault) {
                sheet.faults.push(fault);
            }
        }
    }
    let read: Vec<usize> = beside.columns().collect();
    beside.finish(&mut sheet);
    let known = |at| {
        let own = [head.since, head.procedure.0, head.procedure.1];
        place.contains(&Some(at)) || own.contains(&Some(at)) || read.contains(&at)
    };
    let states = ask_about_states(&mut sheet, &rows, &known);
    let known = |at| known(at) || states.contains(&at);
    let own = options.profile_over(Profile::default_marks());
    let wanted = [
        Wanted::Field("municipality_code", "団体コード"),
        Wanted::Field("effective_on", "適用日"),
        Wanted::Field("system", "システム名"),
        Wanted::Field("url", "URL"),
        Wanted::Field("note", "備考"),
    ];
    sheet.unknown_columns(&Shape { rows: &rows, known: &known, marked: &[], wanted: &wanted, profile: &own });
    sheet.notes.push(of_all.told(catalogue));
    sheet.ask_since_when(&statements);
    Ok(Reading { statements, ..sheet.reading(Layout::Adopters, rows.len()) })
}

/// The procedures of a row: the one of its cell, or several with a comma between them.
///
/// # Errors
///
/// A name of none or of several.
fn of_row(
    names: &Procedures<'_>,
    row: &Row,
    (id, name): (Option<usize>, Option<usize>),
) -> Result<Vec<ProcedureIx>, Fault> {
    let text = |at: Option<usize>| at.map_or("", |at| row.cell(at).trim());
    let whole = names.find(text(id), text(name)).map(|found| vec![found]);
    let commas = ['、', ',', '，', '\n', ';', '；'];
    let parts: Vec<&str> = text(name).split(commas).map(str::trim).filter(|part| !part.is_empty()).collect();
    if whole.is_ok() || !text(id).is_empty() {
        return whole;
    }
    // A stroke or a dot may also be part of a name.
    if let Some(found) = procedures_between(text(name), |part| names.find("", part).ok()) {
        return Ok(found);
    }
    if parts.len() < 2 {
        return whole;
    }
    parts.into_iter().map(|part| names.find("", part)).collect()
}

/// The day of a row; a fault is told.
fn since(sheet: &mut Sheet<'_>, row: &Row, at: Option<usize>) -> Option<Dated> {
    match sheet.day(row, at?) {
        Ok(day) => day,
        Err(fault) => {
            sheet.faults.push(fault);
            None
        }
    }
}

fn said_of_all(catalogue: &Catalogue, options: &Options, by_row: bool) -> Result<SaidOfAll, Vec<Fault>> {
    let mut faults = Vec::new();
    if options.channel.is_none() {
        let message = "どの接点（オンライン、窓口など）を持つ団体の一覧か分かりません。接点（channel）を指定してください";
        let fault = Fault::whole("missing_channel", message).allowing("channel=online、counter など");
        faults.push(fault.asking(which_channel(catalogue)));
    }
    let scale = options.channel.map(|channel| catalogue.channel(channel).scale);
    let profile = options.profile_over(Profile::default_marks());
    let meaning = profile.said(LISTED, scale);
    let meaning = meaning.filter(|meaning| matches!(meaning, Meaning::Level(..) | Meaning::Planned(_)));
    if meaning.is_none() {
        let message = "一覧にある団体の段階が分かりません。「掲載」の意味（marks）を指定してください";
        let fault = Fault::whole("missing_level", message).allowing("marks=掲載=3+、掲載=4 など");
        faults.push(fault.asking(which_level(scale)));
    }
    let sets = options.names.iter().filter(|(name, _)| *name == fold_name(LIST));
    let mut procedures: Vec<ProcedureIx> = sets.flat_map(|(_, id)| set_of(catalogue, id)).collect();
    procedures.sort_unstable();
    procedures.dedup();
    if by_row {
        procedures.clear();
    } else if procedures.is_empty() {
        let message = "どの手続についての一覧か分かりません。「一覧」の手続（names）を指定してください";
        let fault = Fault::whole("missing_procedure", message)
            .allowing("names=一覧=手続ID、分野（kosodate など）、手続一覧（priority56 など）");
        faults.push(fault.asking(which_procedures(catalogue)));
    }
    match (options.channel, meaning) {
        (Some(channel), Some(meaning)) if faults.is_empty() => Ok(SaidOfAll { channel, meaning, procedures }),
        _ => Err(faults),
    }
}

fn which_level(scale: Option<Scale>) -> Question {
    let meanings = std::iter::once(Meaning::Level(Level::THREE, true))
        .chain(Level::all().filter(|level| *level > Level::ZERO).map(|level| Meaning::Level(level, false)))
        .chain([Meaning::Planned(None)]);
    let choice = |meaning: Meaning| Choice {
        parameter: "marks".to_owned(),
        value: format!("{LISTED}={}", meaning.code()),
        label: meaning.label(scale),
    };
    let choices = meanings.map(choice).collect();
    let question = Question::about_the_file("marks", "一覧にある団体は、どの段階ですか", []);
    Question { mark: LISTED.to_owned(), choices, ..question }
}

fn which_procedures(catalogue: &Catalogue) -> Question {
    let choice = |id: &str, label: String| Choice {
        parameter: "names".to_owned(),
        value: format!("{LIST}={id}"),
        label,
    };
    let categories = Category::ALL.iter().map(|row| choice(row.code(), format!("分野「{}」", row.label())));
    let lists = catalogue.lists().iter().filter(|row| row.has_members());
    let lists = lists.map(|row| choice(row.id.as_str(), row.name_ja.clone()));
    let choices = categories.chain(lists).collect();
    let text = "どの手続についての一覧ですか（手続IDや手続名でも答えられます）";
    let question = Question::about_the_file("names", text, []);
    Question { mark: LIST.to_owned(), choices, ..question }
}

impl SaidOfAll {
    fn statement(&self, sheet: &Sheet<'_>, row: &Row, about: &About) -> Option<Statement> {
        Some(Statement {
            line: row.line,
            column: None,
            body: about.body,
            procedure: about.procedure,
            source: Source::Own,
            effective: about.on.or(sheet.options.effective),
            said: said(&Cell::plain(self.meaning), LISTED, self.channel, None)?,
        })
    }

    fn told(&self, catalogue: &Catalogue) -> String {
        let channel = catalogue.channel(self.channel);
        let procedures = match self.procedures.len() {
            0 => "行に書かれた手続".to_owned(),
            several => format!("{several}手続"),
        };
        format!(
            "一覧にある団体は、{procedures}の「{}」を{}とします。一覧にない団体については何も記録しません。",
            channel.label_ja,
            self.meaning.label(Some(channel.scale))
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adopters_are_called_so() {
        for text in ["導入団体名", "採用団体", "AI・RPA導入済み自治体一覧", "RPA 導入市区町村", "利用団体"]
        {
            assert!(calls_adopters(text), "{text}");
        }
        for text in ["団体名", "導入状況", "市区町村名", "実施状況調査", "導入製品"] {
            assert!(!calls_adopters(text), "{text}");
        }
    }
}
