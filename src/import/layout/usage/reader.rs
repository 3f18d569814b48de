//! Reads the rows of a table of counts.

use super::columns::{Column, What};
use super::head::UsageHead;
use super::open::Blanks;
use super::rates::{differing_rate, rate};
use super::running::Running;
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, ProcedureIx};
use crate::domain::dates::FiscalYear;
use crate::domain::number::parse_count;
use crate::domain::readiness::Scale;
use crate::domain::text::fold_for_match;
use crate::domain::usage::{ChannelGroup, RecordKey, RecordValue, UsageKey};
use crate::import::Fault;
use crate::import::layout::channel_words::channel_of;
use crate::import::layout::sheet::Sheet;
use crate::import::options::fiscal_year;
use crate::import::records::Record;
use crate::import::resolve::{Bodies, Procedures};
use crate::import::table::Row;

/// Reads the rows one by one.
pub(super) struct Reader<'a> {
    pub(super) head: &'a UsageHead,
    /// Columns that are asked about: what they count is compared with nothing.
    pub(super) open: Vec<usize>,
    pub(super) sheet: Sheet<'a>,
    /// The body of all rows, where none says its own.
    pub(super) whose: Option<BodyIx>,
    pub(super) records: Vec<(u32, Record)>,
    pub(super) procedures: Procedures<'a>,
    /// Cells that say no number, and what the sender says of them.
    pub(super) blanks: Blanks,
    /// Rows of a year that is not over.
    pub(super) running: Running,
}

/// A count of a row: year, group, number.
type Count = (FiscalYear, ChannelGroup, i64);

impl Reader<'_> {
    pub(super) fn read_row(&mut self, bodies: &Bodies<'_>, row: &Row) {
        let body = self.whose.or_else(|| self.sheet.body(bodies, row, &self.head.place));
        let mut above: Vec<ProcedureIx> = Vec::new();
        for procedure in self.head.columns.iter().filter_map(|column| column.procedure) {
            if !above.contains(&procedure) {
                above.push(procedure);
            }
        }
        if above.is_empty() {
            let procedure = self.procedure(row);
            let counts = self.counts(row, None);
            self.record_all(row, body, procedure, counts);
        }
        for procedure in above {
            let counts = self.counts(row, Some(procedure));
            self.record_all(row, body, Some(procedure), counts);
        }
    }

    fn record_all(
        &mut self,
        row: &Row,
        body: Option<BodyIx>,
        procedure: Option<ProcedureIx>,
        counts: Option<Vec<Count>>,
    ) {
        if let (Some(body), Some(procedure), Some(counts)) = (body, procedure, counts) {
            for (year, group, applications) in counts {
                self.records.push((row.line, self.record(body, procedure, year, group, applications)));
            }
        }
    }

    fn procedure(&mut self, row: &Row) -> Option<ProcedureIx> {
        let text = |at: Option<usize>| at.map_or("", |at| row.cell(at));
        let (id, name) = (text(self.head.id), text(self.head.name));
        self.procedures
            .find(id, name)
            .map_err(|fault| {
                let at = if id.trim().is_empty() { self.head.name.or(self.head.id) } else { self.head.id };
                self.sheet.fault(fault, row, at.unwrap_or(0));
            })
            .ok()
    }

    /// The year of a row, where a column of it or the sender says it.
    fn year(&mut self, row: &Row) -> Option<FiscalYear> {
        let own = self.head.year.filter(|at| !row.cell(*at).trim().is_empty());
        let year = match own {
            Some(at) => fiscal_year(row.cell(at)).map_err(|refusal| (Fault::of(refusal), at)),
            None => self.sheet.options.fiscal_year.ok_or_else(|| {
                let fault = Fault::whole("missing_fiscal_year", "年度がありません");
                (fault.allowing("2025、令和7年度"), self.head.year.unwrap_or(0))
            }),
        };
        let (fault, at) = match year {
            Err(wrong) => wrong,
            Ok(year) => match self.running.fault(year).zip(self.head.year) {
                Some((fault, at)) => (fault.found(row.cell(at)), at),
                None => return Some(year),
            },
        };
        self.sheet.fault(fault, row, at);
        None
    }

    /// The counts of a row, of a procedure above them or of that of the row; `None` if one was refused.
    fn counts(&mut self, row: &Row, above: Option<ProcedureIx>) -> Option<Vec<Count>> {
        let (named, all) = self.head.years();
        let year = if all { None } else { Some(self.year(row)?) };
        if let Some((at, said)) =
            self.head.year.zip(year).filter(|(_, year)| !named.is_empty() && !named.contains(year))
        {
            let message = format!("この行の年度（{said}）が、見出しの年度と違います");
            self.sheet.fault(Fault::whole("other_fiscal_year", message).found(row.cell(at)), row, at);
            return None;
        }
        if let (Some(group), Some(at), Some(year)) = (self.head.group, self.head.applications, year) {
            let found = self.group(row, group)?;
            return Some(self.count(row, at)?.map(|count| (year, found, count)).into_iter().collect());
        }
        // A column of groups beside columns of years.
        let of_row = match self.head.group.filter(|_| self.head.applications.is_none()) {
            None => None,
            Some(at) => Some(self.group(row, at)?),
        };
        let mut counts: Vec<(usize, Count)> = Vec::new();
        for column in self.head.columns.iter().filter(|column| column.procedure == above) {
            let What::Group(group) = column.what else { continue };
            let Some(year) = column.year.or(year) else { continue };
            let count = self.count(row, column.at)?.filter(|_| !self.open.contains(&column.at));
            let group = of_row.filter(|_| group == ChannelGroup::All).unwrap_or(group);
            counts.extend(count.map(|count| (column.at, (year, group, count))));
        }
        let whole = counts.iter().all(|(at, count)| self.is_part(row, *at, *count, &counts));
        let possible = self.compare_rates(row, (year, above), &counts);
        (whole && possible).then(|| counts.into_iter().map(|(_, count)| count).collect())
    }

    /// The group that a row says its counts are of; a fault is told.
    fn group(&mut self, row: &Row, at: usize) -> Option<ChannelGroup> {
        let found = fold_group(row.cell(at)).or_else(|| self.group_of_channel(row.cell(at)));
        if found.is_none() {
            let labels: Vec<&str> = ChannelGroup::ALL.iter().map(|group| group.label()).collect();
            let fault = Fault::whole("unknown_code", "件数の区分が分かりません").found(row.cell(at));
            self.sheet.fault(fault.allowing(labels.join("、")), row, at);
        }
        found
    }

    /// The group of applications that come by a channel.
    fn group_of_channel(&self, text: &str) -> Option<ChannelGroup> {
        let channel = self.sheet.catalogue.channel(channel_of(self.sheet.catalogue, text)?);
        match (channel.scale, channel.id.as_str()) {
            (Scale::Online, _) => Some(ChannelGroup::Online),
            (Scale::Counter, "convenience") => Some(ChannelGroup::Convenience),
            (Scale::Counter, "counter" | "branch") => Some(ChannelGroup::Counter),
            (Scale::Counter, _) => None,
        }
    }

    /// Whether a count is no more than all of its year; else its fault is told.
    fn is_part(
        &mut self,
        row: &Row,
        at: usize,
        (year, group, count): Count,
        counts: &[(usize, Count)],
    ) -> bool {
        let all = counts.iter().find(|(_, (other, all, _))| *other == year && *all == ChannelGroup::All);
        let Some((_, (.., total))) = all.filter(|(_, (.., total))| count > *total) else { return true };
        let what = if group == ChannelGroup::Online { "オンライン" } else { group.label() };
        let message = format!("{what}の件数（{count}）が総件数（{total}）より多くなっています");
        let code = if group == ChannelGroup::Online { "online_exceeds_total" } else { "part_exceeds_total" };
        let fault = Fault::whole(code, message).found(row.cell(at)).allowing(format!("0〜{total}"));
        self.sheet.fault(fault, row, at);
        false
    }

    /// Warns of a rate that is another one than the counts beside it give. Whether none is more than
    /// all there is; else its fault is told.
    fn compare_rates(
        &mut self,
        row: &Row,
        (of_row, above): (Option<FiscalYear>, Option<ProcedureIx>),
        counts: &[(usize, Count)],
    ) -> bool {
        let mut possible = true;
        let rates = |column: &&Column| column.what == What::Rate && column.procedure == above;
        for column in self.head.columns.iter().filter(rates) {
            let text = row.cell(column.at).trim();
            let year = column.year.or(of_row);
            let count = |wanted| {
                let of =
                    |(_, (year_of, group, _)): &&(usize, Count)| Some(*year_of) == year && *group == wanted;
                counts.iter().find(of).map(|(_, (.., count))| *count)
            };
            let (total, online) = (count(ChannelGroup::All), count(ChannelGroup::Online));
            if rate(text).is_some_and(|(written, ..)| written > 100.0) {
                let shown =
                    |count: Option<i64>| count.map_or_else(|| "空欄".to_owned(), |count| count.to_string());
                let message = format!(
                    "利用率（{text}）が100%を超えています（オンラインは{}、総件数は{}）",
                    shown(online),
                    shown(total)
                );
                let fault = Fault::whole("percent_range", message).found(text).allowing("0%〜100%");
                self.sheet.fault(fault, row, column.at);
                possible = false;
            } else if let (Some(total), Some(online)) = (total, online)
                && let Some(message) = differing_rate(text, online, total)
            {
                let refusal =
                    Refusal::new("rate_differs", text, message, "the rate is not that of the counts");
                self.sheet.warn(refusal, row, column.at);
            }
        }
        possible
    }

    /// A count; the outer `None` if it was refused.
    fn count(&mut self, row: &Row, at: usize) -> Option<Option<i64>> {
        let text = row.cell(at);
        match self.blanks.read(text, row, at, &self.sheet) {
            Some(Ok(count)) => return Some(count),
            Some(Err(fault)) => {
                self.sheet.fault(fault, row, at);
                return None;
            }
            None => {}
        }
        let refusal = match parse_count(text) {
            Ok(Some(count)) if count < 0 => Refusal::new(
                "negative_count",
                text,
                format!("件数が負の数（{count}）です"),
                "a count below zero",
            )
            .allowed("0以上の整数"),
            Ok(count) => return Some(count),
            Err(refusal) => refusal,
        };
        self.sheet.fault(Fault::of(refusal), row, at);
        None
    }

    fn record(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        fiscal_year: FiscalYear,
        group: ChannelGroup,
        applications: i64,
    ) -> Record {
        let catalogue = self.sheet.catalogue;
        let key = UsageKey {
            municipality: catalogue.body(body).code,
            procedure: catalogue.procedure(procedure).id.clone(),
            fiscal_year,
            group,
        };
        Record { key: RecordKey::Usage(key), value: RecordValue::Applications(applications) }
    }
}

fn fold_group(text: &str) -> Option<ChannelGroup> {
    let folded = fold_for_match(text);
    match folded.as_str() {
        "オンライン" | "うちオンライン" | "うちオンライン数" | "オンライン件数" => {
            Some(ChannelGroup::Online)
        }
        "全体" | "総件数" | "総数" | "手続総件数" => Some(ChannelGroup::All),
        _ => {
            ChannelGroup::ALL.iter().copied().find(|group| group.code() == folded || group.label() == folded)
        }
    }
}
