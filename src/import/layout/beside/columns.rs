//! The columns of words beside marks: what each is about.

use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::readiness::Scale;
use crate::domain::text::fold_for_match;
use crate::import::headings::{Headings, JOINT, pieces_of};
use crate::import::layout::channels;
use crate::import::layout::column::Column;

/// The columns of the long layout that may stand beside marks.
const FIELDS: [Column; 9] = [
    Column::Section,
    Column::Url,
    Column::System,
    Column::Note,
    Column::State,
    Column::TargetLevel,
    Column::TargetOn,
    Column::ApplicabilityReason,
    Column::EffectiveOn,
];

/// Of which channels the words of a column are said; the narrower goes before the wider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    Channel(ChannelIx),
    Online,
    Counter,
    /// Of those that the row states.
    Row,
}

/// A column of words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words {
    pub(super) at: usize,
    pub(super) field: Column,
    pub(super) scope: Scope,
}

/// The channel of the one column of marks whose heading stands in that of another column: LoGoフォーム開始日 beside
/// LoGoフォーム.
pub(in crate::import::layout) fn channel_named_in(
    headings: &Headings,
    at: usize,
    marked: &[(usize, ChannelIx)],
) -> Option<ChannelIx> {
    /// Shorter headings stand in others by chance.
    const SHORTEST: usize = 3;
    let folded = |at: usize| fold_for_match(pieces_of(headings.text(at)).last().unwrap_or_default());
    let own = folded(at);
    let mut named = marked.iter().filter(|(at, _)| {
        let head = folded(*at);
        head.chars().count() >= SHORTEST && own.contains(&head)
    });
    let (_, channel) = named.next()?;
    named.next().is_none().then_some(*channel)
}

/// Whether a heading is that of words beside marks, and not of a channel.
pub(in crate::import::layout) fn is_beside(catalogue: &Catalogue, heading: &str) -> bool {
    !is_channel(catalogue, heading) && read_heading(catalogue, heading).is_some()
}

/// Whether a heading is that of the marks of a channel.
pub(super) fn is_channel(catalogue: &Catalogue, heading: &str) -> bool {
    matches!(channels::about(catalogue, heading), Some(channels::About::Channel(_)))
}

/// The field of a heading, and the channel it names: 担当課, 電子申請URL, 備考（窓口）, 電子申請／URL.
pub(super) fn read_heading(catalogue: &Catalogue, heading: &str) -> Option<(Column, Scope)> {
    let known = |column: &Column| FIELDS.contains(column);
    if let Some(field) = pieces_of(heading).find_map(channels::field_of_plans)
        && let Some(channels::About::Below(channel)) = channels::about(catalogue, heading)
    {
        return Some((field, Scope::Channel(channel)));
    }
    if let Some(field) = Column::of_heading(heading).filter(known)
        && !heading.contains(JOINT)
    {
        return Some((field, Scope::Row));
    }
    let folded = fold_for_match(heading);
    let scope = |text: &str| {
        let bare = text.trim_matches(['の', '・', '_', '-', '/', '(', ')', '「', '」', ':', '/', '／']);
        match bare {
            "窓口" | "対面" | "来庁" => Some(Scope::Counter),
            other => channels::named(catalogue, other).map(Scope::Channel),
        }
    };
    let named = Column::names().iter().filter(|(_, column)| known(column)).find_map(|(name, column)| {
        let before = folded.strip_suffix(name.as_str()).and_then(scope);
        let scope = before.or_else(|| folded.strip_prefix(name.as_str()).and_then(scope))?;
        Some((*column, scope))
    });
    // An upper heading that is no channel's is that of a group: 概要／担当課.
    named.or_else(|| Some((Column::of_heading(heading).filter(known)?, Scope::Row)))
}

pub(super) fn wide_scope(scale: Scale) -> Scope {
    match scale {
        Scale::Online => Scope::Online,
        Scale::Counter => Scope::Counter,
    }
}

impl Words {
    /// Whether it says, of no channel by name, where, with what and in which state something is offered.
    pub(super) fn is_of_what_is_offered(self) -> bool {
        matches!(self.scope, Scope::Row | Scope::Online | Scope::Counter) && self.tells_how_it_is_offered()
    }

    /// Whether it says where, with what and in which state something is offered.
    pub(super) fn tells_how_it_is_offered(self) -> bool {
        matches!(self.field, Column::Url | Column::System | Column::State)
    }

    pub(super) fn covers(self, channel: ChannelIx, online: bool, any_online: bool) -> bool {
        match (self.scope, self.field) {
            (Scope::Channel(own), _) => own == channel,
            (Scope::Online, _) => online,
            (Scope::Counter, _) => !online,
            (Scope::Row, Column::Url | Column::System) => online,
            // Of a row with both it is mostly the online side that is planned.
            (Scope::Row, Column::TargetLevel | Column::TargetOn) => online == any_online,
            (Scope::Row, _) => true,
        }
    }

    /// The scales of the channels it may go to, the likelier first.
    pub(super) fn scales(self, catalogue: &Catalogue) -> &'static [Scale] {
        let scale = match self.scope {
            Scope::Channel(channel) => catalogue.channel(channel).scale,
            Scope::Online => Scale::Online,
            Scope::Counter => Scale::Counter,
            Scope::Row => return Scale::ALL,
        };
        if scale == Scale::Online { &Scale::ALL[..1] } else { &Scale::ALL[1..] }
    }

    pub(super) fn goes_to(self, catalogue: &Catalogue) -> &str {
        match (self.scope, self.field) {
            (Scope::Channel(channel), _) => &catalogue.channel(channel).label_ja,
            (Scope::Online, _) | (Scope::Row, Column::Url | Column::System) => {
                "その行で述べたオンラインの接点（できるものがあれば、できないものを除く）"
            }
            (Scope::Counter, _) => "その行で述べた窓口の接点",
            (Scope::Row, Column::TargetLevel | Column::TargetOn) => {
                "その行で述べたオンラインの接点（なければ窓口の接点）"
            }
            (Scope::Row, _) => "その行で述べたすべての接点",
        }
    }
}
