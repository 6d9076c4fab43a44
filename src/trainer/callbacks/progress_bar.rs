//! How far training is, for the person who waits: a bar in a terminal, lines elsewhere.

use std::fmt::Write;
use std::io::{IsTerminal, Write as _};

use indicatif::{ProgressBar as Bar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::Callback;
use crate::error::Result;
use crate::metrics::Epoch;
use crate::trainer::Run;

/// Printed where the library is compiled without optimization, as Cargo does for a dependency unless told
/// otherwise.
const UNOPTIMIZED: &str = "\
note: chainrule is compiled without optimization, and trains about a hundred times slower. Use
      --release, or add these lines to the Cargo.toml of the program:
          [profile.dev.package.\"*\"]
          opt-level = 3";

/// Shows how far training is on standard error: a bar with images/s and the time left in a
/// terminal, and one line an epoch, there and elsewhere. At the end it prints the
/// [verdict](crate::metrics::History::verdict) on the run.
/// [`Trainer::progress`](crate::trainer::Trainer::progress) adds one.
#[derive(Debug, Clone, Default)]
pub struct ProgressBar {
    /// While training goes on in a terminal.
    bar: Option<Bar>,
}

impl ProgressBar {
    /// One that shows itself when training begins.
    pub fn new() -> Self {
        ProgressBar::default()
    }

    fn start(&self, run: &Run<'_>) {
        if let Some(bar) = &self.bar {
            bar.reset();
            bar.set_position((run.batch() * run.batch_size()) as u64);
            bar.reset_eta();
            bar.set_prefix(format!("epoch {}/{}", run.epoch(), run.epochs()));
        }
    }

    /// A line that stays. A terminal that is closed, or a disk that is full, does not stop training.
    fn print(&self, line: String) {
        let print = || writeln!(std::io::stderr(), "{line}");
        let _ = match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        };
    }
}

impl Callback for ProgressBar {
    fn begin(&mut self, run: &mut Run<'_>) -> Result<()> {
        if std::io::stderr().is_terminal() {
            let target = ProgressDrawTarget::stderr_with_hz(10);
            let bar = Bar::with_draw_target(Some(run.samples() as u64), target);
            self.bar = Some(bar.with_style(style()));
        }
        // The build script passes the level on. `debug_assertions` would not do: a build may have them
        // and be optimized.
        if env!("CHAINRULE_OPT_LEVEL") == "0" {
            self.print(UNOPTIMIZED.to_string());
        }
        if run.epoch() > 1 || run.batch() > 0 {
            self.print(format!("going on in epoch {}, after batch {}", run.epoch(), run.batch()));
        }
        self.start(run);
        Ok(())
    }

    fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if let Some(bar) = &self.bar {
            bar.set_position((run.batch() * run.batch_size()).min(run.samples()) as u64);
            bar.set_message(format!("loss {:.4}", run.loss()));
        }
        Ok(())
    }

    fn epoch(&mut self, run: &mut Run<'_>) -> Result<()> {
        if let Some(epoch) = run.history().last() {
            self.print(line(epoch, run.epochs(), run.samples()));
        }
        self.start(run);
        Ok(())
    }

    fn end(&mut self, run: &mut Run<'_>) -> Result<()> {
        if let Some(reason) = run.stopped() {
            self.print(format!("stopped: {reason}"));
        }
        if let (None, Some(verdict)) = (run.error(), run.history().verdict()) {
            self.print(verdict.to_string());
        }
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        Ok(())
    }
}

fn style() -> ProgressStyle {
    let template = "{prefix} {bar:30} {pos}/{len}  {per_sec}  {eta} left  {msg}";
    let per_sec = |state: &ProgressState, out: &mut dyn Write| {
        // A failure to draw is no reason to stop training.
        let _ = write!(out, "{:.0} images/s", state.per_sec());
    };
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .with_key("per_sec", per_sec)
        .progress_chars("━╸─")
}

/// `epoch 1/3  loss 0.2312  accuracy 92.91 %  2.61 s  22,990 images/s`
fn line(epoch: &Epoch, epochs: usize, samples: usize) -> String {
    let percent = |name: &str, share: Option<f64>| {
        share.map_or(String::new(), |share| format!("  {name} {:.2} %", 100.0 * share))
    };
    let number = |name: &str, value: Option<f64>| {
        value.map_or(String::new(), |value| format!("  {name} {value:.4}"))
    };
    format!(
        "epoch {}/{epochs}  loss {:.4}{}{}{}  {:.2} s  {:.0} images/s",
        epoch.epoch,
        epoch.loss,
        percent("accuracy", epoch.accuracy),
        number("validation loss", epoch.validation_loss),
        percent("accuracy", epoch.validation_accuracy),
        epoch.seconds,
        samples as f64 / epoch.seconds,
    )
}
