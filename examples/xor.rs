//! The smallest problem that needs a hidden layer: is exactly one of two inputs set?
//!
//! ```text
//! cargo run --example xor
//! ```

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::prelude::*;
use ndarray::array;

fn main() -> Result<()> {
    let inputs = array![[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]].into_dyn();
    let targets = array![[0.0], [1.0], [1.0], [0.0]].into_dyn();
    let xor = Arrays::new(inputs.clone(), targets)?;

    let mut model =
        Sequential::new([2]).add(Dense::new(8))?.add(Tanh)?.add(Dense::new(1))?.add(Sigmoid)?;
    println!("{}", model.summary());

    let history =
        Trainer::new(MeanSquaredError, Adam::new(0.05)).epochs(500).fit(&mut model, &xor)?;
    for epoch in history.epochs.iter().filter(|epoch| epoch.epoch % 100 == 0) {
        println!("epoch {}: loss {:.6}", epoch.epoch, epoch.loss);
    }

    let outputs = model.predict(&inputs)?;
    for (input, output) in inputs.outer_iter().zip(outputs.iter()) {
        println!("{} xor {} = {output:.3}", input[0], input[1]);
    }
    print::check()
}
