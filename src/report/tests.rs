//! The page of a short training on real digits, and of what is not there.

use base64::Engine;

use super::Report;
use crate::data::{Arrays, Dataset, Images, Mnist};
use crate::layers::{Conv2d, Dense, Flatten, MaxPool2d, Relu};
use crate::loss::{BinaryCrossEntropy, Hinge, Loss, MeanSquaredError, SoftmaxCrossEntropy};
use crate::metrics::Evaluation;
use crate::metrics::{Epoch, History};
use crate::optim::Adam;
use crate::sequential::Sequential;
use crate::trainer::Trainer;

/// The names of elements that are there, where all are closed in the order they were opened in.
fn elements(page: &str) -> Vec<&str> {
    let (mut open, mut all) = (Vec::new(), Vec::new());
    let page = page.strip_prefix("<!doctype html>\n").unwrap_or(page);
    for tag in page.split('<').skip(1) {
        let (tag, text) = tag.split_once('>').expect("a tag ends");
        assert!(!text.contains('>') && tag.matches('"').count() % 2 == 0, "{tag}>{text}");
        let name = tag.split([' ', '/']).find(|name| !name.is_empty()).unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else {
            all.push(name);
            if !tag.ends_with('/') {
                open.push(name);
            }
        }
    }
    assert!(open.is_empty(), "{open:?} is not closed");
    all
}

/// What any page must be: it is well formed, and asks for nothing from elsewhere.
fn check(page: &str) {
    let all = elements(page);
    assert!(!all.contains(&"script") && !all.contains(&"link"));
    let namespace = "http://www.w3.org/2000/svg";
    assert_eq!(page.matches("://").count(), page.matches(namespace).count());
    // In base64 anything may be spelled: what comes after its closing quote is looked at.
    for text in page.split("base64,").filter_map(|part| part.split_once('"')) {
        assert!(!text.1.contains("NaN") && !text.1.contains("url("));
    }
    for picture in page.split("base64,").skip(1) {
        let data = picture.split('"').next().unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap();
        assert!(bytes.starts_with(b"\x89PNG"));
    }
    assert_eq!(page.matches("<img ").count(), page.matches(" alt=\"").count());
}

fn sections(page: &str) -> Vec<&str> {
    page.split("<section id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

fn trained(
    model: Sequential,
    loss: impl Loss + Clone,
    train: &dyn Dataset,
) -> (Sequential, History) {
    let mut model = model;
    let mut trainer = Trainer::new(loss, Adam::new(0.003)).epochs(2).validation(train);
    let history = trainer.fit(&mut model, train).unwrap();
    (model, history)
}

fn digits() -> Images {
    Mnist::sample().test.take(400).unwrap()
}

#[test]
fn the_page_of_a_training_has_it_all() {
    let names = (0..10).map(|digit| format!("the digit {digit}"));
    let digits = digits().with_class_names(names).unwrap();
    let model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(8, 3))
        .and_then(|model| {
            model.add(Relu)?.add(MaxPool2d::new(2))?.add(Flatten)?.add(Dense::new(10))
        })
        .unwrap();
    let (model, history) = trained(model, SoftmaxCrossEntropy, &digits);
    let result = model.evaluate(&digits, &SoftmaxCrossEntropy).unwrap();
    let report = Report::new("Digits <script>alert('&')</script>")
        .history(&history)
        .training_samples(400)
        .evaluation(&result, &digits)
        .model(&model)
        .classes(["zero", "o\"n'e", "<two>"])
        .setting("rate & <decay>", "1 < 2");
    let page = report.html().unwrap();
    check(&page);
    let wanted =
        ["curves", "confusion", "worst", "suspects", "calibration", "filters", "model", "settings"];
    assert_eq!(sections(&page), wanted);
    for text in [
        "<title>Digits &lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;</title>",
        "o&quot;n&#39;e",
        "the digit 7",
        "&lt;two&gt;",
        "rate &amp; &lt;decay&gt;",
        "Conv2d(8, 3×3)",
        "samples/s",
        "log loss",
        "Made by chainrule",
    ] {
        assert!(page.contains(text), "{text} is missing");
    }
    let wrong = result.wrong();
    assert!(wrong > 30, "a model of two epochs makes mistakes");
    assert_eq!(page.matches("class=\"sample\"").count(), 24 + result.suspects(24).len());
    assert_eq!(page.matches("alt=\"Filter ").count(), 8);
    let first = result.worst(1)[0];
    assert!(page.contains(&format!("alt=\"Sample {first}: ")));

    let folder = tempfile::tempdir().unwrap();
    report.save(folder.path().join("report.html")).unwrap();
    assert!(std::fs::read_to_string(folder.path().join("report.html")).unwrap() == page);
    let pictures = folder.path().join("all/pictures");
    report.save_pictures(&pictures).unwrap();
    for chart in ["loss", "accuracy", "learning-rate", "confusion", "calibration", "confidence"] {
        let svg = std::fs::read_to_string(pictures.join(format!("{chart}.svg"))).unwrap();
        elements(&svg);
        assert!(page.contains(&svg), "{chart} is on the page as well");
    }
    let (actual, predicted) = (result.actual[first], result.predicted[first]);
    let name = format!("worst/1-sample-{first}-actual-{actual}-predicted-{predicted}.png");
    for picture in [&name, "filters.png"] {
        assert!(std::fs::read(pictures.join(picture)).unwrap().starts_with(b"\x89PNG"));
    }
    let error = report.save(folder.path().join("no/such/report.html")).unwrap_err();
    assert!(error.to_string().contains("make the folder first"), "{error}");
}

#[test]
fn two_classes_have_a_curve_and_a_dense_layer_its_pictures() {
    let digits = digits();
    let labels = digits.labels().iter().map(|&label| (label > 4) as u8).collect();
    let data = Images::new(digits.pixels().to_owned(), labels, 2).unwrap();
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap();
    let model = model.add(Dense::new(70)).unwrap().add(Dense::new(1)).unwrap();
    let (model, history) = trained(model, BinaryCrossEntropy, &data);
    let result = model.evaluate(&data, &BinaryCrossEntropy).unwrap();
    let page = Report::new("").history(&history).evaluation(&result, &data).model(&model);
    let page = page.html().unwrap();
    check(&page);
    assert!(sections(&page).contains(&"roc") && page.contains("AUC"));
    assert!(page.contains("the first 64 of 70") && page.matches("alt=\"Filter ").count() == 64);

    // Without probabilities, nothing is said about them.
    let result = model.evaluate(&data, &Hinge).unwrap();
    let page = Report::new("").evaluation(&result, &data).html().unwrap();
    check(&page);
    assert_eq!(sections(&page), ["confusion", "worst", "roc", "settings"]);
    assert!(!page.contains("sure"));
}

#[test]
fn what_is_not_there_is_left_out() {
    let page = Report::new("Nothing yet").html().unwrap();
    check(&page);
    assert_eq!(sections(&page), ["settings"]);

    let page = Report::new("").history(&History::default()).html().unwrap();
    assert_eq!(sections(&page), ["settings"]);

    // Numbers instead of classes, and inputs that are no pictures.
    let x = ndarray::array![[1.0], [2.0], [3.0]].into_dyn();
    let data = Arrays::new(x.clone(), x).unwrap();
    let model = Sequential::new([1]).add(Dense::new(1)).unwrap();
    let (model, history) = trained(model, MeanSquaredError, &data);
    let result = model.evaluate(&data, &MeanSquaredError).unwrap();
    let page = Report::new("").history(&history).evaluation(&result, &data).model(&model);
    let page = page.html().unwrap();
    check(&page);
    assert_eq!(sections(&page), ["curves", "errors", "model", "settings"]);
    assert!(page.contains("<dt>loss</dt>") && !page.contains("accuracy.svg"));
}

#[test]
fn numbers_have_their_residuals_and_labels_their_scores() {
    let x = ndarray::Array::from_shape_fn((90, 8), |(i, j)| ((i * (j + 3)) % 17) as f32 / 8.0);
    let x = x.into_dyn();
    let model = Sequential::new([8]).add(Flatten).unwrap();
    let data = Arrays::new(x.clone(), x.mapv(|x| 2.0 * x - 1.0)).unwrap();
    let result = model.evaluate(&data, &MeanSquaredError).unwrap();
    let names = (0..8).map(|output| format!("<{output}>"));
    let report = Report::new("").evaluation(&result, &data).classes(names);
    let page = report.html().unwrap();
    check(&page);
    assert_eq!(sections(&page), ["errors", "settings"]);
    assert!(page.contains("Of 8 outputs, those with the lowest R²"), "six have a plot");
    assert_eq!(page.matches("<figure class=\"chart\">").count(), 6);
    assert!(page.contains("residual of &lt;") && page.contains("<th scope=\"row\">mean"));
    let first = format!("<th scope=\"row\">{}</th>", result.worst(1)[0]);
    assert!(page.split("Largest errors").nth(1).unwrap().contains(&first));
    let folder = tempfile::tempdir().unwrap();
    report.save_pictures(folder.path()).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 6);

    let data = Arrays::new(x.clone(), x.mapv(|x| f32::from(u8::from(x > 0.5)))).unwrap();
    let result = model.evaluate(&data, &BinaryCrossEntropy).unwrap();
    let page = Report::new("").evaluation(&result, &data).classes(["wide", "high"]).html().unwrap();
    check(&page);
    assert_eq!(sections(&page), ["labels", "settings"]);
    assert!(page.contains("<th scope=\"row\">wide</th>") && page.contains("micro average"));
    // Every output above 0 is a yes, and outputs up to ½ have no label.
    assert!(page.contains("<td>100.00\u{a0}%</td>") && page.contains("<td>1.0000</td>"));
}

/// Samples that are no pictures, of many classes.
struct Points(usize);

impl Dataset for Points {
    fn len(&self) -> usize {
        2 * self.0
    }

    fn input_shape(&self) -> Vec<usize> {
        vec![2]
    }

    fn target_kind(&self) -> crate::data::TargetKind {
        crate::data::TargetKind::Classes(self.0)
    }

    fn input(&self, index: usize, x: &mut [f32]) -> crate::Result<()> {
        x.fill(index as f32);
        Ok(())
    }

    fn target(&self, index: usize) -> crate::data::Target<'_> {
        crate::data::Target::Class(index / 2)
    }
}

#[test]
fn a_thousand_classes_stay_small_and_samples_that_are_no_pictures_are_rows() {
    let data = Points(1000);
    let model = Sequential::new([2]).add(Dense::new(1000)).unwrap();
    let result = model.evaluate(&data, &SoftmaxCrossEntropy).unwrap();
    let page = Report::new("").evaluation(&result, &data).model(&model).html().unwrap();
    check(&page);
    assert!(page.len() < 400_000, "{}", page.len());
    assert!(page.contains("the 40 with the most mistakes") && page.contains("All 1,000 classes"));
    assert!(page.contains("top-5") && page.contains("Samples by their number"));
    assert_eq!(page.matches("<img ").count(), 0);
}

#[test]
fn an_evaluation_of_another_set_is_refused() {
    let result = Evaluation { losses: vec![0.0; 3], ..Evaluation::default() };
    let error = Report::new("").evaluation(&result, &Points(5)).html().unwrap_err();
    let wanted = "the number of samples in the report's evaluation is 3, and the data set has 10: \
                  it must be that of the data set that was evaluated";
    assert_eq!(error.to_string(), wanted);
}

#[test]
fn one_epoch_and_a_thousand_make_a_page() {
    let epoch = |epoch: usize| Epoch {
        epoch,
        loss: if epoch == 7 { f64::NAN } else { 1.0 / epoch as f64 },
        accuracy: None,
        validation_loss: epoch.is_multiple_of(2).then_some(0.5),
        validation_accuracy: None,
        learning_rate: 0.1,
        seconds: 3.7,
    };
    for count in [1, 1000] {
        let epochs = (1..=count).map(epoch).collect();
        let history = History { epochs, stopped: Some("no <progress>".to_string()), chance: None };
        let page = Report::new("").history(&history).html().unwrap();
        // The one NaN is a number of the table, or left out of it.
        check(&page.replace("<td>NaN</td>", "<td>–</td>"));
        assert!(page.contains("Training ended early: no &lt;progress&gt;"));
        assert!(page.contains(if count == 1 { "3.70\u{a0}s" } else { "1\u{a0}h 1\u{a0}min" }));
        assert!(page.matches("<tr>").count() < 230);
        let names: Vec<_> = history.charts().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["loss", "learning-rate"]);
    }
}
