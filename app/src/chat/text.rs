//! A message's text on the screen: its tree, made of elements. There is no HTML of others in it.

use leptos::prelude::*;
use model::markup::{self, Block, Link, Span};

/// The text. `me` is my username where the message mentions me.
#[component]
pub fn Text(body: String, me: Option<String>) -> impl IntoView {
    blocks(markup::parse(&body), me.as_deref().unwrap_or_default())
}

/// The beginning of a text in one line, without its markup.
pub fn brief(text: &str, most: usize) -> String {
    // Markup takes room of its own; what is cut off within it is text.
    let start: String = text.chars().take(4 * most).collect();
    markup::plain(&start).chars().take(most).collect()
}

fn blocks(all: Vec<Block>, me: &str) -> AnyView {
    all.into_iter().map(|each| block(each, me)).collect_view().into_any()
}

fn block(block: Block, me: &str) -> AnyView {
    match block {
        Block::Paragraph(all) => view! { <p dir="auto">{spans(all, me)}</p> }.into_any(),
        Block::Code { language, text } => view! {
            <figure class="code">
                {language.map(|language| view! { <figcaption>{language}</figcaption> })}
                <pre tabindex="0" dir="ltr"><code>{text}</code></pre>
            </figure>
        }
        .into_any(),
        Block::Quote(inner) => view! { <blockquote>{blocks(inner, me)}</blockquote> }.into_any(),
        Block::List { start, items } => {
            let items = items
                .into_iter()
                .map(|item| view! { <li>{blocks(item, me)}</li> })
                .collect_view();
            match start {
                Some(start) => view! { <ol start=start.to_string()>{items}</ol> }.into_any(),
                None => view! { <ul>{items}</ul> }.into_any(),
            }
        }
    }
}

fn spans(all: Vec<Span>, me: &str) -> AnyView {
    all.into_iter().map(|each| span(each, me)).collect_view().into_any()
}

fn span(span: Span, me: &str) -> AnyView {
    match span {
        Span::Text(text) => text.into_any(),
        Span::Bold(inner) => view! { <strong>{spans(inner, me)}</strong> }.into_any(),
        Span::Italic(inner) => view! { <em>{spans(inner, me)}</em> }.into_any(),
        Span::Strike(inner) => view! { <s>{spans(inner, me)}</s> }.into_any(),
        Span::Code(text) => view! { <code>{text}</code> }.into_any(),
        Span::Mention(name) => {
            let mine = !me.is_empty() && name.to_lowercase() == me.to_lowercase();
            view! { <bdi class="mention" data-me=mine.then_some("")>"@" {name}</bdi> }.into_any()
        }
        Span::Link(Link { href, label, host }) => view! {
            <a href=href target="_blank" rel="noopener noreferrer nofollow ugc"><bdi>{spans(label, me)}</bdi></a>
            {host.map(|host| view! { <bdi class="link-host">" (" {host} ")"</bdi> })}
        }
        .into_any(),
    }
}
