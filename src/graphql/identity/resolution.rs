//! Who a Confluence user is in DingTalk.

use std::sync::Arc;

use async_graphql::{Context, Enum, InputObject, Object};

use crate::{
    auth::Permission,
    directory::Snapshot,
    graphql::{
        directory::objects::User,
        error::ApiError,
        guard::require,
        services::ContextExt,
        settings::object::MatchingMethod,
        statement::Statement,
        walk::{walked, walked_enum},
    },
    identity::{self, resolve},
};

/// Identities in one `resolve` at most.
const MAX_IDENTITIES: usize = 1_000;

/// What you know of a Confluence user; any subset. More is better: what the matching method doesn't need is kept for
/// people to read.
#[derive(Debug, Clone, InputObject)]
pub struct ConfluenceIdentityInput {
    /// Login name; needed by USERNAME_TO_JOB_NUMBER.
    username: Option<String>,
    /// Data Center's stable key.
    user_key: Option<String>,
    /// Cloud's stable id.
    account_id: Option<String>,
    /// Email address; needed by EMAIL_TO_EMAIL.
    email: Option<String>,
    /// Full name: shown, never matched.
    display_name: Option<String>,
}

impl ConfluenceIdentityInput {
    pub(super) fn has_email(&self) -> bool {
        self.email.is_some()
    }
}

impl From<ConfluenceIdentityInput> for identity::ConfluenceIdentity {
    fn from(input: ConfluenceIdentityInput) -> Self {
        Self {
            username: input.username,
            user_key: input.user_key,
            account_id: input.account_id,
            email: input.email,
            display_name: input.display_name,
        }
    }
}

/// A Confluence user as a caller named them.
#[derive(Debug, Clone)]
pub struct ConfluenceIdentity(identity::ConfluenceIdentity);

walked! {
    /// A Confluence user as a caller named them.
    type ConfluenceIdentity = ConfluenceIdentity;

    /// Login name.
    fn username(&self) -> Option<&str> {
        self.0.username.as_deref()
    }

    /// Data Center's stable key.
    fn user_key(&self) -> Option<&str> {
        self.0.user_key.as_deref()
    }

    /// Cloud's stable id.
    fn account_id(&self) -> Option<&str> {
        self.0.account_id.as_deref()
    }

    /// Email address.
    fn email(&self) -> Option<&str> {
        self.0.email.as_deref()
    }

    /// Full name.
    fn display_name(&self) -> Option<&str> {
        self.0.display_name.as_deref()
    }
}

/// Whether the caller may see email addresses that they did not bring along.
pub(super) fn sees_contacts<'ctx>(ctx: &impl ContextExt<'ctx>) -> bool {
    ctx.caller()
        .is_some_and(|caller| caller.may(Permission::DirectoryContact))
}

impl ConfluenceIdentity {
    /// As a list shows it: somebody else's email address needs `directory:contact`.
    pub(crate) fn shown_to<'ctx>(ctx: &impl ContextExt<'ctx>, identity: &identity::ConfluenceIdentity) -> Self {
        let mut shown = identity.clone();
        shown.email = shown.email.filter(|_| sees_contacts(ctx));
        Self(shown)
    }
}

impl From<identity::ConfluenceIdentity> for ConfluenceIdentity {
    fn from(identity: identity::ConfluenceIdentity) -> Self {
        Self(identity)
    }
}

/// What came of looking a Confluence user up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "identity::ResolutionStatus")]
pub enum ResolutionStatus {
    /// Exactly one DingTalk user.
    Matched,
    /// Nobody.
    Unmatched,
    /// More than one; nobody is chosen. `candidates` lists them.
    Ambiguous,
    /// One, but they have left, or have never logged in to DingTalk.
    Inactive,
    /// One, but their removal from the mirror waits for approval.
    Held,
}

/// Which rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[graphql(remote = "identity::Rule")]
pub enum MatchingRule {
    /// A link made by hand; it comes before the matching method.
    Link,
    /// Email address against DingTalk's `email`.
    Email,
    /// Email address against DingTalk's `org_email`.
    OrgEmail,
    /// Username against DingTalk's `job_number`.
    JobNumber,
}

walked_enum!(ResolutionStatus, MatchingRule);

/// The answer for one Confluence user.
pub struct Resolution {
    snapshot: Arc<Snapshot>,
    asked: ConfluenceIdentity,
    found: identity::Resolution,
}

walked! {
    /// The answer for one Confluence user.
    type Resolution = Resolution;

    /// Whom you asked for.
    fn identity(&self) -> &ConfluenceIdentity {
        &self.asked
    }

    /// What came of it.
    fn status(&self) -> ResolutionStatus {
        self.found.status.into()
    }

    /// The DingTalk user: with MATCHED, INACTIVE and HELD.
    fn user(&self) -> Option<User> {
        User::find(&self.snapshot, self.found.user.as_ref()?.as_str())
    }

    /// The rule that decided; null where none found anybody.
    fn rule(&self) -> Option<MatchingRule> {
        self.found.rule.map(Into::into)
    }

    /// The normalised key that was looked up; null where the identity lacks it.
    fn key(&self) -> Option<&str> {
        self.found.key.as_deref()
    }

    /// Everybody who has the key, at most 20: those who are present before those who have left. Of somebody who left
    /// and was hired again under another `userId` also the present one, who has the same `unionId`; link them by hand.
    fn candidates(&self) -> Vec<User> {
        let found = self.found.candidates.iter();
        found.filter_map(|id| User::find(&self.snapshot, id.as_str())).collect()
    }

    /// Why, in a sentence.
    fn reason(&self) -> String {
        self.found.reason.to_string()
    }

    /// The reason as data.
    fn reason_statement(&self) -> Statement {
        (&self.found.reason).into()
    }
}

/// Queries about identities.
#[derive(Default)]
pub struct IdentityQuery;

#[Object]
impl IdentityQuery {
    /// Which DingTalk users these Confluence users are, and why: up to 1,000 at once, answered in the order asked.
    /// Nobody is guessed: two people with the same key are AMBIGUOUS. Needs `identity:read`.
    #[graphql(tag = "items:identities")]
    async fn resolve(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The Confluence users, 1 to 1,000.")] identities: Vec<ConfluenceIdentityInput>,
        #[graphql(desc = "How to match; without it as the settings say.")] method: Option<MatchingMethod>,
    ) -> Option<Result<Vec<Resolution>, ApiError>> {
        Some(resolve_all(ctx, identities, method))
    }
}

fn resolve_all(
    ctx: &Context<'_>,
    identities: Vec<ConfluenceIdentityInput>,
    method: Option<MatchingMethod>,
) -> Result<Vec<Resolution>, ApiError> {
    require(ctx, Permission::IdentityRead)?;
    if !(1..=MAX_IDENTITIES).contains(&identities.len()) {
        return Err(ApiError::bad_input(format!(
            "`identities` has {}: ask for 1 to {MAX_IDENTITIES} at once",
            identities.len()
        )));
    }

    let services = ctx.services();
    let method = method.map_or_else(|| services.settings.current().matching_method, Into::into);
    let snapshot = ctx.snapshot();
    let links = services.identities.links.current();

    let asked: Vec<identity::ConfluenceIdentity> = identities.into_iter().map(Into::into).collect();
    // Whoever is asked for becomes known: the census counts them, and the change feed tells of them.
    services.identities.memory.note(&asked, services.clock.now());
    let answers = asked.into_iter().map(|asked| Resolution {
        snapshot: snapshot.clone(),
        found: resolve(&snapshot, &links, method, &asked),
        asked: asked.into(),
    });
    Ok(answers.collect())
}
