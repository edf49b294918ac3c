//! Who has a mobile number: DingTalk is asked, and the mirror compared.

use std::sync::Arc;

use async_graphql::{Context, Enum, Object, SimpleObject};

use super::objects::User;
use crate::{
    auth::Permission,
    catalogue::{self, directory as said},
    directory::Snapshot,
    graphql::{error::ApiError, guard::require, scalars::DateTime, services::ContextExt, statement::Statement},
    matching::MobileError,
};

/// `getbymobile` takes this many characters at most.
const MAX_MOBILE: usize = 15;

/// Whether DingTalk and the mirror agree on whose number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
pub enum UserByMobileOutcome {
    /// They name the same person.
    Agrees,
    /// The mirror has the number with somebody else, or with several people.
    MirrorDiffers,
    /// DingTalk names somebody, and the mirror has nobody with the number (it may not be allowed to see numbers).
    NotInMirror,
    /// DingTalk knows no current employee with it.
    NotFound,
}

/// Whose mobile number it is.
#[derive(SimpleObject)]
pub struct UserByMobileResult {
    /// Whether both agree.
    outcome: UserByMobileOutcome,
    /// Whom DingTalk names: their `userId`.
    user_id: Option<String>,
    /// That person in the mirror.
    user: Option<User>,
    /// Whom the mirror has with the number; null where nobody or several.
    mirror_user: Option<User>,
    /// What was found, in a sentence.
    explanation: String,
    /// The explanation as data.
    explanation_statement: Statement,
    /// When DingTalk was asked: an answer is good for a minute.
    asked_at: Option<DateTime>,
}

/// Queries by mobile number.
#[derive(Default)]
pub struct MobileQuery;

#[Object]
impl MobileQuery {
    /// Whose mobile number it is. DingTalk is asked, through `userGetByMobileUrl`, and the mirror is compared. An
    /// answer is kept for a minute, and each caller may ask for 30 numbers a minute; `resolve` never does this by
    /// itself. Needs `directory:contact`.
    #[graphql(tag = "asks")]
    async fn user_by_mobile(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number; spaces, hyphens and a leading +86 don't matter.")] mobile: String,
    ) -> Option<Result<UserByMobileResult, ApiError>> {
        Some(user_by_mobile(ctx, &mobile).await)
    }
}

async fn user_by_mobile(ctx: &Context<'_>, mobile: &str) -> Result<UserByMobileResult, ApiError> {
    let caller = require(ctx, Permission::DirectoryContact)?;
    let mobile = normalise(mobile)?;
    let services = ctx.services();
    let told = services.mobiles.ask(&mobile, &caller.subject).await.map_err(refused)?;
    let userid = told.userid.as_ref().map(|id| id.as_str());
    Ok(UserByMobileResult {
        asked_at: Some(told.asked_at.into()),
        ..compare(&ctx.snapshot(), &mobile, userid)
    })
}

fn refused(error: MobileError) -> ApiError {
    match error {
        MobileError::NotConfigured(lacking) => ApiError::not_configured(lacking),
        MobileError::TooOften(seconds) => ApiError::asked_for_too_many_mobiles(seconds),
        MobileError::DingTalk(error) => error.into(),
    }
}

fn compare(snapshot: &Arc<Snapshot>, mobile: &str, told: Option<&str>) -> UserByMobileResult {
    // Numbers are given to others: whoever had it and left doesn't contradict whoever has it now.
    let holders: Vec<_> = snapshot
        .users_by_mobile(mobile)
        .iter()
        .filter(|user| user.standing.is_present())
        .collect();
    let mirrored = match holders.as_slice() {
        [only] => User::find(snapshot, only.facts.userid.as_str()),
        _ => None,
    };
    let agrees = told.is_some() && mirrored.as_ref().map(|user| user.record.facts.userid.as_str()) == told;

    let (outcome, explanation) = match told {
        None if holders.is_empty() => (
            UserByMobileOutcome::NotFound,
            catalogue::Statement::from(said::MOBILE_UNKNOWN {}),
        ),
        None => (UserByMobileOutcome::NotFound, said::MOBILE_UNKNOWN_ANY_MORE {}.into()),
        Some(_) if agrees => (UserByMobileOutcome::Agrees, said::MOBILE_AGREES {}.into()),
        Some(id) if holders.is_empty() => (
            UserByMobileOutcome::NotInMirror,
            said::MOBILE_NOT_IN_MIRROR { user: id }.into(),
        ),
        Some(id) => (
            UserByMobileOutcome::MirrorDiffers,
            said::MOBILE_OF_ANOTHER {
                user: id,
                users: join(&holders),
            }
            .into(),
        ),
    };

    UserByMobileResult {
        outcome,
        user_id: told.map(str::to_owned),
        user: told.and_then(|id| User::find(snapshot, id)),
        mirror_user: mirrored,
        explanation: explanation.to_string(),
        explanation_statement: explanation.into(),
        asked_at: None,
    }
}

fn join(users: &[&Arc<crate::directory::User>]) -> String {
    let ids: Vec<_> = users.iter().map(|user| user.facts.userid.as_str()).collect();
    ids.join(", ")
}

/// DingTalk takes mainland numbers without their country code, at most 15 characters.
fn normalise(mobile: &str) -> Result<String, ApiError> {
    let digits: String = mobile
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '(' | ')'))
        .collect();
    let digits = digits
        .strip_prefix("+86")
        .or_else(|| digits.strip_prefix("0086"))
        .unwrap_or(&digits);
    // Other countries' numbers keep their code and its `+`.
    let plain = digits.strip_prefix('+').unwrap_or(digits);

    if (5..=MAX_MOBILE).contains(&digits.len()) && plain.bytes().all(|b| b.is_ascii_digit()) {
        Ok(digits.to_owned())
    } else {
        Err(ApiError::bad_input(
            "`mobile` is no phone number: write 5 to 15 characters, say 13800000000",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{RecordState, fixtures};

    fn snapshot(holders: &[(&str, RecordState)]) -> Arc<Snapshot> {
        let users = holders.iter().map(|(id, state)| {
            let mut user = fixtures::user(id, &[1]);
            user.facts.mobile = Some("13800000000".into());
            user.standing = fixtures::standing(*state);
            user
        });

        Arc::new(Snapshot::build(1, vec![fixtures::department(1, None)], users.collect()))
    }

    #[test]
    fn a_number_that_somebody_left_behind_belongs_to_whoever_has_it_now() {
        use UserByMobileOutcome::*;
        let (active, gone) = (RecordState::Active, RecordState::Gone);
        for (holders, told, expected) in [
            (&[("new", active), ("old", gone)][..], Some("new"), Agrees),
            (&[("new", active), ("old", active)], Some("new"), MirrorDiffers),
            (&[("old", active)], Some("new"), MirrorDiffers),
            (&[("old", gone)], Some("new"), NotInMirror),
            (&[("old", gone)], None, NotFound),
            (&[("old", active)], None, NotFound),
        ] {
            let found = compare(&snapshot(holders), "138 0000 0000", told);
            assert_eq!(found.outcome, expected, "{holders:?} {told:?}: {}", found.explanation);

            let still = found.explanation.contains("the mirror still has it");
            assert_eq!(still, told.is_none() && holders[0].1 == active, "{}", found.explanation);
        }
    }

    #[test]
    fn a_number_is_written_in_many_ways() {
        for text in [
            "13800000000",
            " 138 0000 0000",
            "+86 138-0000-0000",
            "0086(138)00000000",
        ] {
            assert_eq!(normalise(text).unwrap(), "13800000000", "{text}");
        }
        assert_eq!(normalise("+852 5123 4567").unwrap(), "+85251234567");

        for text in [
            "",
            "abc",
            "138",
            "1380000000013800000000",
            "+123456789012345",
            "１３８00000000",
        ] {
            assert!(normalise(text).is_err(), "{text}");
        }
    }
}
