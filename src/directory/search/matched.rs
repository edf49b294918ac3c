//! What of a record matched: the field, and where in it.

/// The fields that are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SearchField {
    /// The name.
    Name,
    /// The job number.
    JobNumber,
    /// The personal email address.
    Email,
    /// The company's email address.
    OrgEmail,
    /// The mobile number.
    Mobile,
    /// The title.
    Title,
    /// The `userid`, as a whole.
    UserId,
    /// The `dept_id`, as a whole.
    DeptId,
}

/// A part of a field, in UTF-16 code units: what JavaScript's `slice` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Matched {
    /// Which field.
    pub field: SearchField,
    /// Where it begins.
    pub from: u32,
    /// Where it ends: the first one behind it.
    pub to: u32,
}

/// Parts that touch are one.
pub(super) fn joined(mut parts: Vec<Matched>) -> Vec<Matched> {
    parts.sort_unstable();
    let mut joined: Vec<Matched> = Vec::with_capacity(parts.len());
    for part in parts {
        match joined.last_mut() {
            Some(last) if last.field == part.field && part.from <= last.to => last.to = last.to.max(part.to),
            _ => joined.push(part),
        }
    }
    joined
}
