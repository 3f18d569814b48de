//! The catalogue: procedures and the dated national lists they stand in.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::Refusal;
use super::codes::codes;
use super::dates::Dated;
use super::readiness::{Level, Scale};

/// Id of a procedure such as `kosodate-01`. It never changes; the label may.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcedureId(Arc<str>);

impl ProcedureId {
    /// 図書館の図書貸出予約等, which by its number outweighs all other procedures.
    pub const LIBRARY: &'static str = "high-volume-01";
    /// 地方税申告手続（eLTAX）, a system of all local governments together.
    pub const ELTAX: &'static str = "high-volume-04";

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ProcedureId {
    type Err = Refusal;

    /// Takes a category and a two-digit number joined by `-`. Whether the catalogue has such a
    /// procedure is asked of the catalogue.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let valid = text.rsplit_once('-').is_some_and(|(category, number)| {
            category.parse::<Category>().is_ok()
                && number.len() == 2
                && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        if valid {
            return Ok(Self(text.into()));
        }
        Err(Refusal::new("procedure_format", text, "手続IDの形式が正しくありません", "not a procedure id")
            .allowed("kosodate-01 のような 分野-2桁"))
    }
}

impl fmt::Display for ProcedureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ProcedureId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

codes! {
    /// The field of life or work a procedure belongs to (分野).
    Category, "分野", "category" {
        Kosodate = "kosodate", "子育て", "child care";
        Kaigo = "kaigo", "介護", "long-term care";
        Hisaisha = "hisaisha", "被災者支援", "support of disaster victims";
        TenshutsuTennyu = "tenshutsu-tennyu", "転出・転入", "moving out and in";
        HighVolume = "high-volume", "処理件数が多い手続", "procedures with many cases";
    }
}

codes! {
    /// Which bodies a procedure is expected of.
    Target, "対象団体", "target" {
        Municipality = "municipality", "市区町村", "municipalities only", "市区町村だけが行う";
        Prefecture = "prefecture", "都道府県", "prefectures only", "都道府県だけが行う";
        Both = "both", "市区町村・都道府県", "municipalities and prefectures", "市区町村と都道府県が行う";
    }
}

codes! {
    /// Whom a procedure is for.
    Audience, "利用者", "audience" {
        Person = "person", "個人", "inhabitants", "住民が行う";
        Business = "business", "事業者", "businesses", "事業者が行う";
        Both = "both", "個人・事業者", "inhabitants and businesses", "住民も事業者も行う";
    }
}

impl Target {
    /// Whether the procedure is expected of a prefecture (`true`) or a municipality (`false`).
    pub fn includes(self, prefecture: bool) -> bool {
        match self {
            Self::Both => true,
            Self::Prefecture => prefecture,
            Self::Municipality => !prefecture,
        }
    }
}

/// One line of the national lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Procedure {
    /// Its id.
    pub id: ProcedureId,
    /// Its field.
    pub category: Category,
    /// The label as printed in the newest edition.
    pub name_ja: String,
    /// A name of at most ten characters, for narrow columns.
    pub short_ja: String,
    /// An English rendering.
    pub name_en: String,
    /// Of whom it is expected.
    pub target: Target,
    /// Whom it is for.
    pub audience: Audience,
    /// Law and article, where the sources name one.
    pub legal_basis: Option<String>,
    /// The ministry in charge, where the sources name one.
    pub ministry: Option<String>,
    /// 標準化対象業務 whose system handles it, where known.
    pub standard_system: Option<String>,
    /// The system that bodies share for it, where there is one.
    pub common_system: Option<String>,
    /// Whether it is done at a counter at all.
    pub has_counter: bool,
    /// The first day on which there was such a procedure, where known.
    pub introduced_on: Option<NaiveDate>,
    /// The last day, where one is announced.
    pub ended_on: Option<NaiveDate>,
    /// The procedure that takes its place.
    pub successor: Option<ProcedureId>,
    /// The highest online level that the law allows; none where there is no such bound.
    pub ceiling: Option<Level>,
    /// Where the law says so.
    pub ceiling_source: Option<String>,
    /// Sources and doubts.
    pub note: Option<String>,
}

impl Procedure {
    /// Whether an answer in a channel group is expected of a prefecture (`true`) or a municipality.
    pub fn expects(&self, prefecture: bool, scale: Scale) -> bool {
        self.target.includes(prefecture) && (self.has_counter || scale == Scale::Online)
    }

    /// The level from which its row counts online, where one is asked for: the law may not allow as much.
    pub fn reachable(&self, asked: Level) -> Level {
        self.ceiling.map_or(asked, |ceiling| ceiling.min(asked))
    }

    /// Its id and name, as they stand above a column of the tables that are written.
    pub fn heading(&self) -> String {
        format!("{} {}", self.id, self.name_ja)
    }
}

/// A dated edition of a national list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureList {
    /// Its id, such as `priority56`.
    pub id: String,
    /// Its Japanese name.
    pub name_ja: String,
    /// An English rendering.
    pub name_en: String,
    /// Which edition it is, where known.
    pub edition: Option<String>,
    /// When it was adopted or published, as exactly as is known.
    pub adopted: Option<Dated>,
    /// The page of its source on which it stands, where known.
    pub page: Option<String>,
    /// Id of the edition before it, where there is one.
    pub predecessor: Option<String>,
    /// How many procedures it must have.
    pub size: usize,
    /// Where it was published.
    pub source: String,
    /// Doubts and composition.
    pub note: Option<String>,
    /// Its members in printed order; none where nobody knows them.
    pub items: Vec<ListItem>,
}

impl ProcedureList {
    /// Whether it is known which procedures stand in it.
    pub fn has_members(&self) -> bool {
        !self.items.is_empty()
    }
}

/// A procedure's place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListItem {
    /// Place in the list, from 1.
    pub position: u32,
    /// Letters of its group as printed, where there are some: a, b-ア.
    pub letter: Option<String>,
    /// Heading of its group as printed, where there is one.
    pub group_label: Option<String>,
    /// Its number within the group as printed, where known.
    pub number: Option<String>,
    /// The procedure.
    pub procedure: ProcedureId,
}

/// A heading under which some file shows a procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureAlias {
    /// The procedure.
    pub procedure: ProcedureId,
    /// The file, such as `digital-agency-status-2026-01`.
    pub source: String,
    /// Where the heading stands in it.
    pub position: String,
    /// The heading.
    pub heading: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_a_category_and_two_digits() {
        for id in ["kosodate-01", "tenshutsu-tennyu-02", "high-volume-23"] {
            assert_eq!(id.parse::<ProcedureId>().unwrap().as_str(), id);
        }
        for id in ["kosodate", "kosodate-1", "kosodate-001", "Kosodate-01", "foo-01", "", "-01"] {
            assert_eq!(id.parse::<ProcedureId>().unwrap_err().code, "procedure_format", "{id}");
        }
    }

    #[test]
    fn targets_say_of_whom() {
        assert!(Target::Both.includes(true) && Target::Both.includes(false));
        assert!(Target::Prefecture.includes(true) && !Target::Prefecture.includes(false));
        assert!(!Target::Municipality.includes(true) && Target::Municipality.includes(false));
    }
}
