//! Several columns of one channel that are no products: years beside each other, answers to be ticked, a state
//! beside its channel. One of them is meant, and the sender says which.

use super::nameless::{as_one_column, tells_answer};
use super::sheet::Sheet;
use super::which_of;
use crate::domain::catalogue::ChannelIx;
use crate::domain::text::cut;
use crate::import::Fault;
use crate::import::headings::pieces_of;

/// The faults of columns that are of one channel.
pub(super) fn which_column(sheet: &Sheet<'_>, columns: &[(usize, ChannelIx)]) -> Vec<Fault> {
    let mut groups: Vec<(ChannelIx, Vec<usize>)> = Vec::new();
    for (at, channel) in columns {
        match groups.iter_mut().find(|(other, _)| other == channel) {
            Some((_, columns)) => columns.push(*at),
            None => groups.push((*channel, vec![*at])),
        }
    }
    let several = groups.into_iter().filter(|(_, columns)| columns.len() > 1);
    several.flat_map(|(channel, columns)| which(sheet, channel, &columns)).collect()
}

fn which(sheet: &Sheet<'_>, channel: ChannelIx, columns: &[usize]) -> Vec<Fault> {
    let names: Vec<String> = columns.iter().map(|at| sheet.headings.name(*at)).collect();
    if which_of::are_alike(sheet.headings, columns) {
        let same: Vec<(usize, ChannelIx)> = columns.iter().map(|at| (*at, channel)).collect();
        return sheet.twice(&same);
    }
    let lowest: Vec<&str> = names.iter().map(|name| pieces_of(name).last().unwrap_or_default()).collect();
    let shown = cut(&names.join("」「"), 120);
    let fault = |message: String| {
        let fault = Fault::whole("duplicate_heading", message).at_line(sheet.headings.line);
        fault.in_column(columns[1], &names[1]).found(&names[1])
    };
    if lowest.iter().all(|text| tells_answer(text)) {
        return vec![fault(as_one_column(&lowest))];
    }
    let label = &sheet.catalogue.channel(channel).label_ja;
    let message = format!("「{shown}」は、どれも{label}の列です。どの列を取り込むかを指定してください");
    vec![
        fault(message)
            .allowing(format!("{label}の列は1つ"))
            .asking(which_of::question(sheet.headings, columns)),
    ]
}
