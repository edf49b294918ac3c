//! Which tables are moved, and what they are made of: the entities say it.

use sea_orm::{ColumnTrait, EntityTrait, IdenStatic, Iterable, PrimaryKeyToColumn};

use super::{MovedPart, value::Kind};
use crate::store::entity as tables;

/// Rows that are read at once: a few hundred kilobytes.
const PAGE: u64 = 500;

/// And of tables whose rows are long: lists of ten thousand recipients, answers of DingTalk with a hundred people.
const SHORT_PAGE: u64 = 10;

/// A table.
#[derive(Debug, Clone)]
pub(super) struct MovedTableShape {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// Rows that are read at once.
    pub(super) page: u64,
    /// It always has rows, of which the migrations make the first.
    pub(super) is_never_empty: bool,
}

/// A column of it.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Part of the primary key. Columns stand in the order of the key, too.
    pub(super) is_key: bool,
}

impl MovedTableShape {
    fn of<E: EntityTrait>() -> Self {
        let keys: Vec<String> = E::PrimaryKey::iter()
            .map(|key| key.into_column().as_str().to_owned())
            .collect();
        let columns = E::Column::iter().map(|column| {
            let definition = column.def();
            let name = column.as_str().to_owned();
            let kind = Kind::of(definition.get_column_type());
            Column {
                is_key: keys.contains(&name),
                kind: kind.unwrap_or_else(|| panic!("a column of {name}'s type can't be moved yet")),
                name,
            }
        });
        Self {
            name: E::default().table_name().to_owned(),
            columns: columns.collect(),
            page: PAGE,
            is_never_empty: false,
        }
    }

    /// Of one whose rows are long.
    fn long<E: EntityTrait>() -> Self {
        Self {
            page: SHORT_PAGE,
            ..Self::of::<E>()
        }
    }

    /// Of one that has one row, or small facts of the program's own.
    fn never_empty<E: EntityTrait>() -> Self {
        Self {
            is_never_empty: true,
            ..Self::of::<E>()
        }
    }

    /// Its columns that tell rows apart, with their places.
    pub(super) fn keys(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, column)| column.is_key)
    }
}

/// The tables of a part, those first that others refer to.
///
/// The epoch and the leases are each database's own.
pub(super) fn of(part: MovedPart) -> Vec<MovedTableShape> {
    type Shape = MovedTableShape;
    let own = vec![
        Shape::never_empty::<tables::settings::Entity>(),
        Shape::of::<tables::settings_audit::Entity>(),
        Shape::of::<tables::audit_log::Entity>(),
        Shape::of::<tables::identity_link::Entity>(),
        Shape::of::<tables::identity_link_history::Entity>(),
        Shape::never_empty::<tables::identity_version::Entity>(),
        Shape::of::<tables::known_identity::Entity>(),
        Shape::of::<tables::message_template::Entity>(),
        Shape::of::<tables::api_key::Entity>(),
        Shape::of::<tables::token_revocation::Entity>(),
        Shape::of::<tables::message::Entity>(),
        Shape::of::<tables::recipient::Entity>(),
        Shape::long::<tables::frozen_recipients::Entity>(),
        Shape::of::<tables::attempt::Entity>(),
        Shape::never_empty::<tables::delivery_state::Entity>(),
        Shape::never_empty::<tables::message_update_count::Entity>(),
        Shape::of::<tables::message_update::Entity>(),
        Shape::of::<tables::ledger_day::Entity>(),
        Shape::of::<tables::ledger_day_recipient::Entity>(),
        Shape::of::<tables::metered_calls::Entity>(),
    ];
    if part == MovedPart::Own {
        return own;
    }

    let mirror = vec![
        Shape::never_empty::<tables::revision::Entity>(),
        Shape::of::<tables::department::Entity>(),
        Shape::of::<tables::user::Entity>(),
        Shape::of::<tables::membership::Entity>(),
        Shape::of::<tables::change::Entity>(),
        Shape::of::<tables::change_step::Entity>(),
        Shape::of::<tables::held_removal::Entity>(),
        Shape::never_empty::<tables::reading_count::Entity>(),
        Shape::of::<tables::reading::Entity>(),
        Shape::of::<tables::run::Entity>(),
        Shape::of::<tables::entry_error::Entity>(),
        Shape::long::<tables::run_answer::Entity>(),
        Shape::of::<tables::planned_change::Entity>(),
        Shape::never_empty::<tables::mark::Entity>(),
        Shape::of::<tables::event::Entity>(),
    ];
    own.into_iter().chain(mirror).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{
        clock::Clock,
        store::{Store, Target, dialect},
    };

    #[tokio::test]
    async fn every_table_of_the_database_is_moved_or_is_each_databases_own() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().to_owned();
        let store = Store::connect(Target::Sqlite { data_dir }, Clock::system())
            .await
            .unwrap();
        store.migrate().await.unwrap();

        let there: BTreeSet<String> = dialect::tables(&store.read).await.unwrap().into_iter().collect();
        let of_each = ["leases", "database_epoch", "seaql_migrations"].map(str::to_owned);
        let moved = of(MovedPart::All).into_iter().map(|table| table.name);
        let known: BTreeSet<String> = moved.chain(of_each).collect();
        assert_eq!(known, there);
    }

    #[test]
    fn every_table_has_a_key_to_page_by() {
        for table in of(MovedPart::All) {
            assert!(table.keys().count() > 0, "{}", table.name);
        }
    }
}
