//! State dicts of PyTorch.

use chainrule::prelude::*;

use crate::{Case, fixture, refusal, torch_net};

#[test]
fn state_dicts_give_what_the_net_gives() -> Result<()> {
    let cases = Case::all("torch_state_dicts.json");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let mut model = torch_net();
        model.load_weights(fixture(&case.layer))?;
        case.agrees(&model.predict(&case.x())?);
    }
    Ok(())
}

#[test]
fn layers_can_be_named() -> Result<()> {
    let plain = || WeightFile::read(fixture("torch_plain.pth")).unwrap();
    let mut model = torch_net();
    plain().layers(["conv1", "bn1", "fc1", "fc2"]).load_into(&mut model)?;
    let named = model.params().to_vec();
    plain().load_into(&mut model)?;
    assert_eq!(model.params(), named);
    let swapped = plain().layers(["bn1", "conv1", "fc1", "fc2"]).load_into(&mut model);
    let error = swapped.unwrap_err().to_string();
    assert!(error.contains("`bn1.weight` of shape 3×2×3×3, but found 3"), "{error}");
    assert_eq!(model.params(), named);
    Ok(())
}

#[test]
fn layers_of_another_net_are_named() -> Result<()> {
    let other =
        Sequential::new([6, 6, 2]).add(Conv2d::new(3, 3))?.add(Flatten)?.add(Dense::new(6))?;
    let error = refusal("torch_plain.pth", other);
    assert!(error.contains("(conv1, bn1, fc1, fc2)") && error.contains("(0 Conv2d"), "{error}");
    let norm =
        Sequential::new([6, 6, 2]).add(Conv2d::new(3, 3).bias(false))?.add(BatchNorm::new())?;
    let more = norm.add(Flatten)?.add(Dense::new(6))?.add(Dense::new(6).bias(false))?;
    let error = refusal("torch_plain.pth", more);
    assert!(error.contains("a tensor `conv1.bias` that nothing wants"), "{error}");
    let less = Sequential::new([6, 6, 2]).add(Conv2d::new(3, 3))?.add(BatchNorm::new())?;
    let less = less.add(Flatten)?.add(Dense::new(6))?.add(Dense::new(6))?;
    let error = refusal("torch_plain.pth", less);
    assert!(error.contains("a tensor `fc2.bias`, but the file has none"), "{error}");
    let torch = WeightFile::read(fixture("torch_plain.pth"))?.layout(WeightLayout::Keras);
    let error = torch.load_into(&mut torch_net()).unwrap_err().to_string();
    assert!(error.contains("leave `.layout(..)` out"), "{error}");
    Ok(())
}

#[test]
fn nothing_but_a_state_dict_is_read() {
    let error = refusal("torch_whole_net.pth", torch_net());
    assert!(error.contains("it needs `__main__.Net`, which may run code"), "{error}");
    assert!(error.contains("torch.save(model.state_dict(), path)"), "{error}");
    let error = refusal("torch_old.pth", torch_net());
    assert!(error.contains("before version 1.6") && error.contains("torch.load(path)"), "{error}");
}
