//! How many recipients are in each state.

use std::collections::BTreeMap;

use async_graphql::SimpleObject;

use super::recipient::RecipientState;
use crate::{graphql::relay::connection::int, message};

/// How many recipients are in a state.
#[derive(Debug, Clone, SimpleObject)]
pub struct RecipientCount {
    /// The state.
    state: RecipientState,
    /// How many.
    count: i32,
}

/// The counts as the API shows them.
pub(in crate::graphql) fn count_list(counts: BTreeMap<message::RecipientState, u64>) -> Vec<RecipientCount> {
    counts
        .into_iter()
        .map(|(state, count)| RecipientCount {
            state: state.into(),
            count: int(count),
        })
        .collect()
}
