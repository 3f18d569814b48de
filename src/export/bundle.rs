//! Several files in one.

use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Writes files into one archive. They are not compressed once more: workbooks are that already.
pub struct Bundle<W: Write + Seek> {
    archive: ZipWriter<W>,
}

impl<W: Write + Seek> Bundle<W> {
    /// Begins an archive.
    pub fn new(out: W) -> Self {
        Self { archive: ZipWriter::new(out) }
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// What the target answers.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let how = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        self.archive.start_file(name, how)?;
        self.archive.write_all(bytes)
    }

    /// Ends it.
    ///
    /// # Errors
    ///
    /// What the target answers.
    pub fn finish(self) -> io::Result<W> {
        Ok(self.archive.finish()?)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read};

    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let mut bundle = Bundle::new(Cursor::new(Vec::new()));
        bundle.add("082341_鉾田市.xlsx", b"one").unwrap();
        bundle.add("two.csv", b"").unwrap();
        let mut archive = zip::ZipArchive::new(bundle.finish().unwrap()).unwrap();
        let mut text = String::new();
        archive.by_name("082341_鉾田市.xlsx").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), archive.len()), ("one", 2));
    }
}
