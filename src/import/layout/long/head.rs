//! The columns of the long layout and where they stand in a table.

use std::collections::HashMap;

use crate::domain::codes::codes;
use crate::domain::text::fold_for_match;
use crate::import::Fault;
use crate::import::table::{Row, Table};

codes! {
    /// The columns of the long layout, in the order of the export.
    Column, "列", "column" {
        MunicipalityCode = "municipality_code", "団体コード", "local government code, 6 digits";
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
    }
}

/// Other headings that towns use for the same columns.
const SYNONYMS: &[(&str, Column)] = &[
    ("市区町村コード", Column::MunicipalityCode),
    ("全国地方公共団体コード", Column::MunicipalityCode),
    ("自治体コード", Column::MunicipalityCode),
    ("コード", Column::MunicipalityCode),
    ("code", Column::MunicipalityCode),
    ("市区町村名", Column::MunicipalityName),
    ("自治体名", Column::MunicipalityName),
    ("手続番号", Column::ProcedureId),
    ("手続名称", Column::ProcedureName),
    ("手続の名称", Column::ProcedureName),
    ("チャネル", Column::Channel),
    ("対応状況", Column::Level),
    ("システム名", Column::System),
    ("理由", Column::ApplicabilityReason),
    ("適用開始日", Column::EffectiveOn),
    ("メモ", Column::Note),
];

/// How far down the heading row is looked for.
const HEADING_ROWS: usize = 20;

/// Where each column stands.
pub(in crate::import::layout) struct Head {
    pub(super) row: usize,
    pub(super) columns: HashMap<Column, usize>,
}

/// Finds the heading row: the first with a code or name of the body and an id or name of the
/// procedure. `None` if there is none, a fault if it names a column twice.
pub(in crate::import::layout) fn find_head(table: &Table) -> Option<Result<Head, Vec<Fault>>> {
    table.rows.iter().take(HEADING_ROWS).enumerate().find_map(|(at, row)| {
        let named: Vec<(usize, Column)> = row
            .cells
            .iter()
            .enumerate()
            .filter_map(|(position, cell)| Some((position, column_of(cell)?)))
            .collect();
        let has = |column| named.iter().any(|(_, other)| *other == column);
        let body = has(Column::MunicipalityCode);
        let procedure = has(Column::ProcedureId) || has(Column::ProcedureName);
        (body && procedure).then(|| head_of(at, row, &named))
    })
}

fn head_of(at: usize, row: &Row, named: &[(usize, Column)]) -> Result<Head, Vec<Fault>> {
    let mut columns = HashMap::new();
    let mut faults = Vec::new();
    for (position, column) in named {
        if let Some(first) = columns.insert(*column, *position) {
            faults.push(
                Fault::whole("duplicate_heading", format!("同じ意味の見出しが{}列目にもあります", first + 1))
                    .at_line(row.line)
                    .in_column(*position, row.cell(*position))
                    .found(row.cell(*position)),
            );
        }
    }
    if faults.is_empty() { Ok(Head { row: at, columns }) } else { Err(faults) }
}

pub(super) fn column_of(heading: &str) -> Option<Column> {
    let folded = fold_for_match(heading);
    Column::ALL
        .iter()
        .copied()
        .find(|column| column.code() == folded || fold_for_match(column.label()) == folded)
        .or_else(|| {
            SYNONYMS.iter().find(|(synonym, _)| fold_for_match(synonym) == folded).map(|(_, column)| *column)
        })
}
