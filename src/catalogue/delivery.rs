//! What becomes of a message, and why sending waits.

statements! {
    DUPLICATE_RECIPIENT { user, position } =
        "{user, select, absent {This person} other {The user {user}}} is already recipient {position} of this message (counted from 0).";
    EXCLUDED {} = "This person is named among the exceptions.";
    USER_ID_WITH_COMMA {} = "The userid contains a comma, and DingTalk takes no such userid.";
    USER_NOT_IN_MIRROR { user } =
        "There is no user {user} in the mirror: check the userid, or wait for the next sync.";
    RECIPIENT_GONE { user, rehired } =
        "{user, select, absent {This person} other {The user {user}}} is no longer in the company.{rehired, select, absent {} other { \
         They were hired again as {rehired}, who has the same unionId: send to {rehired}.}}";
    RECIPIENT_INACTIVE { user } =
        "{user, select, absent {This person} other {The user {user}}} has never logged in to DingTalk.";
    HAD_IT_TODAY {} =
        "This person had the same content today already, and onDuplicate is SKIP: DingTalk would drop it.";
    SUPPRESSED {} = "Sending is switched off in the settings (enabled: false): nothing was sent.";
    SHADOWED {} = "Sending is in shadow (deliveryMode SHADOW): nothing was sent.";
    REDIRECTED { tester } =
        "Sending is redirected (deliveryMode REDIRECT): {tester} is sent to in this person's place.";

    WAITS_FOR_TOMORROW { until, why } = "It was not sent, and is tried again at {until, moment}. {why}";
    WAITS_FOR_TOKEN { why } = "It was not sent, because there was no access token, and will be. {why}";
    WILL_BE_REPEATED { why } = "It did not arrive and will be sent again. {why}";
    GIVEN_UP { attempts, why } = "Given up after {attempts} attempts. {why}";
    CALL_IS_SPLIT { recipients, together, why } =
        "DingTalk took this call for none of its {recipients} recipients because of one of them; they are sent to in smaller calls of \
         up to {together}. {why}";
    MAY_HAVE_ARRIVED { why } = "It may have arrived, and is not sent again: {why}";
    NO_ANSWER_IN_TIME { seconds } = "No answer came within {seconds} s.";
    REFUSED_WITH_CODE { why, code } = "{why} (DingTalk's code {code})";

    CALL_NOT_MADE { why } = "No call was made. {why}";
    NOBODY_TO_SEND_TO {} = "There is no DingTalk user to send it to.";
    PROCESS_STOOD_STILL {} = "No call was made: the process stood still until it was too late.";
    NO_TURN_IN_TIME {} = "No call was made: its turn at DingTalk's limits did not come in time.";
    CLAIM_UNHEARD {} = "No call was made: the database's answer to the claim was lost.";
    RESOLVED_FOR_ANOTHER_APP {} = "The settings name another app than the one that it was resolved for.";
    SWITCHED_OFF_MEANWHILE {} =
        "Sending was switched off in the settings (enabled: false) before it was sent.";
    SHADOWED_MEANWHILE {} = "Sending was switched to SHADOW in the settings before it was sent.";
    REDIRECTED_MEANWHILE {} =
        "Sending was switched to REDIRECT in the settings before it was sent, and what others were meant to get goes to nobody.";

    NOT_FOLLOWED_UP {} =
        "DingTalk took it. Whether it arrived and was read is not known, and isn't asked (followUp NONE).";
    ASKED_AT_THE_END { at } =
        "DingTalk took it. Whether it arrived and was read is not known before {at, moment}, when it is asked (followUp FINAL).";
    ASKED_IF_CALLS_ARE_LEFT { at } =
        "DingTalk took it. Whether it arrived and was read is not known; it is asked at {at, moment}, if the month's calls allow it \
         (followUp AUTO).";
    CALLS_ARE_KEPT_FOR_SENDING {} =
        "DingTalk took it. Whether it arrived and was read is not known: the month's calls are kept for sending (followUp AUTO).";
    RESERVE_IS_KEPT {} =
        "DingTalk took it. Whether it arrived and was read is not known: the month's last calls are kept for messages of priority HIGH.";
    NOT_NAMED {} =
        "DingTalk took it. Whether it arrived and was read is not known: DingTalk's answers did not name this person, and it is not \
         asked again.";
    READ_SINCE_UNKNOWN {} =
        "It was unread when DingTalk was last asked. Whether it was read since is not known, and isn't asked.";

    DROPPED_DUPLICATE { code } =
        "DingTalk dropped it because this person was sent the same content before on the same day: change the content (code {code}).";
    DROPPED_DAILY_QUOTA { code } =
        "DingTalk dropped it because this person has had as many of the app's notifications today as are allowed (500): send tomorrow \
         (code {code}).";
    DROPPED_APP_PER_MINUTE { code } =
        "DingTalk dropped it because the app sent to more than 5,000 recipients within a minute: send it again (code {code}).";
    DROPPED_COMPANY_PER_MINUTE { code } =
        "DingTalk dropped it because the company's apps sent to too many recipients within a minute: send it again (code {code}).";
    DROPPED_NO_RECEIVER { code } = "DingTalk dropped it because it had no receiver (code {code}).";
    DROPPED_GRANT_UNKNOWN { code } =
        "DingTalk dropped it because the kind of grant is unknown to it (code {code}).";
    DROPPED_FORBIDDEN_CONTENT { code } =
        "DingTalk dropped it because its content is forbidden (code {code}).";
    DROPPED_SYSTEM_PROTECTION { code } =
        "DingTalk dropped it because DingTalk's system protection is on: send it later (code {code}).";
    DROPPED_EXECUTIVE { code } =
        "DingTalk dropped it because this person is protected as an executive (code {code}).";
    DROPPED_FLOW_CONTROL { code } =
        "DingTalk dropped it because of its flow control ({code, select, absent {it gave no code} other {code {code}}}).";
    USER_UNKNOWN_TO_DINGTALK {} = "DingTalk does not know this userid, or the app may not see it.";
    NOT_DELIVERED {} = "DingTalk could not deliver it, and does not say why.";
    FIRST_SEND_PROVEN {} =
        "DingTalk dropped the repetition as a duplicate: the first send, whose answer was lost, had arrived.";

    IS_REPEATED {} =
        "It may have arrived; it is repeated while the day lasts, because onUnknown is REPEAT_SAME_DAY.";
    REPETITION_FAILED { why } = "The first send may have arrived. Of the repetition: {why}";
    ANSWER_NOT_RECORDED {} =
        "DingTalk's answer was not recorded in time, because the process that sent it ended, stood still or could not reach the \
         database: it may have arrived, and is not sent again.";
    DAY_IS_OVER {} =
        "It may have arrived, and is not repeated any more: on another day DingTalk would not drop the repetition, or the time that \
         the message gave it is over.";
    CONTENT_ERASED {} = "It did not arrive, and its content was erased before it could be sent again.";
    TOO_LATE_TO_SEND { why } =
        "It was not sent in the time that the message gave it.{why, select, absent {} other { {why}}}";
    HELD_FOR_APP { app } =
        "It was resolved for the app {app}, and the settings name another one, in whose company the same userid may be somebody else: \
         it is held until releaseHeldMessages sends it by the app that the settings name, recallMessage cancels it, or the settings \
         name its app again.";
    LOST_IN_FAILOVER {} =
        "The database failed over to a standby or was restored while this could have been sent, and whether it was is not on record: \
         it may have arrived.";

    RECALLED_BEFORE_SENDING {} = "The message was taken back before it was sent.";
    RECALLED_WHILE_UNKNOWN {} =
        "It may have arrived, and is not repeated, because the message was taken back.";
    RECALLED_REPETITION {} =
        "DingTalk took the repetition back. Whether the first send arrived nobody knows, and without a task id it can't be taken back.";
    RECALL_TOO_LATE { why } =
        "DingTalk takes a send back within 24 hours only.{why, select, absent {} other { {why}}}";
    RECALL_OFF { why } = "DingTalk can't be asked to take it back: {why}";
    RECALL_SHARED { count } =
        "DingTalk takes a whole send back, and this one carried the same content for {count, plural, one {another message} other {# \
         other messages}}, too, not taken back.";
    MESSAGE_NOT_FOUND {} =
        "messageId: there is no such message of yours; for other callers' messages the token needs message:read, too.";
    NO_APP_TO_RELEASE_TO {} =
        "The settings name no app that could send them: set appKey with updateSettings first.";

    STOPPED_FOR_NOW { why, until } =
        "Nothing is sent for now: {why} Messages wait; it is tried again after a change of the settings, by resumeDelivery, and at \
         {until, moment}.";
    STOPPED_BY_QUOTA { until } =
        "DingTalk's monthly quota of calls is used up, so nothing is sent before {until, moment}: buy more calls in DingTalk's \
         developer console and then call resumeDelivery, or wait.";
    REFUSED_IN_A_ROW { calls, messages, why } =
        "DingTalk has refused {calls, plural, one {{messages} different messages} other {# calls, of {messages} different messages at \
         least,}} in a row in the same way, so it isn't their fault: look at the app's state in DingTalk's developer console. {why}";
    SENDING_LACKS { field, details } =
        "The settings lack a valid {details}, which sending needs: set it with updateSettings, or switch sending off (enabled: false).";
    SETTINGS_UNHEARD { seconds } =
        "this process has not heard for {seconds} s whether the settings were changed, because it can't read them";
    SECRET_SEALED_HERE {} =
        "this process can't open the stored appSecret, which was sealed with another DINGMIRROR_SECRET_KEY: give this process the key \
         that the others have; only where that key is lost, set appSecret again, and give all processes the new key";
    HOSTS_NOT_ALLOWED_HERE { fields } =
        "this process's DINGMIRROR_ALLOWED_HOSTS doesn't name the hosts of {fields}: give all processes the same list, or set these \
         URLs to hosts that it names";
}
