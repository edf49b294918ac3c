//! Why there is no client.

/// The TLS roots can't be read, or the like.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be built: {0}")]
pub struct ClientBuildError(pub String);
