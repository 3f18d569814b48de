//! Which count a heading means that says no more than its year: what stands beside it or above the table may say so.

use super::columns::{Column, What, names_online_counts};
use super::head::UsageHead;
use super::other_numbers::calls_counts;
use crate::domain::text::{cut, fold_for_match};
use crate::domain::usage::ChannelGroup;
use crate::import::Fault;
use crate::import::layout::sheet::Sheet;

/// What is known of such a heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// The online counts of its year stand in a column of their own.
    Surely(ChannelGroup),
    /// By the titles, or as nothing speaks of online applications: told, and the sender may say otherwise.
    Told(ChannelGroup),
    /// Only the sender knows: a title speaks of online applications, and not of their counts.
    Open(String),
}

/// What a column means whose heading says no more than its year.
pub(super) fn meant(head: &UsageHead, column: &Column, titles: &[String]) -> Meant {
    let of_year = |other: &Column| other.year.is_none() || other.year == column.year;
    let online = What::Group(ChannelGroup::Online);
    let beside =
        |other: &Column| other.what == online && other.procedure == column.procedure && of_year(other);
    // Or each row says of which applications it is.
    if head.columns.iter().any(beside) || head.group.is_some() {
        return Meant::Surely(ChannelGroup::All);
    }
    let online = || titles.iter().filter(|title| speaks_of_online(title));
    match online().find(|title| !counts_online_alone(title)) {
        Some(title) => Meant::Open(title.clone()),
        None if online().next().is_some() => Meant::Told(ChannelGroup::Online),
        None => Meant::Told(ChannelGroup::All),
    }
}

fn speaks_of_online(title: &str) -> bool {
    let folded = fold_for_match(title);
    ["オンライン", "電子"].iter().any(|word| folded.contains(word))
}

/// Whether a title says that online applications were counted, and speaks of no other counts.
fn counts_online_alone(title: &str) -> bool {
    names_online_counts(title).is_some_and(|rest| !calls_counts(&rest))
}

/// The columns, each of the group that its heading means; one that is open is asked about before it is read.
pub(super) fn settled(head: &UsageHead, titles: &[String]) -> Vec<Column> {
    let settle = |column: &Column| match column.what {
        What::OfYear => match meant(head, column, titles) {
            Meant::Surely(group) | Meant::Told(group) => Column { what: What::Group(group), ..*column },
            Meant::Open(_) => Column { what: What::Group(ChannelGroup::All), ..*column },
        },
        _ => *column,
    };
    head.columns.iter().map(settle).collect()
}

/// Tells from which years the counts are read, where the headings say it, and which counts those are whose headings
/// say no more.
pub(super) fn tell_years(sheet: &mut Sheet<'_>, head: &UsageHead, titles: &[String]) {
    let (named, _) = head.years();
    if named.is_empty() {
        return;
    }
    let list: Vec<String> = named.iter().map(ToString::to_string).collect();
    sheet.notes.push(format!("年度は見出しのとおりに読みました: {}", list.join("、")));
    let bare = head.columns.iter().filter(|column| column.what == What::OfYear);
    let told: Vec<(usize, ChannelGroup)> = bare
        .filter_map(|column| match meant(head, column, titles) {
            Meant::Told(group) => Some((column.at, group)),
            Meant::Surely(_) | Meant::Open(_) => None,
        })
        .collect();
    if let Some((first, group)) = told.first() {
        let text = head.headings.text(*first);
        let other = if *group == ChannelGroup::All { "うちオンライン数" } else { "手続総件数" };
        let message = format!(
            "見出しに年度のほか件数の種類のない{}列を「{}」として読みました。{other}なら、見出しに書くか columns で指定してください",
            told.len(),
            group.label(),
        );
        let warning = Fault::whole("count_of_year", message).at_line(head.headings.line);
        sheet
            .warnings
            .push(warning.in_column(*first, text).suggesting(format!("columns={}={other}", cut(text, 30))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_that_count_online_applications_alone_are_told_from_others() {
        for title in
            ["オンライン申請件数の推移", "行方市　電子申請利用件数", "オンライン手続件数（単位：件）"]
        {
            assert!(counts_online_alone(title), "{title}");
        }
        for title in [
            "行政手続のオンライン化状況について",
            "電子申請の利用状況",
            "申請件数とオンライン申請件数",
            "手続別申請件数",
        ] {
            assert!(!counts_online_alone(title), "{title}");
        }
    }
}
