//! The databases' own error codes, told apart by what helps: one table for each dialect.

/// What kind of thing the database said, by what helps against it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// It does not answer, or not now: whoever waits tries again.
    Away,
    /// Another transaction was in the way (SQLSTATE 40001, 40P01; SQLite's BUSY): the same transaction may succeed.
    Conflict,
    /// It was told to give it up, by a limit on time most likely (SQLSTATE 57014, SQLite's INTERRUPT).
    Cancelled,
    /// It answers, and does not want this: a missing right, a trigger, a constraint.
    Refused,
    /// No room: disk, quota.
    Full,
    /// It takes no writes: a standby, or set so.
    ReadOnly,
    /// Its tables are those of another version.
    Schema,
    /// A connection pooler in between gives each transaction to another session, and prepared statements get lost.
    Pooler,
    /// It can't read or write its own files.
    Damaged,
}

impl FaultKind {
    /// What happened, without the database's own words: fit for everybody.
    pub fn told(self) -> &'static str {
        match self {
            Self::Away => "the database does not answer",
            Self::Conflict => "others wrote to the database at the same moment, again and again",
            Self::Cancelled => "the database gave it up, because it took too long",
            Self::Refused => "the database refuses it",
            Self::Full => "the database has no room left",
            Self::ReadOnly => "the database takes no writes",
            Self::Schema => "the database's tables are those of another version",
            Self::Pooler => "the connection pooler before the database loses prepared statements",
            Self::Damaged => "the database can't read or write its own files",
        }
    }

    /// What the operator can do.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Away => "see that it runs and can be reached; work goes on by itself",
            Self::Conflict => "try again; if it lasts, look who else writes to these tables",
            Self::Cancelled => {
                "try again; if it lasts, raise the statement_timeout that is set for dingmirror's role or database"
            }
            Self::Refused => {
                "give dingmirror's role the right, or take away the trigger or constraint that is not dingmirror's"
            }
            Self::Full => "make room, or raise the quota; work goes on by itself",
            Self::ReadOnly => {
                "have DATABASE_URL lead to the primary, or switch default_transaction_read_only off; SQLite's data directory \
                 has to be writable"
            }
            Self::Schema => {
                "run the dingmirror version that made these tables or a newer one, or restore what was dropped"
            }
            Self::Pooler => {
                "set pool_mode = session (PgBouncer), or max_prepared_statements > 0 from PgBouncer 1.21 on"
            }
            Self::Damaged => "check the disk, and restore the last backup if it doesn't recover",
        }
    }

    /// Whether a smaller write may be taken nevertheless: on pages that are there already.
    pub(super) fn may_spare_small_writes(self) -> bool {
        matches!(self, Self::Full | Self::Damaged)
    }

    /// Whether it goes away without anybody changing rights or tables, so that waiting is worth it.
    pub fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Away | Self::Conflict | Self::Cancelled | Self::Full | Self::ReadOnly
        )
    }
}

/// SQLSTATEs by their beginning (PostgreSQL documentation, appendix A); the longest that fits counts.
const SQLSTATES: &[(&str, FaultKind)] = &[
    ("08", FaultKind::Away),
    // What PgBouncer answers to a startup parameter, or a protocol step, that it doesn't know.
    ("08P01", FaultKind::Pooler),
    ("25006", FaultKind::ReadOnly),
    ("25P02", FaultKind::Away),
    ("25P03", FaultKind::Away),
    ("25P04", FaultKind::Away),
    ("26000", FaultKind::Pooler),
    ("40", FaultKind::Conflict),
    // The connection is gone, and what became of the statement is not known.
    ("40003", FaultKind::Away),
    ("42P01", FaultKind::Schema),
    ("42P05", FaultKind::Pooler),
    ("42703", FaultKind::Schema),
    ("42883", FaultKind::Schema),
    ("53", FaultKind::Away),
    ("53100", FaultKind::Full),
    ("53400", FaultKind::Full),
    ("55006", FaultKind::Away),
    ("55P03", FaultKind::Conflict),
    ("57", FaultKind::Away),
    ("57014", FaultKind::Cancelled),
    ("58", FaultKind::Damaged),
    ("72000", FaultKind::Conflict),
    ("XX001", FaultKind::Damaged),
    ("XX002", FaultKind::Damaged),
];

/// SQLite's primary result codes (<https://www.sqlite.org/rescode.html>).
const RESULT_CODES: &[(i32, FaultKind)] = &[
    (5, FaultKind::Conflict),
    (6, FaultKind::Conflict),
    (7, FaultKind::Away),
    (8, FaultKind::ReadOnly),
    (9, FaultKind::Cancelled),
    (10, FaultKind::Damaged),
    (11, FaultKind::Damaged),
    (13, FaultKind::Full),
    (14, FaultKind::Damaged),
    (17, FaultKind::Conflict),
    (26, FaultKind::Damaged),
];

/// A code of Postgres, which has five characters, or of SQLite, which is a number.
pub(super) fn kind_of(code: &str, message: &str) -> FaultKind {
    if code.len() == 5 {
        let fitting = SQLSTATES.iter().filter(|(state, _)| code.starts_with(state));
        let longest = fitting.max_by_key(|(state, _)| state.len());
        return longest.map_or(FaultKind::Refused, |(_, kind)| *kind);
    }

    let primary = code.parse::<i32>().unwrap_or(0) & 0xff;
    if primary == 1 && (message.contains("no such table") || message.contains("no such column")) {
        return FaultKind::Schema;
    }
    let known = RESULT_CODES.iter().find(|(code, _)| *code == primary);
    known.map_or(FaultKind::Refused, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_has_the_kind_that_helps() {
        use FaultKind::{Away, Cancelled, Conflict, Damaged, Full, Pooler, ReadOnly, Refused, Schema};
        for (code, kind) in [
            ("40001", Conflict),
            ("40P01", Conflict),
            ("40003", Away),
            ("53100", Full),
            ("53400", Full),
            ("53300", Away),
            ("25006", ReadOnly),
            ("42501", Refused),
            ("23505", Refused),
            ("P0001", Refused),
            ("28P01", Refused),
            ("42P01", Schema),
            ("42703", Schema),
            ("26000", Pooler),
            ("42P05", Pooler),
            ("08P01", Pooler),
            ("08006", Away),
            ("57P01", Away),
            ("57P03", Away),
            ("57014", Cancelled),
            ("XX001", Damaged),
            ("58030", Damaged),
            // SQLite: FULL, IOERR_WRITE, READONLY_DBMOVED, CORRUPT, BUSY_SNAPSHOT, CONSTRAINT_UNIQUE, NOTADB.
            ("13", Full),
            ("778", Damaged),
            ("1032", ReadOnly),
            ("11", Damaged),
            ("517", Conflict),
            ("2067", Refused),
            ("26", Damaged),
        ] {
            assert_eq!(kind_of(code, ""), kind, "{code}");
        }
        assert_eq!(kind_of("1", "no such table: users"), Schema);
        assert_eq!(kind_of("1", "near \"x\": syntax error"), Refused);
    }

    #[test]
    fn every_kind_tells_what_happened_and_what_to_do() {
        for kind in [
            FaultKind::Away,
            FaultKind::Conflict,
            FaultKind::Cancelled,
            FaultKind::Refused,
            FaultKind::Full,
            FaultKind::ReadOnly,
            FaultKind::Schema,
            FaultKind::Pooler,
            FaultKind::Damaged,
        ] {
            assert!(kind.told().contains("database") && !kind.remedy().is_empty());
        }
    }
}
