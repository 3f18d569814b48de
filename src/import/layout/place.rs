//! The columns that name a body, under all the headings that files give them.

use super::sheet::column;
use crate::domain::catalogue::Catalogue;
use crate::domain::text::{fold_for_match, stands_for_nothing};
use crate::import::headings::Headings;
use crate::import::resolve::Told;
use crate::import::table::{Row, Table};

/// Headings of the code of a body, folded.
pub(in crate::import::layout) const CODE: &[&str] = &[
    "municipality_code",
    "団体コード",
    "市区町村コード",
    "市町村コード",
    "区市町村コード",
    "全国地方公共団体コード",
    "地方公共団体コード",
    "公共団体コード",
    "地方自治体コード",
    "自治体コード",
    "行政コード",
    "行政区域コード",
    "標準地域コード",
    "地域コード",
    "市コード",
    "町村コード",
    "都道府県コード又は市区町村コード",
    "都道府県コードまたは市区町村コード",
    "団体コード(6桁)",
    "市区町村コード(6桁)",
    "地方公共団体コード(6桁)",
    "全国地方公共団体コード(6桁)",
    "自治体コード(6桁)",
    "団体コード(5桁)",
    "市区町村コード(5桁)",
    "地方公共団体コード(5桁)",
    "全国地方公共団体コード(5桁)",
    "標準地域コード(5桁)",
    "団体コード(数字6桁)",
    "団体番号",
    "自治体番号",
    "団体cd",
    "自治体cd",
    "市町村cd",
    "市区町村cd",
    "地域cd",
    "jisコード",
    "jis市区町村コード",
    "jis地域コード",
    "市区町村コード(jis)",
    "市区町村jisコード",
    "jiscode",
    "jis_code",
    "jis-code",
    "jis",
    "lgcode",
    "lg_code",
    "lg-code",
    "lgcd",
    "areacode",
    "area_code",
    "area-code",
    "citycode",
    "city_code",
    "municipalitycode",
    "municode",
    "muni_code",
    "local_government_code",
    "localgovernmentcode",
    "コード",
    "code",
];

/// Headings of the name of a body, folded.
pub(in crate::import::layout) const NAME: &[&str] = &[
    "municipality_name",
    "団体名",
    "団体名称",
    "団体",
    "市区町村名",
    "市区町村名称",
    "市区町村",
    "市町村名",
    "市町村名称",
    "市名",
    "市町村",
    "区市町村名",
    "区市町村",
    "地方公共団体名",
    "地方公共団体名称",
    "地方公共団体の名称",
    "地方公共団体",
    "公共団体名",
    "地方自治体名",
    "地方自治体",
    "自治体名",
    "自治体名称",
    "自治体",
    "都道府県市区町村名",
    "都道府県・市区町村名",
    "実施団体",
    "実施団体名",
    "導入団体",
    "導入団体名",
    "導入自治体",
    "導入自治体名",
    "採用団体",
    "採用団体名",
    "採用自治体",
    "採用自治体名",
    "利用団体",
    "利用団体名",
    "municipality",
    "municipalityname",
    "muni_name",
    "cityname",
    "city_name",
    "lg_name",
    "local_government_name",
];

/// Headings of its prefecture, folded.
pub(in crate::import::layout) const PREFECTURE: &[&str] = &[
    "都道府県名",
    "都道府県名称",
    "都道府県",
    "県名",
    "prefecture",
    "prefecture_name",
    "prefecturename",
    "pref",
    "pref_name",
    "prefname",
];

/// Headings of the code of its prefecture, folded.
const PREFECTURE_CODE: &[&str] = &[
    "都道府県コード",
    "県コード",
    "都道府県番号",
    "prefecture_code",
    "prefecturecode",
    "pref_code",
    "prefcode",
];

/// Headings of what lies between prefecture and municipality, folded: the designated city of a ward, the
/// county of a town.
const DISTRICT: &[&str] = &[
    "政令市・郡・支庁・振興局等",
    "政令市・郡・支庁・振興局",
    "政令市・郡・支庁等",
    "政令指定都市・郡・支庁・振興局等",
    "郡・支庁・振興局等",
    "政令市",
    "政令市名",
    "政令指定都市",
    "政令指定都市名",
    "指定都市",
    "指定都市名",
    "市郡名",
    "郡市名",
    "郡名",
];

/// Headings of the ward of a city that stands beside it, folded.
const WARD: &[&str] = &["区名", "行政区", "行政区名", "区"];

/// The columns that name a body.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::import::layout) struct Place {
    pub code: Option<usize>,
    pub name: Option<usize>,
    pub prefecture: Option<usize>,
    /// The city of a ward, or the city itself where its name stands nowhere else.
    pub district: Option<usize>,
    /// The ward of the city that the name says.
    pub ward: Option<usize>,
    /// The code of the prefecture, without which a code of three digits says nothing.
    pub prefecture_code: Option<usize>,
}

impl Place {
    pub(in crate::import::layout) fn find(headings: &Headings) -> Self {
        Self {
            code: column(headings, CODE),
            name: column(headings, NAME)
                .or_else(|| headings.all().find(|(_, text)| names_both(text)).map(|(at, _)| at)),
            prefecture: column(headings, PREFECTURE),
            district: column(headings, DISTRICT),
            ward: column(headings, WARD),
            prefecture_code: column(headings, PREFECTURE_CODE),
        }
    }

    pub(in crate::import::layout) fn exists(&self) -> bool {
        self.code.is_some() || self.name.is_some()
    }

    pub(in crate::import::layout) fn columns(&self) -> [Option<usize>; 6] {
        [self.code, self.name, self.prefecture, self.district, self.ward, self.prefecture_code]
    }

    pub(in crate::import::layout) fn told<'r>(&self, row: &'r Row) -> Told<'r> {
        let text = |column: Option<usize>| {
            column
                .map(|column| row.cell(column))
                .filter(|cell| !stands_for_nothing(cell.trim()))
                .unwrap_or_default()
        };
        // A row with a ward is about that ward of the city.
        let (name, district) = match (text(self.ward), text(self.name)) {
            ("", name) => (name, text(self.district)),
            (ward, "") => (ward, text(self.district)),
            (ward, city) => (ward, city),
        };
        Told {
            code: text(self.code),
            name,
            prefecture: text(self.prefecture),
            district,
            prefecture_code: text(self.prefecture_code),
        }
    }
}

/// The column that names the bodies of the rows under a heading that does not say so: most of its cells
/// are names of municipalities. `is_open` tells whether a column is read as nothing else.
pub(in crate::import::layout) fn column_of_names(
    table: &Table,
    headings: &Headings,
    catalogue: &Catalogue,
    is_open: impl Fn(usize) -> bool,
) -> Option<usize> {
    /// So many rows are looked at.
    const ROWS: usize = 100;
    let rows = || table.rows[headings.next..].iter().take(ROWS);
    let width = rows().map(Row::len).max().unwrap_or(0);
    let is_name = |cell: &str| {
        let names =
            cell.len() <= 60 && cell.trim_end_matches([')', '）']).ends_with(['市', '町', '村', '区', '県']);
        let found = || catalogue.names().find(cell, None).bodies;
        names && found().iter().any(|body| !catalogue.body(*body).is_prefecture())
    };
    (0..width).filter(|at| is_open(*at) && !headings.is_left_out(*at)).find(|at| {
        let filled = || rows().map(|row| row.cell(*at).trim()).filter(|cell| !cell.is_empty());
        let names = filled().filter(|cell| is_name(cell)).count();
        names * 2 > filled().count()
    })
}

/// Whether a heading is that of a cell with code and name: 団体コード・団体名, 市町村（コード）.
pub(in crate::import::layout) fn names_both(heading: &str) -> bool {
    // Most headings have none, and are not folded.
    if !heading.contains(['・', '･', '(', '（', '/', '／', '、', 'と', '+', '＋']) {
        return false;
    }
    let folded = fold_for_match(heading);
    let parts: Vec<&str> =
        folded.split(['・', '(', ')', '/', '／', '、', 'と', '+']).filter(|part| !part.is_empty()).collect();
    let (codes, names) = (
        parts.iter().filter(|part| CODE.contains(part)).count(),
        parts.iter().filter(|part| NAME.contains(part)).count(),
    );
    (codes, names) == (1, 1) && parts.len() == 2
}
