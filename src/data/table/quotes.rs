//! Quotes of a table. A reader of CSV takes everything from one quote to the next as one field: a stray
//! quote swallows rows without a word. So the quotes are checked first.

/// Fault of a quote, and the line on which it opens.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadQuote {
    pub line: u64,
    pub reason: String,
}

/// Checks that every quote opens at the start of a field, closes at the end of one, and encloses no
/// rows.
pub(super) fn check(text: &[u8], delimiter: u8) -> Result<(), BadQuote> {
    let mut scan = Scan { rest: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text), line: 1 };
    let (mut fields, mut columns) = (1, None);
    while !scan.rest.is_empty() {
        scan.field(delimiter, columns)?;
        match scan.next() {
            Some(byte) if byte == delimiter => fields += 1,
            // The first row with anything in it says how many columns there are.
            _ if fields > 1 => (columns, fields) = (columns.or(Some(fields)), 1),
            _ => {}
        }
    }
    Ok(())
}

/// The text that is not checked yet, and the number of its first line.
struct Scan<'a> {
    rest: &'a [u8],
    line: u64,
}

impl Scan<'_> {
    fn next(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        // A carriage return ends a line, too, unless a line feed follows.
        if byte == b'\n' || (byte == b'\r' && rest.first() != Some(&b'\n')) {
            self.line += 1;
        }
        Some(byte)
    }

    /// Reads a field, up to the delimiter or the end of the line.
    fn field(&mut self, delimiter: u8, columns: Option<usize>) -> Result<(), BadQuote> {
        let line = self.line;
        let refused = |reason: String| Err(BadQuote { line, reason });
        if self.rest.first() == Some(&b'"') {
            self.next();
            self.quoted(line, delimiter, columns)?;
        } else if self.rest.trim_ascii_start().first() == Some(&b'"') {
            let spaces = self.rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            if self.rest[spaces..].first() == Some(&b'"') && delimiter != b'\t' {
                return refused("a quote must begin its field: remove the spaces before it".into());
            }
        }
        while self.rest.first().is_some_and(|&c| c != delimiter && c != b'\n' && c != b'\r') {
            self.next();
        }
        Ok(())
    }

    /// Reads what is left of a quoted field, up to its closing quote.
    fn quoted(&mut self, line: u64, delimiter: u8, columns: Option<usize>) -> Result<(), BadQuote> {
        let refused = |reason: String| Err(BadQuote { line, reason });
        let double = "where a quote is part of the text, double it (`\"\"`)";
        let mut delimiters = 0;
        loop {
            match self.next() {
                None => {
                    return refused(format!("a quote opens here and never closes: {double}"));
                }
                Some(b'"') if self.rest.first() == Some(&b'"') => {
                    self.next();
                }
                Some(b'"') => break,
                Some(b'\n') => {
                    if self.line > line + 1 && columns == Some(delimiters + 1) {
                        return refused(format!(
                            "a quote opens here, and line {} inside of it looks like a row: {double}",
                            self.line - 1
                        ));
                    }
                    delimiters = 0;
                }
                Some(byte) => delimiters += usize::from(byte == delimiter),
            }
        }
        let after = self.rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
        match after {
            Some(&byte) if byte != delimiter && byte != b'\n' && byte != b'\r' => {
                let end = self.line;
                refused(format!(
                    "a quote opens here and closes on line {end} in the middle of a field: {double}"
                ))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Option<u64> {
        check(text.as_bytes(), b',').err().map(|bad| bad.line)
    }

    #[test]
    fn quotes_as_csv_has_them_pass() {
        for text in [
            "",
            "a,b\n1,2\n",
            "\"a\",\"b\"\r\n\"1\",\"2, or \"\"3\"\"\"\r\n",
            "\u{feff}\"a\",b\n",
            "a,b\n1,\"two\nlines\"\n2,\"\"\n",
            "a,b\n1,2\" pipe\n",
            "a,b\n\"1\" ,2\n",
        ] {
            assert_eq!(check(text.as_bytes(), b','), Ok(()), "{text:?}");
        }
        assert_eq!(check(b"a\t\"b\"\n", b'\t'), Ok(()));
    }

    #[test]
    fn stray_quotes_are_refused_by_the_line_that_they_open_on() {
        assert_eq!(line("a,q\n1,yes\n2,\"no\n3,yes\n4,no\n5,yes"), Some(3));
        assert_eq!(line("a,q\n1,yes\n2,\"no\n3,yes\n4,no\n5,\"yes\n"), Some(3));
        assert_eq!(line("a,q\n1,yes\n2,\"no\n3,yes\n4,no\n5,yes\"\n"), Some(3));
        assert_eq!(line("a,q\r1,yes\r2,\"no\r3,yes"), Some(3));
        assert_eq!(line("\"a,q\n1,yes\n"), Some(1));
        assert_eq!(line("a,q\n1, \"x, or y\"\n"), Some(2));
    }
}
