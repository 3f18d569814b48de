//! Which procedure a row or a heading is about.

use std::cell::RefCell;
use std::collections::HashMap;

use super::near::{apart, lacks_act, which};
use crate::domain::Refusal;
use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::domain::procedure_names::{ProcedureNames, core};
use crate::domain::text::{fold_for_match, fold_name, fold_width};
use crate::import::headings::{parts, spellings};
use crate::import::{Fault, FaultKind};

/// Finds procedures by what a file writes of them.
pub(in crate::import) struct Procedures<'a> {
    catalogue: &'a Catalogue,
    /// The sender's own names, folded.
    own: HashMap<&'a str, ProcedureIx>,
    /// What was told of names that are none.
    before: RefCell<HashMap<String, Fault>>,
}

/// Most different names that are remembered; so many get a suggestion.
const REMEMBERED: usize = 2_000;

impl<'a> Procedures<'a> {
    /// Finds by the catalogue, and by `own`, folded names of the sender's own with what each stands for.
    pub(in crate::import) fn new(catalogue: &'a Catalogue, own: &'a [(String, String)]) -> Self {
        let of = |(name, id): &'a (String, String)| Some((name.as_str(), catalogue.procedure_ix(id)?));
        // What was said last stands first.
        let own = own.iter().rev().filter_map(of).collect();
        Self { catalogue, own, before: RefCell::default() }
    }

    /// The procedure of a heading: its id, its name, or the id before the name.
    pub(in crate::import) fn of_heading(&self, heading: &str) -> Option<ProcedureIx> {
        let id = |text: &str| {
            let folded = fold_width(text);
            self.catalogue.procedure_ix(folded.split([' ', '\n', '_', ':']).next().unwrap_or_default())
        };
        let named = |folded: String| match self.names().of_name(&folded) {
            [only] => Some(*only),
            _ => None,
        };
        parts(heading)
            .find_map(|text| self.own_name(text))
            .or_else(|| parts(heading).find_map(id))
            .or_else(|| spellings(heading).find_map(named))
    }

    /// The procedure of a row.
    ///
    /// # Errors
    ///
    /// An unknown id, a name of no procedure or of several, an id and a name of different
    /// procedures, nothing at all.
    pub(in crate::import) fn find(&self, id: &str, name: &str) -> Result<ProcedureIx, Fault> {
        let id = fold_width(id);
        if !id.is_empty() {
            let found = match self.catalogue.find_procedure(&id) {
                Ok(found) => found,
                // Some sheets have a running number there, and the name beside it.
                Err(_) if id.bytes().all(|byte| byte.is_ascii_digit()) && !name.trim().is_empty() => {
                    return self.by_name(name);
                }
                Err(refusal) => {
                    let fault = || Fault::of(refusal).of_kind(FaultKind::UnknownProcedure);
                    return self.own_name(&id).ok_or_else(fault);
                }
            };
            // A name that is known for none is somebody's own wording.
            let named = match self.own_name(name) {
                Some(own) => vec![own],
                None => self.names().of_name(&fold_for_match(name)).to_vec(),
            };
            return match named.first() {
                Some(other) if !named.contains(&found) => Err(Fault::of(self.disagreement(found, *other))),
                _ => Ok(found),
            };
        }
        self.by_name(name)
    }

    fn names(&self) -> &ProcedureNames {
        self.catalogue.procedure_names()
    }

    fn own_name(&self, name: &str) -> Option<ProcedureIx> {
        if self.own.is_empty() { None } else { self.own.get(fold_name(name).as_str()).copied() }
    }

    /// Which of the two was meant only the sender knows: a column that was sorted alone shifts them
    /// all.
    fn disagreement(&self, coded: ProcedureIx, named: ProcedureIx) -> Refusal {
        let (coded, named) = (self.shown(coded), self.shown(named));
        let message = format!("手続IDと手続名が一致しません（IDは {coded}、手続名は {named}）");
        Refusal::new(
            "procedure_name_mismatch",
            &coded,
            message,
            "the id and the name are of different procedures",
        )
        .suggest(format!("{coded} または {named}"))
    }

    /// Id and name of a procedure.
    fn shown(&self, procedure: ProcedureIx) -> String {
        let row = self.catalogue.procedure(procedure);
        format!("{} {}", row.id, row.name_ja)
    }

    fn by_name(&self, name: &str) -> Result<ProcedureIx, Fault> {
        if let Some(own) = self.own_name(name) {
            return Ok(own);
        }
        let known = self.names().of_name(&fold_for_match(name));
        if let [only] = known {
            return Ok(*only);
        }
        let mut before = self.before.borrow_mut();
        if let Some(fault) = before.get(name) {
            return Err(fault.clone());
        }
        if let Some(several) = self.several_in(name) {
            before.insert(name.to_owned(), several.clone());
            return Err(several);
        }
        let message = match known {
            [] if name.trim().is_empty() => "手続IDも手続名もありません",
            [] => "手続名が手続一覧のどれにも一致しません",
            _ => "同じ名前の手続が複数あります。手続IDを書いてください",
        };
        let fault = Fault::whole("unknown_procedure", message)
            .of_kind(FaultKind::UnknownProcedure)
            .found(name)
            .allowing("手続ID（例 kosodate-01）、または手続一覧の手続名");
        if before.len() >= REMEMBERED {
            return Err(fault);
        }
        let near = if known.is_empty() { self.near(name) } else { known.to_vec() };
        if near.is_empty() {
            before.insert(name.to_owned(), fault.clone());
            return Err(fault);
        }
        let choices: Vec<(String, String)> = near
            .iter()
            .map(|found| (self.catalogue.procedure(*found).id.to_string(), self.shown(*found)))
            .collect();
        let shown: Vec<&str> = choices.iter().map(|(_, shown)| shown.as_str()).collect();
        let fault = fault.suggesting(shown.join(" または "));
        let fault = fault.asking(which(name, "手続", choices));
        before.insert(name.to_owned(), fault.clone());
        Err(fault)
    }

    /// The fault of a cell that names several procedures: one row is about one of them.
    fn several_in(&self, name: &str) -> Option<Fault> {
        let found = procedures_between(name, |part| match self.names().of_name(&fold_for_match(part)) {
            [only] => Some(*only),
            _ => None,
        })?;
        let shown: Vec<String> = found.iter().map(|procedure| self.shown(*procedure)).collect();
        let message = format!(
            "1つのセルに手続が{}つあります（{}）。行を分けて、1行に1つずつ書いてください",
            shown.len(),
            shown.join("、")
        );
        let fault = Fault::whole("several_procedures", message).of_kind(FaultKind::UnknownProcedure);
        Some(fault.found(name).allowing("1行に1つの手続").asking(which(name, "手続", [])))
    }

    /// The procedures that a name which is none may have meant, the nearest first.
    pub(in crate::import) fn near(&self, name: &str) -> Vec<ProcedureIx> {
        /// More are no help.
        const MOST: usize = 3;
        let folded = fold_for_match(name);
        let text = core(&folded);
        let mut found: Vec<(usize, ProcedureIx)> = Vec::new();
        for (known, procedures) in self.names().all().filter(|(known, _)| !lacks_act(&folded, known)) {
            let Some(score) = apart(&text, known) else { continue };
            found.extend(procedures.iter().map(|procedure| (score, *procedure)));
        }
        found.sort_unstable();
        let least = found.first().map_or(0, |(score, _)| *score);
        let mut near: Vec<ProcedureIx> = Vec::new();
        for (_, procedure) in found.into_iter().filter(|(score, _)| *score <= least + 1) {
            if !near.contains(&procedure) {
                near.push(procedure);
            }
        }
        near.truncate(MOST);
        near
    }
}

/// The procedures of a cell that names several, with something between them; none where one of the parts is no name.
pub(in crate::import) fn procedures_between(
    cell: &str,
    find: impl Fn(&str) -> Option<ProcedureIx>,
) -> Option<Vec<ProcedureIx>> {
    const BETWEEN: [char; 11] = ['、', ',', '，', '\n', ';', '；', '／', '/', '・', '|', '｜'];
    let parts: Vec<&str> = cell.split(BETWEEN).map(str::trim).filter(|part| !part.is_empty()).collect();
    let found: Option<Vec<ProcedureIx>> = parts.into_iter().map(find).collect();
    found.filter(|found| found.len() > 1)
}
