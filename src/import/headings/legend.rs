//! Headings that end with a legend of their column: 状況（1：実施中 2：検討中), 対応状況 over lines of codes.

use super::spelling::JOINT;
use crate::import::marks::{Legend, is_called_legend, is_dash, words_come_first};
use crate::import::table::Row;

/// Whether a row beside headings has legends for several columns that say different things of the same marks: it
/// belongs to the headings.
pub(super) fn are_legends(row: &Row) -> bool {
    const CALLED: [&str; 8] = ["凡例", "記号", "選択", "記入", "要領", "説明", "区分", "回答"];
    let mut filled = row.cells().map(str::trim).filter(|cell| !cell.is_empty()).peekable();
    let is_name = |cell: &&str| CALLED.iter().any(|word| cell.contains(word)) && !is_legend_alone(cell);
    let _ = filled.next_if(is_name);
    let Some(first) = filled.next().filter(|first| is_legend_alone(first)) else { return false };
    let legend = Legend::read([first]);
    let mut differ = false;
    filled.all(|cell| {
        differ |= cell != first && legend.disagrees(&Legend::read([cell]));
        cell == first || is_legend_alone(cell)
    }) && differ
}

/// Whether a text is a legend of several marks.
pub(super) fn is_legend_alone(text: &str) -> bool {
    // Most cells are shorter, or have nothing but letters or digits.
    text.len() > 8
        && text.contains(|c: char| c.is_alphabetic() && !c.is_ascii())
        && text.contains(|c: char| !c.is_alphabetic())
        && Legend::read([text]).explains_several()
}

/// A heading without the legend at its end: what the column is stands before it.
pub(super) fn without_legend(heading: &str) -> &str {
    /// Longer text is no heading that anything is known by.
    const LONGEST: usize = 600;
    const OPENS: [char; 7] = ['\n', '（', '(', '【', '［', '[', '〔'];
    if heading.len() > LONGEST {
        return heading;
    }
    let ends = |at: usize, open: char| {
        let (above, rest) = (heading[..at].trim_end(), heading[at + open.len_utf8()..].trim());
        let closed = open == '\n' || rest.ends_with(['）', ')', '】', '］', ']', '〕']);
        // What stands in a row below it goes on with the heading, unless a legend has the same sign in it.
        let whole = closed && rest.split(JOINT).all(begins_with_mark);
        (whole && !above.is_empty() && !Legend::read([rest]).is_empty()).then_some(above)
    };
    heading
        .char_indices()
        .filter(|(_, c)| OPENS.contains(c))
        .find_map(|(at, c)| ends(at, c))
        .unwrap_or(heading)
}

/// Whether a text begins with a mark or a code, as legends do, or calls itself one.
fn begins_with_mark(text: &str) -> bool {
    let text = text.trim_start();
    let mut chars = text.chars();
    let (Some(first), next) = (chars.next(), chars.next()) else { return false };
    let joint = next.is_some_and(|c| matches!(c, '：' | ':' | '＝' | '=' | '.' | '．' | '…'));
    let mark = !first.is_alphabetic() || first.is_numeric() || is_dash(&first.to_string());
    mark || (first.is_ascii_uppercase() && joint) || is_called_legend(text) || words_come_first(text)
}

#[cfg(test)]
mod tests {
    use super::without_legend;

    #[test]
    fn a_legend_is_no_part_of_what_a_column_is() {
        for (heading, bare) in [
            ("状況（1：実施中　2：R8年度中に実施　3：検討中　4：予定なし）", "状況"),
            ("オンライン対応（0：未 1：一部 2：全部）", "オンライン対応"),
            ("対応状況\n1.対応済\n2.対応予定\n3.対応しない", "対応状況"),
            ("転出届（○：可／×：不可）", "転出届"),
            ("窓口（本庁）【凡例：○＝対応　×＝未対応】", "窓口（本庁）"),
            ("転出届（対応済＝1、未対応＝2）", "転出届"),
            ("転出届／状況（①実施済 ②未実施）", "転出届／状況"),
        ] {
            assert_eq!(without_legend(heading), bare);
        }
        for heading in [
            "オンライン対応（○×）",
            "状況（1：実施中 2：検討中）／オンライン",
            "オンライン（R6.4～）",
            "書かない窓口（本庁）",
            "目標（R9年度末）",
            "(1)転出届",
            "",
        ] {
            assert_eq!(without_legend(heading), heading);
        }
    }
}
