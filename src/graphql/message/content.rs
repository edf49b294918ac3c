//! What a message says: one input for each of DingTalk's message types.

use async_graphql::{Enum, InputObject, OneofObject};

use crate::{
    catalogue::{
        content::{CARD_ACTIONS, FILE_COUNT_NEGATIVE},
        templates::TEMPLATE_IN_TEMPLATE,
    },
    graphql::{
        scalars::Json,
        user_error::{UserError, UserErrorCode},
    },
    message::{ActionCard, Button, CardAction, Content, ContentKind, OaBody, OaForm, OaRich, OaStatusBar, Orientation},
};

/// DingTalk's message types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "ContentKind")]
pub enum MessageType {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// A link with a picture.
    Link,
    /// The OA form.
    Oa,
    /// A card with one link or several buttons.
    ActionCard,
    /// A picture.
    Image,
    /// A voice message.
    Voice,
    /// A file.
    File,
}

/// What the message says: exactly one of these. DingTalk takes at most 2,048 bytes in all.
#[derive(Debug, OneofObject)]
pub enum MessageContentInput {
    /// Plain text.
    Text(TextInput),
    /// Markdown.
    Markdown(MarkdownInput),
    /// A link with a picture.
    Link(LinkInput),
    /// The OA form.
    Oa(OaInput),
    /// A card with one link or several buttons.
    ActionCard(ActionCardInput),
    /// A picture.
    Image(ImageInput),
    /// A voice message.
    Voice(VoiceInput),
    /// A file.
    File(FileInput),
    /// A template that is stored, with its variables.
    Template(TemplateContentInput),
}

/// Plain text.
#[derive(Debug, InputObject)]
pub struct TextInput {
    /// The text; 500 characters are recommended, and 2,048 bytes are possible with everything else of the message.
    content: String,
}

/// Markdown.
#[derive(Debug, InputObject)]
pub struct MarkdownInput {
    /// What the list of chats shows.
    title: String,
    /// The text; a line break is two spaces and a newline.
    text: String,
}

/// A link with a picture.
#[derive(Debug, InputObject)]
pub struct LinkInput {
    /// The title.
    title: String,
    /// The text.
    text: String,
    /// Where a click leads.
    message_url: String,
    /// The picture's media id, which begins with `@` or `$`.
    pic_url: String,
}

/// The OA form.
#[derive(Debug, InputObject)]
pub struct OaInput {
    /// Where a click leads.
    message_url: String,
    /// Where it leads on a desktop, if elsewhere.
    pc_message_url: Option<String>,
    /// Colour of the head: eight hex digits AARRGGBB.
    head_bgcolor: String,
    /// Text of the head; DingTalk shows the app's name in its place.
    head_text: String,
    /// A status bar, for at most 5 recipients.
    status_bar: Option<OaStatusBarInput>,
    /// The body.
    body: OaBodyInput,
}

/// A status bar.
#[derive(Debug, InputObject)]
pub struct OaStatusBarInput {
    /// The text.
    status_value: String,
    /// The colour, such as `0xFFF65E5E`.
    status_bg: Option<String>,
}

/// Body of the OA form.
#[derive(Debug, InputObject)]
pub struct OaBodyInput {
    /// The title.
    title: Option<String>,
    /// Rows; six are shown.
    form: Option<Vec<OaFormInput>>,
    /// A number with its unit.
    rich: Option<OaRichInput>,
    /// Text; three lines are shown.
    content: Option<String>,
    /// The picture's media id, which begins with `@` or `$`.
    image: Option<String>,
    /// Number of attachments.
    file_count: Option<i32>,
    /// The author.
    author: Option<String>,
}

/// A row of the OA form.
#[derive(Debug, InputObject)]
pub struct OaFormInput {
    /// Left.
    key: String,
    /// Right.
    value: String,
}

/// A number of the OA form.
#[derive(Debug, InputObject)]
pub struct OaRichInput {
    /// The number, as text.
    num: String,
    /// Its unit.
    unit: Option<String>,
}

/// A card: exactly one of `single` and `multi`.
#[derive(Debug, InputObject)]
pub struct ActionCardInput {
    /// What the list of chats shows; at most 64 characters.
    title: Option<String>,
    /// The text; 1,000 characters are recommended.
    markdown: String,
    /// The whole card is one link.
    single: Option<SingleActionInput>,
    /// The card has buttons.
    multi: Option<MultiActionInput>,
}

/// The link of a card.
#[derive(Debug, InputObject)]
pub struct SingleActionInput {
    /// Text of the link; at most 20 characters.
    title: String,
    /// Where it leads; at most 500 characters.
    url: String,
}

/// The buttons of a card.
#[derive(Debug, InputObject)]
pub struct MultiActionInput {
    /// How they lie.
    #[graphql(default_with = "Some(ButtonOrientation::Vertical)")]
    orientation: Option<ButtonOrientation>,
    /// The buttons.
    buttons: Vec<ButtonInput>,
}

/// How the buttons of a card lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "Orientation")]
pub enum ButtonOrientation {
    /// Below each other.
    Vertical,
    /// Beside each other.
    Horizontal,
}

/// A button of a card.
#[derive(Debug, InputObject)]
pub struct ButtonInput {
    /// The text; at most 20 characters.
    title: String,
    /// Where it leads; at most 500 characters.
    action_url: String,
}

/// A picture.
#[derive(Debug, InputObject)]
pub struct ImageInput {
    /// Its media id, which begins with `@` or `$`.
    media_id: String,
}

/// A voice message.
#[derive(Debug, InputObject)]
pub struct VoiceInput {
    /// Its media id, which begins with `@` or `$`.
    media_id: String,
    /// Seconds, 1 to 59.
    duration_seconds: i32,
}

/// A file.
#[derive(Debug, InputObject)]
pub struct FileInput {
    /// Its media id, which begins with `@` or `$`.
    media_id: String,
}

/// A template that is stored, with its variables: `saveMessageTemplate` keeps one, `previewMessageTemplate` shows what
/// it becomes.
#[derive(Debug, InputObject)]
pub struct TemplateContentInput {
    /// Its name.
    pub(crate) name: String,
    /// The value of each variable by its name, an object.
    pub(crate) variables: Option<Json>,
}

impl MessageContentInput {
    /// The content, if it is not a template's: that one is looked up by the delivery. What GraphQL's types can't forbid
    /// is told here; the rest is checked by `message`.
    pub(crate) fn into_content(self) -> Result<Content, UserError> {
        Ok(match self {
            Self::Text(text) => Content::Text { content: text.content },
            Self::Markdown(markdown) => Content::Markdown {
                title: markdown.title,
                text: markdown.text,
            },
            Self::Link(link) => Content::Link {
                title: link.title,
                text: link.text,
                message_url: link.message_url,
                pic_url: link.pic_url,
            },
            Self::Oa(oa) => oa.into_content()?,
            Self::ActionCard(card) => Content::ActionCard(card.into_card()?),
            Self::Image(image) => Content::Image {
                media_id: image.media_id,
            },
            Self::Voice(voice) => Content::Voice {
                media_id: voice.media_id,
                // A number that has no place in a byte is as wrong as 0, and told by the same check.
                duration_seconds: voice.duration_seconds,
            },
            Self::File(file) => Content::File {
                media_id: file.media_id,
            },
            Self::Template(_) => {
                return Err(UserError::at(
                    UserErrorCode::Invalid,
                    ["content", "template"],
                    TEMPLATE_IN_TEMPLATE {},
                ));
            }
        })
    }
}

impl OaInput {
    fn into_content(self) -> Result<Content, UserError> {
        let file_count = self.body.file_count.map(|count| {
            let path = ["content", "oa", "body", "fileCount"];
            u32::try_from(count)
                .map_err(|_| UserError::at(UserErrorCode::Invalid, path, FILE_COUNT_NEGATIVE { given: count }))
        });

        Ok(Content::Oa {
            message_url: self.message_url,
            pc_message_url: self.pc_message_url,
            head_bgcolor: self.head_bgcolor,
            head_text: self.head_text,
            status_bar: self.status_bar.map(|bar| OaStatusBar {
                status_value: bar.status_value,
                status_bg: bar.status_bg,
            }),
            body: Box::new(OaBody {
                title: self.body.title,
                form: self
                    .body
                    .form
                    .unwrap_or_default()
                    .into_iter()
                    .map(|row| OaForm {
                        key: row.key,
                        value: row.value,
                    })
                    .collect(),
                rich: self.body.rich.map(|rich| OaRich {
                    num: rich.num,
                    unit: rich.unit,
                }),
                content: self.body.content,
                image: self.body.image,
                file_count: file_count.transpose()?,
                author: self.body.author,
            }),
        })
    }
}

impl ActionCardInput {
    fn into_card(self) -> Result<ActionCard, UserError> {
        let action = match (self.single, self.multi) {
            (Some(single), None) => CardAction::Single {
                title: single.title,
                url: single.url,
            },
            (None, Some(multi)) => CardAction::Multi {
                orientation: multi.orientation.unwrap_or(ButtonOrientation::Vertical).into(),
                buttons: multi
                    .buttons
                    .into_iter()
                    .map(|button| Button {
                        title: button.title,
                        action_url: button.action_url,
                    })
                    .collect(),
            },
            _ => {
                return Err(UserError::at(
                    UserErrorCode::Invalid,
                    ["content", "actionCard"],
                    CARD_ACTIONS {},
                ));
            }
        };

        Ok(ActionCard {
            title: self.title,
            markdown: self.markdown,
            action,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(single: bool, multi: bool) -> MessageContentInput {
        MessageContentInput::ActionCard(ActionCardInput {
            title: None,
            markdown: "x".into(),
            single: single.then(|| SingleActionInput {
                title: "t".into(),
                url: "https://a.example".into(),
            }),
            multi: multi.then(|| MultiActionInput {
                orientation: Some(ButtonOrientation::Horizontal),
                buttons: Vec::new(),
            }),
        })
    }

    #[test]
    fn a_card_has_exactly_one_kind_of_action() {
        assert!(card(true, false).into_content().is_ok());
        assert!(card(false, true).into_content().is_ok());

        for (single, multi) in [(true, true), (false, false)] {
            let error = card(single, multi).into_content().unwrap_err();
            assert_eq!(error.field, ["input", "content", "actionCard"]);
        }
    }

    #[test]
    fn a_duration_that_is_no_byte_stays_invalid() {
        let voice = VoiceInput {
            media_id: "@x".into(),
            duration_seconds: 300,
        };
        let content = MessageContentInput::Voice(voice).into_content().unwrap();
        assert!(!content.validate(1).is_empty());
    }
}
