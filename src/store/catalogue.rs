//! The catalogue and the register, in their tables.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Conn;
use super::schema::{channel, municipality, procedure, procedure_alias, procedure_list, procedure_list_item};
use super::types::{damaged, dated, level, parse, signed, unsigned};
use crate::domain::bundle::BundleLine;
use crate::domain::catalogue::Catalogue;
use crate::domain::municipality::{Municipality, Places};
use crate::domain::procedure::{ListItem, Procedure, ProcedureAlias, ProcedureList};
use crate::domain::readiness::Channel;

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure, treat_none_as_default_value = false)]
pub(super) struct ProcedureRow {
    id: String,
    position: i32,
    category: String,
    name_ja: String,
    name_en: String,
    target: String,
    legal_basis: Option<String>,
    ministry: Option<String>,
    standard_system: Option<String>,
    has_counter: bool,
    note: Option<String>,
    short_ja: String,
    audience: String,
    common_system: Option<String>,
    introduced_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
    successor_id: Option<String>,
    ceiling: Option<i16>,
    ceiling_source: Option<String>,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure_list, treat_none_as_default_value = false)]
pub(super) struct ListRow {
    id: String,
    position: i32,
    name_ja: String,
    name_en: String,
    edition: Option<String>,
    size: i32,
    source: String,
    note: Option<String>,
    adopted_on: Option<NaiveDate>,
    adopted_precision: Option<String>,
    page: Option<String>,
    predecessor_id: Option<String>,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure_list_item, treat_none_as_default_value = false)]
pub(super) struct ListItemRow {
    list_id: String,
    position: i32,
    group_label: Option<String>,
    number: Option<String>,
    procedure_id: String,
    letter: Option<String>,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = procedure_alias, treat_none_as_default_value = false)]
pub(super) struct AliasRow {
    source: String,
    heading: String,
    procedure_id: String,
    position: String,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = channel, treat_none_as_default_value = false)]
pub(super) struct ChannelRow {
    id: String,
    position: i32,
    label_ja: String,
    label_en: String,
    scale: String,
    place: String,
    named: bool,
}

#[derive(Queryable, Insertable, Clone)]
#[diesel(table_name = municipality, treat_none_as_default_value = false)]
pub(super) struct MunicipalityRow {
    code: String,
    prefecture_name: String,
    name: String,
    name_kana: String,
    kind: String,
    population: Option<i32>,
    households: Option<i32>,
    ended_on: Option<chrono::NaiveDate>,
    successor_code: Option<String>,
}

/// Reads the whole catalogue; `places` and `bundles` are what has no table.
pub fn load(conn: &mut Conn, places: Places, bundles: &[BundleLine]) -> QueryResult<Catalogue> {
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
    let catalogue = catalogue.and_then(|catalogue| catalogue.with_places(places));
    catalogue.and_then(|catalogue| catalogue.with_bundles(bundles)).map_err(damaged)
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
    pub(super) fn new(position: i32, procedure: &Procedure) -> Self {
        let procedure = procedure.clone();
        Self {
            id: procedure.id.to_string(),
            position,
            category: procedure.category.code().to_owned(),
            name_ja: procedure.name_ja,
            name_en: procedure.name_en,
            target: procedure.target.code().to_owned(),
            legal_basis: procedure.legal_basis,
            ministry: procedure.ministry,
            standard_system: procedure.standard_system,
            has_counter: procedure.has_counter,
            note: procedure.note,
            short_ja: procedure.short_ja,
            audience: procedure.audience.code().to_owned(),
            common_system: procedure.common_system,
            introduced_on: procedure.introduced_on,
            ended_on: procedure.ended_on,
            successor_id: procedure.successor.map(|id| id.to_string()),
            ceiling: procedure.ceiling.map(|level| level.number().into()),
            ceiling_source: procedure.ceiling_source,
        }
    }

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
            short_ja: self.short_ja,
            audience: parse(&self.audience)?,
            common_system: self.common_system,
            introduced_on: self.introduced_on,
            ended_on: self.ended_on,
            successor: self.successor_id.as_deref().map(parse).transpose()?,
            ceiling: self.ceiling.map(level).transpose()?,
            ceiling_source: self.ceiling_source,
        })
    }
}

impl ListRow {
    pub(super) fn new(position: i32, list: &ProcedureList) -> Self {
        Self {
            id: list.id.clone(),
            position,
            name_ja: list.name_ja.clone(),
            name_en: list.name_en.clone(),
            edition: list.edition.clone(),
            size: i32::try_from(list.size).unwrap_or(i32::MAX),
            source: list.source.clone(),
            note: list.note.clone(),
            adopted_on: list.adopted.map(|day| day.on),
            adopted_precision: list.adopted.map(|day| day.precision.code().to_owned()),
            page: list.page.clone(),
            predecessor_id: list.predecessor.clone(),
        }
    }

    fn into_domain(self, items: Vec<ListItem>) -> QueryResult<ProcedureList> {
        let adopted = self.adopted_on.zip(self.adopted_precision);
        Ok(ProcedureList {
            id: self.id,
            name_ja: self.name_ja,
            name_en: self.name_en,
            edition: self.edition,
            size: usize::try_from(unsigned(self.size)?).unwrap_or(usize::MAX),
            source: self.source,
            note: self.note,
            adopted: adopted.map(|(on, precision)| dated(on, &precision)).transpose()?,
            page: self.page,
            predecessor: self.predecessor_id,
            items,
        })
    }
}

impl ListItemRow {
    pub(super) fn new(list: &str, item: &ListItem) -> Self {
        Self {
            list_id: list.to_owned(),
            position: signed(item.position),
            group_label: item.group_label.clone(),
            number: item.number.clone(),
            procedure_id: item.procedure.to_string(),
            letter: item.letter.clone(),
        }
    }

    fn to_domain(&self) -> QueryResult<ListItem> {
        Ok(ListItem {
            position: unsigned(self.position)?,
            letter: self.letter.clone(),
            group_label: self.group_label.clone(),
            number: self.number.clone(),
            procedure: parse(&self.procedure_id)?,
        })
    }
}

impl AliasRow {
    pub(super) fn new(alias: &ProcedureAlias) -> Self {
        Self {
            source: alias.source.clone(),
            heading: alias.heading.clone(),
            procedure_id: alias.procedure.to_string(),
            position: alias.position.clone(),
        }
    }

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
    pub(super) fn new(position: i32, channel: &Channel) -> Self {
        Self {
            id: channel.id.to_string(),
            position,
            label_ja: channel.label_ja.clone(),
            label_en: channel.label_en.clone(),
            scale: channel.scale.code().to_owned(),
            place: channel.place.code().to_owned(),
            named: channel.named,
        }
    }

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
    pub(super) fn new(body: &Municipality) -> Self {
        Self {
            code: body.code.to_string(),
            prefecture_name: body.prefecture_name.clone(),
            name: body.name.clone(),
            name_kana: body.name_kana.clone(),
            kind: body.kind.code().to_owned(),
            population: body.population.map(signed),
            households: body.households.map(signed),
            ended_on: body.ended_on,
            successor_code: body.successor.map(|code| code.to_string()),
        }
    }

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
