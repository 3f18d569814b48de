//! A wide table whose column says which channel, or the best of which channel group, its cells show.

use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::readiness::Scale;
use crate::domain::text::{fold_width, unguarded};
use crate::import::layout::channels;
use crate::import::layout::sheet::Sheet;
use crate::import::table::Row;
use crate::import::{Fault, Said, Statement};

/// What all cells of a table are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AllAbout {
    Channel(ChannelIx),
    /// The best of the channels of a scale.
    Group(Scale),
}

/// What the column of channels says of the `marked` columns, where there is one and it says something.
///
/// # Errors
///
/// What is no channel, and rows about different ones.
pub(super) fn about(
    sheet: &mut Sheet<'_>,
    (column, marked): (Option<usize>, &[usize]),
    rows: &[&Row],
) -> Result<Option<AllAbout>, Vec<Fault>> {
    let Some(at) = column else { return Ok(None) };
    let cells = rows.iter().map(|row| (*row, unguarded(row.cell(at).trim())));
    let mut said = cells.filter(|(_, cell)| !cell.is_empty());
    let Some((first, word)) = said.next() else { return Ok(None) };
    if let Some((row, other)) = said.find(|(_, other)| *other != word) {
        let message = format!(
            "{}行目と違う接点の行があります。接点ごとに別のファイルにするか、縦長の表（long）にしてください",
            first.line
        );
        return Err(vec![sheet.at(Fault::whole("mixed_channels", message).found(other), row, at)]);
    }
    let catalogue = sheet.catalogue;
    let group = Scale::of_group(&fold_width(word)).map(AllAbout::Group);
    match group.or_else(|| channels::named(catalogue, word).map(AllAbout::Channel)) {
        Some(about) => {
            if matches!((about, sheet.options.channel), (AllAbout::Channel(one), Some(said)) if one != said) {
                sheet.tell_other_channel(first, at);
            }
            tell_without_channel(sheet, (at, marked), rows, about);
            if let AllAbout::Group(scale) = about {
                sheet.notes.push(format!(
                    "セルは{}の接点でいちばん高い段階です。今と同じ値は変更なしで、違う値は、申告のある接点が1つならその接点、決まらなければ尋ねます。",
                    scale.label()
                ));
            }
            Ok(Some(about))
        }
        None => {
            let groups = Scale::ALL.iter().map(|scale| scale.group_code());
            let known: Vec<&str> =
                groups.chain(catalogue.channels().iter().map(|row| row.id.as_str())).collect();
            let message = "接点でも接点の群でもありません";
            let fault = Fault::whole("unknown_channel", message).found(word).allowing(known.join("、"));
            Err(vec![sheet.at(fault, first, at)])
        }
    }
}

/// Rows with marks and without a channel are about that of the others only where the sender says so.
fn tell_without_channel(
    sheet: &mut Sheet<'_>,
    (at, marked): (usize, &[usize]),
    rows: &[&Row],
    about: AllAbout,
) {
    let said =
        matches!((about, sheet.options.channel), (AllAbout::Channel(one), Some(other)) if one == other);
    if said || sheet.options.fill {
        return;
    }
    let marked = |row: &&&Row| marked.iter().any(|at| !row.cell(*at).trim().is_empty());
    for row in rows.iter().filter(|row| row.cell(at).trim().is_empty()).filter(marked) {
        let message = "接点がありません（ほかの行と同じなら「上の値で埋める」（fill）を選べます）";
        sheet.fault(Fault::whole("missing_channel", message).allowing("接点の名前"), row, at);
    }
}

impl AllAbout {
    /// A channel that it is about: marks are read by its scale.
    pub(super) fn channel(self, catalogue: &Catalogue) -> ChannelIx {
        match self {
            Self::Channel(channel) => channel,
            Self::Group(scale) => {
                let on_scale = (0..).zip(catalogue.channels()).find(|(_, row)| row.scale == scale);
                on_scale.map(|(ix, _)| ix).unwrap_or_default()
            }
        }
    }

    /// The scale of which the cells show the best, where they do.
    pub(super) fn group(self) -> Option<Scale> {
        match self {
            Self::Channel(_) => None,
            Self::Group(scale) => Some(scale),
        }
    }
}

/// The same of the best of a group, where the cells show that.
pub(super) fn of_group(statement: Statement, group: Option<Scale>) -> Statement {
    match group {
        Some(scale) => Statement { said: Said::Group(scale, Box::new(statement.said)), ..statement },
        None => statement,
    }
}
