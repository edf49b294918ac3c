//! Linking by hand: one at a time, or a file of links.

use std::sync::Arc;

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{
    link::{IdentityLink, may_list},
    resolution::ConfluenceIdentityInput,
};
use crate::{
    admin::LinkError,
    auth::Permission,
    graphql::{
        error::ApiError,
        guard::author,
        relay::{
            connection::int,
            ids::{NodeKind, key_of},
        },
        services::ContextExt,
        statement::Statement,
        user_error::{UserError, UserErrorCode},
    },
    identity::{self, ImportPlan, LinkRequest},
};

/// Mistakes of a file that are told at most.
const MOST_MISTAKES: usize = 200;

/// Whom to link with whom.
#[derive(InputObject)]
pub struct LinkIdentityInput {
    /// The Confluence user, by as many of their keys as you know: the link applies wherever any of them is asked for,
    /// unless a surer one differs (accountId, userKey, username, email).
    identity: ConfluenceIdentityInput,
    /// The DingTalk user's `userid`.
    user_id: String,
    /// Why, for people: at most 500 characters.
    reason: Option<String>,
    /// Whether a link that leads to somebody else may be led to this one instead.
    #[graphql(default_with = "Some(false)")]
    replace: Option<bool>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// Which link to remove.
#[derive(InputObject)]
pub struct UnlinkIdentityInput {
    /// Global id of the link.
    id: ID,
    /// Why, for people: at most 500 characters.
    reason: Option<String>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of linking or unlinking.
#[derive(SimpleObject)]
pub struct IdentityLinkPayload {
    /// The link, as it stands or as it stood; null where nothing was done.
    link: Option<IdentityLink>,
    /// What is wrong.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// A file of links.
#[derive(InputObject)]
pub struct ImportIdentityLinksInput {
    /// The file: UTF-8, columns separated by commas, the first line naming them: userId, and one or more of accountId,
    /// userKey, username, email; displayName and reason if you like. At most 20,000 lines and a megabyte.
    csv: String,
    /// Whether nothing is written: the answer says what would be.
    #[graphql(default_with = "Some(false)")]
    dry_run: Option<bool>,
    /// Whether links that lead to somebody else may be led to the file's people instead.
    #[graphql(default_with = "Some(false)")]
    replace: Option<bool>,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// A mistake in one line of a file.
#[derive(SimpleObject)]
pub struct ImportMistake {
    /// The line, counted from 1.
    line: i32,
    /// The column.
    field: String,
    /// The kind, for programs.
    code: UserErrorCode,
    /// What is wrong and what to do, for people.
    message: String,
    /// The same as data.
    statement: Statement,
}

/// What came of importing a file of links.
#[derive(SimpleObject)]
pub struct ImportIdentityLinksPayload {
    /// Whether it was written: not in a dry run, and not if any line has a mistake.
    applied: bool,
    /// Lines that make a new link.
    linked: i32,
    /// Lines that change a link.
    relinked: i32,
    /// Lines that say what stands there already.
    unchanged: i32,
    /// Lines with a mistake.
    failed: i32,
    /// The mistakes, line by line, at most 200. While there is one, nothing is written.
    mistakes: Vec<ImportMistake>,
    /// What is wrong with the file as a whole.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// Mutations of links.
#[derive(Default)]
pub struct LinkMutation;

#[Object]
impl LinkMutation {
    /// Links a Confluence user with a DingTalk user by hand. Such a link comes before the matching method, is recorded
    /// with your name, and no sync touches it. Needs `identity:write`; without `identity:read` and `directory:read` you
    /// change only links that you changed last, and one of others that has any of these keys is a CONFLICT, whomever it
    /// leads to.
    async fn link_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to link with whom.")] input: LinkIdentityInput,
    ) -> Option<Result<IdentityLinkPayload, ApiError>> {
        Some(link(ctx, input).await)
    }

    /// Removes a link; its history stays. Needs `identity:write`; without `identity:read` and `directory:read` only
    /// links that you changed last are there for you.
    async fn unlink_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which link.")] input: UnlinkIdentityInput,
    ) -> Option<Result<IdentityLinkPayload, ApiError>> {
        Some(unlink(ctx, input).await)
    }

    /// Reads links from a CSV file: all of it, or with a mistake in any line nothing. Needs `identity:write`; without
    /// `identity:read` and `directory:read` each line is held to what `linkIdentity` says of that.
    #[graphql(tag = "heavy")]
    async fn import_identity_links(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The file.")] input: ImportIdentityLinksInput,
    ) -> Option<Result<ImportIdentityLinksPayload, ApiError>> {
        Some(import(ctx, input).await)
    }
}

async fn link(ctx: &Context<'_>, input: LinkIdentityInput) -> Result<IdentityLinkPayload, ApiError> {
    let by = author(ctx, Permission::IdentityWrite)?;
    let request = LinkRequest {
        identity: input.identity.into(),
        userid: input.user_id.trim().to_owned(),
        reason: input.reason,
        replace: input.replace.unwrap_or(false),
    };

    let done = ctx.services().linking.link(request, &by, reads(ctx)).await;
    payload(ctx, done, input.client_mutation_id)
}

async fn unlink(ctx: &Context<'_>, input: UnlinkIdentityInput) -> Result<IdentityLinkPayload, ApiError> {
    let by = author(ctx, Permission::IdentityWrite)?;
    let id = key_of(&input.id, NodeKind::IdentityLink, "id")?;
    let linking = &ctx.services().linking;
    let done = linking.unlink(id, input.reason, &by, reads(ctx)).await;
    payload(ctx, done, input.client_mutation_id)
}

/// Whether the caller may read links.
fn reads(ctx: &Context<'_>) -> bool {
    may_list(ctx).is_ok()
}

fn payload(
    ctx: &Context<'_>,
    done: Result<identity::IdentityLink, LinkError>,
    client_mutation_id: Option<String>,
) -> Result<IdentityLinkPayload, ApiError> {
    let (link, user_errors) = match done {
        Ok(link) => (Some(link), Vec::new()),
        Err(LinkError::Problem(problem)) => (None, vec![problem.into()]),
        Err(LinkError::Store(error)) => return Err(error.into()),
    };

    let snapshot = ctx.services().snapshots.current();
    Ok(IdentityLinkPayload {
        link: link.map(|link| IdentityLink {
            snapshot,
            link: Arc::new(link),
        }),
        user_errors,
        client_mutation_id,
    })
}

async fn import(ctx: &Context<'_>, input: ImportIdentityLinksInput) -> Result<ImportIdentityLinksPayload, ApiError> {
    let by = author(ctx, Permission::IdentityWrite)?;
    let (dry_run, replace) = (input.dry_run.unwrap_or(false), input.replace.unwrap_or(false));
    let linking = &ctx.services().linking;
    let done = linking.import(&input.csv, replace, dry_run, &by, reads(ctx));
    let (plan, user_errors) = match done.await {
        Ok(plan) => (plan, Vec::new()),
        Err(LinkError::Problem(problem)) => (ImportPlan::default(), vec![problem.into()]),
        Err(LinkError::Store(error)) => return Err(error.into()),
    };

    let count = |wanted: Option<identity::LinkAction>| {
        let such = plan.lines.iter().filter(|line| line.outcome == Ok(wanted));
        int(such.count())
    };
    let failed: Vec<_> = plan
        .lines
        .iter()
        .filter_map(|line| Some((line.line, line.outcome.as_ref().err()?)))
        .collect();
    let mistakes = failed.iter().take(MOST_MISTAKES).map(|(line, problem)| ImportMistake {
        line: int(*line),
        field: problem.field(),
        code: problem.code.into(),
        message: problem.message.to_string(),
        statement: (&problem.message).into(),
    });

    Ok(ImportIdentityLinksPayload {
        applied: !dry_run && failed.is_empty() && user_errors.is_empty(),
        linked: count(Some(identity::LinkAction::Linked)),
        relinked: count(Some(identity::LinkAction::Relinked)),
        unchanged: count(None),
        failed: int(failed.len()),
        mistakes: mistakes.collect(),
        user_errors,
        client_mutation_id: input.client_mutation_id,
    })
}
