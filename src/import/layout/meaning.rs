//! What a sender says that a heading means, in words that every layout knows.

use super::column::Column;
use super::usage::is_heading;
use super::{channel_words, channels, own_material};
use crate::domain::Refusal;
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::text::{cut, fold_for_match, nearest};
use crate::import::headings::PREFECTURE;
use crate::import::resolve::{Bodies, LostZeros, Procedures, Told};

/// What a sender says that a heading means, in words that every layout knows: the name of a field,
/// the id of a procedure or channel, the code of a body.
///
/// # Errors
///
/// What names nothing.
pub(in crate::import) fn meaning_of_heading(catalogue: &Catalogue, text: &str) -> Result<String, Refusal> {
    let is_field = Column::of_heading(text).is_some()
        || PREFECTURE.contains(&fold_for_match(text).as_str())
        || is_heading(text)
        || own_material::is_field(text);
    let body = || {
        let bodies = Bodies::new(catalogue, &[], LostZeros::Judged);
        let by_name = || bodies.find(Told { name: text, ..Told::default() }).ok().map(|found| found.body);
        catalogue.find_body(text).ok().or_else(by_name)
    };
    let found = if is_field {
        Some(text.to_owned())
    } else if let Some(channel) =
        channel_words::channel_of(catalogue, text).or_else(|| channels::named(catalogue, text))
    {
        Some(catalogue.channel(channel).id.to_string())
    } else if let Some(procedure) = Procedures::new(catalogue, &[]).of_heading(text) {
        Some(catalogue.procedure(procedure).id.to_string())
    } else {
        body().map(|body| catalogue.body(body).code.to_string())
    };
    found.ok_or_else(|| {
        let labels = Column::ALL.iter().map(|column| column.label());
        let near = nearest(text, labels.chain(catalogue.procedures().iter().map(|row| row.name_ja.as_str())));
        let refusal = Refusal::new(
            "unknown_heading_meaning",
            text,
            format!("見出しの意味「{}」は分かりません", cut(text, 40)),
            "a heading can mean a field, a procedure, a channel or a body",
        )
        .allowed("項目（段階、担当課、URL など）、手続IDか手続名、接点、団体コードか団体名");
        match near {
            Some(near) => refusal.suggest(near),
            None => refusal,
        }
    })
}

/// The channel of a word: its id, its label or another word for it.
pub(in crate::import) fn channel_in_words(catalogue: &Catalogue, text: &str) -> Option<ChannelIx> {
    channel_words::channel_of(catalogue, text)
}
