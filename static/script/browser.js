// The few things that are shorter in the browser's own language.

let editorModule;

/** The editor's module, loaded when first asked for. */
function editor() {
  editorModule ??= import(new URL('editor.js', document.baseURI).href);
  return editorModule;
}

/** Puts a code editor into `parent`. */
export async function mountEditor(parent, options) {
  return (await editor()).createEditor(parent, options);
}

/** Colours the code that `element` holds. */
export async function paintCode(element, language) {
  return (await editor()).paintCode(element, language);
}

/** Calls `onNear` once, when an element comes into sight or a screen's height near it. */
export function whenNear(element, onNear) {
  const observer = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    observer.disconnect();
    onNear();
  }, { root: element.closest('.work'), rootMargin: '100% 0px' });
  observer.observe(element);
  return observer;
}

/** Calls `run` once, when the browser has nothing else to do; in a while where it cannot tell. */
export function whenIdle(run) {
  if (globalThis.requestIdleCallback) requestIdleCallback(() => run());
  else setTimeout(run, 1000);
}

let chartModule;

/** Draws a chart into `parent`; the module of charts is loaded when the first one is shown. */
export async function mountChart(parent, drawing) {
  chartModule ??= import(new URL('chart.js', document.baseURI).href);
  return (await chartModule).createChart(parent, drawing);
}

/** The text of a file beside the page. */
export async function fetchText(path) {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.text();
}

/** Starts the worker. */
export function startWorker() {
  const started = globalThis.engineWorker;
  globalThis.engineWorker = undefined;
  return started ?? new Worker(new URL('engine.js', document.baseURI).href);
}

/** What a worker said before anyone listened; from now on `listen` hears it. */
export function hear(worker, listen, fail) {
  const early = worker.early ?? [];
  worker.onmessage = (event) => listen(event.data);
  worker.onerror = (event) => { event.preventDefault?.(); fail(String(event.message ?? 'unknown')); };
  early.forEach(listen);
}

/** Stops hearing a worker and ends it. */
export function stopWorker(worker) {
  worker.onmessage = null;
  worker.onerror = null;
  worker.terminate();
}

/** Puts a text on the clipboard. */
export function copyText(text) {
  return navigator.clipboard.writeText(text);
}

/** Hands a text to the person as a file. */
export function saveText(name, type, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
