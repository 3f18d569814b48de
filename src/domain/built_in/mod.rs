//! The catalogue and the register as they are built into the program, read from CSV files and checked.

mod lines;
mod procedures;
mod register;

use std::collections::HashSet;

use sha2::{Digest, Sha256};

pub use lines::Broken;
use lines::fault;
use procedures::{read_aliases, read_bundles, read_channels, read_list_items, read_lists, read_procedures};
use register::{read_municipalities, read_places};

use super::bundle::BundleLine;
use super::municipality::{Municipality, Places};
use super::procedure::{Category, Procedure, ProcedureAlias, ProcedureId, ProcedureList};
use super::readiness::{Channel, ChannelId};

/// The texts of the files under `data/`.
#[derive(Clone, Copy, Debug)]
pub struct Files<'a> {
    /// procedures.csv
    pub procedures: &'a str,
    /// procedure_aliases.csv
    pub aliases: &'a str,
    /// lists.csv
    pub lists: &'a str,
    /// list_items.csv
    pub list_items: &'a str,
    /// municipalities.csv
    pub municipalities: &'a str,
    /// channels.csv
    pub channels: &'a str,
    /// wards.csv
    pub wards: &'a str,
    /// former_names.csv
    pub former_names: &'a str,
    /// bundles.csv
    pub bundles: &'a str,
}

/// The files that are built in.
pub const BUILT_IN: Files<'static> = Files {
    procedures: include_str!("../../../data/procedures.csv"),
    aliases: include_str!("../../../data/procedure_aliases.csv"),
    lists: include_str!("../../../data/lists.csv"),
    list_items: include_str!("../../../data/list_items.csv"),
    municipalities: include_str!("../../../data/municipalities.csv"),
    channels: include_str!("../../../data/channels.csv"),
    wards: include_str!("../../../data/wards.csv"),
    former_names: include_str!("../../../data/former_names.csv"),
    bundles: include_str!("../../../data/bundles.csv"),
};

/// Procedures of the current list by category: 20 + 15 + 11 + 8 + 2 = 56.
const PRIORITY56: &[(Category, usize)] = &[
    (Category::HighVolume, 20),
    (Category::Kosodate, 15),
    (Category::Kaigo, 11),
    (Category::Hisaisha, 8),
    (Category::TenshutsuTennyu, 2),
];
/// Members of each list edition.
const LISTS: &[(&str, usize)] = &[
    ("priority56", 56),
    ("priority59", 59),
    ("priority58", 58),
    ("benefit31", 31),
    ("dashboard26", 26),
    ("common32", 32),
];
/// How many prefectures and how many municipalities Japan has.
const PREFECTURES: usize = 47;
const MUNICIPALITIES: usize = 1_741;

/// What the files say, checked.
pub struct BuiltIn {
    /// Procedures, in their order.
    pub procedures: Vec<Procedure>,
    /// Other names of procedures.
    pub aliases: Vec<ProcedureAlias>,
    /// Lists with their items, in their order.
    pub lists: Vec<ProcedureList>,
    /// Prefectures and municipalities.
    pub municipalities: Vec<Municipality>,
    /// Channels, in their order.
    pub channels: Vec<Channel>,
    /// Wards and names of former times, which have no table.
    pub places: Places,
    /// Procedures that belong to one event of life, which have no table.
    pub bundles: Vec<BundleLine>,
    /// SHA-256 of the files that have tables, hexadecimal.
    pub fingerprint: String,
}

/// Reads and checks the files.
///
/// # Errors
///
/// The first fault, with file, line and reason: a row that does not fit its columns, a code with a
/// wrong check digit, an id that is given twice or points nowhere, and counts that are not those of
/// the published lists.
pub fn read(files: &Files<'_>) -> Result<BuiltIn, Broken> {
    let procedures = read_procedures(files.procedures)?;
    let known: HashSet<&str> = procedures.iter().map(|row| row.id.as_str()).collect();
    let mut lists = read_lists(files.lists)?;
    read_list_items(files.list_items, &known, &mut lists)?;
    let aliases = read_aliases(files.aliases, &known)?;
    let channels = read_channels(files.channels)?;
    let municipalities = read_municipalities(files.municipalities)?;
    let bundles = read_bundles(files.bundles, &known)?;
    let mut hash = Sha256::new();
    for text in
        [files.procedures, files.aliases, files.lists, files.list_items, files.municipalities, files.channels]
    {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let fingerprint = super::audit::hex(&hash.finalize().into());
    let places = Places::default();
    let built_in =
        BuiltIn { procedures, aliases, lists, municipalities, channels, places, bundles, fingerprint };
    check_counts(&built_in)?;
    let codes = built_in.municipalities.iter().map(|row| row.code).collect();
    Ok(BuiltIn { places: read_places(files.wards, files.former_names, &codes)?, ..built_in })
}

/// Compares what was read with what the published lists count.
fn check_counts(built_in: &BuiltIn) -> Result<(), Broken> {
    let BuiltIn { procedures, lists, municipalities, channels, .. } = built_in;
    let expect = |file, what: &str, found: usize, expected: usize| {
        if found == expected {
            return Ok(());
        }
        // The count is that of the whole file; the heading stands for it.
        Err(fault(file, 1, format!("{what}: {found} rows where {expected} are expected")))
    };
    let items = |id: &str| lists.iter().find(|list| list.id == id).map_or(&[][..], |list| &list.items);
    for (id, expected) in LISTS {
        expect("list_items.csv", id, items(id).len(), *expected)?;
    }
    for list in lists.iter().filter(|list| list.has_members()) {
        expect("list_items.csv", &list.id, list.items.len(), list.size)?;
    }
    for (category, expected) in PRIORITY56 {
        let of_category =
            |id: &ProcedureId| procedures.iter().any(|row| row.id == *id && row.category == *category);
        let members = items("priority56").iter().filter(|item| of_category(&item.procedure)).count();
        expect("list_items.csv", category.code(), members, *expected)?;
    }
    let ended = municipalities.iter().filter(|row| row.ended_on.is_some()).count();
    let prefectures = municipalities.iter().filter(|row| row.is_prefecture()).count();
    let living = municipalities.len() - prefectures - ended;
    expect("municipalities.csv", "prefectures", prefectures, PREFECTURES)?;
    expect("municipalities.csv", "municipalities", living, MUNICIPALITIES)?;
    for id in [ChannelId::ONLINE, ChannelId::MYNAPORTAL, ChannelId::COUNTER] {
        let found = channels.iter().filter(|row| row.id.as_str() == id).count();
        expect("channels.csv", id, found, 1)?;
    }
    Ok(())
}
