//! Measures a document before anything costly happens to it.
//!
//! ```text
//! meter (bytes, nesting, tokens) -> variables (depth, size) -> parser -> count (fields, aliases, directives, depth; memoised)
//!   -> the library's validation -> governor (response nodes, time)
//! ```
//!
//! The library's parser overflows the stack on a 4 kB list literal and its checks walk every path through the fragments, so
//! both may see only what was measured first. HTTP, WebSocket and SSE all go through [`admit`].

mod admit;
mod count;
mod governor;
mod limits;
mod meter;
mod refusal;
mod variables;

pub use admit::{Admitted, OperationKind, admit};
pub use governor::{TimeLimit, apply_limits};
pub use limits::{Limits, MAX_PAGE, WALK, list_cost};
pub use refusal::{Code, Refusal};
