//! Columns whose headings say nothing to us. What stands in them is never dropped without a word:
//! marks and codes are a question, everything else is told.

use super::sheet::{CODE, Sheet, likely_channel};
use crate::domain::catalogue::Catalogue;
use crate::domain::file_dates::read_in_file;
use crate::domain::text::{cut, fold_for_match, fold_mark, fold_width, unguarded};
use crate::import::Fault;
use crate::import::headings::is_for_people;
use crate::import::marks::{Choice, Profile, Question, is_dash, likeliest_first, planned};
use crate::import::near::alike;
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
    Text,
}

impl Sheet<'_> {
    /// Asks about the columns with marks or codes that are not read, and tells of the others.
    pub(super) fn unknown_columns(&mut self, table: &Shape<'_>) {
        let open: Vec<usize> = (0..=self.headings.last())
            .filter(|at| !((table.known)(*at) || self.headings.is_left_out(*at)))
            .filter(|at| !is_for_people(self.headings.text(*at)))
            .collect();
        let levels = table.marked.iter().any(|at| has_levels(table.rows, *at));
        let mut plain = Vec::new();
        for at in open {
            let kind = self.kind(table, at, levels);
            match kind {
                Kind::Empty if self.headings.text(at).trim().is_empty() => {}
                Kind::Marks(count) => self.ask(table, at, count, false),
                Kind::Codes(count) => self.ask(table, at, count, true),
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

    fn kind(&self, table: &Shape<'_>, at: usize, levels: bool) -> Kind {
        let cells: Vec<&str> = table
            .rows
            .iter()
            .map(|row| unguarded(row.cell(at).trim()))
            .filter(|cell| !cell.is_empty())
            .take(LOOKED_AT)
            .collect();
        let most = |count: usize| count * 2 > cells.len();
        if cells.is_empty() {
            return Kind::Empty;
        }
        if cells.iter().all(|cell| is_number(cell)) {
            let heading = self.headings.text(at);
            return match self.looks_like_codes(&cells, heading) {
                true => Kind::Codes(cells.len()),
                _ if levels && is_column_of_levels(&cells, heading) => Kind::Marks(cells.len()),
                _ => Kind::Text,
            };
        }
        let marks = cells.iter().filter(|cell| is_mark(table.profile, cell)).count();
        let known = cells.iter().any(|cell| table.profile.meaning(&fold_mark(cell), None).is_some());
        // Nothing but dashes may be anything, unless the heading is nearly one that is read.
        let meant = || {
            let none = |_: &str, _: &str| Choice {
                parameter: String::new(),
                value: String::new(),
                label: String::new(),
            };
            !candidates(self.catalogue, table.wanted, self.headings.text(at), &none).0.is_empty()
        };
        if most(marks) && (known || meant()) {
            return Kind::Marks(marks);
        }
        if most(cells.iter().filter(|cell| is_address(cell)).count()) {
            return Kind::Addresses;
        }
        if most(cells.iter().filter(|cell| read_in_file(cell).is_ok()).count()) {
            return Kind::Days;
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
        !(coded || is_count(heading)) && cells.iter().all(code)
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
        let near: Vec<String> = choices.iter().take(CANDIDATES).map(|choice| choice.label.clone()).collect();
        choices.push(Choice {
            parameter: "ignore".to_owned(),
            value: key.clone(),
            label: "この列は取り込まない".to_owned(),
        });
        let what = if codes { "団体コードのような番号" } else { "記号や段階" };
        let message = format!(
            "知らない見出しの列に{what}が{count}か所あります。見出しを直すか、何の列か（columns）、取り込まない（ignore）かを指定してください"
        );
        let allowed = table.wanted.iter().map(|wanted| wanted.label()).collect::<Vec<_>>().join("、");
        let fault = Fault::whole("unknown_heading", message)
            .at_line(self.headings.line)
            .in_column(at, &name)
            .found(&name)
            .asked_elsewhere()
            .allowing(if codes { "団体コード".to_owned() } else { allowed });
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

impl Wanted {
    fn label(self) -> &'static str {
        match self {
            Self::Procedure => "手続名か手続ID",
            Self::Channel => "接点の名前",
            Self::Body => "団体コードか団体名",
            Self::Field(_, label) => label,
        }
    }

    /// The names it goes by, but for bodies, of which there are too many that are nearly alike.
    fn names(self, catalogue: &Catalogue) -> Vec<&str> {
        match self {
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
                let own = (0..).zip(catalogue.procedures()).map(|(ix, row)| (ix, row.name_ja.as_str()));
                let aliases = catalogue.aliases().iter().filter_map(|row| {
                    Some((catalogue.procedure_ix(row.procedure.as_str())?, row.heading.as_str()))
                });
                let near = alike(heading, own.chain(aliases), CANDIDATES);
                choices.extend(near.into_iter().map(|ix| {
                    let row = catalogue.procedure(ix);
                    choice(row.id.as_str(), &row.name_ja)
                }));
            }
            Wanted::Channel => {
                let rows = catalogue.channels();
                choices.extend(rows.iter().map(|row| choice(row.id.as_str(), &row.label_ja)));
                suggestion = likely_channel(heading).map(|id| choice(id, "").value);
            }
            Wanted::Body => {
                let names = (0..).zip(catalogue.municipalities()).map(|(ix, row)| (ix, row.name.as_str()));
                choices.extend(alike(heading, names, CANDIDATES).into_iter().map(|ix| {
                    let row = catalogue.body(ix);
                    choice(row.code.as_str(), &format!("{}{}", row.prefecture_name, row.name))
                }));
            }
            Wanted::Field(code @ "level", label) => choices.push(choice(code, label)),
            Wanted::Field(..) => {}
        }
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
    profile.meaning(&folded, None).is_some() || is_dash(&folded) || planned(&folded).is_some()
}

fn is_number(cell: &str) -> bool {
    fold_width(cell).bytes().all(|byte| byte.is_ascii_digit())
}

fn is_address(cell: &str) -> bool {
    cell.starts_with("http://") || cell.starts_with("https://")
}

/// Whether the marks of a column are levels.
fn has_levels(rows: &[&Row], at: usize) -> bool {
    rows.iter().take(LOOKED_AT).any(|row| matches!(fold_width(row.cell(at)).as_str(), "2" | "3" | "4" | "5"))
}

/// Whether numbers may be levels: 0 to 5, neither a running number nor a count.
fn is_column_of_levels(cells: &[&str], heading: &str) -> bool {
    const NUMBERS: [&str; 10] = ["no.", "no", "id", "#", "番号", "通番", "項番", "連番", "順位", "順番"];
    let folded = fold_for_match(heading);
    let levels: Option<Vec<u8>> =
        cells.iter().map(|cell| fold_width(cell).parse().ok().filter(|level| *level <= 5)).collect();
    let running = |levels: &[u8]| levels.len() > 1 && levels.windows(2).all(|two| two[1] == two[0] + 1);
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
