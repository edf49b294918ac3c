//! How well a record matches: exact before the beginning before inside, names before numbers before addresses before
//! titles.

use super::align::Form;

/// The best first. Between equals the shorter name comes first, then the order of pinyin, then the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say how much of which field is met")]
pub enum Rank {
    NameExact,
    SoundExact,
    JobNumberExact,
    EmailExact,
    MobileExact,
    Id,
    TitleExact,
    NamePrefix,
    SoundPrefix,
    SoundTyping,
    SoundAbbreviated,
    OtherReading,
    JobNumberPrefix,
    EmailPrefix,
    MobilePrefix,
    TitlePrefix,
    NameInside,
    SoundInside,
    SoundTypingInside,
    SoundAbbreviatedInside,
    OtherReadingInside,
    JobNumberInside,
    EmailInside,
    MobileInside,
    TitleInside,
    /// Several words, all of them in the name.
    WordsOfName,
    /// Several words, in whatever fields.
    Words,
    /// Other characters that sound alike; only where nothing else is found.
    SoundsAlike,
    /// One letter is wrong, missing, too many, or two are swapped; only where nothing else is found.
    Typo,
}

impl Rank {
    /// Of a name that was spelled from its beginning.
    pub(super) const fn of_head(form: Form) -> Self {
        match form {
            Form::Complete => Self::SoundPrefix,
            Form::Typing => Self::SoundTyping,
            Form::Abbreviated => Self::SoundAbbreviated,
        }
    }

    /// Of a name that was spelled from a later unit on.
    pub(super) const fn of_inside(form: Form) -> Self {
        match form {
            Form::Complete => Self::SoundInside,
            Form::Typing => Self::SoundTypingInside,
            Form::Abbreviated => Self::SoundAbbreviatedInside,
        }
    }
}
