//! What a list of messages shows of a content.

use super::content::Content;

/// Characters of a line that stands for a title: as many as a card's own may have.
const MOST: usize = 64;

impl Content {
    /// The title; of a text, and of a card without one, the first line. Pictures, voices and files have none.
    pub fn title(&self) -> Option<String> {
        match self {
            Self::Text { content } => first_line(content),
            Self::Markdown { title, text } => first_line(title).or_else(|| first_line(text)),
            Self::Link { title, text, .. } => first_line(title).or_else(|| first_line(text)),
            Self::Oa { body, .. } => {
                let line = |text: &Option<String>| text.as_deref().and_then(first_line);
                line(&body.title).or_else(|| line(&body.content))
            }
            Self::ActionCard(card) => {
                let title = card.title.as_deref().and_then(first_line);
                title.or_else(|| first_line(&card.markdown))
            }
            Self::Image { .. } | Self::Voice { .. } | Self::File { .. } => None,
        }
    }
}

/// The first line that isn't blank, cut where it is long.
fn first_line(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    if line.chars().count() <= MOST {
        return Some(line.to_owned());
    }
    let cut: String = line.chars().take(MOST - 1).collect();
    Some(format!("{}…", cut.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{ActionCard, CardAction};

    #[test]
    fn a_title_stands_for_the_content_and_else_its_first_line() {
        let text = |content: &str| {
            Content::Text {
                content: content.into(),
            }
            .title()
        };
        assert_eq!(text("\n  值班表已更新 \n周一：李萌").as_deref(), Some("值班表已更新"));
        assert_eq!(text(" \n "), None);

        let long = text(&"长".repeat(65)).expect("a line");
        assert_eq!((long.chars().count(), long.ends_with('…')), (64, true));
        assert_eq!(text(&"长".repeat(64)).map(|it| it.chars().count()), Some(64));

        let card = |title: Option<&str>| {
            Content::ActionCard(ActionCard {
                title: title.map(Into::into),
                markdown: "# 页面更新\n三处".into(),
                action: CardAction::Single {
                    title: "打开".into(),
                    url: "https://wiki.example".into(),
                },
            })
        };
        assert_eq!(card(Some("路线图")).title().as_deref(), Some("路线图"));
        assert_eq!(card(None).title().as_deref(), Some("# 页面更新"));
        assert_eq!(Content::Image { media_id: "@x".into() }.title(), None);
    }
}
