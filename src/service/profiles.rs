//! Named profiles of marks: whose they are, and which one a name stands for.

use std::collections::BTreeMap;

use serde_json::json;

use super::Service;
use super::access::Origin;
use crate::domain::Refusal;
use crate::domain::access::{Action, Denial, Reach};
use crate::domain::audit::{AuditAction, Entry};
use crate::domain::municipality::LgCode;
use crate::domain::text::{clean, fold_for_match, fold_name};
use crate::import::marks::{BUILT_IN, Binary, MAX_MARKS, Meaning, Profile, check_mark};
use crate::service::error::Error;
use crate::store::profiles as store;
use crate::store::{Conn, audit};

/// Longest name of a profile.
const MAX_NAME: usize = 40;
/// Longest heading or name in a profile, in characters.
const MAX_WORD: usize = 100;

/// A profile and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What marks mean.
    pub profile: Profile,
    /// `all`, two digits of a prefecture, six of a municipality; none for one that is built in.
    pub owner: Option<String>,
}

impl Service {
    /// The profile a name stands for: one's own, that of the prefecture, one for all, one that is
    /// built in. `owner` names another's, which an administrator and a prefecture may.
    ///
    /// # Errors
    ///
    /// Nobody's profile has that name, and someone who may not import.
    pub fn profile(&self, origin: &Origin, name: &str, owner: Option<LgCode>) -> Result<Named, Error> {
        self.guard(origin, Action::Import, None)?;
        if !is_name(name) {
            return Err(unknown(name));
        }
        let owners = self.owners(origin, owner)?;
        self.db.read(|conn| self.find_profile(conn, &owners, name))?.ok_or_else(|| unknown(name))
    }

    fn find_profile(&self, conn: &mut Conn, owners: &[String], name: &str) -> Result<Option<Named>, Error> {
        if let Some(profile) = Profile::built_in(name) {
            return Ok(Some(Named { profile, owner: None }));
        }
        for owner in owners {
            if let Some(row) = store::find(conn, owner, name)? {
                return Ok(Some(Named { profile: read(&row), owner: Some(row.owner) }));
            }
        }
        Ok(None)
    }

    /// Whose profiles are looked through, in order.
    fn owners(&self, origin: &Origin, owner: Option<LgCode>) -> Result<Vec<String>, Error> {
        let grant = &origin.actor.grant;
        let mut owners = match owner {
            Some(code) if !grant.sees(code.as_str()) => {
                let denial = Denial::OtherMunicipality;
                self.record_refusal(origin, denial, format!("municipality/{code}"), "Profile")?;
                return Err(Error::Denied(denial));
            }
            Some(code) => vec![code.to_string(), code.prefecture().to_string()],
            None => match grant.reach() {
                Reach::Municipality(code) => vec![code.to_string(), code.prefecture().to_string()],
                Reach::Prefecture(_) | Reach::Nation => vec![grant.reach_text()],
            },
        };
        owners.push("all".to_owned());
        owners.dedup();
        Ok(owners)
    }

    /// Writes a profile: one's own, or that of a body which one reaches.
    ///
    /// # Errors
    ///
    /// A name or marks that cannot be taken, and someone who may not.
    pub fn put_profile(
        &self,
        origin: &Origin,
        name: &str,
        owner: Option<LgCode>,
        said: &Words,
    ) -> Result<Named, Error> {
        self.guard(origin, Action::Import, None)?;
        let profile = said.profile(name).map_err(Error::Unprocessable)?;
        let owner = self.owners(origin, owner)?.swap_remove(0);
        let now = self.now();
        let row = store::Profile {
            owner: owner.clone(),
            name: name.to_owned(),
            marks: marks_of(&profile),
            binary: profile.binary.map(|binary| binary.code().to_owned()),
            headings: profile.columns.clone(),
            names: profile.names.clone(),
        };
        self.db.write(|conn| {
            let before = store::find(conn, &owner, name)?.map(|row| json!(row.marks).to_string());
            store::put(conn, &row, now, &origin.actor.name)?;
            let after = json!({
                "marks": json!(row.marks).to_string(), "binary": row.binary,
                "columns": json!(row.headings).to_string(), "names": json!(row.names).to_string(),
            });
            let after = after.to_string();
            let entry = origin.entry(now, AuditAction::ProfileWritten, format!("profile/{owner}/{name}"));
            audit::append(conn, Entry { before, after: Some(after), ..entry })?;
            Ok::<_, Error>(())
        })?;
        Ok(Named { profile, owner: Some(owner) })
    }

    /// The profiles that a sender can name, built-in ones first.
    ///
    /// # Errors
    ///
    /// Someone who may not import, and a database that does not answer.
    pub fn profiles(&self, origin: &Origin, owner: Option<LgCode>) -> Result<Vec<Named>, Error> {
        self.guard(origin, Action::Import, None)?;
        let owners = self.owners(origin, owner)?;
        let mut rows = self.db.read(|conn| store::of(conn, &owners).map_err(Error::from))?;
        let built_in = BUILT_IN.iter().filter_map(|name| Profile::built_in(name));
        let built_in = built_in.map(|profile| Named { profile, owner: None });
        // One's own before those of the prefecture and of all, as names are looked up.
        let place = |row: &store::Profile| owners.iter().position(|owner| *owner == row.owner);
        rows.sort_by_key(|row| (place(row), row.name.clone()));
        let own = rows.into_iter().map(|row| Named { profile: read(&row), owner: Some(row.owner) });
        Ok(built_in.chain(own).collect())
    }

    /// Takes a profile out. Imports that used it keep what they understood.
    ///
    /// # Errors
    ///
    /// No such profile of that owner, one that is built in, and someone who may not.
    pub fn remove_profile(&self, origin: &Origin, name: &str, owner: Option<LgCode>) -> Result<(), Error> {
        self.guard(origin, Action::Import, None)?;
        if BUILT_IN.contains(&name) {
            return Err(Error::Conflict(built_in(name)));
        }
        let owner = self.owners(origin, owner)?.swap_remove(0);
        self.db.write(|conn| {
            let before = store::find(conn, &owner, name)?.ok_or_else(|| unknown(name))?.marks;
            store::remove(conn, &owner, name)?;
            let entry =
                origin.entry(self.now(), AuditAction::ProfileRemoved, format!("profile/{owner}/{name}"));
            audit::append(conn, Entry { before: Some(json!(before).to_string()), ..entry })?;
            Ok(())
        })
    }
}

fn read(row: &store::Profile) -> Profile {
    // All of it was checked when it was written.
    let marks = row.marks.iter();
    let marks = marks.filter_map(|(mark, meaning)| Some((mark.clone(), meaning.parse::<Meaning>().ok()?)));
    let binary = row.binary.as_deref().and_then(|code| code.parse().ok());
    Profile::new(&row.name, marks, binary).with_words(row.headings.clone(), row.names.clone())
}

fn marks_of(profile: &Profile) -> BTreeMap<String, String> {
    profile.marks().into_iter().map(|(mark, meaning)| (mark, meaning.code())).collect()
}

/// A name as a path takes it.
fn is_name(name: &str) -> bool {
    (1..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if !is_name(name) {
        return Err(Refusal::new(
            "profile_name",
            name,
            "名前は半角の英小文字、数字、- で1〜40文字です",
            "not a name of a profile",
        )
        .allowed("a-z 0-9 - を1〜40文字"));
    }
    if BUILT_IN.contains(&name) { Err(built_in(name)) } else { Ok(()) }
}

/// What a profile is to say, as it is sent.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// Marks and codes or words of their meanings.
    pub marks: BTreeMap<String, String>,
    /// What a column of 0 and 1 means.
    pub binary: Option<Binary>,
    /// Headings and what they mean.
    pub columns: BTreeMap<String, String>,
    /// Names and what they stand for.
    pub names: BTreeMap<String, String>,
}

impl Words {
    /// What a profile says.
    pub(super) fn of(profile: &Profile) -> Self {
        Self {
            marks: marks_of(profile),
            binary: profile.binary,
            columns: profile.columns.clone(),
            names: profile.names.clone(),
        }
    }

    /// The profile of that name which says so.
    ///
    /// # Errors
    ///
    /// A name or words that cannot be taken.
    pub(super) fn profile(&self, name: &str) -> Result<Profile, Refusal> {
        check_name(name)?;
        for (count, what) in
            [(self.marks.len(), "記号"), (self.columns.len(), "見出し"), (self.names.len(), "名前")]
        {
            if count > MAX_MARKS {
                return Err(Refusal::new(
                    "too_many_values",
                    &count.to_string(),
                    format!("{what}が多すぎます"),
                    "too many words in one profile",
                )
                .allowed(format!("{MAX_MARKS}個まで")));
            }
        }
        let marks: Vec<(String, Meaning)> = self
            .marks
            .iter()
            .map(|(mark, meaning)| Ok((check_mark(mark)?, meaning.parse()?)))
            .collect::<Result<_, Refusal>>()?;
        let pairs = |pairs: &BTreeMap<String, String>, fold: fn(&str) -> String| {
            let pair = |(left, right): (&String, &String)| {
                let left = clean(left, MAX_WORD)?.unwrap_or_default();
                Ok((fold(&left), clean(right, MAX_WORD)?.unwrap_or_default()))
            };
            pairs.iter().map(pair).collect::<Result<BTreeMap<_, _>, Refusal>>()
        };
        let columns = pairs(&self.columns, fold_for_match)?;
        let names = pairs(&self.names, fold_name)?;
        Ok(Profile::new(name, marks, self.binary).with_words(columns, names))
    }
}

fn built_in(name: &str) -> Refusal {
    Refusal::new(
        "built_in_profile",
        name,
        format!("{name} は変えられません。別の名前を付けてください"),
        "a built-in profile cannot be changed",
    )
}

fn unknown(name: &str) -> Error {
    Error::NotFound(Refusal::new(
        "unknown_profile",
        name,
        format!("記号の定義「{}」はありません。", crate::domain::text::cut(name, 40)),
        "no such profile",
    ))
}
