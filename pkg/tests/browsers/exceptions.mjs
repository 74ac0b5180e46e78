// What is used although the oldest browsers lack it, or only looks so, and why that is right. One that no longer occurs is an error.

/** `path` as check.mjs tells it; `read` where only reading the name is excused, not calling it. */
export const EXCEPTIONS = [
  { path: 'api.Request.body', read: true, why: 'the body of a Response is meant' },
  { path: 'api.Blob.bytes', read: true, why: 'a property of our own' },
  { path: 'api.Request.bytes', read: true, why: 'a property of our own' },
  { path: 'api.Response.bytes', read: true, why: 'a property of our own' },
  { path: 'api.ServiceWorkerRegistration.index', read: true, why: 'a property of our own' },
  { path: 'api.Performance.memory', read: true, why: 'the memory that an instance of wasm exports' },
  { path: 'api.Element.role', read: true, why: 'the role in a requirement of trust' },
  { path: 'api.URLSearchParams.size', read: true, why: 'the size of a Set or a Map' },
  { path: 'api.ReadableStream.values', why: 'the values of a Map, or a method of our own' },
  { path: 'javascript.builtins.ArrayBuffer.detached', read: true, why: "wasm-bindgen's glue compares buffers where it is undefined" },
  { path: 'javascript.builtins.Symbol.dispose', read: true, why: "wasm-bindgen's glue asks whether it is there" },
  { path: 'api.WritableStreamDefaultController.signal', read: true, why: 'the signal of an AbortController' },
  { path: 'api.Document.prerendering', read: true, why: 'undefined where pages are not prerendered, which is then so' },
  { path: 'api.Document.adoptedStyleSheets', read: true, why: "the shadow root's is meant, below" },
  { path: 'api.ShadowRoot.adoptedStyleSheets', read: true, why: 'asked for first: the panel has a style element without' },
  { path: 'api.scheduler', read: true, why: 'undefined where a task cannot be ended, which goes on then' },
  {
    path: 'api.HTMLElement.focus.options_preventScroll_parameter',
    read: true,
    why: 'the demo scrolls to what has the focus where it is ignored',
  },
];
