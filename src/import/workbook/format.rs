//! Tells from a number format what kind of value a cell shows.

use super::contents::{DateParts, NumberFormat};

const DAY: NumberFormat = NumberFormat::Date(DateParts { year: true, month: true, day: true, fiscal: false });
const MONTH: NumberFormat =
    NumberFormat::Date(DateParts { year: true, month: true, day: false, fiscal: false });
const NO_YEAR: NumberFormat =
    NumberFormat::Date(DateParts { year: false, month: true, day: true, fiscal: false });

/// The formats a file names by number without spelling them out; 27 to 36 and
/// 50 to 58 are those of the Japanese edition of Excel.
pub(super) fn built_in(id: u32) -> NumberFormat {
    match id {
        0 => NumberFormat::General,
        1 => NumberFormat::Zeros(1),
        9 | 10 => NumberFormat::Percent,
        16 | 35 | 53 | 56 => NO_YEAR,
        17 | 34 | 52 | 55 => MONTH,
        14 | 15 | 22 | 27..=31 | 36 | 50 | 51 | 54 | 57 | 58 => DAY,
        18..=21 | 32 | 33 | 45..=47 => NumberFormat::Time,
        49 => NumberFormat::Text,
        _ => NumberFormat::Other,
    }
}

/// Judges a custom format by its code, the first of its sections.
pub(super) fn classify(code: &str) -> NumberFormat {
    let code = code.to_ascii_lowercase();
    let first = code.split(';').next().unwrap_or_default().trim();
    match first {
        "general" | "g/標準" => return NumberFormat::General,
        "@" => return NumberFormat::Text,
        _ => {}
    }
    if !first.is_empty() && first.bytes().all(|byte| byte == b'0') {
        return u8::try_from(first.len()).map_or(NumberFormat::Other, NumberFormat::Zeros);
    }
    Reader::default().read(&code)
}

/// Which values a custom format shows nothing of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hides {
    pub(super) zeros: bool,
    pub(super) numbers: bool,
    pub(super) texts: bool,
}

/// Judges what a custom format leaves out: its sections are for positive numbers, negative ones, zero
/// and text, unless they have conditions of their own.
pub(super) fn hides(code: &str) -> Hides {
    // Nearly every format shows something of everything.
    if !code.contains(';') {
        return Hides::default();
    }
    let sections = sections(code);
    let blank: Vec<bool> = sections.iter().map(|section| is_blank(section)).collect();
    let zero = |section: &&str| section.trim_start().starts_with("[=0]");
    let numbers = blank.iter().take(3).all(|blank| *blank);
    Hides {
        zeros: numbers
            || blank.get(2) == Some(&true)
            || sections.iter().any(|one| zero(one) && is_blank(one)),
        numbers,
        texts: blank.get(3) == Some(&true),
    }
}

/// The sections of a format; what is quoted or escaped parts none.
fn sections(code: &str) -> Vec<&str> {
    let (mut sections, mut from, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, character) in code.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '"' => quoted = !quoted,
            '\\' | '!' | '_' | '*' if !quoted => escaped = true,
            ';' if !quoted => {
                sections.push(&code[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    sections.push(&code[from..]);
    sections
}

/// Whether a section shows nothing: blanks, colours and conditions at most.
fn is_blank(section: &str) -> bool {
    let mut rest = section;
    while let Some(character) = rest.chars().next() {
        let next = &rest[character.len_utf8()..];
        rest = match character {
            '[' => next.split_once(']').map_or("", |(_, behind)| behind),
            '_' => &next[next.chars().next().map_or(0, char::len_utf8)..],
            '"' | ' ' | '\u{3000}' => next,
            _ => return false,
        };
    }
    true
}

/// Whether a format shows words that a reader takes for the value: marks instead of numbers
/// (`[=1]"○";[=0]"×"`), or words that change what a number says (`0"以上"`).
pub(super) fn is_written_out(code: &str) -> bool {
    // Nearly every format has no words.
    let worded = code.contains('+') || !code.is_ascii();
    worded && sections(code).into_iter().filter_map(Section::read).any(|section| section.is_worded())
}

/// What a format that is written out shows of a number, if that is words; nothing where it shows the
/// number, or nothing at all.
pub(super) fn shown(code: &str, number: f64) -> Option<String> {
    let sections: Vec<Option<Section>> = sections(code).into_iter().map(Section::read).collect();
    let section = sections.get(chosen(&sections, number)?)?.as_ref()?;
    if !section.number {
        let words = section.before.trim();
        return (!words.is_empty()).then(|| words.to_owned());
    }
    /// Levels are such numbers; what counts people or money is read as a number.
    const DIGITS: std::ops::RangeInclusive<f64> = 0.0..=9.0;
    let digit = DIGITS.contains(&number) && number.fract() == 0.0;
    (digit && section.is_worded())
        .then(|| format!("{}{number:.0}{}", section.before.trim(), section.behind.trim()))
}

/// The section that is for a number, by its position.
fn chosen(sections: &[Option<Section>], number: f64) -> Option<usize> {
    let condition = |at: usize| sections.get(at)?.as_ref()?.condition;
    let parts = sections.len().min(3);
    if condition(0).is_none() && condition(1).is_none() {
        return Some(match parts {
            3 if number == 0.0 => 2,
            2.. if number < 0.0 => 1,
            _ => 0,
        });
    }
    let usual = [|number: f64| number > 0.0, |number: f64| number < 0.0];
    let met =
        |at: usize| condition(at).map_or_else(|| usual[at](number), |condition| condition.is_met(number));
    match parts {
        _ if met(0) => Some(0),
        // The last section is for all the rest, unless it has a condition.
        2 if condition(1).is_none() => Some(1),
        2.. if met(1) => Some(1),
        3 => Some(2),
        _ => None,
    }
}

/// A condition of a section: `[=1]`, `[>=3]`.
#[derive(Clone, Copy)]
struct Condition {
    /// Which of less, equal and greater it takes.
    takes: [bool; 3],
    than: f64,
}

impl Condition {
    fn read(inside: &str) -> Option<Self> {
        let operators = [
            ("<>", [true, false, true]),
            ("<=", [true, true, false]),
            (">=", [false, true, true]),
            ("=", [false, true, false]),
            ("<", [true, false, false]),
            (">", [false, false, true]),
        ];
        let (rest, takes) =
            operators.iter().find_map(|(sign, takes)| Some((inside.strip_prefix(sign)?, *takes)))?;
        Some(Self { takes, than: rest.trim().parse().ok()? })
    }

    fn is_met(self, number: f64) -> bool {
        number.partial_cmp(&self.than).is_some_and(|order| match order {
            std::cmp::Ordering::Less => self.takes[0],
            std::cmp::Ordering::Equal => self.takes[1],
            std::cmp::Ordering::Greater => self.takes[2],
        })
    }
}

/// A section of a format for numbers: what stands before and behind the number.
#[derive(Default)]
struct Section {
    condition: Option<Condition>,
    /// Whether it shows the number.
    number: bool,
    before: String,
    behind: String,
}

impl Section {
    /// Reads a section; none if it shows a date, a share, or more than plain digits.
    fn read(code: &str) -> Option<Self> {
        let (mut section, mut rest) = (Self::default(), code);
        while let Some(first) = rest.chars().next() {
            let next = &rest[first.len_utf8()..];
            rest = match first {
                '"' => {
                    let (words, behind) = next.split_once('"').unwrap_or((next, ""));
                    section.words(words);
                    behind
                }
                '\\' | '!' => {
                    let end = next.chars().next().map_or(0, char::len_utf8);
                    section.words(&next[..end]);
                    &next[end..]
                }
                '_' | '*' => &next[next.chars().next().map_or(0, char::len_utf8)..],
                '[' => {
                    let (inside, behind) = next.split_once(']')?;
                    section.condition = Condition::read(inside).or(section.condition);
                    behind
                }
                '0' | '#' => {
                    section.number = true;
                    next
                }
                _ if rest.starts_with("General") => {
                    section.number = true;
                    &rest["General".len()..]
                }
                _ if rest.starts_with("G/標準") => {
                    section.number = true;
                    &rest["G/標準".len()..]
                }
                '+' | '-' | ' ' | '(' | ')' => {
                    section.words(&rest[..1]);
                    next
                }
                other if !other.is_ascii() => {
                    section.words(&rest[..other.len_utf8()]);
                    next
                }
                _ => return None,
            };
        }
        Some(section)
    }

    fn words(&mut self, text: &str) {
        if self.number { self.behind.push_str(text) } else { self.before.push_str(text) }
    }

    /// Whether its words are more than a dash for nothing or a unit behind a number.
    fn is_worded(&self) -> bool {
        if self.number {
            let has = |text: &str, words: &[&str]| words.iter().any(|word| text.contains(word));
            return has(&self.before, &["段階", "レベル"])
                || has(&self.behind, &["以上", "+", "＋", "段階", "レベル"]);
        }
        let is_dash =
            |c: char| c.is_ascii() || matches!(c, 'ー' | '－' | '―' | '‐' | '−' | '–' | '—' | '\u{3000}');
        self.before.chars().any(|c| !is_dash(c))
    }
}

/// What was seen of a format so far.
#[derive(Default)]
struct Reader {
    parts: DateParts,
    /// Hours, minutes or seconds.
    time: bool,
    /// An era without its year, which then stands there as text (令和元年).
    era: bool,
    weekday: bool,
    percent: bool,
    /// Whether the last letters were hours, so that `m` behind them are minutes.
    after_hours: bool,
    /// Texts that are shown as they are.
    literal: String,
}

impl Reader {
    fn read(mut self, code: &str) -> NumberFormat {
        let mut rest = code;
        while let Some(character) = rest.chars().next() {
            let next = &rest[character.len_utf8()..];
            // Formats behind the first are for other values.
            if character == ';' {
                break;
            }
            rest = &rest[self.take(character, rest, next)..];
        }
        self.finish()
    }

    /// Takes what `rest` begins with; how long that is.
    fn take(&mut self, character: char, rest: &str, next: &str) -> usize {
        let one = character.len_utf8();
        match character {
            '"' => {
                let end = next.find('"');
                self.literal.push_str(&next[..end.unwrap_or(next.len())]);
                one + end.map_or(next.len(), |end| end + 1)
            }
            // Escaped, as wide as, repeated to fill, escaped in Japanese editions.
            '\\' | '_' | '*' | '!' => {
                let escaped = next.chars().next();
                self.literal.extend(escaped.filter(|_| matches!(character, '\\' | '!')));
                one + escaped.map_or(0, char::len_utf8)
            }
            '[' => {
                let inside = next.split(']').next().unwrap_or_default();
                self.bracket(inside);
                one + (inside.len() + 1).min(next.len())
            }
            'g' if next.starts_with("eneral") => one + "eneral".len(),
            'g' if next.starts_with("/標準") => one + "/標準".len(),
            'a' if rest.starts_with("am/pm") => "am/pm".len(),
            'a' if rest.starts_with("a/p") => "a/p".len(),
            // An exponent, not the year of an era.
            'e' if next.starts_with(['+', '-']) => one,
            'y' | 'm' | 'd' | 'h' | 's' | 'g' | 'e' | 'a' | 'b' => {
                let run = rest.len() - rest.trim_start_matches(character).len();
                self.letters(character, run, &rest[run..]);
                run
            }
            '%' => {
                self.percent = true;
                one
            }
            other => {
                self.literal.extend((!other.is_ascii()).then_some(other));
                one
            }
        }
    }

    /// Elapsed time such as `[h]`; other brackets are colours, conditions, languages.
    fn bracket(&mut self, inside: &str) {
        let elapsed = ["h", "m", "s"]
            .iter()
            .any(|unit| !inside.is_empty() && inside.trim_start_matches(unit).is_empty());
        if elapsed {
            self.time = true;
            self.after_hours = inside.starts_with('h');
        }
    }

    fn letters(&mut self, letter: char, run: usize, behind: &str) {
        let hours = std::mem::take(&mut self.after_hours);
        match letter {
            'y' | 'e' => self.parts.year = true,
            // A year of another calendar; one letter chooses the calendar.
            'b' => self.parts.year |= run > 1,
            'g' => self.era = true,
            'd' if run > 2 => self.weekday = true,
            'd' => self.parts.day = true,
            'a' => self.weekday |= run > 2,
            'm' if run < 3 && (hours || is_before_seconds(behind)) => self.time = true,
            'm' => self.parts.month = true,
            'h' => (self.time, self.after_hours) = (true, true),
            _ => self.time = true,
        }
    }

    fn finish(mut self) -> NumberFormat {
        self.parts.year |= self.era && self.literal.contains("元年");
        self.parts.fiscal = self.literal.contains("年度");
        let date = self.parts.year || self.parts.month || self.parts.day || self.weekday;
        match (date, self.time, self.percent) {
            (true, ..) => NumberFormat::Date(self.parts),
            (_, true, _) => NumberFormat::Time,
            (_, _, true) => NumberFormat::Percent,
            _ => NumberFormat::Other,
        }
    }
}

/// Whether the next letters of a format are seconds, so that `m` before them are minutes.
fn is_before_seconds(behind: &str) -> bool {
    let mut rest = behind;
    while let Some(character) = rest.chars().next() {
        let next = &rest[character.len_utf8()..];
        rest = match character {
            's' => return true,
            '[' => return next.starts_with('s'),
            'a'..='z' | ';' => return false,
            '"' => next.find('"').map_or("", |end| &next[end + 1..]),
            '\\' | '_' | '*' | '!' => &next[next.chars().next().map_or(0, char::len_utf8)..],
            _ => next,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_format_are_what_is_read() {
        for (code, shows) in [
            (r###"[=1]"○";[=0]"×""###, vec![(1.0, "○"), (0.0, "×"), (2.0, "")]),
            (r###"[=2]"◎";[=1]"○";"×""###, vec![(2.0, "◎"), (1.0, "○"), (0.0, "×")]),
            (r###""○";;"×""###, vec![(1.0, "○"), (0.0, "×"), (-1.0, "")]),
            (r###""○";"△";"－""###, vec![(3.0, "○"), (-1.0, "△"), (0.0, "－")]),
            (r###"[>0]"○";"×""###, vec![(1.0, "○"), (0.0, "×")]),
            (r###"[>=3]"可";[>=1]"一部";"未""###, vec![(4.0, "可"), (2.0, "一部"), (0.0, "未")]),
            (r###"[赤]○;;×"###, vec![(1.0, "○"), (0.0, "×")]),
            (r###"0;;"×""###, vec![(4.0, ""), (0.0, "×")]),
            (r###"0"以上""###, vec![(3.0, "3以上"), (12.0, "")]),
            (r###"0"+""###, vec![(3.0, "3+")]),
            (r###""段階"0"###, vec![(4.0, "段階4"), (0.0, "段階0")]),
            (r###"G/標準"以上""###, vec![(3.0, "3以上")]),
        ] {
            assert!(is_written_out(code), "{code}");
            for (number, expected) in shows {
                assert_eq!(shown(code, number).unwrap_or_default(), expected, "{code} {number}");
            }
        }
    }

    #[test]
    fn units_dates_and_dashes_for_nothing_are_no_words() {
        for code in [
            r###"_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ "###,
            r###"#,##0;"△"#,##0;"－""###,
            r###"0"件""###,
            r###"#,##0"円""###,
            r###"yyyy"年"m"月"d"日""###,
            r###"[$-411]ggge"年"m"月""###,
            r###"0.0"％""###,
            "0.00E+00",
            "+0;-0",
            "000000",
            ";;;",
            "",
        ] {
            assert!(!is_written_out(code), "{code}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_format_panics(code in r###"[0#;"○×\[\]=><+_*!@ 段階以上a-z]{0,20}"###, number in -10.0..10.0f64) {
            let _ = (is_written_out(&code), shown(&code, number), classify(&code), hides(&code));
        }
    }
}
