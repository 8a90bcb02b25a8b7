//! The caret of a text field. Browsers count in UTF-16, Rust in bytes.

use web_sys::HtmlTextAreaElement;

/// Where the caret is, in bytes of the text.
pub fn caret(field: &HtmlTextAreaElement) -> usize {
    let at = field.selection_start().ok().flatten().unwrap_or_default();
    bytes(&field.value(), at)
}

/// Puts the caret at a place of the text, given in bytes.
pub fn put_caret(field: &HtmlTextAreaElement, text: &str, at: usize) {
    let units = units(text.get(..at).unwrap_or(text));
    _ = field.set_selection_range(units, units);
}

/// Puts a sign on both sides of what is selected, which stays selected.
pub fn wrap(field: &HtmlTextAreaElement, sign: &str) {
    let text = field.value();
    let [start, end] = [field.selection_start(), field.selection_end()].map(|at| at.ok().flatten().unwrap_or_default());
    let (from, to) = (bytes(&text, start), bytes(&text, end));
    let (Some(before), Some(inside), Some(after)) = (text.get(..from), text.get(from..to), text.get(to..)) else {
        return;
    };
    field.set_value(&format!("{before}{sign}{inside}{sign}{after}"));
    let shift = units(sign);
    _ = field.set_selection_range(start + shift, end + shift);
}

fn units(text: &str) -> u32 {
    u32::try_from(text.encode_utf16().count()).unwrap_or(u32::MAX)
}

fn bytes(text: &str, units: u32) -> usize {
    let mut left = units as usize;
    text.char_indices()
        .find(|(_, c)| {
            let found = left == 0;
            left = left.saturating_sub(c.len_utf16());
            found
        })
        .map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_utf_16_is_a_place_in_bytes() {
        let text = "é😀a";
        assert_eq!([0, 1, 3, 4, 9].map(|at| bytes(text, at)), [0, 2, 6, 7, 7]);
        assert_eq!(units(text), 4);
    }
}
