//! DingTalk's `msg` object, rendered once for every attempt: DingTalk drops a repetition only where the bytes are the
//! same.
//!
//! Keys stand in a fixed order and are spelled as DingTalk spells them: everything snake_case but `link`, and numbers
//! that DingTalk wants as strings (`duration`, `file_count`, `btn_orientation`) are strings.

use serde::Serialize;

use super::content::{ActionCard, Button, CardAction, Content, OaBody, OaForm, OaRich, OaStatusBar, Orientation};

impl Content {
    /// The JSON object for `asyncsend_v2`'s `msg`: the same content gives the same bytes.
    pub fn render(&self) -> String {
        let body = match self {
            Self::Text { content } => json(&MsgText { content }),
            Self::Markdown { title, text } => json(&MsgMarkdown { title, text }),
            Self::Link {
                title,
                text,
                message_url,
                pic_url,
            } => json(&MsgLink {
                message_url,
                pic_url,
                title,
                text,
            }),
            Self::Oa {
                message_url,
                pc_message_url,
                head_bgcolor,
                head_text,
                status_bar,
                body,
            } => json(&MsgOa {
                message_url,
                pc_message_url: given(pc_message_url),
                head: MsgOaHead {
                    bgcolor: head_bgcolor,
                    text: head_text,
                },
                status_bar: status_bar.as_ref().map(MsgOaStatusBar::from),
                body: MsgOaBody::from(&**body),
            }),
            Self::ActionCard(card) => json(&MsgActionCard::from(card)),
            Self::Image { media_id } | Self::File { media_id } => json(&MsgMedia { media_id }),
            Self::Voice {
                media_id,
                duration_seconds,
            } => json(&MsgVoice {
                media_id,
                duration: duration_seconds.to_string(),
            }),
        };

        let msgtype = self.kind().msgtype();
        format!(r#"{{"msgtype":"{msgtype}","{msgtype}":{body}}}"#)
    }
}

/// `btn_json_list` as it is sent: DingTalk limits its length.
pub(super) fn render_buttons(buttons: &[Button]) -> String {
    json(&buttons.iter().map(MsgButton::from).collect::<Vec<_>>())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("text, numbers and lists of them always serialise")
}

/// An optional field that is empty is left out, as DingTalk's samples do.
fn given(field: &Option<String>) -> Option<&str> {
    field.as_deref().filter(|text| !text.is_empty())
}

#[derive(Serialize)]
struct MsgText<'a> {
    content: &'a str,
}

#[derive(Serialize)]
struct MsgMarkdown<'a> {
    title: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MsgLink<'a> {
    message_url: &'a str,
    pic_url: &'a str,
    title: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct MsgMedia<'a> {
    media_id: &'a str,
}

#[derive(Serialize)]
struct MsgVoice<'a> {
    media_id: &'a str,
    duration: String,
}

#[derive(Serialize)]
struct MsgOa<'a> {
    message_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pc_message_url: Option<&'a str>,
    head: MsgOaHead<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_bar: Option<MsgOaStatusBar<'a>>,
    body: MsgOaBody<'a>,
}

#[derive(Serialize)]
struct MsgOaHead<'a> {
    bgcolor: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct MsgOaStatusBar<'a> {
    status_value: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_bg: Option<&'a str>,
}

impl<'a> From<&'a OaStatusBar> for MsgOaStatusBar<'a> {
    fn from(bar: &'a OaStatusBar) -> Self {
        Self {
            status_value: &bar.status_value,
            status_bg: given(&bar.status_bg),
        }
    }
}

#[derive(Serialize)]
struct MsgOaBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    form: Vec<MsgOaFormRow<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rich: Option<MsgOaRich<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_count: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
}

impl<'a> From<&'a OaBody> for MsgOaBody<'a> {
    fn from(body: &'a OaBody) -> Self {
        Self {
            title: given(&body.title),
            form: body
                .form
                .iter()
                .map(|OaForm { key, value }| MsgOaFormRow { key, value })
                .collect(),
            rich: body
                .rich
                .as_ref()
                .map(|OaRich { num, unit }| MsgOaRich { num, unit: given(unit) }),
            content: given(&body.content),
            image: given(&body.image),
            file_count: body.file_count.map(|count| count.to_string()),
            author: given(&body.author),
        }
    }
}

#[derive(Serialize)]
struct MsgOaFormRow<'a> {
    key: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct MsgOaRich<'a> {
    num: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
}

#[derive(Serialize)]
struct MsgActionCard<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    markdown: &'a str,
    #[serde(flatten)]
    action: MsgAction<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum MsgAction<'a> {
    Single {
        single_title: &'a str,
        single_url: &'a str,
    },
    Multi {
        btn_orientation: &'static str,
        btn_json_list: Vec<MsgButton<'a>>,
    },
}

#[derive(Serialize)]
struct MsgButton<'a> {
    title: &'a str,
    action_url: &'a str,
}

impl<'a> From<&'a Button> for MsgButton<'a> {
    fn from(button: &'a Button) -> Self {
        Self {
            title: &button.title,
            action_url: &button.action_url,
        }
    }
}

impl<'a> From<&'a ActionCard> for MsgActionCard<'a> {
    fn from(card: &'a ActionCard) -> Self {
        Self {
            title: given(&card.title),
            markdown: &card.markdown,
            action: match &card.action {
                CardAction::Single { title, url } => MsgAction::Single {
                    single_title: title,
                    single_url: url,
                },
                CardAction::Multi { orientation, buttons } => MsgAction::Multi {
                    btn_orientation: match orientation {
                        Orientation::Vertical => "0",
                        Orientation::Horizontal => "1",
                    },
                    btn_json_list: buttons.iter().map(MsgButton::from).collect(),
                },
            },
        }
    }
}

#[cfg(test)]
#[path = "render_tests.rs"]
mod tests;
