//! Rows of the future: the clock that counts was ahead by eight hours, and is set right before the next start.

use dingmirror::{
    catalogue::Statement,
    directory::RunState,
    identity::{ConfluenceIdentity, JudgedBy, KnownIdentity, MatchOutcome, ResolutionStatus},
    message::MessageState,
    page::PageRequest,
    store::{ClaimLimits, Stop, Store},
};

use super::*;
use crate::{
    store::{message, open},
    support::{
        database::{Beside, TestDatabase},
        outbox::{UNHURRIED, claim, expire},
    },
};

const TTL: Duration = Duration::from_secs(60);

/// As if the database's clock had been ahead, too: nobody corrects it.
fn ahead() -> Clock {
    Clock::following_tokio(Utc::now() + TimeDelta::hours(8))
}

both_databases!(
    async fn what_was_planned_by_a_clock_that_was_ahead_goes_on_at_once(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 4).await;
        let somebody = people(&dingtalk, 3).await;
        let users: Vec<&str> = somebody.iter().map(String::as_str).collect();
        let mut config = impatient(database.target(), &dingtalk);
        // Whether the first send was followed up before the restart is no matter then.
        config.delivery.follow_up_every = Duration::from_secs(2);

        let server = TestServer::start_at(config, ahead()).await;
        server.configure(dingtalk.settings()).await;
        synced(&server, "ahead").await;
        let sent = send(&server, &users).await;
        for _ in 0..100 {
            if !states(&server, &sent).await.contains(&RecipientState::Queued) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }

        let stop = Stop {
            until: server.services.clock.now() + TimeDelta::seconds(4),
            code: None,
            reason: Statement::other("the test"),
        };
        server.services.store.stop_sending(&stop).await.unwrap();
        let waiting = send(&server, &users).await;
        server.stop().await;
        hold_leases(&mut database.beside().await).await;

        let server = TestServer::start_at(impatient(database.target(), &dingtalk), Clock::system()).await;
        synced(&server, "set right").await;
        let told = server.data("{ mirror { lagSeconds verdict } }", json!({})).await;
        assert!(
            told["mirror"]["lagSeconds"].as_i64().is_some_and(|lag| lag < 60),
            "{told}"
        );
        delivered(&server, &sent, "sent while it was ahead").await;
        delivered(&server, &waiting, "waiting since it was ahead").await;

        let new = send(&server, &users).await;
        delivered(&server, &new, "new").await;
        server.stop().await;
    }
);

/// Leases of processes that died while the database's clock was ahead.
async fn hold_leases(beside: &mut Beside) {
    let now = match beside {
        Beside::Postgres(_) => {
            "UPDATE leases SET owner = 'dead', ttl_ms = 3000, \
             expires_at_ms = (extract(epoch from clock_timestamp()) * 1000)::bigint + 28803000"
        }
        Beside::Sqlite(_) => {
            "UPDATE leases SET owner = 'dead', ttl_ms = 3000, \
             expires_at_ms = cast(unixepoch('subsec') * 1000 as integer) + 28803000"
        }
    };
    beside.run(now).await;
}

async fn store_at(database: &TestDatabase, clock: Clock) -> Store {
    Store::connect(database.target(), clock).await.unwrap()
}

both_databases!(
    async fn rows_of_the_future_block_nothing_for_longer_than_their_own_duration(database: TestDatabase) {
        open(database).await;
        let store = store_at(database, ahead()).await;
        let now = ahead().now();
        let mut new = message(None, &["a", "b"]);
        (new.created_at, new.expires_at) = (now, now + TimeDelta::hours(1));
        let id = new.id;
        store.insert_message(new).await.unwrap();
        let limits = ClaimLimits {
            batch: 1,
            pace: UNHURRIED,
            ttl: TTL,
            settings_version: None,
            normal_calls: None,
            coalesce_window: Duration::ZERO,
            app: None,
        };

        // One is being sent to by a process that dies, one waits.
        let dingmirror::store::Claim::Batch(_) = store.claim_batch("dead", &limits).await.unwrap() else {
            panic!("nobody is due");
        };
        drop(store);

        let store = store_at(database, Clock::system()).await;
        let claim = async || store.claim_batch("w", &limits).await.unwrap();
        assert!(
            !matches!(claim().await, dingmirror::store::Claim::Batch(_)),
            "the plan of the future blocks"
        );
        assert!(
            store.bring_back(TTL).await.unwrap() >= 3,
            "two recipients and their message"
        );
        assert_eq!(store.bring_back(TTL).await.unwrap(), 0, "done again it finds nothing");
        assert!(matches!(claim().await, dingmirror::store::Claim::Batch(_)));

        let found = store.message(id).await.unwrap().unwrap();
        let left = found.expires_at.unwrap() - Clock::system().now();
        assert!((3_500..3_700).contains(&left.num_seconds()), "{left}");
        assert_eq!(found.state, MessageState::Queued);
    }
);

both_databases!(
    async fn calls_of_the_future_do_not_count_against_the_pace(database: TestDatabase) {
        open(database).await;
        let store = store_at(database, ahead()).await;
        let pace = dingmirror::message::Pace {
            recipients_a_minute: 2,
            calls_a_second: 20,
        };
        let limits = ClaimLimits {
            batch: 2,
            pace,
            ttl: TTL,
            settings_version: None,
            normal_calls: None,
            coalesce_window: Duration::ZERO,
            app: None,
        };
        let send = async |store: &Store, clock: Clock| {
            let mut new = message(None, &["a", "b"]);
            (new.created_at, new.expires_at) = (clock.now(), clock.now() + TimeDelta::hours(1));
            store.insert_message(new).await.unwrap();
            store.claim_batch("w", &limits).await.unwrap()
        };

        let dingmirror::store::Claim::Batch(batch) = send(&store, ahead()).await else {
            panic!("nobody is due");
        };
        store
            .finish_attempt(batch.call_id, crate::store::accepted(7))
            .await
            .unwrap();
        drop(store);

        let store = store_at(database, Clock::system()).await;
        store.bring_back(TTL).await.unwrap();
        match send(&store, Clock::system()).await {
            dingmirror::store::Claim::Later(wait) => {
                assert!(wait <= Duration::from_secs(61), "a minute at most: {wait:?}");
            }
            other => panic!("the last minute's calls count for a minute: {other:?}"),
        }
    }
);

both_databases!(
    async fn a_clock_that_was_behind_and_is_set_right_ends_nothing_early(database: TestDatabase) {
        open(database).await;
        let store = store_at(database, Clock::system()).await;
        // Taken in a moment ago, by a clock that was 8 h behind.
        let mut new = message(None, &["a"]);
        new.created_at -= TimeDelta::hours(8);
        new.expires_at = new.created_at + TimeDelta::hours(1);
        let id = new.id;
        store.insert_message(new).await.unwrap();

        for replicas in 1..=2 {
            let put_off = store
                .put_off(TimeDelta::hours(8), Duration::from_mins(5))
                .await
                .unwrap();
            assert_eq!(put_off, u64::from(replicas == 1), "once, however many replicas notice");
        }

        let left = store.message(id).await.unwrap().unwrap().expires_at.unwrap() - Clock::system().now();
        assert!((3_500..3_700).contains(&left.num_seconds()), "{left}");
    }
);

both_databases!(
    async fn a_step_forward_ends_no_call_that_is_under_way(database: TestDatabase) {
        open(database).await;
        let at = |seconds: i64| Clock::following_tokio(Utc::now() + TimeDelta::seconds(seconds));
        let behind = store_at(database, at(-50)).await;
        let mut new = message(None, &["a"]);
        new.created_at -= TimeDelta::seconds(55);
        let id = new.id;
        behind.insert_message(new).await.unwrap();
        // By the former time it has a minute, and ten seconds by the new one.
        assert!(claim(&behind, 10, "a", TTL).await.is_some());
        drop(behind);
        let store = store_at(database, at(0)).await;
        store.put_off(TimeDelta::seconds(50), TTL).await.unwrap();
        drop(store);

        for (seconds, is_over) in [(40, false), (80, true)] {
            let later = store_at(database, at(seconds)).await;
            expire(&later).await;
            let people = later.recipients(id, &[], PageRequest::new(9, None)).await.unwrap();
            let state = people.items[0].state;
            assert_eq!(
                state == RecipientState::Unknown,
                is_over,
                "{seconds} s later: {state:?}"
            );
            drop(later);
        }
    }
);

both_databases!(
    async fn runs_of_the_future_put_no_run_off(database: TestDatabase) {
        open(database).await;
        let dingtalk = TestDingTalk::start(20, 3).await;
        let server = TestServer::start_at(impatient(database.target(), &dingtalk), ahead()).await;
        server.configure(dingtalk.settings()).await;
        synced(&server, "ahead").await;
        server.stop().await;

        let store = store_at(database, Clock::system()).await;
        assert_eq!(store.newest_writing_run().await.unwrap(), None);
        assert_eq!(store.last_finished_run().await.unwrap(), None);
        let shown = store.newest_run().await.unwrap().unwrap();
        assert_eq!(shown.state, RunState::Finished, "it is on record all the same");
    }
);

both_databases!(
    async fn a_run_that_ended_in_the_future_puts_no_run_off(database: TestDatabase) {
        open(database).await;
        let dingtalk = TestDingTalk::start(20, 3).await;
        let server = TestServer::start_with(config(database.target(), &dingtalk)).await;
        server.configure(dingtalk.settings()).await;
        let run = server.sync().await;
        server.stop().await;

        // It began when it did, and the clock was set ahead under it.
        let store = store_at(database, Clock::system()).await;
        let mut run = store.run(run.id).await.unwrap().unwrap();
        run.state = RunState::Interrupted;
        run.finished_at = Some(Clock::system().now() + TimeDelta::hours(8));
        store.update_run(&run, None).await.unwrap();
        drop(store);

        let mut config = impatient(database.target(), &dingtalk);
        config.sync_interval = Some(Duration::from_secs(2));
        let server = TestServer::start_with(config).await;

        for _ in 0..150 {
            let last = server.services.store.last_finished_run().await.unwrap();
            if last.is_some_and(|last| last.id != run.id) {
                server.stop().await;
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the timer waits for eight hours");
    }
);

both_databases!(
    async fn identities_are_not_forgotten_by_a_clock_that_nobody_has_confirmed(database: TestDatabase) {
        let store = open(database).await;
        let now = Clock::system().now();
        let anna = KnownIdentity {
            id: uuid::Uuid::new_v4(),
            identity: ConfluenceIdentity {
                username: Some("anna".into()),
                ..ConfluenceIdentity::default()
            },
            first_seen: now,
            last_seen: now,
            linked: false,
            outcome: MatchOutcome {
                status: ResolutionStatus::Unmatched,
                user: None,
            },
            judged_by: JudgedBy::default(),
        };
        store.save_known(&[anna]).await.unwrap();
        drop(store);

        // Nobody has told it the time: there are no settings to ask DingTalk by.
        let dingtalk = TestDingTalk::start(20, 3).await;
        let server = TestServer::start_at(
            config(database.target(), &dingtalk),
            Machine::ahead(100 * 86_400).clock(),
        )
        .await;

        tokio::time::sleep(Duration::from_secs(4)).await;
        let known = server.services.store.load_known(0).await.unwrap().1;
        server.stop().await;
        assert_eq!(known.len(), 1, "she was asked for a moment ago");
    }
);
