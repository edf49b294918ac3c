//! The only place here that knows the GraphQL library: what is asked, what may run, and what comes of it.

mod executable;
mod operation;
mod params;
mod response;
mod written;

pub use executable::ExecutableSchema;
pub(super) use operation::Operation;
pub(super) use params::Params;
pub(super) use response::GraphqlResponse;
