//! dingmirror: a persistent mirror of a company's DingTalk departments and users, served as GraphQL.
//!
//! Rooms, and who may import whom (left from right, never back; rooms in the same braces don't import each other):
//!
//! ```text
//! main -> cli -> app -> http -> graphql -> level 3 -> {store, dingtalk} -> level 1 -> level 0
//!
//! level 3: {sync, intake, delivery, admin, matching, checkup}          move things by level 1's rules
//! level 1: message -> identity -> {directory, settings}                plain types and rules, no I/O
//!          auth, audit                                                 the same; each imports level 0 alone
//! level 0: clock, id, backoff, critical_section, page, word, catalogue, problem   import nothing of ours, but the last
//!                                                                            the one before it
//! ```
//!
//! `config`, `telemetry` and `lifecycle` are seen by `app`, `cli` and `main` only. `simulator` speaks DingTalk's wire
//! with types of its own, so that a mistake in `dingtalk` is not mirrored by it. `tests/it/tidy.rs` keeps these rules
//! true.

/// glibc's allocator takes half of the time of a request with a thousand small texts.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod admin;
pub mod app;
pub mod audit;
pub mod auth;
pub mod backoff;
pub mod catalogue;
pub mod checkup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod critical_section;
pub mod delivery;
pub mod dingtalk;
pub mod directory;
pub mod graphql;
pub mod http;
pub mod id;
pub mod identity;
pub mod intake;
pub mod lifecycle;
pub mod matching;
pub mod message;
pub mod page;
pub mod problem;
pub mod settings;
pub mod simulator;
pub mod store;
pub mod sync;
pub mod telemetry;
pub mod word;
