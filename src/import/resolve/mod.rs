//! Which body and which procedure a cell is about: codes with lost zeros, names in their variants.
//!
//! Code and name must agree; a code never wins over a name. What can be read in two ways is
//! decided by the name, else by the rest of the column, else by the sender, whose own names go before
//! all others.

mod bodies;
mod code;
mod coded;
mod former;
mod near;
mod no_name;
mod procedures;
mod readings;
mod told;
mod wards;

pub(super) use bodies::{Bodies, LostZeros};
pub(super) use near::which;
pub(super) use procedures::{Procedures, procedures_between};
pub(super) use told::{FoundBody, Told};

use super::options::{IGNORED, INCLUDED};
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::procedure::Category;
use crate::domain::text::{cut, fold_width};

/// What a sender says that a name stands for, in the words that tables of names know: the code of a
/// body, the id of a procedure, or a category or an edition of the list.
///
/// # Errors
///
/// What is neither.
pub(super) fn meaning_of_name(catalogue: &Catalogue, text: &str) -> Result<String, Refusal> {
    if let Some(word) = about_rows(text) {
        return Ok(word.to_owned());
    }
    if fold_width(text).starts_with(|c: char| c.is_ascii_digit()) {
        return body_in_words(catalogue, text).map(|body| catalogue.body(body).code.to_string());
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
    let mut lists = catalogue.lists().iter().filter(|list| list.has_members());
    if let Some(list) = lists.find(|list| [list.id.as_str(), &list.name_ja].contains(&text)) {
        return Ok(list.id.to_string());
    }
    Err(Refusal::new(
        "unknown_name_meaning",
        text,
        format!("名前の意味「{}」は、団体でも手続でもありません", cut(text, 40)),
        "a name stands for a body or a procedure",
    )
    .allowed(
        "団体コード（6桁）か手続ID（例 かすみ市=082309、犬の登録=high-volume-22）、行を取り込まないなら ignore",
    ))
}

/// What is said of the rows of a name, or below a title: that they are left out, or that they are read as
/// the others are.
fn about_rows(text: &str) -> Option<&'static str> {
    match fold_width(text).as_str() {
        IGNORED | "取り込まない" | "取込まない" | "読み飛ばす" | "除く" => Some(IGNORED),
        INCLUDED | "取り込む" | "取込む" | "読む" => Some(INCLUDED),
        _ => None,
    }
}

/// The body of a code or a name as people write them: 082333, 82333, ０８２３３３, 行方市, 茨城県行方市.
///
/// # Errors
///
/// A code or a name of no body, or of several.
pub(super) fn body_in_words(catalogue: &Catalogue, text: &str) -> Result<BodyIx, Refusal> {
    let folded = fold_width(text);
    let code = folded.starts_with(|c: char| c.is_ascii_digit());
    let refused = match catalogue.find_body(&folded) {
        Ok(body) => return Ok(body),
        Err(refusal) => refusal,
    };
    let told = match code {
        true => Told { code: &folded, ..Told::default() },
        false => Told { name: text, ..Told::default() },
    };
    let fault = match Bodies::new(catalogue, &[], LostZeros::Judged).find(told) {
        Ok(found) => return Ok(found.body),
        // What is wrong with six digits is told best of the digits.
        Err(_) if code && folded.len() == 6 => return Err(refused),
        Err(fault) => fault,
    };
    let known = ["ambiguous_name", "ambiguous_code", "unknown_name", "ward", "former_name", "former_code"];
    let code = known.into_iter().find(|known| *known == fault.code).unwrap_or(refused.code);
    let refusal = Refusal::new(code, text, fault.message, "not the code or the name of one local government");
    let refusal = refusal.allowed(fault.allowed.unwrap_or_else(|| "団体コード（6桁）か団体名".to_owned()));
    Err(match fault.suggestion {
        Some(suggestion) => refusal.suggest(suggestion),
        None => refusal,
    })
}
