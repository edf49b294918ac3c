//! Pages of filtered people and departments in any order. A place is what it was when it was told: the list goes on
//! there, whatever went, came or moved.

mod department_people;
mod departments;
mod members;
mod parts;
mod people;
mod sorted;
#[cfg(test)]
mod tests;

pub use department_people::{DepartmentUserList, DepartmentUserPlace};
pub use departments::{DepartmentList, ForestPlace};
pub use members::MemberList;
pub use people::UserList;
