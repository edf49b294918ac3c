//! Links by hand with their history, and the Confluence identities that are known.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut versions = Table::create();
        versions
            .table("identity_versions")
            .col(integer("id").primary_key())
            .col(big_integer("links"))
            .col(big_integer("known"));
        manager.create_table(versions).await?;
        let first = Query::insert()
            .into_table("identity_versions")
            .columns(["id", "links", "known"])
            .values_panic([1.into(), 0_i64.into(), 0_i64.into()])
            .take();
        manager.execute(first).await?;

        let mut links = Table::create();
        links.table("identity_links").col(text("id").primary_key());
        identity(&mut links);
        links
            .col(text("userid"))
            .col(text_null("reason"))
            .col(timestamp_with_time_zone("at"))
            .col(text("actor"));
        manager.create_table(links).await?;

        let mut history = Table::create();
        history
            .table("identity_link_history")
            .col(big_pk_auto("id"))
            .col(text("link_id"))
            .col(timestamp_with_time_zone("at"))
            .col(text("actor"))
            .col(text("action"))
            .col(boolean("imported"));
        identity(&mut history);
        history
            .col(text_null("userid_before"))
            .col(text_null("userid_after"))
            .col(text_null("reason"));
        manager.create_table(history).await?;
        crate::index(
            manager,
            "identity_link_history_by_link",
            "identity_link_history",
            &["link_id"],
        )
        .await?;

        let mut known = Table::create();
        known.table("known_identities").col(text("id").primary_key());
        known.col(text("identity_key"));
        identity(&mut known);
        known
            .col(timestamp_with_time_zone("first_seen"))
            .col(timestamp_with_time_zone("last_seen"))
            .col(boolean("linked"))
            .col(text("status"))
            .col(text_null("userid"))
            .col(big_integer("judged_revision"))
            .col(big_integer("judged_links"))
            .col(big_integer("judged_settings"))
            .col(big_integer("version"));
        manager.create_table(known).await?;
        let unique = Index::create()
            .name("known_identities_by_key")
            .table("known_identities")
            .col("identity_key")
            .unique()
            .take();
        manager.create_index(unique).await?;
        crate::index(manager, "known_identities_by_version", "known_identities", &["version"]).await?;
        crate::index(
            manager,
            "known_identities_by_last_seen",
            "known_identities",
            &["last_seen"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(
            manager,
            &[
                "known_identities",
                "identity_link_history",
                "identity_links",
                "identity_versions",
            ],
        )
        .await
    }
}

/// A Confluence user's columns.
fn identity(table: &mut TableCreateStatement) {
    table
        .col(text_null("username"))
        .col(text_null("user_key"))
        .col(text_null("account_id"))
        .col(text_null("email"))
        .col(text_null("display_name"));
}
