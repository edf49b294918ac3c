//! Every text of a content with its place: one walk for all who rewrite texts.

use super::content::{CardAction, Content};

/// What a text is to DingTalk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextRole {
    /// Shown as it stands, or no text for people: a media id, a colour.
    Plain,
    /// Shown as Markdown.
    Markdown,
    /// Where a click leads.
    Link,
}

impl Content {
    /// Hands every text over with its role and its path in the names of the GraphQL input; optional ones where they are
    /// there.
    pub(super) fn visit_texts(&mut self, visit: &mut dyn FnMut(TextRole, &[&str], &mut String)) {
        use TextRole::{Link, Markdown, Plain};

        match self {
            Self::Text { content } => visit(Plain, &["text", "content"], content),
            Self::Markdown { title, text } => {
                visit(Plain, &["markdown", "title"], title);
                visit(Markdown, &["markdown", "text"], text);
            }
            Self::Link {
                title,
                text,
                message_url,
                pic_url,
            } => {
                visit(Plain, &["link", "title"], title);
                visit(Plain, &["link", "text"], text);
                visit(Link, &["link", "messageUrl"], message_url);
                visit(Plain, &["link", "picUrl"], pic_url);
            }
            Self::Oa { .. } => self.visit_oa(visit),
            Self::ActionCard(card) => {
                optional(&mut card.title, Plain, &["actionCard", "title"], visit);
                visit(Markdown, &["actionCard", "markdown"], &mut card.markdown);
                match &mut card.action {
                    CardAction::Single { title, url } => {
                        visit(Plain, &["actionCard", "single", "title"], title);
                        visit(Link, &["actionCard", "single", "url"], url);
                    }
                    CardAction::Multi { buttons, .. } => {
                        for (index, button) in buttons.iter_mut().enumerate() {
                            let path = ["actionCard", "multi", "buttons", &index.to_string()];
                            visit(Plain, &[&path[..], &["title"]].concat(), &mut button.title);
                            visit(Link, &[&path[..], &["actionUrl"]].concat(), &mut button.action_url);
                        }
                    }
                }
            }
            Self::Image { media_id } => visit(Plain, &["image", "mediaId"], media_id),
            Self::Voice { media_id, .. } => visit(Plain, &["voice", "mediaId"], media_id),
            Self::File { media_id } => visit(Plain, &["file", "mediaId"], media_id),
        }
    }

    fn visit_oa(&mut self, visit: &mut dyn FnMut(TextRole, &[&str], &mut String)) {
        use TextRole::{Link, Plain};
        let Self::Oa {
            message_url,
            pc_message_url,
            head_bgcolor,
            head_text,
            status_bar,
            body,
        } = self
        else {
            return;
        };

        visit(Link, &["oa", "messageUrl"], message_url);
        optional(pc_message_url, Link, &["oa", "pcMessageUrl"], visit);
        visit(Plain, &["oa", "headBgcolor"], head_bgcolor);
        visit(Plain, &["oa", "headText"], head_text);
        if let Some(bar) = status_bar {
            visit(Plain, &["oa", "statusBar", "statusValue"], &mut bar.status_value);
            optional(&mut bar.status_bg, Plain, &["oa", "statusBar", "statusBg"], visit);
        }

        optional(&mut body.title, Plain, &["oa", "body", "title"], visit);
        for (index, row) in body.form.iter_mut().enumerate() {
            let path = ["oa", "body", "form", &index.to_string()];
            visit(Plain, &[&path[..], &["key"]].concat(), &mut row.key);
            visit(Plain, &[&path[..], &["value"]].concat(), &mut row.value);
        }
        if let Some(rich) = &mut body.rich {
            visit(Plain, &["oa", "body", "rich", "num"], &mut rich.num);
            optional(&mut rich.unit, Plain, &["oa", "body", "rich", "unit"], visit);
        }

        optional(&mut body.content, Plain, &["oa", "body", "content"], visit);
        optional(&mut body.image, Plain, &["oa", "body", "image"], visit);
        optional(&mut body.author, Plain, &["oa", "body", "author"], visit);
    }
}

fn optional(
    text: &mut Option<String>,
    role: TextRole,
    path: &[&str],
    visit: &mut dyn FnMut(TextRole, &[&str], &mut String),
) {
    if let Some(text) = text {
        visit(role, path, text);
    }
}
