//! Forward passes against the conformance tests of the ONNX standard: to 5e-7 of the largest number
//! of each answer, or as exactly as the answer is given.

use crate::case::{assert_close, cases, floats, run_loss, text};
use crate::registry;

#[test]
fn forward_passes_agree_with_the_onnx_conformance_tests() {
    let cases = cases("onnx_forward");
    assert!(cases.len() >= 236, "{} cases", cases.len());
    for case in &cases {
        let y = match registry::layer(text(case, "layer")) {
            Some(layer) => (layer.run)(case).y,
            None => {
                let run = run_loss(&*registry::build_loss(case), case);
                match case["config"]["reduction"].as_str() {
                    Some("none") => run.weighted,
                    Some("sum") => vec![run.sum()],
                    _ => vec![run.mean()],
                }
            }
        };
        let tolerance = case["tolerance"].as_f64().unwrap_or(5e-7) as f32;
        assert_close(text(case, "name"), "y", &y, &floats(&case["y"]), tolerance);
    }
}
