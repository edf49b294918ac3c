//! `--wait-for-database`: commands that are started beside their Postgres.

use std::{
    net::{SocketAddr, TcpListener as StdListener},
    process::Command,
    time::{Duration, Instant},
};

use tokio::net::{TcpListener, TcpStream};

use crate::support::{
    database::TestDatabase,
    process::{Home, PATIENCE, Process, program},
};

fn free_address() -> SocketAddr {
    StdListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// The same database by another address.
fn at(url: &str, address: SocketAddr) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(address.port())).unwrap();
    url.into()
}

/// From now on `address` leads to the database of `url`.
async fn lead(address: SocketAddr, url: &str) {
    let url = url::Url::parse(url).unwrap();
    let to = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
    let listener = TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(async move { drop(tokio::io::copy_bidirectional(&mut client, &mut server).await) });
        }
    });
}

fn with(command: &mut Command, url: &str, patience: &str) {
    Home::postgres(url).give_to(command);
    command.env("DINGMIRROR_WAIT_FOR_DATABASE", patience);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_waits_for_a_postgres_that_comes_later_and_says_so() {
    let database = TestDatabase::postgres().await;
    let (url, address) = (database.url().unwrap(), free_address());
    let mut command = program(&["serve"]);
    command.env("DINGMIRROR_WAIT_FOR_DATABASE", "60s");
    let mut server = Process::spawn(command, &Home::postgres(&at(url, address)));

    // Longer than a start without it tries.
    tokio::time::sleep(Duration::from_secs(9)).await;
    let log = server.written();
    assert!(
        log.contains("waiting for the database") && log.contains("is refused"),
        "{log}"
    );
    // Nobody is taken in who would have to wait, too.
    assert!(TcpStream::connect(server.address).await.is_err());

    lead(address, url).await;
    server.until_ready().await;
    let log = server.end_by("TERM").await;
    assert!(log.contains("the database is there"), "{log}");
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_waits_no_longer_than_it_was_told() {
    for args in [
        &["migrate", "status"][..],
        &["backup", "/nonexistent/x"],
        &["sync"],
        &["serve"],
    ] {
        let mut command = program(args);
        with(
            &mut command,
            &format!("postgres://me:hunter2@{}/x", free_address()),
            "1500ms",
        );
        command.env("DINGMIRROR_LISTEN", "127.0.0.1:0");
        let began = Instant::now();
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        let lasted = began.elapsed();
        assert!(
            !output.status.success() && lasted > Duration::from_millis(1_400),
            "{args:?} {lasted:?} {told}"
        );
        assert!(lasted < Duration::from_secs(30), "{args:?} {lasted:?}");
        assert!(
            told.contains("waited for 1.5 s") && told.contains("is refused"),
            "{args:?} {told}"
        );
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_does_not_pass_is_not_waited_for() {
    let database = TestDatabase::postgres().await;
    let mut nowhere = url::Url::parse(database.url().unwrap()).unwrap();
    nowhere.set_path("there_is_no_such_database");
    let mut command = program(&["migrate", "status"]);
    with(&mut command, nowhere.as_str(), "10m");
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("createdb"), "{told}");
    database.remove().await;
}

#[tokio::test]
async fn a_server_that_waits_is_ended_by_a_signal() {
    let mut command = program(&["serve"]);
    command.env("DINGMIRROR_WAIT_FOR_DATABASE", "10m");
    let server = Process::spawn(command, &Home::postgres(&format!("postgres://me@{}/x", free_address())));
    let began = Instant::now();
    while !server.written().contains("waiting for the database") {
        assert!(began.elapsed() < PATIENCE, "it says nothing");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.end_by("TERM").await;
}
