//! Jobs on a few threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::{Result, TrainError};

/// Works on all jobs, on up to `workers` threads, of which this is one. A thread hands over each result with its job's
/// number, one thread at a time, before it takes the next job. An error of `done` ends it all
/// after the jobs that have begun.
pub(super) fn in_parallel<T: Sync, R>(
    jobs: &[T],
    workers: usize,
    work: impl Fn(&T) -> R + Sync,
    done: impl FnMut(usize, R) -> Result<()> + Send,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let hand_over = Mutex::new((done, Ok(())));
    let worker = || {
        while let Some((i, job)) = take(jobs, &next) {
            let result = work(job);
            let mut guard = hand_over.lock().unwrap_or_else(PoisonError::into_inner);
            let (done, outcome) = &mut *guard;
            if outcome.is_ok() {
                *outcome = done(i, result);
            }
            if outcome.is_err() {
                break;
            }
        }
    };
    thread::scope(|scope| -> Result<()> {
        for _ in 1..workers.min(jobs.len()) {
            thread::Builder::new().spawn_scoped(scope, worker).map_err(|error| {
                TrainError::Threads { threads: workers, reason: error.to_string() }
            })?;
        }
        worker();
        Ok(())
    })?;
    hand_over.into_inner().unwrap_or_else(PoisonError::into_inner).1
}

/// The next job that nobody has taken, and its number.
fn take<'a, T>(jobs: &'a [T], next: &AtomicUsize) -> Option<(usize, &'a T)> {
    let i = next.fetch_add(1, Ordering::Relaxed);
    jobs.get(i).map(|job| (i, job))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::SearchError;

    #[test]
    fn every_job_is_done_once() {
        for workers in [1, 2, 3, 64] {
            let jobs: Vec<usize> = (0..20).collect();
            let mut results = [0; 20];
            let done = |i: usize, result: usize| {
                results[i] += result;
                Ok(())
            };
            in_parallel(&jobs, workers, |job| job + 1, done).unwrap();
            assert!((0..20).all(|i| results[i] == i + 1), "{workers} workers");
        }
    }

    #[test]
    fn an_error_ends_it_after_what_has_begun() {
        let ran = AtomicUsize::new(0);
        let jobs = [(); 1000];
        let work = |_: &()| {
            thread::sleep(std::time::Duration::from_millis(1));
            ran.fetch_add(1, Ordering::Relaxed)
        };
        let fail = |_, _| {
            Err(SearchError::Setting { setting: "this", came: 1, wanted: "different" }.into())
        };
        assert!(in_parallel(&jobs, 2, work, fail).is_err());
        assert!(ran.into_inner() < 100);
    }
}
