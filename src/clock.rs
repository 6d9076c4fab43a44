//! Time, where the machine has a clock.
//!
//! [`Instant::now`] and `SystemTime::now` panic on `wasm32-unknown-unknown`, which has none. There no
//! time passes: all durations are 0.

#[cfg(feature = "tensorboard")]
use std::time::SystemTime;
use std::time::{Duration, Instant};

/// `true` where the standard library has a clock.
const EXISTS: bool = !cfg!(all(target_family = "wasm", target_os = "unknown"));

/// Measures the time since it was started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    pub fn start() -> Self {
        Stopwatch(EXISTS.then(Instant::now))
    }

    /// Returns the time since the start, 0 without a clock.
    pub fn elapsed(&self) -> Duration {
        self.0.map_or(Duration::ZERO, |start| start.elapsed())
    }
}

/// Returns the time since the first of January 1970 in UTC, 0 without a clock.
#[cfg(feature = "tensorboard")]
pub(crate) fn since_1970() -> Duration {
    let now = if EXISTS { SystemTime::now() } else { SystemTime::UNIX_EPOCH };
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
