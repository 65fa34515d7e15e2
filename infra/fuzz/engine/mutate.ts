/** Inputs: a valid text or a few, changed in one to a few places. Everything is drawn from one stream of chance. */
import type { Random } from '../../random.ts'
import { FRAGMENTS, NOT_UTF8, NUMBERS } from './fragments.ts'
import { mutateJson } from './mutate-json.ts'
import type { Target } from './target.ts'

/** Beyond this an input is cut: what grows without end is stretched apart (`stretch.ts`). */
const LONGEST = 64 * 1024

/** One input for a target. */
export function drawInput(target: Target, random: Random): Uint8Array {
  const chance = random.next()
  if (chance < 0.03) return randomBytes(random, 2 ** random.between(0, 10))
  const seeds = target.seeds as readonly (string | Uint8Array)[]
  let input = Buffer.from(random.pick(seeds) as string)
  // As it is: valid texts must be read.
  if (chance < 0.05) return input
  if (target.json && chance < 0.65) {
    input = Buffer.from(mutateJson(input.toString('utf8'), random))
    if (random.chance(0.8)) return input.subarray(0, LONGEST)
  }
  const words = (target.words ?? []).map((word) => Buffer.from(word))
  // One change finds what a check lets through; several find what checks do to each other.
  const changes = random.chance(0.5) ? 1 : random.between(2, 6)
  for (let change = 0; change < changes; change += 1) {
    const other = () => Buffer.from(random.pick(seeds) as string)
    input = Buffer.from(random.pick(CHANGES)({ input, random, words, other }))
  }
  return input.subarray(0, LONGEST)
}

interface Change {
  readonly input: Buffer
  readonly random: Random
  readonly words: readonly Buffer[]
  readonly other: () => Buffer
}

const CHANGES: readonly ((change: Change) => Uint8Array)[] = [
  flipBit,
  flipBit,
  setByte,
  truncate,
  remove,
  remove,
  repeat,
  insertBytes,
  insertFragment,
  insertFragment,
  replaceWithFragment,
  replaceNumber,
  replaceNumber,
  replaceToken,
  splice,
  changeCase,
  insertWall,
]

function flipBit({ input, random }: Change): Uint8Array {
  if (input.length === 0) return input
  const at = random.between(0, input.length - 1)
  input[at] = (input[at] as number) ^ (1 << random.between(0, 7))
  return input
}

function setByte({ input, random }: Change): Uint8Array {
  if (input.length === 0) return input
  input[random.between(0, input.length - 1)] = random.between(0, 255)
  return input
}

function truncate({ input, random }: Change): Uint8Array {
  return input.subarray(0, random.between(0, input.length))
}

function remove({ input, random }: Change): Uint8Array {
  const { from, to } = rangeIn(input, random)
  return Buffer.concat([input.subarray(0, from), input.subarray(to)])
}

function repeat({ input, random }: Change): Uint8Array {
  const { from, to } = rangeIn(input, random)
  const part = input.subarray(from, to)
  const times = random.chance(0.9) ? 1 : random.between(2, 50)
  return insert(input, to, Buffer.concat(Array.from({ length: times }, () => part)))
}

function insertBytes({ input, random }: Change): Uint8Array {
  const bytes = random.chance(0.3)
    ? random.pick(NOT_UTF8)
    : randomBytes(random, random.between(1, 8))
  return insert(input, random.between(0, input.length), bytes)
}

function insertFragment({ input, random, words }: Change): Uint8Array {
  return insert(input, random.between(0, input.length), fragment(random, words))
}

function replaceWithFragment({ input, random, words }: Change): Uint8Array {
  const { from, to } = rangeIn(input, random)
  return Buffer.concat([input.subarray(0, from), fragment(random, words), input.subarray(to)])
}

function replaceNumber(change: Change): Uint8Array {
  return replaceMatch(change, /\d+(?:\.\d+)?/g, (random) => Buffer.from(random.pick(NUMBERS)))
}

/** A run of letters, digits and what holds them together, in the place of another. */
function replaceToken(change: Change): Uint8Array {
  return replaceMatch(change, /[\w:.-]+/g, (random) => fragment(random, change.words))
}

function splice({ input, random, other }: Change): Uint8Array {
  const tail = other()
  return Buffer.concat([
    input.subarray(0, random.between(0, input.length)),
    tail.subarray(random.between(0, tail.length)),
  ])
}

function changeCase({ input, random }: Change): Uint8Array {
  const { from, to } = rangeIn(input, random)
  const part = input.subarray(from, to).toString('latin1')
  const changed = random.chance(0.5) ? part.toUpperCase() : part.toLowerCase()
  return Buffer.concat([
    input.subarray(0, from),
    Buffer.from(changed, 'latin1'),
    input.subarray(to),
  ])
}

/** A very long piece of one thing; seldom, since it costs as much as a hundred others. */
function insertWall({ input, random, words }: Change): Uint8Array {
  if (random.chance(0.95)) return input
  const piece = fragment(random, words)
  const times = Math.floor(random.between(256, 32_768) / Math.max(piece.length, 1))
  const wall = Buffer.alloc(piece.length * times, piece)
  return insert(input, random.between(0, input.length), wall)
}

function replaceMatch(
  { input, random }: Change,
  pattern: RegExp,
  by: (random: Random) => Uint8Array,
): Uint8Array {
  const found = [...input.toString('latin1').matchAll(pattern)]
  if (found.length === 0) return input
  const { index, 0: text } = random.pick(found)
  return Buffer.concat([input.subarray(0, index), by(random), input.subarray(index + text.length)])
}

function fragment(random: Random, words: readonly Buffer[]): Buffer {
  return words.length > 0 && random.chance(0.5) ? random.pick(words) : random.pick(FRAGMENTS)
}

function rangeIn(input: Uint8Array, random: Random): { from: number; to: number } {
  const from = random.between(0, input.length)
  // Short ranges most of the time: a text cut to pieces is refused at its first byte.
  const longest = random.chance(0.8) ? 24 : input.length
  return { from, to: Math.min(input.length, from + random.between(0, longest)) }
}

function insert(input: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(at)])
}

function randomBytes(random: Random, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.between(0, 255)))
}
