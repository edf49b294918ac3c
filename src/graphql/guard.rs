//! Who may read and do what. The permission that a field needs stands in its description, too.
//!
//! The library's own guards run outside of the field's nullability: a refusal would null the parent. So fields that can
//! be refused are `Option<Result<T, ApiError>>` and begin with one of these.

use async_graphql::Context;

use super::error::ApiError;
use crate::auth::{Caller, Permission};

/// What DingTalk's whole object of a person or department shows: where they belong, and how they are reached.
pub(super) const WHOLE_OBJECT: [Permission; 2] = [Permission::DirectoryRead, Permission::DirectoryContact];

/// The caller, if they may.
pub(super) fn require<'ctx>(ctx: &Context<'ctx>, permission: Permission) -> Result<&'ctx Caller, ApiError> {
    let caller = ctx.data_opt::<Caller>().ok_or_else(ApiError::unauthenticated)?;
    if caller.may(permission) {
        Ok(caller)
    } else {
        Err(ApiError::forbidden(permission))
    }
}

/// `value`, if the caller has all of these permissions.
pub(super) fn visible_with<T>(
    ctx: &Context<'_>,
    permissions: &[Permission],
    value: impl FnOnce() -> Option<T>,
) -> Option<Result<T, ApiError>> {
    match permissions.iter().try_for_each(|it| require(ctx, *it).map(drop)) {
        Ok(()) => value().map(Ok),
        Err(error) => Some(Err(error)),
    }
}

/// `value`, if the caller may see it.
pub(super) fn visible<T>(
    ctx: &Context<'_>,
    permission: Permission,
    value: impl FnOnce() -> Option<T>,
) -> Option<Result<T, ApiError>> {
    visible_with(ctx, &[permission], value)
}
