//! Measures a document before anything costly happens to it.
//!
//! ```text
//! json (depth, values) -> variables (depth, size) -> meter (bytes, nesting, tokens) -> source (escapes) -> parser
//!   -> count (fields, aliases, directives, depth; memoised) -> validation
//!   -> document, which is kept where it comes again -> normal form (the uses of variables counted) -> complexity
//!   -> the library -> governor (response nodes, bytes, time, null propagation)
//! ```
//!
//! The library's parser overflows the stack on a 4 kB list literal and its checks walk every path through the
//! fragments, so both may see only what was measured first. What it executes is a document in normal form (see
//! [`normal`]). HTTP, WebSocket and SSE all go through [`Documents`] and [`Document::admit`].

mod admit;
mod allowance;
mod budget;
mod complexity;
mod cost;
mod count;
mod document;
mod documents;
mod exhausted;
mod governor;
mod ignored;
mod json;
mod limits;
mod long_numbers;
mod meter;
mod normal;
mod origin;
mod place;
mod refusal;
mod source;
mod turns;
mod types;
mod validation;
mod variables;

#[cfg(test)]
pub(crate) use admit::admit_text;
pub use admit::{Admitted, OperationKind};
pub(crate) use allowance::{Allowance, Left};
pub use budget::{AdmissionBudget, BudgetLimits, MemoryPermit, Share};
pub use complexity::{Cost, Sizes};
pub use document::Document;
pub use documents::{DocumentHash, Documents};
pub use exhausted::Exhausted;
pub use governor::{TimeLimit, apply_limits};
pub use json::measure_json;
use limits::WALK;
pub use limits::{Limits, MAX_PAGE};
pub(crate) use origin::remember;
pub use refusal::{Code, Refusal};
pub(crate) use turns::aside;
pub use turns::{Begun, Beside, TurnLimits, Turns};
pub use types::Types;
pub(super) use types::needs_of;
pub use variables::measure as measure_variables;
