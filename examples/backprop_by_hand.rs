//! A two-layer network on MNIST with every derivative written out, and nothing of this library but
//! its data. At the end the library computes the same gradients, and the two must agree.
//!
//! ```text
//! cargo run --example backprop_by_hand
//! ```
//!
//! Forward, for a batch of n images as rows of `x`:
//!
//! ```text
//! a = x·W₁ + b₁          (n, 784)·(784, 32)
//! h = tanh a             (n, 32)
//! z = h·W₂ + b₂          (n, 32)·(32, 10)
//! p = softmax z          (n, 10)
//! L = -(1/n)·Σᵢ ln p[i, label i]
//! ```
//!
//! Backward, from the end to the start, each line by the chain rule from the one before:
//!
//! ```text
//! dz  = (p - onehot)/n               the softmax and the logarithm undo each other
//! dW₂ = hᵀ·dz       db₂ = Σᵢ dzᵢ     z is linear in both
//! dh  = dz·W₂ᵀ
//! da  = dh·(1 - h²)                  tanh' = 1 - tanh²
//! dW₁ = xᵀ·da       db₁ = Σᵢ daᵢ
//! ```

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::{Array1, Array2, ArrayView1, Axis};

/// The parameters, or their gradients: `dw1` has the shape of `w1`.
struct Net {
    w1: Array2<f32>,
    b1: Array1<f32>,
    w2: Array2<f32>,
    b2: Array1<f32>,
}

impl Net {
    fn new(inputs: usize, hidden: usize, classes: usize) -> Self {
        let mut rng = Key::new(1).rng();
        let mut draw = |rows, cols| {
            let mut w = Array2::zeros((rows, cols));
            let values = w.as_slice_mut().expect("a new array is contiguous");
            Init::GlorotUniform.fill(&[rows, cols], &mut rng, values);
            w
        };
        let (w1, w2) = (draw(inputs, hidden), draw(hidden, classes));
        Net { w1, b1: Array1::zeros(hidden), w2, b2: Array1::zeros(classes) }
    }

    /// The loss, the probabilities, and the gradients.
    fn backprop(&self, x: &Array2<f32>, labels: &[usize]) -> (f32, Array2<f32>, Net) {
        let n = labels.len() as f32;

        let a = x.dot(&self.w1) + &self.b1;
        let h = a.mapv(f32::tanh);
        let z = h.dot(&self.w2) + &self.b2;
        let mut p = z;
        for mut row in p.rows_mut() {
            let max = row.fold(f32::NEG_INFINITY, |max, &z| max.max(z));
            row.mapv_inplace(|z| (z - max).exp());
            let sum = row.sum();
            row /= sum;
        }
        let loss = -labels.iter().enumerate().map(|(i, &c)| p[[i, c]].ln()).sum::<f32>() / n;

        let mut dz = p.clone();
        for (i, &label) in labels.iter().enumerate() {
            dz[[i, label]] -= 1.0;
        }
        dz /= n;
        let dw2 = h.t().dot(&dz);
        let db2 = dz.sum_axis(Axis(0));
        let dh = dz.dot(&self.w2.t());
        let da = dh * h.mapv(|h| 1.0 - h * h);
        let dw1 = x.t().dot(&da);
        let db1 = da.sum_axis(Axis(0));
        (loss, p, Net { w1: dw1, b1: db1, w2: dw2, b2: db2 })
    }

    /// Gradient descent: w ← w - lr·dw.
    fn step(&mut self, lr: f32, d: &Net) {
        self.w1.scaled_add(-lr, &d.w1);
        self.b1.scaled_add(-lr, &d.b1);
        self.w2.scaled_add(-lr, &d.w2);
        self.b2.scaled_add(-lr, &d.b2);
    }

    /// All numbers in the library's order.
    fn flat(&self) -> Vec<f32> {
        self.w1.iter().chain(&self.b1).chain(&self.w2).chain(&self.b2).copied().collect()
    }
}

/// Images as rows of numbers in 0..1, and their labels.
fn batch(images: &Images, indices: &[usize]) -> Result<(Array2<f32>, Vec<usize>)> {
    let x = inputs(images, indices)?;
    let pixels = x.len() / indices.len();
    let x = x.into_shape_with_order((indices.len(), pixels)).expect("the same numbers");
    Ok((x, indices.iter().map(|&i| images.label(i).into()).collect()))
}

fn argmax(row: ArrayView1<f32>) -> usize {
    (0..row.len()).max_by(|&i, &j| row[i].total_cmp(&row[j])).unwrap_or(0)
}

fn main() -> Result<()> {
    let mnist = Mnist::sample();
    let mut net = Net::new(784, 32, 10);

    let order: Vec<usize> = (0..mnist.train.len()).collect();
    for epoch in 1..=5 {
        let mut total = 0.0;
        for indices in order.chunks(32) {
            let (x, labels) = batch(&mnist.train, indices)?;
            let (loss, _, gradients) = net.backprop(&x, &labels);
            net.step(0.2, &gradients);
            total += loss * indices.len() as f32;
        }
        println!("epoch {epoch}: loss {:.4}", total / mnist.train.len() as f32);
    }
    let test: Vec<usize> = (0..mnist.test.len()).collect();
    let (x, labels) = batch(&mnist.test, &test)?;
    let (_, p, _) = net.backprop(&x, &labels);
    let right = p.rows().into_iter().zip(&labels).filter(|(p, c)| argmax(*p) == **c).count();
    println!("test accuracy {:.2} %\n", 100.0 * right as f64 / labels.len() as f64);

    // The library, given the same parameters and the same batch.
    let mut model = Sequential::new([28, 28, 1])
        .add(Flatten)?
        .add(Dense::new(32))?
        .add(Tanh)?
        .add(Dense::new(10))?;
    model.set_params(&net.flat())?;
    let first: Vec<usize> = (0..32).collect();
    let (loss, theirs) = model.gradient(&mnist.train, &first, &SoftmaxCrossEntropy)?;

    let (x, labels) = batch(&mnist.train, &first)?;
    let (by_hand, _, gradients) = net.backprop(&x, &labels);
    let ours = gradients.flat();
    let largest = ours.iter().fold(0.0f32, |max, g| max.max(g.abs()));
    let apart = ours.iter().zip(&theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    println!("loss by hand {by_hand:.6}, by the library {loss:.6}");
    println!("{} derivatives, the largest {largest:.4}, differ by at most {apart:.1e}", ours.len());
    assert!((f64::from(by_hand) - loss).abs() < 1e-5, "the losses differ");
    assert!(ours.len() == theirs.len() && apart <= 1e-5 * largest, "the gradients differ");
    println!("the library finds the same gradients");
    print::check()
}
