//! Departments, users, memberships, and the revision that the mirror stands at.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut departments = Table::create();
        departments
            .table("departments")
            .col(big_integer("dept_id").primary_key())
            .col(big_integer_null("parent_id"))
            .col(text("name"))
            .col(big_integer_null("sort_order"))
            .col(boolean_null("hide_dept"))
            .col(boolean_null("outer_dept"))
            .col(boolean_null("create_dept_group"))
            .col(boolean_null("auto_add_user"))
            .col(text("manager_userids"))
            .col(text_null("org_dept_owner"))
            .col(text_null("dept_group_chat_id"))
            .col(text_null("source_identifier"))
            .col(text_null("brief"))
            .col(text("raw"));
        standing(&mut departments);
        manager.create_table(departments).await?;
        crate::index(manager, "departments_by_revision", "departments", &["revision"]).await?;

        let mut users = Table::create();
        users
            .table("users")
            .col(text("userid").primary_key())
            .col(text_null("unionid"))
            .col(text("name"))
            .col(text_null("avatar"))
            .col(text_null("state_code"))
            .col(text_null("mobile"))
            .col(boolean_null("hide_mobile"))
            .col(text_null("telephone"))
            .col(text_null("job_number"))
            .col(text_null("title"))
            .col(text_null("email"))
            .col(text_null("org_email"))
            .col(text_null("work_place"))
            .col(text_null("remark"))
            .col(text_null("extension"))
            .col(big_integer_null("hired_date"))
            .col(boolean_null("active"))
            .col(boolean_null("real_authed"))
            .col(boolean_null("senior"))
            .col(boolean_null("admin"))
            .col(boolean_null("boss"))
            .col(boolean_null("exclusive_account"))
            .col(text_null("manager_userid"))
            .col(text("raw"));
        standing(&mut users);
        manager.create_table(users).await?;
        crate::index(manager, "users_by_revision", "users", &["revision"]).await?;

        let mut memberships = Table::create();
        memberships
            .table("memberships")
            .col(text("userid"))
            .col(big_integer("dept_id"))
            .col(big_integer_null("sort_order"))
            .col(boolean_null("leader"))
            .primary_key(Index::create().col("userid").col("dept_id"))
            .foreign_key(
                ForeignKey::create()
                    .from("memberships", "userid")
                    .to("users", "userid")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(memberships).await?;

        let mut revision = Table::create();
        revision
            .table("mirror_revision")
            .col(integer("id").primary_key())
            .col(big_integer("revision"));
        manager.create_table(revision).await?;
        let first = Query::insert()
            .into_table("mirror_revision")
            .columns(["id", "revision"])
            .values_panic([1.into(), 0_i64.into()])
            .take();
        manager.execute(first).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::drop_tables(manager, &["memberships", "users", "departments", "mirror_revision"]).await
    }
}

/// The mirror's own columns of a record.
fn standing(table: &mut TableCreateStatement) {
    table
        .col(text("state"))
        .col(text_null("gone_cause"))
        .col(big_integer("revision"))
        .col(timestamp_with_time_zone("first_seen"))
        .col(timestamp_with_time_zone("last_seen"));
}
