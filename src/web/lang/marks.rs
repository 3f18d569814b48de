//! Marks what is Japanese on a page of another language.
//!
//! Names, what bodies state, and explanations that stand in one language only are printed by a hundred places; that
//! each of them says `lang="ja"` is not left to their memory. Pages are made by `maud`, which escapes every `<`, `>`
//! and `"` of a text or an attribute: a tag is what stands between `<` and the next `>`.

use std::ops::Range;

/// Elements that end where they begin.
const VOID: [&str; 7] = ["br", "col", "hr", "img", "input", "link", "meta"];

/// Elements in which no other may stand: the language is said by themselves.
const TEXT_ONLY: [&str; 5] = ["option", "title", "desc", "text", "textarea"];

/// Attributes that are read aloud in the language of their element.
const SPOKEN: [&str; 4] = [" aria-label=\"", " alt=\"", " placeholder=\"", " value=\""];

/// The page with every Japanese text in an element that says so.
pub(super) fn japanese(page: &str) -> String {
    let mut marked = Marked { html: String::with_capacity(page.len() + page.len() / 8), open: Vec::new() };
    let mut rest = page;
    while let Some(begin) = rest.find('<') {
        let (text, tag) = rest.split_at(begin);
        let end = tag.find('>').map_or(tag.len(), |at| at + 1);
        marked.text(text, tag.starts_with("</"));
        marked.tag(&tag[..end]);
        rest = &tag[end..];
    }
    marked.html.push_str(rest);
    marked.html
}

/// A page as far as it was gone through.
struct Marked<'p> {
    html: String,
    /// The elements around this place.
    open: Vec<Element<'p>>,
}

struct Element<'p> {
    name: &'p str,
    japanese: bool,
    /// Where an attribute may still be added to its tag.
    attributes_end: usize,
}

impl<'p> Marked<'p> {
    fn tag(&mut self, tag: &'p str) {
        let inside = tag.trim_start_matches('<').trim_end_matches('>');
        if inside.starts_with('/') {
            let closed = self.open.pop();
            debug_assert_eq!(
                closed.map(|element| element.name),
                inside.strip_prefix('/'),
                "tags that do not fit"
            );
            self.html.push_str(tag);
            return;
        }
        self.html.push_str(tag);
        if inside.starts_with('!') {
            return;
        }
        let name = inside.split(' ').next().unwrap_or_default();
        let said = inside.find(" lang=\"").map(|at| inside[at..].starts_with(" lang=\"ja\""));
        let element = Element {
            name,
            japanese: said.unwrap_or_else(|| self.is_japanese()),
            attributes_end: self.html.len() - 1,
        };
        if VOID.contains(&name) {
            let spoken =
                |attribute: &&str| value(inside, attribute).is_some_and(|text| text.contains(is_letter));
            if said.is_none() && !element.japanese && SPOKEN.iter().any(spoken) {
                self.html.insert_str(element.attributes_end, " lang=\"ja\"");
            }
        } else {
            self.open.push(element);
        }
    }

    fn is_japanese(&self) -> bool {
        self.open.last().is_some_and(|element| element.japanese)
    }

    /// `closes` is whether the element that the text stands in ends after it.
    fn text(&mut self, text: &str, closes: bool) {
        let parent = self.open.last().map(|element| (element.name, element.attributes_end));
        let Some((name, attributes_end)) = parent.filter(|_| !self.is_japanese()) else {
            self.html.push_str(text);
            return;
        };
        let runs: Vec<Range<usize>> = runs(text).collect();
        let nothing_before = attributes_end + 1 == self.html.len();
        let whole = matches!(runs.as_slice(), [run] if text[run.clone()].len() == text.trim().len());
        // Of a text that is partly Japanese nothing can be said where no element may stand in it.
        if TEXT_ONLY.contains(&name) && !whole {
            self.html.push_str(text);
            return;
        }
        if !runs.is_empty() && nothing_before && closes && whole {
            self.html.insert_str(attributes_end, " lang=\"ja\"");
            self.html.push_str(text);
            return;
        }
        let mut done = 0;
        for run in runs {
            self.html.push_str(&text[done..run.start]);
            self.html.push_str("<span lang=\"ja\">");
            self.html.push_str(&text[run.clone()]);
            self.html.push_str("</span>");
            done = run.end;
        }
        self.html.push_str(&text[done..]);
    }
}

fn value<'t>(tag: &'t str, attribute: &str) -> Option<&'t str> {
    let text = &tag[tag.find(attribute)? + attribute.len()..];
    text.split('"').next()
}

/// Where a text is Japanese: from a Japanese sign to the last one before a Latin letter, or the end.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut done = 0;
    std::iter::from_fn(move || {
        let rest = &text[done..];
        let start = done + rest.find(is_letter)?;
        // Brackets right before belong to it.
        let start = start - text[done..start].len() + text[done..start].trim_end_matches(is_sign).len();
        let mut end = start;
        for (at, sign) in text[start..].char_indices() {
            if is_letter(sign) || is_sign(sign) {
                end = start + at + sign.len_utf8();
            } else if sign.is_ascii_alphabetic() || sign == '&' {
                break;
            }
        }
        done = end;
        Some(start..end)
    })
}

/// A letter that is read as Japanese.
fn is_letter(sign: char) -> bool {
    matches!(sign,
        '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}')
}

/// A sign of Japanese writing that is no letter.
fn is_sign(sign: char) -> bool {
    matches!(sign, '\u{3001}'..='\u{3004}' | '\u{3008}'..='\u{3011}' | '\u{FF01}'..='\u{FF65}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_marked(page: &str, marked: &str) {
        assert_eq!(japanese(page), marked);
    }

    #[test]
    fn an_element_of_one_japanese_text_says_so_itself() {
        assert_marked("<p><b>鉾田市</b> is here</p>", "<p><b lang=\"ja\">鉾田市</b> is here</p>");
        assert_marked("<td class=\"a\">未</td><td>–</td>", "<td class=\"a\" lang=\"ja\">未</td><td>–</td>");
        assert_marked(
            "<a href=\"/a?b=c&amp;d\">令和8年10月</a>",
            "<a href=\"/a?b=c&amp;d\" lang=\"ja\">令和8年10月</a>",
        );
    }

    #[test]
    fn a_part_of_a_text_gets_an_element() {
        assert_marked(
            "<p>Of 鉾田市 (茨城県), 2 of 5 by ぴったりサービス &amp; more</p>",
            "<p>Of <span lang=\"ja\">鉾田市 (茨城県</span>), 2 of 5 by <span lang=\"ja\">ぴったりサービス</span> &amp; more</p>",
        );
        assert_marked("<p>様式<br>form</p>", "<p><span lang=\"ja\">様式</span><br>form</p>");
    }

    #[test]
    fn what_says_its_language_stays_as_it_is() {
        for page in [
            "<p lang=\"ja\">様式 <b>鉾田市</b></p>",
            "<html lang=\"en\"><p>nothing</p></html>",
            "<p>1〜2、○</p>",
            "<!DOCTYPE html><p>a</p>",
        ] {
            assert_marked(page, page);
        }
        assert_marked(
            "<p lang=\"ja\"><i lang=\"en\">a 字</i></p>",
            "<p lang=\"ja\"><i lang=\"en\">a <span lang=\"ja\">字</span></i></p>",
        );
    }

    #[test]
    fn where_no_element_may_stand_the_one_around_says_it() {
        assert_marked(
            "<option value=\"1\">鉾田市</option>",
            "<option value=\"1\" lang=\"ja\">鉾田市</option>",
        );
        assert_marked(
            "<input name=\"q\" value=\"罹災\"><p>a</p>",
            "<input name=\"q\" value=\"罹災\" lang=\"ja\"><p>a</p>",
        );
        assert_marked("<input value=\"12\">", "<input value=\"12\">");
    }
}
