//! What was found lately: a list below each of many departments asks the same of everybody.

use std::sync::{Arc, Mutex, PoisonError};

use super::matching::Matching;

/// So many are kept: each may have everybody in it.
const MOST: usize = 4;

/// The last things found in one version of the directory, the newest last.
#[derive(Default)]
pub(super) struct Recent(Mutex<Vec<Found>>);

struct Found {
    typed: String,
    contact: bool,
    matching: Arc<Matching>,
}

impl Recent {
    /// What `typed` finds, by `find` where it isn't known.
    pub(super) fn get(&self, typed: &str, contact: bool, find: impl FnOnce() -> Matching) -> Arc<Matching> {
        let is_it = |found: &&Found| found.contact == contact && found.typed == typed;
        let known = self.lock().iter().find(is_it).map(|found| found.matching.clone());
        if let Some(known) = known {
            return known;
        }

        let matching = Arc::new(find());
        let mut kept = self.lock();
        if kept.len() == MOST {
            kept.remove(0);
        }
        kept.push(Found {
            typed: typed.to_owned(),
            contact,
            matching: matching.clone(),
        });
        matching
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Found>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_lately_is_found_once() {
        let recent = Recent::default();
        let is_looked_for = |typed: &str, contact| {
            let mut looked = false;
            recent.get(typed, contact, || {
                looked = true;
                Matching::default()
            });
            looked
        };

        assert!(is_looked_for("a", false) && is_looked_for("a", true) && is_looked_for("b", false));
        assert!(!is_looked_for("a", false) && !is_looked_for("a", true) && !is_looked_for("b", false));
        assert!(is_looked_for("c", false) && is_looked_for("d", false));
        assert!(is_looked_for("a", false), "it is too long ago");
    }
}
