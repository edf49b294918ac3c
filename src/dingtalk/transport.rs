//! The one HTTP client: bytes out, bytes in.

use std::{
    error::Error as _,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderMap, Method, header};
use reqwest::redirect;
use url::Url;

use super::{build_error::ClientBuildError, config::ClientConfig, loopback::is_loopback, proxy::Proxies};
use crate::{clock::Clock, settings::AllowedHosts};

/// The largest body that is read, unpacked. A full page of `user/list` has some 300 kB; a department of 10,000 ids 250
/// kB. As values it takes up to fifty times as much.
const BODY_CAP: usize = 8 * 1024 * 1024;

/// An answer that took longer tells too little of the time.
const PROMPT: Duration = Duration::from_secs(5);

/// Sends requests. Proxies of the environment are honoured, but never for this very machine.
pub(super) struct Transport {
    allowed_hosts: AllowedHosts,
    outside: reqwest::Client,
    loopback: reqwest::Client,
    /// For the WebSocket; calls have their own.
    pub(super) proxies: Proxies,
    /// Told what DingTalk's clock shows.
    clock: Clock,
}

/// What came back, whatever it is.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Why nothing came back. The texts never hold the URL, because its query holds the token.
#[derive(Debug)]
pub(super) enum TransportError {
    /// The request did not leave.
    NotSent(String),
    /// It left, or may have, and no whole answer came in time.
    TimedOut,
    /// It left, or may have, and the connection broke.
    Broken(String),
    /// The answer is larger than anything DingTalk sends.
    TooLarge,
}

impl Transport {
    pub(super) fn new(config: &ClientConfig, clock: Clock) -> Result<Self, ClientBuildError> {
        let build = |proxies: bool| {
            let builder = reqwest::Client::builder()
                .connect_timeout(config.connect_timeout)
                .timeout(config.timeout)
                // A redirect would carry the token, or the secret, to a host that nobody allowed.
                .redirect(redirect::Policy::none())
                .referer(false)
                // Repeating is decided in one place, which knows what a second message would mean.
                .retry(reqwest::retry::never())
                // A server that hangs up on an idle connection while a message leaves makes its fate unknown: be the
                // first to hang up.
                .pool_idle_timeout(Duration::from_secs(15))
                .gzip(true)
                .user_agent(concat!("dingmirror/", env!("CARGO_PKG_VERSION")));
            let builder = if proxies { builder } else { builder.no_proxy() };
            builder.build().map_err(|error| ClientBuildError(chain(&error)))
        };

        Ok(Self {
            allowed_hosts: config.allowed_hosts.clone(),
            outside: build(true)?,
            loopback: build(false)?,
            proxies: Proxies::from_env(),
            clock,
        })
    }

    /// Whether the operator allows calls there. The settings were held against the same list; this is the last door.
    pub(super) fn may_call(&self, url: &Url) -> bool {
        self.allowed_hosts.permits(url)
    }

    /// POSTs `json`, or GETs without it.
    pub(super) async fn exchange(&self, url: Url, json: Option<String>) -> Result<Reply, TransportError> {
        if !self.may_call(&url) {
            let reason = "the operator's list of hosts (DINGMIRROR_ALLOWED_HOSTS) does not allow it";
            return Err(TransportError::NotSent(reason.to_owned()));
        }

        let client = self.client(&url);
        let request = match json {
            Some(json) => client
                .request(Method::POST, url)
                .header(header::CONTENT_TYPE, "application/json")
                .body(json),
            None => client.request(Method::GET, url),
        };

        let asked = Instant::now();
        let mut response = request
            .header(header::ACCEPT, "application/json")
            .send()
            .await
            .map_err(explain)?;
        self.hear_time(response.headers(), asked);

        let status = response.status().as_u16();
        let body = read(&mut response, BODY_CAP).await?;
        Ok(Reply { status, body })
    }

    /// GETs what isn't DingTalk's, with its head: no host is refused, and its clock is nobody's.
    pub(super) async fn get(&self, url: Url, most: usize) -> Result<(Reply, HeaderMap), TransportError> {
        let request = self.client(&url).get(url).header(header::ACCEPT, "application/json");
        let mut response = request.send().await.map_err(explain)?;
        let headers = std::mem::take(response.headers_mut());
        let status = response.status().as_u16();
        let body = read(&mut response, most).await?;
        Ok((Reply { status, body }, headers))
    }

    fn client(&self, url: &Url) -> &reqwest::Client {
        if is_loopback(url) {
            &self.loopback
        } else {
            &self.outside
        }
    }

    /// What the answer tells of DingTalk's clock, give or take a second. One that a cache kept tells of another time.
    fn hear_time(&self, headers: &HeaderMap, asked: Instant) {
        let took = asked.elapsed();
        if took > PROMPT || headers.contains_key(header::AGE) {
            return;
        }

        // The header has whole seconds, and the answer was under way for half of the time.
        if let Some(date) = headers
            .get(header::DATE)
            .and_then(|date| date.to_str().ok())
            .and_then(date_of)
            && let Some(step) = self
                .clock
                .dingtalk_says(date + TimeDelta::milliseconds(500), asked + took / 2)
        {
            tracing::warn!(
                by_seconds = step.by.num_seconds(),
                "the machine's clock was set, and DingTalk's agrees with it: it is followed"
            );
        }
    }
}

/// The body, if it is no longer than `most`.
async fn read(response: &mut reqwest::Response, most: usize) -> Result<Vec<u8>, TransportError> {
    let mut body = Vec::new();
    // After the head everything is an answer that broke off: reqwest must not call it "not sent".
    while let Some(chunk) = response.chunk().await.map_err(|error| match explain(error) {
        TransportError::NotSent(text) => TransportError::Broken(text),
        other => other,
    })? {
        if body.len() + chunk.len() > most {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// HTTP's date: `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date_of(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc2822(text).ok().map(|date| date.to_utc())
}

fn explain(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent(chain(&error))
    } else if error.is_timeout() {
        TransportError::TimedOut
    } else {
        TransportError::Broken(chain(&error))
    }
}

/// The innermost reason is the one that helps: "Connection refused", not "error sending request".
fn chain(error: &reqwest::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    text
}
