//! Faults of one kind told once, with the lines they stand on.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Fault;

/// Faults that say the same of several places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FaultGroup {
    /// Stable name of the rule, such as `check_digit`.
    #[schema(example = "unknown_mark")]
    pub code: String,
    /// What is wrong, in Japanese.
    #[schema(example = "意味の分からない記号です")]
    pub message: String,
    /// The value as found, where it is the same in all places, or the first of several.
    #[schema(example = "※")]
    pub value: Option<String>,
    /// What would have been taken.
    pub allowed: Option<String>,
    /// What was probably meant.
    pub suggestion: Option<String>,
    /// How many places.
    #[schema(example = 12, minimum = 1)]
    pub count: usize,
    /// The first lines, ascending.
    #[schema(max_items = 100)]
    pub lines: Vec<u32>,
    /// The first headings under which they stand.
    #[schema(max_items = 5)]
    pub headings: Vec<String>,
}

/// Lines that are named of one group.
const LINES: usize = 100;
/// Headings that are named of one group.
const HEADINGS: usize = 5;
/// Groups that are told.
const GROUPS: usize = 100;

/// What tells faults of one kind from those of another.
type Kind<'f> = (&'f str, &'f str, Option<&'f str>, Option<&'f str>, Option<&'f str>);

/// Repairs that are told once for all of them, each with what was read for what.
const REPAIRS: [&str; 4] = ["name_only", "name_variant", "lost_zero", "code_as_number"];

/// Names that are none and like none, told once for all of them.
const UNKNOWN: [&str; 2] = ["unknown_name", "unknown_procedure"];

/// Whether faults of one message are told once whatever was found.
fn is_told_once(fault: &Fault) -> bool {
    let code = fault.code.as_str();
    REPAIRS.contains(&code)
        || (UNKNOWN.contains(&code) && fault.suggestion.is_none() && fault.value.is_some())
}

/// What was found in the places of one group, and what it was read for.
#[derive(Default)]
struct Repairs(Vec<(String, String)>);

impl Repairs {
    /// So many are named.
    const NAMED: usize = 5;

    fn see(&mut self, fault: &Fault) {
        let pair = (fault.value.clone().unwrap_or_default(), fault.suggestion.clone().unwrap_or_default());
        // More than are named are only counted, so that many rows of many bodies stay cheap.
        let empty = pair.0.is_empty() && pair.1.is_empty();
        if !empty && self.0.len() <= Self::NAMED && !self.0.contains(&pair) {
            self.0.push(pair);
        }
    }

    fn tell(&self, group: &mut FaultGroup) {
        match self.0.as_slice() {
            [] => return,
            [(found, _)] if group.value.as_ref().is_none_or(String::is_empty) => {
                group.value = Some(found.clone());
                return;
            }
            [_] => return,
            _ => {}
        }
        let read = self.0.iter().any(|(_, read)| !read.is_empty());
        let shown = |(found, meant): &(String, String)| match meant.as_str() {
            "" => found.clone(),
            meant => format!("{found} → {meant}"),
        };
        let named: Vec<String> = self.0.iter().take(Self::NAMED).map(shown).collect();
        let more = if self.0.len() > Self::NAMED { " など" } else { "" };
        let named = Some(format!("{}{more}", named.join("、")));
        (group.value, group.suggestion) = if read { (None, named) } else { (named, None) };
    }
}

/// Puts faults that say the same together, in order of the first of each, as many as anybody reads.
pub fn grouped(faults: &[Fault]) -> Vec<FaultGroup> {
    let mut places: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut groups: Vec<FaultGroup> = Vec::new();
    let mut repairs: HashMap<usize, Repairs> = HashMap::new();
    for fault in faults {
        let Fault { code, message, value, allowed, suggestion, .. } = fault;
        let repair = is_told_once(fault);
        let (found, read) = if repair { (None, None) } else { (value.as_deref(), suggestion.as_deref()) };
        let kind = (code.as_str(), message.as_str(), found, allowed.as_deref(), read);
        let at = *places.entry(kind).or_insert_with(|| {
            groups.push(FaultGroup {
                code: code.clone(),
                message: message.clone(),
                value: value.clone(),
                allowed: allowed.clone(),
                suggestion: suggestion.clone(),
                ..FaultGroup::default()
            });
            groups.len() - 1
        });
        groups[at].add(fault);
        if repair {
            repairs.entry(at).or_default().see(fault);
        }
        if groups.len() > GROUPS {
            break;
        }
    }
    for (at, repaired) in repairs {
        repaired.tell(&mut groups[at]);
    }
    groups.truncate(GROUPS);
    // What stops counting comes before what was only repaired.
    groups.sort_by_key(|group| !is_loss(&group.code));
    groups
}

/// Whether a warning tells that something will count no more, or for less.
fn is_loss(code: &str) -> bool {
    matches!(code, "levels_hidden" | "published_set_aside" | "group_shows_other")
}

impl FaultGroup {
    fn add(&mut self, fault: &Fault) {
        self.count += 1;
        if let Some(line) = fault.line.filter(|line| self.lines.len() < LINES && !self.lines.contains(line)) {
            self.lines.push(line);
            self.lines.sort_unstable();
        }
        if let Some(heading) = &fault.heading
            && self.headings.len() < HEADINGS
            && !self.headings.contains(heading)
        {
            self.headings.push(heading.clone());
        }
    }

    /// Its lines as runs: 2〜5・9行目, and how many places there are where they are not all named.
    fn places(&self) -> String {
        /// Runs that are named.
        const NAMED: usize = 8;
        let runs = runs(&self.lines);
        let shown: Vec<String> = runs
            .iter()
            .take(NAMED)
            .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}〜{last}") })
            .collect();
        let cut = runs.len() > NAMED || (self.lines.len() == LINES && self.count > LINES);
        let more = if cut { format!("など{}か所", self.count) } else { String::new() };
        format!("{}行目{more}", shown.join("・"))
    }

    /// One line for a person: 「2〜5・9行目「段階」列: …（値: …、使える値: …）」.
    pub fn sentence(&self) -> String {
        let mut text = String::new();
        if !self.lines.is_empty() {
            text.push_str(&self.places());
        }
        let headings: Vec<String> =
            self.headings.iter().map(|heading| format!("「{}」", heading.replace('\n', ""))).collect();
        if !headings.is_empty() {
            let more = if self.headings.len() == HEADINGS { "など" } else { "" };
            text.push_str(&format!("{}{more}列", headings.concat()));
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&self.message);
        let details: Vec<String> =
            [("値", &self.value), ("使える値", &self.allowed), ("候補", &self.suggestion)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_ref().filter(|value| !value.is_empty())?)))
                .map(|(name, value)| format!("{name}: {value}"))
                .collect();
        if !details.is_empty() {
            text.push_str(&format!("（{}）", details.join("、")));
        }
        text
    }
}

/// Lines that follow one another, as first and last.
fn runs(lines: &[u32]) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *line => *last = *line,
            _ => runs.push((*line, *line)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(line: u32, value: &str, heading: &str) -> Fault {
        Fault::whole("unknown_mark", "意味の分からない記号です")
            .at_line(line)
            .in_column(3, heading)
            .found(value)
    }

    #[test]
    fn faults_of_one_kind_are_one_line_with_their_lines() {
        let faults: Vec<Fault> = [2, 3, 4, 9].iter().map(|line| fault(*line, "※", "転出届")).collect();
        let groups = grouped(&faults);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].sentence(), "2〜4・9行目「転出届」列: 意味の分からない記号です（値: ※）");
        let others = [fault(2, "※", "転出届"), fault(2, "※", "妊娠の届出"), fault(3, "★", "転出届")];
        let sentences: Vec<String> = grouped(&others).iter().map(FaultGroup::sentence).collect();
        assert_eq!(
            sentences,
            [
                "2行目「転出届」「妊娠の届出」列: 意味の分からない記号です（値: ※）",
                "3行目「転出届」列: 意味の分からない記号です（値: ★）"
            ]
        );
    }

    #[test]
    fn repairs_of_one_kind_are_one_line_behind_what_is_lost() {
        let name = |line: u32, name: &str| {
            Fault::whole("name_only", "団体名から読みました")
                .at_line(line)
                .in_column(0, "団体名")
                .found(name)
                .suggesting(format!("08 {name}"))
        };
        let lost = Fault::whole("published_set_aside", "数えなくなります").at_line(3).in_column(2, "転出届");
        let mut faults = vec![name(2, "水戸市")];
        let alone = grouped(&faults)[0].sentence();
        assert_eq!(alone, "2行目「団体名」列: 団体名から読みました（値: 水戸市、候補: 08 水戸市）");
        faults.extend((3..200).map(|line| name(line, &format!("{line}市"))));
        faults.push(lost);
        let groups = grouped(&faults);
        assert_eq!(groups.iter().map(|group| group.count).collect::<Vec<_>>(), [1, 198]);
        assert!(groups[0].sentence().starts_with("3行目「転出届」列"), "{}", groups[0].sentence());
        assert_eq!(
            groups[1].suggestion.as_deref(),
            Some("水戸市 → 08 水戸市、3市 → 08 3市、4市 → 08 4市、5市 → 08 5市、6市 → 08 6市 など")
        );
    }

    #[test]
    fn very_many_are_cut_and_counted() {
        let faults: Vec<Fault> = (0..1000).map(|at| fault(at * 2 + 2, "※", "転出届")).collect();
        let group = &grouped(&faults)[0];
        assert_eq!((group.count, group.lines.len()), (1000, 100));
        assert!(group.sentence().contains("・16行目など1000か所"), "{}", group.sentence());
        let many: Vec<Fault> = (0..1000).map(|at| fault(at + 2, &format!("{at}"), "転出届")).collect();
        assert_eq!(grouped(&many).len(), 100);
    }
}
