//! Fifty steps of each optimizer against PyTorch, computed there in 64 bits: to 2e-5 of the largest
//! parameter.

use chainrule::prelude::*;

use crate::case::{assert_close, files, floats, text};
use crate::registry;

#[test]
fn fifty_steps_of_each_optimizer_agree_with_pytorch() {
    let [file] = &files("torch_optimizers")[..] else { panic!("one file") };
    let gradients: Vec<Vec<f32>> =
        file["gradients"].as_array().unwrap().iter().map(floats).collect();
    assert_eq!(gradients.len(), 50);
    for case in file["cases"].as_array().unwrap() {
        let name = text(case, "name");
        let optimizer = registry::build_optimizer(case);
        let mut params = floats(&case["start"]);
        let mut moments = [0, 1, 2].map(|_| vec![0.0; params.len()]);
        let mut memory = 1.0;
        for (t, gradient) in gradients.iter().enumerate() {
            let [m, v, u] = &mut moments;
            let number = t as u64 + 1;
            memory = optimizer.remember(number, memory);
            let at = Step { memory, ..Step::new(number, optimizer.learning_rate()) };
            optimizer.step(at, &mut params, gradient, [m, v, u]);
            let want = floats(&case["trace"][t]);
            assert_close(name, &format!("step {t}"), &params, &want, 2e-5);
        }
    }
}
