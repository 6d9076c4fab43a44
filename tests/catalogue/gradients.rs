//! Gradients of every layer and loss: against JAX in 64 bits, to 2e-6 of the largest number of each
//! answer, and against slopes measured from the forward pass.

use crate::case::{assert_close, cases, floats, run_loss, text};
use crate::registry;

#[test]
fn gradients_agree_with_jax() {
    for case in &cases("jax_") {
        let name = text(case, "name");
        match registry::layer(text(case, "layer")) {
            Some(layer) => {
                let run = (layer.run)(case);
                assert_close(name, "y", &run.y, &floats(&case["y"]), 2e-6);
                assert_close(name, "dx", &run.dx, &floats(&case["dx"]), 2e-6);
                assert_close(name, "dparams", &run.dparams, &floats(&case["dparams"]), 2e-6);
            }
            None => {
                let run = run_loss(&*registry::build_loss(case), case);
                assert_close(name, "loss", &[run.mean()], &floats(&case["y"]), 2e-6);
                assert_close(name, "dx", &run.dx, &floats(&case["dx"]), 2e-6);
            }
        }
    }
}

#[test]
fn gradients_of_layers_are_the_slopes_of_their_forward_passes() {
    for layer in registry::layers() {
        println!("{}", layer.name);
        (layer.check)();
    }
}

#[test]
fn gradients_of_losses_are_their_slopes() {
    for loss in registry::losses() {
        println!("{}", loss.name);
        (loss.check)();
    }
}
