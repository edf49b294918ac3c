//! Processes that are killed, paused and replaced in the middle of their work.
//!
//! What they prove: a crawl that was cut off anywhere goes on where it was, nothing is lost or written twice, and of
//! several replicas one syncs.

mod kills;
mod mirror;
mod process;
mod replicas;
