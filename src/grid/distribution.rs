//! How many bodies say what.

use std::collections::{BTreeMap, HashMap};

use super::Cell;
use super::Grid;
use super::filter::StatementFilter;
use super::scorecard::{default_channel, expected_scales};
use super::systems::{SystemIx, Systems};
use crate::domain::applicability::Applicability;
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::codes::codes;
use crate::domain::readiness::{Level, Scale};
use crate::domain::shared::SharedText;

codes! {
    /// What bodies are counted by.
    Dimension, "集計軸", "dimension" {
        Procedure = "procedure", "手続", "procedure", "手続ごとに数える";
        Category = "category", "分野", "category", "分野ごとに数える";
        Channel = "channel", "接点", "channel; the group's default channel where nothing is stated", "接点ごとに数える。申告のない行は、群の既定の接点で数える";
        Scale = "scale", "段階の尺度", "scale of the levels", "オンラインと窓口を分けて数える";
        Level = "level", "段階", "level code, of each scale apart: 0-5, with + for at least, or no_answer, not_applicable, other_body, abolished", "段階コードごとに、尺度を分けて数える: 0〜5、+（以上）、no_answer、not_applicable、other_body、abolished";
        Prefecture = "prefecture", "都道府県", "prefecture", "都道府県ごとに数える";
        System = "system", "システム", "product or joint system as stated, spellings that fold alike as one", "システムごとに数える。表記の揺れは1つにまとめ、システムの書かれていない行は分けて数える";
        Kind = "kind", "団体の種別", "kind of body", "団体の種別ごとに数える";
    }
}

/// What is said in one row, for counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// A level, at least or exactly.
    Level(Level, bool),
    /// Nothing.
    NoAnswer,
    /// The procedure is not performed.
    Absent(Applicability),
}

impl Said {
    /// The level code.
    pub fn code(self) -> String {
        match self {
            Self::Level(level, at_least) => level.said_code(at_least),
            Self::NoAnswer => "no_answer".to_owned(),
            Self::Absent(applicability) => applicability.code().to_owned(),
        }
    }

    /// What is said, in Japanese.
    pub fn label(self, scale: Scale) -> String {
        match self {
            Self::Level(level, at_least) => level.stated_label(at_least, scale).into_owned(),
            Self::NoAnswer => "未回答".to_owned(),
            Self::Absent(applicability) => applicability.label().to_owned(),
        }
    }
}

/// One place in the table, as positions; a dimension that was not asked for is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Prefecture number.
    pub prefecture: u8,
    /// Position of the kind.
    pub kind: u8,
    /// Position of the category.
    pub category: u8,
    /// Position of the procedure.
    pub procedure: ProcedureIx,
    /// Position of the channel.
    pub channel: ChannelIx,
    /// The scale, where levels or channels are told apart: 3 online and 3 at a counter are two things.
    pub scale: Option<Scale>,
    /// Place of the system among those that were met; none names no system.
    pub system: Option<SystemIx>,
    /// What is said.
    pub said: Said,
}

/// Counts of one place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Different bodies.
    pub bodies: u32,
    /// Rows (body × procedure × channel).
    pub rows: u32,
}

/// Counts bodies and rows by some dimensions. Each body, procedure and channel counts once, by the
/// body's own word if there is one; expected groups without a statement count as no answer.
pub fn distribution(
    grid: &Grid,
    bodies: &[BodyIx],
    procedures: &[ProcedureIx],
    filter: &StatementFilter,
    by: &[Dimension],
) -> (BTreeMap<Place, Counts>, Systems) {
    let reader = Reader::new(grid, filter);
    let mut systems = Systems::default();
    let by_system = by.contains(&Dimension::System);
    let mut found: HashMap<Place, (Counts, BodyIx)> = HashMap::new();
    for body in bodies {
        for procedure in procedures {
            reader.rows(*body, *procedure, |channel, said, system| {
                let system = system.filter(|_| by_system).map(|name| systems.place(name));
                let place = Place { system, ..place(grid, *body, *procedure, channel, said, by) };
                let (counts, last) = found.entry(place).or_insert((Counts::default(), BodyIx::MAX));
                counts.rows += 1;
                // Bodies come one after another, so a body is new where it was not the last.
                counts.bodies += u32::from(*last != *body);
                *last = *body;
            });
        }
    }
    (found.into_iter().map(|(place, (counts, _))| (place, counts)).collect(), systems)
}

/// Reads the rows of a body and procedure that pass a filter.
struct Reader<'g> {
    grid: &'g Grid,
    filter: &'g StatementFilter,
    /// Default channel of each scale, and whether a row without a statement passes there.
    unstated: Vec<(Scale, ChannelIx, bool)>,
}

impl<'g> Reader<'g> {
    fn new(grid: &'g Grid, filter: &'g StatementFilter) -> Self {
        let unstated = Scale::ALL
            .iter()
            .map(|scale| {
                let channel = default_channel(grid, *scale);
                (*scale, channel, passes_unstated(grid, filter, channel))
            })
            .collect();
        Self { grid, filter, unstated }
    }

    fn rows(
        &self,
        body: BodyIx,
        procedure: ProcedureIx,
        mut each: impl FnMut(ChannelIx, Said, Option<&SharedText>),
    ) {
        let block = self.grid.block(body);
        let absent = block.applicability_that_counts(procedure);
        // Of a procedure that is not performed no level counts.
        let counting = block.counting(procedure);
        for cell in counting.clone().filter(|cell| self.filter.passes(self.grid, body, cell)) {
            each(cell.channel, Said::Level(cell.level, cell.at_least), cell.system.as_ref());
        }
        for expected in expected_scales(self.grid, body, procedure) {
            for (scale, channel, passes) in &self.unstated {
                if *scale != expected || !passes {
                    continue;
                }
                let stated = |cell: &Cell| self.grid.catalogue().channel(cell.channel).scale == expected;
                if !absent.applies() {
                    each(*channel, Said::Absent(absent), None);
                } else if !counting.clone().any(stated) {
                    each(*channel, Said::NoAnswer, None);
                }
            }
        }
    }
}

/// Whether a row without a statement passes: only channel and place can be asked of it.
fn passes_unstated(grid: &Grid, filter: &StatementFilter, channel: ChannelIx) -> bool {
    !filter.asks_for_content() && filter.changed.is_none() && filter.passes_where(grid, channel)
}

fn place(
    grid: &Grid,
    body: BodyIx,
    procedure: ProcedureIx,
    channel: ChannelIx,
    said: Said,
    by: &[Dimension],
) -> Place {
    let row = grid.catalogue().body(body);
    let asked = |dimension| by.contains(&dimension);
    let category = grid.catalogue().procedure(procedure).category;
    Place {
        prefecture: if asked(Dimension::Prefecture) { row.prefecture().number() } else { 0 },
        kind: if asked(Dimension::Kind) { row.kind.index() } else { 0 },
        category: if asked(Dimension::Category) { category.index() } else { 0 },
        procedure: if asked(Dimension::Procedure) { procedure } else { 0 },
        channel: if asked(Dimension::Channel) { channel } else { 0 },
        scale: [Dimension::Scale, Dimension::Level, Dimension::Channel]
            .into_iter()
            .any(asked)
            .then(|| grid.catalogue().channel(channel).scale),
        system: None,
        said: if asked(Dimension::Level) { said } else { Said::NoAnswer },
    }
}
