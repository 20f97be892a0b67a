//! Draws the lines near the window, once a frame, and follows the end until somebody scrolls away from it.
//!
//! Lines are taken to be as high as they should be; what was drawn is measured in the next frame, and what differs is moved without moving what
//! is read.

use super::{LineCounts, Viewer};
use crate::prelude::*;
use crate::{
    client::browser,
    logs::{Kind, Line, LineFilter, LogsQuery, StreamChoice, Tested, ansi, readable},
    model::LogStream,
    pages::logs::pattern::Pattern,
};
use leptos::{
    leptos_dom::helpers::request_animation_frame_with_handle,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

/// Milliseconds that a frame may spend on looking at lines: half of one at 60 a second.
const LOOKING_MILLIS: u64 = 8;
/// This close to the end counts as there, in pixels.
const NEAR_END: i32 = 4;
/// 64ths in a pixel.
const FINE: u64 = 64;
/// More letters of a line are not drawn, and take no height.
const MOST_LETTERS: usize = 4 << 10;

impl Viewer {
    /// Draws in the next frame.
    pub(super) fn draw_soon(self) {
        self.book.try_update_value(|book| {
            if book.frame.is_none() {
                book.frame = request_animation_frame_with_handle(move || self.frame()).ok();
            }
        });
    }

    /// What is opened or folded within a line makes it another height.
    pub fn measure_soon(self) {
        self.draw_soon();
    }

    fn frame(self) {
        self.book.try_update_value(|book| book.frame = None);
        self.measure();
        self.draw();
    }

    /// Looks at all lines again: another filter, another width.
    pub(super) fn sieve_anew(self) {
        self.book.try_update_value(|book| book.coming = Some(LineFilter::default()));
        self.draw_soon();
    }

    fn draw(self) {
        let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
        let Some(query) = self.query.try_get_untracked() else { return };
        let Some(following) = self.following.try_get_untracked() else { return };
        let pattern = Pattern::new(&query.search, query.regex);
        let seen = (fine(scroller.scroll_top()), fine(scroller.client_height()));
        let began = browser::local_now();
        let is_late = || browser::local_now().since(began).as_millis() as u64 >= LOOKING_MILLIS;
        let layout = self.book.try_update_value(|book| {
            let (height, columns) = (book.line_height(), book.columns.unwrap_or(80));
            let mut judge = |line: &Line| verdict(line, &query, &pattern, height, columns);
            let layout = book.lay_out(following, seen, &mut judge, &is_late);
            book.last_top = layout.scroll_to.map_or_else(|| scroller.scroll_top(), whole);
            layout
        });
        let Some(layout) = layout else { return };
        if let (Some(Some(sizer)), Some(Some(block))) = (self.sizer.try_get_untracked(), self.block.try_get_untracked())
        {
            set_style(&sizer, "height", &pixels(layout.total));
            set_style(&block, "transform", &format!("translateY({})", pixels(layout.first_top)));
        }
        if let Some(top) = layout.scroll_to {
            scroller.set_scroll_top(whole(top));
        }
        if !following && layout.added > 0 {
            self.unseen.try_update(|unseen| *unseen += layout.added);
        }
        self.publish(layout.lines, query.stream_tail(), layout.is_looking);
        if layout.is_looking {
            self.draw_soon();
        } else {
            self.show_sought();
        }
    }

    /// Tells the views, where something changed.
    fn publish(self, lines: Vec<std::sync::Arc<Line>>, tail: u32, is_looking: bool) {
        let is_same = self.lines.try_with_untracked(|before| {
            before.len() == lines.len() && before.iter().zip(&lines).all(|(before, line)| before.number == line.number)
        });
        if is_same == Some(false) {
            let had_focus = self.has_focus_within();
            self.lines.try_set(lines);
            // The drawn lines are measured then.
            self.draw_soon();
            if had_focus {
                request_animation_frame(move || self.keep_focus());
            }
        }
        let current = self.current.try_get_untracked().flatten();
        let counts = self.book.try_with_value(|book| LineCounts {
            kept: book.store.len(),
            shown: book.sieve.len(),
            left: book.store.first_number(),
            found: book.sieve.found(),
            printed: book.store.printed(),
            shown_printed: book.sieve.printed(),
            oldest_at: book.store.oldest_at(),
            is_whole: book.is_whole(tail),
            is_looking: is_looking || book.coming.is_some(),
            rank: current.and_then(|number| book.sieve.rank(number)),
        });
        if let Some(counts) = counts.filter(|counts| self.counts.try_get_untracked() != Some(*counts)) {
            self.counts.try_set(counts);
        }
    }

    /// Earlier lines were asked for to find something: goes there once it is found.
    fn show_sought(self) {
        let is_found = self.book.try_update_value(|book| {
            let is_sought = book.seeking_until.is_some_and(|until| browser::local_now() < until);
            let is_found = is_sought && book.sieve.found() > 0;
            book.seeking_until = book.seeking_until.filter(|_| is_sought && !is_found);
            is_found
        });
        if is_found == Some(true) {
            self.go(false);
        }
    }

    fn has_focus_within(self) -> bool {
        let block = self.block.try_get_untracked().flatten();
        block.is_some_and(|block| block.contains(document().active_element().as_deref()))
    }

    /// A line that had the focus may have gone; the log itself takes it then.
    fn keep_focus(self) {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if let (true, Some(Some(scroller))) = (is_lost, self.scroller.try_get_untracked()) {
            let _ = scroller.focus();
        }
    }

    /// Takes the heights of what is drawn; lines before the window that turn out otherwise move it along.
    fn measure(self) {
        let (Some(Some(scroller)), Some(Some(block))) =
            (self.scroller.try_get_untracked(), self.block.try_get_untracked())
        else {
            return;
        };
        let drawn = heights(&block);
        let Some(lowest) = drawn.iter().map(|(_, height)| *height).filter(|height| *height > 0).min() else { return };
        let wraps = self.query.try_with_untracked(|query| query.wrap).unwrap_or_default();
        let columns = wraps.then(|| columns(&scroller)).flatten();
        let top = fine(scroller.scroll_top());
        let moved = self.book.try_update_value(|book| {
            if (columns.is_some() && book.columns != columns) || book.line_height != Some(lowest) {
                (book.columns, book.line_height) = (columns.or(book.columns), Some(lowest));
                book.coming = Some(LineFilter::default());
            }
            let first_seen = book.sieve.number_at(book.sieve.heights().at(top)).unwrap_or_default();
            let mut moved = 0;
            for (number, height) in drawn {
                let by = book.sieve.set_height(number, height);
                moved += if number < first_seen { by } else { 0 };
            }
            moved
        });
        let follows = self.following.try_get_untracked().unwrap_or_default();
        if let Some(moved) = moved.filter(|moved| *moved != 0 && !follows) {
            scroller.set_scroll_top(whole(top.saturating_add_signed(moved)));
        }
    }

    /// Somebody scrolls, or the page does.
    pub fn scrolled(self) {
        let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
        let (top, height, full) = (scroller.scroll_top(), scroller.client_height(), scroller.scroll_height());
        let last_top =
            self.book.try_update_value(|book| std::mem::replace(&mut book.last_top, top)).unwrap_or_default();
        if top + height >= full - NEAR_END {
            self.follow_from_here();
        } else if top < last_top - 1 {
            self.unfollow();
        }
        self.draw();
    }

    fn follow_from_here(self) {
        if self.following.try_get_untracked() == Some(false) {
            self.following.try_set(true);
            self.unseen.try_set(0);
        }
    }

    /// What is read stays where it is, whatever comes.
    pub fn unfollow(self) {
        if self.following.try_get_untracked() == Some(true) {
            self.following.try_set(false);
        }
    }

    /// Goes to the end and stays there.
    pub fn follow(self) {
        self.follow_from_here();
        self.draw_soon();
    }

    /// Goes to the next line that the search found, or to the one before.
    pub fn go(self, forward: bool) {
        let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
        let (top, height) = (fine(scroller.scroll_top()), fine(scroller.client_height()));
        let follows = self.following.try_get_untracked().unwrap_or_default();
        let current = self.current.try_get_untracked().flatten();
        let target = self.book.try_with_value(|book| {
            let sieve = &book.sieve;
            let target = match current {
                Some(number) => sieve.next_found(number, forward)?,
                // Who follows has the newest ones in view.
                None if follows => sieve.next_found(u64::MAX, false)?,
                None => sieve.next_found(sieve.number_at(sieve.heights().at(top))?.saturating_sub(1), forward)?,
            };
            let at = sieve.heights().top(sieve.place_of(target));
            let is_seen = at >= top && at + u64::from(book.line_height()) <= top + height;
            Some((target, (!is_seen).then(|| at.saturating_sub(height / 2))))
        });
        let Some(Some((target, to))) = target else { return };
        self.unfollow();
        self.current.try_set(Some(target));
        if let Some(to) = to {
            scroller.set_scroll_top(whole(to));
            self.book.try_update_value(|book| book.last_top = scroller.scroll_top());
        }
        self.draw_soon();
    }
}

/// Whether a line is shown, how high, and whether the search finds it.
fn verdict(line: &Line, query: &LogsQuery, pattern: &Pattern, line_height: u32, columns: usize) -> Tested {
    let is_printed = line.is_printed();
    let hidden = Tested { height: None, is_found: false, is_printed };
    if let Kind::Printed { stream, level, .. } = line.kind {
        let is_wanted = match query.stream {
            StreamChoice::All => true,
            StreamChoice::Stdout => stream == LogStream::Stdout,
            StreamChoice::Stderr => stream == LogStream::Stderr,
        };
        if !is_wanted || query.hidden.contains(&level) {
            return hidden;
        }
    }
    let is_found = pattern.searches() && readable::finds(line, &|text| pattern.is_in(text));
    if query.only_found && pattern.searches() && !is_found {
        return hidden;
    }
    let rows = if query.wrap { rows(line, columns) } else { 1 };
    Tested { height: Some(line_height.saturating_mul(rows)), is_found, is_printed }
}

/// How many rows a line takes where it wraps; measured exactly once it is drawn.
fn rows(line: &Line, columns: usize) -> u32 {
    let letters = match line.kind {
        Kind::Divider | Kind::Gap { .. } => 1,
        Kind::Printed { is_json: true, .. } => readable::readable(line).text.chars().count(),
        Kind::Printed { .. } => ansi::plain(&line.text).chars().count().min(MOST_LETTERS),
    };
    u32::try_from(letters.div_ceil(columns.max(1)).max(1)).unwrap_or(1)
}

/// The numbers of the drawn lines, and how high each is.
fn heights(block: &HtmlElement) -> Vec<(u64, u32)> {
    let children = block.children();
    let height = |at| {
        let row = children.item(at)?;
        let number = row.get_attribute("data-number")?.parse().ok()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a height on the screen")]
        Some((number, (row.get_bounding_client_rect().height() * FINE as f64).round() as u32))
    };
    (0..children.length()).filter_map(height).collect()
}

/// How many letters of the log's face fit where text stands.
fn columns(scroller: &HtmlElement) -> Option<usize> {
    let width = |selector| {
        let element: Element = scroller.query_selector(selector).ok()??;
        Some(Element::get_bounding_client_rect(&element).width())
    };
    let (text, probe) = (width(".log-line__text")?, width(".log-view__probe")?);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred")]
    let columns = (text / (probe / PROBE_LETTERS)).floor() as usize;
    (probe > 0.0 && columns > 0).then_some(columns)
}

/// Letters in the probe.
const PROBE_LETTERS: f64 = 20.0;

fn fine(pixels: i32) -> u64 {
    u64::from(pixels.max(0).unsigned_abs()) * FINE
}

fn whole(fine: u64) -> i32 {
    i32::try_from(fine.div_ceil(FINE)).unwrap_or(i32::MAX)
}

/// Without floats, whose formatting is 10 kB of code.
fn pixels(fine: u64) -> String {
    format!("{}.{:06}px", fine / FINE, fine % FINE * (1_000_000 / FINE))
}

fn set_style(element: &HtmlElement, name: &str, value: &str) {
    let element: &HtmlElement = element.unchecked_ref();
    let _ = element.style().set_property(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_without_floats() {
        assert_eq!(pixels(0), "0.000000px");
        assert_eq!(pixels(64 * 20 + 32), "20.500000px");
        assert_eq!((whole(65), fine(-3)), (2, 0));
    }
}
