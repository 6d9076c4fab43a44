//! Fifty steps of each optimizer against PyTorch, computed there in 64 bits: to 2e-5 of the largest
//! parameter.

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
        let mut moments = [vec![0.0; params.len()], vec![0.0; params.len()]];
        for (t, gradient) in gradients.iter().enumerate() {
            let [m, v] = &mut moments;
            let lr = optimizer.learning_rate();
            optimizer.step(t as u64 + 1, lr, &mut params, gradient, [m, v]);
            let want = floats(&case["trace"][t]);
            assert_close(name, &format!("step {t}"), &params, &want, 2e-5);
        }
    }
}
