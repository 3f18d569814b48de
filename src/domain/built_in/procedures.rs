//! Procedures, their lists and other names, and channels.

use std::collections::HashSet;

use chrono::NaiveDate;
use serde::Deserialize;

use super::lines::{Broken, Line, at, fault, records};
use crate::domain::bundle::BundleLine;
use crate::domain::file_dates::parse_in_file;
use crate::domain::procedure::{Category, ListItem, Procedure, ProcedureAlias, ProcedureId, ProcedureList};
use crate::domain::readiness::Channel;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureLine {
    id: String,
    category: String,
    name_ja: String,
    short_ja: String,
    name_en: String,
    target: String,
    audience: String,
    legal_basis: Option<String>,
    ministry: Option<String>,
    standard_system: Option<String>,
    common_system: Option<String>,
    has_counter: bool,
    introduced_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    successor_id: Option<String>,
    ceiling: Option<String>,
    ceiling_source: Option<String>,
    note: Option<String>,
}

/// The procedures, in their order.
pub(super) fn read_procedures(text: &str) -> Result<Vec<Procedure>, Broken> {
    const FILE: &str = "procedures.csv";
    /// Longest name for a narrow column, in characters.
    const SHORT: usize = 10;
    let mut seen = HashSet::new();
    let mut rows = Vec::new();
    for Line { number, row } in records::<ProcedureLine>(FILE, text)? {
        let id: ProcedureId = at(FILE, number, row.id.parse())?;
        let category: Category = at(FILE, number, row.category.parse())?;
        let target = at(FILE, number, row.target.parse())?;
        let audience = at(FILE, number, row.audience.parse())?;
        let successor = row.successor_id.map(|id| at(FILE, number, id.parse())).transpose()?;
        let ceiling = row.ceiling.map(|level| at(FILE, number, level.parse())).transpose()?;
        if !(1..=SHORT).contains(&row.short_ja.chars().count()) {
            return Err(fault(
                FILE,
                number,
                format!("`{}` is no name of 1 to {SHORT} characters", row.short_ja),
            ));
        }
        if ceiling.is_some() != row.ceiling_source.is_some() {
            return Err(fault(FILE, number, "a ceiling stands with its source".to_owned()));
        }
        if !row.id.starts_with(category.code()) {
            return Err(fault(FILE, number, format!("`{}` is not of category {category}", row.id)));
        }
        if !seen.insert(row.id.clone()) {
            return Err(fault(FILE, number, format!("`{}` is given twice", row.id)));
        }
        rows.push(Procedure {
            id,
            category,
            name_ja: row.name_ja,
            short_ja: row.short_ja,
            name_en: row.name_en,
            target,
            audience,
            legal_basis: row.legal_basis,
            ministry: row.ministry,
            standard_system: row.standard_system,
            common_system: row.common_system,
            has_counter: row.has_counter,
            introduced_on: row.introduced_on,
            ended_on: row.ended_on,
            successor,
            ceiling,
            ceiling_source: row.ceiling_source,
            note: row.note,
        });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListLine {
    id: String,
    name_ja: String,
    name_en: String,
    edition: Option<String>,
    adopted: Option<String>,
    page: Option<String>,
    predecessor_id: Option<String>,
    size: usize,
    source: String,
    note: Option<String>,
}

/// The lists without their items, in their order.
pub(super) fn read_lists(text: &str) -> Result<Vec<ProcedureList>, Broken> {
    const FILE: &str = "lists.csv";
    let lines = records::<ListLine>(FILE, text)?;
    let ids: HashSet<String> = lines.iter().map(|line| line.row.id.clone()).collect();
    let list = |Line { number, row }: Line<ListLine>| {
        if let Some(before) = row.predecessor_id.as_ref().filter(|before| !ids.contains(*before)) {
            return Err(fault(FILE, number, format!("no list `{before}`")));
        }
        Ok(ProcedureList {
            id: row.id,
            name_ja: row.name_ja,
            name_en: row.name_en,
            edition: row.edition,
            adopted: at(FILE, number, row.adopted.as_deref().map(parse_in_file).transpose())?,
            page: row.page,
            predecessor: row.predecessor_id,
            size: row.size,
            source: row.source,
            note: row.note,
            items: Vec::new(),
        })
    };
    lines.into_iter().map(list).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListItemLine {
    list_id: String,
    position: u32,
    letter: Option<String>,
    group_label: Option<String>,
    number: Option<String>,
    procedure_id: String,
}

/// Puts the items into their lists, in the order of their positions.
pub(super) fn read_list_items(
    text: &str,
    known: &HashSet<&str>,
    lists: &mut [ProcedureList],
) -> Result<(), Broken> {
    const FILE: &str = "list_items.csv";
    for Line { number, row } in records::<ListItemLine>(FILE, text)? {
        if !known.contains(row.procedure_id.as_str()) {
            return Err(fault(FILE, number, format!("no procedure `{}`", row.procedure_id)));
        }
        let Some(list) = lists.iter_mut().find(|list| list.id == row.list_id) else {
            return Err(fault(FILE, number, format!("no list `{}`", row.list_id)));
        };
        if list.items.iter().any(|item| item.procedure.as_str() == row.procedure_id) {
            return Err(fault(
                FILE,
                number,
                format!("`{}` stands twice in `{}`", row.procedure_id, row.list_id),
            ));
        }
        list.items.push(ListItem {
            position: row.position,
            letter: row.letter,
            group_label: row.group_label,
            number: row.number,
            procedure: at(FILE, number, row.procedure_id.parse())?,
        });
    }
    lists.iter_mut().for_each(|list| list.items.sort_by_key(|item| item.position));
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasLine {
    procedure_id: String,
    source: String,
    position: String,
    heading: String,
}

/// Other names of procedures.
pub(super) fn read_aliases(text: &str, known: &HashSet<&str>) -> Result<Vec<ProcedureAlias>, Broken> {
    const FILE: &str = "procedure_aliases.csv";
    let mut rows = Vec::new();
    for Line { number, row } in records::<AliasLine>(FILE, text)? {
        if !known.contains(row.procedure_id.as_str()) {
            return Err(fault(FILE, number, format!("no procedure `{}`", row.procedure_id)));
        }
        rows.push(ProcedureAlias {
            procedure: at(FILE, number, row.procedure_id.parse())?,
            source: row.source,
            position: row.position,
            heading: row.heading,
        });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BundleRow {
    bundle_id: String,
    name_ja: String,
    name_en: String,
    procedure_id: String,
    necessary: bool,
}

/// The procedures that belong to one event of life. Nothing that is stored points to them, so they have no
/// table.
pub(super) fn read_bundles(text: &str, known: &HashSet<&str>) -> Result<Vec<BundleLine>, Broken> {
    const FILE: &str = "bundles.csv";
    let mut rows: Vec<BundleLine> = Vec::new();
    for Line { number, row } in records::<BundleRow>(FILE, text)? {
        if !known.contains(row.procedure_id.as_str()) {
            return Err(fault(FILE, number, format!("no procedure `{}`", row.procedure_id)));
        }
        let BundleRow { bundle_id: id, name_ja, name_en, procedure_id, necessary } = row;
        if rows.iter().any(|other| other.id == id && other.procedure.as_str() == procedure_id) {
            return Err(fault(FILE, number, format!("`{procedure_id}` stands twice in `{id}`")));
        }
        let procedure = at(FILE, number, procedure_id.parse())?;
        rows.push(BundleLine { id, name_ja, name_en, procedure, necessary });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelLine {
    id: String,
    position: i32,
    label_ja: String,
    label_en: String,
    scale: String,
    place: String,
    named: bool,
}

/// The channels, in the order of their positions.
pub(super) fn read_channels(text: &str) -> Result<Vec<Channel>, Broken> {
    const FILE: &str = "channels.csv";
    let mut lines = records::<ChannelLine>(FILE, text)?;
    lines.sort_by_key(|line| line.row.position);
    let channel = |Line { number, row }: Line<ChannelLine>| {
        Ok(Channel {
            id: at(FILE, number, row.id.parse())?,
            label_ja: row.label_ja,
            label_en: row.label_en,
            scale: at(FILE, number, row.scale.parse())?,
            place: at(FILE, number, row.place.parse())?,
            named: row.named,
        })
    };
    lines.into_iter().map(channel).collect()
}
