//! The columns of the long layout and where they stand in a table.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::domain::codes::codes;
use crate::domain::text::fold_for_match;
use crate::import::headings::{self, Headings, spellings};
use crate::import::layout::sheet::{CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME};
use crate::import::table::Table;
use crate::import::{Fault, Options};

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

/// Other headings that towns use for the same columns. Those of body and procedure are shared by
/// all layouts.
const SYNONYMS: &[(&str, Column)] = &[
    ("チャネル", Column::Channel),
    ("対応状況", Column::Level),
    ("システム名", Column::System),
    ("理由", Column::ApplicabilityReason),
    ("適用開始日", Column::EffectiveOn),
    ("メモ", Column::Note),
];

/// Where each column stands.
pub(in crate::import::layout) struct Head {
    pub(in crate::import::layout) headings: Headings,
    pub(super) columns: HashMap<Column, usize>,
}

/// Finds the headings: a body, a procedure, and what is said of them. `None` if there are none, a
/// fault if they name a column twice.
pub(in crate::import::layout) fn find_head(
    table: &Table,
    options: &Options,
) -> Option<Result<Head, Vec<Fault>>> {
    let named = |headings: &Headings| -> Vec<(usize, Column)> {
        headings.all().filter_map(|(at, text)| Some((at, Column::of_heading(text)?))).collect()
    };
    let headings = headings::find(table, options, |headings| {
        let named = named(headings);
        let has = |columns: &[Column]| named.iter().any(|(_, other)| columns.contains(other));
        let body = has(&[Column::MunicipalityCode, Column::MunicipalityName]);
        let procedure = has(&[Column::ProcedureId, Column::ProcedureName]);
        let says = has(&[Column::Channel, Column::Level, Column::Applicability, Column::State]);
        if body && procedure && says { named.len() } else { 0 }
    })?;
    let named = named(&headings);
    Some(head_of(headings, &named))
}

fn head_of(headings: Headings, named: &[(usize, Column)]) -> Result<Head, Vec<Fault>> {
    let mut columns = HashMap::new();
    let mut faults = Vec::new();
    for (position, column) in named {
        if let Some(first) = columns.insert(*column, *position) {
            let text = headings.text(*position);
            faults.push(
                Fault::whole("duplicate_heading", format!("同じ意味の見出しが{}列目にもあります", first + 1))
                    .at_line(headings.line)
                    .in_column(*position, text)
                    .found(text),
            );
        }
    }
    if faults.is_empty() { Ok(Head { headings, columns }) } else { Err(faults) }
}

impl Column {
    /// The column of a heading.
    pub(in crate::import::layout) fn of_heading(heading: &str) -> Option<Self> {
        /// By what each column is known, folded.
        static COLUMNS: LazyLock<HashMap<String, Column>> = LazyLock::new(|| {
            let shared = [
                (CODE, Column::MunicipalityCode),
                (PREFECTURE, Column::PrefectureName),
                (NAME, Column::MunicipalityName),
                (PROCEDURE_ID, Column::ProcedureId),
                (PROCEDURE_NAME, Column::ProcedureName),
            ];
            let own = Column::ALL.iter().flat_map(|column| {
                [(column.code().to_owned(), *column), (fold_for_match(column.label()), *column)]
            });
            let others = shared
                .into_iter()
                .flat_map(|(names, column)| names.iter().map(move |name| (*name, column)))
                .chain(SYNONYMS.iter().copied());
            // A synonym never takes the name of a column away.
            others.map(|(name, column)| (name.to_owned(), column)).chain(own).collect()
        });
        spellings(heading).find_map(|folded| COLUMNS.get(&folded).copied())
    }
}
