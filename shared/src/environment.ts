/**
 * From the environment to a checked configuration: `.env` below the real environment, secrets from
 * `NAME_FILE`, one zod schema, all faults together and by name. Values never appear in a fault:
 * one of them may be a secret.
 */
import { parseEnv } from 'node:util'
import type { z } from 'zod'
import type { ZodMiniType } from 'zod/mini'

export type Environment = Readonly<Record<string, string>>

/** Reads a file as text; `undefined` when there is none. Throws when it can't be read. */
export type ReadText = (path: string) => string | undefined

/** The configuration can't be used: `faults` holds one sentence for each variable at fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly faults: readonly string[]

  constructor(faults: readonly string[]) {
    super(
      `The configuration has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`,
    )
    this.faults = faults
  }
}

/**
 * The variables in force: the file `.env` of the working folder, overridden by `env`; for each name in
 * `secrets`, `<NAME>_FILE` gives the value as the content of a file (one final line feed is dropped).
 * An empty value counts as unset. Throws ConfigError for a file, `.env` or a secret's, that can't be read.
 */
export function loadEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  secrets: readonly string[],
  readText: ReadText,
): Environment {
  const values: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...readDotEnv(readText), ...withoutEmpty(env) })) {
    if (value) values[name] = value
  }
  const faults = secrets.flatMap((name) => takeFromFile(name, values, readText))
  if (faults.length > 0) throw new ConfigError(faults)
  return values
}

/**
 * Checks `environment` with a program's schema, of either zod. Throws ConfigError naming every variable
 * at fault.
 */
export function parseConfig<Schema extends z.ZodType | ZodMiniType>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  // The two zods' results are one type in all but name.
  const result = schema.safeParse(environment) as z.ZodSafeParseResult<z.output<Schema>>
  if (result.success) return result.data
  throw new ConfigError(
    result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  )
}

function readDotEnv(readText: ReadText): ReturnType<typeof parseEnv> {
  try {
    return parseEnv(readText('.env') ?? '')
  } catch (cause) {
    throw new ConfigError([`.env: can't read it: ${(cause as Error).message}`])
  }
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return Object.fromEntries(set)
}

function takeFromFile(name: string, values: Record<string, string>, readText: ReadText): string[] {
  const path = values[`${name}_FILE`]
  if (path === undefined) return []
  if (values[name] !== undefined) return [`${name} and ${name}_FILE are both set: keep one`]
  try {
    const text = readText(path)
    if (text === undefined) return [`${name}_FILE: there is no file ${path}`]
    values[name] = text.replace(/\r?\n$/, '')
    return []
  } catch (cause) {
    return [`${name}_FILE: can't read ${path}: ${(cause as Error).message}`]
  }
}
