//! The work of building a model: layers are drawn once each, and packed when a pass needs it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use chainrule::prelude::*;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};

/// A layer that counts how often its parameters are listed and packed.
struct Counted {
    listed: Arc<AtomicUsize>,
    packed: Arc<AtomicUsize>,
}

impl Layer for Counted {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(input.to_vec())
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        self.listed.fetch_add(1, Relaxed);
        vec![ParamSpec::new("scale", input, Init::Constant(1.0))]
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        input.iter().product()
    }

    fn pack(&self, _input: &[usize], params: &[f32], packed: &mut [f32], _dx: bool) {
        self.packed.fetch_add(1, Relaxed);
        packed.copy_from_slice(params);
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        params: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _cache: &mut (),
        _pass: Pass<'_>,
    ) {
        assert_eq!(params.values, params.packed);
        y.assign(&(&x * params.packed[0]));
    }

    fn backward(
        &self,
        _params: Params,
        _saved: Saved<()>,
        _dy: ArrayViewMutD<f32>,
        _dx: Option<ArrayViewMutD<f32>>,
        _dparams: &mut [f32],
    ) {
    }
}

#[test]
fn a_model_is_packed_at_its_first_pass_and_not_while_it_is_built() -> Result<()> {
    let [listed, packed] = [0, 0].map(|n| Arc::new(AtomicUsize::new(n)));
    let layer = || Counted { listed: listed.clone(), packed: packed.clone() };
    let mut model = Sequential::new([3]);
    for _ in 0..100 {
        model = model.add(layer())?;
    }
    model = model.initialize(7);
    let mut twos = vec![2.0; model.param_count()];
    twos[..3].fill(1.0);
    model.set_params(&twos)?;
    assert_eq!((listed.load(Relaxed), packed.load(Relaxed)), (100, 0));

    let x = ArrayD::ones(vec![1, 3]);
    for _ in 0..2 {
        assert_eq!(model.predict(&x)?[[0, 0]], 2f32.powi(99));
        assert_eq!(packed.load(Relaxed), 100);
    }
    // From then on, the packed parameters follow each change.
    model.set_params(&vec![1.0; 300])?;
    assert_eq!(packed.load(Relaxed), 200);
    assert_eq!(model.predict(&x)?[[0, 0]], 1.0);

    // A longer model is a new one.
    let longer = model.add(layer())?;
    assert_eq!(packed.load(Relaxed), 200);
    assert_eq!(longer.predict(&x)?[[0, 0]], 1.0);
    assert_eq!(packed.load(Relaxed), 301);
    Ok(())
}
