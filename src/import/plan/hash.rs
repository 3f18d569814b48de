//! The digest by which a plan is known again.

use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};

use super::entry::Entry;
use super::records::RecordEntry;

pub(super) fn hash(compared_with: &[u8; 32], entries: &[Entry], records: &[RecordEntry]) -> [u8; 32] {
    let mut bytes = Bytes::default();
    compared_with.hash(&mut bytes);
    for entry in records {
        (entry.line, &entry.key, &entry.old, &entry.new).hash(&mut bytes);
        bytes.flush();
    }
    for entry in entries {
        let Entry { line, kind, key, effective, old, new, sinks, .. } = entry;
        (line, kind, key, effective, old, new, sinks).hash(&mut bytes);
        bytes.flush();
    }
    bytes.flush();
    bytes.digest.finalize().into()
}

/// Hands values to a digest as `std::hash` tells them apart. That form may change with the program, and
/// the digest is only compared with one made by the same program.
#[derive(Default)]
struct Bytes {
    digest: Sha256,
    waiting: Vec<u8>,
}

impl Bytes {
    /// The digest takes long pieces faster than single numbers.
    fn flush(&mut self) {
        self.digest.update(&self.waiting);
        self.waiting.clear();
    }
}

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.waiting.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        unreachable!("the digest is asked instead")
    }
}
