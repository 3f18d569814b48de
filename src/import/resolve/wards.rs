//! Wards of designated cities: parts of a city, and no bodies.

use super::bodies::Bodies;
use crate::domain::body_names::Named;
use crate::domain::catalogue::BodyIx;
use crate::domain::municipality::{LgCode, MunicipalityKind};
use crate::import::Fault;

impl<'a> Bodies<'a> {
    /// The wards of a name, each with its city.
    pub(super) fn wards_of(&self, named: &Named) -> Vec<(&'a str, BodyIx)> {
        let ward = |at: &usize| {
            let ward = self.catalogue.places().wards.get(*at)?;
            Some((ward.name.as_str(), self.catalogue.body_ix(ward.city)?))
        };
        named.wards.iter().filter_map(ward).collect()
    }

    /// 北区 may be a special ward of Tokyo, or a ward of one of many cities.
    pub(super) fn bare_ward(&self, name: &str, bodies: &[BodyIx], wards: &[(&str, BodyIx)]) -> Fault {
        let own = bodies.iter().map(|body| self.list(&[*body]));
        let parts = wards.iter().map(|(ward, city)| format!("{}{ward}", self.catalogue.body(*city).name));
        let readings: Vec<String> = own.chain(parts).collect();
        let fault = Fault::whole(
            "ambiguous_name",
            "区の名前だけではどこの区か決まりません。特別区なら都道府県名か団体コードを、政令指定都市の区なら市としてまとめた値を市の名前で書いてください",
        )
        .found(name)
        .allowing(readings.join("、"));
        // Of a ward of a city nothing can be said but by its city.
        if bodies.is_empty() { fault } else { fault.asking(self.which(name, bodies)) }
    }

    /// The designated city whose ward a code is: wards are numbered behind their city, all below
    /// 200 of their prefecture (全国地方公共団体コード仕様).
    pub(super) fn city_of_ward(&self, digits: &str) -> Option<BodyIx> {
        let code: LgCode = digits.parse().ok()?;
        let number: u32 = code.five_digits()[2..].parse().ok()?;
        let (ix, city) = (0..)
            .zip(self.catalogue.municipalities())
            .filter(|(_, row)| row.kind == MunicipalityKind::DesignatedCity && row.code < code)
            .last()?;
        (city.prefecture() == code.prefecture() && (101..200).contains(&number)).then_some(ix)
    }

    pub(super) fn ward(&self, city: BodyIx) -> Fault {
        let row = self.catalogue.body(city);
        Fault::whole(
            "ward",
            format!("政令指定都市の行政区です。{}（{}）としてまとめた値を書いてください", row.name, row.code),
        )
        .allowing("市の団体コード")
        .suggesting(format!("{} {}", row.code, row.name))
    }
}
