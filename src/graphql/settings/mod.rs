//! The settings form.

pub(super) mod department_selection;
pub(super) mod object;
pub(super) mod patch;
pub(super) mod test;
pub(super) mod update;
mod urls;
