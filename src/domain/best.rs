//! The best of a channel group: what one cell shows where a procedure has several channels.
//!
//! Only statements that count are compared (whose word counts is the rule of [`super::precedence`]). What is
//! in force goes before what is prepared or out of season, and that before what is suspended; of those the
//! highest level. It may be more wherever one that is as much in force says only "at least".

use super::readiness::{Level, Scale, Source, State};

/// A statement that counts, as far as the best of its group depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose word it is.
    pub source: Source,
    /// Its level.
    pub level: Level,
    /// Only "at least" the level is said.
    pub at_least: bool,
    /// Whether it is in force.
    pub state: State,
}

impl Held {
    /// Whether less is offered once `new` stands in its place: a lower level, or one less in force. Level 0
    /// offers nothing to lose.
    pub fn falls_to(self, new: Self) -> bool {
        self.level > Level::ZERO && (new.level < self.level || rank(new.state) < rank(self.state))
    }
}

impl Held {
    /// How far it reaches, to tell what rose from what fell: what is suspended reaches nothing.
    pub fn reach(&self) -> (Level, u8) {
        match self.state {
            State::Suspended => (Level::ZERO, rank(self.state)),
            State::Live | State::Prepared | State::Seasonal => (self.level, rank(self.state)),
        }
    }
}

/// The best of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Best {
    /// The highest level.
    pub level: Level,
    /// Whether it may be more.
    pub open: bool,
    /// Whether it is in force.
    pub state: State,
    /// Whose word it is; the town's own where both say as much.
    pub source: Source,
}

/// The best of some statements on channels of one group, if there are any.
pub fn best(group: impl Iterator<Item = Held> + Clone) -> Option<Best> {
    // Of two equals the exact one: more than the highest level there is not.
    let key = |held: &Held| {
        (rank(held.state), held.level, !held.at_least, std::cmp::Reverse(held.source), held.state)
    };
    let best = group.clone().max_by_key(key)?;
    let same_rank = |held: &Held| rank(held.state) == rank(best.state);
    let open = best.at_least
        || best.level < Level::MAX && group.clone().any(|held| held.at_least && same_rank(&held));
    let own =
        group.clone().any(|held| same_rank(&held) && held.level == best.level && held.source == Source::Own);
    let source = if own { Source::Own } else { best.source };
    Some(Best { level: best.level, open, state: best.state, source })
}

/// How much a state counts beside others.
fn rank(state: State) -> u8 {
    match state {
        State::Live => 2,
        State::Prepared | State::Seasonal => 1,
        State::Suspended => 0,
    }
}

impl Scale {
    /// The name of the channels of this scale taken together, where one channel could be named.
    pub const fn group_code(self) -> &'static str {
        match self {
            Self::Online => "online-group",
            Self::Counter => "counter-group",
        }
    }

    /// The scale whose channels taken together have this name.
    pub fn of_group(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scale| scale.group_code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(source: Source, level: u8, at_least: bool, state: State) -> Held {
        Held { source, level: Level::new(level).unwrap(), at_least, state }
    }

    fn text(group: &[Held]) -> Option<String> {
        best(group.iter().copied()).map(|best| {
            let more = if best.open { "+" } else { "" };
            format!("{}{more} {} {}", best.level, best.state.code(), best.source.code())
        })
    }

    #[test]
    fn what_is_in_force_goes_first() {
        use Source::{Own, Published};
        use State::{Live, Prepared, Suspended};
        for (group, expected) in [
            (vec![], None),
            (vec![held(Own, 3, false, Live), held(Own, 4, false, Live)], Some("4 live own")),
            (vec![held(Own, 2, false, Live), held(Own, 5, false, Suspended)], Some("2 live own")),
            (vec![held(Own, 2, false, Prepared), held(Own, 5, true, Suspended)], Some("2 prepared own")),
            (vec![held(Own, 4, false, Live), held(Own, 3, true, Live)], Some("4+ live own")),
            (vec![held(Own, 4, false, Live), held(Own, 3, true, Suspended)], Some("4 live own")),
            (vec![held(Own, 5, false, Live), held(Own, 3, true, Live)], Some("5 live own")),
            (vec![held(Own, 0, false, Live), held(Published, 3, true, Live)], Some("3+ live published")),
            (vec![held(Published, 4, false, Live), held(Own, 4, true, Live)], Some("4+ live own")),
        ] {
            assert_eq!(text(&group).as_deref(), expected, "{group:?}");
            let turned: Vec<Held> = group.iter().rev().copied().collect();
            assert_eq!(text(&turned), text(&group), "{group:?}");
        }
    }

    #[test]
    fn less_in_force_is_less() {
        use Source::Own;
        use State::{Live, Seasonal, Suspended};
        for (old, new, falls) in [
            ((3, Live), (3, Live), false),
            ((3, Live), (2, Live), true),
            ((3, Live), (4, Suspended), true),
            ((3, Live), (3, Seasonal), true),
            ((3, Suspended), (3, Live), false),
            ((4, Suspended), (3, Live), true),
            ((0, Live), (0, Suspended), false),
        ] {
            let of = |(level, state)| held(Own, level, false, state);
            assert_eq!(of(old).falls_to(of(new)), falls, "{old:?} {new:?}");
        }
    }

    #[test]
    fn a_group_has_a_name_of_its_own() {
        for scale in Scale::ALL {
            assert_eq!(Scale::of_group(scale.group_code()), Some(*scale));
        }
        assert_eq!(Scale::of_group("online"), None);
    }
}
