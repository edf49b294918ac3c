//! Columns of text, typed: how a value is written to one and read from one stands here and nowhere else.
//!
//! A column type is a value with its text ([`AsText`]). A text that can't be read is
//! [`StoreError::Corrupt`](super::error::StoreError::Corrupt) with the column's name.

mod clean;
mod id;
mod json;
mod named;
mod raw;

pub(super) use clean::{CleanText, storable};
pub(super) use id::UuidText;
pub(super) use json::JsonText;
pub(super) use named::Named;
pub(super) use raw::RawText;
use sea_orm::{ColIdx, DbErr, QueryResult, TryGetError};

/// A value that stands in a column as text.
pub(super) trait AsText: Sized {
    /// The column's text.
    fn text(&self) -> String;

    /// The value of a column's text; the error says what is wrong with it.
    fn of_text(text: String) -> Result<Self, String>;

    /// [`AsText::text`] of a value that nobody needs any more.
    fn into_text(self) -> String {
        self.text()
    }
}

/// A text that this version can't read. `DbErr::Json` is what columns say, and nobody else: see `driver_error`.
fn unreadable(row: &QueryResult, column: impl ColIdx, why: &str) -> TryGetError {
    let name = match (column.as_str(), column.as_usize()) {
        (Some(name), _) => name.to_owned(),
        // A tuple's columns are asked for by their places.
        (None, Some(place)) => row.column_names().get(*place).cloned().unwrap_or_default(),
        (None, None) => String::new(),
    };
    TryGetError::DbErr(DbErr::Json(format!("{name}: {why}")))
}

/// What sea-orm asks of a column type.
macro_rules! text_column {
    ([$($generics:tt)*] $column:ty) => {
        impl<$($generics)*> From<$column> for sea_orm::Value {
            fn from(column: $column) -> Self {
                $crate::store::column::AsText::into_text(column).into()
            }
        }

        impl<$($generics)*> From<&$column> for sea_orm::Value {
            fn from(column: &$column) -> Self {
                $crate::store::column::AsText::text(column).into()
            }
        }

        impl<$($generics)*> sea_orm::TryGetable for $column {
            fn try_get_by<I: sea_orm::ColIdx>(
                row: &sea_orm::QueryResult,
                column: I,
            ) -> Result<Self, sea_orm::TryGetError> {
                let text = <String as sea_orm::TryGetable>::try_get_by(row, column)?;
                $crate::store::column::AsText::of_text(text)
                    .map_err(|why| $crate::store::column::unreadable(row, column, &why))
            }
        }

        impl<$($generics)*> sea_orm::sea_query::ValueType for $column {
            fn try_from(value: sea_orm::Value) -> Result<Self, sea_orm::sea_query::ValueTypeErr> {
                let text = <String as sea_orm::sea_query::ValueType>::try_from(value)?;
                $crate::store::column::AsText::of_text(text).map_err(|_| sea_orm::sea_query::ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($column).to_owned()
            }

            fn array_type() -> sea_orm::sea_query::ArrayType {
                sea_orm::sea_query::ArrayType::String
            }

            fn column_type() -> sea_orm::sea_query::ColumnType {
                sea_orm::sea_query::ColumnType::Text
            }
        }

        impl<$($generics)*> sea_orm::sea_query::Nullable for $column {
            fn null() -> sea_orm::Value {
                sea_orm::Value::String(None)
            }
        }

        impl<$($generics)*> sea_orm::IntoActiveValue<$column> for $column {
            fn into_active_value(self) -> sea_orm::ActiveValue<$column> {
                sea_orm::Set(self)
            }
        }

        impl<$($generics)*> sea_orm::TryFromU64 for $column {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($column)))
            }
        }
    };
}
use text_column;

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use sea_orm::{EntityTrait, QuerySelect, sea_query::Expr};

    use super::*;
    use crate::{
        catalogue::Statement,
        clock::Clock,
        directory::{EntityKind, GoneCause, HeldRemoval, HeldState, RecordId},
        store::{
            Store, StoreError, Target,
            entity::held_removal::{Column, Entity},
            held,
        },
    };

    #[tokio::test]
    async fn a_text_of_another_version_is_corrupt_and_told_with_its_column() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().to_owned();
        let store = Store::connect(Target::Sqlite { data_dir }, Clock::system())
            .await
            .unwrap();
        store.migrate().await.unwrap();

        let held = HeldRemoval {
            record: RecordId::User("a".into()),
            cause: GoneCause::OutOfScope,
            state: HeldState::Rejected,
            department: None,
            reason: Statement::other(""),
            held_at: DateTime::<Utc>::UNIX_EPOCH,
            decided_at: None,
            decided_by: None,
        };
        let transaction = store.begin().await.unwrap();
        held::put(&transaction, std::slice::from_ref(&held)).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(store.held_removals().await.unwrap(), [held]);

        Entity::update_many()
            .col_expr(Column::Cause, Expr::val("NEWER"))
            .exec(&store.write)
            .await
            .unwrap();
        let of_row = store.held_removals().await.unwrap_err();
        let of_tuple = Entity::find()
            .select_only()
            .columns([Column::Entity, Column::Cause])
            .into_tuple::<(Named<EntityKind>, Named<GoneCause>)>()
            .all(&store.read)
            .await;
        for error in [of_row, of_tuple.unwrap_err().into()] {
            let StoreError::Corrupt(what) = error else {
                panic!("{error:?}")
            };
            assert!(what.starts_with("cause: unknown variant `NEWER`"), "{what}");
        }
    }
}
