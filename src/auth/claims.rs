//! The claims of a token whose signature was found good.
//!
//! Each one is read by itself, so that what is wrong with it can be said. The library's own reader takes all of them at
//! once: a claim of another form reads like a wrong signature there.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    AUDIENCE, ISSUER,
    caller::LEEWAY,
    forge,
    issuer::{Granted, Issuer, IssuerKind},
    permission::Permission,
    raw_claims::{OneOrMany, RawClaims},
    refusal::TokenError,
    revocation::{TokenId, TokenMark},
};

/// What a token says, each claim of the right form. The times are not compared with anything yet.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) permissions: BTreeSet<Permission>,
    pub(super) expires_at: DateTime<Utc>,
    pub(super) not_before: Option<DateTime<Utc>>,
    /// By what it is revoked.
    pub(super) mark: Arc<TokenMark>,
    /// How much the clocks of the issuer and of this server may differ.
    pub(super) leeway: TimeDelta,
    /// Who signed it, where that was not this server.
    pub(super) issuer: Option<Arc<str>>,
    /// How long it may live, where its issuer's live shorter than others.
    pub(super) max_lifetime: Option<Duration>,
}

impl Claims {
    /// Reads the payload of one of this server's own tokens, the JSON itself.
    pub(super) fn read(payload: &[u8]) -> Result<Self, TokenError> {
        let raw = RawClaims::read(payload)?;
        for (name, wanted) in [("iss", ISSUER), ("aud", AUDIENCE)] {
            if !raw.required::<OneOrMany>(name)?.has(wanted) {
                return Err(TokenError::Wrong(name));
            }
        }

        // Permissions that this version doesn't know are left out, so that newer tokens work on older servers.
        let permissions: Vec<String> = raw.optional("permissions")?.unwrap_or_default();
        let permissions = permissions.iter().filter_map(|text| text.parse().ok()).collect();
        Self::of(&raw, ISSUER, raw.subject()?, permissions)
    }

    /// Reads the payload of a token of `issuer`, whose `iss` it has.
    pub(super) fn of_issuer(payload: &[u8], issuer: &Issuer) -> Result<Self, TokenError> {
        let raw = RawClaims::read(payload)?;
        let audience = raw.required::<OneOrMany>("aud")?;
        if !issuer.audiences.iter().any(|wanted| audience.has(wanted)) {
            return Err(TokenError::IssuersAudience);
        }
        if let Some(missing) = issuer.required.iter().find(|name| raw.claim(name).is_none()) {
            return Err(TokenError::IssuersRequired(missing.clone()));
        }

        let subject = match &issuer.kind {
            IssuerKind::Plain => raw.subject()?,
            IssuerKind::Forge { cloud_ids } => forge::subject(&raw, &audience, &issuer.audiences, cloud_ids)?,
        };
        let (subject, permissions) = (issuer.subject(&subject), granted(&raw, &issuer.granted)?);
        let claims = Self::of(&raw, &issuer.name, subject, permissions)?;
        Ok(Self {
            issuer: Some(issuer.name.as_str().into()),
            leeway: issuer.leeway,
            max_lifetime: issuer.max_lifetime,
            ..claims
        })
    }

    /// What is asked of every token.
    fn of(
        raw: &RawClaims,
        issuer: &str,
        subject: String,
        permissions: BTreeSet<Permission>,
    ) -> Result<Self, TokenError> {
        let id = raw.id().map(|id| TokenId {
            issuer: issuer.to_owned(),
            id,
        });
        let issued_at = raw.time("iat")?;
        Ok(Self {
            subject,
            permissions,
            expires_at: raw.time("exp")?.ok_or(TokenError::Missing("exp"))?,
            not_before: raw.time("nbf")?,
            mark: Arc::new(TokenMark { id, issued_at }),
            leeway: LEEWAY,
            issuer: None,
            max_lifetime: None,
        })
    }
}

/// The `iss` of a payload that nobody has looked at yet, by which the key is found that its signature is checked with.
/// One text alone: of a list each could be meant.
pub(super) fn claimed_issuer(payload: &[u8]) -> Option<String> {
    RawClaims::read(payload).ok()?.optional("iss").ok()?
}

/// What a token of an issuer opens. Words of its claim that are no permissions are other programs'.
fn granted(raw: &RawClaims, granted: &Granted) -> Result<BTreeSet<Permission>, TokenError> {
    let mut permissions = granted.always.clone();
    let named = granted.by_claim.as_deref().and_then(|name| raw.claim(name));
    if let Some(named) = named {
        let named: OneOrMany = serde_json::from_str(named.get()).map_err(|_| TokenError::IssuersPermissions)?;
        permissions.extend(named.words().filter_map(|word| word.parse::<Permission>().ok()));
    }
    Ok(permissions)
}
