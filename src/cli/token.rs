//! `dingmirror token`.

use std::time::Duration;

use anyhow::bail;

use super::output;
use crate::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
    config::{ConfigLayer, Signing},
};

/// The help names every permission, so that nobody has to look them up.
fn permissions_help() -> String {
    format!(
        "May be given several times: {}",
        Permission::ALL.map(Permission::as_str).join(", ")
    )
}

#[derive(Debug, clap::Args)]
pub(super) struct Args {
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

/// Prints the token and nothing else, so that `export TOKEN=$(dingmirror token --all)` works.
pub(super) fn run(config: ConfigLayer, args: Args) -> anyhow::Result<()> {
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
    output::line(issuer.issue(args.subject.trim(), &permissions, valid_for))
}
