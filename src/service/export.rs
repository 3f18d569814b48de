//! The whole record in pieces, for streaming and for files.

use std::collections::HashMap;
use std::io::{Seek, Write};
use std::ops::Range;
use std::sync::Arc;

use super::Service;
use crate::domain::catalogue::BodyIx;
use crate::domain::current::Texts;
use crate::export::encoding::{Encoding, to_cp932};
use crate::export::form::Form;
use crate::export::table::Table;
use crate::export::workbook::Book;
use crate::grid::Grid;
use crate::service::error::Error;

impl Service {
    /// The form of one body, filled with its own word.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn form(&self, grid: &Grid, body: BodyIx) -> Result<Form, Error> {
        let texts = self.texts(&Form::text_numbers(grid, body))?;
        Ok(Form::new(grid, body, &texts))
    }
}

/// Rows in one piece of a stream.
const PIECE: usize = 500;

/// An export under way: a table of one revision, in pieces.
pub struct Export {
    service: Arc<Service>,
    grid: Arc<Grid>,
    table: Table,
    at: usize,
    replaced: u64,
}

impl Export {
    /// An export of a table over a grid.
    pub fn new(service: Arc<Service>, grid: Arc<Grid>, table: Table) -> Self {
        Self { service, grid, table, at: 0, replaced: 0 }
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    /// The place of the next piece, if there is one.
    fn advance(&mut self) -> Option<Range<usize>> {
        let range = self.at..self.table.len().min(self.at + PIECE);
        self.at = range.end;
        (!range.is_empty()).then_some(range)
    }

    /// Texts are fetched by the numbers of the grid's assertions, which never change: the whole
    /// export shows one revision.
    fn texts(&self, range: Range<usize>) -> Result<HashMap<i64, Texts>, Error> {
        self.service.texts(&self.table.text_numbers(&self.grid, range))
    }

    /// The heading as a line of CSV, with what stands before it.
    ///
    /// # Errors
    ///
    /// None in practice: the target is memory.
    pub fn csv_head(&mut self, encoding: Encoding) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        self.table.csv_head(&self.grid, encoding.line_end(), &mut text)?;
        Ok([encoding.mark(), &self.encoded(text, encoding)].concat())
    }

    /// The next rows as CSV, if there are any.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn next_csv(&mut self, encoding: Encoding) -> Result<Option<Vec<u8>>, Error> {
        let Some(range) = self.advance() else { return Ok(None) };
        let texts = self.texts(range.clone())?;
        let mut text = Vec::new();
        self.table.csv(&self.grid, &texts, range, encoding.line_end(), &mut text)?;
        Ok(Some(self.encoded(text, encoding)))
    }

    fn encoded(&mut self, text: Vec<u8>, encoding: Encoding) -> Vec<u8> {
        if encoding != Encoding::Cp932 {
            return text;
        }
        let mut encoded = Vec::new();
        self.replaced += to_cp932(&String::from_utf8_lossy(&text), &mut encoded);
        encoded
    }

    /// How many characters became 〓 so far.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// The next rows as NDJSON, if there are any.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn next_ndjson(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(range) = self.advance() else { return Ok(None) };
        let texts = self.texts(range.clone())?;
        let mut text = Vec::new();
        self.table.ndjson(&self.grid, &texts, range, &mut text)?;
        Ok(Some(text))
    }

    /// Writes the whole as a CSV file and answers how many characters became 〓.
    ///
    /// # Errors
    ///
    /// A database that does not answer, and what the writer answers.
    pub fn write_csv(mut self, encoding: Encoding, out: &mut impl Write) -> Result<u64, Error> {
        out.write_all(&self.csv_head(encoding)?)?;
        while let Some(text) = self.next_csv(encoding)? {
            out.write_all(&text)?;
        }
        out.flush()?;
        Ok(self.replaced)
    }

    /// Writes the whole as a workbook.
    ///
    /// # Errors
    ///
    /// A database that does not answer, and what the writer answers.
    pub fn write_xlsx(mut self, out: impl Write + Seek + Send) -> Result<(), Error> {
        let mut book = Book::new(&self.grid, &self.table)?;
        while let Some(range) = self.advance() {
            let texts = self.texts(range.clone())?;
            book.rows(&self.grid, &self.table, &texts, range)?;
        }
        Ok(book.finish(&self.grid, &self.table, out)?)
    }
}
