//! Names of bodies under a heading that does not say so.

use super::body_columns::column_of_names;
use super::channel_words;
use super::head::Head;
use crate::domain::catalogue::Catalogue;
use crate::domain::text::cut;
use crate::import::layout::column::Column;
use crate::import::table::Table;

/// Finds the names of bodies under a heading that does not say so: beside codes, and in tables that do
/// not say whose they are, they may contradict what is said otherwise. What is told of it.
pub(super) fn learn_names(head: &mut dyn Head, table: &Table, catalogue: &Catalogue) -> Option<String> {
    let place = head.body_columns();
    if !head.learns_names() || place.name.is_some() {
        return None;
    }
    let headings = head.headings();
    let open = |at: usize| {
        let heading = headings.meaning(at);
        !place.columns().contains(&Some(at))
            && Column::of_heading(heading).is_none()
            && channel_words::channel_of(catalogue, heading).is_none()
    };
    let at = column_of_names(table, headings, catalogue, open)?;
    let name = headings.name(at);
    head.name_at(at);
    Some(format!(
        "「{0}」列は団体名と見て読みました（団体名でなければ ignore='{0}' を指定してください）。",
        cut(&name, 60)
    ))
}
