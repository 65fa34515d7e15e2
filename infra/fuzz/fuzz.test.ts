/** A short fixed set for each change, and proof that the fuzzer can fail: broken readers that it must catch. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fuzzTarget, inputAt, type TargetRun } from './engine/fuzz-target.ts'
import { type Judged, judge, must, READ, type Target } from './engine/target.ts'
import { planTasks } from './run/plan-tasks.ts'
import {
  closingLine,
  describeFailure,
  inputOf,
  inputText,
  mergeRuns,
  tableLines,
} from './run/report.ts'
import { runTasks } from './run/run-tasks.ts'
import { TARGETS } from './targets/targets.ts'

/** But those that explain failures: they accept nothing. */
const UNDERSTOOD = TARGETS.filter(({ name }) => !/ failure$/.test(name)).map(
  (target) => [target.name, target] as const,
)

describe('every reader', () => {
  // From 1: the task that begins at 0 stretches its inputs as well, which takes minutes in all.
  test.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (name, target) => {
    const run = await fuzzTarget(target, { target: name, seed: 4, from: 1, to: 121 })
    expect(describeFailure(run, 4)).toEqual([])
    expect(run.inputs).toBe(120)
    expect(run.accepted + run.refused + sumOf(run.leftOut)).toBe(120)
  })

  test.each(TARGETS.map((target) => [target.name, target] as const))(
    '%s leaves out none of its own texts',
    async (_, target) => {
      for (const seed of target.seeds) {
        expect(await judge(target, Buffer.from(seed as string))).not.toHaveProperty('leftOut')
      }
    },
  )

  test.each(UNDERSTOOD)('%s reads what is valid', async (_, target) => {
    const judged: Judged[] = []
    for (const seed of target.seeds) judged.push(await judge(target, Buffer.from(seed as string)))
    expect(judged.filter((each) => 'fault' in each)).toEqual([])
    expect(judged.some((each) => 'refusals' in each && each.refusals.length === 0)).toBe(true)
  })
})

class Refused extends Error {}

/** A reader of `key=value`, broken in one place. */
function broken(name: string, read: (text: string) => void, changes: Partial<Target> = {}): Target {
  return {
    name,
    reader: 'fuzz.test.ts',
    seeds: ['first=1', 'second=2 third=AA:BB:CC:DD:EE:FF'],
    words: ['=', ' '],
    share: 1,
    errors: [Refused],
    read(input) {
      read(Buffer.from(input).toString('latin1'))
      return READ
    },
    ...changes,
  }
}

const caught = (target: Target, from = 1) =>
  fuzzTarget(target, { target: target.name, seed: 1, from, to: 5_000 })

describe('a broken reader is caught', () => {
  test.each<[string, (text: string) => void, string, string]>([
    [
      'that crashes',
      (text) => {
        if (text.includes('==')) (undefined as unknown as string[]).join()
      },
      'it threw TypeError',
      '==',
    ],
    [
      'that refuses without a name',
      (text) => {
        if (!text.includes('=')) throw new Error('no')
      },
      'it threw Error: no',
      '',
    ],
    [
      'that takes its crash for a refusal',
      (text) => {
        try {
          if (text.includes('==')) (undefined as unknown as string[]).join()
        } catch (cause) {
          throw new Refused('no', { cause: new Error('deeper', { cause }) })
        }
      },
      'it hides TypeError',
      '==',
    ],
    [
      'that gives node nothing to read',
      (text) => {
        try {
          if (text.includes('==')) Buffer.from(undefined as unknown as string)
        } catch (cause) {
          throw new Refused('no', { cause })
        }
      },
      'it hides TypeError',
      '==',
    ],
    [
      'that goes too deep',
      (text) => {
        const nest = (depth: number): number => 1 + nest(depth + 1)
        try {
          if (text.includes('==')) nest(0)
        } catch (cause) {
          throw new Refused('no', { cause })
        }
      },
      'it hides RangeError',
      '==',
    ],
    [
      'that breaks a promise',
      (text) => must(!text.includes('\0'), 'no NUL comes through'),
      'no NUL comes through',
      '\0',
    ],
    [
      'that quotes a MAC address',
      (text) => {
        if (/AA:BB:CC:DD:EE:FF./.test(text)) throw new Refused(`not ${text}`)
      },
      'its message holds a whole MAC address',
      'AA:BB:CC:DD:EE:FF?',
    ],
  ])('%s, with the smallest input', async (name, read, fault, smallest) => {
    const { failure } = await caught(broken(name, read))
    expect(failure?.fault).toContain(fault)
    expect(failure).toHaveProperty('input.length', smallest.length)
  })

  test('whose work explodes, by a longer input', async () => {
    const quadratic = ({ length }: string) => {
      let sum = 0
      for (let at = 0; at < length; at += 4) for (let to = 0; to < length; to += 1) sum ^= at + to
      must(sum !== 0.5, 'never')
    }
    const { failure } = await caught(broken('explodes', quadratic), 0)
    expect(failure?.fault).toMatch(/^it takes \d+ times as long/)
  })

  test.each<[string, (text: string) => void]>([
    ['reads all', () => {}],
    [
      'refuses what node can not read',
      (text) => {
        try {
          new URL(text)
        } catch (cause) {
          throw new Refused('no address', { cause })
        }
      },
    ],
  ])('and one that %s is not', async (_, read) => {
    const run = await fuzzTarget(broken('right', read), {
      target: 'right',
      seed: 1,
      from: 0,
      to: 500,
    })
    expect(run.failure).toBeUndefined()
    expect(run.inputs).toBeGreaterThan(500)
    expect(run.accepted + run.refused).toBe(run.inputs)
  })

  test('that never ends, by who watches it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'presences-fuzz-'))
    const deaf = join(folder, 'deaf.mjs')
    await writeFile(
      deaf,
      "import { parentPort, workerData } from 'node:worker_threads'\nparentPort.on('message', () => { new BigInt64Array(workerData.watch)[0] = 108n; for (;;); })\n",
    )
    try {
      const task = { target: 'deaf', seed: 1, from: 100, to: 200 }
      const [run] = await runTasks(deaf, [task, { ...task, from: 200 }], 1, 1_000)
      expect(run?.failure?.fault).toBe('it did not end within 1 s: input 107')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

test('the same seed gives the same inputs, whatever came before; another gives others', () => {
  const [target] = TARGETS as readonly [Target]
  const inputs = (seed: number) =>
    [...Array(50).keys()].map((index) => Buffer.from(inputAt(target, seed, index)).toString('hex'))
  expect(inputs(3)).toEqual(inputs(3))
  expect(inputs(4)).not.toEqual(inputs(3))
  expect(new Set(inputs(3)).size).toBeGreaterThan(40)
})

test.each([37, 1_000, 1_000_000])('%i inputs are shared out, none lost', (inputs) => {
  const tasks = planTasks(TARGETS, inputs, 1)
  expect(tasks.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(inputs)
  expect(new Set(tasks.map(({ target }) => target)).size).toBe(TARGETS.length)
})

describe('the report', () => {
  const run = (target: string, changes: Partial<TargetRun> = {}): TargetRun => ({
    target,
    inputs: 10,
    accepted: 4,
    refused: 5,
    refusals: { 'no key': 5 },
    leftOut: { 'it serves': 1 },
    slowestMs: 1.4,
    ...changes,
  })

  test('adds up the tasks of a target, and names each refusal', () => {
    const runs = mergeRuns(
      [{ name: 'keys' }, { name: 'maps' }],
      [run('keys'), run('maps'), run('keys', { slowestMs: 7, refusals: { 'no key': 4, cut: 1 } })],
    )
    expect(
      tableLines(runs)
        .slice(2)
        .map((line) => line.trim().split(/\s{2,}/)),
    ).toEqual([
      ['keys', '20', '8', '7 ms'],
      ['9', 'no key'],
      ['1', 'cut'],
      ['2', 'left out: it serves'],
      ['maps', '10', '4', '1 ms'],
      ['5', 'no key'],
      ['1', 'left out: it serves'],
    ])
    expect(closingLine(runs, 3, 61_000)).toBe(
      'fuzz: 30 inputs for 2 readers: 12 accepted, 15 refused by name, 3 left out, 0 failed (seed 3, 61 s)',
    )
  })

  test.each([
    [{ input: Buffer.from('a=') }, ' --input YT0='],
    [{ input: Buffer.of() }, " --input ''"],
    [{}, ''],
  ])('gives the command that shows a failure again: %j', (found, argument) => {
    const failure = { fault: 'it threw', ...found }
    expect(describeFailure(run('keys', { failure }), 9)).toEqual([
      '',
      'FAILED: keys: it threw',
      `  again: pnpm fuzz --target 'keys' --seed 9${argument}`,
    ])
  })

  test.each([0, 1, 600, 601, 65_536])(
    'an input of %i bytes comes back from the command',
    (bytes) => {
      const input = Buffer.alloc(bytes, 'ab')
      expect(inputText(input).length).toBeLessThan(1_000)
      expect(Buffer.from(inputOf(inputText(input)))).toEqual(input)
    },
  )
})

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
