//! The object-safe twin of [`Layer`]: layers of different caches in one list.
//!
//! This is the one place that downcasts. A cache is made by the same layer that gets it back, so
//! the cast cannot fail.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use ndarray::{ArrayViewD, ArrayViewMutD};

use crate::layer::{Layer, Lengths, Mismatch, ParamSpec, Params, Pass, Saved};

pub(crate) trait ErasedLayer: Any + Send + Sync {
    fn name(&self) -> String;
    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch>;
    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec>;
    fn packed_len(&self, input: &[usize]) -> usize;
    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool);
    fn fuse(&self, next: &dyn Any) -> Option<Arc<dyn ErasedLayer>>;
    fn is_view(&self) -> bool;
    fn output_length(
        &self,
        input: &[usize],
        output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch>;
    fn check_input(&self, x: &[f32]) -> Result<(), Mismatch>;
    fn new_cache(&self, input: &[usize], max_batch: usize) -> Box<dyn Any + Send>;
    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut (dyn Any + Send),
        pass: Pass<'_>,
    );
    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, dyn Any + Send>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    );

    /// Number of sums of [`BatchSums`](crate::layer::batch_sums::BatchSums), or `None` without them.
    fn sums_len(&self, input: &[usize]) -> Option<usize>;
    fn add_forward_sums(&self, x: ArrayViewD<'_, f32>, lengths: Lengths<'_>, sums: &mut [f64]);
    fn take_forward_sums(&self, sums: &[f64], cache: &mut (dyn Any + Send));
    fn add_backward_sums(
        &self,
        saved: Saved<'_, dyn Any + Send>,
        dy: ArrayViewD<'_, f32>,
        sums: &mut [f64],
    );
    fn take_backward_sums(&self, sums: &[f64], cache: &mut (dyn Any + Send));
    fn update_statistics(&self, sums: &[f64], params: &mut [f32]);
}

impl<L: Layer> ErasedLayer for L {
    fn name(&self) -> String {
        Layer::name(self)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Layer::output_shape(self, input)
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        Layer::param_specs(self, input)
    }

    fn packed_len(&self, input: &[usize]) -> usize {
        Layer::packed_len(self, input)
    }

    fn pack(&self, input: &[usize], params: &[f32], packed: &mut [f32], dx: bool) {
        Layer::pack(self, input, params, packed, dx);
    }

    fn fuse(&self, next: &dyn Any) -> Option<Arc<dyn ErasedLayer>> {
        Layer::fuse(self, next).map(|layer| Arc::new(layer) as Arc<dyn ErasedLayer>)
    }

    fn is_view(&self) -> bool {
        Layer::is_view(self)
    }

    fn output_length(
        &self,
        input: &[usize],
        output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        Layer::output_length(self, input, output, length)
    }

    fn check_input(&self, x: &[f32]) -> Result<(), Mismatch> {
        Layer::check_input(self, x)
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> Box<dyn Any + Send> {
        Box::new(Layer::new_cache(self, input, max_batch))
    }

    fn forward(
        &self,
        params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut (dyn Any + Send),
        pass: Pass<'_>,
    ) {
        Layer::forward(self, params, x, y, downcast::<L::Cache>(cache), pass);
    }

    fn backward(
        &self,
        params: Params<'_>,
        saved: Saved<'_, dyn Any + Send>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        dparams: &mut [f32],
    ) {
        Layer::backward(self, params, saved.downcast(), dy, dx, dparams);
    }

    fn sums_len(&self, input: &[usize]) -> Option<usize> {
        self.batch_sums().map(|sums| sums.len(input))
    }

    fn add_forward_sums(&self, x: ArrayViewD<'_, f32>, lengths: Lengths<'_>, sums: &mut [f64]) {
        if let Some(layer) = self.batch_sums() {
            layer.add_forward(x, lengths, sums);
        }
    }

    fn take_forward_sums(&self, sums: &[f64], cache: &mut (dyn Any + Send)) {
        if let Some(layer) = self.batch_sums() {
            layer.take_forward(sums, downcast::<L::Cache>(cache));
        }
    }

    fn add_backward_sums(
        &self,
        saved: Saved<'_, dyn Any + Send>,
        dy: ArrayViewD<'_, f32>,
        sums: &mut [f64],
    ) {
        if let Some(layer) = self.batch_sums() {
            layer.add_backward(saved.downcast(), dy, sums);
        }
    }

    fn take_backward_sums(&self, sums: &[f64], cache: &mut (dyn Any + Send)) {
        if let Some(layer) = self.batch_sums() {
            layer.take_backward(sums, downcast::<L::Cache>(cache));
        }
    }

    fn update_statistics(&self, sums: &[f64], params: &mut [f32]) {
        if let Some(layer) = self.batch_sums() {
            layer.update_statistics(sums, params);
        }
    }
}

fn downcast<Cache: 'static>(cache: &mut (dyn Any + Send)) -> &mut Cache {
    cache.downcast_mut().expect("a layer gets back the cache that it made")
}

impl<'a> Saved<'a, dyn Any + Send> {
    fn downcast<Cache: 'static>(self) -> Saved<'a, Cache> {
        let Saved { x, y, cache, lengths } = self;
        Saved { x, y, cache: downcast(cache), lengths }
    }
}

impl fmt::Debug for dyn ErasedLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}
