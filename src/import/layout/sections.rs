//! Titles between the rows that say whose, of which year or of which channel the rows below them are.
//!
//! Each part of such a table is read for itself with what its title says, as if the sender had said so; what
//! the sender says otherwise is a contradiction. A title of another survey is a question.

use super::head::{Head, SaidByTitles};
use super::over::{Stated, stated};
use super::sheet::Sheet;
use super::titles::{mentioned, named_alone};
use super::{channel_words, usage};
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx};
use crate::domain::dates::FiscalYear;
use crate::domain::text::{cut, fold_name};
use crate::import::marks::{Choice, Question};
use crate::import::options::{IGNORED, INCLUDED};
use crate::import::table::{Row, Table};
use crate::import::{Fault, Options, Reading};

/// What a title says of the rows below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Body(BodyIx),
    Year(FiscalYear),
    Channel(ChannelIx),
    /// They may be of another survey.
    Other,
}

/// A title that says something.
struct Title<'t> {
    line: u32,
    text: &'t str,
    says: Says,
}

/// What is known of the rows of a part by the titles above them.
#[derive(Clone, Copy, Default)]
struct Context<'t> {
    body: Option<(BodyIx, &'t str)>,
    year: Option<(FiscalYear, &'t str)>,
    channel: Option<(ChannelIx, &'t str)>,
    other: Option<(u32, &'t str)>,
}

/// Reads a table, in parts where titles between its rows say what the parts are about. `sections` are those
/// titles with their lines.
///
/// # Errors
///
/// As the layout of `head` has them.
pub(super) fn read(
    head: &dyn Head,
    table: &Table,
    sections: &[(u32, String)],
    catalogue: &Catalogue,
    options: &Options,
) -> Result<Reading, Vec<Fault>> {
    let reader = TitleReader { said: head.said_by_titles(), catalogue };
    let title = |(line, text): &'_ (u32, String)| reader.says(text).map(|says| (*line, says));
    let said: Vec<(u32, Says)> = sections.iter().filter_map(title).collect();
    // Sections that say whose they are are held against the sender one by one.
    if said.iter().any(|(_, says)| matches!(says, Says::Body(_))) || !is_of_the_sender(head, table) {
        return read_parts(head, table, (sections, &said), (catalogue, options));
    }
    let by_facts = stated(table, head.headings().rows().start, catalogue, options)?;
    let own = by_facts.as_ref().map(|one| Options { municipality: Some(one.body), ..options.clone() });
    let options = own.as_ref().unwrap_or(options);
    if let Some(fault) = other_title(head, table, catalogue, options) {
        return Err(vec![fault]);
    }
    let mut reading = read_parts(head, table, (sections, &said), (catalogue, options))?;
    if let Some(Stated { note, warning, .. }) = by_facts {
        reading.notes.insert(0, note);
        reading.warnings.extend(warning);
    }
    Ok(reading)
}

/// What stands in or is said by the title in a line.
type Titled<T> = (u32, T);

/// Reads a table in parts, or as a whole where titles say nothing of the rows below them: `said` is what those of
/// the `sections` that say something say.
fn read_parts(
    head: &dyn Head,
    table: &Table,
    (sections, said): (&[Titled<String>], &[Titled<Says>]),
    (catalogue, options): (&Catalogue, &Options),
) -> Result<Reading, Vec<Fault>> {
    if said.is_empty() {
        return head.read(Sheet::new(table, head.headings(), catalogue, options));
    }
    let reader = TitleReader { said: head.said_by_titles(), catalogue };
    let below = sections.iter().filter_map(|(line, text)| {
        let says = reader.says(text)?;
        Some(Title { line: *line, text, says })
    });
    // A title above the table counts where others of its kind stand below it.
    let above = table.rows[..head.headings().rows().start].iter();
    let above = above.flat_map(|row| row.cells().map(move |cell| (row.line, cell.trim())));
    let above = above.filter_map(|(line, text)| {
        let says = reader.says(text).filter(|says| *says != Says::Other)?;
        let alike = said.iter().any(|(_, other)| same_kind(says, *other));
        alike.then_some(Title { line, text, says })
    });
    let titles: Vec<Title<'_>> = above.chain(below).collect();
    Parts { head, table, catalogue, options }.read(&titles)
}

/// Whether the sender, or what stands around the table, may say whose it is: no row of it does.
pub(super) fn is_of_the_sender(head: &dyn Head, table: &Table) -> bool {
    let place = head.body_columns();
    let names_one = |row: &Row| {
        let told = place.told(row);
        !(told.code.trim().is_empty() && told.name.trim().is_empty())
    };
    head.may_be_of_the_sender() && !table.rows[head.headings().next..].iter().any(names_one)
}

/// The fault of a title, or the name of a sheet, that names another body than the sender does: only the sender
/// can say which of the two is right.
fn other_title(head: &dyn Head, table: &Table, catalogue: &Catalogue, options: &Options) -> Option<Fault> {
    let said = options.municipality?;
    let above = table.rows[..head.headings().rows().start].iter();
    let above = above.flat_map(|row| row.cells().map(move |cell| (Some(row.line), cell.trim())));
    let titles = above.chain(table.container.sheet().map(|name| (None, name.trim())));
    let named: Vec<(Option<u32>, &str, BodyIx)> = titles
        .flat_map(|(line, text)| {
            let bodies = mentioned(catalogue, std::iter::once(text));
            bodies.into_iter().map(move |body| (line, text, body))
        })
        .collect();
    let (line, text, other) = *named.first()?;
    let kept = |(name, meaning): &(String, String)| meaning == INCLUDED && *name == fold_name(text);
    if named.iter().any(|(.., body)| *body == said) || options.names.iter().any(kept) {
        return None;
    }
    Some(whose_title(catalogue, (line, text), other, said))
}

/// Asks whose a table is of which a title says something else than the sender.
fn whose_title(
    catalogue: &Catalogue,
    (line, text): (Option<u32>, &str),
    other: BodyIx,
    said: BodyIx,
) -> Fault {
    let named = |body: BodyIx| {
        let row = catalogue.body(body);
        format!("{}{}", row.prefecture_name, row.name)
    };
    let (other_name, said_name, text_shown) = (named(other), named(said), cut(text, 40));
    let place = if line.is_some() { "表の上に" } else { "シートの名前に" };
    let message = format!(
        "{place}「{text_shown}」とありますが、団体の指定は {said_name} です。どちらの団体の表かを指定してください"
    );
    let choice = |parameter: &str, value: String, name: &str| Choice {
        parameter: parameter.to_owned(),
        value,
        label: format!("{name}の表として取り込む"),
    };
    let question = Question {
        choices: vec![
            choice("municipality", catalogue.body(other).code.to_string(), &other_name),
            choice("names", format!("{text}={INCLUDED}"), &said_name),
        ],
        ..Question::about_the_file(
            "municipality",
            format!(
                "{place}「{text_shown}」とあります。{other_name}の表ですか、指定された{said_name}の表ですか"
            ),
            [],
        )
    };
    let fault = Fault::whole("title_mismatch", message).found(text).asking(question);
    line.map_or(fault.clone(), |line| fault.at_line(line))
}

fn same_kind(one: Says, other: Says) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

/// Finds what titles say in a layout.
struct TitleReader<'a> {
    said: SaidByTitles,
    catalogue: &'a Catalogue,
}

impl TitleReader<'_> {
    fn says(&self, text: &str) -> Option<Says> {
        /// Longer text is no title.
        const LONGEST: usize = 60;
        let text = text.trim();
        if text.is_empty() || text.chars().count() > LONGEST {
            return None;
        }
        let bare = text.trim_matches(|c: char| {
            c.is_whitespace() || "■□●◆◇▼【】〔〕[]［］＜＞<>《》「」（）()".contains(c)
        });
        if self.said.body
            && let Some(body) = named_alone(self.catalogue, text)
        {
            return Some(Says::Body(body));
        }
        if self.said.channel
            && let Some(channel) = channel_words::channel_of(self.catalogue, bare)
        {
            return Some(Says::Channel(channel));
        }
        let other = ["参考", "前回", "昨年", "旧", "過去"].iter().any(|word| bare.starts_with(word));
        match usage::columns::split_year(bare) {
            Some((year, _)) if self.said.year && !other => Some(Says::Year(year)),
            // A year of a plan or of a count is no other survey in tables that need none.
            Some(_) => Some(Says::Other),
            None => other.then_some(Says::Other),
        }
    }
}

struct Parts<'a> {
    head: &'a dyn Head,
    table: &'a Table,
    catalogue: &'a Catalogue,
    options: &'a Options,
}

impl Parts<'_> {
    fn read(&self, titles: &[Title<'_>]) -> Result<Reading, Vec<Fault>> {
        let headings = self.head.headings();
        let mut context = Context::default();
        let mut rest = &self.table.rows[headings.next..];
        let mut whole: Option<Reading> = None;
        let (mut faults, mut told) = (Vec::new(), Vec::new());
        let ends = titles.iter().skip(1).map(|title| Some(title.line)).chain([None]);
        let first = titles.first().map(|title| title.line);
        let begun = std::iter::once((None, first)).chain(titles.iter().map(Some).zip(ends));
        for (title, end) in begun {
            if let Some(title) = title {
                context.hear(title);
            }
            let length = end.map_or(rest.len(), |end| rest.partition_point(|row| row.line < end));
            let (rows, after) = rest.split_at(length);
            rest = after;
            if rows.iter().all(Row::is_empty) {
                continue;
            }
            let options = match self.options_below(&context, rows) {
                Ok(Some(options)) => options,
                Ok(None) => continue,
                Err(fault) => {
                    faults.push(*fault);
                    continue;
                }
            };
            told.extend(context.words(rows));
            let table = self.table_of(rows);
            let part = self.head.read(Sheet::new(&table, headings, self.catalogue, &options))?;
            whole = Some(match whole {
                None => part,
                Some(before) => before.joined(part),
            });
        }
        let Some(mut reading) = whole else {
            return if faults.is_empty() { Err(vec![crate::import::table::no_rows()]) } else { Err(faults) };
        };
        reading.faults.extend(faults);
        if !told.is_empty() {
            reading.notes.push(format!("区切りの行のとおりに読みました: {}", told.join("、")));
        }
        Ok(reading)
    }

    /// The headings with these rows below them.
    fn table_of(&self, rows: &[Row]) -> Table {
        let next = self.head.headings().next;
        let rows = self.table.rows[..next].iter().chain(rows).cloned().collect();
        Table {
            container: self.table.container.clone(),
            rows,
            serial_days: self.table.serial_days,
            remarks: self.table.remarks.clone(),
            cover: self.table.cover.clone(),
            facts: self.table.facts.clone(),
            offset: self.table.offset,
        }
    }

    /// What holds for the rows below the titles; nothing where they are to be left out.
    ///
    /// # Errors
    ///
    /// A title that contradicts the sender, or of which only the sender can say what it means.
    fn options_below(&self, context: &Context<'_>, rows: &[Row]) -> Result<Option<Options>, Box<Fault>> {
        if let Some((line, text)) = context.other {
            let folded = fold_name(text);
            let said = self.options.names.iter().find(|(name, _)| *name == folded);
            match said.map(|(_, meaning)| meaning.as_str()) {
                Some(IGNORED) => return Ok(None),
                Some(INCLUDED) => {}
                _ => return Err(Box::new(unclear(line, text, rows))),
            }
        }
        let mut options = self.options.clone();
        let lines = span(rows);
        let contradiction = |what: &str, said: String, text: &str, parameter: &str| {
            let message = format!(
                "「{}」の区切りの下の行（{lines}行目）ですが、{what}の指定は {said} です。指定（{parameter}）を外すと区切りのとおりに読みます",
                cut(text, 40)
            );
            Box::new(Fault::whole("section_mismatch", message).at_line(rows[0].line).found(text))
        };
        if let Some((body, text)) = context.body {
            if let Some(said) = options.municipality.filter(|said| *said != body) {
                let row = self.catalogue.body(said);
                let said = format!("{}{}", row.prefecture_name, row.name);
                return Err(contradiction("団体", said, text, "municipality"));
            }
            options.municipality = Some(body);
        }
        if let Some((year, text)) = context.year {
            if let Some(said) = options.fiscal_year.filter(|said| *said != year) {
                return Err(contradiction("年度", said.to_string(), text, "fiscal_year"));
            }
            options.fiscal_year = Some(year);
        }
        if let Some((channel, text)) = context.channel {
            if let Some(said) = options.channel.filter(|said| *said != channel) {
                let said = self.catalogue.channel(said).label_ja.clone();
                return Err(contradiction("接点", said, text, "channel"));
            }
            options.channel = Some(channel);
        }
        Ok(Some(options))
    }
}

impl<'t> Context<'t> {
    fn hear(&mut self, title: &Title<'t>) {
        let text = title.text;
        match title.says {
            Says::Body(body) => self.body = Some((body, text)),
            Says::Year(year) => self.year = Some((year, text)),
            Says::Channel(channel) => self.channel = Some((channel, text)),
            Says::Other => self.other = Some((title.line, text)),
        }
        if title.says != Says::Other {
            self.other = None;
        }
    }

    /// What is told of a part that was read so.
    fn words(&self, rows: &[Row]) -> Option<String> {
        let titles = [
            self.body.map(|(_, text)| text),
            self.year.map(|(_, text)| text),
            self.channel.map(|(_, text)| text),
        ];
        let titles: Vec<String> =
            titles.into_iter().flatten().map(|text| format!("「{}」", cut(text, 30))).collect();
        (!titles.is_empty()).then(|| format!("{}行目は{}", span(rows), titles.concat()))
    }
}

/// The lines of rows: 3〜5.
fn span(rows: &[Row]) -> String {
    let mut lines = rows.iter().filter(|row| !row.is_empty()).map(|row| row.line);
    let first = lines.next().unwrap_or_default();
    match lines.next_back() {
        Some(last) => format!("{first}〜{last}"),
        None => first.to_string(),
    }
}

/// Asks whether the rows below a title are of the same survey.
fn unclear(line: u32, text: &str, rows: &[Row]) -> Fault {
    let choice = |meaning: &str, label: &str| Choice {
        parameter: "names".to_owned(),
        value: format!("{text}={meaning}"),
        label: label.to_owned(),
    };
    let question = Question {
        mark: cut(text, 100),
        parameter: "names".to_owned(),
        question: format!("「{}」の下の行（{}行目）も取り込みますか", cut(text, 60), span(rows)),
        count: 1,
        headings: Vec::new(),
        choices: vec![
            choice(IGNORED, "下の行は取り込まない"),
            choice(INCLUDED, "上の行と同じように取り込む"),
        ],
        suggestion: None,
        ..Question::about_the_file("names", "", [])
    };
    let message = format!(
        "この区切りの下の行（{}行目）は、別の年度や参考の値のようです。取り込むかどうかを指定してください",
        span(rows)
    );
    Fault::whole("unclear_section", message)
        .at_line(line)
        .found(text)
        .allowing("names=区切りの行=ignore（取り込まない）か include（取り込む）")
        .asking(question)
}
