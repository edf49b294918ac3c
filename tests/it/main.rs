//! Behaviour, through real HTTP, real databases and the simulator.

#![allow(clippy::unwrap_used, reason = "a test's failure is a panic")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests read the environment and the clock of the machine"
)]
#![allow(missing_docs, reason = "tests are read, not called")]

#[macro_use]
mod support;

mod allowed_hosts;
mod api_keys;
mod attacks;
mod audit_log;
mod chaos;
mod checkup;
mod clocks;
mod connections;
mod delivery;
mod demo;
mod documents;
mod edge_documents;
mod edge_forms;
mod edge_http;
mod edge_nulls;
mod edge_pages;
mod edge_refusals;
mod edge_support;
mod edge_tokens;
mod end_to_end;
mod events;
mod faults;
mod faults_postgres;
mod fuzz;
mod graphql_changes;
mod graphql_cost;
mod graphql_daily;
mod graphql_directory;
mod graphql_exact;
mod graphql_feed;
mod graphql_ids;
mod graphql_kept;
mod graphql_lists;
mod graphql_messages;
mod graphql_past;
mod graphql_permissions;
mod graphql_quota;
mod graphql_refusals;
mod graphql_runs;
mod graphql_search;
mod graphql_selection;
mod graphql_settings;
mod graphql_sync;
mod graphql_ways;
mod held_groups;
mod hostile;
mod identity;
mod issuers;
mod large_tables;
#[cfg(target_os = "linux")]
mod memory;
mod metrics;
mod mistakes;
mod nul;
mod one_permission;
mod program;
mod replicas;
mod resending;
mod revocation;
mod schema;
mod shutdown;
mod simulator;
mod sse;
mod statements;
mod store;
mod sync;
mod templates;
mod tidy;
mod websocket;
