//! Markdown events into a flat row of headings, fences and blocks of prose.

use super::{Problems, fence};
use crate::lessons::lesson::{Block, Inline};
use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// How deep lists, quotes and emphasis may nest; what lies deeper is flattened.
const MAX_DEPTH: usize = 24;

/// A piece of a page, and where it stands.
pub(super) struct Node {
    pub kind: NodeKind,
    pub span: Range<usize>,
}

pub(super) enum NodeKind {
    /// A heading and its level, from 1.
    Heading(u8, Vec<Inline>),
    /// A fence.
    Fence {
        /// What stands behind the backticks.
        info: String,
        /// What it holds, without the last line end.
        text: String,
        /// Where that begins.
        start: usize,
    },
    /// Everything else.
    Prose(Block),
}

/// The pieces of a page.
pub(super) fn nodes(text: &str, problems: &mut Problems) -> Vec<Node> {
    let mut builder = Builder {
        nodes: Vec::new(),
        stack: Vec::new(),
        problems,
    };
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES);
    for (event, span) in parser.into_offset_iter() {
        builder.take(event, span);
    }
    builder.nodes
}

/// What is open.
enum Frame {
    /// A list item or a quote: blocks, and text that stands in it without a paragraph.
    Blocks(Vec<Block>, Vec<Inline>),
    List(Option<u64>, Vec<Vec<Block>>),
    Table {
        head: Vec<Vec<Inline>>,
        rows: Vec<Vec<Vec<Inline>>>,
        row: Vec<Vec<Inline>>,
    },
    Inlines(Vec<Inline>),
    /// A link: its address, when it is a place of the page, and its text.
    Link(Option<String>, Vec<Inline>),
    Code {
        info: String,
        text: String,
        start: Option<usize>,
    },
    /// Something whose form is not kept; what it holds goes to the frame around it.
    Plain,
}

struct Builder<'p> {
    nodes: Vec<Node>,
    stack: Vec<Frame>,
    problems: &'p mut Problems,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, span: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(tag, &span),
            Event::End(tag) => self.close(tag, span),
            Event::Text(text) => {
                if let Some(Frame::Code {
                    text: code, start, ..
                }) = self.stack.last_mut()
                {
                    start.get_or_insert(span.start);
                    code.push_str(&text);
                } else {
                    self.inline(Inline::Text(text.into_string()));
                }
            }
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.inline(Inline::Code(text.into_string()));
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                self.problems.warn(
                    span,
                    "HTML is shown as text",
                    "Write Markdown, or put the text between backticks.",
                );
                self.inline(Inline::Text(text.into_string()));
            }
            Event::SoftBreak | Event::HardBreak => self.inline(Inline::Text(" ".into())),
            Event::Rule => self.problems.error(
                span,
                "a lesson has no horizontal rules",
                "Begin a section with a heading: ## Title.",
            ),
            // Extensions that are not switched on.
            Event::FootnoteReference(text) => self.inline(Inline::Text(text.into_string())),
            Event::TaskListMarker(_) => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>, span: &Range<usize>) {
        if self.stack.len() >= MAX_DEPTH {
            if self.stack.len() == MAX_DEPTH {
                self.problems.error(
                    span.clone(),
                    "this nests too deeply",
                    "Write it as a simple list or as paragraphs.",
                );
            }
            self.stack.push(Frame::Plain);
            return;
        }
        let frame = match tag {
            Tag::BlockQuote(_) | Tag::Item => {
                self.settle();
                Frame::Blocks(Vec::new(), Vec::new())
            }
            Tag::List(first) => {
                self.settle();
                Frame::List(first, Vec::new())
            }
            Tag::Table(_) => {
                self.settle();
                Frame::Table {
                    head: Vec::new(),
                    rows: Vec::new(),
                    row: Vec::new(),
                }
            }
            Tag::CodeBlock(kind) => {
                self.settle();
                Frame::Code {
                    info: match kind {
                        CodeBlockKind::Fenced(info) => info.into_string(),
                        CodeBlockKind::Indented => "text".into(),
                    },
                    text: String::new(),
                    start: None,
                }
            }
            Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock => {
                self.settle();
                Frame::Inlines(Vec::new())
            }
            Tag::TableCell | Tag::Emphasis | Tag::Strong => Frame::Inlines(Vec::new()),
            Tag::Link { dest_url, .. } => {
                let place = is_place(&dest_url).then(|| dest_url.to_string());
                if place.is_none() {
                    self.problems.error(
                        span.clone(),
                        format!("the link to \"{dest_url}\" leads out of the page"),
                        "Links lead to #/phase/N, #/schema, #/dashboard or #/playground.",
                    );
                }
                Frame::Link(place, Vec::new())
            }
            Tag::Image { .. } => {
                self.problems.error(
                    span.clone(),
                    "a lesson has no pictures",
                    "Say it in words, or use a widget.",
                );
                Frame::Plain
            }
            Tag::TableHead
            | Tag::TableRow
            | Tag::Strikethrough
            | Tag::Superscript
            | Tag::Subscript
            | Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::MetadataBlock(_) => Frame::Plain,
        };
        self.stack.push(frame);
    }

    fn close(&mut self, tag: TagEnd, span: Range<usize>) {
        self.settle();
        let Some(frame) = self.stack.pop() else {
            return;
        };
        match frame {
            Frame::Blocks(blocks, _) => match (tag, self.outer()) {
                (TagEnd::Item, Some(Frame::List(_, items))) => items.push(blocks),
                _ => self.block(Block::Quote(blocks), span),
            },
            Frame::List(first, items) => self.block(Block::List { first, items }, span),
            Frame::Table { head, rows, row: _ } => self.block(Block::Table { head, rows }, span),
            Frame::Code { info, text, start } => self.code(info, text, start, span),
            Frame::Inlines(inlines) => self.close_inlines(tag, inlines, span),
            Frame::Link(Some(place), text) => self.inline(Inline::Link { place, text }),
            Frame::Link(None, text) => text.into_iter().for_each(|inline| self.inline(inline)),
            Frame::Plain => self.close_plain(tag),
        }
    }

    fn close_inlines(&mut self, tag: TagEnd, inlines: Vec<Inline>, span: Range<usize>) {
        match tag {
            TagEnd::Heading(level) => {
                if self.stack.is_empty() {
                    let kind = NodeKind::Heading(level_number(level), inlines);
                    self.nodes.push(Node { kind, span });
                } else {
                    self.block(Block::Heading(inlines), span);
                }
            }
            TagEnd::Emphasis => self.inline(Inline::Emphasis(inlines)),
            TagEnd::Strong => self.inline(Inline::Strong(inlines)),
            TagEnd::TableCell => {
                if let Some(Frame::Table { row, .. }) = self.outer() {
                    row.push(inlines);
                }
            }
            _ => self.block(Block::Paragraph(inlines), span),
        }
    }

    /// The end of a row of a table, or of something without a form.
    fn close_plain(&mut self, tag: TagEnd) {
        if let Some(Frame::Table { head, rows, row }) = self.outer() {
            match tag {
                TagEnd::TableHead => *head = std::mem::take(row),
                TagEnd::TableRow => rows.push(std::mem::take(row)),
                _ => {}
            }
        }
    }

    fn code(&mut self, info: String, text: String, start: Option<usize>, span: Range<usize>) {
        let text = text.trim_end().to_owned();
        if self.stack.is_empty() {
            let start = start.unwrap_or(span.start);
            let kind = NodeKind::Fence { info, text, start };
            self.nodes.push(Node { kind, span });
            return;
        }
        let language = match fence::shown(&info) {
            Ok(language) => language,
            Err(_) => {
                self.problems.error(
                    span.clone(),
                    format!("a fence \"{info}\" inside of a list or quote does not run"),
                    "Begin it at the margin, or add the word show.",
                );
                None
            }
        };
        self.block(Block::Code { language, text }, span);
    }

    /// The innermost frame that has a form.
    fn outer(&mut self) -> Option<&mut Frame> {
        let frames = self.stack.iter_mut().rev();
        frames
            .into_iter()
            .find(|frame| !matches!(frame, Frame::Plain))
    }

    fn block(&mut self, block: Block, span: Range<usize>) {
        match self.outer() {
            Some(Frame::Blocks(blocks, _)) => blocks.push(block),
            // Blocks do not stand in these, except beyond the depth that is kept.
            Some(
                Frame::List(..)
                | Frame::Table { .. }
                | Frame::Inlines(_)
                | Frame::Link(..)
                | Frame::Code { .. },
            ) => {}
            Some(Frame::Plain) | None => self.nodes.push(Node {
                kind: NodeKind::Prose(block),
                span,
            }),
        }
    }

    fn inline(&mut self, inline: Inline) {
        let place = match self.outer() {
            Some(Frame::Inlines(inlines) | Frame::Link(_, inlines) | Frame::Blocks(_, inlines)) => {
                inlines
            }
            Some(Frame::List(..) | Frame::Table { .. } | Frame::Code { .. } | Frame::Plain)
            | None => return,
        };
        match (inline, place.last_mut()) {
            (Inline::Text(text), Some(Inline::Text(before))) => before.push_str(&text),
            (inline, _) => place.push(inline),
        }
    }

    /// Text that stands in an item without a paragraph becomes one.
    fn settle(&mut self) {
        if let Some(Frame::Blocks(blocks, loose)) = self.stack.last_mut()
            && !loose.is_empty()
        {
            blocks.push(Block::Paragraph(std::mem::take(loose)));
        }
    }
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Whether an address is one of the page's own places.
fn is_place(address: &str) -> bool {
    match address {
        "#/schema" | "#/dashboard" | "#/playground" | "#/" => true,
        address => address
            .strip_prefix("#/phase/")
            .is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9'])),
    }
}
