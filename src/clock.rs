//! The one source of the current time.
//!
//! Everything that needs "now" takes a [`Clock`], so that tests can stand still, jump, or follow tokio's paused time.
//! Times are UTC and truncated to microseconds, because Postgres keeps no more: a value read back equals the one
//! written.
//!
//! The machine's clock may be wrong, may be set while the process runs, and differs from the one of the next replica.
//! So:
//! * How much time has passed is measured by tokio's `Instant`, never by two readings of a clock.
//! * What several replicas, or two starts, compare is the database's time. With Postgres that is the server's, measured
//!   now and then and carried on by the monotonic clock in between. With SQLite it is the machine's at the start,
//!   carried on the same way: a clock that is set meanwhile is believed as soon as DingTalk's `Date` agrees with it, or
//!   nobody contradicts it for [`PATIENCE`].
//! * What ends something for good (expiry, retention) goes by [`Clock::earliest`], which DingTalk's time may put off.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// Beyond this a difference between two clocks is told aloud: sends of one day may fall into another, pushes are
/// refused.
pub const SKEW_LIMIT: TimeDelta = TimeDelta::seconds(30);

/// A time that lies further ahead than this was written by another clock than the one that is asked now. Replicas that
/// follow the same database are apart by less than a second.
pub const FUTURE: TimeDelta = TimeDelta::seconds(5);

/// A difference below this is no setting of the clock: NTP moves it so, and so does the time that an answer takes.
const UNNOTICED: TimeDelta = TimeDelta::seconds(2);

/// Clocks that are no further apart agree: nothing here is measured more exactly.
const AGREE: TimeDelta = TimeDelta::milliseconds(250);

/// How long a machine's clock that was set waits for DingTalk to agree or not.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// Tells the time. Cheap to clone; clones tell the same.
#[derive(Clone)]
pub struct Clock(Arc<Inner>);

struct Inner {
    machine: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    /// `None`: the machine's word is final, as tests want it.
    told: Option<RwLock<Told>>,
}

/// A time and the moment when it was so.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    time: DateTime<Utc>,
    at: Instant,
}

impl Anchor {
    fn now(&self) -> DateTime<Utc> {
        let passed = TimeDelta::from_std(self.at.elapsed()).unwrap_or(TimeDelta::MAX);
        self.time.checked_add_signed(passed).unwrap_or(self.time)
    }
}

/// Who said what time it is.
#[derive(Debug, Clone, Copy)]
struct Told {
    own: Anchor,
    database: Option<Anchor>,
    dingtalk: Option<Anchor>,
    /// When this clock was made.
    began: Instant,
    /// Since when the machine's clock says something else than it would had nobody set it.
    set_since: Option<Instant>,
    steps: u64,
    stepped: TimeDelta,
}

/// The clock was set: the time went on from another place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// By so much; negative where it went back.
    pub by: TimeDelta,
}

/// How far the clocks are apart; `None`: not measured. Positive: the first one is ahead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Skews {
    /// The machine's clock and the database's.
    pub machine_to_database: Option<TimeDelta>,
    /// The time that is worked with and DingTalk's.
    pub to_dingtalk: Option<TimeDelta>,
    /// The machine's clock and the time that is worked with, where the former was set meanwhile and isn't believed.
    pub machine_to_own: Option<TimeDelta>,
}

impl Skews {
    /// What is beyond the limit, in words for the operator; `None`: nothing.
    pub fn warning(&self) -> Option<String> {
        let beyond = |skew: Option<TimeDelta>| skew.filter(|skew| skew.abs() > SKEW_LIMIT);
        let mut said = Vec::new();

        if let Some(skew) = beyond(self.machine_to_database) {
            said.push(format!(
                "this machine's clock is {} the database's, which is the one that counts",
                ahead(skew)
            ));
        }
        if let Some(skew) = beyond(self.machine_to_own) {
            said.push(format!(
                "this machine's clock was set while the process ran, is {} the time that passed, and isn't believed before \
                 DingTalk's clock agrees with it",
                ahead(skew)
            ));
        }
        if let Some(skew) = beyond(self.to_dingtalk) {
            let whose = if self.machine_to_database.is_some() {
                "the database's clock"
            } else {
                "this machine's clock"
            };
            said.push(format!("{whose} is {} DingTalk's", ahead(skew)));
        }

        (!said.is_empty()).then(|| format!("{}: set the clock (NTP)", said.join("; ")))
    }
}

/// `12 s ahead of`, `3600 s behind`.
fn ahead(skew: TimeDelta) -> String {
    let side = if skew < TimeDelta::zero() { "behind" } else { "ahead of" };
    format!("{} s {side}", skew.num_seconds().abs())
}

impl Clock {
    /// The machine's clock.
    #[allow(clippy::disallowed_methods, reason = "the one home of the system clock")]
    pub fn system() -> Self {
        Self::of_machine(Utc::now)
    }

    /// As [`Clock::system`], for a machine whose clock shows this.
    pub fn of_machine(machine: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        let own = Anchor {
            time: machine(),
            at: Instant::now(),
        };
        let told = Told {
            own,
            database: None,
            dingtalk: None,
            began: Instant::now(),
            set_since: None,
            steps: 0,
            stepped: TimeDelta::zero(),
        };

        Self(Arc::new(Inner {
            machine: Box::new(machine),
            told: Some(RwLock::new(told)),
        }))
    }

    /// A clock that starts at `start` and goes on with tokio's time, so that `tokio::time::pause` and `advance` move
    /// it. Nobody corrects it.
    pub fn following_tokio(start: DateTime<Utc>) -> Self {
        let origin = tokio::time::Instant::now();
        Self::decided(move || start + origin.elapsed())
    }

    /// A clock that never moves. Nobody corrects it.
    pub fn fixed(at: DateTime<Utc>) -> Self {
        Self::decided(move || at)
    }

    /// A clock that shows this time. Nobody corrects it.
    pub fn decided(time: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner {
            machine: Box::new(time),
            told: None,
        }))
    }

    /// The current time, UTC, truncated to microseconds: the database's, as far as it was asked.
    pub fn now(&self) -> DateTime<Utc> {
        match self.told() {
            Some(told) => told.database.unwrap_or(told.own).now().trunc_subsecs(6),
            None => self.machine(),
        }
    }

    /// What the machine's clock shows.
    pub fn machine(&self) -> DateTime<Utc> {
        (self.0.machine)().trunc_subsecs(6)
    }

    /// The earliest that it can be by all that is known: nothing is ended for good because a clock is ahead.
    pub fn earliest(&self) -> DateTime<Utc> {
        let now = self.now();
        let dingtalk = self.told().and_then(|told| told.dingtalk).map(|it| it.now());
        match dingtalk {
            Some(dingtalk) if now - dingtalk > SKEW_LIMIT => dingtalk.trunc_subsecs(6),
            _ => now,
        }
    }

    /// Whether [`Clock::earliest`] is to be relied upon: DingTalk's time was heard, or nobody contradicted the clock
    /// for [`PATIENCE`]. What is forgotten by a clock that was ahead at the start is gone.
    pub fn may_forget(&self) -> bool {
        self.told()
            .is_none_or(|told| told.dingtalk.is_some() || told.began.elapsed() >= PATIENCE)
    }

    /// What DingTalk's clock shows, as far as it was heard.
    pub fn at_dingtalk(&self) -> DateTime<Utc> {
        let now = self.now();
        let dingtalk = self.told().and_then(|told| told.dingtalk).map(|it| it.now());
        // Its answers tell whole seconds, and take a while: within the limit ours is as good.
        dingtalk
            .filter(|dingtalk| (now - *dingtalk).abs() > SKEW_LIMIT)
            .map_or(now, |dingtalk| dingtalk.trunc_subsecs(6))
    }

    /// How often the time went on from another place, and by how much in all: what was planned by the former time is to
    /// be looked at again.
    pub fn steps(&self) -> (u64, TimeDelta) {
        self.told()
            .map_or((0, TimeDelta::zero()), |told| (told.steps, told.stepped))
    }

    /// How far the clocks are apart.
    pub fn skews(&self) -> Skews {
        let Some(told) = self.told() else {
            return Skews::default();
        };
        let (machine, now) = (self.machine(), told.database.unwrap_or(told.own).now());
        Skews {
            machine_to_database: told.database.map(|database| machine - database.now()),
            to_dingtalk: told.dingtalk.map(|dingtalk| now - dingtalk.now()),
            machine_to_own: (told.database.is_none() && told.set_since.is_some()).then(|| machine - now),
        }
    }

    /// The database's clock showed `time` at `at`, give or take `within`. From now on this is its time.
    pub fn database_says(&self, time: DateTime<Utc>, at: Instant, within: Duration) -> Option<Step> {
        self.change(|told, machine| {
            let mut said = Anchor { time, at };
            let error = AGREE + TimeDelta::from_std(within).unwrap_or(TimeDelta::zero());

            // A machine that agrees tells it more exactly than an answer that took a while.
            if (machine - said.now()).abs() <= error {
                said = Anchor {
                    time: machine,
                    at: Instant::now(),
                };
            }

            let off = said.now() - told.database.unwrap_or(told.own).now();
            let within = TimeDelta::from_std(within).unwrap_or(TimeDelta::zero());
            // Before it nothing was planned.
            let is_first = told.database.is_none();
            // What an answer took to come is no reason to move the time to and fro.
            if !is_first && off.abs() <= within + TimeDelta::milliseconds(100) {
                return None;
            }

            told.database = Some(said);
            if is_first { None } else { told.step(off) }
        })
    }

    /// DingTalk's clock showed `time` at `at`.
    pub fn dingtalk_says(&self, time: DateTime<Utc>, at: Instant) -> Option<Step> {
        self.change(|told, machine| {
            told.dingtalk = Some(Anchor { time, at });
            told.follow(machine)
        })
    }

    /// Looks at the machine's clock, which may have been set.
    pub fn look(&self) -> Option<Step> {
        self.change(Told::follow)
    }

    fn told(&self) -> Option<Told> {
        let told = self.0.told.as_ref()?;
        Some(*told.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Told, DateTime<Utc>) -> Option<Step>) -> Option<Step> {
        let told = self.0.told.as_ref()?;
        let machine = self.machine();
        change(&mut told.write().unwrap_or_else(PoisonError::into_inner), machine)
    }
}

impl Told {
    /// Follows the machine's clock: at once while it goes as time passes, and where it was set as soon as that is
    /// believed.
    fn follow(&mut self, machine: DateTime<Utc>) -> Option<Step> {
        let own = self.own.now();
        let off = machine - own;
        let contradicts = |dingtalk: Anchor| {
            let by = (machine - dingtalk.now()).abs();
            by > SKEW_LIMIT && by >= (own - dingtalk.now()).abs()
        };
        let is_contradicted = self.dingtalk.is_some_and(contradicts);

        let is_believed = if off.abs() <= UNNOTICED {
            !is_contradicted
        } else {
            let since = self.set_since.get_or_insert_with(Instant::now);
            // DingTalk's clock bears it out at once; without it only time does.
            !is_contradicted && (self.dingtalk.is_some() || since.elapsed() >= PATIENCE)
        };
        if !is_believed {
            return None;
        }

        self.own = Anchor {
            time: machine,
            at: Instant::now(),
        };
        self.set_since = None;
        // With the database's time nothing else counts.
        if self.database.is_some() { None } else { self.step(off) }
    }

    fn step(&mut self, off: TimeDelta) -> Option<Step> {
        if off.abs() <= UNNOTICED {
            return None;
        }
        self.steps += 1;
        self.stepped += off;
        Some(Step { by: off })
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_follows_tokio_moves_with_its_paused_time() {
        let start = DateTime::from_timestamp(1_700_000_000, 123_456_789).expect("a valid time");
        let clock = Clock::following_tokio(start);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(
            (clock.now() - start).num_seconds(),
            4,
            "truncation keeps the time at or before the exact one"
        );
        assert_eq!(clock.now().timestamp_subsec_nanos() % 1_000, 0);
    }

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a valid time")
    }

    /// A machine whose clock is set by so many seconds, and its clock.
    fn settable() -> (Arc<AtomicI64>, Clock) {
        let (set, origin) = (Arc::new(AtomicI64::new(0)), Instant::now());
        let by = set.clone();
        let clock = Clock::of_machine(move || start() + origin.elapsed() + TimeDelta::seconds(by.load(Relaxed)));
        (set, clock)
    }

    /// Seconds since the start, of which the test takes less than half of one.
    fn shows(clock: &Clock) -> i64 {
        since_start(clock.now())
    }

    fn since_start(at: DateTime<Utc>) -> i64 {
        ((at - start()).as_seconds_f64()).round() as i64
    }

    #[test]
    fn a_machine_that_is_set_is_believed_when_dingtalk_agrees_and_not_when_it_does_not() {
        for hours in [8, -8] {
            let (set, clock) = settable();
            set.store(hours * 3_600, Relaxed);
            assert_eq!((clock.look(), shows(&clock)), (None, 0), "nobody has agreed");
            let said = clock.skews().warning().expect("a warning");
            assert!(said.contains("was set while the process ran"), "{said}");

            assert_eq!(clock.dingtalk_says(start(), Instant::now()), None);
            assert_eq!((clock.look(), shows(&clock)), (None, 0), "DingTalk contradicts");

            let there = start() + TimeDelta::hours(hours);
            assert!(clock.dingtalk_says(there, Instant::now()).is_some());
            assert_eq!((shows(&clock), clock.steps().0), (hours * 3_600, 1));
            assert_eq!(clock.skews().warning(), None);
        }
    }

    #[test]
    fn a_machine_that_drifts_is_followed_until_dingtalk_contradicts() {
        let (set, clock) = settable();
        clock.dingtalk_says(start(), Instant::now());
        for second in 0..300 {
            set.store(second, Relaxed);
            clock.look();
        }
        let shown = shows(&clock);
        assert!((29..=31).contains(&shown), "{shown}");
        assert_eq!(clock.steps().0, 0);
    }

    #[test]
    fn with_a_database_its_time_counts_and_is_carried_on_whatever_the_machine_shows() {
        let (set, clock) = settable();
        set.store(-7_200, Relaxed);
        clock.database_says(start() + TimeDelta::seconds(100), Instant::now(), Duration::ZERO);
        for machine in [0, 90_000, -90_000] {
            set.store(machine, Relaxed);
            assert_eq!(clock.look(), None);
            assert_eq!(shows(&clock), 100);
        }

        let skews = clock.skews();
        assert!(
            skews
                .machine_to_database
                .is_some_and(|skew| skew.num_seconds() < -90_000)
        );
        assert!(
            skews
                .warning()
                .is_some_and(|said| said.contains("behind the database's"))
        );

        let back = clock.database_says(start(), Instant::now(), Duration::ZERO);
        assert_eq!(back.map(|step| step.by.num_seconds()), Some(-100));
    }

    #[test]
    fn nothing_ends_by_a_clock_that_is_ahead_of_dingtalk_s() {
        let (_, clock) = settable();
        assert_eq!(since_start(clock.earliest()), 0);
        assert!(!clock.may_forget(), "it may be ahead, for all that anybody knows");

        clock.dingtalk_says(start() - TimeDelta::hours(2), Instant::now());
        assert_eq!(since_start(clock.earliest()), -7_200);
        assert!(clock.may_forget());

        clock.dingtalk_says(start() + TimeDelta::hours(2), Instant::now());
        assert_eq!(
            since_start(clock.earliest()),
            0,
            "later it may be, but that ends too early"
        );
        assert_eq!(since_start(clock.at_dingtalk()), 7_200);
    }

    #[test]
    fn a_decided_clock_is_corrected_by_nobody() {
        let clock = Clock::fixed(start());
        let other = start() + TimeDelta::days(9);
        assert_eq!(clock.database_says(other, Instant::now(), Duration::ZERO), None);
        assert_eq!(clock.dingtalk_says(other, Instant::now()), None);
        assert_eq!((clock.now(), clock.earliest()), (start(), start()));
        assert!(clock.may_forget());
    }
}
