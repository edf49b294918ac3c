//! Web pages in an answer's place: DingTalk's firewall shows one, and so does every proxy and portal on the way.

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WebPageKind {
    /// The firewall bans this address.
    Ban,
    /// A server that speaks TLS was spoken to without it.
    PlainHttp,
    /// Somebody else's, between us and DingTalk.
    Other,
}

/// A page, and its title.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct WebPage {
    pub(super) kind: WebPageKind,
    pub(super) title: Option<String>,
}

/// So much of a page is looked at.
const LOOKED_AT: usize = 64 * 1024;
/// Titles are told up to this length, in characters.
const TITLE: usize = 80;

/// Words of the firewall's own pages, in lower case.
const OF_THE_FIREWALL: [&str; 6] = [
    "阻断",
    "errors.aliyun.com",
    "punish",
    "x5secdata",
    "<html>x5</html>",
    "访问被拦截",
];

/// Words of servers that stand in between, in lower case: their 403 is theirs.
const OF_SOMEBODY_ELSE: [&str; 13] = [
    "<center>nginx",
    "<center>openresty",
    "apache",
    "squid",
    "haproxy",
    "traefik",
    "caddy",
    "envoy",
    "iis",
    "cloudflare",
    "zscaler",
    "<title>request rejected",
    "login",
];

/// A page: whatever begins with a tag, except the XML that DingTalk's gateway can speak.
pub(super) fn is_page(body: &[u8]) -> bool {
    let body = body.trim_ascii_start();
    body.starts_with(b"<") && !body.starts_with(b"<?xml") && !body.starts_with(b"<error_response")
}

/// What a page that came with this status is. The firewall's status isn't documented: 200, 403 and 405 were seen, and
/// their words are not all known.
pub(super) fn read(status: u16, body: &[u8]) -> WebPage {
    let text = String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]);
    let lower = text.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));

    let kind = if has(&OF_THE_FIREWALL) {
        WebPageKind::Ban
    } else if status == 400 && lower.contains("plain http request was sent to https port") {
        WebPageKind::PlainHttp
    } else if matches!(status, 200 | 403) && !has(&OF_SOMEBODY_ELSE) {
        WebPageKind::Ban
    } else {
        WebPageKind::Other
    };

    WebPage {
        kind,
        title: title(&text),
    }
}

fn title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find('<')?;
    let words: Vec<&str> = text[start..end].split_whitespace().collect();
    let title: String = words.join(" ").chars().take(TITLE).collect();
    (!title.is_empty()).then_some(title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_firewalls_pages_are_told_from_everybody_elses() {
        let aliyun = "<!DOCTYPE html><html><head><title>405</title></head><body>很抱歉，由于您访问的URL有可能对网站造成安全威胁，\
             您的访问被阻断。</body></html>";
        let nginx = |status: &str| {
            format!(
                "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n<hr><center>nginx</center>"
            )
        };
        let plain = "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head>";

        for (status, page, kind) in [
            (405, aliyun.to_owned(), WebPageKind::Ban),
            (200, aliyun.to_owned(), WebPageKind::Ban),
            (403, "<html>".to_owned(), WebPageKind::Ban),
            (200, "<html><body>".to_owned(), WebPageKind::Ban),
            (400, plain.to_owned(), WebPageKind::PlainHttp),
            (400, nginx("400 Bad Request"), WebPageKind::Other),
            (401, "<html>".to_owned(), WebPageKind::Other),
            (403, nginx("403 Forbidden"), WebPageKind::Other),
            (404, nginx("404 Not Found"), WebPageKind::Other),
            (405, nginx("405 Not Allowed"), WebPageKind::Other),
            (
                407,
                "<html><title>Proxy Authentication</title>".to_owned(),
                WebPageKind::Other,
            ),
            (413, nginx("413 Request Entity Too Large"), WebPageKind::Other),
            (200, "<html><title>Login</title>".to_owned(), WebPageKind::Other),
            (
                200,
                "<html><head><title>Request Rejected</title>".to_owned(),
                WebPageKind::Other,
            ),
            (502, nginx("502 Bad Gateway"), WebPageKind::Other),
        ] {
            assert_eq!(read(status, page.as_bytes()).kind, kind, "{status} {page}");
        }

        let told = read(413, nginx("413 Request Entity\n  Too Large").as_bytes()).title;
        assert_eq!(told.as_deref(), Some("413 Request Entity Too Large"));
        assert_eq!(title("<title>"), None);
        assert_eq!(title("<TITLE lang=zh>很抱歉</TITLE>").as_deref(), Some("很抱歉"));
    }
}
