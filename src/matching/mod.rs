//! The matching engine: writes down whom callers asked for, follows links and identities of other replicas, and records
//! when somebody is somebody else than they were. Beside it: asking DingTalk for a mobile number.

mod causes;
mod context;
mod engine;
mod grounds;
mod mobiles;
mod notes;
mod rounds;
mod why;

pub use engine::Matching;
pub use mobiles::{MobileAnswer, MobileError, Mobiles};
