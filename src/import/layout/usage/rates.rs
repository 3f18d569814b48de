//! Rates that stand beside counts: compared with them, and not stored.

use crate::domain::text::fold_width;

/// A rate as it is written: hundredths as a number, and how exact it is. A share such as 0.778 is a
/// rate too.
pub(super) fn rate(cell: &str) -> Option<(f64, bool, f64)> {
    let folded = fold_width(cell);
    let percent = folded.strip_suffix('%').map(str::trim_end);
    let digits = percent.unwrap_or(&folded);
    let decimals = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let last = 10_f64.powi(-i32::try_from(decimals.min(9)).unwrap_or(9));
    Some((digits.parse().ok()?, percent.is_some(), last))
}

/// What is wrong with a rate beside its counts, if it is another one than they give; the last digit may
/// be rounded either way.
pub(in crate::import::layout) fn differing_rate(cell: &str, online: i64, total: i64) -> Option<String> {
    let (written, is_percent, last) = rate(cell).filter(|_| total > 0)?;
    // Counts of one procedure are far below what a float holds exactly.
    let share = online as f64 / total as f64;
    let near = |exact: f64| (written - exact).abs() <= last + 1e-9;
    let fits = near(share * 100.0) || (!is_percent && near(share));
    (!fits).then(|| {
        let (cell, exact) = (cell.trim(), share * 100.0);
        format!("利用率（{cell}）が、件数から計算した {exact:.1}%（{online}/{total}）と合いません。件数を確かめてください")
    })
}
