//! DingTalk's events from its push or its stream to an answer of the API.

mod arriving;
mod channels;
mod crowded;
mod forged;
mod late;
mod matches;
mod replies;
mod rig;
mod stopping;
mod storm;
