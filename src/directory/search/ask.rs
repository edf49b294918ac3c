//! A segment's answer to one word: pass by pass from the best rank to the worst, until enough is found.

use super::{
    align::Form, bits::Bits, names::NameTest, query::Word, rank::Rank, segment::Segment, sought::Sought, top::Top,
};

impl Segment {
    /// Puts the best matches of `word` into `top`. `contact`: email addresses and mobile numbers are searched, too.
    pub(super) fn ask(&self, word: &Word, contact: bool, top: &mut Top<'_>) {
        let sought = Sought::new(self, word);
        let titles = self.titles.matching(word);
        let digits = word.digits.as_deref().filter(|_| contact);

        self.put_written(word, top);
        self.put_sounds(&sought, top);
        self.job_numbers.put_exact(&word.text, Rank::JobNumberExact, top);
        if contact {
            self.emails.put_exact(&word.text, Rank::EmailExact, top);
        }
        if let Some(digits) = digits {
            self.mobiles.put_exact(digits, Rank::MobileExact, top);
        }
        self.titles.put(&titles, Rank::TitleExact, top);

        self.put_abbreviated(&sought, top);
        self.job_numbers.put_prefix(&word.text, Rank::JobNumberPrefix, top);
        if contact {
            self.emails.put_prefix(&word.text, Rank::EmailPrefix, top);
        }
        if let Some(digits) = digits {
            self.mobiles.put_prefix(digits, Rank::MobilePrefix, top);
        }
        self.titles.put(&titles, Rank::TitlePrefix, top);

        self.put_inside_names(&sought, top);
        if word.is_inside() {
            self.job_numbers.put_inside(&word.text, Rank::JobNumberInside, top);
            if contact {
                self.emails.put_inside(&word.text, Rank::EmailInside, top);
            }
        }
        if let Some(digits) = digits {
            self.mobiles.put_inside(digits, Rank::MobileInside, top);
        }
        self.titles.put(&titles, Rank::TitleInside, top);
    }

    /// Names that are written so, or begin so.
    fn put_written(&self, word: &Word, top: &mut Top<'_>) {
        let begun = self.names.with_prefix(&word.text).iter();
        // Those that are all of it stand first.
        let whole = begun
            .clone()
            .take_while(|name| self.names.get(**name).len() == word.text.len());
        for name in whole {
            top.put(Rank::NameExact, *name);
        }
        for name in begun {
            top.put(Rank::NamePrefix, *name);
        }
    }

    /// Names that begin with these sounds, none of them cut short but the last.
    fn put_sounds(&self, sought: &Sought<'_>, top: &mut Top<'_>) {
        let Some(plain) = &sought.word.plain else {
            return self.put_mixed(sought, top);
        };
        let begun = self.sounds.with_prefix(plain);
        let whole = begun
            .iter()
            .take_while(|number| self.sounds.sound(**number).len() == plain.len());
        for number in whole.filter(|number| !self.sounds.is_other(**number)) {
            top.put(Rank::SoundExact, *number);
        }

        let mut numbers = Bits::none(self.sounds.len());
        numbers.put_all(begun.iter().copied());
        self.walk(&numbers, Rank::SoundPrefix, top, |number| {
            let form = self.sounds.lattice(number, &[]).plain(0, plain)?;
            Some(Rank::of_head(form))
        });
        self.walk_others(&numbers, Rank::OtherReading, top, |_| true);
    }

    /// Names that begin with these characters and sounds.
    fn put_mixed(&self, sought: &Sought<'_>, top: &mut Top<'_>) {
        if !sought.word.is_mixed() {
            return;
        }
        let mut test = NameTest::new(self, sought.word);
        let passes = [
            (Form::Complete, Rank::SoundExact),
            (Form::Typing, Rank::SoundTyping),
            (Form::Abbreviated, Rank::SoundAbbreviated),
        ];
        self.walk_forms(sought, passes, top, |number| test.rank_at_head(number));
        if !top.is_settled(Rank::OtherReading) {
            let names = sought.spelled(Form::Abbreviated);
            self.walk_others(names, Rank::OtherReading, top, |number| {
                test.rank_at_head(number).is_some()
            });
        }
    }

    /// Names that begin with these sounds, cut short.
    fn put_abbreviated(&self, sought: &Sought<'_>, top: &mut Top<'_>) {
        let is_plain = sought.word.plain.as_ref().is_some_and(|plain| plain.len() > 1);
        if !is_plain || top.is_settled(Rank::SoundAbbreviated) {
            return;
        }
        let names = sought.spelled(Form::Abbreviated);
        let mut test = NameTest::new(self, sought.word);
        self.walk(names, Rank::SoundAbbreviated, top, |number| {
            test.is_abbreviated(number).then_some(Rank::SoundAbbreviated)
        });
        self.walk_others(names, Rank::OtherReading, top, |number| test.is_abbreviated(number));
    }

    /// Names that have it inside.
    fn put_inside_names(&self, sought: &Sought<'_>, top: &mut Top<'_>) {
        if top.is_settled(Rank::NameInside) {
            return;
        }
        let mut test = NameTest::new(self, sought.word);
        self.walk(sought.written(), Rank::NameInside, top, |number| {
            test.is_written_in(number).then_some(Rank::NameInside)
        });

        let passes = [
            (Form::Complete, Rank::SoundInside),
            (Form::Typing, Rank::SoundTypingInside),
            (Form::Abbreviated, Rank::SoundAbbreviatedInside),
        ];
        self.walk_forms(sought, passes, top, |number| {
            test.form_inside(number).map(Rank::of_inside)
        });
        if !top.is_settled(Rank::OtherReadingInside) {
            let names = sought.spelled(Form::Abbreviated);
            self.walk_others(names, Rank::OtherReadingInside, top, |number| {
                test.form_inside(number).is_some()
            });
        }
    }

    /// Form by form, each with the best rank that it gives: puts in what `rank` says of first readings.
    fn walk_forms(
        &self,
        sought: &Sought<'_>,
        passes: [(Form, Rank); 3],
        top: &mut Top<'_>,
        mut rank: impl FnMut(u32) -> Option<Rank>,
    ) {
        for (form, best) in passes {
            if !top.is_settled(best) {
                self.walk(sought.spelled(form), best, top, &mut rank);
            }
        }
    }

    /// Puts in what `rank` says of first readings among `names`, none of which is better than `best`.
    pub(super) fn walk(&self, names: &Bits, best: Rank, top: &mut Top<'_>, mut rank: impl FnMut(u32) -> Option<Rank>) {
        let records = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        for number in names.from(0).take_while(|number| *number < records) {
            // The records' order is the order of equals.
            if top.refuses(best, number) {
                break;
            }
            if top.wants(number)
                && let Some(rank) = rank(number)
            {
                top.put(rank, number);
            }
        }
    }

    /// Puts in the records of other readings among `names` that pass a test.
    pub(super) fn walk_others(&self, names: &Bits, rank: Rank, top: &mut Top<'_>, mut is_met: impl FnMut(u32) -> bool) {
        for number in names.from(self.records.len()) {
            let owner = self.sounds.owner(number);
            if top.refuses(rank, owner) {
                break;
            }
            if top.wants(owner) && is_met(number) {
                top.put(rank, owner);
            }
        }
    }

    /// All records that `word` meets.
    pub(super) fn everybody(&self, word: &Word, contact: bool) -> Bits {
        let mut facts = self.facts(word, contact);
        facts.close();
        let mut met = facts.sure.clone();
        met.put_all(facts.maybe.from(0).filter(|owner| facts.has(*owner)));

        let mut test = NameTest::new(self, word);
        for number in Sought::new(self, word).may_be_met().from(0) {
            let owner = self.sounds.owner(number);
            if !met.has(owner) && test.meets(number) {
                met.put(owner);
            }
        }
        met
    }

    /// The records whose names may have `text` inside as they are written.
    pub(super) fn may_have_written(&self, text: &str) -> Bits {
        let is_one = text.chars().nth(1).is_none();
        let grams = if is_one { &self.characters } else { &self.pairs };
        match grams.may_have(text) {
            Some(rows) => {
                let mut owners = Bits::none(self.records.len());
                owners.put_all(rows);
                owners
            }
            None => Bits::all(self.records.len()),
        }
    }
}
