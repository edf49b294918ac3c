//! Rows by the thousand, made by the database itself.

use sqlx::{AssertSqlSafe, Executor};

use crate::support::database::Beside;

/// Recipients of each message that is made here.
pub const EACH: u64 = 100;

/// Runs statements that a test has put together.
pub async fn run(beside: &mut Beside, sql: String) {
    let sql = AssertSqlSafe(sql);
    match beside {
        Beside::Sqlite(connection) => connection.execute(sql).await.map(drop).unwrap(),
        Beside::Postgres(connection) => connection.execute(sql).await.map(drop).unwrap(),
    }
}

/// So many messages of a year, of twenty callers, with a hundred recipients each out of ten thousand people. The newest
/// is a day old. FAILED is only somebody of the first 3 %.
pub async fn many_recipients(beside: &mut Beside, messages: u64) {
    let step = 364 * 24 * 3_600_000 / messages;
    let (numbers, now, at, id, fraction) = match beside {
        Beside::Sqlite(_) => (
            format!(
                "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {messages}) "
            ),
            "cast(unixepoch('now') as integer) * 1000",
            "strftime('%Y-%m-%dT%H:%M:%f+00:00', ms / 1000.0, 'unixepoch')",
            "printf('%08x-%04x-7%03x-8%03x-%012x', ms >> 16, ms & 65535, n % 4096, n / 4096 % 4096, n)",
            "ms / 86400000",
        ),
        Beside::Postgres(_) => (
            format!("WITH numbers AS (SELECT n::bigint FROM generate_series(1, {messages}) AS n) "),
            "(extract(epoch from date_trunc('second', now())) * 1000)::bigint",
            "to_timestamp(ms / 1000.0)",
            "lpad(to_hex(ms >> 16), 8, '0') || '-' || lpad(to_hex(ms & 65535), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') \
             || '-8' || lpad(to_hex(n / 4096 % 4096), 3, '0') || '-' || lpad(to_hex(n), 12, '0')",
            "(ms / 86400000)::integer",
        ),
    };

    // In one number: a product of two small ones has no room in Postgres' integer.
    let year = 365 * 24 * 3_600_000_u64;
    let timed = format!("SELECT n, {now} - {year} + n * {step} AS ms FROM numbers");
    let insert = format!(
        "INSERT INTO messages (id, caller, request_digest, content, rendered, state, created_at, msg_type, mode, updated_at, \
         expires_at, content_digest) {numbers}\
         SELECT {id}, 'caller ' || n % 20, 'digest', 'null', '', 'DONE', {at}, 'TEXT', 'ON', {at}, {at}, {id} \
         FROM ({timed}) AS timed"
    );
    run(beside, insert).await;

    let positions = match beside {
        Beside::Sqlite(_) => {
            format!(
                "WITH RECURSIVE positions(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM positions WHERE p < {})",
                EACH - 1
            )
        }
        Beside::Postgres(_) => format!(
            "WITH positions AS (SELECT p FROM generate_series(0, {}) AS p)",
            EACH - 1
        ),
    };

    let early = messages * 3 / 100;
    let recipients = format!(
        "INSERT INTO recipients (message_id, position, userid, state, updated_at, not_before, attempts, content_digest, sent_day, \
         lane, dept_id) {positions} \
         SELECT m.id, p, 'user ' || (n * 101 + p * 7919) % 10000, CASE WHEN n <= {early} AND p = 0 THEN 'FAILED' \
         WHEN p % 20 = 0 THEN 'ACCEPTED' WHEN p % 4 = 0 THEN 'DELIVERED_UNREAD' ELSE 'READ' END, m.created_at, m.created_at, 1, \
         m.content_digest, {}, 0, CASE WHEN p > 3 THEN 1 END \
         FROM (SELECT id, created_at, content_digest, row_number() OVER (ORDER BY id) AS n FROM messages WHERE content = 'null') AS m \
         CROSS JOIN positions ORDER BY m.id, p",
        fraction.replace("ms / 86400000", "20000")
    );
    run(beside, recipients).await;
    run(beside, "ANALYZE".to_owned()).await;
}
