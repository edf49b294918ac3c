//! The programs that measure, as one binary: linking the server's release build takes minutes.
//!
//! `cargo bench --bench measure -- NAME [ARGUMENTS]`; each file says what it needs and prints.

// The derived resolvers of the whole schema are one future inside another, deeper than the compiler looks by default.
#![recursion_limit = "256"]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "programs that are run by hand"
)]

mod executors;
mod fill;
mod identity;
mod memory;
mod search;
mod sending;
mod support;

// The derived resolvers are those that the rivals are measured with.
#[allow(dead_code, reason = "their own program has a use for all of it")]
#[path = "rivals/rust/src/company.rs"]
mod company;
#[allow(dead_code, reason = "their own program has a use for all of it")]
#[path = "rivals/rust/src/derived.rs"]
mod derived;

/// As in the program that has these two files, too.
type Error = Box<dyn std::error::Error>;

fn main() {
    // `cargo bench` gives `--bench` to each.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let (name, args) = args
        .split_first()
        .map_or(("", &[][..]), |(name, args)| (name.as_str(), args));

    match name {
        "executors" => executors::run(args),
        "fill" => fill::run(args),
        "identity" => identity::run(),
        "memory" => memory::run(args),
        "search" => search::run(args),
        "sending" => sending::run(),
        _ => {
            eprintln!("say what to measure: executors, fill, identity, memory, search or sending");
            std::process::exit(2);
        }
    }
}
