//! An archive of Postgres' database, made by its own `pg_dump` and read back by its own `pg_restore`: nobody else knows
//! how to write down each version of it.

use std::{
    borrow::Cow,
    io::{self, BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::CopyContents;
use crate::store::{dialect, postgres};

/// What a parameter of the URL is called in libpq's environment.
const VARIABLES: [(&[&str], &str); 9] = [
    (&["host", "hostaddr"], "PGHOST"),
    (&["port"], "PGPORT"),
    (&["dbname"], "PGDATABASE"),
    (&["user"], "PGUSER"),
    (&["password"], "PGPASSWORD"),
    (&["sslmode", "ssl-mode"], "PGSSLMODE"),
    (&["sslrootcert", "ssl-root-cert", "ssl-ca"], "PGSSLROOTCERT"),
    (&["sslcert", "ssl-cert"], "PGSSLCERT"),
    (&["sslkey", "ssl-key"], "PGSSLKEY"),
];

/// Writes the whole database at `url` into `beside`, an empty file.
pub(super) async fn copy(url: &SecretString, beside: &Path) -> Result<CopyContents, String> {
    let (database, _) = postgres::open(url, 1).await.map_err(|error| error.to_string())?;
    let expected = dialect::tables(&database).await.map_err(|error| error.to_string())?;
    drop(database.close().await);

    let (environment, beside) = (environment(url)?, beside.to_owned());
    let dumped = tokio::task::spawn_blocking(move || {
        dump(&environment, &beside)?;
        read_back(&beside, &expected)
    });
    dumped.await.map_err(|error| error.to_string())?
}

/// The connection for libpq's programs. On a command line everybody would see the password.
fn environment(url: &SecretString) -> Result<Vec<(&'static str, String)>, String> {
    let url = Url::parse(url.expose_secret()).map_err(|_| "DATABASE_URL is no URL")?;
    let mut found = Vec::new();
    if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        found.push(("PGHOST", decoded(host)?));
    }
    if let Some(port) = url.port() {
        found.push(("PGPORT", port.to_string()));
    }
    if !url.username().is_empty() {
        found.push(("PGUSER", decoded(url.username())?));
    }
    if let Some(password) = url.password() {
        found.push(("PGPASSWORD", decoded(password)?));
    }
    let name = url.path().trim_start_matches('/');
    if !name.is_empty() {
        found.push(("PGDATABASE", decoded(name)?));
    }

    // As for the server's own connections, a parameter counts more than its place in the URL.
    for (key, value) in url.query_pairs() {
        let variable = VARIABLES.iter().find(|(keys, _)| keys.contains(&&*key));
        found.extend(variable.map(|(_, variable)| (*variable, value.to_string())));
    }
    Ok(found)
}

fn decoded(text: &str) -> Result<String, String> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Cow::into_owned)
        .map_err(|_| "DATABASE_URL is not UTF-8".to_owned())
}

/// One of PostgreSQL's programs, whose words are those that this file knows.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command
        .env("LC_ALL", "C")
        .env("PGAPPNAME", "dingmirror backup")
        .env("PGCONNECT_TIMEOUT", "10")
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

fn start(command: &mut Command) -> Result<Child, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    command.spawn().map_err(|error| {
        format!(
            "{name} can't be run ({error}): install PostgreSQL's client programs (Debian: postgresql-client), of the server's \
             version or a newer one, where PATH finds them"
        )
    })
}

fn dump(environment: &[(&'static str, String)], beside: &Path) -> Result<(), String> {
    let mut command = program("pg_dump");
    command
        .args(["--format=custom", "--no-password", "--file"])
        .arg(beside)
        .envs(environment.iter().cloned())
        .stdout(Stdio::null());

    let ended = start(&mut command)?;
    let ended = ended.wait_with_output().map_err(|error| error.to_string())?;
    if ended.status.success() {
        return Ok(());
    }
    Err(told("pg_dump", &String::from_utf8_lossy(&ended.stderr)))
}

/// The program's words, with the remedy where we know one.
fn told(program: &str, words: &str) -> String {
    let words = words.trim();
    let remedy = if words.contains("server version mismatch") {
        "; install PostgreSQL's client programs of the server's version or a newer one"
    } else if words.contains("permission denied") {
        "; give the role of DATABASE_URL the right to read all of the database"
    } else {
        ""
    };
    format!("{program} failed: {words}{remedy}")
}

/// Has the archive read from its beginning to its end, and finds every table of the original in it.
fn read_back(archive: &Path, expected: &[String]) -> Result<CopyContents, String> {
    let mut command = program("pg_restore");
    command.arg("--file=-").arg(archive).stdout(Stdio::piped());

    let mut reader = start(&mut command)?;
    let script = reader.stdout.take().ok_or("pg_restore has no output")?;
    let counted = count(BufReader::new(script));
    let ended = reader.wait_with_output().map_err(|error| error.to_string())?;
    if !ended.status.success() {
        return Err(told("pg_restore", &String::from_utf8_lossy(&ended.stderr)));
    }

    let (tables, rows) = counted.map_err(|error| error.to_string())?;
    if let Some(absent) = expected.iter().find(|table| !tables.contains(table)) {
        return Err(format!("the archive has no table {absent}"));
    }
    Ok(CopyContents {
        rows,
        tables: tables.len(),
    })
}

/// The tables whose rows a script copies in, and how many rows.
fn count(mut script: impl BufRead) -> io::Result<(Vec<String>, u64)> {
    let (mut tables, mut rows, mut in_rows) = (Vec::new(), 0, false);
    let mut line = Vec::new();

    while script.read_until(b'\n', &mut line)? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        if in_rows {
            // A row that is this very text has its backslash doubled.
            in_rows = text != b"\\.";
            rows += u64::from(in_rows);
        } else if let Some(copied) = text.strip_prefix(b"COPY ")
            && text.ends_with(b" FROM stdin;")
        {
            let copied = String::from_utf8_lossy(copied);
            tables.extend(copied.split_once(" (").map(|(table, _)| table.to_owned()));
            in_rows = true;
        }
        line.clear();
    }
    Ok((tables, rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_connection_goes_by_the_environment() {
        for (url, expected) in [
            (
                "postgres://me:p%40ss%2F@db.example:6543/ding%20a?sslmode=require&sslrootcert=/etc/ca.pem",
                "PGHOST=db.example PGPORT=6543 PGUSER=me PGPASSWORD=p@ss/ PGDATABASE=ding a PGSSLMODE=require \
                 PGSSLROOTCERT=/etc/ca.pem",
            ),
            (
                "postgres://%2Frun%2Fpostgresql/ding?user=me",
                "PGHOST=/run/postgresql PGDATABASE=ding PGUSER=me",
            ),
            (
                "postgresql:///ding?host=/run/postgresql&port=5433",
                "PGDATABASE=ding PGHOST=/run/postgresql PGPORT=5433",
            ),
            ("postgres://[::1]:5433/ding", "PGHOST=::1 PGPORT=5433 PGDATABASE=ding"),
        ] {
            let found = environment(&url.to_owned().into()).unwrap();
            let found: Vec<_> = found.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(found.join(" "), expected, "{url}");
        }
    }

    #[test]
    fn tables_and_rows_of_a_script_are_counted() {
        let script = "SET x = 0;\nCOPY public.users (id, name) FROM stdin;\n1\tCOPY x (y) FROM stdin;\n2\t\\\\.\n\\.\n\n\
                      COPY public.\"A b\" (id) FROM stdin;\n\\.\n";
        let (tables, rows) = count(script.as_bytes()).unwrap();
        assert_eq!(tables, ["public.users", "public.\"A b\""]);
        assert_eq!(rows, 2);
    }

    #[test]
    fn an_older_program_has_its_remedy() {
        let words = "pg_dump: error: aborting because of server version mismatch\npg_dump: detail: server version: 17.1; \
                     pg_dump version: 15.9";
        let told = told("pg_dump", words);
        assert!(told.contains("17.1") && told.contains("newer one"), "{told}");
    }
}
