//! What `dingmirror token` signs with: the server's own secret, which it never makes.

use std::{path::PathBuf, time::Duration};

use secrecy::SecretString;

use super::{
    environment::{default_data_dir, env},
    error::ConfigErrors,
    secrets::{self, JWT_FILE},
    table::{ConfigLayer, Layers, TABLE},
};

/// What a token is signed with.
#[derive(Debug, Clone)]
pub struct Signing {
    /// The server's secret.
    pub secret: SecretString,
    /// The server refuses tokens that live longer.
    pub max_lifetime: Duration,
}

impl Signing {
    /// Looks for the secret where a server with this configuration has it. One that was made here would sign tokens
    /// that no server takes.
    pub fn load(args: ConfigLayer) -> Result<Self, ConfigErrors> {
        Self::resolve(args, env)
    }

    fn resolve(args: ConfigLayer, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut layers = Layers::of(args, &env);
        let max_lifetime = layers.token_max_lifetime();
        let data_dir = layers.data_dir().or_else(|| default_data_dir(&env));

        let given = layers.jwt_secret();
        let secret = given.or_else(|| layers.mistakes.take(TABLE.jwt_secret.variable, kept(data_dir)));
        match secret {
            Some(secret) => layers.mistakes.none().map(|()| Self { secret, max_lifetime }),
            None => Err(layers.mistakes.into()),
        }
    }
}

/// The secret that a server keeps in its data directory, if it has ever run there.
fn kept(data_dir: Option<PathBuf>) -> Result<SecretString, String> {
    let remedy = "A token has to be signed with the server's own secret. Set the same DINGMIRROR_JWT_SECRET (or \
                  DINGMIRROR_JWT_SECRET_FILE, or --config) as the server has, or name its directory with --data-dir, as the \
                  user that it runs as; its log names the directory when it starts";

    let Some(dir) = data_dir else {
        return Err(format!(
            "it is not set, and there is no data directory to look in. {remedy}"
        ));
    };

    let path = dir.join(JWT_FILE);
    match path.try_exists() {
        Ok(true) => secrets::kept_in(&dir, JWT_FILE),
        Ok(false) => Err(format!("it is not set, and there is no {}. {remedy}", path.display())),
        Err(error) => Err(format!(
            "it is not set, and {} cannot be read: {error}. {remedy}",
            path.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::auth::MAX_LIFETIME;

    fn look_in(dir: &std::path::Path, vars: &[(&str, &str)]) -> Result<Signing, ConfigErrors> {
        let args = ConfigLayer {
            data_dir: Some(dir.to_str().unwrap().into()),
            ..ConfigLayer::default()
        };
        Signing::resolve(args, |name| {
            vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn no_secret_is_ever_made_here() {
        let dir = tempfile::tempdir().unwrap();
        let nowhere = dir.path().join("not/here");
        let told = look_in(&nowhere, &[]).unwrap_err().to_string();
        assert!(told.contains(nowhere.join(JWT_FILE).to_str().unwrap()), "{told}");
        assert!(
            told.contains("--data-dir") && told.contains("DINGMIRROR_JWT_SECRET"),
            "{told}"
        );
        assert!(!nowhere.exists());

        assert!(look_in(dir.path(), &[]).is_err());
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn the_servers_secret_is_found_where_the_server_has_it() {
        let dir = tempfile::tempdir().unwrap();
        let made = secrets::kept_in(dir.path(), JWT_FILE).unwrap();
        let signing = look_in(dir.path(), &[]).unwrap();
        assert_eq!(signing.secret.expose_secret(), made.expose_secret());
        assert_eq!(signing.max_lifetime, MAX_LIFETIME);

        let given = "a secret that was given by hand, long enough";
        let signing = look_in(dir.path(), &[("DINGMIRROR_JWT_SECRET", given)]).unwrap();
        assert_eq!(signing.secret.expose_secret(), given);
        assert!(look_in(dir.path(), &[("DINGMIRROR_JWT_SECRET", "short")]).is_err());
    }
}
