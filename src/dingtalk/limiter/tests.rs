//! In paused time: what leaves in any second, who goes first, and how the rate gives way and recovers.

use std::sync::Arc;

use proptest::prelude::*;
use tokio::time::Instant;

use super::{rate::BETWEEN_DROPS, window::WINDOW, *};

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
