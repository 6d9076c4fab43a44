//! Fifty steps of each optimizer and schedule against PyTorch, computed there in 64 bits: to 4e-6 of
//! the largest parameter, and to 5e-7 of the largest factor.

use chainrule::metrics::Epoch;
use chainrule::optim::{Step, schedule::Progress};

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
            assert_close(name, &format!("step {t}"), &params, &want, 4e-6);
        }
    }
}

#[test]
fn fifty_epochs_of_each_schedule_agree_with_pytorch() {
    let [file] = &files("torch_schedules")[..] else { panic!("one file") };
    let finished = |(index, &loss): (usize, &f32)| Epoch {
        epoch: index + 1,
        // Nobody should look at this one, which never falls.
        loss: 1.0,
        accuracy: None,
        validation_loss: Some(loss.into()),
        validation_accuracy: None,
        learning_rate: 0.0,
        seconds: 1.0,
    };
    let losses = floats(&file["losses"]);
    let history: Vec<Epoch> = losses.iter().enumerate().map(finished).collect();
    for case in file["cases"].as_array().unwrap() {
        let (name, want) = (text(case, "name"), floats(&case["trace"]));
        assert_eq!(want.len(), 50);
        let schedule = registry::build_schedule(case);
        schedule.check().unwrap_or_else(|error| panic!("{name}: {error}"));
        let epochs = case["epochs"].as_u64().unwrap() as usize;
        let at = |epoch| Progress { history: &history[..epoch], ..Progress::new(epoch, epochs) };
        let factors: Vec<f32> = (0..50).map(|epoch| schedule.factor(&at(epoch))).collect();
        assert_close(name, "epoch", &factors, &want, 5e-7);
    }
}
