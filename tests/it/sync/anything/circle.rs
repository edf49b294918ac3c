//! A department whose record names one above it that DingTalk has removed.

use dingmirror::directory::{RunMode, Verdict};
use serde_json::json;

use super::{World, flaw::Kind};
use crate::support::database::TestDatabase;

both_databases!(
    async fn a_department_that_names_a_removed_one_above_it_is_never_complete(database: TestDatabase) {
        let mut world = World::new(database, Kind::Circle, false, 1).await;
        world.run(RunMode::Full).await;

        // DingTalk has removed the department, and goes on to name it in the record of the one that was above it.
        for nth in [5, 6] {
            let id = &world.rig.truth()["users"][nth]["userid"];
            world
                .rig
                .edit(json!([{ "edit": "move", "userid": id, "departments": [1] }]));
        }
        world
            .rig
            .edit(json!([{ "edit": "remove_department", "dept_id": 4_040 }]));
        world.becomes_the_company().await;

        let told = world.cold().await.contradictions();
        assert!(told.len() == 1 && world.flaw.says(&told[0].to_string()), "{told:?}");
        let run = world.run(RunMode::Full).await;
        assert_eq!(run.verdict, Some(Verdict::Partial), "{run:?}");
        world.stop().await;
    }
);
