//! What is wrong with a request to send, and what to say of one that is taken.

statements! {
    RECIPIENTS_MISSING {} = "recipients must name at least one identity, userId or department.";
    RECIPIENTS_TOO_MANY { field, count, most } =
        "{field} has {count} entries, at most {most} are allowed: split the message, with an idempotency key for each part, or name \
         departments.";
    RECIPIENTS_TOO_MANY_PEOPLE { count, most } =
        "recipients has {count} people with those of the departments, at most {most} are allowed: split the message.";
    EXPIRY_OUT_OF_RANGE { most } = "expiresInSeconds must be between 1 and {most}, a week.";
    VALUE_EMPTY { field } = "{field} must not be empty.";
    VALUE_TOO_LONG { field, length, most } = "{field} has {length} characters, at most {most} are allowed.";
    VALUE_CONTROL_CHARACTER { field } = "{field} contains a control character: remove it.";
    KEY_EMPTY {} =
        "idempotencyKey must not be empty: leave it out, or give a key that is the same when the job is retried.";
    KEY_TOO_LONG { length, most } =
        "idempotencyKey has {length} characters, at most {most} are allowed: hash it.";
    KEY_NOT_ASCII {} = "idempotencyKey must consist of printable ASCII characters.";
    KEY_REUSED {} =
        "idempotencyKey was used in the last 7 days for a message with other content or recipients: use a new key for a new message, \
         and the old key only to repeat the very same request.";

    KEY_REPEATED { at } =
        "idempotencyKey was used for this very request at {at, moment}: sendMessage would answer with that message, and send nothing.";

    DEPARTMENT_UNKNOWN { field, department } =
        "{field}: there is no department {department} in the mirror: check the deptId, or wait for the next sync.";
    DEPARTMENT_EMPTY { field, department, subtree, excepted } =
        "{field}: department {department} {subtree, select, true {and those below it have} other {has}} no people at present, so \
         {excepted, select, true {nobody is left out for it} other {it brings nobody}}: check the deptId, includeSubtree, and which \
         departments the app may see.";
    EXCEPTION_UNMATCHED { field, why } = "{field}: {why} Nobody is left out for it.";
    RECIPIENT_UNMATCHED { field, why } =
        "{field}: {why} Nothing was sent, because requireAllMatched is set: remove this recipient, or leave requireAllMatched out.";
    NOBODY_FOUND_FOR_MORE { count } = "Nobody was found for {count} more departments and exceptions.";
    NOBODY_IS_LEFT {} =
        "Nobody is left to send to: everybody whom recipients name is excepted, unknown, or can't be sent to, or its departments have \
         no people.";

    SENDING_IS_OFF {} =
        "Sending is switched off in the settings (enabled: false): the message is recorded, and nothing is sent.";
    SENDING_IS_SHADOW {} =
        "Sending is in shadow (deliveryMode SHADOW): the message is recorded, and nothing is sent.";
    SENDING_IS_REDIRECTED { tester } =
        "Sending is redirected (deliveryMode REDIRECT): only {tester} is sent to.";
    SENDING_IS_REDIRECTED_TO_NOBODY { tester } =
        "Sending is redirected (deliveryMode REDIRECT): only {tester} is sent to. The mirror has nobody of that userId: have redirectTo \
         put right in the settings.";
    FOLLOW_UP_IS_OFF { why } = "Follow-up is off, and ACCEPTED is the last that will be known: {why, phrase}.";
    KEPT_FOR_HIGH_PRIORITY { count, until } =
        "The month's last {count} calls are kept for messages of priority HIGH: this one waits until {until, moment}, or until the \
         operator raises DINGMIRROR_CALLS_PER_MONTH or lowers DINGMIRROR_CALLS_RESERVED.";
    NOT_SENT_AFTER { until } =
        "This message is not sent after {until, moment} (expiresInSeconds), whatever it waits for.";
    PROCESS_SENDS_NOTHING { why } =
        "The process that took this sends nothing for now, others may: {why, phrase}.";
    BANNED_FOR_NOW { seconds } =
        "DingTalk takes no calls from this server's address for another {seconds} s, because it made too many (its ban page): the \
         message waits until then.";

    SAME_CONTENT_TODAY { count } =
        "{count} of the recipients had the same content today already: DingTalk answers \"ok\" and drops it for them. Change the \
         content, or see onDuplicate.";
    SAME_CONTENT_UNMARKABLE { count } =
        "{count} of the recipients had the same content today already, and this type of message has no text to mark: DingTalk drops it \
         for them.";
    SAME_CONTENT_ALL_MARKS { count } =
        "{count} of the recipients had the same content today already, and every mark of this moment: DingTalk drops it for them.";
    DAILY_QUOTA_REACHED { count, most } =
        "{count} of the recipients had {most} notifications of this app today: DingTalk drops any more.";
    SHOWN_APART {} =
        "The token lacks the permission `directory:read`, so this preview doesn't tell who is in a department: people whom the request \
         names and people whom departments bring are shown apart, whatever they have in common, and nothing is predicted of the \
         latter. sendMessage sends to each person once, and to nobody who is excepted.";
    NEWLINES_LOST { count } =
        "{count, plural, one {One newline of the Markdown is no line break} other {# newlines of the Markdown are no line breaks}}: \
         DingTalk shows a blank there. Where lines are meant, end each with two blanks or leave an empty line between them, or set \
         keepLineBreaks.";
}
