//! Published figures and own material as the history takes them up: without what they say. Every function answers
//! what the database answers.

use std::sync::Arc;

use chrono::NaiveDateTime;
use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::Conn;
use super::conn::on_backend;
use super::log::{Brief, Raw, Reader, Word};
use super::materials::nothing_said;
use super::schema::{material, published_figure};
use crate::domain::log::{RecordKind, RecordOutline};
use crate::domain::material::MaterialKind;
use crate::domain::municipality::LgCode;
use crate::domain::usage::FigureKey;

type Published = (i64, Word<LgCode>, Option<Brief>, Option<String>, i32, String, Raw<NaiveDateTime>, i64);
type Material =
    (i64, Word<LgCode>, Word<MaterialKind>, Option<Brief>, String, String, Raw<NaiveDateTime>, i64);

/// Hands the records with numbers after `after` and up to `last` to `each`.
pub(super) fn outlines_between(
    conn: &mut Conn,
    reader: &mut Reader<'_>,
    (after, last): (i64, i64),
    mut each: impl FnMut(RecordOutline),
) -> QueryResult<()> {
    let published = published_figure::table
        .filter(published_figure::seq.gt(after))
        .filter(published_figure::seq.le(last))
        .order(published_figure::seq)
        .select((
            published_figure::seq,
            published_figure::municipality_code,
            published_figure::procedure_id,
            published_figure::definition,
            published_figure::fiscal_year,
            published_figure::source,
            published_figure::recorded_at,
            published_figure::import_id,
        ));
    let own = material::table
        .filter(material::seq.gt(after))
        .filter(material::seq.le(last))
        .order(material::seq)
        .select((
            material::seq,
            material::municipality_code,
            material::kind,
            material::procedure_id,
            material::subject,
            material::content,
            material::recorded_at,
            material::import_id,
        ));
    on_backend!(conn, |c| {
        for columns in published.load_iter::<Published, DefaultLoadingMode>(c)? {
            let (seq, code, procedure, definition, year, source, recorded_at, import_id) = columns?;
            let subject = FigureKey::subject_text(year, &source, definition.as_deref());
            let about = (seq, code.0, procedure, RecordKind::Published, Arc::from(subject));
            let outline = reader.outline(about, (recorded_at, import_id), false)?;
            outline.into_iter().for_each(&mut each);
        }
        for columns in own.load_iter::<Material, DefaultLoadingMode>(c)? {
            let (seq, code, kind, procedure, subject, content, recorded_at, import_id) = columns?;
            let about = (seq, code.0, procedure, RecordKind::Material(kind.0), Arc::from(subject));
            let outline = reader.outline(about, (recorded_at, import_id), nothing_said(&content))?;
            outline.into_iter().for_each(&mut each);
        }
    });
    Ok(())
}

/// A record by its number: whose it is, of which procedure, what it is and what tells it from others.
type About = (i64, LgCode, Option<Brief>, RecordKind, Arc<str>);

impl Reader<'_> {
    /// None where the catalogue lacks what the row names: the database refers to it, so that cannot be.
    fn outline(
        &mut self,
        (seq, code, procedure, kind, subject): About,
        (recorded_at, import_id): (Raw<NaiveDateTime>, i64),
        withdraws: bool,
    ) -> QueryResult<Option<RecordOutline>> {
        let Some((body, procedure)) = self.place_of_record(code, procedure.as_ref()) else {
            log::error!("record {seq} names what the catalogue does not have");
            return Ok(None);
        };
        let recorded_at = self.moment(recorded_at)?;
        Ok(Some(RecordOutline { seq, body, kind, procedure, subject, withdraws, recorded_at, import_id }))
    }
}
