//! Why a message was not taken.

use crate::{problem::Problem, store::StoreError};

/// Why a message was not taken: nothing was recorded and nothing is sent.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// Fields below the mutation's `input` that the request got wrong, or what else has to be put right first.
    #[error("the request is invalid")]
    Invalid(Vec<Problem>),
    /// Another one was taken in meanwhile, by which this one would be planned otherwise. Whoever plans does it again.
    #[error("another message came in between")]
    Overtaken,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
