//! The template language: minijinja, which is Jinja, without loader, includes or macros.
//!
//! Nothing is escaped by itself. The same text may be a title, a URL or Markdown, a variable may itself hold Markdown,
//! and a backslash that DingTalk's client does not take for an escape would be shown: so whoever writes the template
//! says `| escape_markdown` where somebody else's words go into Markdown.

use std::borrow::Cow;

use minijinja::{
    AutoEscape, Environment, Error, UndefinedBehavior, escape_formatter, syntax::SyntaxConfig, value::Kwargs,
};

use super::{
    escape::escape_markdown,
    strict::{add_filters, text},
};
use crate::message::link_target::{dingtalk_link, percent_encode};

/// What one text may cost: steps of the engine, and one for each 64 bytes that it makes. A list of 500 rows takes about
/// 5,000.
pub(super) const FUEL: u64 = 20_000;

/// How deep loops may lie in each other while a text is rendered.
const RECURSION: usize = 50;

/// The environment that one content is rendered in.
pub(super) fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    // Without it errors don't name what is undefined. What it also attaches to them, variables included, is never
    // shown.
    environment.set_debug(true);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_syntax(syntax());
    environment.set_formatter(|out, state, value| escape_formatter(out, state, &text(value)?));

    // For HTML, which DingTalk shows as it stands.
    for filter in ["escape", "e", "safe"] {
        environment.remove_filter(filter);
    }
    // Each `chain` and `zip` is a frame of the stack for whoever walks the list, and a namespace may hold itself.
    for filter in ["chain", "zip"] {
        environment.remove_filter(filter);
    }
    for function in ["debug", "namespace"] {
        environment.remove_global(function);
    }
    environment.set_recursion_limit(RECURSION);

    environment.add_filter("dingtalk_link", |url: Cow<'_, str>, options: Kwargs| {
        let sidebar = options.get::<Option<bool>>("pc_slide")?.unwrap_or(true);
        options.assert_all_used()?;
        Ok::<_, Error>(dingtalk_link(&url, sidebar))
    });
    environment.add_filter("urlencode", |text: Cow<'_, str>| percent_encode(&text));
    environment.add_filter("escape_markdown", |text: Cow<'_, str>| escape_markdown(&text));
    add_filters(&mut environment);
    environment
}

/// A line that holds only a `{% tag %}` leaves no empty line, and a text without tags comes out as it is.
fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .unwrap_or_default()
}
