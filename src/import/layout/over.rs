//! Whose a table is by the facts that stand over it, or on the cover of its file: 団体コード beside a code,
//! 団体名 beside a name.

use super::titles::named_alone;
use super::whose::missing_body;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::text::cut;
use crate::import::headings::{Fact, FactKind, facts_of};
use crate::import::marks::Question;
use crate::import::resolve::{Bodies, LostZeros, Told};
use crate::import::table::{Row, Table};
use crate::import::{Fault, Options};

/// The body that facts name.
#[derive(Debug)]
pub(super) struct Stated {
    pub(super) body: BodyIx,
    /// What is told of it.
    pub(super) note: String,
    /// What of the facts was repaired or looks odd.
    pub(super) warning: Option<Fault>,
}

/// What facts say of a body, with the lines where they stand.
#[derive(Default)]
struct Facts<'t> {
    code: Option<(u32, &'t str)>,
    name: Option<(u32, &'t str)>,
    prefecture: &'t str,
    /// The bodies that single facts name, each once.
    bodies: Vec<BodyIx>,
}

impl<'t> Facts<'t> {
    /// The first of each kind; a name that no body has is that of somebody else.
    fn find(rows: &'t [Row], catalogue: &Catalogue, bodies: &Bodies<'_>) -> Self {
        let mut found = Self::default();
        for (line, Fact { kind, value }) in
            rows.iter().flat_map(|row| facts_of(row).into_iter().map(|fact| (row.line, fact)))
        {
            match kind {
                FactKind::Code => found.code = found.code.or(Some((line, value))),
                FactKind::Name if bodies.knows_name(value) => found.name = found.name.or(Some((line, value))),
                FactKind::Prefecture if catalogue.names().prefecture(value).is_some() => {
                    found.prefecture = value;
                }
                FactKind::Name | FactKind::Prefecture | FactKind::Day => {}
            }
            let told = match kind {
                FactKind::Code => Told { code: value, ..Told::default() },
                FactKind::Name => Told { name: value, prefecture: found.prefecture, ..Told::default() },
                FactKind::Prefecture | FactKind::Day => continue,
            };
            let body = bodies.find(told).ok().map(|one| one.body);
            found.bodies.extend(body.filter(|body| !found.bodies.contains(body)));
        }
        found
    }

    fn told(&self) -> Told<'t> {
        let text = |fact: Option<(u32, &'t str)>| fact.map_or("", |(_, text)| text);
        let (code, name, prefecture) = (text(self.code), text(self.name), self.prefecture);
        Told { code, name, prefecture, ..Told::default() }
    }
}

/// The body that the facts over a table name, or those of the cover of its file, where the sender names none:
/// `first` is the first row of its headings.
///
/// # Errors
///
/// Facts that contradict each other, or that several bodies share: the sender says which is meant.
pub(super) fn stated(
    table: &Table,
    first: usize,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Option<Stated>, Vec<Fault>> {
    if options.municipality.is_some() {
        return Ok(None);
    }
    let over = body_in(&table.rows[..first], catalogue, options).map_err(|fault| vec![*fault])?;
    let sheet = table.container.sheet().and_then(|name| named_alone(catalogue, name));
    if let (Some(over), Some(sheet)) = (&over, sheet)
        && over.body != sheet
    {
        let fault = missing_body();
        let message = format!(
            "表の上に書かれた団体（{}）と、シートの名前の団体（{}）が違います。どちらの団体の表かを指定してください",
            shown(catalogue, over.body),
            shown(catalogue, sheet)
        );
        return Err(vec![Fault { message, ..fault }.asking(which_body(catalogue, &[over.body, sheet]))]);
    }
    match (over, body_in(&table.cover, catalogue, options)) {
        (Some(over), Ok(Some(cover))) if over.body != cover.body => {
            Err(vec![differ(catalogue, over.body, cover.body)])
        }
        (Some(over), _) => Ok(Some(over)),
        // Its lines are those of another sheet.
        (None, Ok(cover)) => {
            Ok(cover.map(|one| Stated { warning: one.warning.map(|one| Fault { line: None, ..one }), ..one }))
        }
        (None, Err(fault)) => Err(vec![Fault { line: None, ..*fault }]),
    }
}

/// The body that the facts of some rows name, if they name any.
///
/// # Errors
///
/// Facts that contradict each other, or that several bodies share: the sender says which is meant.
fn body_in(rows: &[Row], catalogue: &Catalogue, options: &Options) -> Result<Option<Stated>, Box<Fault>> {
    let bodies = Bodies::new(catalogue, &options.names, LostZeros::Judged);
    let facts = Facts::find(rows, catalogue, &bodies);
    let Some((line, text)) = facts.code.or(facts.name) else { return Ok(None) };
    let told = facts.told();
    if let [_, _, ..] = facts.bodies[..]
        && bodies.find(told).is_ok()
    {
        let message =
            "表の外に団体の名前やコードがいくつもあります。どの団体の表かを指定してください".to_owned();
        let fault = Fault { message, ..missing_body() };
        return Err(Box::new(fault.asking(which_body(catalogue, &facts.bodies))));
    }
    match bodies.find(told) {
        Ok(found) if found.until.is_none() => {
            let row = catalogue.body(found.body);
            let shown: Vec<String> = [told.code, told.name]
                .iter()
                .filter(|text| !text.is_empty())
                .map(|text| cut(text, 40))
                .collect();
            let note = format!(
                "表の外にある「{}」から、{}{}（{}）の表として読みました。",
                shown.join(" "),
                row.prefecture_name,
                row.name,
                row.code
            );
            let warning = found.warning.map(|warning| Fault::of(warning).at_line(line));
            Ok(Some(Stated { body: found.body, note, warning }))
        }
        Ok(_) => Ok(None),
        Err(fault) => Err(Box::new(asked(catalogue, &bodies, told, fault.at_line(line).found(text)))),
    }
}

/// A fault of facts, with the bodies that may be meant by them.
fn asked(catalogue: &Catalogue, bodies: &Bodies<'_>, told: Told<'_>, fault: Fault) -> Fault {
    let by_code = bodies.find(Told { code: told.code, ..Told::default() }).ok().map(|found| found.body);
    let by_name = catalogue.names().find(told.name, None).bodies;
    let mut found: Vec<BodyIx> = Vec::new();
    for body in by_code.into_iter().chain(by_name) {
        if !found.contains(&body) {
            found.push(body);
        }
    }
    // What is said of a name of rows says nothing here.
    Fault { asks: Vec::new(), ..fault }.asking(which_body(catalogue, &found))
}

/// The fault of facts in two places that name different bodies.
fn differ(catalogue: &Catalogue, over: BodyIx, cover: BodyIx) -> Fault {
    let fault = missing_body();
    let message =
        "表の上と別のシートに書かれた団体が違います。どちらの団体の表かを指定してください".to_owned();
    Fault { message, ..fault }.asking(which_body(catalogue, &[over, cover]))
}

fn shown(catalogue: &Catalogue, body: BodyIx) -> String {
    let row = catalogue.body(body);
    format!("{}{}", row.prefecture_name, row.name)
}

/// Asks whose a table is that may be of one of these.
fn which_body(catalogue: &Catalogue, bodies: &[BodyIx]) -> Question {
    /// More choices are no question any more.
    const MOST: usize = 50;
    let choices = bodies
        .iter()
        .take(MOST)
        .map(|body| (catalogue.body(*body).code.to_string(), shown(catalogue, *body)));
    Question::about_the_file("municipality", "どの団体の表ですか（団体コードか団体名）", choices)
}
