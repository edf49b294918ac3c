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
            "  not come across: {} records, of which {} are gone",
            e.absent, e.confirmed_gone
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
                "people whose own departments and the departments' lists do not agree",
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

    let withheld = e.fields_withheld.join(", ");
    lines.extend((!withheld.is_empty()).then(|| format!("  permissions that are probably missing: {withheld}")));
    lines
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
        };

        let text = lines(&evidence).join("\n");
        for number in 101..=117 {
            assert!(text.contains(&number.to_string()), "{number} is missing from:\n{text}");
        }
        assert!(
            text.contains("103 by 50004, 104 by Unavailable") && text.contains("mobile, email"),
            "{text}"
        );

        let plain = lines(&RunEvidence::default());
        assert_eq!(plain.len(), 4, "{plain:?}");
        assert!(plain[2].contains("not asked"), "{plain:?}");
    }
}
