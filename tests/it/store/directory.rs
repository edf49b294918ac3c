//! Batches: written whole under one revision or not at all, and read back exactly.

use std::time::Duration;

use dingmirror::{
    directory::{Cause, ChangeSet, GoneCause, RecordState},
    page::PageRequest,
    store::{LoadedDirectory, StoreError},
};
use uuid::Uuid;

use super::fixtures::{batch, department, open, user};
use crate::support::database::TestDatabase;

fn cause() -> Cause {
    Cause::Request("test".to_owned())
}

both_databases!(
    async fn what_was_written_is_read_back_exactly(database: TestDatabase) {
        let store = open(database).await;
        let run = Uuid::now_v7();
        let departments = vec![department(1, None, "公司"), department(560_935_057, Some(1), "研发部")];
        let users = vec![user("011505184066774889", &[1, 560_935_057]), user("manager4220", &[])];
        let set = batch(departments.clone(), users.clone());
        assert_eq!(store.apply(set, Cause::Run(run), None).await.unwrap(), Some(1));

        let mut expected = LoadedDirectory {
            revision: 1,
            departments,
            users,
        };
        expected.departments.iter_mut().for_each(|d| d.standing.revision = 1);
        expected.users.iter_mut().for_each(|u| u.standing.revision = 1);
        assert_eq!(store.load_directory().await.unwrap(), expected);

        let log = store.changes(PageRequest::new(10, None)).await.unwrap();
        assert_eq!(log.items.iter().map(|c| c.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
        assert!(log.items.iter().all(|c| c.cause == Cause::Run(run) && c.revision == 1));
        assert_eq!(store.last_change_seq().await.unwrap(), 4);
    }
);

both_databases!(
    async fn a_later_batch_replaces_records_and_a_follower_reads_only_them(database: TestDatabase) {
        let store = open(database).await;
        let first = batch(
            vec![department(1, None, "公司")],
            vec![user("a", &[1, 2]), user("b", &[1])],
        );
        store.apply(first, cause(), None).await.unwrap();

        let mut gone = user("a", &[3]);
        gone.standing.state = RecordState::Gone;
        gone.standing.cause = Some(GoneCause::OutOfScope);
        gone.facts.email = None;
        assert_eq!(
            store
                .apply(batch(Vec::new(), vec![gone.clone()]), cause(), None)
                .await
                .unwrap(),
            Some(2)
        );

        gone.standing.revision = 2;
        let tail = store.load_since(1).await.unwrap();
        assert_eq!((tail.revision, tail.departments.len(), tail.users), (2, 0, vec![gone]));
        let page = store.changes(PageRequest::new(1, Some(2))).await.unwrap();
        assert_eq!((page.items[0].seq, page.has_next), (3, true));
    }
);

both_databases!(
    async fn thousands_are_loaded_page_by_page_at_once_and_since_any_revision(database: TestDatabase) {
        let store = open(database).await;
        let named = |range: std::ops::Range<usize>| range.map(|n| user(&format!("user{n:05}"), &[1])).collect();
        let top = vec![department(1, None, "公司")];
        store.apply(batch(top, named(0..4_500)), cause(), None).await.unwrap();
        store
            .apply(batch(Vec::new(), named(4_000..6_500)), cause(), None)
            .await
            .unwrap();
        store
            .apply(batch(Vec::new(), named(0..1)), cause(), None)
            .await
            .unwrap();

        // By two connections, and by one.
        let all = store.load_directory().await.unwrap();
        let ids: Vec<_> = all.users.iter().map(|user| user.facts.userid.to_string()).collect();
        let expected: Vec<_> = (0..6_500).map(|n| format!("user{n:05}")).collect();
        assert_eq!((all.revision, all.departments.len(), ids), (3, 1, expected));

        for (after, departments, users) in [(-1, 1, 6_500), (0, 1, 6_500), (1, 0, 2_501), (2, 0, 1), (3, 0, 0)] {
            let mut tail = store.load_since(after).await.unwrap();
            tail.users.sort_by(|a, b| a.facts.userid.cmp(&b.facts.userid));
            let expected: Vec<_> = all
                .users
                .iter()
                .filter(|user| user.standing.revision > after)
                .cloned()
                .collect();
            assert_eq!(
                (tail.departments.len(), tail.users.len()),
                (departments, users),
                "after {after}"
            );
            assert!(tail.users == expected, "after {after}");
        }
    }
);

both_databases!(
    async fn an_empty_batch_takes_no_revision(database: TestDatabase) {
        let store = open(database).await;
        assert_eq!(store.apply(ChangeSet::default(), cause(), None).await.unwrap(), None);
        assert_eq!(store.current_revision().await.unwrap(), 0);
    }
);

both_databases!(
    async fn batches_of_many_writers_take_turns_and_number_their_log_without_gaps(database: TestDatabase) {
        let store = open(database).await;
        let writers = (0..8).map(|writer| {
            let store = store.clone();
            tokio::spawn(async move {
                let users = (0..20).map(|n| user(&format!("{writer}-{n}"), &[1])).collect();
                store
                    .apply(batch(Vec::new(), users), cause(), None)
                    .await
                    .unwrap()
                    .unwrap()
            })
        });

        let mut revisions = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            revisions.push(writer.await.unwrap());
        }
        revisions.sort_unstable();
        assert_eq!(revisions, (1..=8).collect::<Vec<_>>());

        let log = store.changes(PageRequest::new(500, None)).await.unwrap();
        assert_eq!(
            log.items.iter().map(|c| c.seq).collect::<Vec<_>>(),
            (1..=160).collect::<Vec<_>>()
        );
        assert_eq!(store.load_directory().await.unwrap().users.len(), 160);
    }
);

both_databases!(
    async fn a_writer_that_lost_its_lease_writes_nothing(database: TestDatabase) {
        let store = open(database).await;
        let old = store
            .acquire_lease("sync", "old", Duration::from_millis(50))
            .await
            .unwrap()
            .unwrap();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let new = store
            .acquire_lease("sync", "new", Duration::from_secs(60))
            .await
            .unwrap()
            .unwrap();
        assert!(new.fencing > old.fencing);

        let late = store
            .apply(batch(Vec::new(), vec![user("a", &[1])]), cause(), Some(&old))
            .await;
        assert!(matches!(late, Err(StoreError::LeaseLost)), "{late:?}");
        let loaded = store.load_directory().await.unwrap();
        assert_eq!(
            (
                loaded.revision,
                loaded.users.len(),
                store.last_change_seq().await.unwrap()
            ),
            (0, 0, 0)
        );

        assert_eq!(
            store
                .apply(batch(Vec::new(), vec![user("a", &[1])]), cause(), Some(&new))
                .await
                .unwrap(),
            Some(1)
        );
    }
);

both_databases!(
    async fn the_same_key_twice_in_a_batch_and_nul_in_a_text_do_no_harm(database: TestDatabase) {
        let store = open(database).await;
        let mut named = user("a\0", &[1, 1]);
        named.facts.name = "张\0三".into();
        store
            .apply(
                batch(
                    vec![department(1, None, "x"), department(1, None, "y")],
                    vec![user("a", &[2]), named],
                ),
                cause(),
                None,
            )
            .await
            .unwrap();

        let loaded = store.load_directory().await.unwrap();
        assert_eq!(
            (loaded.departments.len(), loaded.departments[0].facts.name.as_str()),
            (1, "y")
        );
        assert_eq!((loaded.users.len(), loaded.users[0].facts.name.as_str()), (1, "张三"));
        assert_eq!(loaded.users[0].facts.memberships.len(), 1);
    }
);

both_databases!(
    async fn thousands_of_records_go_in_one_batch(database: TestDatabase) {
        let store = open(database).await;
        let users = (0..2_500).map(|n| user(&format!("user-{n:05}"), &[1, 2])).collect();
        let departments = (1..=1_200)
            .map(|id| department(id, (id > 1).then_some(1), "部门"))
            .collect();
        assert_eq!(
            store.apply(batch(departments, users), cause(), None).await.unwrap(),
            Some(1)
        );

        let loaded = store.load_directory().await.unwrap();
        assert_eq!((loaded.departments.len(), loaded.users.len()), (1_200, 2_500));
        assert!(loaded.users.iter().all(|u| u.facts.memberships.len() == 2));
    }
);
