//! A file: which of its tables is read.

use super::column::Column;
use super::finder::{Finder, no_layout};
use super::head::FoundHead;
use super::one_table::{Aside, Titles, read_table};
use super::titles::named_alone;
use super::together;
use super::undated::days_of_title;
use super::unheaded::name_by_letters;
use crate::domain::catalogue::Catalogue;
use crate::import::headings::facts_of;
use crate::import::marks::{Legend, Question, codes_in_rows, explained_in_cells};
use crate::import::originals::Originals;
use crate::import::table::{Row, Table, Tables};
use crate::import::{Fault, Options, Reading};

/// Reads the one table that has a known layout, or the named one.
///
/// # Errors
///
/// No table has the headings of a layout, or several sheets have: which of them counts is for the
/// sender to say.
pub(in crate::import) fn read(
    mut file: Tables,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    let finder = Finder { catalogue, options };
    let asides = asides(&file, &finder);
    let left_aside = match &options.sheet {
        Some(wanted) => keep_sheet(&mut file, wanted, &finder)?,
        None => None,
    };
    let heads = |tables: &[Table]| -> Vec<(usize, FoundHead)> {
        tables.iter().enumerate().filter_map(|(at, table)| Some((at, finder.find(table)?))).collect()
    };
    let mut found = heads(&file.tables);
    let unheaded = if found.is_empty() { name_by_letters(&mut file.tables) } else { None };
    if unheaded.is_some() {
        found = heads(&file.tables);
    }
    let is_example = |at: usize| file.tables[at].container.sheet().is_some_and(together::is_example);
    if found.iter().any(|(at, _)| !is_example(*at)) {
        found.retain(|(at, _)| !is_example(*at));
    }
    let spans_sheets = |(_, head): &(usize, FoundHead)| head.as_ref().is_ok_and(|head| head.spans_sheets());
    if found.len() > 1 && found.iter().all(spans_sheets) {
        let tables = found.iter().map(|(at, _)| (*at, None)).collect::<Vec<_>>();
        return together::read(file, &tables, &finder, &asides);
    }
    if found.len() > 1 {
        if let Some(bodies) = together::bodies_of_sheets(&file, &found, &finder) {
            return together::read(file, &bodies, &finder, &asides);
        }
        let names: Vec<&str> =
            found.iter().filter_map(|(at, _)| file.tables[*at].container.sheet()).collect();
        return Err(vec![
            Fault::whole(
                "several_tables",
                "表のあるシートが複数あります。シート（sheet）を指定するか、取り込むシートだけを残してください。",
            )
            .found(&names.join("、"))
            .allowing(names.join("、"))
            .asking(Question::about_the_file(
                "sheet",
                "どのシートを読みますか",
                names.iter().map(|name| ((*name).to_owned(), (*name).to_owned())),
            )),
        ]);
    }
    let Some((at, head)) = found.pop() else {
        let mut faults = vec![no_layout(&file.tables, catalogue, options, unheaded)];
        faults[0].message.extend(file.notes);
        let first = file.tables.into_iter().find(|table| !table.rows.is_empty());
        return Err(first.map(|table| table.facts).unwrap_or_default().explain(faults, options.hidden));
    };
    let mut head = head?;
    let table = file.tables.swap_remove(at);
    let unread: Vec<&str> = file.tables.iter().filter_map(|other| other.container.sheet()).collect();
    if !unread.is_empty() {
        file.notes.insert(0, format!("ほかのシートは読んでいません: {}", unread.join("、")));
    }
    file.notes.extend(left_aside);
    let (mut reading, rows) = read_table(table, head.as_mut(), &finder, (asides, Titles::Remarks))?;
    reading.notes.extend(file.notes);
    reading.originals = Originals::pack(rows);
    Ok(reading)
}

/// What sheets that are no tables say of the others: what marks mean, where the name of the sheet or a cell of it
/// calls it a legend or its texts are plainly one, and of which day the tables are.
pub(super) fn asides(file: &Tables, finder: &Finder<'_>) -> Vec<Aside> {
    /// Legends take fewer rows.
    const ROWS: usize = 200;
    const CALLED: [&str; 8] = ["凡例", "記号", "説明", "要領", "定義", "見方", "注意", "マーク"];
    if file.tables.len() < 2 {
        return Vec::new();
    }
    let texts = |table: &Table| -> Vec<String> {
        let rows = || table.rows.iter().take(ROWS);
        let called = |text: &str| CALLED.iter().any(|word| text.contains(word));
        let cells = || rows().flat_map(Row::cells).map(str::trim).filter(|cell| !cell.is_empty());
        let explains = |cell: &&str| !Legend::read([*cell]).is_empty();
        let mut texts: Vec<String> = cells().filter(explains).map(str::to_owned).collect();
        if table.container.sheet().is_some_and(called) || cells().any(called) {
            texts.extend(rows().flat_map(|row| explained_in_cells(row.cells())));
        }
        // Codes are known by standing together, whatever the sheet is called.
        for text in codes_in_rows(rows().map(Row::cells)) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    };
    let of_sheets = file.tables.iter().filter_map(|table| Some((table, table.container.sheet()?)));
    let mut found = Vec::new();
    for (table, sheet) in of_sheets {
        let (legend, days) = (texts(table), stated_days(table));
        let (cover, bodies) = stated_bodies(table, finder.catalogue);
        let says = !(legend.is_empty() && days.is_empty() && cover.is_empty() && bodies.is_empty());
        if says && finder.find(table).is_none() {
            found.push(Aside { sheet: sheet.to_owned(), legend, days, cover, bodies });
        }
    }
    found
}

/// Covers take fewer rows.
const COVER: usize = 30;

/// The rows of a cover with facts, and its texts that name a body and nothing else.
fn stated_bodies(table: &Table, catalogue: &Catalogue) -> (Vec<Row>, Vec<String>) {
    let rows = || table.rows.iter().take(COVER);
    let cover: Vec<Row> = rows().filter(|row| !facts_of(row).is_empty()).cloned().collect();
    let alone = rows().filter_map(Row::only_text).filter(|text| named_alone(catalogue, text).is_some());
    (cover, alone.map(str::to_owned).collect())
}

/// The texts of a cover that say of which day something is: 令和7年10月1日現在, 基準日 beside its day.
fn stated_days(table: &Table) -> Vec<String> {
    /// Longer text is no title.
    const LONGEST: usize = 60;
    let says = |text: &String| text.chars().count() <= LONGEST && !days_of_title(text).is_empty();
    let whole = |row: &Row| {
        let cells: Vec<&str> = row.cells().map(str::trim).filter(|cell| !cell.is_empty()).collect();
        cells.join(" ")
    };
    // What this program says of its own files is of the day on which it wrote them, and not of what is filled in.
    let of_ours = |row: &Row| row.cell(0).trim() == Column::Revision.label();
    if table.rows.iter().any(of_ours) {
        return Vec::new();
    }
    table.rows.iter().take(COVER).map(whole).filter(says).collect()
}

/// Leaves the other sheets aside, and says of which of them there would be more to read.
pub(super) fn keep_sheet(
    file: &mut Tables,
    wanted: &str,
    finder: &Finder<'_>,
) -> Result<Option<String>, Vec<Fault>> {
    let is_wanted = |table: &Table| table.container.sheet().is_none_or(|name| name.trim() == wanted);
    let (kept, others): (Vec<_>, Vec<_>) = std::mem::take(&mut file.tables).into_iter().partition(is_wanted);
    file.tables = kept;
    let names = |tables: &[&Table]| -> String {
        let names: Vec<&str> = tables.iter().filter_map(|table| table.container.sheet()).collect();
        names.join("、")
    };
    if file.tables.is_empty() {
        let fault = Fault::whole("unknown_sheet", "その名前のシートはありません。").found(wanted);
        return Err(vec![fault.allowing(names(&others.iter().collect::<Vec<_>>()))]);
    }
    let readable: Vec<&Table> = others.iter().filter(|table| finder.find(table).is_some()).collect();
    Ok((!readable.is_empty()).then(|| {
        let names = names(&readable);
        format!("ほかにも表のあるシートがあります（{names}）。そちらは読んでいません。続けて取り込むにはシート（sheet）を変えて送ってください。")
    }))
}
