//! Several inputs, and branches that meet: what is computed, and what is refused.

use chainrule::prelude::*;
use ndarray::{ArrayD, array};

fn refusal(model: Result<Sequential>) -> String {
    model.unwrap_err().to_string()
}

#[test]
fn a_slice_keeps_a_range_of_channels() -> Result<()> {
    let model = Sequential::new([2, 4]).add(Slice::new(1..3))?;
    assert_eq!(model.output_shape(), [2, 2]);
    let x = array![[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]].into_dyn();
    let y = array![[[2.0, 3.0], [6.0, 7.0]]].into_dyn();
    assert_eq!(model.predict(&x)?, y);

    let slice = |range| refusal(Sequential::new([28, 28, 3]).add(Slice::new(range)));
    assert_eq!(
        slice(2..5),
        "layer 0, Slice(2..5), cannot follow the input, which gives 28×28×3: \
         wanted at least 5 channels; choose a range within 0..3",
    );
    assert!(slice(1..1).contains("wanted a range that is not empty"), "{}", slice(1..1));
    Ok(())
}

#[test]
fn branches_that_end_in_a_view_stand_side_by_side_by_the_shape_of_the_view() -> Result<()> {
    let block = Branches::concatenate().branch(|x| x.add(Flatten)).branch(|x| x.add(Flatten));
    let model = Sequential::new([2, 2]).add(block)?;
    let x = array![[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]].into_dyn();
    let y = model.predict(&x)?;
    let rows = [[1.0, 2.0, 3.0, 4.0].repeat(2), [5.0, 6.0, 7.0, 8.0].repeat(2)];
    assert_eq!(y, ArrayD::from_shape_vec(vec![2, 8], rows.concat()).unwrap());
    Ok(())
}

#[test]
fn gates_multiply_values_or_whole_channels() -> Result<()> {
    let halves = || Branches::multiply().branch(|x| x.add(Slice::new(0..2)));
    let gated = Sequential::new([3, 4]).add(halves().branch(|x| x.add(Slice::new(2..4))))?;
    let x = ArrayD::from_shape_fn(vec![1, 3, 4], |i| (4 * i[1] + i[2] + 1) as f32);
    let y = array![[[1.0 * 3.0, 2.0 * 4.0], [5.0 * 7.0, 6.0 * 8.0], [9.0 * 11.0, 10.0 * 12.0]]];
    assert_eq!(gated.predict(&x)?, y.into_dyn());
    assert!(gated.summary().contains("└ Multiply"), "{}", gated.summary());

    // The mean of a channel times each of its pixels.
    let block = Branches::multiply().branch(Ok).branch(|x| x.add(GlobalAvgPool2d));
    let model = Sequential::new([2, 1, 2]).add(block)?;
    let x = array![[[[1.0, 10.0]], [[3.0, 30.0]]], [[[2.0, 0.0]], [[2.0, 4.0]]]].into_dyn();
    let y = array![[[[2.0, 200.0]], [[6.0, 600.0]]], [[[4.0, 0.0]], [[4.0, 8.0]]]].into_dyn();
    assert_eq!(model.predict(&x)?, y);

    let three = halves().branch(|x| x.add(Slice::new(1..4)));
    let error = refusal(Sequential::new([3, 4]).add(three));
    assert!(
        error.contains("they give 3×2 and 3×3; give the first branch the most values"),
        "{error}"
    );
    let turned = Branches::multiply().branch(|x| x.add(GlobalAvgPool2d)).branch(Ok);
    let error = refusal(Sequential::new([2, 1, 2]).add(turned));
    assert!(error.contains("they give 2 and 2×1×2"), "{error}");
    assert!(
        refusal(Sequential::new([2]).add(Branches::multiply())).contains("at least one branch")
    );
    Ok(())
}

#[test]
fn a_frozen_branch_gets_no_gradient_and_the_other_gets_its_own() -> Result<()> {
    let block = Branches::multiply()
        .branch(|x| x.add(Slice::new(0..2))?.add(Dense::new(3)))
        .branch(|x| x.add(Slice::new(2..4))?.add(Dense::new(3))?.add(Sigmoid));
    let free = Sequential::new([4]).add(block)?.initialize(1);
    let x = ArrayD::from_shape_fn(vec![20, 4], |i| ((7 * i[0] + 3 * i[1]) % 5) as f32 - 2.0);
    let t = ArrayD::from_shape_fn(vec![20, 3], |i| ((3 * i[0] + i[1]) % 4) as f32);
    let data = Arrays::new(x, t)?;
    let samples: Vec<usize> = (0..20).collect();
    let (_, wanted) = free.gradient(&data, &samples, &MeanSquaredError)?;
    let frozen = free.freeze(1)?;
    let (_, gradient) = frozen.gradient(&data, &samples, &MeanSquaredError)?;
    assert!(gradient[..9].iter().all(|&g| g == 0.0));
    assert!(gradient[9..] == wanted[9..]);
    Ok(())
}

#[test]
fn branches_that_do_not_meet_are_refused() {
    fn refused(block: impl Block, told: &str) {
        let error = Sequential::new([6, 6, 2]).add(Relu).unwrap().add(block).unwrap_err();
        assert_eq!(error.to_string(), told);
    }
    let behind = "cannot follow Relu, which gives 6×6×2: wanted";
    refused(
        Residual::new(|x| x.add(Conv2d::new(3, 1))),
        &format!(
            "layer 2, Residual, {behind} branches of one shape to add, and they give 6×6×3 and 6×6×2; \
             give the shorter branch a projection, such as a 1×1 convolution, to the other's shape"
        ),
    );
    refused(
        Branches::concatenate().branch(Ok).branch(|x| x.add(MaxPool2d::new(2))),
        &format!(
            "layer 2, Concatenate, {behind} branches that differ in their last axis only, and they \
             give 6×6×2 and 3×3×2; let all branches use the same strides and paddings"
        ),
    );
    refused(
        Branches::append().branch(Ok).branch(|x| x.add(Conv2d::new(3, 1))),
        &format!(
            "layer 2, Append, {behind} branches that differ in their first axis only, and they give \
             6×6×2 and 6×6×3; let all branches give steps of as many features"
        ),
    );
    refused(
        Branches::add(),
        &format!("layer 1, Add, {behind} at least one branch; give it branches"),
    );
    // An error within a branch is the same as elsewhere.
    refused(
        Residual::new(|x| x.add(Tanh)?.add(Dense::new(3))),
        "layer 2, Dense(3), cannot follow Tanh, which gives 6×6×2: wanted samples with one axis of \
         features; add `Flatten` before it",
    );
    refused(
        Residual::new(|_| Sequential::new([6, 6, 2]).add(Relu)?.add(Relu)),
        "a branch of Residual gave back another model: let it add to the model that it is given, and \
         return that",
    );
}
