//! The settings form.

pub(super) mod department_selection;
pub(super) mod object;
pub(super) mod update;
