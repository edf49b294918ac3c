//! Where the server may send appSecret and tokens: whoever may change a URL could otherwise have them sent anywhere.

use std::fmt;

use url::{Host, Url};

/// The operator's list of hosts for DingTalk's URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHosts(Vec<AllowedHost>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct AllowedHost {
    host: Host,
    /// Without one: the scheme's default port; of a loopback host, any.
    port: Option<u16>,
    /// Written as `http://…`: the operator accepts that this host is called in the clear.
    plain: bool,
}

/// Why a URL may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotAllowed {
    /// The host, or its port, isn't on the list.
    Host,
    /// It is, but not over `http`.
    Plain,
}

/// Standard and overseas, old API and new; and where a stream's events come from.
const DINGTALK: [&str; 6] = [
    "oapi.dingtalk.com",
    "api.dingtalk.com",
    "oapi.dingtalk.io",
    "api.dingtalk.io",
    "wss-open-connection.dingtalk.com",
    "wss-open-connection-union.dingtalk.com",
];

impl AllowedHosts {
    /// DingTalk's own hosts.
    pub fn dingtalk() -> Self {
        let entry = |host: &&str| AllowedHost {
            host: Host::Domain((*host).to_owned()),
            port: None,
            plain: false,
        };
        Self(DINGTALK.iter().map(entry).collect())
    }

    /// A list of `host` or `host:port`, divided by commas or spaces. An IPv6 address stands in brackets.
    /// `http://host:port` allows calls in the clear to a host that isn't this machine, say a simulator in a private
    /// network.
    pub fn parse(list: &str) -> Result<Self, String> {
        let words = list
            .split(|c: char| c == ',' || c.is_whitespace())
            .filter(|word| !word.is_empty());

        let (mut entries, mut mistakes) = (Vec::new(), Vec::new());
        for word in words {
            match entry(word) {
                Ok(entry) => entries.push(entry),
                Err(mistake) => mistakes.push(mistake),
            }
        }

        if !mistakes.is_empty() {
            return Err(mistakes.join("; "));
        }
        if entries.is_empty() {
            return Err("the list of allowed hosts is empty: leave it unset for DingTalk's own hosts".to_owned());
        }
        Ok(Self(entries))
    }

    /// Whether `url` may be called: its host and port are on the list, and it isn't called in the clear where that
    /// isn't allowed.
    pub fn permits(&self, url: &Url) -> bool {
        self.check(url).is_ok()
    }

    /// What the list would have to name, so that `url` may be called.
    pub(super) fn entry_for(url: &Url) -> Option<String> {
        let host = normal(url.host()?.to_owned());
        let plain = if matches!(url.scheme(), "http" | "ws") && !is_loopback(&host) {
            "http://"
        } else {
            ""
        };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{plain}{host}{port}"))
    }

    pub(super) fn check(&self, url: &Url) -> Result<(), NotAllowed> {
        let Some(host) = url.host().map(|host| normal(host.to_owned())) else {
            return Err(NotAllowed::Host);
        };

        let plain = matches!(url.scheme(), "http" | "ws");
        let matching: Vec<_> = self
            .0
            .iter()
            .filter(|entry| entry.host == host && entry.covers(url))
            .collect();

        match matching.first() {
            None => Err(NotAllowed::Host),
            Some(_) if plain && !is_loopback(&host) && !matching.iter().any(|entry| entry.plain) => {
                Err(NotAllowed::Plain)
            }
            Some(_) => Ok(()),
        }
    }
}

impl fmt::Display for AllowedHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, AllowedHost { host, port, plain }) in self.0.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            let scheme = if *plain { "http://" } else { "" };
            write!(f, "{comma}{scheme}{host}")?;
            if let Some(port) = port {
                write!(f, ":{port}")?;
            }
        }
        Ok(())
    }
}

impl AllowedHost {
    fn covers(&self, url: &Url) -> bool {
        match self.port {
            Some(port) => url.port_or_known_default() == Some(port),
            None => url.port().is_none() || is_loopback(&self.host),
        }
    }
}

fn entry(word: &str) -> Result<AllowedHost, String> {
    let wrong = || format!("'{word}' is neither a host nor host:port (an IPv6 address stands in brackets: [::1]:8081)");
    if word.contains('*') {
        return Err(format!(
            "'{word}' has a wildcard, which would allow hosts that nobody named: name each host, say oapi.dingtalk.com,api.dingtalk.com"
        ));
    }
    if word.contains([';', '|']) {
        return Err(format!("'{word}' is no host: divide hosts by commas"));
    }

    let (plain, rest) = match word.strip_prefix("http://") {
        Some(rest) => (true, rest),
        None => (false, word.strip_prefix("https://").unwrap_or(word)),
    };

    // The same parser as for the URLs, so that both sides are spelled alike (case, IDN, IPv6). A scheme without a known
    // port keeps `:443`.
    let url = Url::parse(&format!("https://{rest}/")).map_err(|_| wrong())?;
    if url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(wrong());
    }

    let host = normal(url.host().ok_or_else(wrong)?.to_owned());
    let port = url.port().or_else(|| rest.ends_with(":443").then_some(443));
    if !can_be_a_host(&host) || port == Some(0) {
        return Err(wrong());
    }
    Ok(AllowedHost { host, port, plain })
}

/// `oapi.dingtalk.com.` is `oapi.dingtalk.com`; the parser has done the rest.
fn normal(host: Host) -> Host {
    match host {
        Host::Domain(name) => Host::Domain(name.trim_end_matches('.').to_owned()),
        other => other,
    }
}

/// The URL standard lets names through that no resolver knows: those with `;`, `=` or an empty label.
fn can_be_a_host(host: &Host) -> bool {
    let Host::Domain(name) = host else { return true };
    let is_label = |label: &str| {
        let known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (1..=63).contains(&label.len()) && label.bytes().all(known) && !label.starts_with('-') && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(is_label)
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(list: &str, url: &str) -> Result<(), NotAllowed> {
        AllowedHosts::parse(list)
            .expect("a list")
            .check(&url.parse().expect("a URL"))
    }

    #[test]
    fn only_listed_hosts_and_ports_are_allowed_however_they_are_spelled() {
        let host = Err(NotAllowed::Host);

        for (list, url, allowed) in [
            ("oapi.dingtalk.com", "https://OAPI.dingtalk.com./gettoken", Ok(())),
            ("oapi.dingtalk.com", "https://oapi.dingtalk.com:443/gettoken", Ok(())),
            ("oapi.dingtalk.com", "https://oapi.dingtalk.com:8443/gettoken", host),
            (
                "oapi.dingtalk.com",
                "https://oapi.dingtalk.com.evil.example/gettoken",
                host,
            ),
            ("oapi.dingtalk.com", "https://evil.example/oapi.dingtalk.com", host),
            (
                "oapi.dingtalk.com",
                "http://oapi.dingtalk.com/gettoken",
                Err(NotAllowed::Plain),
            ),
            ("Proxy.Corp:8443", "https://proxy.corp:8443/x", Ok(())),
            ("proxy.corp:8443", "https://proxy.corp/x", host),
            ("proxy.corp:443", "https://proxy.corp/x", Ok(())),
            ("bücher.example", "https://xn--bcher-kva.example/x", Ok(())),
            ("127.0.0.1", "http://127.0.0.1:9001/x", Ok(())),
            ("127.0.0.1:9001", "http://127.1:9001/x", Ok(())),
            ("127.0.0.1:9001", "http://127.0.0.1:9002/x", host),
            ("localhost [::1]:9", "http://[0:0::1]:9/x", Ok(())),
            ("localhost", "http://localhost:8081/x", Ok(())),
            ("127.0.0.1", "http://localhost:8081/x", host),
            ("simulator:8081", "http://simulator:8081/x", Err(NotAllowed::Plain)),
            ("http://simulator:8081", "http://simulator:8081/x", Ok(())),
            ("http://simulator:8081", "ws://simulator:8081/x", Ok(())),
            (
                "wss-open-connection.dingtalk.com",
                "wss://wss-open-connection.dingtalk.com:443/x",
                Ok(()),
            ),
            (
                "wss-open-connection.dingtalk.com",
                "ws://wss-open-connection.dingtalk.com/x",
                Err(NotAllowed::Plain),
            ),
        ] {
            assert_eq!(check(list, url), allowed, "{list}: {url}");
        }
    }

    #[test]
    fn the_entry_that_a_url_needs_allows_it_and_no_other_port() {
        for (url, entry) in [
            ("https://gateway.corp/gettoken", "gateway.corp"),
            ("https://Gateway.Corp.:8443/x", "gateway.corp:8443"),
            ("http://simulator:8081/x", "http://simulator:8081"),
            ("http://127.0.0.1:9001/x", "127.0.0.1:9001"),
            ("http://[::1]:9/x", "[::1]:9"),
            ("https://bücher.example/x", "xn--bcher-kva.example"),
        ] {
            let url: Url = url.parse().expect("a URL");
            let needed = AllowedHosts::entry_for(&url).expect("a host");
            assert_eq!(needed, entry);
            assert_eq!(check(&needed, url.as_str()), Ok(()), "{url}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_names_the_entry() {
        for bad in [
            "",
            " , ",
            "a b/c",
            "host:port",
            "u@h",
            "::1",
            "h?x",
            "*",
            "*.dingtalk.com",
            "oapi.*",
            "a;b",
            "a|b",
            "a=b",
            "a..b",
            ".a",
            "-a",
            "a-",
            "a&b",
            "(a)",
            "'a'",
            "\"a\"",
            "host:0",
            "host:99999",
            "a%20b",
            "1.2.3.256",
        ] {
            assert!(AllowedHosts::parse(bad).is_err(), "{bad:?}");
        }

        let label = "x".repeat(64);
        assert!(AllowedHosts::parse(&label).is_err());
        for (bad, remedy) in [
            ("*.dingtalk.com", "name each host"),
            ("a.example;b.example", "by commas"),
        ] {
            let error = AllowedHosts::parse(bad).expect_err(bad);
            assert!(error.contains(&format!("'{bad}'")) && error.contains(remedy), "{error}");
        }

        let both = AllowedHosts::parse("*.a.example good.example b;c").expect_err("two mistakes");
        assert!(
            both.contains("'*.a.example'") && both.contains("'b;c'") && !both.contains("good"),
            "{both}"
        );
        for good in ["my_gateway:8080", "xn--bcher-kva.example", "10.0.0.1", "a.b.c."] {
            assert!(AllowedHosts::parse(good).is_ok(), "{good:?}");
        }

        let error = AllowedHosts::parse("good.example, bad.example/path").expect_err("a path");
        assert!(error.contains("'bad.example/path'"), "{error}");
        assert_eq!(
            AllowedHosts::parse("A.b, [::1]:9").expect("a list").to_string(),
            "a.b, [::1]:9"
        );
        assert_eq!(
            AllowedHosts::parse(&AllowedHosts::dingtalk().to_string()),
            Ok(AllowedHosts::dingtalk())
        );
    }
}
