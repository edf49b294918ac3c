//! Why a message was not taken.

use crate::{problem::Problem, store::StoreError};

/// Why a message was not taken: nothing was recorded and nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Fields below the mutation's `input` that the request got wrong, or what else has to be put right first.
    #[error("the request is invalid")]
    Invalid(Vec<Problem>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
