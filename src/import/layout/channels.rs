//! Which channel the marks of a column are about, by its heading: オンライン対応状況, 電子申請の有無,
//! 窓口（書かない）, オンライン over マイナポータル.

use super::channel_words::channel_of;
use super::column::Column;
use super::sheet::Sheet;
use super::unknown::left_out;
use crate::domain::catalogue::{Catalogue, ChannelIx};
use crate::domain::dates::Dated;
use crate::domain::loose_dates::{Purpose, ReadDay, read_day};
use crate::domain::readiness::Scale;
use crate::domain::text::{cut, fold_for_match};
use crate::import::Fault;
use crate::import::headings::pieces_of;
use crate::import::marks::{Choice, Question};
use crate::import::table::Row;

/// What may stand behind a channel without saying anything else than that its state is told, folded.
const ENDS: &[&str] = &[
    "の",
    "状況",
    "有無",
    "可否",
    "対応",
    "実施",
    "導入",
    "整備",
    "化",
    "可能",
    "可",
    "申請",
    "届出",
    "手続",
    "手続き",
    "受付",
    "段階",
    "レベル",
    "区分",
    "現状",
    "現在",
    "状態",
    "判定",
    "回答",
    "結果",
    "?",
];
/// Words for the newest of several states of a channel, folded.
const OF_NOW: &[&str] = &["今回", "今期", "今年", "今年度", "本年度", "現行", "現時点", "最新"];
/// The body's own counter, in a table that has columns of other channels, folded.
const DESK: &[&str] = &["窓口", "来庁", "対面"];
/// Ways of applying beside which 窓口 is one more of them, folded.
const OTHER_WAYS: &[&str] = &[
    "郵送",
    "郵便",
    "fax",
    "ファックス",
    "ファクシミリ",
    "電話",
    "メール",
    "電子メール",
    "はがき",
    "ハガキ",
    "葉書",
];
/// Words of a heading for what is only planned.
const PLANS: &[&str] = &["予定", "目標", "計画", "検討", "見込"];

/// What stands in a column, as far as channels are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// What is offered on a channel.
    Channel(ChannelIx),
    /// Something else, below the name of a channel.
    Below(ChannelIx),
}

/// What a heading of one or several rows says of channels.
pub(super) fn about(catalogue: &Catalogue, heading: &str) -> Option<About> {
    let pieces: Vec<&str> = pieces_of(heading).collect();
    let (lowest, above) = pieces.split_last()?;
    if let Some(channel) = named(catalogue, lowest) {
        // 目標（R9年度末） over オンライン.
        let planned = above.iter().any(|piece| field_of_plans(piece).is_some());
        return Some(if planned { About::Below(channel) } else { About::Channel(channel) });
    }
    let channel = above.iter().rev().find_map(|piece| named(catalogue, piece))?;
    Some(if tells_state(lowest) { About::Channel(channel) } else { About::Below(channel) })
}

/// The channel that one part of a heading names, whatever stands behind it for "its state".
pub(super) fn named(catalogue: &Catalogue, text: &str) -> Option<ChannelIx> {
    let mut folded = fold_for_match(text);
    if !folded.is_ascii() {
        // What data sets put between words.
        folded.retain(|c| c != '_');
    }
    if let Some(channel) = channel_of(catalogue, &folded).or_else(|| bare(catalogue, &folded)) {
        return Some(channel);
    }
    let (outer, inner) = folded.strip_suffix(')')?.split_once('(')?;
    let wide = bare(catalogue, outer)?;
    let own = bare(catalogue, inner);
    let scale = |channel: ChannelIx| catalogue.channel(channel).scale;
    match own {
        // The more particular of the two, where the other one names no means.
        Some(own) if scale(own) == scale(wide) && is_vague(catalogue, wide) => Some(own),
        Some(_) => None,
        None => tells_state(inner).then_some(wide),
    }
}

/// Whether a heading is only that of the body's own counter: 窓口, 来庁.
pub(super) fn is_desk(heading: &str) -> bool {
    let lowest = pieces_of(heading).last().unwrap_or_default();
    without_ends(&fold_for_match(lowest)).any(|text| DESK.contains(&text))
}

/// Whether a heading is that of plans.
pub(super) fn tells_plans(heading: &str) -> bool {
    let lowest = pieces_of(heading).last().unwrap_or_default();
    PLANS.iter().any(|word| lowest.contains(word))
}

/// The field of plans that the upper part of a heading names, behind which a day may stand in brackets.
pub(super) fn field_of_plans(piece: &str) -> Option<Column> {
    plan_of(piece).map(|(field, _)| field)
}

fn plan_of(piece: &str) -> Option<(Column, Option<ReadDay>)> {
    let (name, day) =
        match piece.trim().strip_suffix([')', '）']).and_then(|text| text.rsplit_once(['(', '（'])) {
            Some((name, day)) => (name, Some(known_day(day)?)),
            None => (piece, None),
        };
    let field = Column::of_heading(name)?;
    matches!(field, Column::TargetLevel | Column::TargetOn).then_some((field, day))
}

/// A day that is known, of plans.
fn known_day(text: &str) -> Option<ReadDay> {
    read_day(text, Purpose::Until).ok().filter(|read| read.dated.is_some())
}

/// The day that a heading says of the plans below it, or is; with what is told of it.
pub(super) fn day_over_plans(heading: &str) -> Option<ReadDay> {
    let in_brackets = || pieces_of(heading).find_map(plan_of).and_then(|(_, day)| day);
    let below = || known_day(pieces_of(heading).last()?);
    in_brackets().or_else(|| day_of_plans(heading)).or_else(below)
}

/// The day that a heading names of the plans below it, whatever they are called and whatever stands around it:
/// R9年度末目標, 目標（R9年度末）, オンライン（令和9年3月目標）.
fn day_of_plans(heading: &str) -> Option<ReadDay> {
    const AROUND: &str = "()（）[]［］「」の：:・、_";
    let around = |c: char| c.is_whitespace() || AROUND.contains(c);
    let day = |text: &str| known_day(text.trim_matches(around));
    let parts = |text: &'_ str| text.split(around).map(str::to_owned).collect::<Vec<String>>();
    pieces_of(heading).find_map(|piece| {
        let (before, behind) = PLANS.iter().find_map(|word| piece.split_once(word))?;
        let nearest = parts(before).into_iter().rev().chain(parts(behind));
        day(before).or_else(|| day(behind)).or_else(|| nearest.into_iter().find_map(|part| day(&part)))
    })
}

/// The day of plans that the lowest part of a heading is: R8年度末, R9.3.
pub(super) fn time_below(heading: &str) -> Option<Dated> {
    known_day(pieces_of(heading).last()?)?.dated
}

/// The channel of a column of which the heading leaves the means open, and the sender names it.
pub(super) fn narrowed(catalogue: &Catalogue, of_heading: ChannelIx, said: ChannelIx) -> ChannelIx {
    let scale = |channel: ChannelIx| catalogue.channel(channel).scale;
    let fits = is_vague(catalogue, of_heading) && scale(of_heading) == scale(said);
    if fits { said } else { of_heading }
}

/// Tells of a column that is headed 窓口 alone; one that may say whether a counter takes something in, and not
/// whether somebody has to write there, is asked about.
pub(super) fn tell_desk(sheet: &mut Sheet<'_>, columns: &[(usize, ChannelIx)]) {
    let headings = sheet.headings;
    let desk = columns.iter().find(|(at, channel)| {
        sheet.catalogue.channel_ix("counter") == Some(*channel) && is_desk(headings.meaning(*at))
    });
    let Some((at, _)) = desk else { return };
    let name = headings.name(*at);
    // A column that is left out is beside it all the same.
    let way = sheet.table.rows[headings.rows()].iter().flat_map(Row::cells).find(|text| is_other_way(text));
    if way.is_none() && !takes_in(headings.meaning(*at)) {
        sheet.notes.push(format!("見出しの「{}」は本庁窓口として読みました。", cut(&name, 40)));
        return;
    }
    let beside = way.map_or_else(String::new, |way| format!("「{}」の列もあるため、", cut(way, 40)));
    let message = format!(
        "{beside}「{}」は、窓口で書かずに済むかではなく、窓口で受け付けているかの列に見えます。どちらかを指定してください",
        cut(&name, 40)
    );
    let fault = Fault::whole("way_of_applying", message).at_line(headings.line).in_column(*at, &name);
    sheet.faults.push(fault.found(&name).allowing("書かない窓口の段階か印の列").asked_elsewhere());
    sheet.questions.push(way_or_level(&name));
}

/// Whether a text names a way of applying that is no channel: 郵送, FAX.
pub(super) fn is_other_way(text: &str) -> bool {
    let folded = fold_for_match(text);
    OTHER_WAYS.iter().any(|way| folded.starts_with(way))
}

fn way_or_level(name: &str) -> Question {
    let label = "窓口で受け付けているかの列（取り込まない）".to_owned();
    let level = Choice {
        parameter: "columns".to_owned(),
        value: format!("{}=counter", fold_for_match(name)),
        label: "窓口で書かずに済むかの列（書かない窓口の段階）".to_owned(),
    };
    let question = format!("「{}」は、窓口で書かずに済むかの列ですか", cut(name, 100));
    Question {
        mark: cut(name, 100),
        headings: vec![cut(name, 60)],
        choices: vec![Choice { label, ..left_out(name) }, level],
        ..Question::about_the_file("columns", question, [])
    }
}

/// Whether a heading says of a counter that it takes something in: 窓口受付.
fn takes_in(heading: &str) -> bool {
    const WORDS: [&str; 5] = ["受付", "申請", "届出", "提出", "持参"];
    let lowest = fold_for_match(pieces_of(heading).last().unwrap_or_default());
    WORDS.iter().any(|word| lowest.ends_with(word))
}

/// Tells where rows name another channel than the sender says of the table.
pub(super) fn tell_other(sheet: &mut Sheet<'_>, rows: &[&Row], column: Option<usize>) {
    let (Some(said), Some(column)) = (sheet.options.channel, column) else { return };
    let catalogue = sheet.catalogue;
    let other =
        |row: &&&Row| channel_of(catalogue, row.cell(column).trim()).is_some_and(|channel| channel != said);
    if let Some(row) = rows.iter().find(other) {
        sheet.tell_other_channel(row, column);
    }
}

/// The channel of a (folded) text once what stands behind it is taken off.
fn bare(catalogue: &Catalogue, folded: &str) -> Option<ChannelIx> {
    without_ends(folded).find_map(|text| plain(catalogue, text))
}

/// The channel that a (folded) text names as it stands.
pub(super) fn plain(catalogue: &Catalogue, folded: &str) -> Option<ChannelIx> {
    let desk = || DESK.contains(&folded).then(|| catalogue.channel_ix("counter")).flatten();
    // A single letter begins the label of something by chance.
    let whole = || channel_of(catalogue, folded).filter(|_| folded.chars().count() > 1);
    desk().or_else(whole)
}

/// A text, and the same without one word after the other at its end.
fn without_ends(folded: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folded), |text| {
        let end = ENDS.iter().filter(|end| text.ends_with(**end)).max_by_key(|end| end.len())?;
        Some(&text[..text.len() - end.len()]).filter(|rest| !rest.is_empty())
    })
}

/// Whether a text says of no other thing than the state of what is named beside or above it.
pub(super) fn tells_state(text: &str) -> bool {
    let folded = fold_for_match(text);
    if Column::of_heading(&folded) == Some(Column::Level) {
        return true;
    }
    let mark = |c: char| "○〇◯●◎×✕△▲・/、,-~0123456789".contains(c);
    let words = folded.trim_matches(mark);
    words.is_empty()
        || OF_NOW.contains(&words)
        || without_ends(words).last().is_some_and(|rest| ENDS.contains(&rest))
}

/// Whether a channel is that of its scale which names no means.
pub(super) fn is_vague(catalogue: &Catalogue, channel: ChannelIx) -> bool {
    let wanted = match catalogue.channel(channel).scale {
        Scale::Online => "online",
        Scale::Counter => "counter",
    };
    catalogue.channel_ix(wanted) == Some(channel)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::readiness::Channel;

    /// The channels alone: nothing else is looked at.
    fn catalogue() -> Catalogue {
        let mut reader = csv::Reader::from_reader(include_str!("../../../data/channels.csv").as_bytes());
        let channel = |row: csv::StringRecord| Channel {
            id: row[0].parse().unwrap(),
            label_ja: row[2].to_owned(),
            label_en: row[3].to_owned(),
            scale: row[4].parse().unwrap(),
            place: row[5].parse().unwrap(),
            named: &row[6] == "true",
        };
        let channels = reader.records().map(|row| channel(row.unwrap())).collect();
        Catalogue::new(Vec::new(), Vec::new(), channels, Vec::new(), Vec::new()).unwrap()
    }

    fn told(heading: &str) -> String {
        let catalogue = catalogue();
        match about(&catalogue, heading) {
            Some(About::Channel(channel)) => catalogue.channel(channel).id.to_string(),
            Some(About::Below(channel)) => format!("below {}", catalogue.channel(channel).id),
            None => "-".to_owned(),
        }
    }

    #[test]
    fn words_behind_a_channel_do_not_matter() {
        for (heading, channel) in [
            ("オンライン対応", "online"),
            ("オンライン化状況", "online"),
            ("オンライン化の状況", "online"),
            ("オンライン化", "online"),
            ("オンライン申請の可否", "online"),
            ("オンライン_可否", "online"),
            ("電子申請の有無", "eapp"),
            ("電子申請対応", "eapp"),
            ("電子申請の可否", "eapp"),
            ("マイナポータル対応状況", "mynaportal"),
            ("窓口対応", "counter"),
            ("窓口", "counter"),
            ("窓口（書かない）", "counter"),
            ("書かない窓口対応", "counter"),
            ("書かない窓口の状況", "counter"),
            ("コンビニ交付の有無", "convenience"),
            ("オンライン（マイナポータル）", "mynaportal"),
            ("オンライン対応（○×）", "online"),
            ("オンライン（行かない）", "online"),
            ("窓口名", "-"),
            ("窓口数", "-"),
            ("総合窓口", "-"),
            ("担当窓口", "-"),
            ("LoGoフォーム", "-"),
            ("いばらき電子申請・届出サービス", "-"),
            ("対応", "-"),
            ("状況", "-"),
            ("申請", "-"),
            ("化", "-"),
            ("備考", "-"),
        ] {
            assert_eq!(told(heading), channel, "{heading}");
        }
    }

    #[test]
    fn what_stands_below_a_channel_is_that_channel_only_if_it_tells_its_state() {
        for (heading, channel) in [
            ("オンライン／状況", "online"),
            ("オンライン／区分", "online"),
            ("書かない窓口／可否", "counter"),
            ("汎用電子申請／段階", "eapp"),
            ("オンライン／マイナポータル", "mynaportal"),
            ("オンライン／専用", "dedicated"),
            ("書かない窓口／本庁", "counter"),
            ("概要／オンライン対応", "online"),
            ("オンライン／申請", "online"),
            ("オンライン／今回", "online"),
            ("オンライン／前回", "below online"),
            ("オンライン／優先度", "below online"),
            ("オンライン／LoGoフォーム", "below online"),
            ("オンライン／予定", "below online"),
            ("オンライン／検討", "below online"),
            ("書かない窓口／窓口数", "below counter"),
            ("オンライン／開始日", "below online"),
            ("概要／担当課", "-"),
        ] {
            assert_eq!(told(heading), channel, "{heading}");
        }
    }
}
