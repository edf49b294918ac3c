//! PostgreSQL servers of a test's own, which it may stop, break and promote; and a stable address before them.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::Duration,
};

use dingmirror::store::Target;
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};
use url::Url;

use super::database::TestDatabase;

/// A server on a free port. Stopped and removed when it is dropped.
pub struct Cluster {
    bin: PathBuf,
    /// Its log and its socket, and its data where they have no disk of their own.
    dir: TempDir,
    data: PathBuf,
    /// Options of the server, as its command line has them.
    options: String,
    pub port: u16,
}

/// How a cluster differs from the usual.
#[derive(Default)]
pub struct Layout<'a> {
    /// Where the data are.
    pub data: Option<&'a Path>,
    /// Where the write-ahead log is.
    pub wal: Option<&'a Path>,
    /// More options of the server.
    pub options: &'a str,
}

/// Debian keeps the server's programs out of PATH, one folder a version: the newest wins.
pub fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's server is installed");
    let newest = versions.map(|entry| entry.unwrap().path().join("bin"));
    let newest = newest.filter(|bin| bin.join("initdb").exists());
    newest.max().expect("PostgreSQL's server is installed")
}

pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

impl Cluster {
    /// An empty one that streams to whoever asks.
    pub fn start() -> Self {
        Self::start_with(&Layout::default())
    }

    /// The same, laid out otherwise.
    pub fn start_with(layout: &Layout) -> Self {
        let mut cluster = Self::in_new_dir();
        cluster.options = layout.options.to_owned();
        if let Some(disk) = layout.data {
            own(disk);
            cluster.data = disk.join("data");
        }

        let data = cluster.data();
        let wal = layout.wal.map(|disk| disk.join("wal").to_string_lossy().into_owned());
        let mut arguments = vec![
            "--pgdata",
            &data,
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
            // A small disk is full after few of them.
            "--wal-segsize=1",
        ];
        if let Some(disk) = layout.wal {
            own(disk);
        }
        arguments.extend(wal.iter().flat_map(|wal| ["--waldir", wal.as_str()]));

        cluster.run("initdb", &arguments);
        cluster.up();
        cluster
    }

    /// A copy of `primary` that follows it, asynchronously.
    pub fn standby_of(primary: &Self) -> Self {
        let cluster = Self::in_new_dir();
        let (data, port) = (cluster.data(), primary.port.to_string());
        cluster.run(
            "pg_basebackup",
            &[
                "--pgdata",
                &data,
                "--write-recovery-conf",
                "--wal-method=stream",
                "--checkpoint=fast",
                "--no-sync",
                "--host=127.0.0.1",
                "--port",
                &port,
                "--username=postgres",
            ],
        );
        cluster.up();
        cluster
    }

    fn in_new_dir() -> Self {
        let dir = tempfile::tempdir().unwrap();
        own(dir.path());
        Self {
            bin: programs(),
            data: dir.path().join("data"),
            dir,
            options: String::new(),
            port: free_port(),
        }
    }

    fn data(&self) -> String {
        self.data.to_string_lossy().into_owned()
    }

    /// One of PostgreSQL's programs.
    fn program(&self, name: &str) -> Command {
        self.as_owner(self.bin.join(name))
    }

    /// A command of whom the server runs as: it refuses to run as root.
    fn as_owner(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program.as_ref());
        if is_root() {
            command = Command::new("runuser");
            command.args(["-u", "postgres", "--"]).arg(program);
        }
        command.current_dir(self.dir.path());
        command
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let output = self.program(program).args(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// Whether the server runs; a crash that it can't recover from ends it.
    pub fn is_up(&self) -> bool {
        let mut status = self.program("pg_ctl");
        status.args(["status", "--pgdata", &self.data()]);
        status.output().unwrap().status.success()
    }

    /// Starts the server.
    pub fn up(&self) {
        let (data, log) = (self.data(), self.dir.path().join("log").to_string_lossy().into_owned());
        let options = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=off -c max_connections=60 {}",
            self.port,
            self.dir.path().display(),
            self.options
        );

        self.run(
            "pg_ctl",
            &[
                "start",
                "--pgdata",
                &data,
                "--log",
                &log,
                "--wait",
                "--silent",
                "--options",
                &options,
            ],
        );
    }

    /// Ends it: `fast` as an operator would, `immediate` as a crash does.
    pub fn down(&self, mode: &str) {
        self.run(
            "pg_ctl",
            &["stop", "--pgdata", &self.data(), "--mode", mode, "--silent"],
        );
    }

    /// Crashes it now, in the middle of whatever it does.
    pub fn crash(&self) {
        let own = std::fs::read_to_string(self.data.join("postmaster.pid")).unwrap();
        let pid = own.lines().next().unwrap();
        assert!(Command::new("kill").args(["-QUIT", pid]).status().unwrap().success());
    }

    /// Waits until the server that crashed is gone.
    pub async fn until_down(&self) {
        while self.is_up() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        self.run("pg_ctl", &["promote", "--pgdata", &self.data(), "--wait", "--silent"]);
    }

    /// `DATABASE_URL` of its database `postgres`, by `port`.
    pub fn url(port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    /// A connection beside the program's.
    pub async fn beside(&self) -> PgConnection {
        PgConnection::connect(&Self::url(self.port)).await.unwrap()
    }

    /// Writes into the log until the server has no room for it.
    pub async fn burn_log(&self) {
        let burn = "SELECT pg_logical_emit_message(true, 'x', repeat('x', 500000))";
        for _ in 0..200 {
            let Ok(mut beside) = PgConnection::connect(&Self::url(self.port)).await else {
                return;
            };
            if beside.execute(burn).await.is_err() {
                return;
            }
        }
        panic!("the log finds room");
    }

    /// Has the system refuse what a session writes to any file.
    pub fn forbid_writing(&self, session: i32) {
        // Whose process it is may do that.
        let mut command = self.as_owner("prlimit");
        command.arg(format!("--pid={session}")).arg("--fsize=0:");
        assert!(command.status().unwrap().success(), "prlimit of util-linux");
    }

    /// Starts the server where it ended by itself.
    pub fn up_again(&self) {
        if !self.is_up() {
            self.up();
        }
    }

    /// Runs a statement.
    pub async fn sql(&self, sql: &str) {
        let mut connection = self.beside().await;
        connection.execute(sqlx::AssertSqlSafe(sql.to_owned())).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The one number that a query gives.
    pub async fn number(&self, sql: &str) -> i64 {
        let mut connection = self.beside().await;
        let query = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned()));
        query.fetch_one(&mut connection).await.unwrap()
    }

    /// Waits until `standby` has everything that stands here now.
    pub async fn replayed_by(&self, standby: &Self) {
        let (mut here, mut there) = (self.beside().await, standby.beside().await);
        let written: String = sqlx::query_scalar("SELECT pg_current_wal_lsn()::text")
            .fetch_one(&mut here)
            .await
            .unwrap();

        for _ in 0..600 {
            let has: bool = sqlx::query_scalar("SELECT coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false)")
                .bind(&written)
                .fetch_one(&mut there)
                .await
                .unwrap();
            if has {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the standby does not follow");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be down already.
        let mut stop = self.program("pg_ctl");
        stop.args(["stop", "--pgdata", &self.data(), "--mode=immediate", "--silent"]);
        drop(stop.output());
    }
}

/// Gives a directory to whom the server runs as.
pub fn own(dir: &Path) {
    if is_root() {
        let owner = Command::new("chown").arg("postgres").arg(dir).status().unwrap();
        assert!(owner.success());
    }
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .unwrap()
        .stdout
        .starts_with(b"0\n")
}

/// An address that stays while the server behind it changes, as a load balancer or a DNS name is.
pub struct Address {
    pub port: u16,
    target: Arc<AtomicU16>,
    turn: watch::Sender<u64>,
    silence: watch::Sender<u64>,
    unheard: Arc<Mutex<Option<&'static str>>>,
}

impl Address {
    /// In front of a test's Postgres, and the target that leads there over it.
    pub async fn in_front_of(database: &TestDatabase) -> (Self, Target) {
        let mut url = Url::parse(database.url().unwrap()).unwrap();
        let address = Self::before(url.port().unwrap()).await;
        url.set_port(Some(address.port)).unwrap();
        let target = Target::Postgres {
            url: url.to_string().into(),
            max_connections: 8,
        };
        (address, target)
    }

    /// In front of the server at `target`.
    pub async fn before(target: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = Arc::new(AtomicU16::new(target));
        let (turn, silence) = (watch::Sender::new(0), watch::Sender::new(0));
        let unheard = Arc::new(Mutex::new(None));
        let after = unheard.clone();
        let (to, turns, silences) = (target.clone(), turn.subscribe(), silence.subscribe());

        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (to, mut turns, mut silences) = (to.load(Ordering::Acquire), turns.clone(), silences.clone());
                let after = after.clone();
                turns.mark_unchanged();
                silences.mark_unchanged();
                tokio::spawn(async move {
                    let Ok(mut server) = TcpStream::connect(("127.0.0.1", to)).await else {
                        return;
                    };
                    tokio::select! {
                        _ = relay(&mut client, &mut server, &after) => {}
                        _ = turns.changed() => {}
                        // Both ends stay open, and nobody reads them.
                        _ = silences.changed() => std::future::pending().await,
                    }
                });
            }
        });

        Self {
            port,
            target,
            turn,
            silence,
            unheard,
        }
    }

    /// Leads to another server from now on; connections to the former one are cut.
    pub fn lead_to(&self, target: u16) {
        self.target.store(target, Ordering::Release);
        self.turn.send_modify(|turn| *turn += 1);
    }

    /// The next transaction in which `statement` is told to the server is committed, and who committed it never hears
    /// of that.
    pub fn lose_the_commit_after(&self, statement: &'static str) {
        *self.unheard.lock().unwrap() = Some(statement);
    }

    /// What is said on the connections that are open now is lost from now on, and none of them ends: as when a firewall
    /// forgets them. New ones lead to the server as before.
    pub fn fall_silent(&self) {
        self.silence.send_modify(|silence| *silence += 1);
    }
}

/// Carries what both say, until one of them ends, or a COMMIT's answer is to be lost.
async fn relay(client: &mut TcpStream, server: &mut TcpStream, after: &Mutex<Option<&'static str>>) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let is_lost = AtomicBool::new(false);

    let asked = async {
        let (mut buffer, mut is_marked) = (vec![0; 65_536], false);
        while let Ok(read @ 1..) = from_client.read(&mut buffer).await {
            let said = String::from_utf8_lossy(&buffer[..read]);
            is_marked |= after
                .lock()
                .unwrap()
                .take_if(|statement| said.contains(*statement))
                .is_some();
            if is_marked && said.contains("COMMIT") {
                is_lost.store(true, Ordering::Release);
            }
            if to_server.write_all(&buffer[..read]).await.is_err() {
                return;
            }
            if is_lost.load(Ordering::Acquire) {
                // The server commits meanwhile.
                tokio::time::sleep(Duration::from_millis(500)).await;
                return;
            }
        }
    };

    let answered = async {
        let mut buffer = vec![0; 65_536];
        while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
            let heard = !is_lost.load(Ordering::Acquire);
            if heard && to_client.write_all(&buffer[..read]).await.is_err() {
                return;
            }
        }
    };

    tokio::select! {
        () = asked => {}
        () = answered => {}
    }
}
