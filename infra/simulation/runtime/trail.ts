/** All that happened, a line each, in order: for whoever reads a failure, and to tell two runs apart to the byte. */
import { createHash } from 'node:crypto'

export interface Trail {
  note(line: string): void
  readonly lines: readonly string[]
  /** Of all lines. */
  digest(): string
}

export function createTrail(now: () => number): Trail {
  const lines: string[] = []
  return {
    note: (line) => void lines.push(`${new Date(now()).toISOString().slice(0, 19)} ${line}`),
    lines,
    digest: () => createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16),
  }
}
