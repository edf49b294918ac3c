//! How this process hears of changes.

/// How this process hears of changes, as configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventChannels {
    /// By a stream.
    pub stream: bool,
    /// By pushes.
    pub pushes: bool,
}
