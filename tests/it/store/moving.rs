//! Exports, imports and moves: whom they may have sent to, and what is refused.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use dingmirror::{
    auth::{ApiKey, ApiKeySecret, Permission, Revocation, Revoked},
    clock::Clock,
    message::RecipientState,
    store::{MovedPart, MovedTable, Store, export, import, move_all},
};

use super::{
    fixtures::open,
    messages::{TTL, accepted, message, states},
};
use crate::support::{database::TestDatabase, outbox::claim};

fn rows(tables: &[MovedTable], name: &str) -> u64 {
    let found = tables.iter().find(|table| table.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {tables:?}")).rows
}

/// A database in which a message was sent and another one waits.
async fn filled(database: &TestDatabase) -> (Store, [uuid::Uuid; 2]) {
    let store = open(database).await;
    store.epoch().await.unwrap();
    store.note_alive().await.unwrap();
    let (sent, waits) = (message(Some("k"), &["a", "b"]), message(None, &["c"]));
    let ids = [sent.id, waits.id];
    store.insert_message(sent).await.unwrap();
    let batch = claim(&store, 10, "w", TTL).await.unwrap();
    store.finish_attempt(batch.call_id, accepted(7)).await.unwrap();
    store.insert_message(waits).await.unwrap();
    (store, ids)
}

fn api_key() -> ApiKey {
    let (now, secret) = (Clock::system().now(), ApiKeySecret::make(uuid::Uuid::now_v7()).unwrap());
    ApiKey {
        id: secret.id,
        name: "plugin".to_owned(),
        permissions: [Permission::MessageSend].into(),
        hash: secret.hash(),
        created_at: now,
        created_by: "admin".to_owned(),
        expires_at: now + chrono::Duration::hours(1),
        last_used_at: None,
        revoked_at: None,
        revoked_by: None,
    }
}

fn revocation() -> Revocation {
    let now = Clock::system().now();
    Revocation {
        id: uuid::Uuid::now_v7(),
        revoked: Revoked::Subject {
            subject: "anna".to_owned(),
            issued_before: now,
        },
        revoked_at: now,
        revoked_by: "admin".to_owned(),
        over_at: now + chrono::Duration::hours(1),
    }
}

/// Of another kind than `database`.
async fn other_kind(database: &TestDatabase) -> TestDatabase {
    match database.url() {
        None => TestDatabase::postgres().await,
        Some(_) => TestDatabase::sqlite().await,
    }
}

both_databases!(
    async fn a_file_goes_into_the_other_kind_of_database_and_doubts_whom_it_may_be_too_old_for(database: TestDatabase) {
        let (store, [sent, waits]) = filled(database).await;
        let key = api_key();
        store.create_api_key(&key, "admin").await.unwrap();
        let revocation = revocation();
        store.revoke_tokens(&revocation, "admin").await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("export");
        let beside = Store::connect_to_read(database.target(), Clock::system())
            .await
            .unwrap();
        let exported = export(&beside, MovedPart::Own, &file).await.unwrap();
        assert_eq!((rows(&exported, "messages"), rows(&exported, "recipients")), (2, 3));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        let again = export(&beside, MovedPart::Own, &file).await.unwrap_err().to_string();
        assert!(again.contains("exists already"), "{again}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing lies beside");
        // The server went on meanwhile.
        let more = message(None, &["d"]);
        store.insert_message(more.clone()).await.unwrap();

        let other = other_kind(database).await;
        let target = open(&other).await;
        let epoch = target.epoch().await.unwrap();
        let keys = target.api_keys_in_force(None).await.unwrap().unwrap();
        assert!(keys.keys.is_empty(), "{keys:?}");
        let revoked = target.revocations_in_force(None).await.unwrap().unwrap();
        assert!(revoked.revocations.is_empty(), "{revoked:?}");
        let imported = import(&target, &file, false, "admin").await.unwrap();
        assert_eq!(imported, exported);
        assert_eq!(target.message(sent).await.unwrap(), store.message(sent).await.unwrap());
        assert_eq!(states(&target, sent).await, [RecipientState::Accepted; 2]);
        assert_eq!(
            states(&target, waits).await,
            [RecipientState::Unknown],
            "it may have been sent since"
        );
        assert!(target.message(more.id).await.unwrap().is_none());
        assert_ne!(target.epoch().await.unwrap(), epoch);
        let keys = target.api_keys_in_force(Some(&keys.mark)).await.unwrap();
        let keys = keys.expect("a server that runs there hears of the keys that came");
        assert_eq!(keys.keys.iter().map(|it| it.id).collect::<Vec<_>>(), [key.id]);
        let revoked = target.revocations_in_force(Some(&revoked.mark)).await.unwrap();
        let revoked = revoked.expect("and of what was revoked");
        assert_eq!(revoked.revocations, [revocation]);

        // What comes next is numbered behind what was brought in, and known keys are known.
        let again = target.insert_message(message(Some("k"), &["a", "b"])).await.unwrap();
        assert_eq!(again.message.id, sent);
        let next = message(None, &["e"]);
        target.insert_message(next.clone()).await.unwrap();
        assert_eq!(states(&target, next.id).await, [RecipientState::Queued]);

        let refused = import(&target, &file, false, "admin").await.unwrap_err().to_string();
        assert!(
            refused.contains("--replace") && refused.contains("rows in"),
            "{refused}"
        );
        assert!(target.message(next.id).await.unwrap().is_some());
        import(&target, &file, true, "admin").await.unwrap();
        assert!(target.message(next.id).await.unwrap().is_none());
        drop(target);
        other.remove().await;
    }
);

both_databases!(
    async fn a_database_that_nobody_else_can_use_is_moved_with_whoever_waits(database: TestDatabase) {
        let (store, [sent, waits]) = filled(database).await;
        let other = other_kind(database).await;
        let target = open(&other).await;
        let moved = move_all(&store, &target, false, true, "admin").await.unwrap();
        assert_eq!(rows(&moved, "attempts"), 1);
        assert_eq!(states(&target, sent).await, [RecipientState::Accepted; 2]);
        assert_eq!(states(&target, waits).await, [RecipientState::Queued]);
        assert!(
            claim(&target, 10, "w", TTL).await.is_some(),
            "and is sent to by whoever has it now"
        );
        drop(target);
        other.remove().await;
    }
);

both_databases!(
    async fn many_rows_are_moved_page_by_page_and_counted(database: TestDatabase) {
        let store = open(database).await;
        let users: Vec<String> = (0..1_234).map(|n| format!("user {n:05}")).collect();
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let (id, dir) = (message(None, &users), tempfile::tempdir().unwrap());
        store.insert_message(id.clone()).await.unwrap();
        store.unfold().await.unwrap();

        let file = dir.path().join("export");
        let exported = export(&store, MovedPart::All, &file).await.unwrap();
        assert_eq!(rows(&exported, "recipients"), 1_234);
        let other = other_kind(database).await;
        let target = open(&other).await;
        assert_eq!(import(&target, &file, false, "admin").await.unwrap(), exported);
        let (mine, theirs) = (states(&store, id.id).await, states(&target, id.id).await);
        assert_eq!(mine.len(), theirs.len());
        drop(target);
        other.remove().await;
    }
);

/// What is said of a file with these lines, and that nothing came of it.
async fn refused(target: &Store, dir: &Path, lines: &str) -> String {
    let file = dir.join("changed");
    fs::write(&file, lines).unwrap();
    let told = import(target, &file, false, "admin").await.unwrap_err().to_string();
    let messages = export(target, MovedPart::Own, &dir.join("after")).await.unwrap();
    assert_eq!(rows(&messages, "messages"), 0, "{told}");
    fs::remove_file(dir.join("after")).unwrap();
    told
}

both_databases!(
    async fn a_file_that_is_not_whole_or_of_another_version_brings_nothing_in(database: TestDatabase) {
        let source = TestDatabase::sqlite().await;
        let (store, _) = filled(&source).await;
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("export");
        export(&store, MovedPart::Own, &file).await.unwrap();
        let whole = fs::read_to_string(&file).unwrap();
        let target = open(database).await;

        let lines: Vec<&str> = whole.lines().collect();
        let without_end = format!("{}\n", lines[..lines.len() - 1].join("\n"));
        assert!(
            refused(&target, dir.path(), &without_end)
                .await
                .contains("the end is missing")
        );
        let half = &whole[..whole.len() / 2];
        assert!(refused(&target, dir.path(), half).await.contains("cut off"));

        let a_row = whole.lines().find(|line| line.contains("\"plugin\"")).unwrap();
        let lost = whole.replacen(&format!("{a_row}\n"), "", 1);
        assert!(
            refused(&target, dir.path(), &lost)
                .await
                .contains("messages should have 2 rows, and has 1")
        );

        for (from, to, words) in [
            ("\"format\":1", "\"format\":2", "format 2"),
            (
                "\"request_digest\"",
                "\"of_tomorrow\"",
                "no column of_tomorrow of messages",
            ),
            (
                "\"table\":\"messages\"",
                "\"table\":\"of_tomorrow\"",
                "no table of_tomorrow",
            ),
            ("\"dingmirror\":\"export\"", "\"dingmirror\":\"x\"", "no export"),
            ("\"silentMs\":", "\"silentMs\":\"\",\"x\":", "line 1"),
        ] {
            let changed = whole.replacen(from, to, 1);
            assert_ne!(changed, whole, "{from}");
            let told = refused(&target, dir.path(), &changed).await;
            assert!(told.contains(words) && told.contains("changed"), "{words}: {told}");
        }
        assert!(refused(&target, dir.path(), "{}\n").await.contains("line 1"));
        assert!(refused(&target, dir.path(), "").await.contains("the end is missing"));

        // And the whole one is taken.
        import(&target, &file, false, "admin").await.unwrap();
    }
);
