/** What a test needs of this machine, and the reason to show when it is not there. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

export interface Requirements {
  readonly programs: readonly string[]
  readonly root?: boolean
}

/** Administrators' programs are not on every user's path. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']

/** What is missing, for people; `undefined` when the test can run. */
export function missingOf({ programs, root = false }: Requirements): string | undefined {
  const missing = programs.filter((program) => !isProgram(program))
  if (root && process.getuid?.() !== 0) missing.push('root')
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`
}

/** A suite's title, with the reason when it is skipped. */
export function titleOf(title: string, missing: string | undefined): string {
  return missing === undefined ? title : `${title} (skipped: ${missing})`
}

function isProgram(name: string): boolean {
  return FOLDERS.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
