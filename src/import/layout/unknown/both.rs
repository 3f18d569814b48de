//! Marks and counts in one table: an import reads either, and what it does not read is asked about as a whole.

use super::cells::Kind;
use super::{MOST, Shape, left_out};
use crate::domain::text::cut;
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::layout::column::Column;
use crate::import::layout::sheet::Sheet;
use crate::import::layout::usage::{counts_all, counts_applications};
use crate::import::layout::{Layout, channels};
use crate::import::marks::{Choice, Question};

impl Sheet<'_> {
    /// The columns that another reading of the table would take: counts beside marks, marks beside counts.
    pub(super) fn of_the_other_reading(&self, table: &Shape<'_>, open: &[(usize, Kind)]) -> Vec<usize> {
        let meaning = |at: usize| self.headings.meaning(at);
        let is_level = |text: &str| Column::of_heading(text) == Some(Column::Level);
        let of_rows = |text: &str| Column::of_heading(text) == Some(Column::Channel);
        if table.reads_counts() {
            // Beside a column of channels each of them is told by itself.
            if open.iter().any(|(at, _)| of_rows(meaning(*at))) {
                return Vec::new();
            }
            let marked = |(at, kind): &&(usize, Kind)| {
                let named = channels::about(self.catalogue, meaning(*at)).is_some() || is_level(meaning(*at));
                matches!(kind, Kind::Marks(_) | Kind::Words(_)) && named
            };
            return open.iter().filter(marked).map(|(at, _)| *at).take(MOST).collect();
        }
        let has_marks = !table.marked.is_empty() || self.headings.all().any(|(_, text)| is_level(text));
        let counted = |(at, kind): &&(usize, Kind)| {
            *kind != Kind::Empty
                && has_marks
                && counts_applications(meaning(*at))
                && self.has_counts(table, *at)
        };
        let counted: Vec<usize> = open.iter().filter(counted).map(|(at, _)| *at).take(MOST).collect();
        // Online counts alone are no table of counts.
        let all = counted.iter().any(|at| counts_all(meaning(*at)));
        if all { counted } else { Vec::new() }
    }

    /// Whether most cells of a column are numbers, or one at least is no level.
    fn has_counts(&self, table: &Shape<'_>, at: usize) -> bool {
        let cells = table.rows.iter().map(|row| row.cell(at).trim()).filter(|cell| !cell.is_empty());
        cells.filter(|cell| cell.starts_with(|c: char| c.is_numeric())).take(2).count() > 0
    }

    /// One fault and one question for all of them: which of the two is read now. The other is read when the file is
    /// sent once more.
    pub(super) fn ask_which_reading(&mut self, table: &Shape<'_>, columns: &[usize]) {
        let Some(first) = columns.first() else { return };
        let names: Vec<String> = columns.iter().map(|at| self.headings.name(*at)).collect();
        let shown = cut(&names.join("」「"), 100);
        let counts = table.reads_counts();
        let (read, other) = if counts { ("件数", "印や段階") } else { ("印や段階", "件数") };
        let layout = match counts {
            false => Layout::Usage,
            true if columns.iter().any(|at| self.names_channel(*at)) => Layout::Form,
            true => Layout::Long,
        };
        if self.options.layout.is_some() {
            // Who names the layout has said which of them is read.
            self.unread.extend(columns);
            self.notes.push(format!(
                "{other}の列（「{shown}」）は、今回は読みません。取り込むには同じファイルを layout={} でもう一度送ってください。",
                layout.code()
            ));
            return;
        }
        let message = format!(
            "{read}の列のほかに{other}の列（「{shown}」）があります。1回の取込で読めるのはどちらか一方です。両方を取り込むには同じファイルを2回送り、1回はこれらの列を取り込まない（ignore）、もう1回は layout={} と指定してください",
            layout.code()
        );
        let fault = Fault::whole("counts_beside_marks", message).at_line(self.headings.line);
        let fault = fault.in_column(*first, &names[0]).found(&names[0]).asked_elsewhere();
        self.faults.push(fault.allowing(format!("{read}だけ、または{other}だけ")));
        let ignored: Vec<String> = names.iter().map(|name| left_out(name).value).collect();
        let ours = Choice {
            value: ignored.join(","),
            label: format!(
                "今回は{read}を取り込む（{other}は同じファイルを layout={} でもう一度送る）",
                layout.code()
            ),
            ..left_out("")
        };
        let theirs = Choice {
            parameter: "layout".to_owned(),
            value: layout.code().to_owned(),
            label: format!("今回は{other}を取り込む（{read}は同じファイルをもう一度送る）"),
        };
        let question = format!(
            "{read}と{other}（「{shown}」）のどちらを取り込みますか。もう一方は、そのあとで同じファイルを送って取り込めます"
        );
        self.questions.push(Question {
            mark: cut(&names[0], 100),
            headings: names.iter().take(5).map(|name| cut(name, 60)).collect(),
            choices: vec![ours, theirs],
            ..Question::about_the_file("ignore", question, [])
        });
    }

    fn names_channel(&self, at: usize) -> bool {
        let lowest = pieces_of(self.headings.meaning(at)).last();
        lowest.is_some_and(|text| channels::named(self.catalogue, text).is_some())
    }
}
