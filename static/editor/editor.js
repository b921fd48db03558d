// The editor: CodeMirror 6 with PostgreSQL's SQL or Python, as one ES module without dependencies.
// The page loads it when the shell is painted and talks to it through `createEditor` alone.

import { autocompletion, closeBrackets, closeBracketsKeymap, closeCompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab, toggleComment } from '@codemirror/commands';
import { python, pythonLanguage } from '@codemirror/lang-python';
import { PostgreSQL, SQLDialect, sql } from '@codemirror/lang-sql';
import { LanguageSupport, bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Compartment, EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration, EditorView, drawSelection, dropCursor, highlightActiveLine, highlightActiveLineGutter,
  highlightSpecialChars, keymap, lineNumbers, placeholder,
} from '@codemirror/view';
import { completions, hovers, problems, signatures } from './assist.js';
import { highlighting, paint } from './colours.js';

// CodeMirror's list has every word that PostgreSQL's grammar knows. Those that name columns more
// often than they mean anything are left out, here and in completion.
const COLUMN_NAMES = new Set(('id name status email city country price rating stock quantity type value label title '
  + 'number position date level length owner version content comment source').split(' '));
const dialect = SQLDialect.define({
  ...PostgreSQL.spec,
  keywords: PostgreSQL.spec.keywords.split(' ').filter((word) => !COLUMN_NAMES.has(word)).join(' '),
});

// Python's names are the page's to offer, where it can be asked.
const pythonWith = (ask) => ask
  ? new LanguageSupport(pythonLanguage, pythonLanguage.data.of({ autocomplete: completions(ask) }))
  : python();
const language = (name, schema, ask) => name === 'python'
  ? [pythonWith(ask), indentUnit.of('    '), ask ? [hovers(ask), signatures(ask)] : []]
  : [sql({ dialect, schema: schema ?? {}, upperCaseKeywords: true }), indentUnit.of('  ')];

// A line that belongs to what is pointed at elsewhere.
const light = StateEffect.define();
const lit = Decoration.line({ class: 'cm-lit' });
const lights = StateField.define({
  create: () => Decoration.none,
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(light)) continue;
      const { doc } = transaction.state;
      return effect.value > 0 && effect.value <= doc.lines
        ? Decoration.set(lit.range(doc.line(effect.value).from))
        : Decoration.none;
    }
    return shown.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Colours the code that `element` holds; gives `{ wipe() }`, which takes the colours away. */
export function paintCode(element, name) {
  return { wipe: paint(element, name === 'python' ? pythonLanguage.parser : dialect.language.parser) };
}

/**
 * Puts an editor into `parent`.
 * `options`: `doc`, `language` ('sql' or 'python'), `label` for screen readers, `hint` shown when
 * empty, the callbacks `onRun()` (Ctrl/Cmd+Enter) and `onChange(text)`, and, where there is help
 * with typing, `ask(what, language, text, position)` as `assist.js` has it.
 */
export function createEditor(parent, options) {
  const grammar = new Compartment();
  let name = options.language;
  let schema;
  // What the last run said, and of which text.
  let told = { doc: null, diagnostics: [] };
  const ask = options.ask && ((what, text, position) => options.ask(what, name, text, position));

  const run = () => { closeCompletion(view); options.onRun(); return true; };
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: options.doc,
      extensions: [
        Prec.highest(keymap.of([{ key: 'Mod-Enter', run, preventDefault: true }])),
        lineNumbers(),
        highlightActiveLineGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        dropCursor(),
        EditorState.allowMultipleSelections.of(true),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        highlightActiveLine(),
        highlightSelectionMatches(),
        lights,
        search({ top: true }),
        syntaxHighlighting(highlighting),
        grammar.of(language(name, schema, ask)),
        ask ? problems(ask, () => (told.doc === view.state.doc ? told.diagnostics : [])) : [],
        placeholder(options.hint ?? ''),
        keymap.of([
          ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap,
          ...completionKeymap, ...lintKeymap, { key: 'Mod-/', run: toggleComment }, indentWithTab,
        ]),
        EditorView.contentAttributes.of({
          'aria-label': options.label, spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off',
        }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onChange(update.state.doc.toString());
          if (update.selectionSet || update.docChanged) {
            options.onCursor?.(update.state.doc.lineAt(update.state.selection.main.head).number);
          }
        }),
      ],
    }),
  });

  return {
    text: () => view.state.doc.toString(),
    /** The selected range as `[from, to]`, or the whole text when nothing is selected. */
    runRange: () => {
      const { from, to, empty } = view.state.selection.main;
      return empty ? [0, view.state.doc.length] : [from, to];
    },
    /** Selects a range and shows it. */
    select: (from, to) => {
      const end = view.state.doc.length;
      const selection = { anchor: Math.min(from, end), head: Math.min(to, end) };
      view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: 'center' }) });
      view.focus();
    },
    /** Lights a line up, from 1; no line for 0. */
    light: (line) => view.dispatch({ effects: light.of(line) }),
    slice: (from, to) => view.state.sliceDoc(from, to),
    setText: (text) => {
      if (text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: 0 } });
    },
    /** Underlines `problems`, each `{from, to, severity, message}` in UTF-16 units of the text. */
    setProblems: (problems) => {
      const end = view.state.doc.length;
      const diagnostics = problems.map(({ from, to, severity, message }) => {
        let start = Math.min(from, end);
        let stop = Math.min(Math.max(to, start), end);
        // An empty range (an unexpected end) would have nothing to underline.
        if (start === stop) { if (stop < end) stop += 1; else if (start > 0) start -= 1; }
        return { from: start, to: stop, severity, message };
      });
      told = { doc: view.state.doc, diagnostics };
      view.dispatch(setDiagnostics(view.state, diagnostics));
      if (diagnostics.length > 0) {
        view.dispatch({ effects: EditorView.scrollIntoView(diagnostics[0].from, { y: 'nearest' }) });
      }
    },
    /** Names for completion: `{table: [column, ...]}`. */
    setSchema: (next) => {
      schema = next;
      if (name === 'sql') view.dispatch({ effects: grammar.reconfigure(language(name, schema, ask)) });
    },
    setLanguage: (next) => {
      name = next;
      view.dispatch({ effects: grammar.reconfigure(language(name, schema, ask)) });
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
