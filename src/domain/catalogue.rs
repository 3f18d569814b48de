//! The catalogue and the register, held in memory with their indexes.
//!
//! It is immutable once built. Positions in it are what the grid computes with; ids and codes are
//! what people see.

use std::collections::HashMap;

use super::Refusal;
use super::body_names::BodyNames;
use super::bundle::{Bundle, BundleItem, BundleLine};
use super::municipality::{LgCode, Municipality, Places, PrefectureCode};
pub use super::position::{BodyIx, BundleIx, ChannelIx, ProcedureIx};
use super::precedence::Precedence;
use super::procedure::{Procedure, ProcedureAlias, ProcedureId, ProcedureList};
use super::procedure_names::ProcedureNames;
use super::readiness::{Channel, ChannelId};
use super::text::{cut, fold_for_match, fold_for_search, nearest, unknown_code};

/// Everything that is known beforehand: procedures, lists, channels and local governments.
#[derive(Debug)]
pub struct Catalogue {
    procedures: Vec<Procedure>,
    lists: Vec<ProcedureList>,
    channels: Vec<Channel>,
    municipalities: Vec<Municipality>,
    aliases: Vec<ProcedureAlias>,
    procedure_index: HashMap<String, ProcedureIx>,
    channel_index: HashMap<String, ChannelIx>,
    body_index: HashMap<LgCode, BodyIx>,
    list_members: Vec<Vec<ProcedureIx>>,
    prefectures: Vec<BodyIx>,
    precedence: Precedence,
    channel_labels: Vec<String>,
    names: BodyNames,
    procedure_names: ProcedureNames,
    places: Places,
    bundles: Vec<Bundle>,
    search_names: Vec<String>,
    procedure_search: Vec<String>,
}

impl Catalogue {
    /// Builds the indexes. Municipalities are put in code order.
    ///
    /// # Errors
    ///
    /// More rows than the positions can count, and list items or aliases of unknown procedures.
    pub fn new(
        procedures: Vec<Procedure>,
        lists: Vec<ProcedureList>,
        channels: Vec<Channel>,
        mut municipalities: Vec<Municipality>,
        aliases: Vec<ProcedureAlias>,
    ) -> Result<Self, Refusal> {
        municipalities.sort_by_key(|municipality| municipality.code);
        let too_many =
            |what: &str| Refusal::new("too_many", what, "件数が多すぎます", "too many rows in the catalogue");
        let procedure_index =
            index(&procedures, |row| row.id.to_string()).ok_or_else(|| too_many("procedures"))?;
        let channel_index = index(&channels, |row| row.id.to_string()).ok_or_else(|| too_many("channels"))?;
        let body_index = index(&municipalities, |row| row.code).ok_or_else(|| too_many("municipalities"))?;
        let list_members = lists
            .iter()
            .map(|list| list.items.iter().map(|item| known(&procedure_index, &item.procedure)).collect())
            .collect::<Result<_, Refusal>>()?;
        for alias in &aliases {
            known(&procedure_index, &alias.procedure)?;
        }
        let prefectures =
            (0..).zip(&municipalities).filter(|(_, row)| row.is_prefecture()).map(|(ix, _)| ix).collect();
        let precedence = Precedence::new(&channels);
        let channel_labels = channels.iter().map(|row| fold_for_match(&row.label_ja)).collect();
        let search_names = municipalities
            .iter()
            .map(|m| {
                search_text(&[&format!("{}{}", m.prefecture_name, m.name), &m.name_kana, m.code.as_str()])
            })
            .collect();
        let procedure_search = procedures
            .iter()
            .map(|p| {
                search_text(&[
                    p.id.as_str(),
                    &p.name_ja,
                    &p.name_en,
                    p.legal_basis.as_deref().unwrap_or_default(),
                    p.standard_system.as_deref().unwrap_or_default(),
                    &aliases_of(&aliases, &p.id),
                ])
            })
            .collect();
        let names = BodyNames::new(&municipalities, &[], &[]);
        let own = procedures.iter().map(|row| (row.name_ja.as_str(), row.id.as_str()));
        let others = aliases.iter().map(|row| (row.heading.as_str(), row.procedure.as_str()));
        let with_places = |(name, id)| Some((name, *procedure_index.get(id)?));
        let procedure_names = ProcedureNames::new(own.chain(others).filter_map(with_places));
        Ok(Self {
            procedures,
            lists,
            channels,
            municipalities,
            aliases,
            procedure_index,
            channel_index,
            body_index,
            list_members,
            prefectures,
            precedence,
            channel_labels,
            names,
            procedure_names,
            places: Places::default(),
            bundles: Vec::new(),
            search_names,
            procedure_search,
        })
    }

    /// The same catalogue with wards and names of former times.
    ///
    /// # Errors
    ///
    /// A place whose body the register does not have.
    pub fn with_places(mut self, places: Places) -> Result<Self, Refusal> {
        let wards = places.wards.iter().map(|ward| ward.city);
        for code in wards.chain(places.former.iter().map(|row| row.successor)) {
            self.find_body(code.as_str())?;
        }
        self.names = BodyNames::new(&self.municipalities, &places.wards, &places.former);
        self.places = places;
        for (body, names) in self.municipalities.iter().zip(&mut self.search_names) {
            for name in self.places.names_of(body.code) {
                names.push('\n');
                names.push_str(&fold_for_search(name));
            }
        }
        Ok(self)
    }

    /// The same catalogue with the procedures that belong to one event of life.
    ///
    /// # Errors
    ///
    /// A procedure that the catalogue does not have.
    pub fn with_bundles(mut self, lines: &[BundleLine]) -> Result<Self, Refusal> {
        for line in lines {
            let procedure = known(&self.procedure_index, &line.procedure)?;
            let item = BundleItem { procedure, necessary: line.necessary };
            match self.bundles.iter_mut().find(|bundle| bundle.id == line.id) {
                Some(bundle) => bundle.items.push(item),
                None => self.bundles.push(Bundle {
                    id: line.id.clone(),
                    name_ja: line.name_ja.clone(),
                    name_en: line.name_en.clone(),
                    items: vec![item],
                }),
            }
        }
        Ok(self)
    }

    /// Events of life, in their order.
    pub fn bundles(&self) -> &[Bundle] {
        &self.bundles
    }

    /// The event of life at a position.
    pub fn bundle(&self, ix: BundleIx) -> &Bundle {
        &self.bundles[usize::from(ix)]
    }

    /// Finds an event of life.
    ///
    /// # Errors
    ///
    /// An id that is none.
    pub fn find_bundle(&self, text: &str) -> Result<BundleIx, Refusal> {
        let ids: Vec<&str> = self.bundles.iter().map(|bundle| bundle.id.as_str()).collect();
        let found = (0..).zip(&ids).find(|(_, id)| **id == text);
        found.map(|(ix, _)| ix).ok_or_else(|| unknown_code(text, "ライフイベント", "event of life", &ids))
    }

    /// Every procedure, in catalogue order.
    pub fn procedures(&self) -> &[Procedure] {
        &self.procedures
    }

    /// Every list edition.
    pub fn lists(&self) -> &[ProcedureList] {
        &self.lists
    }

    /// Every channel, in display order.
    pub fn channels(&self) -> &[Channel] {
        &self.channels
    }

    /// Every body, in code order, prefectures among them.
    pub fn municipalities(&self) -> &[Municipality] {
        &self.municipalities
    }

    /// Headings under which files show procedures.
    pub fn aliases(&self) -> &[ProcedureAlias] {
        &self.aliases
    }

    /// Bodies by what people write of them.
    pub fn names(&self) -> &BodyNames {
        &self.names
    }

    /// Procedures by what people write of them.
    pub fn procedure_names(&self) -> &ProcedureNames {
        &self.procedure_names
    }

    /// Wards and names of former times.
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// The procedure at a position.
    pub fn procedure(&self, ix: ProcedureIx) -> &Procedure {
        &self.procedures[usize::from(ix)]
    }

    /// The channel at a position.
    pub fn channel(&self, ix: ChannelIx) -> &Channel {
        &self.channels[usize::from(ix)]
    }

    /// The body at a position.
    pub fn body(&self, ix: BodyIx) -> &Municipality {
        &self.municipalities[usize::from(ix)]
    }

    /// Position of a procedure id, if the catalogue has it.
    pub fn procedure_ix(&self, id: &str) -> Option<ProcedureIx> {
        self.procedure_index.get(id).copied()
    }

    /// Position of a channel id, if there is such a channel.
    pub fn channel_ix(&self, id: &str) -> Option<ChannelIx> {
        self.channel_index.get(id).copied()
    }

    /// The label of each channel, folded for matching.
    pub fn channel_labels(&self) -> impl Iterator<Item = (ChannelIx, &str)> {
        (0..).zip(self.channel_labels.iter().map(String::as_str))
    }

    /// Position of a body's code, if the register has it.
    pub fn body_ix(&self, code: LgCode) -> Option<BodyIx> {
        self.body_index.get(&code).copied()
    }

    /// A list by its id.
    pub fn list(&self, id: &str) -> Option<&ProcedureList> {
        self.lists.iter().find(|list| list.id == id)
    }

    /// Members of a list in printed order.
    pub fn members(&self, list: &str) -> Option<&[ProcedureIx]> {
        let at = self.lists.iter().position(|other| other.id == list)?;
        Some(&self.list_members[at])
    }

    /// Ids of the lists a procedure stands in.
    pub fn lists_of(&self, procedure: ProcedureIx) -> impl Iterator<Item = &str> {
        self.lists
            .iter()
            .zip(&self.list_members)
            .filter(move |(_, members)| members.contains(&procedure))
            .map(|(list, _)| list.id.as_str())
    }

    /// The prefectures' own rows, in code order.
    pub fn prefectures(&self) -> impl Iterator<Item = &Municipality> {
        self.prefectures.iter().map(|ix| self.body(*ix))
    }

    /// The row of a prefecture.
    pub fn prefecture(&self, code: PrefectureCode) -> Option<&Municipality> {
        self.prefectures().find(|m| m.prefecture() == code)
    }

    /// Whether a body's prefecture, name, reading, code, former name or ward contains a folded search text.
    pub fn body_matches(&self, ix: BodyIx, folded: &str) -> bool {
        self.search_names[usize::from(ix)].contains(folded)
    }

    /// Whether a procedure's id, names, aliases, legal basis or standard system contains a folded search text.
    pub fn procedure_matches(&self, ix: ProcedureIx, folded: &str) -> bool {
        self.procedure_search[usize::from(ix)].contains(folded)
    }

    /// Position of a procedure named by a person.
    ///
    /// # Errors
    ///
    /// A malformed id, or one that the catalogue does not have, with the nearest one.
    pub fn find_procedure(&self, text: &str) -> Result<ProcedureIx, Refusal> {
        self.procedure_ix(text).ok_or_else(|| {
            let ids = self.procedures.iter().map(|row| row.id.as_str());
            let refusal = unknown("unknown_procedure", "手続", "procedure", text, ids)
                .allowed("kosodate-01 のような、分野と2桁の番号（一覧は /api/v1/procedures）");
            // A number that lost its zero is the likeliest slip.
            match text.rsplit_once('-').map(|(category, number)| format!("{category}-0{number}")) {
                Some(padded) if self.procedure_ix(&padded).is_some() => refusal.suggest(padded),
                _ => refusal,
            }
        })
    }

    /// Position of a channel named by a person.
    ///
    /// # Errors
    ///
    /// An id that is no channel.
    pub fn find_channel(&self, text: &str) -> Result<ChannelIx, Refusal> {
        self.channel_ix(text).ok_or_else(|| {
            let ids: Vec<&str> = self.channels.iter().map(|row| row.id.as_str()).collect();
            let allowed = ids.join(", ");
            unknown("unknown_channel", "接点", "channel", text, ids).allowed(allowed)
        })
    }

    /// A list named by a person.
    ///
    /// # Errors
    ///
    /// An id that is no list.
    pub fn find_list(&self, text: &str) -> Result<&ProcedureList, Refusal> {
        self.list(text).ok_or_else(|| {
            let ids: Vec<&str> = self.lists.iter().map(|row| row.id.as_str()).collect();
            let allowed = ids.join(", ");
            unknown("unknown_list", "手続一覧", "procedure list", text, ids).allowed(allowed)
        })
    }

    /// A list named by a person who wants its members.
    ///
    /// # Errors
    ///
    /// An id that is no list, and one of which nobody knows the members.
    pub fn find_members(&self, text: &str) -> Result<&ProcedureList, Refusal> {
        let list = self.find_list(text)?;
        if list.has_members() {
            return Ok(list);
        }
        let known = self.lists.iter().filter(|list| list.has_members()).map(|list| list.id.as_str());
        let known: Vec<&str> = known.collect();
        let message = format!("手続一覧「{text}」は、どの手続が載るかが分かっていません");
        let refusal = Refusal::new("members_unknown", text, message, "nobody knows the members of this list");
        Err(refusal.allowed(known.join(", ")))
    }

    /// Position of a body named by its code, with or without check digit.
    ///
    /// # Errors
    ///
    /// A malformed code, a wrong check digit, or a code that the register does not have.
    pub fn find_body(&self, text: &str) -> Result<BodyIx, Refusal> {
        let code: LgCode = text.parse()?;
        self.body_ix(code).ok_or_else(|| {
            Refusal::unknown(
                "unknown_municipality",
                text,
                format!("団体コード {code} の団体はありません"),
                "no such local government",
            )
            .allowed("全国地方公共団体コード（一覧は /api/v1/municipalities）")
        })
    }

    /// Position of the `online` channel (means unknown).
    pub fn online(&self) -> Option<ChannelIx> {
        self.channel_ix(ChannelId::ONLINE)
    }

    /// Whose word counts, over these channels.
    pub fn precedence(&self) -> &Precedence {
        &self.precedence
    }
}

/// Every other name of a procedure, one a line.
fn aliases_of(aliases: &[ProcedureAlias], procedure: &ProcedureId) -> String {
    let own = aliases.iter().filter(|alias| alias.procedure == *procedure);
    own.map(|alias| alias.heading.as_str()).collect::<Vec<_>>().join("\n")
}

/// Folded fields, kept apart so that a search never runs from one into the next.
fn search_text(fields: &[&str]) -> String {
    fields.iter().map(|field| fold_for_search(field)).collect::<Vec<_>>().join("\n")
}

fn index<R, K: std::hash::Hash + Eq, I: TryFrom<usize>>(
    rows: &[R],
    key: impl Fn(&R) -> K,
) -> Option<HashMap<K, I>> {
    rows.iter().enumerate().map(|(position, row)| Some((key(row), I::try_from(position).ok()?))).collect()
}

fn known(index: &HashMap<String, ProcedureIx>, id: &ProcedureId) -> Result<ProcedureIx, Refusal> {
    index.get(id.as_str()).copied().ok_or_else(|| {
        Refusal::unknown("unknown_procedure", id.as_str(), "手続がありません", "no such procedure")
    })
}

fn unknown<'a>(
    code: &'static str,
    what_ja: &str,
    what_en: &str,
    text: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Refusal {
    let refusal = Refusal::unknown(
        code,
        text,
        format!("{what_ja}「{}」はありません", cut(text, 40)),
        format!("no such {what_en}"),
    );
    match nearest(text, known) {
        Some(near) => refusal.suggest(near),
        None => refusal,
    }
}
