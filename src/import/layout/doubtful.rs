//! Tables of small numbers, which may be levels or counts.

use super::Layout;
use super::finder::Finder;
use super::head::{Head, Numbers};
use super::usage::calls_counts;
use crate::domain::text::{cut, fold_mark, fold_width};
use crate::import::Fault;
use crate::import::headings::{Headings, remarks_above};
use crate::import::marks::{Question, is_dash};
use crate::import::table::Table;

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
    let title = titles.into_iter().find(|text| calls_counts(text));
    let choice = |layout: Layout, label: &str| (layout.code().to_owned(), label.to_owned());
    let as_levels = choice(levels, "段階（0〜5）");
    let (choices, said) = match counts {
        Some(_) if title.is_some() || finder.find_one_of(table, |layout| layout == levels).is_none() => {
            return None;
        }
        Some(counts) => (vec![as_levels, choice(counts, "件数")], "見出しは接点の名前だけで".to_owned()),
        None => (vec![as_levels], quoted(title?)),
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

/// Whether every cell of some columns is a number that is a level, but for dashes.
fn are_small(table: &Table, headings: &Headings, columns: &[usize]) -> bool {
    let rows = table.rows[headings.next..].iter();
    let cells = rows.flat_map(|row| columns.iter().map(|at| row.cell(*at).trim()));
    let mut filled = cells.filter(|cell| !(cell.is_empty() || is_dash(&fold_mark(cell)))).peekable();
    let level = |cell: &str| fold_width(cell).parse::<u8>().is_ok_and(|number| number <= HIGHEST);
    filled.peek().is_some() && filled.all(level)
}
