//! The numbers of tensors that are views of storages.

use std::collections::BTreeMap;

use super::object::View;
use crate::file::archive::Archive;
use crate::file::tensors::Part;

/// Most bytes of all tensors, as a multiple of those of the storages: tied weights share one.
const SHARED: usize = 4;

/// Copies tensors out of their storages, in row-major order. An error is a reason.
pub(super) fn read(
    archive: &mut Archive,
    folder: &str,
    views: Vec<(String, &View)>,
) -> Result<Vec<Part>, String> {
    let mut storages: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (name, view) in &views {
        let key = &*view.storage.key;
        if !storages.contains_key(key) {
            let entry = format!("{folder}data/{key}");
            if !archive.has(&entry) {
                return Err(format!("it lacks `{entry}`, which has the numbers of `{name}`"));
            }
            storages.insert(key, archive.read(&entry)?);
        }
    }
    let mut left = storages.values().map(Vec::len).sum::<usize>().saturating_mul(SHARED);
    let mut parts = Vec::with_capacity(views.len());
    for (name, view) in views {
        let View { storage, shape, .. } = view;
        let numbers = &storages[&*storage.key];
        let size = storage.dtype.bitsize() / 8;
        let length = view.length().and_then(|length| length.checked_mul(size));
        let length = length.filter(|_| view.end().is_some_and(|end| end <= numbers.len() / size));
        let Some(length) = length.filter(|&length| length <= numbers.len()) else {
            return Err(format!(
                "tensor `{name}` reaches beyond its storage; call `.contiguous()` on it before \
                 `torch.save`"
            ));
        };
        let rest = left.checked_sub(length);
        left = rest.ok_or("its tensors share their storages more often than tied weights do")?;
        parts.push((name, storage.dtype, shape.clone(), view.copy(numbers, size, length)));
    }
    Ok(parts)
}

impl View {
    /// Returns the number of elements.
    fn length(&self) -> Option<usize> {
        self.shape.iter().try_fold(1usize, |length, &size| length.checked_mul(size))
    }

    /// Returns the number of elements that the storage must have.
    fn end(&self) -> Option<usize> {
        if self.shape.len() != self.strides.len() {
            return None;
        }
        if self.shape.contains(&0) {
            return Some(0);
        }
        let mut axes = self.shape.iter().zip(&self.strides);
        let last = axes.try_fold(self.offset, |last, (&size, &stride)| {
            last.checked_add((size - 1).checked_mul(stride)?)
        });
        last?.checked_add(1)
    }

    /// Copies the elements, each of `size` bytes, out of a storage that has all of them.
    fn copy(&self, numbers: &[u8], size: usize, length: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(length);
        let mut index = vec![0; self.shape.len()];
        let mut at = self.offset;
        while bytes.len() < length {
            bytes.extend_from_slice(&numbers[at * size..][..size]);
            // The next index in row-major order. An axis of one element may have any stride.
            for axis in (0..index.len()).rev().filter(|&axis| self.shape[axis] > 1) {
                index[axis] += 1;
                at += self.strides[axis];
                if index[axis] < self.shape[axis] {
                    break;
                }
                at -= self.strides[axis] * self.shape[axis];
                index[axis] = 0;
            }
        }
        bytes
    }
}
