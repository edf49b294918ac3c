//! Processes that are killed, paused and replaced in the middle of their work.
//!
//! What they prove: a crawl that was cut off anywhere goes on where it was, nothing is lost or written twice, and of
//! several replicas one syncs; no message is lost, and none is sent twice but by the policy that says so.

mod kills;
mod ledger;
mod letters;
mod mirror;
mod moments;
mod patroni;
mod process;
mod replicas;
mod sending;
