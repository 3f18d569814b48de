//! Of which columns the texts around a table speak. A legend is for all of them, a note that names a column or
//! a channel (「窓口の○は…」) for that one alone, and so is what stands in a heading.

use std::collections::BTreeMap;

use crate::domain::catalogue::ChannelIx;
use crate::domain::readiness::Scale;
use crate::domain::text::{fold_for_match, fold_mark};
use crate::import::headings::{names_a_row, pieces_of};
use crate::import::layout::channels;
use crate::import::layout::sheet::Sheet;
use crate::import::marks::{Legend, Meaning, parted_by_names, said_of_name, without_groups};

/// What the texts around a table say of its marks.
#[derive(Debug, Default)]
pub(super) struct Notes {
    general: Vec<String>,
    own: Vec<(About, String)>,
    /// The footnotes of all texts, in the words in which they were written.
    footnotes: Legend,
    /// The legends of columns, each by the notes that are theirs alone; the first is for those without any.
    legends: Vec<(Vec<usize>, Legend)>,
    /// Columns that hold numbers of something by the word of a text.
    numbered: BTreeMap<usize, String>,
}

/// What a note is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum About {
    Columns(Vec<usize>),
    /// Rows of channels of a scale, in a table whose rows name them.
    Rows(Scale),
}

/// The columns of marks as texts may name them.
pub(super) struct Columns<'a> {
    /// Each with its channel, where that is known.
    pub(super) marked: &'a [(usize, Option<ChannelIx>)],
    /// Whether rows name their channels.
    pub(super) of_rows: bool,
}

impl Notes {
    pub(super) fn read(sheet: &Sheet<'_>, columns: &Columns<'_>) -> Self {
        let remarks = sheet.remarks.iter().map(String::as_str);
        // What the sender says that a heading means takes nothing away from what it says of its marks.
        let headings = || sheet.headings.all().map(|(at, _)| (at, sheet.headings.text(at)));
        let footnotes = Legend::of_footnotes(remarks.chain(headings().map(|(_, text)| text)));
        let mut notes = Self { footnotes: footnotes.on(sheet.options.today), ..Self::default() };
        for text in &sheet.remarks {
            let folded = fold_mark(text);
            let parts = parted_by_names(&folded, |name, firm| columns.about(sheet, name, firm));
            if parts.iter().all(|(about, _)| about.is_none()) {
                notes.general.push(text.clone());
            } else {
                notes.keep(parts);
            }
            for line in folded.lines().filter(|line| tells_of_numbers(line)) {
                let said = said_of_name(line, |name, firm| columns.about(sheet, name, firm));
                if let Some((About::Columns(found), words)) = said
                    && is_number_of_something(words)
                {
                    notes.numbered.extend(found.into_iter().map(|at| (at, text.clone())));
                }
            }
        }
        for (at, text) in headings() {
            let says = Legend::read([text]);
            if columns.marked.iter().any(|(marked, _)| *marked == at) {
                if !says.is_empty() {
                    notes.own.push((About::Columns(vec![at]), text.to_owned()));
                }
            } else if !says.speaks_of("") {
                // What is empty under another heading is no mark.
                notes.general.push(text.to_owned());
            }
        }
        notes.legend_of_notes(Vec::new());
        notes
    }

    fn keep(&mut self, parts: Vec<(Option<About>, String)>) {
        for (about, part) in parts {
            match about {
                Some(about) => self.own.push((about, part)),
                None => self.general.push(part),
            }
        }
    }

    /// The place of the legend of a column, or of the rows of a scale in it.
    pub(super) fn legend_of(&mut self, column: usize, scale: Option<Scale>) -> usize {
        let is_about = |about: &About| match about {
            About::Columns(columns) => columns.contains(&column),
            About::Rows(of) => Some(*of) == scale,
        };
        let own = self.own.iter().enumerate().filter(|(_, (about, _))| is_about(about));
        let own: Vec<usize> = own.map(|(at, _)| at).collect();
        self.legend_of_notes(own)
    }

    fn legend_of_notes(&mut self, own: Vec<usize>) -> usize {
        if let Some(at) = self.legends.iter().position(|(notes, _)| *notes == own) {
            return at;
        }
        // What is said of a column goes before what is said of all.
        let texts = own.iter().map(|at| self.own[*at].1.as_str());
        let legend = self.footnotes.clone().reading(texts.chain(self.general.iter().map(String::as_str)));
        self.legends.push((own, legend));
        self.legends.len() - 1
    }

    pub(super) fn legend(&self, at: usize) -> &Legend {
        &self.legends[at].1
    }

    /// How many legends there are.
    pub(super) fn count(&self) -> usize {
        self.legends.len()
    }

    /// Whether one of them says what a (folded) mark means.
    pub(super) fn speak_of(&self, mark: &str) -> bool {
        self.legends.iter().any(|(_, legend)| legend.speaks_of(mark))
    }

    /// Whether one of them says of an empty cell that it says something, or what nobody can place.
    pub(super) fn leave_blank_open(&self) -> bool {
        self.legends.iter().any(|(_, legend)| legend.contradicts("", Meaning::Nothing, None))
    }

    /// The text that says of a column that it holds numbers of something.
    pub(super) fn numbers_of(&self, column: usize) -> Option<&str> {
        self.numbered.get(&column).map(String::as_str)
    }
}

impl Columns<'_> {
    /// What a name stands for; nothing where it is none. Where more than a name may stand, it must be that of
    /// marks.
    fn about(&self, sheet: &Sheet<'_>, name: &str, firm: bool) -> Option<About> {
        let folded = fold_for_match(name);
        if folded.is_empty() {
            return None;
        }
        let is_marked = |at: &usize| self.marked.iter().any(|(marked, _)| marked == at);
        let headed = sheet.headings.all().filter(|(at, _)| is_headed(sheet.headings.text(*at), &folded));
        let headed: Vec<usize> = headed.map(|(at, _)| at).collect();
        // 「手続の○は」 is of all of them.
        let names_rows = || names_a_row(&folded);
        if headed.iter().any(is_marked) || (firm && !headed.is_empty() && !names_rows()) {
            return Some(About::Columns(headed));
        }
        self.of_channel(sheet, channels::plain(sheet.catalogue, &folded)?, firm)
    }

    fn of_channel(&self, sheet: &Sheet<'_>, named: ChannelIx, firm: bool) -> Option<About> {
        let scale = |channel: ChannelIx| sheet.catalogue.channel(channel).scale;
        if self.of_rows {
            return Some(About::Rows(scale(named)));
        }
        let those = |is: &dyn Fn(ChannelIx) -> bool| -> Vec<usize> {
            let found = self.marked.iter().filter(|(_, channel)| channel.is_some_and(is));
            found.map(|(at, _)| *at).collect()
        };
        if self.marked.iter().any(|(_, channel)| channel.is_none()) {
            return None;
        }
        let of_it = those(&|channel| channel == named);
        let alike = those(&|channel| scale(channel) == scale(named));
        match (of_it.is_empty(), alike.is_empty()) {
            (false, _) => Some(About::Columns(of_it)),
            // 「オンライン」 is any means of it.
            (true, false) => channels::is_vague(sheet.catalogue, named).then_some(About::Columns(alike)),
            (true, true) => firm.then_some(About::Columns(Vec::new())),
        }
    }
}

/// Whether a heading, or a part of it, is this folded name.
fn is_headed(heading: &str, name: &str) -> bool {
    let same = |text: &str| fold_for_match(text) == name;
    same(heading) || pieces_of(heading).any(|piece| same(piece) || same(without_groups(piece).0))
}

/// What a number may be that is no level.
const NUMBERS: [&str; 12] =
    ["番号", "通番", "件数", "人数", "日数", "コード", "内線", "電話", "順位", "優先度", "金額", "手数料"];

/// Most texts do not.
fn tells_of_numbers(line: &str) -> bool {
    NUMBERS.iter().any(|word| line.contains(word))
}

/// Whether what is said of a column is that it holds numbers of something: 「窓口番号を記入」.
fn is_number_of_something(words: &str) -> bool {
    const ENDS: [&str; 16] = [
        "。",
        ")",
        " ",
        "です",
        "である",
        "とする",
        "を記入",
        "を記載",
        "を入力",
        "を示す",
        "を表す",
        "のこと",
        "の数字",
        "を書く",
        "する",
        "してください",
    ];
    let mut bare = words.trim();
    while let Some(rest) = ENDS.iter().find_map(|end| bare.strip_suffix(end)) {
        bare = rest;
    }
    NUMBERS.iter().any(|word| bare.ends_with(word))
}
