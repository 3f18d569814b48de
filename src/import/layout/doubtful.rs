//! Tables of small numbers, which may be levels or counts.

use super::Layout;
use super::finder::Finder;
use super::head::{Head, Numbers};
use super::usage::calls_counts;
use crate::domain::text::{cut, fold_for_match, fold_mark, fold_width};
use crate::import::Fault;
use crate::import::headings::{Headings, remarks_above};
use crate::import::marks::{Question, is_dash};
use crate::import::rows::is_called_total;
use crate::import::table::{Row, Table};

/// The highest level.
const HIGHEST: u8 = 5;

/// What is asked of a table whose numbers may be levels or counts, unless the sender names the layout: its title
/// speaks of counts and it would be read as levels, or nothing but オンライン and 窓口 says that they are counts.
pub(super) fn levels_or_counts(head: &dyn Head, table: &Table, finder: &Finder<'_>) -> Option<Fault> {
    let headings = head.headings();
    let Numbers { columns, levels, counts } = head.numbers()?;
    if finder.options.layout.is_some() || !are_small(table, headings, &columns) {
        return None;
    }
    let titles = remarks_above(table, headings).into_iter().chain(table.container.sheet().map(str::to_owned));
    let title = titles.into_iter().find(|text| tells_numbers(text));
    let summed = || has_sums(table, headings, &columns).then(|| "計の行に各列の合計があり".to_owned());
    let choice = |layout: Layout, label: &str| (layout.code().to_owned(), label.to_owned());
    let as_levels = choice(levels, "段階（0〜5）");
    let (choices, said) = match counts {
        Some(_) if title.is_some() || finder.find_one_of(table, |layout| layout == levels).is_none() => {
            return None;
        }
        Some(counts) => (vec![as_levels, choice(counts, "件数")], "見出しは接点の名前だけで".to_owned()),
        None => (vec![as_levels], title.map(quoted).or_else(summed)?),
    };
    let message = format!(
        "{said}、数は0〜{HIGHEST}だけなので、件数か段階か分かりません。段階ならレイアウト（layout）を指定し、件数なら列の見出しを「手続総件数」「うちオンライン数」などにして送り直してください"
    );
    let question = Question::about_the_file("layout", "表の数は段階ですか、件数ですか", choices);
    Some(Fault::whole("levels_or_counts", message).at_line(headings.line).asking(question))
}

fn quoted(title: String) -> String {
    format!("ファイルに「{}」とありますが", cut(&title, 40))
}

/// Whether a title says that numbers stand below it which are no levels.
fn tells_numbers(title: &str) -> bool {
    const WORDS: [&str; 12] = [
        "(件)",
        "単位:件",
        "単位件",
        "実績",
        "設置数",
        "箇所数",
        "か所数",
        "ヶ所数",
        "人数",
        "回数",
        "満足度",
        "評価",
    ];
    let folded = fold_for_match(title);
    calls_counts(title) || WORDS.iter().any(|word| folded.contains(word))
}

/// The rows below the headings, and whether they are totals.
fn rows<'t>(table: &'t Table, headings: &Headings) -> impl Iterator<Item = (&'t Row, bool)> {
    table.rows[headings.next..].iter().map(|row| (row, row.cells().any(is_called_total)))
}

fn number(cell: &str) -> Option<u32> {
    fold_width(cell.trim()).parse().ok()
}

/// Whether every cell of some columns is a number that is a level, but for dashes and totals.
fn are_small(table: &Table, headings: &Headings, columns: &[usize]) -> bool {
    let rows = rows(table, headings).filter(|(_, total)| !total);
    let cells = rows.flat_map(|(row, _)| columns.iter().map(|at| row.cell(*at).trim()));
    let mut filled = cells.filter(|cell| !(cell.is_empty() || is_dash(&fold_mark(cell)))).peekable();
    let level = |cell: &str| fold_width(cell).parse::<u8>().is_ok_and(|number| number <= HIGHEST);
    filled.peek().is_some() && filled.all(level)
}

/// Whether a row of totals holds the sums of all columns: nobody adds levels up.
fn has_sums(table: &Table, headings: &Headings, columns: &[usize]) -> bool {
    let sum = |at: usize| -> u32 {
        rows(table, headings).filter(|(_, total)| !total).filter_map(|(row, _)| number(row.cell(at))).sum()
    };
    let sums: Vec<u32> = columns.iter().map(|at| sum(*at)).collect();
    let several = rows(table, headings).filter(|(_, total)| !total).nth(1).is_some();
    let is_sum = |row: &Row| {
        let mut pairs =
            columns.iter().zip(&sums).filter(|(at, _)| !row.cell(**at).trim().is_empty()).peekable();
        pairs.peek().is_some() && pairs.all(|(at, sum)| *sum > 0 && number(row.cell(*at)) == Some(*sum))
    };
    several && rows(table, headings).any(|(row, total)| total && is_sum(row))
}
