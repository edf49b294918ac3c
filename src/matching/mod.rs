//! The matching engine: writes down whom callers asked for, follows links and identities of other replicas, and records when
//! somebody is somebody else than he was.

mod engine;
mod notes;
mod rounds;

pub use engine::Matching;
