//! DingTalk's way of asking and answering, independent of any one call.

mod args;
mod call;
mod envelope;
mod refusal;

pub(crate) use args::CallArgs;
pub(crate) use call::Call;
pub(crate) use envelope::{CallResult, Fields, RequestIds, answer, fields, oapi_response, result};
pub(crate) use refusal::Refusal;
