//! Words for channels, and products that are mostly of one.

use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::text::fold_for_match;

/// Other words that towns use for a channel, folded.
const CHANNEL_WORDS: &[(&str, &str)] = &[
    ("オンライン", "online"),
    ("行かない", "online"),
    ("行かない窓口", "online"),
    ("オンライン申請", "online"),
    ("ぴったりサービス", "mynaportal"),
    ("電子申請", "eapp"),
    ("電子申請システム", "eapp"),
    ("書かない窓口", "counter"),
    ("書かない", "counter"),
    ("コンビニ", "convenience"),
    ("おくやみ", "condolence"),
    ("支所", "branch"),
    ("出張所", "branch"),
];

/// Products with which towns take applications, folded, and the channel each of them mostly is. A
/// product is no channel: it is what is suggested, never what is read.
const PRODUCTS: &[(&str, &str)] = &[
    ("logoフォーム", "eapp"),
    ("ロゴフォーム", "eapp"),
    ("graffer", "eapp"),
    ("グラファー", "eapp"),
    ("スマート申請", "eapp"),
    ("e-tumo", "eapp"),
    ("etumo", "eapp"),
    ("kintone", "eapp"),
    ("forms", "eapp"),
    ("eltax", "dedicated"),
    ("エルタックス", "dedicated"),
    ("ぴったりサービス", "mynaportal"),
    ("マイナポータル", "mynaportal"),
];
/// Words that speak of channels and of products, folded, with the channel that they mostly mean.
const SPEAK_OF: &[(&str, &str)] = &[
    ("電子申請", "eapp"),
    ("電子届出", "eapp"),
    ("フォーム", "eapp"),
    ("line", "eapp"),
    ("施設予約", "dedicated"),
    ("予約システム", "dedicated"),
    ("ぴったり", "mynaportal"),
    ("マイナポ", "mynaportal"),
    ("コンビニ", "convenience"),
    ("証明書交付サービス", "convenience"),
    ("らくらく", "kiosk"),
    ("キオスク", "kiosk"),
    ("郵便局", "post_office"),
    ("おくやみ", "condolence"),
    ("リモート", "remote"),
    ("支所", "branch"),
    ("出張所", "branch"),
    ("窓口", "counter"),
    ("オンライン", "online"),
];

/// Id of the channel that a text with the name of a product or some other word most likely means.
pub(super) fn likely_channel(text: &str) -> Option<&'static str> {
    let folded = fold_for_match(text);
    PRODUCTS.iter().chain(SPEAK_OF).find(|(word, _)| folded.contains(word)).map(|(_, id)| *id)
}

/// Whether a text names products that are of other channels than this, and none that is of it: ぴったりサービス
/// on 汎用電子申請. A channel that names no means goes with any.
pub(super) fn is_of_other_channel(catalogue: &Catalogue, text: &str, channel: ChannelIx) -> bool {
    let folded = fold_for_match(text);
    let own = catalogue.channel(channel).id.as_str();
    let mut channels =
        PRODUCTS.iter().filter(|(word, _)| folded.contains(word)).map(|(_, id)| *id).peekable();
    let means = |id: &str| PRODUCTS.iter().any(|(_, known)| *known == id);
    means(own) && channels.peek().is_some() && channels.all(|id| id != own)
}

/// Whether a text is the name of a product: one that is known, or what is called a system.
pub(super) fn names_product(text: &str) -> bool {
    const ENDS: [&str; 7] = ["システム", "サービス", "フォーム", "アプリ", "ポータル", "クラウド", "ナビ"];
    let folded = fold_for_match(text);
    let known = PRODUCTS.iter().any(|(word, _)| folded.contains(word)) || folded == "line";
    known || ENDS.iter().any(|end| folded.ends_with(end))
}

/// The channel of a heading or cell: its id, its label, the beginning of its label if no other
/// begins so, or a word for it.
pub(super) fn channel_of(catalogue: &Catalogue, text: &str) -> Option<ChannelIx> {
    let folded = fold_for_match(text);
    if folded.is_empty() {
        return None;
    }
    if let Some(ix) = catalogue.channel_ix(&folded) {
        return Some(ix);
    }
    if let Some((exact, _)) = catalogue.channel_labels().find(|(_, label)| *label == folded) {
        return Some(exact);
    }
    let word = |text: &str| CHANNEL_WORDS.iter().find(|(word, _)| *word == text);
    // 「オンライン申請の可否」 is the column of a channel as 「オンライン申請」 is.
    let asked = ["可否", "有無", "対応状況"].iter().find_map(|end| folded.strip_suffix(end));
    let bare = asked.map(|bare| bare.strip_suffix('の').unwrap_or(bare));
    if let Some((_, id)) = word(&folded).or_else(|| word(bare?)) {
        return catalogue.channel_ix(id);
    }
    let mut begins = catalogue.channel_labels().filter(|(_, label)| label.starts_with(&folded));
    // 「マイナポータル」 is enough for マイナポータル（ぴったりサービス）, if no other begins so.
    match (begins.next(), begins.next()) {
        (Some((at, _)), None) if folded.chars().count() >= 2 => Some(at),
        _ => None,
    }
}
