//! A link in DingTalk's own form, which says where a desktop client opens it (`docs/dingtalk.md#links`).

use serde::Serialize;
use url::{Url, form_urlencoded};

/// Where a message's web links open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LinkTarget {
    /// The links stay as they were given: the client decides.
    #[default]
    AsGiven,
    /// In DingTalk's sidebar (`pc_slide=true`).
    Sidebar,
    /// In the browser (`pc_slide=false`). Phones open it inside DingTalk all the same.
    Browser,
    /// In the browser, on phones, too: a link that carries one for each.
    BrowserEverywhere,
}

impl LinkTarget {
    /// The link that opens `url` there.
    pub(super) fn around(self, url: &str) -> String {
        match self {
            Self::AsGiven => url.to_owned(),
            Self::Sidebar => dingtalk_link(url, true),
            Self::Browser => dingtalk_link(url, false),
            Self::BrowserEverywhere => {
                let desktop = percent_encode(&dingtalk_link(url, false));
                let jump = format!("dingtalk://dingtalkclient/action/jump?url={}", percent_encode(url));
                let phone = percent_encode(&jump);
                format!("dingtalk://dingtalkclient/action/open_platform_link?pcLink={desktop}&mobileLink={phone}")
            }
        }
    }
}

/// `dingtalk://dingtalkclient/page/link` around `url`; `sidebar`: a desktop client opens it in the sidebar.
pub(super) fn dingtalk_link(url: &str, sidebar: bool) -> String {
    format!(
        "dingtalk://dingtalkclient/page/link?url={}&pc_slide={sidebar}",
        percent_encode(url)
    )
}

/// Everything but ASCII letters, digits and `*-._` as `%XX`: fit for a URL's parameter, and inside Markdown's brackets.
pub(super) fn percent_encode(text: &str) -> String {
    // A form writes a space as `+`, which not every reader of a query takes for one; a real `+` is `%2B` by now.
    form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// Whether it is a whole `http` or `https` URL.
pub(super) fn is_web(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()) && url.has_host())
}
