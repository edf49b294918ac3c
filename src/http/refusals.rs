//! Tokens and keys that were refused, by the address that showed them: whoever tries many is told to wait, and
//! causes are logged to a bound. A good token or key from the same address is taken all the while.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::listener::whose;

/// What is counted is counted for so long.
const WHILE: Duration = Duration::from_mins(1);

/// Addresses that are counted apart; the others are counted together.
const MOST_SOURCES: usize = 4_096;

/// Looking for addresses that are over takes a while.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// Lines of the log of one address, and of all.
const TOLD_OF_ONE: u32 = 10;
const TOLD_OF_ALL: u32 = 200;

/// Counts refusals.
pub(super) struct Refusals {
    /// Of one address in [`WHILE`]; 0: as many as they like.
    most: u32,
    counted: Mutex<Counted>,
}

#[derive(Default)]
struct Counted {
    by_address: HashMap<IpAddr, Count>,
    /// Of those who came when the table was full.
    others: Option<Count>,
    told: Option<Count>,
    looked_at: Option<Instant>,
}

struct Count {
    since: Instant,
    refused: u32,
    /// Those of them that were never good.
    guessed: u32,
}

impl Count {
    fn new(since: Instant) -> Self {
        Self {
            since,
            refused: 0,
            guessed: 0,
        }
    }
}

/// What comes of a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Consequence {
    /// How long they have to wait before the cause is told again; `None`: it is told.
    pub(super) wait: Option<Duration>,
    /// Whether the log says so.
    pub(super) is_logged: bool,
    /// It is the last line of the log about this address for a while.
    pub(super) is_last: bool,
}

impl Refusals {
    /// At most so many a minute of each address; 0: no limit.
    pub(super) fn new(most: u32) -> Self {
        Self {
            most,
            counted: Mutex::default(),
        }
    }

    /// Somebody at `source` was refused. `is_guess`: they have shown nothing that was ever good.
    pub(super) fn count(&self, source: Option<IpAddr>, is_guess: bool) -> Consequence {
        let now = Instant::now();
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counted.of(source.map(whose), now);
        count.refused = count.refused.saturating_add(1);
        count.guessed = count.guessed.saturating_add(u32::from(is_guess));

        let (refused, left) = (count.refused, WHILE.saturating_sub(now - count.since));
        let is_beyond = self.most > 0 && is_guess && count.guessed > self.most;
        let is_logged = refused <= TOLD_OF_ONE && counted.tells(now);
        Consequence {
            wait: is_beyond.then(|| left.max(Duration::from_secs(1))),
            is_logged,
            is_last: is_logged && refused == TOLD_OF_ONE,
        }
    }
}

impl Counted {
    /// The count of this address, which begins anew when it is over.
    fn of(&mut self, source: Option<IpAddr>, now: Instant) -> &mut Count {
        let is_full = self.by_address.len() >= MOST_SOURCES;
        if is_full && self.looked_at.is_none_or(|at| now - at >= BETWEEN_LOOKS) {
            self.by_address.retain(|_, count| now - count.since < WHILE);
            self.looked_at = Some(now);
        }

        let has_place = self.by_address.len() < MOST_SOURCES;
        let new = || Count::new(now);
        let count = match source {
            Some(source) if has_place || self.by_address.contains_key(&source) => {
                self.by_address.entry(source).or_insert_with(new)
            }
            _ => self.others.get_or_insert_with(new),
        };
        if now - count.since >= WHILE {
            *count = new();
        }
        count
    }

    /// Whether another line is written.
    fn tells(&mut self, now: Instant) -> bool {
        let told = self.told.get_or_insert_with(|| Count::new(now));
        if now - told.since >= WHILE {
            *told = Count::new(now);
        }
        told.refused = told.refused.saturating_add(1);
        told.refused <= TOLD_OF_ALL
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn address(number: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(number.into()))
    }

    #[tokio::test(start_paused = true)]
    async fn beyond_so_many_a_minute_an_address_has_to_wait_and_others_have_not() {
        let refusals = Refusals::new(3);
        let wait = |number| refusals.count(address(number), true).wait;
        for _ in 0..3 {
            assert_eq!(wait(1), None);
        }
        advance(Duration::from_secs(20)).await;
        assert_eq!(wait(1), Some(Duration::from_secs(40)));
        assert_eq!(wait(2), None);
        // What was good once is told what is wrong with it, and counts for nothing.
        for number in [1, 3, 3, 3] {
            assert_eq!(refusals.count(address(number), false).wait, None);
        }
        assert_eq!(wait(3), None);

        advance(Duration::from_millis(39_900)).await;
        assert_eq!(wait(1), Some(Duration::from_secs(1)));
        advance(Duration::from_millis(100)).await;
        assert_eq!(wait(1), None);

        let unlimited = Refusals::new(0);
        assert!((0..1_000).all(|_| unlimited.count(address(1), true).wait.is_none()));
    }

    #[tokio::test(start_paused = true)]
    async fn the_table_and_the_log_are_bounded() {
        let refusals = Refusals::new(3);
        let logged = (0..20).map(|_| refusals.count(address(0), true));
        let logged: Vec<_> = logged.map(|it| (it.is_logged, it.is_last)).collect();
        assert_eq!(logged.iter().filter(|it| it.0).count(), 10);
        assert!(logged[9].1 && logged.iter().filter(|it| it.1).count() == 1);

        let lines = (1..10_000).filter(|number| refusals.count(address(*number), true).is_logged);
        assert_eq!(lines.count(), 190);
        assert_eq!(refusals.counted.lock().unwrap().by_address.len(), MOST_SOURCES);
        // Those who came later are one.
        assert!(refusals.count(address(20_000), true).wait.is_some());
        assert!(refusals.count(None, true).wait.is_some());
        assert!(refusals.count(address(1), true).wait.is_none());

        advance(WHILE).await;
        assert!(refusals.count(address(20_000), true).wait.is_none());
        assert_eq!(refusals.counted.lock().unwrap().by_address.len(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_of_version_6_is_one_address() {
        let refusals = Refusals::new(1);
        let wait = |text: &str| refusals.count(Some(text.parse().unwrap()), true).wait;
        assert!(wait("2001:db8:1:2::1").is_none());
        assert!(wait("2001:db8:1:2:ffff::9").is_some());
        assert!(wait("2001:db8:1:3::1").is_none());
    }
}
