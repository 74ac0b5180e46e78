/** Elements that are of another size than before. */

/**
 * Tells of it from now on, in the next frame: what lays the page out anew while the browser tells of sizes makes it tell them again, which WebKit
 * calls an error. Returns what ends it.
 */
export function whenSized(element: Element, tell: () => void): () => void {
  let frame = 0;
  const observer = new ResizeObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(tell);
  });
  observer.observe(element);
  return () => {
    cancelAnimationFrame(frame);
    observer.disconnect();
  };
}
