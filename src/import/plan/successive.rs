//! Rows of one file that speak of the same body, procedure and channel on different days: a history, unless
//! a column that is not read tells them apart.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::spot::{place, spot_of};
use crate::domain::file_dates::read_in_file;
use crate::domain::log::Spot;
use crate::domain::readiness::Source;
use crate::domain::text::{cut, fold_for_match, fold_width};
use crate::import::marks::{Choice, Question};
use crate::import::{Fault, Options, Reading, Said, Statement};

/// What is told of such rows.
#[derive(Default)]
pub(super) struct Told {
    pub faults: Vec<Fault>,
    pub warnings: Vec<Fault>,
    pub questions: Vec<Question>,
}

/// Tells of the statements of keys that the file speaks of more than once. Our own exports may hold
/// histories and are left alone.
pub(super) fn tell(
    reading: &Reading,
    statements: &[Statement],
    repeated: &HashSet<Spot>,
    options: &Options,
) -> Told {
    /// More keys of the kind are another kind of table.
    const KEYS: usize = 10_000;
    let mut told = Told::default();
    if repeated.is_empty() || repeated.len() > KEYS || reading.revisions.oldest().is_some() {
        return told;
    }
    let mut of_key: HashMap<Spot, Vec<&Statement>> = HashMap::new();
    for statement in statements.iter().filter(|one| one.source == Source::Own) {
        let spot = spot_of(statement);
        if repeated.contains(&spot) {
            of_key.entry(spot).or_default().push(statement);
        }
    }
    let mut keys: Vec<Vec<&Statement>> =
        of_key.into_values().filter(|rows| days(rows, options) > 1).collect();
    keys.sort_by_key(|rows| rows.iter().map(|row| row.line).min());
    let lines: BTreeSet<u32> = keys.iter().flatten().map(|row| row.line).collect();
    let cells = if reading.unread.is_empty() { Default::default() } else { reading.cells_of(&lines) };
    let cell = |row: &Statement, at: usize| {
        cells.get(&row.line).and_then(|cells| cells.get(at)).map_or("", |cell| cell.trim())
    };
    let mut asked: Vec<(usize, usize)> = Vec::new();
    for rows in &keys {
        let apart =
            reading.unread.iter().copied().find(|at| tells_apart(rows.iter().map(|row| cell(row, *at))));
        let all: BTreeSet<String> = rows.iter().map(|row| row.line.to_string()).collect();
        let all: Vec<String> = all.into_iter().take(10).collect();
        let at = |fault: Fault, row: &Statement| {
            let (line, column) = place(row);
            let fault = fault.at_line(line);
            let heading = |column: usize| reading.headings.get(column).map_or("", String::as_str);
            column.map_or(fault.clone(), |column| fault.in_column(column.into(), heading(column.into())))
        };
        if let Some(row) = undated(rows) {
            let message = format!(
                "同じ団体・手続・接点の行が{}行目にあり、内容が違います。適用日のない行は今日からの状況になるため、どちらが今の状況か分かりません。片方を消すか、それぞれに適用日を書いてください",
                all.join("・")
            );
            told.faults.push(at(Fault::whole("rows_without_day", message), row));
            continue;
        }
        let Some(column) = apart else {
            let message =
                "同じ団体・手続・接点の行が日付を変えて複数あります。日付の順の移り変わりとして記録します";
            told.warnings
                .extend(rows.iter().skip(1).map(|row| at(Fault::whole("successive_rows", message), row)));
            continue;
        };
        let name = heading_of(reading, column);
        let message = format!(
            "同じ団体・手続・接点の行が{}行目にあり、取り込まない「{}」列が違います。窓口や課ごとの状況は分けて記録できません。1行にまとめるか、その列を無視してよいか（ignore）を指定してください",
            all.join("・"),
            cut(&name, 40)
        );
        told.faults.extend(rows.iter().map(|row| at(Fault::whole("rows_told_apart", message.clone()), row)));
        match asked.iter_mut().find(|(known, _)| *known == column) {
            Some((_, count)) => *count += 1,
            None => asked.push((column, 1)),
        }
    }
    told.questions =
        asked.into_iter().map(|(column, count)| ask(&heading_of(reading, column), count)).collect();
    told
}

fn days(rows: &[&Statement], options: &Options) -> usize {
    let day = |row: &&Statement| row.effective.map_or(options.today, |dated| dated.on);
    rows.iter().map(day).collect::<BTreeSet<_>>().len()
}

/// A row without a day that says something else than one that has a day.
fn undated<'s>(rows: &[&'s Statement]) -> Option<&'s Statement> {
    // What is only planned is so whatever holds today.
    let says = |row: &&Statement| match &row.said {
        Said::Readiness(_, patch) => patch.level.is_some(),
        Said::Applicability(..) => true,
        Said::Withdrawn(_) | Said::Group(..) => false,
    };
    let (with, without): (Vec<&Statement>, Vec<&Statement>) =
        rows.iter().filter(|row| says(row)).partition(|row| row.effective.is_some());
    without.into_iter().find(|row| with.iter().any(|other| other.line != row.line && other.said != row.said))
}

/// Whether words, and no days and numbers, differ between rows.
fn tells_apart<'c>(cells: impl Iterator<Item = &'c str>) -> bool {
    let cells: BTreeSet<&str> = cells.collect();
    let plain = |cell: &&str| {
        let number = fold_width(cell).chars().all(|c| c.is_ascii_digit() || ".,-/".contains(c));
        !(number || read_in_file(cell).is_ok())
    };
    cells.len() > 1 && cells.iter().any(|cell| !cell.is_empty() && plain(cell))
}

fn heading_of(reading: &Reading, column: usize) -> String {
    reading.headings.get(column).map_or(String::new(), |text| text.replace('\n', ""))
}

fn ask(name: &str, count: usize) -> Question {
    let choice = Choice {
        parameter: "ignore".to_owned(),
        value: fold_for_match(name),
        label: "この列は取り込まず、日付の順の移り変わりとして記録する".to_owned(),
    };
    Question {
        mark: cut(name, 100),
        parameter: "ignore".to_owned(),
        question: format!(
            "同じ団体・手続・接点の行が「{}」列だけ違います。この列を取り込まないでよいですか",
            cut(name, 60)
        ),
        count,
        headings: vec![cut(name, 60)],
        choices: vec![choice],
        suggestion: None,
        ..Question::about_the_file("ignore", "", [])
    }
}
