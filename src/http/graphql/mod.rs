//! The only place here that knows the GraphQL library: what is asked, what may run, and what comes of it.

mod cost;
mod executable;
mod extension;
mod mirror;
mod operation;
mod params;
mod persisted;
mod response;
mod wishes;
mod written;

pub use executable::ExecutableSchema;
pub use mirror::MirrorAccess;
pub(super) use operation::Operation;
pub(super) use params::Params;
pub use persisted::{PersistedDocuments, TrustedDocuments};
pub(super) use response::GraphqlResponse;
