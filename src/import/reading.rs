//! A file as it was understood: what its rows say, what is wrong with them and what must be asked.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::NaiveDate;

use super::layout::Layout;
use super::marks::{Choice, Question};
use super::originals::Originals;
use super::records::Record;
use super::{Container, Fault, FaultKind, Revisions, Statement, options};
use crate::domain::readiness::Scale;
use crate::domain::text::cut;

/// A mark or value of the file and how it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Understood {
    /// As found; 空欄 for an empty cell.
    pub mark: String,
    /// What it was taken to mean, in Japanese.
    pub meaning: String,
    /// Some of the headings under which it means that, where it means something else under others.
    pub headings: Vec<String>,
    /// How often.
    pub count: usize,
    /// The scale on which its usual meaning was taken, of a mark that says yes or no and that nobody explained.
    pub usual_on: Option<Scale>,
}

/// A file as it was understood.
#[derive(Debug, Default)]
pub struct Reading {
    /// The layout that was found or named; none while a question about the file as a whole is open.
    pub layout: Option<Layout>,
    /// Name of the profile that says what marks mean, in layouts with marks.
    pub profile: Option<String>,
    /// Container and encoding as found, as far as it came to that.
    pub container: Option<Container>,
    /// What its rows say of readiness.
    pub statements: Vec<Statement>,
    /// What its rows say of usage, or of published figures.
    pub records: Vec<(u32, Record)>,
    /// Faults, by line.
    pub faults: Vec<Fault>,
    /// Things that were repaired or look odd.
    pub warnings: Vec<Fault>,
    /// What must be answered before the file can be taken.
    pub questions: Vec<Question>,
    /// Remarks for the sender, in Japanese: what was skipped, legends that were found.
    pub notes: Vec<String>,
    /// How marks were understood.
    pub understood: Vec<Understood>,
    /// Rows with data, whether taken or not.
    pub rows: usize,
    /// The headings as they came, two rows joined.
    pub headings: Vec<String>,
    /// Columns (from 0) that are not read, without those that the sender wants left out.
    pub(super) unread: Vec<usize>,
    /// At which revision the rows of an export were written.
    pub revisions: Revisions,
    /// The cells as they came.
    pub(super) originals: Originals,
}

impl Reading {
    /// The cells of these lines as they came, as far as there are such lines.
    pub fn cells_of(&self, lines: &BTreeSet<u32>) -> BTreeMap<u32, Vec<String>> {
        self.originals.of(lines)
    }

    /// This part of a file and the next one as one. What is said of both alike is said once.
    pub(super) fn joined(mut self, next: Self) -> Self {
        self.statements.extend(next.statements);
        self.records.extend(next.records);
        self.faults.extend(next.faults);
        self.warnings.extend(next.warnings);
        for note in next.notes {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        for question in next.questions {
            let same = |known: &&mut Question| {
                (&known.mark, &known.parameter, &known.question)
                    == (&question.mark, &question.parameter, &question.question)
            };
            match self.questions.iter_mut().find(same) {
                Some(known) => known.count += question.count,
                None => self.questions.push(question),
            }
        }
        for one in next.understood {
            let same = |known: &&mut Understood| {
                (&known.mark, &known.meaning, &known.headings) == (&one.mark, &one.meaning, &one.headings)
            };
            match self.understood.iter_mut().find(same) {
                Some(known) => known.count += one.count,
                None => self.understood.push(one),
            }
        }
        self.rows += next.rows;
        // A column of which one part reads something is read.
        self.unread.retain(|at| next.unread.contains(at));
        self.revisions.extend(next.revisions);
        self
    }

    /// Tells of the statements that do not say from which day they are true, unless that is asked.
    pub(super) fn tell_undated(&mut self, today: NaiveDate) {
        let undated = self.statements.iter().filter(|statement| statement.effective.is_none()).count();
        if undated > 0 && self.questions.iter().all(|question| question.parameter != "effective_on") {
            self.notes.push(format!(
                "適用日のない{undated}件は、変更があれば今日（{today}）からの状況とします（effective_on の指定で変えられます）。"
            ));
        }
    }

    /// Puts the questions of faults among those of the file, each with the number of faults that its
    /// answer mends.
    pub(super) fn gather_questions(&mut self) {
        /// More questions are no questions any more.
        const MOST: usize = 50;
        let mut asked: HashMap<(String, Option<String>, String), usize> = HashMap::new();
        for fault in &mut self.faults {
            for question in std::mem::take(&mut fault.asks) {
                let place = (fault.code.clone(), fault.value.clone(), question.mark.clone());
                let at = match asked.get(&place) {
                    Some(at) => *at,
                    None if asked.len() < MOST => {
                        self.questions.push(Question { count: 0, ..Question::clone(&question) });
                        self.questions.len() - 1
                    }
                    None => continue,
                };
                asked.insert(place, at);
                self.questions[at].saw(fault.heading.as_deref());
            }
        }
    }

    /// Leaves out what would be asked of lines that are refused whatever is answered.
    pub(super) fn drop_vain_questions(&mut self) {
        if self.questions.is_empty() {
            return;
        }
        let refused = self.faults.iter().filter(|fault| !fault.is_answerable());
        let refused: HashSet<u32> = refused.filter_map(|fault| fault.line).collect();
        self.questions.retain_mut(|question| question.is_asked_without(&refused));
    }

    /// Asks once whether all rows are left out whose procedures are in no list and like none in one, and once
    /// of those that name none.
    pub(super) fn ask_to_leave_out(&mut self) {
        self.ask_to_leave_out_those(FaultKind::UnknownProcedure, "手続一覧にない手続があります");
        self.ask_to_leave_out_those(FaultKind::RowWithoutName, "手続名のない行があります");
    }

    fn ask_to_leave_out_those(&mut self, kind: FaultKind, what: &str) {
        /// More names are another table.
        const NAMES: usize = 200;
        /// Longest answer, in bytes.
        const LONGEST: usize = 4_000;
        let (mut count, mut names) = (0, Vec::new());
        let mut length = 0;
        for fault in self.faults.iter().filter(|fault| fault.kind == kind && fault.asks.is_empty()) {
            // An ASCII comma would part the answer, and a name that was cut is none.
            let Some(name) = fault.value.as_deref().filter(|name| {
                !(name.trim().is_empty() || name.contains([',', '=', '＝']) || name.ends_with('…'))
            }) else {
                continue;
            };
            count += 1;
            if names.len() < NAMES && length + name.len() < LONGEST && !names.contains(&name) {
                length += name.len() + options::IGNORED.len() + 2;
                names.push(name);
            }
        }
        let [first, rest @ ..] = names.as_slice() else { return };
        let more = if rest.is_empty() { String::new() } else { format!(" ほか{}件", rest.len()) };
        let value: Vec<String> = names.iter().map(|name| format!("{name}={}", options::IGNORED)).collect();
        let choice = Choice {
            parameter: "names".to_owned(),
            value: value.join(","),
            label: "これらの行は取り込まない".to_owned(),
        };
        let question = format!("{what}（{}{more}）。その行を取り込まないことにしますか", cut(first, 60));
        self.questions.push(Question {
            mark: cut(first, 100),
            parameter: "names".to_owned(),
            question,
            count,
            headings: Vec::new(),
            choices: vec![choice],
            suggestion: None,
            ..Question::about_the_file("names", "", [])
        });
    }

    /// A file that cannot be read before something is answered: its faults and questions, and no row.
    ///
    /// # Errors
    ///
    /// The faults, if there is one among them that no answer mends.
    pub(super) fn waiting(faults: Vec<Fault>) -> Result<Self, Vec<Fault>> {
        if faults.iter().any(|fault| fault.asks.is_empty()) {
            return Err(faults);
        }
        let asked = faults.iter().flat_map(|fault| &fault.asks);
        let mut questions: Vec<Question> = Vec::new();
        for question in asked {
            if !questions.contains(question) {
                questions.push(Question::clone(question));
            }
        }
        Ok(Self { faults, questions, ..Self::default() })
    }
}
