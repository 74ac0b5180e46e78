// What goes wrong with a file, in the words of the native program: those of the C library, which Node has in other ones.
import { getSystemErrorMap } from 'node:util';

const WORDS = {
  EACCES: 'Permission denied',
  EAGAIN: 'Resource temporarily unavailable',
  EBADF: 'Bad file descriptor',
  EBUSY: 'Device or resource busy',
  ECONNREFUSED: 'Connection refused',
  EDQUOT: 'Disk quota exceeded',
  EEXIST: 'File exists',
  EFBIG: 'File too large',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  EISDIR: 'Is a directory',
  ELOOP: 'Too many levels of symbolic links',
  EMFILE: 'Too many open files',
  ENAMETOOLONG: 'File name too long',
  ENFILE: 'Too many open files in system',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOSPC: 'No space left on device',
  ENOTDIR: 'Not a directory',
  ENOTEMPTY: 'Directory not empty',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  EPIPE: 'Broken pipe',
  EROFS: 'Read-only file system',
  ETXTBSY: 'Text file busy',
  EXDEV: 'Invalid cross-device link',
};

/** An error with a code of the system, as Node's have it. */
export const failure = (code, message) => Object.assign(new Error(message), { code });

/** The same error as the native program tells it. */
export function inWords(error) {
  if (error?.code === 'ERR_INVALID_ARG_VALUE') return failure('EINVAL', 'file name contained an unexpected NUL byte');
  // What is ours has no number.
  if (typeof error?.errno !== 'number') return error;
  const words = WORDS[error.code] ?? getSystemErrorMap().get(error.errno)?.[1] ?? error.code;
  return failure(error.code, `${words} (os error ${Math.abs(error.errno)})`);
}

/** The method, whose errors are told in those words. */
export function telling(method) {
  return (...given) => {
    try {
      return method(...given);
    } catch (error) {
      throw inWords(error);
    }
  };
}
