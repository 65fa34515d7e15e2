/**
 * Notes about runs, under `jobs/`: JSON with a version. Nothing of what was charged is in them, so that a damaged one
 * stops nobody: its bytes are set aside under another name, somebody is told, and it is made again. One of another
 * version is refused: another program needs it.
 */
import { oneLine } from '@presences/shared'
import { z } from 'zod'
import { type Store, StoreError } from './store.ts'

const DAMAGED = 'jobs/damaged/'
const VERSION = 1
const anyVersion = z.object({ version: z.number() })
const CAUSE_LENGTH = 200

/** What a note holds, or in words why it can't be used. */
export type Note<Value> = { readonly value: Value } | { readonly damaged: string }

/** What setting aside takes: the time, for a name, and who is told, in a sentence. */
export interface Aside {
  readonly now: () => Date
  readonly onSetAside: (message: string) => void
}

/** Those that were set aside: a sentence each, and more of them as they are found. */
export interface Noted extends Aside {
  readonly messages: readonly string[]
}

/** Reads the bytes of the note at `key`. Throws StoreError when it is of another version. */
export function decodeNote<Schema extends z.ZodType>(
  bytes: Uint8Array,
  key: string,
  schema: Schema,
): Note<z.output<Schema>> {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (error) {
    return { damaged: oneLine((error as Error).message, CAUSE_LENGTH) }
  }
  const version = anyVersion.safeParse(json).data?.version
  if (version !== undefined && version !== VERSION) {
    throw new StoreError(
      `Can't use ${key}: it has version ${version}, this program knows ${VERSION}. Use the program that wrote it, or a newer one.`,
    )
  }
  const { data, error } = schema.safeParse(json)
  if (!error) return { value: data }
  const [issue] = error.issues
  return { damaged: oneLine(`${issue?.path.join('.')}: ${issue?.message}`, CAUSE_LENGTH) }
}

/**
 * What the note at `key` holds; `undefined` when there is none, or when it was damaged and is set aside by now. Throws
 * StoreError.
 */
export async function readNote<Schema extends z.ZodType>(
  store: Store,
  key: string,
  schema: Schema,
  aside: Aside,
): Promise<z.output<Schema> | undefined> {
  const there = await store.get(key)
  if (!there) return undefined
  const note = decodeNote(there.bytes, key, schema)
  if ('value' in note) return note.value
  await setAside(store, key, there.bytes, note.damaged, aside)
  return undefined
}

/**
 * The same for a note without which the worst is that people are told twice: where the store fails there is none, and
 * another program's is set aside, too. Never throws.
 */
export async function readNoteOrNone<Schema extends z.ZodType>(
  store: Store,
  key: string,
  schema: Schema,
  aside: Aside,
): Promise<z.output<Schema> | undefined> {
  const there = await store.get(key).catch(() => undefined)
  if (!there) return undefined
  const note = decodeAny(there.bytes, key, schema)
  if ('value' in note) return note.value
  await setAside(store, key, there.bytes, note.damaged, aside).catch(() => {})
  return undefined
}

function decodeAny<Schema extends z.ZodType>(bytes: Uint8Array, key: string, schema: Schema) {
  try {
    return decodeNote(bytes, key, schema)
  } catch (error) {
    return { damaged: (error as Error).message }
  }
}

/** Keeps the bytes of a note that can't be used, under a name of their own. Throws StoreError. */
export async function setAside(
  store: Store,
  key: string,
  bytes: Uint8Array,
  why: string,
  { now, onSetAside }: Aside,
): Promise<void> {
  const instant = now().toISOString().replaceAll(/[-:]/g, '')
  const copy = `${DAMAGED}${key.split('/').at(-1)}-${instant}`
  await store.put(copy, bytes)
  onSetAside(`${key} could not be used (${why}): it is kept as ${copy}, and made again`)
}
