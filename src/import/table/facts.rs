//! What of a sheet its cells alone do not tell: what is hidden, struck through, merged, commented on.

use super::super::marks::Question;
use super::super::options::{Hidden, Options};
use super::super::workbook::{Cells, letters, reference};
use super::super::{Fault, Reading};
use super::merges::Merged;
use crate::domain::text::cut;

/// So many rows, columns and ranges are named in one note.
const NAMED: usize = 10;
/// What to do about something hidden that was meant.
pub(in crate::import) const TO_READ_IT: &str =
    "取り込むには再表示するか、「非表示のものも読む」（hidden=all）を選んでください";

/// What is to be told of a sheet.
#[derive(Clone, Debug, Default)]
pub(in crate::import) struct SheetFacts {
    /// Lines of the rows that a filter hides.
    pub(super) filtered: Vec<u32>,
    /// Lines of the rows that are hidden otherwise.
    pub(super) hidden: Vec<u32>,
    pub(super) columns: Vec<HiddenColumn>,
    pub(super) merged: Vec<Merged>,
    pub(super) struck: Cells,
    pub(super) struck_in_part: Cells,
    pub(super) comments: Cells,
    /// Cells that lead to an address which they do not show.
    pub(super) links: Cells,
    /// Cells whose value is not shown.
    pub(super) unseen: Cells,
}

/// A hidden column that has cells.
#[derive(Clone, Debug)]
pub(super) struct HiddenColumn {
    number: u32,
    /// Whether it says what a row is about.
    pub(super) is_key: bool,
    pub(super) is_read: bool,
    /// Its first texts with their lines: one of them is its heading.
    texts: Vec<(u32, String)>,
}

impl HiddenColumn {
    pub(super) fn new(number: u32) -> Self {
        Self { number, is_key: false, is_read: false, texts: Vec::new() }
    }

    /// Keeps what may be its heading.
    pub(super) fn see(&mut self, line: u32, text: &str) {
        /// Headings stand within as many rows.
        const ROWS: usize = 40;
        if self.texts.len() < ROWS {
            self.texts.push((line, cut(&text.replace('\n', ""), 30)));
        }
    }

    pub(super) fn is_told(&self) -> bool {
        !self.texts.is_empty()
    }

    /// `H列「汎用電子申請」`: the letters above it, and what stands in or above the line of headings.
    fn name(&self, headings: Option<u32>) -> String {
        let above = self.texts.iter().rev().find(|(line, _)| headings.is_none_or(|last| *line <= last));
        let heading = above.map(|(_, text)| format!("「{text}」")).unwrap_or_default();
        format!("{}列{heading}", letters(self.number))
    }
}

impl SheetFacts {
    /// Tells them beside what was read of the table below the `headings`, and asks what only the
    /// sender can say. `naming` are the columns that say what a row is about.
    pub(in crate::import) fn tell(
        &self,
        reading: &mut Reading,
        headings: u32,
        naming: &[usize],
        options: &Options,
    ) {
        reading.notes.extend(self.notes(Some(headings), options.hidden));
        reading.notes.extend(self.merged_below(headings, naming));
        let lines: Vec<u32> = self.filtered.iter().copied().filter(|line| *line > headings).collect();
        if let (None, Some(first)) = (options.hidden, lines.first()) {
            // Neither reading may be taken before it is said which was meant.
            reading.statements.clear();
            reading.records.clear();
            let question = filtered(&lines);
            let message = format!("{}。どちらかを選ぶまで取り込みません", question.question);
            let fault = Fault::whole("hidden_by_filter", message).at_line(*first);
            reading
                .faults
                .push(fault.allowing("hidden=all（隠れた行も読む）、hidden=visible（見えている行だけ読む）"));
            reading.questions.push(question);
        }
    }

    /// Whether what stood in a cell was struck through as a whole; `column` is counted from 0.
    pub(in crate::import) fn is_struck(&self, line: u32, column: usize) -> bool {
        self.struck.count > 0
            && u32::try_from(column).is_ok_and(|column| self.struck.holds(&reference(column, line)))
    }

    /// Faults of a table in which nothing was found, with what may be why; where it may be what is
    /// hidden, that is asked.
    pub(in crate::import) fn explain(&self, mut faults: Vec<Fault>, hidden: Option<Hidden>) -> Vec<Fault> {
        let Some(at) = faults.iter().position(|one| ["no_rows", "unknown_layout"].contains(&&*one.code))
        else {
            return faults;
        };
        let mut fault = faults.remove(at);
        fault.message.extend(self.notes(None, hidden));
        let rows = self.filtered.len() + self.hidden.len();
        if rows > 0 && hidden != Some(Hidden::All) {
            fault.message.push_str(&format!("{rows}行が非表示です（{TO_READ_IT}）。"));
        }
        let unread = rows > 0 || self.columns.iter().any(|column| !column.is_read);
        if unread && hidden.is_none() {
            fault = fault.asking(about_hidden("非表示の行や列があります。それも読みますか"));
        }
        faults.insert(at, fault);
        faults
    }

    fn notes(&self, headings: Option<u32>, hidden: Option<Hidden>) -> Vec<String> {
        let mut notes = Vec::new();
        if hidden == Some(Hidden::All) {
            let below = |line: &&u32| headings.is_none_or(|last| **line > last);
            let rows = self.filtered.iter().chain(&self.hidden).filter(below).count();
            if rows > 0 {
                notes.push(format!("非表示の{rows}行も、指定のとおり読みました。"));
            }
        }
        let named = |wanted: &dyn Fn(&HiddenColumn) -> bool| {
            let names = self.columns.iter().filter(|column| wanted(column)).map(|one| one.name(headings));
            listed(names.collect())
        };
        if let Some(names) = named(&|column| !column.is_read) {
            notes.push(format!("非表示の列は読み飛ばしました: {names}（{TO_READ_IT}）。"));
        }
        if let Some(names) = named(&|column| column.is_key) {
            notes.push(format!("非表示の列ですが、行が何についてのものかを示すので読みました: {names}"));
        }
        if let Some(names) = named(&|column| column.is_read && !column.is_key) {
            notes.push(format!("非表示の列も、指定のとおり読みました: {names}"));
        }
        if self.struck.count > 0 {
            notes.push(format!(
                "取り消し線のある{}個のセルは、ないものとして読みました（{}）。残すものは取り消し線を外してください。",
                self.struck.count,
                self.struck.named()
            ));
        }
        if self.struck_in_part.count > 0 {
            notes.push(format!(
                "文字の一部に取り消し線のある{}個のセルは、取り消し線のない文字だけを読みました（{}）。",
                self.struck_in_part.count,
                self.struck_in_part.named()
            ));
        }
        if self.unseen.count > 0 {
            notes.push(format!(
                "表示形式やシートの設定で何も表示されない{}個のセルは、空欄として読みました（{}）。{TO_READ_IT}。",
                self.unseen.count,
                self.unseen.named()
            ));
        }
        if self.comments.count > 0 {
            notes.push(format!(
                "コメント（メモ）のあるセルが{}個あります（{}）。コメントの中身は取り込みません。残すものは備考の列に書いてください。",
                self.comments.count,
                self.comments.named()
            ));
        }
        if self.links.count > 0 {
            notes.push(format!(
                "リンクのあるセルが{}個あります（{}）。リンク先のアドレスは取り込みません。残すものはURLの列に書いてください。",
                self.links.count,
                self.links.named()
            ));
        }
        notes
    }

    /// The merged ranges of values; that a name is merged over its rows needs no word.
    fn merged_below(&self, headings: u32, naming: &[usize]) -> Option<String> {
        let is_value = |merged: &&Merged| {
            let first = usize::try_from(merged.range.first_column).unwrap_or(usize::MAX);
            merged.range.first_row > headings && !naming.contains(&first)
        };
        let ranges = self.merged.iter().filter(is_value);
        let texts = ranges.map(|merged| {
            let cells = merged.cells + 1;
            format!("{}「{}」{cells}セル", merged.range, cut(&merged.text.replace('\n', ""), 20))
        });
        let names = listed(texts.collect())?;
        Some(format!("結合セルは、左上の値をすべてのセルの値として読みました: {names}"))
    }
}

/// The first few of many; none of none.
fn listed(mut names: Vec<String>) -> Option<String> {
    let all = names.len();
    names.truncate(NAMED);
    let more = if all > NAMED { format!(" ほか{}か所", all - NAMED) } else { String::new() };
    (all > 0).then(|| names.join("、") + &more)
}

/// Asks what becomes of rows that a filter hides: whoever left it on may have meant either.
fn filtered(lines: &[u32]) -> Question {
    let named: Vec<String> = lines.iter().take(5).map(|line| format!("{line}行目")).collect();
    let more = if lines.len() > named.len() { " など" } else { "" };
    let text = format!(
        "フィルターで隠れている行が{}行あります（{}{more}）。隠れている行も取り込みますか",
        lines.len(),
        named.join("、")
    );
    Question { count: lines.len(), ..about_hidden(&text) }
}

fn about_hidden(text: &str) -> Question {
    let choices = Hidden::ALL.iter().map(|one| (one.code().to_owned(), one.label().to_owned()));
    Question::about_the_file("hidden", text, choices)
}
