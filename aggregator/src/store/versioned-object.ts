/**
 * Objects the aggregator keeps for itself: gzipped JSON with a version, checked by a schema when it is read. What
 * can't be used is refused, never guessed at; each kind of object says in its own error what to do then.
 */
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'

export interface ObjectKind<Schema extends z.ZodType> {
  readonly version: number
  readonly schema: Schema
  /** The error for bytes that are not what was written; `cause` in words. */
  readonly damaged: (cause: string, error?: unknown) => Error
  /** The error for an object of another version. */
  readonly otherVersion: (message: string) => Error
}

const anyVersion = z.object({ version: z.unknown() })

/** Reads the object stored at `key`. Throws the errors of its kind. */
export function decodeVersioned<Schema extends z.ZodType>(
  bytes: Uint8Array,
  key: string,
  kind: ObjectKind<Schema>,
): z.output<Schema> {
  let json: unknown
  try {
    json = JSON.parse(gunzipSync(bytes).toString('utf8'))
  } catch (error) {
    throw kind.damaged((error as Error).message, error)
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
  throw kind.damaged(`${issue?.path.join('.')}: ${issue?.message}`)
}
