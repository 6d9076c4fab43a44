//! What any chart must be, whatever comes.

use proptest::prelude::*;

use super::number;
use super::scale::Scale;
use super::{Bars, Cell, HeatMap, Lines, escape};

/// Whether tags are closed in the order they were opened in, and all attributes quoted.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((tag, text)) = tag.split_once('>') else { return false };
        if text.contains('>') || tag.matches('"').count() % 2 == 1 {
            return false;
        }
        let name = tag.split_whitespace().next().unwrap_or("");
        if let Some(name) = name.strip_prefix('/') {
            if open.pop() != Some(name) {
                return false;
            }
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    open.is_empty() && svg.starts_with("<svg") && !svg.contains("NaN") && !svg.contains("inf")
}

fn labels(scale: &Scale) -> Vec<String> {
    scale.ticks.iter().map(|&tick| scale.label(tick)).collect()
}

#[test]
fn ticks_are_round_and_few() {
    let linear = |values: &[f64], snug| labels(&Scale::linear(values.iter().copied(), snug));
    assert_eq!(labels(&Scale::between(0.0, 1.0)), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(linear(&[0.013, 0.94], false), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    assert_eq!(linear(&[1.0, 10.0], true), ["2", "4", "6", "8", "10"]);
    assert_eq!(linear(&[1.0, 2.0, 3.0], true), ["1", "2", "3"], "epochs are whole");
    assert_eq!(linear(&[97.31, 99.24], false), ["97.0", "97.5", "98.0", "98.5", "99.0", "99.5"]);
    assert_eq!(linear(&[-30.0, 250.0], false), ["-100", "0", "100", "200", "300"]);
    assert_eq!(linear(&[0.0, 3e-5], false), ["0", "1e-5", "2e-5", "3e-5"]);
    assert_eq!(linear(&[5.0], true), ["4", "5", "6"]);
    assert_eq!(linear(&[], true).len(), 6);
    let log = |values: &[f64], snug| labels(&Scale::log(values.iter().copied(), snug));
    assert_eq!(log(&[0.013, 1.9], true), ["0.02", "0.05", "0.1", "0.2", "0.5", "1"]);
    assert_eq!(log(&[0.03, 1.9], false), ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]);
    assert_eq!(log(&[1e-6, 1.0], true), ["1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1"]);
    assert_eq!(
        log(&[2e-9, 3e5], false),
        ["1e-9", "1e-7", "1e-5", "0.001", "0.1", "10", "1000", "1e5", "1e7"]
    );
    assert_eq!(log(&[0.0, -1.0], true), ["0.1", "0.2", "0.5", "1"]);
}

#[test]
fn numbers_have_four_digits() {
    let numbers = [0.0, 1.0, -0.02134567, 99.314, 12345.6, 1.5e-7, 2e300, f64::NAN].map(number);
    assert_eq!(numbers, ["0", "1", "-0.02135", "99.31", "12346", "1.5e-7", "2e300", "NaN"]);
}

#[test]
fn a_chart_of_two_lines_has_a_legend_and_a_gap() {
    let svg = Lines::new("epoch", "loss")
        .line("training", [(1.0, 2.0), (2.0, 0.7), (3.0, 0.2)])
        .line("validation", [(1.0, 1.2), (2.0, f64::NAN), (3.0, 0.4)])
        .svg();
    assert!(is_well_formed(&svg), "{svg}");
    assert!(svg.contains(">training</text>") && svg.contains(">validation</text>"));
    assert_eq!(svg.matches("<circle").count(), 5);
    assert!(svg.contains("<title>epoch 3: training 0.2</title>"), "{svg}");
    let line = svg.lines().find(|line| line.contains("#d9661f") && line.contains("2.2")).unwrap();
    assert_eq!(line.matches('M').count(), 2, "two runs: {line}");
    assert!(!svg.contains("no values"));
}

#[test]
fn a_chart_of_nothing_says_so() {
    for chart in [
        Lines::new("x", "y"),
        Lines::new("x", "y").line("none", []),
        Lines::new("x", "y").line("", [(1.0, f64::NAN)]).log_x(),
        Lines::new("x", "y").line("", [(1.0, -1.0)]).log_y(),
    ] {
        let svg = chart.svg();
        assert!(is_well_formed(&svg) && svg.contains("no values"), "{svg}");
    }
    let bars =
        Bars { names: ("x", "y"), x_range: (0.0, 0.0), y_end: None, bars: vec![], diagonal: true };
    assert!(is_well_formed(&bars.svg()));
    let map = HeatMap { label: "", sides: ("a", "b"), names: &[], cells: vec![] };
    assert!(is_well_formed(&map.svg()));
}

#[test]
fn a_point_between_gaps_is_a_dot() {
    let y = |i: i32| if i % 2 == 0 { 1.0 } else { f64::NAN };
    let svg = Lines::new("x", "y").line("", (0..99).map(|i| (i.into(), y(i)))).svg();
    assert_eq!((svg.matches("h0").count(), svg.matches("<circle").count()), (50, 0));
}

#[test]
fn a_long_legend_makes_a_higher_picture() {
    let height = |series: usize| {
        let name = |i: usize| format!("the series of number {i}");
        let chart = (0..series).fold(Lines::new("x", "y"), |c, i| c.line(name(i), [(0.0, 1.0)]));
        let svg = chart.svg();
        assert!(is_well_formed(&svg));
        svg.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse::<usize>().unwrap()
    };
    assert_eq!(height(1), 250 - 1);
    assert!(height(100) > 1000);
}

#[test]
fn a_million_points_make_a_small_picture() {
    let points = (0..1_000_000).map(|i| (f64::from(i), f64::from(i % 1000)));
    let svg = Lines::new("step", "loss").line("", points).svg();
    assert!(svg.len() < 40_000, "{}", svg.len());
}

#[test]
fn names_are_escaped_and_long_ones_cut() {
    assert_eq!(escape("a<b & \"c\"\u{1}'"), "a&lt;b &amp; &quot;c&quot;\u{fffd}&#39;");
    let names = ["<script>".to_string(), "a very long name of a class".to_string()];
    let cell = |row, text: &str| Cell {
        row,
        column: 1,
        strength: 0.5,
        first: row == 1,
        text: text.into(),
        title: "a & b".into(),
    };
    let map = HeatMap {
        label: "\"quoted\"",
        sides: ("actual", "predicted"),
        names: &names,
        cells: vec![cell(0, "7"), cell(1, "123456789")],
    };
    let svg = map.svg();
    assert!(is_well_formed(&svg), "{svg}");
    assert!(svg.contains("&lt;script&gt;") && svg.contains("a very long name …"), "{svg}");
    assert!(svg.contains(">7</text>") && !svg.contains("123456789"), "too wide for its cell");
}

/// Ordinary numbers, and those that break things.
fn numbers() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -10f64..10.0,
        1 => any::<f64>(),
        1 => prop::sample::select(vec![
            0.0, -0.0, 1.0, 1e-320, f64::MAX, f64::MIN, f64::INFINITY, f64::NAN, f64::EPSILON,
        ]),
    ]
}

proptest! {
    #[test]
    fn any_numbers_make_a_chart(
        points in prop::collection::vec((numbers(), numbers()), 0..60),
        log in any::<(bool, bool)>(),
        range in prop::option::of((numbers(), numbers())),
    ) {
        let mut chart = Lines::new("x", "y").line("one", points.clone()).line("two", [(1.0, 2.0)]);
        if log.0 { chart = chart.log_x(); }
        if log.1 { chart = chart.log_y(); }
        if let Some((from, to)) = range { chart = chart.y_range(from, to); }
        let svg = chart.mark(0.5, 0.5, "here").svg();
        prop_assert!(is_well_formed(&svg), "{}", svg);
        prop_assert!(svg.len() < 60_000);
    }

    #[test]
    fn ticks_rise_within_the_axis_and_have_names_of_their_own(a in numbers(), b in -10f64..10.0) {
        for scale in [
            Scale::linear([a, b].into_iter(), true),
            Scale::linear([a, b].into_iter(), false),
            Scale::log([a, b].into_iter(), true),
            Scale::log([a, b].into_iter(), false),
        ] {
            let places: Vec<f64> = scale.ticks.iter().filter_map(|&t| scale.place(t)).collect();
            prop_assert!(places.len() <= 25, "{:?}", scale);
            prop_assert!(places.iter().all(|p| (-0.01..1.01).contains(p)), "{:?}", scale);
            prop_assert!(places.is_sorted(), "{:?}", scale);
            let mut names = labels(&scale);
            let count = names.len();
            names.dedup();
            prop_assert!(names.len() == count, "{:?}", names);
        }
    }
}
