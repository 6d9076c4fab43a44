//! Batches made ahead, on threads of their own, while the ones before them train.
//!
//! That pays where reading is work: a picture to decode, a file to wait for. Data that lies in memory
//! is read by the threads that compute, shard by shard, straight to where it is needed; a detour
//! through a batch of its own would only cost.
//!
//! Maker `k` of `n` makes batches `k`, `k + n`, …, and has a channel of its own, so that the batches
//! come in their order, however many makers there are and however long each takes.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, Scope};

use crate::data::Dataset;
use crate::error::Result;

/// How many threads read. Beyond a few, a disk gets no faster, and a batch waits in each.
const MAKERS: usize = 4;

/// The batches of an epoch that are on their way.
pub(super) struct Ahead {
    makers: Vec<Maker>,
    /// How many batches have come.
    count: usize,
    /// The last of them.
    batch: Vec<f32>,
}

/// The near end of a thread that makes batches.
struct Maker {
    batches: Receiver<Result<Vec<f32>>>,
    /// Where used batches go, to be written over.
    used: Sender<Vec<f32>>,
}

impl Ahead {
    /// Begins to make these batches, each given by the numbers of its samples; none for data that
    /// lies in memory.
    pub fn new<'scope, 'data: 'scope>(
        scope: &'scope Scope<'scope, 'data>,
        data: &'data dyn Dataset,
        batches: impl ExactSizeIterator<Item = &'data [usize]> + Clone + Send + 'scope,
    ) -> Self {
        let cores = thread::available_parallelism().map_or(0, |cores| cores.get());
        let makers = if data.in_memory() { 0 } else { MAKERS.min(cores).min(batches.len()) };
        let start = |number| {
            let ((ready, batches_made), (used, to_fill)) = (sync_channel(1), channel());
            let own = batches.clone().skip(number).step_by(makers);
            scope.spawn(move || make(data, own, &ready, &to_fill));
            Maker { batches: batches_made, used }
        };
        Ahead { makers: (0..makers).map(start).collect(), count: 0, batch: Vec::new() }
    }

    /// The inputs of the next batch, or `None` if they are to be read from the data set.
    pub fn next(&mut self) -> Result<Option<&[f32]>> {
        let makers = self.makers.len();
        if makers == 0 {
            return Ok(None);
        }
        if let Some(last) = self.count.checked_sub(1) {
            // If its maker has made all of its batches, nobody needs the room.
            let _ = self.makers[last % makers].used.send(std::mem::take(&mut self.batch));
        }
        let maker = &self.makers[self.count % makers];
        self.count += 1;
        match maker.batches.recv() {
            Ok(batch) => self.batch = batch?,
            // It hung up because it panicked, and its panic goes on when the scope ends.
            Err(_) => return Ok(None),
        }
        Ok(Some(&self.batch))
    }
}

/// Makes batches until nobody wants them.
fn make<'a>(
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
