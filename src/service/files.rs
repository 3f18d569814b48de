//! Files that take long to build, kept for the next who asks for the same.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::service::error::Error;

/// Files kept at once.
const KEPT: usize = 4;
/// Requests that may wait while one file is built: each holds a thread.
const WAITING: usize = 8;
/// Bytes read at once.
const PIECE: usize = 128 * 1024;

/// A finished file. It has no name: it goes away with its last reader, also if the program dies.
pub struct BuiltFile {
    file: Mutex<File>,
    length: u64,
    replaced: Option<u64>,
}

impl BuiltFile {
    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// How many characters its encoding could not hold, if it is of a kind that may not.
    pub fn replaced(&self) -> Option<u64> {
        self.replaced
    }

    /// Some bytes from a position on; none at its end.
    ///
    /// # Errors
    ///
    /// What the disk answers.
    pub fn piece(&self, at: u64) -> Result<Vec<u8>, Error> {
        let mut piece = Vec::with_capacity(PIECE);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))?;
        (&mut *file).take(PIECE as u64).read_to_end(&mut piece)?;
        Ok(piece)
    }
}

/// The files kept, the one asked for last in front.
#[derive(Default)]
pub struct BuiltFiles {
    kept: Mutex<VecDeque<(String, Arc<BuiltFile>)>>,
    building: Mutex<()>,
    waiting: AtomicUsize,
}

impl BuiltFiles {
    /// The file of a key, built unless it is kept. Whoever asks for it while it is built waits for
    /// it; `build` answers how many characters the encoding could not hold.
    ///
    /// # Errors
    ///
    /// What `build` answers, a disk that takes no more, and too many who wait.
    pub fn get(
        &self,
        key: &str,
        build: impl FnOnce(&mut BufWriter<File>) -> Result<Option<u64>, Error>,
    ) -> Result<Arc<BuiltFile>, Error> {
        if let Some(file) = self.find(key) {
            return Ok(file);
        }
        let _place = Place::take(&self.waiting).ok_or(Error::Unavailable)?;
        let _one_at_a_time = self.building.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = self.find(key) {
            return Ok(file);
        }
        let mut out = BufWriter::new(tempfile::tempfile()?);
        let replaced = build(&mut out)?;
        out.flush()?;
        let mut file = out.into_inner().map_err(|failed| failed.into_error())?;
        let length = file.seek(SeekFrom::End(0))?;
        let built = Arc::new(BuiltFile { file: Mutex::new(file), length, replaced });
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((key.to_owned(), Arc::clone(&built)));
        kept.truncate(KEPT);
        Ok(built)
    }

    fn find(&self, key: &str) -> Option<Arc<BuiltFile>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(other, _)| other == key)?;
        let found = kept.remove(at)?;
        let file = Arc::clone(&found.1);
        kept.push_front(found);
        Some(file)
    }
}

/// A place among those who wait.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Option<Self> {
        let place = Self(waiting);
        // Given back by the drop if there was none.
        (waiting.fetch_add(1, Ordering::SeqCst) < WAITING).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(file: &BuiltFile) -> String {
        String::from_utf8(file.piece(0).unwrap()).unwrap()
    }

    #[test]
    fn a_file_is_built_once_and_the_oldest_goes() {
        let files = BuiltFiles::default();
        let built = AtomicUsize::new(0);
        let get = |key: &str| {
            let build = |out: &mut BufWriter<File>| {
                built.fetch_add(1, Ordering::SeqCst);
                out.write_all(key.as_bytes())?;
                Ok(Some(7))
            };
            files.get(key, build).unwrap()
        };
        for key in ["a", "b", "a", "c", "d", "a", "e", "a"] {
            let file = get(key);
            assert_eq!((text(&file).as_str(), file.length(), file.replaced()), (key, 1, Some(7)));
        }
        assert_eq!(built.load(Ordering::SeqCst), 5);
        // What was not asked for longest is gone; whoever still reads it goes on.
        let first = get("b");
        assert_eq!(built.load(Ordering::SeqCst), 6);
        for key in ["x", "y", "z", "w"] {
            get(key);
        }
        assert_eq!(text(&first), "b");
        assert!(first.piece(1).unwrap().is_empty());
    }

    #[test]
    fn those_who_ask_at_once_share_one_file() {
        let files = BuiltFiles::default();
        let built = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..WAITING {
                scope.spawn(|| {
                    let file = files.get("k", |out| {
                        built.fetch_add(1, Ordering::SeqCst);
                        std::thread::sleep(std::time::Duration::from_millis(50));
                        out.write_all(b"once")?;
                        Ok(None)
                    });
                    assert_eq!(text(&file.unwrap()), "once");
                });
            }
        });
        assert_eq!(built.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_failure_is_kept_for_nobody() {
        let files = BuiltFiles::default();
        assert!(matches!(files.get("k", |_| Err(Error::Unavailable)), Err(Error::Unavailable)));
        assert_eq!(text(&files.get("k", |out| Ok(out.write_all(b"x").map(|()| None)?)).unwrap()), "x");
    }
}
