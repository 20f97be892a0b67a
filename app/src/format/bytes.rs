//! Sizes in bytes.

/// A size in the unit that `docker stats` would choose, with four significant digits: `48.21 MiB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 6] = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    if size < 1024 {
        return format!("{size} B");
    }
    // The unit that leaves one to four digits before the point.
    let mut unit = (size.ilog2() / 10) as usize;
    // Precision of 2^-20 of the unit, so that scaling fits: 128-bit arithmetic would add 1 kB to
    // the browser's module.
    let spare = (unit * 10).saturating_sub(20);
    let size = size >> spare;
    let mut one = 1_u64 << (unit * 10 - spare);
    let mut decimals = decimals_of(size / one);
    let mut scaled = scale(size, one, decimals);
    // 1023.96 rounds to 1024, which is 1 of the next unit.
    if scaled >= 1024 * 10_u64.pow(decimals) && unit + 1 < UNITS.len() {
        unit += 1;
        one <<= 10;
        decimals = 3;
        scaled = scale(size, one, decimals);
    }
    let mut text = decimal(scaled, decimals);
    text.push(' ');
    text.push_str(UNITS.get(unit).copied().unwrap_or("EiB"));
    text
}

/// Number of decimals that leaves four significant digits.
fn decimals_of(whole: u64) -> u32 {
    match whole {
        0..10 => 3,
        10..100 => 2,
        100..1000 => 1,
        _ => 0,
    }
}

/// `size / one` in units of `10^-decimals`, rounded half up.
fn scale(size: u64, one: u64, decimals: u32) -> u64 {
    (size * 10_u64.pow(decimals) + one / 2) / one
}

/// Writes a scaled number without trailing zeros.
fn decimal(scaled: u64, decimals: u32) -> String {
    let power = 10_u64.pow(decimals);
    let (whole, mut fraction, mut width) = (scaled / power, scaled % power, decimals as usize);
    if fraction == 0 {
        return whole.to_string();
    }
    while fraction % 10 == 0 {
        fraction /= 10;
        width -= 1;
    }
    format!("{whole}.{fraction:0width$}")
}

/// Memory usage and its limit: `48.21 MiB of 512 MiB`.
pub fn memory_of(usage: u64, limit: Option<u64>) -> String {
    match limit {
        Some(limit) => format!("{} of {}", bytes(usage), bytes(limit)),
        None => bytes(usage),
    }
}

/// A whole number with thousands separators: `1,048,576`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_four_significant_digits() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1 KiB"),
            (1536, "1.5 KiB"),
            (50_552_832, "48.21 MiB"),
            (536_870_912, "512 MiB"),
            (1_073_741_823, "1 GiB"), // 1023.999999 MiB
            (1_073_637_000, "1 GiB"), // 1023.9 MiB rounds to 1024
            (1_072_693_248, "1023 MiB"),
            (8_217_178_112, "7.653 GiB"),
            (11_811_160_064, "11 GiB"),
            (1_099_511_627_775, "1 TiB"), // 1023.999999999 GiB
            (1_234_567_890_123_456, "1.097 PiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(bytes(size), text, "{size}");
        }
    }

    #[test]
    fn thousands_have_separators() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (1_048_576, "1,048,576"), (12_345_678, "12,345,678")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn memory_names_its_limit() {
        assert_eq!(memory_of(1_048_576, Some(536_870_912)), "1 MiB of 512 MiB");
        assert_eq!(memory_of(1_048_576, None), "1 MiB");
    }
}
