//! Texts of records.

/// A text that many may hold at once: what a run reads again, and what a thousand people have in common, is there once.
pub type SharedText = arcstr::ArcStr;
