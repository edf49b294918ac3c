//! The audit log: who changed or asked for what, when, and from where. Plain types; the store writes an entry in the
//! transaction of the change that it is of.

mod action;
mod author;
mod deed;
mod entry;

pub use action::AuditAction;
pub use author::{Author, Origin, Proof};
pub use deed::Deed;
pub use entry::{AuditEntry, AuditQuery};
