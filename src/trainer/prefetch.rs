//! Prefetching: batches are read on threads of their own, while the ones before them train.
//!
//! That pays where reading is work: a picture to decode, a file to wait for. Data that lies in memory
//! is read by the threads that compute, shard by shard, straight to where it is needed; a detour
//! through a batch of its own would only cost.
//!
//! Reader `k` of `n` reads batches `k`, `k + n`, …, and has a channel of its own, so that the batches
//! arrive in order, however many readers there are and however long each takes.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Scope};

use crate::data::Dataset;
use crate::error::Result;

/// Largest number of readers. Beyond a few, a disk gets no faster, and a batch waits in each.
const READERS: usize = 4;

/// The batches of an epoch that are being read.
#[derive(Default)]
pub(super) struct Prefetch {
    readers: Vec<Reader>,
    /// Number of batches that have arrived.
    count: usize,
    /// The last of them.
    batch: Vec<f32>,
}

/// The near end of a thread that reads batches.
struct Reader {
    batches: Receiver<Result<Vec<f32>>>,
    /// Takes used batches back, to be overwritten.
    used: Sender<Vec<f32>>,
}

impl Prefetch {
    /// Begins to read these batches, each given by the indices of its samples; none for data that lies
    /// in memory.
    pub fn new<'scope, 'data: 'scope>(
        scope: &'scope Scope<'scope, 'data>,
        data: &'data dyn Dataset,
        batches: impl ExactSizeIterator<Item = &'data [usize]> + Clone + Send + 'scope,
    ) -> Self {
        let cores = thread::available_parallelism().map_or(0, |cores| cores.get());
        let readers = if data.in_memory() { 0 } else { READERS.min(cores).min(batches.len()) };
        let start = |number| {
            let ((ready, batches_read), (used, to_fill)) = (sync_channel(1), channel());
            let own = batches.clone().skip(number).step_by(readers);
            scope.spawn(move || read(data, own, &ready, &to_fill));
            Reader { batches: batches_read, used }
        };
        Prefetch { readers: (0..readers).map(start).collect(), ..Prefetch::default() }
    }

    /// Waits for the inputs of the next batch; `None` for data that lies in memory.
    pub fn next(&mut self) -> Result<Option<&[f32]>> {
        let readers = self.readers.len();
        if readers == 0 {
            return Ok(None);
        }
        if let Some(last) = self.count.checked_sub(1) {
            // A reader that has read all of its batches has no use for it.
            let _ = self.readers[last % readers].used.send(std::mem::take(&mut self.batch));
        }
        let reader = &self.readers[self.count % readers];
        self.count += 1;
        match reader.batches.recv() {
            Ok(batch) => self.batch = batch?,
            // It hung up because it panicked, and its panic continues when the scope ends.
            Err(_) => return Ok(None),
        }
        Ok(Some(&self.batch))
    }
}

/// Reads batches until the receiver is gone.
fn read<'a>(
    data: &dyn Dataset,
    batches: impl Iterator<Item = &'a [usize]>,
    ready: &SyncSender<Result<Vec<f32>>>,
    used: &Receiver<Vec<f32>>,
) {
    let size: usize = data.input_shape().iter().product();
    for indices in batches {
        let mut inputs = used.try_recv().unwrap_or_default();
        inputs.resize(indices.len() * size, 0.0);
        let mut samples = inputs.chunks_exact_mut(size).zip(indices);
        let read = samples.try_for_each(|(x, &index)| data.input(index, x));
        let failed = read.is_err();
        if ready.send(read.map(|()| inputs)).is_err() || failed {
            return;
        }
    }
}
