/**
 * Is an error a refusal, or a crash of our own code that was taken for one? A reader that turns whatever is thrown
 * below it into its own error hides its crashes in it: they are found by its causes.
 */

/** What a program throws that was not written for such an input. */
const CRASHES = [TypeError, RangeError, ReferenceError]
/** Node says so to whoever calls it with `undefined` for a text: that is a crash of the caller. */
const WRONG_CALL = 'ERR_INVALID_ARG_TYPE'

/** The crash of our own code that `error` is, or has for a cause at any depth. */
export function crashWithin(error: unknown): Error | undefined {
  const met = new Set<unknown>()
  for (let at = error; at instanceof Error && !met.has(at); at = at.cause) {
    if (isOwnCrash(at)) return at
    met.add(at)
  }
  return undefined
}

/** Thrown by a line of ours, or by what the language or node was wrongly asked for there; not within a package. */
function isOwnCrash(error: Error): boolean {
  if (!CRASHES.some((kind) => error instanceof kind)) return false
  const isWrongCall = (error as NodeJS.ErrnoException).code === WRONG_CALL
  const first = framesOf(error).find(
    (frame) => !frame.includes('<anonymous>') && !(isWrongCall && frame.includes('node:')),
  )
  return first !== undefined && !/node:|node_modules/.test(first)
}

/** Its name, its words and where it was thrown: two crashes of one kind are not one. */
export function described(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const frames = framesOf(error)
  const own = frames.find((line) =>
    /(?:shared|probe|aggregator|infra)\/(?!fuzz\/[\w-]+\.ts)/.test(line),
  )
  // Of a bundle the line says nothing, the function does.
  const place = own ?? frames[0] ?? ''
  const where =
    /([\w.-]+\.ts):\d+/.exec(place)?.[1] ?? /at (?:async )?([\w$.]+) \(/.exec(place)?.[1]
  return `${error.name}: ${error.message.slice(0, 200)}${where ? ` (${where})` : ''}`
}

function framesOf({ stack = '' }: Error): string[] {
  return stack.split('\n').filter((line) => /^\s+at /.test(line))
}
