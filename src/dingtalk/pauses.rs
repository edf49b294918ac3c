//! Hosts that answered with their ban page, and until when they are left alone.
//!
//! DingTalk bans a public IP for five minutes after 10,000 calls in 20 s, at all of its hosts; asking on would only
//! prolong it.

use std::{pin::pin, sync::Mutex, time::Duration};

use tokio::{sync::Notify, time::Instant};
use url::{Host, Url};

/// Settings name a handful of hosts; whatever is beyond that is old.
const REMEMBERED: usize = 16;

#[derive(Default)]
pub(super) struct Pauses {
    hosts: Mutex<Vec<(String, Instant)>>,
    started: Notify,
}

impl Pauses {
    /// How long the host of `url` is still to be left alone.
    pub(super) fn left(&self, url: &Url) -> Option<Duration> {
        let host = owner(url)?;
        let pauses = self.hosts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (_, until) = pauses.iter().find(|(paused, _)| paused == host)?;
        until
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    }

    /// Waits until the host of `url` is to be left alone, and says for how long: for calls that wait for their turn
    /// meanwhile.
    pub(super) async fn begun(&self, url: &Url) -> Duration {
        loop {
            // Listened for before the look: no pause begins unnoticed between the two.
            let mut started = pin!(self.started.notified());
            started.as_mut().enable();
            if let Some(left) = self.left(url) {
                return left;
            }
            started.await;
        }
    }

    /// The host of `url` is left alone from now on. Ban pages that calls under way bring home later don't prolong it.
    pub(super) fn start(&self, url: &Url, wait: Duration) {
        let Some(host) = owner(url) else { return };
        let now = Instant::now();
        let mut pauses = self.hosts.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        pauses.retain(|(_, until)| *until > now);
        if pauses.iter().any(|(paused, _)| paused == host) {
            return;
        }

        if pauses.len() >= REMEMBERED {
            pauses.remove(0);
        }
        pauses.push((host.to_owned(), now + wait));
        drop(pauses);

        tracing::warn!(
            host,
            seconds = wait.as_secs(),
            "DingTalk showed its ban page: nothing is asked there for a while"
        );
        self.started.notify_waiters();
    }
}

/// Whose host it is: of `oapi.dingtalk.com` and `api.dingtalk.com` that is `dingtalk.com`.
pub(super) fn owner(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => {
            let above = name.rmatch_indices('.').nth(1);
            Some(above.map_or(name, |(at, _)| &name[at + 1..]))
        }
        Host::Ipv4(_) | Host::Ipv6(_) => url.host_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAN: Duration = Duration::from_secs(300);

    fn url(host: &str) -> Url {
        format!("https://{host}/topapi/v2/user/get").parse().expect("a URL")
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_is_of_one_owners_hosts_and_no_later_page_prolongs_it() {
        let (pauses, start) = (Pauses::default(), Instant::now());
        let (banned, other) = (url("oapi.dingtalk.com"), url("gateway.example.com"));
        pauses.start(&banned, BAN);
        assert_eq!(
            pauses.left(&url("api.dingtalk.com")),
            Some(BAN),
            "the ban is of the address"
        );

        for seconds in [1, 100, 198] {
            tokio::time::advance(Duration::from_secs(seconds)).await;
            pauses.start(&banned, BAN);
            assert_eq!(pauses.left(&banned), Some(BAN - start.elapsed()));
            assert_eq!(pauses.left(&other), None);
        }

        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(pauses.left(&banned), None, "five minutes after the first page");
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_learn_of_a_pause_when_it_begins() {
        let pauses = Pauses::default();
        let (banned, other) = (url("oapi.dingtalk.com"), url("10.0.0.7"));
        let start = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            pauses.start(&banned, BAN);
        };
        let (left, ()) = tokio::join!(pauses.begun(&banned), start);
        assert_eq!(left, BAN);
        let waits = tokio::time::timeout(Duration::from_secs(10), pauses.begun(&other));
        assert!(waits.await.is_err(), "another host's pause");
    }
}
