//! Where a command that works beside the server finds its database. Nothing is made for it.

use std::{path::PathBuf, time::Duration};

use super::{
    environment::{default_data_dir, env},
    error::ConfigErrors,
    resolve::{Database, database},
    table::{ConfigLayer, Layers, TABLE},
};

/// Where the server's database is.
#[derive(Debug, Clone)]
pub struct DatabasePlace {
    /// Which database.
    pub database: Database,
    /// Where the embedded one is; empty for Postgres without a data directory.
    pub data_dir: PathBuf,
    /// Longest life of a token, and of a key.
    pub token_max_lifetime: Duration,
}

impl DatabasePlace {
    /// Where a server with this configuration has it.
    pub fn load(args: ConfigLayer) -> Result<Self, ConfigErrors> {
        Self::resolve(args, env)
    }

    fn resolve(args: ConfigLayer, env: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigErrors> {
        let mut layers = Layers::of(args, &env);
        let database = database(&mut layers);
        let token_max_lifetime = layers.token_max_lifetime();
        let data_dir = layers.data_dir().or_else(|| default_data_dir(&env));

        let is_embedded = matches!(database, Some(Database::Embedded));
        if is_embedded && data_dir.is_none() {
            let remedy = "set it, or DATABASE_URL: there is no HOME to take a default from";
            layers.mistakes.add(TABLE.data_dir.variable, remedy);
        }
        let Some(database) = database else {
            return Err(layers.mistakes.into());
        };
        layers.mistakes.none().map(|()| Self {
            database,
            data_dir: data_dir.unwrap_or_default(),
            token_max_lifetime,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_the_servers_and_nothing_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().join("not/here");
        let args = ConfigLayer {
            data_dir: Some(data_dir.to_str().unwrap().into()),
            token_max_lifetime: Some("30d".into()),
            ..ConfigLayer::default()
        };
        let place = DatabasePlace::resolve(args, |_| None).unwrap();
        assert!(matches!(place.database, Database::Embedded));
        assert_eq!(place.data_dir, data_dir);
        assert_eq!(place.token_max_lifetime, Duration::from_hours(30 * 24));
        assert!(!data_dir.exists() && !dir.path().join("not").exists());
    }

    #[test]
    fn a_postgres_needs_no_directory_and_nothing_at_all_is_a_mistake() {
        let args = ConfigLayer {
            database_url: Some("postgres://somebody@db.example/dingmirror".into()),
            ..ConfigLayer::default()
        };
        let place = DatabasePlace::resolve(args, |_| None).unwrap();
        assert!(matches!(place.database, Database::Postgres(_)));

        let told = DatabasePlace::resolve(ConfigLayer::default(), |_| None).unwrap_err();
        assert!(told.to_string().contains("DINGMIRROR_DATA_DIR"), "{told}");
    }
}
