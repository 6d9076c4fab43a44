//! Normalizations against plain loops, in training and in prediction.

use chainrule::prelude::*;
use chainrule::random::Key;
use chainrule::reference;
use ndarray::Array1;
use proptest::prelude::*;

use super::fast::{Fast, normal};
use super::{Check, close, config, rows, view};

pub const CHECKS: [Check; 3] =
    [("BatchNorm", batch_norm), ("LayerNorm", layer_norm), ("GroupNorm", group_norm)];

/// Number that is added to variances: large, so that sets of nearly equal values do not magnify
/// rounding.
const EPSILON: f32 = 1e-2;

fn batch_norm() {
    proptest!(config(), |(
        n in 1usize..5,
        input in prop::collection::vec(1usize..7, 0..3),
        channels in 1usize..40,
        momentum in 0.0f32..1.0,
        seed in any::<u64>(),
    )| {
        let layer = BatchNorm::new().epsilon(EPSILON).momentum(momentum);
        let shape = [&[n], &input[..], &[channels]].concat();
        let train = Mode::Train(Noise::new(Key::new(seed), 0));
        let fast = Fast::run_on(&layer, normal(&shape, Key::new(seed)), train, seed);
        let (x, dy) = (rows(&fast.x, channels), rows(&fast.dy, channels));
        let (x, dy) = (x.view(), dy.view());
        let [scale, shift] = [view(&fast.params[0]), view(&fast.params[1])];
        let (mean, variance) = reference::batch_moments(x);
        let moments = [mean.view(), variance.view()];
        let y = reference::batch_norm(x, [scale, shift], moments, EPSILON);
        close("y of BatchNorm in training", &fast.y, &y);
        let (dx, dscale, dshift) = reference::batch_norm_backward(x, scale, dy, EPSILON);
        close("dx of BatchNorm in training", &fast.dx, &dx);
        close("dscale of BatchNorm in training", &fast.dparams[0], &dscale);
        close("dshift of BatchNorm in training", &fast.dparams[1], &dshift);

        let running = [view(&fast.params[2]), view(&fast.params[3])];
        let mut sums = vec![0.0; layer.batch_sums().unwrap().len(&shape[1..])];
        let mut params: Vec<f32> = fast.params.iter().flatten().copied().collect();
        layer.batch_sums().unwrap().add_forward(fast.x.view(), Lengths::FULL, &mut sums);
        layer.batch_sums().unwrap().update_statistics(&sums, &mut params);
        let moved = Array1::from(params.split_off(2 * channels)).into_dyn();
        let moved = rows(&moved, channels);
        let followed = reference::follow_batch(running, moments, x.nrows(), momentum);
        close("running mean", &moved.row(0).into_dyn().to_owned(), &followed[0]);
        close("running variance", &moved.row(1).into_dyn().to_owned(), &followed[1]);

        let fast = Fast::run(&layer, &shape[1..], n, seed);
        let y = reference::batch_norm(x, [scale, shift], running, EPSILON);
        close("y of BatchNorm in prediction", &fast.y, &y);
        let (dx, dscale, dshift) =
            reference::batch_norm_fixed_backward(x, scale, running, dy, EPSILON);
        close("dx of BatchNorm in prediction", &fast.dx, &dx);
        close("dscale of BatchNorm in prediction", &fast.dparams[0], &dscale);
        close("dshift of BatchNorm in prediction", &fast.dparams[1], &dshift);
    });
}

fn layer_norm() {
    proptest!(config(), |(
        n in 1usize..5,
        input in prop::collection::vec(1usize..9, 1..4),
        axes in 1usize..4,
        seed in any::<u64>(),
    )| {
        let layer = LayerNorm::new().axes(axes.min(input.len())).epsilon(EPSILON);
        let fast = Fast::run(&layer, &input, n, seed);
        let m = fast.params[0].len();
        let (x, dy) = (rows(&fast.x, m), rows(&fast.dy, m));
        let [scale, shift] = [0, 1].map(|i| fast.params[i].flatten().into_owned());
        let y = reference::layer_norm(x.view(), scale.view(), shift.view(), EPSILON);
        close("y of LayerNorm", &fast.y, &y);
        let (dx, dscale, dshift) =
            reference::layer_norm_backward(x.view(), scale.view(), dy.view(), EPSILON);
        close("dx of LayerNorm", &fast.dx, &dx);
        close("dscale of LayerNorm", &fast.dparams[0], &dscale);
        close("dshift of LayerNorm", &fast.dparams[1], &dshift);
    });
}

fn group_norm() {
    proptest!(config(), |(
        n in 1usize..4,
        (h, w) in (1usize..7, 1usize..7),
        (groups, size) in (1usize..5, 1usize..9),
        seed in any::<u64>(),
    )| {
        let layer = GroupNorm::new(groups).epsilon(EPSILON);
        let fast = Fast::run(&layer, &[h, w, groups * size], n, seed);
        let (x, dy) = (view(&fast.x), view(&fast.dy));
        let [scale, shift] = [view(&fast.params[0]), view(&fast.params[1])];
        let y = reference::group_norm(x, scale, shift, groups, EPSILON);
        close("y of GroupNorm", &fast.y, &y);
        let (dx, dscale, dshift) = reference::group_norm_backward(x, scale, dy, groups, EPSILON);
        close("dx of GroupNorm", &fast.dx, &dx);
        close("dscale of GroupNorm", &fast.dparams[0], &dscale);
        close("dshift of GroupNorm", &fast.dparams[1], &dshift);
    });
}
