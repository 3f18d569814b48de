//! What the columns of a wide table are: marks of a procedure or of a body, or words beside them. Two
//! rows of headings may name both: 「妊娠の届出／状況」「妊娠の届出／担当課」.

use std::collections::BTreeSet;

use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::dates::{Dated, Precision};
use crate::domain::text::{cut, fold_for_match};
use crate::import::headings::{EFFECTIVE, Headings, JOINT};
use crate::import::layout::beside::{About, Beside, is_beside};
use crate::import::layout::channels;
use crate::import::layout::column::Column;
use crate::import::layout::sheet::{Sheet, column_where};
use crate::import::layout::unknown::left_out;
use crate::import::layout::usage::columns::split_year;
use crate::import::marks::Question;
use crate::import::resolve::Procedures;
use crate::import::table::Row;
use crate::import::{Fault, Statement};

/// A column under what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Marks, of the channel that the lower part of the heading names.
    Marks(Option<ChannelIx>),
    /// Words beside the marks.
    Words,
}

/// What a column is under a heading that names what it is about: `below` is the lowest part.
pub(super) fn role(catalogue: &Catalogue, below: &str) -> Option<Role> {
    /// Other words for a column of marks, folded.
    const MARKS: [&str; 10] = ["印", "記号", "○×", "○×△", "有無", "可否", "対応可否", "実施", "対応", "区分"];
    if is_beside(catalogue, below) {
        return Some(Role::Words);
    }
    if let Some(channel) = channel_below(catalogue, below) {
        return Some(Role::Marks(Some(channel)));
    }
    if year_of(below).is_some() {
        return Some(Role::Marks(None));
    }
    let marks = Column::of_heading(below) == Some(Column::Level)
        || MARKS.iter().any(|word| fold_for_match(word) == fold_for_match(below));
    marks.then_some(Role::Marks(None))
}

/// The last day of the fiscal year that a heading below a procedure names: its marks are those of that year.
pub(in crate::import::layout) fn year_of(below: &str) -> Option<Dated> {
    let (year, rest) = split_year(below)?;
    // 令和6年度末, 令和6年度時点; a year with other words may be of anything.
    const OF_ITS_STATE: [&str; 14] = [
        "",
        "末",
        "末時点",
        "時点",
        "現在",
        "末現在",
        "実績",
        "末実績",
        "の実績",
        "状況",
        "末状況",
        "の状況",
        "対応状況",
        "実施状況",
    ];
    OF_ITS_STATE
        .contains(&rest.as_str())
        .then(|| Dated::day(year.last_day()).at_precision(Precision::FiscalYear))
}

/// The same of the lower part of a heading.
pub(super) fn year_below(headings: &Headings, at: usize) -> Option<Dated> {
    above_and_below(headings.meaning(at)).and_then(|(_, below)| year_of(below))
}

/// Tells of columns of years that are not over: what stands there is planned, or is of today. Each year is asked
/// about once.
pub(in crate::import::layout) fn tell_years_ahead<K>(
    sheet: &mut Sheet<'_>,
    columns: &[(usize, (K, Option<Dated>))],
) {
    let today = sheet.options.today;
    let ahead = columns.iter().filter(|(_, (_, year))| year.is_some_and(|year| year.on > today));
    let mut asked: Vec<(&str, usize)> = Vec::new();
    let headings = sheet.headings;
    for (at, _) in ahead {
        let text = headings.text(*at);
        let message = "まだ終わっていない年度の列です。今の状況なら見出しの年度を消し、予定なら「目標時期」などの列にしてください";
        let fault =
            Fault::whole("year_ahead", message).at_line(headings.line).in_column(*at, text).found(text);
        let fault = fault.allowing("終わった年度、または列を取り込まない指定（ignore）");
        sheet.faults.push(fault.asked_elsewhere());
        let year = above_and_below(text).map_or(text, |(_, below)| below);
        match asked.iter_mut().find(|(other, _)| *other == year) {
            Some((_, count)) => *count += 1,
            None => asked.push((year, 1)),
        }
    }
    sheet.questions.extend(asked.into_iter().map(|(year, count)| {
        let shown = cut(year, 60);
        let text = format!(
            "「{shown}」（{count}列）はまだ終わっていない年度です。取り込まないことにしますか（今の状況なら見出しの年度を消し、予定なら「目標時期」などの列にして送り直してください）"
        );
        let choices = vec![left_out(year)];
        let question = Question::about_the_file("columns", text, []);
        Question { mark: shown.clone(), headings: vec![shown], count, choices, ..question }
    }));
}

/// Columns of words without a procedure above them that stand once for each procedure, right of its marks:
/// 妊娠の届出, 開始日, 転出届, 開始日.
pub(super) fn beside_each<K: Copy>(
    catalogue: &Catalogue,
    headings: &Headings,
    marks: &[(usize, K)],
) -> Vec<(usize, K)> {
    let words: Vec<(usize, String)> = headings
        .all()
        .filter(|(_, text)| !text.contains(JOINT) && is_beside(catalogue, text))
        .map(|(at, text)| (at, fold_for_match(text)))
        .collect();
    let again = |text: &str| words.iter().filter(|(_, other)| other == text).count() > 1;
    let of = |at: usize| marks.iter().rev().find(|(marked, _)| *marked < at).map(|(_, key)| *key);
    words.iter().filter(|(_, text)| again(text)).filter_map(|(at, _)| Some((*at, of(*at)?))).collect()
}

/// The channel that one part of a heading names. 窓口 alone is that of the body's own house, beside other
/// channels of a table.
pub(super) fn channel_below(catalogue: &Catalogue, part: &str) -> Option<ChannelIx> {
    channels::named(catalogue, part)
}

/// A heading of one row that names a procedure together with a channel or a field, in parts: 妊娠の届出
/// （オンライン）, 備考（転出届）, 転出届URL, 妊娠の届出の備考.
pub(super) fn parted(catalogue: &Catalogue, procedures: &Procedures<'_>, heading: &str) -> Option<String> {
    let text = heading.trim();
    if text.contains(JOINT) || procedures.of_heading(text).is_some() {
        return None;
    }
    let named = |above: &str, below: &str| {
        let above = above.trim_end_matches(['の', '_', '・', '-', '－', ':', '：', ' ', '\u{3000}', '\n']);
        let found = !above.is_empty() && procedures.of_heading(above).is_some();
        (found && role(catalogue, below).is_some()).then(|| format!("{above}{JOINT}{below}"))
    };
    let in_brackets = || {
        let (above, below) = text.strip_suffix([')', '）'])?.rsplit_once(['(', '（'])?;
        let (above, below) = (above.trim(), below.trim());
        named(above, below).or_else(|| named(below, above))
    };
    // The longest end goes first: 目標時期 ends with no other field.
    let at_end = || text.char_indices().skip(1).find_map(|(at, _)| named(&text[..at], &text[at..]));
    in_brackets().or_else(at_end)
}

/// The parts of a heading above its lowest one, and that.
pub(super) fn above_and_below(heading: &str) -> Option<(&str, &str)> {
    heading.rsplit_once(JOINT)
}

/// What a heading of words says below its subject: its lowest part, and the channel right above that.
fn below_subject<'h>(catalogue: &Catalogue, heading: &'h str) -> &'h str {
    let Some((above, lowest)) = above_and_below(heading) else { return heading };
    let channel = above_and_below(above).filter(|(_, piece)| channel_below(catalogue, piece).is_some());
    channel.map_or(lowest, |(subject, _)| &heading[subject.len() + JOINT.len_utf8()..])
}

/// The words beside the marks, by what they are about: a procedure where rows are bodies, and the other
/// way round.
pub(super) struct Words {
    groups: Vec<(u16, Beside)>,
    /// What a statement is about.
    subject: fn(&Statement) -> u16,
}

impl Words {
    /// The columns of words: `own` are those under a heading that says what they are about, `marked` the
    /// columns of marks with their channels, and
    /// `subject` tells of a statement what it is about. Words for the whole row are of the only subject there is.
    pub(super) fn find(
        catalogue: &Catalogue,
        headings: &Headings,
        own: &[(usize, u16)],
        marked: &[(usize, u16, Option<ChannelIx>)],
        subject: fn(&Statement) -> u16,
    ) -> Self {
        let mut subjects: Vec<u16> = Vec::new();
        for (_, subject, _) in marked {
            if !subjects.contains(subject) {
                subjects.push(*subject);
            }
        }
        let alone = subjects.len() == 1;
        let taken = |at: usize| {
            own.iter().any(|(own, _)| *own == at) || marked.iter().any(|(marked, ..)| *marked == at)
        };
        // Who explains such a column of a table of several says that it is of all of them.
        let is_of_row = |at: usize| (alone || headings.is_answered(at)) && !taken(at);
        let of_row = headings.all().map(|(at, _)| (at, headings.meaning(at)));
        let of_row: Vec<(usize, &str)> =
            of_row.filter(|(at, text)| is_of_row(*at) && is_beside(catalogue, text)).collect();
        let shared: Vec<usize> = of_row.iter().map(|(at, _)| *at).filter(|_| !alone).collect();
        let beside = |subject: &u16| {
            let channels = marked.iter().filter(|(_, other, _)| other == subject);
            let mut channels: Vec<ChannelIx> = channels.filter_map(|(.., channel)| *channel).collect();
            channels.sort_unstable();
            channels.dedup();
            let under = own
                .iter()
                .filter(|(_, other)| other == subject)
                .map(|(at, _)| (*at, below_subject(catalogue, headings.meaning(*at))));
            let columns: Vec<(usize, &str)> = under.chain(of_row.iter().copied()).collect();
            (!columns.is_empty()).then(|| {
                Beside::find(catalogue, columns.into_iter(), &channels).of_one_row().sharing(shared.clone())
            })
        };
        let groups = subjects.iter().filter_map(|subject| Some((*subject, beside(subject)?))).collect();
        Self { groups, subject }
    }

    /// Where they stand.
    pub(super) fn columns(&self) -> BTreeSet<usize> {
        self.groups.iter().flat_map(|(_, beside)| beside.columns()).collect()
    }

    /// Faults of columns that say the same of the same.
    pub(super) fn twice(&self, sheet: &Sheet<'_>) -> Vec<Fault> {
        self.groups.iter().flat_map(|(_, beside)| beside.twice(sheet)).collect()
    }

    /// Lays the words of a row over what its marks state. `about` says what the row is about together with
    /// a subject.
    pub(super) fn lay(
        &mut self,
        sheet: &mut Sheet<'_>,
        row: &Row,
        about: impl Fn(u16) -> About,
        statements: &mut Vec<Statement>,
    ) {
        for (subject, beside) in &mut self.groups {
            let all = std::mem::take(statements);
            let is_own = |one: &Statement| (self.subject)(one) == *subject;
            let (mut own, others): (Vec<_>, Vec<_>) = all.into_iter().partition(is_own);
            beside.lay(sheet, row, about(*subject), &mut own);
            *statements = others;
            statements.append(&mut own);
        }
    }

    /// Tells where the words went, and which went nowhere.
    pub(super) fn finish(self, sheet: &mut Sheet<'_>) {
        Beside::finish_all(self.groups.into_iter().map(|(_, beside)| beside), sheet);
    }
}

/// The column of the day from which all marks of a row are true.
pub(super) fn day_of_rows(headings: &Headings, beside: &BTreeSet<usize>) -> Option<usize> {
    let day = column_where(headings, EFFECTIVE, |text| !text.contains(JOINT));
    day.filter(|at| !beside.contains(at))
}
