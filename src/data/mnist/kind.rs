//! The data sets in MNIST's format: how their files are called, and their classes.

use std::fmt;

/// Lower-case letters that EMNIST keeps apart from their capitals in its merged sets.
const UNMERGED: &str = "abdefghnqrt";

/// A data set in MNIST's format, as [`Mnist::load_as`](super::Mnist::load_as) reads it.
///
/// | kind | train + test | classes | names of its files begin with |
/// |---|---:|---|---|
/// | MNIST | 60,000 + 10,000 | 10 digits | `train-`, `t10k-` |
/// | Fashion-MNIST | 60,000 + 10,000 | 10 kinds of clothes | `train-`, `t10k-` |
/// | KMNIST | 60,000 + 10,000 | 10 Japanese characters | `train-`, `t10k-` |
/// | QMNIST | 60,000 + 60,000 | 10 digits | `qmnist-` |
/// | EMNIST Balanced | 112,800 + 18,800 | 47 digits and letters | `emnist-balanced-` |
/// | EMNIST ByClass | 697,932 + 116,323 | 62 digits and letters | `emnist-byclass-` |
/// | EMNIST ByMerge | 697,932 + 116,323 | 47 digits and letters | `emnist-bymerge-` |
/// | EMNIST Digits | 240,000 + 40,000 | 10 digits | `emnist-digits-` |
/// | EMNIST Letters | 124,800 + 20,800 | 26 letters | `emnist-letters-` |
/// | EMNIST MNIST | 60,000 + 10,000 | 10 digits | `emnist-mnist-` |
///
/// Those with 47 classes have one class for a capital and a lower-case letter of the same form, such
/// as `C` and `c`; EMNIST Letters has one for each letter of the alphabet.
///
/// - **Sources**: H. Xiao et al., "Fashion-MNIST", arXiv:1708.07747, 2017; T. Clanuwat et al., "Deep
///   learning for classical Japanese literature" (KMNIST), arXiv:1812.01718, 2018; C. Yadav and L.
///   Bottou, "Cold case: the lost MNIST digits" (QMNIST), NeurIPS 2019; G. Cohen et al., "EMNIST: an
///   extension of MNIST to handwritten letters", IJCNN 2017.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum MnistKind {
    /// Handwritten digits, from NIST's Special Databases 1 and 3.
    Mnist,
    /// Photographs of clothes. Its files have the names of MNIST's.
    FashionMnist,
    /// Cursive hiragana from old Japanese books. Its files have the names of MNIST's.
    Kmnist,
    /// MNIST made again from its sources, with 50,000 test digits more.
    Qmnist,
    /// Digits and letters, the same number of each class.
    EmnistBalanced,
    /// All digits, capitals and lower-case letters.
    EmnistByClass,
    /// All digits and letters, those of the same form merged.
    EmnistByMerge,
    /// Digits, the same number of each.
    EmnistDigits,
    /// Letters, each capital merged with its lower-case letter.
    EmnistLetters,
    /// Digits, in the numbers of MNIST.
    EmnistMnist,
}

use MnistKind::*;

impl MnistKind {
    /// The kinds that differ in the names of their files.
    pub(super) const BY_FILES: [MnistKind; 8] = [
        Mnist,
        Qmnist,
        EmnistBalanced,
        EmnistByClass,
        EmnistByMerge,
        EmnistDigits,
        EmnistLetters,
        EmnistMnist,
    ];

    /// Number of classes.
    pub fn classes(self) -> usize {
        match self.class_names().len() {
            0 => 10,
            names => names,
        }
    }

    /// Names of the classes by their numbers, as the paper has them; empty for digits, whose names are
    /// their numbers.
    ///
    /// ```
    /// use chainrule::data::MnistKind;
    ///
    /// assert_eq!(MnistKind::EmnistLetters.class_names()[25], "Z");
    /// assert_eq!(MnistKind::EmnistBalanced.class_names()[36..39], ["a", "b", "d"]);
    /// assert_eq!(MnistKind::FashionMnist.class_names()[9], "Ankle boot");
    /// assert!(MnistKind::Mnist.class_names().is_empty());
    /// ```
    pub fn class_names(self) -> Vec<String> {
        let words = |words: [&str; 10]| words.map(String::from).to_vec();
        let digits_and_capitals = ('0'..='9').chain('A'..='Z').map(String::from);
        match self {
            Mnist | Qmnist | EmnistDigits | EmnistMnist => Vec::new(),
            FashionMnist => words([
                "T-shirt/top",
                "Trouser",
                "Pullover",
                "Dress",
                "Coat",
                "Sandal",
                "Shirt",
                "Sneaker",
                "Bag",
                "Ankle boot",
            ]),
            Kmnist => words(["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"]),
            EmnistBalanced | EmnistByMerge => {
                digits_and_capitals.chain(UNMERGED.chars().map(String::from)).collect()
            }
            EmnistByClass => digits_and_capitals.chain(('a'..='z').map(String::from)).collect(),
            EmnistLetters => ('A'..='Z').map(String::from).collect(),
        }
    }

    /// Beginning of the names of the files.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Mnist | FashionMnist | Kmnist => "",
            Qmnist => "qmnist-",
            EmnistBalanced => "emnist-balanced-",
            EmnistByClass => "emnist-byclass-",
            EmnistByMerge => "emnist-bymerge-",
            EmnistDigits => "emnist-digits-",
            EmnistLetters => "emnist-letters-",
            EmnistMnist => "emnist-mnist-",
        }
    }

    pub(super) fn is_emnist(self) -> bool {
        self.prefix().starts_with("emnist")
    }

    /// The label of class 0.
    pub(super) fn first_label(self) -> usize {
        usize::from(self == EmnistLetters)
    }
}

/// `EMNIST Letters`
impl fmt::Display for MnistKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mnist => "MNIST",
            FashionMnist => "Fashion-MNIST",
            Kmnist => "KMNIST",
            Qmnist => "QMNIST",
            EmnistBalanced => "EMNIST Balanced",
            EmnistByClass => "EMNIST ByClass",
            EmnistByMerge => "EMNIST ByMerge",
            EmnistDigits => "EMNIST Digits",
            EmnistLetters => "EMNIST Letters",
            EmnistMnist => "EMNIST MNIST",
        })
    }
}
