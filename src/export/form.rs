//! The form for one body: what it has said itself, to be corrected and sent back.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Seek, Write};

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, IgnoreError, Worksheet, XlsxError};

use super::encoding::Encoding;
use super::wide::{level_text, state_text};
use super::words::{Line, level_lines, origin_lines, published_words};
use super::{csv_writer, sheets};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::current::Texts;
use crate::domain::dates::{Dated, FiscalYear, Precision};
use crate::domain::readiness::{Level, Scale, Source, State};
use crate::domain::text::guarded;
use crate::grid::filter::DEFAULT_LIST;
use crate::grid::scorecard::expected_scales;
use crate::grid::{Cell, Grid};
use crate::import::PUBLISHED;

/// Name of the sheet with the rows.
const ROWS: &str = "様式";
/// Headings before the channels.
const BEFORE: [&str; 6] = ["団体コード", "都道府県名", "団体名", "手続ID", "手続名", "該当性"];
/// Headings after the channels: what is said beside the levels of a row, from which day, and what the
/// state published, which is for comparison; an import leaves that.
const AFTER: [&str; 9] =
    ["担当課", "URL", "システム名", "備考", "状態", "目標段階", "目標時期", "適用日", PUBLISHED];

/// Where the name of the procedure stands.
const PROCEDURE_NAME: u16 = 4;
/// Where the planned level stands among what comes after the channels.
const TARGET_LEVEL: u16 = 5;
/// Where the state stands among them.
const STATE: u16 = 4;

/// The form of one body, filled with its own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
    code: String,
}

impl Form {
    /// The form for a body: the procedures that are expected of it in printed order, then others
    /// of which something is stated.
    pub fn new(grid: &Grid, body: BodyIx, texts: &HashMap<i64, Texts>) -> Self {
        let catalogue = grid.catalogue();
        let channels = catalogue.channels().iter().map(|channel| channel.label_ja.as_str());
        let headings = BEFORE.into_iter().chain(channels).chain(AFTER).map(str::to_owned).collect();
        let row = |procedure| row(grid, body, procedure, texts);
        let rows = procedures(grid, body).into_iter().map(row).collect();
        Self { headings, rows, code: catalogue.body(body).code.to_string() }
    }

    /// Numbers of the assertions whose texts the form of a body needs.
    pub fn text_numbers(grid: &Grid, body: BodyIx) -> Vec<i64> {
        let own = grid.block(body).cells().iter().filter(|cell| cell.source == Source::Own);
        own.filter(|cell| cell.has_texts).map(|cell| cell.seq).collect()
    }

    /// The headings, in order.
    pub fn headings(&self) -> &[String] {
        &self.headings
    }

    /// The rows, a text per heading.
    pub fn rows(&self) -> &[Vec<String>] {
        &self.rows
    }

    /// The name of the file, without its ending.
    pub fn file_stem(&self) -> String {
        format!("様式_{}", self.code)
    }

    /// The form as CSV for Excel.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn csv(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(Encoding::Utf8Bom.mark())?;
        let mut writer = csv_writer(out, Encoding::Utf8Bom.line_end());
        for row in std::iter::once(&self.headings).chain(&self.rows) {
            writer.write_record(row)?;
        }
        writer.flush()
    }

    /// The form as a workbook.
    ///
    /// # Errors
    ///
    /// What the writer answers.
    pub fn xlsx(&self, grid: &Grid, out: impl Write + Seek + Send) -> io::Result<()> {
        let mut workbook = sheets::start(grid).map_err(sheets::broken)?;
        self.sheet(workbook.add_worksheet()).map_err(sheets::broken)?;
        sheets::explain(&mut workbook, &explanation(grid)).map_err(sheets::broken)?;
        sheets::save(workbook, out)
    }

    fn sheet(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let (head, text, wrapped) = (sheets::heading(), sheets::text(), sheets::wrapped());
        sheet.set_name(ROWS)?;
        // The name of the procedure stays in sight while one goes to the right.
        sheet.set_freeze_panes(1, 5)?;
        for (heading, column) in self.headings.iter().zip(0..) {
            sheet.set_column_width(column, self.width(column))?;
            sheet.set_column_format(column, &text)?;
            sheet.write_string_with_format(0, column, heading, &head)?;
        }
        for (cells, row) in self.rows.iter().zip(1..) {
            for (cell, column) in cells.iter().zip(0..) {
                let format = if column == PROCEDURE_NAME { &wrapped } else { &text };
                if cell.is_empty() {
                    sheet.write_blank(row, column, format)?;
                } else {
                    sheet.write_string_with_format(row, column, cell, format)?;
                }
            }
        }
        self.drop_downs(sheet)
    }

    fn drop_downs(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        let last = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        if last == 0 {
            return Ok(());
        }
        let columns = u16::try_from(self.headings.len()).unwrap_or(u16::MAX);
        sheet.ignore_error_range(1, 0, last, columns - 1, IgnoreError::NumberStoredAsText)?;
        let labels: Vec<&str> = Applicability::ALL.iter().map(|value| value.label()).collect();
        let of = |at: usize| u16::try_from(at).unwrap_or(u16::MAX);
        let (first, applicability) = (of(BEFORE.len()), of(BEFORE.len() - 1));
        sheet.add_data_validation(1, applicability, last, applicability, &choice(&labels, "該当性")?)?;
        let after = columns - of(AFTER.len());
        sheet.add_data_validation(1, first, last, after - 1, &choice(&marks(), "段階")?)?;
        let levels: Vec<String> = Level::all().map(|level| level.to_string()).collect();
        let states: Vec<&str> = State::ALL.iter().map(|state| state.label()).collect();
        let state = after + STATE;
        sheet.add_data_validation(1, state, last, state, &choice(&states, "状態")?)?;
        let target = after + TARGET_LEVEL;
        sheet.add_data_validation(1, target, last, target, &choice(&levels, "目標段階")?)?;
        Ok(())
    }

    fn width(&self, column: u16) -> f64 {
        let channels = BEFORE.len()..self.headings.len().saturating_sub(AFTER.len());
        match column {
            0 | 1 => 10.0,
            2 => 14.0,
            3 => 19.0,
            PROCEDURE_NAME => 50.0,
            5 => 20.0,
            column if channels.contains(&usize::from(column)) => 13.0,
            _ => 18.0,
        }
    }
}

/// What a cell of a channel may hold.
fn marks() -> Vec<String> {
    let exact = Level::all().map(|level| level_text(level, false));
    let at_least = Level::all().skip(1).map(|level| level_text(level, true));
    let words = ["対象外", "組合"].into_iter().map(str::to_owned);
    exact.chain(at_least).chain(words).collect()
}

/// A drop-down that warns of anything else and still takes it: the import tells what is wrong.
fn choice(values: &[impl AsRef<str>], what: &str) -> Result<DataValidation, XlsxError> {
    DataValidation::new()
        .allow_list_strings(values)?
        .set_error_style(DataValidationErrorStyle::Warning)
        .set_error_title(what)?
        .set_error_message("一覧から選んでください。空欄は「変えない」の意味です。")
}

fn procedures(grid: &Grid, body: BodyIx) -> Vec<ProcedureIx> {
    let catalogue = grid.catalogue();
    let expected = |procedure: &ProcedureIx| expected_scales(grid, body, *procedure).next().is_some();
    let members = catalogue.members(DEFAULT_LIST).unwrap_or_default();
    let mut procedures: Vec<ProcedureIx> = members.iter().copied().filter(expected).collect();
    let block = grid.block(body);
    let mut stated: Vec<ProcedureIx> = block
        .cells()
        .iter()
        .map(|cell| cell.procedure)
        .chain(block.applicability().iter().map(|cell| cell.procedure))
        .filter(|procedure| !procedures.contains(procedure))
        .collect();
    stated.sort_unstable();
    stated.dedup();
    procedures.extend(stated);
    procedures
}

fn row(grid: &Grid, body: BodyIx, procedure: ProcedureIx, texts: &HashMap<i64, Texts>) -> Vec<String> {
    let catalogue = grid.catalogue();
    let block = grid.block(body);
    let (municipality, named) = (catalogue.body(body), catalogue.procedure(procedure));
    let (mut own, published): (Vec<&Cell>, Vec<&Cell>) =
        block.cells_of(procedure).iter().partition(|cell| cell.source == Source::Own);
    // What is set aside stays out: a level beside "not performed" would be refused when the form comes
    // back.
    own.retain(|cell| cell.set_aside_by.is_none());
    let stated = |source| block.applicability_of(procedure).iter().find(|cell| cell.source == source);
    let value = stated(Source::Own).filter(|cell| cell.set_aside_by.is_none()).map(|cell| cell.value);
    let beside = Beside::of(catalogue, &own, texts);
    let shared = beside.state.is_some();
    let cells = (0..).zip(catalogue.channels()).map(|(channel, _)| {
        let cell = own.iter().find(|cell| cell.channel == channel);
        // What all channels of the row share stands in a column of its own.
        let state = |cell: &Cell| if shared { String::new() } else { state_text(cell.state) };
        cell.map_or_else(String::new, |cell| level_text(cell.level, cell.at_least) + &state(cell))
    });
    let before = [
        municipality.code.to_string(),
        municipality.prefecture_name.clone(),
        municipality.name.clone(),
        named.id.to_string(),
        named.name_ja.clone(),
        value.map_or_else(String::new, |value| value.label().to_owned()),
    ];
    let after = [String::new(), published_words(catalogue, &published, stated(Source::Published))];
    before.into_iter().chain(cells).chain(beside.cells()).chain(after).collect()
}

/// What a row says beside its levels. Read back it is said of every channel of the row (of address and
/// system: of the online ones), so it stands there only where all of them agree; where they do not the
/// cell is empty, which leaves each as it is.
struct Beside {
    section: Option<String>,
    url: Option<String>,
    system: Option<String>,
    note: Option<String>,
    state: Option<State>,
    target_level: Option<Level>,
    target_on: Option<Dated>,
}

impl Beside {
    fn of(catalogue: &Catalogue, own: &[&Cell], texts: &HashMap<i64, Texts>) -> Self {
        let online: Vec<&Cell> = own
            .iter()
            .copied()
            .filter(|cell| catalogue.channel(cell.channel).scale == Scale::Online)
            .collect();
        let text = |cells: &[&Cell], pick: fn(&Texts) -> &Option<String>| {
            agreed(cells, |cell| texts.get(&cell.seq).and_then(|texts| pick(texts).clone()))
        };
        Self {
            section: text(own, |texts| &texts.section),
            url: text(&online, |texts| &texts.url),
            system: agreed(&online, |cell| cell.system.as_deref().map(str::to_owned)),
            note: text(own, |texts| &texts.note),
            state: agreed(own, |cell| Some(cell.state)).filter(|state| *state != State::Live),
            target_level: agreed(own, |cell| cell.target.map(|target| target.level)),
            target_on: agreed(own, |cell| cell.target.and_then(|target| target.on)),
        }
    }

    fn cells(self) -> [String; AFTER.len() - 2] {
        let text =
            |text: Option<String>| text.map_or_else(String::new, |text| Cow::into_owned(guarded(&text)));
        [
            text(self.section),
            text(self.url),
            text(self.system),
            text(self.note),
            self.state.map_or_else(String::new, |state| state.label().to_owned()),
            self.target_level.map_or_else(String::new, |level| level.to_string()),
            self.target_on.map_or_else(String::new, written),
        ]
    }
}

/// What all of some cells say alike.
fn agreed<T: PartialEq>(cells: &[&Cell], say: impl Fn(&Cell) -> Option<T>) -> Option<T> {
    let (first, others) = cells.split_first()?;
    let said = say(first)?;
    others.iter().all(|cell| say(cell).as_ref() == Some(&said)).then_some(said)
}

/// A day at its precision, as a file writes it.
fn written(day: Dated) -> String {
    match day.precision {
        Precision::Day => day.on.to_string(),
        Precision::Month => day.on.format("%Y年%-m月").to_string(),
        Precision::FiscalYear => FiscalYear::of(day.on).to_string(),
    }
}

fn explanation(grid: &Grid) -> Vec<Line> {
    let mut lines: Vec<Line> = [
        ("この様式", "1行に1つの手続、接点（申請の窓口や手段）ごとに1列です。シート「様式」の、変わったところだけを直してください。"),
        ("書き方", "接点の列に段階を選びます。0〜5 は段階、3+ は「少なくとも段階3だが、範囲は確かめていない」です。"),
        ("空欄", "「変えない」の意味で、未対応（0）ではありません。"),
        ("対象外", "制度がない、該当がない手続です。該当性の列で選んでも、接点の列に 対象外 と書いても同じです。段階と一緒には書けません。"),
        ("組合", "一部事務組合、広域連合、県など、ほかの団体の事務です。"),
        ("担当課・備考", "その行に書いたすべての接点のことになります。接点ごとに違うときは空欄のままにすると、それぞれ今のままです。"),
        ("状態", "その行に書いたすべての接点が、今使えるかどうかです。使えるようになったら 実施中 と書きます。接点ごとに違うときは、接点の列に 4（停止中）、4（実施中）のように書きます。"),
        ("URL・システム名", "その行に書いたオンラインの接点のことになります。"),
        ("目標段階・目標時期", "これから実施する予定です。段階（0〜5）と、いつまでか（例 2027-03-31、令和9年3月、令和8年度）を書きます。"),
        ("適用日", "いつからの状況か（例 2026-04-01、令和8年4月1日）。空欄なら、変わった行は取り込んだ日からになります。"),
        (PUBLISHED, "国が公表した値です。比べるためのもので、取り込みません。可 はオンライン可（範囲未確認）、未 は未対応です。"),
        ("送り方", "ファイルを保存し、todoke の画面の「取込」で選んで送ります。何が変わるかを確かめてから反映できます（コマンドでは todoke check ファイル名、todoke import ファイル名）。画面もコマンドも使えないときは、このまま担当（都道府県や情報担当）に送ってください。"),
    ]
    .map(|(what, text)| (what.to_owned(), text.to_owned()))
    .into();
    lines.extend(level_lines());
    lines.extend(origin_lines(grid));
    lines
}
