//! A DingTalk that speaks the wire: for the demo, for tests, for benchmarks and for other people's tests.
//!
//! It shares nothing with the rest of the crate but the clock, so that a mistake in the client is not mirrored here.
//! Both of DingTalk's hosts are served by one listener. Beside them there is a control API below `/control`, without
//! authentication and meant for the loopback interface; `GET /control` lists it.
//!
//! ```text
//! server ─ wire/          reading a call, envelopes, refusals
//!        ├ gateway        a call's way through name, token, permission, throttle, parameters, scope
//!        ├ state          the world behind its lock, and the connections of the event stream
//!        ├ world          what the platform knows
//!        ├ oapi/          the calls of the old API          newapi   those of the new one
//!        ├ company/       the invented company              edits    changes to it, which emit events
//!        ├ notifications/ work notifications                events/  HTTP push and stream
//!        └ control/       what tests and people may ask and change
//! ```
//!
//! The company has exactly the number of people and departments asked for; the root counts. The two home-school
//! departments (negative ids) come on top, because real tenants list them and refuse to read them.

mod company;
mod config;
mod control;
mod edits;
mod events;
mod faults;
mod gateway;
mod leavers;
mod limits;
mod newapi;
mod notifications;
mod oapi;
mod permissions;
mod random;
mod scope;
mod server;
mod state;
mod tokens;
mod wire;
mod world;

pub use company::{GIVEN, SURNAMES};
pub use config::SimulatorConfig;
pub use control::{Control, ControlError};
pub use server::{Simulator, router};
pub use state::SimulatorState;
