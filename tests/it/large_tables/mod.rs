//! The ledger with many rows: what is asked of it, what leaves it, and how it gets new indexes.

mod fill;
mod forgetting;
mod listening;
mod proof;
mod questions;
mod turns;
mod upgrade;
