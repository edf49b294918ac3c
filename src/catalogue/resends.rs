//! Sending a message again.

/// What becomes of those of whom nobody asks.
macro_rules! by_itself {
    () => {
        "who are UNKNOWN were left out: the message repeats their send by itself (onUnknown REPEAT_SAME_DAY)."
    };
}

/// Why those who wait for a message are not sent it again.
macro_rules! waits {
    () => {
        "{whoever waits for the message gets it without that}"
    };
}

/// Why those who have a message are not.
macro_rules! has_it {
    () => {
        "{DingTalk has the message for whoever is in this state}"
    };
}

statements! {
    RESEND_NAMED_WRONG {} = "give exactly one of `states` and `recipientIds`";
    RESEND_STATES_MISSING {} =
        "states must name at least one state, say UNMATCHED, or leave it out and give recipientIds.";
    RESEND_STATE_IMPOSSIBLE { field, state } = concat!(
        "{field}: {state} can't be sent again: {state, select, QUEUED ",
        waits!(),
        " SENDING ",
        waits!(),
        " ACCEPTED ",
        has_it!(),
        " DELIVERED_UNREAD ",
        has_it!(),
        " READ ",
        has_it!(),
        " DUPLICATE {the same person is a recipient already} other {whoever was left out on purpose, or by taking the message back, is \
         not sent it again}}."
    );
    RESEND_NOBODY_IN_STATES { count } = concat!(
        "states: no recipient of the message is in any of these states.{count, plural, =0 {} other { # ",
        by_itself!(),
        "}}"
    );
    RESEND_RECIPIENTS_MISSING {} =
        "recipientIds must name at least one recipient, or leave it out and give states.";
    RESEND_RECIPIENTS_TOO_MANY { count, most } =
        "recipientIds has {count} entries, at most {most} are allowed: send in parts, with an idempotency key for each part, or give \
         states.";
    RESEND_RECIPIENT_UNKNOWN { field } = "{field}: the message has no such recipient.";
    RESEND_RECIPIENT_REPEATED { field } =
        "{field}: the message repeats their send by itself (onUnknown REPEAT_SAME_DAY); wait until that is over.";

    RESEND_OF_RECALLED {} =
        "messageId: the message was taken back: send a new one, if it is to be sent after all.";
    RESEND_FOR_ANOTHER_APP { app, current } =
        "messageId: its recipients were resolved for the app {app}, and the settings name {current}: in that one's company the same \
         userids may be other people. Send a new message.";
    RESEND_OF_ERASED { at } =
        "messageId: its content was erased{at, select, absent {} other { at {at, moment}}} (DINGMIRROR_KEEP_MESSAGE_BODIES): send a \
         new message.";

    RESENT_BEFORE { at, by } =
        "It was sent again before, last at {at, moment}{by, select, absent {} other { by {by}}}: see `resends` of the message for \
         whom.";
    RESENT_TOO_OFTEN { most } =
        "messageId: the message was sent again {most} times already, by itself or by others that sent it again: send a new one.";
    RESEND_UNKNOWN_MAY_HAVE_IT { count } =
        "Of {count} of them nobody knows whether the former send arrived: where it did, they have the message twice, unless DingTalk \
         drops it because it is the same content on the same day.";
    RESEND_LEAVES_REPEATED_OUT { count } = concat!("{count} ", by_itself!());
    HAS_THE_MESSAGE {} =
        "This person has the message that is sent again, or waits for it, by that message or another that sent it again.";
}
