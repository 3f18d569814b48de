//! The text of one cell, joined from its runs.

use super::error::{Outcome, WorkbookError};
use super::package::{At, Node};

/// Excel allows 32,767 characters in a cell; four bytes each at most in UTF-8.
const TEXT_BYTES: usize = 32_767 * 4;

/// Joins the runs of one text, leaving out the reading (furigana) beside it and what is struck
/// through. A run that says nothing of its font has that of its cell, which may itself be struck
/// through; so what remains is kept for both sorts of cells.
#[derive(Default)]
pub(super) struct Runs {
    /// What remains in an ordinary cell.
    plain: Remains,
    /// What remains in a cell that is struck through.
    struck: Remains,
    /// Whether a run that is struck through was left out.
    cut: bool,
    taking: bool,
    phonetic: usize,
    /// Whether the font that is being described is that of a run.
    in_font: bool,
    /// What the run says of itself.
    strike: Option<bool>,
}

#[derive(Default)]
struct Remains {
    text: String,
    /// Where the run began whose outer blanks Excel does not show.
    trim_from: Option<usize>,
}

impl Runs {
    pub(super) fn restart(&mut self) {
        for remains in [&mut self.plain, &mut self.struck] {
            remains.text.clear();
            remains.trim_from = None;
        }
        (self.cut, self.taking, self.phonetic) = (false, false, 0);
        (self.in_font, self.strike) = (false, None);
    }

    /// Forgets what was taken, because a value follows that counts instead.
    pub(super) fn clear(&mut self) {
        self.plain.text.clear();
        self.struck.text.clear();
    }

    /// The text as it stands in an ordinary cell.
    pub(super) fn text(&self) -> &str {
        &self.plain.text
    }

    /// What of the text is not struck through in a cell that is.
    pub(super) fn kept_when_struck(&self) -> &str {
        &self.struck.text
    }

    /// Whether a part was left out because it is struck through.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    pub(super) fn take(&mut self, at: &At<'_>, node: &Node<'_>) -> Outcome<()> {
        match node {
            Node::Open("rPh", _) => self.phonetic += 1,
            Node::Close("rPh") => self.phonetic = self.phonetic.saturating_sub(1),
            Node::Open("r", _) | Node::Close("r") => self.strike = None,
            Node::Open("rPr", _) => (self.in_font, self.strike) = (true, Some(false)),
            Node::Close("rPr") => self.in_font = false,
            Node::Open("strike", tag) if self.in_font => self.strike = Some(at.is_on(tag)?),
            Node::Open("v", _) => self.taking = true,
            Node::Open("t", tag) if self.phonetic == 0 => {
                self.taking = true;
                let kept = at.attribute(tag, "space")?;
                let kept = kept.is_some_and(|value| value == "preserve");
                for remains in [&mut self.plain, &mut self.struck] {
                    remains.trim_from = (!kept).then_some(remains.text.len());
                }
            }
            Node::Close("t" | "v") => {
                self.taking = false;
                self.plain.trim();
                self.struck.trim();
            }
            Node::Text(text) if self.taking => self.push(at, text)?,
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, at: &At<'_>, text: &str) -> Outcome<()> {
        if self.plain.text.len() + text.len() > TEXT_BYTES {
            return Err(WorkbookError::TextTooLong {
                part: at.part.to_owned(),
                position: at.position,
                allowed: TEXT_BYTES,
            });
        }
        // XML allows no other control characters, and NUL breaks what comes later.
        let stray = |byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
        if text.bytes().any(stray) {
            return Err(at.fault("a control character"));
        }
        match self.strike {
            Some(true) => self.cut |= !text.trim().is_empty(),
            Some(false) => {
                self.struck.text.push_str(text);
                self.plain.text.push_str(text);
            }
            None => self.plain.text.push_str(text),
        }
        Ok(())
    }
}

impl Remains {
    fn trim(&mut self) {
        const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];
        let Some(from) = self.trim_from.take() else { return };
        let Some(run) = self.text.get(from..) else { return };
        let (end, trimmed) = (run.trim_end_matches(BLANKS).len(), run.trim_matches(BLANKS));
        let lead = end - trimmed.len();
        self.text.truncate(from + end);
        self.text.drain(from..from + lead);
    }
}

/// Excel writes characters XML cannot hold as `_x000D_`, and `_x005F_` for
/// an underscore that would otherwise be read as the start of one.
pub(super) fn decode_escapes(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(found) = rest.find("_x") {
        let escape = rest.get(found + 2..found + 7);
        let character = escape
            .and_then(|tail| tail.strip_suffix('_'))
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32)
            .filter(|&character| character != '\0');
        let end = if character.is_some() { 7 } else { 2 };
        match character {
            Some(character) => {
                decoded.push_str(&rest[..found]);
                decoded.push(character);
            }
            None => decoded.push_str(&rest[..found + end]),
        }
        rest = &rest[found + end..];
    }
    decoded.push_str(rest);
    decoded
}
