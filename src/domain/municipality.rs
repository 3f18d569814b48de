//! Local governments: their codes, kinds and population.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Serialize, Serializer};

use super::Refusal;
use super::codes::codes;

/// 全国地方公共団体コード: six digits of which the last is a check digit. Always text, never a number.
///
/// Source of the rule: 総務省 全国地方公共団体コード仕様 (weights 6 5 4 3 2, modulus 11).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LgCode([u8; 6]);

impl LgCode {
    /// The check digit of the first five digits.
    fn check_digit(digits: &[u8]) -> u8 {
        let sum: u32 = digits
            .iter()
            .zip([6u32, 5, 4, 3, 2])
            .map(|(digit, weight)| u32::from(digit - b'0') * weight)
            .sum();
        // At most 10, so the cast cannot lose anything.
        b'0' + ((11 - sum % 11) % 10) as u8
    }

    /// The six digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII digits are ever put in")
    }

    /// The code without its check digit, as JIS X 0402 and many data sets write it.
    pub fn five_digits(&self) -> &str {
        &self.as_str()[..5]
    }

    /// The prefecture the body lies in (a prefecture lies in itself).
    pub fn prefecture(&self) -> PrefectureCode {
        PrefectureCode((self.0[0] - b'0') * 10 + (self.0[1] - b'0'))
    }
}

impl FromStr for LgCode {
    type Err = Refusal;

    /// Takes six digits with a right check digit, or five digits without one.
    ///
    /// # Errors
    ///
    /// Other lengths, other characters, a prefecture part outside 01–47, and a wrong check digit,
    /// which names the right code.
    fn from_str(text: &str) -> Result<Self, Refusal> {
        let digits = text.as_bytes();
        let format_error = || {
            Refusal::new(
                "code_format",
                text,
                "団体コードの形式が正しくありません",
                "not a local government code",
            )
            .allowed("6桁の数字（検査数字つき）または検査数字を除く5桁の数字")
        };
        if !matches!(digits.len(), 5 | 6) || !digits.iter().all(u8::is_ascii_digit) {
            return Err(format_error());
        }
        let prefecture = (digits[0] - b'0') * 10 + (digits[1] - b'0');
        if !(1..=47).contains(&prefecture) {
            return Err(Refusal::new(
                "no_prefecture",
                text,
                format!("団体コードは都道府県の番号（01〜47）で始まりますが、これは {prefecture:02} で始まっています"),
                format!("a local government code begins with a prefecture, 01 to 47, and not with {prefecture:02}"),
            )
            .allowed("01〜47 で始まる6桁"));
        }
        let mut code = [0; 6];
        code[..5].copy_from_slice(&digits[..5]);
        code[5] = Self::check_digit(&digits[..5]);
        let right = Self(code);
        match digits.get(5) {
            Some(given) if *given != code[5] => Err(Refusal::new(
                "check_digit",
                text,
                format!("団体コードの検査数字が違います（正しくは {right}）"),
                "wrong check digit of a local government code",
            )
            .allowed(right.as_str())
            .suggest(right.as_str())),
            _ => Ok(right),
        }
    }
}

impl fmt::Display for LgCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LgCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LgCode({self})")
    }
}

impl Serialize for LgCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Two-digit code of a prefecture (JIS X 0401), 01 to 47.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrefectureCode(u8);

impl PrefectureCode {
    /// The number, 1 to 47.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl FromStr for PrefectureCode {
    type Err = Refusal;

    fn from_str(text: &str) -> Result<Self, Refusal> {
        text.parse::<u8>()
            .ok()
            .filter(|number| {
                text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()) && (1..=47).contains(number)
            })
            .map(Self)
            .ok_or_else(|| {
                Refusal::new(
                    "prefecture_format",
                    text,
                    "都道府県コードは2桁（01〜47）です",
                    "a prefecture is two digits",
                )
                .allowed("01-47")
            })
    }
}

impl fmt::Display for PrefectureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl Serialize for PrefectureCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

codes! {
    /// What sort of local government a body is.
    MunicipalityKind, "団体の種別", "kind of local government" {
        Prefecture = "prefecture", "都道府県", "prefecture";
        DesignatedCity = "designated_city", "政令指定都市", "city designated by government ordinance";
        CoreCity = "core_city", "中核市", "core city";
        City = "city", "市", "city";
        SpecialWard = "special_ward", "特別区", "special ward of Tokyo";
        Town = "town", "町", "town";
        Village = "village", "村", "village";
    }
}

codes! {
    /// Bands of population by the census of 2020-10-01.
    PopulationBand, "人口規模", "population band" {
        Under10k = "under_10000", "1万人未満", "under 10,000";
        To50k = "10000_to_50000", "1万人以上5万人未満", "10,000 to under 50,000";
        To100k = "50000_to_100000", "5万人以上10万人未満", "50,000 to under 100,000";
        To300k = "100000_to_300000", "10万人以上30万人未満", "100,000 to under 300,000";
        Over300k = "over_300000", "30万人以上", "300,000 and over";
    }
}

impl PopulationBand {
    /// The band of a population (persons).
    pub fn of(population: u32) -> Self {
        match population {
            0..10_000 => Self::Under10k,
            10_000..50_000 => Self::To50k,
            50_000..100_000 => Self::To100k,
            100_000..300_000 => Self::To300k,
            _ => Self::Over300k,
        }
    }
}

/// One local government of the register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Municipality {
    /// Its code; the key everywhere.
    pub code: LgCode,
    /// Name of its prefecture.
    pub prefecture_name: String,
    /// Its name; a prefecture's own name for a prefecture.
    pub name: String,
    /// Reading in katakana.
    pub name_kana: String,
    /// Its kind.
    pub kind: MunicipalityKind,
    /// Persons, census of 2020-10-01.
    pub population: Option<u32>,
    /// Households, census of 2020-10-01.
    pub households: Option<u32>,
    /// The day it ceased to exist, if it did.
    pub ended_on: Option<NaiveDate>,
    /// The body that took its place.
    pub successor: Option<LgCode>,
}

impl Municipality {
    /// Whether this row is a prefecture and not a municipality.
    pub fn is_prefecture(&self) -> bool {
        self.kind == MunicipalityKind::Prefecture
    }

    /// The prefecture it lies in.
    pub fn prefecture(&self) -> PrefectureCode {
        self.code.prefecture()
    }
}

/// A ward of a designated city: a part of it, and no body of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ward {
    /// Its code.
    pub code: LgCode,
    /// The code of its city.
    pub city: LgCode,
    /// Its name, without that of the city.
    pub name: String,
}

/// A name or a code that is no longer in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerName {
    /// The name then.
    pub name: String,
    /// The code then, where it was another one and is known.
    pub code: Option<LgCode>,
    /// The code of the body of today.
    pub successor: LgCode,
    /// The first day on which name or code were no longer in use.
    pub changed_on: NaiveDate,
    /// Whether it went up in a larger body, so that what was true of it is not true of the successor.
    pub merged: bool,
}

/// Names of places that are no bodies of today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Wards of designated cities.
    pub wards: Vec<Ward>,
    /// Names and codes of former times.
    pub former: Vec<FormerName>,
}

impl Places {
    /// Names of former times and of wards that lead to a body of today.
    pub fn names_of(&self, body: LgCode) -> impl Iterator<Item = &str> {
        let former = self.former.iter().filter(move |row| row.successor == body).map(|row| row.name.as_str());
        let wards = self.wards.iter().filter(move |ward| ward.city == body).map(|ward| ward.name.as_str());
        former.chain(wards)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn five_digits_get_their_check_digit() {
        assert_eq!("08233".parse::<LgCode>().unwrap().as_str(), "082333");
        assert_eq!("12203".parse::<LgCode>().unwrap().as_str(), "122033");
        assert_eq!("01100".parse::<LgCode>().unwrap().as_str(), "011002");
    }

    #[test]
    fn wrong_check_digit_names_the_right_code() {
        let refusal = "082334".parse::<LgCode>().unwrap_err();
        assert_eq!(refusal.code, "check_digit");
        assert_eq!(refusal.suggestion.as_deref(), Some("082333"));
    }

    #[test]
    fn nonsense_is_no_code() {
        for text in ["", "1", "8233", "0823333", "０８２３３", "08233x", " 82333"] {
            assert_eq!(text.parse::<LgCode>().unwrap_err().code, "code_format", "{text}");
        }
        for text in ["000000", "482333", "992333", "99233", "00233"] {
            let refusal = text.parse::<LgCode>().unwrap_err();
            assert_eq!(refusal.code, "no_prefecture");
            assert!(refusal.ja.contains(&text[..2]), "{}", refusal.ja);
        }
    }

    #[test]
    fn prefectures_are_two_digits() {
        assert_eq!("08".parse::<PrefectureCode>().unwrap().to_string(), "08");
        for text in ["8", "00", "48", "+8", "008", "a1"] {
            assert!(text.parse::<PrefectureCode>().is_err(), "{text}");
        }
    }

    #[test]
    fn bands_meet_without_gap() {
        assert_eq!(PopulationBand::of(9_999), PopulationBand::Under10k);
        assert_eq!(PopulationBand::of(10_000), PopulationBand::To50k);
        assert_eq!(PopulationBand::of(299_999), PopulationBand::To300k);
        assert_eq!(PopulationBand::of(300_000), PopulationBand::Over300k);
    }

    proptest! {
        #[test]
        fn exactly_one_last_digit_is_right(prefecture in 1u8..=47, rest in 0u16..1000) {
            let five = format!("{prefecture:02}{rest:03}");
            let right: Vec<LgCode> = (0..10)
                .filter_map(|last| format!("{five}{last}").parse().ok())
                .collect();
            prop_assert_eq!(right.len(), 1);
            prop_assert_eq!(right[0], five.parse::<LgCode>().unwrap());
            prop_assert_eq!(right[0].to_string().parse::<LgCode>().unwrap(), right[0]);
        }

        #[test]
        fn any_text_is_taken_or_refused(text in ".{0,12}") {
            if let Ok(code) = text.parse::<LgCode>() {
                prop_assert!(code.as_str().starts_with(&text));
            }
        }
    }
}
