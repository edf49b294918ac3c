//! What DingTalk still knows, judged by what the settings select: whoever was moved out of it is there, and yet not to
//! be mirrored.

use std::collections::{BTreeSet, HashMap};

use futures_util::{StreamExt, stream};

use super::{
    CrawlError, Crawled,
    call::{Answers, ReadAnswer, ReadCall},
    failure::ReadFailure,
    witness::{WitnessedAnswer, Witnesses, ask_before},
};
use crate::{
    dingtalk::Error,
    directory::{DepartmentSelection, DeptId, GoneCause, MOST_LEVELS, UserFacts},
};

/// What became of records that were found by asking for them one by one.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sorted {
    /// Selected: a crawl should have come across them.
    pub(super) there: usize,
    /// In no selected department any more: they got the cause OUT_OF_SCOPE.
    pub(super) outside: usize,
    /// Departments that had to be asked for and did not answer; whatever depends on them stays.
    pub(super) unknown: usize,
}

/// Takes what isn't selected any more out of what was `found`, and says why it is gone. Departments that nobody has
/// read tell by their parents, so they are asked for, one level after the other.
pub(super) async fn sort_out(
    dingtalk: &impl Answers,
    crawled: &mut Crawled,
    found: Vec<ReadCall>,
    width: usize,
) -> Result<Sorted, CrawlError> {
    let mut sorted = Sorted::default();
    if crawled.evidence.selection.is_everything() {
        sorted.there = found.len();
        return Ok(sorted);
    }

    let mut ways = Ways::new(crawled, &found);
    loop {
        let unread: BTreeSet<DeptId> = found
            .iter()
            .filter_map(|call| ways.whereabouts(crawled, call).err())
            .collect();
        if unread.is_empty() {
            break;
        }

        let witnesses = &Witnesses::seen(&crawled.observed);
        let mut answers = stream::iter(unread)
            .map(|id| async move { (id, ask_before(witnesses, dingtalk, &ReadCall::Department(id)).await) })
            .buffer_unordered(width.max(1));
        while let Some((id, witnessed)) = answers.next().await {
            if let Some(error) = ways.learn(id, witnessed)? {
                sorted.unknown += 1;
                crawled.errors.add(&ReadCall::Department(id), &error);
            }
        }
    }

    for call in found {
        match ways.whereabouts(crawled, &call) {
            Ok(Whereabouts::Outside) => {
                sorted.outside += 1;
                take_out(crawled, call);
            }
            // A crawl comes across nobody who is in no department: they are there, and that is no contradiction.
            Ok(Whereabouts::Nowhere) => {}
            Ok(Whereabouts::Selected) | Err(_) => sorted.there += 1,
        }
    }

    Ok(sorted)
}

fn take_out(crawled: &mut Crawled, call: ReadCall) {
    let observed = &mut crawled.observed;
    match call {
        ReadCall::User(id) => {
            observed.users.remove(&id);
            observed.user_causes.insert(id, GoneCause::OutOfScope);
        }
        ReadCall::Department(id) => {
            observed.departments.remove(&id);
            observed.department_causes.insert(id, GoneCause::OutOfScope);
        }
        _ => {}
    }
}

/// Where a record belongs.
enum Whereabouts {
    Selected,
    Outside,
    Nowhere,
}

/// What is known of a department on the way up.
enum Way {
    /// The crawl read it, and a crawl reads what is selected.
    Read,
    /// It is below this one; `None`: below nothing that DingTalk tells.
    Below(Option<DeptId>),
    /// The app isn't shown it, or it is gone: no crawl comes across it.
    Hidden,
    /// It did not answer.
    Untold,
}

struct Ways {
    selection: DepartmentSelection,
    /// Whether a list could not be read that what wasn't come across may stand in.
    has_unread: bool,
    known: HashMap<DeptId, Way>,
}

impl Ways {
    fn new(crawled: &Crawled, found: &[ReadCall]) -> Self {
        let observed = &crawled.observed;
        let read = observed.departments.keys().chain(&observed.kept_departments);
        let mut known: HashMap<DeptId, Way> = read.map(|id| (*id, Way::Read)).collect();

        for call in found {
            if let ReadCall::Department(id) = call
                && let Some((facts, _)) = observed.departments.get(id)
            {
                known.insert(*id, Way::Below(facts.parent_id));
            }
        }

        Self {
            selection: crawled.evidence.selection.clone(),
            has_unread: !crawled.evidence.unread.is_empty(),
            known,
        }
    }

    /// `Err`: the department that has to be asked for first.
    fn whereabouts(&self, crawled: &Crawled, call: &ReadCall) -> Result<Whereabouts, DeptId> {
        match call {
            ReadCall::Department(id) => self.of_departments([*id]),
            ReadCall::User(id) if crawled.evidence.authorised_users.contains(id) => Ok(Whereabouts::Selected),
            ReadCall::User(id) => {
                let facts = crawled.observed.users.get(id).map(|(facts, _)| facts);
                self.of_departments(facts.into_iter().flat_map(company_departments))
            }
            _ => Ok(Whereabouts::Nowhere),
        }
    }

    fn of_departments(&self, departments: impl IntoIterator<Item = DeptId>) -> Result<Whereabouts, DeptId> {
        let mut found = Ok(Whereabouts::Nowhere);
        for id in departments {
            match self.selects(id) {
                Ok(true) => return Ok(Whereabouts::Selected),
                Ok(false) if found.is_ok() => found = Ok(Whereabouts::Outside),
                Ok(false) => {}
                Err(unread) => found = Err(unread),
            }
        }
        found
    }

    fn selects(&self, id: DeptId) -> Result<bool, DeptId> {
        let mut next = Some(id);
        for _ in 0..MOST_LEVELS {
            let Some(at) = next else { break };
            if self.selection.excludes(at) {
                return Ok(false);
            }
            if self.selection.include.contains(&at) {
                return Ok(true);
            }

            next = match self.known.get(&at) {
                // A crawl reads what is selected; where nobody tells, the record stays.
                Some(Way::Read | Way::Untold) => return Ok(true),
                Some(Way::Hidden) => return Ok(false),
                Some(Way::Below(parent)) => *parent,
                None if at == DeptId::ROOT => None,
                None => return Err(at),
            };
        }
        Ok(self.selection.include.is_empty())
    }

    /// Gives the error of a department that did not answer.
    fn learn(&mut self, id: DeptId, witnessed: WitnessedAnswer) -> Result<Option<Error>, CrawlError> {
        let WitnessedAnswer { answer, is_its_own } = witnessed;
        let (way, error) = match answer {
            Ok(ReadAnswer::Department(facts)) => (Way::Below(facts.parent_id), None),
            // A call is only ever answered in its own kind.
            Ok(_) => (Way::Hidden, None),
            Err(error) => match ReadFailure::of(&error) {
                ReadFailure::Fatal if !is_its_own => return Err(CrawlError::late(error)),
                ReadFailure::NotThere => (Way::Hidden, None),
                // It may be below one whose list was not read.
                ReadFailure::OutOfScope if self.has_unread => (Way::Untold, Some(error)),
                ReadFailure::OutOfScope => (Way::Hidden, None),
                _ => (Way::Untold, Some(error)),
            },
        };

        self.known.insert(id, way);
        Ok(error)
    }
}

fn company_departments(facts: &UserFacts) -> impl Iterator<Item = DeptId> {
    let departments = facts.memberships.iter().map(|it| it.dept_id);
    departments.filter(|id| id.is_company())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dingtalk::ErrorKind,
        directory::{DepartmentSource, Evidence, Observation, UserSource},
        sync::crawl::{EntryErrors, Strategy, fake::FakeCompany},
    };

    /// 1 { 5 { 51 }, 9 { 91, 92 } }, of which `read` was read, and everybody was found by asking for them.
    async fn sorted(
        selection: (&[i64], &[i64]),
        read: &[i64],
        failing: Option<(i64, ErrorKind)>,
    ) -> (Sorted, Vec<String>) {
        let people: [(&str, &[i64]); 7] = [
            ("above", &[1]),
            ("alone", &[]),
            ("both", &[51, 91]),
            ("far", &[91, 92]),
            ("gone", &[77]),
            ("in", &[51]),
            ("single", &[91]),
        ];

        let mut company = FakeCompany::new(&[(1, 0), (5, 1), (51, 5), (9, 1), (91, 9), (92, 9)], &people);
        company.fault = Box::new(move |call, _| {
            let (id, kind) = failing?;
            (*call == ReadCall::Department(DeptId(id))).then_some(kind)
        });

        let ids = |ids: &[i64]| ids.iter().copied().collect();
        let read = read.iter().map(|id| DeptId(*id));
        let mut crawled = Crawled {
            observed: Observation {
                departments: read
                    .map(|id| (id, (company.departments[&id].clone(), DepartmentSource::Detail)))
                    .collect(),
                users: company
                    .users
                    .iter()
                    .map(|(id, facts)| (id.clone(), (facts.clone(), UserSource::Detail)))
                    .collect(),
                ..Observation::default()
            },
            evidence: Evidence {
                selection: DepartmentSelection::of_ids(&ids(selection.0), &ids(selection.1)),
                authorised_users: ["single".into()].into(),
                ..Evidence::default()
            },
            strategy: Strategy::Bulk,
            errors: EntryErrors::default(),
            notes: Vec::new(),
            home_school_skipped: 0,
            read_again: Vec::new(),
            is_landslide: false,
            unasked: Default::default(),
        };

        let found = company.users.keys().cloned().map(ReadCall::User).collect();
        let sorted = sort_out(&company, &mut crawled, found, 2)
            .await
            .unwrap_or_else(|error| panic!("{error}"));

        let outside = crawled.observed.user_causes;
        assert!(outside.values().all(|cause| *cause == GoneCause::OutOfScope));
        assert!(outside.keys().all(|id| !crawled.observed.users.contains_key(id)));
        (sorted, outside.keys().map(ToString::to_string).collect())
    }

    fn counts(sorted: &Sorted) -> [usize; 3] {
        [sorted.there, sorted.outside, sorted.unknown]
    }

    #[tokio::test]
    async fn whoever_is_in_no_selected_department_is_outside() {
        let (all, outside) = sorted((&[], &[]), &[1, 5, 51, 9, 91, 92], None).await;
        assert_eq!((counts(&all), outside.len()), ([7, 0, 0], 0));

        let (part, outside) = sorted((&[5], &[]), &[5, 51], None).await;
        assert_eq!(outside, ["above", "far", "gone"]);
        assert_eq!(counts(&part), [3, 3, 0], "whoever is in no department is not counted");

        let (part, outside) = sorted((&[], &[9]), &[1, 5, 51], None).await;
        assert_eq!(outside, ["far", "gone"]);
        assert_eq!(counts(&part), [4, 2, 0]);

        let (_, outside) = sorted((&[5, 92], &[]), &[5, 51, 92], None).await;
        assert_eq!(outside, ["above", "gone"]);
    }

    #[tokio::test]
    async fn a_department_that_the_app_is_not_shown_is_outside_and_one_that_does_not_answer_is_not() {
        let (hidden, outside) = sorted((&[5], &[]), &[5, 51], Some((9, ErrorKind::OutOfScope))).await;
        assert_eq!((counts(&hidden), outside.len()), ([3, 3, 0], 3));

        let (untold, outside) = sorted((&[5], &[]), &[5, 51], Some((9, ErrorKind::BadRequest))).await;
        assert_eq!(outside, ["above", "gone"]);
        assert_eq!(counts(&untold), [4, 2, 1]);
    }
}
