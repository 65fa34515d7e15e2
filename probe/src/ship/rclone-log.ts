/** What rclone 1.60 says it did: how many files were shipped, and why others were not. */
import { oneLine } from '@presences/shared'

export interface RcloneLog {
  readonly shipped: number
  /** Each reason once, without the file's name and the request's number. */
  readonly reasons: readonly string[]
}

/** Reads the log of `rclone move --verbose --log-format ''`. */
export function readRcloneLog(log: string): RcloneLog {
  let shipped = 0
  const entries: string[] = []
  let isOpen = false
  for (const line of log.split('\n')) {
    if (/^INFO {2}: .*: Deleted$/.test(line)) shipped += 1
    if (/^(INFO|DEBUG|NOTICE)/.test(line) || REPEATS.test(line)) isOpen = false
    else if (/^(ERROR|CRITICAL|Failed to )/.test(line)) {
      isOpen = true
      entries.push(line.replace(/^(ERROR|CRITICAL) *: */, ''))
    } else if (isOpen && line.trim()) entries.push(`${entries.pop()} ${line.trim()}`)
  }
  return { shipped, reasons: [...new Set(entries.map(reasonOf))] }
}

/** These repeat, or sum up, what another line tells. */
const REPEATS =
  /Not deleting source as copy failed|not deleting directories as|^ERROR : Attempt |^Failed to move/

function reasonOf(entry: string): string {
  const words = entry
    .replace(/^\S*\.tsv: /, '')
    .replace(/^Failed to copy: /, '')
    .replace(/, request id:.*$/, '')
    // It quotes the line of its configuration, which may be that of the key.
    .replace(/could not parse line: .*$/s, 'a line of it is no name = value')
    .replace(/ ?(caused by: )?(Put|Post) "[^"]*":?/g, '')
    .replaceAll(/[ \t]+/g, ' ')
  return oneLine(words)
}
