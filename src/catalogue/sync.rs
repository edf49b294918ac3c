//! How a sync ends, and what it found.

/// People, with some of them by name.
macro_rules! people {
    () => {
        "{count, plural, one {# person} other {# people}} ({examples})"
    };
}

/// Departments, with some of them by name.
macro_rules! departments {
    () => {
        "{count, plural, one {# department} other {# departments}} ({examples})"
    };
}

statements! {
    SELECTION_EMPTY {} =
        "Nothing that the app may see is selected: includeDepartments and excludeDepartments of the settings leave all of it out.";
    SCOPE_EMPTY {} =
        "The app's contact scope (通讯录权限范围) names no department and nobody: widen it in DingTalk's developer console.";
    ROOT_LOST {} =
        "The whole company was visible before, and the root department no longer is: loss of scope is not leaving, so nobody is \
         removed without approval. Set the app's contact scope (通讯录权限范围) to all employees again, or approve what waits \
         (heldRemovals) if it was narrowed on purpose.";
    FEW_PEOPLE_SEEN { seen, known } = "Only {seen} people were seen where the mirror has {known}.";
    FEW_DEPARTMENTS_SEEN { seen, known } = "Only {seen} departments were seen where the mirror has {known}.";
    COUNT_DIFFERS { counted, seen } =
        "DingTalk counts {counted} people, and {seen} were seen in its departments.";
    DEPARTMENTS_UNLISTED { count, examples, reason } = concat!(departments!(), " could not be listed: {reason}.");
    DEPARTMENT_RECORDS_UNREAD { count, examples } =
        concat!("The records of ", departments!(), " could not be read.");
    PEOPLE_UNREAD { count, examples } =
        concat!("The records of ", people!(), " could not be read; they stay as they were.");
    PEOPLE_READ_BY_LIST { count, examples } = concat!(
        "The details of ",
        people!(),
        " could not be read; what their departments' lists say was taken."
    );
    PEOPLE_OUT_OF_SCOPE { count, examples } = concat!(
        "Listed by departments, but outside the app's contact scope (通讯录权限范围): ",
        people!(),
        ". What the mirror knew was kept."
    );
    SIDES_DISAGREE { count, examples } = concat!(
        "A person's own departments and the departments' lists do not agree about ",
        people!(),
        "."
    );
    DEPARTMENTS_NOT_FOUND { count, examples } =
        concat!("People name ", departments!(), " that the crawl did not find.");
    PARENTS_IN_CIRCLE { count, examples } =
        concat!("Parents that form a circle were cut at ", departments!(), ".");
    PARENTS_NOT_FOUND { count, examples } = concat!("The parent of ", departments!(), " was not found.");
    FIELDS_WITHHELD { group, permission } =
        "DingTalk no longer says anybody's {group, select, MOBILE {mobile numbers} other {emails and other personal fields}}: the \
         permission {permission} was probably withdrawn. What the mirror knew was kept.";

    REMOVALS_WAIT { why } = "{why} They wait for approval: see heldRemovals.";
    ABSENT_UNASKED { count } =
        "{count} more records that the crawl did not come across are asked about by the next runs.";
    ABSENT_LEFT_OUT { count } = "{count} records are in no department that the settings select any more.";
    ABSENT_MOVED { count } =
        "DingTalk still knows {count} records that the crawl did not come across: they were moved meanwhile, and were read by \
         themselves.";
    ABSENT_STILL_THERE { count } =
        "DingTalk still knows {count} records that the crawl did not come across: they were read by themselves.";
    ABSENT_UNANSWERED { count } =
        "Whether {count} records are gone could not be asked; they stay as they were.";
    SELECTION_UNASKED { count } =
        "Whether the settings still select {count} records could not be asked, while others read them, too: they stay as they were.";
    MIRROR_CONTRADICTS_ITSELF { contradiction, more } =
        "The mirror contradicts itself, and the next runs read it again: {contradiction}{more, plural, =0 {} other { # more are like that.}}";
    SCOPE_UNASKED { why } =
        "The app's contact scope could not be asked, so the crawl started at the root department: {why}";
    PEOPLE_UNCOUNTED { why } = "The company's people could not be counted: {why}";
    BULK_READING_UNAVAILABLE { why } =
        "People are read one by one, because bulk reading (userListUrl) is not available: {why}";
    RUN_UNFINISHED { why } = "The run could not be finished, and nothing was applied: {why}";

    RUN_WAITS { path, field, why } = "The run waits for DingTalk: {path} ({field}): {why}";
    RUN_SET_ASIDE { why } =
        "{why} What was read is kept: the run goes on with the next sync, by itself in some minutes where a server syncs by itself.";
    RUN_OUTDATED {} =
        "The settings that the run read by were changed; another one begins with the new ones.";
    RUN_PROCESS_ENDED {} =
        "The process was ended during the run; the next one goes on with it, where the settings are the same.";
    RUN_PROCESS_DIED {} = "the process that ran it ended under it";
    RUN_TAKEN_OVER {} = "Another replica took the sync over.";
    RUN_LEASE_LOST {} =
        "The lease was lost: the database was away too long, or another replica took the sync over.";
    RUN_DATABASE_AWAY {} =
        "The mirror's database does not answer; the run goes on when it does, with what it has read.";
    RUN_DATABASE_FAILED { fault } = "The mirror's database failed: {fault}.";
    RUN_TOO_LONG {} = "It took longer than a day: see the log for what it waited for.";
    RUN_NOT_JUDGED {} = "What was read could not be judged: see the log.";
    RUN_NOT_COMPARED {} = "What was read could not be compared: see the log.";
    RUN_NOT_LOOKED_THROUGH {} = "What was written could not be looked through: see the log.";
    ANSWERS_ENDLESS { most, kind } =
        "DingTalk's answers name more than {most} {kind, select, DEPARTMENTS {departments} other {people}}, which no company has: check \
         that the URLs lead to DingTalk; something in between seems to make answers up.";

    SYNC_BUSY {} = "another replica is just starting a sync; ask again in a moment";
    SYNC_NOTHING_TO_RESUME {} = "there is no interrupted run to go on with";
    SYNC_SHUTTING_DOWN {} = "the server is shutting down";
}
