//! The rule of the search for one record: whether and how well it matches, and where. The index finds the same faster.

use std::ops::Range;

use super::{
    align::{Aligner, Form, Lattice, Step},
    matched::{Matched, SearchField, joined},
    name::Name,
    near::Near,
    query::{Query, Word, digits_of},
    rank::Rank,
    record::Record,
    text::{Letter, letters},
};

/// How a record matches a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How well.
    pub rank: Rank,
    /// Where: parts that don't touch, in order.
    pub matches: Vec<Matched>,
}

/// How `record` matches `query`. `contact`: email addresses and mobile numbers are searched, too. What is
/// [near](Near) alone is not looked for.
pub fn judge(record: &Record, query: &Query, contact: bool) -> Option<Judgement> {
    let subject = Subject::new(record, contact);
    let best = [
        subject.by_id(query),
        subject.judge(&query.whole),
        subject.judge_words(query),
    ];
    best.into_iter().flatten().min_by_key(|judgement| judgement.rank)
}

/// How `record` matches what `query` may have meant.
pub fn judge_near(record: &Record, query: &Query) -> Option<Judgement> {
    let subject = Subject::new(record, false);
    let near = Near::of(&query.whole);
    let name = &subject.name;

    let sounds_alike = near.sound.as_ref().is_some_and(|typed| {
        let mut spellings = name.spellings.iter();
        spellings.any(|spelling| {
            let lattice = Lattice {
                sound: &spelling.sound,
                starts: spelling.starts,
                heads: &[],
            };
            lattice.plain(0, typed) == Some(Form::Complete)
        })
    });

    let written = name.folded();
    let is_typo = || near.is_misspelled(&name.spellings[0].sound, &written) || near.is_miswritten(&written);
    let rank = if sounds_alike {
        Rank::SoundsAlike
    } else if is_typo() {
        Rank::Typo
    } else {
        return None;
    };
    Some(Judgement {
        rank,
        matches: part(SearchField::Name, &name.letters).into_iter().collect(),
    })
}

/// A record, taken apart.
struct Subject<'a> {
    record: &'a Record,
    name: Name,
    /// The other texts that are searched by any part of them.
    texts: Vec<(SearchField, [Rank; 3], &'a str)>,
    mobile: Option<&'a str>,
}

impl<'a> Subject<'a> {
    fn new(record: &'a Record, contact: bool) -> Self {
        let name = Name::new(record.name(), record.is_user());
        let mut subject = Self {
            record,
            name,
            texts: Vec::new(),
            mobile: None,
        };

        let Record::User(user) = record else { return subject };
        let facts = &user.facts;
        let mut put = |field, ranks, text: &'a Option<_>| {
            subject.texts.extend(
                text.as_ref()
                    .map(|text: &crate::directory::SharedText| (field, ranks, text.as_str())),
            );
        };
        put(
            SearchField::JobNumber,
            [Rank::JobNumberExact, Rank::JobNumberPrefix, Rank::JobNumberInside],
            &facts.job_number,
        );
        put(
            SearchField::Title,
            [Rank::TitleExact, Rank::TitlePrefix, Rank::TitleInside],
            &facts.title,
        );
        if contact {
            let ranks = [Rank::EmailExact, Rank::EmailPrefix, Rank::EmailInside];
            put(SearchField::Email, ranks, &facts.email);
            put(SearchField::OrgEmail, ranks, &facts.org_email);
            subject.mobile = facts.mobile.as_deref();
        }
        subject
    }

    fn by_id(&self, query: &Query) -> Option<Judgement> {
        let (field, id) = match self.record {
            Record::User(user) => (SearchField::UserId, user.facts.userid.to_string()),
            Record::Department(department) => (SearchField::DeptId, department.facts.dept_id.to_string()),
        };
        (id == query.raw).then(|| Judgement {
            rank: Rank::Id,
            matches: part(field, &letters(&id)).into_iter().collect(),
        })
    }

    /// All words match, each somewhere.
    fn judge_words(&self, query: &Query) -> Option<Judgement> {
        let words = || query.words.iter();
        // By one way to read the name.
        let by_name = |number: usize| words().map(|word| self.of_name(word, number..number + 1)).collect();
        let by_name = (0..self.name.spellings.len()).find_map(|number| -> Option<Vec<_>> { by_name(number) });
        let (rank, each) = match by_name {
            Some(each) => (Rank::WordsOfName, each),
            // What the name alone has must be in one way to read it.
            None if words().any(|word| self.of_facts(word).is_some()) => (
                Rank::Words,
                words().map(|word| self.judge(word)).collect::<Option<Vec<_>>>()?,
            ),
            None => return None,
        };
        let matches = joined(each.into_iter().flat_map(|it| it.matches).collect());
        (!query.words.is_empty()).then_some(Judgement { rank, matches })
    }

    fn judge(&self, word: &Word) -> Option<Judgement> {
        let named = self.of_name(word, 0..self.name.spellings.len());
        let all = named.into_iter().chain(self.of_facts(word));
        all.min_by_key(|judgement| judgement.rank)
    }

    /// By anything but the name.
    fn of_facts(&self, word: &Word) -> Option<Judgement> {
        let texts = self.texts.iter();
        let texts = texts.filter_map(|(field, ranks, text)| of_text(*field, *ranks, text, word));
        texts.chain(self.of_mobile(word)).min_by_key(|judgement| judgement.rank)
    }

    fn of_mobile(&self, word: &Word) -> Option<Judgement> {
        let (mobile, wanted) = (self.mobile?, word.digits.as_ref()?);
        let digits = digits_of(mobile);
        let rank = if digits == *wanted {
            Rank::MobileExact
        } else if digits.starts_with(wanted) {
            Rank::MobilePrefix
        } else if digits.contains(wanted) {
            Rank::MobileInside
        } else {
            return None;
        };

        let kept: Vec<Letter> = letters(mobile)
            .into_iter()
            .filter(|it| it.folded.is_ascii_digit())
            .collect();
        let at = digits.find(wanted)?;
        let matches = part(SearchField::Mobile, &kept[at..at + wanted.len()])
            .into_iter()
            .collect();
        Some(Judgement { rank, matches })
    }

    /// By these of its spellings, or as it is written.
    fn of_name(&self, word: &Word, spellings: Range<usize>) -> Option<Judgement> {
        let [literal, sounded] = [self.of_written_name(word), self.of_sound(word, spellings)];
        literal
            .into_iter()
            .chain(sounded)
            .min_by_key(|judgement| judgement.rank)
    }

    fn of_written_name(&self, word: &Word) -> Option<Judgement> {
        let ranks = [Rank::NameExact, Rank::NamePrefix, Rank::NameInside];
        let found = of_letters(SearchField::Name, ranks, &self.name.letters, word)?;
        (found.rank != Rank::NameInside || word.is_inside_name()).then_some(found)
    }

    fn of_sound(&self, word: &Word, spellings: Range<usize>) -> Option<Judgement> {
        let heads = self.name.heads();
        let mut aligner = Aligner::new();
        let mut best: Option<Judgement> = None;

        for number in spellings {
            let spelling = &self.name.spellings[number];
            let lattice = Lattice {
                sound: &spelling.sound,
                starts: spelling.starts,
                heads: &heads,
            };
            for (unit, at) in lattice.places() {
                let Some(form) = aligner.align(lattice, unit, at, &word.typed) else {
                    continue;
                };
                let units = unit + aligner.steps.len();
                let is_whole = unit == 0 && form == Form::Complete && units == spelling.starts.count_ones() as usize;
                let rank = match (number, unit) {
                    (0, 0) if is_whole => Rank::SoundExact,
                    (0, 0) => Rank::of_head(form),
                    (0, _) => Rank::of_inside(form),
                    (_, 0) => Rank::OtherReading,
                    _ => Rank::OtherReadingInside,
                };
                if best.as_ref().is_none_or(|best| rank < best.rank) {
                    let matches = joined(
                        aligner
                            .steps
                            .iter()
                            .filter_map(|step| self.part_of_name(step))
                            .collect(),
                    );
                    best = Some(Judgement { rank, matches });
                }
            }
        }
        best
    }

    /// A character as a whole, and of a word what was typed of it.
    fn part_of_name(&self, step: &Step) -> Option<Matched> {
        let unit = self.name.units[step.unit];
        let letters = &self.name.letters[unit.from..unit.to];
        let is_word = !step.is_head && super::name::is_typed(letters[0].folded);
        part(
            SearchField::Name,
            if is_word { &letters[..step.taken] } else { letters },
        )
    }
}

fn of_text(field: SearchField, ranks: [Rank; 3], text: &str, word: &Word) -> Option<Judgement> {
    let found = of_letters(field, ranks, &letters(text), word)?;
    let [.., inside] = ranks;
    (found.rank != inside || word.is_inside()).then_some(found)
}

/// All of the letters, their beginning, or some inside: the ranks of these.
fn of_letters(field: SearchField, ranks: [Rank; 3], letters: &[Letter], word: &Word) -> Option<Judgement> {
    let wanted = &word.typed;
    let is_here = |window: &[Letter]| window.iter().map(|it| it.folded).eq(wanted.iter().copied());
    let at = letters.windows(wanted.len()).position(is_here)?;

    let [exact, prefix, inside] = ranks;
    let rank = match at {
        0 if letters.len() == wanted.len() => exact,
        0 => prefix,
        _ => inside,
    };
    Some(Judgement {
        rank,
        matches: part(field, &letters[at..at + wanted.len()]).into_iter().collect(),
    })
}

fn part(field: SearchField, letters: &[Letter]) -> Option<Matched> {
    Some(Matched {
        field,
        from: letters.first()?.from,
        to: letters.last()?.to,
    })
}
