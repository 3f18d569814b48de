//! Whose a table is by what stands around it: a title, a section, the name of its sheet.

use super::sheet::{BodyColumns, Sheet};
use super::titles::mentioned;
use crate::domain::text::cut;
use crate::import::Fault;
use crate::import::marks::Question;

/// Refuses a table of which neither a column nor the sender says whose it is.
pub(super) fn require_body(sheet: &Sheet<'_>, place: &BodyColumns) -> Result<(), Vec<Fault>> {
    let is_said = place.exists() || sheet.options.municipality.is_some();
    if is_said { Ok(()) } else { Err(vec![whose(sheet)]) }
}

/// The fault of a table that does not say whose it is, with what its titles say as the chosen answer.
fn whose(sheet: &Sheet<'_>) -> Fault {
    let catalogue = sheet.catalogue;
    let texts = sheet.remarks.iter().map(String::as_str).chain(sheet.table.container.sheet());
    let found = mentioned(catalogue, texts);
    let choices: Vec<(String, String)> = found
        .iter()
        .map(|body| {
            let row = catalogue.body(*body);
            (row.code.to_string(), cut(&format!("{}{}（表の題などから）", row.prefecture_name, row.name), 60))
        })
        .collect();
    let suggestion = choices.first().filter(|_| choices.len() == 1).map(|(code, _)| code.clone());
    let question =
        Question::about_the_file("municipality", "どの団体の表ですか（団体コードか団体名）", choices);
    missing_body().asking(Question { suggestion, ..question })
}

/// The fault of a table that does not say whose it is.
pub(super) fn missing_body() -> Fault {
    Fault::whole(
        "missing_municipality",
        "どの団体の表か分かりません。団体コードの列を足すか、団体（municipality）を指定してください。",
    )
    .allowing("全国地方公共団体コード（6桁）か団体名")
}
