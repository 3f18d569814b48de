//! The definitions of figures.

use std::sync::Arc;

use super::list::{List, view};
use super::parameters::Checks;
use super::question::{Address, Country, Question, Rows, Shape, documented};
use crate::domain::catalogue::Catalogue;
use crate::domain::readiness::Scale;
use crate::grid::Grid;
use crate::grid::definition::{self, By, Definition, NotApplicable, NotApplicableRule, Through};
use crate::grid::question::Part;

view! {
    /// 指標の定義
    DefinitionView {
        /// 定義のID
        #[schema(example = "online_rate")]
        id: &'static str,
        /// 版（同じ記録から違う値が出るようになると増える）
        #[schema(example = 2, minimum = 1)]
        version: u32,
        /// 名前
        #[schema(example = "オンライン対応率")]
        name_ja: &'static str,
        /// 英語の名前
        #[schema(example = "Online rate")]
        name_en: &'static str,
        /// 規則
        #[schema(example = "該当する手続のうち、オンラインの最高段階がしきい値以上のものの割合")]
        rule_ja: &'static str,
        /// 規則（英語）
        #[schema(example = "applicable procedures at or above the threshold ÷ applicable procedures")]
        rule_en: &'static str,
        /// 規則の出典（公表資料、法律、または todoke 自身）
        #[schema(example = "todoke の定義")]
        source: &'static str,
        /// この版が前の版から変えたこと
        #[schema(example = "団体の中央値と四分位は、丸める前の値から求めて1回だけ丸める。")]
        changed_ja: &'static str,
        /// この版が前の版から変えたこと（英語）
        #[schema(example = "median and quartiles are taken from exact fractions and rounded once")]
        changed_en: &'static str,
        /// 既定の手続一覧（all はすべての手続）
        #[schema(example = "priority56")]
        list: &'static str,
        /// 手続一覧が決まっているか。true のとき list は指定できず、procedure と category はその一覧の中から選ぶ
        #[schema(example = false)]
        fixed_list: bool,
        /// 読み取る接点の群
        scale: Scale,
        /// 接点を channel または place で選べるか
        #[schema(example = false)]
        chooses_channels: bool,
        /// 数える単位: cells（団体×手続）、bodies（団体）、inhabitants（人口）、applications（申請の件数）、statements（対応状況の申告）
        #[schema(example = "cells")]
        unit: &'static str,
        /// 結果を分けて出すときの、それぞれのコード（part で1つを選べる）
        #[schema(max_items = 50, example = json!([]))]
        parts: Vec<String>,
        /// 選べるしきい値（先頭が既定。空なら段階を問わない）
        #[schema(example = json!([3, 4, 5]))]
        thresholds: &'static [u8],
        /// 制度なしの扱い（選べるもの）
        not_applicable: Vec<NotApplicable>,
        /// 選べる集計単位
        by: &'static [By],
    }
}

impl DefinitionView {
    fn new(definition: &'static Definition, catalogue: &Catalogue) -> Self {
        let parts = Part::all(definition, catalogue).into_iter();
        Self {
            parts: parts.map(|part| part.key(catalogue).code).collect(),
            id: definition.id,
            version: definition.version,
            name_ja: definition.name_ja,
            name_en: definition.name_en,
            rule_ja: definition.rule_ja,
            rule_en: definition.rule_en,
            source: definition.source_ja,
            changed_ja: definition.changed_ja,
            changed_en: definition.changed_en,
            list: definition.list,
            fixed_list: definition.fixed_list,
            scale: definition.scale,
            unit: definition.unit.code(),
            chooses_channels: definition.through == Through::Chosen,
            thresholds: definition.thresholds,
            not_applicable: match definition.not_applicable {
                NotApplicableRule::Always(fixed) => vec![fixed],
                _ => NotApplicable::ALL.to_vec(),
            },
            by: definition.by,
        }
    }
}

/// The name of a definition, in one of two languages; its id where there is none such.
pub(crate) fn name_of(id: &str, english: bool) -> &str {
    let found = definition::DEFINITIONS.iter().find(|definition| definition.id == id);
    found.map_or(id, |definition| if english { definition.name_en } else { definition.name_ja })
}

/// The rule of a definition in a sentence of one of two languages; nothing where there is none such.
pub(crate) fn rule_of(id: &str, english: bool) -> &'static str {
    let found = definition::DEFINITIONS.iter().find(|definition| definition.id == id);
    found.map_or("", |definition| if english { definition.rule_en } else { definition.rule_ja })
}

documented!(Definitions);

/// Which definitions there are.
pub(crate) struct Definitions;

impl Question for Definitions {
    type Parts = ();
    const SHAPE: Shape = Shape::Pages;
    const LONG: bool = false;

    fn read(_: (), _: &Address<'_>, _: &mut Checks, _: &Grid) -> Option<Self> {
        Some(Self)
    }
}

impl Rows for Definitions {
    type Row = DefinitionView;

    fn answer(self, country: &Country) -> List<DefinitionView> {
        let items: Vec<&'static Definition> = definition::DEFINITIONS.iter().collect();
        let grid = Arc::clone(&country.grid);
        List::each(items, move |definition| DefinitionView::new(definition, grid.catalogue()))
    }
}
