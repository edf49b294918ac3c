//! What is wrong with a field of the form.

/// One thing that is wrong with one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsError {
    /// The form's field, e.g. "getTokenUrl".
    pub field: &'static str,
    /// What kind of mistake.
    pub code: SettingsErrorCode,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// What kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingsErrorCode {
    /// Blank.
    Required,
    /// Of the wrong form.
    Invalid,
    /// Longer than anything DingTalk issues.
    TooLong,
    /// The operator's list of hosts doesn't have this one.
    HostNotAllowed,
    /// Nearly DingTalk's path; the message has the right URL.
    Misspelled,
}

impl SettingsError {
    pub(super) fn new(field: &'static str, code: SettingsErrorCode, message: impl Into<String>) -> Self {
        Self {
            field,
            code,
            message: message.into(),
        }
    }
}
