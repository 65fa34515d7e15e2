/**
 * What is fuzzed: a reader as production calls it, the valid texts its inputs grow from, the errors it
 * may refuse them with, and what must hold of its answers. Everything else that comes out of it is a fault.
 */
import { crashWithin, described } from './own-crash.ts'

/** Why an input was refused, in words that are the same for every input of the kind; none: it was read whole. */
export type Refusals = readonly string[]

/** An input that the reader is not given, since it is not for it alone (it would look at the machine), and why. */
export interface LeftOut {
  readonly leftOut: string
}

export interface Target {
  readonly name: string
  /** Where the reader lives, for people. */
  readonly reader: string
  /** Valid inputs. */
  readonly seeds: readonly (string | Uint8Array)[]
  /** Pieces its format is made of, put where they don't belong. */
  readonly words?: readonly string[]
  /** True where inputs are JSON, so that values and keys are changed, not bytes alone. */
  readonly json?: boolean
  /** Its weight among all targets, by the cost of one input. */
  readonly share: number
  /** The errors a bad input may be refused with. */
  readonly errors?: readonly ErrorKind[]
  /** What is to be counted of such an error; its name, when left out. */
  readonly nameOf?: (error: Error) => string
  /** True where messages go back to whoever gave the input, and to no log: they may quote it. */
  readonly quotes?: boolean
  /** True where what grows is not the reader's input: a wall of text is cut before it. */
  readonly isSlow?: boolean
  /** Reads one input and checks what it gave. Throws Broken when a promise is not kept. */
  readonly read: (input: Uint8Array) => Answer | Promise<Answer>
}

type Answer = Refusals | LeftOut
type ErrorKind = abstract new (...args: never[]) => Error

/** A reader gave an answer that it must not give. */
class Broken extends Error {
  override readonly name = 'Broken'
}

/** Throws Broken unless the promise is kept. */
export function must(isKept: boolean, promise: string): asserts isKept {
  if (!isKept) throw new Broken(promise)
}

export const READ: Refusals = []

/** A fault of a reader, and the smallest input found that shows it. */
export interface Found {
  readonly fault: string
  readonly input: Uint8Array
}

/** The same, or a fault that ended its worker: of such an input no more than its number is known, if it has one. */
export type Failure = Found | { readonly fault: string; readonly number?: number }

/** One input's end: refused in words (none: it was read), left out, or a fault of the reader. */
export type Judged = { readonly refusals: Refusals } | LeftOut | { readonly fault: string }

/** Gives one input to the target's reader. Never throws. */
export async function judge(target: Target, input: Uint8Array): Promise<Judged> {
  try {
    const given = target.read(input)
    const answer = given instanceof Promise ? await given : given
    return 'leftOut' in answer ? answer : { refusals: answer }
  } catch (error) {
    return refusedWith(target, error)
  }
}

function refusedWith(target: Target, error: unknown): Judged {
  if (error instanceof Broken) return { fault: error.message }
  const isRefusal = (target.errors ?? []).some((kind) => error instanceof kind)
  if (!isRefusal) return { fault: `it threw ${described(error)}` }
  const crash = crashWithin(error)
  if (crash) return { fault: `it hides ${described(crash)}` }
  const { message } = error as Error
  const leak = target.quotes ? undefined : leakIn(message)
  if (leak) return { fault: `its message holds ${leak}` }
  return { refusals: [target.nameOf?.(error as Error) ?? (error as Error).name] }
}

/** A secret that inputs hold where secrets belong. Its braces change when an address is written down. */
export const SECRET = 'S3cr{t-of~the}Fuzzer'

const WHOLE_MAC =
  /(?:[0-9a-f]{2}([:.-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}|(?<![\w@+-])[0-9a-f]{12}(?![\w@+-]))/i

/** What a text for a log must not hold; `undefined`: it holds none of it. */
export function leakIn(text: string): string | undefined {
  if (text.includes(SECRET) || text.includes(encodeURI(SECRET))) return 'a secret'
  return WHOLE_MAC.test(text) ? 'a whole MAC address' : undefined
}

/** Throws Broken for a text that no log may hold: a secret, a whole MAC address, more than one line. */
export function mustBeLoggable(text: string): void {
  const leak = leakIn(text)
  must(leak === undefined, `its message holds ${leak}`)
  must(!/[\n\r]/.test(text), 'its message has more than one line')
}
