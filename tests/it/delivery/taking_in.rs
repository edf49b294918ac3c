//! Taking a message in.

use std::collections::BTreeMap;

use dingmirror::{
    delivery::{Disclosure, Preview},
    directory::UserId,
    message::{Content, MessageState, RecipientState},
    problem::ProblemCode,
    settings::DeliveryMode,
};

use crate::support::database::TestDatabase;

use super::outbox::{Outbox, by_email};

both_databases!(
    async fn every_asked_recipient_has_a_row_in_the_order_asked_and_a_person_is_sent_to_once(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let (person, email) = outbox.somebody_with_an_email();
        let others = outbox
            .people
            .iter()
            .filter(|one| **one != person)
            .take(2)
            .cloned()
            .collect::<Vec<_>>();
        let mut request = outbox.to(&[
            person.clone(),
            others[0].clone(),
            "nobody-has-this".into(),
            others[1].clone(),
        ]);
        request.identities = vec![by_email("nobody@example.invalid"), by_email(&email)];

        let message = outbox.submit(request).await.message;
        outbox.settled(message.id, &ENDED).await;

        let rows = outbox.recipients(message.id).await;
        assert_eq!(
            rows.iter().map(|row| row.position).collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5]
        );
        let sent = |row: usize| rows[row].task_id.is_some();
        assert_eq!(rows[0].state, RecipientState::Unmatched);
        assert_eq!(rows[1].userid.as_ref(), Some(&person));
        assert!(sent(1) && sent(3) && sent(5));
        assert_eq!(
            (rows[2].state, rows[2].userid.as_ref()),
            (RecipientState::Duplicate, None)
        );
        assert_eq!(rows[4].state, RecipientState::Failed);
        for row in [0, 2, 4] {
            assert!(rows[row].reason.is_some(), "{:?}", rows[row]);
        }

        let mut received = receivers(&outbox).await;
        let mut expected = vec![person, others[0].clone(), others[1].clone()];
        received.sort();
        expected.sort();
        assert_eq!(received, expected, "the simulator's own record");
    }
);

both_databases!(
    async fn a_repeated_request_answers_with_the_first_message_and_sends_nothing_more(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut request = outbox.to(&outbox.people[..3]);
        request.idempotency_key = Some("job 1".into());
        let first = outbox.submit(request.clone()).await;
        assert!(!first.replayed);
        outbox.settled(first.message.id, &ENDED).await;

        // Later changes of the settings don't matter to a retried job.
        outbox.change(|settings| settings.app_secret = None);
        let again = outbox.submit(request.clone()).await;
        assert!(again.replayed);
        assert_eq!(again.message.id, first.message.id);

        outbox.change(|settings| settings.delivery_mode = DeliveryMode::Off);
        request.caller = "another".into();
        assert!(!outbox.submit(request).await.replayed, "keys are each caller's own");
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn fifty_concurrent_repetitions_make_one_message(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut request = outbox.to(&outbox.people[..2]);
        request.idempotency_key = Some("job 2".into());
        let submissions = (0..50).map(|_| outbox.submit(request.clone()));
        let answers = futures_util::future::join_all(submissions).await;
        assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
        assert!(answers.iter().all(|answer| answer.message.id == answers[0].message.id));
        outbox.settled(answers[0].message.id, &ENDED).await;
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn a_used_key_with_another_request_is_a_conflict(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut request = outbox.to(&outbox.people[..1]);
        request.idempotency_key = Some("job 3".into());
        let told = |preview: Preview| {
            preview
                .notices
                .iter()
                .any(|it| it.contains("would answer with that message"))
        };

        assert!(!told(
            outbox
                .delivery
                .preview(request.clone(), Disclosure::Shown)
                .await
                .unwrap()
        ));
        outbox.submit(request.clone()).await;
        assert!(told(
            outbox
                .delivery
                .preview(request.clone(), Disclosure::Shown)
                .await
                .unwrap()
        ));

        request.content = Content::Text {
            content: "something else".into(),
        }
        .into();
        assert_eq!(
            outbox.refusal(request.clone()).await,
            [("idempotencyKey".to_owned(), ProblemCode::Conflict)]
        );
        assert!(
            outbox.delivery.preview(request, Disclosure::Shown).await.is_err(),
            "a preview tells the same"
        );
    }
);

both_databases!(
    async fn require_all_matched_refuses_the_whole_message_and_names_who_is_missing(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut request = outbox.to(&[outbox.people[0].clone(), "nobody-has-this".into()]);
        request.identities = vec![by_email("nobody@example.invalid")];
        request.require_all_matched = true;

        let wrong = outbox.refusal(request.clone()).await;
        assert_eq!(
            wrong,
            [
                ("recipients.identities.0".to_owned(), ProblemCode::NotFound),
                ("recipients.userIds.1".to_owned(), ProblemCode::NotFound),
            ]
        );
        assert_eq!(outbox.store.count_messages(&Default::default()).await.unwrap(), 0);

        (request.identities, request.userids) = (Vec::new(), outbox.people[..2].to_vec());
        let message = outbox.submit(request).await.message;
        outbox.settled(message.id, &ENDED).await;
    }
);

both_databases!(
    async fn an_exception_that_nobody_is_found_for_is_told(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let (userid, email) = outbox.somebody_with_an_email();
        let mut request = outbox.to(&[userid]);
        request.except.identities = vec![by_email(&email), by_email("nobody@example.invalid")];
        request.except.userids = vec![outbox.people[1].clone(), "nobody-has-this".into()];

        let sent = outbox.submit(request.clone()).await;
        assert_eq!(
            outbox.recipients(sent.message.id).await[0].state,
            RecipientState::Excluded
        );
        let told = sent.notices.iter().map(ToString::to_string);
        let told: Vec<String> = told.filter(|it| it.contains("except.")).collect();
        assert_eq!(told.len(), 2, "{:?}", sent.notices);
        assert!(told[0].starts_with("recipients.except.identities.1: ") && told[0].contains("nobody@example.invalid"));
        assert_eq!(
            told[1],
            "recipients.except.userIds.1: There is no user nobody-has-this in the mirror: check the userid, or wait for the \
             next sync. Nobody is left out for it."
        );

        request.require_all_matched = true;
        assert_eq!(
            outbox.refusal(request).await,
            [
                ("recipients.except.identities.1".to_owned(), ProblemCode::NotFound),
                ("recipients.except.userIds.1".to_owned(), ProblemCode::NotFound),
            ]
        );
    }
);

both_databases!(
    async fn switched_off_sending_is_recorded_as_suppressed_and_nothing_leaves(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.change(|settings| settings.delivery_mode = DeliveryMode::Off);
        let message = outbox
            .submit(outbox.to(&[outbox.people[0].clone(), "nobody-has-this".into()]))
            .await
            .message;
        assert_eq!(message.state, MessageState::Suppressed);
        let states = BTreeMap::from([(RecipientState::Suppressed, 1), (RecipientState::Failed, 1)]);
        assert_eq!(outbox.states(message.id).await, states);

        // Switching it on again sends nothing of what was suppressed.
        outbox.change(|settings| settings.delivery_mode = DeliveryMode::On);
        let later = outbox.submit(outbox.to(&outbox.people[..1])).await.message;
        outbox.settled(later.id, &ENDED).await;
        assert_eq!(outbox.states(message.id).await, states);
        assert_eq!(outbox.sends().await.len(), 1);
    }
);

both_databases!(
    async fn incomplete_settings_are_named(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        outbox.change(|settings| (settings.agent_id, settings.app_secret) = (None, None));
        let error = outbox
            .delivery
            .submit(outbox.to(&outbox.people[..1]))
            .await
            .expect_err("nothing can be sent");

        let text = format!("{error:?}");
        assert!(
            text.contains("NotConfigured") && text.contains("agentId") && text.contains("appSecret"),
            "{text}"
        );
        assert!(!text.contains("appKey"), "{text}");
    }
);

both_databases!(
    async fn a_wrong_message_is_refused_with_the_field_and_nothing_is_recorded(database: TestDatabase) {
        let outbox = Outbox::start(database.target()).await;
        let mut request = outbox.to(&outbox.people[..1]);
        request.content = Content::Text {
            content: "汉".repeat(700),
        }
        .into();
        assert_eq!(
            outbox.refusal(request.clone()).await,
            [("content".to_owned(), ProblemCode::TooLong)]
        );

        request.content = Content::Voice {
            media_id: "x".into(),
            duration_seconds: 60,
        }
        .into();
        let fields: Vec<_> = outbox
            .refusal(request)
            .await
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(fields, ["content.voice.mediaId", "content.voice.durationSeconds"]);
        assert_eq!(outbox.store.count_messages(&Default::default()).await.unwrap(), 0);
    }
);

/// Everything but waiting and being sent.
const ENDED: [RecipientState; 10] = [
    RecipientState::Accepted,
    RecipientState::DeliveredUnread,
    RecipientState::Read,
    RecipientState::DroppedDuplicate,
    RecipientState::DroppedQuota,
    RecipientState::Invalid,
    RecipientState::Failed,
    RecipientState::Unknown,
    RecipientState::Unmatched,
    RecipientState::Duplicate,
];

async fn receivers(outbox: &Outbox) -> Vec<UserId> {
    let sends = outbox.sends().await;
    let userids = sends
        .iter()
        .flat_map(|send| send["receivers"].as_array().into_iter().flatten());
    userids
        .filter_map(|receiver| receiver["userid"].as_str())
        .map(UserId::from)
        .collect()
}
