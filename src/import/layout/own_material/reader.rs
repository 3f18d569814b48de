//! Reads the rows of a table of own material.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::head::MaterialHead;
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::{Dated, Precision};
use crate::domain::file_dates::parse_in_file;
use crate::domain::material::{
    Content, Field, MaterialKey, TARGET_PRECISION, Value, WITHDRAWN, What, past_day, read,
};
use crate::domain::procedure::ProcedureId;
use crate::domain::text::{cut, fold_for_match, fold_width, stands_for_nothing};
use crate::domain::usage::{RecordKey, RecordValue};
use crate::import::layout::channel_words::channel_of;
use crate::import::layout::sheet::Sheet;
use crate::import::records::Record;
use crate::import::resolve::Procedures;
use crate::import::table::Row;
use crate::import::{Blank, Fault, FaultKind};

/// Reads the rows one by one.
pub(super) struct Reader<'a> {
    head: &'a MaterialHead,
    pub(super) sheet: Sheet<'a>,
    procedures: Procedures<'a>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(head: &'a MaterialHead, sheet: Sheet<'a>) -> Self {
        Self { head, procedures: Procedures::new(sheet.catalogue, &sheet.options.names), sheet }
    }

    /// What a row says; its faults are told.
    pub(super) fn record(&mut self, row: &Row, body: Option<BodyIx>) -> Option<Record> {
        let head = self.head;
        let mut is_whole = true;
        let procedure = match head.kind.is_of_procedures() {
            false => None,
            true => match self.procedure(row) {
                Some(id) => Some(id),
                None => return None,
            },
        };
        let mut subject = Vec::new();
        for field in head.kind.keys().filter(|field| field.what != What::Procedure) {
            match self.key(field, row) {
                Some(text) => subject.push(text),
                None => is_whole = false,
            }
        }
        let mut content = BTreeMap::new();
        let withdrawn = self.is_withdrawn(row)?;
        if withdrawn {
            self.tell_unused(row);
        } else {
            let clears = self.sheet.options.blank == Blank::Clear;
            for (field, at) in head.columns.iter().filter(|(field, _)| !field.is_key) {
                match self.value(field, row, *at) {
                    Some(value) => {
                        // What a row must say is never taken out.
                        let value = value.or((clears && !field.is_needed).then_some(Value::Cleared));
                        content.extend(value.map(|value| (field.name.to_owned(), value)));
                    }
                    None => is_whole = false,
                }
            }
        }
        // A row whose cells all stand for nothing says nothing; only the word for it takes a row back.
        if content.is_empty() && !withdrawn {
            return None;
        }
        let key = MaterialKey {
            municipality: self.sheet.catalogue.body(body?).code,
            kind: head.kind,
            procedure,
            subject,
        };
        let value = RecordValue::Material(Arc::new(Content(content)));
        is_whole.then_some(Record { key: RecordKey::Material(key), value })
    }

    /// What a key field of a row says, or the sender of all rows; a fault is told.
    fn key(&mut self, field: &Field, row: &Row) -> Option<String> {
        let (options, catalogue) = (self.sheet.options, self.sheet.catalogue);
        let of_all = match field.what {
            What::Year => options.fiscal_year.map(|year| year.number().to_string()),
            What::Channel => options.channel.map(|channel| catalogue.channel(channel).id.to_string()),
            _ => None,
        };
        let Some(at) = self.head.at(field.name) else { return of_all };
        if field.name == "number" && became_a_day(row.cell(at)) {
            let message = "番号が日付になっています（1-2 と書いた番号は、表計算ソフトで 1月2日 に変わることがあります）";
            let fault = Fault::whole("number_became_day", message).found(row.cell(at));
            self.sheet.fault(fault.allowing("番号のセルを文字列にして、番号を書き直す"), row, at);
            return None;
        }
        match self.value(field, row, at)? {
            Some(value) => Some(value.text()),
            None if of_all.is_some() => of_all,
            None => {
                let fault = Fault::whole("missing_value", format!("「{}」が空です", field.label));
                self.sheet.fault(fault, row, at);
                None
            }
        }
    }

    /// Whether a row takes back what was said: the word stands alone in a column that says something. None where
    /// it may be meant and does not stand alone; that is told.
    fn is_withdrawn(&mut self, row: &Row) -> Option<bool> {
        /// Words that begin so speak of taking back.
        const BEGINNINGS: [&str; 5] = ["取下", "取り下げ", "取りさげ", "とりさげ", "撤回"];
        /// Words that may mean it.
        const LIKE: [&str; 4] = ["廃止", "削除", "中止", "取消"];
        let said = self.head.columns.iter().filter(|(field, _)| !field.is_key);
        let cells: Vec<(&Field, usize, String)> =
            said.map(|(field, at)| (*field, *at, fold_for_match(row.cell(*at)))).collect();
        let is_word =
            |text: &str| [WITHDRAWN, "取り下げ", "取下"].iter().any(|word| fold_for_match(word) == text);
        if cells.iter().any(|(.., text)| is_word(text)) {
            return Some(true);
        }
        let is_open = |(field, _, text): &&(&Field, usize, String)| {
            let bare = text.trim_matches(['「', '」', '(', ')']);
            let ends = || LIKE.iter().any(|word| text.ends_with(&format!("({word})")));
            match field.name {
                // Names may speak of it, and reasons give it.
                "title" | "scenario" => LIKE.contains(&bare) || ends(),
                "reason" | "findings" | "point_text" => LIKE.contains(&bare),
                _ => {
                    let short = text.chars().count() <= 12;
                    let begins = BEGINNINGS.iter().any(|word| bare.starts_with(word));
                    short && (begins || LIKE.iter().any(|word| bare.contains(word)))
                }
            }
        };
        let Some((_, open, _)) = cells.iter().find(is_open) else { return Some(false) };
        let open = *open;
        let message = format!(
            "この行を取り下げるのか分かりません。取り下げるなら、欄に「{WITHDRAWN}」とだけ書いてください。そうでなければ、ほかの言葉で書いてください"
        );
        let fault = Fault::whole("withdrawal_unclear", message).found(row.cell(open));
        self.sheet.fault(fault.allowing(WITHDRAWN), row, open);
        None
    }

    /// Tells what else a row says that is taken back.
    fn tell_unused(&mut self, row: &Row) {
        let said = self.head.columns.iter().filter(|(field, at)| {
            let text = fold_for_match(row.cell(*at));
            !field.is_key && !text.is_empty() && !text.starts_with("取下") && !text.starts_with("取り下")
        });
        let unused: Vec<String> =
            said.map(|(field, at)| format!("{} {}", field.label, cut(row.cell(*at).trim(), 20))).collect();
        if let Some((_, at)) =
            self.head.columns.iter().find(|(field, _)| !field.is_key).filter(|_| !unused.is_empty())
        {
            let message = format!("この行は取り下げます。ほかの欄（{}）は記録しません", unused.join("、"));
            let refusal =
                Refusal::new("withdrawn_with_content", row.cell(*at), message, "the row is withdrawn");
            self.sheet.warn(refusal, row, *at);
        }
    }

    fn procedure(&mut self, row: &Row) -> Option<ProcedureId> {
        let (id, name) = self.head.procedure;
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at));
        match self.procedures.find(text(id), text(name)) {
            Ok(ix) => Some(self.sheet.catalogue.procedure(ix).id.clone()),
            Err(fault) => {
                self.sheet.fault(fault, row, id.or(name).unwrap_or(0));
                None
            }
        }
    }

    /// What a cell says; the outer `None` where it was refused.
    fn value(&mut self, field: &Field, row: &Row, at: usize) -> Option<Option<Value>> {
        let cell = row.cell(at).trim();
        let value = match field.what {
            // A row about several is not left out because of one of them.
            What::Procedures => {
                let told = |fault| Fault { asks: Vec::new(), ..fault }.of_kind(FaultKind::Told);
                self.several(cell).map_err(told)
            }
            What::Channel => self.channel(cell),
            What::PlannedDay => self.planned(row, at),
            What::Day => self.day(row, at),
            What::Number if field.name == "value" => self.share(field, cell, row),
            _ => read(field, cell, self.sheet.options.today).map_err(Fault::of),
        };
        value.map_err(|fault| self.sheet.fault(fault, row, at)).ok()
    }

    /// A day that is over.
    fn day(&mut self, row: &Row, at: usize) -> Result<Option<Value>, Fault> {
        let Some(dated) = self.sheet.day(row, at)? else { return self.no_day(row, at) };
        past_day(row.cell(at), dated, self.sheet.options.today).map(Some).map_err(Fault::of)
    }

    /// A cell that says no day is empty, or says so; a word such as 済 would be lost.
    fn no_day(&self, row: &Row, at: usize) -> Result<Option<Value>, Fault> {
        let cell = row.cell(at).trim();
        if cell.is_empty() || stands_for_nothing(cell) {
            return Ok(None);
        }
        let fault = Fault::whole("day_needed", "日付ではありません").found(cell);
        Err(fault.allowing("2026-04-01、令和8年4月1日。決まっていなければ空欄にする"))
    }

    /// A number that may be a share: `78.5%` where the unit beside it is that.
    fn share(&self, field: &Field, cell: &str, row: &Row) -> Result<Option<Value>, Fault> {
        let folded = fold_width(cell);
        let unit = self.head.at("unit").map_or("", |at| row.cell(at).trim());
        let bare = folded.strip_suffix('%').filter(|_| fold_width(unit) == "%").unwrap_or(&folded);
        read(field, bare, self.sheet.options.today).map_err(Fault::of)
    }

    /// A day to come, as exactly as a column beside it says.
    fn planned(&mut self, row: &Row, at: usize) -> Result<Option<Value>, Fault> {
        let Some(dated) = self.sheet.planned_day(row, at)? else { return self.no_day(row, at) };
        let value = Some(Value::Planned(dated.on, dated.precision));
        let said = self.head.beside(TARGET_PRECISION).map_or("", |at| row.cell(at).trim());
        match value {
            Some(Value::Planned(on, Precision::Day)) if !said.is_empty() => {
                let precision: Precision = said.parse().map_err(Fault::of)?;
                let dated = Dated::day(on).at_precision(precision);
                Ok(Some(Value::Planned(dated.on, dated.precision)))
            }
            value => Ok(value),
        }
    }

    /// Procedures of a cell, by id or name.
    fn several(&self, cell: &str) -> Result<Option<Value>, Fault> {
        let catalogue = self.sheet.catalogue;
        let one = |part: &str| {
            let id = catalogue.procedure_ix(&fold_width(part));
            id.map_or_else(|| self.procedures.find("", part), Ok)
        };
        if cell.is_empty() {
            return Ok(None);
        }
        let found = match one(cell) {
            Ok(only) => vec![only],
            Err(fault) => match joined(cell, &|part| one(part).ok()) {
                Some(found) => found,
                None => {
                    // The part that is none says best what is wrong.
                    let parts = cell.split(['、', ',', ';', '；', '\n']).map(str::trim);
                    return Err(parts
                        .filter(|part| !part.is_empty())
                        .find_map(|part| one(part).err())
                        .unwrap_or(fault));
                }
            },
        };
        let mut ids: Vec<String> = Vec::new();
        for id in found.into_iter().map(|ix| catalogue.procedure(ix).id.to_string()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        Ok(Some(Value::Several(ids)))
    }

    fn channel(&self, cell: &str) -> Result<Option<Value>, Fault> {
        if cell.is_empty() {
            return Ok(None);
        }
        let catalogue = self.sheet.catalogue;
        let found = channel_of(catalogue, cell).map(|channel| catalogue.channel(channel));
        let labels = || {
            let labels: Vec<&str> =
                self.sheet.catalogue.channels().iter().map(|row| row.label_ja.as_str()).collect();
            labels.join("、")
        };
        found.map(|row| Some(Value::Text(row.id.to_string()))).ok_or_else(|| {
            Fault::whole("unknown_channel", "接点の名前ではありません").found(cell).allowing(labels())
        })
    }
}

/// Procedures whose names are joined, also by what stands in names: 要介護・要支援認定の申請・要介護・要支援更新認定の申請.
fn joined(cell: &str, find: &dyn Fn(&str) -> Option<ProcedureIx>) -> Option<Vec<ProcedureIx>> {
    /// So many pieces a cell has at most.
    const PIECES: usize = 120;
    /// So many pieces the name of one procedure has at most, with what people write beside it.
    const OF_A_NAME: usize = 12;
    let is_between = |c: char| ['・', '、', ',', '，', '/', '／', ';', '；', '\n', '|', '｜'].contains(&c);
    let ends: Vec<usize> = cell.char_indices().filter(|(_, c)| is_between(*c)).map(|(at, _)| at).collect();
    if ends.len() > PIECES {
        return None;
    }
    for at in ends.into_iter().take(OF_A_NAME) {
        let (first, rest) = cell.split_at(at);
        let rest = rest.trim_start_matches(|c: char| is_between(c) || c.is_whitespace());
        let Some(found) = find(first.trim()) else { continue };
        // What stands before the first name that is one is that name, whatever follows.
        if rest.trim().is_empty() {
            return Some(vec![found]);
        }
        let others = find(rest.trim()).map(|only| vec![only]).or_else(|| joined(rest, find))?;
        return Some(std::iter::once(found).chain(others).collect());
    }
    None
}

/// Whether a number is what a spreadsheet makes of one with a dash: 1月2日, 2026/1/2, Jan-02.
fn became_a_day(cell: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let folded = fold_width(cell.trim()).to_lowercase();
    let short =
        folded.split_once('-').is_some_and(|(one, two)| MONTHS.contains(&one) || MONTHS.contains(&two));
    let written = folded.contains('月') && folded.ends_with('日');
    let whole = folded.len() >= 8 && parse_in_file(&folded).is_ok_and(|day| day.precision == Precision::Day);
    short || written || whole
}
