//! At most so many calls of an API in any second, fewer while DingTalk says "too fast", and people's calls before bulk
//! reading.
//!
//! A burst-capable limiter lets up to twice its rate through in one window, and DingTalk counts windows. So it is a
//! sliding window: the times of the last calls are kept, and a call leaves when the one `rate` places before it is more
//! than a second old, and not on its heels.

mod queue;
mod rate;
mod window;

use std::time::Duration;

pub(crate) use queue::Priority;
pub(super) use rate::Throttle;

use self::{queue::ApiQueue, window::SlidingWindow};
use crate::settings::Api;

/// More than anybody's DingTalk allows; bounds what is remembered.
const MAX_RATE: u32 = 10_000;

/// Calls of all APIs in a second: DingTalk bans a public IP at 10,000 in 20 s. Whoever configures more (a simulator)
/// means it.
const ALL_APIS: u32 = 400;

/// One limit for each API, as DingTalk has it, and one for all.
pub(crate) struct Limiter {
    by_api: [ApiQueue; Api::ALL.len()],
    all_apis: SlidingWindow,
}

impl Limiter {
    /// At most `rate` calls of each API in any second; 0 counts as 1, and beyond 10,000 as that.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = rate.clamp(1, MAX_RATE);
        Self {
            by_api: std::array::from_fn(|_| ApiQueue::new(rate)),
            all_apis: SlidingWindow::new(ALL_APIS.max(rate)),
        }
    }

    /// Waits until a call of `api` may leave. Dropping the future gives the place up.
    pub(crate) async fn wait(&self, api: Api, priority: Priority) {
        self.by_api[api as usize].leave(priority).await;
        self.all_apis.leave().await;
    }

    /// DingTalk said "too fast": nobody calls `api` for so long, and then more slowly.
    pub(super) fn throttled(&self, api: Api, throttle: Throttle, wait: Duration) {
        self.by_api[api as usize].rate().throttled(throttle, wait);
    }

    /// Calls a second that `api` has at present.
    pub(super) fn rate(&self, api: Api) -> f64 {
        self.by_api[api as usize].rate().now().per_second
    }
}

#[cfg(test)]
mod tests;
