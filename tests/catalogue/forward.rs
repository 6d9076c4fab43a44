//! Forward passes against the conformance tests of the ONNX standard: to 2e-6 of the largest number
//! of each answer, or as exactly as the answer is given.

use crate::case::{assert_close, cases, floats, mean, run_loss, text};
use crate::registry;

#[test]
fn forward_passes_agree_with_the_onnx_conformance_tests() {
    let cases = cases("onnx_forward");
    assert!(cases.len() >= 118, "{} cases", cases.len());
    for case in &cases {
        let y = match registry::layer(text(case, "layer")) {
            Some(layer) => (layer.run)(case).y,
            None => {
                let (losses, _) = run_loss(&*registry::build_loss(case), case);
                if case["config"]["reduction"] == "none" { losses } else { mean(&losses) }
            }
        };
        let tolerance = case["tolerance"].as_f64().unwrap_or(2e-6) as f32;
        assert_close(text(case, "name"), "y", &y, &floats(&case["y"]), tolerance);
    }
}
