//! What `getsendresult` says of each receiver, in our states and with the reason.

use std::collections::BTreeMap;

use crate::{
    catalogue::{Statement, delivery as said},
    dingtalk::{Forbidden, SendResult},
    directory::UserId,
    message::RecipientState,
};

/// A receiver with their new state and, where it is bad news, the reason.
pub(super) type ReceiverState = (UserId, RecipientState, Option<Statement>);

/// The receivers of whom the result says something, sorted by `userid`, each once. Who is in no list yet is still under
/// way: right after sending all lists are empty. Of several lists the worst counts, and `read` before `unread`.
pub(super) fn receiver_states(result: &SendResult) -> Vec<ReceiverState> {
    let mut states: BTreeMap<UserId, (RecipientState, Option<Statement>)> = BTreeMap::new();
    let mut put = |userid: &UserId, state, reason| {
        states.entry(userid.clone()).or_insert((state, reason));
    };
    // The first entry stays, so the worst list comes first.
    for Forbidden { userid, code } in &result.forbidden {
        let (state, reason) = dropped(code.as_deref());
        put(userid, state, Some(reason));
    }
    for userid in &result.invalid {
        let reason = said::USER_UNKNOWN_TO_DINGTALK {};
        put(userid, RecipientState::Invalid, Some(reason.into()));
    }
    for userid in &result.failed {
        put(userid, RecipientState::Failed, Some(said::NOT_DELIVERED {}.into()));
    }
    for userid in &result.read {
        put(userid, RecipientState::Read, None);
    }
    for userid in &result.unread {
        put(userid, RecipientState::DeliveredUnread, None);
    }

    states
        .into_iter()
        .map(|(userid, (state, reason))| (userid, state, reason))
        .collect()
}

/// `forbidden_list`'s codes (`docs/dingtalk.md#getsendresult`); 1432xx are 1431xx for apps of service providers.
fn dropped(code: Option<&str>) -> (RecipientState, Statement) {
    use RecipientState::{DroppedDuplicate, DroppedQuota, Failed};
    match code {
        Some("143106" | "143206") => (DroppedDuplicate, said::DROPPED_DUPLICATE { code }.into()),
        Some("143105" | "143205") => (DroppedQuota, said::DROPPED_DAILY_QUOTA { code }.into()),
        Some("143103" | "143203") => (DroppedQuota, said::DROPPED_APP_PER_MINUTE { code }.into()),
        Some("143104" | "143204") => (DroppedQuota, said::DROPPED_COMPANY_PER_MINUTE { code }.into()),
        Some("1430000") => (Failed, said::DROPPED_NO_RECEIVER { code }.into()),
        Some("1430001") => (Failed, said::DROPPED_GRANT_UNKNOWN { code }.into()),
        Some("1430002") => (Failed, said::DROPPED_FORBIDDEN_CONTENT { code }.into()),
        Some("1430003") => (Failed, said::DROPPED_SYSTEM_PROTECTION { code }.into()),
        Some("1430004") => (Failed, said::DROPPED_EXECUTIVE { code }.into()),
        _ => (DroppedQuota, said::DROPPED_FLOW_CONTROL { code }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(ids: &[&str]) -> Vec<UserId> {
        ids.iter().map(|&id| id.into()).collect()
    }

    #[test]
    fn each_list_becomes_a_state_and_bad_news_has_a_reason() {
        let result = SendResult {
            invalid: users(&["i"]),
            failed: users(&["f"]),
            read: users(&["r"]),
            unread: users(&["u"]),
            forbidden: vec![Forbidden {
                userid: "d".into(),
                code: Some("143106".into()),
            }],
        };

        let states: Vec<_> = receiver_states(&result)
            .into_iter()
            .map(|(u, s, r)| (u.to_string(), s, r.is_some()))
            .collect();
        use RecipientState::*;
        assert_eq!(
            states,
            [
                ("d".to_owned(), DroppedDuplicate, true),
                ("f".to_owned(), Failed, true),
                ("i".to_owned(), Invalid, true),
                ("r".to_owned(), Read, false),
                ("u".to_owned(), DeliveredUnread, false),
            ]
        );
    }

    #[test]
    fn empty_lists_say_nothing() {
        assert!(receiver_states(&SendResult::default()).is_empty());
    }

    #[test]
    fn who_is_in_several_lists_gets_the_worst_and_read_wins_over_unread() {
        let result = SendResult {
            read: users(&["a", "b"]),
            unread: users(&["a"]),
            forbidden: vec![Forbidden {
                userid: "b".into(),
                code: None,
            }],
            ..SendResult::default()
        };

        let states: Vec<_> = receiver_states(&result)
            .into_iter()
            .map(|(_, state, _)| state)
            .collect();
        assert_eq!(states, [RecipientState::Read, RecipientState::DroppedQuota]);
    }

    #[test]
    fn every_code_of_the_fact_sheet_has_a_state_and_a_sentence_with_the_code() {
        use RecipientState::{DroppedDuplicate, DroppedQuota, Failed};
        for (code, state) in [
            ("143103", DroppedQuota),
            ("143104", DroppedQuota),
            ("143105", DroppedQuota),
            ("143106", DroppedDuplicate),
            ("143203", DroppedQuota),
            ("143204", DroppedQuota),
            ("143205", DroppedQuota),
            ("143206", DroppedDuplicate),
            ("1430000", Failed),
            ("1430001", Failed),
            ("1430002", Failed),
            ("1430003", Failed),
            ("1430004", Failed),
            ("143999", DroppedQuota),
        ] {
            let (got, reason) = dropped(Some(code));
            assert_eq!(got, state, "{code}");
            let reason = reason.to_string();
            assert!(
                reason.starts_with("DingTalk dropped it because ") && reason.contains(code),
                "{reason}"
            );
        }

        assert_eq!(
            dropped(None).1.to_string(),
            "DingTalk dropped it because of its flow control (it gave no code)."
        );
    }
}
