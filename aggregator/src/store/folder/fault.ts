/** What an error of the file system means for a store in a folder: nothing there, or what to do. */

/** For `.catch`: `undefined` when there is nothing at that path; any other error goes on. */
export function absent(error: unknown): undefined {
  if (isAbsence(error)) return undefined
  throw error
}

/** True when an error says that there is nothing at that path, nor can be. */
export function isAbsence(error: unknown): boolean {
  const code = fsCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG'
}

/** The system's name of the error, `ENOENT` say. */
export function fsCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
}

/** Cause and remedy, in one line. */
export function explainFolderFault(error: unknown, root: string): string {
  const code = fsCode(error)
  switch (code) {
    case 'ENOENT':
      return `${code}: there is no folder ${root}; create it (is its disk mounted?), or correct STORE_URL`
    case 'ENOTDIR':
      return `${code}: ${root} is not a folder; correct STORE_URL`
    case 'EACCES':
    case 'EPERM':
      return `${code}: this user may not do that; give it the right to read and write in ${root}`
    case 'EROFS':
      return `${code}: the disk of ${root} is mounted read-only; mount it for writing`
    case 'ENOSPC':
    case 'EDQUOT':
      return `${code}: there is no space left for ${root}; make some, and run this again`
    case 'ENAMETOOLONG':
      return `${code}: a part of the key is too long for a file name (255 bytes)`
    case 'EMFILE':
    case 'ENFILE':
      return `${code}: too many files are open; raise the limit (ulimit -n)`
  }
  const message = error instanceof Error ? error.message : String(error)
  return message.replaceAll(/\s+/g, ' ').trim()
}
