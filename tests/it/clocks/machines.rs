//! A machine whose clock is wrong, set while the process runs, or drifting: nothing stands still, and nothing ends too
//! early.

use dingmirror::catalogue::Statement;

use super::*;
use crate::support::database::TestDatabase;

const HOURS: i64 = 3_600;

/// Sends, syncs, asks what became of it; is set right; does all of that again; is started anew and does it once more.
async fn goes_on(database: &TestDatabase, what: &str, machine: Machine, set_to: i64) {
    let dingtalk = TestDingTalk::start(40, 4).await;
    let somebody = people(&dingtalk, 3).await;
    let users: Vec<&str> = somebody.iter().map(String::as_str).collect();
    let server = TestServer::start_at(impatient(database.target(), &dingtalk), machine.clock()).await;
    server.configure(dingtalk.settings()).await;
    synced(&server, what).await;
    let first = send(&server, &users).await;
    delivered(&server, &first, what).await;

    machine.set(set_to);
    let second = send(&server, &users).await;
    delivered(&server, &second, &format!("{what}, set meanwhile")).await;
    assert_eq!(ready(&server).await.0, 200, "{what}");
    server.stop().await;

    let after = TestServer::start_at(impatient(database.target(), &dingtalk), machine.clock()).await;
    let third = send(&after, &users).await;
    delivered(&after, &third, &format!("{what}, started anew")).await;
    for id in [&first, &second] {
        let states = states(&after, id).await;
        assert!(!states.contains(&RecipientState::Expired), "{what}: {states:?}");
    }
    after.stop().await;
}

both_databases!(
    async fn a_machine_that_is_ahead_and_set_right_goes_on(database: TestDatabase) {
        goes_on(database, "8 h ahead", Machine::ahead(8 * HOURS), 0).await;
    }
);

both_databases!(
    async fn a_machine_that_is_behind_and_set_right_goes_on(database: TestDatabase) {
        goes_on(database, "8 h behind", Machine::ahead(-8 * HOURS), 0).await;
    }
);

both_databases!(
    async fn a_machine_that_jumps_ahead_goes_on(database: TestDatabase) {
        goes_on(database, "right", Machine::ahead(0), 8 * HOURS).await;
    }
);

both_databases!(
    async fn a_machine_that_jumps_back_goes_on(database: TestDatabase) {
        goes_on(database, "right", Machine::ahead(0), -8 * HOURS).await;
    }
);

both_databases!(
    async fn a_machine_that_drifts_goes_on(database: TestDatabase) {
        goes_on(database, "half as fast again", Machine::drifting(0.5), 0).await;
    }
);

both_databases!(
    async fn a_clock_that_is_far_off_is_told_where_it_shows(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(20, 3).await;
        let mut config = impatient(database.target(), &dingtalk);
        config.sync_on_start = true;
        let server = TestServer::start_at(config, Machine::ahead(2 * HOURS).clock()).await;
        server.configure(dingtalk.settings()).await;
        synced(&server, "2 h ahead").await;

        let (status, told) = ready(&server).await;
        assert_eq!(status, 200, "it can act: {told}");
        let warning = told["detail"]["clockWarning"]
            .as_str()
            .unwrap_or_else(|| panic!("{told}"));
        let (of, skew) = match database.url() {
            Some(_) => ("ahead of the database's", "machineToDatabaseSeconds"),
            None => ("ahead of DingTalk's", "toDingTalkSeconds"),
        };
        assert!(warning.contains(of), "{warning}");
        let seconds = told["detail"]["clock"][skew].as_f64().unwrap();
        assert!((7_190.0..7_210.0).contains(&seconds), "{told}");

        let metrics = server
            .http
            .get(format!("{}/metrics", server.base))
            .send()
            .await
            .unwrap();
        let metrics = metrics.text().await.unwrap();
        assert!(
            metrics.contains("dingmirror_clock_skew_seconds{between=\"used_dingtalk\"}"),
            "{metrics}"
        );
        server.stop().await;
    }
);

both_databases!(
    async fn what_one_replica_took_in_is_not_ended_by_another_that_is_ahead(database: TestDatabase) {
        let dingtalk = TestDingTalk::start(40, 4).await;
        let somebody = people(&dingtalk, 20).await;
        let users: Vec<&str> = somebody.iter().map(String::as_str).collect();
        let first = TestServer::start(database.target(), &dingtalk).await;
        first.configure(dingtalk.settings()).await;
        first.sync().await;

        // Nobody sends them yet.
        let stop = dingmirror::store::Stop {
            until: first.services.clock.now() + TimeDelta::seconds(600),
            code: None,
            reason: Statement::other("the test"),
        };
        first.services.store.stop_sending(&stop).await.unwrap();
        let mut messages = Vec::new();
        for _ in 0..3 {
            messages.push(send(&first, &users).await);
        }

        let first = match database.url() {
            Some(_) => Some(first),
            None => {
                first.stop().await;
                None
            }
        };

        let ahead = TestServer::start_at(
            impatient(database.target(), &dingtalk),
            Machine::ahead(2 * HOURS).clock(),
        )
        .await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        ahead.services.store.resume_sending(None).await.unwrap();
        for id in &messages {
            delivered(&ahead, id, "2 h ahead").await;
        }
        ahead.stop().await;
        if let Some(first) = first {
            first.stop().await;
        }
    }
);
