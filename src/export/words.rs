//! Words beside the numbers: short marks for cells, and what levels and columns mean, in Japanese.

use super::wide::state_text;
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::Catalogue;
use crate::domain::dates::Precision;
use crate::domain::readiness::{Evidence, Level, Scale, State};
use crate::grid::Grid;
use crate::grid::{ApplicabilityCell, Cell};
use crate::import::layout::column::Column;
use crate::import::layout::long::WITHDRAWN;

/// A line of an explaining sheet: what, and what it means.
pub(super) type Line = (String, String);

/// What was published, in a few words: 可, 未, 対象外. A channel is named unless it is the one
/// whose means is unknown, which national files speak of.
pub(super) fn published_words(
    catalogue: &Catalogue,
    cells: &[&Cell],
    stated: Option<&ApplicabilityCell>,
) -> String {
    if let Some(mark) = stated.and_then(|stated| stated.value.short_label()) {
        return mark.to_owned();
    }
    let words: Vec<String> = cells
        .iter()
        .map(|cell| {
            let channel = catalogue.channel(cell.channel);
            let word = level_word(cell, channel.scale);
            if channel.named { format!("{} {word}", channel.label_ja) } else { word }
        })
        .collect();
    words.join("、")
}

fn level_word(cell: &Cell, scale: Scale) -> String {
    let level = cell.level.stated_short_label(cell.at_least, scale);
    level.into_owned() + &state_text(cell.state)
}

/// The levels of both scales.
pub(super) fn level_lines() -> Vec<Line> {
    let of = |scale: Scale| {
        Level::all().map(move |level| {
            (
                format!("段階{level} {}", scale.label()),
                format!("{}: {}", level.label(scale), level.meaning_ja(scale)),
            )
        })
    };
    Scale::ALL.iter().flat_map(|scale| of(*scale)).collect()
}

/// Codes with their labels, as one text.
fn listed(codes: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    codes.map(|(code, label)| format!("{code} {label}")).collect::<Vec<_>>().join("、")
}

/// What a column of the long layout means.
fn column_meaning(column: Column, catalogue: &Catalogue) -> String {
    let states = || listed(State::ALL.iter().map(|value| (value.code(), value.label())));
    let evidence = || listed(Evidence::ALL.iter().map(|value| (value.code(), value.label())));
    let values = || listed(Applicability::ALL.iter().map(|value| (value.code(), value.label())));
    let precision = || listed(Precision::ALL.iter().map(|value| (value.code(), value.label())));
    let channels = || {
        let all = catalogue.channels().iter().map(|row| format!("{} {}", row.id, row.label_ja));
        all.collect::<Vec<_>>().join("、")
    };
    match column {
        Column::MunicipalityCode => "全国地方公共団体コード（6桁の文字列）".to_owned(),
        Column::PrefectureName => "団体のある都道府県".to_owned(),
        Column::MunicipalityName => "団体の名称".to_owned(),
        Column::ProcedureId => "手続の番号（変わらない）".to_owned(),
        Column::ProcedureName => "手続の名称".to_owned(),
        Column::Channel => format!("{}。該当性だけの行では空", channels()),
        Column::Applicability => values(),
        Column::ApplicabilityReason => "該当しない理由など".to_owned(),
        Column::Level => "0〜5。意味は下の「段階」".to_owned(),
        Column::AtLeast => "TRUE は「少なくともこの段階」で、範囲が確かめられていない".to_owned(),
        Column::State => format!("{}、{WITHDRAWN} 取下げ（適用日から、何も述べられていない）", states()),
        Column::TargetLevel => "予定している段階（0〜5）".to_owned(),
        Column::TargetOn => "予定日（年月日の文字列）".to_owned(),
        Column::TargetPrecision | Column::EffectivePrecision => precision(),
        Column::System => "製品や共同利用システムの名前".to_owned(),
        Column::Url => "様式や案内のページ".to_owned(),
        Column::Section => "担当する課".to_owned(),
        Column::Evidence => evidence(),
        Column::EffectiveOn => {
            "いつからの状況か（年月日の文字列）。時点より後の日は、その日からの予定として述べられたもの"
                .to_owned()
        }
        Column::Note => "備考".to_owned(),
        Column::Revision => {
            "書き出したときのデータの版。取り込むとき、その後に変わった行を知らせるために使う".to_owned()
        }
    }
}

/// The columns of the long layout.
pub(super) fn column_lines(catalogue: &Catalogue) -> Vec<Line> {
    let line = |column: &Column| {
        (column.code().to_owned(), format!("{}: {}", column.label(), column_meaning(*column, catalogue)))
    };
    Column::ALL.iter().map(line).collect()
}

/// Where the data is from and as of when.
pub(super) fn origin_lines(grid: &Grid) -> Vec<Line> {
    [
        ("出所", "団体の申告と、国が公表した値（todoke の記録）".to_owned()),
        ("時点", grid.as_of().to_string()),
        ("データの版", grid.revision().to_string()),
    ]
    .map(|(what, text)| (what.to_owned(), text))
    .into()
}
