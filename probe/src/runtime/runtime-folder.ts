/**
 * What is remembered from one scan to the next, and forgotten when the machine starts anew: small JSON files
 * in the unit's RuntimeDirectory, which is in memory, so that the card is not worn. Nothing in it is needed:
 * without it more is asked, and less can be shown.
 */
import * as nodeFs from 'node:fs'
import { join } from 'node:path'

/** systemd's RuntimeDirectory of presences-scan.service. */
export const RUNTIME_FOLDER = '/run/presences-scan'

export interface RuntimeFile<Content> {
  /** What was remembered last; `undefined` when there is none, or none that can be read. */
  recall(): Content | undefined
  /** Does not throw: where it can't be remembered, it is not. */
  remember(content: Content): void
}

/** The part of `node:fs` it uses. */
export type RuntimeFs = Pick<
  typeof nodeFs,
  'readFileSync' | 'renameSync' | 'unlinkSync' | 'writeFileSync'
>

/**
 * The file `name` in `folder`. `isContent` checks what is read: another version may have written it. `mode`
 * says who may read it.
 */
export function runtimeFile<Content>(
  folder: string,
  name: string,
  isContent: (value: unknown) => value is Content,
  mode = 0o644,
  fs: RuntimeFs = nodeFs,
): RuntimeFile<Content> {
  const path = join(folder, name)
  let last: Content | undefined
  return { recall, remember }

  function recall(): Content | undefined {
    try {
      const value: unknown = JSON.parse(fs.readFileSync(path, 'utf8'))
      return isContent(value) ? value : last
    } catch {
      return last
    }
  }

  function remember(content: Content): void {
    last = content
    const temporary = `${path}.${process.pid}`
    try {
      // Whole or not at all, since `status` may read it now; not synced, since it need not last.
      fs.writeFileSync(temporary, JSON.stringify(content), { mode })
      fs.renameSync(temporary, path)
    } catch {
      // A scan by hand, since the folder is the unit's: `watch` remembers by itself. Or a full memory.
      removeIfThere(temporary)
    }
  }

  /** The next scan would have another name for it: in a folder without room, one would stay each minute. */
  function removeIfThere(temporary: string): void {
    try {
      fs.unlinkSync(temporary)
    } catch {
      // Nor was it written.
    }
  }
}
