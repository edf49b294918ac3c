//! Records made ready to be searched: immutable, in the order in which equals are told.

use std::{cmp::Ordering, collections::BTreeMap};

use super::{
    bits::Bits,
    column::Column,
    grams::Grams,
    matching::Kinds,
    name::{Name, Spelling},
    query::digits_of,
    record::Record,
    sounds::Sounds,
    text::folded,
    titles::Titles,
};
use crate::directory::UserFacts;

/// Records with their columns. A record's number is its place among equals: the shorter name first, then by pinyin.
#[derive(Debug, Default)]
pub(super) struct Segment {
    pub(super) records: Vec<Record>,
    /// Who is a person.
    pub(super) users: Bits,
    /// Who is served as part of the company.
    pub(super) present: Bits,
    pub(super) sounds: Sounds,
    /// A row for each record.
    pub(super) names: Column,
    /// Names by each of their characters.
    pub(super) characters: Grams,
    /// Names by two characters side by side.
    pub(super) pairs: Grams,
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
    spellings: Vec<Spelling>,
}

impl Draft {
    fn new(record: Record) -> Self {
        let name = Name::new(record.name(), record.is_user());
        let written = name.folded();
        Self {
            length: name.letters.len(),
            spellings: name.spellings,
            name: written.into(),
            record,
        }
    }

    fn sound(&self) -> &[u8] {
        self.spellings.first().map_or(&[], |spelling| &spelling.sound)
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

        let mut built = Self {
            users: Bits::none(drafts.len()),
            present: Bits::none(drafts.len()),
            ..Self::default()
        };
        let (mut first, mut others) = (Vec::with_capacity(drafts.len()), Vec::new());
        let mut titles: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for (owner, draft) in (0..).zip(drafts) {
            built.names.put(owner, &draft.name);
            if let Record::User(user) = &draft.record {
                built.users.put(owner);
                built.put_facts(owner, &user.facts);
                if let Some(title) = user.facts.title.as_deref().map(folded).filter(|it| !it.is_empty()) {
                    titles.entry(title).or_default().push(owner);
                }
            }
            if draft.record.is_present() {
                built.present.put(owner);
            }

            let mut spellings = draft.spellings.into_iter();
            first.push(spellings.next().unwrap_or_default());
            others.extend(spellings.map(|spelling| (owner, spelling)));
            built.records.push(draft.record);
        }

        let names = built.names.finish(false);
        Self {
            titles: Titles::new(titles),
            sounds: Sounds::build(first, others),
            characters: names.grams(1),
            pairs: names.grams(2),
            names,
            job_numbers: built.job_numbers.finish(true),
            emails: built.emails.finish(true),
            mobiles: built.mobiles.finish(true),
            ..built
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

    /// Who may be found: those who are present, people or departments or both.
    pub(super) fn wanted(&self, users: bool, departments: bool) -> Bits {
        let mut wanted = self.present.clone();
        match (users, departments) {
            (true, true) => {}
            (true, false) => wanted.keep(&self.users),
            (false, true) => wanted.lose(&self.users),
            (false, false) => wanted = Bits::none(self.records.len()),
        }
        wanted
    }

    /// All records but those of kinds that are found.
    pub(super) fn without(&self, found: &Kinds) -> Bits {
        let mut left = Bits::none(self.records.len());
        for (is_user, is_present) in [(true, true), (true, false), (false, true), (false, false)] {
            if found.have(is_user, is_present) {
                continue;
            }
            let mut kind = Bits::all(self.records.len());
            for (having, is_so) in [(&self.users, is_user), (&self.present, is_present)] {
                if is_so { kind.keep(having) } else { kind.lose(having) }
            }
            left.join(&kind);
        }
        left
    }

    /// How a record stands to one of another segment, among equals.
    pub(super) fn cmp(&self, record: u32, other: &Self, others: u32) -> Ordering {
        self.place(record)
            .cmp(&other.place(others))
            .then_with(|| self.records[record as usize].cmp_id(&other.records[others as usize]))
    }

    fn place(&self, record: u32) -> (usize, &[u8], &str) {
        let name = self.names.get(record);
        (name.chars().count(), self.sounds.sound(record), name)
    }
}
