//! Which of DingTalk's message types a content is.

use serde::{Deserialize, Serialize};

use super::content::Content;

/// DingTalk's `msgtype`s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContentKind {
    /// `text`.
    Text,
    /// `markdown`.
    Markdown,
    /// `link`.
    Link,
    /// `oa`.
    Oa,
    /// `action_card`.
    ActionCard,
    /// `image`.
    Image,
    /// `voice`.
    Voice,
    /// `file`.
    File,
}

impl ContentKind {
    /// DingTalk's word for it, which is also the key of the body beside it.
    pub const fn msgtype(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Link => "link",
            Self::Oa => "oa",
            Self::ActionCard => "action_card",
            Self::Image => "image",
            Self::Voice => "voice",
            Self::File => "file",
        }
    }
}

impl Content {
    /// Which type it is.
    pub const fn kind(&self) -> ContentKind {
        match self {
            Self::Text { .. } => ContentKind::Text,
            Self::Markdown { .. } => ContentKind::Markdown,
            Self::Link { .. } => ContentKind::Link,
            Self::Oa { .. } => ContentKind::Oa,
            Self::ActionCard(_) => ContentKind::ActionCard,
            Self::Image { .. } => ContentKind::Image,
            Self::Voice { .. } => ContentKind::Voice,
            Self::File { .. } => ContentKind::File,
        }
    }
}
