//! Checksums of numbers.

use clap::ValueEnum;

/// A rule that most misread numbers break.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Check {
    /// Cards and many identifiers: ISO/IEC 7812-1, annex B
    Luhn,
    /// The last two digits make the number 1 modulo 97: ISO/IEC 7064, MOD 97-10
    Mod97,
    /// The digits of an IBAN: its country's two letters go first, as `--country`
    Iban,
    /// Routing numbers of US banks, nine digits: 3, 7, 1 times the digits make a multiple of 10
    Aba,
}

impl Check {
    /// Returns `true` if digits pass. `country` are the letters of an IBAN.
    pub fn passes(self, text: &str, country: &str) -> bool {
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
        match self {
            Check::Luhn => {
                let doubled = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
                let value =
                    |(at, &digit): (usize, &u32)| if at % 2 == 1 { doubled(digit) } else { digit };
                digits.len() > 1
                    && digits.iter().rev().enumerate().map(value).sum::<u32>() % 10 == 0
            }
            Check::Mod97 => digits.len() > 2 && modulo_97(digits) == 1,
            Check::Iban => {
                if digits.len() < 5 {
                    return false;
                }
                // The country and the check digits move to the end; letters count from 10.
                let (check, account) = digits.split_at(2);
                let letters = country.chars().filter_map(|c| c.to_digit(36));
                let letters = letters.flat_map(|letter| [letter / 10, letter % 10]);
                let all = account.iter().copied().chain(letters).chain(check.iter().copied());
                modulo_97(all) == 1
            }
            Check::Aba => {
                let weighted = digits.iter().zip([3, 7, 1].into_iter().cycle());
                digits.len() == 9
                    && weighted.map(|(digit, weight)| digit * weight).sum::<u32>() % 10 == 0
            }
        }
    }
}

fn modulo_97(digits: impl IntoIterator<Item = u32>) -> u32 {
    digits.into_iter().fold(0, |rest, digit| (10 * rest + digit) % 97)
}

#[cfg(test)]
mod tests {
    use super::Check::*;

    #[test]
    fn numbers_from_the_standards_pass_and_their_neighbours_do_not() {
        assert!(Luhn.passes("4539578763621486", "") && !Luhn.passes("4539578763621487", ""));
        assert!(Mod97.passes("79444", "") && !Mod97.passes("79443", ""));
        // GB82 WEST 1234 5698 7654 32 has letters in it; this is Germany's example.
        assert!(
            Iban.passes("89370400440532013000", "DE") && !Iban.passes("89370400440532013001", "DE")
        );
        assert!(Aba.passes("111000025", "") && !Aba.passes("111000026", ""));
        assert!(!Luhn.passes("", "") && !Iban.passes("12", "DE"));
    }
}
