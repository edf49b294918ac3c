//! What is wrong with a field of a message, in words that name the remedy.

/// What kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    /// It is missing or empty.
    Required,
    /// It has the wrong form.
    Invalid,
    /// It is longer, or there are more of it, than DingTalk takes.
    TooLong,
}

/// One problem of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Where, below the content, in the names of the GraphQL input (`["actionCard", "multi", "buttons", "2",
    /// "title"]`); empty: the content as a whole.
    pub path: Vec<String>,
    /// What kind of problem.
    pub code: ProblemCode,
    /// The limit and the remedy, a sentence for people.
    pub message: String,
}
