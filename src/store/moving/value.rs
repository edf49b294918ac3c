//! A column's value on its way: what both databases and JSON can hold.

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{DbErr, QueryResult, Value as Bound, sea_query::ColumnType};
use serde_json::Value as Json;

/// How a column's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Small,
    Large,
    Flag,
    Time,
}

impl Kind {
    /// Of a column of an entity; none where tables have no such columns.
    pub(super) fn of(column: &ColumnType) -> Option<Self> {
        Some(match column {
            ColumnType::Text | ColumnType::String(_) => Self::Text,
            ColumnType::Integer => Self::Small,
            ColumnType::BigInteger => Self::Large,
            ColumnType::Boolean => Self::Flag,
            ColumnType::TimestampWithTimeZone => Self::Time,
            _ => return None,
        })
    }

    /// The value at this place of a row.
    pub(super) fn read(self, row: &QueryResult, at: usize) -> Result<Cell, DbErr> {
        Ok(match self {
            Self::Text => row
                .try_get_by_index::<Option<String>>(at)?
                .map_or(Cell::Null, Cell::Text),
            Self::Small => row
                .try_get_by_index::<Option<i32>>(at)?
                .map_or(Cell::Null, |number| Cell::Number(number.into())),
            Self::Large => row
                .try_get_by_index::<Option<i64>>(at)?
                .map_or(Cell::Null, Cell::Number),
            Self::Flag => row.try_get_by_index::<Option<bool>>(at)?.map_or(Cell::Null, Cell::Flag),
            Self::Time => row
                .try_get_by_index::<Option<DateTime<Utc>>>(at)?
                .map_or(Cell::Null, Cell::Time),
        })
    }

    /// What a statement takes. A number that is too large for its column, which no database of ours gives, is none.
    pub(super) fn bound(self, cell: Cell) -> Option<Bound> {
        Some(match (self, cell) {
            (Self::Text, Cell::Null) => None::<String>.into(),
            (Self::Text, Cell::Text(text)) => text.into(),
            (Self::Small, Cell::Null) => None::<i32>.into(),
            (Self::Small, Cell::Number(number)) => i32::try_from(number).ok()?.into(),
            (Self::Large, Cell::Null) => None::<i64>.into(),
            (Self::Large, Cell::Number(number)) => number.into(),
            (Self::Flag, Cell::Null) => None::<bool>.into(),
            (Self::Flag, Cell::Flag(flag)) => flag.into(),
            (Self::Time, Cell::Null) => None::<DateTime<Utc>>.into(),
            (Self::Time, Cell::Time(time)) => time.into(),
            _ => return None,
        })
    }

    /// The value that JSON tells; none where it is of another kind.
    pub(super) fn of_json(self, json: Json) -> Option<Cell> {
        Some(match (self, json) {
            (_, Json::Null) => Cell::Null,
            (Self::Text, Json::String(text)) => Cell::Text(text),
            (Self::Small, Json::Number(number)) => Cell::Number(i32::try_from(number.as_i64()?).ok()?.into()),
            (Self::Large, Json::Number(number)) => Cell::Number(number.as_i64()?),
            (Self::Flag, Json::Bool(flag)) => Cell::Flag(flag),
            (Self::Time, Json::String(text)) => Cell::Time(text.parse().ok()?),
            _ => return None,
        })
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Text(String),
    Number(i64),
    Flag(bool),
    Time(DateTime<Utc>),
}

impl Cell {
    /// As JSON tells it. Times have the databases' microseconds.
    pub(super) fn json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Number(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
            Self::Time(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_comes_back_from_json_as_it_was() {
        let time = "2026-11-30T12:00:00.000123Z".parse().unwrap();
        for (kind, cell) in [
            (Kind::Text, Cell::Text("张三\u{2028}\"\\ \n".to_owned())),
            (Kind::Text, Cell::Text(String::new())),
            (Kind::Small, Cell::Number(i32::MIN.into())),
            (Kind::Large, Cell::Number(i64::MAX)),
            (Kind::Flag, Cell::Flag(true)),
            (Kind::Time, Cell::Time(time)),
            (Kind::Large, Cell::Null),
        ] {
            let line = cell.json().to_string();
            assert_eq!(
                kind.of_json(serde_json::from_str(&line).unwrap()),
                Some(cell.clone()),
                "{line}"
            );
            assert!(kind.bound(cell).is_some());
        }
    }

    #[test]
    fn a_value_of_another_kind_is_none() {
        for (kind, json) in [
            (Kind::Text, "1"),
            (Kind::Small, "2147483648"),
            (Kind::Large, "1.5"),
            (Kind::Large, "9223372036854775808"),
            (Kind::Flag, "\"true\""),
            (Kind::Time, "\"yesterday\""),
        ] {
            assert_eq!(kind.of_json(serde_json::from_str(json).unwrap()), None, "{json}");
        }
        assert_eq!(Kind::Small.bound(Cell::Number(i64::MAX)), None);
    }
}
