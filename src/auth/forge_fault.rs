//! What may be wrong with a token of Forge.

/// Why a Forge Invocation Token is refused, in words for whoever sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ForgeFault {
    /// `icLabel`.
    #[error("the token is one of Atlassian's Isolated Cloud (`icLabel`), which isn't taken")]
    IsolatedCloud,
    /// `app` is missing or has another form.
    #[error("the token's `app` has to be an object with `id` and `installationId`")]
    App,
    /// `app.id` is not the audience.
    #[error("the token's `app.id` is not the app that its `aud` names")]
    AnotherApp,
    /// Two installations.
    #[error("the token names two installations: `app.installationId` and `app.installation.id` differ")]
    Installation,
    /// `context` has another form.
    #[error("the token's `context` has to be an object")]
    Context,
    /// Two sites.
    #[error("the token names several sites: its cloud ids differ")]
    Sites,
    /// None of the operator's sites.
    #[error("the token is not of one of the sites that the operator takes calls from (`cloud_ids`)")]
    AnotherSite,
    /// `principal` and `context.accountId`.
    #[error("the token names two people, or nobody who could be one: see its `principal` and `context.accountId`")]
    Principal,
}
