//! What a request is told that got no part of the memory or the cores in time.

use super::{Code, Refusal};

/// The pool was empty for as long as the request may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl From<Exhausted> for Refusal {
    fn from(Exhausted: Exhausted) -> Self {
        Self::new(
            Code::RateLimited,
            "the server is at its limit of what it can do at once: try again in a moment, or ask for less at once",
        )
    }
}
