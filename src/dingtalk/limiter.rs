//! At most so many calls of an API in any second, fewer while DingTalk says "too fast", and people's calls before bulk
//! reading.
//!
//! A burst-capable limiter lets up to twice its rate through in one window, and DingTalk counts windows. So the times
//! of the last calls are kept: a call leaves when the one `rate` places before it is more than a second old, and not on
//! its heels.

use std::{
    collections::VecDeque,
    sync::{
        Mutex as SyncMutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Mutex, Notify},
    time::{Instant, sleep_until},
};

use crate::settings::Api;

/// A little over DingTalk's second, for what the network does to the distance between two calls.
const WINDOW: Duration = Duration::from_millis(1_025);

/// A gap that timers can't keep anyway isn't kept.
const SHORTEST_GAP: Duration = Duration::from_millis(2);

/// More than anybody's DingTalk allows; bounds what is remembered.
const MAX_RATE: u32 = 10_000;

/// Calls of all APIs in a second: DingTalk bans a public IP at 10,000 in 20 s. Whoever configures more (a simulator)
/// means it.
const ALL_APIS: u32 = 400;

/// What an API's rate is multiplied by when DingTalk throttles this app's calls, and the whole platform's.
const OWN_DROP: f64 = 0.7;
const PLATFORM_DROP: f64 = 0.9;
/// The calls in flight bounce together: that is one drop.
const BETWEEN_DROPS: Duration = Duration::from_secs(1);
/// After each so long without a throttle, a twentieth of the configured rate comes back: in a minute all of it.
const RECOVERS_EVERY: Duration = Duration::from_secs(3);
const RECOVERS_BY: f64 = 1.0 / 20.0;

/// So many calls of people may go before a waiting call of bulk reading does.
const BEFORE_BULK: usize = 9;

/// Whose call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Priority {
    /// Somebody waits for it: a message, an event, a question.
    #[default]
    Interactive,
    /// One of the thousands of a crawl.
    Bulk,
}

/// Whose limit was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Throttle {
    /// This app's (90018 and kin).
    Own,
    /// That of all apps together (90002): others are the cause.
    Platform,
}

/// One limit for each API, as DingTalk has it, and one for all.
pub(crate) struct Limiter {
    lanes: [Lane; Api::ALL.len()],
    all: Lane,
}

struct Lane {
    /// What is configured.
    full: f64,
    /// When the last calls left, oldest first. Held while waiting: calls leave in the order in which they came.
    left: Mutex<VecDeque<Instant>>,
    pace: SyncMutex<Pace>,
    /// People's calls that wait, and how many of them went since a bulk call did.
    people: AtomicUsize,
    overtaken: AtomicUsize,
    bulk_turn: Mutex<()>,
    gone: Notify,
}

#[derive(Clone, Copy)]
struct Pace {
    rate: f64,
    /// No call before this: DingTalk said "too fast".
    resume: Option<Instant>,
    dropped: Option<Instant>,
    recovered: Option<Instant>,
}

impl Limiter {
    /// At most `rate` calls of each API in any second; 0 counts as 1, and beyond 10,000 as that.
    pub(crate) fn new(rate: u32) -> Self {
        let rate = rate.clamp(1, MAX_RATE);
        Self {
            lanes: std::array::from_fn(|_| Lane::new(rate)),
            all: Lane::new(ALL_APIS.max(rate)),
        }
    }

    /// Waits until a call of `api` may leave. Dropping the future gives the place up.
    pub(crate) async fn wait(&self, api: Api, priority: Priority) {
        let lane = &self.lanes[api as usize];
        match priority {
            Priority::Interactive => {
                let _waiting = Waiting::new(lane);
                lane.leave().await;
                lane.overtaken.fetch_add(1, Ordering::Relaxed);
            }
            Priority::Bulk => {
                let _turn = lane.bulk_turn.lock().await;
                loop {
                    // Listened for before the look: nobody leaves unnoticed between the two.
                    let gone = lane.gone.notified();
                    let is_free = lane.people.load(Ordering::Acquire) == 0;
                    if is_free || lane.overtaken.load(Ordering::Relaxed) >= BEFORE_BULK {
                        break;
                    }
                    gone.await;
                }
                lane.leave().await;
                lane.overtaken.store(0, Ordering::Relaxed);
            }
        }

        self.all.leave().await;
    }

    /// DingTalk said "too fast": nobody calls `api` for so long, and then more slowly.
    pub(super) fn throttled(&self, api: Api, throttle: Throttle, wait: Duration) {
        self.lanes[api as usize].throttled(throttle, wait);
    }

    /// Calls a second that `api` has at present.
    pub(super) fn rate(&self, api: Api) -> f64 {
        self.lanes[api as usize].pace().rate
    }
}

impl Lane {
    fn new(rate: u32) -> Self {
        let full = f64::from(rate);
        Self {
            full,
            left: Mutex::default(),
            pace: SyncMutex::new(Pace {
                rate: full,
                resume: None,
                dropped: None,
                recovered: None,
            }),
            people: AtomicUsize::new(0),
            overtaken: AtomicUsize::new(0),
            bulk_turn: Mutex::new(()),
            gone: Notify::new(),
        }
    }

    async fn leave(&self) {
        let mut left = self.left.lock().await;
        loop {
            let (now, pace) = (Instant::now(), self.pace());
            match earliest(&left, pace.rate).max(pace.resume).filter(|at| *at > now) {
                Some(at) => sleep_until(at).await,
                None => break,
            }
        }

        left.push_back(Instant::now());
        if left.len() > self.full as usize {
            left.pop_front();
        }
    }

    /// The pace as of now, what has come back included.
    fn pace(&self) -> Pace {
        let mut pace = self.lock();
        if let Some(since) = pace.recovered.max(pace.dropped).filter(|_| pace.rate < self.full) {
            let steps = since.elapsed().as_secs_f64() / RECOVERS_EVERY.as_secs_f64();
            if steps >= 1.0 {
                pace.rate = (pace.rate + self.full * RECOVERS_BY * steps.floor()).min(self.full);
                pace.recovered = Some(since + RECOVERS_EVERY.mul_f64(steps.floor()));
            }
        }
        *pace
    }

    fn throttled(&self, throttle: Throttle, wait: Duration) {
        // What has come back counts first: the drop is from the rate of now.
        self.pace();
        let now = Instant::now();
        let mut pace = self.lock();
        pace.resume = pace.resume.max(Some(now + wait));
        if pace.dropped.is_some_and(|at| now - at < BETWEEN_DROPS) {
            return;
        }

        let factor = match throttle {
            Throttle::Own => OWN_DROP,
            Throttle::Platform => PLATFORM_DROP,
        };
        let floor = (self.full / 10.0).max(1.0);
        pace.rate = (pace.rate * factor).max(floor);
        pace.dropped = Some(now);
    }

    fn lock(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn earliest(left: &VecDeque<Instant>, rate: f64) -> Option<Instant> {
    // Slightly closer than even, so that a late timer can be made up for within the window.
    let gap = Some(WINDOW.div_f64(rate).mul_f64(0.9))
        .filter(|gap| *gap >= SHORTEST_GAP)
        .unwrap_or_default();
    let spaced = left.back().map(|last| *last + gap);

    let places = (rate as usize).max(1);
    let windowed = left.len().checked_sub(places).map(|index| left[index] + WINDOW);
    spaced.max(windowed)
}

/// A call of somebody's that waits; dropped when it leaves or is given up.
struct Waiting<'a>(&'a Lane);

impl<'a> Waiting<'a> {
    fn new(lane: &'a Lane) -> Self {
        lane.people.fetch_add(1, Ordering::AcqRel);
        Self(lane)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.people.fetch_sub(1, Ordering::AcqRel);
        self.0.gone.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;

    async fn departures(limiter: Arc<Limiter>, priority: Priority, count: usize) -> Vec<Instant> {
        let tasks: Vec<_> = (0..count)
            .map(|_| {
                let limiter = limiter.clone();
                tokio::spawn(async move {
                    limiter.wait(Api::UserGet, priority).await;
                    Instant::now()
                })
            })
            .collect();

        let mut times = Vec::new();
        for task in tasks {
            times.push(task.await.expect("no panic"));
        }
        times.sort();
        times
    }

    fn busiest_second(times: &[Instant]) -> usize {
        let within = |first: &Instant| {
            let same = times.iter().filter(|t| *t >= first);
            same.filter(|t| **t - *first <= Duration::from_secs(1)).count()
        };
        times.iter().map(within).max().unwrap_or(0)
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_than_the_rate_and_the_rate_is_nearly_used() {
        let start = Instant::now();
        let times = departures(Arc::new(Limiter::new(20)), Priority::Bulk, 1_200).await;
        assert!(busiest_second(&times) <= 20);
        let took = (*times.last().expect("1,200 calls") - start).as_secs_f64();
        assert!(took < 60.0 / 0.97, "{took} s for a minute's calls");
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_holds_back_those_who_wait_already() {
        let limiter = Arc::new(Limiter::new(1));
        let start = Instant::now();
        limiter.wait(Api::UserGet, Priority::Bulk).await;

        let waiting = tokio::spawn(departures(limiter.clone(), Priority::Bulk, 1));
        tokio::task::yield_now().await;
        limiter.throttled(Api::UserGet, Throttle::Own, Duration::from_secs(5));
        let left = waiting.await.expect("no panic")[0];
        assert!(left - start >= Duration::from_secs(5));

        limiter.wait(Api::UserList, Priority::Bulk).await;
        assert!(
            Instant::now() - left < Duration::from_millis(5),
            "another API isn't held back"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttle_slows_down_once_and_a_quiet_minute_brings_everything_back() {
        let limiter = Limiter::new(20);
        for _ in 0..20 {
            limiter.throttled(Api::UserGet, Throttle::Own, Duration::from_secs(1));
        }
        assert_eq!(
            limiter.rate(Api::UserGet),
            14.0,
            "twenty calls that bounce together are one drop"
        );
        assert_eq!(limiter.rate(Api::UserList), 20.0);

        for _ in 0..100 {
            tokio::time::advance(BETWEEN_DROPS).await;
            limiter.throttled(Api::UserGet, Throttle::Own, Duration::from_secs(1));
        }
        let lowest = limiter.rate(Api::UserGet);
        assert!((2.0..3.5).contains(&lowest), "{lowest}");

        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(limiter.rate(Api::UserGet), 20.0);
        limiter.throttled(Api::UserGet, Throttle::Platform, Duration::from_secs(1));
        assert_eq!(limiter.rate(Api::UserGet), 18.0, "others are the cause of that one");
    }

    #[tokio::test(start_paused = true)]
    async fn people_go_first_and_bulk_reading_is_not_starved() {
        let limiter = Arc::new(Limiter::new(10));
        let bulk = tokio::spawn(departures(limiter.clone(), Priority::Bulk, 30));
        tokio::time::sleep(Duration::from_millis(500)).await;
        let start = Instant::now();
        limiter.wait(Api::UserGet, Priority::Interactive).await;
        assert!(
            start.elapsed() < Duration::from_millis(300),
            "at most one bulk call is ahead: {:?}",
            start.elapsed()
        );

        let busy = {
            let limiter = limiter.clone();
            tokio::spawn(async move {
                for _ in 0..600 {
                    tokio::join!(
                        limiter.wait(Api::UserGet, Priority::Interactive),
                        limiter.wait(Api::UserGet, Priority::Interactive)
                    );
                }
            })
        };

        let bulk = bulk.await.expect("no panic");
        assert!(
            !busy.is_finished() && bulk.len() == 30,
            "all of it went while people kept asking"
        );
        busy.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_no_trace() {
        let limiter = Arc::new(Limiter::new(1));
        limiter.wait(Api::UserGet, Priority::Bulk).await;

        for priority in [Priority::Interactive, Priority::Bulk] {
            let waiting = tokio::spawn(departures(limiter.clone(), priority, 5));
            tokio::task::yield_now().await;
            waiting.abort();
            let _ = waiting.await;
        }

        tokio::time::sleep(Duration::from_secs(20)).await;
        let start = Instant::now();
        limiter.wait(Api::UserGet, Priority::Bulk).await;
        assert!(start.elapsed() < WINDOW * 2, "{:?}", start.elapsed());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn whatever_comes_when_no_second_holds_more_than_the_rate(
            rate in 1_u32..40,
            arrivals in prop::collection::vec((0_u64..400, any::<bool>()), 1..120),
        ) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
            let times = runtime.block_on(async {
                let limiter = Arc::new(Limiter::new(rate));
                let mut tasks = Vec::new();
                for (pause, bulk) in arrivals {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    let priority = if bulk { Priority::Bulk } else { Priority::Interactive };
                    tasks.push(tokio::spawn(departures(limiter.clone(), priority, 1)));
                }

                let mut times = Vec::new();
                for task in tasks {
                    times.extend(task.await.expect("no panic"));
                }
                times
            });

            prop_assert!(busiest_second(&times) <= rate as usize);
        }
    }
}
