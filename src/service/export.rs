//! The whole record in pieces, for streaming.

use std::sync::Arc;

use super::Service;
use crate::error::Error;
use crate::export::{Fact, LongRow};
use crate::grid::Grid;

/// Facts in one piece of a stream.
const PIECE: usize = 500;

/// An export under way: facts of one revision, in pieces.
pub struct Export {
    service: Arc<Service>,
    grid: Arc<Grid>,
    facts: Vec<Fact>,
    at: usize,
}

impl Export {
    /// An export of these facts of a grid.
    pub fn new(service: Arc<Service>, grid: Arc<Grid>, facts: Vec<Fact>) -> Self {
        Self { service, grid, facts, at: 0 }
    }

    /// The next piece, if there is one. Texts are fetched by the numbers of the grid's
    /// assertions, which never change: the whole export shows one revision.
    ///
    /// # Errors
    ///
    /// A database that does not answer.
    pub fn next_piece(&mut self) -> Result<Option<Vec<LongRow>>, Error> {
        let piece = &self.facts[self.at..self.facts.len().min(self.at + PIECE)];
        if piece.is_empty() {
            return Ok(None);
        }
        self.at += piece.len();
        let wanted: Vec<i64> = piece.iter().filter_map(|fact| fact.text_number(&self.grid)).collect();
        let texts = self.service.texts(&wanted)?;
        Ok(Some(piece.iter().map(|fact| LongRow::new(&self.grid, fact, &texts)).collect()))
    }
}
