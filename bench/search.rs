//! Search as somebody types: 1,000 names of a company of 100,000 people and 8,000 departments, letter by letter, in one
//! process. Prints the time of a keystroke (median, p99, worst), how long the index takes to be made ready, and what a
//! change costs.
//!
//! `cargo bench --bench measure -- search`, or with another size `cargo bench --bench measure -- search 10000`.

use std::time::{Duration, Instant};

use dingmirror::{
    directory::{
        Department, DepartmentFacts, DeptId, Membership, RecordState, Snapshot, Standing, User, UserFacts,
        search::{Asked, Query},
    },
    simulator::{GIVEN, SURNAMES},
};

/// Surnames of several readings, behind those that the simulator's companies have.
const OF_SEVERAL_READINGS: [(&str, &str); 5] = [
    ("单", "shan"),
    ("仇", "qiu"),
    ("解", "xie"),
    ("查", "zha"),
    ("尉迟", "yuchi"),
];

const UNITS: &[&str] = &[
    "研发中心",
    "销售部",
    "华东大区",
    "人力资源部",
    "财务部",
    "客户服务部",
    "质量管理部",
    "平台组",
];
const TITLES: &[&str] = &[
    "工程师",
    "高级工程师",
    "产品经理",
    "销售代表",
    "会计",
    "客服代表",
    "操作工",
    "架构师",
];

/// People who type.
const TYPISTS: usize = 1_000;
/// Changes that are measured.
const CHANGES: usize = 200;

/// Chance that can be repeated.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    /// The first ones far more often than the last.
    fn early(&mut self, end: usize) -> usize {
        let (one, other) = (self.below(end), self.below(end));
        one.min(other)
    }

    /// A name with its sounds.
    fn name(&mut self) -> (String, Vec<&'static str>) {
        let others = &OF_SEVERAL_READINGS;
        let at = self.early(SURNAMES.len() + others.len());
        let (surname, sound) = SURNAMES.get(at).copied().unwrap_or_else(|| others[at - SURNAMES.len()]);
        let (mut name, mut sounds) = (surname.to_owned(), vec![sound]);
        for _ in 0..1 + usize::from(self.below(3) > 0) {
            let (character, sound) = GIVEN[self.below(GIVEN.len())];
            name.push_str(character);
            sounds.push(sound);
        }
        (name, sounds)
    }
}

/// What is typed of a name and its syllables.
type Typed = fn(&str, &[&str]) -> String;

/// Runs it with the arguments behind its name.
pub fn run(args: &[String]) {
    let people = args
        .iter()
        .find_map(|argument| argument.parse().ok())
        .unwrap_or(100_000);
    let mut chance = Chance(17);
    let (departments, users) = company(people, &mut chance);
    let snapshot = Snapshot::build(1, departments, users);

    let begun = Instant::now();
    snapshot.prepare_search();
    println!("{people} people; the index is ready after {:.0?}", begun.elapsed());

    println!("| what is typed | keystrokes | median | p99 | worst |");
    println!("|---|---|---|---|---|");
    let forms: [(&str, Typed); 5] = [
        ("pinyin", |_, sounds| sounds.concat()),
        ("initials", |_, sounds| sounds.iter().map(|sound| &sound[..1]).collect()),
        ("characters", |name, _| name.to_owned()),
        ("surname, then pinyin", |name, sounds| {
            let first: String = name.chars().take(1).collect();
            first + &sounds[1..].concat()
        }),
        ("pinyin with blanks", |_, sounds| sounds.join(" ")),
    ];
    for contact in [false, true] {
        for (what, typed) in forms {
            let mut times = Vec::new();
            for _ in 0..TYPISTS {
                let (name, sounds) = chance.name();
                type_out(&snapshot, &typed(&name, &sounds), contact, &mut times);
            }
            let contact = if contact { ", contact fields too" } else { "" };
            report(&format!("{what}{contact}"), times);
        }
    }

    let mut times = Vec::new();
    let mut snapshot = snapshot;
    for number in 0..CHANGES {
        let user = person(number * 7 % people, &mut chance);
        let begun = Instant::now();
        snapshot = snapshot.with(2 + number as i64, Vec::new(), vec![user]);
        snapshot.prepare_search();
        times.push(begun.elapsed());
    }
    report("(a change, ready to be found)", times);
}

fn type_out(snapshot: &Snapshot, text: &str, contact: bool, times: &mut Vec<Duration>) {
    for (end, last) in text.char_indices() {
        let typed = &text[..end + last.len_utf8()];
        let begun = Instant::now();
        let query = Query::new(typed).unwrap();
        let hits = snapshot.search(
            &query,
            Asked {
                users: true,
                departments: true,
                contact,
                most: 11,
            },
        );
        times.push(begun.elapsed());
        std::hint::black_box(hits);
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!(
        "| {what} | {} | {:.1?} | {:.1?} | {:.1?} |",
        times.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

fn company(people: usize, chance: &mut Chance) -> (Vec<Department>, Vec<User>) {
    let units = (people / 25 * 2).max(20);
    let departments = (1..=units as i64).map(|id| Department {
        facts: DepartmentFacts {
            parent_id: (id > 1).then_some(DeptId(id / 8 + i64::from(id < 8))),
            name: format!("{}{}", UNITS[chance.below(UNITS.len())], id % 97),
            ..DepartmentFacts::unsaid(DeptId(id))
        },
        standing: standing(),
    });
    let departments = departments.collect();
    (departments, (0..people).map(|number| person(number, chance)).collect())
}

fn person(number: usize, chance: &mut Chance) -> User {
    let (name, sounds) = chance.name();
    let address = format!("{}{}@example.com", sounds.concat(), number % 1_000);
    User {
        facts: UserFacts {
            name: name.into(),
            job_number: Some(format!("A{number:06}").into()),
            title: Some(TITLES[chance.early(TITLES.len())].into()),
            email: Some(address.clone().into()),
            org_email: Some(address.into()),
            mobile: Some(format!("1{:010}", 3_000_000_000_u64 + number as u64 * 31_337 % 6_000_000_000).into()),
            memberships: vec![Membership {
                dept_id: DeptId(1 + number as i64 % 20),
                order: None,
                leader: None,
            }],
            ..UserFacts::unsaid(format!("{:018}", number * 7_919).into())
        },
        standing: standing(),
    }
}

fn standing() -> Standing {
    let moment = chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    Standing {
        state: RecordState::Active,
        cause: None,
        revision: 1,
        first_seen: moment,
        last_seen: moment,
    }
}
