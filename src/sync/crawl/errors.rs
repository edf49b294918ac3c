//! The records that a crawl could not read.

use super::{call::ReadCall, failure::label};
use crate::{dingtalk::Error, directory::EntryError};

/// So many are kept in words; all are counted.
const KEPT: usize = 10_000;

/// Entry errors, bounded.
#[derive(Debug, Default)]
pub(crate) struct EntryErrors {
    kept: Vec<EntryError>,
    count: u64,
}

impl EntryErrors {
    pub(super) fn add(&mut self, call: &ReadCall, error: &Error) {
        self.put(EntryError {
            subject: call.subject(),
            code: error.code.clone().or(Some(label(error))),
            message: error.message.clone(),
        });
    }

    pub(super) fn put(&mut self, error: EntryError) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(error);
        }
    }

    /// All of them, also those that aren't kept.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// The first ten thousand.
    pub(crate) fn kept(&self) -> &[EntryError] {
        &self.kept
    }
}
