//! Code that rests on guesses: which call sites it guessed at, and how often it has been made anew because it guessed wrong.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bytecode::func::{CallSite, FuncId};
use rustc_hash::FxHashMap;

use crate::queue::Request;
use crate::ssa::Guess;

/// After being made anew so often, code makes the calls that it guessed wrong itself, and never changes again.
const PATIENCE: u32 = 4;

type Key = (FuncId, Option<u32>);

#[derive(Default)]
struct Known {
    /// By the site's address: what guesses at it.
    rests_on: FxHashMap<usize, Vec<Request>>,
    again: FxHashMap<Key, u32>,
}

#[derive(Default)]
pub struct Guesses {
    known: Mutex<Known>,
}

fn address(site: &CallSite) -> usize {
    std::ptr::from_ref(site) as usize
}

fn key(request: &Request) -> Key {
    (request.func.id, request.head)
}

impl Guesses {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is to be no more guessing.
    pub fn is_cautious(&self, request: &Request) -> bool {
        let again = self.lock().again.get(&key(request)).copied();
        again.is_some_and(|n| n >= PATIENCE)
    }

    /// Notes what new code guesses. False when a guess has become wrong meanwhile: the code is to be made anew.
    pub fn add(&self, request: Request, guesses: &[Guess]) -> bool {
        let mut known = self.lock();
        for guess in guesses {
            let resting = known.rests_on.entry(address(guess.site)).or_default();
            if !resting.iter().any(|r| key(r) == key(&request)) {
                resting.push(request);
            }
        }
        // After the entries: who changes a site looks for them afterwards.
        let holds = guesses.iter().all(Guess::holds);
        if !holds {
            *known.again.entry(key(&request)).or_default() += 1;
        }
        holds
    }

    /// What is to be made anew because the site is known for something else now.
    pub fn changed(&self, site: &CallSite) -> Vec<Request> {
        let mut known = self.lock();
        let requests = known.rests_on.remove(&address(site)).unwrap_or_default();
        for request in &requests {
            *known.again.entry(key(request)).or_default() += 1;
        }
        requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runtime::func_table::FuncTable;

    #[test]
    fn what_rests_on_a_wrong_guess_is_made_anew_and_becomes_cautious() {
        let funcs = FuncTable::new();
        // SAFETY: handles are immortal.
        let [func, callee, other] = [0; 3].map(|_| unsafe { &*funcs.new_func(0) });
        let request = Request { func, head: None };
        let guesses = Guesses::default();
        for round in 0..PATIENCE {
            assert!(!guesses.is_cautious(&request), "after {round}");
            let index = funcs.sites.add();
            let site = funcs.sites.get(index);
            funcs.sites.note(index, callee);
            assert!(guesses.add(request, &[Guess::now(site)]));
            funcs.sites.note(index, other);
            let again = guesses.changed(site);
            assert_eq!(again.len(), 1);
            assert!(guesses.changed(site).is_empty());
        }
        assert!(guesses.is_cautious(&request));
        let loops = Request {
            head: Some(7),
            ..request
        };
        assert!(!guesses.is_cautious(&loops));
    }

    #[test]
    fn a_guess_may_be_wrong_before_the_code_is_there() {
        let funcs = FuncTable::new();
        // SAFETY: as above.
        let [func, callee] = [0; 2].map(|_| unsafe { &*funcs.new_func(0) });
        let index = funcs.sites.add();
        let guess = Guess::now(funcs.sites.get(index));
        funcs.sites.note(index, callee);
        let request = Request { func, head: None };
        assert!(!Guesses::default().add(request, &[guess]));
    }
}
