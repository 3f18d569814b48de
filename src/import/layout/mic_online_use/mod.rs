//! The ministry's survey of online use (自治体DX・情報化推進概要, 個別資料（６）): a block of columns for
//! each procedure, whose first rows say of which year the counts are.
//!
//! Blocks have been five and six columns wide, so that what a column holds is found by its own
//! heading. A sheet gives both: whether a procedure is performed and offered online, and counts.

mod head;

use std::collections::BTreeSet;

use super::Layout;
use super::head::Head;
use super::sheet::{BodyColumns, Sheet, stated_day};
use super::unknown::{Shape, Wanted};
use super::usage::columns::split_year;
use super::usage::differing_rate;
use crate::domain::Refusal;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, Catalogue, ChannelIx, ProcedureIx};
use crate::domain::dates::{Dated, FiscalYear, Precision};
use crate::domain::number::parse_count;
use crate::domain::readiness::{Evidence, Level, Source};
use crate::domain::text::{cut, fold_for_match, fold_mark};
use crate::domain::usage::{ChannelGroup, RecordKey, RecordValue, UsageKey};
use crate::import::headings::{Headings, JOINT};
use crate::import::marks::{Profile, Question, is_dash};
use crate::import::records::Record;
use crate::import::resolve::Procedures;
use crate::import::table::{Row, Table};
use crate::import::{Fault, Field, Options, ReadinessPatch, Reading, Said, Statement};
use head::{Block, SurveyHead, What};

pub(super) use head::find;

impl Head for SurveyHead {
    fn headings(&self) -> &Headings {
        &self.headings
    }

    fn read(&self, sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
        read(self, sheet)
    }

    fn body_columns(&self) -> BodyColumns {
        self.place
    }

    /// The rates, which follow from the counts.
    fn compared(&self) -> Vec<usize> {
        self.blocks.iter().filter_map(|block| block.column(What::Rate)).collect()
    }

    /// Each sheet is a group of bodies.
    fn spans_sheets(&self) -> bool {
        true
    }
}

/// Reads the rows below the head.
///
/// # Errors
///
/// No row with data, blocks of no procedure or of one twice, counts of an unknown year.
fn read(head: &SurveyHead, mut sheet: Sheet<'_>) -> Result<Reading, Vec<Fault>> {
    let (table, catalogue, options) = (sheet.table, sheet.catalogue, sheet.options);
    let year = year(table, head, options);
    let wrong =
        [wrong_blocks(head, &sheet, catalogue), year.as_ref().err().cloned().unwrap_or_default()].concat();
    let (Ok(year), true) = (year, wrong.is_empty()) else { return Err(wrong) };
    let rows = sheet.rows()?;
    let above = &table.rows[..head.headings.rows().start];
    let effective = stated_day(above)
        .or(options.effective)
        .unwrap_or(Dated { on: year.last_day(), precision: Precision::FiscalYear });
    tell(&mut sheet, head, year, effective);
    let known = |at: usize| head.place.columns().contains(&Some(at)) || head.holds(at);
    let profile = options.profile_over(Profile::default_marks());
    let wanted = &[Wanted::Procedure];
    sheet.unknown_columns(&Shape { rows: &rows, known: &known, marked: &[], wanted, profile: &profile });
    let bodies = sheet.bodies(&rows, &head.place);
    let mut survey = Survey {
        online: options.channel.or(catalogue.online()).unwrap_or_default(),
        sheet,
        year,
        effective,
        statements: Vec::new(),
        records: Vec::new(),
        counts: Counts::default(),
    };
    for row in &rows {
        if let Some(body) = survey.sheet.body(&bodies, row, &head.place) {
            for block in &head.blocks {
                survey.read_block(row, body, block);
            }
        }
    }
    Ok(survey.finish(rows.len()))
}

/// Faults of blocks whose procedure is not known, or that stand twice.
fn wrong_blocks(head: &SurveyHead, sheet: &Sheet<'_>, catalogue: &Catalogue) -> Vec<Fault> {
    let procedures = Procedures::new(catalogue, &sheet.options.names);
    let unknown = head.blocks.iter().filter(|block| block.procedure.is_none()).filter_map(|block| {
        let fault = procedures.find("", &block.name).err()?;
        let (at, _) = block.columns.first()?;
        let message =
            "この見出しの手続が分かりません。手続を columns で指定するか、ignore で列を除いてください";
        let fault = Fault { message: message.to_owned(), ..fault };
        Some(fault.at_line(head.headings.line).in_column(*at, &block.name).found(&block.name))
    });
    let columns = head.blocks.iter().flat_map(|block| {
        block.columns.iter().filter_map(|(at, what)| Some((*at, (block.procedure?, *what))))
    });
    let columns: Vec<_> = columns.collect();
    unknown.chain(sheet.twice(&columns)).collect()
}

/// The fiscal year of the counts: that which the first rows call 実績, else the only one they name.
fn year(table: &Table, head: &SurveyHead, options: &Options) -> Result<FiscalYear, Vec<Fault>> {
    let (mut all, mut of_counts) = (BTreeSet::new(), BTreeSet::new());
    for cell in table.rows[..head.headings.rows().start].iter().flat_map(Row::cells) {
        let folded = fold_for_match(cell);
        let ends: Vec<usize> = folded.match_indices("年度").map(|(at, found)| at + found.len()).collect();
        let mut start = 0;
        for end in ends {
            if let Some((year, _)) = split_year(&folded[start..end]) {
                all.insert(year);
                let behind = &folded[end..];
                if ["実績", "の実績", "件数", "の件数", "中"].iter().any(|word| behind.starts_with(word))
                {
                    of_counts.insert(year);
                }
            }
            start = end;
        }
    }
    let stated = if of_counts.is_empty() { &all } else { &of_counts };
    let mut stated_years = stated.iter().copied();
    match (stated_years.next(), stated_years.next(), options.fiscal_year) {
        (Some(only), None, Some(said)) if only != said => {
            let message =
                format!("ファイルの先頭に書かれた年度（{only}）が、指定された年度（{said}）と違います");
            Err(vec![Fault::whole("other_fiscal_year", message).allowing("fiscal_year の指定を外す")])
        }
        (Some(only), None, _) => Ok(only),
        (_, _, Some(said)) => Ok(said),
        _ => {
            let choices = stated.iter().map(|year| (year.number().to_string(), year.to_string()));
            let message =
                "何年度の件数か、ファイルの先頭の行から決まりません。年度（fiscal_year）を指定してください。";
            let question = Question::about_the_file(
                "fiscal_year",
                "何年度の件数ですか（2022、令和4年度 など）",
                choices,
            );
            Err(vec![
                Fault::whole("missing_fiscal_year", message)
                    .allowing("fiscal_year=2022 など")
                    .asking(question),
            ])
        }
    }
}

fn tell(sheet: &mut Sheet<'_>, head: &SurveyHead, year: FiscalYear, effective: Dated) {
    sheet.notes.push(format!(
        "{}手続の列のまとまりを読みました。件数は{year}、実施とオンライン化の状況は {} 時点とします。",
        head.blocks.len(),
        effective.in_words(),
    ));
    let others: BTreeSet<String> = head
        .blocks
        .iter()
        .flat_map(|block| &block.others)
        .filter_map(|at| head.headings.text(*at).rsplit(JOINT).next().map(|text| cut(text, 40)))
        .collect();
    if !others.is_empty() {
        let others: Vec<&str> = others.iter().map(String::as_str).take(10).collect();
        sheet.notes.push(format!("保存しない列: {}", others.join("、")));
    }
    if !head.compared().is_empty() {
        sheet.notes.push("利用率の列は件数と比べるためだけに使い、保存しません。".to_owned());
    }
}

/// How often each word stood there.
#[derive(Default)]
struct Counts {
    absent: usize,
    online: usize,
    not_yet: usize,
    dashes: usize,
}

struct Survey<'a> {
    sheet: Sheet<'a>,
    online: ChannelIx,
    year: FiscalYear,
    effective: Dated,
    statements: Vec<Statement>,
    records: Vec<(u32, Record)>,
    counts: Counts,
}

impl Survey<'_> {
    fn read_block(&mut self, row: &Row, body: BodyIx, block: &Block) {
        let Some(procedure) = block.procedure else { return };
        let before = self.sheet.faults.len();
        let performed = self.word(row, block.column(What::Performed), PERFORMED);
        let offered = self.word(row, block.column(What::Online), OFFERED);
        let [all, online] = [What::All, What::ByOnline].map(|what| self.count(row, block.column(what)));
        if self.sheet.faults.len() > before || !self.agree(row, block, (performed, offered), [all, online]) {
            return;
        }
        let said = match (performed, offered) {
            (Some(false), _) => {
                self.counts.absent += 1;
                Some((What::Performed, Said::Applicability(Applicability::NotApplicable, Field::Keep)))
            }
            (_, Some(yes)) => {
                *(if yes { &mut self.counts.online } else { &mut self.counts.not_yet }) += 1;
                let level = if yes { (Level::THREE, true) } else { (Level::ZERO, false) };
                let patch = ReadinessPatch {
                    level: Some(level),
                    evidence: Some(Evidence::Published),
                    ..ReadinessPatch::default()
                };
                Some((What::Online, Said::Readiness(self.online, Box::new(patch))))
            }
            (Some(true), None) => {
                Some((What::Performed, Said::Applicability(Applicability::Applicable, Field::Keep)))
            }
            (None, None) => None,
        };
        if let Some((what, said)) = said {
            self.statements.push(Statement {
                line: row.line,
                column: block.column(what).and_then(|at| u16::try_from(at).ok()),
                body,
                procedure,
                source: Source::Published,
                effective: Some(self.effective),
                said,
            });
        }
        for (group, count) in [(ChannelGroup::All, all), (ChannelGroup::Online, online)] {
            if let Some(count) = count.filter(|_| performed != Some(false)) {
                self.record(row, body, procedure, group, count);
            }
        }
    }

    fn record(&mut self, row: &Row, body: BodyIx, procedure: ProcedureIx, group: ChannelGroup, count: i64) {
        let catalogue = self.sheet.catalogue;
        let key = UsageKey {
            municipality: catalogue.body(body).code,
            procedure: catalogue.procedure(procedure).id.clone(),
            fiscal_year: self.year,
            group,
        };
        let record = Record { key: RecordKey::Usage(key), value: RecordValue::Applications(count) };
        self.records.push((row.line, record));
    }

    /// Whether the cells of a block agree with each other; else their fault is told.
    fn agree(
        &mut self,
        row: &Row,
        block: &Block,
        (performed, offered): (Option<bool>, Option<bool>),
        [all, online]: [Option<i64>; 2],
    ) -> bool {
        let cell = |what| block.column(what).unwrap_or(0);
        let (at, message) = if performed == Some(false) && offered == Some(true) {
            (
                cell(What::Online),
                "手続が「無」なのに、オンライン化が「済」です。どちらかを直してください".to_owned(),
            )
        } else if performed == Some(false) && [all, online].iter().flatten().any(|count| *count > 0) {
            let at = if all.is_some_and(|count| count > 0) { cell(What::All) } else { cell(What::ByOnline) };
            (at, "手続が「無」なのに、件数があります。どちらかを直してください".to_owned())
        } else if let (Some(all), Some(online)) = (all, online)
            && online > all
        {
            let message = format!("オンラインの件数（{online}）が総件数（{all}）より多くなっています");
            let fault = Fault::whole("online_exceeds_total", message).allowing(format!("0〜{all}"));
            let at = cell(What::ByOnline);
            self.sheet.fault(fault.found(row.cell(at)), row, at);
            return false;
        } else {
            self.warn_of_oddities(row, block, offered, [all, online]);
            return true;
        };
        self.sheet.fault(Fault::whole("contradiction", message).found(row.cell(at)), row, at);
        false
    }

    fn warn_of_oddities(
        &mut self,
        row: &Row,
        block: &Block,
        offered: Option<bool>,
        [all, online]: [Option<i64>; 2],
    ) {
        if let (Some(false), Some(1..), Some(at)) = (offered, online, block.column(What::ByOnline)) {
            let message = "オンライン化が「未」なのに、オンラインの件数があります";
            self.sheet.warn(
                Refusal::new(
                    "online_before_offer",
                    row.cell(at).trim(),
                    message,
                    "applications online, though not offered",
                ),
                row,
                at,
            );
        }
        if let (Some(all), Some(online), Some(at)) = (all, online, block.column(What::Rate))
            && let Some(message) = differing_rate(row.cell(at), online, all)
        {
            let text = row.cell(at).trim();
            self.sheet.warn(
                Refusal::new("rate_differs", text, message, "the rate is not that of the counts"),
                row,
                at,
            );
        }
    }

    /// Yes, no, or nothing; another word is a fault.
    fn word(&mut self, row: &Row, at: Option<usize>, words: Words) -> Option<bool> {
        let at = at?;
        let folded = fold_mark(row.cell(at));
        let bare = folded.trim_end_matches(['り', 'し', 'み']);
        if bare.is_empty() {
            return None;
        }
        if is_dash(bare) {
            self.counts.dashes += 1;
            return None;
        }
        for (list, answer) in [(words.yes, true), (words.no, false)] {
            if list.contains(&bare) || list.contains(&folded.as_str()) {
                return Some(answer);
            }
        }
        let fault = Fault::whole("unknown_mark", "意味の分からない記号です。書かれた言葉を直してください");
        self.sheet.fault(fault.found(row.cell(at)).allowing(words.allowed), row, at);
        None
    }

    /// A count; nothing where there is none, or where it was refused.
    fn count(&mut self, row: &Row, at: Option<usize>) -> Option<i64> {
        let at = at?;
        let text = row.cell(at);
        if is_dash(&fold_mark(text)) {
            self.counts.dashes += 1;
            return None;
        }
        let fault = match parse_count(text) {
            Ok(Some(count)) if count < 0 => {
                Fault::whole("negative_count", format!("件数が負の数（{count}）です"))
                    .found(text)
                    .allowing("0以上の整数")
            }
            Ok(count) => return count,
            Err(refusal) => Fault::of(refusal),
        };
        self.sheet.fault(fault, row, at);
        None
    }

    fn finish(self, rows: usize) -> Reading {
        let Counts { absent, online, not_yet, dashes } = self.counts;
        let mut reading = self.sheet.reading(Layout::MicOnlineUse, rows);
        reading.notes.push(format!(
            "手続「無」{absent}件は制度なし、「済」{online}件はオンライン可（範囲未確認）、「未」{not_yet}件は段階0（未対応）とします。いずれも国公表値です。"
        ));
        if dashes > 0 {
            reading.notes.push(format!("横棒の{dashes}か所は「値なし」です。"));
        }
        Reading { statements: self.statements, records: self.records, ..reading }
    }
}

/// The words of a column, folded, without り, し and み at their end.
#[derive(Clone, Copy)]
struct Words {
    yes: &'static [&'static str],
    no: &'static [&'static str],
    allowed: &'static str,
}

const PERFORMED: Words = Words {
    yes: &["有", "あ", "○", "〇", "◯", "1"],
    no: &["無", "な", "×", "✕", "0"],
    allowed: "有、無、空欄",
};
const OFFERED: Words = Words {
    yes: &["済", "実施済", "対応済", "オンライン化済", "○", "〇", "◯", "1"],
    no: &["未", "未実施", "未対応", "×", "✕", "0"],
    allowed: "済、未、空欄",
};
