//! An `.h5` file of Keras: groups of layers with lists of names as attributes.

use hdf5_reader::error::Error;
use hdf5_reader::group::Group;
use hdf5_reader::{Dataset, Hdf5File, OpenOptions};
use safetensors::Dtype;
use serde_json::Value;

use crate::file::tensors::Part;

/// Most bytes of tensors in a file, as a multiple of its own.
pub(super) const UNPACKED: usize = 4;

/// Opens a file in memory. An error is a reason, a clause without its capital.
pub(super) fn open(bytes: &[u8]) -> Result<Hdf5File, String> {
    let limits = OpenOptions::default()
        .with_max_read_bytes(bytes.len().saturating_mul(UNPACKED))
        .with_max_chunk_bytes(bytes.len().saturating_mul(UNPACKED));
    Hdf5File::from_bytes_with_options(bytes, limits).map_err(damaged)
}

pub(super) fn damaged(error: Error) -> String {
    format!("its HDF5 data is damaged or of an unknown kind ({error}); copy or save it again")
}

/// Reads the tensors in the order of the layers, and the model's description if there is one.
pub(super) fn read(bytes: &[u8]) -> Result<(Vec<Part>, Option<Value>), String> {
    let file = open(bytes)?;
    let root = file.root_group().map_err(damaged)?;
    let config = match root.attribute("model_config") {
        Ok(text) => {
            let text = text.read_string().map_err(damaged)?;
            let config = serde_json::from_str(&text);
            Some(config.map_err(|error| format!("its `model_config` is no JSON ({error})"))?)
        }
        Err(_) => None,
    };
    let layers = root.group("model_weights").unwrap_or(root);
    let names = names(&layers, "layer_names")?.ok_or(
        "it lists no layers, as one of `save_weights` in Keras 3; save the whole model: \
         `model.save(\"model.keras\")`",
    )?;
    let (mut parts, mut left) = (Vec::new(), bytes.len().saturating_mul(UNPACKED));
    for layer in names {
        let group = layers.group(&layer).map_err(damaged)?;
        for name in self::names(&group, "weight_names")?.unwrap_or_default() {
            // `sequential/dense/kernel:0`, or `kernel`.
            let (path, array) = name.rsplit_once('/').unwrap_or(("", &name));
            let array = array.split(':').next().unwrap_or_default();
            let own = path.rsplit('/').next().filter(|own| !own.is_empty()).unwrap_or(&layer);
            let array = if array == "depthwise_kernel" { "kernel" } else { array };
            let at = name.split('/').collect::<Vec<_>>();
            let (at, folders) = at.split_last().ok_or("a name is empty")?;
            let mut home = group.clone();
            for folder in folders {
                home = home.group(folder).map_err(damaged)?;
            }
            let dataset = home.dataset(at).map_err(damaged)?;
            parts.push(part(format!("{own}.{array}"), &dataset, &mut left)?);
        }
    }
    Ok((parts, config))
}

/// Returns the texts of an attribute, which Keras cuts into several of numbered names if they are long.
fn names(group: &Group, name: &str) -> Result<Option<Vec<String>>, String> {
    let strings = |attribute: hdf5_reader::Attribute| {
        // No names at all have the type of numbers.
        match attribute.num_elements() {
            Ok(0) => Ok(Vec::new()),
            _ => attribute.read_strings().map_err(damaged),
        }
    };
    if let Ok(whole) = group.attribute(name) {
        return strings(whole).map(Some);
    }
    let chunks = (0..).map_while(|number| group.attribute(&format!("{name}{number}")).ok());
    let chunks = chunks.map(strings).collect::<Result<Vec<_>, _>>()?;
    Ok((!chunks.is_empty()).then(|| chunks.concat()))
}

/// Reads an array, of at most as many bytes as are left.
pub(super) fn part(name: String, dataset: &Dataset, left: &mut usize) -> Result<Part, String> {
    let length = dataset.raw_byte_len().map_err(damaged)?;
    let rest = left.checked_sub(length);
    *left = rest.ok_or_else(|| format!("`{name}` claims more numbers than the file can hold"))?;
    let shape = dataset.shape().iter().map(|&size| usize::try_from(size).unwrap_or(usize::MAX));
    let shape: Vec<usize> = shape.collect();
    let (dtype, bytes): (_, Vec<u8>) = if let Ok(values) = dataset.read_array::<f32>() {
        (Dtype::F32, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    } else if let Ok(values) = dataset.read_array::<f64>() {
        (Dtype::F64, values.iter().flat_map(|value| value.to_le_bytes()).collect())
    } else {
        return Err(format!("`{name}` is damaged, or its numbers are no 32-bit or 64-bit floats"));
    };
    Ok((name, dtype, shape, bytes))
}
