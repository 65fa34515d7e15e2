/** Where this repository lies, also for a program that was bundled into a folder of it. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

export function repositoryFile(path: string): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'pnpm-workspace.yaml'))) {
    if (folder === dirname(folder)) throw new Error(`Can't find ${path}: this is not in a clone`)
    folder = dirname(folder)
  }
  return join(folder, path)
}
