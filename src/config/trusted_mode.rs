//! What the list of trusted documents is for.

/// What the list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedMode {
    /// There is none.
    Off,
    /// Documents are taken by their id, and others as they are sent.
    Prefer,
    /// No others are run.
    Require,
}

/// `off`, `prefer` or `require`.
pub(super) fn mode(text: &str) -> Result<TrustedMode, String> {
    match text {
        "off" => Ok(TrustedMode::Off),
        "prefer" => Ok(TrustedMode::Prefer),
        "require" => Ok(TrustedMode::Require),
        other => Err(format!("`{other}` is none of `off`, `prefer` and `require`")),
    }
}
