//! What a figure is asked over, and of what each of its results is.

use super::definition::{
    Basis, Choices, Definition, NotApplicable, NotApplicableRule, Outcome, Parts, Principle, Reason,
};
use super::standing::{Reading, Reads};
use crate::domain::catalogue::{BodyIx, BundleIx, Catalogue, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::dates::FiscalYear;
use crate::domain::readiness::{ChannelId, Level, Scale};

codes! {
    /// Of which applications a rate of usage is.
    Base, "利用率の母数", "base of usage" {
        All = "all", "すべての手続", "all procedures whose applications were counted", "総件数が記録されている、すべての手続";
        Onlineable = "onlineable", "オンラインで申請できる手続", "those at online level 3 or more", "オンラインで申請できる（段階3以上の）手続だけ";
    }
}

codes! {
    /// Against what rates are given.
    Against, "段階の上限", "what rates are against" {
        Scale = "scale", "段階そのもの", "the threshold as it is, whatever the law allows", "法令でそこまで届かない手続にも、同じしきい値を当てはめる";
        Ceiling = "ceiling", "法令の上限", "the highest level that the law allows, where it is below the threshold", "法令の上限がしきい値より低い手続は、上限の段階に達していれば数える";
    }
}

/// A part of a definition that gives a result each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A principle of digital government.
    Principle(Principle),
    /// A bundle of procedures that belong to one event of life.
    Bundle(BundleIx),
}

impl Part {
    /// The parts of a definition; none where it gives one result.
    pub fn all(definition: &Definition, catalogue: &Catalogue) -> Vec<Self> {
        match definition.parts {
            Parts::One => Vec::new(),
            Parts::Principles => Principle::ALL.iter().copied().map(Self::Principle).collect(),
            Parts::Bundles => (0..).zip(catalogue.bundles()).map(|(ix, _)| Self::Bundle(ix)).collect(),
        }
    }

    /// Its code and Japanese name.
    pub fn key(self, catalogue: &Catalogue) -> Key {
        match self {
            Self::Principle(principle) => Key::new(principle.code(), principle.label()),
            Self::Bundle(ix) => {
                let bundle = catalogue.bundle(ix);
                Key::new(&bundle.id, &bundle.name_ja)
            }
        }
    }

    /// What is read, and the level from which a row counts, where the part says so.
    fn reads(self) -> Option<(Reads, Level)> {
        match self {
            Self::Principle(Principle::DigitalFirst) => Some((Reads::Online, Level::MAX)),
            Self::Principle(Principle::OnceOnly) => Some((Reads::OnceOnly, Level::ONE)),
            Self::Principle(Principle::Connected) => Some((Reads::OneAct, Level::ONE)),
            Self::Bundle(_) => None,
        }
    }

    /// Whether the part looks at a procedure.
    fn looks_at(self, catalogue: &Catalogue, procedure: ProcedureIx) -> bool {
        match self {
            Self::Bundle(ix) => catalogue.bundle(ix).necessary().any(|member| member == procedure),
            Self::Principle(Principle::Connected) => {
                let mut bundles = catalogue.bundles().iter();
                bundles.any(|bundle| bundle.items.iter().any(|item| item.procedure == procedure))
            }
            Self::Principle(_) => true,
        }
    }
}

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
    /// The part of it, where it has some.
    pub part: Option<Part>,
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
    /// The fiscal year whose applications are looked at, where any were counted.
    pub year: Option<FiscalYear>,
    /// Of which applications a rate of usage is.
    pub base: Base,
    /// Against what the levels of procedures are held.
    pub against: Against,
    /// Into how many equal parts of 0 to 100 % the bodies' own values are sorted, if at all.
    pub bins: Option<u8>,
}

impl Question {
    /// What a definition is asked where nothing is chosen but bodies and procedures.
    pub fn new(
        definition: &'static Definition,
        catalogue: &Catalogue,
        bodies: Vec<BodyIx>,
        procedures: Vec<ProcedureIx>,
    ) -> Self {
        let default = definition.thresholds.first().copied().and_then(Level::new);
        Self {
            definition,
            part: None,
            reads: definition.through.reads(catalogue, None),
            bodies,
            scope: None,
            procedures,
            threshold: default.unwrap_or(Level::THREE),
            basis: Basis::Expected,
            not_applicable: None,
            year: None,
            base: Base::All,
            against: Against::Scale,
            bins: None,
        }
    }

    /// The same question to a part of the definition.
    pub fn to_part(&self, catalogue: &Catalogue, part: Part) -> Self {
        let mut question = self.clone();
        question.part = Some(part);
        question.procedures.retain(|procedure| part.looks_at(catalogue, *procedure));
        if let Some((reads, threshold)) = part.reads() {
            (question.reads, question.threshold) = (reads, threshold);
        }
        question
    }

    /// The same question to each part; itself where there are none.
    pub fn to_each_part(self, catalogue: &Catalogue) -> Vec<Self> {
        match Part::all(self.definition, catalogue).as_slice() {
            [] => vec![self],
            parts => parts.iter().map(|part| self.to_part(catalogue, *part)).collect(),
        }
    }

    /// The level from which a row counts, where the definition asks for one.
    pub fn asked_level(&self) -> Option<Level> {
        let of_part = self.part == Some(Part::Principle(Principle::DigitalFirst));
        Some(self.threshold).filter(|_| of_part || !self.definition.thresholds.is_empty())
    }

    /// The level from which the row of a procedure counts.
    pub fn threshold_of(&self, catalogue: &Catalogue, procedure: ProcedureIx) -> Level {
        match self.against {
            Against::Scale => self.threshold,
            Against::Ceiling => catalogue.procedure(procedure).reachable(self.threshold),
        }
    }

    /// What becomes of the row of a procedure.
    pub fn judge(
        &self,
        catalogue: &Catalogue,
        procedure: ProcedureIx,
        reading: Reading,
        choices: Choices,
    ) -> Outcome {
        let threshold = self.threshold_of(catalogue, procedure);
        Definition::judge(reading, Choices { threshold, ..choices })
    }

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
