//! The content of a work notification, one variant for each of DingTalk's `msgtype`s.

use serde::{Deserialize, Serialize};

/// What is sent. Serialised it is what the store keeps; [`Content`]'s DingTalk form is made once, when it is queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Content {
    /// `text`.
    Text {
        /// At most 5,000 characters (500 recommended).
        content: String,
    },
    /// `markdown`.
    Markdown {
        /// What the chat list shows.
        title: String,
        /// At most 5,000 characters; a line break is two spaces and a newline.
        text: String,
    },
    /// `link`.
    Link {
        /// At most 100 characters.
        title: String,
        /// At most 500 characters recommended.
        text: String,
        /// Where a click leads.
        message_url: String,
        /// The picture's media id.
        pic_url: String,
    },
    /// `oa`.
    Oa {
        /// Where a click leads.
        message_url: String,
        /// The same on a desktop.
        pc_message_url: Option<String>,
        /// Eight hex digits AARRGGBB.
        head_bgcolor: String,
        /// DingTalk shows the app's name instead.
        head_text: String,
        /// Status bar: at most 5 recipients.
        status_bar: Option<OaStatusBar>,
        /// The body.
        body: Box<OaBody>,
    },
    /// `action_card`.
    ActionCard(ActionCard),
    /// `image`.
    Image {
        /// Begins with `@`.
        media_id: String,
    },
    /// `voice`.
    Voice {
        /// Begins with `@`.
        media_id: String,
        /// Seconds, 1 to 59.
        duration_seconds: i32,
    },
    /// `file`.
    File {
        /// Begins with `@`.
        media_id: String,
    },
}

/// `oa.status_bar`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OaStatusBar {
    /// The text.
    pub status_value: String,
    /// Colour such as `0xFFF65E5E`.
    pub status_bg: Option<String>,
}

/// `oa.body`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OaBody {
    /// The title.
    pub title: Option<String>,
    /// Rows; six are shown.
    pub form: Vec<OaForm>,
    /// A number with its unit.
    pub rich: Option<OaRich>,
    /// Text; three lines are shown.
    pub content: Option<String>,
    /// Media id.
    pub image: Option<String>,
    /// Number of attachments.
    pub file_count: Option<u32>,
    /// The author.
    pub author: Option<String>,
}

/// One row of `oa.body.form`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OaForm {
    /// Left.
    pub key: String,
    /// Right.
    pub value: String,
}

/// `oa.body.rich`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OaRich {
    /// The number, as text.
    pub num: String,
    /// Its unit.
    pub unit: Option<String>,
}

/// `action_card`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionCard {
    /// At most 64 characters.
    pub title: Option<String>,
    /// At most 5,000 characters (1,000 recommended).
    pub markdown: String,
    /// What can be clicked.
    pub action: CardAction,
}

/// What can be clicked on a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CardAction {
    /// The whole card.
    Single {
        /// At most 20 characters.
        title: String,
        /// At most 500 characters.
        url: String,
    },
    /// Several buttons.
    Multi {
        /// `btn_orientation`.
        orientation: Orientation,
        /// `btn_json_list`, at most 1,000 characters in all.
        buttons: Vec<Button>,
    },
}

/// How the buttons of a card lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Orientation {
    /// `0`.
    Vertical,
    /// `1`.
    Horizontal,
}

/// One button of a card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// At most 20 characters.
    pub title: String,
    /// At most 500 characters.
    pub action_url: String,
}
