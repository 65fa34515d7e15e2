/**
 * Objects the aggregator keeps for itself: gzipped JSON with a version, checked by a schema when it is read. What
 * can't be used is refused, never guessed at; each kind of object says in its own error what to do then.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { LIMITS, oneLine } from '@presences/shared'
import { z } from 'zod'

export interface ObjectKind<Schema extends z.ZodType> {
  readonly version: number
  readonly schema: Schema
  /** The error for bytes that are not what was written; `cause` in words, one line, without a whole MAC. */
  readonly damaged: (cause: string, error?: unknown) => Error
  /** The error for an object of another version. */
  readonly otherVersion: (message: string) => Error
}

const anyVersion = z.object({ version: z.unknown() })
/** A cause quotes what was found, and that may be as long as the object. */
const CAUSE_LENGTH = 200

/**
 * The bytes of an object. What would be too large to be read again is refused before anything relies on it, with
 * `tooMuch` of the reason in words.
 */
export function encodeVersioned(
  json: object,
  tooMuch: (reason: string) => Error,
  mostBytes = LIMITS.storedBytes,
): Uint8Array {
  const text = Buffer.from(JSON.stringify(json))
  if (text.length > mostBytes) {
    throw tooMuch(
      `it would have ${text.length} bytes, and no more than ${mostBytes} can be read again. Nothing was written. Look at what fills it: a room, a probe, a member's devices.`,
    )
  }
  return gzipSync(text)
}

/** Reads the object stored at `key`. Throws the errors of its kind. */
export function decodeVersioned<Schema extends z.ZodType>(
  bytes: Uint8Array,
  key: string,
  kind: ObjectKind<Schema>,
  mostBytes = LIMITS.storedBytes,
): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(gunzipSync(bytes, { maxOutputLength: mostBytes }).toString('utf8'))
  } catch (error) {
    throw kind.damaged(fit((error as Error).message), error)
  }
  const version = anyVersion.safeParse(json).data?.version
  if (typeof version === 'number' && version !== kind.version) {
    throw kind.otherVersion(
      `Can't use ${key}: it has version ${version}, this program knows ${kind.version}. Use the program that wrote it, or a newer one.`,
    )
  }
  const result = kind.schema.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw kind.damaged(fit(`${issue?.path.join('.')}: ${issue?.message}`))
}

/** Both node and zod quote: a part of the text, a key. In a rollup keys are whole MAC addresses. */
function fit(cause: string): string {
  return oneLine(cause, CAUSE_LENGTH)
}
