//! Entries of batch normalization.

use chainrule::file::Registry;
use chainrule::prelude::*;

use super::LayerEntry;
use crate::case::{Config, run};
use crate::files::survives;

pub fn entries() -> Vec<LayerEntry> {
    vec![LayerEntry {
        name: "BatchNorm",
        fixture: "batch_norm",
        run: |case| run(BatchNorm::new().epsilon(Config(&case["config"]).float("epsilon")), case),
        check: || {
            // Of a single sample of features, all that is left after normalizing is the shift.
            for (shape, n) in [(&[4][..], 5), (&[17], 3), (&[3, 4, 2], 1), (&[3, 4, 2], 3)] {
                gradcheck(&BatchNorm::new(), shape, n).unwrap();
            }
            let norm = BatchNorm::new().momentum(0.01).epsilon(0.1);
            let model = Sequential::new([3, 4, 2]).add(norm).unwrap().add(Relu).unwrap();
            survives(model, &Registry::default());
        },
    }]
}
