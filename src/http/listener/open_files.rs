//! Open files: each connection is one, and most shells and services begin with a limit of 1,024.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::Connections;

/// What else a server opens: the database, calls to DingTalk, the log.
const OTHERS: usize = 512;

/// Of those who have shown a token, however few files there are.
const FEWEST: usize = 64;

impl Connections {
    /// These, or as many of those with a token as the process may open files for. Its limit is raised first, as far as
    /// the system lets it.
    #[must_use]
    pub fn within_open_files(self) -> Self {
        let files = raised_to(self.files());
        let fitting = self.fitting(files);
        if fitting.known < self.known {
            tracing::warn!(
                open_files = files,
                wanted = self.files(),
                connections = fitting.known,
                "fewer connections are taken than DINGMIRROR_CONNECTIONS says: raise the hard limit of open files"
            );
        }
        fitting
    }

    fn files(&self) -> usize {
        self.known + self.anonymous + OTHERS
    }

    fn fitting(self, files: usize) -> Self {
        let left = files.saturating_sub(self.anonymous + OTHERS);
        Self {
            known: self.known.min(left.max(FEWEST)),
            ..self
        }
    }
}

/// How many files may be open, once that was raised to so many where it can be.
fn raised_to(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = wanted as u64;
    let may = |limit: Option<u64>| limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
    if current.is_none_or(|current| current >= wanted) {
        return may(current);
    }

    let raised = Some(maximum.map_or(wanted, |maximum| maximum.min(wanted)));
    let done = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: raised,
            maximum,
        },
    );
    if let Err(error) = done {
        tracing::warn!(%error, "the limit of open files can't be raised");
    }
    may(getrlimit(Resource::Nofile).current)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_fit_into_the_files_that_may_be_open_and_some_are_always_taken() {
        let limits = Connections {
            known: 12_288,
            ..Connections::default()
        };
        let known = |files| limits.fitting(files).known;
        assert_eq!(known(limits.files()), 12_288);
        assert_eq!(known(limits.files() - 1), 12_287);
        assert_eq!((known(1_024), known(0)), (FEWEST, FEWEST));
    }

    #[test]
    fn the_limit_of_open_files_is_raised_as_far_as_the_system_lets_it() {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let fewer = current.unwrap_or(1_024) - 100;
        let lowered = Rlimit {
            current: Some(fewer),
            maximum,
        };
        setrlimit(Resource::Nofile, lowered).unwrap();
        let (fewer, more) = (usize::try_from(fewer).unwrap(), usize::try_from(fewer + 36).unwrap());
        assert_eq!(
            (raised_to(fewer), raised_to(more), raised_to(fewer)),
            (fewer, more, more)
        );

        let all = raised_to(usize::MAX);
        assert_eq!(all as u64, maximum.unwrap_or(u64::MAX));
        setrlimit(Resource::Nofile, Rlimit { current, maximum }).unwrap();
    }
}
