//! `dingmirror token`.

use std::time::Duration;

use anyhow::bail;

use crate::{
    auth::{Permission, TokenIssuer},
    clock::Clock,
    config::{Config, ConfigArgs},
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

    /// Days until it ends
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    days: u32,
}

pub(super) fn run(config: ConfigArgs, args: Args) -> anyhow::Result<()> {
    if args.permissions.is_empty() && !args.all {
        bail!(
            "a token without a permission opens nothing: give --permission or --all. {}",
            permissions_help()
        );
    }
    let config = Config::load(config)?;
    let permissions = if args.all {
        Permission::ALL.to_vec()
    } else {
        args.permissions
    };
    let issuer = TokenIssuer::new(&config.jwt_secrets[0], Clock::system());
    println!(
        "{}",
        issuer.issue(
            &args.subject,
            &permissions,
            Duration::from_secs(u64::from(args.days) * 86_400)
        )
    );
    Ok(())
}
