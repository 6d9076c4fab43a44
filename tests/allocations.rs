//! A steady training step allocates nothing, and a model of twice the depth allocates twice as much.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Barrier, Mutex};

use chainrule::data::Sequences;
use chainrule::layers::Direction;
use chainrule::prelude::*;
use ndarray::{Array, Array2, Array4, Axis};

/// The system's allocator, which counts how often a thread asks it for memory, and for how much.
struct Counting;

thread_local! {
    /// Of each thread by itself, because the threads of an earlier run may still be ending.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: every call goes on to `System` as it came, so what `System` promises holds; the counter
// needs neither memory of its own nor a destructor. Nothing but an implementation of this unsafe
// trait sees allocations: hence the only `unsafe` of the package. The trait's own methods for
// zeroed and for grown memory call `alloc`, and so count too.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        BYTES.set(BYTES.get() + layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        unsafe { System.dealloc(memory, layout) }
    }
}

const THREADS: usize = 2;
/// More than the 64 samples that can make a partial gradient, so that there is work for both threads.
const BATCH: usize = 128;
const BATCHES: usize = 8;

/// Samples, and how many allocations each thread had made when it last read one of each batch.
struct Watched<D> {
    samples: D,
    counts: Mutex<[[Option<usize>; BATCHES]; THREADS]>,
    /// The threads wait for each other in every batch, so that both work on every batch.
    both: Barrier,
}

impl<D: Dataset> Dataset for Watched<D> {
    fn len(&self) -> usize {
        self.samples.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.samples.input_shape()
    }

    fn target_kind(&self) -> TargetKind {
        self.samples.target_kind()
    }

    fn in_memory(&self) -> bool {
        true
    }
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let (thread, batch) = (rayon::current_thread_index().unwrap(), index / BATCH);
        if self.counts.lock().unwrap()[thread][batch].replace(ALLOCATIONS.get()).is_none() {
            self.both.wait();
        }
        self.samples.input(index, x)
    }

    fn sequence_length(&self, index: usize) -> Option<usize> {
        self.samples.sequence_length(index)
    }

    fn target(&self, index: usize) -> Target<'_> {
        self.samples.target(index)
    }
}

/// Trains on `BATCHES` batches, in order. In the first, buffers may still be made.
#[track_caller]
fn steady_steps_allocate_nothing(model: Sequential, trainer: Trainer, samples: impl Dataset) {
    steady_steps_of(1, model, trainer, samples);
}

/// The same with so many batches a step. In the first step, buffers may still be made.
#[track_caller]
fn steady_steps_of(batches: usize, mut model: Sequential, trainer: Trainer, samples: impl Dataset) {
    let counts = Mutex::new([[None; BATCHES]; THREADS]);
    let watched = Watched { samples, counts, both: Barrier::new(THREADS) };
    let mut trainer = trainer.batch_size(BATCH).accumulate(batches).shuffle(false);
    trainer = trainer.threads(THREADS);
    trainer.fit(&mut model, &watched).unwrap();
    let counts = watched.counts.into_inner().unwrap();
    assert!(counts.iter().any(|counts| counts[0] > Some(0)), "the start of a run does allocate");
    for counts in counts {
        let (steady, later) = counts[batches..].split_first().unwrap();
        assert!(steady.is_some());
        assert_eq!(later, vec![*steady; later.len()], "a thread's allocations up to each batch");
    }
}

fn digits() -> Images {
    let pixels = |(n, h, w, _)| ((7 * n + 5 * h + 3 * w) % 256) as u8;
    let labels = (0..BATCH * BATCHES).map(|n| (n % 10) as u8).collect();
    Images::new(Array4::from_shape_fn((BATCH * BATCHES, 28, 28, 1), pixels), labels, 10).unwrap()
}

fn curve() -> Arrays {
    let x = Array::from_shape_fn((BATCH * BATCHES, 100), |(n, i)| ((n * i) as f32).sin());
    let t = x.map_axis(Axis(1), |x| x.sum()).insert_axis(Axis(1));
    Arrays::new(x.into_dyn(), t.into_dyn()).unwrap()
}

/// Sequences of 3 to 20 steps.
fn steps() -> Vec<Array2<f32>> {
    let walk =
        |n: usize| Array::from_shape_fn((3 + n % 18, 5), |(t, i)| ((n + t * i) as f32).sin());
    (0..BATCH * BATCHES).map(walk).collect()
}

/// Sequences with a class for each step.
fn walks() -> Sequences {
    let classes =
        |(n, walk): (usize, &Array2<f32>)| (0..walk.nrows()).map(|t| (n + t) % 4).collect();
    let steps = steps();
    let classes = steps.iter().enumerate().map(classes).collect();
    Sequences::with_steps(steps, classes, 4).unwrap()
}

/// Sequences of 14 to 20 steps, with strings of half as many labels.
fn strings() -> Sequences {
    let length = |n: usize| 14 + n % 7;
    let walk = |n: usize| Array::from_shape_fn((length(n), 5), |(t, i)| ((n + t * i) as f32).sin());
    let string = |n: usize| (0..length(n) / 2).map(|t| (n + t / 2) % 4).collect();
    let all = 0..BATCH * BATCHES;
    Sequences::with_strings(all.clone().map(walk).collect(), all.map(string).collect(), 4).unwrap()
}

#[test]
fn a_steady_training_step_allocates_nothing() -> Result<()> {
    let convnet = Sequential::new([28, 28, 1])
        .add(Conv2d::new(32, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(64, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.5))?
        .add(Dense::new(10))?;
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001));
    steady_steps_allocate_nothing(convnet, trainer, digits());

    // So many parameters that both threads take part in the optimizer's step.
    let dense = Sequential::new([100]).add(Dense::new(400))?.add(Tanh)?.add(Dense::new(1))?;
    let trainer = Trainer::new(MeanSquaredError, Sgd::new(1e-3).momentum(0.9).nesterov());
    steady_steps_allocate_nothing(dense, trainer, curve());

    // Two batches a step.
    let dense = Sequential::new([100]).add(Dense::new(400))?.add(Tanh)?.add(Dense::new(1))?;
    let trainer = Trainer::new(MeanSquaredError, Adam::new(1e-3));
    steady_steps_of(2, dense, trainer, curve());

    let in_lockstep = || {
        Sequential::new([28, 28, 1])
            .add(Conv2d::new(8, 3).stride(2))?
            .add(BatchNorm::new())?
            .add(Residual::new(|x| x.add(Conv2d::new(8, 1))?.add(BatchNorm::new())?.add(Relu)))?
            .add(Flatten)?
            .add(Dense::new(10))
    };
    for batches in [1, 2] {
        let trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.01));
        steady_steps_of(batches, in_lockstep()?, trainer, digits());
    }

    // All that can surround a step, again with parameters for both threads.
    for clip in [Clip::value(0.1), Clip::norm(0.1), Clip::global_norm(0.1)] {
        let dense = Sequential::new([100]).add(Dense::new(400))?.add(Tanh)?.add(Dense::new(1))?;
        let trainer = Trainer::new(MeanSquaredError, NAdam::new(0.001).weight_decay(0.01))
            .group(ParamGroup::vectors().decay(0.0).l1(0.01))
            .group(ParamGroup::all().max_norm(1.0).l2(0.01).lr(0.5))
            .clip(clip)
            .average(Average::ema(0.9));
        steady_steps_allocate_nothing(dense, trainer, curve());
    }

    let the_other_layers = Sequential::new([28, 28, 1])
        .add(Conv2d::new(3, 5).stride(2).padding(Padding::Same))?
        .add(LeakyRelu::new(0.1))?
        .add(Conv2d::depthwise(3).padding(Padding::Same).bias(false))?
        .add(Conv2d::new(6, 2).dilation(2).groups(3))?
        .add(ConvTranspose2d::new(4, 3).stride(2))?
        .add(AvgPool2d::new(3).stride(2).padding(Padding::Same))?
        .add(Sigmoid)?
        .add(Flatten)?
        .add(Dense::new(10))?
        .add(Softmax)?;
    let trainer = Trainer::new(MeanSquaredError.one_hot(), AdamW::new(0.001, 0.01));
    let trainer = trainer.schedule(OneCycle::new(0.3));
    steady_steps_allocate_nothing(the_other_layers, trainer, digits());

    let normalized = Sequential::new([28, 28, 1])
        .add(ZeroPad2d::new(1))?
        .add(Conv2d::new(4, 5).stride(3))?
        .add(GroupNorm::new(2))?
        .add(Prelu)?
        .add(Dropout2d::new(0.2))?
        .add(Conv2d::new(12, 3))?
        .add(Gelu)?
        .add(Branches::multiply().branch(Ok).branch(|x| {
            x.add(GlobalAvgPool2d)?.add(Slice::new(0..4))?.add(Dense::new(12))?.add(Sigmoid)
        }))?
        .add(GlobalAvgPool2d)?
        .add(Reshape::new([3, 4]))?
        .add(LayerNorm::new())?
        .add(Flatten)?
        .add(Dense::new(10))?;
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001));
    steady_steps_allocate_nothing(normalized, trainer, digits());

    let attentive = Sequential::new([20, 5])
        .add(Dense::new(8))?
        .add(TransformerBlock::new(2, 16).causal().dropout(0.1))?
        .add(
            Branches::append()
                .branch(|x| x.add(Slice::steps(0..3)))
                .branch(|x| x.add(SelfAttention::new(2))),
        )?
        .add(CrossAttention::new(2, 3))?
        .add(Flatten)?
        .add(Dense::new(4))?;
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001));
    let classes = (0..BATCH * BATCHES).map(|n| n % 4).collect();
    let songs = Sequences::with_classes(steps(), classes, 4)?;
    steady_steps_allocate_nothing(attentive, trainer, songs);

    let of_sequences = Sequential::new([20, 5])
        .add(Conv1d::new(8, 3).padding(Padding::Same))?
        .add(LayerNorm::new())?
        .add(Residual::new(|x| x.add(Conv1d::new(8, 1))?.add(Tanh)))?
        .add(SinusoidalPositions)?
        .add(LearnedPositions::new())?
        .add(MaxPool1d::new(3).stride(1).padding(Padding::Same))?
        .add(AvgPool1d::new(4).stride(1).padding(Padding::Same).count_padding(true))?
        .add(Conv1d::new(4, 1))?;
    let trainer = Trainer::new(SoftmaxCrossEntropy.per_step(4), Adam::new(0.001));
    steady_steps_allocate_nothing(of_sequences, trainer, walks());

    let recurrent = Sequential::new([20, 5])
        .add(SimpleRnn::new(6).every_step().direction(Direction::Both))?
        .add(Lstm::new(5).every_step().dropout(0.2).learned_state())?
        .add(Gru::new(7).every_step().truncate(4))?
        .add(Gru::new(4).reset_before().every_step())?;
    let trainer = Trainer::new(SoftmaxCrossEntropy.per_step(4), Adam::new(0.001));
    steady_steps_allocate_nothing(recurrent, trainer, walks());

    let of_strings = Sequential::new([20, 5]).add(Conv1d::new(5, 1))?;
    let trainer = Trainer::new(Ctc::new(4), Adam::new(0.001));
    steady_steps_allocate_nothing(of_strings, trainer, strings());
    Ok(())
}

/// Bytes that building this number of dense layers takes, and the number of their parameters.
fn built(depth: usize) -> Result<(usize, usize)> {
    let before = BYTES.get();
    let mut model = Sequential::new([64]);
    for _ in 0..depth {
        model = model.add(Dense::new(64))?.add(Relu)?;
    }
    Ok((BYTES.get() - before, model.param_count()))
}

#[test]
fn memory_to_build_a_model_grows_as_its_depth() -> Result<()> {
    let [(small, _), (large, params)] = [built(32)?, built(256)?];
    assert!(large <= 10 * small, "{small} bytes for 32 layers, {large} for 256");
    // Room that doubles: at most four times what there is in the end.
    assert!(large <= 5 * params * size_of::<f32>(), "{large} bytes for {params} parameters");
    Ok(())
}
