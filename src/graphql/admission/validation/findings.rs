//! What is wrong with a document, as far as anybody reads on.

use async_graphql::Pos;

use super::super::{Code, Refusal};

/// Refusals in the order of the document, not endlessly many.
pub(super) struct Findings {
    found: Vec<Refusal>,
    most: usize,
}

impl Findings {
    pub(super) fn new(most: usize) -> Self {
        Self {
            found: Vec::new(),
            most: most.max(1),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// More would not be told: whoever searches on may stop.
    pub(super) fn is_full(&self) -> bool {
        self.found.len() >= self.most
    }

    pub(super) fn add(&mut self, pos: Pos, message: impl Into<String>) {
        if !self.is_full() {
            let refusal = Refusal::new(Code::ValidationFailed, message).at(pos.line, pos.column);
            self.found.push(refusal);
        }
    }

    /// A near name, unless nobody reads it any more.
    pub(super) fn hint<'n>(&self, name: &str, known: impl Iterator<Item = &'n str>) -> String {
        if self.is_full() {
            String::new()
        } else {
            suggestion(name, known)
        }
    }

    pub(super) fn into_result(mut self) -> Result<(), Refusal> {
        self.found.sort_by_key(|refusal| refusal.at);
        Refusal::first_of(self.found).map_or(Ok(()), Err)
    }
}

/// Longer names are nobody's slip of a finger, and measuring takes the square of their length.
const LONGEST: usize = 64;

/// `; did you mean `x`?` where one of `known` is near to `name`.
fn suggestion<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let allowed = 1 + name.len() / 4;
    let near = known
        .filter(|known| name.len() <= LONGEST && known.len().abs_diff(name.len()) <= allowed)
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .min();
    match near {
        Some((distance, known)) if distance <= allowed => format!("; did you mean `{known}`?"),
        _ => String::new(),
    }
}
