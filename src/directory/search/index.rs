//! The index of a snapshot: one segment with nearly everybody, and a small one with who changed since.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{
    matching::Matching, near::Near, query::Query, rank::Rank, recent::Recent, record::Record, segment::Segment,
    top::Top,
};
use crate::directory::RecordId;

/// So many changed records are always kept beside the large segment.
const FEW: usize = 256;
/// From this part of all records on the large segment is made anew.
const STALE: usize = 256;

/// Whether a segment's record is still the current one.
type IsCurrent<'a> = dyn Fn(&Record) -> bool + 'a;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// People.
    pub users: bool,
    /// Departments.
    pub departments: bool,
    /// Email addresses and mobile numbers are searched, too.
    pub contact: bool,
    /// So many at most.
    pub most: usize,
}

/// A record that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The record.
    pub record: Record,
    /// How well it matches.
    pub rank: Rank,
}

/// Gives every record, once.
pub type Records = Box<dyn FnOnce() -> Vec<Record> + Send>;

/// An index of one version of the directory; cloning is cheap.
///
/// It is built when it is first asked, and a change costs what is kept beside. While a new large segment is being made
/// the former one answers.
#[derive(Clone)]
pub struct SearchIndex {
    now: Layer,
    former: Option<Layer>,
    recent: Arc<Recent>,
}

/// A large segment and what changed since.
#[derive(Clone)]
struct Layer {
    base: Arc<Base>,
    changed: imbl::HashMap<RecordId, Record>,
    /// The changed ones, ready to be searched.
    young: Arc<OnceLock<Segment>>,
}

/// The large segment, and what it will be made of until then.
struct Base {
    segment: OnceLock<Segment>,
    records: Mutex<Option<Records>>,
    size: usize,
}

impl SearchIndex {
    /// Of `size` records.
    pub fn new(size: usize, records: Records) -> Self {
        Self {
            now: Layer::new(size, records),
            former: None,
            recent: Arc::default(),
        }
    }

    /// The index after some records changed. `records` gives all of them, the changed ones included.
    #[must_use]
    pub fn with(&self, size: usize, changed: &[Record], records: impl FnOnce() -> Records) -> Self {
        let now = self.now.with(changed);
        if now.changed.len() > FEW.max(now.base.size / STALE) {
            let former = Some(now).filter(Layer::is_ready);
            return Self {
                now: Layer::new(size, records()),
                former: former.or_else(|| self.former.as_ref().map(|former| former.with(changed))),
                recent: Arc::default(),
            };
        }

        let former = self.former.as_ref().filter(|_| !now.is_ready());
        Self {
            former: former.map(|former| former.with(changed)),
            now,
            recent: Arc::default(),
        }
    }

    /// Makes ready what the next search needs. Takes tenths of a second for 100,000 people where `is_ready` is false.
    pub fn prepare(&self) {
        let _ready = self.now.segments();
    }

    /// Whether a search is answered at once.
    pub fn is_ready(&self) -> bool {
        self.now.is_ready()
    }

    /// The best matches, the best first. `by_id`: those whose id the query is.
    pub fn search(&self, query: &Query, asked: Asked, by_id: Vec<Record>) -> Vec<Hit> {
        let layer = self.layer();
        let mut hits = layer.collect(asked, |segment, top| {
            segment.ask(&query.whole, asked.contact, top);
            segment.ask_words(&query.words, asked.contact, top);
        });

        for record in by_id {
            let is_wanted = asked.of(&record) && record.is_present();
            let is_better = |hit: &Hit| hit.rank < Rank::Id && hit.record.id() == record.id();
            if !is_wanted || hits.iter().any(is_better) {
                continue;
            }
            hits.retain(|hit| hit.record.id() != record.id());
            let at = hits.partition_point(|hit| hit.rank <= Rank::Id);
            hits.insert(at, Hit { record, rank: Rank::Id });
        }

        if hits.is_empty() {
            let near = Near::of(&query.whole);
            hits = layer.collect(asked, |segment, top| segment.ask_near(&near, top));
        }
        hits.truncate(asked.most);
        hits
    }

    /// Everything that matches, in no order. Among those who are present and among those who are GONE, people and
    /// departments each, what is near counts where nothing else is found. `by_id`: those whose id the query is.
    pub fn matching(&self, query: &Query, contact: bool, by_id: &[Record]) -> Arc<Matching> {
        let find = || self.find_matching(query, contact, by_id);
        self.recent.get(query.raw(), contact, find)
    }

    fn find_matching(&self, query: &Query, contact: bool, by_id: &[Record]) -> Matching {
        let layer = self.layer();
        let mut matching = Matching::default();
        by_id.iter().for_each(|record| matching.put(record));
        layer.each(&mut |segment, is_current| {
            let mut met = segment.everybody(&query.whole, contact);
            met.put_all(segment.everybody_by(&query.words, contact));
            let records = met.from(0).map(|owner| &segment.records[owner as usize]);
            records
                .filter(|record| is_current(record))
                .for_each(|record| matching.put(record));
        });

        let near = Near::of(&query.whole);
        let found = matching.kinds();
        layer.each(&mut |segment, is_current| {
            let is_current = |number: u32| is_current(&segment.records[number as usize]);
            let mut top = Top::new(usize::MAX, segment.without(&found), &is_current);
            segment.ask_near(&near, &mut top);
            let records = top.into_best().map(|(_, number)| &segment.records[number as usize]);
            records.for_each(|record| matching.put(record));
        });
        matching
    }

    /// What answers now.
    fn layer(&self) -> &Layer {
        let former = self.former.as_ref();
        former.filter(|_| !self.now.is_ready()).unwrap_or(&self.now)
    }
}

impl Asked {
    fn of(&self, record: &Record) -> bool {
        if record.is_user() { self.users } else { self.departments }
    }
}

impl Layer {
    fn new(size: usize, records: Records) -> Self {
        Self {
            base: Arc::new(Base {
                segment: OnceLock::new(),
                records: Mutex::new(Some(records)),
                size,
            }),
            changed: imbl::HashMap::new(),
            young: Arc::default(),
        }
    }

    fn with(&self, changed: &[Record]) -> Self {
        let mut next = self.clone();
        for record in changed {
            next.changed.insert(record.id(), record.clone());
        }
        if !changed.is_empty() {
            next.young = Arc::default();
        }
        next
    }

    fn is_ready(&self) -> bool {
        self.base.segment.get().is_some()
    }

    /// The large segment and the small one, built where they aren't.
    fn segments(&self) -> [&Segment; 2] {
        let base = self.base.segment.get_or_init(|| {
            let records = self.base.records.lock().unwrap_or_else(PoisonError::into_inner).take();
            Segment::build(records.map(|records| records()).unwrap_or_default().into_iter())
        });
        let young = || Segment::build(self.changed.values().cloned());
        [base, self.young.get_or_init(young)]
    }

    /// Calls `visit` for each segment, with a test of whether a record of it is still the current one.
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'a Segment, &IsCurrent<'_>)) {
        let [base, young] = self.segments();
        visit(base, &|record| {
            self.changed.is_empty() || !self.changed.contains_key(&record.id())
        });
        visit(young, &|_| true);
    }

    /// The best of what `ask` finds in each segment.
    fn collect(&self, asked: Asked, ask: impl Fn(&Segment, &mut Top<'_>)) -> Vec<Hit> {
        let mut found: Vec<(Rank, &Segment, u32)> = Vec::new();
        self.each(&mut |segment, is_current| {
            let is_current = |number: u32| is_current(&segment.records[number as usize]);
            let mut top = Top::new(asked.most, segment.wanted(asked.users, asked.departments), &is_current);
            ask(segment, &mut top);
            found.extend(top.into_best().map(|(rank, number)| (rank, segment, number)));
        });

        found.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| one.1.cmp(one.2, other.1, other.2)));
        let hits = found.into_iter().take(asked.most).map(|(rank, segment, number)| Hit {
            record: segment.records[number as usize].clone(),
            rank,
        });
        hits.collect()
    }
}
