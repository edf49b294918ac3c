//! The one place where SQLite and Postgres differ, and the only hand-written SQL.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait, Value,
    sea_query::{Expr, ExprTrait, Func, IntoColumnRef, IntoIden, JoinType, Order, Query, SelectStatement, SimpleExpr},
};

use super::{column::UuidText, transaction::Transaction};
use crate::identity::KeyKind;

/// The database's own clock, milliseconds since the epoch: leases are measured by one clock, whoever holds them.
pub(super) fn now_ms(backend: DbBackend) -> SimpleExpr {
    match backend {
        DbBackend::Postgres => Expr::cust("(extract(epoch from clock_timestamp()) * 1000)::bigint"),
        _ => Expr::cust("cast(unixepoch('subsec') * 1000 as integer)"),
    }
}

/// Asks Postgres what time it is: microseconds since the epoch.
pub(super) fn clock_us() -> Statement {
    let sql = "SELECT (extract(epoch from clock_timestamp()) * 1000000)::bigint AS now";
    Statement::from_string(DbBackend::Postgres, sql)
}

/// Begins a transaction that writes. SQLite must take its lock at once: a transaction that read before it writes can't
/// wait for another writer, it fails.
///
/// On Postgres a process that is stopped in the middle (SIGSTOP, a frozen machine) would keep its rows locked, the
/// lease's among them, and nobody could take its place: after a while the server ends such a transaction. It is set for
/// the transaction, not for the session, which a connection pool in between may share with others.
///
/// And it must see what others committed while it waited for their rows: at another isolation than READ COMMITTED,
/// which somebody may have set for the whole database, it would decide by what stood there when it began.
pub(super) async fn begin_write(db: &DatabaseConnection) -> Result<Transaction, DbErr> {
    let transaction = begin_write_unchecked(db, false).await?;
    if db.get_database_backend() == DbBackend::Postgres {
        transaction
            .execute_unprepared(
                "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '10s'",
            )
            .await?;
    }
    Ok(transaction)
}

/// Begins a transaction that writes and goes on with [`ask_server`], which keeps it from standing still and tells its
/// isolation. `isolated`: the isolation has to be set, which is one more way to the server.
pub(super) async fn begin_write_unchecked(db: &DatabaseConnection, isolated: bool) -> Result<Transaction, DbErr> {
    let options = TransactionOptions {
        isolation_level: isolated.then_some(IsolationLevel::ReadCommitted),
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    Transaction::open(db.get_database_backend(), db.begin_with_options(options)).await
}

/// Ends the session of a transaction, so that its pool connects anew. The driver's way to the connection is closed to
/// us, but a role may end its own sessions.
pub(super) async fn end_session(transaction: Transaction) {
    tracing::warn!(
        "a connection leads to the database server of a former epoch, which should have been stopped: it is closed"
    );
    let sql = "SELECT pg_terminate_backend(pg_backend_pid())";
    // The answer is that the session ended.
    drop(transaction.execute_unprepared(sql).await);
}

/// Asks for the `epoch`, the place where it was `recorded`, and the place where the database is `present`: one text of
/// four parts, the server's identity and its timeline, which a promoted standby and a restored backup change, and the
/// numbers of the database and of one of its tables, which a dump that is read back changes. `-` where the server
/// doesn't tell: `with_server` is false for managed servers that keep its functions to themselves. A standby says so in
/// the timeline's place. On SQLite the place is one word that a backup's copy differs in. Also asks whether a
/// transaction `sees_others`: what they commit while it goes on.
///
/// In a transaction that writes it does what [`begin_write`] says about one that is stopped in the middle, so that one
/// way to the server does for both.
pub(super) fn ask_server(backend: DbBackend, with_server: bool) -> Statement {
    let row = "FROM database_epoch WHERE id = 1";
    if backend != DbBackend::Postgres {
        return Statement::from_string(
            backend,
            format!("SELECT epoch, place AS recorded, 'sqlite' AS present, true AS sees_others {row}"),
        );
    }

    let (server, timeline) = if with_server {
        (
            "(SELECT system_identifier::text FROM pg_control_system())",
            "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)",
        )
    } else {
        ("'-'", "'-'")
    };

    let sql = format!(
        "SELECT epoch, place AS recorded, \
         {server} || '/' || CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE {timeline} END || '/' \
         || (SELECT oid::text FROM pg_database WHERE datname = current_database()) || '/' \
         || 'mirror_revision'::regclass::oid::text AS present, \
         current_setting('transaction_isolation') IN ('read committed', 'read uncommitted') AS sees_others, \
         set_config('idle_in_transaction_session_timeout', '10s', true) {row}"
    );
    Statement::from_string(backend, sql)
}

/// Begins a transaction whose reads all see the same moment. SQLite's always do.
pub(super) async fn begin_read(db: &DatabaseConnection) -> Result<Transaction, DbErr> {
    let postgres = db.get_database_backend() == DbBackend::Postgres;
    let options = TransactionOptions {
        isolation_level: postgres.then_some(IsolationLevel::RepeatableRead),
        access_mode: postgres.then_some(AccessMode::ReadOnly),
        sqlite_transaction_mode: None,
    };
    Transaction::open(db.get_database_backend(), db.begin_with_options(options)).await
}

/// Whether `column` is one of `values`, which go as one parameter: a statement with a thousand of them is slower to
/// prepare than to run.
pub(super) fn one_of(backend: DbBackend, column: impl IntoColumnRef, values: String) -> SimpleExpr {
    let sql = match backend {
        DbBackend::Postgres => "$1 = ANY(ARRAY(SELECT json_array_elements_text($2::json)))",
        _ => "? IN (SELECT value FROM json_each(?))",
    };
    Expr::cust_with_exprs(sql, [Expr::col(column), Expr::val(values)])
}

/// Ends Postgres's statements of a transaction that take longer. For the transaction, as with [`begin_write`].
pub(super) async fn limit_statements(transaction: &Transaction, longest: Duration) -> Result<(), DbErr> {
    let sql = format!("SET LOCAL statement_timeout = {}", Ord::max(longest.as_millis(), 1));
    transaction.execute_unprepared(&sql).await.map(drop)
}

/// Ends Postgres's statements of a transaction that wait for a lock for longer. On SQLite there is nothing to wait for.
pub(super) async fn wait_for_locks(transaction: &Transaction, longest: Duration) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!("SET LOCAL lock_timeout = {}", longest.as_millis());
    transaction.execute_unprepared(&sql).await.map(drop)
}

/// On Postgres, in the statement that [`of_each`] takes: the value in question.
pub(super) fn listed() -> SimpleExpr {
    Expr::col(("listed", "value"))
}

/// Postgres's rows of `of_one` for each of the [`listed`] `values`, a JSON list, in the order of two of their columns:
/// as many of each as `of_one` has, and then `limit` of all.
pub(super) fn of_each(
    values: String,
    of_one: SelectStatement,
    (first, second): (impl IntoIden, impl IntoIden),
    (order, limit): (Order, u64),
) -> SelectStatement {
    let values = Expr::val(values).cast_as("json");
    Query::select()
        .column(("of_one", sea_orm::sea_query::Asterisk))
        .from_function(Func::cust("json_array_elements_text").arg(values), "listed")
        .join_lateral(JoinType::InnerJoin, of_one, "of_one", Expr::val(true))
        .order_by(("of_one", first), order.clone())
        .order_by(("of_one", second), order)
        .limit(limit)
        .take()
}

/// The key by which a recipient was named, as an index has it; null where they weren't.
pub(super) fn identity_key(backend: DbBackend, kind: KeyKind) -> SimpleExpr {
    let (field, is_folded) = match kind {
        KeyKind::AccountId => ("account_id", false),
        KeyKind::UserKey => ("user_key", false),
        KeyKind::Username => ("username", true),
        KeyKind::Email => ("email", true),
    };
    let identity = match backend {
        DbBackend::Postgres => "recipients.identity::json",
        _ => "recipients.identity",
    };
    let key = format!("trim({identity} ->> '{field}')");
    Expr::cust(if is_folded { format!("lower({key})") } else { key })
}

/// Greater than every id of a message, which is hexadecimal.
pub(super) const ABOVE_EVERY_ID: &str = "g";

/// The first `limit` messages by id in this order that have a recipient in one of `states`: ids from `first` on and
/// before `end`. One step of an index for each: it passes over however many recipients a message has.
pub(super) fn messages_with_states(
    backend: DbBackend,
    states: &[String],
    (first, end): (String, String),
    (order, limit): (Order, u64),
) -> Statement {
    let ascending = order == Order::Asc;
    let mut values = vec![Value::from(first), Value::from(end), Value::from(limit.cast_signed())];
    values.extend(states.iter().map(|state| Value::from(state.as_str())));
    let sign = if backend == DbBackend::Postgres { "$" } else { "?" };
    // What stands for "no further one", and is the last of any.
    let (none, direction) = if ascending {
        (ABOVE_EVERY_ID, "ASC")
    } else {
        ("", "DESC")
    };

    // Parameters 1 to 3 are the span and the limit; the states come after them.
    let next = |seen: Option<&str>| {
        let within = match seen {
            None => format!("message_id >= {sign}1 AND message_id < {sign}2"),
            Some(seen) if ascending => format!("message_id > {seen} AND message_id < {sign}2"),
            Some(seen) => format!("message_id >= {sign}1 AND message_id < {seen}"),
        };
        let of_state = |n: usize| {
            format!(
                "coalesce((SELECT message_id FROM recipients WHERE state = {sign}{} AND {within} \
                 ORDER BY message_id {direction} LIMIT 1), '{none}')",
                n + 4
            )
        };
        let nearest: Vec<String> = (0..states.len()).map(of_state).collect();
        let which = match (nearest.len(), backend, ascending) {
            // Of one value SQLite's would be that of all rows.
            (1, _, _) => "",
            (_, DbBackend::Postgres, false) => "greatest",
            (_, DbBackend::Postgres, true) => "least",
            (_, _, false) => "max",
            (_, _, true) => "min",
        };
        format!("{which}({})", nearest.join(", "))
    };

    let sql = format!(
        "WITH RECURSIVE walk(id, n) AS (SELECT {}, 1 UNION ALL SELECT {}, n + 1 FROM walk WHERE id <> '{none}' \
         AND n < {sign}3) SELECT id FROM walk WHERE id <> '{none}'",
        next(None),
        next(Some("walk.id"))
    );
    Statement::from_sql_and_values(backend, sql, values)
}

/// Columns of `recipients` that an insert fills, in the order of the selections below.
const RECIPIENT_COLUMNS: &str = "message_id, position, identity, resolution_status, userid, state, reason, updated_at, \
                                 not_before, attempts, content_digest, sent_day, prediction, dept_id, resolution_rule, \
                                 repeats, lane";

/// Makes rows of a message's recipients from one JSON list of [frozen recipients](super::frozen): identity, resolution
/// status, userid, state unless it waits, reason, prediction, department, matching rule; the first one's position is
/// `first`. Those who wait are due at the second of the two times. A statement with a parameter for each column of each
/// row costs several times as much to prepare as to run.
pub(super) async fn insert_recipients(
    transaction: &Transaction,
    message: UuidText,
    (at, due): (DateTime<Utc>, DateTime<Utc>),
    (content_digest, day): (&str, i32),
    lane: i32,
    (first, rows): (i64, String),
) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => format!(
            "INSERT INTO recipients ({RECIPIENT_COLUMNS}) \
             SELECT $1, $7 + n - 1, i, r, u, s, w, $2, $8, 0, CASE s WHEN 'QUEUED' THEN $3 END, CASE s WHEN 'QUEUED' THEN $4 END, q, d, m, 0, $6 \
             FROM (SELECT i, r, u, coalesce(s, 'QUEUED') AS s, w, q, d, m, n \
             FROM ROWS FROM (json_to_recordset($5::json) AS (i text, r text, u text, s text, w text, q text, d bigint, m text)) \
             WITH ORDINALITY AS x(i, r, u, s, w, q, d, m, n)) AS listed ORDER BY n"
        ),
        _ => format!(
            "INSERT INTO recipients ({RECIPIENT_COLUMNS}) \
             SELECT ?1, ?7 + n, value->>'i', value->>'r', value->>'u', s, value->>'w', ?2, ?8, 0, \
             CASE s WHEN 'QUEUED' THEN ?3 END, CASE s WHEN 'QUEUED' THEN ?4 END, value->>'q', value->>'d', value->>'m', 0, ?6 \
             FROM (SELECT key AS n, value, coalesce(value->>'s', 'QUEUED') AS s FROM json_each(?5)) ORDER BY n"
        ),
    };

    let values = [
        Value::from(message),
        Value::from(at),
        Value::from(content_digest),
        Value::from(day),
        Value::from(rows),
        Value::from(lane),
        Value::from(first),
        Value::from(due),
    ];
    transaction
        .execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await
        .map(drop)
}

/// Tables whose rows are numbered as they come, and the column.
const NUMBERED: [(&str, &str); 6] = [
    ("audit_log", "id"),
    ("settings_audit", "id"),
    ("sync_run_entry_errors", "id"),
    ("recipients", "id"),
    ("dingtalk_events", "seq"),
    ("identity_link_history", "id"),
];

/// Raises the numbers that the next rows get by `jump` at least, and to the time in milliseconds.
pub(super) async fn raise_numbers(transaction: &Transaction, jump: i64) -> Result<(), DbErr> {
    let backend = transaction.get_database_backend();
    for (table, column) in NUMBERED {
        let statements = match backend {
            DbBackend::Postgres => vec![format!(
                "SELECT setval(numbers, greatest(nextval(numbers) + {jump}, (extract(epoch from clock_timestamp()) * 1000)::bigint)) \
                 FROM (SELECT pg_get_serial_sequence('{table}', '{column}')::regclass AS numbers) AS numbered"
            )],
            // The row of a table is made with its first number.
            _ => vec![
                format!(
                    "INSERT INTO sqlite_sequence (name, seq) SELECT '{table}', 0 \
                     WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = '{table}')"
                ),
                format!(
                    "UPDATE sqlite_sequence SET seq = max(seq + {jump}, cast(unixepoch('subsec') * 1000 as integer)) \
                     WHERE name = '{table}'"
                ),
            ],
        };

        for sql in statements {
            transaction.execute_raw(Statement::from_string(backend, sql)).await?;
        }
    }
    Ok(())
}

/// Keeps a second process from migrating at the same time, until the transaction ends. On SQLite the write lock does
/// it.
pub(super) async fn lock_migrations(transaction: &Transaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        // The number only has to be the same in every dingmirror: "ding" in ASCII.
        transaction
            .execute_unprepared("SELECT pg_advisory_xact_lock(1684631143)")
            .await?;
    }
    Ok(())
}

/// Takes SQLite's write-ahead log into the database file and empties it.
pub(super) async fn checkpoint(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let checkpoint = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(TRUNCATE)");
    let row = db.query_one_raw(checkpoint).await?;
    let busy: i32 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    if busy != 0 {
        return Err(DbErr::Custom("somebody still reads from the log".to_owned()));
    }
    Ok(())
}

/// How closely SQLite looks at its file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Check {
    /// Its pages and rows.
    Quick,
    /// Also that each index tells the same as its table.
    Integrity,
}

/// The first thing that SQLite finds wrong in its file, in its own words.
pub(super) async fn damage(db: &impl ConnectionTrait, check: Check) -> Result<Option<String>, DbErr> {
    let pragma = match check {
        Check::Quick => "PRAGMA quick_check(1)",
        Check::Integrity => "PRAGMA integrity_check(1)",
    };
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, pragma))
        .await?;
    let found: String = row.map_or(Ok("no answer".to_owned()), |row| row.try_get_by_index(0))?;
    Ok((found != "ok").then_some(found))
}

/// Gives back what SQLite keeps of its file's pages for this connection: after a walk through everything nobody asks
/// for them again.
pub(super) async fn forget_pages(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    db.execute_unprepared("PRAGMA shrink_memory").await.map(drop)
}

/// Copies SQLite's database, as of one moment, into an empty `file`.
pub(super) async fn vacuum_into(db: &impl ConnectionTrait, file: &str) -> Result<(), DbErr> {
    let copy = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [Value::from(file)]);
    db.execute_raw(copy).await.map(drop)
}

/// The tables by name, without the database's own and those of extensions. On Postgres those that the role finds
/// without naming a schema, with the schema's name and quoted where need be.
pub(super) async fn tables(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let backend = db.get_database_backend();
    let sql = match backend {
        DbBackend::Postgres => {
            "SELECT format('%I.%I', s.nspname, t.relname) FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace \
             WHERE t.relkind = 'r' AND s.nspname = ANY (current_schemas(false)) AND NOT EXISTS \
             (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.deptype = 'e') \
             ORDER BY 1"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    };

    let rows = db.query_all_raw(Statement::from_string(backend, sql)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Rows of a table of SQLite's that [`tables`] named.
pub(super) async fn count(db: &impl ConnectionTrait, table: &str) -> Result<u64, DbErr> {
    let sql = format!("SELECT count(*) FROM \"{table}\"");
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let rows: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(rows.unsigned_abs())
}
