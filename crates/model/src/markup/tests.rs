use super::*;
use proptest::prelude::*;
use std::fmt::Write;

/// The tree as a short text: what reads badly in Rust reads well in a test.
fn sketch(text: &str) -> String {
    let mut out = String::new();
    draw_all(&parse(text), &mut out);
    out
}

fn draw_all(blocks: &[Block], out: &mut String) {
    for (n, block) in blocks.iter().enumerate() {
        if n > 0 {
            out.push('|');
        }
        match block {
            Block::Paragraph(spans) => draw(spans, out),
            Block::Code { language, text } => {
                write!(out, "code({}:{text})", language.as_deref().unwrap_or_default()).expect("a string takes it");
            }
            Block::Quote(blocks) => wrap("quote", out, |out| draw_all(blocks, out)),
            Block::List { start, items } => {
                let name = start.map_or_else(|| "list".to_owned(), |start| format!("list{start}"));
                for item in items {
                    wrap(&name, out, |out| draw_all(item, out));
                }
            }
        }
    }
}

fn draw(spans: &[Span], out: &mut String) {
    for span in spans {
        match span {
            Span::Text(text) => out.push_str(text),
            Span::Bold(spans) => wrap("b", out, |out| draw(spans, out)),
            Span::Italic(spans) => wrap("i", out, |out| draw(spans, out)),
            Span::Strike(spans) => wrap("s", out, |out| draw(spans, out)),
            Span::Code(text) => wrap("code", out, |out| out.push_str(text)),
            Span::Mention(name) => wrap("at", out, |out| out.push_str(name)),
            Span::Link(link) => {
                wrap("a", out, |out| draw(&link.label, out));
                write!(out, "[{}]", link.href).expect("a string takes it");
                if let Some(host) = &link.host {
                    write!(out, "<{host}>").expect("a string takes it");
                }
            }
        }
    }
}

fn wrap(name: &str, out: &mut String, inside: impl FnOnce(&mut String)) {
    out.push_str(name);
    out.push('(');
    inside(out);
    out.push(')');
}

#[track_caller]
fn reads(cases: &[(&str, &str)]) {
    for (text, wanted) in cases {
        assert_eq!(sketch(text), *wanted, "{text:?}");
    }
}

#[test]
fn emphasis_is_what_stands_between_its_signs_and_nothing_else_is() {
    reads(&[
        ("a **b** c", "a b(b) c"),
        ("*a* _b_ __c__ ~~d~~", "i(a) i(b) b(c) s(d)"),
        ("***a***", "b(i(a))"),
        ("**a *b* c**", "b(a i(b) c)"),
        ("*a **b** c*", "i(a b(b) c)"),
        ("**a *b** c*", "**a i(b)* c*"),
        ("**a _b** c_", "b(a _b) c_"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("5 * 3 * 2", "5 * 3 * 2"),
        ("**open", "**open"),
        ("**** ____ ~~~~ ~a~", "**** ____ ~~~~ ~a~"),
        ("日本**東京**だ", "日本b(東京)だ"),
        (r"\*a\* \_b\_", "*a* _b_"),
        (r"C:\new", r"C:\new"),
        ("**a\nb**", "b(a\nb)"),
    ]);
}

#[test]
fn code_is_shown_as_it_was_written() {
    reads(&[
        ("`**a**` and ``b`c``", "code(**a**) and code(b`c)"),
        ("`` `x` ``", "code(`x`)"),
        ("a ` b", "a ` b"),
        (
            "```rust\nlet **a** = 1;\n\n  @ada\n```\nafter",
            "code(rust:let **a** = 1;\n\n  @ada)|after",
        ),
        ("```\nopen\nto the end", "code(:open\nto the end)"),
        ("````\n```\n````", "code(:```)"),
        ("before\n```\nx\n```", "before|code(:x)"),
        ("```a``` b", "```a``` b"),
    ]);
}

#[test]
fn quotes_and_lists_hold_other_things_up_to_a_depth() {
    reads(&[
        ("> a\n> **b**\nc", "quote(a\nb(b))|c"),
        ("> > a", "quote(quote(a))"),
        (">>>>> a", "quote(quote(quote(quote(> a))))"),
        ("- a\n- b\n  - c\n\nd", "list(a)list(b|list(c))|d"),
        ("3. a\n4. b", "list3(a)list3(b)"),
        ("so:\n1. a\n2. b", "so:|list1(a)list1(b)"),
        ("It was in\n1843. A good year.", "It was in\n1843. A good year."),
        ("- a\n\n- b\n\n\nc", "list(a)list(b)|c"),
        ("- a\n  ```\n  x\n  ```", "list(a|code(:x))"),
        ("-5 degrees\n*a*", "-5 degrees\ni(a)"),
        ("a\n\nb\nc", "a|b\nc"),
    ]);
}

#[test]
fn links_lead_to_the_web_or_to_mail_and_say_where() {
    reads(&[
        (
            "see https://example.org/a_b_c.",
            "see a(https://example.org/a_b_c)[https://example.org/a_b_c].",
        ),
        (
            "(http://example.org/a(b))",
            "(a(http://example.org/a(b))[http://example.org/a(b)])",
        ),
        (
            "**https://example.org**",
            "b(a(https://example.org)[https://example.org])",
        ),
        (
            "mailto:ada@example.org",
            "a(mailto:ada@example.org)[mailto:ada@example.org]",
        ),
        (
            "[the notes](https://example.org/n)",
            "a(the notes)[https://example.org/n]<example.org>",
        ),
        (
            "[Example.org](https://www.example.org/n)",
            "a(Example.org)[https://www.example.org/n]",
        ),
        (
            "[https://good.example](https://evil.example/)",
            "a(https://good.example)[https://evil.example/]<evil.example>",
        ),
        (
            "https://good.example@evil.example/",
            "a(https://good.example@evil.example/)[https://good.example@evil.example/]<evil.example>",
        ),
        (
            r"[a](https://evil.example\@good.example)",
            r"a(a)[https://evil.example\@good.example]<evil.example>",
        ),
        (
            "[**a** `b`](https://example.org)",
            "a(b(a) code(b))[https://example.org]<example.org>",
        ),
        (
            "[a](javascript:alert(1)) [b](data:text/html,x) [c](//example.org)",
            "[a](javascript:alert(1)) [b](data:text/html,x) [c](//example.org)",
        ),
        (
            "[](https://example.org)",
            "[](a(https://example.org)[https://example.org])",
        ),
        (
            "[a] (https://example.org)",
            "[a] (a(https://example.org)[https://example.org])",
        ),
        ("https:// xhttps://example.org", "https:// xhttps://example.org"),
        (
            "[a](https://example.org/\u{202e}gpj)",
            "[a](a(https://example.org/)[https://example.org/]\u{202e}gpj)",
        ),
    ]);
}

#[test]
fn mentions_are_names_as_accounts_have_them() {
    reads(&[
        ("@ada, @grace.hopper.", "at(ada), at(grace.hopper)."),
        ("(@ada) _@ada_", "(at(ada)) i(at(ada))"),
        ("ada@example.org @ab @ @@ada", "ada@example.org @ab @ @@ada"),
        (
            "`@ada` [@ada](https://example.org)",
            "code(@ada) a(@ada)[https://example.org]<example.org>",
        ),
    ]);
    assert_eq!(mentions("@ada `@grace` **@Hedy** and\n> @ada"), ["ada", "Hedy", "ada"]);
    assert_eq!(mentions(&format!("@{}", "a".repeat(33))), Vec::<String>::new());
}

#[test]
fn plain_is_one_line_without_markup() {
    for (text, wanted) in [
        ("**a** [b](https://example.org)\n\n`c`", "a b c"),
        ("1. x\n2. y", "1. x 2. y"),
        ("- x\n- y", "• x • y"),
        ("> q\n\n@ada \u{202e}evil", "q @ada evil"),
        ("```sh\nls  -l\n```", "ls -l"),
    ] {
        assert_eq!(plain(text), wanted, "{text:?}");
    }
}

/// Everything in the tree that was written, and how deep it goes.
fn gather(blocks: &[Block], depth: usize, all: &mut String) -> usize {
    let mut deepest = depth;
    for block in blocks {
        match block {
            Block::Paragraph(spans) => deepest = deepest.max(gather_spans(spans, depth + 1, all)),
            Block::Code { language, text } => {
                all.push_str(language.as_deref().unwrap_or_default());
                all.push_str(text);
            }
            Block::Quote(inner) => deepest = deepest.max(gather(inner, depth + 1, all)),
            Block::List { items, .. } => {
                for item in items {
                    deepest = deepest.max(gather(item, depth + 1, all));
                }
            }
        }
    }
    deepest
}

fn gather_spans(spans: &[Span], depth: usize, all: &mut String) -> usize {
    let mut deepest = depth;
    for span in spans {
        match span {
            Span::Text(text) | Span::Code(text) | Span::Mention(text) => all.push_str(text),
            Span::Bold(inner) | Span::Italic(inner) | Span::Strike(inner) => {
                deepest = deepest.max(gather_spans(inner, depth + 1, all));
            }
            Span::Link(link) => {
                deepest = deepest.max(gather_spans(&link.label, depth + 1, all));
                let said = matches!(link.label.as_slice(), [Span::Text(text)] if *text == link.href);
                if !said {
                    all.push_str(&link.href);
                }
                let sound = ["http://", "https://", "mailto:"]
                    .iter()
                    .any(|scheme| link.href.to_lowercase().starts_with(scheme));
                assert!(sound && !link.href.contains(char::is_whitespace), "{}", link.href);
            }
        }
    }
    deepest
}

fn letters(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Texts in which markup is as likely as words.
fn texts() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "bc",
        "é",
        "東",
        "\u{202e}",
        " ",
        "  ",
        "\n",
        "\n\n",
        "*",
        "**",
        "***",
        "_",
        "__",
        "~~",
        "`",
        "``",
        "```",
        "[",
        "]",
        "](",
        ")",
        "(",
        "https://",
        "http://x.y",
        "mailto:a@b",
        "@",
        "@ada",
        "> ",
        ">",
        "- ",
        "1. ",
        "12) ",
        "\\",
        "<b>",
        "&amp;",
        "\r\n",
    ];
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..60).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_is_read_without_losing_a_letter_within_a_bounded_depth(text in texts()) {
        let mut all = String::new();
        let deepest = gather(&parse(&text), 0, &mut all);
        prop_assert_eq!(letters(&all), letters(&text));
        // Blocks; then each kind of emphasis once, outside and inside of a link.
        prop_assert!(deepest <= 2 * usize::from(DEPTH_MAX) + 12, "{} deep", deepest);
        let plain = plain(&text);
        let sound = !plain.contains(['\n', '\u{202e}']);
        prop_assert!(sound, "{}", plain);
        prop_assert!(mentions(&text).len() <= text.len());
    }
}

#[test]
fn the_worst_of_texts_is_read_in_time_that_grows_with_its_length() {
    // Were any of these quadratic, each would take minutes instead of moments.
    for piece in [
        "[",
        "*",
        "*a",
        "_a ",
        "**a ",
        "`",
        "`a``",
        "``a`",
        "~~a ",
        "> ",
        ">",
        "- ",
        "@",
        "@a",
        "http://",
        "http://a)",
        ")",
        "[a](",
        "[a](b",
        "![",
        "\\",
        "1. ",
        "*a _b ~~c ",
        "a* b_ c~~ ",
        "\n",
        "```\n",
        "\n- a\n\n",
        "https://[",
        "  - a\n",
    ] {
        let text = piece.repeat(60_000 / piece.len());
        assert!(!parse(&text).is_empty() || text.trim().is_empty(), "{piece:?} was lost");
    }
}
