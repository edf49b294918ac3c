//! Reading one record from DingTalk now.

use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};

use super::objects::{Department, User};
use crate::{
    auth::Permission,
    catalogue::directory::{DEPT_ID_FORM, USER_ID_FORM},
    directory::{DeptId, UserId},
    graphql::{
        error::ApiError,
        guard::{require, visible},
        scalars::BigInt,
        services::ContextExt,
        user_error::{UserError, UserErrorCode},
    },
    sync::{OnDemand, OnDemandError},
};

/// Whom to read.
#[derive(Debug, InputObject)]
pub struct RefreshUserInput {
    /// DingTalk's userid.
    user_id: String,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What to read.
#[derive(Debug, InputObject)]
pub struct RefreshDepartmentInput {
    /// DingTalk's `dept_id`.
    dept_id: BigInt,
    /// Comes back unchanged in the payload.
    client_mutation_id: Option<String>,
}

/// What came of `refreshUser`.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RefreshUserPayload {
    #[graphql(skip)]
    user: Option<User>,
    /// The mirror's revision that it made; null where nothing differed.
    revision: Option<BigInt>,
    /// Why DingTalk did not tell.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

/// What came of `refreshDepartment`.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct RefreshDepartmentPayload {
    #[graphql(skip)]
    department: Option<Department>,
    /// The mirror's revision that it made; null where nothing differed.
    revision: Option<BigInt>,
    /// Why DingTalk did not tell.
    user_errors: Vec<UserError>,
    /// As it was given.
    client_mutation_id: Option<String>,
}

// To have something read is not to read it: these fields lead to everybody.
#[ComplexObject]
impl RefreshUserPayload {
    /// The person as the mirror now has them; null where nobody knows them. Needs `directory:read`.
    async fn user(&self, ctx: &Context<'_>) -> Option<Result<User, ApiError>> {
        visible(ctx, Permission::DirectoryRead, || self.user.clone())
    }
}

#[ComplexObject]
impl RefreshDepartmentPayload {
    /// The department as the mirror now has it; null where nobody knows it. Needs `directory:read`.
    async fn department(&self, ctx: &Context<'_>) -> Option<Result<Department, ApiError>> {
        visible(ctx, Permission::DirectoryRead, || self.department.clone())
    }
}

/// Mutations that read one record.
#[derive(Default)]
pub struct RefreshMutation;

#[Object]
impl RefreshMutation {
    /// Reads one person from DingTalk now. Who is gone there is GONE here afterwards, or HELD beyond the limits of
    /// removal. Needs `sync:run`.
    #[graphql(tag = "asks")]
    async fn refresh_user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to read.")] input: RefreshUserInput,
    ) -> Option<Result<RefreshUserPayload, ApiError>> {
        Some(refresh_user(ctx, input).await)
    }

    /// Reads one department from DingTalk now. Of one that is gone there, whoever and whatever was in it is read, too.
    /// Needs `sync:run`.
    #[graphql(tag = "asks")]
    async fn refresh_department(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to read.")] input: RefreshDepartmentInput,
    ) -> Option<Result<RefreshDepartmentPayload, ApiError>> {
        Some(refresh_department(ctx, input).await)
    }
}

async fn refresh_user(ctx: &Context<'_>, input: RefreshUserInput) -> Result<RefreshUserPayload, ApiError> {
    let caller = require(ctx, Permission::SyncRun)?;
    let services = ctx.services();
    let id = input.user_id.as_str();

    let outcome = if id.is_empty() || id.chars().count() > 64 {
        RefreshOutcome::Refused(UserError::at(UserErrorCode::Invalid, ["userId"], USER_ID_FORM {}))
    } else {
        told(
            services.sync.refresh_user(UserId::from(id), &caller.subject).await,
            "userId",
        )?
    };

    let snapshot = services.snapshots.current();
    let (revision, user_errors) = outcome.parts();
    Ok(RefreshUserPayload {
        user: User::find(&snapshot, id),
        revision,
        user_errors,
        client_mutation_id: input.client_mutation_id,
    })
}

async fn refresh_department(
    ctx: &Context<'_>,
    input: RefreshDepartmentInput,
) -> Result<RefreshDepartmentPayload, ApiError> {
    let caller = require(ctx, Permission::SyncRun)?;
    let services = ctx.services();
    let id = Some(DeptId(input.dept_id.0)).filter(|id| id.is_company());

    let outcome = match id {
        Some(id) => told(services.sync.refresh_department(id, &caller.subject).await, "deptId")?,
        None => RefreshOutcome::Refused(UserError::at(UserErrorCode::Invalid, ["deptId"], DEPT_ID_FORM {})),
    };

    let snapshot = services.snapshots.current();
    let (revision, user_errors) = outcome.parts();
    Ok(RefreshDepartmentPayload {
        department: id.and_then(|id| Department::find(&snapshot, id)),
        revision,
        user_errors,
        client_mutation_id: input.client_mutation_id,
    })
}

/// What the caller is told of a record that was to be read.
enum RefreshOutcome {
    /// It was read; the revision of what that changed.
    Read(Option<BigInt>),
    /// It was not.
    Refused(UserError),
}

impl RefreshOutcome {
    /// The payload's `revision` and `userErrors`.
    fn parts(self) -> (Option<BigInt>, Vec<UserError>) {
        match self {
            Self::Read(revision) => (revision, Vec::new()),
            Self::Refused(error) => (None, vec![error]),
        }
    }
}

fn told(read: Result<OnDemand, OnDemandError>, field: &'static str) -> Result<RefreshOutcome, ApiError> {
    let refused = |code, path: Option<&str>, message| Ok(RefreshOutcome::Refused(UserError::at(code, path, message)));

    match read {
        Ok(OnDemand {
            untold: Some(error), ..
        }) => refused(UserErrorCode::Upstream, Some(field), error.message),
        Ok(read) => Ok(RefreshOutcome::Read(read.revision.map(BigInt))),
        Err(OnDemandError::NotConfigured(lacking)) => refused(UserErrorCode::NotConfigured, None, lacking),
        Err(OnDemandError::DingTalk(error)) => refused(UserErrorCode::Upstream, None, error.message),
        Err(OnDemandError::Store(error)) => Err(error.into()),
    }
}
