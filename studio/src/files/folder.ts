/** Folders of rules that somebody opens: read with the browser's own means, and written back where it lets a page do so. */

import type { Files } from '../shell/session.js';

/** What was read of a folder. `handle` is there where the browser lets the page write into it. */
export interface Opened {
  readonly name: string;
  readonly files: Files;
  /** What was left out, and why. */
  readonly skipped: readonly string[];
  readonly handle?: Folder;
}

interface Writable {
  write(text: string): Promise<void>;
  close(): Promise<void>;
}
interface FileHandle {
  readonly kind: 'file';
  readonly name: string;
  getFile(): Promise<File>;
  createWritable(): Promise<Writable>;
}
type Mode = { readonly mode: 'readwrite' };
/** Of File System Access, whose types are in no library of TypeScript yet. */
export interface Folder {
  readonly kind: 'directory';
  readonly name: string;
  values(): AsyncIterable<FileHandle | Folder>;
  getFileHandle(name: string, options?: { create: boolean }): Promise<FileHandle>;
  getDirectoryHandle(name: string, options?: { create: boolean }): Promise<Folder>;
  removeEntry(name: string): Promise<void>;
  queryPermission?(mode: Mode): Promise<PermissionState>;
  requestPermission?(mode: Mode): Promise<PermissionState>;
}
declare global {
  interface Window {
    showDirectoryPicker?(options: { id: string; mode: 'readwrite' }): Promise<Folder>;
  }
  interface DataTransferItem {
    getAsFileSystemHandle?(): Promise<FileHandle | Folder | null>;
  }
}

const MOST_FILES = 2_000;
const LARGEST_RULES = 1 << 20; // bytes
const LARGEST_LIST = 4 << 20; // bytes
const isRules = (path: string): boolean => /\.(ya?ml|json)$/i.test(path);
/** Folders that hold no rules, and may hold a great deal. */
const isPassedBy = (name: string): boolean => name.startsWith('.') || name === 'node_modules' || name === 'target';

/** Whether the browser lets a page write into a folder. */
export const canWrite = (): boolean => typeof window.showDirectoryPicker === 'function';

/** Asks for a folder. `undefined`: somebody closed the picker. */
export async function pickFolder(): Promise<Opened | undefined> {
  try {
    const handle = await window.showDirectoryPicker?.({ id: 'rules', mode: 'readwrite' });
    return handle && (await fromHandle(handle));
  } catch (error) {
    if ((error as Error).name === 'AbortError') return undefined;
    throw error;
  }
}

export async function fromHandle(handle: Folder): Promise<Opened> {
  const found = new Map<string, () => Promise<File>>();
  const walk = async (folder: Folder, path: string): Promise<void> => {
    for await (const entry of folder.values()) {
      if (entry.kind === 'file') found.set(path + entry.name, () => entry.getFile());
      else if (!isPassedBy(entry.name)) await walk(entry, `${path}${entry.name}/`);
      if (found.size > MOST_FILES) throw new Error(tooMany(handle.name));
    }
  };
  await walk(handle, '');
  return { ...(await read(handle.name, found)), handle };
}

/** Of `<input webkitdirectory>`, or of files that were dropped. */
export async function fromList(list: readonly File[]): Promise<Opened> {
  const paths = list.map((file) => (file.webkitRelativePath || file.name).split('/'));
  // A folder's own name begins each path.
  const top = paths.every((path) => path.length > 1 && path[0] === paths[0]?.[0]) ? paths[0]?.[0] : undefined;
  const found = new Map<string, () => Promise<File>>();
  list.forEach((file, index) => {
    const path = (paths[index] ?? []).slice(top === undefined ? 0 : 1);
    if (!path.slice(0, -1).some(isPassedBy)) found.set(path.join('/'), async () => file);
  });
  if (found.size > MOST_FILES) throw new Error(tooMany(top ?? 'That'));
  return read(top ?? list[0]?.name ?? 'files', found);
}

/** Of a drop: the items are gone once the event is over, so all are asked for at once. */
export async function fromDrop(data: DataTransfer): Promise<Opened> {
  const items = [...data.items].filter(({ kind }) => kind === 'file');
  const handles = items.map((item) => item.getAsFileSystemHandle?.());
  const entries = items.map((item) => item.webkitGetAsEntry());
  const [handle] = await Promise.all(handles);
  if (handle?.kind === 'directory' && items.length === 1) return fromHandle(handle);
  const files: File[] = [];
  for (const entry of entries) if (entry) await entryFiles(entry, '', files);
  return fromList(files);
}

async function entryFiles(entry: FileSystemEntry, path: string, files: File[]): Promise<void> {
  if (files.length > MOST_FILES) throw new Error(tooMany(entry.name));
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    Object.defineProperty(file, 'webkitRelativePath', { value: path + file.name });
    files.push(file);
  } else if (!isPassedBy(entry.name)) {
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      // A reader gives some at a time, and none at the end.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) break;
      for (const one of some) await entryFiles(one, `${path}${entry.name}/`, files);
    }
  }
}

async function read(name: string, found: ReadonlyMap<string, () => Promise<File>>): Promise<Opened> {
  const files: Record<string, string> = {};
  const skipped: string[] = [];
  const take = async (path: string, most: number): Promise<void> => {
    const file = await found.get(path)?.();
    if (!file) return;
    if (file.size > most) {
      skipped.push(`${path}: over ${most >> 20} MB, which is not opened here; it stays as it is`);
      return;
    }
    try {
      // A byte order mark is part of the text, so that a file that nobody changed is the same again.
      files[path] = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
    } catch {
      skipped.push(`${path}: not UTF-8; save it as UTF-8 to change it here`);
    }
  };
  for (const path of [...found.keys()].filter(isRules).sort()) await take(path, LARGEST_RULES);
  if (Object.keys(files).length === 0 && skipped.length === 0)
    throw new Error(`${name} has no rules: choose the folder that has waft.yaml in it.`);
  // Files of people may lie beside rules. Only what rules name is read.
  for (const path of namedBy(files)) if (!(path in files)) await take(path, LARGEST_LIST);
  return { name, files, skipped };
}

/** The files that rules name as lists. A path is from the folder of the rules. */
export function namedBy(files: Files): readonly string[] {
  const named = Object.values(files).flatMap((text) => [...text.matchAll(/\bfile:\s*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s,}#]+))/g)]);
  return [...new Set(named.map(([, double, single, plain]) => double ?? single ?? plain ?? ''))]
    .filter((path) => !path.startsWith('..'))
    .sort();
}

/** Asks for leave to write, if it is not given yet. It lasts until the page is closed, or longer if the reader says so. */
export async function mayWrite(folder: Folder): Promise<boolean> {
  const mode: Mode = { mode: 'readwrite' };
  if (!folder.queryPermission || (await folder.queryPermission(mode)) === 'granted') return true;
  return (await folder.requestPermission?.(mode)) === 'granted';
}

/** Writes files, and removes those that are gone. */
export async function writeInto(folder: Folder, paths: readonly string[], files: Files): Promise<void> {
  for (const [index, path] of paths.entries()) {
    try {
      await writeOne(folder, path, files[path]);
    } catch (error) {
      const done = index === 0 ? 'nothing was written' : `written before it: ${paths.slice(0, index).join(', ')}`;
      throw new Error(`${path}: ${(error as Error).message}; ${done}. Your draft is kept: save again, or download it.`);
    }
  }
}

async function writeOne(folder: Folder, path: string, text: string | undefined): Promise<void> {
  const names = path.split('/');
  const name = names.pop() ?? '';
  let into = folder;
  for (const one of names) into = await into.getDirectoryHandle(one, { create: text !== undefined });
  if (text === undefined) return into.removeEntry(name);
  const file = await (await into.getFileHandle(name, { create: true })).createWritable();
  await file.write(text);
  await file.close();
}

const tooMany = (name: string): string =>
  `${name} has over ${MOST_FILES.toLocaleString('en')} files: choose the folder that has waft.yaml in it.`;
