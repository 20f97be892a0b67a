//! Renders the lines in the viewport once per frame, and follows the end until the user scrolls
//! away.
//!
//! Line heights are estimated first and measured in the frame after rendering. Corrections do not
//! move the visible lines.

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

/// Time budget in milliseconds for filtering in one frame: half a frame at 60 frames per second.
const FILTER_BUDGET_MILLIS: u64 = 8;
/// Distance in pixels that still counts as the end.
const END_TOLERANCE: i32 = 4;
/// Layout units per pixel.
const UNITS_PER_PIXEL: u64 = 64;
/// Maximum number of characters rendered per line; the rest takes no height.
const MAX_CHARACTERS: usize = 4 << 10;

impl Viewer {
    /// Schedules rendering in the next frame.
    pub fn draw_soon(self) {
        self.state.try_update_value(|state| {
            if state.frame.is_none() {
                state.frame = request_animation_frame_with_handle(move || self.frame()).ok();
            }
        });
    }

    fn frame(self) {
        self.state.try_update_value(|state| state.frame = None);
        self.measure();
        self.draw();
    }

    /// Filters all lines again, after a change of the filters or the width.
    pub(super) fn refilter(self) {
        self.state.try_update_value(|state| state.next_filter = Some(LineFilter::default()));
        self.draw_soon();
    }

    fn draw(self) {
        let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
        let Some(query) = self.query.try_get_untracked() else { return };
        let Some(following) = self.following.try_get_untracked() else { return };
        let pattern = Pattern::new(&query.search, query.regex);
        let seen = (fine(scroller.scroll_top()), fine(scroller.client_height()));
        let began = browser::local_now();
        let is_late = || browser::local_now().since(began).as_millis() as u64 >= FILTER_BUDGET_MILLIS;
        let layout = self.state.try_update_value(|state| {
            let (height, columns) = (state.line_height(), state.columns.unwrap_or(80));
            let mut judge = |line: &Line| tested(line, &query, &pattern, height, columns);
            let layout = state.lay_out(following, seen, &mut judge, &is_late);
            state.last_top = layout.scroll_to.map_or_else(|| scroller.scroll_top(), whole);
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
        self.publish(layout.lines, query.stream_tail(), layout.is_filtering);
        if layout.is_filtering {
            self.draw_soon();
        } else {
            self.show_expected_match();
        }
    }

    /// Updates the signals that changed.
    fn publish(self, lines: Vec<std::sync::Arc<Line>>, tail: u32, is_filtering: bool) {
        let is_same = self.lines.try_with_untracked(|before| {
            before.len() == lines.len() && before.iter().zip(&lines).all(|(before, line)| before.number == line.number)
        });
        if is_same == Some(false) {
            let had_focus = self.has_focus_within();
            self.lines.try_set(lines);
            // Measure the newly rendered lines.
            self.draw_soon();
            if had_focus {
                request_animation_frame(move || self.keep_focus());
            }
        }
        let current = self.current.try_get_untracked().flatten();
        let counts = self.state.try_with_value(|state| LineCounts {
            kept: state.store.len(),
            shown: state.filter.len(),
            dropped: state.store.first_number(),
            found: state.filter.found(),
            printed: state.store.printed(),
            shown_printed: state.filter.printed(),
            oldest_at: state.store.oldest_at(),
            is_whole: state.is_whole(tail),
            is_filtering: is_filtering || state.next_filter.is_some(),
            rank: current.and_then(|number| state.filter.rank(number)),
        });
        if let Some(counts) = counts.filter(|counts| self.counts.try_get_untracked() != Some(*counts)) {
            self.counts.try_set(counts);
        }
    }

    /// Goes to the first match among the earlier lines that were requested.
    fn show_expected_match(self) {
        let is_found = self.state.try_update_value(|state| {
            let is_expected = state.seeking_until.is_some_and(|until| browser::local_now() < until);
            let is_found = is_expected && state.filter.found() > 0;
            state.seeking_until = state.seeking_until.filter(|_| is_expected && !is_found);
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

    /// Moves the focus to the log if the focused line was removed.
    fn keep_focus(self) {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if let (true, Some(Some(scroller))) = (is_lost, self.scroller.try_get_untracked()) {
            let _ = scroller.focus();
        }
    }

    /// Measures the rendered lines, and corrects the scroll position for lines above the viewport.
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
        let moved = self.state.try_update_value(|state| {
            if (columns.is_some() && state.columns != columns) || state.line_height != Some(lowest) {
                (state.columns, state.line_height) = (columns.or(state.columns), Some(lowest));
                state.next_filter = Some(LineFilter::default());
            }
            let first_seen = state.filter.number_at(state.filter.heights().at(top)).unwrap_or_default();
            let mut moved = 0;
            for (number, height) in drawn {
                let by = state.filter.set_height(number, height);
                moved += if number < first_seen { by } else { 0 };
            }
            moved
        });
        let follows = self.following.try_get_untracked().unwrap_or_default();
        if let Some(moved) = moved.filter(|moved| *moved != 0 && !follows) {
            scroller.set_scroll_top(whole(top.saturating_add_signed(moved)));
        }
    }

    /// Handles scrolling by the user or by the page.
    pub fn scrolled(self) {
        let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
        let (top, height, full) = (scroller.scroll_top(), scroller.client_height(), scroller.scroll_height());
        let last_top =
            self.state.try_update_value(|state| std::mem::replace(&mut state.last_top, top)).unwrap_or_default();
        if top + height >= full - END_TOLERANCE {
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

    /// Keeps the current position when new lines arrive.
    pub fn unfollow(self) {
        if self.following.try_get_untracked() == Some(true) {
            self.following.try_set(false);
        }
    }

    /// Scrolls to the end and stays there.
    pub fn follow(self) {
        self.follow_from_here();
        self.draw_soon();
    }

    /// Goes to the next or previous match.
    pub fn go(self, forward: bool) {
        let Some(Some(scroller)) = self.scroller.try_get_untracked() else { return };
        let (top, height) = (fine(scroller.scroll_top()), fine(scroller.client_height()));
        let follows = self.following.try_get_untracked().unwrap_or_default();
        let current = self.current.try_get_untracked().flatten();
        let target = self.state.try_with_value(|state| {
            let filter = &state.filter;
            let target = match current {
                Some(number) => filter.next_found(number, forward)?,
                // When following, start from the newest line.
                None if follows => filter.next_found(u64::MAX, false)?,
                None => filter.next_found(filter.number_at(filter.heights().at(top))?.saturating_sub(1), forward)?,
            };
            let at = filter.heights().top(filter.place_of(target));
            let is_seen = at >= top && at + u64::from(state.line_height()) <= top + height;
            Some((target, (!is_seen).then(|| at.saturating_sub(height / 2))))
        });
        let Some(Some((target, to))) = target else { return };
        self.unfollow();
        self.current.try_set(Some(target));
        if let Some(to) = to {
            scroller.set_scroll_top(whole(to));
            self.state.try_update_value(|state| state.last_top = scroller.scroll_top());
        }
        self.draw_soon();
    }
}

/// Tests a line: its height, or that it is hidden, and whether it matches the search.
fn tested(line: &Line, query: &LogsQuery, pattern: &Pattern, line_height: u32, columns: usize) -> Tested {
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

/// Estimated number of rows of a wrapped line; measured exactly after rendering.
fn rows(line: &Line, columns: usize) -> u32 {
    let characters = match line.kind {
        Kind::Divider | Kind::Gap { .. } => 1,
        Kind::Printed { is_json: true, .. } => readable::readable(line).text.chars().count(),
        Kind::Printed { .. } => ansi::plain(&line.text).chars().count().min(MAX_CHARACTERS),
    };
    u32::try_from(characters.div_ceil(columns.max(1)).max(1)).unwrap_or(1)
}

/// Numbers and heights of the rendered lines.
fn heights(block: &HtmlElement) -> Vec<(u64, u32)> {
    let children = block.children();
    let height = |at| {
        let row = children.item(at)?;
        let number = row.get_attribute("data-number")?.parse().ok()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a height on the screen")]
        Some((number, (row.get_bounding_client_rect().height() * UNITS_PER_PIXEL as f64).round() as u32))
    };
    (0..children.length()).filter_map(height).collect()
}

/// Number of characters that fit in a row.
fn columns(scroller: &HtmlElement) -> Option<usize> {
    let width = |selector| {
        let element: Element = scroller.query_selector(selector).ok()??;
        Some(Element::get_bounding_client_rect(&element).width())
    };
    let (text, probe) = (width(".log-line__text")?, width(".log-view__probe")?);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some hundred")]
    let columns = (text / (probe / PROBE_LENGTH)).floor() as usize;
    (probe > 0.0 && columns > 0).then_some(columns)
}

/// Number of characters in the probe.
const PROBE_LENGTH: f64 = 20.0;

fn fine(pixels: i32) -> u64 {
    u64::from(pixels.max(0).unsigned_abs()) * UNITS_PER_PIXEL
}

fn whole(fine: u64) -> i32 {
    i32::try_from(fine.div_ceil(UNITS_PER_PIXEL)).unwrap_or(i32::MAX)
}

/// Formats without floats, which would add 10 kB of code.
fn pixels(fine: u64) -> String {
    format!("{}.{:06}px", fine / UNITS_PER_PIXEL, fine % UNITS_PER_PIXEL * (1_000_000 / UNITS_PER_PIXEL))
}

fn set_style(element: &HtmlElement, name: &str, value: &str) {
    let element: &HtmlElement = element.unchecked_ref();
    let _ = element.style().set_property(name, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_formatted_without_floats() {
        assert_eq!(pixels(0), "0.000000px");
        assert_eq!(pixels(64 * 20 + 32), "20.500000px");
        assert_eq!((whole(65), fine(-3)), (2, 0));
    }
}
