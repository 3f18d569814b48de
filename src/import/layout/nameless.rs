//! A table of which no heading tells what it is: each of its columns is asked about.

use super::Layout;
use super::channel_words::likely_channel;
use super::channels::{named, tells_plans};
use super::column::Column;
use super::earlier::likely_left_out;
use super::sheet::WHOLE_TABLE;
use super::titles::procedures_in;
use super::unknown::{Test, are_words_like_marks, is_address, is_mark, without_note};
use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::domain::number::parse_count;
use crate::domain::readiness::Scale;
use crate::domain::text::{cut, fold_for_match, fold_mark, fold_width};
use crate::import::Options;
use crate::import::headings::{Headings, PREFECTURE_CODE, holds_marks};
use crate::import::marks::{Choice, Profile, Question, without_groups};
use crate::import::resolve::Procedures;
use crate::import::rows::is_heading_of_numbers;
use crate::import::table::{Row, Table};

/// How far down headings are looked for.
const ROWS: usize = 40;
/// With more columns it is no table that a person can explain one by one.
const COLUMNS: usize = 30;
/// Longest text that is taken for a heading, in characters.
const LONGEST: usize = 40;

/// What a column may be, as the answer is written and in words.
const MEANINGS: [(&str, &str); 12] = [
    ("municipality_code", "団体コード"),
    ("municipality_name", "団体名"),
    ("procedure_id", "手続ID"),
    ("procedure_name", "手続名"),
    ("channel", "接点（行ごと）"),
    ("level", "段階・対応状況（接点の列と組）"),
    ("online", "オンラインの印や段階"),
    ("counter", "窓口の印や段階"),
    ("system", "システム"),
    ("url", "URL"),
    ("section", "担当課"),
    ("note", "備考"),
];

/// What a column of marks may be: the first and likeliest answers of [`MEANINGS`].
const OF_MARKS: [&str; 4] = ["online", "counter", "level", "note"];

/// What a column of numbers above the highest level may count, as the answer is written and in words.
const OF_COUNTS: [(&str, &str); 3] =
    [("総件数", "手続総件数"), ("オンライン件数", "うちオンライン数"), ("窓口件数", "うち窓口の件数")];

/// What of the headings of a table is known.
pub(super) struct Seen<'t> {
    catalogue: &'t Catalogue,
    /// The row that is taken for the headings, or the first one with anything.
    row: Option<&'t Row>,
    /// Whether it is one of headings.
    headings: bool,
    /// What stands below it.
    below: &'t [Row],
    body: bool,
    procedure: bool,
    state: bool,
    known: Vec<&'t str>,
    /// Columns of which nothing is known.
    unknown: Vec<usize>,
    /// Columns of which each stands for an answer, and a mark says which it is: 実施済, 未実施.
    answers: Vec<usize>,
    /// The column of prefectures, where rows may be about these themselves.
    prefectures: Option<usize>,
    /// The column that says how far each body is, where nothing says with which procedure.
    of_one_procedure: Option<usize>,
    /// Whether several columns say how far each body is, with nobody knows which procedure.
    channels_of_one: bool,
    /// Whether the rows are bodies of which nothing is said but that they are there.
    bodies_alone: bool,
    /// The procedures that the titles above the headings name.
    titled: Vec<ProcedureIx>,
}

impl<'t> Seen<'t> {
    /// Looks for the row with the most headings that are known by themselves, else for one that looks like
    /// headings over something like rows.
    pub(super) fn find(tables: &'t [Table], catalogue: &'t Catalogue, options: &Options) -> Self {
        let procedures = Procedures::new(catalogue, &[]);
        let is_procedure = |text: &str| procedures.of_heading(text).is_some();
        let is_known = |text: &str| {
            Column::of_heading(text).is_some()
                || PREFECTURE_CODE.contains(&fold_for_match(text).as_str())
                || named(catalogue, text).is_some()
                || is_procedure(text)
        };
        let first = || tables.iter().flat_map(|table| &table.rows).find(|row| !row.is_empty());
        let (row, below) = row_of_headings(tables, is_known).unzip();
        let below: &[Row] = below.unwrap_or_default();
        let texts = row.map(|row| headings_of(row, options)).unwrap_or_default();
        let is_one_of = |text: &str, wanted: &[Column]| {
            Column::of_heading(text).is_some_and(|column| wanted.contains(&column))
        };
        let (known, unknown): (Vec<&Heading<'_>>, Vec<&Heading<'_>>) =
            texts.iter().partition(|told| is_known(&told.meaning));
        let has = |wanted: &[Column]| known.iter().any(|told| is_one_of(&told.meaning, wanted));
        let wide = known.iter().any(|told| is_procedure(&told.meaning));
        let state = wide
            || has(&[Column::Level, Column::Channel, Column::Applicability, Column::State])
            || known.iter().any(|told| named(catalogue, &told.meaning).is_some());
        let procedure = wide || has(&[Column::ProcedureId, Column::ProcedureName]);
        // A form is of one body, that the sender names.
        let body = !wide || has(&[Column::MunicipalityCode, Column::MunicipalityName]);
        let states: Vec<usize> =
            known.iter().filter(|told| is_state(catalogue, told)).map(|told| told.at).collect();
        let of_one_procedure = states.first().copied().filter(|_| body && !procedure && states.len() == 1);
        let names_bodies = has(&[Column::MunicipalityCode, Column::MunicipalityName]);
        let channels_of_one = names_bodies && !procedure && states.len() > 1;
        let titles = row.map_or(&[][..], |row| above(tables, row)).iter().flat_map(Row::cells);
        let sheets = tables.iter().filter_map(|table| table.container.sheet());
        let titled = procedures_in(catalogue, titles.chain(sheets));
        let of_prefectures =
            |told: &&Heading<'_>| !body && is_one_of(&told.meaning, &[Column::PrefectureName]);
        let prefectures = texts.iter().find(of_prefectures).map(|told| told.at);
        // What was answered is not asked once more.
        let open = unknown.into_iter().filter(|told| !told.is_answered && !is_heading_of_numbers(told.text));
        let (answers, unknown): (Vec<&Heading<'_>>, Vec<&Heading<'_>>) =
            open.partition(|told| is_answer(told.text) && all_marks(below, told.at));
        let places = |some: Vec<&Heading<'_>>| -> Vec<usize> { some.iter().map(|told| told.at).collect() };
        let (mut answers, mut unknown) = (places(answers), places(unknown));
        if answers.len() < 2 {
            unknown.append(&mut answers);
            unknown.sort_unstable();
        }
        let known = known.iter().map(|told| told.text).collect();
        // Marks and numbers beside them would say more of them than that they are there.
        let says_more = |told: &Heading<'_>| {
            !is_known(&told.meaning) && (all_marks(below, told.at) || all_numbers(below, told.at))
        };
        let bodies_alone = names_bodies
            && !procedure
            && !state
            && !texts.iter().any(|told| !is_heading_of_numbers(told.text) && says_more(told));
        let headings = row.is_some();
        let row = row.or_else(first);
        Self {
            catalogue,
            row,
            headings,
            below,
            body,
            procedure,
            state,
            known,
            unknown,
            answers,
            prefectures,
            of_one_procedure,
            channels_of_one,
            bodies_alone,
            titled,
        }
    }

    /// Texts of the row.
    pub(super) fn texts(&self) -> Vec<&'t str> {
        self.row.map(|row| row.cells().map(str::trim).collect()).unwrap_or_default()
    }

    /// What was found and what is missing, in Japanese.
    pub(super) fn told(&self) -> String {
        let Some(row) = self.row.filter(|_| self.headings) else {
            return "見出し行（「手続名」「オンライン」など）があるか確認してください。".to_owned();
        };
        let mut told = format!("{}行目を見出しと見ました。", row.line);
        if !self.known.is_empty() {
            told += &format!("分かった見出しは{}です。", quoted(&self.known));
        }
        let missing = [
            (self.body, "団体の列（「団体名」か「団体コード」）"),
            (self.procedure, "手続の列（「手続名」か「手続ID」）か、手続の名前の列"),
            (self.state, "対応状況の列（「オンライン」「書かない窓口」などの接点、または「対応状況」）"),
        ];
        let missing: Vec<&str> = missing.iter().filter(|(there, _)| !there).map(|(_, what)| *what).collect();
        if !missing.is_empty() {
            told += &format!("見つからないのは、{}です。", missing.join("と、"));
        } else if self.unknown.is_empty() && self.answers.is_empty() {
            told += "この見出しの組み合わせで読める表の形はありません。1行に団体、手続、接点、段階を書いた縦長の表にしてください。";
        }
        if !self.answers.is_empty() {
            let texts = self.texts();
            let answers: Vec<&str> = self.answers.iter().map(|at| texts[*at]).collect();
            told += &as_one_column(&answers);
        }
        told
    }

    /// Questions about the columns of which nothing is known.
    pub(super) fn questions(&self) -> Vec<Question> {
        let texts = self.texts();
        let unknown = self.unknown.iter().filter(|_| self.headings);
        let columns = unknown.map(|at| about(texts[*at], &self.meanings(texts[*at], *at)));
        let of_one = self.of_one_procedure.map(|at| self.about_procedure(texts[at]));
        let prefectures = self.prefectures.map(|at| about_prefectures(texts[at]));
        let whole = self.channels_of_one.then(|| self.about_whole_table());
        let adopters = self.bodies_alone.then(about_adopters);
        columns.chain(prefectures).chain(of_one).chain(whole).chain(adopters).collect()
    }

    /// Asks of which one procedure all columns of a table speak.
    fn about_whole_table(&self) -> Question {
        let choice = |(id, name): (&str, &str)| Choice {
            parameter: "names".to_owned(),
            value: format!("{WHOLE_TABLE}={id}"),
            label: name.to_owned(),
        };
        let choices: Vec<Choice> = self.procedures().into_iter().map(choice).collect();
        let suggestion =
            choices.first().filter(|_| self.titled.len() == 1).map(|choice| choice.value.clone());
        let text = "表に手続がありません。どの手続の表ですか（手続の名前でも答えられます）";
        let question = Question::about_the_file("names", text, []);
        Question { mark: WHOLE_TABLE.to_owned(), choices, suggestion, ..question }
    }

    /// The procedures with their names, those of the titles first.
    fn procedures(&self) -> Vec<(&'t str, &'t str)> {
        /// More choices than a question may have are named by the sender.
        const MOST: usize = 90;
        let catalogue = self.catalogue;
        let others =
            (0..).zip(catalogue.procedures()).map(|(ix, _)| ix).filter(|ix| !self.titled.contains(ix));
        let all = self.titled.iter().copied().chain(others).take(MOST).map(|ix| catalogue.procedure(ix));
        all.map(|row| (row.id.as_str(), row.name_ja.as_str())).collect()
    }

    /// Asks of which procedure a column of states speaks: those of the titles first.
    fn about_procedure(&self, heading: &str) -> Question {
        let question = about(heading, &self.procedures());
        let suggestion =
            question.choices.first().filter(|_| self.titled.len() == 1).map(|choice| choice.value.clone());
        let name = cut(heading, 60);
        Question {
            question: format!("「{name}」はどの手続の対応状況ですか（手続の名前でも答えられます）"),
            suggestion,
            ..question
        }
    }

    /// What a column may be, what its cells look like first.
    fn meanings(&self, heading: &str, at: usize) -> Vec<(&'t str, &'t str)> {
        let catalogue = self.catalogue;
        let cells: Vec<&str> = cells(self.below, at).collect();
        let mostly = |is: Test<'_>| cells.iter().filter(|cell| is(cell)).count() * 2 > cells.len();
        if !cells.is_empty() && all_marks(self.below, at) {
            // 「マイナポータル（R8.4.1現在）」 is most likely the column of that channel.
            let channel = named(catalogue, without_groups(heading).0)
                .or_else(|| catalogue.channel_ix(likely_channel(heading)?));
            let channel = channel.map(|ix| catalogue.channel(ix));
            let channel = channel.map(|channel| (channel.id.as_str(), channel.label_ja.as_str()));
            let target = (Column::TargetLevel.code(), Column::TargetLevel.label());
            let within = procedures_in(catalogue, std::iter::once(heading));
            let of_procedure = |ix: &ProcedureIx| {
                let row = catalogue.procedure(*ix);
                (row.id.as_str(), row.name_ja.as_str())
            };
            let first = match within.as_slice() {
                [only] => Some(of_procedure(only)),
                _ if tells_plans(heading) => Some(target),
                _ => channel,
            };
            let marks = MEANINGS.into_iter().filter(|(code, _)| OF_MARKS.contains(code));
            let marks = marks.filter(|(code, _)| first.is_none_or(|(first, _)| first != *code));
            return first.into_iter().chain(marks).collect();
        }
        let is_code = |cell: &str| {
            let digits = fold_width(cell);
            matches!(digits.len(), 5 | 6) && catalogue.find_body(&digits).is_ok()
        };
        let procedures = Procedures::new(catalogue, &[]);
        let tests: [(&str, Test<'_>); 6] = [
            ("municipality_code", &is_code),
            ("procedure_id", &|cell| catalogue.procedure_ix(&fold_width(cell)).is_some()),
            ("municipality_name", &|cell| !catalogue.names().find(cell, None).bodies.is_empty()),
            ("procedure_name", &|cell| procedures.of_heading(cell).is_some()),
            ("channel", &|cell| named(catalogue, cell).is_some()),
            ("url", &|cell| is_address(cell)),
        ];
        let likely = tests.into_iter().find(|(_, is)| mostly(*is)).map(|(code, _)| code);
        let are_words = || are_words_like_marks(&cells, cells.len(), heading, false);
        let likely = likely.or_else(|| are_words().then_some("level"));
        let mut meanings = MEANINGS.to_vec();
        // The others stay in their order.
        meanings.sort_by_key(|(code, _)| likely != Some(*code));
        if likely.is_none() && are_counts(&cells) {
            let channel = likely_channel(heading).and_then(|id| catalogue.channel_ix(id));
            let likely = match channel.map(|ix| catalogue.channel(ix).scale) {
                None => 0,
                Some(Scale::Online) => 1,
                Some(Scale::Counter) => 2,
            };
            meanings.splice(0..0, OF_COUNTS);
            meanings[..=likely].rotate_right(1);
        }
        meanings
    }
}

/// A heading, and what it means by the sender's word.
struct Heading<'t> {
    at: usize,
    text: &'t str,
    meaning: String,
    is_answered: bool,
}

fn headings_of<'t>(row: &'t Row, options: &Options) -> Vec<Heading<'t>> {
    let said = Headings::of_row(0, row).explained(options);
    let told = |(at, text): (usize, &'t str)| Heading {
        at,
        text: text.trim(),
        meaning: said.meaning(at).trim().to_owned(),
        is_answered: said.is_answered(at),
    };
    row.cells().enumerate().map(told).filter(|told| !told.text.is_empty()).collect()
}

/// Whether a heading is of a column that says how far something is: a channel, 対応状況.
fn is_state(catalogue: &Catalogue, told: &Heading<'_>) -> bool {
    Column::of_heading(&told.meaning) == Some(Column::Level) || named(catalogue, &told.meaning).is_some()
}

/// The rows above one.
fn above<'t>(tables: &'t [Table], row: &Row) -> &'t [Row] {
    let place =
        |table: &'t Table| Some((table, table.rows.iter().position(|other| std::ptr::eq(other, row))?));
    tables.iter().find_map(place).map_or(&[], |(table, at)| &table.rows[..at])
}

/// The row with the most headings that are known by themselves, else one that looks like headings over something
/// like rows; and what stands below it.
fn row_of_headings(tables: &[Table], is_known: impl Fn(&str) -> bool) -> Option<(&Row, &[Row])> {
    let known = |row: &Row| row.cells().filter(|cell| is_known(cell)).count();
    let mut best: Option<(usize, (&Row, &[Row]))> = None;
    for table in tables {
        for (at, pair) in table.rows[..table.rows.len().min(ROWS)].windows(2).enumerate() {
            if !are_headings(&pair[0]) || holds_marks(&pair[0]) || !several(&pair[1]) {
                continue;
            }
            let count = known(&pair[0]);
            if best.is_none_or(|(most, _)| count > most) {
                best = Some((count, (&pair[0], &table.rows[at + 1..])));
            }
        }
    }
    best.map(|(_, found)| found)
}

/// The filled cells of a column.
fn cells(rows: &[Row], at: usize) -> impl Iterator<Item = &str> {
    /// So many rows are looked at.
    const ROWS: usize = 1_000;
    rows.iter().take(ROWS).map(move |row| row.cell(at).trim()).filter(|cell| !cell.is_empty())
}

/// Whether the cells of a column are marks.
fn all_marks(rows: &[Row], at: usize) -> bool {
    let profile = Profile::default_marks();
    cells(rows, at).next().is_some() && cells(rows, at).all(|cell| is_mark(&profile, without_note(cell)))
}

/// Whether the cells of a column are numbers or shares.
fn all_numbers(rows: &[Row], at: usize) -> bool {
    let is_number = |cell: &str| matches!(parse_count(cell.trim_end_matches(['%', '％'])), Ok(Some(_)));
    let is_share = |cell: &str| cell.ends_with(['%', '％']) && cell.starts_with(|c: char| c.is_numeric());
    cells(rows, at).next().is_some() && cells(rows, at).all(|cell| is_number(cell) || is_share(cell))
}

/// Whether cells are numbers, and too high for levels.
fn are_counts(cells: &[&str]) -> bool {
    let numbers: Option<Vec<i64>> = cells.iter().map(|cell| parse_count(cell).ok().flatten()).collect();
    numbers.is_some_and(|numbers| numbers.iter().any(|number| *number > 5))
}

/// Whether a heading is such a word, or has one behind it in brackets: オンライン（有）.
pub(super) fn tells_answer(heading: &str) -> bool {
    let folded = fold_for_match(heading);
    let inner = folded.strip_suffix(')').and_then(|text| Some(text.split_once('(')?.1));
    is_answer(heading) || inner.is_some_and(is_answer)
}

fn quoted(texts: &[&str]) -> String {
    texts.iter().map(|text| format!("「{}」", cut(text, 40))).collect()
}

/// What to do with columns each of which stands for an answer.
pub(super) fn as_one_column(answers: &[&str]) -> String {
    format!(
        "{}のどれかに印を付ける表は、そのままでは読めません。これらを「対応状況」の1列にまとめ、印の代わりに「{}」のように列の名前を書いてください。",
        quoted(answers),
        cut(answers.first().copied().unwrap_or_default(), 40)
    )
}

/// Whether a heading is a word that marks say as well.
fn is_answer(heading: &str) -> bool {
    Profile::default_marks().meaning(&fold_mark(heading), None).is_some()
}

fn several(row: &Row) -> bool {
    row.cells().filter(|cell| !cell.trim().is_empty()).count() >= 2
}

/// Short texts beside each other, all different, words among them.
fn are_headings(row: &Row) -> bool {
    let texts: Vec<&str> = row.cells().map(str::trim).filter(|text| !text.is_empty()).collect();
    let short =
        |text: &&str| text.chars().count() <= LONGEST && !text.bytes().all(|byte| byte.is_ascii_digit());
    let distinct: std::collections::HashSet<&&str> = texts.iter().collect();
    (2..=COLUMNS).contains(&texts.len())
        && texts.iter().all(short)
        && distinct.len() == texts.len()
        && texts.iter().any(|text| text.chars().count() > 1)
}

/// Asks whether bodies of which nothing is said are those that have something.
fn about_adopters() -> Question {
    let text =
        "団体の名前のほかに状況の列がありません。載っている団体だけが実施（導入）しているという一覧ですか";
    let choice = (Layout::Adopters.code().to_owned(), "はい（載っている団体だけに記録する一覧）".to_owned());
    Question::about_the_file("layout", text, [choice])
}

/// Asks whether rows that name nothing but prefectures are about these.
fn about_prefectures(heading: &str) -> Question {
    about(heading, &[("municipality_name", "団体名（都道府県そのものの行）")])
}

fn about(heading: &str, meanings: &[(&str, &str)]) -> Question {
    let name = cut(&heading.replace('\n', ""), 100);
    let key = fold_for_match(heading);
    let choice = |(value, label): &(&str, &str)| Choice {
        parameter: "columns".to_owned(),
        value: format!("{key}={value}"),
        label: (*label).to_owned(),
    };
    let mut choices: Vec<Choice> = meanings.iter().map(choice).collect();
    choices.push(Choice {
        parameter: "ignore".to_owned(),
        value: key.clone(),
        label: "この列は取り込まない".to_owned(),
    });
    let question = Question {
        mark: name.clone(),
        parameter: "columns".to_owned(),
        question: format!("「{name}」は何の列ですか（手続・団体・接点の名前でも答えられます）"),
        count: 1,
        headings: vec![cut(&name, 60)],
        choices,
        suggestion: None,
        lines: Vec::new(),
    };
    likely_left_out(heading, question)
}
