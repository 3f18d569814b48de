//! Which body a row is about: code and name must agree, and a code never wins over a name.

use super::Fault;
use crate::domain::Refusal;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::text::{fold_name, fold_width};

/// Whether zeros that a spreadsheet swallowed are put back without a remark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LostZeros {
    /// The layout is known to write codes as numbers.
    Expected,
    /// A five-digit code may be one without check digit, or one that lost its zero.
    Judged,
}

/// The body of a row, with a warning where something was repaired.
///
/// # Errors
///
/// An unreadable or unknown code, and a code and name that disagree.
pub(super) fn body(
    catalogue: &Catalogue,
    code: &str,
    name: &str,
    zeros: LostZeros,
) -> Result<(BodyIx, Option<Refusal>), Fault> {
    let digits = fold_width(code);
    let digits = digits.trim_start_matches('\'');
    let candidates = candidates(catalogue, digits, zeros);
    let named = fold_name(name);
    match candidates.as_slice() {
        [] => {
            // What is told must be about the code as it was read.
            let padded = format!("0{digits}");
            let lost = zeros == LostZeros::Expected && digits.len() == 5;
            Err(no_body(catalogue, code, if lost { &padded } else { digits }))
        }
        [only] => {
            if !named.is_empty() && !agrees(catalogue, *only, &named) {
                return Err(disagreement(catalogue, *only, code, name));
            }
            Ok((*only, repaired(catalogue, *only, digits, zeros)))
        }
        several => {
            let mut agreeing = several.iter().filter(|body| agrees(catalogue, **body, &named));
            match (agreeing.next(), agreeing.next()) {
                (Some(body), None) => Ok((*body, repaired(catalogue, *body, digits, zeros))),
                _ => Err(ambiguous(catalogue, several, code)),
            }
        }
    }
}

/// The bodies a code may stand for: as it is, and with a lost zero.
fn candidates(catalogue: &Catalogue, digits: &str, zeros: LostZeros) -> Vec<BodyIx> {
    let as_written = (zeros == LostZeros::Judged || digits.len() != 5).then_some(digits.to_owned());
    let with_zero = (digits.len() == 5).then(|| format!("0{digits}"));
    let mut found: Vec<BodyIx> = [as_written, with_zero]
        .into_iter()
        .flatten()
        .filter_map(|text| catalogue.find_body(&text).ok())
        .collect();
    found.dedup();
    found
}

/// Whether a folded name is the body's, with or without its prefecture.
fn agrees(catalogue: &Catalogue, body: BodyIx, named: &str) -> bool {
    let row = catalogue.body(body);
    let own = fold_name(&row.name);
    named == own || *named == format!("{}{own}", fold_name(&row.prefecture_name))
}

fn repaired(catalogue: &Catalogue, body: BodyIx, digits: &str, zeros: LostZeros) -> Option<Refusal> {
    let code = catalogue.body(body).code;
    (zeros == LostZeros::Judged && digits.len() == 5 && digits != code.five_digits()).then(|| {
        Refusal::new(
            "lost_zero",
            digits,
            format!("先頭の0が失われた団体コードとして {code} と読みました"),
            "a leading zero was lost",
        )
        .suggest(code.as_str())
    })
}

fn no_body(catalogue: &Catalogue, code: &str, digits: &str) -> Fault {
    let refusal = match catalogue.find_body(digits) {
        Err(refusal) => refusal,
        // Only reached when the layout forbids the code as written.
        Ok(_) => Refusal::new("code_format", code, "団体コードが正しくありません", "not a code"),
    };
    Fault { line: None, ..Fault::refused(refusal, 0) }.found(code)
}

fn disagreement(catalogue: &Catalogue, body: BodyIx, code: &str, name: &str) -> Fault {
    let row = catalogue.body(body);
    Fault::whole(
        "code_name_mismatch",
        format!(
            "団体コードと団体名が一致しません（{} は {}{}、名前の列は {}）",
            row.code,
            row.prefecture_name,
            row.name,
            name.trim()
        ),
    )
    .found(code)
    .suggesting(format!("{} {}", row.code, row.name))
}

fn ambiguous(catalogue: &Catalogue, several: &[BodyIx], code: &str) -> Fault {
    let names: Vec<String> = several
        .iter()
        .map(|body| {
            let row = catalogue.body(*body);
            format!("{} {}{}", row.code, row.prefecture_name, row.name)
        })
        .collect();
    Fault::whole("ambiguous_code", "団体コードが2通りに読めます。6桁で書くか、団体名の列を足してください。")
        .found(code)
        .allowing(names.join(" または "))
}
