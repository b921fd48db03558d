// Help while typing: names that fit, a paragraph on a name, the arguments of a call, what is
// wrong with the form. All of it is asked of the page; nothing here knows Python or SQL.
//
// `ask(what, text, position)` gives a promise: of `{from, items: [{label, detail, kind}]}` for
// 'suggestions', `{from, to, title, text, argument}` for 'description' and 'signature',
// `[{from, to, severity, message}]` for 'problems'; null where there is nothing to say.

import { linter } from '@codemirror/lint';
import { StateEffect, StateField } from '@codemirror/state';
import { EditorView, ViewPlugin, hoverTooltip, keymap, showTooltip } from '@codemirror/view';

// A text longer than this is pasted data, not code that wants help.
const LONGEST = 100_000;
const asked = (ask, what, state, position) => state.doc.length > LONGEST
  ? Promise.resolve(null)
  : ask(what, state.doc.toString(), position);

/** A completion source. */
export const completions = (ask) => async (context) => {
  const word = context.matchBefore(/\w+/);
  const opened = context.matchBefore(/[.'"(,]\s?-?|__/);
  if (!context.explicit && !word && !opened) return null;
  const found = await asked(ask, 'suggestions', context.state, context.pos);
  if (!found || context.aborted || found.items.length === 0) return null;
  return {
    from: found.from,
    // They come best first; a boost keeps that order among names that match equally well.
    options: found.items.map(({ label, detail, kind }, place) => ({
      label, detail: detail || kind, type: kind, boost: Math.max(-99, -place),
    })),
    // Two underscores lead on to other names.
    validFor: /^[A-Za-z0-9]*(?:_[A-Za-z0-9]+)*_?$/,
  };
};

/**
 * Underlines what is wrong with the form, a moment after the typing stops. `told()` gives what a
 * run of this very text has said: that is more, and stays.
 */
export const problems = (ask, told) => linter(
  async (view) => {
    const text = view.state.doc;
    const found = await asked(ask, 'problems', view.state, 0) ?? [];
    const end = view.state.doc.length;
    // An answer about a text that is gone says nothing.
    if (view.state.doc !== text) return [];
    if (told().length > 0) return told();
    return found.map(({ from, to, severity, message }) => {
      const start = Math.min(from, Math.max(end - 1, 0));
      return { from: start, to: Math.min(Math.max(to, start + 1), end), severity, message };
    });
  },
  { delay: 500 },
);

const paragraph = ({ title, text }) => {
  const dom = document.createElement('div');
  dom.className = 'assist';
  dom.setAttribute('role', 'tooltip');
  const head = dom.appendChild(document.createElement('code'));
  head.textContent = title;
  if (text) dom.appendChild(document.createElement('p')).textContent = text;
  return { dom };
};

/** A paragraph on the name under the pointer. */
export const hovers = (ask) => hoverTooltip(async (view, position) => {
  const found = await asked(ask, 'description', view.state, position);
  return found && { pos: found.from, end: found.to, above: true, create: () => paragraph(found) };
});

/** The arguments of the call that is being typed. */
export function signatures(ask) {
  const show = StateEffect.define();
  const shown = StateField.define({
    create: () => null,
    update(value, transaction) {
      for (const effect of transaction.effects) if (effect.is(show)) return effect.value;
      return value && transaction.docChanged
        ? { ...value, pos: transaction.changes.mapPos(value.pos) }
        : value;
    },
    provide: (field) => showTooltip.from(field),
  });
  const watch = ViewPlugin.fromClass(class {
    constructor(view) { this.view = view; this.number = 0; }

    update(update) {
      const typed = update.transactions.some((it) => it.isUserEvent('input') || it.isUserEvent('delete'));
      const moved = update.selectionSet && update.startState.field(shown);
      if (!typed && !moved) return;
      this.number += 1;
      const number = this.number;
      setTimeout(async () => {
        if (number !== this.number) return;
        const { state } = this.view;
        const found = await asked(ask, 'signature', state, state.selection.main.head);
        if (number !== this.number) return;
        const tooltip = found && {
          pos: Math.min(found.from, state.doc.length), above: true, create: () => paragraph(found),
        };
        if (tooltip || this.view.state.field(shown)) this.view.dispatch({ effects: show.of(tooltip) });
      }, 80);
    }

    destroy() { this.number += 1; }
  });
  const hide = (view) => {
    if (!view.state.field(shown)) return false;
    view.dispatch({ effects: show.of(null) });
    return true;
  };
  return [shown, watch, keymap.of([{ key: 'Escape', run: hide }]),
    EditorView.domEventHandlers({ blur: (_, view) => { hide(view); } })];
}
