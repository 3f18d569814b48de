//! The zip archive and the XML in it, read in pieces and counted as they come.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::io;
use std::io::{BufRead, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;
use zip::ZipArchive;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::error::{Outcome, WorkbookError};
use super::limits::Limits;

/// One tag or one run of text is held in memory whole, so its length is bounded.
const TOKEN_BYTES: usize = 1 << 20;
/// Real parts are nested about ten deep.
const DEPTH: usize = 256;
/// Small parts full of repetition compress extremely well and harm nobody.
const RATIO_GRACE_BYTES: u64 = 1 << 20;
/// An archive has one end record; a few more may belong to archives stored inside it.
const END_RECORDS: usize = 4;
const READ_BUFFER_BYTES: usize = 32 * 1024;

/// The zip archive and what has been spent on it so far.
pub(super) struct Package<'a> {
    archive: ZipArchive<Tap<'a>>,
    /// Part names are compared without regard to ASCII case.
    index: HashMap<String, usize>,
    taken: Rc<Cell<u64>>,
    unpacked: u64,
    limits: &'a Limits,
}

impl<'a> Package<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &'a Limits) -> Outcome<Self> {
        if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
            return Err(WorkbookError::Protected);
        }
        if !bytes.starts_with(b"PK\x03\x04") {
            return Err(WorkbookError::NotWorkbook);
        }
        check_directory(bytes, limits)?;
        let taken = Rc::new(Cell::new(0));
        let archive = ZipArchive::new(Tap { bytes: Cursor::new(bytes), taken: Rc::clone(&taken) })
            .map_err(zip_fault)?;
        let mut index = HashMap::with_capacity(archive.len());
        for (position, raw) in archive.file_names_raw().enumerate() {
            let name = key(&String::from_utf8_lossy(raw));
            if let Some(previous) = index.insert(name, position) {
                let name = archive.file_names_raw().nth(previous).unwrap_or_default();
                let name = String::from_utf8_lossy(name).into_owned();
                return Err(WorkbookError::DuplicatePart(name));
            }
        }
        if archive.has_duplicate_names() {
            // The archive reader keeps only one of them and does not say which.
            return Err(WorkbookError::DuplicatePart("a part".to_owned()));
        }
        Ok(Self { archive, index, taken, unpacked: 0, limits })
    }

    /// The names of its entries as they are stored.
    pub(super) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.archive.file_names_raw()
    }

    /// Whether it links to other workbooks.
    pub(super) fn has_external_links(&self) -> bool {
        self.index.keys().any(|part| part.to_ascii_lowercase().contains("externallinks/"))
    }

    pub(super) fn is_open_document(&mut self) -> bool {
        let mut start = Vec::new();
        self.index
            .get("mimetype")
            .and_then(|&position| self.archive.by_index(position).ok())
            .is_some_and(|entry| entry.take(64).read_to_end(&mut start).is_ok())
            && start.starts_with(b"application/vnd.oasis.opendocument.spreadsheet")
    }

    pub(super) fn limits(&self) -> &'a Limits {
        self.limits
    }

    /// Shows every node of a part to `visit`; false if there is no such part.
    pub(super) fn walk<F>(&mut self, part: &str, mut visit: F) -> Outcome<bool>
    where
        F: FnMut(&At<'_>, Node<'_>) -> Outcome<()>,
    {
        let Some(&position) = self.index.get(&key(part)) else {
            return Ok(false);
        };
        let taken_before = self.taken.get();
        let mut reader = Reader::from_reader(PartReader {
            entry: self.archive.by_index(position).map_err(zip_fault)?,
            buffer: vec![0; READ_BUFFER_BYTES].into_boxed_slice(),
            start: 0,
            end: 0,
            token: 0,
            part,
            read: 0,
            taken_before,
            taken: &self.taken,
            unpacked: &mut self.unpacked,
            limits: self.limits,
        });
        let mut buffer = Vec::new();
        let (mut depth, mut rooted) = (0_usize, false);
        loop {
            buffer.clear();
            reader.get_mut().token = 0;
            let event = match reader.read_event_into(&mut buffer) {
                Ok(event) => event,
                Err(error) => return Err(xml_fault(part, reader.error_position(), &error)),
            };
            let at = At { part, position: reader.buffer_position() };
            match event {
                Event::Start(tag) => {
                    depth += 1;
                    rooted = true;
                    if depth > DEPTH {
                        return Err(at.fault("elements are nested too deep"));
                    }
                    visit(&at, Node::Open(tag.local_name().into_inner(), &tag))?;
                }
                Event::Empty(tag) => {
                    rooted = true;
                    let name = tag.local_name().into_inner();
                    visit(&at, Node::Open(name, &tag))?;
                    visit(&at, Node::Close(name))?;
                }
                Event::End(tag) => {
                    depth = depth.saturating_sub(1);
                    visit(&at, Node::Close(tag.local_name().into_inner()))?;
                }
                Event::Text(text) => visit(&at, Node::Text(&text.xml10_content()))?,
                Event::CData(text) => visit(&at, Node::Text(&text.xml10_content()))?,
                Event::GeneralRef(name) => {
                    if let Some(text) = resolve_predefined_entity(&name) {
                        visit(&at, Node::Text(text))?;
                    } else if let Ok(Some(character)) = name.resolve_char_ref() {
                        visit(&at, Node::Text(character.encode_utf8(&mut [0; 4])))?;
                    } else {
                        return Err(at.fault("an unknown entity"));
                    }
                }
                Event::DocType(_) => {
                    return Err(WorkbookError::Dtd(part.to_owned()));
                }
                Event::Eof if depth > 0 || !rooted => {
                    return Err(at.fault("the part ends before its last element is closed"));
                }
                Event::Eof => return Ok(true),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }
}

/// Refuses what would make the archive reader allocate by the file's own claims.
///
/// The reader may fall back to any end record in the tail of the file, so all
/// of them are held to the limit. Excel does not write zip64 records, which
/// exist for archives above 4 GB.
fn check_directory(bytes: &[u8], limits: &Limits) -> Outcome<()> {
    const RECORD: usize = 22;
    let tail = &bytes[bytes.len().saturating_sub(RECORD + 65_536 + 128)..];
    let records = tail.windows(RECORD);
    for (seen, record) in records.filter(|record| record.starts_with(b"PK\x05\x06")).enumerate() {
        if seen >= END_RECORDS {
            return Err(WorkbookError::Damaged("too many end records".to_owned()));
        }
        let count = |at: usize| usize::from(u16::from_le_bytes([record[at], record[at + 1]]));
        let found = count(8).max(count(10));
        if record[12..20].chunks(4).any(|size| size == [0xFF; 4]) || found == 0xFFFF {
            return Err(WorkbookError::Damaged("a zip64 archive".to_owned()));
        }
        if found > limits.entries {
            let allowed = limits.entries;
            return Err(WorkbookError::TooManyEntries { found, allowed });
        }
    }
    Ok(())
}

fn zip_fault(error: ZipError) -> WorkbookError {
    match error {
        ZipError::InvalidPassword | ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            WorkbookError::Protected
        }
        other => WorkbookError::Damaged(other.to_string()),
    }
}

fn xml_fault(part: &str, position: u64, error: &quick_xml::Error) -> WorkbookError {
    if let quick_xml::Error::Io(cause) = error {
        // A limit passed inside the reader travels as an I/O error.
        let ours = cause.get_ref().and_then(|inner| inner.downcast_ref());
        return ours.cloned().unwrap_or_else(|| WorkbookError::Damaged(format!("{part}: {cause}")));
    }
    WorkbookError::Malformed { part: part.to_owned(), position, detail: error.to_string() }
}

/// The form in which part names are compared.
fn key(name: &str) -> String {
    name.trim_start_matches(['/', '\\']).replace('\\', "/").to_ascii_lowercase()
}

/// The part a target names, seen from the folder of the part that names it.
pub(super) fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let mut path: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for segment in target.split('/') {
        match segment {
            "." => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path.retain(|segment| !segment.is_empty());
    path.join("/")
}

/// Counts the packed bytes taken from the file, whatever the headers claim.
struct Tap<'a> {
    bytes: Cursor<&'a [u8]>,
    taken: Rc<Cell<u64>>,
}

impl Read for Tap<'_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(target)?;
        self.taken.set(self.taken.get() + count as u64);
        Ok(count)
    }
}

impl Seek for Tap<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(position)
    }
}

/// One part being unpacked, with all limits on bytes applied as they come.
struct PartReader<'p, 'a> {
    entry: ZipFile<'p, Tap<'a>>,
    buffer: Box<[u8]>,
    start: usize,
    end: usize,
    /// Bytes handed out for the node being read.
    token: usize,
    part: &'p str,
    read: u64,
    taken_before: u64,
    taken: &'p Cell<u64>,
    unpacked: &'p mut u64,
    limits: &'p Limits,
}

impl PartReader<'_, '_> {
    fn refill(&mut self) -> io::Result<()> {
        self.start = 0;
        self.end = self.entry.read(&mut self.buffer)?;
        self.read += self.end as u64;
        *self.unpacked += self.end as u64;
        let allowed = self.limits.unpacked_bytes;
        if *self.unpacked > allowed {
            let part = self.part.to_owned();
            return Err(io::Error::other(WorkbookError::TooLarge { part, allowed }));
        }
        let taken = self.taken.get().saturating_sub(self.taken_before).max(1);
        let allowed = self.limits.ratio;
        if self.read > RATIO_GRACE_BYTES && self.read > taken.saturating_mul(allowed) {
            let part = self.part.to_owned();
            return Err(io::Error::other(WorkbookError::RatioTooHigh { part, allowed }));
        }
        Ok(())
    }
}

impl BufRead for PartReader<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.token > TOKEN_BYTES {
            return Err(io::Error::other(WorkbookError::TextTooLong {
                part: self.part.to_owned(),
                position: self.read,
                allowed: TOKEN_BYTES,
            }));
        }
        if self.start >= self.end {
            self.refill()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
        self.token += count;
    }
}

impl Read for PartReader<'_, '_> {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(target)?;
        self.consume(count);
        Ok(count)
    }
}

/// Whether a flag of the format is set.
pub(super) fn is_true(value: &str) -> bool {
    matches!(value.trim(), "1" | "true" | "on")
}

/// What a walk shows; names are without their namespace prefix.
pub(super) enum Node<'e> {
    Open(&'e str, &'e BytesStart<'e>),
    Text(&'e str),
    Close(&'e str),
}

/// Where in a part the walk is.
pub(super) struct At<'p> {
    pub(super) part: &'p str,
    /// Byte position in the unpacked part.
    pub(super) position: u64,
}

impl At<'_> {
    pub(super) fn fault(&self, detail: impl Into<String>) -> WorkbookError {
        WorkbookError::Malformed {
            part: self.part.to_owned(),
            position: self.position,
            detail: detail.into(),
        }
    }

    pub(super) fn bounded(&self, count: usize, allowed: usize, what: &'static str) -> Outcome<()> {
        if count < allowed {
            return Ok(());
        }
        Err(WorkbookError::TooManyItems { part: self.part.to_owned(), what, allowed })
    }

    pub(super) fn attributes<'t>(
        &self,
        tag: &'t BytesStart<'_>,
    ) -> impl Iterator<Item = Outcome<(&'t str, Cow<'t, str>)>> {
        tag.attributes().filter_map(|attribute| match attribute {
            // `xmlns:r` would otherwise pass for the attribute `r`.
            Ok(attribute) if attribute.key.as_namespace_binding().is_some() => None,
            Ok(attribute) => Some(
                attribute
                    .normalized_value(XmlVersion::Explicit1_0)
                    .map(|value| (attribute.key.local_name().into_inner(), value))
                    .map_err(|error| xml_fault(self.part, self.position, &error)),
            ),
            Err(error) => Some(Err(xml_fault(self.part, self.position, &error.into()))),
        })
    }

    pub(super) fn attribute<'t>(&self, tag: &'t BytesStart<'_>, name: &str) -> Outcome<Option<Cow<'t, str>>> {
        let mut found = None;
        for pair in self.attributes(tag) {
            let (key, value) = pair?;
            if key == name {
                found = Some(value);
            }
        }
        Ok(found)
    }

    /// Whether a property such as `<strike/>` is set: it is unless it says otherwise.
    pub(super) fn is_on(&self, tag: &BytesStart<'_>) -> Outcome<bool> {
        Ok(self.attribute(tag, "val")?.is_none_or(|value| is_true(&value)))
    }

    pub(super) fn number(&self, tag: &BytesStart<'_>, name: &str) -> Outcome<Option<u32>> {
        let value = self.attribute(tag, name)?;
        value
            .map(|text| text.trim().parse().ok())
            .map(|number: Option<u32>| number.ok_or_else(|| self.fault(format!("a bad {name}"))))
            .transpose()
    }
}
