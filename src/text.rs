//! Text for tables and charts: names in one line and not too long, numbers of a few digits.

/// Returns a text of one line and at most `most` characters; what is left out becomes `…`.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() > most {
        line = line.chars().take(most.saturating_sub(1)).chain(['…']).collect();
    }
    line
}

/// Four digits of a number, without zeros at its end: `0.0213`, `1.5e-7`.
pub(crate) fn number(value: f64) -> String {
    let plain = value == 0.0 || (1e-3..1e5).contains(&value.abs()) || !value.is_finite();
    let trimmed = |digits: &str| match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => digits.to_string(),
    };
    if plain {
        let digits = value.abs().max(1e-3).log10().floor().clamp(-3.0, 3.0);
        return trimmed(&format!("{value:.*}", (3.0 - digits) as usize));
    }
    let scientific = format!("{value:.3e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    format!("{}e{exponent}", trimmed(mantissa))
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
