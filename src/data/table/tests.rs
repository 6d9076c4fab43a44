//! What a reader of tables says about tables that are not.

use super::*;

fn read(csv: Csv, text: &str) -> Result<Table> {
    csv.from_reader(text.as_bytes(), "t.csv")
}

fn refusal(csv: Csv, text: &str) -> String {
    read(csv, text).unwrap_err().to_string()
}

fn row(table: &Table, index: usize) -> Vec<f32> {
    let mut x = vec![0.0; table.columns.len()];
    table.input(index, &mut x).unwrap();
    x
}

#[test]
fn columns_are_chosen_by_name_or_number_in_any_order() {
    let text = "a, b ,kind,c\n1,2,x,3\n4 , 5,\"y, or z\",6\n";
    let table = read(Csv::new().label("kind"), text).unwrap();
    assert_eq!(table.columns(), ["a", "b", "c"]);
    assert_eq!(table.classes(), ["x", "y, or z"]);
    assert_eq!((row(&table, 0), row(&table, 1)), (vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]));
    let table = read(Csv::new().label(2).columns(["c", "a"]), text).unwrap();
    assert_eq!((row(&table, 1), table.target(1)), (vec![6.0, 4.0], Target::Class(1)));
    let table = read(Csv::new().columns(["b"]).targets(["c", "a"]), text).unwrap();
    assert_eq!(table.target_kind(), TargetKind::Values(2));
    assert_eq!((row(&table, 1), table.target(1)), (vec![5.0], Target::Values(&[6.0, 4.0])));
    assert!(table.classes().is_empty());
}

#[test]
fn classes_are_in_the_order_of_numbers_or_of_the_alphabet() {
    let classes = |labels: [&str; 4]| {
        let text = labels.map(|label| format!("1,{label}\n")).concat();
        let table = read(Csv::new().header(false).label(1), &text).unwrap();
        let class = |row| match table.target(row) {
            Target::Class(class) => class,
            _ => usize::MAX,
        };
        (table.classes().to_vec(), [0, 1, 2, 3].map(class))
    };
    let (names, targets) = classes(["10", "-1", "9", "10"]);
    assert_eq!(names, ["-1", "9", "10"]);
    assert_eq!(targets, [2, 0, 1, 2]);
    assert_eq!(classes(["b", "10", "9", "b"]).0, ["10", "9", "b"]);
    assert_eq!(classes(["10.0", "0.0", "2.0", "2.0"]).0, ["0.0", "2.0", "10.0"]);
    let (names, targets) = classes(["1.0", "0", "01", "1"]);
    assert_eq!((names, targets), (vec!["0".to_string(), "1".to_string()], [1, 0, 1, 1]));
}

#[test]
fn a_quote_that_swallows_rows_is_refused() {
    let csv = || Csv::new().label("q");
    assert_eq!(
        refusal(csv(), "a,q\n1,yes\n2,\"no\n3,yes\n4,no\n5,yes"),
        "t.csv, line 3: a quote opens here, and line 4 inside of it looks like a row: \
         where a quote is part of the text, double it (`\"\"`)"
    );
    assert!(refusal(csv(), "a,q\n1,yes\n2,\"n\no\"\n").contains("expected a label on one line"));
}

#[test]
fn a_row_of_numbers_is_no_header() {
    let text = "5.1,3.5,Iris-setosa\n4.9,3.0,Iris-setosa\n7.0,3.2,Iris-versicolor";
    assert_eq!(
        refusal(Csv::new().label(2), text),
        "t.csv: the first row, `5.1`, `3.5`, is numbers and no header: say `header(false)`; \
         if it is a header, name the target by its name in it"
    );
    assert_eq!(read(Csv::new().header(false).label(2), text).unwrap().len(), 3);
    // Columns called by their numbers, and a name that proves the header.
    assert_eq!(read(Csv::new().label("label"), "0,1,label\n5,6,x\n7,8,y\n").unwrap().len(), 2);
}

#[test]
fn another_file_is_read_with_the_same_classes() {
    let csv = || Csv::new().header(false).label(1).classes(["cat", "dog", "cow"]);
    let table = read(csv(), "0,cow\n").unwrap();
    assert_eq!((table.target_kind(), table.target(0)), (TargetKind::Classes(3), Target::Class(2)));
    let refusal = refusal(csv(), "0,cow\n0,horse\n");
    assert_eq!(read(csv().classes(["7", "8"]), "0,7.0\n").unwrap().target(0), Target::Class(0));
    assert!(refusal.ends_with(r#"one of the classes ["cat", "dog", "cow"], but found `horse`"#));
}

#[test]
fn a_cell_is_named_by_file_line_and_column() {
    let label = || Csv::new().label("k");
    assert_eq!(
        refusal(label(), "a,k\n1,x\nred,y\n"),
        "t.csv, line 3, column `a`: expected a finite number, but found `red`"
    );
    for bad in ["", "NaN", "inf", "1e39", "1,5"] {
        let refusal = refusal(label(), &format!("a,k\n1,x\n\"{bad}\",y\n"));
        assert!(refusal.ends_with(&format!("a finite number, but found `{bad}`")), "{refusal}");
    }
    assert!(refusal(label().scale(1e38), "a,k\n10,x\n").contains("line 2, column `a`"));
    assert!(refusal(label(), "a,k\n1,x\n1, \n").contains("column `k`: expected a label"));
    let no_header = Csv::new().header(false).targets([1]);
    assert!(refusal(no_header, "a,b\n").contains("line 1, column 0: expected a finite number"));
}

#[test]
fn rows_that_differ_and_bytes_that_are_no_text_are_refused_by_line() {
    let label = || Csv::new().label("k");
    assert_eq!(
        refusal(label(), "a,k\n1,x\n1,2,y\n"),
        "t.csv, line 3: expected 2 fields, as in the first row, but found 3"
    );
    let bytes = &b"a,k\n1,x\n1,\xff\n"[..];
    let refusal = label().from_reader(bytes, "t.csv").unwrap_err().to_string();
    assert!(refusal.starts_with("t.csv, line 3: expected text in UTF-8"), "{refusal}");
}

#[test]
fn columns_that_are_not_there_are_refused_with_those_that_are() {
    let text = "a,b,k\n1,2,x\n3,4,y\n";
    assert_eq!(
        refusal(Csv::new().label("kind"), text),
        "t.csv: there is no column `kind`: there are `a`, `b`, `k`"
    );
    assert!(refusal(Csv::new().targets([3]), text).contains("no column 3: there are `a`"));
    let wide = vec!["1"; 30].join(",");
    assert!(refusal(Csv::new().header(false).label(30), &wide).ends_with("18, 19 and 10 more"));
    assert!(refusal(Csv::new().header(false).label("k"), text).contains("number, from 0 to 2"));
    assert!(refusal(Csv::new().label("a"), "a,a\n1,2\n").contains("0 and 1 are both called `a`"));
    assert!(refusal(Csv::new(), text).contains("which column is the target?"));
    assert!(refusal(Csv::new().targets([0; 0]), text).contains("which column is the target?"));
    let both = Csv::new().label("k").columns(["a", "k"]);
    assert!(refusal(both, text).contains("column `k` is the target"));
    assert!(refusal(Csv::new().label("k"), "k\nx\n").contains("no column is left"));
    assert!(refusal(Csv::new().label("k").shape([3, 1]), text).contains("2 columns"));
    let overflow = Csv::new().label("k").shape([usize::MAX, 2]);
    assert!(refusal(overflow, text).contains("do not make a shape"));
}

#[test]
fn tables_without_rows_and_settings_without_meaning_are_refused() {
    for text in ["", "\n\n", "a,k\n"] {
        assert!(refusal(Csv::new().label("k"), text).contains("at least one row"), "{text:?}");
    }
    assert!(refusal(Csv::new().label("k"), "a,k\n1,x\n2,x\n").contains("the one class `x`"));
    for scale in [f32::NAN, f32::INFINITY, 0.0] {
        assert!(refusal(Csv::new().scale(scale), "").starts_with("the table's scale is"));
    }
    assert!(refusal(Csv::new().delimiter(b'\n'), "").starts_with("the table's delimiter is '\\n'"));
    for classes in [&[][..], &["a", "b", "a"]] {
        let refusal = refusal(Csv::new().classes(classes.iter().copied()), "");
        assert!(refusal.starts_with("the list of the table's classes is ["), "{refusal}");
    }
    let missing = Csv::new().label(0).read("no/such.csv").unwrap_err().to_string();
    assert!(missing.starts_with("no/such.csv: "), "{missing}");
}
