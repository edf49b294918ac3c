//! A walk under way: what it has written, counted and met.

use std::time::Instant;

use async_graphql::{PathSegment, resolver_utils::EnumType};

use super::{
    context::WalkContext,
    halt::{Failure, Halt, Stop},
};
use crate::graphql::admission::Allowance;

/// After so many nodes a walk looks at the clock.
const NODES_BETWEEN_LOOKS: usize = 64;

/// What an error takes beside what is written.
const ERROR_BYTES: usize = 1_024;

/// What a walk may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct WalkBudget {
    /// Fields and list items.
    pub(super) nodes: usize,
    /// Bytes.
    pub(super) bytes: usize,
    /// Bytes in the turn of a large answer: what may be used as soon as the walk has it.
    pub(super) bytes_in_turn: usize,
    /// When it has to be done.
    pub(super) until: Option<Instant>,
}

/// A walk under way.
pub(crate) struct Walk<'w> {
    context: WalkContext<'w>,
    budget: WalkBudget,
    /// Who gives the turn of a large answer.
    allowance: Option<&'w Allowance>,
    out: Vec<u8>,
    nodes: usize,
    errors: Vec<Failure>,
}

/// What came of a walk.
pub(super) struct WalkedPart {
    pub(super) json: Vec<u8>,
    pub(super) nodes: usize,
    /// What made nullable values null.
    pub(super) errors: Vec<Failure>,
}

impl<'w> Walk<'w> {
    pub(super) fn new(context: WalkContext<'w>, budget: WalkBudget, allowance: Option<&'w Allowance>) -> Self {
        Self {
            context,
            budget,
            allowance,
            out: Vec::with_capacity(256),
            nodes: 0,
            errors: Vec::new(),
        }
    }

    pub(super) fn done(self) -> WalkedPart {
        WalkedPart {
            json: self.out,
            nodes: self.nodes,
            errors: self.errors,
        }
    }

    /// What getters are told.
    pub(crate) fn context(&self) -> WalkContext<'w> {
        self.context
    }

    /// What has been written.
    pub(super) fn out(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    /// Writes the name of an enum's value.
    pub(crate) fn write_name<T: EnumType>(&mut self, value: &T) {
        // Every value is one of them.
        let name = T::items().iter().find(|item| item.value == *value);
        self.out.push(b'"');
        self.out.extend_from_slice(name.map_or("", |item| item.name).as_bytes());
        self.out.push(b'"');
    }

    /// Counts a field or a list item.
    pub(super) fn count_node(&mut self) -> Result<(), Halt> {
        if self.nodes >= self.budget.nodes {
            return Err(Halt::Stopped(Stop::Nodes));
        }
        self.nodes += 1;

        if self.out.len() + self.errors.len() * ERROR_BYTES > self.budget.bytes {
            self.become_large()?;
        }
        if self.nodes.is_multiple_of(NODES_BETWEEN_LOOKS) {
            self.look_at_clock()?;
        }
        Ok(())
    }

    /// Stops where the time is over: also behind a getter that may have taken long.
    pub(crate) fn look_at_clock(&self) -> Result<(), Halt> {
        match self.budget.until {
            Some(until) if Instant::now() > until => Err(Halt::Stopped(Stop::Time)),
            _ => Ok(()),
        }
    }

    /// Goes on in the turn of a large answer, if that is free: what is written needn't be written again.
    #[cold]
    fn become_large(&mut self) -> Result<(), Halt> {
        let may_grow = self.budget.bytes < self.budget.bytes_in_turn;
        if may_grow && self.allowance.is_some_and(Allowance::become_large_at_once) {
            self.budget.bytes = self.budget.bytes_in_turn;
            return Ok(());
        }
        Err(Halt::Stopped(Stop::Bytes))
    }

    /// Writes what stands one step further in: the errors that are met there have the step in their path.
    pub(super) fn step(
        &mut self,
        step: impl Fn() -> PathSegment,
        write: impl FnOnce(&mut Self) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let met = self.errors.len();
        let written = write(self);
        for failure in self.errors.iter_mut().skip(met) {
            failure.push(step());
        }
        written.map_err(|halt| halt.below(step))
    }

    /// Writes a value that may be null, and is where something fails in it.
    pub(super) fn nullable(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Halt>) -> Result<(), Halt> {
        let begun = self.out.len();
        match write(self) {
            Err(Halt::Failed(failure)) => {
                self.out.truncate(begun);
                self.out.extend_from_slice(b"null");
                self.errors.push(*failure);
                Ok(())
            }
            written => written,
        }
    }
}
