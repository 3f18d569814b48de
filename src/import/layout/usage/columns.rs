//! What the columns of a table of counts hold: a kind of count, a rate, of which year, in which unit.

use super::below::Below;
use crate::domain::catalogue::ProcedureIx;
use crate::domain::dates::FiscalYear;
use crate::domain::text::fold_for_match;
use crate::domain::usage::ChannelGroup;
use crate::import::headings::{Headings, JOINT, pieces_of};
use crate::import::options::fiscal_year;
use crate::import::resolve::Procedures;
use crate::import::table::Table;

/// Headings of counts, folded and without unit, by what is counted.
const GROUPS: &[(ChannelGroup, &[&str])] = &[
    (
        ChannelGroup::All,
        &[
            "total",
            "手続総件数",
            "総件数",
            "総手続件数",
            "年間総手続件数",
            "年間手続件数",
            "年間総件数",
            "年間件数",
            "年間申請件数",
            "年間申請数",
            "年間処理件数",
            "年間受付件数",
            "申請件数",
            "総申請件数",
            "総申請数",
            "総手続数",
        ],
    ),
    (
        ChannelGroup::Online,
        &[
            "オンライン数",
            "オンライン件数",
            "オンライン手続件数",
            "オンライン手続数",
            "オンライン申請件数",
            "オンライン申請数",
            "オンライン利用件数",
            "電子申請件数",
            "電子申請数",
            "電子申請利用件数",
        ],
    ),
    (
        ChannelGroup::Counter,
        &["窓口件数", "窓口数", "窓口申請件数", "窓口申請数", "窓口受付件数", "来庁件数"],
    ),
    (ChannelGroup::Mail, &["郵送件数", "郵送数", "郵送申請件数", "郵送申請数", "郵便件数"]),
    (ChannelGroup::Convenience, &["コンビニ件数", "コンビニ数", "コンビニ交付件数", "コンビニ交付数"]),
    (ChannelGroup::Assisted, &["代行入力件数", "代行入力数", "職員代行入力件数", "代理入力件数"]),
];
/// The same for headings that in other tables are names of channels: known where numbers stand below.
const BARE_GROUPS: &[(ChannelGroup, &[&str])] = &[
    (ChannelGroup::Online, &["online", "オンライン", "電子申請", "オンライン申請", "電子"]),
    (ChannelGroup::Counter, &["窓口", "来庁", "対面", "窓口申請"]),
    (ChannelGroup::Mail, &["郵送", "郵便", "郵送申請"]),
    (ChannelGroup::Convenience, &["コンビニ", "コンビニ交付"]),
    (ChannelGroup::Assisted, &["代行入力", "職員代行入力", "代理入力"]),
];
/// Headings of the sum of such columns, folded.
const BARE_SUMS: &[&str] = &["計", "合計", "総計", "総数", "全体", "件数計", "合計件数"];
const RATES: &[&str] = &[
    "利用率",
    "オンライン利用率",
    "オンライン申請率",
    "オンライン申請利用率",
    "オンライン手続利用率",
    "オンライン率",
    "オンライン化率",
    "電子申請率",
    "電子申請利用率",
];
/// Before a count by the sender's word: whatever its heading says, it is of a whole fiscal year.
pub(super) const OF_WHOLE_YEAR: &str = "1年度分の";
/// Words that stand beside a year and say nothing more.
const BESIDE_A_YEAR: &[&str] = &["", "実績", "件数", "数", "分", "値", "手続件数", "の件数", "実績件数"];
/// Units that a count is written in as it is.
const UNITS: &[&str] = &["件", "人", "%", "回", "通", "枚", "件数", "名", "延べ", "延件数"];
/// What a unit is made of that stands for more than one.
const FACTOR: &str = "十百千万億k×x10";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Counts of a group.
    Group(ChannelGroup),
    /// Counts whose heading says no more than their year.
    OfYear,
    /// The share of online applications.
    Rate,
}

/// A column of counts or rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub at: usize,
    /// The year its heading names.
    pub year: Option<FiscalYear>,
    pub what: What,
    /// The procedure that stands above it, in a table that has none in its rows.
    pub procedure: Option<ProcedureIx>,
}

/// The columns of counts and rates, from left to right.
pub(super) fn columns(table: &Table, headings: &Headings) -> Vec<Column> {
    let parts = headings.all().map(|(at, meaning)| (at, parts_of(meaning)));
    let parts: Vec<(usize, Vec<Part>)> = parts.collect();
    // One cell that is no number takes nothing from a column that stands beside counts.
    let beside = parts.iter().any(|(_, parts)| matches!(known(parts, what), Some(What::Group(_))));
    let column = |(at, parts): &(usize, Vec<Part>)| {
        let below = || Below::of(table, headings, *at);
        let bare = || known(parts, bare_what).filter(|_| below().are_counts(beside, 0));
        // As few as there are levels, and the numbers may be levels.
        let of_year = || (says_a_year_alone(parts) && below().are_counts(beside, 6)).then_some(What::OfYear);
        let what = known(parts, what).or_else(bare).or_else(of_year)?;
        // What the sender says of a column does not change its year.
        let year = year_of(headings.text(*at)).or_else(|| named_year(parts));
        Some(Column { at: *at, year, what, procedure: None })
    };
    let mut columns: Vec<Column> = parts.iter().filter_map(column).collect();
    // A sum is one of applications where several of its parts are.
    let all = What::Group(ChannelGroup::All);
    let groups = columns.iter().filter(|column| matches!(column.what, What::Group(_)));
    if groups.count() >= 2 && !columns.iter().any(|column| column.what == all) {
        let is_sum = |at: usize, meaning: &str| {
            let part = Part::of(meaning);
            BARE_SUMS.contains(&without_unit(&part.rest))
                && Below::of(table, headings, at).are_counts(false, 6)
        };
        let sums = headings.all().filter(|(at, meaning)| is_sum(*at, meaning));
        columns.extend(sums.map(|(at, meaning)| Column {
            at,
            year: year_of(meaning),
            what: all,
            procedure: None,
        }));
        columns.sort_by_key(|column| column.at);
    }
    columns
}

/// The same of a table whose headings have procedures above the counts.
pub(super) fn below_procedures(
    table: &Table,
    headings: &Headings,
    procedures: &Procedures<'_>,
) -> Vec<Column> {
    let above = |column: Column| {
        let (above, _) = headings.meaning(column.at).rsplit_once(JOINT)?;
        let procedure = pieces_of(above).find_map(|piece| procedures.of_heading(piece))?;
        Some(Column { procedure: Some(procedure), ..column })
    };
    columns(table, headings).into_iter().filter_map(above).collect()
}

/// A part of a heading, folded: the year it names, and what it says besides.
struct Part {
    year: Option<FiscalYear>,
    rest: String,
}

impl Part {
    fn of(piece: &str) -> Self {
        let folded = fold_for_match(piece);
        match year_in(&folded) {
            Some((year, rest)) => Self { year: Some(year), rest },
            None => Self { year: None, rest: folded },
        }
    }
}

/// The parts of a heading, from above.
fn parts_of(heading: &str) -> Vec<Part> {
    pieces_of(heading).map(Part::of).collect()
}

fn named_year(parts: &[Part]) -> Option<FiscalYear> {
    parts.iter().find_map(|part| part.year)
}

fn says_a_year_alone(parts: &[Part]) -> bool {
    named_year(parts).is_some() && parts.iter().all(|part| BESIDE_A_YEAR.contains(&without_unit(&part.rest)))
}

/// Whether a heading says by itself that its column is one of counts, so that the sender need not.
pub(super) fn is_understood(heading: &str) -> bool {
    let parts = parts_of(heading);
    known(&parts, what).or_else(|| known(&parts, bare_what)).is_some() || says_a_year_alone(&parts)
}

/// Whether a sender says of a column that it is of a whole fiscal year: 2024年度手続総件数, 1年度分の手続総件数.
pub(super) fn says_whole_year(meaning: &str) -> bool {
    fold_for_match(meaning).starts_with(OF_WHOLE_YEAR) || year_of(meaning).is_some()
}

/// What a title says besides online counts, folded; nothing if it does not name these.
pub(super) fn names_online_counts(title: &str) -> Option<String> {
    let folded = fold_for_match(title);
    let (_, names) = GROUPS.iter().find(|(group, _)| *group == ChannelGroup::Online)?;
    let rest = names.iter().fold(folded.clone(), |text, name| text.replace(name, ""));
    (rest != folded).then_some(rest)
}

/// What a heading says that a column holds, by itself.
pub(super) fn what_of(heading: &str) -> Option<What> {
    known(&parts_of(heading), what)
}

fn what(text: &str) -> Option<What> {
    let rate = RATES.contains(&text).then_some(What::Rate);
    rate.or_else(|| group_in(GROUPS, text).map(What::Group))
}

fn bare_what(text: &str) -> Option<What> {
    group_in(BARE_GROUPS, text).map(What::Group)
}

fn group_in(groups: &[(ChannelGroup, &[&str])], text: &str) -> Option<ChannelGroup> {
    let text = text.strip_prefix(OF_WHOLE_YEAR).unwrap_or(text);
    let text = text.strip_prefix("うち").unwrap_or(text);
    groups.iter().find(|(_, names)| names.contains(&text)).map(|(group, _)| *group)
}

/// Looks a heading up by its lowest part first, without its unit.
fn known(parts: &[Part], look_up: impl Fn(&str) -> Option<What>) -> Option<What> {
    let of_part = |part: &Part| look_up(without_unit(&part.rest)).or_else(|| look_up(&part.rest));
    parts.iter().rev().find_map(of_part)
}

/// A folded heading without the unit behind it.
fn without_unit(folded: &str) -> &str {
    match bracket(folded) {
        Some((rest, inner)) if UNITS.contains(&unit(inner)) || factor(folded).is_some() => rest,
        _ => folded,
    }
}

/// A folded text and what stands in brackets at its end.
fn bracket(folded: &str) -> Option<(&str, &str)> {
    let inner = folded.strip_suffix([')', ']', '〕', '】'])?;
    let open = inner.rfind(['(', '[', '〔', '【'])?;
    Some((&inner[..open], inner[open..].trim_start_matches(['(', '[', '〔', '【'])))
}

fn unit(inner: &str) -> &str {
    inner.trim_start_matches("単位").trim_start_matches([':', '・'])
}

/// The unit of a heading or of a remark above the table, if it stands for more than one: 千件.
pub(super) fn factor(text: &str) -> Option<String> {
    let folded = fold_for_match(text);
    let stated = folded.split_once("単位").map(|(_, behind)| behind.trim_start_matches([':', '・', 'は']));
    let unit = stated.or_else(|| bracket(&folded).map(|(_, inner)| unit(inner)))?;
    let unit: String = unit.chars().take_while(|c| !matches!(c, ')' | ']' | '、' | ',' | '。')).collect();
    let counts = ["件", "人", "回", "通", "枚", "名", ""].iter().any(|count| {
        let factor = unit.strip_suffix(count).unwrap_or_default();
        !factor.is_empty() && factor.chars().all(|c| FACTOR.contains(c))
    });
    counts.then_some(unit)
}

/// Whether a text calls counts a forecast or a plan: they are no record of what was applied for.
pub(super) fn is_forecast(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["見込", "予測", "計画値", "計画件数", "推計", "目標値", "目標件数", "目標数", "予定件数"];
    let folded = fold_for_match(text);
    WORDS.iter().any(|word| folded.contains(word)) || names_plan(&folded)
}

/// Whether a part of a (folded) text is no more than the word for a plan, beside its year: 令和8年度(目標).
fn names_plan(folded: &str) -> bool {
    /// Longer text is no heading and no title.
    const LONGEST: usize = 40;
    // Every cell beside counts is asked. 実績と目標 does not say which of them a column is.
    let may = ["目標", "計画"].iter().any(|word| folded.contains(word)) && !folded.contains("実績");
    let plan = |part: &str| {
        let rest = Part::of(part).rest;
        // The goal of a rate is none of counts.
        rest == "計画" || (rest.ends_with("目標") && !rest.contains('率'))
    };
    let mut parts = folded.split(|c: char| "()[]〔〕【】「」<>、,/・:;-_".contains(c));
    may && folded.chars().count() <= LONGEST && parts.any(plan)
}

/// The year that a heading names in one of its parts.
pub(super) fn year_of(heading: &str) -> Option<FiscalYear> {
    named_year(&parts_of(heading))
}

/// All the fiscal years that a text calls so.
pub(super) fn years_named(text: &str) -> Vec<FiscalYear> {
    let folded = fold_for_match(text);
    let ends = folded.split_inclusive("年度").filter(|part| part.ends_with("年度"));
    ends.filter_map(|part| year_in(part).map(|(year, _)| year)).collect()
}

/// A fiscal year in a text, and the rest of it, folded: 令和5年度 総件数, 総件数（R5）, 2023.
pub(in crate::import::layout) fn split_year(text: &str) -> Option<(FiscalYear, String)> {
    year_in(&fold_for_match(text))
}

/// The same of a folded text.
fn year_in(folded: &str) -> Option<(FiscalYear, String)> {
    let digits = |c: char| c.is_ascii_digit() || "元〇一二三四五六七八九十".contains(c);
    // Every heading of every file is asked, and most name no year.
    if !folded.contains(digits) {
        return None;
    }
    if let Some((before, after)) = folded.split_once("年度") {
        let stem = before.trim_end_matches(digits);
        let era = ["令和", "平成", "昭和", "r", "h", "s"].into_iter().find(|era| stem.ends_with(era));
        let start = stem.len() - era.map_or(0, str::len);
        let year = fiscal_year(&format!("{}年度", &before[start..])).ok()?;
        let rest = format!("{}{after}", &before[..start]);
        return Some((year, rest.replace("()", "")));
    }
    if let Ok(year) = fiscal_year(folded) {
        return Some((year, String::new()));
    }
    // R5総件数: a letter and its number.
    if let Some(behind) = folded.strip_prefix(['r', 'h', 's']) {
        let rest = behind.trim_start_matches(|c: char| c.is_ascii_digit());
        // R7.1 is a month, and one of another fiscal year.
        if rest
            .strip_prefix(['.', '/', '-'])
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        {
            return None;
        }
        if let (1 | 2, Some(stem)) = (behind.len() - rest.len(), folded.strip_suffix(rest)) {
            return Some((fiscal_year(stem).ok()?, rest.to_owned()));
        }
    }
    let (rest, inner) = bracket(folded)?;
    Some((fiscal_year(inner).ok()?, rest.to_owned()))
}

/// The year that a (folded) text names and does not call a fiscal one: 令和6年, 2024年実績.
pub(super) fn calendar_year_in(folded: &str) -> Option<FiscalYear> {
    let of_other = |c: char| c.is_ascii_digit() || "度間次目末".contains(c);
    folded.match_indices('年').find_map(|(at, sign)| {
        let before = folded[..at].trim_end_matches(|c: char| c.is_ascii_digit() || c == '元');
        let era = ["令和", "平成", "r", "h"].into_iter().find(|era| before.ends_with(era));
        let digits = &folded[before.len()..at];
        let is_year = era.is_some() || (digits.len() == 4 && digits.starts_with("20"));
        if !is_year || folded[at + sign.len()..].starts_with(of_other) {
            return None;
        }
        fiscal_year(&format!("{}{digits}年度", era.unwrap_or_default())).ok()
    })
}

/// Whether a part of a heading says no more than that numbers stand below it: 件数, 実績.
pub(super) fn says_numbers_alone(piece: &str) -> bool {
    let part = Part::of(piece);
    BESIDE_A_YEAR.contains(&without_unit(&part.rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_counts_are_known_with_unit_and_year() {
        let all = Some(What::Group(ChannelGroup::All));
        let online = Some(What::Group(ChannelGroup::Online));
        for (heading, year, what) in [
            ("手続総件数", None, all),
            ("手続総件数（件）", None, all),
            ("総件数 [件]", None, all),
            ("手続総件数(単位：件)", None, all),
            ("うちオンライン数（件）", None, online),
            ("オンライン利用率（％）", None, Some(What::Rate)),
            ("令和4年度／手続総件数", Some(2022), all),
            ("令和５年度／うちオンライン数", Some(2023), online),
            ("2023年度総件数", Some(2023), all),
            ("総件数（R5）", Some(2023), all),
            ("総件数（令和5年度）", Some(2023), all),
            ("R5年度オンライン申請件数（件）", Some(2023), online),
            ("件数／令和元年度／総件数", Some(2019), all),
            ("窓口件数（件）", None, Some(What::Group(ChannelGroup::Counter))),
            ("代行入力件数", None, Some(What::Group(ChannelGroup::Assisted))),
            ("総件数（千件）", None, all),
            ("R5総件数", Some(2023), all),
            ("R5 オンライン件数", Some(2023), online),
            ("備考（令和5年度）", Some(2023), None),
            ("担当課", None, None),
        ] {
            assert_eq!(year_of(heading).map(FiscalYear::number), year, "{heading}");
            assert_eq!(what_of(heading), what, "{heading}");
        }
    }

    #[test]
    fn years_that_are_not_called_fiscal_are_seen() {
        for (text, year) in [
            ("令和6年", Some(2024)),
            ("申請件数（令和元年）", Some(2019)),
            ("2024年実績", Some(2024)),
            ("R6年／件数", Some(2024)),
            ("令和6年度", None),
            ("令和6年4月", None),
            ("年間件数", None),
            ("3年目", None),
        ] {
            assert_eq!(calendar_year_in(&fold_for_match(text)).map(FiscalYear::number), year, "{text}");
        }
        assert!(split_year("R7.1").is_none() && split_year("R7.1件数").is_none());
    }

    #[test]
    fn forecasts_are_known_by_their_words() {
        for text in [
            "令和6年度（見込み）／総件数",
            "R7見込／総件数",
            "総件数（予測）",
            "令和7年度計画値",
            "※令和6年度は見込み",
            "令和8年度（目標）",
            "R8計画",
            "令和8年度 オンライン利用目標件数",
            "目標",
        ] {
            assert!(is_forecast(text), "{text}");
        }
        for text in [
            "令和6年度／総件数",
            "令和6年度実績",
            "計",
            "介護計画の届出件数",
            "目標時期",
            "オンライン利用率の目標：50％",
            "実績と目標",
        ] {
            assert!(!is_forecast(text), "{text}");
        }
    }

    #[test]
    fn units_that_stand_for_more_than_one_are_seen() {
        for (text, unit) in [
            ("手続総件数（千件）", Some("千件")),
            ("（単位：千件）", Some("千件")),
            ("単位:百件", Some("百件")),
            ("令和5年度の件数（単位　万人）", Some("万人")),
            ("手続総件数（件）", None),
            ("（単位：件）", None),
            ("千代田区の件数", None),
            ("総件数（千代田区）", None),
        ] {
            assert_eq!(factor(text).as_deref(), unit, "{text}");
        }
    }
}
