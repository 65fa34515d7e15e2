/** What came of a run, in words. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { noInputs, type TargetRun } from '../engine/fuzz-target.ts'

/** A target's tasks as one run, in the order of the targets. */
export function mergeRuns(
  targets: readonly { readonly name: string }[],
  runs: readonly TargetRun[],
): TargetRun[] {
  return targets.map(({ name }) =>
    runs.filter(({ target }) => target === name).reduce(merged, noInputs(name)),
  )
}

function merged(a: TargetRun, b: TargetRun): TargetRun {
  const failure = a.failure ?? b.failure
  return {
    target: a.target,
    inputs: a.inputs + b.inputs,
    accepted: a.accepted + b.accepted,
    refused: a.refused + b.refused,
    refusals: added(a.refusals, b.refusals),
    leftOut: added(a.leftOut, b.leftOut),
    slowestMs: Math.max(a.slowestMs, b.slowestMs),
    ...(failure && { failure }),
  }
}

type Counts = Readonly<Record<string, number>>

function added(a: Counts, b: Counts): Counts {
  const sum = { ...a }
  for (const [words, count] of Object.entries(b)) sum[words] = (sum[words] ?? 0) + count
  return sum
}

/** Of each target a line, and below it a line for each reason to refuse. */
export function tableLines(runs: readonly TargetRun[]): string[] {
  const head = row('target', 'inputs', 'accepted', 'slowest')
  return [
    head,
    '-'.repeat(head.length),
    ...runs.flatMap((run) => [
      row(run.target, `${run.inputs}`, `${run.accepted}`, `${run.slowestMs.toFixed(0)} ms`),
      ...reasonLines(run),
    ]),
  ]
}

/** So many reasons are named, the most frequent first; what is seldom and many is summed up. */
const NAMED = 60

function reasonLines({ refusals, leftOut }: TargetRun): string[] {
  const all = Object.entries(refusals).sort(([, a], [, b]) => b - a)
  const rest = all.slice(NAMED)
  const more = rest.length > 0 ? [[`${rest.length} other reasons`, sumOf(rest)] as const] : []
  const out = Object.entries(leftOut).map(([why, count]) => [`left out: ${why}`, count] as const)
  return [...all.slice(0, NAMED), ...more, ...out].map(
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
  const input = 'input' in failure ? failure.input : undefined
  return [
    '',
    `FAILED: ${target}: ${failure.fault}`,
    `  again: ${input ? `${again} --input ${inputText(input) || "''"}` : again}`,
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

/** How all inputs ended, in numbers. A reader that failed has one input that did. */
export function closingLine(runs: readonly TargetRun[], seed: number, ms: number): string {
  const total = (count: (run: TargetRun) => number) =>
    runs.reduce((sum, run) => sum + count(run), 0)
  const ends = [
    `${total(({ accepted }) => accepted)} accepted`,
    `${total(({ refused }) => refused)} refused by name`,
    `${total(({ leftOut }) => sumOf(Object.entries(leftOut)))} left out`,
    `${total(({ failure }) => (failure ? 1 : 0))} failed`,
  ]
  return `fuzz: ${total(({ inputs }) => inputs)} inputs for ${runs.length} readers: ${ends.join(', ')} (seed ${seed}, ${Math.round(ms / 1000)} s)`
}

function sumOf(counts: readonly (readonly [string, number])[]): number {
  return counts.reduce((sum, [, count]) => sum + count, 0)
}
