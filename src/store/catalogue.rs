//! The catalogue and the register, from their tables.

use diesel::prelude::*;

use super::Conn;
use super::schema::{channel, municipality, procedure, procedure_alias, procedure_list, procedure_list_item};
use super::types::{damaged, parse, unsigned};
use crate::domain::catalogue::Catalogue;
use crate::domain::municipality::{Municipality, Places};
use crate::domain::procedure::{ListItem, Procedure, ProcedureAlias, ProcedureList};
use crate::domain::readiness::Channel;

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure, treat_none_as_default_value = false)]
pub(super) struct ProcedureRow {
    pub(super) id: String,
    pub(super) position: i32,
    pub(super) category: String,
    pub(super) name_ja: String,
    pub(super) name_en: String,
    pub(super) target: String,
    pub(super) legal_basis: Option<String>,
    pub(super) ministry: Option<String>,
    pub(super) standard_system: Option<String>,
    pub(super) has_counter: bool,
    pub(super) note: Option<String>,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure_list, treat_none_as_default_value = false)]
pub(super) struct ListRow {
    pub(super) id: String,
    pub(super) position: i32,
    pub(super) name_ja: String,
    pub(super) name_en: String,
    pub(super) edition: Option<String>,
    pub(super) size: i32,
    pub(super) source: String,
    pub(super) note: Option<String>,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure_list_item, treat_none_as_default_value = false)]
pub(super) struct ListItemRow {
    pub(super) list_id: String,
    pub(super) position: i32,
    pub(super) group_label: Option<String>,
    pub(super) number: Option<String>,
    pub(super) procedure_id: String,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure_alias, treat_none_as_default_value = false)]
pub(super) struct AliasRow {
    pub(super) source: String,
    pub(super) heading: String,
    pub(super) procedure_id: String,
    pub(super) position: String,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = channel, treat_none_as_default_value = false)]
pub(super) struct ChannelRow {
    pub(super) id: String,
    pub(super) position: i32,
    pub(super) label_ja: String,
    pub(super) label_en: String,
    pub(super) scale: String,
    pub(super) place: String,
    pub(super) named: bool,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = municipality, treat_none_as_default_value = false)]
pub(super) struct MunicipalityRow {
    pub(super) code: String,
    pub(super) prefecture_name: String,
    pub(super) name: String,
    pub(super) name_kana: String,
    pub(super) kind: String,
    pub(super) population: Option<i32>,
    pub(super) households: Option<i32>,
    pub(super) ended_on: Option<chrono::NaiveDate>,
    pub(super) successor_code: Option<String>,
}

/// Reads the whole catalogue; `places` are what has no table.
///
/// # Errors
///
/// What the database answers, and rows that are no words of the domain.
pub fn load(conn: &mut Conn, places: Places) -> QueryResult<Catalogue> {
    let procedures = procedure::table
        .order(procedure::position)
        .load::<ProcedureRow>(conn)?
        .into_iter()
        .map(ProcedureRow::into_domain)
        .collect::<QueryResult<Vec<_>>>()?;
    let channels = channel::table
        .order(channel::position)
        .load::<ChannelRow>(conn)?
        .into_iter()
        .map(ChannelRow::into_domain)
        .collect::<QueryResult<Vec<_>>>()?;
    let municipalities = municipality::table
        .order(municipality::code)
        .load::<MunicipalityRow>(conn)?
        .into_iter()
        .map(MunicipalityRow::into_domain)
        .collect::<QueryResult<Vec<_>>>()?;
    let aliases = procedure_alias::table
        .order((procedure_alias::source, procedure_alias::heading))
        .load::<AliasRow>(conn)?
        .into_iter()
        .map(AliasRow::into_domain)
        .collect::<QueryResult<Vec<_>>>()?;
    let lists = load_lists(conn)?;
    let catalogue = Catalogue::new(procedures, lists, channels, municipalities, aliases);
    catalogue.and_then(|catalogue| catalogue.with_places(places)).map_err(damaged)
}

fn load_lists(conn: &mut Conn) -> QueryResult<Vec<ProcedureList>> {
    let lists = procedure_list::table.order(procedure_list::position).load::<ListRow>(conn)?;
    let items = procedure_list_item::table
        .order((procedure_list_item::list_id, procedure_list_item::position))
        .load::<ListItemRow>(conn)?;
    lists
        .into_iter()
        .map(|list| {
            let items = items
                .iter()
                .filter(|item| item.list_id == list.id)
                .map(ListItemRow::to_domain)
                .collect::<QueryResult<Vec<_>>>()?;
            list.into_domain(items)
        })
        .collect()
}

impl ProcedureRow {
    fn into_domain(self) -> QueryResult<Procedure> {
        Ok(Procedure {
            id: parse(&self.id)?,
            category: parse(&self.category)?,
            name_ja: self.name_ja,
            name_en: self.name_en,
            target: parse(&self.target)?,
            legal_basis: self.legal_basis,
            ministry: self.ministry,
            standard_system: self.standard_system,
            has_counter: self.has_counter,
            note: self.note,
        })
    }
}

impl ListRow {
    fn into_domain(self, items: Vec<ListItem>) -> QueryResult<ProcedureList> {
        Ok(ProcedureList {
            id: self.id,
            name_ja: self.name_ja,
            name_en: self.name_en,
            edition: self.edition,
            size: usize::try_from(unsigned(self.size)?).unwrap_or(usize::MAX),
            source: self.source,
            note: self.note,
            items,
        })
    }
}

impl ListItemRow {
    fn to_domain(&self) -> QueryResult<ListItem> {
        Ok(ListItem {
            position: unsigned(self.position)?,
            group_label: self.group_label.clone(),
            number: self.number.clone(),
            procedure: parse(&self.procedure_id)?,
        })
    }
}

impl AliasRow {
    fn into_domain(self) -> QueryResult<ProcedureAlias> {
        Ok(ProcedureAlias {
            procedure: parse(&self.procedure_id)?,
            source: self.source,
            position: self.position,
            heading: self.heading,
        })
    }
}

impl ChannelRow {
    fn into_domain(self) -> QueryResult<Channel> {
        Ok(Channel {
            id: parse(&self.id)?,
            label_ja: self.label_ja,
            label_en: self.label_en,
            scale: parse(&self.scale)?,
            place: parse(&self.place)?,
            named: self.named,
        })
    }
}

impl MunicipalityRow {
    fn into_domain(self) -> QueryResult<Municipality> {
        Ok(Municipality {
            code: parse(&self.code)?,
            prefecture_name: self.prefecture_name,
            name: self.name,
            name_kana: self.name_kana,
            kind: parse(&self.kind)?,
            population: self.population.map(unsigned).transpose()?,
            households: self.households.map(unsigned).transpose()?,
            ended_on: self.ended_on,
            successor: self.successor_code.as_deref().map(parse).transpose()?,
        })
    }
}
