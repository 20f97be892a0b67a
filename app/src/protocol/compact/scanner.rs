//! A JSON scanner that reads value by value and builds nothing: about 2 kB in the browser's module,
//! where a JSON library with derived types takes 60 kB.
//!
//! `None` from any method: the text is not what was expected, and scanning must stop.

/// A position in a JSON text. Commas, colons and white space are skipped anywhere.
#[derive(Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Creates a scanner at the start of the text.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// The next significant byte.
    fn peek(&mut self) -> Option<u8> {
        loop {
            match *self.text.as_bytes().get(self.at)? {
                b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' => self.at += 1,
                byte => return Some(byte),
            }
        }
    }

    /// Consumes this byte if it is next.
    fn take(&mut self, wanted: u8) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    /// Enters an array.
    pub(crate) fn open(&mut self) -> Option<()> {
        self.take(b'[')
    }

    /// Enters an object; its members are a text followed by a value.
    pub(crate) fn open_object(&mut self) -> Option<()> {
        self.take(b'{')
    }

    /// True if the array or object has another value.
    pub(crate) fn more(&mut self) -> bool {
        !matches!(self.peek(), None | Some(b']' | b'}'))
    }

    /// Skips the rest of the array or object and leaves it.
    pub(crate) fn close(&mut self) -> Option<()> {
        while self.more() {
            self.skip()?;
        }
        self.peek()?;
        self.at += 1;
        Some(())
    }

    /// Skips one value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'[' | b'{' => {
                    depth += 1;
                    self.at += 1;
                }
                b']' | b'}' => {
                    depth = depth.checked_sub(1)?;
                    self.at += 1;
                }
                b'"' => drop(self.text()?),
                _ => self.word(),
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Skips a number, `true`, `false` or `null`.
    fn word(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| b",:]} \n\r\t".contains(byte)).unwrap_or(rest.len()).max(1);
    }

    /// Consumes `null` if it is next.
    pub(crate) fn null(&mut self) -> bool {
        let is_null = self.peek() == Some(b'n');
        if is_null {
            self.word();
        }
        is_null
    }

    pub(crate) fn integer(&mut self) -> Option<i64> {
        self.peek()?;
        let from = self.at;
        self.word();
        self.text.get(from..self.at)?.parse().ok()
    }

    pub(crate) fn natural(&mut self) -> Option<u64> {
        self.integer().and_then(|value| u64::try_from(value).ok())
    }

    pub(crate) fn maybe_integer(&mut self) -> Option<Option<i64>> {
        if self.null() { Some(None) } else { self.integer().map(Some) }
    }

    pub(crate) fn maybe_natural(&mut self) -> Option<Option<u64>> {
        if self.null() { Some(None) } else { self.natural().map(Some) }
    }

    pub(crate) fn maybe_text(&mut self) -> Option<Option<String>> {
        if self.null() { Some(None) } else { self.text().map(Some) }
    }

    pub(crate) fn text(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut text = Vec::new();
        loop {
            let byte = *self.text.as_bytes().get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => return String::from_utf8(text).ok(),
                b'\\' => self.escaped(&mut text)?,
                byte => text.push(byte),
            }
        }
    }

    fn escaped(&mut self, text: &mut Vec<u8>) -> Option<()> {
        let byte = *self.text.as_bytes().get(self.at)?;
        self.at += 1;
        text.push(match byte {
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let digits = self.text.get(self.at..self.at + 4)?;
                self.at += 4;
                let code = u32::from_str_radix(digits, 16).ok()?;
                // A lone surrogate has no meaning; the server writes such characters unescaped.
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Some(());
            }
            other => other,
        });
        Some(())
    }
}
