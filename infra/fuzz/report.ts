/** What came of a run, in words. */
import { gunzipSync, gzipSync } from 'node:zlib'
import type { TargetRun } from './fuzz-target.ts'

/** A target's tasks as one run, in the order of the targets. */
export function mergeRuns(
  targets: readonly { readonly name: string }[],
  runs: readonly TargetRun[],
): TargetRun[] {
  return targets.map(({ name }) =>
    runs
      .filter(({ target }) => target === name)
      .reduce(merged, { target: name, inputs: 0, accepted: 0, refusals: {}, slowestMs: 0 }),
  )
}

function merged(a: TargetRun, b: TargetRun): TargetRun {
  const refusals = { ...a.refusals }
  for (const [words, count] of Object.entries(b.refusals)) {
    refusals[words] = (refusals[words] ?? 0) + count
  }
  const failure = a.failure ?? b.failure
  return {
    target: a.target,
    inputs: a.inputs + b.inputs,
    accepted: a.accepted + b.accepted,
    refusals,
    slowestMs: Math.max(a.slowestMs, b.slowestMs),
    ...(failure && { failure }),
  }
}

/** Of each target a line, and below it a line for each reason to refuse. */
export function tableLines(runs: readonly TargetRun[]): string[] {
  const head = row('target', 'inputs', 'accepted', 'slowest')
  return [
    head,
    '-'.repeat(head.length),
    ...runs.flatMap((run) => [
      row(run.target, `${run.inputs}`, `${run.accepted}`, `${run.slowestMs.toFixed(0)} ms`),
      ...refusalLines(run),
    ]),
  ]
}

/** The most frequent first; what is seldom and many is summed up. */
const NAMED = 12

function refusalLines({ refusals }: TargetRun): string[] {
  const all = Object.entries(refusals).sort(([, a], [, b]) => b - a)
  const rest = all.slice(NAMED)
  const sum = rest.reduce((count, [, more]) => count + more, 0)
  const more = rest.length > 0 ? [[`${rest.length} other reasons`, sum] as const] : []
  return [...all.slice(0, NAMED), ...more].map(
    ([words, count]) => `${''.padEnd(26)}${`${count}`.padStart(10)}  ${words}`,
  )
}

function row(target: string, inputs: string, accepted: string, slowest: string): string {
  return `${target.padEnd(26)}${inputs.padStart(10)}${accepted.padStart(10)}${slowest.padStart(11)}`
}

/** What failed, and the command that shows it again; nothing when nothing did. */
export function describeFailure({ target, failure }: TargetRun, seed: number): string[] {
  if (!failure) return []
  const again = `pnpm fuzz --target '${target}' --seed ${seed}`
  const input = inputText(failure.input)
  return [
    '',
    `FAILED: ${target}: ${failure.fault}`,
    `  again: ${input ? `${again} --input ${input}` : again}`,
  ]
}

/** Longer ones are walls of one piece: packed, they fit on a line. */
const LONGEST_PLAIN = 600
const PACKED = 'gz:'

/** An input for a command line. */
export function inputText(input: Uint8Array): string {
  if (input.length <= LONGEST_PLAIN) return Buffer.from(input).toString('base64')
  return PACKED + gzipSync(input, { level: 9 }).toString('base64')
}

/** The input of such a text. */
export function inputOf(text: string): Uint8Array {
  if (!text.startsWith(PACKED)) return Buffer.from(text, 'base64')
  return gunzipSync(Buffer.from(text.slice(PACKED.length), 'base64'))
}

export function closingLine(runs: readonly TargetRun[], seed: number, ms: number): string {
  const inputs = runs.reduce((sum, run) => sum + run.inputs, 0)
  const accepted = runs.reduce((sum, run) => sum + run.accepted, 0)
  const failed = runs.filter(({ failure }) => failure).length
  return `fuzz: ${inputs} inputs for ${runs.length} readers, ${accepted} accepted, ${inputs - accepted} refused by name, ${failed} failed (seed ${seed}, ${Math.round(ms / 1000)} s)`
}
