//! Joins: the outputs of several branches become one.

mod add;
mod append;
mod concatenate;
mod contract;
mod multiply;

pub(super) use add::Add;
pub(super) use append::Append;
pub(super) use concatenate::Concatenate;
pub(super) use contract::{Inputs, Join, Part};
pub(super) use multiply::Multiply;

/// Returns the join that a file calls by this name.
pub(super) fn named(name: &str) -> Option<&'static dyn Join> {
    match name {
        // A residual block is a sum of two branches.
        "Residual" => Some(&Add),
        _ => [&Add as &dyn Join, &Append, &Concatenate, &Multiply]
            .into_iter()
            .find(|own| own.name() == name),
    }
}
