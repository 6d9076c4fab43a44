//! From a picture to ranked classes, by what a file knows of its model.

use rayon::prelude::*;

use super::classification::Classification;
use super::model_file::ModelFile;
use crate::data::Scaling;
use crate::error::{IntakeError, ModelError, Result};
use crate::intake::{Grey, Intake, Stages};
use crate::shape::len;

impl ModelFile {
    /// Classifies the one digit of a picture, or the one object that the model knows: brings the picture into the
    /// form of the training set by the file's [`intake`](ModelFile::intake), and
    /// [classifies](ModelFile::classify) it. Returns what each stage made of it, too.
    ///
    /// ```
    /// use chainrule::intake::Grey;
    /// use chainrule::prelude::*;
    ///
    /// // Digit 0 of the test set, as a dark one on light paper, ten times as large.
    /// let image = Mnist::sample().test.image(0).mapv(|ink| 230 - ink / 2);
    /// let photo = Grey::from_bytes(28, 28, image.as_slice().unwrap())?.resize(280, 280)?;
    /// let file = ModelFile::digits();
    /// let (answer, stages) = file.classify_grey(&photo)?;
    /// println!("{answer}"); // 7 99.9 %
    /// assert_eq!((answer.best().index, answer.rejected()), (7, None));
    /// assert!(!stages.ink.light_on_dark);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`IntakeError::NoInk`] where nothing is written, [`ModelError::NoIntake`] for a file that says
    /// nothing about pictures, and those of [`ModelFile::classify`].
    pub fn classify_grey(&self, picture: &Grey) -> Result<(Classification<'_>, Stages)> {
        Ok(self.classify_greys(std::slice::from_ref(picture))?.swap_remove(0)?)
    }

    /// Classifies many pictures like [`ModelFile::classify_grey`], in one batch, which takes less time than one by one.
    /// A picture in which nothing is written has an error of its own.
    ///
    /// ```
    /// use chainrule::error::IntakeError;
    /// use chainrule::intake::Grey;
    /// use chainrule::prelude::*;
    ///
    /// let image = Mnist::sample().test.image(0).to_owned();
    /// let pictures = [
    ///     Grey::from_bytes(28, 28, image.as_slice().unwrap())?,
    ///     Grey::from_bytes(28, 28, &[255; 28 * 28])?,
    /// ];
    /// let file = ModelFile::digits();
    /// let answers = file.classify_greys(&pictures)?;
    /// assert_eq!(answers[0].as_ref().unwrap().0.best().index, 7);
    /// assert!(matches!(answers[1], Err(IntakeError::NoInk { .. })));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// For all of them: [`ModelError::NoIntake`] for a file that says nothing about pictures, and those of
    /// [`ModelFile::classify`]. For one: [`IntakeError::NoInk`].
    pub fn classify_greys(
        &self,
        pictures: &[Grey],
    ) -> Result<Vec<Result<(Classification<'_>, Stages), IntakeError>>> {
        let intake = self.reads_pictures()?;
        let stages: Vec<_> = pictures.par_iter().map(|picture| intake.digit(picture)).collect();
        let inputs: Vec<&Grey> = stages.iter().flatten().map(|stages| &stages.input).collect();
        let mut answers = self.classify_inputs(&inputs)?.into_iter();
        let mut answer = |stages| (answers.next().expect("one for each input"), stages);
        Ok(stages.into_iter().map(|stages| stages.map(&mut answer)).collect())
    }

    /// Classifies a PNG or JPEG file, like [`ModelFile::classify_grey`].
    ///
    /// ```no_run
    /// use chainrule::prelude::*;
    ///
    /// println!("{}", ModelFile::digits().classify_picture("photo.jpg")?); // 7 98.4 %
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::classify_grey`] and of [`Grey::open`].
    #[cfg(feature = "images")]
    pub fn classify_picture(
        &self,
        path: impl AsRef<std::path::Path>,
    ) -> Result<Classification<'_>> {
        Ok(self.classify_grey(&Grey::open(path)?)?.0)
    }

    /// Returns how pictures become inputs.
    pub(crate) fn reads_pictures(&self) -> Result<Intake> {
        Ok(self.intake.ok_or(ModelError::NoIntake)?)
    }

    /// Classifies what the intake made of pictures, all in one batch, by the means of the outputs over the
    /// [views](Intake::turn) of each.
    pub(crate) fn classify_inputs(&self, inputs: &[&Grey]) -> Result<Vec<Classification<'_>>> {
        let intake = self.reads_pictures()?;
        let views: Vec<Grey> = inputs.iter().flat_map(|input| intake.views(input)).collect();
        let y = self.outputs_for(views.iter())?;
        let each = views.len() / inputs.len().max(1);
        let outputs = len(self.model.output_shape());
        let mean = |views: &[f32]| -> Vec<f32> {
            let sum = |j: usize| views.iter().skip(j).step_by(outputs).sum::<f32>();
            (0..outputs).map(|j| sum(j) / each as f32).collect()
        };
        let views = y.chunks_exact((each * outputs).max(1));
        Ok(views.map(|views| self.rank(&mean(views))).collect())
    }

    /// Classifies them by one view each, which is quicker and less exact.
    pub(crate) fn classify_inputs_once(&self, inputs: &[&Grey]) -> Result<Vec<Classification<'_>>> {
        let y = self.outputs_for(inputs.iter().copied())?;
        let outputs = len(self.model.output_shape());
        Ok(y.chunks_exact(outputs).map(|y| self.rank(y)).collect())
    }

    fn outputs_for<'a>(&self, inputs: impl Iterator<Item = &'a Grey>) -> Result<Vec<f32>> {
        // Pixels of the training set were bytes where the first scaling says so.
        let are_bytes = self.scalings.first() == Some(&Scaling::pixels());
        let raw = |&x: &f32| if are_bytes { (255.0 * x).round() } else { x };
        let raw: Vec<f32> = inputs.flat_map(|input| input.pixels()).map(raw).collect();
        self.raw_outputs("classify_greys", &raw)
    }
}
