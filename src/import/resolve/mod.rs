//! Which body and which procedure a cell is about: codes with lost zeros, names in their variants.
//!
//! Code and name must agree; a code never wins over a name. What can be read in two ways is
//! decided by the name, else by the rest of the column, else by the sender, whose own names go before
//! all others.

mod bodies;
mod code;
mod former;
mod near;
mod procedures;
mod wards;

pub(super) use bodies::{Bodies, LostZeros, Told};
pub(super) use near::are_opposed;
pub(super) use procedures::Procedures;

use crate::domain::Refusal;
use crate::domain::catalogue::Catalogue;
use crate::domain::procedure::Category;
use crate::domain::text::cut;

/// What a sender says that a name stands for, in the words that tables of names know: the code of a
/// body, the id of a procedure, or a category or an edition of the list.
///
/// # Errors
///
/// What is neither.
pub(super) fn meaning_of_name(catalogue: &Catalogue, text: &str) -> Result<String, Refusal> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return catalogue.find_body(text).map(|body| catalogue.body(body).code.to_string());
    }
    if let Some(procedure) = Procedures::new(catalogue, &[]).of_heading(text) {
        return Ok(catalogue.procedure(procedure).id.to_string());
    }
    let told = Told { name: text, ..Told::default() };
    if let Ok(found) = Bodies::new(catalogue, &[], LostZeros::Judged).find(told) {
        return Ok(catalogue.body(found.body).code.to_string());
    }
    // What a list of bodies is about may be a set of procedures.
    if let Some(category) = Category::ALL.iter().find(|row| [row.code(), row.label()].contains(&text)) {
        return Ok(category.code().to_owned());
    }
    if let Some(list) = catalogue.lists().iter().find(|row| [row.id.as_str(), &row.name_ja].contains(&text)) {
        return Ok(list.id.to_string());
    }
    Err(Refusal::new(
        "unknown_name_meaning",
        text,
        format!("名前の意味「{}」は、団体でも手続でもありません", cut(text, 40)),
        "a name stands for a body or a procedure",
    )
    .allowed("団体コード（6桁）か手続ID（例 かすみ市=082309、犬の登録=high-volume-22）"))
}
