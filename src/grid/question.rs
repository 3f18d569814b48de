//! What a figure is asked over, and of what each of its results is.

use super::definition::{Basis, Choices, Definition, NotApplicable, NotApplicableRule, Reason};
use super::standing::Reads;
use crate::domain::catalogue::{BodyIx, Catalogue, ProcedureIx};
use crate::domain::readiness::{ChannelId, Level, Scale};

/// Of what a result is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Code or id of the group.
    pub code: String,
    /// Name of the group.
    pub label: String,
}

impl Key {
    pub(super) fn new(code: &str, label: &str) -> Self {
        Self { code: code.to_owned(), label: label.to_owned() }
    }
}

/// What a figure is asked over.
#[derive(Clone, Debug)]
pub struct Question {
    /// The definition.
    pub definition: &'static Definition,
    /// What is read of where bodies stand.
    pub reads: Reads,
    /// The bodies in scope.
    pub bodies: Vec<BodyIx>,
    /// What the scope is called, unless it is the whole country.
    pub scope: Option<String>,
    /// The procedures in scope.
    pub procedures: Vec<ProcedureIx>,
    /// The level from which a row counts.
    pub threshold: Level,
    /// Whether unanswered rows stay.
    pub basis: Basis,
    /// The caller's choice, if any.
    pub not_applicable: Option<NotApplicable>,
}

impl Question {
    /// The treatments of procedures not performed for which results are given.
    pub fn treatments(&self) -> Vec<NotApplicable> {
        match (self.definition.not_applicable, self.not_applicable) {
            (NotApplicableRule::Always(fixed), _) => vec![fixed],
            (_, Some(chosen)) => vec![chosen],
            (NotApplicableRule::Choice(default), None) => vec![default],
            (NotApplicableRule::Both, None) => NotApplicable::ALL.to_vec(),
        }
    }

    /// The choices under one treatment.
    pub fn choices(&self, catalogue: &Catalogue, not_applicable: NotApplicable) -> Choices {
        let mynaportal = catalogue.channel_ix(ChannelId::MYNAPORTAL).map(Reads::Channel);
        let otherwise = match mynaportal == Some(self.reads) {
            true => Reason::ChannelNotMynaportal,
            false => Reason::OtherChannel,
        };
        Choices { threshold: self.threshold, basis: self.basis, not_applicable, otherwise }
    }

    /// The channel group in which answers are expected.
    pub fn scale(&self, catalogue: &Catalogue) -> Scale {
        self.reads.scale(catalogue)
    }

    /// Whether an answer to a procedure is expected of prefectures (`true`) or municipalities.
    pub fn expects(&self, catalogue: &Catalogue, prefecture: bool, procedure: ProcedureIx) -> bool {
        catalogue.procedure(procedure).expects(prefecture, self.scale(catalogue))
    }

    /// The expected rows of a body.
    pub fn rows_of<'q>(
        &'q self,
        catalogue: &'q Catalogue,
        body: BodyIx,
    ) -> impl Iterator<Item = ProcedureIx> + 'q {
        let prefecture = catalogue.body(body).is_prefecture();
        self.procedures
            .iter()
            .copied()
            .filter(move |procedure| self.expects(catalogue, prefecture, *procedure))
    }
}
