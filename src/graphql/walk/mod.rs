//! The walk: objects of the snapshot are written as JSON at once, without a future, a map and a value for each field.
//!
//! ```text
//! walked! { a table of fields }
//!   -> the type's entry in the library's registry: schema, introspection, validation, cost
//!   -> plan.rs: a selection set becomes a list of steps, once a request
//!   -> run.rs: the steps write into one buffer, which the library gets as one value
//! ```
//!
//! What is below a walked type is walked, too, but what has to be waited for (waiting.rs); it may stand anywhere below
//! types that the library resolves. The library carries what was written as
//! [`Value::Binary`](async_graphql::Value::Binary), which nothing else uses; the writer of answers
//! (`http/graphql/written.rs`) puts it in as it is.
//!
//! A document comes here in normal form (see `admission/normal`): no fragments but those of a union's or an interface's
//! types, no directives, no variables, each response key once.

mod context;
mod halt;
mod leaf;
mod output;
mod plan;
mod plans;
mod run;
mod table;
mod waiting;
mod walked;
mod walker;

#[cfg(test)]
mod tests;

pub(super) use context::WalkContext;
pub(super) use halt::Halt;
pub(super) use leaf::walked_enum;
pub(super) use output::WalkOutput;
pub(super) use plan::{ObjectPlan, compile};
pub use plans::Plans;
pub(super) use run::{resolve, resolve_field};
pub(super) use table::{FieldDef, WaitingDef, WalkObject, argument, camel, field, register};
pub(super) use walked::walked;
pub(super) use walker::Walk;
