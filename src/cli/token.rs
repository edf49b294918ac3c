//! `dingmirror token`: tokens by the server's secret, and revoking tokens where the database is, beside the server.

use std::time::Duration;

use anyhow::bail;
use chrono::{DateTime, Utc};

use super::{
    author, beside,
    output::{self, moment},
};
use crate::{
    admin::TokenAdmin,
    auth::{NewRevocation, Permission, RevocationsHandle, Revoked, TokenIssuer},
    clock::Clock,
    config::{ConfigLayer, DatabasePlace, Signing},
};

/// The help names every permission, so that nobody has to look them up.
fn permissions_help() -> String {
    format!(
        "May be given several times: {}",
        Permission::ALL.map(Permission::as_str).join(", ")
    )
}

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Option<TokenAction>,

    #[command(flatten)]
    issue: IssueArgs,
}

#[derive(Debug, clap::Subcommand)]
enum TokenAction {
    /// Revoke a token by its id, or all that somebody has: every replica refuses them within two seconds
    Revoke(RevokeArgs),
}

#[derive(Debug, clap::Args)]
struct RevokeArgs {
    /// The token's `jti`, as `dingmirror token` told it when it issued it
    #[arg(long, value_name = "JTI", required_unless_present = "subject")]
    id: Option<String>,

    /// The `iss` of that token; without it, it is one of this server's own
    #[arg(long, requires = "id", conflicts_with = "subject")]
    issuer: Option<String>,

    /// Whose tokens: `viewer { subject }` of them, so that of another issuer's `SUB@ISSUER`
    #[arg(long, conflicts_with = "id")]
    subject: Option<String>,

    /// Those that were issued before this moment, say 2026-11-30T18:00:00Z; without it, before now
    #[arg(long, value_name = "TIME", requires = "subject", conflicts_with = "id")]
    issued_before: Option<DateTime<Utc>>,
}

#[derive(Debug, clap::Args)]
struct IssueArgs {
    /// A permission of the token
    #[arg(long = "permission", short, value_name = "PERMISSION", long_help = permissions_help())]
    permissions: Vec<Permission>,

    /// Give every permission
    #[arg(long, conflicts_with = "permissions")]
    all: bool,

    /// Whom the token is for: stands in the audit log and beside messages
    #[arg(long, default_value = "admin")]
    subject: String,

    /// Days until it ends; at most the longest life that the server allows (--token-max-lifetime)
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
}

pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
    match args.action {
        None => issue(config, args.issue),
        Some(TokenAction::Revoke(args)) => revoke(config, args),
    }
}

/// Prints the token and nothing else, so that `export TOKEN=$(dingmirror token --all)` works; its id goes to standard
/// error.
fn issue(config: ConfigLayer, args: IssueArgs) -> anyhow::Result<()> {
    if args.permissions.is_empty() && !args.all {
        bail!(
            "a token without a permission opens nothing: give --permission or --all. {}",
            permissions_help()
        );
    }
    if args.subject.trim().is_empty() {
        bail!(
            "--subject is blank, and the server takes no such token: say whom it is for, or leave it out for `admin`"
        );
    }

    let signing = Signing::load(config)?;
    let valid_for = Duration::from_secs(u64::from(args.days) * 86_400);
    if valid_for > signing.max_lifetime {
        bail!(
            "a token of {} days would be refused: the longest life is {} days; ask for fewer --days, or have the operator set \
             DINGMIRROR_TOKEN_MAX_LIFETIME, here and for the server",
            args.days,
            signing.max_lifetime.as_secs() / 86_400
        );
    }

    let permissions = if args.all {
        Permission::ALL.to_vec()
    } else {
        args.permissions
    };
    let issuer = TokenIssuer::new(&signing.secret, Clock::system());
    let issued = issuer.issue_with_id(args.subject.trim(), &permissions, valid_for);
    output::line(issued.token)?;
    crate::telemetry::say(format!(
        "the token {}: `dingmirror token revoke --id {}` ends it before its time",
        issued.id, issued.id
    ));
    Ok(())
}

fn revoke(config: ConfigLayer, args: RevokeArgs) -> anyhow::Result<()> {
    let place = DatabasePlace::load(config)?;
    let token_max_lifetime = place.token_max_lifetime;
    let new = NewRevocation {
        token_id: args.id,
        issuer: args.issuer,
        subject: args.subject,
        issued_before: args.issued_before,
    };

    beside::with_store(place, move |store, clock| async move {
        let tokens = TokenAdmin::new(store, RevocationsHandle::default(), clock, token_max_lifetime);
        let done = tokens.revoke(new, author::of_this_command()).await?;
        let (at, by) = (moment(done.revoked_at), done.revoked_by);
        match done.revoked {
            Revoked::Token(token) => output::line(format_args!(
                "the token {} of {}: revoked at {at} by {by}",
                token.id, token.issuer
            )),
            Revoked::Subject { subject, issued_before } => output::line(format_args!(
                "all tokens of {subject} from before {}: revoked at {at} by {by}",
                moment(issued_before)
            )),
        }
    })
}
