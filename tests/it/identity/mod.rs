//! Who is who, through real HTTP, on both databases.

mod changes;
mod held;
mod links;
mod method;
mod mobile;
mod remembering;
mod resolving;
mod support;
