//! Hosts that answered with their ban page, and until when they are left alone.
//!
//! DingTalk bans a public IP for five minutes after 10,000 calls in 20 s; asking on would only prolong it.

use std::{sync::Mutex, time::Duration};

use tokio::time::Instant;
use url::Url;

/// Settings name a handful of hosts; whatever is beyond that is old.
const REMEMBERED: usize = 16;

#[derive(Default)]
pub(super) struct Pauses(Mutex<Vec<(String, Instant)>>);

impl Pauses {
    /// How long the host of `url` is still to be left alone.
    pub(super) fn left(&self, url: &Url) -> Option<Duration> {
        let host = url.host_str()?;
        let pauses = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (_, until) = pauses.iter().find(|(paused, _)| paused == host)?;
        until
            .checked_duration_since(Instant::now())
            .filter(|left| !left.is_zero())
    }

    pub(super) fn start(&self, url: &Url, wait: Duration) {
        let Some(host) = url.host_str() else { return };
        let now = Instant::now();
        let mut pauses = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        pauses.retain(|(paused, until)| *until > now && paused != host);
        if pauses.len() >= REMEMBERED {
            pauses.remove(0);
        }
        pauses.push((host.to_owned(), now + wait));
    }
}
