//! The shapes of files that are understood, found by their headings.

mod absence;
mod address;
mod adopters;
mod ahead;
mod below;
mod beside;
mod by_name;
mod channels;
mod dashboard;
mod digital_agency_2026_01;
mod doubtful;
mod form;
mod head;
mod labels;
pub mod long;
mod marked;
mod mic_online_use;
mod nameless;
mod place;
mod products;
mod rows_of_bodies;
mod sections;
mod sheet;
mod titled_plans;
mod together;
mod undated;
mod unknown;
mod usage;
mod whose;
mod wide;

use std::collections::HashSet;

use super::cells::{MAX_FAULTS, fill_down};
use super::headings::{Headings, PREFECTURE};
use super::marks::{Legend, Question, explained_code, explained_in_cells};
use super::originals::Originals;
use super::report::SHOWN_FAULTS;
use super::resolve::{Bodies, LostZeros, Procedures, Told};
use super::table::{Row, SheetFacts, Table, Tables};
use super::{Fault, Options, Reading, cells, rows};
use crate::domain::Refusal;
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::codes::codes;
use crate::domain::text::{cut, fold_for_match, nearest};
use head::{Finder, Found, Head, no_layout};

pub(super) use dashboard::title_of_figure;
codes! {
    /// A shape of files.
    Layout, "レイアウト", "layout" {
        Long = "long", "縦長（1行に団体・手続・接点）", "one row per body, procedure and channel", "1行に1つの団体・手続・接点を書く";
        Form = "form", "団体別の様式（行が手続、列が接点）", "one municipality: rows are procedures, columns are channels", "1つの団体の表。行が手続、列が接点";
        WideMunicipalities = "wide-municipalities", "横長（行が団体、列が手続）", "rows are bodies, columns are procedures, cells are marks of one channel", "行が団体、列が手続、セルは1つの接点の印";
        WideProcedures = "wide-procedures", "横長（行が手続、列が団体）", "rows are procedures, columns are bodies, cells are marks of one channel", "行が手続、列が団体、セルは1つの接点の印";
        DigitalAgency202601 = "digital-agency-2026-01", "デジタル庁 オンライン化状況一覧（2026年1月公表）", "the Digital Agency's list of 2026-01, workbook or CSV";
        Dashboard202407 = "digital-agency-dashboard-2024-07", "デジタル庁 自治体DXダッシュボード（2024年7月公表）", "the two files of the Digital Agency's dashboard of 2024-07: published figures";
        MicOnlineUse = "mic-online-use", "総務省 オンライン利用状況（自治体DX・情報化推進概要 個別資料（６））", "the ministry's survey of online use: a block of columns for each procedure, states and counts";
        Adopters = "adopters", "導入団体の一覧（載っている団体だけ）", "a list of only those who have something: one level, one channel, a set of procedures, as the sender says", "載っている団体だけに、送る人の言う段階・接点・手続を記録し、載っていない団体には何も記録しない";
        Usage = "usage", "利用実績（手続総件数とうちオンライン数）", "applications per procedure and fiscal year";
    }
}

/// Reads the one table that has a known layout, or the named one.
///
/// # Errors
///
/// No table has the headings of a layout, or several sheets have: which of them counts is for the
/// sender to say.
pub(super) fn read(
    mut file: Tables,
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    let finder = Finder { catalogue, options };
    let legends = legends(&file, &finder);
    let left_aside = match &options.sheet {
        Some(wanted) => keep_sheet(&mut file, wanted, &finder)?,
        None => None,
    };
    let mut found: Vec<(usize, Found)> =
        file.tables.iter().enumerate().filter_map(|(at, table)| Some((at, finder.find(table)?))).collect();
    if found.len() > 1 && found.iter().all(|(_, head)| matches!(head, Ok(Head::MicOnlineUse(_)))) {
        let tables = found.iter().map(|(at, _)| *at).collect::<Vec<_>>();
        return together::read(file, &tables, &finder, &legends);
    }
    if found.len() > 1 {
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
        let mut faults = vec![no_layout(&file.tables, catalogue, options)];
        faults[0].message.extend(file.notes);
        let first = file.tables.into_iter().find(|table| !table.rows.is_empty());
        return Err(first.map(|table| table.facts).unwrap_or_default().explain(faults, options.hidden));
    };
    let mut head = head?;
    let table = file.tables.swap_remove(at);
    let unread: Vec<&str> = file.tables.iter().filter_map(|other| other.container.sheet()).collect();
    if !unread.is_empty() {
        file.notes.insert(0, format!("表の見つからないシートは読んでいません: {}", unread.join("、")));
    }
    file.notes.extend(left_aside);
    let (mut reading, rows) = read_table(table, &mut head, &finder, (legends, Titles::Remarks))?;
    reading.notes.extend(file.notes);
    reading.originals = Originals::pack(rows);
    Ok(reading)
}

/// What the lines above the headings of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Titles {
    /// Remarks about the file.
    Remarks,
    /// They part this table from another one, as titles between rows do.
    Sections,
}

/// Reads a table with its head; the rows are what is left of the table.
fn read_table(
    mut table: Table,
    head: &mut Head,
    finder: &Finder<'_>,
    (legends, titles): (Legends, Titles),
) -> Result<(Reading, Vec<Row>), Vec<Fault>> {
    let Finder { catalogue, options } = *finder;
    let mut legend_notes = Vec::new();
    for (sheet, texts) in legends {
        if table.container.sheet() == Some(&sheet) {
            continue;
        }
        let shown: Vec<&str> = texts.iter().take(8).map(String::as_str).collect();
        legend_notes.push(format!("シート「{sheet}」の凡例: {}", cut(&shown.join("、"), 200)));
        table.remarks.extend(texts);
    }
    let headings = head.headings().clone();
    refuse_long_headings(&headings)?;
    if let Some(fault) =
        sheet::side_by_side(&headings).or_else(|| doubtful::levels_or_counts(head, &table, finder))
    {
        return Err(vec![fault]);
    }
    let learned = head.learn_names(&table, catalogue);
    let naming = head.naming();
    let aside = rows::set_aside(&mut table, &headings, &naming, (catalogue, options), head.speaks());
    let filled = if options.fill { fill_down(&mut table, &headings, &naming)? } else { 0 };
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
    let mut cells = cells::look(&table, &headings);
    let compared = head.compared();
    cells.faults.retain(|fault| {
        let column = fault.column.and_then(|column| usize::try_from(column).ok()?.checked_sub(1));
        fault.code != "formula_error" || column.is_none_or(|column| !compared.contains(&column))
    });
    // What stands in a column that is not read is as it is.
    cells.faults.retain(|fault| {
        let column = fault.column.and_then(|column| usize::try_from(column).ok()?.checked_sub(1));
        fault.code != "ditto" || column.is_none_or(|column| !reading.unread.contains(&column))
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
    if filled > 0 {
        reading.notes.push(format!("空欄や「同上」の{filled}か所を上の値で埋めました。"));
    }
    reading.notes.extend(legend_notes);
    reading.headings = headings.into_texts();
    if aside.below.is_empty() {
        return Ok((reading, table.rows));
    }
    let rows = std::mem::take(&mut table.rows);
    let table = Table { rows: aside.below, remarks: Vec::new(), facts: SheetFacts::default(), ..table };
    Ok(below::read(table, (reading, rows), finder))
}

/// Texts that explain marks, by the sheet they stand on.
type Legends = Vec<(String, Vec<String>)>;

/// What sheets that are no tables say of marks, by sheet. The name of the sheet or a cell of it calls it a
/// legend, or its texts are plainly one.
fn legends(file: &Tables, finder: &Finder<'_>) -> Legends {
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
            // Codes are known by standing together.
            let codes: Vec<String> = rows().filter_map(|row| explained_code(row.cells())).collect();
            texts.extend((codes.len() > 1).then(|| codes.join("　")));
        }
        texts
    };
    let of_sheets = file.tables.iter().filter_map(|table| Some((table, table.container.sheet()?)));
    let mut found: Legends = Vec::new();
    for (table, sheet) in of_sheets {
        let texts = texts(table);
        if !texts.is_empty() && finder.find(table).is_none() {
            found.push((sheet.to_owned(), texts));
        }
    }
    found
}

/// Leaves the other sheets aside, and says of which of them there would be more to read.
fn keep_sheet(file: &mut Tables, wanted: &str, finder: &Finder<'_>) -> Result<Option<String>, Vec<Fault>> {
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

/// A heading is a few words; what is longer is no heading, and would be kept with the import.
fn refuse_long_headings(headings: &Headings) -> Result<(), Vec<Fault>> {
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
fn refuse_too_many(faults: &[Fault]) -> Result<(), Vec<Fault>> {
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
fn add_cell_faults(reading: &mut Reading, faults: Vec<Fault>, naming: &[usize]) {
    let at = |fault: &Fault| (fault.line, fault.column);
    let names = |fault: &Fault| fault.column.is_some_and(|column| naming.contains(&(column as usize - 1)));
    let places: HashSet<_> = faults.iter().map(at).collect();
    let unnamed: HashSet<_> = faults.iter().filter(|fault| names(fault)).map(|fault| fault.line).collect();
    reading
        .faults
        .retain(|fault| !(places.contains(&at(fault)) || (unnamed.contains(&fault.line) && names(fault))));
    reading.faults.extend(faults);
}

/// What a sender says that a heading means, in words that every layout knows: the name of a field,
/// the id of a procedure or channel, the code of a body.
///
/// # Errors
///
/// What names nothing.
pub(super) fn meaning_of_heading(catalogue: &Catalogue, text: &str) -> Result<String, Refusal> {
    let is_field = long::Column::of_heading(text).is_some()
        || PREFECTURE.contains(&fold_for_match(text).as_str())
        || usage::is_heading(text);
    let body = || {
        let bodies = Bodies::new(catalogue, &[], LostZeros::Judged);
        let by_name = || bodies.find(Told { name: text, ..Told::default() }).ok().map(|found| found.body);
        catalogue.find_body(text).ok().or_else(by_name)
    };
    let found = if is_field {
        Some(text.to_owned())
    } else if let Some(channel) =
        sheet::channel_of(catalogue, text).or_else(|| channels::named(catalogue, text))
    {
        Some(catalogue.channel(channel).id.to_string())
    } else if let Some(procedure) = Procedures::new(catalogue, &[]).of_heading(text) {
        Some(catalogue.procedure(procedure).id.to_string())
    } else {
        body().map(|body| catalogue.body(body).code.to_string())
    };
    found.ok_or_else(|| {
        let labels = long::Column::ALL.iter().map(|column| column.label());
        let near = nearest(text, labels.chain(catalogue.procedures().iter().map(|row| row.name_ja.as_str())));
        let refusal = Refusal::new(
            "unknown_heading_meaning",
            text,
            format!("見出しの意味「{}」は分かりません", cut(text, 40)),
            "a heading can mean a field, a procedure, a channel or a body",
        )
        .allowed("項目（段階、担当課、URL など）、手続IDか手続名、接点、団体コードか団体名");
        match near {
            Some(near) => refusal.suggest(near),
            None => refusal,
        }
    })
}

/// The channel of a word: its id, its label or another word for it.
pub(super) fn channel_in_words(catalogue: &Catalogue, text: &str) -> Option<ChannelIx> {
    sheet::channel_of(catalogue, text)
}
