//! Trying the settings out: what is proved, what is told, and that nobody hears of it.

mod doctor;
mod manners;
mod walk;
mod walks;
