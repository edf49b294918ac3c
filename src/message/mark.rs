//! A visible time stamp, which makes the same text another content.

use chrono::{DateTime, Utc};

use super::{content::Content, day::in_beijing_exactly};

impl Content {
    /// The same with the time at its end, for everybody to see; `None` of types that have no text to append to.
    pub fn marked(&self, at: DateTime<Utc>) -> Option<Self> {
        let mut marked = self.clone();
        let stamp = in_beijing_exactly(at);

        match &mut marked {
            Self::Text { content } => content.push_str(&format!("\n({stamp})")),
            Self::Markdown { text, .. } => text.push_str(&format!("  \n\n{stamp}")),
            Self::Link { text, .. } => text.push_str(&format!(" ({stamp})")),
            Self::ActionCard(card) => card.markdown.push_str(&format!("  \n\n{stamp}")),
            Self::Oa { body, .. } => {
                let content = body.content.get_or_insert_default();
                let gap = if content.is_empty() { "" } else { " " };
                content.push_str(&format!("{gap}({stamp})"));
            }
            Self::Image { .. } | Self::Voice { .. } | Self::File { .. } => return None,
        }

        Some(marked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_stands_at_the_end_and_a_picture_has_none() {
        let at = DateTime::from_timestamp_millis(1_800_000_000_125).expect("a time");
        let text = Content::Text { content: "hi".into() };
        assert_eq!(
            text.marked(at),
            Some(Content::Text {
                content: "hi\n(2027-01-15 16:00:00.125 UTC+8)".into()
            })
        );

        let picture = Content::Image { media_id: "@a".into() };
        assert_eq!(picture.marked(at), None);
    }
}
