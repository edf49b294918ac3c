//! Who may read and do what. The permission that a field needs stands in its description, too.
//!
//! The library's own guards run outside of the field's nullability: a refusal would null the parent. So fields that can
//! be refused are `Option<Result<T, ApiError>>` and begin with one of these.

use async_graphql::Context;

use super::{error::ApiError, services::ContextExt};
use crate::{
    audit::{Author, Origin, Proof},
    auth::{Caller, ISSUER, Permission},
};

/// The caller, if they may.
pub(super) fn require<'ctx>(ctx: &impl ContextExt<'ctx>, permission: Permission) -> Result<&'ctx Caller, ApiError> {
    let caller = ctx.caller().ok_or_else(ApiError::unauthenticated)?;
    if caller.may(permission) {
        Ok(caller)
    } else {
        Err(ApiError::forbidden(permission))
    }
}

/// The caller as the audit log has them, if they may.
pub(super) fn author(ctx: &Context<'_>, permission: Permission) -> Result<Author, ApiError> {
    let caller = require(ctx, permission)?;
    let proof = match (caller.key, &caller.issuer) {
        (Some(key), _) => Proof::ApiKey(key),
        (None, issuer) => Proof::Token {
            issuer: issuer.clone().unwrap_or_else(|| ISSUER.into()),
        },
    };

    Ok(Author {
        subject: caller.subject.clone(),
        proof,
        origin: ctx.data_opt::<Origin>().cloned(),
    })
}

/// Refuses a caller who lacks one of these permissions.
pub(super) fn require_all<'ctx>(ctx: &impl ContextExt<'ctx>, permissions: &[Permission]) -> Result<(), ApiError> {
    permissions.iter().try_for_each(|it| require(ctx, *it).map(drop))
}

/// `value`, if the caller has all of these permissions.
pub(super) fn visible_with<'ctx, T>(
    ctx: &impl ContextExt<'ctx>,
    permissions: &[Permission],
    value: impl FnOnce() -> Option<T>,
) -> Option<Result<T, ApiError>> {
    match require_all(ctx, permissions) {
        Ok(()) => value().map(Ok),
        Err(error) => Some(Err(error)),
    }
}

/// `value`, if the caller may see it.
pub(super) fn visible<'ctx, T>(
    ctx: &impl ContextExt<'ctx>,
    permission: Permission,
    value: impl FnOnce() -> Option<T>,
) -> Option<Result<T, ApiError>> {
    visible_with(ctx, &[permission], value)
}
