//! The signs of which legends are made.

use super::symbols::is_symbol;
use super::words;

/// Numbers in circles, from 1.
pub(super) const CIRCLED: &str = "①②③④⑤⑥⑦⑧⑨";

/// Marks with the words that explain them.
pub(super) type Pairs = Vec<(String, String)>;

/// Whether a character is a mark or a dash.
pub(super) fn is_mark(c: char) -> bool {
    is_symbol(c) || words::is_dash(c.encode_utf8(&mut [0; 4]))
}

/// Whether a character stands between a mark and its words.
pub(super) fn is_joint(c: char) -> bool {
    matches!(c, '=' | ':' | '…' | '→' | '⇒' | '‥')
}
