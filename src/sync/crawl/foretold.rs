//! The calls to come, as they are told while a crawl goes on.

use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;

use super::{
    CrawlBounds,
    call::{Answers, ReadAnswer, ReadCall},
    drive::{CrawlTask, crawl},
    fake::FakeCompany,
    journal::Journal,
    outline::Outline,
};
use crate::{
    dingtalk::Error,
    directory::{DeptId, Snapshot, plan},
    settings::Api,
};

const BOUNDS: CrawlBounds = CrawlBounds {
    width: 1,
    patience: Duration::from_secs(60),
};

/// A company that answers after a moment.
struct Answering(FakeCompany);

// The company is only read.
impl Answers for Answering {
    async fn answer(&self, call: &ReadCall) -> Result<ReadAnswer, Error> {
        tokio::time::sleep(Duration::from_millis(60)).await;
        self.0.answer(call, 0)
    }
}

/// Reads the company over the mirror; what was foretold each time, and what the mirror is then.
async fn foretold(company: &Answering, mirror: &Snapshot, bulk: bool) -> (Vec<Vec<(Api, u64)>>, Snapshot) {
    let mut outline = Outline::new(vec![DeptId::ROOT], Vec::new());
    (outline.bulk, outline.count) = (bulk, true);
    let task = CrawlTask {
        snapshot: Arc::new(mirror.clone()),
        outline: &outline,
        bounds: BOUNDS,
    };

    let mut told = Vec::new();
    let (mut journal, never) = (Journal::nowhere(), CancellationToken::new());
    let crawled = crawl(company, task, &mut journal, &never, |progress| {
        told.push(progress.expected)
    })
    .await;
    let crawled = crawled.expect("nothing fails");
    let set = plan(mirror, &crawled.observed, crate::directory::fixtures::moment());
    (told, mirror.with(mirror.revision() + 1, set.departments, set.users))
}

fn calls(of: &[(Api, u64)], api: Api) -> u64 {
    of.iter().find(|(it, _)| *it == api).map_or(0, |(_, calls)| *calls)
}

/// A root with ten departments, one of which has three pages of people.
fn company() -> Answering {
    let tree: Vec<(i64, i64)> = (1..=11).map(|id| (id, i64::from(id != 1))).collect();
    let names: Vec<String> = (0..250).map(|n| format!("u{n:03}")).collect();
    let users: Vec<(&str, &[i64])> = names.iter().map(|name| (name.as_str(), &[2_i64][..])).collect();
    let mut company = FakeCompany::new(&tree, &users);
    company.page = 100;
    Answering(company)
}

#[tokio::test(start_paused = true)]
async fn the_mirror_tells_the_calls_to_come_before_the_tree_is_found() {
    let company = company();
    for bulk in [true, false] {
        let (first, mirror) = foretold(&company, &Snapshot::empty(), bulk).await;
        let (again, _) = foretold(&company, &mirror, bulk).await;
        let lists = if bulk { Api::UserList } else { Api::UserListId };
        // A page of the root and of each department, and two more of the large one.
        let in_lists = if bulk { 13 } else { 11 };

        for api in [Api::DepartmentListSub, Api::DepartmentGet] {
            assert_eq!(calls(&first[0], api), 1, "nobody knows more of a company than its root");
            assert_eq!(calls(&again[0], api), 11);
        }
        assert_eq!(calls(&again[0], lists), in_lists);
        for told in [first.last(), again.last()].map(|it| it.expect("it was told")) {
            assert_eq!(calls(told, Api::DepartmentGet), 11, "in the end it is what was made");
            assert_eq!((calls(told, lists), calls(told, Api::UserCount)), (in_lists, 1));
        }
        assert!(
            again.iter().all(|told| calls(told, Api::DepartmentListSub) == 11),
            "nothing is new, so the number stands"
        );
        assert_eq!(calls(first.last().expect("it was told"), Api::UserGet), 250);
    }
}
