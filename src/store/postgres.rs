//! Opening Postgres, and saying what is wrong with it where it can't be opened.

use std::{io, time::Duration};

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{ConnectOptions as _, Connection, postgres::PgConnectOptions};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::{
    error::StoreError,
    patience::{answers, is_idle},
    pooler,
};

/// How long opening goes on trying a server that is starting, and waits for one that says nothing.
const PATIENCE: Duration = Duration::from_secs(8);

/// Pause between tries.
const PAUSE: Duration = Duration::from_millis(250);

/// A connection that was used so lately is not asked first whether it lives: that would double the way of every short
/// question.
const SURELY_ALIVE: Duration = Duration::from_secs(1);

/// No connection gets older. One that lives leads where it led when it was made: to an old primary, say, that nobody
/// stopped. By then whoever is there now is met.
const LIFETIME: Duration = Duration::from_mins(5);

/// Opens a pool. Also tells where it is: `Postgres at host:port/database`, never with a password.
pub(super) async fn open(url: &SecretString, max_connections: u32) -> Result<(DatabaseConnection, String), StoreError> {
    let place = describe(url.expose_secret());
    let told = |what: String| StoreError::Connect(format!("cannot open {place}: {what}"));
    let single = parse(url).map_err(told)?;
    probe(&single).await.map_err(|failure| told(failure.told(&single)))?;
    pooler::refuse_one_that_loses_statements(&single).await.map_err(told)?;

    let mut options = ConnectOptions::new(url.expose_secret());
    options
        .max_connections(max_connections)
        .sqlx_logging(false)
        .connect_timeout(PATIENCE)
        .test_before_acquire(false)
        .acquire_timeout(PATIENCE)
        .max_lifetime(LIFETIME)
        .set_application_name("dingmirror");

    options.map_sqlx_postgres_opts(for_poolers);
    options.map_sqlx_postgres_pool_opts(|pool| {
        pool.before_acquire(|connection, used| {
            Box::pin(async move {
                if used.idle_for >= SURELY_ALIVE {
                    answers(connection).await?;
                }
                Ok(true)
            })
        })
        // Without this one that fell silent would keep its place in the pool for ever.
        .after_release(|connection, _| Box::pin(is_idle(connection)))
    });

    let pool = Database::connect(options).await.map_err(|error| {
        let failure = match error {
            DbErr::Conn(RuntimeErr::SqlxError(error)) => ConnectFailure::of(&error),
            _ => ConnectFailure::Silent,
        };
        told(failure.told(&single))
    })?;
    Ok((pool, place))
}

/// Where the URL leads.
fn parse(url: &SecretString) -> Result<PgConnectOptions, String> {
    let options = url.expose_secret().parse().map_err(|_| {
        "DATABASE_URL is not of the form postgres://user:password@host:port/database; write characters such as @ / : # of a password as %40 %2F %3A %23"
    })?;
    Ok(for_poolers(options))
}

/// PgBouncer refuses connections that ask for this by default. It is for numbers with fractions that are sent as text,
/// which none is here.
fn for_poolers(options: PgConnectOptions) -> PgConnectOptions {
    options.extra_float_digits(None)
}

/// Why the server takes no connections.
pub(super) struct Absence {
    /// Where it should be, what happened, and what to do.
    pub(super) why: String,
    /// It may be there in a while, without anybody correcting anything.
    pub(super) may_come: bool,
}

/// Tries once whether the server takes connections. One that says nothing for `longest` takes none.
pub(super) async fn look(url: &SecretString, longest: Duration) -> Result<(), Absence> {
    let place = describe(url.expose_secret());
    let told = |why: String, may_come| Absence {
        why: format!("cannot open {place}: {why}"),
        may_come,
    };
    let options = parse(url).map_err(|why| told(why, false))?;
    try_once(&options, Instant::now() + longest)
        .await
        .map_err(|failure| told(failure.told(&options), failure.may_come()))
}

/// One connection outside any pool: a pool goes on trying and then only says that time is up.
async fn probe(options: &PgConnectOptions) -> Result<(), ConnectFailure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let Err(failure) = try_once(options, deadline).await else {
            return Ok(());
        };
        if !failure.may_pass() || Instant::now() + PAUSE >= deadline {
            return Err(failure);
        }
        sleep(PAUSE).await;
    }
}

/// Makes a connection, and ends it.
async fn try_once(options: &PgConnectOptions, deadline: Instant) -> Result<(), ConnectFailure> {
    match timeout_at(deadline, options.connect()).await {
        Ok(Ok(connection)) => {
            // It has answered: how it takes its leave changes nothing.
            drop(connection.close().await);
            Ok(())
        }
        Ok(Err(error)) => Err(ConnectFailure::of(&error)),
        Err(_) => Err(ConnectFailure::Silent),
    }
}

/// Why there is no connection. The texts are the server's and the system's; none holds the password.
#[derive(Debug, PartialEq, Eq)]
enum ConnectFailure {
    Refused,
    Starting,
    Unreachable(String),
    Silent,
    Login(String),
    NoDatabase,
    Full(String),
    Tls(String),
    Other(String),
}

impl ConnectFailure {
    fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => Self::Refused,
            sqlx::Error::Io(error) => Self::Unreachable(error.to_string()),
            sqlx::Error::Tls(error) => Self::Tls(error.to_string()),
            sqlx::Error::PoolTimedOut => Self::Silent,
            sqlx::Error::Database(error) => Self::of_code(error.code().as_deref(), error.message()),
            error => Self::Other(error.to_string()),
        }
    }

    /// By SQLSTATE (PostgreSQL documentation, appendix A).
    fn of_code(code: Option<&str>, message: &str) -> Self {
        match code {
            Some("57P03") => Self::Starting,
            Some("28P01" | "28000") => Self::Login(message.to_owned()),
            Some("3D000") => Self::NoDatabase,
            Some("53300") => Self::Full(message.to_owned()),
            _ => Self::Other(message.to_owned()),
        }
    }

    /// A server that was started beside us may be there in a moment.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Refused | Self::Starting)
    }

    /// So may one on a machine that is starting, or whose name is not known yet. A wrong name or password stays one.
    fn may_come(&self) -> bool {
        self.may_pass() || matches!(self, Self::Unreachable(_) | Self::Silent | Self::Full(_))
    }

    /// What happened and what to do.
    fn told(&self, options: &PgConnectOptions) -> String {
        let (user, database) = (options.get_username(), options.get_database().unwrap_or("postgres"));

        match self {
            Self::Refused => {
                "the connection is refused, nothing listens there; start the server, or correct host and port in DATABASE_URL".to_owned()
            }
            Self::Starting => "the server is still starting or shutting down; try again when it is up".to_owned(),
            Self::Unreachable(why) => {
                format!("the host cannot be reached ({why}); correct it in DATABASE_URL, or check the network")
            }
            Self::Silent => {
                "no answer in time; check host and port in DATABASE_URL, and the firewall between".to_owned()
            }
            Self::Login(why) => {
                format!("the server refuses user {user} ({why}); correct user and password in DATABASE_URL")
            }
            Self::NoDatabase => format!(
                "it has no database {database}; make it (createdb {database}), or correct its name in DATABASE_URL"
            ),
            Self::Full(why) => {
                format!(
                    "the server takes no more connections ({why}); raise its max_connections, or run fewer replicas"
                )
            }
            Self::Tls(why) => {
                format!(
                    "no TLS with the server ({why}); set sslmode and sslrootcert in DATABASE_URL as the server wants it"
                )
            }
            Self::Other(why) => format!("{why}; check DATABASE_URL"),
        }
    }
}

fn describe(url: &str) -> String {
    match Url::parse(url) {
        Ok(url) => {
            let host = url.host_str().unwrap_or("localhost");
            format!("Postgres at {host}:{}{}", url.port().unwrap_or(5432), url.path())
        }
        Err(_) => "Postgres".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_has_no_password() {
        assert_eq!(
            describe("postgres://me:secret@db.example:6543/ding?x=y"),
            "Postgres at db.example:6543/ding"
        );
        assert_eq!(
            describe("postgres://me:secret@db.example/ding"),
            "Postgres at db.example:5432/ding"
        );
        assert_eq!(describe("not a url: secret"), "Postgres");
    }

    #[test]
    fn every_refusal_of_the_server_has_its_remedy() {
        let options: PgConnectOptions = "postgres://me:hunter2@db.example/ding".parse().unwrap();
        let told = |code| ConnectFailure::of_code(Some(code), "the server's words").told(&options);
        assert!(told("28P01").contains("user me"), "{}", told("28P01"));
        assert!(told("3D000").contains("createdb ding"));
        assert!(told("53300").contains("max_connections"));
        for code in ["28P01", "28000", "3D000", "53300", "57P03", "XX000"] {
            assert!(!told(code).contains("hunter2"));
        }
        assert!(ConnectFailure::of_code(Some("57P03"), "").may_pass());
        assert!(!ConnectFailure::of_code(Some("28P01"), "").may_pass());
    }

    #[tokio::test(start_paused = true)]
    async fn a_text_that_is_no_url_is_told_without_repeating_it() {
        let url = "postgres://me:hunter2@db.example:port/ding".to_owned().into();
        let error = open(&url, 1).await.unwrap_err().to_string();
        assert!(error.contains("DATABASE_URL") && !error.contains("hunter2"), "{error}");
    }
}
