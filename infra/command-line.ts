/** What the commands of this folder have in common: how they refuse options, and how they end. */

/** Something asked for that there is not. */
export class UsageError extends Error {}

/** 0: all was right; 1: something was not; 2: asked for what there is not; 3: a fault of the command itself. */
const EXIT = { right: 0, wrong: 1, usage: 2, fault: 3 }
/** What a shell says of a program whose reader went away: nothing was found out. */
const BROKEN_PIPE = 141

/** Runs `main`, which tells whether all was right, and ends the program by what came of it. */
export function runCommand(main: () => Promise<boolean>, help: string): void {
  process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    process.exit(code === 'EPIPE' ? BROKEN_PIPE : EXIT.fault)
  })
  main().then(
    (isRight) => {
      process.exitCode = isRight ? EXIT.right : EXIT.wrong
    },
    (error: unknown) => {
      const isUsage = error instanceof UsageError
      console.error(isUsage ? `${help}\n\n${error.message}` : error)
      process.exitCode = isUsage ? EXIT.usage : EXIT.fault
    },
  )
}

/** The number that `--name` was given. Throws UsageError for anything but whole numbers from `min` to `max`. */
export function wholeNumber(name: string, text: string, min: number, max = 1e9): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value
  throw new UsageError(`--${name} must be a whole number from ${min} to ${max}`)
}

/** What `parse` gives; what it refuses, as a UsageError: `parseArgs` throws errors of node's own. */
export function parsed<Values>(parse: () => Values): Values {
  try {
    return parse()
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
