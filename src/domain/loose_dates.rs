//! Days as plans have them: 令和8年3月末, 2027年4月1日(木)から, 令和8年4月1日（予定）, 未定.
//!
//! What stands around a day and does not change it is taken off; what would make it another day is
//! refused with the words that would be kept.

use chrono::{Datelike, NaiveDate, Weekday};

use super::Refusal;
use super::dates::{Dated, Precision};
use super::file_dates::{parse_in_file, read_in_file};
use super::text::{fold_width, stands_for_nothing};

/// What the day of a column is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Something is true from then on.
    From,
    /// Something is planned until then.
    Until,
}

/// A day that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadDay {
    /// The day; none if the cell says that it is not known.
    pub dated: Option<Dated>,
    /// What people should look at once more.
    pub warning: Option<Refusal>,
    /// Whether a word beside it says that it is planned: R9.4予定.
    pub planned: bool,
}

/// Code of what is told of a year alone: that it was read as its December, or that it says no day.
pub const YEAR_ALONE: &str = "date_year_only";

/// Words for a day that nobody knows yet.
const UNKNOWN: &[&str] =
    &["未定", "不明", "時期未定", "時期不明", "日程未定", "未確定", "未決定", "検討中", "調整中", "tbd", "?"];

/// What a word behind a day says of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It is planned.
    Planned,
    /// It begins then.
    Begins,
    /// It is then or about then.
    About,
    /// It is then at the latest.
    Latest,
    /// It is some time within.
    Within,
}

/// The longest first, so that no word is taken for the end of another.
const WORDS: &[(&str, Word)] = &[
    ("運用開始予定", Word::Planned),
    ("サービス開始", Word::Begins),
    ("開始予定", Word::Planned),
    ("実施予定", Word::Planned),
    ("導入予定", Word::Planned),
    ("運用開始", Word::Begins),
    ("スタート", Word::Begins),
    ("予定日", Word::Planned),
    ("見込み", Word::Planned),
    ("までに", Word::Latest),
    ("予定", Word::Planned),
    ("見込", Word::Planned),
    ("目標", Word::Planned),
    ("目途", Word::About),
    ("目処", Word::About),
    ("めど", Word::About),
    ("から", Word::Begins),
    ("より", Word::Begins),
    ("以降", Word::Begins),
    ("開始", Word::Begins),
    ("稼働", Word::Begins),
    ("実施", Word::Begins),
    ("導入", Word::Begins),
    ("ごろ", Word::About),
    ("ころ", Word::About),
    ("まで", Word::Latest),
    ("中に", Word::Within),
    ("内に", Word::Within),
    ("頃", Word::About),
    ("中", Word::Within),
    ("内", Word::Within),
    ("に", Word::Begins),
    ("~", Word::Begins),
];

/// A day, month or fiscal year of a column of days.
///
/// # Errors
///
/// What is none, a part of a month, quarters and seasons, a year alone where something is true from
/// then on, a year of two digits or without its era, a span, a day that is not that day of the week.
pub fn read_day(text: &str, purpose: Purpose) -> Result<ReadDay, Refusal> {
    let folded: String = fold_width(text).replace('〜', "~").chars().filter(|c| !c.is_whitespace()).collect();
    if stands_for_nothing(text) || UNKNOWN.contains(&folded.to_lowercase().as_str()) {
        let message = "日が決まっていないため、空欄として扱います";
        let warning = Refusal::new("date_unknown", text, message, "no day is known");
        return Ok(ReadDay { dated: None, warning: Some(warning), planned: false });
    }
    // Most cells hold a day and nothing else.
    if let Ok((dated, warning)) = read_in_file(text) {
        return Ok(ReadDay { dated: Some(dated), warning, planned: false });
    }
    if let Some(found) = without_time(text) {
        return Ok(found);
    }
    let around = take_off(&folded);
    if purpose == Purpose::From && around.words.contains(&Word::Latest) {
        let message = "「まで」は終わりの日です。ここには始まった日を書いてください";
        return Err(Refusal::new("date_is_an_end", text, message, "a day until which")
            .allowed("令和8年4月1日、令和8年4月、令和8年度 など"));
    }
    refuse_vague(text, around.day)?;
    let (dated, warning) = match (read_in_file(around.day), year_alone(around.day)) {
        (Ok(found), _) => found,
        (_, Some(year)) => (of_year(text, &year, purpose)?, Some(year_only(text, &year))),
        (Err(refusal), None) => return Err(Refusal { value: text.to_owned(), ..refusal }),
    };
    check_weekday(text, &around, dated)?;
    let lost = around.words.iter().any(|word| match purpose {
        Purpose::From => matches!(word, Word::Planned | Word::About | Word::Within),
        Purpose::Until => *word == Word::About,
    });
    let warning = warning.or_else(|| {
        lost.then(|| {
            let message = format!("「{}」と読みました（ほかの言葉は記録しません）", around.day);
            Refusal::new("date_loosened", text, message, "words around a day").suggest(around.day)
        })
    });
    Ok(ReadDay { dated: Some(dated), warning, planned: around.words.contains(&Word::Planned) })
}

/// The same of a column whose heading says that its years are fiscal ones: R9 and 2027 are such years there.
///
/// # Errors
///
/// What is none, as [`read_day`] has it.
pub fn read_day_of_year(text: &str, purpose: Purpose) -> Result<ReadDay, Refusal> {
    let folded: String = fold_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let day = take_off(&folded).day;
    // The end of a calendar year stays what it is.
    let year = year_alone(day).filter(|_| !day.ends_with('末'));
    match year {
        Some(year) => read_day(&folded.replacen(day, &format!("{year}度"), 1), purpose),
        None => read_day(text, purpose),
    }
}

/// A day with the time of that day behind it: 2026/10/05 10:12:33. A time in another zone may be of another day.
fn without_time(text: &str) -> Option<ReadDay> {
    let folded = fold_width(text);
    let (day, time) = folded.rsplit_once([' ', 'T'])?;
    let time = ["+09:00", "+0900", "+09"].iter().find_map(|zone| time.strip_suffix(zone)).unwrap_or(time);
    let parts: Vec<&str> = time.split(':').collect();
    let whole = time.split('.').next().unwrap_or_default().split(':');
    let is_time = (2..=3).contains(&parts.len())
        && time.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.'))
        && whole.zip([23, 59, 59]).all(|(part, most)| part.parse().is_ok_and(|number: u32| number <= most));
    let (dated, warning) =
        read_in_file(day).ok().filter(|(dated, _)| is_time && dated.precision == Precision::Day)?;
    let warning = warning.unwrap_or_else(|| {
        let message = format!("「{day}」と読みました（時刻は記録しません）");
        Refusal::new("date_loosened", text, message, "a time of day behind a day").suggest(day)
    });
    Some(ReadDay { dated: Some(dated), warning: Some(warning), planned: false })
}

/// A day and what stood around it.
struct Around<'t> {
    day: &'t str,
    words: Vec<Word>,
    weekday: Option<Weekday>,
}

fn take_off(text: &str) -> Around<'_> {
    let mut around = Around { day: text, words: Vec::new(), weekday: None };
    loop {
        let before = around.day;
        if let Some((rest, inner)) = before.strip_suffix(')').and_then(|rest| rest.rsplit_once('(')) {
            if let Some(weekday) = weekday(inner) {
                around.weekday = Some(weekday);
                around.day = rest;
            } else if inner == "仮" {
                around.words.push(Word::About);
                around.day = rest;
            } else if let Some((_, word)) = WORDS.iter().find(|(word, _)| *word == inner) {
                around.words.push(*word);
                around.day = rest;
            }
        } else if let Some((rest, found)) = WEEKDAYS.iter().find_map(|(name, day)| {
            let named = before.strip_suffix("曜日").or_else(|| before.strip_suffix('曜'))?;
            Some((named.strip_suffix(*name)?, *day))
        }) {
            around.weekday = Some(found);
            around.day = rest;
        } else if let Some((rest, word)) =
            WORDS.iter().find_map(|(word, kind)| Some((before.strip_suffix(word)?, *kind)))
        {
            around.words.push(word);
            around.day = rest;
        }
        if around.day == before || around.day.is_empty() {
            around.day = if around.day.is_empty() { before } else { around.day };
            return around;
        }
    }
}

const WEEKDAYS: [(char, Weekday); 7] = [
    ('月', Weekday::Mon),
    ('火', Weekday::Tue),
    ('水', Weekday::Wed),
    ('木', Weekday::Thu),
    ('金', Weekday::Fri),
    ('土', Weekday::Sat),
    ('日', Weekday::Sun),
];

/// 木, 木曜, 木曜日, 木・祝.
fn weekday(text: &str) -> Option<Weekday> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    let found = WEEKDAYS.iter().find(|(name, _)| *name == first).map(|(_, day)| *day)?;
    ["", "曜", "曜日", "・祝", "祝", "・休", "・祝日"].contains(&rest).then_some(found)
}

fn check_weekday(text: &str, around: &Around<'_>, dated: Dated) -> Result<(), Refusal> {
    let Some(stated) = around.weekday else { return Ok(()) };
    if dated.on.weekday() == stated {
        return Ok(());
    }
    let right = WEEKDAYS.iter().find(|(_, day)| *day == dated.on.weekday()).map_or('?', |(name, _)| *name);
    let message =
        format!("日付と曜日が合いません（{} は{right}曜日です）。どちらかを直してください", dated.on);
    Err(Refusal::new("weekday_mismatch", text, message, "the day is not that day of the week"))
}

/// Parts of a month or of a year that are no day, no month and no fiscal year.
fn refuse_vague(text: &str, day: &str) -> Result<(), Refusal> {
    let refuse = |what: &str, rest: &str| {
        let kept = kept(rest);
        let example = kept.as_deref().unwrap_or("令和8年度");
        let message = format!("「{what}」は記録できません。「{example}」のように月か年度で書いてください");
        Err(suggesting(Refusal::new("date_vague", text, message, "a part of a month or of a year"), kept))
    };
    for part in ["上旬", "中旬", "下旬", "初旬", "初め", "はじめ", "初", "前半", "後半", "半ば"]
    {
        if let Some(month) = day.strip_suffix(part).filter(|rest| rest.ends_with('月')) {
            return refuse(part, month);
        }
    }
    if let Some((year, quarter)) = quarter(day) {
        let month = month_of_quarter(year, quarter);
        return refuse("四半期", month.as_deref().unwrap_or(year));
    }
    const PARTS: &[&str] = &[
        "上期",
        "下期",
        "上半期",
        "下半期",
        "前期",
        "後期",
        "前半",
        "後半",
        "当初",
        "初め",
        "はじめ",
        "中頃",
        "半ば",
        "春",
        "夏",
        "秋",
        "冬",
        "春頃",
        "夏頃",
        "秋頃",
        "冬頃",
        "早々",
        "年明け",
    ];
    for part in PARTS {
        let Some(year) = day.strip_suffix(part).map(|rest| rest.trim_end_matches('の')) else { continue };
        if kept(year).is_some_and(|kept| kept.ends_with("年度")) {
            return refuse(part, year);
        }
    }
    if day.contains('~') {
        let message = "期間が書かれています。1つの日、月または年度だけを書いてください";
        let refusal = Refusal::new("date_span", text, message, "a span of days");
        return Err(suggesting(refusal, kept(day.split('~').next().unwrap_or_default())));
    }
    if day.starts_with("元年") {
        let message = "元号がありません。「令和元年」のように書いてください";
        return Err(Refusal::new("date_without_era", text, message, "a year without its era")
            .allowed("2019-05-01、令和元年5月1日")
            .suggest(format!("令和{day}")));
    }
    refuse_year_last(text, day)?;
    let first = day.split(['-', '/', '.', '年']).next().unwrap_or_default();
    let short = (1..=2).contains(&first.len()) && first.bytes().all(|byte| byte.is_ascii_digit());
    if short && day.split(['-', '/', '.', '年', '月']).filter(|part| !part.is_empty()).count() >= 3 {
        let message = format!(
            "年が2桁以下です。西暦なら「20{first:0>2}年」、和暦なら「令和{first}年」のように書いてください"
        );
        return Err(Refusal::new("date_year_unclear", text, message, "a year of two digits")
            .allowed("2026-03-31、令和8年3月31日 のように、西暦は4桁、和暦は元号から"));
    }
    Ok(())
}

/// What is taken of a text that is more than a day: a day, a month or a fiscal year, which a year alone is written
/// as.
fn kept(text: &str) -> Option<String> {
    match parse_in_file(text) {
        Ok(_) => Some(text.to_owned()),
        Err(_) => year_alone(text).map(|year| format!("{year}度")),
    }
}

fn suggesting(refusal: Refusal, kept: Option<String>) -> Refusal {
    let refusal = refusal.allowed("年月日、年月（令和8年4月）、年度（令和8年度）");
    match kept {
        Some(kept) => refusal.suggest(kept),
        None => refusal,
    }
}

/// A day with its year at the end: which of the numbers before it is the month, only the sender can say.
fn refuse_year_last(text: &str, day: &str) -> Result<(), Refusal> {
    let numbers: Option<Vec<u32>> = day.split(['-', '/', '.']).map(|part| part.parse().ok()).collect();
    let Some([one, two, year @ 1000..=9999]) = numbers.as_deref() else { return Ok(()) };
    let on = |month: u32, day: u32| NaiveDate::from_ymd_opt(i32::try_from(*year).ok()?, month, day);
    let ways: Vec<NaiveDate> = if one == two {
        on(*one, *two).into_iter().collect()
    } else {
        [on(*one, *two), on(*two, *one)].into_iter().flatten().collect()
    };
    let shown: Vec<String> =
        ways.iter().map(|on| format!("{}年{}月{}日", on.year(), on.month(), on.day())).collect();
    let message = match shown.as_slice() {
        [] => "年が最後に書かれていますが、その日はありません。年、月、日の順に書いてください".to_owned(),
        _ => format!("年が最後に書かれています（{}）。年、月、日の順に書いてください", shown.join("か")),
    };
    let refusal = Refusal::new("date_order", text, message, "a day with its year at the end")
        .allowed("2026-03-31、2026/3/31、令和8年3月31日 のように年、月、日の順");
    let days: Vec<String> = ways.iter().map(NaiveDate::to_string).collect();
    Err(if days.is_empty() { refusal } else { refusal.suggest(days.join(" または ")) })
}

/// The year and the number of a quarter: 令和7年度第3四半期, 2025年度3Q.
fn quarter(day: &str) -> Option<(&str, u32)> {
    let rest = day.strip_suffix("四半期").or_else(|| day.strip_suffix(['Q', 'q']))?;
    let (at, number) = rest.char_indices().next_back()?;
    let number = match number {
        '1' | '一' => 1,
        '2' | '二' => 2,
        '3' | '三' => 3,
        '4' | '四' => 4,
        _ => return None,
    };
    Some((rest[..at].trim_end_matches('第').trim_end_matches('の'), number))
}

/// The last month of a quarter of a fiscal year.
fn month_of_quarter(year: &str, quarter: u32) -> Option<String> {
    let fiscal = parse_in_file(year).ok()?.on.year() - 1;
    let (year, month) = if quarter == 4 { (fiscal + 1, 3) } else { (fiscal, 3 + quarter * 3) };
    Some(format!("{year}年{month}月"))
}

/// A year that stands alone, with 年: 2027年, 2027, 令和9年, R9, R9年末.
fn year_alone(day: &str) -> Option<String> {
    let year = day.strip_suffix("年末").or_else(|| day.strip_suffix('年')).unwrap_or(day);
    let plain =
        year.chars().last().is_some_and(|c| c.is_ascii_digit() || "元〇一二三四五六七八九十".contains(c));
    let year = format!("{year}年");
    (plain && parse_in_file(&format!("{year}12月")).is_ok()).then_some(year)
}

fn of_year(text: &str, year: &str, purpose: Purpose) -> Result<Dated, Refusal> {
    if purpose == Purpose::Until || fold_width(text).contains("年末") {
        return parse_in_file(&format!("{year}12月"));
    }
    let message = format!(
        "年だけではいつからか分かりません。年度なら「{year}度」、月なら「{year}4月」のように書いてください"
    );
    Err(Refusal::new(YEAR_ALONE, text, message, "a year alone")
        .allowed("年月日、年月（令和8年4月）、年度（令和8年度）"))
}

fn year_only(text: &str, year: &str) -> Refusal {
    let message = format!("「{year}12月」と読みました（年度なら「{year}度」と書いてください）");
    Refusal::new(YEAR_ALONE, text, message, "a year alone").suggest(format!("{year}12月"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, purpose: Purpose) -> (String, &'static str, Option<&'static str>) {
        let found = read_day(text, purpose).unwrap_or_else(|refusal| panic!("{text}: {refusal:?}"));
        let dated = found.dated.unwrap();
        let precision = match dated.precision {
            Precision::Day => "day",
            Precision::Month => "month",
            Precision::FiscalYear => "year",
        };
        (dated.on.to_string(), precision, found.warning.map(|warning| warning.code))
    }

    #[test]
    fn years_below_a_heading_of_fiscal_years_are_such_years() {
        for text in ["R9", "2027", "令和9", "R9年", "２０２７年", "令和9年度", "R9予定"] {
            let read = read_day_of_year(text, Purpose::Until).unwrap();
            let dated = read.dated.unwrap();
            assert_eq!(
                (dated.on.to_string().as_str(), dated.precision),
                ("2028-03-31", Precision::FiscalYear)
            );
            assert!(read.warning.is_none(), "{text}");
        }
        for (text, on) in [("R9.4", "2027-04-30"), ("R9年末", "2027-12-31"), ("2027-04-01", "2027-04-01")] {
            let dated = read_day_of_year(text, Purpose::Until).unwrap().dated.unwrap();
            assert_eq!(dated.on.to_string(), on, "{text}");
        }
        assert!(read_day_of_year("令和9年度～10年度", Purpose::Until).is_err());
    }

    #[test]
    fn plans_are_read_with_what_stands_around_them() {
        for (text, on, precision, warning) in [
            ("令和8年3月末", "2026-03-31", "month", None),
            ("令和八年三月末", "2026-03-31", "month", None),
            ("2026/3末", "2026-03-31", "month", None),
            ("令和8年3月末日", "2026-03-31", "month", None),
            ("令和8年4月1日（予定）", "2026-04-01", "day", None),
            ("令和8年4月1日予定", "2026-04-01", "day", None),
            ("令和8年4月開始予定", "2026-04-30", "month", None),
            ("2027年4月1日(木)", "2027-04-01", "day", None),
            ("2027年4月1日（木）から", "2027-04-01", "day", None),
            ("令和9年4月1日木曜日", "2027-04-01", "day", None),
            ("R8.4.1～", "2026-04-01", "day", None),
            ("Ｒ８．４．１〜", "2026-04-01", "day", None),
            ("令和8年度中", "2027-03-31", "year", None),
            ("令和8年度までに", "2027-03-31", "year", None),
            ("令和8年4月頃", "2026-04-30", "month", Some("date_loosened")),
            ("令和8年4月ごろ（予定）", "2026-04-30", "month", Some("date_loosened")),
            ("2027年", "2027-12-31", "month", Some("date_year_only")),
            ("2027", "2027-12-31", "month", Some("date_year_only")),
            ("R9", "2027-12-31", "month", Some("date_year_only")),
            ("令和9年予定", "2027-12-31", "month", Some("date_year_only")),
            ("令和9年末", "2027-12-31", "month", Some("date_year_only")),
            ("R9.4～", "2027-04-30", "month", None),
            ("R9.4予定", "2027-04-30", "month", None),
            ("R9.4（予定）", "2027-04-30", "month", None),
            ("R9.4開始", "2027-04-30", "month", None),
            ("R8.12頃", "2026-12-31", "month", Some("date_loosened")),
            ("2027.4から", "2027-04-30", "month", None),
            ("2027/4開始", "2027-04-30", "month", None),
            ("R9-4～", "2027-04-30", "month", None),
            ("令9.4～", "2027-04-30", "month", None),
            ("R9．４～", "2027-04-30", "month", None),
            ("R9.10月～", "2027-10-31", "month", None),
        ] {
            assert_eq!(read(text, Purpose::Until), (on.to_owned(), precision, warning), "{text}");
        }
        for (text, on, precision, warning) in [
            ("R6年度から", "2025-03-31", "year", None),
            ("令和6年4月～", "2024-04-30", "month", None),
            ("R6.4.1開始", "2024-04-01", "day", None),
            ("R5.4から", "2023-04-30", "month", None),
            ("2023/4～", "2023-04-30", "month", None),
            ("R5.4予定", "2023-04-30", "month", Some("date_loosened")),
            ("令和6年4月1日より", "2024-04-01", "day", None),
            ("令和6年4月以降", "2024-04-30", "month", None),
            ("令和6年4月1日（予定）", "2024-04-01", "day", Some("date_loosened")),
            ("2026/10/05 10:12:33", "2026-10-05", "day", Some("date_loosened")),
            ("2026-03-31T15:00:00.5+09:00", "2026-03-31", "day", Some("date_loosened")),
            ("令和8年4月1日　9:00", "2026-04-01", "day", Some("date_loosened")),
        ] {
            assert_eq!(read(text, Purpose::From), (on.to_owned(), precision, warning), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_says_what_would_be_kept() {
        for (text, code, kept) in [
            ("令和8年4月上旬", "date_vague", Some("令和8年4月")),
            ("令和8年4月下旬（予定）", "date_vague", Some("令和8年4月")),
            ("2026年4月中旬頃", "date_vague", Some("2026年4月")),
            ("令和7年度第3四半期", "date_vague", Some("2025年12月")),
            ("2025年度第4四半期", "date_vague", Some("2026年3月")),
            ("令和8年春", "date_vague", Some("令和8年度")),
            ("令和8年秋頃", "date_vague", Some("令和8年度")),
            ("令和8年度下期", "date_vague", Some("令和8年度")),
            ("令和8年度当初", "date_vague", Some("令和8年度")),
            ("元年5月1日", "date_without_era", Some("令和元年5月1日")),
            ("24.4.1", "date_year_unclear", None),
            ("6年4月1日", "date_year_unclear", None),
            ("4/1/2026", "date_order", Some("2026-04-01 または 2026-01-04")),
            ("13.4.2026（予定）", "date_order", Some("2026-04-13")),
            ("4/4/2026", "date_order", Some("2026-04-04")),
            ("31/31/2026", "date_order", None),
            ("令和6年4月～令和7年3月", "date_span", Some("令和6年4月")),
            ("2027年4月1日(金)", "weekday_mismatch", None),
            ("4月1日", "date_without_year", None),
            ("4月1日から", "date_without_year", None),
            ("そのうち", "date_format", None),
            ("予定", "date_format", None),
            ("令和8年2月30日", "date_format", None),
        ] {
            let refusal = read_day(text, Purpose::Until).unwrap_err();
            assert_eq!((refusal.code, refusal.suggestion.as_deref()), (code, kept), "{text}");
            assert_eq!(refusal.value, text);
        }
        for (text, code) in [
            ("R6", "date_year_only"),
            ("2027年", "date_year_only"),
            ("H29頃", "date_year_only"),
            ("令和8年3月まで", "date_is_an_end"),
        ] {
            assert_eq!(read_day(text, Purpose::From).unwrap_err().code, code, "{text}");
        }
        for text in ["2026-03-31T15:00:00Z", "2026-03-31 25:00", "2026-03 10:00", "2026-03-31 10:00:99"] {
            assert!(read_day(text, Purpose::From).is_err(), "{text}");
        }
        for text in ["未定", "不明", "時期未定", "NA", "-", "TBD"] {
            let found = read_day(text, Purpose::Until).unwrap();
            assert_eq!((found.dated, found.warning.unwrap().code), (None, "date_unknown"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_the_day_that_stands_there(days in 0i64..20_000, around in 0usize..6) {
            let on = NaiveDate::from_ymd_opt(2019, 5, 1).unwrap() + chrono::Duration::days(days);
            let name = WEEKDAYS.iter().find(|(_, day)| *day == on.weekday()).unwrap().0;
            let tail = ["", "から", "（予定）", "～", "以降", "開始予定"][around];
            for text in [
                format!("{}({name}){tail}", on.format("%Y年%-m月%-d日")),
                format!("R{}.{}.{}{tail}", on.year() - 2018, on.month(), on.day()),
            ] {
                prop_assert_eq!(read_day(&text, Purpose::Until).unwrap().dated, Some(Dated::day(on)));
            }
        }

        #[test]
        fn no_text_panics(text in "[令和元R0-9年月日度末上中下旬春四半期（）()木曜予定から頃～~/. -]{0,14}") {
            let _ = read_day(&text, Purpose::From);
            let _ = read_day(&text, Purpose::Until);
        }
    }
}
