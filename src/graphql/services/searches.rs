//! What the filters of one request search for.

use std::sync::{Arc, Mutex, PoisonError};

use crate::{
    directory::{
        Snapshot,
        search::{Matching, Query},
    },
    graphql::error::ApiError,
};

/// So many texts the filters of one request may search for: each is a pass over the directory.
const MOST: usize = 16;

/// What was found for a request, each text once: a list below each of many departments asks the same again and again.
#[derive(Clone, Default)]
pub struct Searches(Arc<Mutex<Vec<Found>>>);

struct Found {
    snapshot: Arc<Snapshot>,
    typed: String,
    contact: bool,
    matching: Arc<Matching>,
}

impl Searches {
    /// Everybody in `snapshot` whom `query` finds.
    pub(crate) fn matching(
        &self,
        snapshot: &Arc<Snapshot>,
        query: &Query,
        contact: bool,
    ) -> Result<Arc<Matching>, ApiError> {
        let is_it = |found: &&Found| {
            Arc::ptr_eq(&found.snapshot, snapshot) && found.contact == contact && found.typed == query.raw()
        };
        // Held while it is searched: two lists of a request don't search for the same.
        let mut found = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = found.iter().find(is_it) {
            return Ok(known.matching.clone());
        }
        if found.len() == MOST {
            return Err(ApiError::bad_input(format!(
                "the filters of one request search for more than {MOST} texts: send the others in requests of their own"
            )));
        }

        let matching = snapshot.matching(query, contact);
        found.push(Found {
            snapshot: snapshot.clone(),
            typed: query.raw().to_owned(),
            contact,
            matching: matching.clone(),
        });
        Ok(matching)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_searched_once_and_no_more_than_allowed() {
        let (snapshot, other) = (Arc::new(Snapshot::empty()), Arc::new(Snapshot::empty()));
        let searches = Searches::default();
        let ask = |snapshot: &Arc<Snapshot>, typed: &str, contact: bool| {
            searches.matching(snapshot, &Query::new(typed).unwrap(), contact)
        };

        let first = ask(&snapshot, "wang", false).unwrap();
        assert!(Arc::ptr_eq(&first, &ask(&snapshot, "wang", false).unwrap()));
        for text in 0..MOST - 3 {
            ask(&snapshot, &format!("li{text}"), false).unwrap();
        }
        assert!(ask(&snapshot, "wang", true).is_ok() && ask(&other, "wang", false).is_ok());

        assert!(ask(&snapshot, "zhao", false).is_err());
        assert!(ask(&snapshot, "wang", true).is_ok(), "what is known is told on and on");
    }
}
