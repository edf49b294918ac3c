//! A DingTalk that is away in the middle of a crawl, in simulated time: what it costs, and that nothing is lost.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    CrawlBounds, CrawlError, Crawled,
    call::{Answers, CallKind, ReadAnswer, ReadCall},
    drive::{CrawlTask, crawl},
    fake::{FakeCompany, error},
    journal::Journal,
    outline::Outline,
};
use crate::{
    catalogue::Statement,
    dingtalk::{Error, ErrorKind},
    directory::{DeptId, Snapshot},
};

const ANSWER: Duration = Duration::from_millis(60);
const BAN: Duration = Duration::from_secs(300);

/// Whether a call made so long after the start fails.
type Weather = Box<dyn Fn(&ReadCall, Duration) -> Option<ErrorKind> + Send + Sync>;

struct Platform {
    company: FakeCompany,
    weather: Weather,
    start: Instant,
    /// Calls that failed, and all calls.
    made: Mutex<(usize, Vec<ReadCall>)>,
}

impl Answers for Platform {
    async fn answer(&self, call: &ReadCall) -> Result<ReadAnswer, Error> {
        tokio::time::sleep(ANSWER).await;
        let failure = (self.weather)(call, self.start.elapsed());
        let mut made = self.made.lock().expect("no panic");
        made.0 += usize::from(failure.is_some());
        made.1.push(call.clone());

        match failure {
            Some(kind) => Err(Error {
                retry_after: (kind == ErrorKind::Banned).then_some(BAN),
                ..error(kind)
            }),
            None => self.company.answer(call, 0),
        }
    }
}

/// 400 people in 20 departments: by records, that takes three seconds.
fn platform(weather: Weather) -> Platform {
    let tree: Vec<(i64, i64)> = (1..=20).map(|id| (id, i64::from(id > 1))).collect();
    let names: Vec<String> = (0..400).map(|n| format!("u{n:03}")).collect();
    let places: Vec<[i64; 1]> = (0..400).map(|n| [n % 20 + 1]).collect();
    let people = names.iter().zip(&places);
    let users: Vec<(&str, &[i64])> = people.map(|(name, at)| (name.as_str(), at.as_slice())).collect();

    Platform {
        company: FakeCompany::new(&tree, &users),
        weather,
        start: Instant::now(),
        made: Mutex::default(),
    }
}

/// Reads it, and gives how long that took and what it said to wait for.
async fn read(platform: &Platform, patience: Duration) -> (Result<Crawled, CrawlError>, Duration, Vec<Statement>) {
    let outline = Outline::new(vec![DeptId::ROOT], Vec::new());
    let mut journal = Journal::nowhere();
    let mut told = Vec::new();

    let crawled = crawl(
        platform,
        CrawlTask {
            snapshot: Arc::new(Snapshot::empty()),
            outline: &outline,
            bounds: CrawlBounds { width: 8, patience },
        },
        &mut journal,
        &CancellationToken::new(),
        |step| told.extend(step.waits_for),
    )
    .await;

    told.dedup();
    (crawled, platform.start.elapsed(), told)
}

fn seconds(from: u64, to: u64) -> std::ops::Range<Duration> {
    Duration::from_secs(from)..Duration::from_secs(to)
}

#[tokio::test(start_paused = true)]
async fn a_crawl_waits_for_a_dingtalk_that_is_away_and_loses_nothing() {
    for (kind, away, longest) in [
        (ErrorKind::NotSent, seconds(1, 120), 185),
        (ErrorKind::Unavailable, seconds(2, 60), 125),
        (ErrorKind::Banned, seconds(1, 200), 310),
    ] {
        let during = away.clone();
        let platform = platform(Box::new(move |_, at| during.contains(&at).then_some(kind)));
        let (crawled, took, told) = read(&platform, Duration::from_secs(900)).await;
        let crawled = crawled.unwrap_or_else(|error| panic!("{kind:?}: {error}"));

        assert_eq!(
            (
                crawled.observed.users.len(),
                crawled.observed.departments.len(),
                crawled.errors.count()
            ),
            (400, 20, 0),
            "{kind:?}"
        );
        assert!(
            took > away.end && took < Duration::from_secs(longest),
            "{kind:?}: {took:?}"
        );
        assert!(told.len() == 1 && told[0].contains("do this"), "{kind:?}: {told:?}");

        let (failed, made) = platform.made.into_inner().expect("no panic");
        // Everything once; what was in flight again; then one call at a time, and one to see that it is back.
        assert!(
            failed <= 60 && made.len() <= 460 + failed + 5,
            "{kind:?}: {failed} of {}",
            made.len()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_crawl_that_waits_in_vain_ends_as_one_that_can_be_gone_on_with() {
    let patience = Duration::from_secs(900);
    for kind in [ErrorKind::NotSent, ErrorKind::Banned, ErrorKind::Throttled] {
        let platform = platform(Box::new(move |_, at| (at > Duration::from_secs(1)).then_some(kind)));
        let (crawled, took, _) = read(&platform, patience).await;
        assert!(
            matches!(crawled, Err(CrawlError::Away(error)) if error.kind == kind),
            "{kind:?}"
        );
        assert!(took <= patience + Duration::from_secs(5), "{kind:?}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn records_that_dingtalk_cannot_give_are_no_reason_to_wait_for_it() {
    let is_bad = |call: &ReadCall| matches!(call, ReadCall::User(id) if id.as_str() >= "u100");
    let platform = platform(Box::new(move |call, _| is_bad(call).then_some(ErrorKind::Unavailable)));
    let (crawled, took, _) = read(&platform, Duration::from_secs(900)).await;
    let crawled = crawled.unwrap_or_else(|error| panic!("{error}"));

    assert_eq!((crawled.errors.count(), crawled.observed.users.len()), (300, 100));
    assert!(took < Duration::from_secs(20), "{took:?}");

    let made = platform.made.into_inner().expect("no panic").1;
    let asked = made.iter().filter(|call| call.kind() == CallKind::User).count();
    // Three chances each, and a question now and then whether DingTalk is there.
    assert!(asked <= 100 + 3 * 300 + 60, "{asked}");
}

#[tokio::test(start_paused = true)]
async fn an_api_whose_host_is_nowhere_fails_the_run_at_once_while_others_answer() {
    let is_nowhere = |call: &ReadCall| call.kind() == CallKind::User;
    let platform = platform(Box::new(move |call, at| match call {
        call if is_nowhere(call) => Some(ErrorKind::NotSent),
        // The others have something to do for long.
        ReadCall::Department(_) if at < Duration::from_secs(20) => Some(ErrorKind::Throttled),
        _ => None,
    }));

    let (crawled, took, _) = read(&platform, Duration::from_secs(900)).await;
    assert!(matches!(crawled, Err(CrawlError::Fatal(error)) if error.kind == ErrorKind::NotSent));
    assert!(took < Duration::from_secs(20), "{took:?}");
}
