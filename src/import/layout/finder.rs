//! The layouts in the order in which they are looked for, and how a table's layout is found.

use super::head::FoundHead;
use super::{
    Layout, adopters, dashboard, digital_agency_2026_01, form, long, mic_online_use, nameless, own_material,
    usage, wide,
};
use crate::domain::catalogue::Catalogue;
use crate::import::headings::Candidates;
use crate::import::table::Table;
use crate::import::{Fault, Options};

/// Finds the head of one layout in a table, if the headings of the table are those of the layout.
type Find = fn(&Candidates<'_>, &Catalogue, &Options) -> Option<FoundHead>;

/// Every layout, and how its head is found. Layouts with more particular headings go first.
const LAYOUTS: [(Layout, Find); 10] = [
    (Layout::DigitalAgency202601, digital_agency_2026_01::find),
    (Layout::Dashboard202407, dashboard::find),
    (Layout::MicOnlineUse, mic_online_use::find),
    (Layout::OwnMaterial, own_material::find),
    (Layout::Usage, usage::find),
    (Layout::Form, form::find),
    (Layout::Long, long::find),
    (Layout::WideMunicipalities, wide::find_bodies),
    (Layout::WideProcedures, wide::find_procedures),
    (Layout::Adopters, adopters::find),
];

/// What is plainly meant for own material, a list of one body that does not name it, and counts beside which marks may
/// stand: what else has the same headings goes first.
const AT_LAST: [(Layout, Find); 3] = [
    (Layout::OwnMaterial, own_material::find_near),
    (Layout::Long, long::find_without_body),
    (Layout::Usage, usage::find_parts_alone),
];

/// Looks for the head of a layout in a table.
pub(super) struct Finder<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) options: &'a Options,
}

impl Finder<'_> {
    /// The head of a table, if its headings are those of a layout that is wanted.
    pub(super) fn find(&self, table: &Table) -> Option<FoundHead> {
        self.find_one_of(table, |layout| self.options.layout.is_none_or(|named| named == layout))
    }

    /// The head of the first layout that is wanted and whose headings the table has.
    pub(super) fn find_one_of(&self, table: &Table, is_wanted: impl Fn(Layout) -> bool) -> Option<FoundHead> {
        let candidates = Candidates::new(table, self.options);
        let wanted = LAYOUTS.iter().chain(&AT_LAST).filter(|(layout, _)| is_wanted(*layout));
        wanted.map(|(_, find)| find).find_map(|find| find(&candidates, self.catalogue, self.options))
    }
}

/// The fault of a file without a table of a known layout; `unheaded` is what was found of one without headings.
pub(super) fn no_layout(
    tables: &[Table],
    catalogue: &Catalogue,
    options: &Options,
    unheaded: Option<String>,
) -> Fault {
    let seen = nameless::Seen::find(tables, catalogue, options);
    let message = match options.layout {
        Some(layout) => format!("レイアウト「{}」の見出しが見つかりません。", layout.label()),
        None => "見出しから表の形が分かりません。".to_owned(),
    };
    let known: Vec<&str> = Layout::ALL.iter().map(|layout| layout.code()).collect();
    let texts: Vec<&str> = seen.texts().into_iter().filter(|text| !text.is_empty()).collect();
    let fault = Fault::whole("unknown_layout", message + &unheaded.unwrap_or_else(|| seen.told()))
        .found(&texts.join("、"));
    let fault = fault.allowing(format!(
        "縦長の表には「団体コード」「手続ID」「接点」、様式には「手続ID」と接点の名前の見出し。表の形が決まっていれば、画面では「読み方を直して読み直す」の「表の形」、コマンドと API では layout（{}）",
        known.join("、")
    ));
    seen.questions().into_iter().fold(fault, Fault::asking)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layout_is_looked_for_once() {
        let mut listed: Vec<Layout> = LAYOUTS.iter().map(|(layout, _)| *layout).collect();
        listed.sort_unstable();
        assert_eq!(listed, Layout::ALL);
    }
}
