//! The links of a message in DingTalk's own form.

use super::{
    check::MAX_BYTES,
    content::Content,
    link_target::{LinkTarget, is_web},
    markdown_links,
    texts::TextRole,
};

impl Content {
    /// The same content with its web links in the form that opens them in `target`: link fields, and `[text](http…)` in
    /// Markdown, also where its address stands in a definition (`[text][1]`). Pictures, bare URLs, `<http…>`, code,
    /// HTML and links of other schemes stay; a link in DingTalk's form is never wrapped again. A text that is longer
    /// than a whole message may be stays, too: the check behind refuses it either way.
    pub fn open_links_in(mut self, target: LinkTarget) -> Self {
        if target == LinkTarget::AsGiven {
            return self;
        }

        self.visit_texts(&mut |role, _, text| match role {
            // DingTalk takes no such text, and it may be a megabyte of brackets.
            _ if text.len() > MAX_BYTES => {}
            TextRole::Plain => {}
            TextRole::Link if is_web(text) => *text = target.around(text),
            TextRole::Link => {}
            TextRole::Markdown => *text = markdown_links::rewrite(text, target),
        });
        self
    }
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
