//! Layers that share the parameters of another.

use chainrule::data::Sequences;
use chainrule::prelude::*;
use ndarray::{Array2, array};

/// Words over five letters. The target of each step is the next letter.
fn words() -> Sequences {
    let words = vec![vec![3, 0, 3], vec![1, 2], vec![4], vec![0, 4, 1]];
    let next = vec![vec![0, 3, 1], vec![2, 2], vec![0], vec![4, 1, 0]];
    Sequences::with_steps(words, next, 5).unwrap()
}

/// Tokens in and scores out, by one table.
fn tied() -> Sequential {
    let model = Sequential::new([3]).add(Embedding::new(5, 4)).unwrap();
    let model = model.add(Gru::new(4).every_step()).unwrap();
    model.add(Tied::to(0, Unembedding::new(5))).unwrap().initialize(1)
}

/// The same with two tables of equal numbers.
fn apart(model: &Sequential) -> Sequential {
    let apart = Sequential::new([3]).add(Embedding::new(5, 4)).unwrap();
    let apart = apart.add(Gru::new(4).every_step()).unwrap();
    let mut apart = apart.add(Unembedding::new(5)).unwrap();
    apart.set_params(&[model.params(), &model.params()[..20]].concat()).unwrap();
    apart
}

#[test]
fn the_table_is_there_once_and_its_gradient_is_the_sum_of_both() {
    let (model, loss) = (tied(), SoftmaxCrossEntropy.per_step(5));
    let apart = apart(&model);
    assert_eq!(apart.param_count(), model.param_count() + 20);
    let x = array![[3.0, 0.0, 3.0], [1.0, 2.0, 0.0]];
    assert_eq!(model.predict(&x).unwrap(), apart.predict(&x).unwrap());

    gradcheck_model(&model, &words(), &loss).unwrap();
    let all: Vec<usize> = (0..4).collect();
    let (_, one) = model.gradient(&words(), &all, &loss).unwrap();
    let (_, two) = apart.gradient(&words(), &all, &loss).unwrap();
    for i in 0..20 {
        let sum = two[i] + two[model.param_count() + i];
        assert!((one[i] - sum).abs() < 1e-6, "{i}: {} and {sum}", one[i]);
    }
}

#[test]
fn a_trace_has_the_gradient_of_both_at_the_table() {
    let model = tied();
    let (x, loss) = (array![[3.0, 0.0, 3.0]], SoftmaxCrossEntropy.per_step(5));
    let trace = model.trace_gradient(&x, &[Target::Classes(&[0, 3, 1])], &loss).unwrap();
    let (_, gradient) = model.gradient(&words(), &[0], &loss).unwrap();
    let (name, table) = &trace.gradients[0].params[0];
    assert_eq!(name, "weight");
    for (traced, one) in table.iter().zip(&gradient) {
        assert!((traced - one).abs() < 1e-6, "{traced} and {one}");
    }
    assert!(trace.gradients[2].params.is_empty());
}

#[test]
fn training_files_and_cuts_keep_the_tie() {
    let mut model = tied();
    let before = model.params()[..20].to_vec();
    let mut trainer =
        Trainer::new(SoftmaxCrossEntropy.per_step(5), AdamW::new(0.05, 0.1)).epochs(20);
    let history = trainer.fit(&mut model, &words()).unwrap();
    assert!(history.last().unwrap().loss < history.epochs[0].loss);
    assert_ne!(model.params()[..20], before);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    model.save(&path).unwrap();
    let again = Sequential::load(&path).unwrap();
    assert_eq!(again.summary(), model.summary());
    assert_eq!(again.params(), model.params());
    assert_eq!(again.layers().last().unwrap().tied_to(), Some(0));
    let x = array![[3.0, 0.0, 3.0]];
    assert_eq!(again.predict(&x).unwrap(), model.predict(&x).unwrap());

    let body = model.clone().truncate(2).unwrap();
    assert_eq!(body.params(), model.params());
    assert_eq!(body.add(Tied::to(0, Unembedding::new(5))).unwrap().summary(), model.summary());
}

/// A new table is that of both layers at once.
#[test]
fn a_table_that_is_set_is_set_for_both() {
    let mut model = tied();
    let x = array![[3.0, 0.0, 3.0]];
    model.predict(&x).unwrap();
    let table = Array2::from_shape_fn((5, 4), |(v, j)| (v + 2 * j) as f32 / 10.0);
    model.set_param("0.weight", &table).unwrap();
    assert_eq!(model.predict(&x).unwrap(), apart(&model).predict(&x).unwrap());
    assert!(model.param("2.weight").is_err());
}

/// Frozen, it gets no step from either end.
#[test]
fn a_frozen_table_stays_as_it_is() {
    let mut model = tied().freeze(0).unwrap();
    let before = model.params().to_vec();
    let mut trainer = Trainer::new(SoftmaxCrossEntropy.per_step(5), Adam::new(0.05)).epochs(2);
    trainer.fit(&mut model, &words()).unwrap();
    assert_eq!(model.params()[..20], before[..20]);
    assert_ne!(model.params()[20..], before[20..]);
}

/// The other layer need not be before it on the way from the input.
#[test]
fn branches_may_share() {
    let model = Sequential::new([3])
        .add(
            Branches::add()
                .branch(|x| x.add(Dense::new(4)))
                .branch(|x| x.add(Tied::to(0, Dense::new(4)))?.add(Tanh)),
        )
        .unwrap();
    let data = Arrays::new(array![[0.1, -0.4, 0.9]], array![[1.0, 0.0, 0.5, -1.0]]).unwrap();
    gradcheck_model(&model, &data, &MeanSquaredError).unwrap();
    let frozen = model.freeze(0).unwrap();
    let (_, gradient) = frozen.gradient(&data, &[0], &MeanSquaredError).unwrap();
    assert!(gradient.iter().all(|&g| g == 0.0));
}

#[test]
fn a_tie_that_does_not_fit_is_refused() {
    let model = || Sequential::new([3]).add(Embedding::new(5, 4)).unwrap();
    let refused =
        |to: usize, layer: Unembedding| model().add(Tied::to(to, layer)).unwrap_err().to_string();
    let shapes = refused(0, Unembedding::new(6));
    assert!(
        shapes.contains("wanted parameters of the shapes of those of layer 0, Embedding(5, 4)"),
        "{shapes}"
    );
    let none = refused(1, Unembedding::new(5));
    assert!(none.contains("tied to one of the 1 layers before it"), "{none}");
    let empty = model().add(Relu).unwrap().add(Tied::to(1, Softmax)).unwrap_err();
    assert!(empty.to_string().contains("of layer 1, Relu"), "{empty}");
}
