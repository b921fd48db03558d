use crate::app::sql_text::{Kind, lines, pieces};
use yew::prelude::*;

/// SQL with a line for each clause, highlighted.
pub fn sql_block(sql: &str) -> Html {
    html! { <pre class="sql"><code>{ sql_pieces(&lines(sql)) }</code></pre> }
}

/// SQL on one line, highlighted.
pub fn sql_line(sql: &str) -> Html {
    html! { <code class="sql-line" title={sql.to_owned()}>{ sql_pieces(sql) }</code> }
}

/// SQL as it is, highlighted.
pub fn sql_pieces(sql: &str) -> Html {
    pieces(sql)
        .into_iter()
        .map(|piece| {
            let text = piece.text.to_owned();
            let class = match piece.kind {
                Kind::Keyword => "sql-keyword",
                Kind::Text => "sql-text",
                Kind::Number => "sql-number",
                Kind::Comment => "sql-comment",
                Kind::Name | Kind::Blank | Kind::Sign => return html! { text },
            };
            html! { <span {class}>{ text }</span> }
        })
        .collect()
}
