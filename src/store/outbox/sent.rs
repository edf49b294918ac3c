//! What one person had on a day, as far as DingTalk counts it.

/// What one person had on a day, or waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentToday {
    /// Messages of any content.
    pub messages: u64,
    /// Whether the content in question was among them.
    pub same_content: bool,
}
