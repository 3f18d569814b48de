//! The cells of a file as they came, packed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::table::Row;

/// Rows packed together: few enough to be unpacked for one of them.
const ROWS: usize = 1000;

/// The rows of a table. Only those with a fault or a warning are asked for again, after a plan was
/// made, and the others would take as much memory as the plan: so all are packed meanwhile.
#[derive(Debug, Default)]
pub(super) struct Originals {
    /// Ascending by their lines.
    blocks: Vec<Block>,
}

#[derive(Debug)]
struct Block {
    first: u32,
    last: u32,
    /// Deflated CSV, each row behind its line.
    packed: Vec<u8>,
}

impl Originals {
    /// Packs rows, which are ascending by their lines.
    pub(super) fn pack(rows: Vec<Row>) -> Self {
        let mut blocks = Vec::with_capacity(rows.len().div_ceil(ROWS));
        let mut rows = rows.into_iter();
        loop {
            let some: Vec<Row> = rows.by_ref().take(ROWS).collect();
            let (Some(first), Some(last)) = (some.first(), some.last()) else { break };
            blocks.push(Block { first: first.line, last: last.line, packed: packed(&some) });
        }
        Self { blocks }
    }

    /// The cells of these lines, as far as there are such.
    pub(super) fn of(&self, lines: &BTreeSet<u32>) -> BTreeMap<u32, Vec<String>> {
        let mut found = BTreeMap::new();
        for block in &self.blocks {
            if lines.range(block.first..=block.last).next().is_some() {
                block.read(lines, &mut found);
            }
        }
        found
    }
}

fn packed(rows: &[Row]) -> Vec<u8> {
    let mut table = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        let line = row.line.to_string();
        // Memory takes whatever is written to it.
        let _ = table.write_record(std::iter::once(line.as_str()).chain(row.cells()));
    }
    let table = table.into_inner().unwrap_or_default();
    let mut packer = DeflateEncoder::new(Vec::new(), Compression::fast());
    let _ = packer.write_all(&table);
    let mut packed = packer.finish().unwrap_or_default();
    packed.shrink_to_fit();
    packed
}

impl Block {
    /// Takes out the rows of these lines: the others are passed over without being made.
    fn read(&self, lines: &BTreeSet<u32>, found: &mut BTreeMap<u32, Vec<String>>) {
        let mut table = Vec::new();
        let _ = DeflateDecoder::new(self.packed.as_slice()).read_to_end(&mut table);
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(table.as_slice());
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).unwrap_or(false) {
            let line = record.get(0).and_then(|line| line.parse().ok());
            if let Some(line) = line.filter(|line| lines.contains(line)) {
                found.insert(line, record.iter().skip(1).map(str::to_owned).collect());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_come_back_as_they_were(
            rows in proptest::collection::vec(proptest::collection::vec("[a\",\r\n #あ🙂]{0,6}", 0..6), 0..40),
            copies in 1usize..80,
            wanted in proptest::collection::btree_set(0u32..7000, 0..20),
        ) {
            let all: Vec<Vec<String>> = (0..copies).flat_map(|_| rows.clone()).collect();
            // Every second line only, so that others are asked for in vain.
            let line = |at: usize| u32::try_from(at * 2 + 1).unwrap();
            let packed = Originals::pack(all.iter().enumerate().map(|(at, cells)| Row::new(line(at), cells)).collect());
            let found = packed.of(&wanted);
            let expected: BTreeMap<u32, Vec<String>> = all
                .into_iter()
                .enumerate()
                .map(|(at, cells)| (line(at), cells))
                .filter(|(line, _)| wanted.contains(line))
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
