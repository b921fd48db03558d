// The worker's first script: loads the module that holds the database and tells the page how far
// it is. Everything after that is between the two modules.

importScripts('./worker.js');

(async () => {
  const response = await fetch('./worker_bg.wasm');
  if (!response.ok) throw new Error(`worker_bg.wasm: ${response.status} ${response.statusText}`);
  // A compressed body has a length of its own that says nothing about what arrives here.
  const compressed = response.headers.has('content-encoding');
  const total = compressed ? 0 : Number(response.headers.get('content-length'));
  // The original response goes to the compiler, which streams and caches it; the copy is counted.
  const counted = response.clone().body.getReader();
  const counting = (async () => {
    let received = 0;
    let told = 0;
    for (;;) {
      const { done, value } = await counted.read();
      if (done) return;
      received += value.length;
      if (received - told > 200_000) {
        told = received;
        postMessage({ received, total });
      }
    }
  })();
  await Promise.all([counting, wasm_bindgen({ module_or_path: response })]);
})().catch((error) => postMessage({ failed: String(error?.message ?? error) }));
