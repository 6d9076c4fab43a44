//! Parameters of a GRU: their products, and where each of them lies.

use crate::layers::product::Product;
use crate::layers::recurrent::sizes::Sizes;

/// The four products, of which the last two are the candidate's.
pub(super) struct Products {
    pub w: Product,
    pub u: Product,
    pub wn: Product,
    pub v: Product,
}

impl Products {
    pub fn new(Sizes { inputs, units, .. }: Sizes) -> Self {
        Products {
            w: Product { inputs, outputs: 2 * units },
            u: Product { inputs: units, outputs: 2 * units },
            wn: Product { inputs, outputs: units },
            v: Product { inputs: units, outputs: units },
        }
    }

    /// Splits packed floats.
    pub fn packed<'a>(&self, packed: &'a [f32]) -> [&'a [f32]; 4] {
        let (w, rest) = packed.split_at(self.w.packed_len());
        let (u, rest) = rest.split_at(self.u.packed_len());
        let (wn, v) = rest.split_at(self.wn.packed_len());
        [w, u, wn, v]
    }
}

/// Lengths of the parameter arrays, in their order.
pub(super) fn lens(p: &Products, reset_before: bool) -> [usize; 7] {
    let units = p.v.outputs;
    let c = if reset_before { 0 } else { units };
    [p.w.len(), p.u.len(), 2 * units, p.wn.len(), p.v.len(), units, c]
}

/// Cuts values into arrays of these lengths.
pub(super) fn split<const N: usize>(mut values: &[f32], lens: [usize; N]) -> [&[f32]; N] {
    lens.map(|len| {
        let (array, rest) = values.split_at(len);
        values = rest;
        array
    })
}

/// Cuts values into arrays of these lengths, to be written.
pub(super) fn split_mut<const N: usize>(values: &mut [f32], lens: [usize; N]) -> [&mut [f32]; N] {
    let mut rest = values;
    lens.map(|len| rest.split_off_mut(..len).expect("the layer's parameters"))
}
