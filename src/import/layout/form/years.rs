//! Columns of one channel for several fiscal years, side by side: each is what was so at the end of its year.

use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::dates::Dated;
use crate::domain::text::cut;
use crate::import::headings::{Headings, JOINT, pieces_of};
use crate::import::layout::channels;
use crate::import::layout::products::Cells;
use crate::import::layout::sheet::Sheet;
use crate::import::layout::usage::columns::split_year;
use crate::import::layout::wide::year_of;

/// The years of the columns that have one.
#[derive(Debug, Default)]
pub(super) struct Years {
    of: Vec<(usize, Dated)>,
}

/// Cells of a row that are of one time.
pub(super) struct Part {
    /// The year that their headings name.
    pub(super) year: Option<Dated>,
    pub(super) cells: Cells,
    /// Whether they are of the newest year, or of none: what else the row says is of these.
    pub(super) is_newest: bool,
}

impl Years {
    /// Those of channels that have several columns, each of which names a year of its own.
    pub(super) fn find(catalogue: &Catalogue, headings: &Headings, columns: &[(usize, ChannelIx)]) -> Self {
        let year = |at: usize| Some((at, year_in(catalogue, headings.text(at))?));
        let mut of: Vec<(usize, Dated)> = Vec::new();
        for (first, channel) in columns {
            let own = || columns.iter().filter(|(_, other)| other == channel).map(|(at, _)| *at);
            let left = left_out(catalogue, headings).filter(|other| other == channel).count();
            if own().next() != Some(*first) || own().count() + left < 2 {
                continue;
            }
            let years: Option<Vec<(usize, Dated)>> = own().map(year).collect();
            let mut found = years.unwrap_or_default();
            found.sort_by_key(|(_, year)| year.on);
            if found.windows(2).all(|two| two[0].1.on < two[1].1.on) {
                of.append(&mut found);
            }
        }
        Self { of }
    }

    /// The year of a column.
    pub(super) fn year(&self, at: usize) -> Option<Dated> {
        self.of.iter().find(|(other, _)| *other == at).map(|(_, year)| *year)
    }

    /// The cells of a row by their years, the oldest first.
    pub(super) fn parts(&self, cells: Cells) -> Vec<Part> {
        if self.of.is_empty() {
            return vec![Part { year: None, cells, is_newest: true }];
        }
        let mut years: Vec<Dated> = self.of.iter().map(|(_, year)| *year).collect();
        years.sort_by_key(|year| year.on);
        years.dedup();
        let newest = years.last().copied();
        let times = years.into_iter().map(Some).chain([None]);
        let parts = times.map(|year| {
            let own = cells.iter().filter(|(at, ..)| self.year(*at) == year).cloned().collect();
            Part { year, cells: own, is_newest: year.is_none() || year == newest }
        });
        parts.filter(|part| !part.cells.is_empty()).collect()
    }

    /// Tells how they are read.
    pub(super) fn tell(&self, sheet: &mut Sheet<'_>) {
        let names: Vec<String> = self.of.iter().map(|(at, _)| cut(&sheet.headings.name(*at), 40)).collect();
        if !names.is_empty() {
            let names = names.join("」「");
            sheet.notes.push(format!("「{names}」の列は、それぞれの年度の末の状況として記録します。"));
        }
    }
}

/// The columns of channels whose headings name a fiscal year as well, where there are several of a channel, or the
/// year stands in a row below the only column of one: of any other it is asked.
pub(super) fn years_of_channels(
    catalogue: &Catalogue,
    headings: &Headings,
    taken: &[Option<usize>],
    known: &[(usize, ChannelIx)],
) -> Vec<(usize, ChannelIx)> {
    let is_open = |at: usize| !(taken.contains(&Some(at)) || known.iter().any(|(other, _)| *other == at));
    let open = headings.all().filter(|(at, _)| is_open(*at));
    let mut found: Vec<(usize, ChannelIx)> =
        open.filter_map(|(at, text)| Some((at, channel_beside_year(catalogue, text)?))).collect();
    let own = found.iter().map(|(_, channel)| *channel);
    let all: Vec<ChannelIx> = own.chain(left_out(catalogue, headings)).collect();
    found.retain(|(at, channel)| {
        let alone = || !known.iter().any(|(_, other)| other == channel);
        all.iter().filter(|other| *other == channel).count() > 1
            || (headings.text(*at).contains(JOINT) && alone())
    });
    found
}

/// The channel of a heading that names it together with a fiscal year: オンライン（R5）, R5オンライン, オンライン over
/// R5.
fn channel_beside_year(catalogue: &Catalogue, heading: &str) -> Option<ChannelIx> {
    let pieces: Vec<&str> = pieces_of(heading).collect();
    let (lowest, above) = pieces.split_last()?;
    if year_of(lowest).is_some() {
        return above.iter().rev().find_map(|piece| channels::named(catalogue, piece));
    }
    channels::named(catalogue, beside_year(&split_year(lowest)?.1))
}

/// The channels of such headings that the sender wants left out: what stood beside a year says that it is one.
fn left_out(catalogue: &Catalogue, headings: &Headings) -> impl Iterator<Item = ChannelIx> {
    let left = (0..=headings.last()).filter(|at| headings.is_left_out(*at));
    left.filter_map(|at| channel_beside_year(catalogue, headings.bare(at)))
}

/// What stands beside a year, without the words that belong to it.
fn beside_year(rest: &str) -> &str {
    const WORDS: [&str; 3] = ["末", "時点", "現在"];
    let word = |text: &str| WORDS.iter().find_map(|word| text.strip_prefix(word)).map(str::len);
    let mut rest = rest;
    while let Some(left) = word(rest) {
        rest = &rest[rest.len() - left..];
    }
    rest.strip_prefix('の').unwrap_or(rest)
}

/// The fiscal year that a heading names beside a channel, or alone.
fn year_in(catalogue: &Catalogue, heading: &str) -> Option<Dated> {
    let lowest = pieces_of(heading).last()?;
    year_of(lowest).or_else(|| {
        let (year, rest) = split_year(lowest)?;
        channels::named(catalogue, beside_year(&rest))?;
        year_of(&year.to_string())
    })
}
