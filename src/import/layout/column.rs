//! The columns of the long layout, by which other layouts and the export name what a table says, too.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::body_columns::names_both;
use crate::domain::codes::codes;
use crate::domain::text::fold_for_match;
use crate::import::headings::{
    CHANNEL, CODE, EFFECTIVE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, spellings,
};

codes! {
    /// The columns of the long layout, in the order of the export.
    Column, "列", "column" {
        MunicipalityCode = "municipality_code", "団体コード", "local government code, 6 digits";
        PrefectureName = "prefecture_name", "都道府県名", "checked against the code; tells bodies of one name apart";
        MunicipalityName = "municipality_name", "団体名", "checked against the code";
        ProcedureId = "procedure_id", "手続ID", "id of the procedure";
        ProcedureName = "procedure_name", "手続名", "for people; found by its name where the id is missing";
        Channel = "channel", "接点", "id or label of the channel; empty for applicability";
        Applicability = "applicability", "該当性", "applicable, not_applicable, other_body, abolished";
        ApplicabilityReason = "applicability_reason", "該当性の理由", "why";
        Level = "level", "段階", "0-5, with + for at least";
        AtLeast = "at_least", "以上", "true: only at least this level is known";
        State = "state", "状態", "live, prepared, seasonal, suspended, withdrawn";
        TargetLevel = "target_level", "目標段階", "planned level, 0-5";
        TargetOn = "target_on", "目標日", "planned day, month or fiscal year";
        TargetPrecision = "target_precision", "目標日の精度", "day, month, fiscal_year";
        System = "system", "システム", "product or joint system";
        Url = "url", "URL", "http or https address";
        Section = "section", "担当課", "section in charge";
        Evidence = "evidence", "根拠", "declared, published, seen, verified";
        EffectiveOn = "effective_on", "適用日", "day from which it is true";
        EffectivePrecision = "effective_precision", "適用日の精度", "day, month, fiscal_year";
        Note = "note", "備考", "free text";
        Revision = "revision", "データの版", "data revision at which an export was written; an import tells what changed since";
    }
}

/// Other headings that towns use for the same columns. Those of body, procedure and day are shared by
/// all layouts.
const SYNONYMS: &[(Column, &[&str])] = &[
    (
        Column::Channel,
        &["手段", "方法", "利用方法", "申請手段", "申請方法", "受付方法", "提供手段", "申請チャネル"],
    ),
    (
        Column::Level,
        &[
            "対応状況",
            "状況",
            "実施状況",
            "導入状況",
            "整備状況",
            "対応段階",
            "対応レベル",
            "レベル",
            "オンライン化状況",
            "対応の有無",
            "対応有無",
            "実施の有無",
            "実施有無",
            "現状",
            "現在の状況",
            "現在の対応状況",
            "現在の実施状況",
            "現在の段階",
        ],
    ),
    (
        Column::Section,
        &[
            "担当部署",
            "担当部署名",
            "担当課名",
            "担当部課",
            "担当課室",
            "担当部局",
            "担当",
            "所管",
            "所管課",
            "所管課名",
            "所管部署",
            "主管課",
            "課名",
            "部署",
            "部署名",
            "担当係",
            "係名",
            "担当室",
        ],
    ),
    (
        Column::Url,
        &[
            "リンク",
            "リンク先",
            "申請url",
            "申請先url",
            "申請用url",
            "申請ページurl",
            "申請ページ",
            "申請フォームurl",
            "申請フォーム",
            "申請先",
        ],
    ),
    (
        Column::System,
        &[
            "システム名",
            "システム名称",
            "利用システム",
            "使用システム",
            "導入システム",
            "利用システム名",
            "サービス名",
            "製品名",
            "使用ツール",
            "利用ツール",
            "ツール名",
            "利用サービス",
            "利用サービス名",
            "使用サービス",
            "利用製品",
            "導入製品",
            "導入システム名",
            "使用システム名",
        ],
    ),
    (
        Column::Note,
        &[
            "備考欄",
            "メモ",
            "摘要",
            "特記事項",
            "補足",
            "特記",
            "補足事項",
            "補足説明",
            "コメント",
            "注記",
            "備考・特記事項",
            "その他特記事項",
        ],
    ),
    (Column::TargetLevel, &["目標レベル", "目標"]),
    (
        Column::TargetOn,
        &[
            "目標時期",
            "目標年月",
            "目標年度",
            "実施予定時期",
            "実施予定日",
            "実施予定年月",
            "実施予定",
            "導入予定時期",
            "導入予定日",
            "導入予定",
            "対応予定時期",
            "対応予定日",
            "対応予定",
            "開始予定年月",
            "開始予定時期",
            "開始予定日",
            "開始予定",
            "予定時期",
            "予定日",
            "実施予定年度",
            "導入予定年度",
            "導入予定年月",
            "対応予定年度",
            "対応予定年月",
            "開始予定年度",
            "稼働予定年度",
            "整備予定年度",
        ],
    ),
    (Column::ApplicabilityReason, &["理由", "該当しない理由", "対象外の理由"]),
];

impl Column {
    /// The column of a heading.
    pub(in crate::import) fn of_heading(heading: &str) -> Option<Self> {
        let spelt: Vec<String> = spellings(heading).collect();
        Self::spelt(heading, &spelt)
    }

    /// The column of a heading that is known by some folded texts.
    pub(in crate::import::layout) fn spelt(heading: &str, spelt: &[String]) -> Option<Self> {
        static COLUMNS: LazyLock<HashMap<&str, Column>> =
            LazyLock::new(|| Column::names().iter().map(|(name, column)| (name.as_str(), *column)).collect());
        let known = spelt.iter().find_map(|folded| COLUMNS.get(folded.as_str()).copied());
        known.or_else(|| names_both(heading).then_some(Self::MunicipalityName))
    }

    /// Whether a heading is the very name of the column, and no synonym.
    pub(in crate::import::layout) fn is_named(self, heading: &str) -> bool {
        spellings(heading).any(|folded| folded == self.code() || folded == fold_for_match(self.label()))
    }

    /// By what each column is known, folded; a synonym never takes the name of a column away.
    pub(in crate::import::layout) fn names() -> &'static [(String, Self)] {
        static NAMES: LazyLock<Vec<(String, Column)>> = LazyLock::new(|| {
            let shared = [
                (Column::MunicipalityCode, CODE),
                (Column::Channel, CHANNEL),
                (Column::PrefectureName, PREFECTURE),
                (Column::MunicipalityName, NAME),
                (Column::ProcedureId, PROCEDURE_ID),
                (Column::ProcedureName, PROCEDURE_NAME),
                (Column::EffectiveOn, EFFECTIVE),
            ];
            let others = shared.into_iter().chain(SYNONYMS.iter().copied());
            let others = others
                .flat_map(|(column, names)| names.iter().map(move |name| (fold_for_match(name), column)));
            let own = Column::ALL.iter().flat_map(|column| {
                [(column.code().to_owned(), *column), (fold_for_match(column.label()), *column)]
            });
            others.chain(own).collect()
        });
        &NAMES
    }
}
