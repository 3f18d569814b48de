//! What is told of the rows that were passed over.

use super::passed::{MAX_NOTES, Passed};
use super::words::is_word_of_colophon;
use crate::domain::text::cut;
use crate::import::headings::{is_footnote, is_legend};
use crate::import::table::{Row, TO_READ_IT};

/// What is shown of a row: its first text, or all of a footnote.
pub(super) fn told(row: &Row) -> String {
    let mut cells: Vec<&str> = row.cells().map(str::trim).filter(|cell| !cell.is_empty()).collect();
    cells.dedup();
    let colophon = cells.first().is_some_and(|first| is_word_of_colophon(first));
    if is_legend(row) || is_footnote(row) || colophon {
        cells.join(" ")
    } else {
        cells.first().copied().unwrap_or("").to_owned()
    }
}

/// One remark for each kind, with lines.
pub(super) fn notes(passed: &[(Passed, u32, String)]) -> Vec<String> {
    let of = |kind: Passed| passed.iter().filter(move |(why, ..)| *why == kind);
    let footnotes =
        of(Passed::Note).take(MAX_NOTES).map(|(_, _, text)| format!("ファイルの注記: {}", cut(text, 200)));
    let kinds = [
        (Passed::Total, "合計などの", "行は読み飛ばしました"),
        (Passed::Section, "区切りや見出しだけの", "行は読み飛ばしました"),
        (Passed::Repeated, "繰り返しの見出し", "行は読み飛ばしました"),
        (Passed::Example, "記入例の", "行は読み飛ばしました"),
        (Passed::Instruction, "記入要領の", "行は読み飛ばしました"),
        (Passed::Prepared, "番号や団体名だけの", "行は読み飛ばしました"),
        (Passed::Head, "団体や手続の名前だけの", "行は、下の行の名前として読みました"),
        (Passed::Struck, "名前に取り消し線のある", "行は読み飛ばしました"),
        (Passed::LeftOut, "指定のとおり、取り込まない名前の", "行は読み飛ばしました"),
    ];
    let told = kinds.into_iter().filter_map(|(kind, what, done)| {
        let count = of(kind).count();
        (count > 0).then(|| format!("{what}{count}{done}: {}", lines(of(kind), count)))
    });
    let hidden = of(Passed::Hidden).count();
    let hidden = (hidden > 0).then(|| format!("非表示の{hidden}行は読み飛ばしました（{TO_READ_IT}）。"));
    footnotes.chain(told).chain(hidden).collect()
}

/// The first lines of a kind, each with what stands in it.
fn lines<'p>(passed: impl Iterator<Item = &'p (Passed, u32, String)>, count: usize) -> String {
    /// So many are told one by one.
    const SHOWN: usize = 10;
    let shown: Vec<String> = passed
        .take(SHOWN)
        .map(|(_, line, text)| format!("{line}行目「{}」", cut(&text.replace('\n', " "), 40)))
        .collect();
    let more = if count > SHOWN { format!(" ほか{}行", count - SHOWN) } else { String::new() };
    format!("{}{more}", shown.join("、"))
}
