//! Web links in Markdown, rewritten in place. What a link is, is a CommonMark parser's to say; it tells where the link
//! stands, and here is found where in it the address does.

use std::{collections::HashSet, ops::Range};

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

use super::link_target::{LinkTarget, is_web};

/// `text` with the addresses of its web links in DingTalk's form, and everything else as it is.
pub(super) fn rewrite(text: &str, target: LinkTarget) -> String {
    let mut rewritten = String::with_capacity(text.len());
    let mut copied = 0;
    for address in addresses(text) {
        rewritten.push_str(&text[copied..address.place.start]);
        rewritten.push_str(&target.around(&address.url));
        copied = address.place.end;
    }
    rewritten.push_str(&text[copied..]);
    rewritten
}

/// The address of a link.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    /// Where it stands in the text, without angle brackets.
    place: Range<usize>,
    /// What it is, once its backslashes and entities are resolved.
    url: String,
}

/// A link whose end is not there yet.
struct OpenLink<'a> {
    kind: LinkType,
    url: CowStr<'a>,
    label: CowStr<'a>,
    /// The last byte of its text that is known.
    text_end: usize,
}

/// The web addresses of links, in order. Not those of pictures; nor of `<https://…>`, where the address is the text.
fn addresses(text: &str) -> Vec<Address> {
    let (mut found, mut defined, mut of_pictures) = (Vec::new(), Vec::new(), HashSet::new());
    let mut open: Vec<OpenLink<'_>> = Vec::new();
    let mut events = Parser::new_ext(text, Options::empty()).into_offset_iter();

    for (event, range) in events.by_ref() {
        if matches!(event, Event::End(TagEnd::Link)) {
            let Some(link) = open.pop().filter(|link| is_web(&link.url)) else {
                continue;
            };
            match link.kind {
                LinkType::Inline => found.extend(inline(text, &link, range.end)),
                LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut => defined.push(link.label),
                _ => {}
            }
            continue;
        }

        if let Some(link) = open.last_mut() {
            link.text_end = link.text_end.max(range.end);
        }
        match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                id,
                ..
            }) => open.push(OpenLink {
                kind: link_type,
                url: dest_url,
                label: id,
                text_end: range.start + 1,
            }),
            Event::Start(Tag::Image { id, .. }) => {
                of_pictures.insert(id.to_lowercase());
            }
            _ => {}
        }
    }

    // A definition that a picture uses, too, leads to the picture.
    for label in defined
        .iter()
        .filter(|label| !of_pictures.contains(&label.to_lowercase()))
    {
        if let Some(definition) = events.reference_definitions().get(label) {
            found.extend(in_definition(text, definition.span.clone(), &definition.dest));
        }
    }

    found.sort_unstable_by_key(|address| address.place.start);
    found.dedup();
    found
}

/// The address of `[text](address "title")`.
fn inline(text: &str, link: &OpenLink<'_>, end: usize) -> Option<Address> {
    let behind_text = text.get(link.text_end..end)?;
    let bracket = link.text_end + behind_text.find("](")? + 2;
    at(text, bracket, end, &link.url)
}

/// The address of `[label]: address "title"`.
fn in_definition(text: &str, span: Range<usize>, url: &str) -> Option<Address> {
    let colon = span.start + text.get(span.clone())?.find("]:")? + 2;
    at(text, colon, span.end, url)
}

/// The address that begins behind the white space at `from`.
fn at(text: &str, from: usize, end: usize, url: &str) -> Option<Address> {
    let within = text.get(from..end)?;
    let mut start = from + within.len() - within.trim_start().len();
    let angled = text[start..end].starts_with('<');
    start += usize::from(angled);

    let (mut depth, mut escaped, mut stop) = (0_usize, false, end);
    for (index, byte) in text.as_bytes()[start..end].iter().enumerate() {
        let over = match byte {
            _ if escaped => false,
            b'>' => angled,
            b'(' if !angled => {
                depth += 1;
                false
            }
            b')' if !angled => {
                let over = depth == 0;
                depth = depth.saturating_sub(1);
                over
            }
            byte => !angled && (byte.is_ascii_whitespace() || byte.is_ascii_control()),
        };
        if over {
            stop = start + index;
            break;
        }
        escaped = *byte == b'\\' && !escaped;
    }

    Some(Address {
        place: start..stop,
        url: url.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::message::link_target::dingtalk_link;

    /// What links there are, by a parser, with where they lead; pictures, and text.
    fn parsed(text: &str) -> Vec<Event<'static>> {
        Parser::new_ext(text, Options::empty())
            .map(Event::into_static)
            .collect()
    }

    fn wrapped(text: &str) -> Vec<Event<'static>> {
        let mut of_pictures = HashSet::new();
        for event in Parser::new_ext(text, Options::empty()) {
            if let Event::Start(Tag::Image { id, .. }) = event {
                of_pictures.insert(id.to_lowercase());
            }
        }

        let events = Parser::new_ext(text, Options::empty()).map(|event| match event {
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                title,
                id,
            }) => {
                let stays = matches!(link_type, LinkType::Autolink | LinkType::Email)
                    || !is_web(&dest_url)
                    || (link_type != LinkType::Inline && of_pictures.contains(&id.to_lowercase()));
                let dest_url = if stays {
                    dest_url
                } else {
                    dingtalk_link(&dest_url, true).into()
                };
                Event::Start(Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    id,
                })
            }
            other => other,
        });

        events.map(Event::into_static).collect()
    }

    fn link(url: &str) -> String {
        dingtalk_link(url, true)
    }

    #[test]
    fn an_address_is_what_markdown_says_it_is() {
        for (given, expected) in [
            (r"[a](http://x.y/b\)c)", format!("[a]({})", link("http://x.y/b)c"))),
            (
                "[a](http://x.y/?b=1&amp;c=2)",
                format!("[a]({})", link("http://x.y/?b=1&c=2")),
            ),
            (r"[a](http://x.y/b\_c\-d)", format!("[a]({})", link("http://x.y/b_c-d"))),
            (r"[a\]b](http://x.y/)", format!(r"[a\]b]({})", link("http://x.y/"))),
            ("[](http://x.y/)", format!("[]({})", link("http://x.y/"))),
            ("[`](`](http://x.y/)", format!("[`](`]({})", link("http://x.y/"))),
            (
                "[a]( <http://x.y/b(> 'c')",
                format!("[a]( <{}> 'c')", link("http://x.y/b(")),
            ),
            (
                "[a](\n http://x.y/\n \"b\")",
                format!("[a](\n {}\n \"b\")", link("http://x.y/")),
            ),
            (
                "# [a](http://x.y/)\n> - [b](http://x.y/)",
                format!("# [a]({0})\n> - [b]({0})", link("http://x.y/")),
            ),
            (
                "[a][1] [1]\n\n[1]: http://x.y/ 't'",
                format!("[a][1] [1]\n\n[1]: {} 't'", link("http://x.y/")),
            ),
            (
                "[A]\n\n[a]: <http://x.y/>",
                format!("[A]\n\n[a]: <{}>", link("http://x.y/")),
            ),
            (
                "[a](http://x.y/ \"[b](http://x.y/)\")",
                format!("[a]({} \"[b](http://x.y/)\")", link("http://x.y/")),
            ),
        ] {
            assert_eq!(rewrite(given, LinkTarget::Sidebar), expected, "{given}");
        }

        for same in [
            "~~~\n[a](http://x.y/)\n~~~",
            "```\n[a](http://x.y/)\n```\n",
            "a\n\n    [a](http://x.y/)",
            "<div>\n[a](http://x.y/)\n</div>",
            "<a href=\"[a](http://x.y/)\">",
            "<http://x.y/>",
            "http://x.y/",
            "![a](http://x.y/)",
            "![a][1]\n\n[1]: http://x.y/",
            "![a][1] [b][1]\n\n[1]: http://x.y/",
            "[1]: http://x.y/",
            "[a](http://x.y/ b)",
            "[a](mailto:a@x.y)",
        ] {
            assert_eq!(rewrite(same, LinkTarget::Sidebar), same);
        }
    }

    proptest! {
        #[test]
        fn nothing_but_addresses_changes_and_all_links_lead_through_dingtalk(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "[a](http://x.y/b)", "[a](http://x.y/b\\)c)", "[a](<http://x.y/b c>)", "[a](http://x.y/?a&amp;b)",
                "![a](http://x.y/p)", "[a][r]", "[r]", "![a][s]", "[s]", "\n[r]: http://x.y/r\n", "\n\n[s]: <http://x.y/s> 't'\n",
                "[", "]", "(", ")", "<", ">", "`", "~~~", "\\", "\n", "\n\n", "    ", "> ", "- ", "# ", "*", "_", "!", "&amp;", "\"",
                "'", " ", "a", "页", "http://x.y/", "<http://x.y/>", "<div>", "</div>", "<!--", "-->", "](http://x.y/)", "|",
            ]), 0..16),
        ) {
            let text = pieces.concat();
            prop_assert_eq!(parsed(&rewrite(&text, LinkTarget::Sidebar)), wrapped(&text), "{:?}", text);
        }
    }
}
