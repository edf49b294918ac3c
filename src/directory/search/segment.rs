//! Records made ready to be searched: immutable, in the order in which equals are told.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    column::Column,
    name::{Name, Spelling},
    query::digits_of,
    record::Record,
    signature::Signature,
    sounds::{Sounds, SpelledName},
    text::folded,
    titles::Titles,
};
use crate::directory::UserFacts;

/// Records with their columns. A record's number is its place among equals: the shorter name first, then by pinyin.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub(super) records: Vec<Record>,
    pub(super) sounds: Sounds,
    /// A row for each record.
    pub(super) names: Column,
    pub(super) titles: Titles,
    pub(super) job_numbers: Column,
    pub(super) emails: Column,
    pub(super) mobiles: Column,
}

/// A record with its name taken apart.
struct Draft {
    record: Record,
    name: Box<str>,
    length: usize,
    spellings: Vec<(Spelling, Signature)>,
}

impl Draft {
    fn new(record: Record) -> Self {
        let name = Name::new(record.name(), record.is_user());
        let written = name.folded();
        let signed = |spelling: Spelling| {
            let signature = Signature::of_name(&spelling.sound, spelling.starts, &written);
            (spelling, signature)
        };
        Self {
            length: name.letters.len(),
            spellings: name.spellings.into_iter().map(signed).collect(),
            name: written.into(),
            record,
        }
    }

    fn sound(&self) -> &[u8] {
        self.spellings.first().map_or(&[], |(spelling, _)| &spelling.sound)
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let one = (self.length, self.sound(), &self.name);
        one.cmp(&(other.length, other.sound(), &other.name))
            .then_with(|| self.record.cmp_id(&other.record))
    }
}

impl Segment {
    pub(super) fn build(records: impl Iterator<Item = Record>) -> Self {
        let mut drafts: Vec<Draft> = records.map(Draft::new).collect();
        drafts.sort_unstable_by(Draft::cmp);

        let mut built = Self::default();
        let mut spelled = Vec::with_capacity(drafts.len() + drafts.len() / 8);
        let mut titles: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (owner, draft) in (0..).zip(drafts) {
            built.names.put(owner, &draft.name);
            if let Record::User(user) = &draft.record {
                built.put_facts(owner, &user.facts);
                if let Some(title) = user.facts.title.as_deref().map(folded).filter(|it| !it.is_empty()) {
                    titles.entry(title).or_default().push(owner);
                }
            }

            for (number, (spelling, signature)) in draft.spellings.into_iter().enumerate() {
                spelled.push(SpelledName {
                    spelling,
                    signature,
                    owner,
                    is_other: number > 0,
                });
            }
            built.records.push(draft.record);
        }

        Self {
            titles: Titles::new(titles),
            sounds: Sounds::build(spelled),
            names: built.names.finish(false),
            job_numbers: built.job_numbers.finish(true),
            emails: built.emails.finish(true),
            mobiles: built.mobiles.finish(true),
            records: built.records,
        }
    }

    fn put_facts(&mut self, owner: u32, facts: &UserFacts) {
        let put = |column: &mut Column, text: String| {
            if !text.is_empty() {
                column.put(owner, &text);
            }
        };

        put(
            &mut self.job_numbers,
            folded(facts.job_number.as_deref().unwrap_or_default()),
        );
        put(
            &mut self.mobiles,
            digits_of(facts.mobile.as_deref().unwrap_or_default()),
        );
        let [email, org_email] = [&facts.email, &facts.org_email].map(|it| folded(it.as_deref().unwrap_or_default()));
        if org_email != email {
            put(&mut self.emails, org_email);
        }
        put(&mut self.emails, email);
    }

    /// How a record stands to one of another segment, among equals.
    pub(super) fn cmp(&self, record: u32, other: &Self, others: u32) -> Ordering {
        self.place(record)
            .cmp(&other.place(others))
            .then_with(|| self.records[record as usize].cmp_id(&other.records[others as usize]))
    }

    fn place(&self, record: u32) -> (usize, &[u8], &str) {
        let name = self.names.get(record);
        let mut spellings = self.sounds.of(record);
        let first = spellings.find(|number| !self.sounds.is_other[*number]);
        let sound = first.map_or(&[][..], |number| self.sounds.sound(number));
        (name.chars().count(), sound, name)
    }
}
