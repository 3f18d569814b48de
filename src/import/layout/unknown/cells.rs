//! What the cells of a column look like.

use crate::domain::file_dates::read_in_file;
use crate::domain::loose_dates::{Purpose, read_day};
use crate::domain::text::{fold_for_match, fold_mark, fold_width};
use crate::import::headings::pieces_of;
use crate::import::layout::long::values::state_in;
use crate::import::marks::{Profile, is_dash, is_symbol, planned};
use crate::import::options::fiscal_year;
use crate::import::table::Row;

/// Tells of a cell whether it is of a kind.
pub(in crate::import::layout) type Test<'a> = &'a dyn Fn(&str) -> bool;

/// So many filled cells of a column are looked at.
pub(super) const LOOKED_AT: usize = 1_000;

pub(in crate::import::layout) fn is_mark(profile: &Profile, cell: &str) -> bool {
    let folded = fold_mark(cell);
    profile.meaning(&folded, None).is_some()
        || is_dash(&folded)
        || planned(&folded).is_some()
        || FLAGS.contains(&fold_for_match(cell).as_str())
}

/// The mark of a cell that has a note beside it: ○※1, ○（一部）, 済 注2. Without one the cell itself.
pub(in crate::import::layout) fn without_note(cell: &str) -> &str {
    let at = cell.find(['※', '＊', '*', '注', '（', '(', '［', '[', '〔']);
    at.map(|at| cell[..at].trim_end()).filter(|mark| !mark.is_empty()).unwrap_or(cell)
}

/// Words of programs for yes and no, folded.
pub(super) const FLAGS: [&str; 2] = ["true", "false"];

/// Whether a cell is a mark, or looks like one that nobody knows: ☐, `[x]`.
pub(in crate::import::layout) fn may_be_marks(profile: &Profile, cell: &str) -> bool {
    let symbol = |c: char| !c.is_alphanumeric() || c.is_ascii();
    // A word of a scale or a mark with something beside it begins as a mark does.
    let begins = || cell.chars().next().is_some_and(|first| is_mark(profile, &first.to_string()));
    is_mark(profile, cell) || (cell.chars().count() <= 3 && cell.chars().all(symbol)) || begins()
}

/// Whether cells are a few short words that say again and again how something stands.
pub(in crate::import::layout) fn are_words_like_marks(
    cells: &[&str],
    rows: usize,
    heading: &str,
    named: bool,
) -> bool {
    /// More different words are texts.
    const WORDS: usize = 6;
    /// Longer ones too.
    const LONGEST: usize = 12;
    /// Words of states, in cells of columns that no heading places.
    const STATES: [&str; 24] = [
        "済",
        "未",
        "可",
        "否",
        "対応",
        "実施",
        "導入",
        "予定",
        "検討",
        "運用",
        "稼働",
        "入力",
        "手書き",
        "紙",
        "タブレット",
        "端末",
        "live",
        "done",
        "start",
        "plan",
        "progress",
        "available",
        "implement",
        "complete",
    ];
    if classifies(heading) || cells.len() * 5 < rows * 4 {
        return false;
    }
    let mut distinct: Vec<&str> = cells.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    let short = distinct.iter().all(|cell| cell.chars().count() <= LONGEST && !names_office(cell));
    // A few rows may each have a word of its own under a heading that says what the words are.
    let called = ["status", "readiness", "progress"].contains(&fold_for_match(heading).as_str());
    let few = distinct.len() <= WORDS && (called || distinct.len() < cells.len());
    let says_state = |cell: &str| STATES.iter().any(|word| cell.to_lowercase().contains(word));
    let states = || distinct.iter().any(|cell| says_state(cell));
    // One mark among short words is enough to ask.
    let marked = || distinct.iter().any(|cell| is_bare_mark(cell));
    short && ((few && (named || called || states())) || (distinct.len() <= WORDS && marked()))
}

/// Whether a cell is a sign that means something as a mark, and nothing else.
fn is_bare_mark(cell: &str) -> bool {
    let folded = fold_mark(cell);
    folded.chars().all(is_symbol) && Profile::default_marks().meaning(&folded, None).is_some()
}

/// Whether a heading is that of a class, a name or a remark.
pub(super) fn classifies(heading: &str) -> bool {
    const ENDS: [&str; 27] = [
        "区分",
        "分類",
        "分野",
        "種別",
        "種類",
        "類型",
        "カテゴリ",
        "カテゴリー",
        "係",
        "課",
        "部",
        "室",
        "担当",
        "名",
        "名称",
        "者",
        "備考",
        "説明",
        "内容",
        "根拠",
        "法令",
        "地区",
        "圏域",
        "郡",
        "方法",
        "対象",
        "先",
    ];
    let folded = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    let bare = folded.split('(').next().unwrap_or_default();
    ENDS.iter().any(|end| bare.ends_with(end))
}

/// Whether a text is the name of an office or a place.
pub(super) fn names_office(text: &str) -> bool {
    text.ends_with(['課', '係', '室', '部', '局', '署', '市', '町', '村', '区', '県', '郡'])
        || ["センター", "窓口", "庁舎", "支所", "出張所"].iter().any(|end| text.ends_with(end))
}

pub(super) fn is_number(cell: &str) -> bool {
    fold_width(cell).bytes().all(|byte| byte.is_ascii_digit())
}

pub(in crate::import::layout) fn is_address(cell: &str) -> bool {
    cell.starts_with("http://") || cell.starts_with("https://")
}

/// Whether most cells of a column are words for the state in which something is.
pub(super) fn mostly_states(rows: &[&Row], at: usize) -> bool {
    let cells = rows.iter().map(|row| row.cell(at).trim()).filter(|cell| !cell.is_empty());
    let cells: Vec<&str> = cells.take(LOOKED_AT).collect();
    cells.iter().filter(|cell| says_state(cell)).count() * 2 > cells.len()
}

pub(super) fn says_state(cell: &str) -> bool {
    state_in(cell).is_ok()
}

/// Whether a heading is that of years.
pub(super) fn is_of_years(heading: &str) -> bool {
    let folded = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    folded.ends_with('年') || folded.ends_with("年度")
}

/// Whether a cell is a year alone: R5, 令和5, H30年, 2023年, 2023.
pub(super) fn is_year(cell: &str) -> bool {
    let folded = fold_width(cell);
    let bare = folded.strip_suffix('年').unwrap_or(&folded);
    !bare.ends_with("年度") && fiscal_year(bare).is_ok()
}

/// Whether days stand among the short texts of a column: 2024/4/1, 以前から, H20.
pub(super) fn has_days(cells: &[&str], heading: &str) -> bool {
    /// Longer texts are remarks.
    const LONGEST: usize = 40;
    let day = |cell: &&str| {
        !is_number(cell) && read_day(cell, Purpose::From).is_ok_and(|read| read.dated.is_some())
    };
    !classifies(heading) && cells.iter().all(|cell| cell.chars().count() <= LONGEST) && cells.iter().any(day)
}

/// Whether a text says from when to when: R8.10.1～R9.3.31, 10月1日～3月31日, R8.10～.
pub(super) fn is_period(cell: &str) -> bool {
    let folded = fold_width(cell);
    let Some((from, to)) = folded.split_once(['~', '〜', '～', '－', '―', '–', '→']) else {
        return false;
    };
    let day = |text: &str| {
        let text = text.trim();
        let of_calendar = |c: char| c.is_ascii_digit() || "月日./翌".contains(c);
        let without_year = text.contains(['月', '/', '.']) && text.chars().all(of_calendar);
        read_in_file(text).is_ok() || without_year
    };
    let blank = |text: &str| text.trim().is_empty();
    (day(from) && (day(to) || blank(to))) || (blank(from) && day(to))
}

/// The highest level among the marks of a column; none where they are no numbers.
pub(super) fn highest_level(rows: &[&Row], at: usize) -> Option<u8> {
    let level = |row: &&Row| fold_width(row.cell(at)).parse::<u8>().ok().filter(|level| *level <= 5);
    rows.iter().take(LOOKED_AT).filter_map(level).max().map(|level| if level > 1 { 5 } else { 1 })
}

/// Whether numbers may be levels, or 0 and 1, as those of the columns that are read: neither a running
/// number nor a count.
pub(super) fn is_column_of_levels(cells: &[&str], heading: &str, highest: Option<u8>) -> bool {
    const NUMBERS: [&str; 16] = [
        "no.",
        "no",
        "№",
        "id",
        "#",
        "番号",
        "通番",
        "項番",
        "連番",
        "順位",
        "順番",
        "優先度",
        "重要度",
        "難易度",
        "満足度",
        "枝番",
    ];
    let Some(highest) = highest else { return false };
    let folded = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    let levels: Option<Vec<u8>> =
        cells.iter().map(|cell| fold_width(cell).parse().ok().filter(|level| *level <= highest)).collect();
    // Numbers of rows go on rising, whatever was taken out between them.
    let running = |levels: &[u8]| {
        let rising = levels.len() > 1 && levels.windows(2).all(|two| two[1] > two[0]);
        rising && (levels.len() > 2 || levels[0] <= 1)
    };
    levels.is_some_and(|levels| !running(&levels))
        && !(NUMBERS.contains(&folded.as_str()) || folded.ends_with("番号") || is_count(heading))
}

/// Whether a heading is that of a number of something.
pub(super) fn is_count(heading: &str) -> bool {
    let folded = fold_for_match(heading);
    let bare = folded.split('(').next().unwrap_or_default();
    bare.ends_with(['数', '率', '計', '日', '年', '月', '円', '額', '人', '分', '料'])
        || bare.contains("人口")
}

/// What the cells of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Empty,
    /// So many marks or levels.
    Marks(usize),
    /// Codes of bodies.
    Codes(usize),
    Addresses,
    /// Names of channels.
    Channels,
    /// So many words for the state in which something is.
    States(usize),
    Days,
    /// Years alone.
    Years,
    /// From one day to another.
    Periods,
    /// Names of products.
    Products,
    /// So many of a few short words that stand in nearly each row, as marks do.
    Words(usize),
    Text,
}
