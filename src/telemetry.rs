//! Logs: one line per fact, on standard error, for people or as JSON.
//!
//! Nobody waits for the log's reader: lines go into a queue, a thread of its own writes them, and what doesn't fit is
//! counted.

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal, Write},
    os::fd::AsFd,
    panic::PanicHookInfo,
    sync::{Mutex, OnceLock, PoisonError, mpsc},
    thread,
    time::Duration,
};

use tracing::{Level, Metadata};
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{EnvFilter, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::LogFormat;

/// Lines that wait for the reader. No line is much longer than a kilobyte.
const LINES: usize = 8_192;

/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// The process has one log, as it has one standard error: this is its queue's end.
static LOG: OnceLock<Log> = OnceLock::new();

struct Log {
    dropped: ErrorCounter,
    /// Writes what waits when it is dropped.
    worker: Mutex<Option<WorkerGuard>>,
}

/// Lines that nobody took in time since the start of the process.
pub fn dropped() -> u64 {
    LOG.get()
        .map_or(0, |log| u64::try_from(log.dropped.dropped_lines()).unwrap_or(u64::MAX))
}

/// Writes what waits, as far as the reader takes it within a second or two. What is logged later is lost.
pub fn finish() {
    let worker = LOG
        .get()
        .and_then(|log| log.worker.lock().unwrap_or_else(PoisonError::into_inner).take());
    // The library's guard waits for a second, and where the queue is full it prints that to standard output, which may
    // be the very pipe that nobody reads.
    in_time(move || drop(worker));
}

/// Says something on standard error that is no log line, without waiting for a reader that stands still.
pub fn say(text: impl Into<String>) {
    let text = text.into();
    // Nothing can be done about a closed one.
    in_time(move || drop(writeln!(stderr(), "{text}")));
}

/// Does what a reader that stands still would make endless, and doesn't wait for it for longer than the farewell may
/// take.
fn in_time(work: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = thread::Builder::new().spawn(move || {
        work();
        let _ = done.send(());
    });
    if thread.is_ok() {
        let _ = wait.recv_timeout(FAREWELL);
    }
}

/// Standard error without the lock of the standard library, which a writer that waits would keep from everybody else.
fn stderr() -> Box<dyn Write + Send> {
    match io::stderr().as_fd().try_clone_to_owned() {
        Ok(descriptor) => Box::new(File::from(descriptor)),
        Err(_) => Box::new(io::stderr()),
    }
}

/// How long lines are gathered that come while others are written.
const GATHERING: Duration = Duration::from_millis(5);

/// Writes the lines of a moment together: a busy server would make a call of the system, and wake this thread, for
/// each.
struct Gathered(BufWriter<Box<dyn Write + Send>>);

impl Write for Gathered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    /// No line waits: the first of a moment is written at once.
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        thread::sleep(GATHERING);
        Ok(())
    }
}

fn queue() -> NonBlocking {
    let (writer, worker) = NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(LINES)
        .thread_name("log")
        .finish(Gathered(BufWriter::with_capacity(64 * 1024, stderr())));

    let log = Log {
        dropped: writer.error_counter(),
        worker: Mutex::new(Some(worker)),
    };
    if let Err(log) = LOG.set(log) {
        // A second one is not used; its worker would end with its guard.
        drop(log);
    }

    writer
}

/// Starts logging for the whole process; only the command line does this. A second call changes nothing.
///
/// `filter` was checked by the configuration. sqlx logs each statement at `info` and the migrator each table, which
/// nobody wants by default. Postgres's notices are what it says to a ROLLBACK after a COMMIT that failed, whose error
/// is logged.
pub fn init(filter: &str, format: LogFormat) {
    let filter = EnvFilter::try_new(format!(
        "sqlx=warn,sqlx::postgres::notice=error,sea_orm_migration=warn,{filter}"
    ))
    .unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(may_be_shown));

    let writer = queue();
    let started = match format {
        LogFormat::Json => registry
            .with(fmt::layer().json().flatten_event(true).with_writer(writer))
            .try_init(),
        LogFormat::Human => {
            let ansi = io::stderr().is_terminal();
            registry
                .with(fmt::layer().with_ansi(ansi).with_writer(writer))
                .try_init()
        }
    };

    if started.is_err() {
        tracing::debug!("logging was started before");
    } else {
        std::panic::set_hook(Box::new(panicked));
    }
}

/// Whether a line may be shown at all, whatever the filter says: of libraries nothing finer than `info`.
///
/// Their finer levels show what goes over the wire: tungstenite each frame (and with it a client's `connection_init`
/// and its token), hyper and reqwest request lines (DingTalk's carry the access token) and heads, sqlx a statement's
/// values. Which of them do so changes with each of their versions, so there is no list.
fn may_be_shown(line: &Metadata<'_>) -> bool {
    let is_ours = line.target().split("::").next() == Some(env!("CARGO_PKG_NAME"));
    is_ours || *line.level() <= Level::INFO
}

/// The standard hook writes to standard error and waits for its reader.
fn panicked(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let thread = thread::current();
    tracing::error!(place, thread = thread.name(), panic = panic.payload_as_str(), "a panic");
}
