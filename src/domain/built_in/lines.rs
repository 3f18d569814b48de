//! Files as lines, and what is wrong with one.

use serde::de::DeserializeOwned;

use crate::domain::Refusal;

/// A file that is built in is broken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}: {reason}")]
pub struct Broken {
    /// Name of the file.
    pub file: &'static str,
    /// Physical line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub reason: String,
}

impl Broken {
    /// What to tell people, in Japanese.
    pub fn ja(&self) -> String {
        format!("同梱データ {} の {} 行目が正しくありません。", self.file, self.line)
    }
}

/// One record of a file: its line and its columns by name.
pub(super) struct Line<T> {
    pub(super) number: u64,
    pub(super) row: T,
}

pub(super) fn records<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<Vec<Line<T>>, Broken> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|cause| csv_fault(file, 1, &cause))?.clone();
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| csv_fault(file, 1, &cause))?;
        let number = record.position().map_or(0, csv::Position::line);
        let row = record.deserialize(Some(&headers)).map_err(|cause| csv_fault(file, number, &cause))?;
        lines.push(Line { number, row });
    }
    Ok(lines)
}

fn csv_fault(file: &'static str, line: u64, cause: &csv::Error) -> Broken {
    let line = cause.position().map_or(line, csv::Position::line);
    Broken { file, line, reason: cause.to_string() }
}

pub(super) fn fault(file: &'static str, line: u64, reason: impl std::fmt::Display) -> Broken {
    Broken { file, line, reason: reason.to_string() }
}

/// Turns a refused value into a fault of a file's line.
pub(super) fn at<T>(file: &'static str, line: u64, result: Result<T, Refusal>) -> Result<T, Broken> {
    result.map_err(|refusal| fault(file, line, refusal))
}
