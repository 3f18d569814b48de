//! Which rows of the log speak of some bodies, and tell what holds from a day on: of a log of many years most do not,
//! and need not be read whole.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::Conn;
use super::conn::on_backend;
use super::kept_keys;
use super::log::{Brief, Raw, Reader, Word};
use super::schema::assertion;
use crate::domain::catalogue::{BodyIx, Catalogue};
use crate::domain::log::Spot;
use crate::domain::municipality::LgCode;
use crate::domain::readiness::Source;

type Columns = ((i64, Word<LgCode>, Brief, Option<Brief>, Word<Source>), (Raw<NaiveDate>, Option<i64>));

/// What is kept of the rows of one fact while they are gone through.
struct OfFact {
    /// Day and number of the last word of a day up to the first one asked for.
    holds: Option<(NaiveDate, i64)>,
    /// Number of the last row, of whatever day: a plan is compared with that.
    newest: i64,
}

/// What is kept of all facts.
struct Bearing {
    /// The first day that is asked for; without one all rows are wanted.
    from: Option<NaiveDate>,
    /// How many procedures and how many lines of one there are.
    procedures: usize,
    lines: usize,
    /// Where what is kept of a fact stands, from 1: looked up for each row of the log, so that no hash is made.
    places: Vec<u32>,
    latest: Vec<OfFact>,
    numbers: Vec<i64>,
}

impl Bearing {
    fn new(catalogue: &Catalogue, from: Option<NaiveDate>) -> Self {
        // A line is a channel, or applicability, in the words of either source.
        let (procedures, lines) = (catalogue.procedures().len(), (catalogue.channels().len() + 1) * 2);
        let places = from.map_or(0, |_| catalogue.municipalities().len() * procedures * lines);
        let places = vec![0; places];
        Self { from, procedures, lines, places, latest: Vec::new(), numbers: Vec::new() }
    }

    fn place(&self, spot: Spot) -> usize {
        let channel = spot.channel.map_or(0, |channel| usize::from(channel) + 1);
        let line = channel * 2 + usize::from(spot.source == Source::Own);
        (usize::from(spot.body) * self.procedures + usize::from(spot.procedure)) * self.lines + line
    }

    /// Takes up a row.
    fn see(&mut self, seq: i64, spot: Spot, on: NaiveDate) {
        let Some(from) = self.from else { return self.numbers.push(seq) };
        let place = self.place(spot);
        let Some(known) = self.places.get_mut(place) else { return };
        if *known == 0 {
            self.latest.push(OfFact { holds: None, newest: seq });
            *known = u32::try_from(self.latest.len()).unwrap_or(u32::MAX);
        }
        let Some(latest) = usize::try_from(*known - 1).ok().and_then(|at| self.latest.get_mut(at)) else {
            return;
        };
        latest.newest = latest.newest.max(seq);
        if on > from {
            self.numbers.push(seq);
        } else {
            latest.holds = latest.holds.max(Some((on, seq)));
        }
    }

    fn finish(self) -> Vec<i64> {
        let Self { latest, mut numbers, .. } = self;
        numbers.extend(latest.iter().map(|latest| latest.newest));
        numbers.extend(latest.iter().filter_map(|latest| Some(latest.holds?.1)));
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// Numbers, in order, of the rows up to `last` that speak of some bodies. With a first day, of those that tell what
/// holds on it and later: the last word before, and all of later days. Rows of these imports, which were taken back,
/// are left out.
pub fn numbers_of(
    conn: &mut Conn,
    catalogue: &Catalogue,
    wanted: impl Fn(BodyIx) -> bool,
    from: Option<NaiveDate>,
    last: i64,
    taken_back: &BTreeSet<i64>,
) -> QueryResult<Vec<i64>> {
    let mut reader = Reader::new(catalogue);
    let mut bearing = Bearing::new(catalogue, from);
    let mut done = 0;
    for extent in kept_keys::extents(conn, 0, last)? {
        scan(conn, &mut reader, &wanted, (done, extent.first - 1), taken_back, &mut bearing)?;
        done = extent.last;
        if taken_back.contains(&extent.import) {
            continue;
        }
        let see = |seq, spot: Spot, on| {
            if wanted(spot.body) {
                bearing.see(seq, spot, on);
            }
        };
        if !kept_keys::read(conn, catalogue, extent, see)? {
            scan(conn, &mut reader, &wanted, (extent.first - 1, extent.last), taken_back, &mut bearing)?;
        }
    }
    scan(conn, &mut reader, &wanted, (done, last), taken_back, &mut bearing)?;
    Ok(bearing.finish())
}

/// Takes up the rows with numbers after the first and up to the second.
fn scan(
    conn: &mut Conn,
    reader: &mut Reader<'_>,
    wanted: &impl Fn(BodyIx) -> bool,
    (after, last): (i64, i64),
    taken_back: &BTreeSet<i64>,
    bearing: &mut Bearing,
) -> QueryResult<()> {
    /// Rows that one statement reads.
    const PIECE: i64 = 20_000;
    let mut each = |((seq, municipality, procedure, channel, source), (on, import)): Columns| {
        let on = reader.day(on)?;
        let spot = reader.spot(municipality.0, procedure, channel, source.0);
        let Some(spot) = spot.filter(|spot| wanted(spot.body)) else { return Ok(()) };
        if import.is_none_or(|import| !taken_back.contains(&import)) {
            bearing.see(seq, spot, on);
        }
        QueryResult::Ok(())
    };
    for after in (after..last).step_by(usize::try_from(PIECE).unwrap_or(1)) {
        let query = assertion::table
            .filter(assertion::seq.gt(after))
            .filter(assertion::seq.le(last.min(after + PIECE)))
            .order(assertion::seq)
            .select((
                (
                    assertion::seq,
                    assertion::municipality_code,
                    assertion::procedure_id,
                    assertion::channel_id,
                    assertion::source,
                ),
                (assertion::effective_on, assertion::import_id),
            ));
        on_backend!(conn, |c| {
            for columns in query.load_iter::<Columns, DefaultLoadingMode>(c)? {
                each(columns?)?;
            }
        });
    }
    Ok(())
}
