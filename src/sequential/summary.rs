//! The model as a table.

use std::fmt::Write;

use super::Sequential;
use super::node::Node;
use crate::shape;

impl Sequential {
    /// The layers with their output shapes and numbers of parameters, the total, and how many of them
    /// are frozen, if any are.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let model = Sequential::new([4]).add(Dense::new(3))?.add(Relu)?;
    /// assert_eq!(model.summary(), "\
    /// Layer               Output shape    Parameters
    /// ----------------------------------------------
    /// Input               4                        0
    /// Dense(3)            3                       15
    /// Relu                3                        0
    /// ----------------------------------------------
    /// Total                                       15
    /// ");
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn summary(&self) -> String {
        let rows = self.summary_rows();
        let width = rows.iter().map(|row| row.0.chars().count()).max().unwrap_or(0).max(18) + 2;
        let rule = "-".repeat(width + 26);
        let mut table = format!("{:width$}{:16}Parameters\n{rule}\n", "Layer", "Output shape");
        for (name, output, params) in rows {
            writeln!(table, "{name:width$}{output:16}{:>10}", thousands(params))
                .expect("writing to a string");
        }
        let total = thousands(self.param_count());
        writeln!(table, "{rule}\n{:width$}{:16}{total:>10}", "Total", "")
            .expect("writing to a string");
        let arrays = self.graph.nodes.iter().flat_map(|node| &node.arrays);
        let frozen: usize = arrays.filter(|own| own.frozen).map(|own| own.range.len()).sum();
        if frozen > 0 {
            let frozen = thousands(frozen);
            writeln!(table, "{:width$}{:16}{frozen:>10}", "Frozen", "")
                .expect("writing to a string");
        }
        table
    }

    /// The input and each layer: its name, output shape and number of parameters.
    pub(crate) fn summary_rows(&self) -> Vec<(String, String, usize)> {
        let node = |n: &Node| (n.label(), shape::label(&n.output), n.own_params());
        std::iter::once(("Input".to_string(), shape::label(self.input_shape()), 0))
            .chain(self.graph.nodes.iter().map(node))
            .collect()
    }
}

/// `34,826`
pub(crate) fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits"))
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::thousands;

    #[test]
    fn thousands_are_grouped_from_the_right() {
        assert_eq!(
            [0, 999, 1000, 34826, 1_000_000].map(thousands).join(" "),
            "0 999 1,000 34,826 1,000,000"
        );
    }
}
