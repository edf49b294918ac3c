//! What `getsendresult` says of each receiver, in our states and in words.

use std::collections::BTreeMap;

use crate::{
    dingtalk::{Forbidden, SendResult},
    directory::UserId,
    message::RecipientState,
};

/// A receiver with their new state and, where it is bad news, the reason.
pub(super) type ReceiverState = (UserId, RecipientState, Option<String>);

/// The receivers of whom the result says something, sorted by `userid`, each once. Who is in no list yet is still under
/// way: right after sending all lists are empty. Of several lists the worst counts, and `read` before `unread`.
pub(super) fn receiver_states(result: &SendResult) -> Vec<ReceiverState> {
    let mut states: BTreeMap<UserId, (RecipientState, Option<String>)> = BTreeMap::new();
    let mut put = |userid: &UserId, state, reason| {
        states.entry(userid.clone()).or_insert((state, reason));
    };
    // The first entry stays, so the worst list comes first.
    for Forbidden { userid, code } in &result.forbidden {
        let (state, reason) = dropped(code.as_deref());
        put(userid, state, Some(reason));
    }
    for userid in &result.invalid {
        let reason = "DingTalk does not know this userid, or the app may not see it.";
        put(userid, RecipientState::Invalid, Some(reason.to_owned()));
    }
    for userid in &result.failed {
        let reason = "DingTalk could not deliver it, and does not say why.";
        put(userid, RecipientState::Failed, Some(reason.to_owned()));
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
fn dropped(code: Option<&str>) -> (RecipientState, String) {
    use RecipientState::{DroppedDuplicate, DroppedQuota, Failed};
    let (state, what) = match code {
        Some("143106" | "143206") => (
            DroppedDuplicate,
            "this person was sent the same content before on the same day: change the content",
        ),
        Some("143105" | "143205") => (
            DroppedQuota,
            "this person has had as many of the app's notifications today as are allowed (500): send tomorrow",
        ),
        Some("143103" | "143203") => (
            DroppedQuota,
            "the app sent to more than 5,000 recipients within a minute: send it again",
        ),
        Some("143104" | "143204") => (
            DroppedQuota,
            "the company's apps sent to too many recipients within a minute: send it again",
        ),
        Some("1430000") => (Failed, "it had no receiver"),
        Some("1430001") => (Failed, "the kind of grant is unknown to it"),
        Some("1430002") => (Failed, "its content is forbidden"),
        Some("1430003") => (Failed, "DingTalk's system protection is on: send it later"),
        Some("1430004") => (Failed, "this person is protected as an executive"),
        _ => (DroppedQuota, "of its flow control"),
    };

    match code {
        Some(code) => (state, format!("DingTalk dropped it because {what} (code {code}).")),
        None => (state, format!("DingTalk dropped it because {what} (it gave no code).")),
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
            assert!(
                reason.starts_with("DingTalk dropped it because ") && reason.contains(code),
                "{reason}"
            );
        }

        assert_eq!(
            dropped(None).1,
            "DingTalk dropped it because of its flow control (it gave no code)."
        );
    }
}
