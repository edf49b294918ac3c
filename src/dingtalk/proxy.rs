//! The way to a WebSocket: straight, or through the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`,
//! `ALL_PROXY`, `NO_PROXY`), as calls take it.

use std::error::Error as _;

use http::Uri;
use hyper_util::client::{
    legacy::connect::{HttpConnector, proxy::Tunnel},
    proxy::matcher::{Intercept, Matcher},
};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async_tls_with_config, connect_async_with_config,
    tungstenite::protocol::WebSocketConfig,
};
use tower::ServiceExt;
use url::Url;

use super::loopback::is_loopback;

/// A WebSocket of this side.
pub(super) type ClientSocket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The proxies that the environment names.
#[derive(Debug)]
pub(super) struct Proxies(Matcher);

impl Proxies {
    pub(super) fn from_env() -> Self {
        Self(Matcher::from_env())
    }

    /// Opens a WebSocket. The error never holds the URL, whose query is a ticket, nor what the proxy is told of who we
    /// are.
    pub(super) async fn open(&self, url: &Url, config: WebSocketConfig) -> Result<ClientSocket, String> {
        let Some(proxy) = self.of(url) else {
            // The library's texts may hold the URL.
            let opened = connect_async_with_config(url.as_str(), Some(config), true).await;
            return opened
                .map(|(socket, _)| socket)
                .map_err(|_| "the WebSocket could not be opened".to_owned());
        };

        let through = format!("through the proxy {}", authority(proxy.uri()));
        let stream = tunnel(&proxy, url)
            .await
            .map_err(|why| format!("the WebSocket could not be opened {through}: {why}"))?;
        client_async_tls_with_config(url.as_str(), stream, Some(config), None)
            .await
            .map(|(socket, _)| socket)
            .map_err(|_| format!("the WebSocket could not be opened {through}, which let the connection pass"))
    }

    /// The proxy on the way there; never for this very machine.
    fn of(&self, url: &Url) -> Option<Intercept> {
        if is_loopback(url) {
            return None;
        }
        self.0.intercept(&target(url)?)
    }
}

/// Scheme, host and port, as an HTTP call to the same place has them: by these a proxy is chosen, and asked.
fn target(url: &Url) -> Option<Uri> {
    let scheme = if url.scheme() == "wss" { "https" } else { "http" };
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    format!("{scheme}://{host}:{port}/").parse().ok()
}

/// Without a name and a password.
fn authority(uri: &Uri) -> String {
    let port = uri.port_u16().map_or(String::new(), |port| format!(":{port}"));
    format!("{}{port}", uri.host().unwrap_or_default())
}

/// A connection to the host of `url` that the proxy passes on (CONNECT).
async fn tunnel(proxy: &Intercept, url: &Url) -> Result<TcpStream, String> {
    if proxy.uri().scheme_str() != Some("http") {
        return Err("for the event stream only proxies that are named by http:// are supported".to_owned());
    }

    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let mut tunnel = Tunnel::new(proxy.uri().clone(), connector);
    if let Some(auth) = proxy.basic_auth() {
        tunnel = tunnel.with_auth(auth.clone());
    }

    let target = target(url).ok_or("the endpoint has no host")?;
    let connected = tunnel.oneshot(target).await;
    connected.map(|stream| stream.into_inner()).map_err(|error| {
        let mut text = error.to_string();
        if let Some(cause) = error.source() {
            text = format!("{text} ({cause})");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use futures_util::{SinkExt, StreamExt};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
        net::TcpListener,
    };
    use tokio_tungstenite::{accept_async, tungstenite::Message};

    use super::*;

    /// A proxy that knows one place, whatever it is asked for, where a WebSocket says what it hears; and what it was
    /// asked.
    async fn proxy(refuses: bool) -> (u16, Arc<Mutex<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let asked = Arc::new(Mutex::new(String::new()));
        let kept = asked.clone();

        tokio::spawn(async move {
            let behind = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let place = behind.local_addr().expect("bound");
            tokio::spawn(async move {
                let (stream, _) = behind.accept().await.expect("a connection");
                let mut socket = accept_async(stream).await.expect("a WebSocket");
                while let Some(Ok(message)) = socket.next().await {
                    socket.send(message).await.ok();
                }
            });

            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(stream.read_u8().await.expect("a request"));
            }
            *kept.lock().expect("not poisoned") = String::from_utf8(head).expect("text");

            if refuses {
                let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n";
                stream.write_all(refusal).await.expect("written");
                return;
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("written");
            let mut onward = TcpStream::connect(place).await.expect("there");
            copy_bidirectional(&mut stream, &mut onward).await.ok();
        });

        (port, asked)
    }

    fn url(text: &str) -> Url {
        text.parse().expect("a URL")
    }

    #[tokio::test]
    async fn a_socket_is_opened_through_the_proxy_by_its_name_and_with_the_proxys_password() {
        let (port, asked) = proxy(false).await;
        let proxies = Proxies(
            Matcher::builder()
                .http(format!("http://me:secret@127.0.0.1:{port}"))
                .build(),
        );

        let endpoint = url("ws://wss.stream.example/connect?ticket=t1");
        let mut socket = proxies.open(&endpoint, WebSocketConfig::default()).await.expect("open");
        socket.send(Message::text("hello")).await.expect("sent");
        assert_eq!(
            socket.next().await.expect("an answer").expect("whole"),
            Message::text("hello")
        );

        let asked = asked.lock().expect("not poisoned").to_lowercase();
        assert!(
            asked.starts_with("connect wss.stream.example:80 http/1.1\r\n"),
            "{asked}"
        );
        assert!(asked.contains("proxy-authorization: basic bwu6c2vjcmv0"), "{asked}");
        assert!(!asked.contains("t1"), "the ticket is the endpoint's alone: {asked}");
    }

    #[tokio::test]
    async fn a_proxy_that_refuses_is_named_without_its_password() {
        let (port, _) = proxy(true).await;
        let proxies = Proxies(
            Matcher::builder()
                .https(format!("http://me:secret@127.0.0.1:{port}"))
                .build(),
        );
        let endpoint = url("wss://wss.stream.example/connect?ticket=t1");
        let error = proxies
            .open(&endpoint, WebSocketConfig::default())
            .await
            .expect_err("refused");

        assert!(error.contains(&format!("the proxy 127.0.0.1:{port}")), "{error}");
        assert!(
            error.contains("authorization required") && !error.contains("secret") && !error.contains("t1"),
            "{error}"
        );
    }

    #[test]
    fn each_scheme_has_its_proxy_and_some_hosts_have_none() {
        let proxies = Proxies(
            Matcher::builder()
                .http("http://plain.example:3128")
                .https("http://tls.example:3128")
                .no("inside.example,10.0.0.0/8")
                .build(),
        );
        let of = |text| proxies.of(&url(text)).map(|it| authority(it.uri()));

        assert_eq!(
            of("wss://wss-open-connection.dingtalk.com:443/connect").as_deref(),
            Some("tls.example:3128")
        );
        assert_eq!(of("ws://a.example/").as_deref(), Some("plain.example:3128"));
        for straight in [
            "wss://inside.example/",
            "wss://a.inside.example/",
            "ws://10.1.2.3/",
            "ws://127.0.0.1:80/",
            "ws://localhost/",
        ] {
            assert_eq!(of(straight), None, "{straight}");
        }
    }
}
