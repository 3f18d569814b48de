//! Which body each row of a table is about.

use chrono::NaiveDate;

use super::body_columns::BodyColumns;
use super::sheet::{Sheet, column};
use super::unknown::left_out;
use crate::domain::Refusal;
use crate::domain::catalogue::BodyIx;
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::text::cut;
use crate::import::headings::EFFECTIVE;
use crate::import::marks::Question;
use crate::import::resolve::{Bodies, LostZeros};
use crate::import::table::Row;
use crate::import::{Fault, FaultKind};

impl<'a> Sheet<'a> {
    /// What finds the bodies of the rows: all their codes together say whether some lost a zero.
    pub(super) fn bodies(&self, rows: &[&Row], place: &BodyColumns) -> Bodies<'a> {
        let codes = rows.iter().map(|row| place.told(row).code);
        Bodies::new(self.catalogue, &self.options.names, LostZeros::Judged).learn(codes)
    }

    /// The body that the sender says the whole table is about. Where a row names another one, an empty
    /// cell below it is no word of the sender's.
    pub(super) fn whose(
        &mut self,
        rows: &[&Row],
        place: &BodyColumns,
        bodies: &Bodies<'_>,
    ) -> Option<BodyIx> {
        let sender = self.options.municipality?;
        let mut is_named = false;
        let mut other: Option<(&Row, BodyIx)> = None;
        for row in rows {
            let told = place.told(row);
            let silent = told.code.trim().is_empty() && told.name.trim().is_empty();
            is_named |= !silent;
            let found = if silent { Some(sender) } else { bodies.find(told).ok().map(|found| found.body) };
            if found != Some(sender) {
                other = Some((row, found.unwrap_or(sender)));
                break;
            }
        }
        let agrees = other.is_none();
        if let Some((row, body)) = other.filter(|(_, body)| *body != sender) {
            self.tell_other_body(row, place, (sender, body));
        }
        // A title may name another one than the rows and the sender.
        if agrees && is_named {
            self.by_name.saw(sender);
        }
        agrees.then_some(sender)
    }

    /// Tells of rows that name another body than the sender says of the table: what they say themselves goes before.
    fn tell_other_body(&mut self, row: &Row, place: &BodyColumns, (sender, body): (BodyIx, BodyIx)) {
        let shown = |body: BodyIx| {
            let row = self.catalogue.body(body);
            format!("{}{}", row.prefecture_name, row.name)
        };
        let message = format!(
            "団体の指定（鍵が1つの団体のものならその団体）は{}ですが、行には{}などの団体が書かれているため、行のとおりに読みました",
            shown(sender),
            shown(body)
        );
        let at = place.code.or(place.name).unwrap_or(0);
        let found = row.cell(at).to_owned();
        self.warn(Refusal::new("other_body", &found, message, "the rows name other bodies"), row, at);
    }

    /// The body of a row; a fault is told at its code, or at its name where there is no code.
    pub(super) fn body(&mut self, bodies: &Bodies<'_>, row: &Row, place: &BodyColumns) -> Option<BodyIx> {
        let told = place.told(row);
        if !self.folded && told.code.contains(|c: char| ('０'..='９').contains(&c)) {
            self.folded = true;
            self.notes.push(format!("全角の団体コードを半角として読みました（最初は{}行目）。", row.line));
        }
        let column = if told.code.trim().is_empty() { place.name.or(place.code) } else { place.code };
        match bodies.find(told) {
            Ok(found) => {
                self.see_body(row, place, &found);
                if let Some((_, refusal)) = found.until.filter(|(day, _)| !self.speaks_before(row, *day)) {
                    self.fault(Fault::of(refusal), row, column.unwrap_or(0));
                    return None;
                }
                if let Some(warning) = found.warning {
                    self.warn(warning, row, column.unwrap_or(0));
                }
                Some(found.body)
            }
            Err(fault) => {
                let fault = self.place_elsewhere(bodies, row, place).unwrap_or(fault);
                let fault = match (fault.kind, place.name) {
                    (FaultKind::NotCompared, Some(name)) => self.ask_without_names(fault, name),
                    (FaultKind::Nameless, _) => self.with_fill(fault, row),
                    _ => fault,
                };
                self.fault(fault, row, column.unwrap_or(0));
                None
            }
        }
    }

    /// Asks once whether the rows are to be read without the names beside their codes.
    fn ask_without_names(&mut self, fault: Fault, name: usize) -> Fault {
        let heading = self.headings.name(name);
        if let Some(question) = self.questions.iter_mut().find(|question| question.mark == heading) {
            question.count += 1;
        } else {
            let question =
                format!("「{}」列の英字の団体名を、団体コードと比べずに取り込みますか", cut(&heading, 60));
            self.questions.push(Question {
                mark: heading.clone(),
                headings: vec![cut(&heading, 60)],
                choices: vec![left_out(&heading)],
                ..Question::about_the_file("columns", question, [])
            });
        }
        fault.asked_elsewhere()
    }

    /// The fault of a row that names no body, with the way out where rows above it name some.
    fn with_fill(&self, fault: Fault, row: &Row) -> Fault {
        if self.options.fill || self.first_named() >= row.line {
            return fault;
        }
        let message = format!("{}（上の行と同じなら「上の値で埋める」（fill）を選べます）", fault.message);
        Fault { message, ..fault }
    }

    /// The line of the first row below the headings that may name a body: rows that name nothing else were
    /// taken out of the table.
    fn first_named(&self) -> u32 {
        *self.first_named.get_or_init(|| {
            let own = BodyColumns::find(self.headings);
            let mut wanted = self.headings.line + 1;
            for row in &self.table.rows[self.headings.next..] {
                let told = own.told(row);
                if row.line > wanted || !(told.code.trim().is_empty() && told.name.trim().is_empty()) {
                    return wanted;
                }
                wanted = row.line + 1;
            }
            u32::MAX
        })
    }

    /// Whether what a row says is true from before a day on.
    fn speaks_before(&self, row: &Row, day: NaiveDate) -> bool {
        let stated = column(self.headings, EFFECTIVE)
            .and_then(|at| read_day(row.cell(at), Purpose::From).ok()?.dated)
            .or(self.options.effective);
        stated.map_or(self.options.today, |dated| dated.on) < day
    }

    /// What is told of a row without code and name where another of its cells names a place: that cell
    /// is meant, and not what stands in the row above.
    fn place_elsewhere(&self, bodies: &Bodies<'_>, row: &Row, place: &BodyColumns) -> Option<Fault> {
        let told = place.told(row);
        if !(told.code.trim().is_empty() && told.name.trim().is_empty()) {
            return None;
        }
        let own = place.columns();
        let (at, cell) = row.cells().enumerate().find(|(at, cell)| {
            let cell = cell.trim();
            let named = cell.ends_with(['市', '町', '村', '区']) && cell.chars().count() <= 20;
            named && !own.contains(&Some(*at)) && bodies.knows_name(cell)
        })?;
        let message = format!(
            "団体コードも団体名もありません。「{}」列の「{}」が団体なら、その見出しを「団体名」にしてください",
            cut(self.headings.text(at), 40),
            cell.trim()
        );
        Some(Fault::whole("missing_municipality", message).allowing("全国地方公共団体コード（6桁）"))
    }
}
