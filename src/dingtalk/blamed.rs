//! Which calls a firewall answers with its page although it answers others: it objects to that very request, and bans
//! nobody.

use std::sync::Mutex;

use tokio::time::Instant;

use crate::settings::Api;

/// So many calls are remembered; in a ban no more are under way.
const REMEMBERED: usize = 512;

/// Reading calls that met a page, and when their hosts answered last.
#[derive(Debug, Default)]
pub(super) struct Blamed(Mutex<Encounters>);

/// Who met a page, and who was answered.
#[derive(Debug, Default)]
struct Encounters {
    /// Host, call, and when it met the page.
    met: Vec<(String, CallKey, Instant)>,
    /// Host, and when it answered anything.
    answered: Vec<(String, Instant)>,
}

/// Which call it was: the same one asks for the same thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CallKey {
    pub(super) api: Api,
    pub(super) body: Option<String>,
}

impl Blamed {
    /// `host` answered this call.
    pub(super) fn answered(&self, host: &str, asked: &CallKey) {
        let now = Instant::now();
        let mut state = self.lock();
        state.met.retain(|(at, met, _)| at != host || met != asked);

        match state.answered.iter_mut().find(|(at, _)| at == host) {
            Some((_, last)) => *last = now,
            None => {
                if state.answered.len() >= REMEMBERED {
                    state.answered.remove(0);
                }
                state.answered.push((host.to_owned(), now));
            }
        }
    }

    /// `host` showed its page for this call. Whether it is the call's fault: the second page in a row, and others were
    /// answered between.
    pub(super) fn is_to_blame(&self, host: &str, asked: &CallKey) -> bool {
        let mut state = self.lock();
        let known = state.met.iter().find(|(at, met, _)| at == host && met == asked);
        if let Some((_, _, since)) = known {
            let since = *since;
            return state.answered.iter().any(|(at, last)| at == host && *last > since);
        }

        if state.met.len() >= REMEMBERED {
            state.met.remove(0);
        }
        state.met.push((host.to_owned(), asked.clone(), Instant::now()));
        false
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Encounters> {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(user: &str) -> CallKey {
        CallKey {
            api: Api::UserGet,
            body: Some(user.to_owned()),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_meets_the_page_again_though_others_were_answered_is_to_blame() {
        let (blamed, host) = (Blamed::default(), "dingtalk.com");
        let tick = || tokio::time::advance(std::time::Duration::from_secs(1));
        blamed.answered(host, &asked("b"));
        tick().await;
        assert!(!blamed.is_to_blame(host, &asked("a")), "the first page may be a ban");
        tick().await;
        assert!(!blamed.is_to_blame(host, &asked("a")), "nobody was answered since");
        blamed.answered("elsewhere.example", &asked("b"));
        assert!(!blamed.is_to_blame(host, &asked("a")), "another host's answer");

        blamed.answered(host, &asked("b"));
        assert!(!blamed.is_to_blame(host, &asked("c")), "another call");
        assert!(blamed.is_to_blame(host, &asked("a")));
        assert!(blamed.is_to_blame(host, &asked("a")), "and so it is from now on");

        blamed.answered(host, &asked("a"));
        tick().await;
        assert!(
            !blamed.is_to_blame(host, &asked("a")),
            "it was answered: it may be a ban"
        );
    }
}
