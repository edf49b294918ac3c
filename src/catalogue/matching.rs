//! Who a Confluence user is in DingTalk, and why.

/// A link by hand that shares a key and does not apply, behind what the matching method says.
macro_rules! and_link {
    ($template:expr) => {
        concat!(
            $template,
            "{linked, select, absent {} other { A link by hand to DingTalk user {linked} shares a key, but is of another \
             {differs}, so it does not apply.}}"
        )
    };
}

/// Former users who had the key as well.
macro_rules! and_former {
    ($template:expr) => {
        and_link!(concat!(
            $template,
            "{former, plural, =0 {} one { One former user had it, too.} other { # former users had it, too.}}"
        ))
    };
}

/// Somebody whose key only looks like the one asked.
macro_rules! and_alike {
    ($template:expr, $field:expr, $more:expr) => {
        and_link!(concat!(
            $template,
            "{alike, select, absent {} other {{odd, select, absent { DingTalk user {alike} has one that looks alike, but is \
             written with other characters: look-alikes are refused.} other { DingTalk user {alike} has ",
            $field,
            " \"{plain}\", which looks alike, but the one asked has {odd}: look-alikes are refused.}}}}",
            $more
        ))
    };
}

/// Why somebody is gone.
macro_rules! gone {
    () => {
        "{cause, select, OUT_OF_SCOPE {they are no longer within this app's contact scope (通讯录权限范围) or what the \
         settings select} DEPARTMENT_REMOVED {their department was removed} other {they have left the company}}"
    };
}

/// How a link begins its sentence.
macro_rules! link {
    ($rest:expr) => {
        concat!(
            "Linked by hand by \"{by}\" on {on}, by {field}, to DingTalk user {user}",
            $rest
        )
    };
}

statements! {
    KEY_MISSING { field, method, unlinked } + { linked, differs } = and_link!(
        "The Confluence identity's {field} is missing, and the matching method {method} compares it.{unlinked, select, true { It is \
         not linked by hand, either, which accountId and userKey are for.} other {}}"
    );
    KEY_BLANK { field, method, unlinked } + { linked, differs } = and_link!(
        "The Confluence identity's {field} is blank, and the matching method {method} compares it.{unlinked, select, true { It is not \
         linked by hand, either, which accountId and userKey are for.} other {}}"
    );

    KEY_FOUND { user, field, key, former } + { linked, differs } =
        and_former!("DingTalk user {user} has {field} \"{key}\".");
    KEY_OF_INACTIVE { user, field, key, former } + { linked, differs } = and_former!(
        "DingTalk user {user} has {field} \"{key}\", but has never logged in to DingTalk, so they would not see a notification."
    );
    KEY_OF_HELD { user, field, key, former } + { linked, differs } = and_former!(
        "DingTalk user {user} has {field} \"{key}\", but their removal from the mirror waits for approval."
    );
    KEY_OF_GONE { user, field, key, cause, rehired } + { linked, differs } = and_link!(concat!(
        "DingTalk user {user} has {field} \"{key}\", but ",
        gone!(),
        ".{rehired, select, absent {} other { They were hired again as DingTalk user {rehired}, who has the same unionId: link \
         {rehired} by hand.}}"
    ));
    KEY_OF_SEVERAL { count, field, key, unseen } + { linked, differs } = and_link!(
        "{count, plural, =2 {Two} =3 {Three} other {#}} DingTalk users have {field} \"{key}\", so nobody is chosen.{unseen, plural, \
         =0 {} one { One of them is outside this app's contact scope (通讯录权限范围) or what the settings select, and may be in the \
         company still: link whoever is meant by hand.} other { Some of them are outside this app's contact scope (通讯录权限范围) or \
         what the settings select, and may be in the company still: link whoever is meant by hand.}}"
    );
    KEY_OF_SEVERAL_GONE { count, field, key } + { linked, differs } = and_link!(
        "{count, plural, =2 {Two} =3 {Three} other {#}} former DingTalk users have {field} \"{key}\", so nobody is chosen. Nobody \
         present has it."
    );

    MIRROR_EMPTY {} + { linked, differs } =
        and_link!("The mirror holds no DingTalk users yet: run a sync first.");
    EMAIL_HIDDEN_OF_USER { key, user } + { linked, differs } = and_link!(
        "No DingTalk user has email or org_email \"{key}\". DingTalk user {user} has this username as job number, but their DingTalk \
         email is not visible to this app: grant it the permission 邮箱等个人信息 and sync again."
    );
    EMAIL_HIDDEN_OF_ALL {} + { linked, differs } = and_link!(
        "No DingTalk user's email is visible to this app: grant it the permission 邮箱等个人信息 and sync again."
    );
    EMAIL_UNKNOWN { key, form, alike, plain, odd, hidden, all } + { linked, differs } = and_alike!(
        "No DingTalk user has email or org_email \"{key}\"{form, select, OTHER {, which is not an email address} other {}}.",
        "email",
        "{hidden, plural, =0 {} other { Of # of the {all} people DingTalk tells no email: they have none there, or this app may not \
         see it; in that case grant it the permission 邮箱等个人信息 and sync again.}}"
    );
    JOB_NUMBERS_MISSING {} + { linked, differs } = and_link!(
        "No DingTalk user of the mirror has a job number: fill 工号 in DingTalk, or match by email."
    );
    JOB_NUMBER_ZEROS { key, existing } + { linked, differs } = and_link!(
        "No DingTalk user has job number \"{key}\"; \"{existing}\" exists, \"{key}\" was asked: leading zeros are significant."
    );
    JOB_NUMBER_UNKNOWN { key, alike, plain, odd } + { linked, differs } =
        and_alike!("No DingTalk user has job number \"{key}\".", "job number", "");

    LINKED { by, on, field, user } = link!(".");
    LINKED_INACTIVE { by, on, field, user } =
        link!(", who has never logged in to DingTalk, so they would not see a notification.");
    LINKED_HELD { by, on, field, user } = link!(", but their removal from the mirror waits for approval.");
    LINKED_UNKNOWN { by, on, field, user } =
        link!(", whom the mirror does not have: wait for the next sync, or link anew.");
    LINKED_GONE { by, on, field, user, cause, rehired, matched } = link!(concat!(
        ", but ",
        gone!(),
        ": the link is not followed.{rehired, select, absent {{matched, select, absent { Remove the link, or link anew.} other { The \
         matching method would say {matched}: remove the link, or link anew.}}} other { They were hired again as DingTalk user \
         {rehired}, who has the same unionId: link {rehired} by hand.}}"
    ));
    LINKS_DISAGREE { first, second, more } =
        "{first, phrase}; and {second, phrase}{more, plural, =0 {} other {; and # more}}, so nobody is chosen: remove all links but \
         one.";

    ONLY_LINKED_REMEMBERED {} =
        "This server remembers only Confluence identities that are linked by hand (DINGMIRROR_REMEMBER_IDENTITIES is 0): all others \
         are missing here.";
    IDENTITIES_FULL { count } =
        "{count} Confluence identities are known, as many as are kept in memory, and no more are remembered: whoever was first asked \
         for since is missing here.";
}
