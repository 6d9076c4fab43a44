//! Answers: the page, and what is read of a drawing.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chainrule::intake::Grey;
use serde_json::Value;

use super::client::{Program, digit, png};

/// Bytes of a picture or a map. Their number is its height times its width.
#[track_caller]
fn bytes(picture: &Value, name: &str) -> Vec<u8> {
    let bytes = BASE64_STANDARD.decode(picture[name].as_str().unwrap()).unwrap();
    let size = picture["height"].as_u64().unwrap() * picture["width"].as_u64().unwrap();
    assert_eq!(bytes.len() as u64, size, "{name}");
    bytes
}

#[test]
fn the_page_is_one_piece_and_takes_nothing_from_elsewhere() {
    let program = Program::start();
    let page = program.ask("GET /", "", b"");
    let text = page.text();
    assert_eq!(page.status, 200);
    assert!(text.starts_with("<!doctype html>") && text.ends_with("</html>\n"));
    assert!(!text.contains("NONCE") && !text.contains("/* page.css */"));
    for outside in ["src=", "https://", "@import", "innerHTML"] {
        assert!(!text.contains(outside), "the page has {outside}");
    }
    let nonce = text.split("<style nonce=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(page.head.contains(&format!("script-src 'nonce-{nonce}'")), "{}", page.head);
    for header in [
        "content-security-policy: default-src 'none'; ",
        "frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "referrer-policy: no-referrer",
        "connection: close",
    ] {
        assert!(page.head.contains(header), "{header} is not in {}", page.head);
    }
    let other = program.ask("GET /?again", "", b"");
    assert!(other.status == 200 && !other.text().contains(nonce), "one number for each answer");
    let head = program.ask("HEAD /", "", b"");
    assert!(head.status == 200 && head.body.is_empty());
    assert!(head.head.contains(&format!("content-length: {}", page.body.len())));
}

#[test]
fn digits_are_read_with_all_that_the_page_shows() {
    let program = Program::start();
    for class in 0..10u8 {
        let answer = program.json("/read", &digit(class));
        assert_eq!(answer["best"], class, "{}", answer["verdict"]);
        let verdict = answer["verdict"].as_str().unwrap();
        assert!(verdict.starts_with(&format!("digit {class} (")), "{verdict}");
        assert!(answer["nothing"] == false && answer["rejected"].is_null());

        let classes = answer["classes"].as_array().unwrap();
        let names: Vec<&str> =
            classes.iter().map(|class| class["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "none"]);
        let sum: f64 = classes.iter().map(|class| class["probability"].as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-3, "{sum}");

        let stages = answer["stages"].as_array().unwrap();
        let names: Vec<&str> = stages.iter().map(|stage| stage["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["grey", "darkness", "ink", "digit", "strokes", "input"]);
        let inks: Vec<bool> = stages
            .iter()
            .map(|stage| bytes(stage, "pixels").iter().any(|&byte| byte > 200))
            .collect();
        assert_eq!(inks, [true; 6]);
        assert_eq!(stages[0]["of"], Value::from(vec![280, 280]));
        assert_eq!((&stages[5]["height"], &stages[5]["width"]), (&28.into(), &28.into()));

        let saliency = &answer["saliency"];
        assert_eq!(saliency["class"], class.to_string());
        assert!(bytes(saliency, "values").iter().any(|&byte| byte == 255 || byte == 1));
        let layers = answer["layers"].as_array().unwrap();
        assert_eq!(layers.len(), 20, "six convolutions, norms and activations, two pools");
        for layer in layers {
            let maps = layer["maps"].as_array().unwrap();
            assert_eq!(maps.len(), 8);
            for map in maps {
                // The largest number is 255 or 1; a unit that is off has zeros, which are 128.
                let is_off = map["largest"] == 0.0;
                let bytes = bytes(map, "values");
                assert_eq!(is_off, bytes.iter().all(|&byte| byte == 128));
                assert_eq!(!is_off, bytes.iter().any(|&byte| byte == 255 || byte == 1));
            }
        }
        assert_eq!(layers[0]["name"], "Conv2d(24, 3×3, same)");
        assert_eq!(layers[13]["maps"][0]["height"], 7);
    }
}

#[test]
fn a_drawing_becomes_any_other_digit() {
    let program = Program::start();
    for class in 0..10u8 {
        let from = digit((class + 1) % 10);
        let answer = program.json(&format!("/towards/{class}"), &from);
        let path: Vec<f64> =
            answer["path"].as_array().unwrap().iter().map(|p| p.as_f64().unwrap()).collect();
        assert_eq!(answer["class"], class.to_string());
        assert_eq!(answer["reached"], true, "{class}: {path:?}");
        assert_eq!(answer["steps"], path.len() - 1);
        assert!(path[0] < 0.1 && path[path.len() - 1] >= 0.9, "{path:?}");
        assert!(answer["verdict"].as_str().unwrap().starts_with(&format!("digit {class} (")));

        // The change is the difference of the pictures.
        let [before, after] = ["before", "after"].map(|name| bytes(&answer, name));
        let change = bytes(&answer["change"], "values");
        let largest = answer["change"]["largest"].as_f64().unwrap();
        assert!(largest > 0.0 && largest <= 1.0);
        for ((&before, &after), &change) in before.iter().zip(&after).zip(&change) {
            let change = (f64::from(change) - 128.0) / 127.0 * largest;
            let difference = (f64::from(after) - f64::from(before)) / 255.0;
            assert!((change - difference).abs() < 0.01, "{change} and {difference}");
        }
        assert_eq!(bytes(&answer["saliency"], "values").len(), 784);
    }
}

#[test]
fn a_drawing_is_its_own_digit_already() {
    let program = Program::start();
    let answer = program.json("/towards/4", &digit(4));
    assert_eq!((&answer["steps"], &answer["reached"]), (&0.into(), &true.into()));
    assert_eq!(answer["before"], answer["after"]);
    assert!(answer["saliency"].is_null());
}

#[test]
fn empty_paper_is_an_answer() {
    let program = Program::start();
    let white = png(&Grey::new(320, 320, vec![1.0; 320 * 320]).unwrap());
    for path in ["/read", "/towards/3"] {
        let answer = program.json(path, &white);
        assert_eq!(answer["nothing"], true);
        assert_eq!(answer["verdict"], "no digit: nothing is written");
        assert!(answer["reason"].as_str().unwrap().starts_with("the picture shows no writing"));
    }
}

#[test]
fn a_scribble_is_rejected_in_the_words_of_classify() {
    let program = Program::start();
    // A plaid of lines over the whole paper.
    let ink = |k: usize| if k / 320 % 64 < 12 || k % 320 % 64 < 12 { 0.1 } else { 1.0 };
    let plaid = Grey::new(320, 320, (0..320 * 320).map(ink).collect()).unwrap();
    let answer = program.json("/read", &png(&plaid));
    assert!(answer["rejected"].is_string(), "{}", answer["verdict"]);
    let verdict = answer["verdict"].as_str().unwrap();
    assert!(verdict.starts_with("no digit (") || verdict.starts_with("not sure: "), "{verdict}");
}
