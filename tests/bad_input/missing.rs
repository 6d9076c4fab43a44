//! Files and folders that are not there: each reader names the path, where it looked, and the fix.

use std::path::Path;

use chainrule::data::idx;
use chainrule::prelude::*;

#[test]
fn every_reader_names_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let path = &folder.path().join("missing");
    let below = &path.join("file");
    for path in [path, below] {
        let mut messages = readers(path);
        let model = || Sequential::new([1]).add(Dense::new(1)).unwrap();
        let data =
            Arrays::new(ndarray::array![[1.0]].into_dyn(), ndarray::array![[1.0]].into_dyn())
                .unwrap();
        let resumed = Trainer::new(MeanSquaredError, Sgd::new(0.1)).resume(path);
        messages.push(told(resumed.epochs(1).fit(&mut model(), &data)));
        messages.push(told(ModelFile::load(path)));
        messages.push(told(idx::read::<u8>(path)));
        messages.push(told(idx::read_any(path)));
        messages.push(told(StreamedIdx::open(path, path, 10)));
        let (searched, fix) = match path == below {
            true => ("there is no folder ", "check the path, or make the folder first"),
            false => ("there is no file or folder of this name in ", "check the name"),
        };
        let parent = path.parent().unwrap().display();
        for message in messages {
            assert_eq!(message, format!("{}: {searched}{parent}: {fix}", path.display()));
        }
    }
}

fn told<T>(result: Result<T, impl std::fmt::Display>) -> String {
    result.err().map_or_else(String::new, |error| error.to_string())
}

/// The messages of the readers that features bring.
#[allow(unused_variables)]
fn readers(path: &Path) -> Vec<String> {
    vec![
        #[cfg(feature = "csv")]
        told(Csv::new().label(0).read(path)),
        #[cfg(feature = "images")]
        told(chainrule::data::ImageFolder::open(path)),
    ]
}
