//! Message templates: compare-and-set by name, pages, and how many there may be.

use dingmirror::{
    message::{Content, MAX_TEMPLATES, MessageTemplate, NewTemplate},
    page::PageRequest,
    store::{Store, TemplateChange},
};

use super::fixtures::{at, open};
use crate::{delivery::one_of_each, support::database::TestDatabase};

fn template(name: &str, text: &str) -> NewTemplate {
    NewTemplate {
        name: name.into(),
        description: Some("for tests".into()),
        content: Content::Text { content: text.into() },
    }
}

async fn save(store: &Store, expected: Option<i64>, new: NewTemplate) -> TemplateChange {
    store.save_template(expected, new, at(5), "anna").await.unwrap()
}

fn done(change: TemplateChange) -> MessageTemplate {
    match change {
        TemplateChange::Done(template) => *template,
        refused => panic!("{refused:?}"),
    }
}

both_databases!(
    async fn no_version_that_was_seen_ever_means_another_template(database: TestDatabase) {
        let store = open(database).await;
        let first = done(save(&store, None, template("a", "first")).await);
        let second = done(save(&store, Some(first.version), template("a", "second")).await);
        done(store.delete_template("a", second.version, "eve").await.unwrap());

        let again = done(save(&store, None, template("a", "somebody else's")).await);
        assert!(again.version > second.version, "{}", again.version);
        for seen in [first.version, second.version] {
            let conflict = TemplateChange::VersionConflict {
                actual: Some(again.version),
            };
            assert_eq!(save(&store, Some(seen), template("a", "overwritten")).await, conflict);
            assert_eq!(store.delete_template("a", seen, "eve").await.unwrap(), conflict);
        }
        assert_eq!(store.template("a").await.unwrap(), Some(again));
    }
);

both_databases!(
    async fn a_template_is_replaced_and_deleted_only_at_the_version_that_was_seen(database: TestDatabase) {
        let store = open(database).await;
        let conflict = |actual| TemplateChange::VersionConflict { actual };
        assert_eq!(save(&store, Some(1), template("a", "{{ x }}")).await, conflict(None));
        let first = done(save(&store, None, template("a", "{{ x }}")).await);
        assert_eq!(
            (first.version, first.updated_at, first.updated_by.as_str()),
            (1, at(5), "anna")
        );
        assert_eq!(store.template("a").await.unwrap(), Some(first));
        assert_eq!(store.template("A").await.unwrap(), None);

        assert_eq!(save(&store, None, template("a", "other")).await, conflict(Some(1)));
        assert_eq!(save(&store, Some(7), template("a", "other")).await, conflict(Some(1)));
        let second = done(save(&store, Some(1), template("a", "other\u{0}")).await);
        assert_eq!(second.version, 2);
        assert_eq!(store.template("a").await.unwrap(), Some(second.clone()));

        assert_eq!(store.delete_template("a", 1, "eve").await.unwrap(), conflict(Some(2)));
        assert_eq!(store.delete_template("b", 1, "eve").await.unwrap(), conflict(None));
        assert_eq!(
            store.delete_template("a", 2, "eve").await.unwrap(),
            TemplateChange::Done(Box::new(second))
        );
        assert_eq!(store.template("a").await.unwrap(), None);
    }
);

both_databases!(
    async fn every_type_of_content_comes_back_as_it_was(database: TestDatabase) {
        let store = open(database).await;
        for (index, content) in one_of_each().into_iter().enumerate() {
            let new = NewTemplate {
                content,
                ..template(&format!("t{index}"), "")
            };
            let saved = done(save(&store, None, new).await);
            assert_eq!(store.template(&saved.template.name).await.unwrap(), Some(saved));
        }
    }
);

both_databases!(
    async fn of_many_who_make_a_template_at_once_one_wins(database: TestDatabase) {
        let store = open(database).await;
        let makers = (0..8).map(|_| {
            let store = store.clone();
            tokio::spawn(async move { save(&store, None, template("a", "x")).await })
        });

        let mut won = 0;
        for maker in makers.collect::<Vec<_>>() {
            match maker.await.unwrap() {
                TemplateChange::Done(_) => won += 1,
                refused => assert_eq!(refused, TemplateChange::VersionConflict { actual: Some(1) }),
            }
        }
        assert_eq!(won, 1);
    }
);

both_databases!(
    async fn templates_are_paged_by_name_and_there_is_a_last_one(database: TestDatabase) {
        let store = open(database).await;
        let most = usize::try_from(MAX_TEMPLATES).unwrap();
        for index in (0..most).rev() {
            done(save(&store, None, template(&format!("t{index:03}"), "x")).await);
        }

        assert_eq!(
            save(&store, None, template("one-more", "x")).await,
            TemplateChange::TooMany
        );
        assert_eq!(
            save(&store, None, template("t000", "x")).await,
            TemplateChange::VersionConflict { actual: Some(1) }
        );
        assert_eq!(done(save(&store, Some(1), template("t000", "y")).await).version, 2);
        assert_eq!(store.count_templates().await.unwrap(), MAX_TEMPLATES);

        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let page = store.templates(PageRequest::new(200, after.clone())).await.unwrap();
            names.extend(page.items.into_iter().map(|it| it.template.name));
            after = names.last().cloned();
            if !page.has_next {
                break;
            }
        }
        assert_eq!(names, (0..most).map(|index| format!("t{index:03}")).collect::<Vec<_>>());
    }
);
