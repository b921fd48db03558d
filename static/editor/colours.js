// The kinds of words that code has colours for, in the editor and in code that is only shown.

import { HighlightStyle } from '@codemirror/language';
import { highlightTree, tagHighlighter, tags } from '@lezer/highlight';

const KINDS = [
  { kind: 'keyword', tag: [tags.keyword, tags.operatorKeyword, tags.modifier], look: { fontWeight: '600' } },
  { kind: 'string', tag: [tags.string, tags.special(tags.string)] },
  { kind: 'number', tag: [tags.number, tags.bool, tags.null] },
  { kind: 'type', tag: [tags.typeName, tags.className] },
  { kind: 'function', tag: [tags.function(tags.variableName), tags.standard(tags.name)] },
  { kind: 'comment', tag: [tags.comment, tags.lineComment, tags.blockComment], look: { fontStyle: 'italic' } },
  { kind: 'punctuation', tag: [tags.operator, tags.punctuation, tags.bracket] },
];

/** The editor's style. Colours are the page's custom properties: a change of theme needs nothing here. */
export const highlighting = HighlightStyle.define(
  KINDS.map(({ kind, tag, look }) => ({ tag, color: `var(--code-${kind})`, ...look })),
);

const kinds = tagHighlighter(KINDS.map(({ kind, tag }) => ({ tag, class: kind })));

/**
 * Colours the one text that `element` holds, as `parser` reads it. Only ranges are marked, which
 * `::highlight(code-…)` in the style sheet colours: the elements stay as the page made them.
 * Gives what takes the colours away; a browser without highlights shows the text without them.
 */
export function paint(element, parser) {
  const text = element.firstChild;
  if (!text || !globalThis.CSS?.highlights) return () => {};
  const painted = [];
  highlightTree(parser.parse(text.data), kinds, (from, to, kind) => {
    const name = `code-${kind}`;
    if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
    const marks = CSS.highlights.get(name);
    const range = new StaticRange({ startContainer: text, startOffset: from, endContainer: text, endOffset: to });
    marks.add(range);
    painted.push(() => marks.delete(range));
  });
  return () => painted.splice(0).forEach((wipe) => wipe());
}
