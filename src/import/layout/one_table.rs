//! One table, read with its head.

use std::collections::HashSet;

use super::finder::Finder;
use super::head::Head;
use super::learned_names::learn_names;
use super::{below, colours, doubtful, other_product, sections, sheet, titled_plans, two_tables};
use crate::domain::text::cut;
use crate::import::cells::MAX_FAULTS;
use crate::import::headings::{Headings, facts_of};
use crate::import::report::SHOWN_FAULTS;
use crate::import::table::{Row, SheetFacts, Table};
use crate::import::{Fault, FaultKind, Reading, cells, rows};

/// What the lines above the headings of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Titles {
    /// Remarks about the file.
    Remarks,
    /// They part this table from another one, as titles between rows do.
    Sections,
}

/// Reads a table with its head; the rows are what is left of the table.
pub(super) fn read_table(
    mut table: Table,
    head: &mut dyn Head,
    finder: &Finder<'_>,
    (asides, titles): (Vec<Aside>, Titles),
) -> Result<(Reading, Vec<Row>), Vec<Fault>> {
    let Finder { catalogue, options } = *finder;
    let mut aside_notes = Vec::new();
    for Aside { sheet, legend, days, cover, bodies } in asides {
        if table.container.sheet() == Some(&sheet) {
            continue;
        }
        table.cover.extend(cover);
        for (what, texts) in [("凡例", legend), ("日付", days), ("団体", bodies)] {
            let shown: Vec<&str> = texts.iter().take(8).map(String::as_str).collect();
            if !shown.is_empty() {
                aside_notes.push(format!("シート「{sheet}」の{what}: {}", cut(&shown.join("、"), 200)));
            }
            table.remarks.extend(texts);
        }
    }
    let headings = head.headings().clone();
    refuse_long_headings(&headings)?;
    let beside = || two_tables::fault(&table, &headings, catalogue, options);
    let counts = || doubtful::levels_or_counts(head, &table, finder);
    if let Some(fault) = sheet::side_by_side(&headings).or_else(beside).or_else(counts) {
        return Err(vec![fault]);
    }
    let learned = learn_names(head, &table, catalogue);
    let naming = head.naming();
    let aside = rows::set_aside(&mut table, &headings, &naming, (catalogue, options), head.speaks())?;
    let mut parted = aside.sections;
    if titles == Titles::Sections {
        let above = table.rows[..headings.rows().start].iter();
        parted.splice(0..0, above.filter_map(|row| Some((row.line, row.only_text()?.to_owned()))));
    }
    let mut reading = sections::read(head, &table, &parted, catalogue, options)
        .map_err(|faults| table.facts.explain(faults, options.hidden))?;
    reading.faults.extend(aside.faults);
    reading.faults.extend(titled_plans::today_or_plans(head, &table, &reading.understood, options));
    reading.notes.extend(learned);
    reading.notes.extend(aside.notes);
    other_product::tell(catalogue, &mut reading);
    let mut cells = cells::look(&table, &headings, options.fill);
    let compared = head.compared();
    cells.faults.retain(|fault| {
        let column = fault.column.and_then(|column| usize::try_from(column).ok()?.checked_sub(1));
        fault.kind != FaultKind::FormulaError || column.is_none_or(|column| !compared.contains(&column))
    });
    // What stands in a column that is not read is as it is.
    cells.faults.retain(|fault| {
        let column = fault.column.and_then(|column| usize::try_from(column).ok()?.checked_sub(1));
        fault.kind != FaultKind::Ditto || column.is_none_or(|column| !reading.unread.contains(&column))
    });
    add_cell_faults(&mut reading, cells.faults, &naming.columns().collect::<Vec<_>>());
    reading.warnings.extend(cells.warnings);
    reading.drop_vain_questions();
    reading.ask_to_leave_out();
    reading.gather_questions();
    refuse_too_many(&reading.faults)?;
    // What a sheet shows is told by its own lines and columns.
    let (line, column) = table.offset;
    let names: Vec<usize> = naming.columns().map(|at| at.saturating_sub(column)).collect();
    table.facts.tell(&mut reading, headings.line.saturating_sub(line), &names, options);
    if reading.faults.iter().any(|fault| fault.line.is_some_and(|line| line <= headings.line)) {
        // What stands under a heading that is wrong would be lost with every row that is taken.
        reading.statements.clear();
        reading.records.clear();
    }
    if aside.filled > 0 {
        reading.notes.push(format!("空欄や「同上」の{}か所を上の値で埋めました。", aside.filled));
    }
    reading.notes.extend(aside_notes);
    colours::tell(&mut reading);
    let headings_start = headings.rows().start;
    reading.headings = headings.into_texts();
    if aside.below.is_empty() {
        return Ok((reading, table.rows));
    }
    let rows = std::mem::take(&mut table.rows);
    // What stands over the first table is said of those below it.
    let over = rows[..headings_start].iter().filter(|row| !facts_of(row).is_empty()).cloned();
    let cover = if table.cover.is_empty() { over.collect() } else { table.cover };
    let (remarks, facts) = (Vec::new(), SheetFacts::default());
    let table = Table { rows: aside.below, remarks, cover, facts, ..table };
    let all = table.rows.clone();
    let head = finder.find(&table).unwrap_or_else(|| Err(Vec::new()));
    let read =
        |mut head: Box<dyn Head>| read_table(table, head.as_mut(), finder, (Vec::new(), Titles::Sections));
    let other = head.and_then(read).map(|(other, _)| other);
    Ok(below::joined((reading, rows), all, other))
}

/// What a sheet that is no table says of one.
#[derive(Clone, Debug)]
pub(super) struct Aside {
    pub sheet: String,
    /// Texts that explain marks.
    pub legend: Vec<String>,
    /// Texts that say of which day a table is.
    pub days: Vec<String>,
    /// Rows with facts.
    pub cover: Vec<Row>,
    /// Texts that name a body and nothing else.
    pub bodies: Vec<String>,
}

/// A heading is a few words; what is longer is no heading, and would be kept with the import.
pub(super) fn refuse_long_headings(headings: &Headings) -> Result<(), Vec<Fault>> {
    /// In characters.
    const LONGEST: usize = 1_000;
    let long = headings.all().find(|(_, text)| text.len() > LONGEST && text.chars().count() > LONGEST);
    match long {
        None => Ok(()),
        Some((column, text)) => Err(vec![
            Fault::whole("heading_too_long", "見出しが長すぎます。")
                .at_line(headings.line)
                .in_column(column, text)
                .allowing(format!("{LONGEST}文字以内")),
        ]),
    }
}

/// A file with more faults than anybody reads is refused as a whole: it is not what it was taken
/// for.
pub(super) fn refuse_too_many(faults: &[Fault]) -> Result<(), Vec<Fault>> {
    if faults.len() < MAX_FAULTS {
        return Ok(());
    }
    let message = format!("誤りが{MAX_FAULTS}件を超えています。表の形が違うか、別のファイルかもしれません。");
    let mut told = vec![Fault::whole("too_many_faults", message)];
    told.extend(faults.iter().take(SHOWN_FAULTS).cloned());
    Err(told)
}

/// What is wrong with a cell as such goes before what a layout makes of it; and where it is a cell
/// that names something, also before what the layout says of the name beside it.
pub(super) fn add_cell_faults(reading: &mut Reading, faults: Vec<Fault>, naming: &[usize]) {
    let at = |fault: &Fault| (fault.line, fault.column);
    let names = |fault: &Fault| fault.column.is_some_and(|column| naming.contains(&(column as usize - 1)));
    let places: HashSet<_> = faults.iter().map(at).collect();
    let unnamed: HashSet<_> = faults.iter().filter(|fault| names(fault)).map(|fault| fault.line).collect();
    reading
        .faults
        .retain(|fault| !(places.contains(&at(fault)) || (unnamed.contains(&fault.line) && names(fault))));
    reading.faults.extend(faults);
}
