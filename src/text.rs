//! Text for tables and charts: in one line, and not too long.

/// Returns a text of one line and at most `most` characters; what is left out becomes `…`.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() > most {
        line = line.chars().take(most.saturating_sub(1)).chain(['…']).collect();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn characters_are_counted_and_lines_are_not_broken() {
        assert_eq!(shortened("größer", 6), "größer");
        assert_eq!(shortened("größere", 6), "größe…");
        assert_eq!(shortened("two\nlines\t!", 20), "two lines !");
        assert_eq!(shortened("", 3), "");
    }
}
