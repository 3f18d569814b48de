//! The parts of a workbook beside its sheets: what it is, what links to what,
//! which tabs it has, the styles and texts its cells refer to, and what a sheet
//! keeps elsewhere: its tables and comments.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::contents::NumberFormat;
use super::error::Outcome;
use super::format::{Hides, built_in, classify, hides, is_written_out};
use super::package::{At, Node, Package, is_true, resolve};
use super::place::{CellRange, Cells, parse_reference, reference};
use super::runs::{Runs, decode_escapes};

/// Excel itself allows 65,490 cell formats.
const FORMATS: usize = 65_536;
/// Texts of which a part is struck through.
const STRUCK_TEXTS: usize = 100_000;
/// Comments in one workbook.
const COMMENTS: usize = 100_000;

/// Which of the spreadsheet formats a package is.
pub(super) enum Kind {
    Plain,
    Macro,
    Binary,
}

/// A link from one part to another.
pub(super) struct Relation {
    id: String,
    /// The last segment of the type, the same in both dialects of the format.
    kind: String,
    target: String,
}

/// The links of one part.
pub(super) struct Relations(Vec<Relation>);

impl Relations {
    pub(super) fn first(&self, kind: &str) -> Option<&str> {
        let found = self.0.iter().find(|relation| relation.kind == kind);
        found.map(|relation| relation.target.as_str())
    }

    /// The parts of one kind.
    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |relation| relation.kind == kind).map(|one| one.target.as_str())
    }

    pub(super) fn worksheet(&self, id: &str) -> Option<&str> {
        let found = self.0.iter().find(|relation| relation.id == id);
        found.filter(|relation| relation.kind == "worksheet").map(|relation| relation.target.as_str())
    }
}

/// One tab, before the part of its sheet is looked up.
pub(super) struct Tab {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) relation: String,
}

/// What the package is, or `None` if it holds no spreadsheet.
pub(super) fn kind(package: &mut Package<'_>) -> Outcome<Option<Kind>> {
    let mut kind = None;
    package.walk("[Content_Types].xml", |at, node| {
        let Node::Open("Override" | "Default", tag) = node else {
            return Ok(());
        };
        let content = at.attribute(tag, "ContentType")?.unwrap_or_default();
        let content = content.to_ascii_lowercase();
        match content.strip_prefix("application/vnd.") {
            Some(name) if name.starts_with("ms-excel.") && name.contains(".main") => {
                let binary = name.contains("binary");
                kind = Some(if binary { Kind::Binary } else { Kind::Macro });
            }
            Some(
                "openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
                | "openxmlformats-officedocument.spreadsheetml.template.main+xml",
            ) if kind.is_none() => kind = Some(Kind::Plain),
            _ => {}
        }
        Ok(())
    })?;
    Ok(kind)
}

/// The links of a part, or of the package itself if the name is empty.
pub(super) fn relations(package: &mut Package<'_>, of: &str) -> Outcome<Relations> {
    let (folder, file) = of.rsplit_once('/').unwrap_or(("", of));
    // Every link kept leads to an entry of the archive.
    let allowed = package.limits().entries;
    let mut relations = Vec::new();
    package.walk(&resolve(folder, &format!("_rels/{file}.rels")), |at, node| {
        let Node::Open("Relationship", tag) = node else {
            return Ok(());
        };
        let (mut id, mut kind, mut target, mut outside) = (None, None, None, false);
        for pair in at.attributes(tag) {
            match pair? {
                ("Id", value) => id = Some(value.into_owned()),
                ("Type", value) => kind = value.rsplit('/').next().map(str::to_owned),
                ("Target", value) => target = Some(resolve(folder, &value)),
                ("TargetMode", value) => outside = value == "External",
                _ => {}
            }
        }
        if let (Some(id), Some(kind), Some(target), false) = (id, kind, target, outside) {
            at.bounded(relations.len(), allowed, "relationships")?;
            relations.push(Relation { id, kind, target });
        }
        Ok(())
    })?;
    Ok(Relations(relations))
}

/// The workbook itself.
#[derive(Default)]
pub(super) struct Main {
    /// Whether dates count from 1904.
    pub(super) date_1904: bool,
    /// Whether the results of its formulas are yet to be computed, whatever stands there.
    pub(super) uncomputed: bool,
    /// Its tabs in order.
    pub(super) tabs: Vec<Tab>,
}

/// Reads the part that names the sheets.
pub(super) fn main(package: &mut Package<'_>, part: &str) -> Outcome<Main> {
    let allowed = package.limits().entries;
    let mut main = Main::default();
    package.walk(part, |at, node| {
        match node {
            Node::Open("workbookPr", tag) => {
                let flag = at.attribute(tag, "date1904")?;
                main.date_1904 = flag.is_some_and(|value| is_true(&value));
            }
            // Programs that cannot compute write a 0 for each result, and this beside it.
            Node::Open("calcPr", tag) => {
                let flag = at.attribute(tag, "fullCalcOnLoad")?;
                main.uncomputed = flag.is_some_and(|value| is_true(&value));
            }
            Node::Open("sheet", tag) => {
                at.bounded(main.tabs.len(), allowed, "sheets")?;
                let (mut name, mut hidden, mut relation) = (String::new(), false, String::new());
                for pair in at.attributes(tag) {
                    match pair? {
                        ("name", value) => name = value.into_owned(),
                        ("state", value) => hidden = value != "visible",
                        ("id", value) => relation = value.into_owned(),
                        _ => {}
                    }
                }
                main.tabs.push(Tab { name, hidden, relation });
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(main)
}

/// What a cell style says of the value in its cell.
#[derive(Debug, Clone)]
pub(super) struct Style {
    pub(super) format: NumberFormat,
    /// Whether it is struck through (見え消し).
    pub(super) struck: bool,
    /// What is not shown at all.
    pub(super) hides: Hides,
    /// The format itself, where it shows words instead of numbers or beside them.
    pub(super) written_out: Option<Arc<str>>,
}

impl Style {
    /// That of a cell that has none.
    pub(super) const NONE: Self = Self {
        format: NumberFormat::General,
        struck: false,
        hides: Hides { zeros: false, numbers: false, texts: false },
        written_out: None,
    };
}

/// The cell styles by number.
pub(super) fn styles(package: &mut Package<'_>, part: &str) -> Outcome<Vec<Style>> {
    let mut formats = HashMap::new();
    let mut struck_fonts: Vec<bool> = Vec::new();
    let mut styles = Vec::new();
    // The same tags describe conditional and named styles elsewhere in the part.
    let mut group = "";
    package.walk(part, |at, node| {
        match node {
            Node::Open("numFmts", _) => group = "numFmts",
            Node::Open("fonts", _) => group = "fonts",
            Node::Open("cellXfs", _) => group = "cellXfs",
            Node::Close("numFmts" | "fonts" | "cellXfs") => group = "",
            Node::Open("numFmt", tag) if group == "numFmts" => {
                at.bounded(formats.len(), FORMATS, "number formats")?;
                let code = at.attribute(tag, "formatCode")?.unwrap_or_default();
                if let Some(id) = at.number(tag, "numFmtId")? {
                    let written_out = is_written_out(&code).then(|| Arc::from(code.as_ref()));
                    formats.insert(id, (classify(&code), hides(&code), written_out));
                }
            }
            Node::Open("font", _) if group == "fonts" => {
                at.bounded(struck_fonts.len(), FORMATS, "fonts")?;
                struck_fonts.push(false);
            }
            Node::Open("strike", tag) if group == "fonts" => {
                if let Some(font) = struck_fonts.last_mut() {
                    *font = at.is_on(tag)?;
                }
            }
            Node::Open("xf", tag) if group == "cellXfs" => {
                at.bounded(styles.len(), FORMATS, "cell styles")?;
                let format = at.number(tag, "numFmtId")?.unwrap_or(0);
                styles.push((format, at.number(tag, "fontId")?.unwrap_or(0)));
            }
            _ => {}
        }
        Ok(())
    })?;
    // The fonts may stand behind the styles that name them.
    let style = |(format, font): (u32, u32)| {
        let known = formats.get(&format).cloned();
        let (format, hides, written_out) =
            known.unwrap_or_else(|| (built_in(format), Hides::default(), None));
        let struck = usize::try_from(font).is_ok_and(|font| struck_fonts.get(font) == Some(&true));
        Style { format, struck, hides, written_out }
    };
    Ok(styles.into_iter().map(style).collect())
}

/// The texts cells refer to by position.
#[derive(Default)]
pub(super) struct Strings {
    /// As they stand in ordinary cells: without what is struck through.
    texts: Vec<Box<str>>,
    /// Of those that are struck through in part.
    rich: HashMap<usize, Rich>,
}

/// What is to be known of a text with runs of several fonts.
struct Rich {
    /// Whether a part was left out.
    cut: bool,
    /// What remains in a cell that is struck through.
    kept_when_struck: Box<str>,
}

impl Strings {
    /// A text as it stands in an ordinary or a struck cell, and whether a part of it was left out.
    pub(super) fn get(&self, index: usize, struck: bool) -> Option<(&str, bool)> {
        let text = self.texts.get(index)?;
        let rich = self.rich.get(&index);
        let cut = rich.is_some_and(|rich| rich.cut);
        if !struck {
            return Some((text, cut));
        }
        let kept = rich.map_or("", |rich| &rich.kept_when_struck);
        Some((kept, cut || kept != text.as_ref()))
    }
}

/// Reads the texts that cells share. Whether any cell is struck through decides what has to be kept
/// of texts with runs.
pub(super) fn shared_strings(package: &mut Package<'_>, part: &str, struck: bool) -> Outcome<Strings> {
    let allowed = package.limits().cells;
    let mut strings = Strings::default();
    let mut runs = Runs::default();
    package.walk(part, |at, node| {
        match node {
            Node::Open("si", _) => runs.restart(),
            Node::Close("si") => {
                at.bounded(strings.texts.len(), allowed, "shared strings")?;
                let kept = if struck { runs.kept_when_struck() } else { "" };
                if runs.is_cut() || !kept.is_empty() {
                    at.bounded(strings.rich.len(), STRUCK_TEXTS, "texts struck through in part")?;
                    let kept_when_struck = Box::from(decode_escapes(kept));
                    strings.rich.insert(strings.texts.len(), Rich { cut: runs.is_cut(), kept_when_struck });
                }
                strings.texts.push(Box::from(decode_escapes(runs.text())));
            }
            other => runs.take(at, &other)?,
        }
        Ok(())
    })?;
    Ok(strings)
}

/// The rows that the filter of a table may hide, if one is in force.
pub(super) fn table_filter(package: &mut Package<'_>, part: &str) -> Outcome<Option<CellRange>> {
    let mut filter = Filter::default();
    package.walk(part, |at, node| filter.take(at, &node))?;
    Ok(filter.in_force)
}

/// Looks for a filter that is in force; the arrows of a filter alone hide nothing.
#[derive(Default)]
pub(super) struct Filter {
    open: Option<CellRange>,
    pub(super) in_force: Option<CellRange>,
}

impl Filter {
    pub(super) fn take(&mut self, at: &At<'_>, node: &Node<'_>) -> Outcome<()> {
        match node {
            Node::Open("autoFilter", tag) => {
                self.open = at.attribute(tag, "ref")?.and_then(|range| CellRange::parse(&range));
            }
            Node::Close("autoFilter") => self.open = None,
            Node::Open(
                "filters" | "customFilters" | "dynamicFilter" | "top10" | "colorFilter" | "iconFilter",
                _,
            ) => self.in_force = self.open.or(self.in_force),
            _ => {}
        }
        Ok(())
    }
}

/// The cells of a sheet that people have commented on.
pub(super) fn comments(package: &mut Package<'_>, relations: &Relations) -> Outcome<Cells> {
    let mut places = BTreeSet::new();
    // A thread has a plain comment beside it for programs that know no threads.
    for part in relations.all("comments").chain(relations.all("threadedComment")) {
        package.walk(part, |at, node| {
            if let Node::Open("comment" | "threadedComment", tag) = node {
                at.bounded(places.len(), COMMENTS, "comments")?;
                let place = at.attribute(tag, "ref")?;
                places.extend(place.and_then(|place| parse_reference(&place)).map(|(x, y)| (y, x)));
            }
            Ok(())
        })?;
    }
    let mut cells = Cells::default();
    for (row, column) in places {
        cells.add(|| reference(column, row));
    }
    Ok(cells)
}
