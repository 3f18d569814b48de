//! Faults of one kind told once, with the lines they stand on.

use std::collections::HashMap;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::fault::{InGeneral, is_counted};
use super::{Fault, FaultKind};

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
    /// All lines as runs of the first and the last, ascending: `[[2, 5], [9, 9]]`; the first of very many.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub runs: Vec<[u32; 2]>,
    /// The first headings under which they stand.
    #[schema(max_items = 5)]
    pub headings: Vec<String>,
}

/// Lines that are named of one group, and runs of lines.
const LINES: usize = 100;
/// Headings that are named of one group.
const HEADINGS: usize = 5;
/// Groups that are told.
const GROUPS: usize = 100;
/// Values, and pairs of lines, that are named of one group.
const NAMED: usize = 10;

/// What tells faults of one kind from those of another: the rule, what is wrong, and what would be taken.
type Kind<'f> = (&'f str, &'f str, Option<&'f str>);

fn kind(fault: &Fault) -> Kind<'_> {
    (
        &fault.code,
        fault.in_general.map_or(&*fault.message, |general| general.words()),
        fault.allowed.as_deref(),
    )
}

/// What the places of one group have in common, and what is told of each.
struct Gathered<'f> {
    first: &'f Fault,
    count: usize,
    /// Whether all say the same words.
    alike: bool,
    lines: Vec<u32>,
    headings: Vec<String>,
    /// What was found, and what it was read for or may have meant.
    found: Vec<(&'f str, &'f str)>,
    /// Lines that speak against each other, the first before the second.
    pairs: Vec<(u32, u32)>,
}

impl<'f> Gathered<'f> {
    fn new(first: &'f Fault) -> Self {
        let (lines, headings, found, pairs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { first, count: 0, alike: true, lines, headings, found, pairs }
    }

    fn add(&mut self, fault: &'f Fault) {
        self.count += 1;
        self.alike &= fault.message == self.first.message;
        if self.lines.last() != fault.line.as_ref() {
            self.lines.extend(fault.line);
        }
        if self.headings.len() < HEADINGS
            && let Some(heading) = fault.heading.clone().or_else(|| fault.column_in_words())
            && !self.headings.contains(&heading)
        {
            self.headings.push(heading);
        }
        let text = |text: &'f Option<String>| text.as_deref().unwrap_or_default();
        // More than are named are not looked for, so that many rows of many bodies stay cheap.
        let (value, suggestion) = (text(&fault.value), text(&fault.suggestion));
        if !(value.is_empty() && suggestion.is_empty()) {
            see(&mut self.found, (value, suggestion));
        }
        if let (Some(line), Some(other)) = (fault.line, fault.other_line.map(NonZeroU32::get)) {
            see(&mut self.pairs, (line.min(other), line.max(other)));
        }
    }

    fn tell(mut self) -> FaultGroup {
        self.lines.sort_unstable();
        self.lines.dedup();
        let (value, suggestion) = self.values();
        let all = runs(&self.lines);
        self.lines.truncate(LINES);
        FaultGroup {
            code: self.first.code.clone(),
            message: self.message(),
            value,
            allowed: self.first.allowed.clone(),
            suggestion,
            count: self.count,
            lines: self.lines,
            runs: all.into_iter().take(LINES).collect(),
            headings: self.headings,
        }
    }

    fn message(&self) -> String {
        let general = self.first.in_general.filter(|_| !self.alike).map(InGeneral::words);
        let Some(general) = general else { return self.first.message.clone() };
        let pairs = self.pairs.iter().map(|(one, two)| format!("{one}行目と{two}行目"));
        match named(pairs, self.pairs.len()) {
            pairs if pairs.is_empty() => general.to_owned(),
            pairs => format!("{general}: {pairs}"),
        }
    }

    fn values(&self) -> (Option<String>, Option<String>) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        match self.found.as_slice() {
            [] => return (self.first.value.clone(), None),
            [(value, suggestion)] => return (some(value), some(suggestion)),
            _ => {}
        }
        let shown = |(found, meant): &(&str, &str)| match (*found, *meant) {
            (one, "") | ("", one) => one.to_owned(),
            (found, meant) => format!("{found} → {meant}"),
        };
        let told = Some(named(self.found.iter().map(shown), self.found.len()));
        let read = self.found.iter().any(|(_, meant)| !meant.is_empty());
        if read { (None, told) } else { (told, None) }
    }
}

/// Notes something that is told, as long as it may be named.
fn see<T: PartialEq>(seen: &mut Vec<T>, one: T) {
    if seen.len() <= NAMED && !seen.contains(&one) {
        seen.push(one);
    }
}

/// The first of some texts, and that there are more.
fn named(texts: impl Iterator<Item = String>, all: usize) -> String {
    let more = if all > NAMED { " など" } else { "" };
    format!("{}{more}", texts.take(NAMED).collect::<Vec<_>>().join("、"))
}

/// Puts faults that say the same together, in order of the first of each, as many as anybody reads.
pub fn grouped(faults: &[Fault]) -> Vec<FaultGroup> {
    let mut places: HashMap<Kind<'_>, usize> = HashMap::new();
    let mut gathered: Vec<Gathered<'_>> = Vec::new();
    for fault in faults {
        let new = gathered.len();
        let at = *places.entry(kind(fault)).or_insert(new);
        if at == new {
            gathered.push(Gathered::new(fault));
        }
        gathered[at].add(fault);
    }
    gathered.truncate(GROUPS);
    // What stops counting comes before what was only repaired.
    gathered.sort_by_key(|group| group.first.kind != FaultKind::Loss);
    gathered.into_iter().map(Gathered::tell).collect()
}

impl FaultGroup {
    /// Its lines as runs: 2〜5・9行目, and how many places there are where they are not all named.
    fn places(&self) -> String {
        /// Runs that are named.
        const SHOWN: usize = 20;
        let shown: Vec<String> = self
            .runs
            .iter()
            .take(SHOWN)
            .map(|[first, last]| if first == last { first.to_string() } else { format!("{first}〜{last}") })
            .collect();
        let more =
            if self.runs.len() > SHOWN { format!("など{}か所", self.count) } else { String::new() };
        format!("{}行目{more}", shown.join("・"))
    }

    /// Its columns: 「段階」「備考」列, and those without a heading by counting.
    fn columns(&self) -> String {
        let (counted, named): (Vec<&String>, Vec<&String>) =
            self.headings.iter().partition(|heading| is_counted(heading));
        let more = if self.headings.len() == HEADINGS { "など" } else { "" };
        let mut text: String =
            named.iter().map(|heading| format!("「{}」", heading.replace('\n', ""))).collect();
        if !named.is_empty() {
            text.push_str(&format!("{more}列"));
        }
        counted.iter().for_each(|column| text.push_str(column));
        text
    }

    /// One line for a person: 「2〜5・9行目「段階」列: …（値: …、使える値: …）」.
    pub fn sentence(&self) -> String {
        let mut text = String::new();
        if !self.runs.is_empty() {
            text.push_str(&self.places());
        }
        text.push_str(&self.columns());
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
fn runs(lines: &[u32]) -> Vec<[u32; 2]> {
    let mut runs: Vec<[u32; 2]> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some([_, last]) if *last + 1 == *line => *last = *line,
            _ => runs.push([*line, *line]),
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
        assert_eq!(sentences, ["2〜3行目「転出届」「妊娠の届出」列: 意味の分からない記号です（値: ※、★）"]);
    }

    #[test]
    fn what_differs_in_each_place_is_left_out_of_what_is_said_of_all() {
        let pair = |line: u32, other: u32| {
            Fault::whole("duplicate_row", format!("{other}行目と同じ内容です（1回だけ使います）"))
                .in_general(InGeneral::RepeatedRows)
                .at_line(line)
                .beside_line(other)
        };
        let told = |faults: &[Fault]| grouped(faults).iter().map(FaultGroup::sentence).collect::<Vec<_>>();
        assert_eq!(told(&[pair(3, 2)]), ["3行目: 2行目と同じ内容です（1回だけ使います）"]);
        assert_eq!(
            told(&[pair(4, 2), pair(5, 3)]),
            ["4〜5行目: 同じ内容の行があります（1回だけ使います）: 2行目と4行目、3行目と5行目"]
        );
        let doubled: Vec<Fault> = (2..90_000).map(|line| pair(line + 90_000, line)).collect();
        let told = told(&doubled);
        assert!(told[0].starts_with("90002〜179999行目: 同じ内容の行があります"), "{told:?}");
        assert_eq!(told.len(), 1);
    }

    #[test]
    fn a_column_without_a_heading_is_counted() {
        let faults = [fault(2, "※", ""), fault(3, "※", "転出届")];
        let told = grouped(&faults)[0].sentence();
        assert_eq!(told, "2〜3行目「転出届」列4列目: 意味の分からない記号です（値: ※）");
        assert_eq!(faults[0].sentence(), "2行目4列目: 意味の分からない記号です（値: ※）");
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
        let lost = Fault::whole("published_set_aside", "数えなくなります").of_kind(FaultKind::Loss);
        let lost = lost.at_line(3).in_column(2, "転出届");
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
            Some(
                "水戸市 → 08 水戸市、3市 → 08 3市、4市 → 08 4市、5市 → 08 5市、6市 → 08 6市、7市 → 08 7市、\
                 8市 → 08 8市、9市 → 08 9市、10市 → 08 10市、11市 → 08 11市 など"
            )
        );
    }

    #[test]
    fn very_many_are_cut_and_counted() {
        let faults: Vec<Fault> = (0..1000).map(|at| fault(at * 2 + 2, "※", "転出届")).collect();
        let group = &grouped(&faults)[0];
        assert_eq!((group.count, group.lines.len()), (1000, 100));
        assert!(group.sentence().contains("・40行目など1000か所"), "{}", group.sentence());
        let many: Vec<Fault> =
            (0..1000).map(|at| Fault::whole("odd", format!("{at}")).at_line(at + 2)).collect();
        assert_eq!(grouped(&many).len(), 100);
    }
}
