//! DingTalk's limits on a message, field by field (`docs/dingtalk.md#message-types`), checked before it is queued:
//! DingTalk would answer "ok" to some of these and drop the message.

mod card;
mod checker;
mod oa;

use checker::Checker;

use super::content::Content;
use crate::{
    catalogue::content::{DURATION_OUT_OF_RANGE, MESSAGE_TOO_LONG},
    problem::{Problem, ProblemCode},
};

/// `msg` as a whole, in bytes of JSON.
pub const MAX_BYTES: usize = 2_048;
/// `text.content`, `markdown.text` and `action_card.markdown`, in characters (34016).
pub const MAX_TEXT: usize = 5_000;
/// `markdown.title` and `action_card.title`, in characters (34016).
const MAX_TITLE: usize = 64;
/// `link.title`, in characters.
const MAX_LINK_TITLE: usize = 100;
/// A voice is shorter than a minute.
const MAX_VOICE_SECONDS: i32 = 59;

impl Content {
    /// How many people DingTalk takes it for in one call, where that is fewer than of others.
    pub const fn most_recipients(&self) -> Option<u32> {
        match self {
            Self::Oa {
                status_bar: Some(_), ..
            } => Some(oa::MAX_STATUS_BAR_RECIPIENTS),
            _ => None,
        }
    }

    /// Everything that DingTalk would refuse or drop, for a message to `recipients` people; empty: it is fit to be
    /// sent.
    pub fn validate(&self, recipients: usize) -> Vec<Problem> {
        let mut check = Checker::default();
        match self {
            Self::Text { content } => check.long_text(&["text", "content"], content, MAX_TEXT),
            Self::Markdown { title, text } => {
                check.line(&["markdown", "title"], title, MAX_TITLE);
                check.long_text(&["markdown", "text"], text, MAX_TEXT);
            }
            Self::Link {
                title,
                text,
                message_url,
                pic_url,
            } => {
                check.line(&["link", "title"], title, MAX_LINK_TITLE);
                check.long_text(&["link", "text"], text, MAX_TEXT);
                check.url(&["link", "messageUrl"], message_url, None);
                check.media_id(&["link", "picUrl"], pic_url);
            }
            Self::Oa { .. } => oa::check(self, recipients, &mut check),
            Self::ActionCard(card) => card::check(card, &mut check),
            Self::Image { media_id } => check.media_id(&["image", "mediaId"], media_id),
            Self::File { media_id } => check.media_id(&["file", "mediaId"], media_id),
            Self::Voice { media_id, .. } => {
                check.media_id(&["voice", "mediaId"], media_id);
                self.numbers(&mut check);
            }
        }

        let bytes = self.render().len();
        if bytes > MAX_BYTES {
            let what = MESSAGE_TOO_LONG {
                bytes,
                most: MAX_BYTES,
                excess: bytes - MAX_BYTES,
            };
            check.report(&[], ProblemCode::TooLong, what);
        }

        check.problems
    }

    /// [`Self::validate`] of the numbers alone, which no variable of a template changes any more.
    pub fn validate_numbers(&self) -> Vec<Problem> {
        let mut check = Checker::default();
        self.numbers(&mut check);
        check.problems
    }

    fn numbers(&self, check: &mut Checker) {
        if let Self::Voice { duration_seconds, .. } = self
            && !(1..=MAX_VOICE_SECONDS).contains(duration_seconds)
        {
            let what = DURATION_OUT_OF_RANGE {
                field: "voice.durationSeconds",
                most: MAX_VOICE_SECONDS,
                given: *duration_seconds,
            };
            check.report(&["voice", "durationSeconds"], ProblemCode::Invalid, what);
        }
    }
}

#[cfg(test)]
mod tests;
