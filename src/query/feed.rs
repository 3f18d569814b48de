//! What became different, as an Atom feed (RFC 4287) that readers of news follow.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::changes::{ChangeQuery, Changes};
use super::filters::{BodyQuery, ProcedureQuery};
use super::parameters::Checks;
use super::question::{Address, Country, Needs, Question, Shape, documented};
use crate::domain::catalogue::{BodyIx, ChannelIx, ProcedureIx};
use crate::domain::dates::{begin_in_japan, in_japan};
use crate::grid::changes::Changed;
use crate::grid::{Cell, Grid};

/// So many entries stand in a feed, the newest first.
const MOST_ENTRIES: usize = 200;

documented!(Feed);

/// What became different, to be followed.
pub(crate) struct Feed {
    changes: Changes,
    /// The parameters of its address.
    query: String,
}

impl Question for Feed {
    type Parts = (ChangeQuery, BodyQuery, ProcedureQuery);
    const SHAPE: Shape = Shape::One;
    const LONG: bool = true;
    const OF_ANY_MOMENT: bool = true;
    /// It goes through two whole countries, and through what was written between them.
    const MORE_READS: u32 = 20;

    fn read(parts: Self::Parts, address: &Address<'_>, checks: &mut Checks, grid: &Grid) -> Option<Self> {
        let query = serde_urlencoded::to_string(address.query.asked()).unwrap_or_default();
        Some(Self { changes: Changes::read(parts, address, checks, grid)?, query })
    }

    fn needs(&self) -> Needs {
        let earlier = self.changes.earlier();
        let since = earlier.known_at.into_iter().chain(earlier.as_of.map(begin_in_japan)).min();
        Needs { earlier: Some(earlier), changed_since: since, ..Needs::default() }
    }
}

/// Whose row a change is of.
type Place = (BodyIx, ProcedureIx, Option<ChannelIx>);

impl Feed {
    /// The feed as XML.
    pub(crate) fn xml(&self, country: &Country) -> Vec<u8> {
        let mut learnt: HashMap<Place, DateTime<Utc>> = HashMap::new();
        for row in country.changed.iter().flat_map(|changed| changed.rows()) {
            let (procedure, channel, _) = row.key;
            let at = learnt.entry((row.body, procedure, channel)).or_insert(row.at);
            *at = row.at.max(*at);
        }
        let found = self.changes.found(country).into_iter();
        let mut dated: Vec<(DateTime<Utc>, Changed)> =
            found.map(|changed| (moment(&changed, &learnt, country), changed)).collect();
        dated.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        dated.truncate(MOST_ENTRIES);
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
        // Memory takes whatever is written.
        let _ = self.write(&mut writer, &country.grid, &dated);
        writer.into_inner()
    }

    fn write(
        &self,
        writer: &mut Writer<Vec<u8>>,
        grid: &Grid,
        entries: &[(DateTime<Utc>, Changed)],
    ) -> std::io::Result<()> {
        let scope = self.changes.scope().unwrap_or("全国");
        let updated = entries.first().map_or(begin_in_japan(grid.as_of()), |(at, _)| *at);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
        let feed = writer.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
        feed.with_attribute(("xml:lang", "ja")).write_inner_content(|writer| {
            element(writer, "id", &format!("urn:todoke:changes:{}", self.query))?;
            element(writer, "title", &format!("手続の対応状況の変化（{scope}）"))?;
            element(writer, "updated", &rfc3339(updated))?;
            writer
                .create_element("author")
                .write_inner_content(|writer| element(writer, "name", "todoke"))?;
            link(writer, "self", &format!("/api/v1/changes.atom?{}", self.query))?;
            entries.iter().try_for_each(|(at, changed)| entry(writer, grid, *at, changed))
        })?;
        Ok(())
    }
}

/// When a change was learnt.
fn moment(changed: &Changed, learnt: &HashMap<Place, DateTime<Utc>>, country: &Country) -> DateTime<Utc> {
    let place = (changed.body, changed.procedure, changed.channel);
    let stated = || changed.after.as_ref().map(|cell| cell.updated_at);
    // What one says of a channel may change what counts on another.
    learnt.get(&place).copied().or_else(stated).unwrap_or_else(|| {
        let of_procedure =
            learnt.iter().filter(|((body, procedure, _), _)| (*body, *procedure) == (place.0, place.1));
        of_procedure.map(|(_, at)| *at).max().unwrap_or_else(|| begin_in_japan(country.grid.as_of()))
    })
}

fn entry(
    writer: &mut Writer<Vec<u8>>,
    grid: &Grid,
    at: DateTime<Utc>,
    changed: &Changed,
) -> std::io::Result<()> {
    let catalogue = grid.catalogue();
    let (body, procedure) = (catalogue.body(changed.body), catalogue.procedure(changed.procedure));
    let channel = changed.channel.map(|channel| catalogue.channel(channel));
    let name = format!("{}{}", body.prefecture_name, body.name);
    let where_ = channel.map_or_else(String::new, |channel| format!("（{}）", channel.label_ja));
    let level = |cell: &Option<Cell>| {
        cell.as_ref().map_or_else(
            || "申告なし".to_owned(),
            |cell| format!("段階{}", cell.level.said_number(cell.at_least)),
        )
    };
    let became = channel.map(|_| format!("{} → {}", level(&changed.before), level(&changed.after)));
    let title = format!("{name} {}{where_}: {}", procedure.name_ja, changed.change.label());
    let row = channel.map(|channel| format!("/{}", channel.id)).unwrap_or_default();
    let id =
        format!("{}:{}{row}:{}:{}", body.code, procedure.id, changed.change.code(), at.timestamp_micros());
    writer.create_element("entry").write_inner_content(|writer| {
        element(writer, "id", &format!("urn:todoke:change:{id}"))?;
        element(writer, "title", &title)?;
        element(writer, "updated", &rfc3339(at))?;
        let what = if channel.is_some() { "readiness" } else { "applicability" };
        link(
            writer,
            "alternate",
            &format!("/api/v1/municipalities/{}/{what}/{}{row}", body.code, procedure.id),
        )?;
        let system = changed.after.as_ref().and_then(|cell| cell.system.as_deref());
        let system = system.map(|system| format!("（{system}）")).unwrap_or_default();
        let text =
            became.map_or_else(|| changed.change.label().to_owned(), |became| format!("{became}{system}"));
        element(writer, "summary", &text)
    })?;
    Ok(())
}

fn element(writer: &mut Writer<Vec<u8>>, name: &str, text: &str) -> std::io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(text)).map(|_| ())
}

fn link(writer: &mut Writer<Vec<u8>>, rel: &str, href: &str) -> std::io::Result<()> {
    let link = writer.create_element("link").with_attribute(("rel", rel)).with_attribute(("href", href));
    link.write_empty().map(|_| ())
}

fn rfc3339(at: DateTime<Utc>) -> String {
    in_japan(at).to_rfc3339_opts(SecondsFormat::Secs, false)
}
