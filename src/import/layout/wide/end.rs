//! What tables of bodies and tables of procedures end with.

use crate::import::layout::Layout;
use crate::import::layout::beside::is_beside;
use crate::import::layout::marked::Marks;
use crate::import::layout::sheet::{Sheet, which_channel};
use crate::import::layout::unknown::Shape;
use crate::import::marks::Question;
use crate::import::{Fault, Reading, Statement};

/// The end of both.
pub(super) struct End<'a> {
    pub(super) layout: Layout,
    /// Whether nobody said which channel the table is about.
    pub(super) undecided: bool,
    /// The columns under the heading of what the table is about of which nobody knows what they say of it.
    pub(super) open: &'a [usize],
    pub(super) shape: Shape<'a>,
}

impl End<'_> {
    pub(super) fn reading(self, mut sheet: Sheet<'_>, marks: Marks, statements: Vec<Statement>) -> Reading {
        let Shape { rows, known, .. } = self.shape;
        let catalogue = sheet.catalogue;
        let above = if self.layout == Layout::WideMunicipalities { "手続" } else { "団体" };
        let below = sheet.ask_sub_headings(rows, self.open, above);
        let known = |at| known(at) || below.contains(&at);
        let unplaced = sheet.unplaced(rows, &known, |text| is_beside(catalogue, text));
        let known = |at| known(at) || unplaced.contains(&at);
        sheet.unknown_columns(&Shape { known: &known, ..self.shape });
        sheet.ask_since_when(&statements);
        let (understood, questions, profile) = marks.finish(&mut sheet.notes);
        sheet.questions.extend(questions);
        if self.undecided {
            let question = which_channel(sheet.catalogue);
            sheet.questions.insert(0, Question { count: rows.len(), ..question });
            let message =
                "どの接点（オンライン、窓口など）の表か分かりません。接点（channel）を指定してください";
            let fault = Fault::whole("missing_channel", message)
                .allowing("channel=online、counter など")
                .asked_elsewhere();
            // Told at each row, so that none of them is left out without a word.
            sheet.faults.extend(rows.iter().map(|row| fault.clone().at_line(row.line)));
        }
        Reading { profile: Some(profile), statements, understood, ..sheet.reading(self.layout, rows.len()) }
    }
}
