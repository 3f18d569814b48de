//! Tells of products that are recorded on a channel which is not theirs: one of the two may be a slip.

use std::collections::HashMap;

use super::channel_words::is_of_other_channel;
use crate::domain::Refusal;
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::readiness::Source;
use crate::domain::text::cut;
use crate::import::{Fault, Field, Reading, Said};

/// Warns of the products among what a table says that are of other channels, each once with its first line.
pub(super) fn tell(catalogue: &Catalogue, reading: &mut Reading) {
    let mut seen: HashMap<(&str, ChannelIx), bool> = HashMap::new();
    let mut told = Vec::new();
    for statement in reading.statements.iter().filter(|one| one.source == Source::Own) {
        let Said::Readiness(channel, patch) = &statement.said else { continue };
        let Field::Set(system) = &patch.system else { continue };
        let mut is_new = false;
        let other = *seen.entry((system, *channel)).or_insert_with(|| {
            is_new = true;
            is_of_other_channel(catalogue, system, *channel)
        });
        if other && is_new {
            told.push(warning(catalogue, (system, *channel)).at_line(statement.line));
        }
    }
    reading.warnings.extend(told);
}

fn warning(catalogue: &Catalogue, (system, channel): (&str, ChannelIx)) -> Fault {
    let shown = cut(system, 40);
    let message = format!(
        "「{shown}」は普通「{}」ではない接点の製品です。書かれたとおりに記録しますが、接点に誤りがないか確かめてください",
        catalogue.channel(channel).label_ja
    );
    Fault::of(Refusal::new(
        "product_of_other_channel",
        &shown,
        message,
        "a product that is of another channel",
    ))
}
