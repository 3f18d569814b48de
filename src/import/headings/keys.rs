//! The headings of columns that say what a row is about, in all the ways in which files write them.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::spellings;

/// Headings of the columns that name a procedure, folded.
pub(in crate::import) const PROCEDURE_ID: &[&str] =
    &["procedure_id", "手続id", "手続番号", "手続きid", "手続コード"];

pub(in crate::import) const PROCEDURE_NAME: &[&str] = &[
    "procedure_name",
    "手続名",
    "手続名称",
    "手続の名称",
    "手続き名",
    "手続き名称",
    "手続きの名称",
    "手続等名",
    "手続等の名称",
    "手続き等の名称",
    "申請手続名",
    "申請・届出名",
    "手続",
    "手続き",
    "対象手続",
    "対象手続き",
    "対象手続名",
    "利用手続",
];

/// Headings of the day from which a row is true, folded.
pub(in crate::import) const EFFECTIVE: &[&str] = &[
    "effective_on",
    "適用日",
    "適用開始日",
    "基準日",
    "時点",
    "開始日",
    "開始年月日",
    "開始年月",
    "開始時期",
    "運用開始日",
    "運用開始年月",
    "運用開始時期",
    "提供開始日",
    "提供開始年月",
    "提供開始時期",
    "利用開始日",
    "利用開始年月",
    "受付開始日",
    "受付開始年月",
    "供用開始日",
    "稼働日",
    "稼働開始日",
    "稼働時期",
    "導入日",
    "導入年月",
    "導入年月日",
    "導入時期",
    "実施日",
    "実施年月",
    "実施年月日",
    "実施開始日",
    "対応開始日",
    "対応開始年月",
    "対応開始時期",
    "開始(予定)日",
    "開始(予定)年月",
    "開始(予定)時期",
    "運用開始(予定)日",
    "運用開始(予定)年月",
    "運用開始(予定)時期",
    "稼働(予定)日",
    "稼働(予定)時期",
    "導入(予定)日",
    "導入(予定)年月",
    "導入(予定)時期",
    "実施(予定)日",
    "実施(予定)年月",
    "実施(予定)時期",
];

/// Headings of the channel that a row is about, folded.
pub(in crate::import) const CHANNEL: &[&str] = &["channel", "接点", "チャネル"];

/// Headings of other columns without which nobody knows what a row is about, folded.
const OTHER_KEYS: &[&str] = &["channel", "接点", "チャネル", "fiscal_year", "年度", "対象年度"];

/// Whether a heading is that of a column that says what a row is about.
pub(in crate::import) fn names_a_row(heading: &str) -> bool {
    spellings(heading).any(|folded| is_key(&folded))
}

/// The same of a folded heading.
pub(in crate::import) fn is_key(folded: &str) -> bool {
    static KEYS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
        let keys = [CODE, NAME, PREFECTURE, PROCEDURE_ID, PROCEDURE_NAME, OTHER_KEYS];
        keys.into_iter().flatten().copied().collect()
    });
    KEYS.contains(folded)
}

/// Headings of the code of a body, folded.
pub(in crate::import) const CODE: &[&str] = &[
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
pub(in crate::import) const NAME: &[&str] = &[
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
pub(in crate::import) const PREFECTURE: &[&str] = &[
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
pub(in crate::import) const PREFECTURE_CODE: &[&str] = &[
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
pub(in crate::import) const DISTRICT: &[&str] = &[
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
pub(in crate::import) const WARD: &[&str] = &["区名", "行政区", "行政区名", "区"];
