//! Which fields DingTalk shows of people, and what that means for matching.

use super::check::Finding;
use crate::{
    catalogue::checks as said,
    directory::{FieldGroup, SharedText, UserFacts},
    settings::MatchingMethod,
};

/// What DingTalk shows of a field.
struct Shown {
    /// How many people were looked at.
    sampled: usize,
    /// How many of them have a value.
    seen: usize,
    /// Whether the field is there of anybody, if only empty: the app may see it.
    is_said: bool,
}

impl Shown {
    fn of(people: &[UserFacts], fields: impl Fn(&UserFacts) -> [&Option<SharedText>; 2]) -> Self {
        let has = |facts: &&UserFacts| fields(facts).into_iter().flatten().any(|text| !text.is_empty());
        let says = |facts: &UserFacts| fields(facts).into_iter().any(Option::is_some);
        Self {
            sampled: people.len(),
            seen: people.iter().filter(has).count(),
            is_said: people.iter().any(says),
        }
    }
}

/// Whether email addresses are shown.
pub(super) fn emails(people: &[UserFacts], method: MatchingMethod) -> Finding {
    let Shown { sampled, seen, is_said } = Shown::of(people, |it| [&it.email, &it.org_email]);
    let grant = said::GRANT_PERMISSION {
        permission: FieldGroup::Personal.permission(),
    };

    match (is_said, method) {
        _ if sampled == 0 => Finding::skipped(said::NOBODY_LOOKED_AT {}),
        (true, _) if seen > 0 => Finding::passed(said::EMAILS_SEEN { seen, sampled }),
        (true, _) => Finding::limited(said::EMAILS_EMPTY { sampled }),
        (false, MatchingMethod::EmailToEmail) => {
            Finding::failed(said::EMAILS_HIDDEN_FROM_MATCHING { sampled }).remedied(grant)
        }
        (false, MatchingMethod::UsernameToJobNumber) => {
            Finding::limited(said::EMAILS_HIDDEN { sampled }).remedied(grant)
        }
    }
}

/// Whether mobile numbers are shown.
pub(super) fn mobiles(people: &[UserFacts]) -> Finding {
    let Shown { sampled, seen, is_said } = Shown::of(people, |it| [&it.mobile, &None]);
    if sampled == 0 {
        return Finding::skipped(said::NOBODY_LOOKED_AT {});
    }
    if is_said {
        return Finding::passed(said::MOBILES_SEEN { seen, sampled });
    }
    let permission = FieldGroup::Mobile.permission();
    Finding::limited(said::MOBILES_HIDDEN { sampled }).remedied(said::GRANT_PERMISSION { permission })
}

/// Whether people have job numbers, which no permission hides.
pub(super) fn job_numbers(people: &[UserFacts], method: MatchingMethod) -> Finding {
    let Shown { sampled, seen, .. } = Shown::of(people, |it| [&it.job_number, &None]);
    match method {
        _ if sampled == 0 => Finding::skipped(said::NOBODY_LOOKED_AT {}),
        _ if seen > 0 => Finding::passed(said::JOB_NUMBERS_SEEN { seen, sampled }),
        MatchingMethod::UsernameToJobNumber => {
            Finding::failed(said::JOB_NUMBERS_MISSING_FOR_MATCHING { sampled }).remedied(said::FILL_JOB_NUMBERS {})
        }
        MatchingMethod::EmailToEmail => Finding::limited(said::JOB_NUMBERS_MISSING_HERE { sampled }),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::check::CheckState, *};
    use crate::directory::fixtures::user_facts;

    #[test]
    fn what_nobody_shows_matters_where_it_is_matched_by() {
        use CheckState::{Failed, Limited, Passed, Skipped};
        use MatchingMethod::{EmailToEmail, UsernameToJobNumber};
        let person = |email: Option<&str>, number: Option<&str>| UserFacts {
            email: email.map(Into::into),
            org_email: None,
            job_number: number.map(Into::into),
            ..user_facts("u", &[1])
        };
        let states = |people: &[UserFacts], method| (emails(people, method).state, job_numbers(people, method).state);

        assert_eq!(states(&[], EmailToEmail), (Skipped, Skipped));
        let hidden = [person(None, None), person(None, None)];
        assert_eq!(states(&hidden, EmailToEmail), (Failed, Limited));
        assert_eq!(states(&hidden, UsernameToJobNumber), (Limited, Failed));
        let told = emails(&hidden, EmailToEmail);
        assert!(told.remedy.is_some_and(|it| it.contains("邮箱等个人信息")));

        let empty = [person(Some(""), Some("")), person(None, None)];
        assert_eq!(
            states(&empty, EmailToEmail),
            (Limited, Limited),
            "it is shown, and nobody has one"
        );
        let seen = [person(Some("a@b"), None), person(None, Some("007"))];
        assert_eq!(states(&seen, EmailToEmail), (Passed, Passed));
    }
}
