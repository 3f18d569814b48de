//! Columns whose headings say nothing to us. What stands in them is never dropped without a word:
//! marks and codes are a question, everything else is told.

use super::channels::tells_plans;
use super::long::Column;
use super::sheet::{CODE, Sheet, likely_channel};
use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::domain::file_dates::read_in_file;
use crate::domain::text::{cut, fold_for_match, fold_mark, fold_width, unguarded};
use crate::import::Fault;
use crate::import::headings::{is_for_people, pieces_of};
use crate::import::marks::{Choice, Profile, Question, is_dash, likeliest_first, planned};
use crate::import::resolve::Procedures;
use crate::import::table::Row;

/// So many filled cells of a column are looked at.
const LOOKED_AT: usize = 1_000;
/// So many columns are asked about, and so many are named in a note; a table with more has other
/// troubles.
const MOST: usize = 50;
/// So many candidates are offered for one heading.
const CANDIDATES: usize = 5;

/// What a heading may name in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Procedure,
    /// A procedure that the layout expects and that no heading names.
    Missing(ProcedureIx),
    Channel,
    Body,
    /// A field of the table: its code and its label.
    Field(&'static str, &'static str),
}

/// How a table is laid out, as far as its unknown columns are concerned.
pub(super) struct Shape<'a> {
    pub rows: &'a [&'a Row],
    /// The columns that are read.
    pub known: &'a dyn Fn(usize) -> bool,
    /// The columns of marks among them.
    pub marked: &'a [usize],
    /// What the headings of this layout name.
    pub wanted: &'a [Wanted],
    pub profile: &'a Profile,
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    /// So many marks or levels.
    Marks(usize),
    /// Codes of bodies.
    Codes(usize),
    Addresses,
    Days,
    /// So many of a few short words that stand in nearly each row, as marks do.
    Words(usize),
    Text,
}

impl Sheet<'_> {
    /// Asks about the columns with marks or codes that are not read, and tells of the others.
    pub(super) fn unknown_columns(&mut self, table: &Shape<'_>) {
        let open: Vec<usize> = (0..=self.headings.last())
            .filter(|at| !((table.known)(*at) || self.headings.is_left_out(*at)))
            .filter(|at| !is_for_people(self.headings.text(*at)))
            .collect();
        let levels = table.marked.iter().filter_map(|at| highest_level(table.rows, *at)).max();
        let mut plain = Vec::new();
        for at in open {
            let kind = self.kind(table, at, levels);
            match kind {
                Kind::Empty if self.headings.text(at).trim().is_empty() => {}
                Kind::Empty => plain.push((at, kind)),
                _ if self.is_of_another_layout(table, at) => self.ask_what_for(table, at),
                // Only the sender can say of words that no profile knows whether they are marks.
                Kind::Marks(count) | Kind::Words(count) => self.ask(table, at, count, false),
                Kind::Codes(count) => self.ask(table, at, count, true),
                Kind::Days if tells_ends(self.headings.text(at)) => self.ask_end(table, at),
                Kind::Days if table.names_days() && !is_of_the_writing(self.headings.text(at)) => {
                    self.ask_days(table, at);
                }
                _ => plain.push((at, kind)),
            }
        }
        self.unread.extend(plain.iter().map(|(at, _)| *at));
        self.tell_plain(table, &plain);
        let vain: Vec<String> = self
            .headings
            .said_in_vain(self.options)
            .iter()
            .map(|key| format!("「{}」", cut(key, 60)))
            .collect();
        if !vain.is_empty() {
            self.notes.push(format!("指定された見出しはこの表にありません: {}", vain.join("、")));
        }
    }

    /// Whether a column has a meaning that tables of this layout do not read: without it their rows would be
    /// about something else, or what they say would be lost.
    fn is_of_another_layout(&self, table: &Shape<'_>, at: usize) -> bool {
        let heading = self.headings.meaning(at);
        let reads = |code: &str| {
            table.wanted.iter().any(|wanted| matches!(wanted, Wanted::Field(known, _) if *known == code))
        };
        Column::of_heading(heading).is_some_and(|column| {
            let says = matches!(
                column,
                Column::Channel
                    | Column::Level
                    | Column::Applicability
                    | Column::State
                    | Column::TargetLevel
                    | Column::TargetOn
            );
            says && !reads(column.code())
        })
    }

    /// Such a column: a fault, and the question whether it is to be left out.
    fn ask_what_for(&mut self, table: &Shape<'_>, at: usize) {
        let name = self.headings.name(at);
        let count = table.rows.iter().filter(|row| !row.cell(at).trim().is_empty()).count();
        let message = format!(
            "この形の表では読めない列に{count}か所の値があります。別の表に分けて送るか、レイアウト（layout）を指定するか、取り込まない（ignore）と指定してください"
        );
        let fault = Fault::whole("unread_column", message)
            .at_line(self.headings.line)
            .in_column(at, &name)
            .found(&name)
            .asked_elsewhere();
        self.faults.push(fault.allowing(table.labels()));
        self.questions.push(Question {
            mark: cut(&name, 100),
            parameter: "columns".to_owned(),
            question: format!("「{}」列（{count}か所）は、この形の表では読めません", cut(&name, 100)),
            count,
            headings: vec![cut(&name, 60)],
            choices: vec![left_out(&name)],
            suggestion: None,
            lines: Vec::new(),
        });
    }

    /// Asks about columns of words that a table of several procedures or bodies cannot place: `is_field` says
    /// of a heading that it is such a one. Gives back where they stand.
    pub(super) fn unplaced(
        &mut self,
        rows: &[&Row],
        known: &dyn Fn(usize) -> bool,
        is_field: impl Fn(&str) -> bool,
    ) -> Vec<usize> {
        let filled = |at: usize| rows.iter().filter(|row| !row.cell(at).trim().is_empty()).count();
        let headings = self.headings;
        let open = headings.all().filter(|(at, text)| !known(*at) && is_field(text));
        let open: Vec<(usize, usize)> =
            open.map(|(at, _)| (at, filled(at))).filter(|(_, count)| *count > 0).take(MOST).collect();
        for (at, count) in &open {
            let name = headings.name(*at);
            let message = format!(
                "この列の{count}か所の値がどの印のことか、この表では分かりません。2段の見出しにして印の列のすぐ右に置くか、取り込まない（ignore）と指定してください"
            );
            let fault = Fault::whole("unplaced_column", message).at_line(headings.line).in_column(*at, &name);
            self.faults.push(fault.found(&name).asked_elsewhere().allowing("取り込まない"));
            self.questions.push(Question {
                mark: cut(&name, 100),
                parameter: "columns".to_owned(),
                question: format!("「{}」列（{count}か所）はどの印のことか分かりません", cut(&name, 100)),
                count: *count,
                headings: vec![cut(&name, 60)],
                choices: vec![left_out(&name)],
                suggestion: None,
                lines: Vec::new(),
            });
        }
        open.into_iter().map(|(at, _)| at).collect()
    }

    fn kind(&self, table: &Shape<'_>, at: usize, levels: Option<u8>) -> Kind {
        let cells: Vec<&str> = table
            .rows
            .iter()
            .map(|row| unguarded(row.cell(at).trim()))
            .filter(|cell| !cell.is_empty())
            .take(LOOKED_AT)
            .collect();
        let most = |count: usize| count * 2 > cells.len();
        let heading = self.headings.text(at);
        if cells.is_empty() {
            return Kind::Empty;
        }
        if cells.iter().all(|cell| is_number(cell)) {
            // What is planned is a level wherever it stands, and so is what is called one.
            let called = ["段階", "レベル"].iter().any(|word| heading.contains(word));
            let levels = if called || tells_plans(heading) { Some(5) } else { levels };
            return match self.looks_like_codes(&cells, heading) {
                true => Kind::Codes(cells.len()),
                _ if is_column_of_levels(&cells, heading, levels) => Kind::Marks(cells.len()),
                _ => Kind::Text,
            };
        }
        let marks = cells.iter().filter(|cell| is_mark(table.profile, cell)).count();
        let known = cells.iter().any(|cell| table.profile.meaning(&fold_mark(cell), None).is_some());
        // Nothing but dashes may be anything, unless the heading is nearly one that is read.
        let meant = |wanted: &[Wanted]| {
            let none = |_: &str, _: &str| Choice {
                parameter: String::new(),
                value: String::new(),
                label: String::new(),
            };
            !candidates(self.catalogue, wanted, self.headings.text(at), &none).0.is_empty()
        };
        // Marks with words beside them are marks too, where some stand alone.
        let beside = || cells.iter().filter(|cell| may_be_marks(table.profile, cell)).count();
        let with_words = || known && most(beside());
        if (most(marks) && (known || meant(table.wanted))) || with_words() {
            return Kind::Marks(marks.max(1));
        }
        if most(cells.iter().filter(|cell| is_address(cell)).count()) {
            return Kind::Addresses;
        }
        if most(cells.iter().filter(|cell| read_in_file(cell).is_ok()).count()) {
            return Kind::Days;
        }
        // A channel and a field may stand under any heading, a procedure or a body under one like its name.
        let like_a_name = |wanted: &&Wanted| matches!(wanted, Wanted::Procedure | Wanted::Body);
        let names: Vec<Wanted> = table.wanted.iter().filter(like_a_name).copied().collect();
        let named = likely_channel(heading).is_some() || meant(&names);
        if are_words_like_marks(&cells, table.rows.len(), heading, named) {
            return Kind::Words(cells.len());
        }
        Kind::Text
    }

    /// Whether numbers are codes of bodies in a table that has no others: six digits, or five without
    /// the check digit. Thousands are hardly prefectures.
    fn looks_like_codes(&self, cells: &[&str], heading: &str) -> bool {
        let coded = super::sheet::column(self.headings, CODE).is_some();
        let code = |cell: &&str| {
            let digits = fold_width(cell);
            let whole = digits.len() == 6 || (digits.len() == 5 && !digits.ends_with("000"));
            whole && self.catalogue.find_body(&digits).is_ok()
        };
        // A spreadsheet takes the zero away; one number may be anything then.
        let lost = |cell: &&str| {
            let digits = fold_width(cell);
            matches!(digits.len(), 4 | 5) && self.catalogue.find_body(&format!("0{digits}")).is_ok()
        };
        let all =
            cells.iter().all(code) || (cells.len() > 1 && cells.iter().all(|cell| code(cell) || lost(cell)));
        !(coded || is_count(heading)) && all
    }

    /// A column of which something would be lost: a fault, and the question that mends it.
    fn ask(&mut self, table: &Shape<'_>, at: usize, count: usize, codes: bool) {
        if self.questions.iter().filter(|question| question.is_about_column()).count() >= MOST {
            return;
        }
        let name = self.headings.name(at);
        let key = fold_for_match(&name);
        let choice = |value: &str, label: &str| Choice {
            parameter: "columns".to_owned(),
            value: format!("{key}={value}"),
            label: cut(label, 200),
        };
        let (mut choices, suggestion) = match codes {
            true => (vec![choice("municipality_code", "団体コード")], None),
            false => candidates(self.catalogue, table.wanted, self.headings.text(at), &choice),
        };
        let mut suggestion = suggestion;
        let plans = tells_plans(self.headings.text(at));
        if let Some(Wanted::Field(code, label)) = table.wanted.iter().find(|wanted| wanted.is_plan())
            && plans
        {
            // What stands above goes on to say of which channel it is.
            let value = format!("{}={code}", own_key(&name));
            suggestion = Some(value.clone());
            choices.insert(0, Choice { parameter: "columns".to_owned(), value, label: (*label).to_owned() });
        }
        let near: Vec<String> = choices.iter().take(CANDIDATES).map(|choice| choice.label.clone()).collect();
        choices.push(left_out(&name));
        let what = if codes { "団体コードのような番号" } else { "記号や段階" };
        let message = format!(
            "知らない見出しの列に{what}が{count}か所あります。見出しを直すか、何の列か（columns）、取り込まない（ignore）かを指定してください"
        );
        let fault = Fault::whole("unknown_heading", message)
            .at_line(self.headings.line)
            .in_column(at, &name)
            .found(&name)
            .asked_elsewhere()
            .allowing(if codes { "団体コード".to_owned() } else { table.labels() });
        self.faults.push(if near.is_empty() { fault } else { fault.suggesting(near.join(" または ")) });
        self.questions.push(Question {
            mark: cut(&name, 100),
            parameter: "columns".to_owned(),
            question: format!("「{}」列（{what}{count}か所）は何の列ですか", cut(&name, 100)),
            count,
            headings: vec![cut(&name, 60)],
            choices,
            suggestion,
            lines: Vec::new(),
        });
    }

    /// A column of days of which the heading does not say what is true from then on.
    fn ask_days(&mut self, table: &Shape<'_>, at: usize) {
        let name = self.headings.name(at);
        let key = own_key(&name);
        let count = table.rows.iter().filter(|row| !row.cell(at).trim().is_empty()).count();
        let today = self.options.today;
        let read = |row: &&Row| Some(read_in_file(row.cell(at).trim()).ok()?.0.on);
        let ahead = table.rows.iter().filter_map(read).any(|day| day > today);
        let choice = |value: &str, label: &str| Choice {
            parameter: "columns".to_owned(),
            value: format!("{key}={value}"),
            label: label.to_owned(),
        };
        let mut choices =
            vec![choice("effective_on", "適用日（その日から）"), choice("target_on", "目標日（予定の時期）")];
        if ahead {
            choices.reverse();
        }
        let suggestion = Some(choices[0].value.clone());
        choices.push(left_out(&name));
        let what = "日付や時期";
        let message = format!(
            "知らない見出しの列に{what}が{count}か所あります。適用日か目標日か（columns）、取り込まない（ignore）かを指定してください"
        );
        let fault = Fault::whole("unknown_heading", message)
            .at_line(self.headings.line)
            .in_column(at, &name)
            .found(&name)
            .asked_elsewhere()
            .allowing("適用日、目標日、取り込まない");
        self.faults.push(fault.suggesting(choices[0].label.clone()));
        self.questions.push(Question {
            mark: cut(&name, 100),
            parameter: "columns".to_owned(),
            question: format!("「{}」列（{what}{count}か所）は何の日ですか", cut(&name, 100)),
            count,
            headings: vec![cut(&name, 60)],
            choices,
            suggestion,
            lines: Vec::new(),
        });
    }

    /// A column of days on which something ends. No field takes them.
    fn ask_end(&mut self, table: &Shape<'_>, at: usize) {
        let name = self.headings.name(at);
        let count = table.rows.iter().filter(|row| !row.cell(at).trim().is_empty()).count();
        let note = Choice {
            parameter: "columns".to_owned(),
            value: format!("{}=note", own_key(&name)),
            label: "備考として記録する（段階は今のまま）".to_owned(),
        };
        let with_note = table.wanted.iter().any(|wanted| matches!(wanted, Wanted::Field("note", _)));
        let message = format!(
            "終わりの日が{count}か所あります。終わりの日は記録できません。もう終わったものは段階を0にし、これから終わるものは備考に書いて、この列を取り込まない（ignore）と指定してください"
        );
        let fault = Fault::whole("end_date", message).at_line(self.headings.line).in_column(at, &name);
        self.faults.push(fault.found(&name).asked_elsewhere().allowing("取り込まない、備考"));
        self.questions.push(Question {
            mark: cut(&name, 100),
            parameter: "columns".to_owned(),
            question: format!("「{}」列（終わりの日{count}か所）をどうしますか", cut(&name, 100)),
            count,
            headings: vec![cut(&name, 60)],
            choices: with_note.then_some(note).into_iter().chain([left_out(&name)]).collect(),
            suggestion: None,
            lines: Vec::new(),
        });
    }

    /// Names the columns that are not read, and warns of headings that are nearly a known one.
    fn tell_plain(&mut self, table: &Shape<'_>, plain: &[(usize, Kind)]) {
        // What stands in the table under its own name is no slip elsewhere: 担当課 and 担当係.
        let there =
            |name: &&str| self.headings.all().any(|(_, text)| fold_for_match(text) == fold_for_match(name));
        let names = table.wanted.iter().flat_map(|wanted| wanted.names(self.catalogue));
        let known: Vec<&str> = names.filter(|name| !there(name)).collect();
        let mut names = Vec::new();
        for (at, kind) in plain.iter().take(MOST) {
            let text = self.headings.text(*at).trim();
            let name = cut(&self.headings.name(*at), 60);
            let hint = table.hint(*kind, &name);
            if let Some(near) = known.iter().find(|known| differ_by_a_letter(known, text)) {
                let message = "知らない見出しのため、この列は使いません。見出しの書き誤りではありませんか";
                let warning =
                    Fault::whole("unknown_heading", message).at_line(self.headings.line).found(text);
                self.warnings.push(warning.in_column(*at, text).suggesting(*near));
                names.push(name);
            } else {
                names.push(name + &hint);
            }
        }
        if !names.is_empty() {
            self.notes.push(format!("知らない見出しの列は使いません: {}", names.join("、")));
        }
    }
}

impl Shape<'_> {
    /// What the headings of this layout may be.
    fn labels(&self) -> String {
        let mut labels: Vec<&str> = self.wanted.iter().map(|wanted| wanted.label()).collect();
        labels.dedup();
        labels.join("、")
    }

    /// Whether days from which something is true have a column here.
    fn names_days(&self) -> bool {
        self.wanted.iter().any(|wanted| matches!(wanted, Wanted::Field("effective_on" | "target_on", _)))
    }

    /// How a column that is not read could be.
    fn hint(&self, kind: Kind, name: &str) -> String {
        let field = |code: &str| {
            self.wanted.iter().any(|wanted| matches!(wanted, Wanted::Field(known, _) if *known == code))
        };
        match kind {
            Kind::Addresses if field("url") => format!("（取り込むには columns='{name}=URL'）"),
            Kind::Days if field("target_on") => {
                format!("（取り込むには columns='{name}=適用日' か '{name}=目標日'）")
            }
            _ => String::new(),
        }
    }
}

impl Sheet<'_> {
    /// Asks which channel the name of a product is, once for each name.
    pub(super) fn ask_channel(&mut self, name: &str) {
        /// More names are another column.
        const NAMES: usize = 20;
        let mark = cut(name, 100);
        let asked = self.questions.iter().filter(|question| question.parameter == "names").count();
        if let Some(question) = self.questions.iter_mut().find(|question| question.mark == mark) {
            question.count += 1;
            return;
        }
        if asked >= NAMES {
            return;
        }
        let choice = |channel: &crate::domain::readiness::Channel| Choice {
            parameter: "names".to_owned(),
            value: format!("{name}={}", channel.id),
            label: channel.label_ja.clone(),
        };
        let mut choices: Vec<Choice> = self.catalogue.channels().iter().map(choice).collect();
        let suggestion = likely_channel(name).map(|id| format!("{name}={id}"));
        likeliest_first(&mut choices, suggestion.as_deref());
        self.questions.push(Question {
            question: format!("「{mark}」はどの接点ですか"),
            mark,
            parameter: "names".to_owned(),
            count: 1,
            headings: Vec::new(),
            choices,
            suggestion,
            lines: Vec::new(),
        });
    }
}

/// By what a column is told apart from others: what stands above it goes on to say what it says.
fn own_key(name: &str) -> String {
    fold_for_match(pieces_of(name).last().unwrap_or_default())
}

pub(super) fn left_out(name: &str) -> Choice {
    Choice {
        parameter: "ignore".to_owned(),
        value: fold_for_match(name),
        label: "この列は取り込まない".to_owned(),
    }
}

impl Wanted {
    fn is_plan(&self) -> bool {
        matches!(self, Self::Field("target_level", _))
    }

    fn label(self) -> &'static str {
        match self {
            Self::Procedure | Self::Missing(_) => "手続名か手続ID",
            Self::Channel => "接点の名前",
            Self::Body => "団体コードか団体名",
            Self::Field(_, label) => label,
        }
    }

    /// The names it goes by, but for bodies, of which there are too many that are nearly alike.
    fn names(self, catalogue: &Catalogue) -> Vec<&str> {
        match self {
            Self::Missing(procedure) => vec![catalogue.procedure(procedure).name_ja.as_str()],
            Self::Procedure => catalogue.procedures().iter().map(|row| row.name_ja.as_str()).collect(),
            Self::Channel => catalogue.channels().iter().map(|row| row.label_ja.as_str()).collect(),
            Self::Body => Vec::new(),
            Self::Field(_, label) => vec![label],
        }
    }
}

/// What a heading may have meant, the likest first, and what it most likely means.
fn candidates(
    catalogue: &Catalogue,
    wanted: &[Wanted],
    heading: &str,
    choice: &dyn Fn(&str, &str) -> Choice,
) -> (Vec<Choice>, Option<String>) {
    let mut choices = Vec::new();
    let mut suggestion = None;
    for one in wanted {
        match one {
            Wanted::Procedure => {
                choices.extend(Procedures::new(catalogue, &[]).near(heading).into_iter().map(|ix| {
                    let row = catalogue.procedure(ix);
                    choice(row.id.as_str(), &row.name_ja)
                }));
            }
            Wanted::Missing(procedure) => {
                let row = catalogue.procedure(*procedure);
                choices.push(choice(row.id.as_str(), &row.name_ja));
            }
            Wanted::Channel => {
                let rows = catalogue.channels();
                choices.extend(rows.iter().map(|row| choice(row.id.as_str(), &row.label_ja)));
                suggestion = likely_channel(heading).map(|id| choice(id, "").value);
            }
            Wanted::Body => {
                choices.extend(catalogue.names().near(heading, None).into_iter().map(|ix| {
                    let row = catalogue.body(ix);
                    choice(row.code.as_str(), &format!("{}{}", row.prefecture_name, row.name))
                }));
            }
            Wanted::Field(code @ "level", label) => choices.push(choice(code, label)),
            Wanted::Field(..) => {}
        }
    }
    // 有 and 無 may be about the procedure, though most marks are about a channel.
    let applicability = wanted.iter().find(|one| matches!(one, Wanted::Field("applicability", _)));
    if let Some(Wanted::Field(code, label)) = applicability {
        choices.push(choice(code, label));
    }
    likeliest_first(&mut choices, suggestion.as_deref());
    (choices, suggestion)
}

impl Question {
    /// Whether it asks what a column is.
    fn is_about_column(&self) -> bool {
        self.parameter == "columns"
    }
}

fn is_mark(profile: &Profile, cell: &str) -> bool {
    let folded = fold_mark(cell);
    profile.meaning(&folded, None).is_some()
        || is_dash(&folded)
        || planned(&folded).is_some()
        || FLAGS.contains(&fold_for_match(cell).as_str())
}

/// Words of programs for yes and no, folded.
const FLAGS: [&str; 2] = ["true", "false"];

/// Whether a cell is a mark, or looks like one that nobody knows: ☐, `[x]`.
pub(super) fn may_be_marks(profile: &Profile, cell: &str) -> bool {
    let symbol = |c: char| !c.is_alphanumeric() || c.is_ascii();
    // A word of a scale or a mark with something beside it begins as a mark does.
    let begins = || cell.chars().next().is_some_and(|first| is_mark(profile, &first.to_string()));
    is_mark(profile, cell) || (cell.chars().count() <= 3 && cell.chars().all(symbol)) || begins()
}

/// Whether cells are a few short words that say again and again how something stands.
fn are_words_like_marks(cells: &[&str], rows: usize, heading: &str, named: bool) -> bool {
    /// More different words are texts.
    const WORDS: usize = 6;
    /// Longer ones too.
    const LONGEST: usize = 12;
    /// Words of states, in cells of columns that no heading places.
    const STATES: [&str; 16] = [
        "済",
        "未",
        "可",
        "否",
        "対応",
        "実施",
        "導入",
        "予定",
        "検討",
        "運用",
        "稼働",
        "入力",
        "手書き",
        "紙",
        "タブレット",
        "端末",
    ];
    if classifies(heading) || cells.len() * 5 < rows * 4 {
        return false;
    }
    let mut distinct: Vec<&str> = cells.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let short = distinct.iter().all(|cell| cell.chars().count() <= LONGEST && !names_office(cell));
    let few = distinct.len() <= WORDS && distinct.len() < cells.len();
    let states = || distinct.iter().any(|cell| STATES.iter().any(|word| cell.contains(word)));
    short && few && (named || states())
}

/// Whether a heading is that of a class, a name or a remark.
fn classifies(heading: &str) -> bool {
    const ENDS: [&str; 27] = [
        "区分",
        "分類",
        "分野",
        "種別",
        "種類",
        "類型",
        "カテゴリ",
        "カテゴリー",
        "係",
        "課",
        "部",
        "室",
        "担当",
        "名",
        "名称",
        "者",
        "備考",
        "説明",
        "内容",
        "根拠",
        "法令",
        "地区",
        "圏域",
        "郡",
        "方法",
        "対象",
        "先",
    ];
    let folded = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    let bare = folded.split('(').next().unwrap_or_default();
    ENDS.iter().any(|end| bare.ends_with(end))
}

/// Whether a text is the name of an office or a place.
fn names_office(text: &str) -> bool {
    text.ends_with(['課', '係', '室', '部', '局', '署', '市', '町', '村', '区', '県', '郡'])
        || ["センター", "窓口", "庁舎", "支所", "出張所"].iter().any(|end| text.ends_with(end))
}

/// Whether days under a heading are those on which somebody wrote something down.
fn is_of_the_writing(heading: &str) -> bool {
    const WORDS: [&str; 11] =
        ["更新", "記入", "作成", "回答", "入力", "提出", "施行", "公布", "制定", "改正", "生年月日"];
    let lowest = pieces_of(heading).last().unwrap_or_default();
    WORDS.iter().any(|word| lowest.contains(word))
}

/// Whether a heading speaks of the time at which something ends: nothing is true from then on.
fn tells_ends(heading: &str) -> bool {
    const WORDS: [&str; 8] = ["終了", "廃止", "休止", "停止", "満了", "閉鎖", "期限", "撤去"];
    let lowest = pieces_of(heading).last().unwrap_or_default();
    WORDS.iter().any(|word| lowest.contains(word))
}

fn is_number(cell: &str) -> bool {
    fold_width(cell).bytes().all(|byte| byte.is_ascii_digit())
}

fn is_address(cell: &str) -> bool {
    cell.starts_with("http://") || cell.starts_with("https://")
}

/// The highest level among the marks of a column; none where they are no numbers.
fn highest_level(rows: &[&Row], at: usize) -> Option<u8> {
    let level = |row: &&Row| fold_width(row.cell(at)).parse::<u8>().ok().filter(|level| *level <= 5);
    rows.iter().take(LOOKED_AT).filter_map(level).max().map(|level| if level > 1 { 5 } else { 1 })
}

/// Whether numbers may be levels, or 0 and 1, as those of the columns that are read: neither a running
/// number nor a count.
fn is_column_of_levels(cells: &[&str], heading: &str, highest: Option<u8>) -> bool {
    const NUMBERS: [&str; 16] = [
        "no.",
        "no",
        "№",
        "id",
        "#",
        "番号",
        "通番",
        "項番",
        "連番",
        "順位",
        "順番",
        "優先度",
        "重要度",
        "難易度",
        "満足度",
        "枝番",
    ];
    let Some(highest) = highest else { return false };
    let folded = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    let levels: Option<Vec<u8>> =
        cells.iter().map(|cell| fold_width(cell).parse().ok().filter(|level| *level <= highest)).collect();
    // Numbers of rows go on rising, whatever was taken out between them.
    let running = |levels: &[u8]| {
        let rising = levels.len() > 1 && levels.windows(2).all(|two| two[1] > two[0]);
        rising && (levels.len() > 2 || levels[0] <= 1)
    };
    levels.is_some_and(|levels| !running(&levels))
        && !(NUMBERS.contains(&folded.as_str()) || folded.ends_with("番号") || is_count(heading))
}

/// Whether a heading is that of a number of something.
fn is_count(heading: &str) -> bool {
    let folded = fold_for_match(heading);
    let bare = folded.split('(').next().unwrap_or_default();
    bare.ends_with(['数', '率', '計', '日', '年', '月', '円', '額', '人', '分', '料'])
        || bare.contains("人口")
}

/// Whether one letter of several stands for another: 適用曰 for 適用日.
fn differ_by_a_letter(one: &str, other: &str) -> bool {
    let letters = one.chars().count();
    letters > 2
        && letters == other.chars().count()
        && one.chars().zip(other.chars()).filter(|(a, b)| a != b).count() == 1
}
