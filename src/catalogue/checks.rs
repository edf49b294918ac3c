//! What the checks of the settings and of the installation found, in product words.

/// What is not to be had without a call, by the field of its URL.
macro_rules! without {
    () => {
        "{field, select, getTokenUrl {nothing can be read or sent, because DingTalk gives no access token} departmentListSubUrl {the \
         departments can't be read, so no sync gets anywhere} departmentGetUrl {the managers and the order of departments can't be \
         read} userListIdUrl {who is in which department can't be read} userGetUrl {the people's records can't be read} \
         userGetByMobileUrl {nobody can be looked up by mobile number} asyncSendUrl {no message can be sent} authScopesUrl {what the app \
         may see can't be asked, so a sync begins at the root department} userListUrl {people are read one by one, so a sync takes \
         longer} userCountUrl {DingTalk's own count of the company can't be compared} getSendProgressUrl {how far a late send is can't \
         be asked} getSendResultUrl {that DingTalk took a message is the last that is known of it} recallUrl {messages can't be taken \
         back} callBackFailedResultUrl {events whose push failed are made up for by the next full sync alone} streamOpenUrl {changes \
         don't arrive by the stream} other {this call can't be made}}"
    };
}

statements! {
    CALL_WORKS { field } =
        "{field, select, getTokenUrl {DingTalk gives an access token: appKey, appSecret and the URL are right} departmentListSubUrl \
         {Departments can be read} departmentGetUrl {The details of departments can be read} userListIdUrl {Who is in a department can \
         be read} userGetUrl {People's records can be read} userGetByMobileUrl {People can be looked up by mobile number} authScopesUrl \
         {What the app may see can be asked} userListUrl {People can be read in bulk} userCountUrl {DingTalk's own count can be asked} \
         streamOpenUrl {A stream can be opened} other {The call works}}.";
    SEND_URL_PROVED {} =
        "The URL is right: DingTalk refused a message to nobody, as it should. Nothing was sent.";
    URL_PROVED { field } =
        "The URL is right. {field, select, recallUrl {Whether DingTalk takes messages back shows only with a real one} \
         callBackFailedResultUrl {The list itself was not read, because reading empties it} other {What it answers shows only with a \
         real message}}.";
    URL_PROVED_WITHOUT_TOKEN { field } =
        "The URL is right. What the app may do there could not be tested without an access token.";
    CALL_UNUSABLE { field } = concat!("As it stands, ", without!(), ".");
    CALL_OFF { field } = concat!("Switched off: ", without!(), ".");
    CALL_UNTESTED { field } =
        "Not tested: {field, select, getTokenUrl {the settings lack what it needs} other {what it rests on failed}}.";
    CALL_UNANSWERED { field } =
        "Could not be tested just now: DingTalk gave no answer that tells. Test again in some minutes.";
    TEST_RUNNING {} = "Another test of the settings is under way: wait for its end.";
    TEST_OUT_OF_TIME {} = "Not tested: the other checks took too long. Test again.";

    AGENT_ID_ACCEPTED {} =
        "DingTalk did not object to agentId. That it is this app's can't be proved without sending a message.";
    AGENT_ID_MISSING {} = "No message can be sent: agentId is missing.";
    AGENT_ID_REFUSED {} = "No message can be sent: DingTalk doesn't take agentId for this app.";
    AGENT_ID_UNTESTED {} = "Not tested: DingTalk could not be asked about sending.";

    SCOPE_WHOLE_COMPANY {} = "The app sees the whole company.";
    SCOPE_PARTS { departments, people } =
        "The app sees a part of the company: {departments, plural, one {# department} other {# departments}} with all below, and \
         {people, plural, one {# person} other {# people}} by themselves.";
    SCOPE_NOTHING {} = "The app sees nobody: the mirror stays empty.";
    SCOPE_ROOT_READABLE {} = "The app sees the company's root department.";
    SCOPE_ROOT_HIDDEN {} = "The app doesn't see the company's root department.";
    SCOPE_UNTESTED {} = "Not tested: DingTalk could not be asked what the app may see.";
    WIDEN_SCOPE {} =
        "Widen the app's contact scope (通讯录权限范围) in DingTalk's developer console, if more is to be mirrored.";

    EMAILS_SEEN { seen, sampled } =
        "Email addresses can be seen: {seen} of {sampled} people who were looked at have one.";
    EMAILS_EMPTY { sampled } =
        "The app may see email addresses, but none of the {sampled, plural, one {person} other {# people}} who {sampled, plural, one \
         {was} other {were}} looked at has one.";
    EMAILS_HIDDEN_FROM_MATCHING { sampled } =
        "Email matching will match nobody: DingTalk shows no email address of the {sampled, plural, one {person} other {# people}} who \
         {sampled, plural, one {was} other {were}} looked at.";
    EMAILS_HIDDEN { sampled } =
        "DingTalk shows no email address of the {sampled, plural, one {person} other {# people}} who {sampled, plural, one {was} other \
         {were}} looked at. The matching method in force does without.";
    MOBILES_SEEN { seen, sampled } =
        "Mobile numbers can be seen: {seen} of {sampled} people who were looked at have one.";
    MOBILES_HIDDEN { sampled } =
        "DingTalk shows no mobile number of the {sampled, plural, one {person} other {# people}} who {sampled, plural, one {was} other \
         {were}} looked at.";
    JOB_NUMBERS_SEEN { seen, sampled } =
        "Job numbers can be seen: {seen} of {sampled} people who were looked at have one.";
    JOB_NUMBERS_MISSING_FOR_MATCHING { sampled } =
        "Job number matching may match nobody: of {sampled, plural, one {the person} other {# people}} who {sampled, plural, one {was} \
         other {were}} looked at, nobody has a job number.";
    JOB_NUMBERS_MISSING_HERE { sampled } =
        "Of {sampled, plural, one {the person} other {# people}} who {sampled, plural, one {was} other {were}} looked at, nobody has a \
         job number. The matching method in force does without.";
    NOBODY_LOOKED_AT {} = "Not tested: no person could be read.";
    GRANT_PERMISSION { permission } =
        "Grant the app {permission} in DingTalk's developer console, publish a version of it, and sync again. It is in force with the \
         next access token, which may take up to 2 hours.";
    FILL_JOB_NUMBERS {} = "Fill in 工号 in DingTalk, or match by email.";

    PEOPLE_COUNTED { counted } =
        "DingTalk counts {counted, plural, one {# person} other {# people}} in the company.";

    EVENTS_BY_STREAM {} =
        "Changes arrive by the stream. Which kinds DingTalk sends is chosen in its developer console (事件订阅), and can't be asked.";
    EVENTS_BY_PUSH {} =
        "Changes are pushed by DingTalk. Whether its pushes arrive can't be proved from here.";
    EVENTS_BY_SYNC {} =
        "No changes arrive by themselves: they are seen at the next sync.";
    EVENTS_BROKEN {} =
        "Changes don't arrive by the stream: they are seen at the next sync.";
    SWITCH_EVENTS_ON {} =
        "Have the operator switch the stream on (DINGMIRROR_STREAM), and choose it in DingTalk's developer console (事件订阅).";

    CONFIGURATION_READ { place } = "The configuration is right. Data and generated secrets are in {place}.";
    CONFIGURATION_WRONG { detail } = "{detail}";
    DATABASE_REACHED { place } = "The database can be reached: {place}.";
    DATABASE_UNREACHED { detail } = "The database can't be used: {detail}";
    DATABASE_IN_USE {} =
        "Another dingmirror uses the database, so neither that nor the settings in it were looked at.";
    ASK_THE_SERVER {} =
        "Ask the server that runs: by Test on the settings page, or by the mutation testSettings. Or stop it and look again.";
    DATABASE_WRITABLE {} = "The database takes writes.";
    DATABASE_NOT_WRITABLE { detail } = "The database takes no writes: {detail}";
    DATABASE_UP_TO_DATE {} = "The tables are those of this version.";
    DATABASE_BEHIND { count } =
        "{count, plural, one {One step} other {# steps}} of the tables {count, plural, one {is} other {are}} still to be made. A \
         server makes them when it starts; `dingmirror migrate` does so before.";
    DATABASE_TABLES_UNREADABLE { detail } = "The tables can't be looked at: {detail}";
    CLOCK_AGREES { seconds } =
        "The machine's clock and the database's are {seconds, plural, one {# second} other {# seconds}} apart.";
    CLOCK_DIFFERS { seconds } =
        "The machine's clock and the database's are {seconds, plural, one {# second} other {# seconds}} apart.";
    SET_THE_CLOCK {} = "Have both machines follow a time server (NTP).";
    SECRET_OPENED {} = "The stored appSecret can be opened with this key.";
    SECRET_NOT_THERE {} = "There is no stored appSecret to open.";
    DISK_HAS_ROOM { megabytes, place } = "There are {megabytes} MB free where {place} is.";
    DISK_HAS_LITTLE_ROOM { megabytes, place } = "There are only {megabytes} MB free where {place} is.";
    MAKE_ROOM {} = "Make room, or move the data directory to another disk: on a full one nothing is synced or sent.";
    EPOCH_GOES_ON { epoch } = "The database is the one that the last server worked with (epoch {epoch}).";
    EPOCH_BEGINS {} =
        "The database is not the one that a server worked with last: it is new, was restored, or failed over. The next server that \
         starts begins another epoch.";
    API_KEYS_IN_FORCE { count } =
        "{count, plural, =0 {No API key is} one {# API key is} other {# API keys are}} in force.";
    API_KEYS_END_SOON { count, ending, days } =
        "{count, plural, one {# API key is} other {# API keys are}} in force, and {ending, plural, one {# of them ends} other {# of \
         them end}} within {days} days.";
    MAKE_ANOTHER_KEY {} = "Make another one by `dingmirror key create` before the old one ends: `dingmirror key list` tells which.";
    QUOTA_LASTS { used, most } = "{used} of this month's {most} metered calls to DingTalk are used.";
    QUOTA_ENDS_EARLY { used, most, at } =
        "{used} of this month's {most} metered calls to DingTalk are used: at this pace none is left from {at, moment} on.";
    QUOTA_IS_USED_UP { used, until } =
        "This month's metered calls to DingTalk are used up, all {used}: a message waits until {until, moment}.";
    SAVE_CALLS {} =
        "Buy more in DingTalk's developer console and raise DINGMIRROR_CALLS_PER_MONTH, or spend fewer on asking \
         (DINGMIRROR_FOLLOW_UP) and on messages that wait for each other (DINGMIRROR_COALESCE_WINDOW).";
    UNTESTED_FOR_THE_DATABASE {} = "Not tested: the settings are in the database, which could not be read.";
}
