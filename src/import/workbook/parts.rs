//! The parts of a workbook beside its sheets: what it is, what links to what,
//! which tabs it has, and the formats and texts its cells refer to.

use std::collections::HashMap;

use super::format::{built_in, classify};
use super::package::{Node, Package, resolve};
use super::sheet::{Runs, decode_escapes, is_true};
use super::{NumberFormat, Outcome};

/// Excel itself allows 65,490 cell formats.
const FORMATS: usize = 65_536;

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

/// Whether dates count from 1904, and the tabs in order.
pub(super) fn tabs(package: &mut Package<'_>, main: &str) -> Outcome<(bool, Vec<Tab>)> {
    let allowed = package.limits().entries;
    let (mut date_1904, mut tabs) = (false, Vec::new());
    package.walk(main, |at, node| {
        match node {
            Node::Open("workbookPr", tag) => {
                let flag = at.attribute(tag, "date1904")?;
                date_1904 = flag.is_some_and(|value| is_true(&value));
            }
            Node::Open("sheet", tag) => {
                at.bounded(tabs.len(), allowed, "sheets")?;
                let (mut name, mut hidden, mut relation) = (String::new(), false, String::new());
                for pair in at.attributes(tag) {
                    match pair? {
                        ("name", value) => name = value.into_owned(),
                        ("state", value) => hidden = value != "visible",
                        ("id", value) => relation = value.into_owned(),
                        _ => {}
                    }
                }
                tabs.push(Tab { name, hidden, relation });
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok((date_1904, tabs))
}

/// The number format of each cell style.
pub(super) fn formats(package: &mut Package<'_>, part: &str) -> Outcome<Vec<NumberFormat>> {
    let mut custom = HashMap::new();
    let mut styles = Vec::new();
    // The same tags describe conditional and named styles elsewhere in the part.
    let mut group = "";
    package.walk(part, |at, node| {
        match node {
            Node::Open("numFmts", _) => group = "numFmts",
            Node::Open("cellXfs", _) => group = "cellXfs",
            Node::Close("numFmts" | "cellXfs") => group = "",
            Node::Open("numFmt", tag) if group == "numFmts" => {
                at.bounded(custom.len(), FORMATS, "number formats")?;
                let code = at.attribute(tag, "formatCode")?.unwrap_or_default();
                if let Some(id) = at.number(tag, "numFmtId")? {
                    custom.insert(id, classify(&code));
                }
            }
            Node::Open("xf", tag) if group == "cellXfs" => {
                at.bounded(styles.len(), FORMATS, "cell styles")?;
                styles.push(at.number(tag, "numFmtId")?.unwrap_or(0));
            }
            _ => {}
        }
        Ok(())
    })?;
    let format = |id| custom.get(&id).copied().unwrap_or_else(|| built_in(id));
    Ok(styles.into_iter().map(format).collect())
}

/// The texts cells refer to by position.
pub(super) fn shared_strings(package: &mut Package<'_>, part: &str) -> Outcome<Vec<Box<str>>> {
    let allowed = package.limits().cells;
    let mut strings = Vec::new();
    let mut runs = Runs::default();
    package.walk(part, |at, node| {
        match node {
            Node::Open("si", _) => runs.restart(),
            Node::Close("si") => {
                at.bounded(strings.len(), allowed, "shared strings")?;
                strings.push(Box::from(decode_escapes(runs.text())));
            }
            other => runs.take(at, &other)?,
        }
        Ok(())
    })?;
    Ok(strings)
}
