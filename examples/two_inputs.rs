//! Two inputs: an image of a digit, and a question about it. The answer is yes or no.
//!
//! ```text
//! cargo run --example two_inputs
//! ```
//!
//! A model has one input, so the two stand side by side in it, and each branch begins with a slice. The
//! branches meet in a product: the question opens a gate for each feature of the image that matters to
//! it.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::prelude::*;

const PIXELS: usize = 28 * 28;
const FEATURES: usize = 48;

/// A question: its text, and whether the answer for a digit is yes.
type Question = (&'static str, fn(u8) -> bool);

const QUESTIONS: [Question; 4] = [
    ("is it even?", |digit| digit % 2 == 0),
    ("is it more than 4?", |digit| digit > 4),
    ("is it a prime?", |digit| [2, 3, 5, 7].contains(&digit)),
    ("has it a loop?", |digit| [0, 6, 8, 9].contains(&digit)),
];

fn main() -> Result<()> {
    let mnist = Mnist::sample();
    let train = Asked { images: mnist.train.take(5000)? };
    let test = Asked { images: mnist.test.take(2000)? };

    let image = |x: Sequential| {
        x.add(Slice::new(0..PIXELS))?
            .add(Reshape::new([28, 28, 1]))?
            .add(Conv2d::new(12, 5).stride(2))?
            .add(Relu)?
            .add(Flatten)?
            .add(Dense::new(FEATURES))?
            .add(Relu)
    };
    let question = |x: Sequential| {
        x.add(Slice::new(PIXELS..PIXELS + QUESTIONS.len()))?.add(Dense::new(FEATURES))?.add(Sigmoid)
    };
    let mut model = Sequential::new(train.input_shape())
        .add(Branches::multiply().branch(image).branch(question))?
        .add(Dense::new(2))?
        .initialize(1);
    println!("{}", model.summary());
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.005))
        .schedule(OneCycle::new(0.2))
        .epochs(6)
        .fit(&mut model, &train)?;

    let result = model.evaluate(&test, &SoftmaxCrossEntropy)?;
    for (number, (text, _)) in QUESTIONS.into_iter().enumerate() {
        let asked = (number..test.len()).step_by(QUESTIONS.len());
        let right = asked.clone().filter(|&i| result.predicted[i] == result.actual[i]).count();
        println!("{text:<20}{:>8.2} % right", 100.0 * right as f64 / asked.count() as f64);
    }
    println!("test accuracy {:.2} %", 100.0 * result.accuracy.unwrap_or(0.0));
    print::check()
}

/// Images of digits, each with every question.
struct Asked {
    images: Images,
}

impl Dataset for Asked {
    fn len(&self) -> usize {
        self.images.len() * QUESTIONS.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        vec![PIXELS + QUESTIONS.len()]
    }

    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(2)
    }

    /// The pixels, and then a 1 in the place of the question.
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        let (pixels, question) = x.split_at_mut(PIXELS);
        self.images.input(index / QUESTIONS.len(), pixels)?;
        question.fill(0.0);
        question[index % QUESTIONS.len()] = 1.0;
        Ok(())
    }

    fn target(&self, index: usize) -> Target<'_> {
        let (_, answer) = QUESTIONS[index % QUESTIONS.len()];
        Target::Class(usize::from(answer(self.images.label(index / QUESTIONS.len()))))
    }
}
