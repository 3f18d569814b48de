//! What a heading may name, and what one that nobody knows was most likely meant for.

use crate::domain::catalogue::{Catalogue, ProcedureIx};
use crate::import::layout::channel_words::likely_channel;
use crate::import::layout::titles::procedures_in;
use crate::import::marks::{Choice, likeliest_first};
use crate::import::resolve::Procedures;

/// So many candidates are offered for one heading.
pub(super) const CANDIDATES: usize = 5;

/// What a heading may name in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import::layout) enum Wanted {
    Procedure,
    /// A procedure that the layout expects and that no heading names.
    Missing(ProcedureIx),
    Channel,
    Body,
    /// A field of the table: its code and its label.
    Field(&'static str, &'static str),
}

impl Wanted {
    pub(super) fn is_plan(&self) -> bool {
        matches!(self, Self::Field("target_level", _))
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Procedure | Self::Missing(_) => "手続名か手続ID",
            Self::Channel => "接点の名前",
            Self::Body => "団体コードか団体名",
            Self::Field(_, label) => label,
        }
    }

    /// The names it goes by, but for bodies, of which there are too many that are nearly alike.
    pub(super) fn names(self, catalogue: &Catalogue) -> Vec<&str> {
        match self {
            Self::Missing(procedure) => vec![catalogue.procedure(procedure).name_ja.as_str()],
            Self::Procedure => catalogue.procedures().iter().map(|row| row.name_ja.as_str()).collect(),
            Self::Channel => catalogue.channels().iter().map(|row| row.label_ja.as_str()).collect(),
            Self::Body => Vec::new(),
            Self::Field(_, label) => vec![label],
        }
    }
}

/// What a heading may have meant, the likest first, and what it most likely means.
pub(super) fn candidates(
    catalogue: &Catalogue,
    wanted: &[Wanted],
    heading: &str,
    choice: &dyn Fn(&str, &str) -> Choice,
) -> (Vec<Choice>, Option<String>) {
    let mut choices = Vec::new();
    let mut suggestion = None;
    // What a procedure is named in goes before a word for a channel.
    let mut named = None;
    for one in wanted {
        match one {
            Wanted::Procedure => {
                let within = procedures_in(catalogue, std::iter::once(heading));
                let contained = |ix: &ProcedureIx| {
                    let row = catalogue.procedure(*ix);
                    choice(row.id.as_str(), &row.name_ja)
                };
                choices.extend(within.iter().map(contained));
                named = match within.as_slice() {
                    [only] => Some(contained(only).value),
                    _ => named,
                };
                let new = |ix: &ProcedureIx| !within.contains(ix);
                choices.extend(Procedures::new(catalogue, &[]).near(heading).into_iter().filter(new).map(
                    |ix| {
                        let row = catalogue.procedure(ix);
                        choice(row.id.as_str(), &row.name_ja)
                    },
                ));
            }
            Wanted::Missing(procedure) => {
                let row = catalogue.procedure(*procedure);
                choices.push(choice(row.id.as_str(), &row.name_ja));
            }
            Wanted::Channel => {
                let rows = catalogue.channels();
                choices.extend(rows.iter().map(|row| choice(row.id.as_str(), &row.label_ja)));
                suggestion = likely_channel(heading).map(|id| choice(id, "").value);
            }
            Wanted::Body => {
                choices.extend(catalogue.names().near(heading, None).into_iter().map(|ix| {
                    let row = catalogue.body(ix);
                    choice(row.code.as_str(), &format!("{}{}", row.prefecture_name, row.name))
                }));
            }
            Wanted::Field(code @ "level", label) => choices.push(choice(code, label)),
            Wanted::Field(..) => {}
        }
    }
    // 有 and 無 may be about the procedure, though most marks are about a channel.
    let applicability = wanted.iter().find(|one| matches!(one, Wanted::Field("applicability", _)));
    if let Some(Wanted::Field(code, label)) = applicability {
        choices.push(choice(code, label));
    }
    let suggestion = named.or(suggestion);
    likeliest_first(&mut choices, suggestion.as_deref());
    (choices, suggestion)
}
