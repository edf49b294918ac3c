//! A PgBouncer before the tests' Postgres.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::process::PATIENCE;

/// Debian keeps it out of an ordinary user's PATH.
const PROGRAMS: [&str; 2] = ["/usr/sbin/pgbouncer", "pgbouncer"];

/// Ended when it is dropped.
pub struct Pooler {
    child: Child,
    address: SocketAddr,
    _dir: TempDir,
}

impl Pooler {
    /// Starts one in this mode (`session`, `transaction`, `statement`) before the server of `url`, otherwise with
    /// PgBouncer's defaults. Without a PgBouncer the test fails: a skipped test proves nothing.
    pub async fn start(url: &str, mode: &str) -> Self {
        let server = url::Url::parse(url).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);

        // It refuses to be root, and becomes somebody else.
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0);
        let user = if is_root { "user = postgres" } else { "" };
        let ini = format!(
            "[databases]\n* = host={} port={} user={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {mode}\n{user}\n",
            server.host_str().unwrap(),
            server.port().unwrap_or(5432),
            server.username(),
            address.port(),
        );
        let file = dir.path().join("pgbouncer.ini");
        std::fs::write(&file, ini).unwrap();
        std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).unwrap();

        let started = PROGRAMS.iter().find_map(|program| {
            let mut command = Command::new(program);
            command
                .arg(&file)
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            command.spawn().ok()
        });
        let child = started.expect("this test needs PgBouncer (Debian: pgbouncer)");
        let pooler = Self {
            child,
            address,
            _dir: dir,
        };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(began.elapsed() < PATIENCE, "PgBouncer does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        pooler
    }

    /// The same database by way of it.
    pub fn url(&self, of: &str) -> String {
        let mut url = url::Url::parse(of).unwrap();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.address.port())).unwrap();
        url.into()
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
