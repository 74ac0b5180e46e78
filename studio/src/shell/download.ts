/** Hands the browser a file that was made here. */

export function download(name: string, parts: BlobPart[], type = 'text/plain'): void {
  const url = URL.createObjectURL(new Blob(parts, { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // A browser may ask first, and reads it after that.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
