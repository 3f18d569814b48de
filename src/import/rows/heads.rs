//! Rows that hold nothing but the name of what the rows below them are about, in a table that is filled down.

use std::collections::HashSet;

use super::Judge;
use super::passed::Passed;
use crate::import::cells::Naming;
use crate::import::table::{Row, Table};

impl Judge<'_> {
    /// Whether a row holds nothing but the name of a body, or of a procedure, in a table of both: the rows below
    /// are about it.
    pub(super) fn is_head(&self, row: &Row) -> bool {
        let Naming { district, body, procedure, .. } = self.naming;
        let has_both = !body.is_empty() && !procedure.is_empty();
        // A line of text that ends early may have lost what it said.
        let is_short = self.short_of.is_some_and(|width| row.written() < width);
        if !has_both || is_short || self.others(row).any(|(at, _)| *district != Some(at)) {
            return false;
        }
        let filled =
            |columns: &[usize]| columns.iter().map(|at| row.cell(*at).trim()).find(|text| !text.is_empty());
        // What is no body in the column of bodies is most likely a title, and what is none of today a slip.
        let is_body = |text: &str| {
            text.ends_with(['市', '町', '村', '区', '都', '道', '府', '県']) || self.names_body(text)
        };
        match (filled(body), filled(procedure)) {
            (Some(body), None) => is_body(body),
            (None, Some(_)) => true,
            _ => false,
        }
    }

    /// Drops the rows that only named what follows, and those that the sender wants left out, once what stood
    /// above is filled in.
    pub(super) fn drop_filled(
        &self,
        table: &mut Table,
        next: usize,
        heads: &HashSet<u32>,
    ) -> Vec<(Passed, u32, String)> {
        let mut dropped = Vec::new();
        let mut at = 0;
        table.rows.retain(|row| {
            at += 1;
            let is_head = heads.contains(&row.line);
            let left_out = at > next && !is_head && self.is_left_out(row);
            if left_out {
                dropped.push((Passed::LeftOut, row.line, self.name_of(row).to_owned()));
            }
            !(is_head || left_out)
        });
        dropped
    }
}
