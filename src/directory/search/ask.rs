//! A segment's answer to one word: pass by pass from the best rank to the worst, until enough is found.

use super::{
    align::{Aligner, Form},
    name::is_typed,
    names::NameTest,
    query::Word,
    rank::Rank,
    segment::Segment,
    top::Top,
};

impl Segment {
    /// Puts the best matches of `word` into `top`. `contact`: email addresses and mobile numbers are searched, too.
    pub(super) fn ask(&self, word: &Word, contact: bool, top: &mut Top<'_>) {
        let titles = self.titles.matching(word);
        let digits = word.digits.as_deref().filter(|_| contact);

        self.put_written(word, top);
        self.put_sounds(word, top);
        self.job_numbers.put_exact(&word.text, Rank::JobNumberExact, top);
        if contact {
            self.emails.put_exact(&word.text, Rank::EmailExact, top);
        }
        if let Some(digits) = digits {
            self.mobiles.put_exact(digits, Rank::MobileExact, top);
        }
        self.titles.put(&titles, Rank::TitleExact, top);

        self.put_abbreviated(word, top);
        self.job_numbers.put_prefix(&word.text, Rank::JobNumberPrefix, top);
        if contact {
            self.emails.put_prefix(&word.text, Rank::EmailPrefix, top);
        }
        if let Some(digits) = digits {
            self.mobiles.put_prefix(digits, Rank::MobilePrefix, top);
        }
        self.titles.put(&titles, Rank::TitlePrefix, top);

        self.put_inside_names(word, top);
        if word.is_inside() {
            self.job_numbers
                .put_inside(&word.text, word.runs, Rank::JobNumberInside, top);
            if contact {
                self.emails.put_inside(&word.text, word.runs, Rank::EmailInside, top);
            }
        }
        if let Some(digits) = digits {
            self.mobiles
                .put_inside(digits, super::signature::runs(digits), Rank::MobileInside, top);
        }
        self.titles.put(&titles, Rank::TitleInside, top);
    }

    /// Names that are written so, or begin so.
    fn put_written(&self, word: &Word, top: &mut Top<'_>) {
        for name in self.names.with_prefix(&word.text) {
            let is_all = self.names.get(*name).len() == word.text.len();
            top.put(if is_all { Rank::NameExact } else { Rank::NamePrefix }, *name);
        }
    }

    /// Names that begin with these sounds, none of them cut short but the last.
    fn put_sounds(&self, word: &Word, top: &mut Top<'_>) {
        let Some(plain) = &word.plain else {
            return self.put_mixed(word, top);
        };
        for number in self.sounds.with_prefix(plain) {
            let owner = self.sounds.owners[number];
            let rank = if self.sounds.is_other[number] {
                Rank::OtherReading
            } else if self.sounds.sound(number).len() == plain.len() {
                Rank::SoundExact
            } else if self.sounds.lattice(number, &[]).plain(0, plain) == Some(Form::Complete) {
                Rank::SoundPrefix
            } else {
                Rank::SoundTyping
            };
            top.put(rank, owner);
        }
    }

    /// Names that begin with these characters and sounds.
    fn put_mixed(&self, word: &Word, top: &mut Top<'_>) {
        if !word.is_mixed() {
            return;
        }

        let first = word.typed[0];
        let begun: Vec<usize> = if is_typed(first) {
            let letter = u8::try_from(first).unwrap_or_default();
            self.sounds.with_prefix(&[letter]).collect()
        } else {
            let names = self.names.with_prefix(first.encode_utf8(&mut [0; 4])).iter();
            names.flat_map(|name| self.sounds.of(*name)).collect()
        };

        let (mut aligner, mut heads) = (Aligner::new(), Vec::new());
        for number in begun {
            if !self.sounds.signatures[number].may_meet(word.needed) {
                continue;
            }
            let owner = self.sounds.owners[number];
            self.sounds.heads(number, self.names.get(owner), &mut heads);
            let lattice = self.sounds.lattice(number, &heads);
            let Some(form) = aligner.align(lattice, 0, 0, &word.typed) else {
                continue;
            };
            let is_all = form == Form::Complete && aligner.steps.len() == lattice.starts.count_ones() as usize;
            let rank = match self.sounds.is_other[number] {
                true => Rank::OtherReading,
                false if is_all => Rank::SoundExact,
                false => Rank::of_head(form),
            };
            top.put(rank, owner);
        }
    }

    /// Names that begin with these sounds, cut short.
    fn put_abbreviated(&self, word: &Word, top: &mut Top<'_>) {
        let Some(plain) = word.plain.as_ref().filter(|plain| plain.len() > 1) else {
            return;
        };
        if top.is_settled(Rank::SoundAbbreviated) {
            return;
        }

        let mut aligner = Aligner::new();
        for number in self.sounds.with_prefix(&plain[..1]) {
            if self.sounds.signatures[number].may_meet(word.needed)
                && aligner.cut_short(self.sounds.lattice(number, &[]), 0, 0, &word.typed)
            {
                let is_other = self.sounds.is_other[number];
                let rank = if is_other {
                    Rank::OtherReading
                } else {
                    Rank::SoundAbbreviated
                };
                top.put(rank, self.sounds.owners[number]);
            }
        }
    }

    /// Names that have it inside.
    fn put_inside_names(&self, word: &Word, top: &mut Top<'_>) {
        if top.is_settled(Rank::NameInside) {
            return;
        }
        let mut test = NameTest::new(self, word);
        for (number, signature) in self.sounds.signatures.iter().enumerate() {
            if signature.may_meet(word.needed)
                && let Some(rank) = test.rank_inside(number)
            {
                top.put(rank, self.sounds.owners[number]);
            }
        }
    }

    /// All records that `word` meets, marked.
    pub(super) fn everybody(&self, word: &Word, contact: bool) -> Vec<bool> {
        let mut met = self.by_facts(word, contact);
        let mut test = NameTest::new(self, word);
        // One letter is looked for at the beginning alone, and names have no bit for that.
        for name in self.names.with_prefix(&word.text) {
            met[*name as usize] = true;
        }
        for (number, signature) in self.sounds.signatures.iter().enumerate() {
            let owner = self.sounds.owners[number] as usize;
            if !met[owner] && signature.may_meet(word.needed) {
                met[owner] = test.meets(number);
            }
        }
        met
    }

    /// All records that `word` meets by anything but the name, marked.
    pub(super) fn by_facts(&self, word: &Word, contact: bool) -> Vec<bool> {
        let mut met = vec![false; self.records.len()];
        let mut mark = |owners: &mut dyn Iterator<Item = u32>| owners.for_each(|owner| met[owner as usize] = true);

        mark(&mut self.job_numbers.everybody(word));
        if contact {
            mark(&mut self.emails.everybody(word));
            if let Some(digits) = &word.digits {
                mark(&mut self.mobiles.everybody_with(digits));
            }
        }
        for (_, title) in self.titles.matching(word) {
            mark(&mut self.titles.holders(title).iter().copied());
        }
        met
    }
}
