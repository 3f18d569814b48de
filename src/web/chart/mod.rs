//! Pictures: rectangles in SVG, words beside them in HTML. A picture never says anything alone: whoever shows one
//! prints its number beside it.

use chrono::NaiveDate;
use maud::{Markup, html};

/// What a part of a bar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Counted.
    Counted,
    /// Not known.
    Unknown,
    /// The middle half of the bodies.
    Band,
    /// Offered.
    Offered,
    /// Complete.
    Complete,
    /// Not performed.
    NotPerformed,
    /// Nothing, or something that is not enough.
    Rest,
}

impl Part {
    fn class(self) -> &'static str {
        match self {
            Self::Counted => "f-counted",
            Self::Unknown => "f-unknown",
            Self::Band => "f-band",
            Self::Offered => "f-offered",
            Self::Complete => "f-complete",
            Self::NotPerformed => "f-off",
            Self::Rest => "f-rest",
        }
    }
}

/// A bar from nought to all, in tenths of a percent: parts one after the other, and marks. Its zero is always at
/// its beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Bar {
    /// From where, how long, and what.
    parts: Vec<(u32, u32, Part)>,
    marks: Vec<u32>,
}

/// All of a bar.
const WHOLE: u32 = 1_000;

impl Bar {
    /// A bar whose first part is counted.
    pub(super) fn of(tenths: u32) -> Self {
        Self::default().then(tenths, Part::Counted)
    }

    /// Adds a part where the last one ends.
    pub(super) fn then(mut self, length: u32, part: Part) -> Self {
        let from = self.parts.last().map_or(0, |(from, length, _)| from + length).min(WHOLE);
        self.parts.push((from, length.min(WHOLE - from), part));
        self
    }

    /// Adds a part between two values, below all others.
    pub(super) fn band(mut self, from: u32, to: u32) -> Self {
        let from = from.min(WHOLE);
        self.parts.insert(0, (from, to.min(WHOLE).saturating_sub(from), Part::Band));
        self
    }

    /// Marks a value that others are held against.
    pub(super) fn mark(mut self, at: Option<u32>) -> Self {
        self.marks.extend(at.map(|at| at.min(WHOLE)));
        self
    }

    /// The picture. It is for the eye alone.
    pub(super) fn show(&self) -> Markup {
        html! {
            svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                @for (from, length, part) in &self.parts {
                    @if *length > 0 { rect class=(part.class()) x=(from) y="0" width=(length) height="10" {} }
                }
                @for at in &self.marks {
                    rect class="f-mark" x=(at.saturating_sub(4)) y="0" width="8" height="10" {}
                }
            }
        }
    }
}

/// Shares of a whole as lengths of a bar that together fill it.
pub(super) fn shares(counts: &[u64]) -> Vec<u32> {
    let all: u64 = counts.iter().sum();
    let edge = |sum: u64| u32::try_from((sum * u64::from(WHOLE) + all / 2) / all.max(1)).unwrap_or(WHOLE);
    let mut sum = 0;
    let mut last = 0;
    counts
        .iter()
        .map(|count| {
            sum += count;
            let at = edge(sum);
            let length = at - last;
            last = at;
            length
        })
        .collect()
}

/// One of five steps of a rate, the same on every page: below 50, 60, 70, 80 %, and above.
pub(super) fn step(tenths: u32) -> &'static str {
    match tenths {
        0..500 => "r1",
        500..600 => "r2",
        600..700 => "r3",
        700..800 => "r4",
        _ => "r5",
    }
}

/// A histogram of columns with their counts, of which one may be that of the own body.
pub(super) fn histogram(counts: &[u32], own: Option<usize>) -> Markup {
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let width = if counts.is_empty() { 0 } else { 100 / counts.len() };
    html! {
        ol class="hist" {
            @for (at, count) in counts.iter().enumerate() {
                li class=[(own == Some(at)).then_some("own")] {
                    span class="n" { (count) }
                    svg viewBox="0 0 10 100" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                        @let height = (count * 100).div_ceil(most);
                        rect class=(if own == Some(at) { "f-own" } else { "f-counted" }) x="0" y=(100 - height) width="10" height=(height) {}
                    }
                    span class="x" { (at * width) }
                }
            }
        }
    }
}

/// A value of one day, in tenths of a percent.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    /// The day.
    pub(super) on: NaiveDate,
    /// The value, where it is known.
    pub(super) value: Option<u32>,
    /// Where the middle half of others lies.
    pub(super) band: Option<(u32, u32)>,
    /// Values of different series are not joined by a line.
    pub(super) series: u32,
}

/// How wide a course is drawn.
const WIDTH: i64 = 1_000;

/// A value over time: days lie apart as they do, and the height goes from nought to all. For the eye alone: the same
/// stands in a table beside it.
pub(super) fn course(points: &[At]) -> Markup {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return html! {} };
    let all = (last.on - first.on).num_days().max(1);
    let x = |at: &At| (at.on - first.on).num_days() * WIDTH / all;
    let y = |tenths: u32| WHOLE - tenths.min(WHOLE);
    let joined =
        |one: &At, other: &At| one.series == other.series && one.value.is_some() == other.value.is_some();
    let lines = points.chunk_by(joined).map(|run| {
        run.iter()
            .filter_map(|at| Some(format!("{},{}", x(at), y(at.value?))))
            .collect::<Vec<String>>()
            .join(" ")
    });
    let bands = points
        .chunk_by(|one, other| one.series == other.series && one.band.is_some() == other.band.is_some());
    let band = |run: &[At]| {
        let low = run.iter().filter_map(|at| Some(format!("{},{}", x(at), y(at.band?.0))));
        let high = run.iter().rev().filter_map(|at| Some(format!("{},{}", x(at), y(at.band?.1))));
        low.chain(high).collect::<Vec<String>>().join(" ")
    };
    html! {
        div class="course" {
            svg viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                @for line in [250, 500, 750] { rect class="f-line" x="0" y=(line) width="1000" height="2" {} }
                @for run in bands { polygon class="f-band" points=(band(run)) {} }
                @for line in lines { @if !line.is_empty() { polyline class="f-course" points=(line) {} } }
            }
            p class="ends" aria-hidden="true" { span { (first.on) } span { (last.on) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_not_drawn_over_what_is_not_known() {
        let at = |month, value, series| At {
            on: NaiveDate::from_ymd_opt(2026, month, 1).unwrap(),
            value,
            band: Some((100, 300)),
            series,
        };
        let text = course(&[at(1, Some(500), 1), at(2, None, 1), at(3, Some(1_000), 1), at(4, Some(0), 2)])
            .into_string();
        assert_eq!(text.matches("<polyline").count(), 3, "{text}");
        assert!(text.contains("points=\"0,500\"") && text.contains("points=\"1000,1000\""), "{text}");
        assert_eq!(text.matches("<polygon").count(), 2, "{text}");
    }

    #[test]
    fn parts_stay_within_the_bar() {
        let text = Bar::of(700).then(600, Part::Unknown).mark(Some(1_200)).show().into_string();
        assert!(text.contains("x=\"700\" y=\"0\" width=\"300\""), "{text}");
        assert!(text.contains("class=\"f-mark\" x=\"996\""), "{text}");
    }

    #[test]
    fn shares_fill_the_whole() {
        for counts in [vec![1, 1, 1], vec![0, 0, 7], vec![33, 33, 33, 1]] {
            assert_eq!(shares(&counts).iter().sum::<u32>(), 1_000, "{counts:?}");
        }
        assert_eq!(shares(&[0, 0]), [0, 0]);
    }

    #[test]
    fn steps_of_a_rate_do_not_depend_on_the_page() {
        assert_eq!([0, 499, 500, 621, 799, 800, 1_000].map(step), ["r1", "r1", "r2", "r3", "r4", "r5", "r5"]);
    }
}
