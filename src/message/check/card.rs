//! `action_card`.

use super::{Checker, MAX_TEXT, MAX_TITLE};
use crate::{
    catalogue::content as said,
    message::{
        content::{ActionCard, CardAction},
        render::render_buttons,
    },
    problem::ProblemCode,
};

/// `single_title` and a button's `title`, in characters.
const MAX_BUTTON_TITLE: usize = 20;
/// `single_url` and `action_url`, in characters; DingTalk's documents also say 700 for the latter, its SDK 500.
const MAX_URL: usize = 500;
/// `btn_json_list` as JSON, in characters (34016).
const MAX_BUTTONS: usize = 1_000;

pub(super) fn check(card: &ActionCard, check: &mut Checker) {
    if let Some(title) = &card.title {
        check.plain(&["actionCard", "title"], title, MAX_TITLE);
    }
    check.long_text(&["actionCard", "markdown"], &card.markdown, MAX_TEXT);

    match &card.action {
        CardAction::Single { title, url } => {
            check.line(&["actionCard", "single", "title"], title, MAX_BUTTON_TITLE);
            check.url(&["actionCard", "single", "url"], url, Some(MAX_URL));
        }
        CardAction::Multi { buttons, .. } => {
            let path = ["actionCard", "multi", "buttons"];
            if buttons.is_empty() {
                let field = path.join(".");
                check.report(&path, ProblemCode::Required, said::BUTTONS_MISSING { field });
            }

            for (index, button) in buttons.iter().enumerate() {
                let index = index.to_string();
                check.line(
                    &[path[0], path[1], path[2], &index, "title"],
                    &button.title,
                    MAX_BUTTON_TITLE,
                );
                check.url(
                    &[path[0], path[1], path[2], &index, "actionUrl"],
                    &button.action_url,
                    Some(MAX_URL),
                );
            }

            let length = render_buttons(buttons).chars().count();
            if length > MAX_BUTTONS {
                let what = said::BUTTONS_TOO_LONG {
                    field: path.join("."),
                    length,
                    most: MAX_BUTTONS,
                };
                check.report(&path, ProblemCode::TooLong, what);
            }
        }
    }
}
