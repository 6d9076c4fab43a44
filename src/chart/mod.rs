//! Charts, as SVG: the one place that knows axes, ticks, labels and colours.
//!
//! ```
//! use chainrule::chart::Lines;
//!
//! let chart = Lines::new("epoch", "loss")
//!     .line("training", [(1.0, 2.0), (2.0, 0.7), (3.0, 0.2)])
//!     .line("validation", [(1.0, 1.2), (2.0, f64::NAN), (3.0, 0.4)])
//!     .log_y();
//! assert!(chart.svg().starts_with("<svg"));
//! ```
//!
//! A chart has no background, and colours of middle brightness: it can be read on a light page and
//! on a dark one. What is grey takes the colour of the text around it, where a page says so. Only a
//! heat map, whose numbers stand on colours, brings its paper along.
//!
//! [`Lines`] is for all to use; a training run's are in
//! [`History::charts`](crate::metrics::History::charts). The others make the pictures of the
//! [report](crate::report).

mod bars;
mod frame;
mod grid;
mod heat_map;
mod lines;
mod scale;
mod scatter;
mod svg;
#[cfg(test)]
mod tests;

pub(crate) use bars::{Bar, Bars};
pub(crate) use grid::grid;
pub(crate) use heat_map::{Cell, HeatMap};
pub use lines::Lines;
pub(crate) use scatter::Scatter;
pub(crate) use svg::escape;

pub(crate) use crate::text::number;

/// Of series, one after the other: each stands out from white and from black, and neighbours from
/// each other for those who confuse red and green.
const PALETTE: [&str; 6] = ["#2f84d8", "#d9661f", "#2b9a66", "#9a5fd0", "#d6456f", "#a8861a"];
