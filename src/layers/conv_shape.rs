//! The shapes of convolutions, and of those that transposed ones are the transposes of.

use super::window::{Padding, Window, image};
use crate::init::Init;
use crate::kernels::{Axis, ConvShape};
use crate::layer::{Mismatch, ParamSpec};

/// A convolution over inputs of this shape, or why it does not fit. Without a number of filters or
/// groups there are as many as channels.
pub(super) fn convolution(
    window: &Window,
    filters: Option<usize>,
    groups: Option<usize>,
    input: &[usize],
) -> Result<ConvShape, Mismatch> {
    let geometry = window.over(input)?;
    let (rows, cols, channels) = (geometry.rows, geometry.cols, geometry.channels);
    let (filters, groups) = (filters.unwrap_or(channels), groups.unwrap_or(channels));
    check("Conv2d", filters, channels, groups)?;
    Ok(ConvShape { rows, cols, channels, filters, groups })
}

/// The convolution from the outputs of a transposed convolution of `filters` back to its inputs.
pub(super) fn transposed(
    window: &Window,
    output_padding: [usize; 2],
    filters: usize,
    groups: usize,
    input: &[usize],
) -> Result<ConvShape, Mismatch> {
    let [h, w, c] = image(input)?;
    check("ConvTranspose2d", filters, c, groups)?;
    let rows = transposed_axis(window, 0, h, output_padding[0])?;
    let cols = transposed_axis(window, 1, w, output_padding[1])?;
    Ok(ConvShape { rows, cols, channels: filters, filters: c, groups })
}

/// The weights and, if it has one, the bias of a convolution of `filters`.
pub(super) fn params(weight: [usize; 4], filters: usize, init: Init, bias: bool) -> Vec<ParamSpec> {
    let mut params = vec![ParamSpec::new("weight", &weight, init)];
    if bias {
        params.push(ParamSpec::new("bias", &[filters], Init::Zeros));
    }
    params
}

/// Splits the parameters of a convolution into the kernel and the bias, if there is one.
pub(super) fn split(params: &[f32], bias: Option<usize>) -> (&[f32], Option<&[f32]>) {
    match bias {
        Some(filters) => {
            let (kernel, bias) = params.split_at(params.len() - filters);
            (kernel, Some(bias))
        }
        None => (params, None),
    }
}

fn check(layer: &str, filters: usize, channels: usize, groups: usize) -> Result<(), Mismatch> {
    if filters == 0 {
        let fix = format!("`{layer}::new` takes the filters first");
        return Err(Mismatch::new("at least one filter", fix));
    }
    if groups > 0 && channels.is_multiple_of(groups) && filters.is_multiple_of(groups) {
        return Ok(());
    }
    Err(Mismatch::new(
        format!(
            "groups that divide its channels and filters; {groups} do not divide {channels} and {filters}"
        ),
        "use 1 to have no groups",
    ))
}

/// One axis of the convolution behind a transposed one, which has `n` outputs.
fn transposed_axis(
    window: &Window,
    axis: usize,
    n: usize,
    output_padding: usize,
) -> Result<Axis, Mismatch> {
    let (kernel, stride) = (window.kernel[axis], window.stride[axis]);
    let (dilation, extent) = (window.dilation[axis], window.extent(axis)?);
    if output_padding > 0 && output_padding >= stride.max(dilation) {
        return Err(Mismatch::new(
            format!(
                "an output padding less than its stride or its dilation; it is {output_padding} for a stride of {stride}"
            ),
            "leave it out, or make it what the convolution's rounding took off",
        ));
    }
    let (pad, input) = if window.padding == Padding::Same {
        let input = n.saturating_mul(stride);
        (window.pads(axis, input)?[0], input.saturating_add(output_padding))
    } else {
        let [before, after] = window.pads(axis, n)?;
        let reach = (n.max(1) - 1).saturating_mul(stride).saturating_add(extent + output_padding);
        if reach <= before + after {
            return Err(Mismatch::new(
                format!("padding of less than the {reach} pixels that it is taken off from"),
                "use less padding, or a larger kernel",
            ));
        }
        (before, reach - before - after)
    };
    Ok(Axis { input, kernel, stride, dilation, pad, output: n })
}
