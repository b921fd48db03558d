use super::Code;
use crate::app::Place;
use crate::lessons::lesson::{Block, Inline};
use yew::prelude::*;

/// Blocks of prose. What a page says becomes text; nothing of it becomes markup of ours.
pub fn blocks(blocks: &[Block]) -> Html {
    blocks.iter().map(block).collect()
}

fn block(block: &Block) -> Html {
    match block {
        Block::Paragraph(text) => html! { <p>{ inlines(text) }</p> },
        Block::Heading(text) => html! { <h4>{ inlines(text) }</h4> },
        Block::List { first, items } => {
            let items = items
                .iter()
                .map(|item| html! { <li>{ list_item(item) }</li> });
            match first {
                None => html! { <ul>{ for items }</ul> },
                Some(first) => html! { <ol start={first.to_string()}>{ for items }</ol> },
            }
        }
        Block::Table { head, rows } => html! {
            <div class="prose-table" tabindex="0" role="group" aria-label="Table">
                <table>
                    <thead><tr>{ for head.iter().map(|cell| html! { <th scope="col">{ inlines(cell) }</th> }) }</tr></thead>
                    <tbody>{ for rows.iter().map(|row| html! {
                        <tr>{ for row.iter().map(|cell| html! { <td>{ inlines(cell) }</td> }) }</tr>
                    }) }</tbody>
                </table>
            </div>
        },
        Block::Code { language, text } => html! {
            <pre class="prose-code" tabindex="0">
                if let Some(language) = *language {
                    <Code {language} text={text.clone()} />
                } else {
                    <code>{ text }</code>
                }
            </pre>
        },
        Block::Quote(inner) => html! { <blockquote>{ blocks(inner) }</blockquote> },
    }
}

/// An item of one paragraph stands there without one.
fn list_item(item: &[Block]) -> Html {
    match item {
        [Block::Paragraph(text), rest @ ..] => html! { <>{ inlines(text) }{ blocks(rest) }</> },
        other => blocks(other),
    }
}

/// Text with its form.
pub fn inlines(text: &[Inline]) -> Html {
    text.iter()
        .map(|inline| match inline {
            Inline::Text(text) => html! { text },
            Inline::Code(text) => html! { <code>{ text }</code> },
            Inline::Strong(inner) => html! { <strong>{ inlines(inner) }</strong> },
            Inline::Emphasis(inner) => html! { <em>{ inlines(inner) }</em> },
            // The reader lets places of the page through only; asking again costs nothing.
            Inline::Link { place, text } => {
                let place = Place::from_fragment(place).fragment();
                html! { <a href={place}>{ inlines(text) }</a> }
            }
        })
        .collect()
}

/// Prose that is folded until opened.
pub fn fold(title: Html, body: &[Block]) -> Html {
    html! {
        <details class="fold">
            <summary>{ title }</summary>
            <div class="prose">{ blocks(body) }</div>
        </details>
    }
}
