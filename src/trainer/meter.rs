//! How far training is, for the person who waits: a bar in a terminal, lines elsewhere.

use std::io::IsTerminal;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Epoch;

/// Where progress goes.
pub(super) enum Meter {
    Silent,
    Lines { epochs: usize, samples: usize },
    Bar { epochs: usize, samples: usize, bar: ProgressBar },
}

impl Meter {
    pub fn new(wanted: bool, epochs: usize, samples: usize) -> Self {
        if !wanted {
            return Meter::Silent;
        }
        if !std::io::stderr().is_terminal() {
            return Meter::Lines { epochs, samples };
        }
        let template = "{prefix} {bar:30} {pos}/{len}  {per_sec}  {eta} left  {msg}";
        let style = ProgressStyle::with_template(template)
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .with_key(
                "per_sec",
                |state: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
                    // A failure to draw is no reason to stop training.
                    let _ = write!(out, "{:.0} images/s", state.per_sec());
                },
            )
            .progress_chars("━╸─");
        let target = ProgressDrawTarget::stderr_with_hz(10);
        let bar = ProgressBar::with_draw_target(Some(samples as u64), target).with_style(style);
        Meter::Bar { epochs, samples, bar }
    }

    /// An epoch begins.
    pub fn start(&mut self, epoch: usize) {
        if let Meter::Bar { epochs, bar, .. } = self {
            bar.reset();
            bar.set_prefix(format!("epoch {epoch}/{epochs}"));
        }
    }

    /// A batch of `n` samples is done; `loss` is the epoch's mean so far.
    pub fn step(&mut self, n: usize, loss: f64) {
        if let Meter::Bar { bar, .. } = self {
            bar.inc(n as u64);
            bar.set_message(format!("loss {loss:.4}"));
        }
    }

    /// An epoch is over: its line stays.
    pub fn finish(&mut self, epoch: &Epoch) {
        match self {
            Meter::Silent => {}
            Meter::Lines { epochs, samples } => eprintln!("{}", line(epoch, *epochs, *samples)),
            Meter::Bar { epochs, samples, bar } => {
                bar.suspend(|| eprintln!("{}", line(epoch, *epochs, *samples)));
                if epoch.epoch == *epochs {
                    bar.finish_and_clear();
                }
            }
        }
    }

    /// Training stops early.
    pub fn abandon(&mut self) {
        if let Meter::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
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
