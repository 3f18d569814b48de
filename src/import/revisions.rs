//! At which data revision the rows of an export were written.

/// Revisions by line. An export has one for all its rows, so only where it changes is kept.
#[derive(Clone, Debug, Default)]
pub struct Revisions(Vec<(u32, Option<i64>)>);

impl Revisions {
    /// Adds those of later lines.
    pub(super) fn extend(&mut self, later: Self) {
        self.0.extend(later.0);
    }

    /// Notes the revision of a line, later than those before.
    pub(super) fn note(&mut self, line: u32, revision: Option<i64>) {
        if self.0.last().map_or(revision.is_some(), |(_, last)| *last != revision) {
            self.0.push((line, revision));
        }
    }

    /// The revision at which a line was written, if it says so.
    pub fn of(&self, line: u32) -> Option<i64> {
        let next = self.0.partition_point(|(from, _)| *from <= line);
        self.0.get(next.checked_sub(1)?)?.1
    }

    /// The oldest of all, if any line says one.
    pub fn oldest(&self) -> Option<i64> {
        self.0.iter().filter_map(|(_, revision)| *revision).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_its_own() {
        let mut revisions = Revisions::default();
        assert_eq!((revisions.of(2), revisions.oldest()), (None, None));
        for (line, revision) in [(2, None), (3, Some(7)), (4, Some(7)), (6, Some(5)), (8, None)] {
            revisions.note(line, revision);
        }
        assert_eq!(
            [2, 3, 4, 6, 7, 8].map(|line| revisions.of(line)),
            [None, Some(7), Some(7), Some(5), Some(5), None]
        );
        assert_eq!((revisions.oldest(), revisions.0.len()), (Some(5), 3));
    }
}
