//! Messages with variables: a content whose texts are templates. Pure: what a template may cost is bounded, and it
//! reaches nothing but its variables.

mod engine;
mod escape;
mod fill;
mod measure;
mod named;
mod stand_in;
mod steps;
mod strict;

pub use named::{MAX_TEMPLATES, MessageTemplate, NewTemplate, unknown_template};
pub use steps::Steps;
