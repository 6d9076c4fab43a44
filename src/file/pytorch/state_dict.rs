//! The state dict in a pickle: tensors by name.

use super::object::{Id, Object, View};
use super::pickle::Objects;

/// Keys under which programs save a state dict together with other things, such as the optimizer's.
const WRAPPED: [&str; 4] = ["state_dict", "model_state_dict", "model", "net"];

/// Returns the tensors of a state dict by name, in its order. An error is a reason.
pub(super) fn views(objects: &Objects) -> Result<Vec<(String, &View)>, String> {
    let Object::Dict(items) = objects.get(objects.root) else {
        return Err("it holds no state dict; save one in PyTorch with \
                    `torch.save(model.state_dict(), path)`"
            .into());
    };
    tensors(objects, wrapped(objects, items)?)
}

/// Returns the items of the state dict within a dictionary, which may be itself.
fn wrapped<'a>(objects: &'a Objects, items: &'a [(Id, Id)]) -> Result<&'a [(Id, Id)], String> {
    if items.iter().any(|&(_, value)| matches!(objects.get(value), Object::View(_))) {
        return Ok(items);
    }
    let mut found = items.iter().filter_map(|&(key, value)| {
        let (Object::Text(key), Object::Dict(items)) = (objects.get(key), objects.get(value))
        else {
            return None;
        };
        WRAPPED.contains(&&**key).then_some(&items[..])
    });
    match (found.next(), found.next()) {
        (Some(items), None) => Ok(items),
        _ => Err(format!(
            "it holds a dictionary of {}, and not one of tensors by name; save the state dict alone: \
             `torch.save(model.state_dict(), path)`",
            keys(objects, items)
        )),
    }
}

fn tensors<'a>(
    objects: &'a Objects,
    items: &[(Id, Id)],
) -> Result<Vec<(String, &'a View)>, String> {
    let named = |&(key, value): &(Id, Id)| match (objects.get(key), objects.get(value)) {
        (Object::Text(name), Object::View(view)) => Ok((name.to_string(), view)),
        (Object::Text(name), _) => Err(format!(
            "`{name}` in its state dict is no tensor; leave it out before `torch.save`"
        )),
        _ => Err("its state dict has a key that is no text".into()),
    };
    items.iter().map(named).collect()
}

/// Returns the first keys of a dictionary as text.
fn keys(objects: &Objects, items: &[(Id, Id)]) -> String {
    let text = |&(key, _): &(Id, Id)| match objects.get(key) {
        Object::Text(key) => format!("`{key}`"),
        _ => "a key that is no text".into(),
    };
    match &items.iter().take(8).map(text).collect::<Vec<_>>()[..] {
        [] => "nothing".into(),
        keys => keys.join(", "),
    }
}
