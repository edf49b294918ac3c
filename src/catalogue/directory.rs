//! Removals that wait, records that are read by themselves, and mobile numbers.

/// What went before, and the limit.
macro_rules! beyond {
    ($what:literal) => {
        concat!(
            "{count} of {all} ",
            $what,
            " would be removed{lately, plural, =0 {} other {, after # within the last hour}}: more than {limit}{unit, select, PERCENT \
             { %} other { at once}}."
        )
    };
}

statements! {
    REMOVALS_OF_PEOPLE { count, all, lately, limit, unit } = beyond!("people");
    REMOVALS_OF_DEPARTMENTS { count, all, lately, limit, unit } = beyond!("departments");
    REMOVALS_IN_DEPARTMENT { count, department, lately, limit } =
        "{count} people of department {department} and those below it would be removed{lately, plural, =0 {} other {, after # within \
         the last hour}}: more than {limit} of one removed department.";
    REMOVALS_OF_OCCUPIED_DEPARTMENTS { count } =
        "Of the departments that would be removed, {count} have people whose own removal waits already.";
    REMOVALS_IN_LANDSLIDE { people, departments } =
        "{people} people and {departments} departments would be removed where so much is missing that a lost permission or a narrower \
         contact scope may be the cause.";
    STILL_GONE_UNASKED { why } = "DingTalk can't be asked whether they are still gone: {why}";
    REMOVALS_TOO_MANY_NAMED { count, most } =
        "{count} are more than {most}: decide them in parts, or by department";
    REMOVALS_NAMED_WRONG {} = "give exactly one of `all: true`, `deptId`, `groups`, and `userIds` with `deptIds`";

    USER_IN_REMOVED_DEPARTMENT { user, department } = "{user} is in department {department}, which was removed.";
    DEPARTMENT_BELOW_REMOVED { department, parent } =
        "Department {department} is below department {parent}, which was removed.";

    USER_ID_FORM {} = "a userid has 1 to 64 characters";
    DEPT_ID_FORM {} = "a dept_id is a whole number above 0";

    MOBILE_UNKNOWN {} = "DingTalk knows no current employee with this number";
    MOBILE_UNKNOWN_ANY_MORE {} =
        "DingTalk knows no current employee with this number any more; the mirror still has it until the next sync";
    MOBILE_AGREES {} = "DingTalk and the mirror name the same person";
    MOBILE_NOT_IN_MIRROR { user } =
        "DingTalk names {user}; the mirror has nobody with this number, because it changed since the last sync or the app lacks the \
         permission 企业员工手机号信息";
    MOBILE_OF_ANOTHER { user, users } =
        "DingTalk names {user}; the mirror has the number with {users} until the next sync";
}
