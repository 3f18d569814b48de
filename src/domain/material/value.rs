//! How a cell of a town's own material is read, whatever its kind.

use chrono::NaiveDate;

use super::fields::{Field, What};
use crate::domain::Refusal;
use crate::domain::dates::{Dated, Precision};
use crate::domain::file_dates::{parse_fiscal_year, parse_in_file};
use crate::domain::number::{parse_count, parse_decimal};
use crate::domain::text::{clean, fold_for_match, fold_width, unguarded, unknown_code};

/// The word by which a row takes back what was said of what it is about.
pub const WITHDRAWN: &str = "取下げ";

/// What a cell says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Words, a code or an id.
    Text(String),
    /// Several ids.
    Several(Vec<String>),
    /// A number, in hundredths.
    Hundredths(i64),
    /// A day.
    Day(NaiveDate),
    /// A day to come, known to a day, a month or a fiscal year.
    Planned(NaiveDate, Precision),
    /// That what was said shall be taken out: in a file alone, never in the record.
    Cleared,
}

impl Value {
    /// As a table has it, and as people read it.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Several(texts) => texts.join(";"),
            Self::Hundredths(number) => crate::domain::number::hundredths_text(*number),
            Self::Day(on) => on.to_string(),
            Self::Planned(on, precision) => Dated { on: *on, precision: *precision }.in_words(),
            Self::Cleared => String::new(),
        }
    }

    /// The same for a field, with the label of a code.
    pub fn label(&self, field: &Field) -> String {
        let codes = match (field.what, self) {
            (What::Code(codes), Self::Text(code)) => codes.iter().find(|(known, _)| known == code),
            _ => None,
        };
        codes.map_or_else(|| self.text(), |(_, label)| (*label).to_owned())
    }
}

/// Reads a cell of a field that is no procedure and no channel; `None` where it is empty. `today` is the day of
/// which nothing that is over may lie ahead.
///
/// # Errors
///
/// What does not fit the field.
pub fn read(field: &Field, cell: &str, today: NaiveDate) -> Result<Option<Value>, Refusal> {
    let cell = unguarded(cell.trim());
    if cell.is_empty() {
        return Ok(None);
    }
    let value = match field.what {
        What::Text(length) => clean(cell, length)?.map(Value::Text),
        What::Code(codes) => Some(Value::Text(code(field, codes, cell)?)),
        What::Point(last) => Some(Value::Text(point(cell, last)?.to_string())),
        What::Year => Some(Value::Text(parse_fiscal_year(cell)?.number().to_string())),
        What::Number => number(field, cell)?.map(Value::Hundredths),
        What::Count => {
            let hundredths = |count: i64| count.checked_mul(100).ok_or_else(|| range(cell));
            parse_count(cell)?.map(hundredths).transpose()?.map(Value::Hundredths)
        }
        What::Day => Some(past_day(cell, parse_in_file(cell)?, today)?),
        What::PlannedDay => {
            let dated = parse_in_file(cell)?;
            Some(Value::Planned(dated.on, dated.precision))
        }
        // Whoever knows the catalogue reads these.
        What::Procedure | What::Procedures | What::Channel => Some(Value::Text(cell.to_owned())),
    };
    match &value {
        Some(Value::Hundredths(number)) if *number < 0 => Err(range(cell)),
        _ => Ok(value),
    }
}

/// A number; below 受付（分） also 10分 and 1時間30分.
fn number(field: &Field, cell: &str) -> Result<Option<i64>, Refusal> {
    /// Hundredths of a minute in an hour.
    const HOUR: i64 = 6_000;
    if !field.label.ends_with("（分）") {
        return parse_decimal(cell).map_err(|refusal| match cell.ends_with(['%', '％']) {
            true => refusal.allowed("数だけ（「%」は単位の列に書く）"),
            false => refusal,
        });
    }
    let folded = fold_width(cell);
    let (hours, rest) = folded.split_once("時間").unwrap_or(("", &folded));
    let part = |text: &str| parse_decimal(text.trim()).ok().map(Option::unwrap_or_default);
    let minutes = part(hours).zip(part(rest.trim().strip_suffix('分').unwrap_or(rest)));
    let sum = minutes.and_then(|(hours, minutes)| hours.checked_mul(HOUR / 100)?.checked_add(minutes));
    let refusal = || {
        let refusal =
            Refusal::new("number_format", cell, "分の数として読めません", "not a number of minutes");
        refusal.allowed("90、90分、1時間30分（約・～は付けない。小数は2桁まで）")
    };
    sum.map(Some).ok_or_else(refusal)
}

fn range(cell: &str) -> Refusal {
    Refusal::new("number_range", cell, "0より小さいか、大きすぎる数です", "a number below zero or too large")
        .allowed("0以上の数")
}

/// The code of a word: the code itself, or its label.
fn code(field: &Field, codes: &[(&str, &str)], cell: &str) -> Result<String, Refusal> {
    let folded = fold_for_match(cell);
    let found =
        codes.iter().find(|(code, label)| [code, label].iter().any(|word| fold_for_match(word) == folded));
    found.map(|(code, _)| (*code).to_owned()).ok_or_else(|| {
        let labels: Vec<&str> = codes.iter().map(|(_, label)| *label).collect();
        let refusal = unknown_code(cell, field.label, field.name, &labels);
        refusal.allowed(labels.join("、"))
    })
}

/// A point to check by its number: 3, ③, 確認ポイント3.
fn point(cell: &str, last: u8) -> Result<u8, Refusal> {
    let folded: String = fold_width(cell).chars().map(bare_digit).collect();
    let digits: String = folded.chars().filter(char::is_ascii_digit).collect();
    let around: String = folded.chars().filter(|c| !c.is_ascii_digit()).collect();
    let is_bare = ["", "確認ポイント", "ポイント", "()", "第", "."].contains(&around.trim());
    let number = digits.parse::<u8>().ok().filter(|number| is_bare && (1..=last).contains(number));
    number.ok_or_else(|| {
        Refusal::new(
            "unknown_point",
            cell,
            "確認ポイントの番号ではありません",
            "not the number of a point to check",
        )
        .allowed(format!("1〜{last}"))
    })
}

/// The digit in a circle.
fn bare_digit(c: char) -> char {
    let place = u32::from(c).checked_sub(u32::from('①')).filter(|place| *place < 9);
    place.and_then(|place| char::from_digit(place + 1, 10)).unwrap_or(c)
}

/// The day that was read of a cell where none may lie ahead.
///
/// # Errors
///
/// A month or a year, and a day that has not come.
pub fn past_day(cell: &str, dated: Dated, today: NaiveDate) -> Result<Value, Refusal> {
    if dated.precision != Precision::Day {
        let refusal = Refusal::new(
            "day_needed",
            cell,
            "日まで書いてください",
            "a day is needed, not a month or a year",
        );
        return Err(refusal.allowed("2026-04-01、令和8年4月1日"));
    }
    if dated.on > today {
        let refusal = Refusal::new("day_ahead", cell, "まだ来ていない日です", "a day that has not come yet");
        return Err(refusal.allowed(format!("{today}まで")));
    }
    Ok(Value::Day(dated.on))
}
