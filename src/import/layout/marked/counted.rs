//! Columns of bare numbers that may be no levels: they are asked about as a whole, and none of them is read.

use super::looks::{Looked, Looks};
use crate::domain::text::cut;
use crate::import::Fault;
use crate::import::layout::sheet::Sheet;
use crate::import::layout::unknown::left_out;
use crate::import::layout::{Layout, channels};
use crate::import::marks::{Choice, Question};
use crate::import::resolve::Procedures;
use crate::import::table::Row;

/// Columns of numbers that may be no levels.
pub(super) struct Counted {
    columns: Vec<usize>,
    /// Whether the table has no other marks.
    all: bool,
    /// A number that is no level.
    example: u32,
    /// The layout whose name says that the small ones are levels, where that may be.
    layout: Option<Layout>,
}

/// Finds the columns of numbers that may be no levels. Whoever names the layout says that small ones are levels.
pub(super) fn counted(
    sheet: &Sheet<'_>,
    found: &mut [(usize, Looked)],
    (layout, left_out): (Option<Layout>, Option<u32>),
) -> Option<Counted> {
    let open = sheet.options.layout.is_none();
    // What can only be counts, whoever says what.
    let whole = |looked: &Looked| looked.traits.counts;
    let hopeless = found.iter().filter(|(_, looked)| whole(looked)).count();
    if open {
        doubt_numbers(found.iter_mut().map(|(_, looked)| looked), left_out.is_some());
    }
    let own = found.iter().filter(|(_, looked)| whole(looked));
    let columns: Vec<usize> = own.clone().map(|(at, _)| *at).collect();
    let example = own.filter_map(|(_, looked)| looked.above).max().or(left_out)?;
    if columns.is_empty() {
        return None;
    }
    let layout = layout.filter(|_| open && hopeless < columns.len());
    Some(Counted { all: columns.len() == found.len(), columns, example, layout })
}

/// The highest number that is no level in the columns of procedures and channels that the sender leaves out: those
/// beside them are of the same kind.
pub(super) fn left_out_above(sheet: &Sheet<'_>, rows: &[&Row], looks: &mut Looks<'_>) -> Option<u32> {
    let procedures = Procedures::new(sheet.catalogue, &sheet.options.names);
    let named = |at: &usize| {
        let text = sheet.headings.text(*at);
        procedures.of_heading(text).is_some() || channels::named(sheet.catalogue, text).is_some()
    };
    let left_out = (0..=sheet.headings.last()).filter(|at| sheet.headings.is_left_out(*at)).filter(named);
    let looked = left_out.map(|at| looks.column(rows, at, false));
    looked.filter(|looked| looked.bare).filter_map(|looked| looked.above).max()
}

/// Takes columns of nothing but numbers for those of counts where one of their numbers is no level: the small ones
/// beside it would be stored as levels.
fn doubt_numbers<'l>(columns: impl Iterator<Item = &'l mut Looked>, left_out: bool) {
    let mut bare: Vec<&mut Looked> = columns.filter(|column| column.bare).collect();
    let doubtful = left_out || bare.iter().any(|column| column.above.is_some());
    for column in bare.iter_mut().filter(|_| doubtful) {
        column.traits.counts = true;
    }
}

impl Counted {
    /// What is wrong with the columns, and the question that mends it.
    pub(super) fn fault(&self, sheet: &Sheet<'_>) -> Fault {
        let names: Vec<String> = self.columns.iter().map(|at| sheet.headings.name(*at)).collect();
        counts(&names, self).at_line(sheet.headings.line).in_column(self.columns[0], &names[0])
    }
}

/// What is wrong with columns that may hold no marks, and the question that mends it.
fn counts(names: &[String], counted: &Counted) -> Fault {
    let Counted { all, example, layout, .. } = counted;
    let named = cut(&names.join("」「"), 100);
    let mut choices = Vec::new();
    if !all {
        let left_out: Vec<Choice> = names.iter().map(|name| left_out(name)).collect();
        let values: Vec<&str> = left_out.iter().map(|choice| choice.value.as_str()).collect();
        let label = if names.len() == 1 {
            "この列は取り込まない"
        } else {
            "これらの列は取り込まない"
        };
        choices.push(Choice {
            parameter: "ignore".to_owned(),
            value: values.join(","),
            label: label.to_owned(),
        });
    }
    choices.extend(layout.map(|layout| Choice {
        parameter: "layout".to_owned(),
        value: layout.code().to_owned(),
        label: "段階（0〜5。ほかの数は1つずつ尋ねます）".to_owned(),
    }));
    let levels = if layout.is_some() { "段階ならレイアウト（layout）を指定し、" } else { "" };
    let what = if layout.is_some() {
        "件数か段階か分かりません"
    } else {
        "段階や記号の列ではありません"
    };
    let message = format!(
        "数（{example} など）の列で、{what}。{levels}件数なら取り込まないか（ignore）、見出しを「手続総件数」「うちオンライン数」などにした件数の表にして送り直してください"
    );
    let fault = Fault::whole("column_of_counts", message).found(&names.join("、")).allowing("段階、記号");
    if choices.is_empty() {
        return fault;
    }
    let question = Question {
        mark: cut(&names[0], 100),
        headings: names.iter().map(|name| cut(name, 60)).collect(),
        choices,
        ..Question::about_the_file(
            "columns",
            format!("「{named}」列の数（{example} など）は、件数ですか、段階ですか"),
            [],
        )
    };
    fault.asking(question)
}
