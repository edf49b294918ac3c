//! The settings form.

pub(crate) mod department_selection;
pub(crate) mod object;
pub(crate) mod update;
