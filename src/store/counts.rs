//! Counts of applications as the country in memory takes them up. Every function answers what the database
//! answers.

use chrono::NaiveDateTime;
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::Conn;
use super::conn::on_backend;
use super::log::{Brief, Raw, Reader, Word};
use super::schema::usage;
use super::types::damaged;
use crate::domain::dates::FiscalYear;
use crate::domain::municipality::LgCode;
use crate::domain::usage::{ChannelGroup, Counted};

type Columns = (i64, Word<LgCode>, Brief, i32, Word<ChannelGroup>, i64, Raw<NaiveDateTime>, i64);

/// Hands the counts with numbers after `after` and up to `last` to `each`, in order.
pub(super) fn counts_between(
    conn: &mut Conn,
    reader: &mut Reader<'_>,
    (after, last): (i64, i64),
    mut each: impl FnMut(Counted),
) -> QueryResult<()> {
    let query =
        usage::table.filter(usage::seq.gt(after)).filter(usage::seq.le(last)).order(usage::seq).select((
            usage::seq,
            usage::municipality_code,
            usage::procedure_id,
            usage::fiscal_year,
            usage::channel_group,
            usage::applications,
            usage::recorded_at,
            usage::import_id,
        ));
    on_backend!(conn, |c| {
        for columns in query.load_iter::<Columns, DefaultLoadingMode>(c)? {
            let (seq, municipality, procedure, year, group, applications, recorded_at, import_id) = columns?;
            let Some((body, procedure)) = reader.place(municipality.0, &procedure) else {
                log::error!("count {seq} names what the catalogue does not have");
                continue;
            };
            each(Counted {
                seq,
                body,
                procedure,
                fiscal_year: FiscalYear::new(year).map_err(damaged)?,
                group: group.0,
                // The table refuses less than 0.
                applications: u64::try_from(applications).unwrap_or(0),
                recorded_at: reader.moment(recorded_at)?,
                import_id,
            });
        }
    });
    Ok(())
}
