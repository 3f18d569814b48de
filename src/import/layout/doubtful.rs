//! Tables of small numbers, which may be levels or counts.

use super::head::{Finder, Head};
use super::{Layout, form};
use crate::domain::text::{cut, fold_width};
use crate::import::Fault;
use crate::import::headings::{Candidates, remarks_above};
use crate::import::marks::Question;
use crate::import::table::Table;

/// Words of a title for applications that were counted.
const COUNTS: [&str; 7] = ["件数", "申請数", "受付数", "利用数", "処理数", "届出数", "人数"];
/// The highest level.
const HIGHEST: u8 = 5;

/// What is asked of a table whose numbers may be levels or counts, unless the sender names the layout: its title
/// speaks of counts and it would be read as levels, or nothing but オンライン and 窓口 says that they are counts.
pub(super) fn levels_or_counts(head: &Head, table: &Table, finder: &Finder<'_>) -> Option<Fault> {
    if finder.options.layout.is_some() || !are_small_numbers(head, table) {
        return None;
    }
    let headings = head.headings();
    let titles = remarks_above(table, headings).into_iter().chain(table.container.sheet().map(str::to_owned));
    let title = titles.into_iter().find(|text| COUNTS.iter().any(|word| text.contains(word)));
    let levels = |layout: Layout| (layout.code().to_owned(), "段階（0〜5）".to_owned());
    let (choices, said) = match head {
        Head::Usage(head) => {
            let of_channels =
                form::find_head(&Candidates::new(table, finder.options), finder.catalogue, finder.options);
            if title.is_some() || !head.is_told_by_channels() || of_channels.is_none() {
                return None;
            }
            let counts = (Layout::Usage.code().to_owned(), "件数".to_owned());
            (vec![levels(Layout::Form), counts], "見出しは接点の名前だけで".to_owned())
        }
        Head::Form(_) => (vec![levels(Layout::Form)], quoted(title?)),
        Head::WideMunicipalities(_) => (vec![levels(Layout::WideMunicipalities)], quoted(title?)),
        Head::WideProcedures(_) => (vec![levels(Layout::WideProcedures)], quoted(title?)),
        _ => return None,
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

/// Whether every cell of the columns of marks or counts is a number that is a level.
fn are_small_numbers(head: &Head, table: &Table) -> bool {
    let columns: Vec<usize> = match head {
        Head::Usage(head) => head.counted().collect(),
        Head::Form(head) => head.marked().collect(),
        Head::WideMunicipalities(head) => head.marked().collect(),
        Head::WideProcedures(head) => head.marked().collect(),
        _ => return false,
    };
    let rows = table.rows[head.headings().next..].iter();
    let cells = rows.flat_map(|row| columns.iter().map(|at| row.cell(*at).trim()));
    let mut filled = cells.filter(|cell| !cell.is_empty()).peekable();
    let level = |cell: &str| fold_width(cell).parse::<u8>().is_ok_and(|number| number <= HIGHEST);
    filled.peek().is_some() && filled.all(level)
}
