//! What says that counts are those of a part of a year: they are not the counts of the year.

use chrono::{Datelike, NaiveDate};

use super::columns::{is_forecast, split_year};
use crate::domain::dates::{FiscalYear, Precision};
use crate::domain::file_dates::read_in_file;
use crate::domain::text::{cut, fold_for_match, fold_width};
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::layout::sheet::Sheet;
use crate::import::layout::unknown::left_out;
use crate::import::marks::{Choice, Question};
use crate::import::table::Row;

/// Words for parts of a year.
const PARTS: [&str; 5] = ["上半期", "下半期", "四半期", "上期", "下期"];
/// Words between the first and the last month of a period.
const BETWEEN: [&str; 7] = ["~", "〜", "～", "－", "―", "から", "-"];

/// Asks about columns that are not read and say of the rows that they are of a part of a year, or a forecast.
/// Gives back where they stand.
pub(super) fn ask_about_parts(
    sheet: &mut Sheet<'_>,
    rows: &[&Row],
    known: &dyn Fn(usize) -> bool,
) -> Vec<usize> {
    let headings = sheet.headings;
    let mut asked = Vec::new();
    for (at, heading) in headings.all().filter(|(at, _)| !known(*at)) {
        let said = |row: &&&Row| is_forecast(row.cell(at)) || is_part(heading, row.cell(at));
        let Some(first) = rows.iter().find(said) else { continue };
        let (name, cell) = (headings.name(at), first.cell(at).trim());
        let (code, what) = match is_forecast(cell) {
            true => ("forecast", "見込みなどの件数"),
            false => ("part_of_year", "年度の一部の件数"),
        };
        let shown = cut(cell, 40);
        let message = format!(
            "「{shown}」とあります。{what}は、1年度分の実績として記録できません。1年度分の実績の行だけにするか、どの行も1年度分の実績なら、この列を取り込まない（ignore）と指定してください"
        );
        let fault = Fault::whole(code, message).at_line(headings.line).in_column(at, &name);
        sheet.faults.push(fault.found(cell).allowing("1年度分の実績の件数").asked_elsewhere());
        let question =
            format!("「{}」列に「{shown}」とあります。どの行も1年度分の実績ですか", cut(&name, 100));
        let label = "どの行も1年度分の実績（この列は取り込まない）".to_owned();
        let choices = vec![Choice { label, ..left_out(&name) }];
        sheet.questions.push(Question {
            mark: cut(&name, 100),
            headings: vec![cut(&name, 60)],
            count: rows.iter().filter(said).count(),
            choices,
            ..Question::about_the_file("columns", question, [])
        });
        asked.push(at);
    }
    asked
}

/// Whether a cell says no more than which part of a year its row is of.
fn is_part(heading: &str, cell: &str) -> bool {
    /// Longer cells are texts.
    const LONGEST: usize = 24;
    /// Words of headings whose months and periods are of something else.
    const OTHERS: [&str; 12] =
        ["開始", "導入", "更新", "予定", "回答", "記入", "作成", "入力", "受付", "終了", "調査", "備考"];
    let cell = cell.trim();
    let lowest = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    if cell.is_empty() || cell.chars().count() > LONGEST || OTHERS.iter().any(|word| lowest.contains(word)) {
        return false;
    }
    let number = || fold_width(cell).parse::<u32>().is_ok_and(|number| (1..=12).contains(&number));
    tells_part(cell) || is_month(cell) || (lowest.ends_with('月') && number())
}

/// Whether a heading says of which part of a year its counts are.
pub(super) fn is_heading_of_part(heading: &str) -> bool {
    tells_part(heading) || pieces_of(heading).any(is_month)
}

/// Whether a text speaks of a part of a year: 令和6年度上半期実績, 令和6年4月分, R6.4～R6.9.
pub(super) fn tells_part(text: &str) -> bool {
    /// Longer text is no title.
    const LONGEST: usize = 60;
    let folded = fold_for_match(text);
    if folded.chars().count() > LONGEST {
        return false;
    }
    let of_month = ["月分", "月実績", "月度", "月の件数"].iter().any(|word| {
        folded.match_indices(word).any(|(at, _)| folded[..at].ends_with(|c: char| c.is_ascii_digit()))
    });
    of_month || PARTS.iter().any(|word| folded.contains(word)) || is_shorter_period(text)
}

/// Whether a text names a month and nothing else: 4月, 令和6年4月, 4月実績.
fn is_month(text: &str) -> bool {
    let folded = fold_for_match(text);
    let rest = split_year(&folded).map_or(folded, |(_, rest)| rest);
    let bare =
        ["分", "実績", "件数", "中"].iter().fold(rest.as_str(), |text, end| text.trim_end_matches(end));
    let number = bare.strip_suffix('月').and_then(|number| number.parse::<u32>().ok());
    number.is_some() || read_in_file(bare).is_ok_and(|(dated, _)| dated.precision == Precision::Month)
}

/// Whether a text names a period that is not from April to March.
fn is_shorter_period(text: &str) -> bool {
    let folded = fold_width(text);
    let Some((from, to)) = BETWEEN.iter().find_map(|word| folded.split_once(word)) else { return false };
    let (first, last) = (day_at_end(from), day_at_start(to));
    if let (Some(first), Some(last)) = (first, last) {
        let whole = FiscalYear::of(first) == FiscalYear::of(last) && (first.month(), last.month()) == (4, 3);
        return !whole;
    }
    let before = |text: &str| {
        let start = text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        text[start..].parse::<u32>().ok()
    };
    // R6.4～12: the year goes on.
    let goes_on = || first.and_then(|_| number_alone(to));
    let last = last.map(|day| day.month()).or_else(|| before(to.split_once('月')?.0)).or_else(goes_on);
    let first = first.map(|day| day.month()).or_else(|| before(from.rsplit_once('月')?.0));
    matches!((first, last), (Some(first), Some(last)) if (first, last) != (4, 3))
}

/// The month or day that stands at the end of a text: 申請件数（R6.4.
fn day_at_end(text: &str) -> Option<NaiveDate> {
    text.char_indices().find_map(|(at, _)| month_or_day(&text[at..]))
}

/// The month or day that a text begins with: R6.12）, 令和7年3月まで.
fn day_at_start(text: &str) -> Option<NaiveDate> {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    ends.rev().find_map(|end| month_or_day(&text[..end]))
}

fn month_or_day(text: &str) -> Option<NaiveDate> {
    // A number alone is none, and neither is a year.
    if !text.contains(['.', '/', '年']) {
        return None;
    }
    let (dated, _) = read_in_file(text.trim()).ok()?;
    (dated.precision != Precision::FiscalYear).then_some(dated.on)
}

/// The number of a month that a text begins with, and no part of another one.
fn number_alone(text: &str) -> Option<u32> {
    let text = text.trim_start();
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text[..text.len() - rest.len()].parse().ok()?;
    ((1..=12).contains(&number) && !rest.starts_with(['.', '/', '年', '-'])).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_year_are_told_from_a_year() {
        for text in [
            "令和6年度上半期実績",
            "第1四半期",
            "令和6年4月分",
            "R6.4～R6.9",
            "令和6年4月～9月",
            "令和6年4月から9月まで",
            "利用実績（4月～9月）",
            "申請件数（R6.4〜R6.12）",
            "電子申請件数（R6.4～12）",
            "件数（令和6年4月～12月）",
            "受付件数 R6.4-R6.9",
        ] {
            assert!(tells_part(text), "{text}");
        }
        for text in [
            "令和6年度",
            "R6.4～R7.3",
            "令和6年4月1日～令和7年3月31日",
            "令和6年4月から令和7年3月まで",
            "4月～翌3月",
            "令和6年4月1日作成",
            "後期高齢者医療の件数",
            "窓口～オンライン",
            "申請件数（R6.4～R7.3）",
            "申請件数（令和6年4月～翌年3月）",
            "申請件数の推移（令和4年度～令和6年度）",
            "2025-03-31現在",
            "総件数（R6.4～）",
        ] {
            assert!(!tells_part(text), "{text}");
        }
    }

    #[test]
    fn a_cell_of_a_part_says_nothing_else() {
        for (heading, cell) in [
            ("月", "4月"),
            ("月", "4"),
            ("対象年月", "令和6年4月"),
            ("区分", "上半期"),
            ("集計期間", "R6.4～R6.9"),
        ] {
            assert!(is_part(heading, cell), "{heading}: {cell}");
        }
        for (heading, cell) in [
            ("区分", "個人"),
            ("開始年月", "令和6年4月"),
            ("件数", "4"),
            ("集計期間", "R6.4～R7.3"),
            ("備考", "4月から9月までは試行"),
        ] {
            assert!(!is_part(heading, cell), "{heading}: {cell}");
        }
    }
}
