//! What a run's verdict rests on, for a terminal.

use crate::directory::RunEvidence;

/// All of it, a cross-check a line; what was not met is left out.
pub(super) fn lines(evidence: &RunEvidence) -> Vec<String> {
    let e = evidence;
    let some = |number: u64, text: &str| (number > 0).then(|| format!("  {number} {text}"));
    let codes: Vec<String> = e
        .departments_unreadable
        .iter()
        .map(|(code, departments)| format!("{departments} by {code}"))
        .collect();
    let counted = e
        .user_count
        .map_or_else(|| "not asked".to_owned(), |count| count.to_string());

    let mut lines = vec![
        "evidence:".to_owned(),
        format!(
            "  departments: {} seen, {} readable; {} in the mirror before",
            e.departments_seen, e.departments_readable, e.departments_in_mirror
        ),
        format!(
            "  people: {} named by departments, {} read; {} in the mirror before; DingTalk's own count: {counted}",
            e.users_by_departments, e.users_read, e.users_in_mirror
        ),
        format!(
            "  not come across: {} records{}, of which {} are gone{}",
            e.absent,
            kinds(e.absent_users, e.absent_departments),
            e.confirmed_gone,
            kinds(e.confirmed_gone_users, e.confirmed_gone_departments)
        ),
    ];

    lines.extend((!codes.is_empty()).then(|| format!("  departments that could not be listed: {}", codes.join(", "))));
    lines.extend(
        [
            some(e.orphan_departments, "departments whose parent was not found"),
            some(
                e.users_by_list_alone,
                "people of whom the lists alone were read: manager and roles are as their own record last told",
            ),
            some(
                e.one_sided_users,
                &format!(
                    "people whose own departments and the departments' lists do not agree{}",
                    sides(e.users_only_in_lists, e.users_only_in_records)
                ),
            ),
            some(e.users_unreadable, "people who were listed and could not be read"),
            some(
                e.users_out_of_scope,
                "people who were listed and lie outside the app's contact scope",
            ),
            some(
                e.home_school_departments,
                "departments of the home-school directory, skipped",
            ),
        ]
        .into_iter()
        .flatten(),
    );

    let behind = |permission: &String| e.users_withheld.as_ref().and_then(|users| users.get(permission));
    let withheld = e.fields_withheld.iter().map(|permission| match behind(permission) {
        Some(users) => format!("{permission} (of {users} people)"),
        None => permission.clone(),
    });
    let withheld = withheld.collect::<Vec<_>>().join(", ");
    lines.extend((!withheld.is_empty()).then(|| format!("  permissions that are probably missing: {withheld}")));
    lines
}

/// How many records of each kind, where that was kept.
fn kinds(users: Option<u64>, departments: Option<u64>) -> String {
    match (users, departments) {
        (Some(users), Some(departments)) => format!(" ({users} people, {departments} departments)"),
        _ => String::new(),
    }
}

/// How many people are named by one side alone, where that was kept.
fn sides(only_in_lists: Option<u64>, only_in_records: Option<u64>) -> String {
    match (only_in_lists, only_in_records) {
        (Some(lists), Some(records)) => format!(" ({lists} in a list alone, {records} in their own record alone)"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_that_a_verdict_may_rest_on_is_said() {
        let evidence = RunEvidence {
            departments_seen: 101,
            departments_readable: 102,
            departments_unreadable: [("50004".to_owned(), 103), ("Unavailable".to_owned(), 104)].into(),
            home_school_departments: 105,
            orphan_departments: 106,
            users_by_departments: 107,
            users_read: 108,
            users_by_list_alone: 117,
            one_sided_users: 109,
            users_unreadable: 110,
            users_out_of_scope: 111,
            user_count: Some(112),
            users_in_mirror: 113,
            departments_in_mirror: 114,
            absent: 115,
            confirmed_gone: 116,
            fields_withheld: vec!["mobile".into(), "email".into()],
            users_only_in_lists: Some(118),
            users_only_in_records: Some(119),
            absent_users: Some(120),
            absent_departments: Some(121),
            confirmed_gone_users: Some(122),
            confirmed_gone_departments: Some(123),
            users_withheld: Some([("mobile".to_owned(), 124)].into()),
        };

        let text = lines(&evidence).join("\n");
        for number in 101..=124 {
            assert!(text.contains(&number.to_string()), "{number} is missing from:\n{text}");
        }
        assert!(
            text.contains("103 by 50004, 104 by Unavailable") && text.contains("mobile (of 124 people), email"),
            "{text}"
        );

        let plain = lines(&RunEvidence::default());
        assert_eq!(plain.len(), 4, "{plain:?}");
        assert!(plain[2].contains("not asked"), "{plain:?}");
    }
}
